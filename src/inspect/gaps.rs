//! Octets of a stream that were not seen, though later ones were.

use crate::wire::Seq;

/// Gaps kept in mind; of more, the oldest is forgotten.
const MOST: usize = 4;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gap {
    low: Seq,
    high: Seq,
    /// When it showed.
    at: u64,
}

/// The latest gaps of a stream. Most streams have none, so they take no room until the first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Gaps(Option<Box<[Option<Gap>; MOST]>>);

/// What a segment filled of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    /// How many octets.
    pub octets: u64,
    /// When the gap had shown.
    pub since: u64,
}

impl Gaps {
    /// Octets from `low` to before `high` were passed over.
    pub fn open(&mut self, low: Seq, high: Seq, at: u64) {
        let gaps = self.0.get_or_insert_default();
        let place = gaps.iter().position(Option::is_none).unwrap_or_else(|| {
            gaps.rotate_left(1);
            MOST - 1
        });
        gaps[place] = Some(Gap { low, high, at });
    }

    /// Takes these octets out of the gaps.
    pub fn fill(&mut self, start: Seq, end: Seq) -> Filled {
        let mut filled = Filled::default();
        let Some(gaps) = &mut self.0 else { return filled };
        for at in 0..MOST {
            let Some(gap) = gaps[at] else { continue };
            let (from, to) = (gap.low.max(start), gap.high.min(end));
            if !from.before(to) {
                continue;
            }
            filled.octets += u64::from(to - from);
            filled.since = filled.since.max(gap.at);
            let before = gap.low.before(from).then_some(Gap { high: from, ..gap });
            let after = to.before(gap.high).then_some(Gap { low: to, ..gap });
            gaps[at] = before.or(after);
            if before.is_some()
                && after.is_some()
                && let Some(free) = gaps.iter().position(Option::is_none)
            {
                gaps[free] = after;
            }
        }
        filled
    }

    /// Forgets the gaps below an acknowledgment: what was in them arrived, though nobody saw it. Its first number, and how
    /// many octets.
    pub fn acknowledged(&mut self, ack: Seq) -> Option<(Seq, u32)> {
        let mut unseen: Option<(Seq, u32)> = None;
        for slot in self.0.as_deref_mut().into_iter().flatten() {
            let Some(gap) = *slot else { continue };
            let to = gap.high.min(ack);
            if !gap.low.before(to) {
                continue;
            }
            let octets = to - gap.low;
            unseen = Some(match unseen {
                Some((first, before)) => (first.min(gap.low), before + octets),
                None => (gap.low, octets),
            });
            *slot = to.before(gap.high).then_some(Gap { low: to, ..gap });
        }
        unseen
    }
}
