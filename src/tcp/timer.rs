//! A connection's timers: one table indexed by kind, so that a view can show them all.

use super::TimerKind;
use crate::clock::Instant;

/// The table: when each timer runs out, if it runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Timers([Option<Instant>; TimerKind::ALL.len()]);

impl Timers {
    /// Starts or restarts a timer.
    pub fn set(&mut self, kind: TimerKind, at: Instant) {
        self.0[kind as usize] = Some(at);
    }
    /// Stops a timer.
    pub fn clear(&mut self, kind: TimerKind) {
        self.0[kind as usize] = None;
    }
    /// Stops all.
    pub fn clear_all(&mut self) {
        self.0 = Default::default();
    }
    /// When it runs out, if it runs.
    pub fn get(&self, kind: TimerKind) -> Option<Instant> {
        self.0[kind as usize]
    }
    /// Whether it runs.
    pub fn runs(&self, kind: TimerKind) -> bool {
        self.get(kind).is_some()
    }
    /// The earliest end of all.
    pub fn next(&self) -> Option<Instant> {
        self.0.iter().flatten().min().copied()
    }
    /// Takes the timer that ran out first, if one has by `now`; ties go in table order.
    pub fn take_due(&mut self, now: Instant) -> Option<TimerKind> {
        let due = TimerKind::ALL
            .into_iter()
            .filter_map(|kind| self.get(kind).filter(|at| *at <= now).map(|at| (at, kind)))
            .min()?;
        self.clear(due.1);
        Some(due.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_earliest_fires_first_and_each_once() {
        let mut timers = Timers::default();
        timers.set(TimerKind::Keepalive, Instant::from_nanos(5));
        timers.set(TimerKind::Retransmission, Instant::from_nanos(9));
        timers.set(TimerKind::DelayedAck, Instant::from_nanos(9));
        assert_eq!(timers.next(), Some(Instant::from_nanos(5)));
        assert_eq!(timers.take_due(Instant::from_nanos(4)), None);
        let late = Instant::from_nanos(9);
        assert_eq!(timers.take_due(late), Some(TimerKind::Keepalive));
        assert_eq!(timers.take_due(late), Some(TimerKind::Retransmission));
        assert_eq!(timers.take_due(late), Some(TimerKind::DelayedAck));
        assert_eq!(timers.take_due(late), None);
    }

    #[test]
    fn every_kind_has_its_own_row() {
        for (row, kind) in TimerKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, row);
        }
    }
}
