//! No congestion control: only the peer's window limits.

use super::Controller;

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
    fn on_ack(&mut self, _segments: u32) {}
    fn on_fast_retransmit(&mut self, _in_flight: u32) {}
    fn on_duplicate(&mut self) {}
    fn on_partial_ack(&mut self, _segments: u32) {}
    fn on_recovered(&mut self, _in_flight: u32) {}
    fn on_timeout(&mut self, _in_flight: u32) {}
}
