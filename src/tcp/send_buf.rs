//! The send buffer: what the user has written and the peer has not acknowledged.

use crate::wire::Seq;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// Octets from SND.UNA on, with the places where writes ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SendBuf {
    /// Sequence number of the first octet kept.
    base: Seq,
    octets: VecDeque<u8>,
    /// Sequence numbers just after the last octet of each write: a segment that ends there carries PSH.
    write_ends: VecDeque<Seq>,
}

impl SendBuf {
    /// Empty; the first octet written will have the number `first`.
    pub fn new(first: Seq) -> SendBuf {
        SendBuf { base: first, octets: VecDeque::new(), write_ends: VecDeque::new() }
    }
    /// Octets kept.
    pub fn len(&self) -> usize {
        self.octets.len()
    }
    /// Sequence number after the last octet.
    pub fn end(&self) -> Seq {
        self.base + self.octets.len() as u32
    }
    /// Adds one write.
    pub fn write(&mut self, data: &[u8]) {
        self.octets.extend(data);
        self.write_ends.push_back(self.end());
    }
    /// Forgets what lies before `una`.
    pub fn acknowledge(&mut self, una: Seq) {
        if una.after(self.base) {
            let count = (una - self.base).min(self.octets.len() as u32);
            self.octets.drain(..count as usize);
            self.base += count;
            while self.write_ends.front().is_some_and(|end| end.at_or_before(self.base)) {
                self.write_ends.pop_front();
            }
        }
    }
    /// `len` octets from `from` on; fewer if there are fewer.
    pub fn slice(&self, from: Seq, len: u32) -> Bytes {
        let start = ((from - self.base) as usize).min(self.octets.len());
        let end = (start + len as usize).min(self.octets.len());
        let mut out = BytesMut::with_capacity(end - start);
        let (head, tail) = self.octets.as_slices();
        if start < head.len() {
            out.extend_from_slice(&head[start..end.min(head.len())]);
        }
        if end > head.len() {
            out.extend_from_slice(&tail[start.saturating_sub(head.len())..end - head.len()]);
        }
        out.freeze()
    }
    /// Whether a write ended exactly at `seq`.
    pub fn write_ends_at(&self, seq: Seq) -> bool {
        let place = self.write_ends.partition_point(|end| end.before(seq));
        self.write_ends.get(place) == Some(&seq)
    }
    /// Forgets everything.
    pub fn clear(&mut self) {
        let end = self.end();
        *self = SendBuf::new(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_come_out_as_they_went_in_also_across_the_wrap() {
        let mut buffer = SendBuf::new(Seq(u32::MAX - 2));
        buffer.write(b"abcde");
        buffer.write(b"fgh");
        assert_eq!(buffer.slice(Seq(u32::MAX - 1), 4), "bcde".as_bytes());
        assert!(
            buffer.write_ends_at(Seq(2)) && buffer.write_ends_at(Seq(5)) && !buffer.write_ends_at(Seq(3))
        );
        buffer.acknowledge(Seq(2));
        assert_eq!((buffer.len(), buffer.base), (3, Seq(2)));
        assert!(!buffer.write_ends_at(Seq(2)) && buffer.write_ends_at(Seq(5)));
        buffer.write(b"ij");
        assert_eq!(buffer.slice(Seq(2), 100), "fghij".as_bytes());
    }

    #[test]
    fn acknowledging_beyond_the_end_empties_it() {
        let mut buffer = SendBuf::new(Seq(10));
        buffer.write(b"xy");
        buffer.acknowledge(Seq(13));
        assert_eq!((buffer.len(), buffer.end()), (0, Seq(12)));
    }
}
