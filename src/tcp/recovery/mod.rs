//! Loss: how it is found, what is sent again, and when (RFC 6298 section 5, RFC 5681 section 3.2, RFC 6582, RFC 6675).

mod fast;
mod news;
mod prr;
mod resend;
mod rules;
mod states;
mod time_out;
mod undo;

#[cfg(test)]
pub(super) use news::Delivered;
pub(super) use news::News;
pub use rules::RecoveryRules;
pub(super) use states::{Ledger, State, Tally};

use super::flight::DUP_THRESH;
use super::tcb::{Context, Tcb};
use super::{Profile, TimerKind};
use crate::clock::Instant;
use crate::wire::Seq;
use prr::Prr;
use undo::Undo;

/// How things stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing is known to be lost.
    #[default]
    Open,
    /// Fast recovery: a segment is lost, the ones after it arrive.
    Fast,
    /// After a time-out: all that was on its way counts as lost.
    Loss,
}

/// The memory of recovery.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Recovery {
    pub phase: Phase,
    /// Duplicate acknowledgments in a row.
    pub duplicates: u32,
    /// SND.NXT when recovery began: it ends when this is acknowledged.
    pub recover: Seq,
    /// A recovery ended at `recover`: duplicates up to there tell nothing (RFC 6582 section 3.2, step 2).
    guarded: bool,
    /// When the first retransmission of the present data went out.
    pub since: Option<Instant>,
    /// Time-outs in a row.
    pub timeouts: u32,
    /// Without SACK: segments that duplicates tell to have arrived, where recovery reckons with them.
    phantom: u32,
    /// Segments sent by limited transmit (RFC 3042).
    pub limited: u32,
    /// Fast recovery has seen a partial acknowledgment.
    partial: bool,
    /// HighRxt: everything before it that was a hole went again (RFC 6675 section 2).
    high_rxt: Seq,
    /// This recovery has sent its rescue retransmission (RFC 6675 section 4, NextSeg rule 4).
    rescued: bool,
    prr: Prr,
    /// It is being found out whether the time-out was spurious (RFC 5682).
    frto: bool,
    /// New data is to be sent for that, instead of what counts as lost.
    try_new: bool,
    undo: Option<Undo>,
    /// When congestion last shrank the window in fast recovery.
    reduced: Option<Instant>,
    /// The peer told of a mark: the window sinks in proportion until what was on its way then is acknowledged.
    reducing: Option<Prr>,
    /// What recovery by congestion states remembers.
    pub ledger: Ledger,
}

impl Recovery {
    /// Nothing is known to be lost.
    pub fn is_calm(&self) -> bool {
        self.phase == Phase::Open
    }
    /// Whether the window sinks because the peer told of a mark.
    pub fn reduces(&self) -> bool {
        self.reducing.is_some()
    }
    /// Segments told of by duplicates alone.
    pub fn phantom(&self) -> u32 {
        self.phantom
    }
    /// Forgets everything.
    pub fn reset(&mut self, nxt: Seq) {
        *self = Recovery { recover: nxt, high_rxt: nxt, ..Recovery::default() };
    }
}

impl Tcb {
    /// Segments thought to be on their way.
    pub fn pipe(&self) -> u32 {
        self.flight.pipe().saturating_sub(self.recovery.phantom)
    }

    /// How many segments beyond the congestion window may go: limited transmit, one for each of the first two duplicates
    /// (RFC 3042 section 2). Where duplicates shrink the pipe this comes by itself.
    pub fn beyond_window(&self, cx: &Context<'_>) -> u32 {
        let by_itself = self.agreed.sack || cx.profile.recovery.proportional;
        let early = self.recovery.phase == Phase::Open && !by_itself;
        // A SYN-ACK on its way is no data (RFC 7413 section 4.2.2 counts the initial window from there).
        let syn = u32::from(self.speaks_early() && self.snd.una == self.snd.iss);
        syn + if early { self.recovery.duplicates.min(DUP_THRESH - 1) } else { 0 }
    }

