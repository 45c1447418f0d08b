//! The receive buffer: octets in order for the user, and islands that came too early.

use super::profile::{BlockRule, Cost};
use crate::wire::Seq;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// What has come and is not yet read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RecvBuf {
    ready: VecDeque<Bytes>,
    ready_len: usize,
    /// Pieces beyond RCV.NXT, in sequence order, not overlapping.
    islands: Vec<Island>,
    island_len: usize,
    /// The blocks of memory that the octets in order lie in, the first to be read first.
    blocks: VecDeque<Block>,
    /// Octets of memory that all of it takes.
    cost: u32,
}

/// A block of memory with octets that are in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Block {
    /// Octets in it that nobody has read.
    left: u32,
    cost: Cost,
}

#[derive(Clone, Debug, PartialEq)]
struct Island {
    start: Seq,
    data: Bytes,
    /// Whether a FIN follows its last octet.
    fin: bool,
    /// When it came: larger is newer (RFC 2018 section 4 wants the newest block first).
    order: u32,
    /// SACK tells of it no more.
    untold: bool,
    /// Its block of memory; of size 0 if it lies in the one before it.
    cost: Cost,
}

/// What a piece met among those that were there before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Met {
    /// The first octets in a row that it brought again.
    pub again: Option<(Seq, Seq)>,
    /// Pieces that it covers; one if it lies within what was there.
    pub covered: u32,
}

impl Island {
    fn end(&self) -> Seq {
        self.start + self.data.len() as u32
    }
}

impl Met {
    /// Octets in a row that were there before the piece from `start` to `end` came.
    fn add(&mut self, row: (Seq, Seq), start: Seq, end: Seq) {
        let (from, to) = (row.0.max(start), row.1.min(end));
        if !from.before(to) {
            return;
        }
        self.again.get_or_insert((from, to));
        let within = row.0.at_or_before(start) && end.at_or_before(row.1);
        let covers = start.at_or_before(row.0) && row.1.at_or_before(end);
        self.covered += u32::from(within || covers);
    }
}

impl RecvBuf {
    /// Octets the user can read now.
    pub fn readable(&self) -> usize {
        self.ready_len
    }
    /// Octets held in all.
    pub fn held(&self) -> usize {
        self.ready_len + self.island_len
    }
    /// Octets of memory that they take.
    pub fn cost(&self) -> u32 {
        self.cost
    }
    /// The sequence number after what came farthest too early.
    pub fn farthest(&self) -> Option<Seq> {
        self.islands.last().map(|last| last.end() + u32::from(last.fin))
    }
    /// Whether something came too early.
    pub fn holds_only_fin(&self) -> bool {
        matches!(&self.islands[..], [island] if island.fin && island.data.is_empty())
    }
    /// Whether anything came too early.
    pub fn has_islands(&self) -> bool {
        !self.islands.is_empty()
    }
    /// Adds octets in order. They go into the block of those before them if that has room.
    pub fn append(&mut self, data: Bytes, cost: Cost) {
        if data.is_empty() {
            return;
        }
        let len = data.len() as u32;
        self.ready_len += data.len();
        self.ready.push_back(data);
        match self.blocks.back_mut() {
            Some(last) if last.cost.room >= len => {
                last.left += len;
                last.cost.room -= len;
            }
            // It came into that very block.
            Some(last) if cost.size == 0 => {
                last.left += len;
                last.cost.room = cost.room;
            }
            _ => {
                self.cost = self.cost.saturating_add(cost.size);
                self.blocks.push_back(Block { left: len, cost });
            }
        }
    }

    /// So many octets were read: blocks with nothing left are given back.
    fn give_back(&mut self, read: usize) {
        let mut read = u32::try_from(read).unwrap_or(u32::MAX);
        while read > 0
            && let Some(first) = self.blocks.front_mut()
        {
            let part = first.left.min(read);
            first.left -= part;
            read -= part;
            if first.left == 0 {
                self.cost = self.cost.saturating_sub(first.cost.size);
                self.blocks.pop_front();
            }
        }
    }

