//! Fourth: the SYN bit, answered by a challenge ACK (RFC 5961 section 4.2).

use super::super::tcb::{Context, Tcb};
use super::super::{Reason, State};
use super::{Arrival, Flow};
use crate::mib::Counter;
use crate::wire::Flags;

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    if !arrival.flags.has(Flags::SYN) {
        return Flow::Next;
    }
    // Simultaneous open: the peer's SYN-ACK repeats the SYN that we have already taken in.
    let crossed = tcb.state() == State::SynReceived
        && arrival.flags.has(Flags::ACK)
        && arrival.seq + 1 == tcb.rcv.nxt
        && arrival.ack == tcb.snd.nxt;
    if crossed {
        let len = arrival.len();
        tcb.report_duplicate(cx, arrival.seq, len);
        tcb.ack.owed = Some(Reason::AckDuplicate);
        arrival.seq += 1;
        return Flow::Next;
    }
    challenge(tcb, cx);
    Flow::Done
}

pub(super) fn challenge(tcb: &mut Tcb, cx: &mut Context<'_>) {
    if tcb.state() == State::Established {
        cx.fx.count(Counter::InErrs);
    }
    cx.fx.count(Counter::TCPSYNChallenge);
    tcb.challenge(cx, Reason::ChallengeSyn);
}