    /// A segment of text or a FIN has gone.
    pub fn note_sent(&mut self, again: bool) {
        if matches!(self.recovery.ledger.state, State::Cwr | State::Recovery) {
            self.recovery.ledger.prr_out = self.recovery.ledger.prr_out.saturating_add(1);
        }
        match self.recovery.phase {
            Phase::Fast => self.recovery.prr.sent(),
            Phase::Open if self.recovery.reducing.is_some() => {
                if let Some(prr) = self.recovery.reducing.as_mut() {
                    prr.sent();
                }
            }
            Phase::Open if !again && self.recovery.duplicates > 0 => {
                let over = self.flight.len() as u32 > self.cc.controller().window();
                self.recovery.limited += u32::from(over);
            }
            Phase::Open | Phase::Loss => {}
        }
    }

    /// An acknowledgment of what is on its way, or a duplicate: what it tells about losses is acted upon.
    pub fn on_news(&mut self, cx: &mut Context<'_>, news: &News) {
        if self.by_states(cx.profile) {
            return self.states_news(cx, news);
        }
        if news.advanced {
            self.recovery.timeouts = 0;
            self.recovery.since = None;
            self.recovery.limited = 0;
        }
        if self.uses_rack(cx.profile) {
            self.update_rack(cx, news);
        }
        self.judge_probe(cx, news);
        let delivered = self.settle_duplicates(cx, news);
        self.count_copies(news);
        let rearm = news.advanced && !self.keeps_timer(cx);
        match self.recovery.phase {
            Phase::Open => self.open_news(cx, news, delivered),
            Phase::Fast => self.fast_news(cx, news, delivered),
            Phase::Loss => self.loss_news(cx, news, delivered),
        }
        if self.flight.is_empty() {
            self.timers.clear(TimerKind::Retransmission);
        } else if rearm || !self.timers.runs(TimerKind::Retransmission) && news.advanced {
            self.timers.set(TimerKind::Retransmission, cx.now + self.rtt.rto);
        }
        if self.flight.is_empty() {
            self.timers.clear(TimerKind::Reorder);
        }
        if news.advanced || news.sacked > 0 {
            self.arm_probe(cx);
        }
    }

    /// RFC 6582 section 3.2 step 4: only the first partial acknowledgment restarts the retransmission timer.
    fn keeps_timer(&self, cx: &Context<'_>) -> bool {
        let partial = self.recovery.phase == Phase::Fast && self.snd.una.before(self.recovery.recover);
        !self.agreed.sack && partial && self.recovery.partial && !cx.profile.recovery.every_partial_rearms
    }

    /// Counts duplicates. Returns how many segments arrived, as far as this acknowledgment tells.
    fn settle_duplicates(&mut self, cx: &Context<'_>, news: &News) -> u32 {
        let reckon = !self.agreed.sack && cx.profile.recovery.proportional;
        let mut delivered = news.delivered();
        let recovery = &mut self.recovery;
        if news.advanced {
            recovery.duplicates = 0;
            if reckon && news.acked > 0 {
                // One of them filled the hole, the others are those that the duplicates told of.
                delivered = news.acked.saturating_sub(recovery.phantom).max(1);
            }
            recovery.phantom = match recovery.phase {
                Phase::Fast => recovery.phantom.saturating_sub(news.acked.saturating_sub(1)),
                Phase::Open | Phase::Loss => 0,
            };
        }
        if news.duplicate {
            recovery.duplicates = recovery.duplicates.saturating_add(1);
            let tells = recovery.phase != Phase::Loss || self.snd.nxt.after(recovery.recover);
            if reckon && tells {
                let most = (self.flight.len() as u32).saturating_sub(self.flight.lost());
                recovery.phantom = (recovery.phantom + 1).min(most);
                delivered = 1;
            }
        }
        recovery.phantom = recovery.phantom.min(self.flight.len() as u32);
        delivered
    }

