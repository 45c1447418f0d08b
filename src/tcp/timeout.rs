//! Timers run out (RFC 9293 section 3.10.8).

use super::flight::Sent;
use super::tcb::{Context, Tcb};
use super::{
    DelayedAck, Effect, Event, Profile, Reason, RetryLimit, State, StreamError, TimerKind, WindowProbe,
};
use crate::clock::Span;
use crate::mib::Counter;

/// How long what the card refused waits before it is tried again.
const CARD_FULL_WAIT: Span = Span::millis(500);
/// So many time-outs of a thin stream are not doubled.
const THIN_LINEAR: u32 = 6;

/// Time that `retries` doublings take, beginning with `first` and bounded by `greatest`.
pub(super) fn doublings(retries: u32, first: Span, greatest: Span) -> Span {
    let mut sum = Span::ZERO;
    let mut wait = first;
    for _ in 0..=retries {
        sum += wait;
        wait = (wait * 2).min(greatest);
    }
    sum
}

impl Tcb {
    /// Serves every timer that has run out by now.
    pub fn on_timer(&mut self, cx: &mut Context<'_>) {
        while let Some(kind) = self.timers.take_due(cx.now) {
            cx.fx.push(Effect::TimerFired { owner: self.owner(), kind });
            match kind {
                TimerKind::Retransmission => self.retransmission_due(cx),
                TimerKind::LossProbe => self.probe_due(cx),
                TimerKind::Reorder => self.reorder_due(cx),
                TimerKind::DelayedAck => self.delayed_ack_due(cx),
                TimerKind::Persist => self.persist_due(cx),
                TimerKind::Keepalive => self.keepalive_due(cx),
                TimerKind::Override => {
                    if !self.send_what_fits(cx) {
                        self.push_out(cx);
                    }
                }
                TimerKind::FinWait2 => {
                    cx.fx.note(self.owner(), Reason::FinWait2Over);
                    self.enter(cx, Event::TimedOut, State::Closed);
                    self.silence();
                }
                TimerKind::CompressedAck => self.compressed_ack_due(cx),
                TimerKind::TimeWait => {}
            }
        }
    }

    fn retransmission_due(&mut self, cx: &mut Context<'_>) {
        if self.flight.is_empty() {
            return;
        }
        cx.fx.count(Counter::TCPTimeouts);
        let opening = matches!(self.state(), State::SynSent | State::SynReceived);
        if !opening && self.peer_shrank_the_window(cx) && self.recovery.timeouts > 0 {
            self.recovery.since = Some(cx.now);
            self.recovery.timeouts = 1;
        }
        let hopeless = self.retries_exhausted(cx, opening);
        self.suspect_swallowed(cx, hopeless);
        if hopeless {
            let why = if opening { Reason::SynGivenUp } else { Reason::GivenUp };
            if self.state() == State::SynSent {
                self.learn_from_silence();
            }
            self.give_up(cx, why);
            return;
        }
        if opening {
            self.recovery.timeouts += 1;
            self.tally.resent += 1;
            cx.fx.count(Counter::RetransSegs);
            cx.fx.count(Counter::TCPSynRetrans);
            self.flight.touch(cx.now);
            self.early_syn_ack_is_late(cx);
            let crossed = self.state() == State::SynReceived;
            let why = if crossed { Reason::RetransmitSynAck } else { Reason::RetransmitSyn };
            self.emit_syn(cx, why, true);
        } else {
            self.suspect_black_hole(cx);
            self.on_loss(cx);
        }
        self.tell_trouble(cx);
        if cx.profile.settings.card_full != 0 {
            self.timers.set(TimerKind::Retransmission, cx.now + CARD_FULL_WAIT);
            return;
        }
        self.lengthen_timeout(cx.profile);
        let wait = self.bounded_by_user_timeout(cx, self.rtt.rto);
        self.timers.set(TimerKind::Retransmission, cx.now + wait);
    }

    /// The next time-out is twice as long, unless it is one of those that are not.
    fn lengthen_timeout(&mut self, profile: &Profile) {
        let linear = u32::try_from(profile.settings.tcp_syn_linear_timeouts).unwrap_or(0);
        if self.is_thin(profile) {
            self.rtt.end_back_off();
        } else if self.state() != State::SynSent || self.recovery.timeouts > linear {
            self.rtt.back_off(profile);
        }
        self.rtt.rto = self.rtt.rto.min(self.greatest_rto(profile));
    }

    /// Whether so little is on its way that duplicates will not tell of a loss, past the first slow start
    /// (tcp_thin_linear_timeouts).
    fn is_thin(&self, profile: &Profile) -> bool {
        let wanted = self.options.thin_linear || profile.settings.tcp_thin_linear_timeouts != 0;
        let thin = self.flight.len() < 4 && self.cc.controller().threshold().is_some();
        wanted && self.state() == State::Established && thin && self.recovery.timeouts <= THIN_LINEAR
    }

