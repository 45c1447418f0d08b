//! Addresses and ports changed in place, checksums mended and not made anew (RFC 1624): a wrong one stays wrong.

use crate::wire::{
    Flags, Ipv4Packet, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, Transport, updated_checksum,
};
use bytes::{Bytes, BytesMut};
use std::net::{Ipv4Addr, SocketAddrV4};

/// Who talks to whom. A ping's identifier stands for the port of the side that asks; protocols without ports have 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ends {
    /// The protocol's number.
    pub protocol: u8,
    /// Address and port.
    pub source: SocketAddrV4,
    /// Address and port.
    pub destination: SocketAddrV4,
}

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    Source,
    Destination,
}

/// What a packet's payload is to a NAT box.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// Part of a session between these ends.
    Session(Ends),
    /// An ICMP error: it is about another packet.
    Error,
    /// Nothing that could be translated.
    Odd,
}

/// The payload of a packet read without looking into it.
pub fn payload(packet: &Ipv4Packet) -> Option<&Bytes> {
    match &packet.transport {
        Transport::Other { payload, .. } => Some(payload),
        Transport::Tcp(_) | Transport::Udp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) => None,
    }
}

/// What the packet is.
pub fn content(packet: &Ipv4Packet) -> Content {
    let Some(payload) = payload(packet) else { return Content::Odd };
    let protocol = packet.protocol();
    if protocol == PROTOCOL_ICMP && matches!(payload.first(), Some(3 | 4 | 11 | 12)) {
        return Content::Error;
    }
    ends(protocol, packet.source, packet.destination, payload).map_or(Content::Odd, Content::Session)
}

/// The ends of what begins with these octets.
pub fn ends(protocol: u8, source: Ipv4Addr, destination: Ipv4Addr, payload: &[u8]) -> Option<Ends> {
    let word = |at: usize| Some(u16::from_be_bytes(payload.get(at..at + 2)?.try_into().ok()?));
    let (from, to) = match protocol {
        PROTOCOL_TCP | PROTOCOL_UDP => (word(0)?, word(2)?),
        PROTOCOL_ICMP => match payload.first()? {
            8 => (word(4)?, 0),
            0 => (0, word(4)?),
            _ => return None,
        },
        _ => (0, 0),
    };
    let (source, destination) = (SocketAddrV4::new(source, from), SocketAddrV4::new(destination, to));
    Some(Ends { protocol, source, destination })
}

/// The flags of a TCP segment.
pub fn tcp_flags(payload: &[u8]) -> Flags {
    payload.get(13).map_or(Flags::default(), |octet| Flags(*octet))
}

/// Gives that end of the packet another address and port.
pub fn set_end(packet: &mut Ipv4Packet, end: End, to: SocketAddrV4) {
    let from = match end {
        End::Source => std::mem::replace(&mut packet.source, *to.ip()),
        End::Destination => std::mem::replace(&mut packet.destination, *to.ip()),
    };
    let protocol = packet.protocol();
    if let Transport::Other { payload, .. } = &mut packet.transport {
        let mut octets = BytesMut::from(&payload[..]);
        set_in_payload(&mut octets, protocol, end, from, to);
        *payload = octets.freeze();
    }
}

/// The same within the octets behind an IP header, or as many of them as an ICMP error quotes.
fn set_in_payload(octets: &mut [u8], protocol: u8, end: End, from: Ipv4Addr, to: SocketAddrV4) {
    // Where the port lies, where the checksum does, and whether that is over the addresses too.
    let (port, sum, pseudo) = match (protocol, octets.first()) {
        (PROTOCOL_TCP, _) => (if end == End::Source { 0 } else { 2 }, 16, true),
        (PROTOCOL_UDP, _) => (if end == End::Source { 0 } else { 2 }, 6, true),
        (PROTOCOL_ICMP, Some(0 | 8)) => (4, 2, false),
        _ => return,
    };
    let new = to.port().to_be_bytes();
    let Some(place) = octets.get_mut(port..port + 2) else { return };
    let old = [place[0], place[1]];
    place.copy_from_slice(&new);
    let Some(place) = octets.get_mut(sum..sum + 2) else { return };
    let mut checksum = u16::from_be_bytes([place[0], place[1]]);
    // A UDP sender may leave it out (RFC 768).
    if protocol == PROTOCOL_UDP && checksum == 0 {
        return;
    }
    checksum = updated_checksum(checksum, &old, &new);
    if pseudo {
        checksum = updated_checksum(checksum, &from.octets(), &to.ip().octets());
    }
    if protocol == PROTOCOL_UDP && checksum == 0 {
        checksum = 0xffff;
    }
    place.copy_from_slice(&checksum.to_be_bytes());
}

/// The ends of the packet that an ICMP error quotes.
pub fn quoted_ends(quote: &[u8]) -> Option<Ends> {
    let header = etherparse::Ipv4HeaderSlice::from_slice(quote).ok()?;
    if header.fragments_offset().value() != 0 {
        return None;
    }
    let payload = quote.get(header.slice().len()..)?;
    ends(header.protocol().0, header.source_addr(), header.destination_addr(), payload)
}

/// A quote with another address and port at one of its ends.
pub fn set_quoted_end(quote: &[u8], end: End, to: SocketAddrV4) -> Option<Bytes> {
    let header = etherparse::Ipv4HeaderSlice::from_slice(quote).ok()?;
    let (len, protocol) = (header.slice().len(), header.protocol().0);
    let (at, from) = match end {
        End::Source => (12, header.source_addr()),
        End::Destination => (16, header.destination_addr()),
    };
    let mut octets = BytesMut::from(quote);
    octets[at..at + 4].copy_from_slice(&to.ip().octets());
    let checksum = u16::from_be_bytes([octets[10], octets[11]]);
    let checksum = updated_checksum(checksum, &from.octets(), &to.ip().octets());
    octets[10..12].copy_from_slice(&checksum.to_be_bytes());
    set_in_payload(&mut octets[len..], protocol, end, from, to);
    Some(octets.freeze())
}
