//! What an acknowledgment changes of the congestion state.

use super::super::super::tcb::{Context, Tcb};
use super::super::{News, Phase};
use super::{Again, Found, State};
use crate::clock::Span;
use crate::tcp::TimerKind;
use crate::wire::Seq;

impl Tcb {
    /// The state is `state` now.
    pub(super) fn enter_state(&mut self, state: State) {
        self.recovery.ledger.state = state;
        self.recovery.phase = match state {
            State::Open | State::Disorder | State::Cwr => Phase::Open,
            State::Recovery => Phase::Fast,
            State::Loss => Phase::Loss,
        };
        if state == State::Loss {
            self.cc.controller_mut().on_loss_state();
        }
    }

    pub(super) fn anything_resent(&self) -> bool {
        self.flight.resent() > 0 || self.flight.front().is_some_and(|head| head.again)
    }

    /// The end of what the peer is known to hold.
    pub(in crate::tcp) fn farthest_held(&self) -> Seq {
        self.flight.highest_held().unwrap_or(self.snd.una)
    }

    fn left_out(&self) -> u32 {
        self.flight.sacked() + self.flight.lost() + self.recovery.phantom
    }

    /// Without SACK the old state is held until something beyond its end is acknowledged (RFC 6582 section 3.2).
    pub(super) fn holds_state(&mut self) -> bool {
        let holds = !self.agreed.sack && self.snd.una == self.recovery.recover;
        if holds && !self.anything_resent() {
            self.recovery.ledger.stamp = None;
        }
        holds
    }

    /// Open, or Disorder while anything is out of order.
    pub(super) fn keep_open(&mut self) {
        let state = if self.left_out() > 0 || self.anything_resent() { State::Disorder } else { State::Open };
        if state != self.recovery.ledger.state {
            self.enter_state(state);
            self.recovery.recover = self.snd.nxt;
        }
    }

    pub(super) fn try_open(&mut self, cx: &mut Context<'_>, news: &News) {
        if !self.anything_resent() {
            self.recovery.ledger.stamp = None;
        }
        if news.ece {
            self.enter_reduced(cx);
        }
        if self.recovery.ledger.state != State::Cwr {
            self.keep_open();
        }
    }

    /// `bare` says that the acknowledgment is a duplicate (RFC 5681 section 2), `original` that something arrived that was
    /// on its way when the episode began and went but once.
    pub(super) fn alert(
        &mut self,
        cx: &mut Context<'_>,
        news: &News,
        bare: bool,
        original: bool,
        found: &mut Found,
    ) {
        if news.ece {
            self.recovery.ledger.prior_threshold = 0;
        }
        if self.peer_reneged(cx, news) {
            found.reneged = true;
            return;
        }
        if self.recovery.ledger.state == State::Open {
            self.recovery.ledger.stamp = None;
        } else if self.snd.una.at_or_after(self.recovery.recover) && self.episode_ends(cx, news) {
            return;
        }
        match self.recovery.ledger.state {
            State::Recovery => {
                if !news.advanced {
                    self.add_phantom(cx, bare, news.ece);
                } else if self.undo_partly(cx, news) {
                    return;
                }
                self.recovery.partial |= news.advanced;
                if self.undo_by_reports(cx) {
                    self.keep_open();
                }
                self.identify(cx, news, found);
                if self.recovery.ledger.state != State::Recovery {
                    if self.flight.lost() == 0 {
                        return;
                    }
                    self.enter_recovery(news.ece);
                }
            }
            State::Loss => {
                self.in_loss(cx, news, bare, original, found);
                self.identify(cx, news, found);
                if !(self.recovery.ledger.state == State::Open || found.copies) {
                    return;
                }
                if !self.open_step(cx, news, bare, found) {
                    return;
                }
            }
            State::Open | State::Disorder | State::Cwr => {
                if !self.open_step(cx, news, bare, found) {
                    return;
                }
            }
        }
        found.again = Again::Lost;
    }

    /// Outside recovery: a loss begins one. Returns whether it did.
    fn open_step(&mut self, cx: &mut Context<'_>, news: &News, bare: bool, found: &mut Found) -> bool {
        if !self.agreed.sack {
            if news.advanced {
                self.recovery.phantom = 0;
            }
            self.add_phantom(cx, bare, news.ece);
        }
        if self.recovery.ledger.state <= State::Disorder {
            self.undo_by_reports(cx);
        }
        self.identify(cx, news, found);
        if self.flight.lost() == 0 {
            self.try_open(cx, news);
            return false;
        }
        if self.recovery.ledger.state < State::Cwr && self.lost_only_the_probe(cx) {
            self.resend_what_is_lost(cx);
            return false;
        }
        self.enter_recovery(news.ece);
        true
    }

