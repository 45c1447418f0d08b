//! What goes into either version of IP and what comes out of it, as values.

use crate::mib::Counter;
use crate::wire::{Ipv4Packet, Ipv6Packet};
use bytes::Bytes;

/// Octets of an Ethernet header.
pub const ETHERNET: usize = 14;

/// Where a frame came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The card of this number.
    Card(u16),
    /// This host itself.
    Loopback,
}

/// Who sent a packet: `T` tags what the layers above send, `R` says why IP itself does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause<T, R> {
    /// Whoever above sent it with this tag.
    Upper(T),
    /// IP itself.
    Own(R),
}

/// What IP wants done or known; `P` is a packet of its version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<T, P, R> {
    /// Put this frame on the wire.
    Transmit {
        /// The number of the card it leaves by.
        card: u16,
        /// Ethernet header first.
        frame: Bytes,
        /// Who sent it.
        cause: Cause<T, R>,
    },
    /// Give this frame back to IP with [`Origin::Loopback`].
    Loop {
        /// Ethernet header first.
        frame: Bytes,
        /// Who sent it.
        cause: Cause<T, R>,
    },
    /// This packet could not be sent.
    Unsent {
        /// The packet; boxed, for this is rare and the list is moved about.
        packet: Box<P>,
        /// Who sent it.
        cause: Cause<T, R>,
        /// Why not.
        why: R,
    },
    /// This whole packet, from its IP header on, is heard by raw sockets; what else becomes of it is told apart.
    Heard(Bytes),
    /// Something was decided that shows in no frame.
    Noted(R),
    /// The frame just received was dropped, or part of it was.
    Dropped(R),
    /// A counter rose by one.
    Counted(Counter),
    /// A timer ran out.
    TimerFired(&'static str),
}

/// A packet for the layers above: TCP, UDP or ICMP.
#[derive(Debug)]
pub struct Arrived<'a, P> {
    /// The packet, whole.
    pub packet: &'a P,
    /// What holds its octets.
    pub within: &'a Bytes,
    /// Where they begin in there.
    pub start: usize,
    /// Octets of payload of each fragment; empty if it came in one piece.
    pub pieces: &'a [usize],
}

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken<P> {
    /// Its packet is for the layers above, as it is.
    Whole,
    /// It was the last fragment of a packet for the layers above.
    Reassembled(Box<Reassembled<P>>),
    /// Nothing is left to do.
    Done,
}

/// A packet that came in fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassembled<P> {
    /// The packet, whole.
    pub packet: P,
    /// Its octets.
    pub octets: Bytes,
    /// Octets of payload of each fragment.
    pub pieces: Vec<usize>,
}

impl<P> Clone for Arrived<'_, P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Arrived<'_, P> {}

/// A packet of either version.
pub trait Packet {
    /// Octets of the whole packet.
    fn octets(&self) -> usize;
}

impl Packet for Ipv4Packet {
    fn octets(&self) -> usize {
        self.len()
    }
}

impl Packet for Ipv6Packet {
    fn octets(&self) -> usize {
        self.len()
    }
}

impl<'a, P: Packet> Arrived<'a, P> {
    /// The packet that this frame carries.
    pub fn in_frame(packet: &'a P, frame: &'a Bytes) -> Arrived<'a, P> {
        Arrived { packet, within: frame, start: ETHERNET, pieces: &[] }
    }
    /// Its octets.
    pub fn octets(&self) -> Bytes {
        let end = (self.start + self.packet.octets()).min(self.within.len());
        self.within.slice(self.start.min(end)..end)
    }
}

impl<P> Reassembled<P> {
    /// The same, lent.
    pub fn arrived(&self) -> Arrived<'_, P> {
        Arrived { packet: &self.packet, within: &self.octets, start: 0, pieces: &self.pieces }
    }
}
