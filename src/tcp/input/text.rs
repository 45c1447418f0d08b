//! Seventh: the segment's text, in order or too early.

use super::super::tcb::{Context, Tcb};
use super::super::{DelayedAck, Reason, State};
use super::{Arrival, Flow};
use crate::clock::Span;
use crate::mib::Counter;
use crate::wire::Flags;

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    match tcb.state() {
        State::Established | State::FinWait1 | State::FinWait2 => {}
        State::CloseWait | State::Closing | State::LastAck | State::TimeWait => {
            after_fin(tcb, cx, arrival);
            return Flow::Done;
        }
        State::Closed | State::Listen | State::SynSent | State::SynReceived => return Flow::Done,
    }
    let came = arrival.len() - u32::from(arrival.flags.has(Flags::SYN));
    if came == 0 {
        return Flow::Next;
    }
    if tcb.orphan && cx.profile.reset_data_after_close && is_new_text(tcb, arrival) {
        tcb.reset_by_text(cx, arrival);
        return Flow::Done;
    }
    if arrival.end().at_or_before(tcb.rcv.nxt) {
        // Nothing of it is new.
        let (seq, len) = arrival.whole;
        tcb.report_duplicate(cx, seq, len);
        tcb.ack.owed = Some(Reason::AckDuplicate);
        return Flow::Done;
    }
    if arrival.text.is_empty() && !arrival.fin {
        // Beyond what the window can take.
        cx.fx.note(tcb.owner(), Reason::DropBufferFull);
        tcb.ack.owed = Some(Reason::AckProbeOfWindow);
        return Flow::Done;
    }
    if cx.profile.full_memory_closes_window && tcb.holds_too_much() {
        cx.fx.count(Counter::TCPRcvQDrop);
        cx.fx.note(tcb.owner(), Reason::DropBufferFull);
        tcb.ack.owed = Some(Reason::AckNoMemory);
        return Flow::Done;
    }
    if arrival.seq.after(tcb.rcv.nxt) {
        return too_early(tcb, cx, arrival);
    }
    in_order(tcb, cx, arrival);
    Flow::Next
}

/// The peer has sent its FIN: text beyond it cannot be, and what came before is only acknowledged again.
fn after_fin(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival) {
    let (seq, len) = arrival.whole;
    if len == 0 || arrival.flags.has(Flags::SYN) {
        return;
    }
    if !seq.before(tcb.rcv.nxt) {
        cx.fx.note(tcb.owner(), Reason::DropTextAfterFin);
    } else if is_new_text(tcb, arrival) {
        cx.fx.note(tcb.owner(), Reason::DropTextAfterFin);
        if cx.profile.reset_text_after_fin {
            tcb.reset_by_text(cx, arrival);
        }
    } else {
        tcb.report_duplicate(cx, seq, len);
        tcb.ack.owed = Some(Reason::AckDuplicate);
    }
}

/// Whether the segment speaks of text that was not taken in before: a FIN too early does as well.
pub(super) fn is_new_text(tcb: &Tcb, arrival: &Arrival) -> bool {
    let fin = u32::from(arrival.flags.has(Flags::FIN));
    arrival.len() > 0 && (arrival.end() - fin).after(tcb.rcv.nxt)
}

/// Keeps the text until the gap before it is filled, and says at once what is missing.
fn too_early(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    cx.fx.count(Counter::TCPOFOQueue);
    tcb.rcv.order = tcb.rcv.order.wrapping_add(1);
    let order = tcb.rcv.order;
    let text = std::mem::take(&mut arrival.text);
    let met = tcb.recv.hold(arrival.seq, text, arrival.fin, order);
    for _ in 0..met.covered {
        cx.fx.count(Counter::TCPOFOMerge);
    }
    if let Some(again) = met.again {
        tcb.report_again(cx, again, Counter::TCPDSACKOfoSent);
    }
    tcb.ack.owed = Some(Reason::AckOutOfOrder);
    Flow::Done
}