    /// Greatest retransmission time-out (RFC 6298 section 2.5).
    pub fn greatest_rto(&self, profile: &Profile) -> Span {
        let own = self.options.greatest_timeout.map(|millis| Span::millis(millis.into()));
        own.unwrap_or(profile.rto_max())
    }

    /// R1: the user is told, while there is still hope (RFC 9293 section 3.8.3).
    fn tell_trouble(&mut self, cx: &mut Context<'_>) {
        let first = u32::try_from(cx.profile.settings.tcp_retries1).unwrap_or(0);
        if cx.profile.tells_excessive_retransmission && self.recovery.timeouts == first {
            self.soft_error.get_or_insert(StreamError::TimedOut);
            cx.fx.note(self.owner(), Reason::ExcessiveRetransmission);
            self.wake(cx);
        }
    }

    /// A wait no longer than what is left of the user time-out.
    fn bounded_by_user_timeout(&self, cx: &Context<'_>, wait: Span) -> Span {
        match (self.user_timeout(), self.recovery.since) {
            (Some(limit), Some(since)) => wait.min(limit - (cx.now - since)).max(Span::millis(1)),
            _ => wait,
        }
    }

    fn retries_exhausted(&self, cx: &Context<'_>, opening: bool) -> bool {
        let profile = cx.profile;
        let passed = self.recovery.since.map(|since| cx.now - since);
        if let (Some(limit), Some(passed)) = (self.user_timeout(), passed)
            && self.recovery.timeouts > 0
        {
            return passed >= limit;
        }
        let count = |setting: i64| u32::try_from(setting).unwrap_or(0);
        let settings = &profile.settings;
        if opening {
            let (retries, linear) = if self.state() == State::SynSent {
                let own = Some(self.options.syn_tries).filter(|tries| *tries > 0).map(u32::from);
                let retries = own.unwrap_or(count(settings.tcp_syn_retries));
                (retries, count(settings.tcp_syn_linear_timeouts))
            } else {
                (count(settings.tcp_synack_retries) + self.more_retries(profile), 0)
            };
            let by_time = profile.retry_limit == RetryLimit::Time
                && passed.is_some_and(|passed| {
                    passed >= doublings(retries, profile.rto_initial, profile.rto_max())
                });
            return self.recovery.timeouts >= retries + linear || by_time;
        }
        let retries = self.data_retries(profile);
        match profile.retry_limit {
            RetryLimit::Count => self.recovery.timeouts >= retries,
            RetryLimit::Time => passed.is_some_and(|passed| {
                passed >= doublings(retries, profile.rto_min, self.greatest_rto(profile))
            }),
        }
    }

    /// Whether what is on its way lies beyond a window that the peer took back while it goes on answering: no reason to
    /// give up (RFC 9293 section 3.8.6), unless nobody owns the connection or its user set a limit.
    fn peer_shrank_the_window(&self, cx: &Context<'_>) -> bool {
        if self.orphan || self.user_timeout().is_some() {
            return false;
        }
        let beyond = self.flight.front().is_some_and(|first| first.end.after(self.snd.una + self.snd.wnd));
        beyond && cx.now - self.heard <= cx.profile.rto_max() * 2
    }

    /// R2: smaller for a connection that nobody owns.
    fn data_retries(&self, profile: &Profile) -> u32 {
        let settings = &profile.settings;
        let setting = match (self.orphan, settings.tcp_orphan_retries, profile.retry_limit) {
            (true, 0, RetryLimit::Time) => 8,
            (true, retries, _) if retries > 0 => retries,
            _ => settings.tcp_retries2,
        };
        u32::try_from(setting).unwrap_or(15)
    }

    fn give_up(&mut self, cx: &mut Context<'_>, why: Reason) {
        cx.fx.count(Counter::TCPAbortOnTimeout);
        cx.fx.note(self.owner(), why);
        let error = self.soft_error.unwrap_or(StreamError::TimedOut);
        self.die(cx, Event::TimedOut, Some(error));
    }

    fn delayed_ack_due(&mut self, cx: &mut Context<'_>) {
        let Some(owed) = self.ack.owed else { return };
        if let DelayedAck::Adaptive(numbers) = cx.profile.delayed_ack {
            if self.is_interactive(cx.profile) {
                // Waiting for an answer to ride on was in vain.
                self.ack.interactive = 0;
                self.ack.delay = numbers.min;
            } else {
                self.ack.delay = (self.ack.delay * 2).min(self.rtt.rto);
            }
        }
        cx.fx.count(Counter::DelayedACKs);
        let why = if owed == Reason::AckFin { Reason::AckFin } else { Reason::AckDelayed };
        self.emit_ack(cx, why);
    }

