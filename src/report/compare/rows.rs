//! The frames of both runs side by side.

use super::frames::Pairs;
use super::side::Side;
use super::tally::Finding;
use super::{Mark, PacketLine, Row};
use crate::lang::Text;

/// One row for each frame, in the order of the simulated run; a frame that only the kernel sent follows the row of the one
/// it was sent after.
pub(super) fn rows(
    simulated: &Side<'_>,
    live: &Side<'_>,
    mut pairs: Pairs,
    explained: &[(Finding, Option<u32>)],
) -> Vec<Row> {
    let mut only_live: Vec<usize> =
        pairs.iter().filter(|(one, _)| one.is_none()).filter_map(|(_, other)| *other).collect();
    only_live.sort_unstable();
    pairs.retain(|(one, _)| one.is_some());
    pairs.sort_unstable_by_key(|(one, _)| *one);
    for place in only_live {
        let after = pairs
            .iter()
            .enumerate()
            .filter(|(_, (_, other))| other.is_some_and(|other| other < place))
            .max_by_key(|(_, (_, other))| *other)
            .map_or(0, |(row, _)| row + 1);
        pairs.insert(after, (None, Some(place)));
    }
    pairs
        .into_iter()
        .map(|(one, other)| {
            let (mark, note) = mark(one, other, explained);
            Row {
                simulated: one.and_then(|place| line(simulated, place)),
                live: other.and_then(|place| line(live, place)),
                mark,
                note,
            }
        })
        .collect()
}

/// The worst of what was found about the two frames.
fn mark(
    one: Option<usize>,
    other: Option<usize>,
    explained: &[(Finding, Option<u32>)],
) -> (Mark, Option<Text>) {
    let about = |finding: &Finding| {
        (one.is_some() && finding.simulated_frame == one) || (other.is_some() && finding.live_frame == other)
    };
    let mut mark = Mark::Same;
    let mut note = None;
    for (finding, number) in explained.iter().filter(|(finding, _)| about(finding)) {
        match number {
            None => return (Mark::Different, Some(finding.what.clone())),
            Some(number) if mark == Mark::Same => {
                mark = Mark::Explained(*number);
                note = Some(finding.what.clone());
            }
            Some(_) => {}
        }
    }
    (mark, note)
}

fn line(side: &Side<'_>, place: usize) -> Option<PacketLine> {
    let seen = side.seen.get(place)?;
    Some(PacketLine {
        record: seen.frame.record.id,
        at: seen.frame.at,
        from: seen.frame.from,
        to: seen.frame.to,
        label: seen.label(),
        seq: seen.relative.map(|relative| relative.seq),
        ack: seen.relative.and_then(|relative| relative.ack),
        len: u32::try_from(seen.text().len()).unwrap_or(u32::MAX),
        lost: seen.lost(),
    })
}
