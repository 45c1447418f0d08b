//! What goes into this room and what comes out of it, as values.

use super::Reason;
use crate::mib::Counter;
use crate::wire::Ipv4Packet;
use bytes::Bytes;

/// Octets of an Ethernet header.
pub(super) const ETHERNET: usize = 14;

/// Where a frame came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The interface of this number.
    Card(u16),
    /// This host itself.
    Loopback,
}

/// Who sent a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause<T> {
    /// Whoever called [`super::Ip::send`] with this tag.
    Upper(T),
    /// This room.
    Own(Reason),
}

/// What IP wants done or known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<T> {
    /// Put this frame on the wire.
    Transmit {
        /// The number of the interface it leaves by.
        card: u16,
        /// Ethernet header first.
        frame: Bytes,
        /// Who sent it.
        cause: Cause<T>,
    },
    /// Give this frame back to [`super::Ip::receive`] with [`Origin::Loopback`].
    Loop {
        /// Ethernet header first.
        frame: Bytes,
        /// Who sent it.
        cause: Cause<T>,
    },
    /// This packet could not be sent.
    Unsent {
        /// The packet; boxed, for this is rare and the list is moved about.
        packet: Box<Ipv4Packet>,
        /// Who sent it.
        cause: Cause<T>,
        /// Why not.
        why: Reason,
    },
    /// This whole packet, from its IP header on, is heard by raw sockets; what else becomes of it is told apart.
    Heard(Bytes),
    /// Something was decided that shows in no frame.
    Noted(Reason),
    /// The frame just received was dropped, or part of it was.
    Dropped(Reason),
    /// A counter rose by one.
    Counted(Counter),
    /// A timer ran out.
    TimerFired(&'static str),
}

/// A packet for the layers above: TCP, UDP or ICMP.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// The packet, whole.
    pub packet: &'a Ipv4Packet,
    /// What holds its octets.
    pub within: &'a Bytes,
    /// Where they begin in there.
    pub start: usize,
    /// Octets of payload of each fragment; empty if it came in one piece.
    pub pieces: &'a [usize],
}

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its packet is for the layers above, as it is.
    Whole,
    /// It was the last fragment of a packet for the layers above.
    Reassembled(Box<Reassembled>),
    /// Nothing is left to do.
    Done,
}

/// A packet that came in fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassembled {
    /// The packet, whole.
    pub packet: Ipv4Packet,
    /// Its octets.
    pub octets: Bytes,
    /// Octets of payload of each fragment.
    pub pieces: Vec<usize>,
}

impl<'a> Arrived<'a> {
    /// The packet that this frame carries.
    pub fn in_frame(packet: &'a Ipv4Packet, frame: &'a Bytes) -> Arrived<'a> {
        Arrived { packet, within: frame, start: ETHERNET, pieces: &[] }
    }
    /// Its octets.
    pub fn octets(&self) -> Bytes {
        let end = (self.start + self.packet.len()).min(self.within.len());
        self.within.slice(self.start.min(end)..end)
    }
}

impl Reassembled {
    /// The same, lent.
    pub fn arrived(&self) -> Arrived<'_> {
        Arrived { packet: &self.packet, within: &self.octets, start: 0, pieces: &self.pieces }
    }
}