    /// All of the episode is acknowledged. Returns whether nothing more is to be done.
    fn episode_ends(&mut self, cx: &mut Context<'_>, news: &News) -> bool {
        match self.recovery.ledger.state {
            State::Cwr => {
                if self.snd.una != self.recovery.recover {
                    self.end_reduction();
                    self.enter_state(State::Open);
                }
            }
            State::Recovery => {
                if !self.agreed.sack {
                    self.recovery.phantom = 0;
                }
                if self.undo_at_the_end(cx, news) {
                    return true;
                }
                self.end_reduction();
            }
            State::Open | State::Disorder | State::Loss => {}
        }
        false
    }

    /// The first unacknowledged segment is one that the peer said it holds: it may have thrown it away (RFC 2018 section
    /// 8). If it did not, it has a moment to say so.
    fn peer_reneged(&mut self, cx: &Context<'_>, news: &News) -> bool {
        if !news.advanced || !self.flight.front().is_some_and(|head| head.sacked) {
            return false;
        }
        let wait = (self.rtt.srtt.unwrap_or(Span::ZERO) / 2).max(Span::millis(10));
        self.arm_one(TimerKind::Retransmission, cx.now + wait);
        true
    }

    /// Takes for lost what the acknowledgments tell: by time with SACK, the first segment without it.
    pub(super) fn identify(&mut self, cx: &mut Context<'_>, news: &News, found: &mut Found) {
        if self.flight.is_empty() {
            return;
        }
        let state = self.recovery.ledger.state;
        if !self.agreed.sack {
            let many = state < State::Recovery && self.recovery.phantom >= self.reordering(cx.profile);
            let partial = state == State::Recovery && news.advanced;
            let counted = self.flight.front().is_some_and(|head| head.lost);
            if (many || partial) && !counted {
                self.flight.mark_lost(self.snd.una);
                found.lost += 1;
            }
            return;
        }
        if !self.rack.take_advanced() {
            return;
        }
        let resent = self.flight.resent();
        let (lost, due) = self.mark_late(cx);
        found.lost += lost;
        found.copies |= self.flight.resent() < resent;
        if let Some(due) = due {
            self.arm_one(TimerKind::Reorder, due + cx.profile.recovery.timer_slack);
            found.waits = true;
        }
    }

    /// Takes for lost what was sent long enough before what arrived (RFC 8985 section 6.2, step 5). Returns how many
    /// segments, and when the last of the others will be.
    pub(super) fn mark_late(&mut self, cx: &Context<'_>) -> (u32, Option<crate::clock::Instant>) {
        let Some((latest, reach)) = self.rack_reach(cx.profile) else { return (0, None) };
        let found = self.flight.mark_by_time(latest, reach, cx.now);
        let last = self.flight.sent_last_before(latest);
        (found.segments, found.due.map(|due| last.map_or(due, |at| at + reach)))
    }

    /// Without SACK: a duplicate tells that a segment arrived.
    pub(super) fn add_phantom(&mut self, cx: &Context<'_>, bare: bool, marked: bool) {
        if self.agreed.sack || !bare {
            return;
        }
        let before = self.recovery.phantom;
        self.recovery.phantom += 1;
        self.bound_phantoms(cx, 0);
        self.deliver(self.recovery.phantom.saturating_sub(before), marked);
    }

    /// One of the segments acknowledged filled the hole, the others are those that duplicates told of.
    pub(super) fn settle_phantoms(&mut self, cx: &Context<'_>, acked: u32) {
        let phantom = self.recovery.phantom;
        self.deliver(acked.saturating_sub(phantom).max(1), false);
        self.recovery.phantom = phantom.saturating_sub(acked - 1);
        self.bound_phantoms(cx, acked);
    }

    /// More duplicates than segments on their way can explain: the network reorders.
    fn bound_phantoms(&mut self, cx: &Context<'_>, acked: u32) {
        let out = self.flight.len() as u32;
        let holes = self.flight.lost().max(1).min(out);
        if self.recovery.phantom + holes > out {
            self.recovery.phantom = out - holes;
            let most = u32::try_from(cx.profile.settings.tcp_max_reordering).unwrap_or(300);
            self.recovery.ledger.reordering = Some((out + acked).min(most));
            self.tally.reordered += 1;
        }
    }

    /// Something sent once arrived although something sent later had arrived before.
    pub(super) fn note_reordering(&mut self, cx: &Context<'_>, low: Seq) {
        let fack = self.farthest_held();
        if !low.before(fack) {
            return;
        }
        let distance = fack - low;
        let mss = self.segment_size(cx.profile).max(1);
        if distance > self.reordering(cx.profile).saturating_mul(mss) {
            let most = u32::try_from(cx.profile.settings.tcp_max_reordering).unwrap_or(300);
            self.recovery.ledger.reordering = Some(distance.div_ceil(mss).min(most));
        }
        self.tally.reordered += 1;
        self.rack.reordered();
    }
}
