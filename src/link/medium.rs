//! A wire that all its stations share: carrier sense, collisions, backing off (CSMA/CD, IEEE 802.3-2018 section 4.2.3).
//!
//! Essentials only: distances are the delays of the links, and a hub repeats without delay of its own. The way there and back
//! takes no longer than the shortest frame ([`Medium::fits`]), so that who collides notices.

use crate::clock::{Instant, Span};
use std::collections::VecDeque;

/// Bit times of a slot: within it a station has heard of every collision, if the wire is no longer than it may be.
const SLOT_BITS: u64 = 512;
/// Bit times between two frames.
const GAP_BITS: u64 = 96;
/// Bit times for which a station goes on after a collision, that all others notice it.
const JAM_BITS: u64 = 32;
/// After so many collisions of one frame it is given up.
pub const MOST_ATTEMPTS: u32 = 16;
/// Beyond so many collisions the range of the backoff grows no more.
const MOST_DOUBLINGS: u32 = 10;

/// A shared wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Medium {
    /// Octets per second.
    rate: u64,
    /// Frames that may wait at each station.
    limit: u32,
    /// How long a signal takes from one station to another.
    distances: Vec<Vec<Span>>,
    stations: Vec<Station>,
    /// What is, or was lately, on the wire.
    signals: Vec<Signal>,
    tickets: u64,
    /// How often a station has drawn a backoff.
    draws: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Station {
    /// Frames by ticket and length; the first is the one it tries to send.
    waiting: VecDeque<(u64, usize)>,
    /// Collisions of the first frame.
    attempts: u32,
    /// Whether it is sending: then its signal is its latest.
    sending: bool,
    /// When it acts next.
    wake: Option<Instant>,
}

/// What a station puts on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Signal {
    station: usize,
    start: Instant,
    end: Instant,
    /// When its station notices another's, if it does.
    collides: Option<Instant>,
}

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It has left its station whole, just now.
    Sent {
        /// Which.
        ticket: u64,
    },
    /// It collided, and is tried again later.
    Collided {
        /// Which.
        ticket: u64,
        /// The how-manieth collision of it, from 1.
        attempt: u32,
        /// How many slots its station waits.
        slots: u64,
    },
    /// It collided too often.
    GivenUp {
        /// Which.
        ticket: u64,
    },
}

impl Medium {
    /// A silent wire that carries `rate` octets per second, with `limit` frames at most waiting at each station, and these
    /// distances between its stations.
    pub fn new(rate: u64, limit: u32, distances: Vec<Vec<Span>>) -> Medium {
        let stations = vec![Station::default(); distances.len()];
        Medium { rate: rate.max(1), limit, distances, stations, signals: Vec::new(), tickets: 0, draws: 0 }
    }

    /// Whether a wire of that length is short enough at that rate: the way there and back takes no longer than a frame of 60
    /// octets.
    pub fn fits(rate: u64, longest: Span) -> bool {
        let shortest = (60 * 1_000_000_000_u64).div_ceil(rate.max(1));
        longest.as_nanos().saturating_mul(2) <= shortest
    }

    /// A station has a frame of `len` octets to send: its ticket, or `None` where as many wait as may.
    pub fn offer(&mut self, now: Instant, station: usize, len: usize) -> Option<u64> {
        let limit = self.limit as usize;
        let own = self.stations.get_mut(station)?;
        // The one that is tried does not count as waiting.
        if own.waiting.len() > limit {
            return None;
        }
        self.tickets += 1;
        own.waiting.push_back((self.tickets, len));
        if own.waiting.len() == 1 && own.wake.is_none() {
            own.wake = Some(now);
        }
        Some(self.tickets)
    }

    /// How many frames wait at a station, the one that is tried not counted.
    pub fn waiting(&self, station: usize) -> usize {
        self.stations.get(station).map_or(0, |station| station.waiting.len().saturating_sub(1))
    }

    /// How many may.
    pub fn room(&self) -> u32 {
        self.limit
    }