    /// How long to wait before the next zero-window probe.
    pub fn persist_interval(&self, profile: &Profile) -> Span {
        let mut wait = self.rtt.rto.max(profile.rto_min);
        for _ in 0..self.persist_doublings.min(32) {
            wait = (wait * 2).min(self.greatest_rto(profile));
        }
        wait
    }

    fn persist_due(&mut self, cx: &mut Context<'_>) {
        let waiting = self.snd.nxt.before(self.write_end()) || !self.flight.is_empty();
        if !self.may_transmit() || !waiting {
            return;
        }
        if self.probes >= self.data_retries(cx.profile) || self.probed_long_enough(cx) {
            self.give_up(cx, Reason::GivenUp);
            return;
        }
        if cx.profile.settings.card_full != 0 {
            self.probes += 1;
            self.timers
                .set(TimerKind::Persist, cx.now + self.bounded_by_user_timeout_of_probes(cx, CARD_FULL_WAIT));
            return;
        }
        if self.flight.is_empty() && self.send_what_fits(cx) {
            return;
        }
        cx.fx.count(Counter::TCPWinProbe);
        self.probes += 1;
        match cx.profile.window_probe {
            WindowProbe::Empty => {
                if self.sends_urgent() {
                    // This one can carry the urgent pointer past the closed window.
                    self.emit(cx, super::output::Draft::ack(self.snd.una, Reason::ProbeWindow));
                }
                self.emit(cx, super::output::Draft::ack(self.snd.una - 1, Reason::ProbeWindow))
            }
            WindowProbe::OneOctet => self.probe_with_octet(cx),
        }
        self.persist_doublings = self.persist_doublings.saturating_add(1);
        let wait = self.persist_interval(cx.profile);
        self.timers.set(TimerKind::Persist, cx.now + wait);
    }

    /// A wait no longer than what is left of the user time-out since the first probe.
    fn bounded_by_user_timeout_of_probes(&self, cx: &Context<'_>, wait: Span) -> Span {
        match (self.user_timeout(), self.probing_since) {
            (Some(limit), Some(since)) => wait.min(limit - (cx.now - since)).max(Span::millis(1)),
            _ => wait,
        }
    }

    /// Whether the closed window was probed for so long that answers no longer help.
    fn probed_long_enough(&mut self, cx: &Context<'_>) -> bool {
        let since = *self.probing_since.get_or_insert(cx.now);
        if !cx.profile.persist_ends {
            return false;
        }
        let over = self.user_timeout().is_some_and(|limit| cx.now - since >= limit);
        let slowest = self.persist_interval(cx.profile) >= self.greatest_rto(cx.profile);
        let retries = u32::try_from(cx.profile.settings.tcp_orphan_retries).unwrap_or(0);
        over || (self.orphan && slowest && self.persist_doublings >= retries)
    }

    /// A probe with the next octet, or the FIN; the same one again if it is already on its way.
    fn probe_with_octet(&mut self, cx: &mut Context<'_>) {
        let again = !self.flight.is_empty();
        let seq = self.snd.una;
        let fin = seq == self.send.end();
        if again {
            cx.fx.count(Counter::RetransSegs);
            self.flight.touch(cx.now);
        } else {
            self.snd.nxt = seq + 1;
            self.flight.push(Sent::new(seq, seq + 1, cx.now));
        }
        self.emit_text(cx, seq, u32::from(!fin), fin, Reason::ProbeWindow, again);
    }

    fn keepalive_due(&mut self, cx: &mut Context<'_>) {
        let keepalive = self.options.keepalive;
        if !keepalive.on || matches!(self.state(), State::Closed | State::SynSent | State::TimeWait) {
            return;
        }
        let idle = self.keepalive_idle();
        let busy = !self.flight.is_empty() || self.snd.nxt.before(self.write_end());
        let wait = if busy {
            idle
        } else {
            let heard = self.ack.last_data.map_or(self.heard, |last| last.max(self.heard));
            let silent = cx.now - heard;
            if silent < idle {
                idle - silent
            } else if self.keepalive_exhausted(silent) {
                self.emit_reset(cx, Reason::ResetKeepalive);
                self.give_up(cx, Reason::GivenUp);
                return;
            } else {
                cx.fx.count(Counter::TCPKeepAlive);
                self.probes += 1;
                self.emit(cx, super::output::Draft::ack(self.snd.nxt - 1, Reason::ProbeKeepalive));
                keepalive.interval
            }
        };
        self.timers.set(TimerKind::Keepalive, cx.now + wait);
    }

    fn keepalive_exhausted(&self, silent: Span) -> bool {
        match self.user_timeout() {
            Some(limit) => silent >= limit && self.probes > 0,
            None => self.probes >= self.options.keepalive.count,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_doublings_from_200_ms_take_924_seconds_and_six_tenths() {
        assert_eq!(doublings(15, Span::millis(200), Span::secs(120)), Span::millis(924_600));
        assert_eq!(doublings(6, Span::secs(1), Span::secs(120)), Span::secs(127));
    }
}