    /// Takes for lost what the scoreboard tells. Returns how many segments that are now. A copy that is lost too is
    /// another congestion, where the window does not shrink in proportion anyway (RFC 8985 section 9.3).
    fn find_losses(&mut self, cx: &Context<'_>) -> u32 {
        if !self.agreed.sack {
            return 0;
        }
        if self.uses_rack(cx.profile) {
            let found = self.mark_by_time(cx, self.recovery.phase != Phase::Open);
            let new = found.copy.is_some() && found.copy >= self.recovery.reduced;
            if self.recovery.phase == Phase::Fast && new && !cx.profile.recovery.proportional {
                // What is on its way counts what is held; the window is already smaller.
                let base = self.loss_base(cx.profile).min(self.cc.controller().window());
                self.cc.controller_mut().on_congestion(base);
                self.recovery.reduced = Some(cx.now);
            }
            return found.segments;
        }
        let mss = self.segment_size(cx.profile);
        self.flight.mark_by_blocks(mss)
    }

    /// Nothing is known to be lost so far.
    fn open_news(&mut self, cx: &mut Context<'_>, news: &News, delivered: u32) {
        if self.undo_by_copies(cx) {
            self.cc.controller_mut().undo();
        }
        self.find_losses(cx);
        let enough = self.recovery.duplicates >= DUP_THRESH;
        let lost = if self.agreed.sack {
            self.flight.lost() > 0 || (enough && !self.uses_rack(cx.profile))
        } else {
            enough && !(self.recovery.guarded && self.snd.una.at_or_before(self.recovery.recover))
        };
        if lost && !self.flight.is_empty() && self.lost_only_the_probe(cx) {
            return;
        }
        if lost && !self.flight.is_empty() {
            self.enter_fast(cx, news, delivered);
        } else if self.recovery.reducing.is_some() {
            self.reduce_for_mark(news, delivered);
        } else if news.advanced {
            self.grow(cx, delivered, news.limited);
        }
    }

    /// A mark was echoed while `base` segments were on their way, and the threshold has sunk: where recovery reduces in
    /// proportion, so does this (RFC 9937 section 3 leaves the event open).
    pub fn begin_reduction(&mut self, profile: &Profile, base: u32) {
        if profile.recovery.proportional {
            self.cc.controller_mut().set_window(base);
            self.recovery.recover = self.snd.nxt;
            self.recovery.reducing = Some(Prr::new(base));
        }
    }

    /// An acknowledgment while the window sinks for a mark.
    fn reduce_for_mark(&mut self, news: &News, delivered: u32) {
        let over = self.snd.una.after(self.recovery.recover);
        let pipe = self.pipe();
        let control = self.cc.controller_mut();
        let threshold = control.threshold().unwrap_or(u32::MAX);
        if over {
            self.recovery.reducing = None;
            control.set_window(threshold);
        } else if let Some(prr) = self.recovery.reducing.as_mut()
            && let Some(window) = prr.window(delivered, pipe, threshold, news.advanced)
        {
            control.set_window(window.max(1));
        }
    }

    /// Time enough for reordering has passed (RFC 8985 section 6.3).
    pub fn reorder_due(&mut self, cx: &mut Context<'_>) {
        if self.by_states(cx.profile) {
            return self.states_reorder_due(cx);
        }
        let found = self.find_losses(cx);
        if found == 0 {
            return;
        }
        let news = News::default();
        if self.recovery.phase == Phase::Open && !self.lost_only_the_probe(cx) {
            self.enter_fast(cx, &news, 1);
        } else if self.recovery.phase == Phase::Fast && cx.profile.recovery.proportional {
            self.reduce_proportionally(&news, 1, found);
        }
        self.push_out(cx);
    }

    /// Asserts what costs constant time.
    pub fn check_recovery(&self) {
        self.flight.check();
        let recovery = &self.recovery;
        assert!(recovery.phantom as usize <= self.flight.len(), "more duplicates than segments on their way");
        assert!(recovery.recover.at_or_before(self.snd.nxt), "recovery would end after SND.NXT");
        assert!(
            recovery.phase != Phase::Open || self.flight.lost() == 0 || self.flight.is_empty(),
            "a segment is lost and nobody recovers it"
        );
        for kind in [TimerKind::Reorder, TimerKind::LossProbe] {
            assert!(!self.flight.is_empty() || !self.timers.runs(kind), "{kind:?} with nothing on its way");
        }
    }
}
