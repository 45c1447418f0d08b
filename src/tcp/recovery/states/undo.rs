//! A reduction that was for nothing is taken back (RFC 3522, RFC 4015, RFC 3708).

use super::super::super::tcb::{Context, Tcb};
use super::super::News;
use super::State;
use crate::tcp::Reason;

impl Tcb {
    /// An episode begins that may turn out to have been for nothing.
    pub(super) fn begin_episode(&mut self) {
        let probe = u32::from(self.probe.is_some_and(|probe| probe.again));
        let copies = self.flight.resent() + probe;
        let ledger = &mut self.recovery.ledger;
        ledger.undo_from = Some(self.snd.una);
        ledger.undo_copies = (copies > 0).then_some(copies);
    }

    /// Whether the acknowledgment is of an original: its echo is older than the first copy (RFC 4015 section 3.1), or no
    /// copy went at all.
    fn first_came(&self, news: &News) -> bool {
        match self.recovery.ledger.stamp {
            Some(stamp) => {
                let echo = news.echo.filter(|echo| self.agreed.timestamps && *echo != 0);
                echo.is_some_and(|echo| (echo.wrapping_sub(stamp) as i32) < 0)
            }
            None => self.agreed.sack || self.snd.una.before(self.recovery.recover),
        }
    }

    fn may_take_back(&self, news: &News) -> bool {
        let ledger = &self.recovery.ledger;
        ledger.undo_from.is_some() && (ledger.undo_copies == Some(0) || self.first_came(news))
    }

    /// Window and threshold are as before; `found` says that nothing counts as lost any more.
    fn take_back(&mut self, cx: &mut Context<'_>, found: bool) {
        if found {
            self.flight.find_again();
        }
        let ledger = &mut self.recovery.ledger;
        let (window, threshold) = (ledger.prior_window, ledger.prior_threshold);
        ledger.undo_from = None;
        if threshold > 0 {
            let control = self.cc.controller_mut();
            control.set_window(control.window().max(window));
            if threshold > control.threshold().unwrap_or(u32::MAX) {
                control.restore_threshold((threshold != u32::MAX).then_some(threshold));
                self.withdraw_reduced();
            }
        }
        self.rack.examine_anew();
        cx.fx.note(self.owner(), Reason::RecoveryUndone);
    }

    /// Every copy came twice: none was lost.
    pub(super) fn undo_by_reports(&mut self, cx: &mut Context<'_>) -> bool {
        let ledger = &self.recovery.ledger;
        let all = ledger.undo_from.is_some() && ledger.undo_copies == Some(0);
        if all {
            self.rack.lasts_longer();
            self.take_back(cx, false);
        }
        all
    }

    /// A partial acknowledgment in recovery that an original brought about. Returns whether nothing more is to be done.
    pub(super) fn undo_partly(&mut self, cx: &mut Context<'_>, news: &News) -> bool {
        if self.recovery.ledger.undo_from.is_none() || !self.first_came(news) {
            return false;
        }
        self.note_reordering(cx, news.una_before);
        if self.flight.resent() > 0 {
            return true;
        }
        self.take_back(cx, true);
        self.keep_open();
        false
    }

    /// The end of an episode. Returns whether the state is held.
    pub(super) fn undo_at_the_end(&mut self, cx: &mut Context<'_>, news: &News) -> bool {
        if self.may_take_back(news) {
            self.take_back(cx, false);
        } else {
            self.rack.lasts_less();
        }
        if self.holds_state() {
            return true;
        }
        self.enter_state(State::Open);
        self.recovery.ledger.reneged = false;
        false
    }

    /// In Loss: the time-out was spurious. Returns whether it was.
    pub(super) fn undo_loss(&mut self, cx: &mut Context<'_>, news: &News, certain: bool) -> bool {
        if !(certain || self.may_take_back(news)) {
            return false;
        }
        self.take_back(cx, true);
        self.recovery.timeouts = 0;
        if self.holds_state() {
            return true;
        }
        if certain || self.agreed.sack {
            self.enter_state(State::Open);
            self.recovery.ledger.reneged = false;
        }
        true
    }
}
