//! Sixth: the URG bit.

use super::super::State;
use super::super::tcb::{Context, Tcb};
use super::{Arrival, Flow};
use crate::wire::Flags;

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    if matches!(tcb.state(), State::Established | State::FinWait1 | State::FinWait2) {
        if arrival.flags.has(Flags::URG) {
            tcb.urgent_arrives(cx, arrival.whole.0, arrival.urgent);
        }
        tcb.look_for_urgent(arrival.seq, &arrival.text);
    }
    Flow::Next
}