    /// When something happens next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.stations.iter().filter_map(|station| station.wake).min()
    }

    /// Everything due at `now` happens, station by station. `draw(n, below)` is a number below `below`, the `n`-th drawn.
    pub fn on_timer(&mut self, now: Instant, mut draw: impl FnMut(u64, u64) -> u64) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        // Who ends now ends before anybody begins.
        for sending in [true, false] {
            for station in 0..self.stations.len() {
                let own = &self.stations[station];
                if own.sending != sending || own.wake.is_none_or(|wake| wake > now) {
                    continue;
                }
                self.stations[station].wake = None;
                if sending {
                    outcomes.extend(self.stop(now, station, &mut draw));
                } else {
                    self.attempt(now, station);
                }
            }
        }
        let farthest = self.distances.iter().flatten().max().copied().unwrap_or(Span::ZERO);
        self.signals.retain(|signal| signal.end + farthest >= now);
        outcomes
    }

    fn bits(&self, bits: u64) -> Span {
        Span::nanos((bits * 1_000_000_000).div_ceil(self.rate * 8))
    }

    fn sending_time(&self, len: usize) -> Span {
        let ns = (len as u128 * 1_000_000_000).div_ceil(u128::from(self.rate));
        Span::nanos(u64::try_from(ns).unwrap_or(u64::MAX))
    }

    /// A station that is not sending tries to, unless it hears somebody.
    fn attempt(&mut self, now: Instant, station: usize) {
        let Some((_, len)) = self.stations[station].waiting.front().copied() else { return };
        let heard = |signal: &&Signal| {
            let far = self.distances[signal.station][station];
            signal.station != station && signal.start + far <= now && now < signal.end + far
        };
        let busy = self
            .signals
            .iter()
            .filter(heard)
            .map(|signal| signal.end + self.distances[signal.station][station]);
        if let Some(until) = busy.max() {
            // A signal that is cut short is heard to end earlier than it should: whoever waits looks again then.
            self.stations[station].wake = Some(until + self.bits(GAP_BITS));
            return;
        }
        let end = now + self.sending_time(len);
        let mut own = Signal { station, start: now, end, collides: None };
        let mut woken: Vec<(usize, Instant)> = Vec::new();
        for other in self.signals.iter_mut().filter(|other| {
            other.station != station && other.end + self.distances[other.station][station] > now
        }) {
            let far = self.distances[station][other.station];
            let reaches_us = other.start + far;
            if reaches_us < own.end {
                let at = reaches_us.max(now);
                own.collides = Some(own.collides.map_or(at, |known| known.min(at)));
            }
            let reaches_it = now + far;
            if reaches_it < other.end {
                let at = other.collides.map_or(reaches_it, |known| known.min(reaches_it));
                other.collides = Some(at);
                woken.push((other.station, at));
            }
        }
        for (other, at) in woken {
            self.stations[other].wake = Some(at);
        }
        self.stations[station].sending = true;
        self.stations[station].wake = Some(own.collides.unwrap_or(own.end));
        self.signals.push(own);
    }

    /// A station that is sending is done, or notices a collision.
    fn stop(
        &mut self,
        now: Instant,
        station: usize,
        draw: &mut impl FnMut(u64, u64) -> u64,
    ) -> Option<Outcome> {
        let (slot, gap, jam) = (self.bits(SLOT_BITS), self.bits(GAP_BITS), self.bits(JAM_BITS));
        let signal = self.signals.iter_mut().rev().find(|signal| signal.station == station)?;
        let collided = signal.collides.is_some_and(|at| at <= now);
        if !collided && now < signal.end {
            self.stations[station].wake = Some(signal.collides.unwrap_or(signal.end));
            return None;
        }
        if collided {
            signal.end = now + jam;
        }
        let end = signal.end;
        let own = &mut self.stations[station];
        own.sending = false;
        let (ticket, _) = *own.waiting.front()?;
        if !collided {
            own.waiting.pop_front();
            own.attempts = 0;
            own.wake = (!own.waiting.is_empty()).then_some(end + gap);
            return Some(Outcome::Sent { ticket });
        }
        own.attempts += 1;
        let attempt = own.attempts;
        if attempt >= MOST_ATTEMPTS {
            own.waiting.pop_front();
            own.attempts = 0;
            own.wake = (!own.waiting.is_empty()).then_some(end + gap);
            return Some(Outcome::GivenUp { ticket });
        }
        let slots = draw(self.draws, 1 << attempt.min(MOST_DOUBLINGS));
        self.draws += 1;
        self.stations[station].wake = Some(end + gap + slot * slots);
        Some(Outcome::Collided { ticket, attempt, slots })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Draws;

    /// 10 Mbit/s: a bit takes 100 ns, 64 octets 51.2 µs.
    const RATE: u64 = 1_250_000;

    fn us(n: u64) -> Instant {
        Instant::ZERO + Span::micros(n)
    }

    fn medium(stations: usize, far: Span) -> Medium {
        let row = |one| (0..stations).map(|other| if one == other { Span::ZERO } else { far }).collect();
        Medium::new(RATE, 100, (0..stations).map(row).collect())
    }

    /// Runs until nothing is left to happen.
    fn run(medium: &mut Medium, seed: u64) -> Vec<(Instant, Outcome)> {
        let draws = Draws::new(seed);
        let mut outcomes = Vec::new();
        for _ in 0..1_000_000 {
            let Some(now) = medium.next_deadline() else { return outcomes };
            let due = medium.on_timer(now, |nth, below| draws.below("backoff", 0, nth, below));
            outcomes.extend(due.into_iter().map(|outcome| (now, outcome)));
        }
        panic!("it never ends");
    }

    #[test]
    fn who_finds_the_wire_silent_sends_at_once_and_the_next_frame_after_a_gap() {
        let mut wire = medium(2, Span::micros(5));
        wire.offer(us(0), 0, 64);
        wire.offer(us(0), 0, 64);
        let sent = run(&mut wire, 1);
        let at = |ns| Instant::from_nanos(ns);
        assert_eq!(
            sent,
            [(at(51_200), Outcome::Sent { ticket: 1 }), (at(112_000), Outcome::Sent { ticket: 2 })]
        );
    }

    #[test]
    fn who_hears_another_waits_for_it() {
        let mut wire = medium(2, Span::micros(5));
        wire.offer(us(0), 0, 64);
        wire.on_timer(us(0), |_, _| 0);
        wire.offer(us(20), 1, 64);
        let sent = run(&mut wire, 1);
        // 51.2 + 5 on the way + 9.6 of silence + 51.2
        let second = Instant::from_nanos(117_000);
        assert_eq!(sent[1], (second, Outcome::Sent { ticket: 2 }));
    }

    #[test]
    fn who_begins_before_the_other_is_heard_collides_with_it_and_both_come_through_in_the_end() {
        let mut wire = medium(2, Span::micros(5));
        wire.offer(us(0), 0, 64);
        wire.on_timer(us(0), |_, _| 0);
        wire.offer(us(3), 1, 64);
        let outcomes = run(&mut wire, 1);
        let collisions: Vec<_> = outcomes
            .iter()
            .filter(|(_, outcome)| matches!(outcome, Outcome::Collided { attempt: 1, .. }))
            .collect();
        assert_eq!(collisions.len(), 2);
        assert_eq!((collisions[0].0, collisions[1].0), (us(5), us(8)), "each when the other's signal comes");
        let sent = outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::Sent { .. })).count();
        assert_eq!(sent, 2);
    }

    #[test]
    fn the_backoff_doubles_its_range_and_after_sixteen_collisions_a_frame_is_given_up() {
        let mut wire = medium(2, Span::micros(5));
        wire.offer(us(0), 0, 64);
        wire.offer(us(0), 1, 64);
        let mut ranges = Vec::new();
        let mut given_up = 0;
        while let Some(now) = wire.next_deadline() {
            // Both always draw the same: they collide for ever.
            let due = wire.on_timer(now, |_, below| {
                ranges.push(below);
                0
            });
            given_up += due.iter().filter(|outcome| matches!(outcome, Outcome::GivenUp { .. })).count();
        }
        assert_eq!(given_up, 2);
        let one: Vec<u64> = ranges.iter().step_by(2).copied().collect();
        assert_eq!(one, [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1024, 1024, 1024, 1024, 1024]);
    }

    #[test]
    fn a_wire_may_be_as_long_as_half_the_shortest_frame() {
        assert!(Medium::fits(RATE, Span::micros(24)));
        assert!(!Medium::fits(RATE, Span::micros(25)));
    }

    #[test]
    fn under_load_every_frame_comes_through_once_and_no_two_at_once() {
        for seed in 1..=3 {
            let mut wire = medium(8, Span::micros(2));
            for station in 0..8 {
                (0..50).for_each(|_| {
                    wire.offer(us(0), station, 1000);
                });
            }
            let outcomes = run(&mut wire, seed);
            let sent: Vec<Instant> = outcomes
                .iter()
                .filter(|(_, outcome)| matches!(outcome, Outcome::Sent { .. }))
                .map(|(at, _)| *at)
                .collect();
            let lost =
                outcomes.iter().filter(|(_, outcome)| matches!(outcome, Outcome::GivenUp { .. })).count();
            assert_eq!(sent.len() + lost, 400, "seed {seed}");
            assert!(lost < 8, "seed {seed}: {lost} given up");
            assert!(sent.windows(2).all(|pair| pair[1] - pair[0] >= Span::micros(800)), "frames overlap");
            // Metcalfe and Boggs: with long frames and a short wire most of it is used.
            let used = 400.0 * 800e-6 / sent.last().map_or(1.0, |at| at.since(Instant::ZERO).as_secs_f64());
            assert!(used > 0.7, "seed {seed}: {used}");
        }
    }

    #[test]
    fn a_full_queue_refuses_and_waits_are_counted() {
        let mut wire = Medium::new(RATE, 2, vec![vec![Span::ZERO]]);
        let tickets: Vec<Option<u64>> = (0..4).map(|_| wire.offer(us(0), 0, 64)).collect();
        assert_eq!(tickets, [Some(1), Some(2), Some(3), None]);
        assert_eq!((wire.waiting(0), wire.room()), (2, 2));
    }
}
