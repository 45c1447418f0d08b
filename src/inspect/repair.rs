//! Why octets go again: what acknowledgments asked for, and how long a timer would have waited.

use super::finding::Finding;
use super::glance::Tcp;
use crate::wire::Seq;

/// So many acknowledgments of the same octet in a row, or so many that tell of further octets above it, mean a loss
/// (RFC 5681 section 3.2, RFC 6675 section 2).
const DUPLICATES: u8 = 3;
/// The shortest time, ns, that any usual system waits before it repeats for want of an answer; Linux waits 200 ms.
pub(super) const LEAST_TIMEOUT: u64 = 190_000_000;
/// Who reacts within that time, ns, or within a tenth of the round trip, is where the capture was made.
const NEAR: u64 = 1_000_000;

/// How long the opening took, as seen where the capture was made, ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Distance {
    /// From the first SYN to the answer's answer: a round trip, wherever it was captured.
    pub round_trip: u64,
    /// Of it: from the segment that came to the sender now looked at to its answer. The rest is the other side's.
    pub reaction: u64,
}

/// What one direction asks for again, and what it repairs itself. Most lose nothing, so that takes no room until one does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Asking {
    /// When its acknowledgments last moved.
    moved: u64,
    losses: Option<Box<Losses>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Losses {
    told: Told,
    repair: Option<Repair>,
}

/// What acknowledgments of one octet have told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Told {
    /// Duplicate acknowledgments in a row.
    duplicates: u8,
    /// Those with a SACK block that was not told before.
    reports: u8,
    /// That block.
    block: Option<(Seq, Seq)>,
    /// Since when they ask for what lies at that octet.
    since: Option<u64>,
}

impl Asking {
    /// Something new was acknowledged.
    pub fn move_on(&mut self, at: u64) {
        self.moved = at;
        if let Some(losses) = &mut self.losses {
            losses.told = Told::default();
        }
    }

    /// The same was acknowledged again.
    pub fn repeat(&mut self, at: u64) {
        let told = &mut self.losses.get_or_insert_default().told;
        told.duplicates = told.duplicates.saturating_add(1);
        told.judge(at);
    }

    /// Takes note of the segment's SACK blocks; `largest` is the most that a segment of the other direction carried. A
    /// block with more than two such segments tells as much as three acknowledgments do (RFC 6675 section 4, IsLost).
    pub fn report(&mut self, segment: &Tcp, largest: u32, at: u64) {
        // A first block below, or within the second, tells of what came twice (RFC 2883 section 4).
        let twice = match *segment.sack {
            [(low, high), (outer, end), ..] => low.at_or_after(outer) && high.at_or_before(end),
            _ => false,
        };
        let above = segment.sack.iter().skip(usize::from(twice));
        let mut above = above.filter(|(low, high)| low.after(segment.ack) && low.before(*high)).peekable();
        let Some(first) = above.peek().map(|block| **block) else { return };
        let told = &mut self.losses.get_or_insert_default().told;
        if told.block.replace(first) == Some(first) {
            return;
        }
        told.reports = told.reports.saturating_add(1);
        let octets = above.fold(0_u32, |sum, (low, high)| sum.saturating_add(*high - *low));
        if largest > 0 && octets > largest.saturating_mul(2) {
            told.reports = told.reports.max(DUPLICATES);
        }
        told.judge(at);
    }

    /// Since when they ask for what is missing, if they do.
    pub fn since(&self) -> Option<u64> {
        self.losses.as_ref().and_then(|losses| losses.told.since)
    }

    /// What it repairs itself, until that was acknowledged.
    pub fn repair(&mut self, acked: Option<Seq>) -> &mut Option<Repair> {
        let repair = &mut self.losses.get_or_insert_default().repair;
        *repair = repair.filter(|repair| repair.lasts(acked));
        repair
    }
}

impl Told {
    fn judge(&mut self, at: u64) {
        if self.duplicates >= DUPLICATES || self.reports >= DUPLICATES {
            self.since.get_or_insert(at);
        }
    }
}

/// Why octets go again, up to the last that was under way when the first did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repair {
    Fast {
        until: Seq,
        /// After the last octet that has gone again.
        resent: Seq,
    },
    Timeout(Seq),
}

impl Repair {
    /// Whether it goes on while that was acknowledged.
    fn lasts(&self, acked: Option<Seq>) -> bool {
        let (Repair::Fast { until, .. } | Repair::Timeout(until)) = self;
        !acked.is_some_and(|ack| ack.at_or_after(*until))
    }
}

/// When what goes again came, and what could have sent it.
#[derive(Clone, Copy)]
pub(super) struct Moment {
    pub at: u64,
    /// When its sender's timer started last for something that it sent.
    pub timer: u64,
    pub distance: Option<Distance>,
}

impl Moment {
    /// Looks at octets, from `start` to before `end`, that were seen and are not acknowledged; `next` is after the last
    /// octet seen.
    pub fn judge(
        &self,
        (start, end): (Seq, Seq),
        next: Seq,
        repair: &mut Option<Repair>,
        asking: &Asking,
    ) -> Finding {
        let silent = self.silent(asking);
        // Who has been asked answers before its timer runs out; whether late is after that, a queue may hide.
        let asked = asking.since();
        let late = asked.is_some_and(|since| self.outlasts_an_answer(since));
        let begun = match repair {
            None if asked.is_some() && !late => Some(Repair::Fast { until: next, resent: end }),
            None if asked.is_some() && silent => self.is_near().then_some(Repair::Timeout(next)),
            None => silent.then_some(Repair::Timeout(next)),
            Some(Repair::Timeout(_)) => silent.then_some(Repair::Timeout(next)),
            Some(Repair::Fast { resent, .. }) if silent => {
                let once_more = start.before(*resent);
                *resent = end.max(*resent);
                if !once_more && !self.is_near() {
                    return Finding::Retransmission;
                }
                Some(Repair::Timeout(next))
            }
            Some(Repair::Fast { resent, .. }) => {
                *resent = end.max(*resent);
                None
            }
        };
        *repair = begun.or(*repair);
        match repair {
            Some(Repair::Fast { until, .. }) if start.before(*until) => Finding::FastRetransmission,
            Some(Repair::Timeout(until)) if start.before(*until) => Finding::Timeout,
            _ => Finding::Retransmission,
        }
    }

    /// The least that a timer waits: RFC 6298 section 2 has it above the round trip.
    fn least(&self) -> u64 {
        LEAST_TIMEOUT.max(self.distance.map_or(0, |distance| distance.round_trip))
    }

    /// Whether it was silent for as long as a timer waits. The timer starts anew with each acknowledgment of something new
    /// (RFC 6298 section 5.3), once that has come to the sender.
    fn silent(&self, asking: &Asking) -> bool {
        self.at.saturating_sub(self.timer) >= self.least() && self.outlasts_an_answer(asking.moved)
    }

    /// Whether a timer's time has passed since the other side's word of that moment came to the sender.
    fn outlasts_an_answer(&self, word: u64) -> bool {
        let reaction = self.distance.map_or(0, |distance| distance.reaction);
        self.at.saturating_sub(word) >= self.least().saturating_add(reaction)
    }

    /// Whether the sender stands where the capture was made, so that nothing on the way hides when it reacts.
    fn is_near(&self) -> bool {
        self.distance.is_some_and(|distance| distance.reaction <= NEAR.max(distance.round_trip / 10))
    }
}
