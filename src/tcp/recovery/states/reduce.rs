//! How the window sinks and grows: proportional rate reduction (RFC 9937, RFC 6937), and growth only where the window was
//! the limit (RFC 2861, RFC 7661).

use super::super::super::tcb::{Context, Tcb};
use super::super::News;
use super::super::prr::Prr;
use super::State;

impl Tcb {
    /// The threshold as it would be kept over a pause: three quarters of the window at least.
    pub(super) fn present_threshold(&self) -> u32 {
        let control = self.cc.controller();
        let threshold = control.threshold().unwrap_or(u32::MAX);
        if self.recovery.ledger.state >= State::Cwr {
            return threshold;
        }
        let window = control.window();
        threshold.max(window / 2 + window / 4)
    }

    pub(super) fn remember_before(&mut self) {
        let threshold = self.present_threshold();
        let window = self.cc.controller().window();
        let ledger = &mut self.recovery.ledger;
        (ledger.prior_window, ledger.prior_threshold) = (window, threshold);
    }

    /// The window begins to sink.
    pub(super) fn begin_to_reduce(&mut self) {
        self.recovery.recover = self.snd.nxt;
        self.probe = None;
        let window = self.cc.controller().window();
        let ledger = &mut self.recovery.ledger;
        ledger.prior_window = window;
        ledger.prr = Prr::new(window);
        self.cc.controller_mut().shrink();
        self.queue_reduced();
    }

    /// A mark was echoed.
    pub(super) fn enter_reduced(&mut self, cx: &mut Context<'_>) {
        self.recovery.ledger.prior_threshold = 0;
        if self.recovery.ledger.state < State::Cwr {
            self.recovery.ledger.undo_from = None;
            self.begin_to_reduce();
            self.enter_state(State::Cwr);
            cx.fx.note(self.owner(), crate::tcp::Reason::EcnEcho);
        }
    }

    /// A segment is lost.
    pub(super) fn enter_recovery(&mut self, marked: bool) {
        self.recovery.ledger.prior_threshold = 0;
        self.recovery.partial = false;
        if !self.anything_resent() {
            self.recovery.ledger.stamp = None;
        }
        self.begin_episode();
        if !matches!(self.recovery.ledger.state, State::Cwr | State::Recovery) {
            if !marked {
                self.recovery.ledger.prior_threshold = self.present_threshold();
            }
            self.begin_to_reduce();
        }
        self.enter_state(State::Recovery);
    }

    /// The reduction is over.
    pub(super) fn end_reduction(&mut self) {
        let ledger = &self.recovery.ledger;
        let threshold = self.cc.controller().threshold();
        if let Some(threshold) =
            threshold.filter(|_| ledger.state == State::Cwr || ledger.undo_from.is_some())
        {
            self.cc.controller_mut().set_window(threshold);
        }
    }

    /// RFC 9937 section 6: `delivered` segments arrived, `lost` were found lost. The window becomes what is on its way and
    /// what may go now.
    pub(super) fn reduce(&mut self, news: &News, delivered: u32, lost: u32) {
        let pipe = self.pipe();
        let threshold = self.cc.controller().threshold().unwrap_or(u32::MAX);
        let safe = news.advanced && lost == 0;
        if let Some(window) = self.recovery.ledger.prr.window(delivered, pipe, threshold, safe) {
            self.cc.controller_mut().set_window(window);
        }
    }

    /// After an acknowledgment: the window sinks, or grows if it was the limit.
    pub(super) fn control_window(&mut self, cx: &Context<'_>, news: &News, delivered: u32, lost: u32) {
        if matches!(self.recovery.ledger.state, State::Cwr | State::Recovery) {
            self.reduce(news, delivered, lost);
            return;
        }
        let setting = u32::try_from(cx.profile.settings.tcp_reordering).unwrap_or(3);
        let forward = if self.reordering(cx.profile) > setting {
            news.acked > 0 || news.sacked > 0
        } else {
            news.data_acked
        };
        if forward {
            let limited = self.window_limited();
            self.grow(cx, delivered, limited);
        }
    }

    /// Whether the congestion window is the limit; in slow start also while it is less than twice what was on its way.
    fn window_limited(&self) -> bool {
        let ledger = &self.recovery.ledger;
        if ledger.window_limits {
            return true;
        }
        let control = self.cc.controller();
        let slow = control.threshold().is_none_or(|threshold| control.window() < threshold);
        slow && control.window() < ledger.most_out.saturating_mul(2)
    }

    /// After an attempt to send new data, `sent` segments of it: takes note of how far the window is used.
    pub fn note_use(&mut self, cx: &Context<'_>, sent: u32, held: bool) {
        if !self.by_states(cx.profile) {
            return;
        }
        let limits = held || self.pipe() >= self.cc.controller().window();
        if sent == 0 && !limits {
            return;
        }
        let out = self.flight.len() as u32;
        let una = self.snd.una;
        let ledger = &mut self.recovery.ledger;
        if una.at_or_after(ledger.round) || limits || (!ledger.window_limits && out > ledger.most_out) {
            ledger.window_limits = limits;
            ledger.most_out = out;
            ledger.round = self.snd.nxt;
        }
        if !self.window_limited() {
            self.note_buffer_limit(cx.now);
        }
    }
}
