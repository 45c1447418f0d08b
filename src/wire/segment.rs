//! A TCP segment as values (RFC 9293 section 3.1).

use super::{Flags, Seq, TcpOption, TcpOptions};
use bytes::Bytes;

/// One TCP segment: the header's fields and the text. The checksum is made when bytes are built and
/// verified when they are parsed, so it is not here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Segment {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// SEG.SEQ.
    pub seq: Seq,
    /// SEG.ACK; meaningful only with [`Flags::ACK`].
    pub ack: Seq,
    /// Control flags.
    pub flags: Flags,
    /// SEG.WND as on the wire, not yet scaled.
    pub window: u16,
    /// Urgent pointer; meaningful only with [`Flags::URG`].
    pub urgent: u16,
    /// Options in wire order, NOPs included.
    pub options: TcpOptions,
    /// The segment's text.
    pub payload: Bytes,
}

impl Segment {
    /// SEG.LEN: text octets plus one for SYN and one for FIN (RFC 9293 section 3.4).
    pub fn len(&self) -> u32 {
        self.payload.len() as u32
            + u32::from(self.flags.has(Flags::SYN))
            + u32::from(self.flags.has(Flags::FIN))
    }
    /// Whether the segment occupies no sequence space.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Octets of the header with its options, 20 to 60.
    pub fn header_len(&self) -> usize {
        20 + self.options.padded().len()
    }
    /// The MSS option's value, if present.
    pub fn mss(&self) -> Option<u16> {
        self.options.iter().find_map(|option| match option {
            TcpOption::Mss(mss) => Some(mss),
            _ => None,
        })
    }
}
