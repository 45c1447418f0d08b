//! Tail loss probe: when the end of what was sent gets no answer, one segment asks before the time-out does (RFC 8985
//! section 7).

use super::recovery::News;
use super::tcb::{Context, Tcb};
use super::{Profile, Reason, TimerKind};
use crate::clock::Span;
use crate::mib::Counter;
use crate::wire::Seq;

/// A probe that was sent (RFC 8985 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Probe {
    /// TLP.end_seq: SND.NXT after it.
    pub end: Seq,
    /// TLP.is_retrans: it was sent again rather than new.
    pub again: bool,
}

impl Probe {
    /// One that was sent, SND.NXT being `end` after it.
    pub fn new(end: Seq, again: bool) -> Probe {
        Probe { end, again }
    }
}

impl Tcb {
    /// Whether probes are on: tcp_early_retrans 3 or 4 (older values of it named something that is gone).
    pub fn probes_tail(&self, profile: &Profile) -> bool {
        self.agreed.sack && matches!(profile.settings.tcp_early_retrans, 3 | 4)
    }

    /// Starts the probe timer where a probe could help (section 7.2): two round trips, with one segment on its way also
    /// the time that its acknowledgment may be delayed, no later than the RTO.
    pub fn arm_probe(&mut self, cx: &Context<'_>) {
        if self.by_states(cx.profile) {
            return;
        }
        let calm = self.recovery.is_calm()
            && !self.awaits_early_ack()
            && self.flight.sacked() == 0
            && !self.flight.is_empty();
        if !calm || self.probe.is_some() || !self.probes_tail(cx.profile) || !self.may_transmit() {
            self.timers.clear(TimerKind::LossProbe);
            return;
        }
        let Some(expires) = self.timers.get(TimerKind::Retransmission) else { return };
        let wait = match self.rtt.srtt {
            Some(srtt) if self.flight.len() == 1 => srtt * 2 + cx.profile.recovery.longest_ack_delay,
            Some(srtt) => srtt * 2 + cx.profile.recovery.timer_slack,
            None => cx.profile.rto_initial,
        };
        self.timers.set(TimerKind::LossProbe, (cx.now + wait.max(Span::millis(1))).min(expires));
    }

    /// The probe timer ran out: a new segment if there is one and the window takes it, else the last one again
    /// (section 7.3). The retransmission timer begins anew, whether a probe goes or not.
    pub fn probe_due(&mut self, cx: &mut Context<'_>) {
        if self.by_states(cx.profile) {
            return self.states_probe_due(cx);
        }
        let Some(last) = self.flight.last_hole().filter(|_| self.may_transmit()) else { return };
        self.timers.clear(TimerKind::LossProbe);
        self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        let known = std::mem::take(&mut self.rtt.fresh);
        // Only with a round-trip time measured since the probe before.
        if !known {
            return;
        }
        cx.fx.count(Counter::TCPLossProbes);
        let again = !self.probe_with_new(cx);
        if again {
            self.resend(cx, last, Reason::ProbeTail);
        }
        self.probe = Some(Probe { end: self.snd.nxt, again });
        self.timers.clear(TimerKind::LossProbe);
        self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
    }

    /// An acknowledgment comes after a probe (section 7.4): if the probe repaired a loss, that was congestion too.
    pub fn judge_probe(&mut self, cx: &mut Context<'_>, news: &News) {
        let Some(probe) = self.probe.filter(|probe| self.snd.una.at_or_after(probe.end)) else { return };
        if !probe.again || news.dsack.is_some() {
            self.probe = None;
        } else if self.snd.una.after(probe.end) {
            self.probe = None;
            if self.recovery.is_calm() {
                let base = self.loss_base(cx.profile);
                self.cc.controller_mut().on_congestion(base);
                cx.fx.note(self.owner(), Reason::ProbeRepaired);
            }
        } else if news.duplicate {
            self.probe = None;
        }
    }
}
