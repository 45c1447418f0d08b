//! What is on its way: the segments from SND.UNA to SND.NXT in sequence order, and the scoreboard kept over them
//! (RFC 2018 section 5, RFC 6675 section 4).
//!
//! Totals are kept as marks change, blocks are found by bisection, and each segment is looked at once for each thing that
//! happens to it: what an acknowledgment costs does not depend on how much is on its way.

use super::rare::RareList;
use crate::clock::{Instant, Span};
use crate::wire::Seq;
use std::collections::VecDeque;

/// Duplicate acknowledgments, or separate blocks above, that tell of a loss (RFC 6675 section 2).
pub(super) const DUP_THRESH: u32 = 3;

/// A segment on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub seq: Seq,
    pub end: Seq,
    /// When it last went out.
    pub at: Instant,
    /// The how many-th transmission that was: tells what went first in one moment.
    pub turn: u32,
    /// Whether it went out more than once.
    pub again: bool,
    /// The peer holds it (SACK).
    pub sacked: bool,
    /// It is taken for lost.
    pub lost: bool,
    /// It went out again and that copy is thought to be on its way.
    pub resent: bool,
}

impl Sent {
    /// `seq..end`, sent for the first time at `at`.
    pub fn new(seq: Seq, end: Seq, at: Instant) -> Sent {
        Sent { seq, end, at, turn: 0, again: false, sacked: false, lost: false, resent: false }
    }
    /// How many copies of it are thought to be in the network (RFC 6675 section 4, SetPipe).
    fn copies(&self) -> u32 {
        u32::from(!self.sacked && !self.lost) + u32::from(self.resent)
    }
}

/// What a look at the clock found lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    /// How many segments.
    pub segments: u32,
    /// The latest time at which one of them had gone again: that copy is lost as well.
    pub copy: Option<Instant>,
    /// When the next will be.
    pub due: Option<Instant>,
}

/// All of them, in order, without holes.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Flight {
    list: VecDeque<Sent>,
    /// Sum of the copies of each.
    pipe: u32,
    sacked: u32,
    lost: u32,
    resent: u32,
    /// What the peer has told it holds beyond SND.UNA: in order, apart from each other.
    blocks: RareList<(Seq, Seq)>,
    /// Where lost segments begin that are to go again, in order; some may have settled since.
    wanted: RareList<Seq>,
    /// Everything not SACKed before this has been taken for lost once (RFC 6675 IsLost).
    judged: Option<Seq>,
    /// Transmissions so far.
    turns: u32,
    /// Transmissions in the order of time, for RACK; some may have settled since.
    order: VecDeque<(Instant, u32, Seq)>,
    /// Whether that is kept.
    pub timed: bool,
}

