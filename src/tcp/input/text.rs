//! Seventh: the segment's text, in order or too early.

use super::super::profile::Cost;
use super::super::tcb::{Context, Tcb};
use super::super::{Adaptive, DelayedAck, Reason, State, WindowRule};
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
    if let (Some((_, echo)), State::Established) = (arrival.timestamps, tcb.state())
        && tcb.agreed.timestamps
    {
        tcb.measure_by_echo(cx.now, echo, arrival.len());
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
    if is_beyond(tcb, cx, arrival) {
        cx.fx.note(tcb.owner(), Reason::DropBufferFull);
        tcb.ack.owed = Some(Reason::AckProbeOfWindow);
        return Flow::Done;
    }
    let text = arrival.text_len();
    let room = !cx.profile.full_memory_closes_window || tcb.make_room(cx, arrival);
    let taken = tcb.recv.cost();
    if arrival.seq.after(tcb.rcv.nxt) {
        if !room {
            cx.fx.count(Counter::TCPOFODrop);
            cx.fx.note(tcb.owner(), Reason::DropBufferFull);
            return Flow::Done;
        }
        too_early(tcb, cx, arrival);
        tcb.memory_taken(taken);
        return Flow::Done;
    }
    if !room && text > 0 && tcb.recv.readable() > 0 {
        cx.fx.count(Counter::TCPRcvQDrop);
        cx.fx.note(tcb.owner(), Reason::DropBufferFull);
        tcb.ack.owed = Some(Reason::AckNoMemory);
        return Flow::Done;
    }
    in_order(tcb, cx, arrival);
    tcb.memory_taken(taken);
    if !room {
        tcb.ack.owed = Some(Reason::AckNoMemory);
    }
    Flow::Next
}

/// Whether it lies beyond what the window can take: then it is dropped.
fn is_beyond(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival) -> bool {
    if !cx.profile.accept_from_last_offer {
        return arrival.text.is_empty() && !arrival.fin;
    }
    let (nxt, window) = (tcb.rcv.nxt, tcb.rcv.window());
    // A FIN alone takes no room, and some stacks repeat it until it is taken.
    let closed = window == 0 && arrival.seq == nxt && (arrival.text_len() > 0 || !arrival.fin);
    let beyond = arrival.seq.after(nxt) && arrival.seq.at_or_after(nxt + window);
    if closed {
        cx.fx.count(Counter::TCPZeroWindowDrop);
        let head = (arrival.whole.0, nxt);
        if head.0.before(head.1) {
            tcb.report_again(cx, head, Counter::TCPDSACKOldSent);
        }
    }
    if closed || beyond {
        tcb.delay_no_more(cx.profile);
    }
    closed || beyond
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
fn too_early(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) {
    cx.fx.count(Counter::TCPOFOQueue);
    tcb.rcv.order = tcb.rcv.order.wrapping_add(1);
    let order = tcb.rcv.order;
    let cost = arrival.cost(tcb, cx.profile);
    let whole = arrival.text_len();
    if matches!(cx.profile.delayed_ack, DelayedAck::Adaptive(_)) {
        tcb.measure_segment(cx.profile, whole, arrival.header, arrival.is_remnant(), cost);
    }
    tcb.counts.out_of_order += 1;
    let text = std::mem::take(&mut arrival.text);
    let held = tcb.recv.held();
    let met = tcb.recv.hold(arrival.seq, text, arrival.fin, order, cost);
    if let Some(kept) = cx.profile.sack_blocks_kept {
        tcb.recv.tell_no_more_than(kept);
    }
    if cx.profile.window_rule == WindowRule::Grows {
        // Without SACK the window rests, so that the acknowledgments are plain duplicates.
        if tcb.agreed.sack && tcb.recv.held() > held {
            tcb.grow_window(cx.profile, whole, cost);
        }
        if tcb.queued.is_none() && !tcb.orphan {
            tcb.grow_memory(cx.profile, tcb.memory.space);
        }
    }
    for _ in 0..met.covered {
        cx.fx.count(Counter::TCPOFOMerge);
    }
    if let Some(again) = met.again {
        tcb.report_again(cx, again, Counter::TCPDSACKOfoSent);
    }
    tcb.ack.owed = Some(Reason::AckOutOfOrder);
}

pub(super) fn in_order(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) {
    let cost = arrival.cost(tcb, cx.profile);
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
    let before = tcb.rcv.nxt;
    tcb.rcv.nxt += len;
    tcb.recv.append(text, cost);
    let own_fin = arrival.fin;
    if filled && !own_fin {
        let (next, fin) = tcb.recv.join(tcb.rcv.nxt);
        tcb.rcv.nxt = next;
        arrival.fin |= fin;
    }
    tcb.counts.octets_in += u64::from(tcb.rcv.nxt - before);
    // The FIN step looks for the FIN at RCV.NXT.
    arrival.seq = tcb.rcv.nxt;
    if len > 0 {
        note_data(tcb, cx, arrival, cost);
        // A FIN at the end of this very segment ends the wait for what is beyond: nothing is filled.
        let gap = filled && !own_fin;
        tcb.ack.owed = Some(if gap { Reason::AckGapFilled } else { Reason::AckData });
        tcb.wake(cx);
    } else if filled && !own_fin {
        tcb.ack.owed = Some(Reason::AckGapFilled);
        tcb.wake(cx);
    }
}

/// The delayed acknowledgment learns from the pace of the data.
fn note_data(tcb: &mut Tcb, cx: &Context<'_>, arrival: &Arrival, cost: Cost) {
    let len = arrival.text_len();
    let gap = tcb.ack.last_data.map_or(Span::ZERO, |last| cx.now - last);
    tcb.ack.last_data = Some(cx.now);
    let DelayedAck::Adaptive(numbers) = cx.profile.delayed_ack else {
        tcb.ack.full = tcb.ack.full.max(len.min(u32::from(tcb.rcv.mss.max(1))) as u16);
        return;
    };
    tcb.measure_segment(cx.profile, len, arrival.header, arrival.is_remnant(), cost);
    learn_pace(tcb, gap, numbers);
    tcb.text_arrived(cx, len, cost);
}

fn learn_pace(tcb: &mut Tcb, gap: Span, numbers: Adaptive) {
    let delay = tcb.ack.delay;
    if delay == Span::ZERO {
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
    /// The next segments are acknowledged at once: as many as half a window holds, at most `most`.
    pub fn acknowledge_quickly(&mut self, most: u8) {
        let half = self.rcv.wnd / (2 * u32::from(self.ack.full).max(1));
        let quick = if half == 0 { 2 } else { half }.min(u32::from(most)) as u8;
        self.ack.quick = self.ack.quick.max(quick);
    }
}
