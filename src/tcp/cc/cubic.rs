//! CUBIC (RFC 9438): after a congestion the window follows a cubic curve back to where it was, waits there, then probes
//! beyond, by the clock and not by the round trip.
//!
//! All arithmetic is on whole numbers, so that every machine computes the same: segments in steps of 2^-16, time in steps
//! of 2^-14 s.

use super::{Acked, Controller, LARGEST_WINDOW, LEAST_THRESHOLD};
use crate::clock::{Instant, Span};

/// Steps of a segment.
const ONE: u64 = 1 << 16;
/// Steps of a second.
const SECOND: u64 = 1 << 14;
/// beta_cubic, 0.7 (section 4.6), in tenths.
const BETA_TENTHS: u64 = 7;
/// alpha_cubic, 3 (1 - beta) / (1 + beta) = 9/17 (section 4.3): numerator and denominator.
const ALPHA: (u64, u64) = (9, 17);
/// The curve is followed no further than this from its middle: 64 s, beyond which it rises by 10^5 segments.
const FURTHEST: i64 = 64 * SECOND as i64;

/// One climb of the window, from the end of a reduction to the next congestion (section 4.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Epoch {
    /// When it began; times in which something else was the limit are taken out.
    began: Instant,
    /// K: how long the curve takes to come back to W_max, in steps of a second.
    k: u64,
    /// W_est: what Reno would have by now, in steps of a segment.
    estimate: u64,
}

/// Everything that a congestion changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Shape {
    /// cwnd, in steps of a segment.
    window: u64,
    /// ssthresh, segments.
    threshold: u32,
    /// W_max, in steps of a segment; zero when there is none.
    w_max: u64,
    /// cwnd_prior: the window at the last congestion, in steps of a segment.
    prior: u64,
    epoch: Option<Epoch>,
}

/// The state of CUBIC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cubic {
    shape: Shape,
    /// Since when something else has been the limit.
    unlimited: Option<Instant>,
    /// As it was before the last congestion.
    before: Option<Box<Shape>>,
}

impl Cubic {
    /// With this initial window.
    pub fn new(initial: u32) -> Cubic {
        let window = u64::from(initial.max(1)) * ONE;
        let shape = Shape { window, threshold: u32::MAX, w_max: 0, prior: 0, epoch: None };
        Cubic { shape, unlimited: None, before: None }
    }

    /// The epoch of this climb; it begins with the first acknowledgment that finds none.
    fn epoch(&mut self, now: Instant) -> Epoch {
        if let Some(epoch) = self.shape.epoch {
            return epoch;
        }
        let window = self.shape.window;
        self.shape.w_max = self.shape.w_max.max(window);
        let epoch = Epoch { began: now, k: time_to_climb(self.shape.w_max - window), estimate: window };
        self.shape.epoch = Some(epoch);
        epoch
    }

    /// One step of congestion avoidance (sections 4.2 to 4.5).
    fn avoid(&mut self, segments: u32, now: Instant, srtt: Span) {
        let mut epoch = self.epoch(now);
        if let Some(since) = self.unlimited.take() {
            epoch.began += now - since.max(epoch.began);
        }
        let window = self.shape.window;
        let elapsed = steps(now - epoch.began);
        let counted = u64::from(segments) * ONE;
        // Reno-friendly region: alpha below the window of the last congestion, one from there on (section 4.3).
        let (num, den) = if epoch.estimate < self.shape.prior { ALPHA } else { (1, 1) };
        epoch.estimate += counted * num / den * ONE / window;
        self.shape.epoch = Some(epoch);
        let at_most = |elapsed| curve(elapsed, epoch.k, self.shape.w_max);
        let grown = if at_most(elapsed) < epoch.estimate {
            window.max(epoch.estimate)
        } else {
            let target = at_most(elapsed + steps(srtt)).clamp(window, window + window / 2);
            window + (target - window) * u64::from(segments) / (window / ONE).max(1)
        };
        self.shape.window = grown.min(u64::from(LARGEST_WINDOW) * ONE);
    }

