//! No congestion control: only the peer's window limits.

use super::{Acked, Controller};
use crate::clock::Instant;

/// The absence of control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoControl;

impl Controller for NoControl {
    fn window(&self) -> u32 {
        u32::MAX
    }
    fn threshold(&self) -> Option<u32> {
        None
    }
    fn on_ack(&mut self, _acked: &Acked) {}
    fn on_ack_unlimited(&mut self, _now: Instant) {}
    fn on_congestion(&mut self, _flight: u32) {}
    fn on_timeout(&mut self, _flight: u32, _first: bool) {}
    fn set_window(&mut self, _segments: u32) {}
    fn set_threshold(&mut self, _segments: u32) {}
    fn shrink(&mut self) {}
    fn restore_threshold(&mut self, _segments: Option<u32>) {}
    fn on_loss_state(&mut self) {}
    fn undo(&mut self) {}
}
