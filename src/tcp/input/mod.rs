//! A segment arrives at a connection in a synchronized state or in SYN-RECEIVED: RFC 9293 section 3.10.7.4 step by step.

mod acceptable;
mod ack;
mod fin;
mod reset;
mod sack;
mod security;
mod syn;
mod text;
mod urgent;

use super::half_open::SynText;
use super::profile::Cost;
use super::tcb::{Context, Tcb};
use super::{Effect, Profile, Reason, State};
use crate::mib::Counter;
use crate::wire::{Flags, SackBlocks, Segment, Seq};
use bytes::Bytes;

/// The segment as it goes through the steps; each may cut something off.
pub(super) struct Arrival {
    /// SEG.SEQ of what is left.
    pub seq: Seq,
    /// SEG.ACK.
    pub ack: Seq,
    pub flags: Flags,
    /// SEG.WND, scaled.
    pub window: u32,
    pub urgent: u16,
    /// What is left of the text.
    pub text: Bytes,
    /// Whether a FIN follows the text.
    pub fin: bool,
    /// SEG.SEQ and the octets of sequence space as they arrived.
    pub whole: (Seq, u32),
    /// TSval and TSecr.
    pub timestamps: Option<(u32, u32)>,
    /// The blocks of the SACK option.
    pub sack: Option<SackBlocks>,
    /// Octets of its TCP header.
    pub header: u32,
    /// The user timeout option: whether in minutes, and how many.
    pub user_timeout: Option<(bool, u16)>,
}

/// Whether the next step is to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Yes.
    Next,
    /// No: the segment is done with.
    Done,
}

