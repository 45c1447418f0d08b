//! Fast recovery: a segment is lost, those after it arrive (RFC 6582, RFC 6675 section 5, RFC 9937).

use super::super::tcb::{Context, Tcb};
use super::super::{Reason, TimerKind};
use super::{News, Phase, Prr};

impl Tcb {
    /// Fast recovery begins: the threshold sinks, the first lost segment goes again.
    pub(super) fn enter_fast(&mut self, cx: &mut Context<'_>, news: &News, delivered: u32) {
        let base = self.loss_base(cx.profile);
        self.timers.clear(TimerKind::LossProbe);
        self.begin_undo(cx);
        self.cc.controller_mut().on_congestion(base);
        let recovery = &mut self.recovery;
        recovery.phase = Phase::Fast;
        recovery.reduced = Some(cx.now);
        recovery.reducing = None;
        recovery.recover = self.snd.nxt;
        recovery.guarded = true;
        recovery.partial = false;
        recovery.rescued = false;
        recovery.high_rxt = self.snd.una;
        recovery.prr = Prr::new(base);
        if self.flight.lost() == 0 {
            self.flight.mark_lost(self.snd.una);
        }
        if !self.agreed.sack {
            let most = (self.flight.len() as u32).saturating_sub(self.flight.lost());
            self.recovery.phantom = self.recovery.phantom.min(most);
        }
        if cx.profile.recovery.proportional {
            self.reduce_proportionally(news, delivered, 1);
            return;
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
    pub(super) fn fast_news(&mut self, cx: &mut Context<'_>, news: &News, delivered: u32) {
        let una = self.snd.una;
        let recover = self.recovery.recover;
        // Without SACK late duplicates would start another recovery: some hold on until more is acknowledged.
        let hold = !self.agreed.sack && cx.profile.recovery.proportional;
        if una.after(recover) || (una == recover && !hold) {
            self.leave_fast(cx);
            if self.flight.lost() > 0 {
                self.enter_fast(cx, news, delivered);
                return;
            }
            if news.advanced && cx.profile.recovery.proportional && una.after(recover) && hold {
                self.grow(cx, delivered, news.limited);
            }
            return;
        }
        if self.undo_in_fast(cx, news) {
            return;
        }
        if una == recover {
            self.recovery.phantom = 0;
        }
        let found = self.find_losses(cx);
        let partial = news.advanced && una.before(recover);
        if !self.agreed.sack && partial {
            self.flight.mark_lost(una);
        }
        if cx.profile.recovery.proportional {
            self.reduce_proportionally(news, delivered, found);
        } else if !self.agreed.sack {
            self.inflate(cx, news, partial);
        }
        self.recovery.partial |= partial;
    }

    /// RFC 6582 section 3.2, steps 3 and 4: a duplicate lets one more out; a partial acknowledgment takes back what it
    /// acknowledges, less one, and the next hole goes at once.
    fn inflate(&mut self, cx: &mut Context<'_>, news: &News, partial: bool) {
        let control = self.cc.controller_mut();
        if partial {
            control.set_window(control.window().saturating_sub(news.acked).saturating_add(1).max(1));
            self.recovery.partial = true;
            self.resend_fast(cx, self.snd.una);
        } else if news.duplicate {
            control.set_window(control.window().saturating_add(1));
        }
    }

    pub(super) fn reduce_proportionally(&mut self, news: &News, delivered: u32, found: u32) {
        let pipe = self.pipe();
        let control = self.cc.controller_mut();
        let threshold = control.threshold().unwrap_or(u32::MAX);
        let safe = news.advanced && found == 0;
        if let Some(window) = self.recovery.prr.window(delivered, pipe, threshold, safe) {
            control.set_window(window.max(1));
        }
    }

    /// All that was on its way when recovery began is acknowledged.
    fn leave_fast(&mut self, cx: &mut Context<'_>) {
        self.recovery.phase = Phase::Open;
        self.recovery.phantom = 0;
        self.rack.on_recovered();
        if self.may_undo() {
            self.undo_whole(cx);
            return;
        }
        let in_flight = self.flight.len() as u32;
        let control = self.cc.controller_mut();
        let threshold = control.threshold().unwrap_or(u32::MAX);
        let careful = !self.agreed.sack && !cx.profile.recovery.proportional;
        // RFC 6582 section 3.2, step 3, the first choice: no burst.
        control.set_window(if careful { threshold.min(in_flight.max(1) + 1) } else { threshold });
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
        let restarts = why != Reason::RetransmitPartial || cx.profile.recovery.every_partial_rearms;
        if from == self.snd.una && restarts {
            self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
    }
}
