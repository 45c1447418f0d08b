//! CUBIC as Linux computes it: whole segments, a clock of ticks, and a slow start that ends when round trips grow or a train
//! of acknowledgments is as long as half of one (HyStart). RFC 9438 leaves all of this open.

use super::cubic::cube_root;
use super::{Acked, Controller, LARGEST_WINDOW, LEAST_THRESHOLD, Measured};
use crate::clock::{Instant, Span};
use crate::wire::Seq;

/// One tick of the clock, microseconds: that of a kernel with 250 in a second.
const TICK: u64 = 4_000;
/// beta_cubic in steps of 1/1024.
const BETA: u64 = 717;
/// C times ten, in steps of 1/1024.
const SCALE: u64 = 410;
/// 8/3 (1 + beta) / (1 - beta): segments acknowledged for which Reno's window grows by one, per segment of window, in eighths.
const RENO: u64 = 15;
/// Steps of a second in which the curve is reckoned.
const STEPS: u64 = 1024;
/// HyStart begins at this window.
const LOW_WINDOW: u32 = 16;
/// Acknowledgments no farther apart than this make a train.
const APART: Span = Span::millis(2);
/// Samples of a round before its least is compared.
const SAMPLES: u32 = 8;
/// What pacing adds to the round trip that a train is compared with.
const PACING: Span = Span::millis(1);

/// One climb.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Climb {
    /// The tick in which it began.
    began: Option<u64>,
    /// Segments of acknowledgments for which the window grows by one.
    per_step: u32,
    /// The window at the last congestion, with fast convergence.
    last_max: u32,
    last_window: u32,
    last_tick: u64,
    /// Where the curve is flat.
    origin: u32,
    /// K, in steps of a second.
    k: u64,
    /// The least round trip, microseconds; zero before the first.
    least: u64,
    acked: u64,
    /// What Reno would have.
    reno: u32,
    /// HyStart has ended slow start.
    found: bool,
}

/// One round trip of slow start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Round {
    began: Instant,
    last: Instant,
    end: Seq,
    least: Option<u64>,
    samples: u32,
}

/// The state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CubicByTicks {
    window: u32,
    threshold: u32,
    credit: u32,
    climb: Climb,
    round: Option<Round>,
    before: Option<(u32, u32)>,
}

impl CubicByTicks {
    /// With this initial window.
    pub fn new(initial: u32) -> CubicByTicks {
        CubicByTicks {
            window: initial.max(1),
            threshold: u32::MAX,
            credit: 0,
            climb: Climb::default(),
            round: None,
            before: None,
        }
    }

    fn lower(&mut self, window: u32) {
        self.before = Some((self.window, self.threshold));
        let climb = &mut self.climb;
        climb.began = None;
        let converging = u64::from(window) * (1024 + BETA) / 2048;
        climb.last_max = if window < climb.last_max { converging as u32 } else { window };
        self.threshold = ((u64::from(window) * BETA / 1024) as u32).max(LEAST_THRESHOLD);
        self.credit = 0;
    }

    /// How many segments must be acknowledged for the window to grow by one.
    fn update(&mut self, acked: u32, now: Instant) {
        let tick = ticks(now);
        let window = self.window;
        let climb = &mut self.climb;
        climb.acked += u64::from(acked);
        if climb.last_window == window && tick - climb.last_tick.min(tick) <= 7 {
            return;
        }
        if climb.began.is_none() || tick != climb.last_tick {
            climb.last_window = window;
            climb.last_tick = tick;
            climb.follow_the_curve(window, acked, tick);
        }
        climb.keep_up_with_reno(window);
        climb.per_step = climb.per_step.max(2);
    }

    fn watch(&mut self, measured: &Measured) {
        let (began, end) = (measured.now, measured.nxt);
        let anew = Round { began, last: began, end, least: None, samples: 0 };
        let round = self.round.get_or_insert(anew);
        if measured.una.after(round.end) {
            *round = anew;
        }
        let delay = measured.rtt.as_micros().max(1);
        let least = self.climb.least;
        if measured.now - round.last <= APART {
            round.last = measured.now;
            let half = (Span::micros(least) + PACING) / 2;
            self.climb.found |= measured.now - round.began > half;
        }
        let known = round.least.map_or(delay, |known| known.min(delay));
        round.least = Some(known);
        if round.samples < SAMPLES {
            round.samples += 1;
        } else {
            self.climb.found |= known > least + (least / 8).clamp(4_000, 16_000);
        }
        if self.climb.found {
            self.threshold = self.window;
        }
    }
}

impl Climb {
    fn follow_the_curve(&mut self, window: u32, acked: u32, tick: u64) {
        let began = match self.began {
            Some(began) => began,
            None => {
                self.began = Some(tick);
                self.acked = u64::from(acked);
                self.reno = window;
                let depth = self.last_max.saturating_sub(window);
                self.k = if depth == 0 { 0 } else { cube_root((1 << 40) / SCALE * u64::from(depth)) };
                self.origin = self.last_max.max(window);
                tick
            }
        };
        let elapsed = tick.saturating_sub(began) + self.least.div_ceil(TICK);
        let time = elapsed * STEPS * TICK / 1_000_000;
        let offset = time.abs_diff(self.k).min(1 << 17);
        let rise = u32::try_from((SCALE * offset * offset * offset) >> 40).unwrap_or(LARGEST_WINDOW);
        let target =
            if time < self.k { self.origin.saturating_sub(rise) } else { self.origin.saturating_add(rise) };
        self.per_step = if target > window { window / (target - window) } else { window.saturating_mul(100) };
        if self.last_max == 0 {
            self.per_step = self.per_step.min(20);
        }
    }