impl Flight {
    /// How many segments.
    pub fn len(&self) -> usize {
        self.list.len()
    }
    /// Whether nothing is on its way.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
    /// The earliest.
    pub fn front(&self) -> Option<&Sent> {
        self.list.front()
    }
    /// Segments thought to be in the network: not those SACKed, nor those lost and not sent again.
    pub fn pipe(&self) -> u32 {
        self.pipe
    }
    /// Segments SACKed.
    pub fn sacked(&self) -> u32 {
        self.sacked
    }
    /// Segments taken for lost.
    pub fn lost(&self) -> u32 {
        self.lost
    }
    /// Segments sent again whose copies are thought to be on their way.
    pub fn resent(&self) -> u32 {
        self.resent
    }
    /// The end of the highest block that the peer holds.
    pub fn highest_sacked(&self) -> Option<Seq> {
        self.blocks.back().map(|block| block.1)
    }
    /// The end of the highest segment that the peer holds whole.
    pub fn highest_held(&self) -> Option<Seq> {
        if self.sacked == 0 {
            return None;
        }
        let above = self.blocks.back().map_or(self.list.len(), |block| self.place(block.1));
        let below = self.list.range(..above.min(self.list.len()));
        below.rev().find(|sent| sent.sacked).map(|sent| sent.end)
    }
    /// Adds the newest.
    pub fn push(&mut self, mut sent: Sent) {
        sent.turn = self.next_turn();
        self.pipe += sent.copies();
        self.list.push_back(sent);
        if self.timed {
            self.order.push_back((sent.at, sent.turn, sent.seq));
        }
    }
    /// Transmissions so far.
    pub fn turns(&self) -> u32 {
        self.turns
    }
    /// Where the last segment begins.
    pub fn last_sent(&self) -> Option<Seq> {
        self.list.back().map(|sent| sent.seq)
    }
    /// How many segments that lie within `block` went more than once.
    pub fn resent_within(&self, block: (Seq, Seq)) -> u32 {
        let first = self.place(block.0);
        let within = self.list.range(first..).take_while(|sent| sent.end.at_or_before(block.1));
        within.filter(|sent| sent.again && sent.seq.at_or_after(block.0)).count() as u32
    }
    /// When the last of what waits for its acknowledgment went that went before the transmission `latest`.
    pub fn sent_last_before(&self, latest: u32) -> Option<Instant> {
        let end = self.order.partition_point(|(_, turn, _)| (turn.wrapping_sub(latest) as i32) < 0);
        let waits = |turn: u32, seq: Seq| {
            self.list.get(self.place(seq)).is_some_and(|sent| {
                sent.seq.at_or_before(seq) && sent.turn == turn && !sent.sacked && (!sent.lost || sent.resent)
            })
        };
        self.order.range(..end).rev().find(|(_, turn, seq)| waits(*turn, *seq)).map(|(at, ..)| *at)
    }
    fn next_turn(&mut self) -> u32 {
        self.turns = self.turns.wrapping_add(1);
        self.turns
    }
    /// Forgets all.
    pub fn clear(&mut self) {
        *self = Flight { timed: self.timed, turns: self.turns, ..Flight::default() };
    }
    /// The place of the segment that holds `seq`, or of the first after it.
    fn place(&self, seq: Seq) -> usize {
        // Mostly it is the earliest.
        if self.list.front().is_some_and(|first| first.end.after(seq)) {
            return 0;
        }
        self.list.partition_point(|sent| sent.end.at_or_before(seq))
    }
    /// The segment that holds `seq`.
    pub fn holding(&self, seq: Seq) -> Option<&Sent> {
        self.list.get(self.place(seq)).filter(|sent| sent.seq.at_or_before(seq))
    }
    /// Changes the segment at `place`, and the totals with it.
    fn change(&mut self, place: usize, change: impl FnOnce(&mut Sent)) {
        let Some(sent) = self.list.get_mut(place) else { return };
        let before = *sent;
        change(sent);
        let after = *sent;
        self.leave(&before);
        self.enter(&after);
    }
    fn enter(&mut self, sent: &Sent) {
        self.pipe += sent.copies();
        self.sacked += u32::from(sent.sacked);
        self.lost += u32::from(sent.lost);
        self.resent += u32::from(sent.resent);
    }
    fn leave(&mut self, sent: &Sent) {
        self.pipe -= sent.copies();
        self.sacked -= u32::from(sent.sacked);
        self.lost -= u32::from(sent.lost);
        self.resent -= u32::from(sent.resent);
    }

    /// Takes out the earliest segment if `ack` covers it; what `ack` covers of the next is cut off.
    pub fn take_acknowledged(&mut self, ack: Seq) -> Option<Sent> {
        let first = self.list.front_mut()?;
        if first.end.after(ack) {
            first.seq = first.seq.max(ack);
            // To ask an empty list for something to change would give it room.
            while !self.blocks.is_empty()
                && let Some(block) = self.blocks.front_mut()
            {
                block.0 = block.0.max(ack);
                if block.0.before(block.1) {
                    break;
                }
                self.blocks.pop_front();
            }
            return None;
        }
        let sent = self.list.pop_front()?;
        self.leave(&sent);
        if self.list.is_empty() {
            self.clear();
        }
        Some(sent)
    }

