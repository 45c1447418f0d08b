//! Opening actively (RFC 9293 section 3.10.1), and a segment that arrives in SYN-SENT (section 3.10.7.3).

use super::flight::Sent;
use super::half_open::SynText;
use super::input::Arrival;
use super::options::{SynOptions, timestamp_now};
use super::output::Draft;
use super::tcb::{Context, Tcb};
use super::{Event, Profile, Reason, State, StreamError, TimerKind, WindowRule};
use crate::clock::Span;
use crate::mib::Counter;
use crate::wire::{Flags, Segment};
use bytes::Bytes;

/// How long the last ACK of a handshake waits at most for data to carry it.
const HANDSHAKE_ACK_WAITS: Span = Span::millis(200);

impl Tcb {
    /// Sets the receiving side up for a block that may announce `mss`; `filled` is the text that fills a segment.
    pub fn prepare_to_receive(&mut self, profile: &Profile, mss: u16, filled: u32) {
        let scaling = profile.settings.tcp_window_scaling != 0;
        let (window, scale) = profile.first_window(&self.options, filled, scaling);
        self.rcv.mss = mss;
        self.rcv.wnd = window;
        self.rcv.clamp = window;
        self.rcv.scale = scale;
        let limit = self.receive_limit(profile);
        self.begin_memory(profile, limit);
        self.rcv.offered_scale = scaling.then_some(scale);
        self.ack.full = profile.default_mss.min(mss).max(1);
    }

    /// Sends the SYN: CLOSED to SYN-SENT.
    pub fn open_actively(&mut self, cx: &mut Context<'_>) {
        cx.fx.count(Counter::ActiveOpens);
        self.enter(cx, Event::ActiveOpen, State::SynSent);
        let text = self.send.end();
        self.snd.nxt = self.snd.iss + 1;
        self.flight.push(Sent::new(self.snd.iss, self.snd.nxt, cx.now));
        if text.after(self.snd.nxt) {
            self.flight.push(Sent::new(self.snd.nxt, text, cx.now));
            self.snd.nxt = text;
            if let Some(bursts) = &mut self.bursts {
                bursts.begins_with(text);
            }
            cx.fx.count(Counter::TCPOrigDataSent);
        }
        self.recovery.reset(self.snd.nxt);
        self.recovery.since = Some(cx.now);
        self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        let why = match self.asked {
            Some(_) if text.after(self.snd.iss + 1) => Reason::OpenWithData,
            Some(_) => Reason::OpenAskingCookie,
            None => Reason::OpenActively,
        };
        self.emit_syn(cx, why, false);
    }

    /// Sends our SYN, with an ACK once the peer's has come.
    pub fn emit_syn(&mut self, cx: &mut Context<'_>, why: Reason, again: bool) {
        let ack = self.state() != State::SynSent;
        let flags = if ack { Flags::SYN | Flags::ACK } else { Flags::SYN };
        // When it has to go again it carries nothing, in case that is what was lost (RFC 7413 section 4.2.2).
        let payload = if again || ack { Bytes::new() } else { self.text_on_syn() };
        self.emit(cx, Draft { seq: self.snd.iss, flags, payload, why, again });
    }

