//! Loss: how it is found, what is sent again, and when (RFC 6298 section 5, RFC 5681 section 3.2, RFC 6582, RFC 6675).

mod fast;
mod news;
mod prr;
mod resend;
mod rules;
mod states;
mod time_out;

#[cfg(test)]
pub(super) use news::Delivered;
pub(super) use news::News;
pub use rules::RecoveryRules;
pub(super) use states::{Ledger, State, Tally};

use super::TimerKind;
use super::flight::DUP_THRESH;
use super::tcb::{Context, Tcb};
use crate::clock::Instant;
use crate::wire::Seq;

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
    /// Without SACK: segments that duplicates tell to have arrived, where recovery goes by states.
    phantom: u32,
    /// Segments sent by limited transmit (RFC 3042).
    pub limited: u32,
    /// Fast recovery has seen a partial acknowledgment.
    partial: bool,
    /// HighRxt: everything before it that was a hole went again (RFC 6675 section 2).
    high_rxt: Seq,
    /// This recovery has sent its rescue retransmission (RFC 6675 section 4, NextSeg rule 4).
    rescued: bool,
    /// It is being found out whether the time-out was spurious (RFC 5682).
    frto: bool,
    /// New data is to be sent for that, instead of what counts as lost.
    try_new: bool,
    /// When congestion last shrank the window in fast recovery.
    reduced: Option<Instant>,
    /// What recovery by congestion states remembers.
    pub ledger: Ledger,
}

impl Recovery {
    /// Nothing is known to be lost.
    pub fn is_calm(&self) -> bool {
        self.phase == Phase::Open
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
        let by_itself = self.agreed.sack || self.by_states(cx.profile);
        let early = self.recovery.phase == Phase::Open && !by_itself;
        // A SYN-ACK on its way is no data (RFC 7413 section 4.2.2 counts the initial window from there).
        let syn = u32::from(self.speaks_early() && self.snd.una == self.snd.iss);
        syn + if early { self.recovery.duplicates.min(DUP_THRESH - 1) } else { 0 }
    }

    /// A segment of text or a FIN has gone.
    pub fn note_sent(&mut self, again: bool) {
        if matches!(self.recovery.ledger.state, State::Cwr | State::Recovery) {
            self.recovery.ledger.prr.sent();
        }
        if self.recovery.phase == Phase::Open && !again && self.recovery.duplicates > 0 {
            let over = self.flight.len() as u32 > self.cc.controller().window();
            self.recovery.limited += u32::from(over);
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
        self.count_duplicates(news);
        let rearm = news.advanced && !self.keeps_timer();
        match self.recovery.phase {
            Phase::Open => self.open_news(cx, news),
            Phase::Fast => self.fast_news(cx, news),
            Phase::Loss => self.loss_news(cx, news),
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
    fn keeps_timer(&self) -> bool {
        let partial = self.recovery.phase == Phase::Fast && self.snd.una.before(self.recovery.recover);
        !self.agreed.sack && partial && self.recovery.partial
    }

    /// Counts duplicates in a row.
    fn count_duplicates(&mut self, news: &News) {
        let before = if news.advanced { 0 } else { self.recovery.duplicates };
        self.recovery.duplicates = before.saturating_add(u32::from(news.duplicate));
    }

    /// Takes for lost what the scoreboard tells. Returns how many segments that are now. A copy that is lost too is
    /// another congestion (RFC 8985 section 9.3).
    fn find_losses(&mut self, cx: &Context<'_>) -> u32 {
        if !self.agreed.sack {
            return 0;
        }
        if self.uses_rack(cx.profile) {
            let found = self.mark_by_time(cx, self.recovery.phase != Phase::Open);
            let new = found.copy.is_some() && found.copy >= self.recovery.reduced;
            if self.recovery.phase == Phase::Fast && new {
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
    fn open_news(&mut self, cx: &mut Context<'_>, news: &News) {
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
            self.enter_fast(cx);
        } else if news.advanced {
            self.grow(cx, news.delivered(), news.limited);
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
        if self.recovery.phase == Phase::Open && !self.lost_only_the_probe(cx) {
            self.enter_fast(cx);
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
