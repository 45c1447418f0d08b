//! Third: security. No compartments here, so every segment passes (RFC 9293 appendix A.1).

use super::super::tcb::{Context, Tcb};
use super::{Arrival, Flow};

pub(super) fn step(_tcb: &mut Tcb, _cx: &mut Context<'_>, _arrival: &mut Arrival) -> Flow {
    Flow::Next
}