pub(super) fn in_order(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) {
    let text = std::mem::take(&mut arrival.text);
    let len = text.len() as u32;
    let filled = tcb.recv.has_islands();
    // Text that came before RCV.NXT, or is already waiting beyond it, came twice (RFC 2883 section 4).
    let syn = u32::from(arrival.flags.has(Flags::SYN));
    let before = (arrival.whole.0 + syn, tcb.rcv.nxt);
    let again = match before.0.before(before.1) {
        true => Some(before),
        false => tcb.recv.meets(tcb.rcv.nxt, tcb.rcv.nxt + len).again,
    };
    if let Some(again) = again {
        tcb.report_again(cx, again, Counter::TCPDSACKOldSent);
    }
    tcb.rcv.nxt += len;
    tcb.recv.append(text);
    if filled && !arrival.fin {
        let (next, fin) = tcb.recv.join(tcb.rcv.nxt);
        tcb.rcv.nxt = next;
        arrival.fin |= fin;
    }
    // The FIN step looks for the FIN at RCV.NXT.
    arrival.seq = tcb.rcv.nxt;
    if len > 0 {
        let size = arrival.len() - u32::from(arrival.flags.has(Flags::FIN));
        note_data(tcb, cx, size, arrival.flags.has(Flags::PSH));
        grow_window(tcb, cx, len);
        tcb.ack.owed = Some(if filled { Reason::AckGapFilled } else { Reason::AckData });
        tcb.wake(cx);
    } else if filled {
        tcb.ack.owed = Some(Reason::AckGapFilled);
        tcb.wake(cx);
    }
}

/// The delayed acknowledgment learns from the pace of the data.
fn note_data(tcb: &mut Tcb, cx: &Context<'_>, len: u32, pushed: bool) {
    let first = tcb.ack.last_data.is_none();
    let gap = tcb.ack.last_data.map_or(Span::ZERO, |last| cx.now - last);
    tcb.ack.last_data = Some(cx.now);
    let largest = tcb.rcv.mss.max(1);
    if len >= u32::from(tcb.ack.full) {
        tcb.ack.full = len.min(u32::from(largest)) as u16;
        if pushed {
            tcb.ack.pushed = tcb.ack.pushed.max(1);
        }
    } else {
        tcb.ack.pushed = (tcb.ack.pushed + 1).min(2);
    }
    let DelayedAck::Adaptive(numbers) = cx.profile.delayed_ack else { return };
    let delay = tcb.ack.delay;
    if first || delay == Span::ZERO {
        tcb.acknowledge_quickly(numbers.quick);
        tcb.ack.delay = numbers.min;
    } else if gap <= numbers.min / 2 {
        tcb.ack.delay = delay / 2 + numbers.min / 2;
    } else if gap < delay {
        tcb.ack.delay = (delay / 2 + gap).min(tcb.rtt.rto);
    } else if gap > tcb.rtt.rto {
        tcb.acknowledge_quickly(numbers.quick);
    }
}

impl Tcb {
    /// Whether the receive buffer holds more than it may: the user made it smaller.
    fn holds_too_much(&self) -> bool {
        self.options.receive_buffer.is_some_and(|kept| self.recv.held() > kept as usize)
    }

    /// The next segments are acknowledged at once: as many as half a window holds, at most `most`.
    pub fn acknowledge_quickly(&mut self, most: u8) {
        let half = self.rcv.wnd / (2 * u32::from(self.ack.full).max(1));
        let quick = half.max(2).min(u32::from(most)) as u8;
        self.ack.quick = self.ack.quick.max(quick);
    }
}

/// A connection that keeps up may be offered more.
fn grow_window(tcb: &mut Tcb, cx: &Context<'_>, len: u32) {
    let space = tcb.receive_space(cx.profile);
    if len >= 128 && tcb.rcv.clamp < space {
        let step = (2 * u32::from(tcb.rcv.mss)).min(len.saturating_mul(2));
        tcb.rcv.clamp = tcb.rcv.clamp.saturating_add(step).min(space);
    }
}
