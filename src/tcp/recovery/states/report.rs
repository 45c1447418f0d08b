//! Duplicates that the peer reports (RFC 2883): copies that were not needed.

use super::super::super::tcb::{Context, Tcb};
use super::super::News;
use super::State;
use crate::wire::Seq;

impl Tcb {
    /// The peer reports `block` as having come twice. Returns whether that can be.
    pub(in crate::tcp) fn take_report(
        &mut self,
        cx: &Context<'_>,
        block: (Seq, Seq),
        news: &mut News,
    ) -> bool {
        let octets = block.1 - block.0;
        if !block.0.before(block.1) || octets > self.snd.max_wnd {
            return false;
        }
        let mss = self.segment_size(cx.profile).max(1);
        let mut segments = 1;
        if octets > mss {
            segments = octets.div_ceil(mss);
        } else if self.probe.is_some_and(|probe| probe.end == block.1) {
            news.probe_reported = true;
        }
        self.tally.duplicates = self.tally.duplicates.saturating_add(segments);
        if self.tally.duplicates > self.tally.resent {
            // What the network doubled tells nothing.
            return false;
        }
        if self.tally.reordered > 0 && !news.probe_reported {
            self.rack.note_report();
        }
        self.deliver(segments, news.ece);
        news.delivered_before += segments;
        let una = self.snd.una;
        let among = self.flight.resent_within(block);
        let ledger = &mut self.recovery.ledger;
        if ledger.undo_from.is_some_and(|from| block.1.after(from))
            && let Some(copies) = ledger.undo_copies.as_mut()
        {
            let known = if block.1.at_or_before(una) { segments } else { among };
            *copies = copies.saturating_sub(known);
        }
        true
    }

    /// The blocks of an acknowledgment are taken in.
    pub(in crate::tcp) fn settle_blocks(&mut self, cx: &Context<'_>, news: &mut News) {
        self.deliver(news.sacked, news.ece);
        news.delivered_before += news.sacked;
        let ledger = &self.recovery.ledger;
        if let Some(low) =
            news.filled.take().filter(|_| ledger.state != State::Loss || ledger.undo_from.is_some())
        {
            self.note_reordering(cx, low);
        }
    }
}
