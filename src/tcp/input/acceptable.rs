//! First: is the segment acceptable (RFC 9293 section 3.4, RFC 7323 section 5.3)?

use super::super::tcb::{Context, Tcb};
use super::super::{DelayedAck, Profile, Reason, State};
use super::{Arrival, Flow};
use crate::mib::Counter;
use crate::wire::{Flags, Seq};

pub(super) fn step(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    let telling = Flags(Flags::ACK.0 | Flags::RST.0 | Flags::SYN.0);
    if cx.profile.drop_without_ack_first && arrival.flags.without(telling) == arrival.flags {
        cx.fx.note(tcb.owner(), Reason::DropNoAck);
        return Flow::Done;
    }
    if tcb.agreed.timestamps && !arrival.flags.has(Flags::RST) {
        match arrival.timestamps {
            Some((value, _))
                if tcb.agreed.is_older_by(cx.profile.timestamps_may_lag, cx.now, cx.profile, value)
                    && !arrival.flags.has(Flags::SYN)
                    && !was_overtaken(tcb, cx, arrival, value) =>
            {
                if cx.profile.overtaken_acks_pass && is_bare_ack(arrival) && arrival.seq.before(tcb.rcv.nxt) {
                    cx.fx.count(Counter::PAWSOldAck);
                    cx.fx.note(tcb.owner(), Reason::DropOldTimestamp);
                    return Flow::Done;
                }
                cx.fx.count(Counter::PAWSEstab);
                cx.fx.note(tcb.owner(), Reason::DropOldTimestamp);
                answer(tcb, cx, arrival, Reason::AckUnacceptable);
                return Flow::Done;
            }
            None if !cx.profile.accept_missing_timestamps => {
                cx.fx.note(tcb.owner(), Reason::DropNoTimestamp);
                return Flow::Done;
            }
            Some(_) | None => {}
        }
    }
    if !is_acceptable(tcb, cx, arrival) {
        return refuse(tcb, cx, arrival);
    }
    if !cx.profile.timestamps_after_ack && !arrival.flags.has(Flags::RST) {
        remember_timestamp(tcb, cx, arrival);
    }
    cut_to_window(tcb, arrival, cx.profile.accept_from_last_offer);
    Flow::Next
}

fn is_bare_ack(arrival: &Arrival) -> bool {
    arrival.flags.has(Flags::ACK) && arrival.len() == 0
}

/// Whether an acknowledgment with an old timestamp was merely overtaken by others: it tells nothing, and is no older than what
/// may be on its way still.
fn was_overtaken(tcb: &Tcb, cx: &Context<'_>, arrival: &Arrival, value: u32) -> bool {
    // The peer's clock may tick up to 1.2 times a millisecond.
    let most = i64::try_from(tcb.rtt.rto.as_millis() * 12 / 10).unwrap_or(i64::MAX);
    cx.profile.overtaken_acks_pass
        && is_bare_ack(arrival)
        && arrival.seq == tcb.rcv.nxt
        && arrival.ack == tcb.snd.una
        && !super::ack::opens(tcb, arrival)
        && i64::from(tcb.agreed.ts_recent.wrapping_sub(value) as i32) <= most
}

/// TS.Recent follows an acceptable segment that the next acknowledgment speaks of (RFC 7323 section 4.3).
pub(super) fn remember_timestamp(tcb: &mut Tcb, cx: &Context<'_>, arrival: &Arrival) {
    if let Some((value, _)) = arrival.timestamps
        && tcb.agreed.timestamps
    {
        tcb.agreed.remember(cx.now, cx.profile, arrival.whole.0, value);
    }
}

/// The table of section 3.4: does any part of the segment lie in the window?
fn is_acceptable(tcb: &Tcb, cx: &Context<'_>, arrival: &Arrival) -> bool {
    let nxt = tcb.rcv.nxt;
    let wnd = tcb.rcv.window();
    let (seq, len) = arrival.whole;
    if cx.profile.accept_from_last_offer {
        let edge = nxt + wnd;
        let fin = u32::from(arrival.flags.has(Flags::FIN));
        let within = !Seq(arrival.end().0.wrapping_sub(fin)).after(edge) || tcb.recv.readable() == 0;
        return arrival.end().at_or_after(tcb.rcv.wup) && seq.at_or_before(edge) && within;
    }
    match (len, wnd) {
        (0, 0) => seq == nxt,
        (0, _) => seq.within(nxt, wnd),
        // No text can be taken, but its ACK and RST can.
        (_, 0) => seq == nxt,
        (_, _) => seq.within(nxt, wnd) || (arrival.end() - 1).within(nxt, wnd),
    }
}

