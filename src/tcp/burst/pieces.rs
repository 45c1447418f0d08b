//! Where bursts end: the stream from SND.UNA on, cut as it was written and sent.

use crate::wire::Seq;
use std::collections::VecDeque;

/// Text that goes out at once, in as many segments as it takes; more or less of it if the windows say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tcp) struct Piece {
    /// Sequence number after its last octet.
    pub end: Seq,
    /// Its last segment carries PSH.
    pub push: bool,
    /// A record ends here: nothing is joined to it (MSG_EOR).
    pub record: bool,
}

/// All of them in order; each begins where the one before ends.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tcp) struct Pieces {
    list: VecDeque<Piece>,
}

impl Pieces {
    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }
    /// The last of all, if it does not end at or before `nxt`.
    pub fn tail_after(&mut self, nxt: Seq) -> Option<&mut Piece> {
        self.list.back_mut().filter(|last| last.end.after(nxt))
    }
    /// The last of all.
    pub fn last_mut(&mut self) -> Option<&mut Piece> {
        self.list.back_mut()
    }
    /// Where the last begins, if anything lies before it; else `first`.
    pub fn start_of_tail(&self, first: Seq) -> Seq {
        let before = self.list.len().checked_sub(2).and_then(|place| self.list.get(place));
        before.map_or(first, |before| before.end.max(first))
    }
    /// Adds one.
    pub fn push(&mut self, piece: Piece) {
        self.list.push_back(piece);
    }
    /// The end of all.
    pub fn end(&self) -> Option<Seq> {
        self.list.back().map(|piece| piece.end)
    }
    /// Whether nothing comes after the one that holds `seq`.
    pub fn is_last(&self, seq: Seq) -> bool {
        self.place(seq) + 1 >= self.list.len()
    }
    /// Forgets what lies before `una`.
    pub fn acknowledge(&mut self, una: Seq) {
        while self.list.front().is_some_and(|first| first.end.at_or_before(una)) {
            self.list.pop_front();
        }
    }
    /// Forgets all.
    pub fn clear(&mut self) {
        self.list.clear();
    }
    fn place(&self, seq: Seq) -> usize {
        self.list.partition_point(|piece| piece.end.at_or_before(seq))
    }
    /// The one that holds the octet `seq`.
    pub fn holding(&self, seq: Seq) -> Option<Piece> {
        self.list.get(self.place(seq)).copied()
    }
    /// The one that ends at `end`.
    fn ending(&mut self, end: Seq) -> Option<&mut Piece> {
        let place = self.place(end - 1);
        self.list.get_mut(place).filter(|piece| piece.end == end)
    }
    /// Cuts the one that holds `at` in two: PSH and the end of a record stay behind.
    pub fn cut(&mut self, at: Seq, una: Seq) {
        let place = self.place(at);
        let start =
            place.checked_sub(1).and_then(|before| self.list.get(before)).map_or(una, |piece| piece.end);
        if place < self.list.len() && start.before(at) {
            self.list.insert(place, Piece { end: at, push: false, record: false });
        }
    }
    /// PSH stands at `end`.
    pub fn set_push(&mut self, end: Seq) {
        if let Some(piece) = self.ending(end) {
            piece.push = true;
        }
    }
    /// Whether a segment that ends at `end` carries PSH.
    pub fn pushes(&self, end: Seq) -> bool {
        let place = self.place(end - 1);
        self.list.get(place).is_some_and(|piece| piece.end == end && piece.push)
    }
    /// Whether a record ends within `from..to`, its end excepted.
    pub fn record_within(&self, from: Seq, to: Seq) -> Option<Seq> {
        let within = self.list.range(self.place(from)..).take_while(|piece| piece.end.before(to));
        within.filter(|piece| piece.record).map(|piece| piece.end).next()
    }
    /// Makes `from..to` one, as far as it consists of several; PSH of any of them stands at its end.
    pub fn join(&mut self, from: Seq, to: Seq, una: Seq) {
        self.cut(to, una);
        let (first, last) = (self.place(from), self.place(to - 1));
        if first >= last {
            return;
        }
        let push = self.list.range(first..=last.min(self.list.len() - 1)).any(|piece| piece.push);
        self.list.drain(first..last);
        if let Some(piece) = self.list.get_mut(first) {
            piece.push = push;
        }
    }
    /// The one that holds `seq` takes octets of those behind it until it ends at `most`, unless a record ends before.
    pub fn grow(&mut self, seq: Seq, most: Seq) {
        let place = self.place(seq);
        while let (Some(piece), Some(next)) =
            (self.list.get(place).copied(), self.list.get(place + 1).copied())
        {
            if piece.record || piece.end.at_or_after(most) {
                return;
            }
            if next.end.after(most) {
                self.list[place].end = most;
                return;
            }
            // All of the next: its marks come with it.
            self.list[place] = Piece { push: piece.push || next.push, ..next };
            self.list.remove(place + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(ends: &[(u32, bool)]) -> Pieces {
        let list =
            ends.iter().map(|(end, push)| Piece { end: Seq(*end), push: *push, record: false }).collect();
        Pieces { list }
    }

    #[test]
    fn a_cut_leaves_psh_on_the_part_behind() {
        let mut cut = pieces(&[(100, true), (200, true)]);
        cut.cut(Seq(150), Seq(0));
        assert_eq!(cut, pieces(&[(100, true), (150, false), (200, true)]));
        cut.cut(Seq(100), Seq(0));
        cut.cut(Seq(0), Seq(0));
        cut.cut(Seq(300), Seq(0));
        assert_eq!(cut, pieces(&[(100, true), (150, false), (200, true)]), "where one ends nothing is cut");
    }

    #[test]
    fn what_grows_takes_from_those_behind_and_their_marks_only_with_their_last_octet() {
        let mut grown = pieces(&[(100, false), (150, true), (400, true)]);
        grown.grow(Seq(20), Seq(300));
        assert_eq!(grown, pieces(&[(300, true), (400, true)]));
        let mut record = pieces(&[(100, false), (150, false)]);
        record.list[0].record = true;
        record.grow(Seq(20), Seq(150));
        assert_eq!(record.end(), Some(Seq(150)));
        assert_eq!(record.list.len(), 2, "a record stays for itself");
    }

    #[test]
    fn several_become_one_that_pushes_if_any_of_them_did() {
        let mut joined = pieces(&[(100, true), (150, false), (400, false)]);
        joined.join(Seq(0), Seq(200), Seq(0));
        assert_eq!(joined, pieces(&[(200, true), (400, false)]));
    }
}
