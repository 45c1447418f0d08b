//! Reno: slow start and congestion avoidance, halving at every congestion (RFC 5681).

use super::{Acked, Controller, LARGEST_WINDOW, LEAST_THRESHOLD};
use crate::clock::Instant;

/// The state of Reno, in segments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reno {
    window: u32,
    threshold: u32,
    /// Acknowledged segments saved up towards the next step of congestion avoidance.
    credit: u32,
    /// Window and threshold before the last congestion.
    before: Option<(u32, u32)>,
}

impl Reno {
    /// With this initial window.
    pub fn new(initial: u32) -> Reno {
        Reno { window: initial.max(1), threshold: u32::MAX, credit: 0, before: None }
    }

    fn halve(&mut self, flight: u32) {
        self.before = Some((self.window, self.threshold));
        self.threshold = (flight / 2).max(LEAST_THRESHOLD);
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
    fn on_ack(&mut self, acked: &Acked) {
        let mut left = acked.segments;
        if self.window < self.threshold {
            // What slow start does not need goes to congestion avoidance, unless the count is bounded.
            let counted = left.min(acked.most_in_slow_start);
            let slow = counted.min(self.threshold - self.window);
            self.window = self.window.saturating_add(slow);
            left = counted - slow;
        }
        if left > 0 && self.credit >= self.window {
            // The window has shrunk since.
            self.credit = 0;
            self.window = self.window.saturating_add(1);
        }
        self.credit = self.credit.saturating_add(left);
        let steps = self.credit / self.window;
        self.credit -= steps * self.window;
        self.window = self.window.saturating_add(steps);
        self.window = self.window.min(LARGEST_WINDOW);
    }
    fn on_ack_unlimited(&mut self, _now: Instant) {}
    fn on_congestion(&mut self, flight: u32) {
        self.halve(flight);
        self.window = self.threshold;
    }
    fn on_timeout(&mut self, flight: u32, first: bool) {
        if first {
            self.halve(flight);
        }
        self.window = 1;
    }
    fn set_window(&mut self, segments: u32) {
        self.window = segments.clamp(1, LARGEST_WINDOW);
    }
    fn set_threshold(&mut self, segments: u32) {
        self.threshold = segments.max(LEAST_THRESHOLD);
    }
    fn shrink(&mut self) {
        self.halve(self.window);
    }
    fn restore_threshold(&mut self, segments: Option<u32>) {
        self.threshold = segments.unwrap_or(u32::MAX);
    }
    fn on_loss_state(&mut self) {
        self.credit = 0;
    }
    fn undo(&mut self) {
        if let Some((window, threshold)) = self.before.take() {
            self.window = self.window.max(window);
            self.threshold = threshold;
        }
    }
}