type Step = fn(&mut Tcb, &mut Context<'_>, &mut Arrival) -> Flow;

/// The steps in the order of the RFC, with their names there.
const STEPS: [(&str, Step); 8] = [
    ("check sequence number", acceptable::step),
    ("check the RST bit", reset::step),
    ("check security", security::step),
    ("check the SYN bit", syn::step),
    ("check the ACK field", ack::step),
    ("check the URG bit", urgent::step),
    ("process the segment text", text::step),
    ("check the FIN bit", fin::step),
];

impl Arrival {
    /// The segment as it came, its window scaled by `scale`.
    pub fn of(segment: &Segment, scale: u8) -> Arrival {
        let shift = if segment.flags.has(Flags::SYN) { 0 } else { scale };
        let super::options::DataOptions { stamps, sack, user_timeout } =
            super::options::data_options(segment);
        Arrival {
            seq: segment.seq,
            ack: segment.ack,
            flags: segment.flags,
            window: u32::from(segment.window) << shift,
            urgent: segment.urgent,
            text: segment.payload.clone(),
            fin: segment.flags.has(Flags::FIN),
            whole: (segment.seq, segment.len()),
            timestamps: stamps,
            sack,
            header: segment.header_len() as u32,
            user_timeout,
        }
    }
    /// What came on the SYN, as a segment of its own, as far as it fits into the window.
    fn of_syn_text(tcb: &Tcb, kept: SynText) -> Arrival {
        let SynText { mut text, fin } = kept;
        let room = tcb.rcv.window() as usize;
        let fin = fin && text.len() <= room;
        text.truncate(room);
        let seq = tcb.rcv.irs + 1;
        let flags = if fin { Flags::ACK | Flags::PSH | Flags::FIN } else { Flags::ACK | Flags::PSH };
        let segment = Segment { seq, ack: tcb.snd.una, flags, payload: text, ..Segment::default() };
        Arrival { window: tcb.snd.wnd, ..Arrival::of(&segment, 0) }
    }
    /// Octets of sequence space as it arrived.
    pub fn len(&self) -> u32 {
        self.whole.1
    }
    /// Octets of text as it arrived.
    pub fn text_len(&self) -> u32 {
        self.whole.1 - u32::from(self.flags.has(Flags::SYN)) - u32::from(self.flags.has(Flags::FIN))
    }
    /// Whether its flags say that it need not be a full segment.
    pub fn is_remnant(&self) -> bool {
        [Flags::FIN, Flags::URG, Flags::SYN, Flags::PSH].into_iter().any(|flag| self.flags.has(flag))
    }
    /// What it costs in the receive buffer.
    pub fn cost(&self, tcb: &Tcb, profile: &Profile) -> Cost {
        let ip = if tcb.ends.remote().is_ipv6() { 40 } else { 20 };
        profile.cost_of(ip + self.header, self.text_len())
    }
    /// Sequence number after the segment as it arrived.
    pub fn end(&self) -> Seq {
        self.whole.0 + self.whole.1
    }
}

impl Tcb {
    /// Takes a segment through all steps, then sends what it made possible.
    pub fn arrives(&mut self, cx: &mut Context<'_>, segment: &Segment) {
        if self.repeats_early_syn_ack(cx, segment) {
            return;
        }
        let mut arrival = Arrival::of(segment, self.snd.scale);
        self.run(cx, &mut arrival, 0);
        if self.is_synchronized()
            && let Some(kept) = self.syn_text.take()
        {
            let mut arrival = Arrival::of_syn_text(self, *kept);
            self.run(cx, &mut arrival, 5);
        }
    }

    /// Takes in the text of the SYN that opened this connection; the SYN-ACK will acknowledge it (RFC 7413 section 4.2.2).
    pub fn take_early_text(&mut self, cx: &mut Context<'_>, text: Bytes) {
        // Nothing is learnt from it of the pace of data: the acknowledgment of what comes next does not wait.
        let arrival = Arrival::of_syn_text(self, SynText { text, fin: false });
        if !arrival.text.is_empty() {
            let cost = arrival.cost(self, cx.profile);
            self.rcv.nxt += arrival.text_len();
            self.counts.octets_in += u64::from(arrival.text_len());
            self.recv.append(arrival.text, cost);
            self.wake(cx);
        }
    }

    /// Takes what is left of a SYN-ACK through the steps that come after the ACK field.
    pub fn arrives_after_syn(&mut self, cx: &mut Context<'_>, arrival: &mut Arrival) {
        self.run(cx, arrival, 5);
    }

    /// The SYN that opened this connection again: so goes the SYN-ACK, where the profile repeats it.
    fn repeats_early_syn_ack(&mut self, cx: &mut Context<'_>, segment: &Segment) -> bool {
        let early = self.speaks_early() && self.snd.una == self.snd.iss;
        let flags = Flags(Flags::SYN.0 | Flags::ACK.0 | Flags::RST.0);
        let syn = segment.flags.0 & flags.0 == Flags::SYN.0 && segment.seq == self.rcv.irs;
        if !early || !syn || !cx.profile.listen.repeat_syn_ack {
            return false;
        }
        cx.fx.count(Counter::RetransSegs);
        cx.fx.count(Counter::TCPSynRetrans);
        self.emit_syn(cx, Reason::RepeatSynAck, true);
        true
    }

    fn run(&mut self, cx: &mut Context<'_>, arrival: &mut Arrival, from: usize) {
        let nothing_new = self.is_expected_ack(arrival);
        for (_, step) in &STEPS[from..] {
            if step(self, cx, arrival) == Flow::Done {
                break;
            }
        }
        self.push_out(cx);
        if self.bursts.is_some() {
            self.rest_if_idle(cx.now);
            self.tell_room(cx);
        }
        if !nothing_new {
            self.settle_ack(cx);
        }
    }

    /// A bare ACK just where it is expected, with the window as it was: it does not touch the delay of an acknowledgment
    /// that is owed.
    fn is_expected_ack(&self, arrival: &Arrival) -> bool {
        self.state() == State::Established
            && arrival.len() == 0
            && arrival.flags.without(Flags::PSH) == Flags::ACK
            && arrival.seq == self.rcv.nxt
            && arrival.window == self.snd.wnd
            && !self.recv.has_islands()
    }

    /// Tells the user that something changed.
    pub fn wake(&self, cx: &mut Context<'_>) {
        cx.fx.push(Effect::Wake(self.owner()));
    }
}
