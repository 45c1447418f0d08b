//! Random early detection (Floyd and Jacobson 1993, RFC 2309, RFC 7567): a queue that tells senders before it is full, by losing a
//! frame or, if it allows that, by marking it (RFC 3168).

use crate::clock::{Instant, Span};

/// What is set of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RedSettings {
    /// Below this average, frames, nothing happens.
    pub min: u32,
    /// From this average on every frame is lost; with `gentle` from twice as much.
    pub max: u32,
    /// How likely a frame is lost or marked just below `max`, parts per million.
    pub per_million: u32,
    /// How much of the average each frame renews, parts per million.
    pub weight: u32,
    /// Between `max` and twice as much the probability rises to one, rather than at once.
    pub gentle: bool,
    /// Whether frames that allow it are marked rather than lost.
    pub ecn: bool,
}

/// Parts per million.
const MILLION: u64 = 1_000_000;
/// Binary places of the average.
const POINT: u32 = 20;
/// A packet of this many octets counts while the queue is empty: as if so many such had found it so.
pub const TYPICAL: usize = 500;

/// Such a queue's memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Red {
    settings: RedSettings,
    /// The average length, frames with [`POINT`] binary places.
    average: u64,
    /// Frames since the last one that was lost or marked; `None` while the average is below `min`.
    count: Option<u64>,
}

/// What becomes of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RedVerdict {
    /// It joins the queue.
    Pass,
    /// It joins, marked with CE.
    Mark,
    /// It is lost.
    Drop,
}

impl Red {
    /// An empty queue.
    pub fn new(settings: RedSettings) -> Red {
        Red { settings, average: 0, count: None }
    }

    /// What is set.
    pub fn settings(&self) -> RedSettings {
        self.settings
    }

    /// The average length, frames, rounded down.
    pub fn average(&self) -> u64 {
        self.average >> POINT
    }

    /// A frame comes while `waiting` others wait. `idle` is for how long the card had nothing to send, `typical` how long a
    /// typical packet takes it. `marks` says whether the frame allows marking; `draw` is even over all 64 bits.
    pub fn judge(&mut self, waiting: usize, idle: Span, typical: Span, marks: bool, draw: u64) -> RedVerdict {
        if idle > Span::ZERO {
            let times = idle.as_nanos() / typical.as_nanos().max(1);
            self.average = scaled(self.average, power(MILLION - self.weight(), times));
        }
        let (now, weight) = ((waiting as u64) << POINT, self.weight());
        if now >= self.average {
            self.average += ((now - self.average) as u128 * u128::from(weight) / u128::from(MILLION)) as u64;
        } else {
            self.average -= ((self.average - now) as u128 * u128::from(weight) / u128::from(MILLION)) as u64;
        }
        let Some(basic) = self.basic() else {
            self.count = None;
            return RedVerdict::Pass;
        };
        let count = self.count.map_or(0, |count| count.saturating_add(1));
        // The basic probability, raised so that the gaps between two such frames come out evenly.
        let left = MILLION.saturating_sub(count.saturating_mul(basic));
        let hit = basic >= left || u128::from(draw) * u128::from(left) < u128::from(basic) << 64;
        self.count = Some(if hit { 0 } else { count });
        let hard = self.average >= u64::from(self.settings.max) << POINT;
        match (hit, hard) {
            (false, _) => RedVerdict::Pass,
            (true, false) if marks && self.settings.ecn => RedVerdict::Mark,
            (true, _) => RedVerdict::Drop,
        }
    }

    fn weight(&self) -> u64 {
        u64::from(self.settings.weight).min(MILLION)
    }

    /// How likely, in parts per million, by the average alone; `None` below `min`.
    fn basic(&self) -> Option<u64> {
        let place = |frames: u32| u64::from(frames) << POINT;
        let (min, max) = (place(self.settings.min), place(self.settings.max));
        let most = u64::from(self.settings.per_million).min(MILLION);
        let part = |over: u64, of: u64, whole: u64| {
            (u128::from(over) * u128::from(whole) / u128::from(of.max(1))) as u64
        };
        match self.average {
            average if average < min => None,
            average if average < max => Some(part(average - min, max - min, most)),
            average if self.settings.gentle && average < 2 * max => {
                Some(most + part(average - max, max, MILLION - most))
            }
            _ => Some(MILLION),
        }
    }
}

/// `share` millionths to the power of `times`, as 32 binary places.
fn power(share: u64, times: u64) -> u64 {
    let multiply = |one: u64, other: u64| ((u128::from(one) * u128::from(other)) >> 32) as u64;
    let (mut result, mut base, mut left) = (1 << 32, (share << 32) / MILLION, times);
    while left > 0 && result > 0 {
        if left & 1 == 1 {
            result = multiply(result, base);
        }
        base = multiply(base, base);
        left >>= 1;
    }
    result
}