    /// Packs what lies loosely, from the first block on that takes more memory than `text_in` says its octets need.
    pub fn pack(&mut self, rule: &BlockRule, text_in: impl Fn(u32) -> u32) {
        let Some(from) = self.blocks.iter().position(|block| text_in(block.cost.size) > block.left) else {
            return;
        };
        let loose: Vec<Block> = self.blocks.drain(from..).collect();
        let freed: u32 = loose.iter().map(|block| block.cost.size).sum();
        self.cost = self.cost.saturating_sub(freed);
        let mut left: u32 = loose.iter().map(|block| block.left).sum();
        while left > 0 {
            let part = left.min(rule.packed());
            let cost = rule.cost_of_packed(part);
            self.cost = self.cost.saturating_add(cost.size);
            self.blocks.push_back(Block { left: part, cost });
            left -= part;
        }
    }

    /// The same for what came too early, run by run.
    pub fn pack_islands(&mut self, rule: &BlockRule, text_in: impl Fn(u32) -> u32) {
        let mut from = 0;
        while let Some(first) = self.islands.get(from) {
            let mut end = first.end();
            let mut to = from + 1;
            while let Some(next) = self.islands.get(to).filter(|next| next.start == end) {
                end = next.end();
                to += 1;
            }
            self.pack_run(rule, from, to, &text_in);
            from = to;
        }
    }

    /// Packs the islands of one run, from the first loose one on; one alone stays as it is.
    fn pack_run(&mut self, rule: &BlockRule, from: usize, to: usize, text_in: &impl Fn(u32) -> u32) {
        let run = self.islands.get_mut(from..to).unwrap_or_default();
        let loose = run.iter().position(|island| text_in(island.cost.size) > island.data.len() as u32);
        let Some(run) = loose.and_then(|loose| run.get_mut(loose..)).filter(|run| run.len() > 1) else {
            return;
        };
        let freed: u32 = run.iter().map(|island| island.cost.size).sum();
        let mut left: u32 = run.iter().map(|island| island.data.len() as u32).sum();
        let mut size = 0;
        while left > 0 {
            let part = left.min(rule.packed());
            size += rule.cost_of_packed(part).size;
            left -= part;
        }
        for island in run.iter_mut() {
            island.cost = Cost::default();
        }
        if let Some(first) = run.first_mut() {
            first.cost.size = size;
        }
        self.cost = self.cost.saturating_sub(freed).saturating_add(size);
    }

    /// Forgets the islands that came farthest and begin after `seq`, until no more than `limit` octets of memory are taken.
    /// Tells whether there were any.
    pub fn forget_beyond(&mut self, seq: Seq, limit: u32) -> bool {
        let step = i64::from(limit / 8);
        let mut goal = step;
        let mut some = false;
        while let Some(last) = self.islands.last()
            && !seq.after(last.start)
        {
            some = true;
            self.island_len -= last.data.len();
            self.cost = self.cost.saturating_sub(last.cost.size);
            goal -= i64::from(last.cost.size);
            self.islands.pop();
            if goal <= 0 {
                if self.cost <= limit {
                    break;
                }
                goal = step;
            }
        }
        some
    }
    /// Up to `max` octets for the user.
    pub fn read(&mut self, max: usize) -> Bytes {
        let want = max.min(self.ready_len);
        let Some(first) = self.ready.front_mut() else { return Bytes::new() };
        let out = if first.len() > want {
            first.split_to(want)
        } else if first.len() == want {
            self.ready.pop_front().unwrap_or_default()
        } else {
            let mut out = BytesMut::with_capacity(want);
            while out.len() < want {
                let Some(piece) = self.ready.front_mut() else { break };
                let missing = want - out.len();
                if piece.len() > missing {
                    out.extend_from_slice(&piece.split_to(missing));
                } else {
                    out.extend_from_slice(piece);
                    self.ready.pop_front();
                }
            }
            out.freeze()
        };
        self.ready_len -= out.len();
        self.give_back(out.len());
        out
    }
    /// What of the octets from `start` to `end` is there already, beyond RCV.NXT.
    pub fn meets(&self, start: Seq, end: Seq) -> Met {
        let mut met = Met::default();
        let mut row: Option<(Seq, Seq)> = None;
        let near = self.islands.iter().take_while(|island| island.start.before(end));
        let pieces = near.filter(|island| !island.data.is_empty());
        for (from, to) in pieces.map(|island| (island.start, island.end())) {
            row = match row {
                Some((first, last)) if last == from => Some((first, to)),
                Some(done) => {
                    met.add(done, start, end);
                    Some((from, to))
                }
                None => Some((from, to)),
            };
        }
        if let Some(done) = row {
            met.add(done, start, end);
        }
        met
    }
    /// Keeps a piece that came too early; what is already there is kept as it was. Tells what that was.
    pub fn hold(&mut self, start: Seq, data: Bytes, fin: bool, order: u32, cost: Cost) -> Met {
        let mut cost = cost;
        let end = start + data.len() as u32;
        let met = self.meets(start, end);
        let mut cursor = start;
        let mut place = 0;
        while let Some(island) = self.islands.get_mut(place) {
            if island.start.at_or_after(end) {
                break;
            }
            if island.end().after(cursor) {
                island.order = order;
                island.untold = false;
                let (from, to) = (cursor, island.start);
                cursor = island.end();
                if from.before(to) {
                    let piece = data.slice((from - start) as usize..(to - start) as usize);
                    self.insert(place, from, piece, order, std::mem::take(&mut cost));
                    place += 1;
                }
            }
            place += 1;
        }
        if cursor.before(end) {
            let piece = data.slice((cursor - start) as usize..);
            self.insert(place, cursor, piece, order, cost);
        }
        if fin {
            self.hold_fin(end, order);
        }
        met
    }

