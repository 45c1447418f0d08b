//! What may be sent now: window, congestion window, Nagle, silly windows; and how a segment is put together.

use super::burst::{Extent, Hold};
use super::flight::Sent;
use super::tcb::{Context, Tcb};
use super::{DelayedAck, Effect, Nagle, Profile, Reason, State, TimerKind};
use crate::mib::Counter;
use crate::wire::{Flags, Segment, Seq};
use bytes::Bytes;

/// A segment about to be made.
pub(super) struct Draft {
    pub seq: Seq,
    pub flags: Flags,
    pub payload: Bytes,
    pub why: Reason,
    pub again: bool,
}

impl Draft {
    /// An acknowledgment with nothing else.
    pub fn ack(seq: Seq, why: Reason) -> Draft {
        Draft { seq, flags: Flags::ACK, payload: Bytes::new(), why, again: false }
    }
}

impl Tcb {
    /// Sends whatever may be sent now, then sees to the timers that go with it.
    pub fn push_out(&mut self, cx: &mut Context<'_>) {
        self.push_out_as(cx, self.usual_hold(), Extent::All);
    }

    /// The same, as a call has it: where the card segments, `hold` says what lets a small segment wait, `extent` how much
    /// goes.
    pub fn push_out_as(&mut self, cx: &mut Context<'_>, hold: Hold, extent: Extent) {
        if !self.may_transmit() || (self.snd.una == self.snd.iss && !self.speaks_early()) {
            return;
        }
        self.age_path(cx);
        if !self.takes_new_first() {
            self.resend_lost(cx);
        }
        if self.snd.nxt.before(self.write_end()) {
            self.restart_after_idle(cx);
        }
        if (self.bursts.is_some() && extent != Extent::All) || self.probe_mtu(cx) {
            self.push_new(cx, hold, extent);
        }
        self.settle_frto();
        self.resend_lost(cx);
        self.fill_holes(cx);
        self.arm_persist(cx);
    }

    /// Sends what may go of new data.
    pub fn push_new(&mut self, cx: &mut Context<'_>, hold: Hold, extent: Extent) {
        let (before, out) = (self.snd.nxt, self.flight.len());
        if self.bursts.is_some() {
            self.send_bursts(cx, hold, extent);
        } else if before.before(self.write_end()) {
            while let Some((len, fin)) = self.next_new(cx) {
                self.send_new(cx, len, fin);
            }
            self.note_use(cx, (self.flight.len() - out) as u32, false);
        } else {
            self.held = None;
        }
        if self.snd.nxt != before && self.by_states(cx.profile) {
            self.schedule_probe(cx, false);
        }
    }

    /// How much new text may go in one segment now, and whether the FIN may go with it.
    fn next_new(&mut self, cx: &mut Context<'_>) -> Option<(u32, bool)> {
        let nxt = self.snd.nxt;
        let data_end = self.send.end();
        if nxt.after(data_end) || (nxt == data_end && self.fin.is_none()) {
            self.held = None;
            return None;
        }
        let window = self.cc.controller().window().saturating_add(self.beyond_window(cx));
        if self.pipe() >= window {
            return self.hold(cx, Reason::HeldByCongestion);
        }
        let edge = self.snd.una + self.snd.wnd;
        let usable = if edge.after(nxt) { edge - nxt } else { 0 };
        let waiting = data_end - nxt;
        let mss = self.segment_size(cx.profile);
        let len = waiting.min(mss);
        let last = self.fin.is_some() && len == waiting;
        if len > usable {
            let half = self.snd.max_wnd / 2;
            let partial = cx.profile.silly_window_override.is_some() && usable >= half;
            if usable > 0 && (partial || cx.profile.settings.tcp_silly_windows != 0) {
                return Some((usable, false));
            }
            return self.hold(cx, if usable == 0 { Reason::HeldByWindow } else { Reason::HeldBySillyWindow });
        }
        if len == 0 {
            return if usable > 0 { Some((0, true)) } else { self.hold(cx, Reason::HeldByWindow) };
        }
        if len < mss && !last && self.nagle_holds(cx.profile) {
            return self.hold(cx, Reason::HeldByNagle);
        }
        Some((len, last && usable > len))
    }