/// An unacceptable segment: RST is ignored, all else is answered with an ACK.
fn refuse(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    if arrival.flags.has(Flags::RST) {
        let lenient = cx.profile.reset_before_next
            && arrival.seq + 1 == tcb.rcv.nxt
            && matches!(tcb.state(), State::CloseWait | State::LastAck | State::Closing);
        if lenient {
            return Flow::Next;
        }
        cx.fx.note(tcb.owner(), Reason::DropUnacceptableReset);
    } else if arrival.flags.has(Flags::SYN) {
        super::syn::challenge(tcb, cx);
    } else {
        if arrival.end().after(tcb.rcv.nxt + tcb.rcv.window()) {
            cx.fx.count(Counter::BeyondWindow);
        }
        cx.fx.note(tcb.owner(), Reason::DropOutsideWindow);
        let why = if arrival.len() > 0 && arrival.end().at_or_before(tcb.rcv.nxt) {
            Reason::AckDuplicate
        } else {
            Reason::AckUnacceptable
        };
        if take_valid_ack(tcb, cx, arrival) == Flow::Done {
            return Flow::Done;
        }
        answer(tcb, cx, arrival, why);
    }
    Flow::Done
}

/// While the window is closed, as the peer sees it, no segment is acceptable, but a valid acknowledgment is still taken
/// (section 3.10.7.4). Without that two ends whose last octets crossed would each answer the other's old number for ever.
fn take_valid_ack(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &mut Arrival) -> Flow {
    let news = arrival.ack.after(tcb.snd.una) && arrival.ack.at_or_before(tcb.snd.nxt);
    let closed = tcb.rcv.window() >> tcb.rcv.scale == 0;
    if !closed || !tcb.is_synchronized() || !arrival.flags.has(Flags::ACK) || !news {
        return Flow::Next;
    }
    super::ack::step(tcb, cx, arrival)
}

/// The ACK that answers it: within the limit for empty segments, always for text.
fn answer(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival, why: Reason) {
    if arrival.len() == 0 && !tcb.may_answer_invalid(cx) {
        return;
    }
    tcb.report_duplicate(cx, arrival.seq, arrival.len());
    tcb.emit_ack(cx, why);
}

/// Cuts off what came before and, unless it is taken `whole`, what lies beyond the window.
fn cut_to_window(tcb: &Tcb, arrival: &mut Arrival, whole: bool) {
    let nxt = tcb.rcv.nxt;
    if arrival.flags.has(Flags::SYN) {
        return;
    }
    if arrival.seq.before(nxt) {
        let known = ((nxt - arrival.seq) as usize).min(arrival.text.len());
        arrival.text = arrival.text.slice(known..);
        arrival.seq += known as u32;
        if arrival.seq.before(nxt) {
            // Even the FIN is an old one.
            arrival.fin = false;
            arrival.seq = nxt;
        }
    }
    if whole {
        return;
    }
    let room = tcb.rcv.window();
    let used = arrival.seq - nxt;
    let fits = room.saturating_sub(used) as usize;
    if arrival.text.len() > fits {
        arrival.text.truncate(fits);
        arrival.fin = false;
    }
}

impl Tcb {
    /// Remembers to tell the peer by SACK that it sent something twice (RFC 2883).
    pub fn report_duplicate(&mut self, cx: &mut Context<'_>, seq: Seq, len: u32) {
        if len == 0 || !seq.before(self.rcv.nxt) {
            return;
        }
        cx.fx.count(Counter::DelayedACKLost);
        // The peer did not hear our acknowledgment: no more delays.
        self.delay_no_more(cx.profile);
        self.report_again(cx, (seq, (seq + len).min(self.rcv.nxt)), Counter::TCPDSACKOldSent);
    }

    /// The next acknowledgments go at once, and the connection is no longer taken for an interactive one.
    pub fn delay_no_more(&mut self, profile: &Profile) {
        if let DelayedAck::Adaptive(numbers) = profile.delayed_ack {
            self.acknowledge_quickly(numbers.quick);
            self.ack.interactive = 0;
            self.ack.delay = numbers.min;
        }
    }

    /// The next acknowledgment tells that these octets came twice, where SACK and that are agreed on.
    pub fn report_again(&mut self, cx: &mut Context<'_>, octets: (Seq, Seq), counter: Counter) {
        if self.agreed.sack && cx.profile.settings.tcp_dsack != 0 {
            cx.fx.count(counter);
            self.ack.duplicate = Some(octets);
        }
    }
}