    fn insert(&mut self, place: usize, start: Seq, data: Bytes, order: u32, cost: Cost) {
        self.island_len += data.len();
        let len = data.len() as u32;
        let mut cost = cost;
        if let Some(before) = place.checked_sub(1).and_then(|place| self.islands.get_mut(place))
            && before.end() == start
            && before.cost.room >= len
        {
            cost = Cost { size: 0, room: before.cost.room - len };
            before.cost.room = 0;
        }
        self.cost = self.cost.saturating_add(cost.size);
        self.islands.insert(place, Island { start, data, fin: false, order, untold: false, cost });
    }

    /// Remembers a FIN at `at`, unless text beyond it has come: then the peer contradicts itself.
    fn hold_fin(&mut self, at: Seq, order: u32) {
        match self.islands.last_mut() {
            Some(last) if last.end() == at => last.fin = true,
            Some(last) if last.end().after(at) => {}
            Some(_) | None => self.islands.push(Island {
                start: at,
                data: Bytes::new(),
                fin: true,
                order,
                untold: false,
                cost: Cost::default(),
            }),
        }
    }

    /// Moves what now joins on at `next` to the user's side. Returns the new RCV.NXT (FIN not counted) and whether a FIN follows.
    pub fn join(&mut self, mut next: Seq) -> (Seq, bool) {
        let mut fin = false;
        while let Some(first) = self.islands.first() {
            if first.start.after(next) {
                break;
            }
            let island = self.islands.remove(0);
            self.island_len -= island.data.len();
            self.cost = self.cost.saturating_sub(island.cost.size);
            let known = (next - island.start) as usize;
            if known <= island.data.len() {
                let fresh = island.data.slice(known..);
                next += fresh.len() as u32;
                self.append(fresh, island.cost);
                if island.fin {
                    fin = true;
                    break;
                }
            }
        }
        (next, fin)
    }
    /// The islands as SACK blocks, at most `max`, the newest first (RFC 2018 section 4).
    pub fn sack_blocks(&self, max: usize) -> Vec<(Seq, Seq)> {
        self.blocks_by_age().into_iter().take(max).map(|(start, end, _)| (start, end)).collect()
    }

    /// Of all blocks only the newest are told from now on.
    pub fn tell_no_more_than(&mut self, kept: usize) {
        if self.islands.len() <= kept {
            return;
        }
        let blocks = self.blocks_by_age();
        for (start, end, _) in blocks.into_iter().skip(kept) {
            let within =
                |island: &&mut Island| island.start.at_or_after(start) && island.end().at_or_before(end);
            self.islands.iter_mut().filter(within).for_each(|island| island.untold = true);
        }
    }

