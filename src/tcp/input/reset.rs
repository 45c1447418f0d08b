//! Second: the RST bit, with the exact match of RFC 5961 section 3.2.

use super::super::tcb::{Context, Tcb};
use super::super::{Event, Reason, State, StreamError};
use super::{Arrival, Flow};
use crate::mib::Counter;
use crate::wire::{Flags, Seq};

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    if !arrival.flags.has(Flags::RST) {
        return Flow::Next;
    }
    let exact = arrival.whole.0 == tcb.rcv.nxt || cx.profile.settings.tcp_blind_checks == 0;
    let before = cx.profile.reset_before_next
        && arrival.whole.0 + 1 == tcb.rcv.nxt
        && matches!(tcb.state(), State::CloseWait | State::LastAck | State::Closing);
    // RFC 5961 section 3.2 speaks of RCV.NXT alone.
    let farthest = || tcb.recv.sack_blocks(4).into_iter().map(|(_, end)| end).reduce(Seq::max);
    let edge = cx.profile.reset_at_sack_edge && tcb.agreed.sack && farthest() == Some(arrival.whole.0);
    if !exact && !before && !edge {
        tcb.challenge(cx, Reason::ChallengeReset);
        return Flow::Done;
    }
    let error = match tcb.state() {
        State::SynReceived if tcb.speaks_early() => Some(StreamError::Reset),
        State::SynReceived => Some(StreamError::Refused),
        State::CloseWait if cx.profile.broken_in_close_wait => Some(StreamError::Broken),
        State::Established | State::FinWait1 | State::FinWait2 | State::CloseWait => Some(StreamError::Reset),
        State::Closing | State::LastAck => Some(StreamError::Reset),
        State::Closed | State::Listen | State::SynSent | State::TimeWait => None,
    };
    if tcb.state() == State::SynReceived && tcb.speaks_early() {
        // The request and the connection made of it both count.
        cx.fx.count(Counter::AttemptFails);
    }
    cx.fx.note(tcb.owner(), Reason::PeerReset);
    tcb.die(cx, Event::ResetReceived, error);
    Flow::Done
}
