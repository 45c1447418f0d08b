//! The frames of both runs side by side.

use super::frames::{Compared, Pairs};
use super::side::Side;
use super::tally::Finding;
use super::{Mark, PacketLine, Row};
use crate::lang::Text;
use std::collections::{BTreeMap, BTreeSet};

/// One row for each frame, in the order of the simulated run; a frame that only the kernel sent follows the row of the one
/// it was sent after.
pub(super) fn rows(
    simulated: &Side<'_>,
    live: &Side<'_>,
    compared: &Compared,
    explained: &[(Finding, Option<u32>)],
) -> Vec<Row> {
    let mut pairs: Pairs = compared.pairs.iter().chain(&compared.aside).copied().collect();
    let aside: BTreeSet<(Option<usize>, Option<usize>)> = compared.aside.iter().copied().collect();
    let mut only_live: Vec<usize> =
        pairs.iter().filter(|(one, _)| one.is_none()).filter_map(|(_, other)| *other).collect();
    only_live.sort_unstable();
    pairs.retain(|(one, _)| one.is_some());
    pairs.sort_unstable_by_key(|(one, _)| *one);
    // The row of each live frame that has one.
    let row_of: BTreeMap<usize, usize> =
        pairs.iter().enumerate().filter_map(|(row, (_, other))| Some(((*other)?, row))).collect();
    let mut after: BTreeMap<Option<usize>, Vec<usize>> = BTreeMap::new();
    for place in only_live {
        after.entry(row_of.range(..place).next_back().map(|(_, row)| *row)).or_default().push(place);
    }
    let mut ordered = Pairs::new();
    let mut extra = |row: Option<usize>, ordered: &mut Pairs| {
        ordered.extend(after.remove(&row).unwrap_or_default().into_iter().map(|place| (None, Some(place))));
    };
    extra(None, &mut ordered);
    for (row, pair) in pairs.into_iter().enumerate() {
        ordered.push(pair);
        extra(Some(row), &mut ordered);
    }
    let found = Found::of(explained);
    ordered
        .into_iter()
        .map(|(one, other)| {
            let (mark, note) = match found.mark(one, other) {
                (Mark::Same, note) if aside.contains(&(one, other)) => (Mark::Aside, note),
                found => found,
            };
            Row {
                simulated: one.and_then(|place| line(simulated, place)),
                live: other.and_then(|place| line(live, place)),
                mark,
                note,
            }
        })
        .collect()
}

/// Findings by the frames they are about.
struct Found<'a> {
    all: &'a [(Finding, Option<u32>)],
    simulated: BTreeMap<usize, Vec<usize>>,
    live: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Found<'a> {
    fn of(all: &'a [(Finding, Option<u32>)]) -> Found<'a> {
        let mut found = Found { all, simulated: BTreeMap::new(), live: BTreeMap::new() };
        for (number, (finding, _)) in all.iter().enumerate() {
            if let Some(place) = finding.simulated_frame {
                found.simulated.entry(place).or_default().push(number);
            }
            if let Some(place) = finding.live_frame {
                found.live.entry(place).or_default().push(number);
            }
        }
        found
    }

    /// The worst of what was found about the two frames.
    fn mark(&self, one: Option<usize>, other: Option<usize>) -> (Mark, Option<Text>) {
        let about = one.and_then(|place| self.simulated.get(&place)).into_iter().flatten();
        let about = about.chain(other.and_then(|place| self.live.get(&place)).into_iter().flatten());
        let mut worst = (Mark::Same, None);
        for (finding, rule) in about.filter_map(|number| self.all.get(*number)) {
            match rule {
                None => return (Mark::Different, Some(finding.what.clone())),
                Some(number) if worst.0 == Mark::Same => {
                    worst = (Mark::Explained(*number), Some(finding.what.clone()));
                }
                Some(_) => {}
            }
        }
        worst
    }
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
