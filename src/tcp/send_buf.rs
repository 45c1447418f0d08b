//! The send buffer: what the user has written and the peer has not acknowledged.

use crate::wire::Seq;
use bytes::{Bytes, BytesMut};
use std::collections::VecDeque;

/// Octets from SND.UNA on, as the user wrote them: the buffer shares them with the writer, and a segment's text shares
/// them with the buffer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SendBuf {
    /// Sequence number of the first octet kept.
    base: Seq,
    /// Octets kept.
    len: usize,
    /// The writes, long ones perhaps in parts, none of them empty.
    writes: VecDeque<Write>,
}

/// What is left of one write.
#[derive(Clone, Debug, PartialEq)]
struct Write {
    octets: Bytes,
    /// Sequence number after its last octet: a segment that ends there carries PSH.
    end: Seq,
}

impl Write {
    fn start(&self) -> Seq {
        self.end - self.octets.len() as u32
    }
}

impl SendBuf {
    /// Empty; the first octet written will have the number `first`.
    pub fn new(first: Seq) -> SendBuf {
        SendBuf { base: first, len: 0, writes: VecDeque::new() }
    }
    /// Octets kept.
    pub fn len(&self) -> usize {
        self.len
    }
    /// Sequence number after the last octet.
    pub fn end(&self) -> Seq {
        self.base + self.len as u32
    }
    /// Adds one write, or part of one, not an empty one.
    pub fn write(&mut self, octets: Bytes) {
        self.len += octets.len();
        self.writes.push_back(Write { octets, end: self.end() });
    }
    /// Forgets what lies before `una`.
    pub fn acknowledge(&mut self, una: Seq) {
        while let Some(first) = self.writes.front_mut() {
            let gone = if first.end.at_or_before(una) {
                first.octets.len()
            } else if first.start().before(una) {
                (una - first.start()) as usize
            } else {
                return;
            };
            self.base += gone as u32;
            self.len -= gone;
            if gone < first.octets.len() {
                first.octets = first.octets.split_off(gone);
                return;
            }
            self.writes.pop_front();
        }
    }
    /// The place of the write that holds `seq`.
    fn place(&self, seq: Seq) -> usize {
        self.writes.partition_point(|write| write.end.at_or_before(seq))
    }
    /// `len` octets from `from` on; fewer if there are fewer. They are copied only where several writes come together.
    pub fn slice(&self, from: Seq, len: u32) -> Bytes {
        let from = from.max(self.base);
        let until = (from + len).min(self.end());
        let first = self.place(from);
        let part = |write: &Write| {
            let skipped = from.max(write.start()) - write.start();
            write.octets.slice(skipped as usize..(until.min(write.end) - write.start()) as usize)
        };
        match self.writes.get(first) {
            None => Bytes::new(),
            Some(write) if write.end.at_or_after(until) => part(write),
            Some(_) => {
                let mut out = BytesMut::with_capacity((until - from) as usize);
                for write in self.writes.range(first..).take_while(|write| write.start().before(until)) {
                    out.extend_from_slice(&part(write));
                }
                out.freeze()
            }
        }
    }
    /// Whether a write ended exactly at `seq`.
    pub fn write_ends_at(&self, seq: Seq) -> bool {
        self.writes.get(self.place(seq - 1)).is_some_and(|write| write.end == seq)
    }
    /// Forgets everything.
    pub fn clear(&mut self) {
        *self = SendBuf::new(self.end());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_come_out_as_they_went_in_also_across_the_wrap() {
        let mut buffer = SendBuf::new(Seq(u32::MAX - 2));
        buffer.write(Bytes::from_static(b"abcde"));
        buffer.write(Bytes::from_static(b"fgh"));
        assert_eq!(buffer.slice(Seq(u32::MAX - 1), 3), "bcd".as_bytes());
        assert_eq!(buffer.slice(Seq(u32::MAX - 1), 5), "bcdef".as_bytes());
        assert!(
            buffer.write_ends_at(Seq(2)) && buffer.write_ends_at(Seq(5)) && !buffer.write_ends_at(Seq(3))
        );
        buffer.acknowledge(Seq(1));
        assert_eq!((buffer.len(), buffer.base), (4, Seq(1)));
        buffer.acknowledge(Seq(2));
        assert_eq!((buffer.len(), buffer.base), (3, Seq(2)));
        assert!(!buffer.write_ends_at(Seq(2)) && buffer.write_ends_at(Seq(5)));
        buffer.write(Bytes::from_static(b"ij"));
        assert_eq!(buffer.slice(Seq(2), 100), "fghij".as_bytes());
        assert_eq!(buffer.slice(Seq(7), 100), "".as_bytes());
    }

    #[test]
    fn a_segment_shares_its_octets_with_the_writer() {
        let written = Bytes::from(vec![1; 100]);
        let mut buffer = SendBuf::new(Seq(10));
        buffer.write(written.clone());
        assert_eq!(buffer.slice(Seq(20), 30).as_ptr(), written[10..].as_ptr());
    }

    #[test]
    fn acknowledging_beyond_the_end_empties_it() {
        let mut buffer = SendBuf::new(Seq(10));
        buffer.write(Bytes::from_static(b"xy"));
        buffer.acknowledge(Seq(13));
        assert_eq!((buffer.len(), buffer.end()), (0, Seq(12)));
    }
}