    /// Notes once why data waits.
    pub(super) fn hold<T>(&mut self, cx: &mut Context<'_>, why: Reason) -> Option<T> {
        if self.held != Some(why) {
            self.held = Some(why);
            cx.fx.note(self.owner(), why);
        }
        None
    }

    fn nagle_holds(&self, profile: &Profile) -> bool {
        let urgent = profile.urgent.passes_nagle && self.sends_urgent();
        if self.options.no_delay || self.flight.is_empty() || urgent {
            return false;
        }
        match profile.nagle {
            Nagle::Original => true,
            Nagle::Minshall => {
                self.snd.small.after(self.snd.una) && self.snd.small.at_or_before(self.snd.nxt)
            }
        }
    }

    /// Largest text of a segment to this peer now (RFC 9293 section 3.7.1), at most half of the largest window seen.
    pub fn segment_size(&self, profile: &Profile) -> u32 {
        let mut largest = self.path.map_or(self.snd.mss, |path| path.mss(self.headers()).min(self.snd.mss));
        if let Some(search) = self.search.as_deref().filter(|search| search.kept) {
            largest = largest.min(search.low.saturating_sub(self.headers()));
        }
        let options = self.agreed.overhead() + self.report_overhead() + self.user_timeout_overhead();
        let mss = u32::from(largest).saturating_sub(options).max(1);
        if profile.silly_window_override.is_some() || self.snd.max_wnd == 0 {
            return mss;
        }
        let half = if self.snd.max_wnd > u32::from(profile.default_mss) {
            self.snd.max_wnd / 2
        } else {
            self.snd.max_wnd
        };
        mss.min(half.max(48)).max(1)
    }

    /// Octets of the SACK option that the next segment carries: a segment with its options must fit (RFC 6691 section 2).
    fn report_overhead(&self) -> u32 {
        if self.ack.duplicate.is_none() && !self.recv.has_islands() {
            return 0;
        }
        let blocks = usize::from(self.ack.duplicate.is_some()) + self.recv.sack_blocks(4).len();
        self.agreed.report_length(blocks)
    }

    /// Sends `len` octets of new text, and the FIN if `fin`.
    pub(super) fn send_new(&mut self, cx: &mut Context<'_>, len: u32, fin: bool) {
        self.held = None;
        let seq = self.snd.nxt;
        let end = seq + len + u32::from(fin);
        if len < self.segment_size(cx.profile) {
            self.snd.small = end;
        }
        let why = match (len > 0, fin) {
            (true, true) => Reason::SendDataAndFin,
            (_, false) => Reason::SendData,
            (false, true) => Reason::SendFin,
        };
        self.send_first_time(cx, len, fin, why);
    }

    /// Sends `len` octets of new text that are larger than known to get through.
    pub fn send_probe_of_mtu(&mut self, cx: &mut Context<'_>, len: u32) {
        self.held = None;
        let (end, una) = (self.snd.nxt + len, self.snd.una);
        if let Some(bursts) = &mut self.bursts {
            bursts.pieces.cut(end, una);
        }
        self.send_first_time(cx, len, false, Reason::ProbeMtu);
    }

