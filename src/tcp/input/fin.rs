//! Eighth: the FIN bit.

use super::super::tcb::{Context, Tcb};
use super::super::{DelayedAck, Event, Reason, State};
use super::{Arrival, Flow};

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    if !arrival.fin || arrival.seq != tcb.rcv.nxt || tcb.peer_fin {
        return Flow::Done;
    }
    tcb.rcv.nxt += 1;
    tcb.counts.octets_in += 1;
    tcb.peer_fin = true;
    tcb.recv.clear_islands();
    tcb.ack.duplicate = None;
    cx.fx.note(tcb.owner(), Reason::PeerFin);
    match tcb.state() {
        State::SynReceived | State::Established => {
            tcb.enter(cx, Event::FinReceived, State::CloseWait);
            if !matches!(tcb.ack.owed, Some(Reason::AckNoMemory | Reason::AckGapFilled)) {
                tcb.ack.owed = Some(Reason::AckFin);
            }
            if matches!(cx.profile.delayed_ack, DelayedAck::Adaptive(_)) {
                // The user will probably close as well: wait for that.
                tcb.ack.interactive = u8::MAX;
            }
        }
        State::FinWait1 => {
            tcb.emit_ack(cx, Reason::AckFin);
            tcb.enter(cx, Event::FinReceived, State::Closing);
        }
        State::FinWait2 => {
            tcb.emit_ack(cx, Reason::AckFin);
            tcb.enter(cx, Event::FinReceived, State::TimeWait);
            tcb.silence();
        }
        State::Closed
        | State::Listen
        | State::SynSent
        | State::CloseWait
        | State::Closing
        | State::LastAck
        | State::TimeWait => {}
    }
    tcb.wake(cx);
    Flow::Done
}