    fn keep_up_with_reno(&mut self, window: u32) {
        let each = ((u64::from(window) * RENO) >> 3).max(1);
        // Strictly more than one step's worth is needed for a step.
        let steps = self.acked.saturating_sub(1) / each;
        self.acked -= steps * each;
        self.reno = self.reno.saturating_add(u32::try_from(steps).unwrap_or(u32::MAX));
        if self.reno > window {
            self.per_step = self.per_step.min(window / (self.reno - window));
        }
    }
}

impl Controller for CubicByTicks {
    fn window(&self) -> u32 {
        self.window
    }
    fn threshold(&self) -> Option<u32> {
        (self.threshold != u32::MAX).then_some(self.threshold)
    }
    fn on_ack(&mut self, acked: &Acked) {
        let mut left = acked.segments;
        if self.window < self.threshold {
            let counted = left.min(acked.most_in_slow_start);
            let slow = counted.min(self.threshold - self.window);
            self.window = self.window.saturating_add(slow).min(LARGEST_WINDOW);
            left = counted - slow;
        }
        if left == 0 {
            return;
        }
        self.update(left, acked.now);
        let per_step = self.climb.per_step.max(1);
        if self.credit >= per_step {
            self.credit = 0;
            self.window = self.window.saturating_add(1);
        }
        self.credit = self.credit.saturating_add(left);
        let steps = self.credit / per_step;
        self.credit -= steps * per_step;
        self.window = self.window.saturating_add(steps).min(LARGEST_WINDOW);
    }
    fn on_ack_unlimited(&mut self, _now: Instant) {}
    fn on_measured(&mut self, measured: &Measured) {
        let fresh = self.climb.began.is_some_and(|began| ticks(measured.now) - began < 1_000_000 / TICK);
        if fresh {
            return;
        }
        let delay = measured.rtt.as_micros().max(1);
        let climb = &mut self.climb;
        climb.least = if climb.least == 0 { delay } else { climb.least.min(delay) };
        if !climb.found && self.window < self.threshold && self.window >= LOW_WINDOW {
            self.watch(measured);
        }
    }
    fn on_sending_anew(&mut self, last: Instant, now: Instant) {
        if let Some(began) = self.climb.began.as_mut() {
            *began = (*began + ticks(now) - ticks(last)).min(ticks(now));
        }
    }
    fn on_congestion(&mut self, flight: u32) {
        self.lower(flight);
        self.window = self.threshold;
    }
    fn on_timeout(&mut self, flight: u32, first: bool) {
        if first {
            self.lower(flight);
        }
        self.on_loss_state();
        self.window = 1;
    }
    fn set_window(&mut self, segments: u32) {
        self.window = segments.clamp(1, LARGEST_WINDOW);
    }
    fn set_threshold(&mut self, segments: u32) {
        self.threshold = segments.max(LEAST_THRESHOLD);
    }
    fn shrink(&mut self) {
        self.lower(self.window);
    }
    fn restore_threshold(&mut self, segments: Option<u32>) {
        self.threshold = segments.unwrap_or(u32::MAX);
    }
    fn on_loss_state(&mut self) {
        self.climb = Climb::default();
        self.round = None;
        self.credit = 0;
    }
    fn undo(&mut self) {
        if let Some((window, threshold)) = self.before.take() {
            self.window = self.window.max(window);
            self.threshold = threshold;
        }
    }
}

fn ticks(at: Instant) -> u64 {
    (at - Instant::ZERO).as_micros() / TICK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loss_leaves_seven_tenths_of_the_window_rounded_down() {
        for (window, threshold) in [(10, 7), (12, 8), (14, 9), (20, 14), (100, 70), (2, 2)] {
            let mut cubic = CubicByTicks::new(window);
            cubic.shrink();
            assert_eq!(cubic.threshold(), Some(threshold), "{window}");
        }
    }

    #[test]
    fn slow_start_ends_when_round_trips_grow_by_more_than_an_eighth() {
        let mut cubic = CubicByTicks::new(20);
        let mut at = |ms: u64, rtt: u64, una: u32| {
            let now = Instant::ZERO + Span::millis(ms);
            let (una, nxt) = (Seq(una), Seq(una + 100));
            cubic.on_measured(&Measured { now, rtt: Span::millis(rtt), una, nxt });
            cubic.threshold()
        };
        for n in 0..12 {
            assert_eq!(at(100 + 5 * n, 40, 1), None);
        }
        for n in 0..8 {
            assert_eq!(at(200 + 5 * n, 46, 200), None, "fewer than eight samples tell nothing");
        }
        assert_eq!(at(250, 46, 200), Some(20));
    }

    #[test]
    fn slow_start_ends_when_a_train_of_acknowledgments_lasts_half_a_round_trip() {
        let mut cubic = CubicByTicks::new(20);
        let mut ended = None;
        for n in 0..40_u64 {
            let now = Instant::ZERO + Span::millis(1000 + n);
            let (una, nxt) = (Seq(1 + n as u32), Seq(1000));
            cubic.on_measured(&Measured { now, rtt: Span::millis(40), una, nxt });
            ended = ended.or(cubic.threshold().map(|_| n));
        }
        assert_eq!(ended, Some(21));
    }
}
