//! Reno: slow start, congestion avoidance, fast retransmit and fast recovery (RFC 5681, RFC 6582).

use super::Controller;

/// The state of Reno, in segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reno {
    window: u32,
    threshold: u32,
    /// Acknowledged segments saved up towards the next step of congestion avoidance.
    credit: u32,
}

impl Reno {
    /// With this initial window.
    pub fn new(initial: u32) -> Reno {
        Reno { window: initial.max(1), threshold: u32::MAX, credit: 0 }
    }
    fn halve(&mut self, in_flight: u32) {
        self.threshold = (in_flight / 2).max(2);
        self.credit = 0;
    }
}

impl Controller for Reno {
    fn window(&self) -> u32 {
        self.window
    }
    fn threshold(&self) -> Option<u32> {
        (self.threshold != u32::MAX).then_some(self.threshold)
    }
    fn on_ack(&mut self, segments: u32) {
        let room = self.threshold.saturating_sub(self.window);
        let slow = segments.min(room);
        self.window = self.window.saturating_add(slow);
        self.credit = self.credit.saturating_add(segments - slow);
        while self.credit >= self.window {
            self.credit -= self.window;
            self.window = self.window.saturating_add(1);
        }
    }
    fn on_fast_retransmit(&mut self, in_flight: u32) {
        self.halve(in_flight);
        self.window = self.threshold.saturating_add(3);
    }
    fn on_duplicate(&mut self) {
        self.window = self.window.saturating_add(1);
    }
    fn on_partial_ack(&mut self, segments: u32) {
        self.window = self.window.saturating_sub(segments).saturating_add(1).max(1);
    }
    fn on_recovered(&mut self, in_flight: u32) {
        self.window = self.threshold.min(in_flight.max(1).saturating_add(1)).max(1);
    }
    fn on_timeout(&mut self, in_flight: u32) {
        self.halve(in_flight);
        self.window = 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_start_doubles_each_round_trip() {
        let mut reno = Reno::new(10);
        for _ in 0..10 {
            reno.on_ack(1);
        }
        assert_eq!(reno.window(), 20);
    }

    #[test]
    fn congestion_avoidance_adds_one_segment_per_window() {
        let mut reno = Reno::new(10);
        reno.on_timeout(8);
        assert_eq!((reno.window(), reno.threshold()), (1, Some(4)));
        for _ in 0..3 {
            reno.on_ack(1);
        }
        assert_eq!(reno.window(), 4);
        for _ in 0..4 {
            reno.on_ack(1);
        }
        assert_eq!(reno.window(), 5);
    }

    #[test]
    fn fast_recovery_halves_and_inflates() {
        let mut reno = Reno::new(20);
        reno.on_fast_retransmit(20);
        assert_eq!((reno.window(), reno.threshold()), (13, Some(10)));
        reno.on_duplicate();
        assert_eq!(reno.window(), 14);
        reno.on_recovered(12);
        assert_eq!(reno.window(), 10);
    }
}