    /// Congestion: W_max, with fast convergence (section 4.7), and ssthresh (section 4.6).
    fn reduce(&mut self, flight: u32) {
        self.before = Some(Box::new(self.shape));
        let window = self.shape.window;
        self.shape.prior = window;
        self.shape.w_max = if window < self.shape.w_max { window * (10 + BETA_TENTHS) / 20 } else { window };
        // To the nearest whole segment.
        let threshold = (u64::from(flight) * BETA_TENTHS + 5) / 10;
        self.shape.threshold = u32::try_from(threshold).unwrap_or(LARGEST_WINDOW).max(LEAST_THRESHOLD);
        self.shape.epoch = None;
    }
}

impl Controller for Cubic {
    fn window(&self) -> u32 {
        (self.shape.window / ONE) as u32
    }
    fn threshold(&self) -> Option<u32> {
        (self.shape.threshold != u32::MAX).then_some(self.shape.threshold)
    }
    fn on_ack(&mut self, acked: &Acked) {
        let mut left = acked.segments;
        if self.window() < self.shape.threshold {
            let counted = left.min(acked.most_in_slow_start);
            let slow = counted.min(self.shape.threshold - self.window());
            self.set_window(self.window().saturating_add(slow));
            left = counted - slow;
        }
        if left > 0 {
            self.avoid(left, acked.now, acked.srtt.unwrap_or(Span::ZERO));
        }
    }
    fn on_ack_unlimited(&mut self, now: Instant) {
        self.unlimited.get_or_insert(now);
    }
    fn on_congestion(&mut self, flight: u32) {
        self.reduce(flight);
        self.set_window(self.shape.threshold);
    }
    fn on_timeout(&mut self, flight: u32, first: bool) {
        if first {
            self.reduce(flight);
            // The climb after a time-out begins where slow start ends, with K = 0 (section 4.8).
            self.shape.w_max = 0;
        }
        self.set_window(1);
    }
    fn set_window(&mut self, segments: u32) {
        self.shape.window = u64::from(segments.clamp(1, LARGEST_WINDOW)) * ONE;
    }
    fn set_threshold(&mut self, segments: u32) {
        self.shape.threshold = segments.max(LEAST_THRESHOLD);
    }
    fn shrink(&mut self) {
        self.reduce(self.window());
    }
    fn restore_threshold(&mut self, segments: Option<u32>) {
        self.shape.threshold = segments.unwrap_or(u32::MAX);
    }
    fn on_loss_state(&mut self) {
        self.shape.w_max = 0;
        self.shape.epoch = None;
    }
    fn undo(&mut self) {
        if let Some(before) = self.before.take() {
            let window = self.shape.window.max(before.window);
            self.shape = Shape { window, ..*before };
        }
    }
}

/// A span in steps of a second, bounded.
fn steps(span: Span) -> u64 {
    span.as_micros().min(1 << 40) * SECOND / 1_000_000
}

/// W_cubic(t) = C (t - K)^3 + W_max (section 4.2, figure 1), in steps of a segment. C is 0.4.
fn curve(elapsed: u64, k: u64, w_max: u64) -> u64 {
    let bounded = |time: u64| time.min(1 << 50) as i64;
    let distance = (bounded(elapsed) - bounded(k)).clamp(-FURTHEST, FURTHEST);
    // 2^-42 s^3 times 2/5, brought to 2^-16.
    let rise = distance * distance * distance * 2 / 5 / (1 << 26);
    w_max.saturating_add_signed(rise)
}

/// K, the cube root of (W_max - cwnd_epoch) / C (section 4.2, figure 2), in steps of a second.
fn time_to_climb(depth: u64) -> u64 {
    // Depths beyond 2^20 segments are no more than that: K is then 138 s.
    cube_root(depth.min((1 << 36) - 1) * 5 * (1 << 25))
}