    /// The options of our SYN or SYN-ACK.
    pub fn syn_options(&self, cx: &Context<'_>, ack: bool, again: bool) -> SynOptions {
        let settings = &cx.profile.settings;
        let early = self.early.as_deref();
        let all = !ack || (cx.profile.crossed_syn_repeats_offer && early.is_none());
        let scaled = all || early.is_some() || self.rcv.scale > 0 || self.snd.scale > 0;
        let stamps = settings.tcp_timestamps != 0 && (all || self.agreed.timestamps);
        SynOptions {
            mss: Some(cx.profile.icmp.announced_mss(self.rcv.mss, self.path, self.ends.remote().ip())),
            scale: self.rcv.offered_scale.filter(|_| scaled),
            sack: settings.tcp_sack != 0 && (all || self.agreed.sack),
            timestamps: stamps.then(|| (timestamp_now(cx.now, self.agreed.ts_offset), self.agreed.ts_recent)),
            fast_open: match early {
                _ if again => None,
                Some(early) => early.grant,
                None => self.asked.as_deref().and_then(|asked| asked.offer).filter(|_| !ack),
            },
            user_timeout: cx.profile.user_timeout_on_syn(&self.options),
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
                if profile.window_rule == WindowRule::HalfOrSegment {
                    self.rcv.wnd = self.rcv.wnd.min(u32::from(u16::MAX));
                    self.rcv.clamp = self.rcv.clamp.min(u32::from(u16::MAX));
                }
            }
        }
        self.agreed.scaled = peer.scale.is_some() && self.rcv.offered_scale.is_some();
        self.agreed.sack = peer.sack;
        self.agreed.timestamps = peer.timestamps.is_some();
        self.agreed.ts_recent_at = now;
        self.agreed.ts_recent = peer.timestamps.map_or(0, |(value, _)| value);
        self.agreed.last_ack_sent = self.rcv.nxt;
        let offered =
            peer.mss.unwrap_or(profile.mss_unsaid(self.ends.remote().ip())).max(profile.min_mss).max(1);
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
        self.hear_user_timeout(cx, peer.user_timeout);
        self.learn_from_syn_ack(cx, &peer, segment.ack);
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
        while self.flight.take_acknowledged(segment.ack).is_some() {}
        self.send.acknowledge(segment.ack);
        self.note_text_acknowledged(cx);
        if let Some(bursts) = &mut self.bursts {
            bursts.pieces.acknowledge(segment.ack);
        }
        self.acknowledged += u64::from(segment.ack - (self.snd.iss + 1));
        self.timers.clear(TimerKind::Retransmission);
        match measured {
            Some(measured) => self.round_trip(cx.profile, measured, self.snd.una),
            None => self.rtt.begin_with(cx.profile.rto_after_syn_loss),
        }
        self.tally.delivered = 1;
        // An echo of the first SYN tells that none was lost (RFC 4015 section 3.1).
        let first = self.recovery.since.map(|since| timestamp_now(since, self.agreed.ts_offset));
        let none_lost =
            self.by_states(cx.profile) && peer.timestamps.is_some_and(|(_, echo)| Some(echo) == first);
        self.begin_congestion_window(cx.profile, if none_lost { 0 } else { self.recovery.timeouts });
        self.ecn.on = self.ecn.asked && super::ecn::accepted(segment.flags);
        self.recovery.reset(self.snd.nxt);
        self.enter(cx, Event::SynAckReceived, State::Established);
        self.opened(cx);
        self.wake(cx);
        let mut arrival = Arrival::of(segment, 0);
        arrival.seq += 1;
        // Who speaks of Fast Open on its SYN takes what comes on the answer.
        let takes = cx.profile.take_syn_ack_text || self.asked.is_some();
        let more = takes && (!arrival.text.is_empty() || arrival.fin);
        if self.rest_of_syn_text(cx) {
            self.push_out(cx);
        } else if !more && self.writer_waits() {
            self.ack.owed = Some(Reason::CompleteHandshake);
            self.ack.interactive = u8::MAX;
            self.timers.set(TimerKind::DelayedAck, cx.now + HANDSHAKE_ACK_WAITS);
        } else if !more {
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

    /// Text that was on our SYN and that the SYN-ACK left out goes again, and completes the handshake
    /// (RFC 7413 section 4.2.2). Tells whether there was any.
    fn rest_of_syn_text(&mut self, cx: &mut Context<'_>) -> bool {
        let some = !self.flight.is_empty();
        if some {
            self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
        let mut from = self.snd.una;
        while from.before(self.snd.nxt) && self.state() == State::Established {
            from = self.resend(cx, from, Reason::RetransmitSynText);
        }
        some
    }

    fn writer_waits(&self) -> bool {
        self.asked.as_deref().is_some_and(|asked| asked.writer_waits)
    }

    /// The SYNs crossed: SYN-SENT to SYN-RECEIVED (simultaneous open).
    fn syn_crossed(&mut self, cx: &mut Context<'_>, segment: &Segment, peer: SynOptions) {
        self.take_syn(cx, segment.seq, peer, u32::from(segment.window));
        self.hear_user_timeout(cx, peer.user_timeout);
        self.begin_congestion_window(cx.profile, self.recovery.timeouts);
        self.syn_text = SynText::of(segment, cx.profile);
        self.enter(cx, Event::SynReceived, State::SynReceived);
        self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        self.emit_syn(cx, Reason::AnswerCrossedSyn, true);
    }
}