fn scaled(value: u64, by: u64) -> u64 {
    ((u128::from(value) * u128::from(by)) >> 32) as u64
}

/// For how long the card has had nothing to send at `now`, if it was busy until then.
pub fn idle_since(busy_until: Instant, now: Instant) -> Span {
    if now > busy_until { now - busy_until } else { Span::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Draws;

    const SETTINGS: RedSettings =
        RedSettings { min: 5, max: 15, per_million: 100_000, weight: 2_000, gentle: false, ecn: true };

    /// A queue that has been so long for long.
    fn settled(settings: RedSettings, waiting: usize) -> Red {
        let mut red = Red::new(RedSettings { weight: 1_000_000, ..settings });
        red.judge(waiting, Span::ZERO, Span::millis(1), true, u64::MAX);
        red.count = None;
        red
    }

    /// The gaps between frames that are not simply passed, of so many frames at that length.
    fn gaps(settings: RedSettings, waiting: usize, frames: u64) -> Vec<u64> {
        let (mut red, draws) = (settled(settings, waiting), Draws::new(1));
        let (mut gaps, mut last) = (Vec::new(), 0);
        for nth in 1..=frames {
            let draw = draws.draw("red", 0, nth);
            if red.judge(waiting, Span::ZERO, Span::millis(1), true, draw) != RedVerdict::Pass {
                gaps.push(nth - last);
                last = nth;
            }
        }
        gaps
    }

    #[test]
    fn below_the_minimum_nothing_happens_and_from_the_maximum_on_all_is_lost() {
        assert!(gaps(SETTINGS, 4, 10_000).is_empty());
        let mut full = settled(SETTINGS, 15);
        for _ in 0..100 {
            assert_eq!(full.judge(15, Span::ZERO, Span::millis(1), true, u64::MAX), RedVerdict::Drop);
        }
    }

    #[test]
    fn between_them_the_gaps_are_even_up_to_one_over_the_probability() {
        // Half way the basic probability is 0.05: the gaps are even from 1 to 19, and so 10 on average.
        let gaps = gaps(SETTINGS, 10, 100_000);
        let mean = gaps.iter().sum::<u64>() as f64 / gaps.len() as f64;
        assert!((mean - 10.0).abs() < 0.3, "{mean}");
        assert_eq!(gaps.iter().max(), Some(&19));
        for length in 1..=19 {
            let share = gaps.iter().filter(|gap| **gap == length).count() as f64 / gaps.len() as f64;
            assert!((share - 1.0 / 19.0).abs() < 0.015, "gaps of {length}: {share}");
        }
    }

    #[test]
    fn gently_the_probability_rises_on_to_one_at_twice_the_maximum() {
        let gentle = RedSettings { gentle: true, ..SETTINGS };
        let at = |waiting| settled(gentle, waiting).basic();
        assert_eq!([at(4), at(5), at(10), at(15)], [None, Some(0), Some(50_000), Some(100_000)]);
        assert_eq!([at(18), at(24), at(30)], [Some(280_000), Some(640_000), Some(1_000_000)]);
        assert_eq!(settled(SETTINGS, 15).basic(), Some(1_000_000));
    }

    #[test]
    fn what_allows_it_is_marked_below_the_maximum_and_lost_above() {
        let verdict = |settings, waiting, marks| {
            settled(settings, waiting).judge(waiting, Span::ZERO, Span::millis(1), marks, 0)
        };
        assert_eq!(verdict(SETTINGS, 10, true), RedVerdict::Mark);
        assert_eq!(verdict(SETTINGS, 10, false), RedVerdict::Drop);
        assert_eq!(verdict(RedSettings { ecn: false, ..SETTINGS }, 10, true), RedVerdict::Drop);
        assert_eq!(verdict(SETTINGS, 20, true), RedVerdict::Drop);
        assert_eq!(verdict(RedSettings { gentle: true, ..SETTINGS }, 20, true), RedVerdict::Drop);
    }

    #[test]
    fn the_average_follows_slowly_and_falls_while_the_queue_is_empty() {
        let mut red = Red::new(SETTINGS);
        for _ in 0..1_000 {
            red.judge(100, Span::ZERO, Span::millis(1), true, u64::MAX);
        }
        // 100 (1 - 0.998^1000) = 86.5
        assert!((86..=87).contains(&red.average()), "{}", red.average());
        red.judge(0, Span::millis(346), Span::millis(1), true, u64::MAX);
        // 0.998^346 is a half.
        assert!((42..=44).contains(&red.average()), "{}", red.average());
        red.judge(0, Span::secs(1_000_000_000), Span::nanos(1), true, u64::MAX);
        assert_eq!(red.average(), 0);
    }
}
