//! Within the fifth step: the SACK option of an acknowledgment (RFC 2018 section 5, RFC 2883).

use super::super::Reason;
use super::super::recovery::News;
use super::super::tcb::{Context, Tcb};
use super::Arrival;
use crate::wire::Seq;

/// Takes the blocks into the scoreboard.
pub(super) fn take(tcb: &mut Tcb, cx: &mut Context<'_>, arrival: &Arrival, news: &mut News) {
    let Some(blocks) = arrival.sack.filter(|_| tcb.agreed.sack) else { return };
    let states = tcb.by_states(cx.profile);
    for (place, block) in blocks.iter().copied().enumerate() {
        let reports = |early: bool| early || is_duplicate(block, arrival.ack, blocks.get(1).copied());
        if place == 0 && reports(states && block.0.before(arrival.ack)) {
            let believed = !states || tcb.take_report(cx, block, news);
            cx.fx.note(tcb.owner(), Reason::DuplicateReported);
            news.dsack = believed.then_some(block);
            continue;
        }
        let (from, to) = (block.0.max(arrival.ack).max(tcb.snd.una), block.1);
        if from.before(to) && to.at_or_before(tcb.snd.nxt) {
            let recover = tcb.recovery.recover;
            tcb.flight.sack(from, to, |sent| {
                news.sacked += 1;
                news.arrived_by_block(sent, recover);
            });
        }
    }
    if states {
        tcb.settle_blocks(cx, news);
    }
}

/// Whether the first block reports a duplicate: it lies below the acknowledgment that came with it, or within the second
/// block (RFC 2883 section 4).
fn is_duplicate(block: (Seq, Seq), ack: Seq, second: Option<(Seq, Seq)>) -> bool {
    let within = |outer: (Seq, Seq)| outer.0.at_or_before(block.0) && block.1.at_or_before(outer.1);
    block.0.before(block.1) && (block.1.at_or_before(ack) || second.is_some_and(within))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_below_the_acknowledgment_or_within_the_next_reports_a_duplicate() {
        let block = |from, to| (Seq(from), Seq(to));
        assert!(is_duplicate(block(10, 20), Seq(20), None));
        assert!(!is_duplicate(block(10, 20), Seq(19), None));
        assert!(is_duplicate(block(30, 40), Seq(20), Some(block(30, 60))));
        assert!(!is_duplicate(block(30, 40), Seq(20), Some(block(50, 60))));
    }
}
