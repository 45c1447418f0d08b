//! Opening actively (RFC 9293 section 3.10.1), and a segment that arrives in SYN-SENT (section 3.10.7.3).

use super::flight::Sent;
use super::half_open::SynText;
use super::input::Arrival;
use super::options::{SynOptions, initial_window, timestamp_now};
use super::output::Draft;
use super::tcb::{Context, Tcb};
use super::{Event, Profile, Reason, State, StreamError, TimerKind};
use crate::mib::Counter;
use crate::wire::{Flags, Segment};
use bytes::Bytes;

impl Tcb {
    /// Sets the receiving side up for a block that may announce `mss`; `filled` is the text that fills a segment.
    pub fn prepare_to_receive(&mut self, profile: &Profile, mss: u16, filled: u32) {
        let space = self.receive_space(profile);
        let largest = match self.options.receive_buffer {
            Some(_) => space,
            None => u32::try_from(profile.settings.tcp_rmem_max).unwrap_or(u32::MAX),
        };
        let scaling = profile.settings.tcp_window_scaling != 0;
        let (window, scale) = initial_window(space, filled, largest, scaling);
        self.rcv.mss = mss;
        self.rcv.wnd = window;
        self.rcv.clamp = window;
        self.rcv.scale = scale;
        self.rcv.offered_scale = scaling.then_some(scale);
        self.ack.full = profile.default_mss.min(mss).max(1);
    }

    /// Sends the SYN: CLOSED to SYN-SENT.
    pub fn open_actively(&mut self, cx: &mut Context<'_>) {
        cx.fx.count(Counter::ActiveOpens);
        self.enter(cx, Event::ActiveOpen, State::SynSent);
        self.snd.nxt = self.snd.iss + 1;
        self.flight.push(Sent::new(self.snd.iss, self.snd.nxt, cx.now));
        self.recovery.reset(self.snd.nxt);
        self.recovery.since = Some(cx.now);
        self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        self.emit_syn(cx, Reason::OpenActively, false);
    }

    /// Sends our SYN, with an ACK once the peer's has come.
    pub fn emit_syn(&mut self, cx: &mut Context<'_>, why: Reason, again: bool) {
        let ack = self.state() != State::SynSent;
        let flags = if ack { Flags::SYN | Flags::ACK } else { Flags::SYN };
        self.emit(cx, Draft { seq: self.snd.iss, flags, payload: Bytes::new(), why, again });
    }

    /// The options of our SYN or SYN-ACK.
    pub fn syn_options(&self, cx: &Context<'_>, ack: bool) -> SynOptions {
        let settings = &cx.profile.settings;
        let all = !ack || cx.profile.crossed_syn_repeats_offer;
        let scaled = all || self.rcv.scale > 0 || self.snd.scale > 0;
        let stamps = settings.tcp_timestamps != 0 && (all || self.agreed.timestamps);
        SynOptions {
            mss: Some(self.rcv.mss),
            scale: self.rcv.offered_scale.filter(|_| scaled),
            sack: settings.tcp_sack != 0 && (all || self.agreed.sack),
            timestamps: stamps.then(|| (timestamp_now(cx.now, self.agreed.ts_offset), self.agreed.ts_recent)),
        }
    }

    /// Takes in the peer's SYN: IRS, what it offered, its MSS and window.
    pub fn take_syn(&mut self, cx: &Context<'_>, seq: crate::wire::Seq, peer: SynOptions, window: u32) {
        let (now, profile) = (cx.now, cx.profile);
        self.rcv.irs = seq;
        self.rcv.nxt = seq + 1;
        self.rcv.wup = self.rcv.nxt;
        self.rcv.up = seq;
        match (peer.scale, self.rcv.offered_scale) {
            (Some(scale), Some(_)) => self.snd.scale = scale,
            (None, _) | (_, None) => {
                self.snd.scale = 0;
                self.rcv.scale = 0;
                self.rcv.wnd = self.rcv.wnd.min(u32::from(u16::MAX));
                self.rcv.clamp = self.rcv.clamp.min(u32::from(u16::MAX));
            }
        }
        self.agreed.sack = peer.sack;
        self.agreed.timestamps = peer.timestamps.is_some();
        self.agreed.ts_recent_at = now;
        self.agreed.ts_recent = peer.timestamps.map_or(0, |(value, _)| value);
        self.agreed.last_ack_sent = self.rcv.nxt;
        let offered = peer.mss.unwrap_or(profile.default_mss).max(profile.min_mss).max(1);
        self.snd.mss = offered.min(self.rcv.mss.max(1));
        self.snd.wnd = window;
        self.snd.max_wnd = window;
        self.snd.wl1 = seq;
        self.snd.wl2 = self.snd.una;
    }