/// The largest number whose cube is not above `cube`. (What a kernel without division finds by a table and one Newton step is
/// the same within its steps.)
pub(super) fn cube_root(cube: u64) -> u64 {
    let mut root: u64 = 0;
    for bit in (0..22).rev() {
        let tried = root | (1 << bit);
        if tried.checked_mul(tried).and_then(|square| square.checked_mul(tried)).is_some_and(|it| it <= cube)
        {
            root = tried;
        }
    }
    root
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cube_root_is_exact_from_below() {
        for root in [0u64, 1, 2, 7, 1000, 99_999, 2_097_151, 2_642_244] {
            assert_eq!(cube_root(root.pow(3)), root);
            assert_eq!(cube_root((root + 1).pow(3) - 1), root);
        }
        assert_eq!(cube_root(u64::MAX), 2_642_245);
    }

    #[test]
    fn the_curve_comes_back_to_w_max_after_k_and_is_flat_there() {
        let w_max = 100 * ONE;
        let k = time_to_climb(30 * ONE);
        // (30 / 0.4)^(1/3) = 4.217 s.
        assert_eq!(k * 1000 / SECOND, 4217);
        assert!(curve(0, k, w_max).abs_diff(70 * ONE) < ONE / 100);
        assert_eq!(curve(k, k, w_max), w_max);
        assert_eq!(curve(k + SECOND, k, w_max), w_max + 4 * ONE / 10);
        assert_eq!(curve(k + 10 * SECOND, k, w_max), w_max + 400 * ONE);
    }

    /// The window after one acknowledgment of one segment, in segments: the climb to W_max = 100 began at 70, so long ago.
    fn after_one(window: f64, elapsed: Span, srtt: Span) -> f64 {
        let mut cubic = Cubic::new(10);
        cubic.shape.window = (window * ONE as f64) as u64;
        cubic.shape.w_max = 100 * ONE;
        cubic.shape.threshold = 70;
        let k = time_to_climb(30 * ONE);
        cubic.shape.epoch = Some(Epoch { began: Instant::ZERO, k, estimate: 0 });
        let now = Instant::ZERO + elapsed;
        cubic.on_ack(&Acked { segments: 1, most_in_slow_start: 1, now, srtt: Some(srtt) });
        cubic.shape.window as f64 / ONE as f64
    }

    #[test]
    fn each_acknowledgment_takes_a_share_of_the_way_to_where_the_curve_is_a_round_trip_later() {
        // Twice below W_max, where the curve is concave, twice beyond it.
        for (window, elapsed, rtt) in
            [(70.0, 500, 100), (90.0, 2000, 300), (101.0, 6000, 100), (102.0, 6000, 900)]
        {
            let t = (elapsed + rtt) as f64 / 1000.0;
            let target = 0.4 * (t - 75.0_f64.cbrt()).powi(3) + 100.0;
            let expected = window + (target - window) / f64::floor(window);
            let found = after_one(window, Span::millis(elapsed), Span::millis(rtt));
            assert!(target > window && (found - expected).abs() < 0.001, "{found} instead of {expected}");
        }
    }

    #[test]
    fn the_target_is_never_below_the_window_nor_more_than_half_above_it() {
        let rtt = Span::millis(100);
        assert_eq!(after_one(98.0, Span::millis(100), rtt), 98.0, "the curve is at 70");
        assert_eq!(after_one(100.0, Span::secs(60), rtt), 100.5, "the curve is in the ten thousands");
    }

    #[test]
    fn the_curve_stays_in_bounds_however_long_it_runs() {
        assert!(curve(u64::MAX, 0, 10 * ONE) > 100_000 * ONE);
        assert_eq!(curve(0, u64::MAX, 10 * ONE), 0);
        assert!(time_to_climb(u64::MAX) > 137 * SECOND);
    }
}