    fn send_first_time(&mut self, cx: &mut Context<'_>, len: u32, fin: bool, why: Reason) {
        let seq = self.snd.nxt;
        let end = seq + len + u32::from(fin);
        self.snd.nxt = end;
        self.flight.timed = self.uses_rack(cx.profile);
        let nothing_before = self.flight.is_empty();
        if let Some(last) = self.last_sent.filter(|_| nothing_before) {
            self.cc.controller_mut().on_sending_anew(last, cx.now);
        }
        self.flight.push(Sent::new(seq, end, cx.now));
        self.note_sent(false);
        if self.by_states(cx.profile) {
            self.timer_after_sending(cx, nothing_before);
        } else if !self.timers.runs(TimerKind::Retransmission) {
            self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
        self.arm_probe(cx);
        // A FIN that goes alone counts as well: it occupies sequence space.
        cx.fx.count(Counter::TCPOrigDataSent);
        if len > 0 {
            self.note_answer(cx);
        }
        self.emit_text(cx, seq, len, fin, why, false);
    }

    /// Data sent soon after data came makes the connection interactive.
    fn note_answer(&mut self, cx: &Context<'_>) {
        if let Some(last) = self.ack.last_data
            && cx.now - last < self.ack.delay
        {
            self.ack.interactive = self.ack.interactive.saturating_add(1);
        }
    }

    /// Puts text from the send buffer on its way, new or again.
    pub fn emit_text(
        &mut self,
        cx: &mut Context<'_>,
        seq: Seq,
        len: u32,
        fin: bool,
        why: Reason,
        again: bool,
    ) {
        let mut flags = Flags::ACK;
        let pushes = match &mut self.bursts {
            Some(bursts) => bursts.pushes(seq + len),
            None => self.send.write_ends_at(seq + len),
        };
        if len > 0 && pushes {
            flags |= Flags::PSH;
        }
        if fin {
            flags |= Flags::FIN;
        }
        self.last_sent = Some(cx.now);
        let payload = self.send.slice(seq, len);
        self.emit(cx, Draft { seq, flags, payload, why, again });
        self.note_text_went(cx, seq, len);
    }

    /// Sends an acknowledgment now.
    pub fn emit_ack(&mut self, cx: &mut Context<'_>, why: Reason) {
        self.emit(cx, Draft::ack(self.bare_number(), why));
    }

    /// SEG.SEQ of a bare acknowledgment: SND.NXT, but nothing beyond the window that the peer offers now (it shrank, or a
    /// probe of a closed window is on its way). There the peer could only answer it; if both windows are closed, for ever.
    fn bare_number(&self) -> Seq {
        self.snd.nxt.min(self.snd.una + self.snd.wnd)
    }

    /// Sends a RST with ACK: this side gives the connection up.
    pub fn emit_reset(&mut self, cx: &mut Context<'_>, why: Reason) {
        let flags = Flags::RST | Flags::ACK;
        cx.fx.count(Counter::OutRsts);
        self.emit(cx, Draft { seq: self.snd.nxt, flags, payload: Bytes::new(), why, again: false });
    }

    /// Completes a segment with window, acknowledgment and options and lets it go.
    pub fn emit(&mut self, cx: &mut Context<'_>, draft: Draft) {
        if cx.profile.settings.card_full != 0 {
            cx.fx.note(self.owner(), Reason::DropCardFull);
            return;
        }
        let Draft { seq, flags, payload, why, again } = draft;
        let (mut flags, ect) = self.mark_outgoing(cx, flags, &payload, again);
        let syn = flags.has(Flags::SYN);
        let urgent = self.urgent_pointer(seq).filter(|_| !syn && !flags.has(Flags::RST));
        if urgent.is_some() {
            flags |= Flags::URG;
        }
        let window = if syn {
            self.rcv.wup = self.rcv.nxt;
            self.rcv.wnd.min(u32::from(u16::MAX)) as u16
        } else {
            let before = self.rcv.wnd;
            let window = self.select_window(cx.profile);
            match (before, self.rcv.wnd) {
                (1.., 0) => cx.fx.count(Counter::TCPToZeroWindowAdv),
                (0, 1..) => cx.fx.count(Counter::TCPFromZeroWindowAdv),
                _ => {}
            }
            window
        };
        let mut options = if syn {
            self.syn_options(cx, flags.has(Flags::ACK), again).to_wire()
        } else {
            let blocks = if flags.has(Flags::RST) { Vec::new() } else { self.recv.sack_blocks(4) };
            self.agreed.to_wire(cx.now, self.ack.duplicate, blocks)
        };
        if !syn && !flags.has(Flags::RST) {
            self.tell_user_timeout(cx.profile, &mut options);
        }
        let ack = if flags.has(Flags::ACK) { self.rcv.nxt } else { Seq(0) };
        if let Some(bursts) = &mut self.bursts {
            bursts.wrote = Some(cx.now);
        }
        if flags.has(Flags::ACK) {
            self.acknowledged_now(cx.profile);
            self.duplicates_said(cx);
        }
        if !again || (payload.is_empty() && !syn && !flags.has(Flags::FIN)) {
            cx.fx.count(Counter::OutSegs);
        }
        self.count_out(payload.len(), again);
        let segment = Segment {
            source_port: self.ends.local().port(),
            destination_port: self.ends.remote().port(),
            seq,
            ack,
            flags,
            window,
            urgent: urgent.unwrap_or(0),
            options,
            payload,
        };
        cx.fx.push(Effect::Send {
            from: self.ends.local(),
            to: self.ends.remote(),
            segment,
            owner: self.owner(),
            why,
            retransmission: again,
            ect,
            dscp: self.options.dscp_to(self.ends.remote().ip()),
            df: self.options.path_discovery != 0 && !self.path.is_some_and(|path| path.cut_up),
        });
    }

    /// An acknowledgment is on its way: nothing is owed any more.
    fn acknowledged_now(&mut self, profile: &Profile) {
        let owed = self.ack.owed.take().is_some();
        self.ack.pushed = 0;
        self.ack.duplicate = None;
        if owed && self.ack.quick > 0 {
            self.ack.quick -= 1;
            if let (0, DelayedAck::Adaptive(numbers)) = (self.ack.quick, profile.delayed_ack) {
                self.ack.delay = numbers.min;
            }
        }
        self.agreed.last_ack_sent = self.rcv.nxt;
        self.timers.clear(TimerKind::DelayedAck);
    }

    /// Starts the persist timer when data waits and nothing on its way will move it, stops it otherwise.
    fn arm_persist(&mut self, cx: &mut Context<'_>) {
        let waiting = self.snd.nxt.before(self.write_end());
        if !waiting || !self.flight.is_empty() {
            self.timers.clear(TimerKind::Override);
            if !self.timers.runs(TimerKind::Retransmission) && !self.flight.is_empty() {
                return;
            }
            self.timers.clear(TimerKind::Persist);
            return;
        }
        let open = self.snd.wnd > 0;
        match cx.profile.silly_window_override {
            Some(after) if open => {
                self.timers.clear(TimerKind::Persist);
                if !self.timers.runs(TimerKind::Override) {
                    self.timers.set(TimerKind::Override, cx.now + after);
                }
            }
            _ if cx.profile.settings.tcp_window_probes == 0 => {}
            _ if !self.timers.runs(TimerKind::Persist) => {
                let wait = self.persist_interval(cx.profile);
                self.timers.set(TimerKind::Persist, cx.now + wait);
            }
            _ => {}
        }
    }

    /// Sends what fits of the waiting data, however little: the override time-out, or a probe of a window not quite closed.
    pub fn send_what_fits(&mut self, cx: &mut Context<'_>) -> bool {
        let edge = self.snd.una + self.snd.wnd;
        let nxt = self.snd.nxt;
        if !edge.after(nxt) || !nxt.before(self.send.end()) {
            return false;
        }
        let len = (edge - nxt).min(self.send.end() - nxt).min(self.segment_size(cx.profile));
        self.push_what_fits(nxt + len);
        self.send_new(cx, len, false);
        true
    }

    /// Decides whether the acknowledgment that is owed goes now or later.
    pub fn settle_ack(&mut self, cx: &mut Context<'_>) {
        let Some(why) = self.ack.owed else { return };
        if self.holds_duplicate(cx, why) {
            return;
        }
        let fresh = self.rcv.nxt - self.rcv.wup;
        match cx.profile.delayed_ack {
            DelayedAck::Fixed(delay) => {
                let now = why != Reason::AckData
                    || fresh >= 2 * u32::from(self.ack.full)
                    || self.recv.has_islands();
                if now {
                    self.emit_ack(cx, if why == Reason::AckData { Reason::AckSecondSegment } else { why });
                } else if !self.timers.runs(TimerKind::DelayedAck) {
                    self.timers.set(TimerKind::DelayedAck, cx.now + delay);
                }
            }
            DelayedAck::Adaptive(_) => {
                let quick = self.ack.quick > 0 && !self.is_interactive(cx.profile)
                    || cx.profile.settings.quickack != 0;
                // A buffer that fills up is acknowledged when the user reads.
                let second = fresh > u32::from(self.ack.full)
                    && (self.recv.readable() == 0 || self.offerable(cx.profile) >= self.rcv.wnd);
                let quick = quick && self.ack.quick > 0;
                if quick || self.recv.has_islands() || !matches!(why, Reason::AckData | Reason::AckFin) {
                    self.emit_ack(cx, why);
                } else if second {
                    self.emit_ack(cx, Reason::AckSecondSegment);
                } else {
                    self.delay_ack(cx);
                }
            }
        }
    }

    /// Whether acknowledgments wait for an answer to ride on.
    pub fn is_interactive(&self, profile: &Profile) -> bool {
        i64::from(self.ack.interactive) >= profile.settings.tcp_pingpong_thresh
    }

    /// Starts the delayed-ACK timer; an earlier end that was set before stays.
    fn delay_ack(&mut self, cx: &mut Context<'_>) {
        let DelayedAck::Adaptive(numbers) = cx.profile.delayed_ack else { return };
        let mut delay = self.ack.delay;
        if delay > numbers.min {
            let bound = self.rtt.srtt.map_or(numbers.max, |srtt| srtt.max(numbers.min));
            delay = delay.min(bound).min(numbers.max);
        }
        let delay = delay.min(cx.profile.longest_ack_delay(&numbers));
        let at = cx.now + delay.max(numbers.first);
        match self.timers.get(TimerKind::DelayedAck) {
            Some(before) if before <= cx.now + delay / 4 => {
                let why = self.ack.owed.unwrap_or(Reason::AckData);
                self.emit_ack(cx, why);
            }
            Some(before) => self.timers.set(TimerKind::DelayedAck, before.min(at)),
            None => self.timers.set(TimerKind::DelayedAck, at),
        }
    }

    /// Whether this connection is at a point where an ACK that answers an invalid segment may go
    /// (tcp_invalid_ratelimit). A segment with text is always answered.
    pub fn may_answer_invalid(&mut self, cx: &mut Context<'_>) -> bool {
        let gap = crate::clock::Span::millis(cx.profile.settings.tcp_invalid_ratelimit.max(0).unsigned_abs());
        if self.ack.last_invalid.is_some_and(|last| cx.now - last < gap) {
            cx.fx.note(self.owner(), Reason::ChallengeWithheld);
            return false;
        }
        self.ack.last_invalid = Some(cx.now);
        true
    }

    /// A challenge ACK, if the limits allow (RFC 5961 section 7).
    pub fn challenge(&mut self, cx: &mut Context<'_>, why: Reason) {
        if !self.may_answer_invalid(cx) {
            return;
        }
        if !cx.budget.take(cx.now, cx.profile) {
            cx.fx.note(self.owner(), Reason::ChallengeWithheld);
            return;
        }
        cx.fx.count(Counter::TCPChallengeACK);
        self.emit_ack(cx, why);
    }

    /// Whether the block takes part in a connection whose sequence numbers both sides know.
    pub fn is_synchronized(&self) -> bool {
        !matches!(self.state(), State::Closed | State::Listen | State::SynSent | State::SynReceived)
    }
}
