//! One direction of a link: a card that sends at a rate, a queue before it, and the way to the other end.

use super::Reason;
use super::red::{Red, RedSettings, RedVerdict, TYPICAL, idle_since};
use crate::clock::{Instant, Span};
use std::collections::VecDeque;

/// One direction of a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipe {
    /// From the last octet sent to the last octet received.
    delay: Span,
    /// Octets per second; `None` sends in no time.
    rate: Option<u64>,
    /// Frames that may wait.
    limit: u32,
    /// Until when the card is busy with what it has accepted.
    busy_until: Instant,
    /// When each waiting frame's turn comes, in order.
    turns: VecDeque<Instant>,
    /// Whether the queue tells senders before it is full.
    red: Option<Red>,
    /// Frames that were offered to it while it did.
    offered: u64,
}

/// What a frame brings to a queue that looks at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Octets.
    pub len: usize,
    /// Whether it may be marked (ECT).
    pub marks: bool,
    /// A draw, even over all 64 bits.
    pub draw: u64,
}

impl Pipe {
    /// A pipe with a one-way `delay`, a `rate` in octets per second (`None`: infinitely fast; 0 counts as 1), and room
    /// for `limit` frames that wait while another is sent.
    pub fn new(delay: Span, rate: Option<u64>, limit: u32) -> Pipe {
        Pipe { delay, rate, limit, busy_until: Instant::ZERO, turns: VecDeque::new(), red: None, offered: 0 }
    }

    /// The same with random early detection before its queue.
    pub fn with_red(self, settings: Option<RedSettings>) -> Pipe {
        Pipe { red: settings.map(Red::new), ..self }
    }

    /// Hands over a frame of `len` octets and says when all of it will have arrived. `now` never goes back.
    ///
    /// # Errors
    /// [`Reason::QueueFull`] when the card is busy and as many frames wait as may: this one is lost (drop-tail).
    pub fn offer(&mut self, now: Instant, len: usize) -> Result<Instant, Reason> {
        let Some(rate) = self.rate else { return Ok(now + self.delay) };
        while self.turns.front().is_some_and(|turn| *turn <= now) {
            self.turns.pop_front();
        }
        let start = self.busy_until.max(now);
        if start > now {
            if self.turns.len() >= self.limit as usize {
                return Err(Reason::QueueFull { limit: self.limit });
            }
            self.turns.push_back(start);
        }
        self.busy_until = start + sending_time(len, rate);
        Ok(self.busy_until + self.delay)
    }

    /// Whether what is offered must be looked at: [`Pipe::offer_to_red`] is for it then.
    pub fn has_red(&self) -> bool {
        self.red.is_some() && self.rate.is_some()
    }

    /// How many frames random early detection has looked at.
    pub fn offered(&self) -> u64 {
        self.offered
    }

    /// Like [`Pipe::offer`] where random early detection watches the queue; says too why the frame is to be marked, if it is.
    ///
    /// # Errors
    /// [`Reason::EarlyDrop`], or those of [`Pipe::offer`].
    pub fn offer_to_red(&mut self, now: Instant, offer: Offer) -> Result<(Instant, Option<Reason>), Reason> {
        let waiting = self.waiting(now);
        self.offered += 1;
        let (Some(red), Some(rate)) = (&mut self.red, self.rate) else {
            return self.offer(now, offer.len).map(|at| (at, None));
        };
        let idle = idle_since(self.busy_until, now);
        let typical = sending_time(TYPICAL, rate);
        let verdict = red.judge(waiting, idle, typical, offer.marks, offer.draw);
        let (average, settings) = (red.average(), red.settings());
        match verdict {
            RedVerdict::Pass => self.offer(now, offer.len).map(|at| (at, None)),
            RedVerdict::Mark => {
                let why = Reason::EarlyMark { average, min: settings.min, max: settings.max };
                self.offer(now, offer.len).map(|at| (at, Some(why)))
            }
            RedVerdict::Drop => Err(Reason::EarlyDrop { average, min: settings.min, max: settings.max }),
        }
    }

    /// The average length of the queue, frames, where random early detection keeps one.
    pub fn average(&self) -> Option<u64> {
        self.red.as_ref().map(Red::average)
    }

    /// The link went down: what waits is gone.
    pub fn empty(&mut self, now: Instant) {
        self.turns.clear();
        self.busy_until = self.busy_until.min(now);
    }

    /// How many frames wait at `now`, the one being sent not counted.
    pub fn waiting(&self, now: Instant) -> usize {
        self.turns.len() - self.turns.partition_point(|turn| *turn <= now)
    }

    /// How many frames may wait; `None` where none ever does, because the card sends in no time.
    pub fn room(&self) -> Option<u32> {
        self.rate.map(|_| self.limit)
    }

    /// The one-way delay.
    pub fn delay(&self) -> Span {
        self.delay
    }
}

/// Time to send `len` octets at `rate` octets per second, rounded up to a nanosecond.
fn sending_time(len: usize, rate: u64) -> Span {
    let ns = (len as u128 * 1_000_000_000).div_ceil(u128::from(rate.max(1)));
    Span::nanos(u64::try_from(ns).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Span::millis(n)
    }

    #[test]
    fn without_a_rate_frames_take_the_delay_alone() {
        let mut pipe = Pipe::new(Span::millis(10), None, 0);
        assert_eq!(pipe.offer(ms(1), 1514), Ok(ms(11)));
        assert_eq!(pipe.offer(ms(1), 60), Ok(ms(11)));
        assert_eq!((pipe.waiting(ms(1)), pipe.room()), (0, None));
    }

    #[test]
    fn with_a_rate_frames_go_one_after_another() {
        let mut pipe = Pipe::new(Span::millis(10), Some(1000), 5);
        assert_eq!(pipe.offer(ms(0), 100), Ok(ms(110)));
        assert_eq!(pipe.offer(ms(50), 100), Ok(ms(210)));
        assert_eq!((pipe.waiting(ms(50)), pipe.room()), (1, Some(5)));
        assert_eq!(pipe.waiting(ms(100)), 0);
        assert_eq!(pipe.offer(ms(1000), 1), Ok(ms(1011)));
    }

    #[test]
    fn a_full_queue_loses_the_newcomer_and_frees_up_again() {
        let mut pipe = Pipe::new(Span::ZERO, Some(1000), 2);
        assert_eq!(pipe.offer(ms(0), 100), Ok(ms(100)));
        assert_eq!(pipe.offer(ms(0), 100), Ok(ms(200)));
        assert_eq!(pipe.offer(ms(0), 100), Ok(ms(300)));
        assert_eq!(pipe.offer(ms(99), 100), Err(Reason::QueueFull { limit: 2 }));
        assert_eq!(pipe.offer(ms(100), 100), Ok(ms(400)));
        assert_eq!(pipe.offer(ms(100), 100), Err(Reason::QueueFull { limit: 2 }));
    }

    #[test]
    fn a_queue_for_nobody_still_sends_one_at_a_time() {
        let mut pipe = Pipe::new(Span::ZERO, Some(1000), 0);
        assert_eq!(pipe.offer(ms(0), 100), Ok(ms(100)));
        assert_eq!(pipe.offer(ms(99), 1), Err(Reason::QueueFull { limit: 0 }));
        assert_eq!(pipe.offer(ms(100), 1), Ok(ms(101)));
    }

    #[test]
    fn sending_time_is_rounded_up() {
        assert_eq!(sending_time(1, 3), Span::nanos(333_333_334));
        assert_eq!(sending_time(0, 3), Span::ZERO);
        assert_eq!(sending_time(1, 0), Span::secs(1));
    }
}