    /// The peer holds `from..to`. Tells `each` of every segment that it was not known to hold, as it was before.
    pub fn sack(&mut self, from: Seq, to: Seq, mut each: impl FnMut(&Sent)) {
        let first = self.blocks.partition_point(|block| block.1.before(from));
        let mut last = first;
        let mut merged = (from, to);
        let mut fresh = Vec::new();
        let mut cursor = from;
        while let Some(block) = self.blocks.get(last).filter(|block| block.0.at_or_before(to)) {
            if cursor.before(block.0) {
                fresh.push((cursor, block.0));
            }
            cursor = cursor.max(block.1);
            merged = (merged.0.min(block.0), merged.1.max(block.1));
            last += 1;
        }
        if cursor.before(to) {
            fresh.push((cursor, to));
        }
        if fresh.is_empty() {
            return;
        }
        self.blocks.drain(first..last);
        self.blocks.insert(first, merged);
        for (start, end) in fresh {
            let mut place = self.place(start);
            while let Some(sent) = self.list.get(place).copied().filter(|sent| sent.seq.before(end)) {
                if !sent.sacked && sent.seq.at_or_after(merged.0) && sent.end.at_or_before(merged.1) {
                    each(&sent);
                    self.change(place, |sent| {
                        sent.sacked = true;
                        sent.lost = false;
                        sent.resent = false;
                    });
                }
                place += 1;
            }
        }
    }

    /// The peer may have thrown away what it held: the marks go (RFC 2018 section 8).
    pub fn forget_sacks(&mut self) {
        for place in 0..self.list.len() {
            self.change(place, |sent| sent.sacked = false);
        }
        self.blocks.clear();
        self.judged = None;
    }

    /// RFC 6675 section 4, IsLost: takes for lost what lies below three separate blocks, or below blocks of more than two
    /// full segments. Returns how many segments that are now.
    pub fn mark_by_blocks(&mut self, mss: u32) -> u32 {
        let mut octets = 0;
        let edge = self.blocks.iter().rev().zip(1..).find_map(|(block, count)| {
            octets += block.1 - block.0;
            (count >= DUP_THRESH || octets > (DUP_THRESH - 1) * mss).then_some(block.0)
        });
        let (Some(edge), Some(first)) = (edge, self.list.front()) else { return 0 };
        let from = self.judged.map_or(first.seq, |judged| judged.max(first.seq));
        let mut place = self.place(from);
        let mut found = 0;
        while let Some(sent) = self.list.get(place).copied().filter(|sent| sent.seq.before(edge)) {
            if !sent.sacked && !sent.lost && !sent.resent {
                self.lose(place);
                found += 1;
            }
            place += 1;
        }
        self.judged = Some(from.max(edge));
        found
    }

    /// RFC 8985 section 6.2, step 5: takes for lost what went out before the transmission `latest` and `reach` ago or
    /// longer.
    pub fn mark_by_time(&mut self, latest: u32, reach: Span, now: Instant) -> Found {
        let mut found = Found::default();
        while let Some((at, turn, seq)) = self.order.front().copied() {
            let place = self.place(seq);
            let waits = |sent: &&Sent| {
                sent.seq.at_or_before(seq) && sent.turn == turn && !sent.sacked && (!sent.lost || sent.resent)
            };
            if let Some(sent) = self.list.get(place).filter(waits) {
                let before = (sent.turn.wrapping_sub(latest) as i32) < 0;
                if !before {
                    break;
                }
                if at + reach > now {
                    return Found { due: Some(at + reach), ..found };
                }
                if sent.resent {
                    found.copy = found.copy.max(Some(at));
                }
                self.lose(place);
                found.segments += 1;
            }
            self.order.pop_front();
        }
        found
    }

    /// Takes the segment that holds `seq` for lost, a copy sent again as well.
    pub fn mark_lost(&mut self, seq: Seq) {
        let place = self.place(seq);
        if self.list.get(place).is_some_and(|sent| !sent.sacked) {
            self.lose(place);
        }
    }

    fn lose(&mut self, place: usize) {
        self.change(place, |sent| {
            sent.lost = true;
            sent.resent = false;
        });
        let Some(seq) = self.list.get(place).map(|sent| sent.seq) else { return };
        let slot = self.wanted.partition_point(|wanted| wanted.before(seq));
        if self.wanted.get(slot) != Some(&seq) {
            self.wanted.insert(slot, seq);
        }
    }

