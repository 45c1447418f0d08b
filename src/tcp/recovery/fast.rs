//! Fast recovery: a segment is lost, those after it arrive (RFC 6582, RFC 6675 section 5).

use super::super::tcb::{Context, Tcb};
use super::super::{Reason, TimerKind};
use super::{News, Phase};

impl Tcb {
    /// Fast recovery begins: the threshold sinks, the first lost segment goes again.
    pub(super) fn enter_fast(&mut self, cx: &mut Context<'_>) {
        let base = self.loss_base(cx.profile);
        self.timers.clear(TimerKind::LossProbe);
        self.cc.controller_mut().on_congestion(base);
        let recovery = &mut self.recovery;
        recovery.phase = Phase::Fast;
        recovery.reduced = Some(cx.now);
        recovery.recover = self.snd.nxt;
        recovery.guarded = true;
        recovery.partial = false;
        recovery.rescued = false;
        recovery.high_rxt = self.snd.una;
        if self.flight.lost() == 0 {
            self.flight.mark_lost(self.snd.una);
        }
        if !self.agreed.sack {
            // The duplicates tell of segments that have left the network (RFC 6582 section 3.2, step 2).
            let control = self.cc.controller_mut();
            control.set_window(control.window().saturating_add(super::DUP_THRESH));
        }
        if let Some(from) = self.flight.next_lost() {
            self.resend_fast(cx, from);
        }
    }

    /// An acknowledgment in fast recovery.
    pub(super) fn fast_news(&mut self, cx: &mut Context<'_>, news: &News) {
        let una = self.snd.una;
        if una.at_or_after(self.recovery.recover) {
            self.leave_fast();
            if self.flight.lost() > 0 {
                self.enter_fast(cx);
            }
            return;
        }
        self.find_losses(cx);
        if !self.agreed.sack {
            if news.advanced {
                self.flight.mark_lost(una);
            }
            self.inflate(cx, news);
        }
        self.recovery.partial |= news.advanced;
    }

    /// RFC 6582 section 3.2, steps 3 and 4: a duplicate lets one more out; a partial acknowledgment takes back what it
    /// acknowledges, less one, and the next hole goes at once.
    fn inflate(&mut self, cx: &mut Context<'_>, news: &News) {
        let control = self.cc.controller_mut();
        if news.advanced {
            control.set_window(control.window().saturating_sub(news.acked).saturating_add(1).max(1));
            self.recovery.partial = true;
            self.resend_fast(cx, self.snd.una);
        } else if news.duplicate {
            control.set_window(control.window().saturating_add(1));
        }
    }

    /// All that was on its way when recovery began is acknowledged.
    fn leave_fast(&mut self) {
        self.recovery.phase = Phase::Open;
        self.rack.on_recovered();
        let in_flight = self.flight.len() as u32;
        let control = self.cc.controller_mut();
        let threshold = control.threshold().unwrap_or(u32::MAX);
        // RFC 6582 section 3.2, step 3, the first choice: no burst.
        control.set_window(if self.agreed.sack { threshold } else { threshold.min(in_flight.max(1) + 1) });
    }

    /// Sends a lost segment again in fast recovery; the first unacknowledged one restarts the timer.
    pub(super) fn resend_fast(&mut self, cx: &mut Context<'_>, from: crate::wire::Seq) {
        let why = match (self.recovery.partial, self.agreed.sack) {
            _ if from == self.snd.una && !self.recovery.partial => Reason::FastRetransmit,
            (true, false) => Reason::RetransmitPartial,
            _ => Reason::RetransmitHole,
        };
        cx.fx.count(crate::mib::Counter::TCPFastRetrans);
        let end = self.resend(cx, from, why);
        self.recovery.high_rxt = self.recovery.high_rxt.max(end);
        if from == self.snd.una && why != Reason::RetransmitPartial {
            self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
    }
}