    fn blocks_by_age(&self) -> Vec<(Seq, Seq, u32)> {
        if self.islands.is_empty() {
            return Vec::new();
        }
        let mut blocks: Vec<(Seq, Seq, u32)> = Vec::new();
        for island in self.islands.iter().filter(|island| !island.untold) {
            let end = island.end() + u32::from(island.fin);
            match blocks.last_mut() {
                Some(last) if last.1 == island.start => {
                    last.1 = end;
                    last.2 = last.2.max(island.order);
                }
                _ => blocks.push((island.start, end, island.order)),
            }
        }
        blocks.sort_by_key(|block| std::cmp::Reverse(block.2));
        blocks
    }
    /// Forgets the islands.
    pub fn clear_islands(&mut self) {
        let freed: u32 = self.islands.iter().map(|island| island.cost.size).sum();
        self.cost = self.cost.saturating_sub(freed);
        self.islands.clear();
        self.island_len = 0;
    }
    /// Walks over everything: sums and order. For tests.
    #[cfg(test)]
    pub fn check_deep(&self, next: Seq) {
        assert_eq!(self.ready_len, self.ready.iter().map(Bytes::len).sum::<usize>());
        assert_eq!(self.island_len, self.islands.iter().map(|island| island.data.len()).sum::<usize>());
        let left: u32 = self.blocks.iter().map(|block| block.left).sum();
        assert_eq!(self.ready_len, left as usize);
        let blocks: u32 = self.blocks.iter().map(|block| block.cost.size).sum();
        assert_eq!(self.cost, blocks + self.islands.iter().map(|island| island.cost.size).sum::<u32>());
        let mut edge = next;
        for island in &self.islands {
            assert!(island.start.at_or_after(edge), "islands overlap or lie before RCV.NXT");
            edge = island.end();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every piece in a block of its own.
    const COST: Cost = Cost { size: 10, room: 0 };

    fn bytes(text: &'static str) -> Bytes {
        Bytes::from_static(text.as_bytes())
    }

    #[test]
    fn a_filled_gap_delivers_all_that_waited() {
        let mut buffer = RecvBuf::default();
        buffer.hold(Seq(5), bytes("fg"), false, 1, COST);
        buffer.hold(Seq(9), bytes("jk"), true, 2, COST);
        buffer.hold(Seq(6), bytes("ghij"), false, 3, COST);
        buffer.check_deep(Seq(0));
        assert_eq!(buffer.held(), 6);
        buffer.append(bytes("abcde"), COST);
        assert_eq!(buffer.join(Seq(5)), (Seq(11), true));
        assert_eq!(buffer.read(100), "abcdefghijk".as_bytes());
        assert_eq!(buffer.held(), 0);
    }

    #[test]
    fn reading_takes_no_more_than_asked() {
        let mut buffer = RecvBuf::default();
        buffer.append(bytes("one"), COST);
        buffer.append(bytes("two"), COST);
        assert_eq!(buffer.read(4), "onet".as_bytes());
        assert_eq!(buffer.read(4), "wo".as_bytes());
        assert!(buffer.read(4).is_empty());
    }

    #[test]
    fn sack_blocks_name_the_newest_first() {
        let mut buffer = RecvBuf::default();
        buffer.hold(Seq(10), bytes("aa"), false, 1, COST);
        buffer.hold(Seq(20), bytes("bb"), false, 2, COST);
        buffer.hold(Seq(12), bytes("cc"), false, 3, COST);
        assert_eq!(buffer.sack_blocks(3), vec![(Seq(10), Seq(14)), (Seq(20), Seq(22))]);
        assert_eq!(buffer.sack_blocks(1).len(), 1);
    }

    #[test]
    fn a_piece_is_told_what_of_it_was_there_before() {
        let mut buffer = RecvBuf::default();
        let mut hold = |from: u32, to: u32, order| {
            let data = Bytes::from(vec![0; (to - from) as usize]);
            let met = buffer.hold(Seq(from), data, false, order, COST);
            (met.again.map(|(from, to)| (from.0, to.0)), met.covered)
        };
        assert_eq!(hold(11, 21, 1), (None, 0));
        assert_eq!(hold(21, 31, 2), (None, 0), "beside it");
        assert_eq!(hold(15, 25, 3), (Some((15, 25)), 1), "within both");
        assert_eq!(hold(5, 12, 4), (Some((11, 12)), 0));
        assert_eq!(hold(41, 46, 5), (None, 0));
        assert_eq!(hold(30, 50, 6), (Some((30, 31)), 1), "the first in a row only");
        assert_eq!(hold(5, 60, 7), (Some((5, 50)), 1));
    }

    #[test]
    fn a_lone_fin_can_wait_too() {
        let mut buffer = RecvBuf::default();
        buffer.hold(Seq(5), bytes(""), true, 1, COST);
        assert_eq!(buffer.join(Seq(4)), (Seq(4), false));
        buffer.append(bytes("x"), COST);
        assert_eq!(buffer.join(Seq(5)), (Seq(5), true));
    }
}