    /// A time-out: all that is not SACKed is lost; with `young`, not what went after it, the first segment excepted.
    pub fn lose_all(&mut self, young: Option<Instant>) {
        self.wanted.clear();
        self.order.retain(|(at, ..)| young.is_some_and(|young| *at > young));
        for place in 0..self.list.len() {
            let sent = &self.list[place];
            if sent.sacked || (place > 0 && young.is_some_and(|young| sent.at > young)) {
                continue;
            }
            self.change(place, |sent| {
                sent.lost = true;
                sent.resent = false;
            });
            self.wanted.push_back(self.list[place].seq);
        }
    }

    /// The first segment was not lost.
    pub fn find_first(&mut self) {
        let Some(seq) = self.list.front().map(|first| first.seq) else { return };
        self.wanted.retain(|wanted| *wanted != seq);
        self.change(0, |sent| sent.lost = false);
    }

    /// What was taken for lost was not.
    pub fn find_again(&mut self) {
        self.wanted.clear();
        if self.timed {
            // What counted as lost may be late again.
            let waiting = self.list.iter().filter(|sent| !sent.sacked);
            let mut order: Vec<(Instant, u32, Seq)> =
                waiting.map(|sent| (sent.at, sent.turn, sent.seq)).collect();
            let oldest = order.iter().map(|(_, turn, _)| *turn).next().unwrap_or(0);
            order.sort_by_key(|(_, turn, _)| turn.wrapping_sub(oldest) as i32);
            self.order = order.into();
        }
        for place in 0..self.list.len() {
            self.change(place, |sent| sent.lost = false);
        }
    }

    /// The first lost segment that has not gone again.
    pub fn next_lost(&mut self) -> Option<Seq> {
        while let Some(seq) = self.wanted.front().copied() {
            let waits = |sent: &&Sent| sent.lost && !sent.resent;
            if let Some(sent) = self.holding(seq).filter(waits) {
                return Some(sent.seq);
            }
            self.wanted.pop_front();
        }
        None
    }

    /// From `from` on: where the first run of lost segments that have not gone again ends, `most` of them at most.
    pub fn lost_until(&self, from: Seq, most: u32) -> Seq {
        let run = self.list.range(self.place(from)..).take(most as usize);
        run.take_while(|sent| sent.lost && !sent.resent).last().map_or(from, |sent| sent.end)
    }

    /// What lies within `from..to`, all of it lost and to go again, is cut anew into segments of `size` octets.
    pub fn recut(&mut self, from: Seq, to: Seq, size: u32) {
        let (first, last) = (self.place(from), self.place(to - 1));
        let Some(model) = self.list.get(first).copied().filter(|sent| sent.seq == from) else { return };
        let waits = |sent: &Sent| sent.lost && !sent.resent && !sent.sacked;
        if last >= self.list.len() || !self.list.range(first..=last).all(waits) || self.list[last].end != to {
            return;
        }
        for sent in self.list.drain(first..=last).collect::<Vec<Sent>>() {
            self.leave(&sent);
        }
        let (begin, end) = (
            self.wanted.partition_point(|wanted| wanted.before(from)),
            self.wanted.partition_point(|wanted| wanted.before(to)),
        );
        self.wanted.drain(begin..end);
        for place in 0..(to - from).div_ceil(size.max(1)) {
            let seq = from + place * size;
            let cut = Sent { seq, end: (seq + size).min(to), ..model };
            self.list.insert(first + place as usize, cut);
            self.wanted.insert(begin + place as usize, seq);
            self.enter(&cut);
        }
    }

    /// The first segment at or after `from` and before `before` that the peer does not hold.
    pub fn next_hole(&self, from: Seq, before: Seq) -> Option<Seq> {
        let block = self.blocks.partition_point(|block| block.1.at_or_before(from));
        let from = match self.blocks.get(block) {
            Some((start, end)) if start.at_or_before(from) => *end,
            _ => from,
        };
        let sent = self.list.get(self.place(from))?;
        (!sent.sacked && sent.seq.before(before)).then_some(sent.seq)
    }

    /// The last segment that the peer does not hold.
    pub fn last_hole(&self) -> Option<Seq> {
        let last = self.list.back()?;
        if !last.sacked {
            return Some(last.seq);
        }
        let below = self.blocks.back()?.0 - 1;
        self.holding(below).filter(|sent| !sent.sacked).map(|sent| sent.seq)
    }

