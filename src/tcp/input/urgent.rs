//! Sixth: the URG bit.

use super::super::State;
use super::super::tcb::{Context, Tcb};
use super::{Arrival, Flow};
use crate::wire::Flags;

pub(super) fn step(tcb: &mut Tcb, _cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    let open = matches!(tcb.state(), State::Established | State::FinWait1 | State::FinWait2);
    if arrival.flags.has(Flags::URG) && open {
        tcb.rcv.up = tcb.rcv.up.max(arrival.whole.0 + u32::from(arrival.urgent));
    }
    Flow::Next
}
