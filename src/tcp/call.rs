//! The user's calls on one connection (RFC 9293 sections 3.10.1 to 3.10.6).

use super::burst::{Extent, Hold};
use super::tcb::{Context, Tcb};
use super::user::SendFlags;
use super::{ConnOptions, DelayedAck, Event, Profile, Reason, State, StreamError, TimerKind, WindowRule};
use crate::clock::Span;
use crate::mib::Counter;
use bytes::Bytes;
use std::sync::Arc;

impl Tcb {
    /// How many octets the send buffer still takes.
    pub fn send_room(&self, profile: &Profile) -> usize {
        let limit = self
            .options
            .send_buffer
            .unwrap_or_else(|| u32::try_from(profile.settings.tcp_wmem_max).unwrap_or(u32::MAX));
        (limit as usize).saturating_sub(self.send.len())
    }

    /// SEND, as `flags` say.
    pub fn user_send(
        &mut self,
        cx: &mut Context<'_>,
        data: &Bytes,
        flags: SendFlags,
    ) -> Result<usize, StreamError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let opening = matches!(self.state(), State::SynSent | State::SynReceived);
        if opening && self.fin.is_none() && !self.speaks_early() {
            return Err(StreamError::WouldBlock);
        }
        if !self.can_write() {
            return Err(StreamError::Broken);
        }
        if data.is_empty() {
            return Ok(0);
        }
        if self.bursts.is_some() {
            let taken = self.write_bursts(cx, data, flags);
            return if taken == 0 { Err(StreamError::WouldBlock) } else { Ok(taken) };
        }
        let len = data.len().min(self.send_room(cx.profile));
        if len == 0 {
            return Err(StreamError::WouldBlock);
        }
        self.write_in_parts(cx.profile, data.slice(..len));
        if flags.urgent {
            self.mark_urgent();
        }
        self.push_out(cx);
        Ok(len)
    }

    /// Takes a write, cut where a segment is to carry PSH before its end: at the end of a full segment, wherever more than
    /// half of the peer's largest window was written since PSH was last set.
    fn write_in_parts(&mut self, profile: &Profile, mut data: Bytes) {
        let (size, half) = (self.segment_size(profile), self.snd.max_wnd / 2);
        let most = if profile.push_half_windows { half } else { u32::MAX / 2 };
        let mut at = self.snd.nxt;
        while data.len() as u32 > most {
            let start = self.send.end();
            at += ((start + most - at) / size + 1) * size;
            if !at.before(start + data.len() as u32) {
                break;
            }
            self.send.write(data.split_to((at - start) as usize));
        }
        self.send.write(data);
    }

    /// RECEIVE: an empty result is the end of the stream.
    pub fn user_recv(&mut self, cx: &mut Context<'_>, max: usize) -> Result<Bytes, StreamError> {
        if max == 0 {
            return Ok(Bytes::new());
        }
        let max = self.readable_to_mark(cx.profile, max);
        if self.recv.readable() > 0 && max > 0 {
            let taken = self.recv.cost();
            let data = self.recv.read(max);
            self.memory_taken(taken);
            self.after_read(cx);
            return Ok(data);
        }
        if self.peer_fin {
            return Ok(Bytes::new());
        }
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        if self.at_end() { Ok(Bytes::new()) } else { Err(StreamError::WouldBlock) }
    }

    /// What RECEIVE would give, left where it is; `None` where that would give no octet.
    pub fn user_peek(&self, profile: &Profile, max: usize) -> Option<Bytes> {
        let mut twin = self.clone();
        let max = twin.readable_to_mark(profile, max);
        (twin.recv.readable() > 0 && max > 0).then(|| twin.recv.read(max))
    }

    /// Reading makes room: the window may open, an acknowledgment that waited may go.
    fn after_read(&mut self, cx: &mut Context<'_>) {
        if !self.is_synchronized() || self.state() == State::TimeWait {
            return;
        }
        self.measure_reading(cx.now, cx.profile);
        if self.ack.owed.is_some() && matches!(cx.profile.delayed_ack, DelayedAck::Adaptive(_)) {
            let fresh = self.rcv.nxt - self.rcv.wup;
            let small = self.ack.pushed >= 2 || (self.ack.pushed == 1 && !self.is_interactive(cx.profile));
            if fresh > u32::from(self.ack.full) || (small && self.recv.cost() == 0) {
                self.emit_ack(cx, Reason::AckData);
                return;
            }
        }
        if self.peer_fin {
            return;
        }
        let left = self.rcv.window();
        if cx.profile.settings.tcp_silly_windows != 0 {
            if self.offerable(cx.profile) > left {
                self.emit_ack(cx, Reason::AckWindowUpdate);
            }
            return;
        }
        let most = match cx.profile.window_rule {
            WindowRule::Grows => self.memory.clamp,
            WindowRule::HalfOrSegment => self.receive_space(cx.profile),
        };
        if left.saturating_mul(2) <= most {
            let could = self.offerable(cx.profile);
            if could > 0 && could >= left.saturating_mul(2) {
                self.emit_ack(cx, Reason::AckWindowUpdate);
            }
        }
    }

    /// The user sends no more: FIN follows the data.
    pub fn user_shutdown(&mut self, cx: &mut Context<'_>) -> Result<(), StreamError> {
        let to = match self.state() {
            State::Established | State::SynReceived => State::FinWait1,
            State::CloseWait => State::LastAck,
            State::FinWait1 | State::FinWait2 | State::Closing | State::LastAck => return Ok(()),
            State::SynSent | State::Listen | State::Closed | State::TimeWait => {
                return Err(StreamError::NotConnected);
            }
        };
        let syn_received = self.state() == State::SynReceived;
        self.fin = Some(self.send.end());
        self.enter(cx, Event::Close, to);
        if !syn_received {
            self.push_out_as(cx, Hold::OFF, Extent::All);
        }
        Ok(())
    }

    /// CLOSE: nobody will read or write any more. `linger` of zero aborts.
    pub fn user_close(&mut self, cx: &mut Context<'_>, linger: Option<Span>) {
        self.orphan = true;
        match self.state() {
            State::Closed | State::TimeWait | State::Listen => {}
            State::SynSent => {
                self.enter(cx, Event::Close, State::Closed);
                self.silence();
            }
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => self.close_open(cx, linger),
        }
    }

    fn close_open(&mut self, cx: &mut Context<'_>, linger: Option<Span>) {
        if self.recv.readable() > 0 && cx.profile.reset_unread_data {
            cx.fx.count(Counter::TCPAbortOnClose);
            // What nobody will read is gone first: the window on the RST is open again.
            self.recv.read(usize::MAX);
            self.user_abort(cx, Reason::ResetUnreadData);
            return;
        }
        if linger == Some(Span::ZERO) {
            cx.fx.count(Counter::TCPAbortOnData);
            self.user_abort(cx, Reason::ResetAbort);
            return;
        }
        // The states that already sent a FIN have nothing more to say.
        let _ = self.user_shutdown(cx);
        if self.speaks_early() && self.snd.una == self.snd.iss {
            self.push_out(cx);
        }
        if self.state() == State::FinWait2 && self.options.fin_wait_2 < 0 {
            self.user_abort(cx, Reason::ResetAbort);
        } else if self.state() == State::FinWait2 {
            self.start_fin_wait_2(cx);
        }
    }

    /// ABORT: RST where the peer still counts on the connection.
    pub fn user_abort(&mut self, cx: &mut Context<'_>, why: Reason) {
        let told = match self.state() {
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait => true,
            State::Closing | State::LastAck => why == Reason::ResetUnreadData,
            State::SynSent => false,
            State::Closed | State::Listen | State::TimeWait => return,
        };
        if told {
            self.emit_reset(cx, why);
        }
        self.die(cx, Event::Abort, None);
    }

    /// What waits goes as far as TCP_NODELAY and TCP_CORK, set just now, let it.
    pub fn user_push(&mut self, cx: &mut Context<'_>) {
        if self.options.no_delay {
            self.owe_push();
        }
        self.push_out_as(cx, self.usual_hold(), Extent::All);
    }

    /// The user's wishes change.
    pub fn set_options(&mut self, cx: &mut Context<'_>, options: Arc<ConnOptions>) {
        let before = std::mem::replace(&mut self.options, Arc::clone(&options));
        if options.stamping.numbers() && !before.stamping.numbers() {
            self.number_octets();
        }
        let keepalive = options.keepalive;
        let open = self.is_synchronized() && self.state() != State::TimeWait;
        if !keepalive.on {
            self.timers.clear(TimerKind::Keepalive);
        } else if open && !before.keepalive.on {
            self.timers.set(TimerKind::Keepalive, cx.now + keepalive.idle);
        } else if open && before.keepalive.idle != keepalive.idle {
            let heard = self.ack.last_data.map_or(self.heard, |last| last.max(self.heard));
            self.timers.set(TimerKind::Keepalive, cx.now + (keepalive.idle - (cx.now - heard)));
        }
        if let Some(limit) =
            options.receive_buffer.filter(|_| options.receive_buffer != before.receive_buffer)
        {
            self.memory.limit = limit;
        }
        if let Some(clamp) = options.window_clamp.filter(|_| options.window_clamp != before.window_clamp) {
            self.clamp_window(clamp);
        }
        if options.user_timeout != before.user_timeout {
            self.user_timeout_changed(cx);
        }
        if let Some(name) = options.congestion {
            self.cc.replace_by(name, cx.profile.cubic_by_ticks);
        }
        if options.no_delay && !before.no_delay || before.cork && !options.cork {
            self.user_push(cx);
        }
    }
}