    /// Where a segment that goes again from `from` ends: `most` octets before `data_end` at most, whole segments run
    /// together, none that the peer holds. A FIN at `data_end` goes with it.
    pub fn whole_until(&self, from: Seq, most: u32, data_end: Seq) -> Seq {
        let mut end = from;
        for sent in self.list.range(self.place(from)..) {
            let octets = sent.end.min(data_end) - from;
            if octets > most {
                return if end == from { from + most } else { end };
            }
            if sent.sacked && end != from {
                break;
            }
            end = sent.end;
        }
        end
    }

    /// `from..end` went out again: the segments it covers become one. Outside of recovery that copy does not `count`.
    pub fn went_again(&mut self, now: Instant, from: Seq, end: Seq, count: bool) {
        let first = self.place(from);
        let mut last = first;
        while self.list.get(last).is_some_and(|sent| sent.end.at_or_before(end)) {
            last += 1;
        }
        if let Some(straddling) = self.list.get_mut(last)
            && straddling.seq.before(end)
        {
            let rest = Sent { seq: end, ..*straddling };
            let waits = rest.lost && !rest.resent;
            if last > first {
                *straddling = rest;
            } else {
                // Only the beginning of one segment went: it becomes two.
                straddling.end = end;
                self.list.insert(last + 1, rest);
                self.enter(&rest);
                last += 1;
            }
            if waits {
                let slot = self.wanted.partition_point(|wanted| wanted.before(end));
                self.wanted.insert(slot, end);
            }
        }
        if last == first {
            return;
        }
        let lost = self.list.range(first..last).any(|sent| sent.lost);
        for place in first + 1..last {
            let sent = self.list[place];
            self.leave(&sent);
        }
        self.list.drain(first + 1..last);
        let turn = self.next_turn();
        self.change(first, |sent| {
            sent.end = end;
            sent.at = now;
            sent.turn = turn;
            sent.again = true;
            sent.sacked = false;
            sent.lost = lost;
            sent.resent = count;
        });
        if self.timed {
            self.order.push_back((now, turn, from));
        }
    }

    /// All of it went again, outside of any recovery.
    pub fn touch(&mut self, now: Instant) {
        for sent in &mut self.list {
            sent.at = now;
            sent.again = true;
        }
    }

    /// Asserts what costs constant time.
    pub fn check(&self) {
        let len = self.list.len() as u32;
        assert!(self.sacked + self.lost <= len, "more SACKed and lost than sent");
        assert!(self.pipe <= 2 * len, "more in the network than two copies of each");
        assert!(self.resent <= len, "more sent again than sent");
        assert!(len > 0 || self.blocks.is_empty(), "the peer holds what was never sent");
    }

    /// Walks over everything.
    #[cfg(test)]
    pub fn check_deep(&self, una: Seq, nxt: Seq) {
        let mut edge = una;
        for sent in &self.list {
            assert_eq!(sent.seq, edge, "a hole in what is on its way");
            assert!(sent.seq.before(sent.end));
            assert!(!(sent.sacked && (sent.lost || sent.resent)), "SACKed and lost: {sent:?}");
            assert!(!sent.resent || sent.again, "sent again but once: {sent:?}");
            if sent.sacked {
                let held =
                    |block: &&(Seq, Seq)| block.0.at_or_before(sent.seq) && sent.end.at_or_before(block.1);
                assert!(self.blocks.iter().any(|block| held(&block)), "SACKed by no block: {sent:?}");
            }
            if sent.lost && !sent.resent {
                assert!(self.wanted.contains(&sent.seq), "lost and forgotten: {sent:?}");
            }
            edge = sent.end;
        }
        assert!(self.list.is_empty() || edge == nxt);
        assert_eq!(self.pipe, self.list.iter().map(Sent::copies).sum::<u32>());
        assert_eq!(self.sacked, self.list.iter().filter(|sent| sent.sacked).count() as u32);
        assert_eq!(self.lost, self.list.iter().filter(|sent| sent.lost).count() as u32);
        let mut edge = una;
        for block in self.blocks.iter() {
            assert!(block.0.at_or_after(edge) && block.0.before(block.1), "blocks out of order");
            edge = block.1;
        }
    }
}

#[cfg(test)]
mod tests;
