//! One timer for three things: retransmission (RFC 6298 section 5), loss probe (RFC 8985 section 7) and reordering (RFC
//! 8985 section 6.3). Setting one of them takes the place of the others.

use super::super::super::tcb::{Context, Tcb};
use super::super::super::tlp::Probe;
use super::super::News;
use super::State;
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::tcp::{Reason, TimerKind};

const THREE: [TimerKind; 3] = [TimerKind::Retransmission, TimerKind::LossProbe, TimerKind::Reorder];

impl Tcb {
    pub(super) fn clear_transmit_timers(&mut self) {
        for kind in THREE {
            self.timers.clear(kind);
        }
    }

    pub(super) fn arm_one(&mut self, kind: TimerKind, at: Instant) {
        self.clear_transmit_timers();
        self.timers.set(kind, at);
    }

    /// The retransmission timer starts; in the place of another of the three it runs from when the first unacknowledged
    /// segment last went (`stood_in`).
    pub(super) fn rearm(&mut self, cx: &Context<'_>, stood_in: bool) {
        let Some(head) = self.flight.front() else { return self.clear_transmit_timers() };
        let at = cx.now + self.rtt.rto;
        let at = if stood_in { (head.at + self.rtt.rto).max(cx.now + Span::millis(1)) } else { at };
        self.arm_one(TimerKind::Retransmission, at);
    }

    fn stood_in(&self) -> bool {
        self.timers.runs(TimerKind::LossProbe) || self.timers.runs(TimerKind::Reorder)
    }

    /// After progress: a probe is scheduled, or the retransmission timer begins anew.
    pub(super) fn set_transmit_timer(&mut self, cx: &Context<'_>) {
        if !self.schedule_probe(cx, true) {
            self.rearm(cx, self.stood_in());
        }
    }

    /// New data went; `nothing_before` says that nothing was on its way.
    pub fn timer_after_sending(&mut self, cx: &Context<'_>, nothing_before: bool) {
        if nothing_before || self.timers.runs(TimerKind::LossProbe) {
            self.rearm(cx, self.stood_in());
        }
    }

    /// Schedules a loss probe if it can help: with SACK, outside recovery, no later than the RTO. `anew` says that the RTO
    /// would begin now.
    pub fn schedule_probe(&mut self, cx: &Context<'_>, anew: bool) -> bool {
        let state = self.recovery.ledger.state;
        let Some(head) = self.flight.front() else { return false };
        if !self.probes_tail(cx.profile)
            || !matches!(state, State::Open | State::Cwr)
            || !self.may_transmit()
            || self.awaits_early_ack()
        {
            return false;
        }
        let rules = &cx.profile.recovery;
        let mut wait = match self.rtt.srtt {
            Some(srtt) if self.flight.len() == 1 => srtt * 2 + cx.profile.least_rto(),
            Some(srtt) => srtt * 2 + rules.timer_slack,
            None => cx.profile.rto_initial,
        };
        let expires = if anew { cx.now + self.rtt.rto } else { head.at + self.rtt.rto };
        if expires > cx.now {
            wait = wait.min(expires - cx.now);
        }
        self.arm_one(TimerKind::LossProbe, cx.now + wait.max(Span::millis(1)));
        true
    }

    /// The probe is due (RFC 8985 section 7.3): new data if there is some and the peer's window takes it, else the last
    /// segment again; one at a time.
    pub(in crate::tcp) fn states_probe_due(&mut self, cx: &mut Context<'_>) {
        if self.flight.is_empty() {
            return;
        }
        if self.probe.is_some() {
            return self.rearm(cx, true);
        }
        let end = self.snd.una + self.snd.wnd;
        let waiting = self.send.end() - self.snd.nxt.min(self.send.end());
        let next = waiting.min(self.segment_size(cx.profile));
        let again = !(next > 0 && (self.snd.nxt + next).at_or_before(end));
        if again || !self.probe_with_new(cx) {
            let Some(last) = self.flight.last_sent().filter(|last| self.window_takes_again(*last)) else {
                return self.rearm(cx, true);
            };
            cx.fx.count(Counter::TCPLossProbes);
            self.resend(cx, last, Reason::ProbeTail);
        } else {
            cx.fx.count(Counter::TCPLossProbes);
        }
        self.probe = Some(Probe::new(self.snd.nxt, again));
        self.rearm(cx, false);
    }

    /// An acknowledgment after a probe (RFC 8985 section 7.4): if the probe repaired a loss, that was congestion too.
    pub(in crate::tcp) fn settle_probe(&mut self, cx: &mut Context<'_>, news: &News) {
        let Some(probe) = self.probe.filter(|probe| news.ack.at_or_after(probe.end)) else { return };
        if !probe.again || news.probe_reported {
            self.probe = None;
        } else if news.ack.after(probe.end) {
            self.begin_to_reduce();
            self.enter_state(State::Cwr);
            self.end_reduction();
            self.keep_open();
            cx.fx.note(self.owner(), Reason::ProbeRepaired);
        } else if !(news.advanced || news.text || news.opened || news.acked > 0 || news.sacked > 0) {
            self.probe = None;
        }
    }

    /// Time enough for reordering has passed (RFC 8985 section 6.3).
    pub(in crate::tcp) fn states_reorder_due(&mut self, cx: &mut Context<'_>) {
        let before = self.pipe();
        let (lost, _) = self.mark_late(cx);
        if self.pipe() != before {
            if self.recovery.ledger.state != State::Recovery {
                self.enter_recovery(false);
                self.reduce(&News::default(), 1, lost);
            }
            self.resend_what_is_lost(cx);
        }
        if !self.timers.runs(TimerKind::Retransmission) {
            self.rearm(cx, true);
        }
    }
}
