//! A recovery that was for nothing is undone: told by duplicates the peer reports (RFC 2883, RFC 3708) or by timestamps
//! (RFC 3522, RFC 4015).

use super::super::Reason;
use super::super::options::timestamp_now;
use super::super::tcb::{Context, Tcb};
use super::{News, Phase};
use crate::wire::Seq;

/// What is remembered to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Undo {
    /// SND.UNA when recovery began.
    from: Seq,
    /// Segments sent again since that the peer has not reported as duplicates; `None` before the first.
    copies: Option<u32>,
    /// The timestamp clock at the first retransmission.
    stamp: Option<u32>,
    /// The latest TSecr of an acknowledgment that advanced SND.UNA.
    echo: Option<u32>,
}

impl Tcb {
    /// A recovery begins.
    pub(super) fn begin_undo(&mut self, cx: &Context<'_>) {
        let begin = Undo { from: self.snd.una, copies: None, stamp: None, echo: None };
        self.recovery.undo = cx.profile.recovery.undoes.then_some(begin);
    }

    /// The same, where the first copy went at this time of the timestamp clock.
    pub(super) fn begin_undo_since(&mut self, cx: &Context<'_>, stamp: u32) {
        self.begin_undo(cx);
        if let Some(undo) = &mut self.recovery.undo {
            undo.stamp = Some(stamp);
        }
    }

    /// A segment goes again.
    pub(super) fn count_resent(&mut self, cx: &Context<'_>) {
        let stamp = timestamp_now(cx.now, self.agreed.ts_offset);
        if let Some(undo) = &mut self.recovery.undo {
            undo.copies = Some(undo.copies.unwrap_or(0).saturating_add(1));
            undo.stamp.get_or_insert(stamp);
        }
    }

    /// Takes note of a duplicate that the peer reports, and of the echo of a timestamp.
    pub(super) fn count_copies(&mut self, news: &News) {
        let una = self.snd.una;
        let timestamps = self.agreed.timestamps;
        let Some(undo) = &mut self.recovery.undo else { return };
        if let Some((_, end)) = news.dsack
            && end.after(undo.from)
            && end.at_or_before(una)
        {
            undo.copies = undo.copies.map(|copies| copies.saturating_sub(1));
        }
        if news.advanced && timestamps {
            undo.echo = news.echo.filter(|echo| *echo != 0);
        }
    }

    /// Whether each segment that went again came twice: then none was lost.
    pub(super) fn undo_by_copies(&mut self, cx: &mut Context<'_>) -> bool {
        let all_twice = self.recovery.undo.is_some_and(|undo| undo.copies == Some(0));
        if all_twice {
            self.recovery.undo = None;
            cx.fx.note(self.owner(), Reason::RecoveryUndone);
        }
        all_twice
    }

    /// Whether the acknowledgment echoes a timestamp from before the first retransmission: the original arrived.
    fn original_came(&self) -> bool {
        let Some(Undo { stamp: Some(stamp), echo: Some(echo), .. }) = self.recovery.undo else {
            return false;
        };
        (echo.wrapping_sub(stamp) as i32) < 0
    }

    /// Whether the recovery was for nothing.
    pub(super) fn may_undo(&self) -> bool {
        self.recovery.undo.is_some_and(|undo| undo.copies == Some(0)) || self.original_came()
    }

    /// Window and threshold are as before.
    pub(super) fn undo_whole(&mut self, cx: &mut Context<'_>) {
        self.recovery.undo = None;
        self.cc.controller_mut().undo();
        cx.fx.note(self.owner(), Reason::RecoveryUndone);
    }

    /// In fast recovery: undone if all copies came twice, or if a partial acknowledgment is of the original while no
    /// other copy is on its way.
    pub(super) fn undo_in_fast(&mut self, cx: &mut Context<'_>, news: &News) -> bool {
        let copies = !news.advanced && self.may_undo() && !self.original_came();
        let original = news.advanced && self.original_came() && !self.flight.any_resent();
        if !(copies || original) {
            return false;
        }
        self.recovery.phase = Phase::Open;
        self.recovery.phantom = 0;
        self.flight.find_again();
        self.undo_whole(cx);
        true
    }
}
