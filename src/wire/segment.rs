//! A TCP segment as values (RFC 9293 section 3.1).

use super::{Flags, Seq};
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
    pub options: Vec<TcpOption>,
    /// The segment's text.
    pub payload: Bytes,
}

/// One TCP option in wire order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TcpOption {
    /// Kind 0.
    EndOfList,
    /// Kind 1.
    Nop,
    /// Kind 2: largest segment the sender of this option takes, octets (RFC 9293 section 3.7.1).
    Mss(u16),
    /// Kind 3: shift count, 0 to 14 (RFC 7323 section 2).
    WindowScale(u8),
    /// Kind 4 (RFC 2018 section 2).
    SackPermitted,
    /// Kind 5: blocks (left edge, right edge), one to four (RFC 2018 section 3).
    Sack(Vec<(Seq, Seq)>),
    /// Kind 8: TSval and TSecr (RFC 7323 section 3).
    Timestamps {
        /// TSval.
        value: u32,
        /// TSecr.
        echo: u32,
    },
    /// Any other kind, with its data octets.
    Unknown {
        /// Option kind.
        kind: u8,
        /// The octets after kind and length.
        data: Bytes,
    },
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
    /// The MSS option's value, if present.
    pub fn mss(&self) -> Option<u16> {
        self.options.iter().find_map(|option| match option {
            TcpOption::Mss(mss) => Some(*mss),
            _ => None,
        })
    }
}
