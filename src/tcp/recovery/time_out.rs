//! The retransmission timer ran out: everything counts as lost (RFC 6298 section 5), unless it shows that it was not (F-RTO,
//! RFC 5682).

use super::super::tcb::{Context, Tcb};
use super::super::{Reason, TimerKind};
use super::{News, Phase};

impl Tcb {
    /// The retransmission timer ran out: all that was on its way counts as lost, the first of it goes again.
    pub fn on_loss(&mut self, cx: &mut Context<'_>) {
        if self.by_states(cx.profile) {
            return self.states_loss(cx);
        }
        self.timers.clear(TimerKind::Reorder);
        self.timers.clear(TimerKind::LossProbe);
        self.probe = None;
        let before = self.recovery.phase;
        let first = match before {
            // In fast recovery the threshold sinks once more (RFC 5681 section 3.1).
            Phase::Open | Phase::Fast => true,
            Phase::Loss => self.recovery.timeouts == 0,
        };
        let base = self.loss_base(cx.profile);
        self.cc.controller_mut().on_timeout(base, first);
        let again = self.recovery.timeouts > 0;
        let recovery = &mut self.recovery;
        recovery.frto = cx.profile.settings.tcp_frto > 0 && (before == Phase::Open || again);
        recovery.try_new = false;
        recovery.phase = Phase::Loss;
        recovery.recover = self.snd.nxt;
        recovery.guarded = true;
        recovery.duplicates = 0;
        recovery.limited = 0;
        recovery.timeouts = recovery.timeouts.saturating_add(1);
        // The peer may have thrown away what it held (RFC 2018 section 5).
        self.flight.forget_sacks();
        let young = self.not_yet_late(cx);
        self.flight.lose_all(young);
        self.resend(cx, self.snd.una, Reason::RetransmitData);
    }

    /// Everything on its way counts as lost, for another reason than congestion: it goes again as the window allows.
    pub fn all_is_lost(&mut self) {
        self.recovery.phase = Phase::Loss;
        self.recovery.recover = self.snd.nxt;
        self.recovery.frto = false;
        self.recovery.phantom = 0;
        self.recovery.ledger.lose_without_congestion();
        self.flight.lose_all(None);
    }

    /// What followed a SYN-ACK that got no answer counts as lost; that it was not is told by an echo older than `stamp`.
    pub fn early_text_is_lost(&mut self, cx: &Context<'_>, stamp: u32) {
        if self.by_states(cx.profile) {
            return self.states_early_loss(stamp);
        }
        let base = self.loss_base(cx.profile);
        self.cc.controller_mut().on_timeout(base, true);
        self.all_is_lost();
        self.flight.find_first();
    }

    /// Only the first segment on its way is lost, and not to congestion: it goes again as the window allows.
    pub fn first_is_lost(&mut self) {
        self.recovery.phase = Phase::Loss;
        self.recovery.recover = self.snd.nxt;
        self.recovery.frto = false;
        self.recovery.phantom = 0;
        self.recovery.ledger.lose_without_congestion();
        self.flight.mark_lost(self.snd.una);
    }

    /// An acknowledgment after a time-out: slow start over what is lost (RFC 5681 section 3.1).
    pub(super) fn loss_news(&mut self, cx: &mut Context<'_>, news: &News) {
        let recovered = self.snd.una.at_or_after(self.recovery.recover);
        if self.frto_finds_spurious(news) {
            self.recovery.phase = Phase::Open;
            self.recovery.frto = false;
            self.flight.find_again();
            self.cc.controller_mut().undo();
            cx.fx.note(self.owner(), Reason::RecoveryUndone);
            self.grow(cx, news.delivered(), news.limited);
            return;
        }
        self.frto_step(news, recovered);
        self.find_losses(cx);
        if news.advanced {
            self.grow(cx, news.delivered(), true);
        }
        if recovered {
            self.recovery.phase = Phase::Open;
            self.recovery.frto = false;
            if self.flight.lost() > 0 {
                self.enter_fast(cx);
            }
        }
    }

    /// RFC 5682 section 3.1, step 3b: what was sent but once has arrived, so not all was lost.
    fn frto_finds_spurious(&self, news: &News) -> bool {
        self.recovery.frto && news.original
    }

    /// RFC 5682 section 3.1, steps 2 and 3a.
    fn frto_step(&mut self, news: &News, recovered: bool) {
        if !self.recovery.frto {
            return;
        }
        if self.snd.nxt.after(self.recovery.recover) {
            // A duplicate after new data: the loss was real.
            if news.duplicate || news.sacked > 0 {
                self.recovery.frto = false;
            }
        } else if news.advanced && !recovered {
            self.recovery.recover = self.snd.nxt;
            let edge = self.snd.una + self.snd.wnd;
            let unsent = self.snd.nxt.before(self.write_end());
            self.recovery.try_new = unsent && edge.after(self.snd.nxt);
            self.recovery.frto = self.recovery.try_new;
        }
    }

    /// Whether new data goes before what counts as lost, this once (RFC 5682 section 3.1, step 2b).
    pub fn takes_new_first(&mut self) -> bool {
        std::mem::take(&mut self.recovery.try_new)
    }

    /// No new data could go after all: usual recovery.
    pub fn settle_frto(&mut self) {
        if self.recovery.frto && !self.snd.nxt.after(self.recovery.recover) {
            self.recovery.frto = false;
        }
    }
}
