//! After a time-out (RFC 6298 section 5), and finding out whether it was spurious (F-RTO, RFC 5682).

use super::super::super::tcb::{Context, Tcb};
use super::super::News;
use super::{Again, Found, State};
use crate::tcp::{Reason, TimerKind};

impl Tcb {
    /// The retransmission timer ran out: what was on its way counts as lost, and its first segment goes again.
    pub(in super::super) fn states_loss(&mut self, cx: &mut Context<'_>) {
        self.timers.clear(TimerKind::Reorder);
        self.timers.clear(TimerKind::LossProbe);
        let state = self.recovery.ledger.state;
        let retries = self.recovery.timeouts;
        let sacked = self.flight.sacked() + self.recovery.phantom;
        self.lose_what_is_late(cx);
        let fresh = state <= State::Disorder
            || !self.recovery.recover.after(self.snd.una)
            || (state == State::Loss && retries == 0);
        if fresh {
            self.remember_before();
            self.cc.controller_mut().shrink();
            self.begin_episode();
        }
        self.probe = None;
        let pipe = self.pipe();
        self.cc.controller_mut().set_window(pipe + 1);
        let setting = u32::try_from(cx.profile.settings.tcp_reordering).unwrap_or(3);
        if state <= State::Disorder && sacked >= setting {
            let least = self.reordering(cx.profile).min(setting);
            self.recovery.ledger.reordering = Some(least);
        }
        self.enter_state(State::Loss);
        self.recovery.recover = self.snd.nxt;
        self.recovery.duplicates = 0;
        self.queue_reduced();
        let frto = cx.profile.settings.tcp_frto > 0 && (state < State::Recovery || retries > 0);
        self.recovery.frto = frto && !self.probes_mtu();
        self.recovery.timeouts = retries.saturating_add(1);
        self.resend(cx, self.snd.una, Reason::RetransmitData);
    }

    /// What followed a SYN-ACK that got no answer counts as lost; that it was not is told by an echo older than `stamp`.
    pub(in super::super) fn states_early_loss(&mut self, stamp: u32) {
        self.flight.lose_all(None);
        self.flight.find_first();
        self.remember_before();
        self.cc.controller_mut().shrink();
        self.begin_episode();
        self.cc.controller_mut().set_window(1);
        self.enter_state(State::Loss);
        self.recovery.recover = self.snd.nxt;
        self.recovery.ledger.stamp = Some(stamp);
    }

    fn lose_what_is_late(&mut self, cx: &Context<'_>) {
        if self.flight.front().is_some_and(|head| head.sacked) {
            self.flight.forget_sacks();
            self.recovery.ledger.reneged = true;
            self.flight.lose_all(None);
            return;
        }
        self.recovery.phantom = 0;
        let young = self
            .rack_rtt()
            .filter(|_| self.agreed.sack)
            .map(|rtt| crate::clock::Instant::ZERO + ((cx.now - crate::clock::Instant::ZERO) - rtt));
        self.flight.lose_all(young);
    }

    /// An acknowledgment in Loss.
    pub(super) fn in_loss(
        &mut self,
        cx: &mut Context<'_>,
        news: &News,
        bare: bool,
        original: bool,
        found: &mut Found,
    ) {
        let recovered = self.snd.una.at_or_after(self.recovery.recover);
        if news.advanced && self.undo_loss(cx, news, false) {
            return;
        }
        if self.recovery.frto {
            // RFC 5682 section 3.1, step 3b: what went but once has arrived.
            if original && self.undo_loss(cx, news, true) {
                return;
            }
            if self.snd.nxt.after(self.recovery.recover) {
                // Step 3a: a duplicate after new data, the loss was real.
                if news.sacked > 0 || bare {
                    self.recovery.frto = false;
                }
            } else if news.advanced && !recovered {
                // Step 2b: new data goes, if there is any and the peer's window takes it.
                self.recovery.recover = self.snd.nxt;
                let edge = self.snd.una + self.snd.wnd;
                if self.snd.nxt.before(self.write_end()) && edge.after(self.snd.nxt) {
                    found.again = Again::New;
                    return;
                }
                self.recovery.frto = false;
            }
        }
        if recovered {
            self.undo_at_the_end(cx, news);
            return;
        }
        if !self.agreed.sack {
            if self.snd.nxt.after(self.recovery.recover) && bare {
                self.add_phantom(cx, bare, news.ece);
            } else if news.advanced {
                self.recovery.phantom = 0;
            }
        }
        found.again = Again::Lost;
    }
}