    /// A segment arrives in SYN-SENT.
    pub fn arrives_in_syn_sent(&mut self, cx: &mut Context<'_>, segment: &Segment) {
        let has_ack = segment.flags.has(Flags::ACK);
        let good_ack = has_ack && segment.ack.after(self.snd.iss) && segment.ack.at_or_before(self.snd.nxt);
        if has_ack && !good_ack {
            if let Some(wait) = cx.profile.hurry_syn.filter(|_| self.recovery.timeouts == 0) {
                self.timers.set(TimerKind::Retransmission, cx.now + wait);
            }
            if !segment.flags.has(Flags::RST) {
                let arrival = Arrival::of(segment, 0);
                let owner = self.owner();
                super::stack::send_reset(
                    cx,
                    self.ends.local(),
                    self.ends.remote(),
                    owner,
                    &arrival,
                    Reason::ResetSynSentAck,
                );
            }
            return;
        }
        if segment.flags.has(Flags::RST) {
            if good_ack {
                cx.fx.note(self.owner(), Reason::Refused);
                self.die(cx, Event::ResetReceived, Some(StreamError::Refused));
            } else {
                cx.fx.note(self.owner(), Reason::DropReset);
            }
            return;
        }
        if !segment.flags.has(Flags::SYN) {
            cx.fx.note(self.owner(), Reason::DropSynSentNothing);
            return;
        }
        let peer = SynOptions::of(segment, cx.profile);
        if good_ack {
            self.syn_acknowledged(cx, segment, peer);
        } else {
            self.syn_crossed(cx, segment, peer);
        }
    }

    /// The usual SYN-ACK: SYN-SENT to ESTABLISHED.
    fn syn_acknowledged(&mut self, cx: &mut Context<'_>, segment: &Segment, peer: SynOptions) {
        self.take_syn(cx, segment.seq, peer, u32::from(segment.window));
        self.snd.una = segment.ack;
        self.acknowledged = 1;
        self.snd.wl2 = segment.ack;
        let measured = match (self.flight.front(), peer.timestamps) {
            (Some(sent), _) if !sent.again => Some(cx.now - sent.at),
            (_, Some((_, echo))) if echo != 0 => {
                let passed = timestamp_now(cx.now, self.agreed.ts_offset).wrapping_sub(echo);
                (passed < 1 << 31).then(|| crate::clock::Span::millis(u64::from(passed)))
            }
            _ => None,
        };
        self.flight.clear();
        self.timers.clear(TimerKind::Retransmission);
        match measured {
            Some(measured) => self.rtt.sample(cx.profile, measured, self.snd.una, self.snd.nxt),
            None => self.rtt.begin_with(cx.profile.rto_after_syn_loss),
        }
        self.begin_congestion_window(cx.profile, self.recovery.timeouts);
        self.ecn.on = self.ecn.asked && super::ecn::accepted(segment.flags);
        self.recovery.reset(self.snd.nxt);
        self.enter(cx, Event::SynAckReceived, State::Established);
        self.opened(cx);
        self.wake(cx);
        let mut arrival = Arrival::of(segment, 0);
        arrival.seq += 1;
        let more = cx.profile.take_syn_ack_text && (!arrival.text.is_empty() || arrival.fin);
        if !more {
            self.emit_ack(cx, Reason::CompleteHandshake);
            self.push_out(cx);
        } else {
            self.ack.owed = Some(Reason::CompleteHandshake);
            self.arrives_after_syn(cx, &mut arrival);
            if self.ack.owed.is_some() {
                self.emit_ack(cx, Reason::CompleteHandshake);
            }
        }
    }

    /// The SYNs crossed: SYN-SENT to SYN-RECEIVED (simultaneous open).
    fn syn_crossed(&mut self, cx: &mut Context<'_>, segment: &Segment, peer: SynOptions) {
        self.take_syn(cx, segment.seq, peer, u32::from(segment.window));
        self.begin_congestion_window(cx.profile, self.recovery.timeouts);
        self.syn_text = SynText::of(segment, cx.profile);
        self.enter(cx, Event::SynReceived, State::SynReceived);
        self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        self.emit_syn(cx, Reason::AnswerCrossedSyn, true);
    }
}
