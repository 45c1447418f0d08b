//! ICMP errors: who may get one, and whom a received one is about (RFC 792, RFC 1122 section 3.2.2).

use super::Profile;
use crate::internet::Quoted;
use crate::wire::{IcmpMessage, Ipv4Packet, Seq, Transport};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};

/// Reads the quote of an ICMP error: IPv4 header and at least 64 bits of TCP or UDP. `None` if it shows no ports.
pub fn quoted(quote: &[u8]) -> Option<Quoted> {
    let header = etherparse::Ipv4HeaderSlice::from_slice(quote).ok()?;
    if header.fragments_offset().value() != 0 {
        return None;
    }
    let protocol = header.protocol().0;
    if !matches!(protocol, crate::wire::PROTOCOL_TCP | crate::wire::PROTOCOL_UDP) {
        return None;
    }
    let octets: &[u8; 8] = quote.get(header.slice().len()..)?.first_chunk()?;
    let [a, b, c, d, e, f, g, h] = *octets;
    Some(Quoted {
        protocol,
        local: SocketAddr::from((header.source_addr(), u16::from_be_bytes([a, b]))),
        remote: SocketAddr::from((header.destination_addr(), u16::from_be_bytes([c, d]))),
        seq: Seq(u32::from_be_bytes([e, f, g, h])),
    })
}

/// Whether an ICMP error about this packet is allowed at all: never about an ICMP error, about a fragment other than the
/// first, or to a source that is not a single host.
pub fn may_answer(packet: &Ipv4Packet) -> bool {
    let source = packet.source;
    let single =
        !(source.is_unspecified() || source.is_multicast() || source.is_broadcast() || source.is_loopback());
    let single = single || (source.is_loopback() && packet.destination.is_loopback());
    let about_error = match &packet.transport {
        Transport::Icmp(message) => match message {
            IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. } => false,
            IcmpMessage::DestinationUnreachable { .. }
            | IcmpMessage::TimeExceeded { .. }
            | IcmpMessage::Other { .. } => true,
        },
        // As a router sees it, or the first fragment: the type alone tells.
        Transport::Other { protocol: crate::wire::PROTOCOL_ICMP, payload } => {
            !matches!(payload.first(), Some(0 | 8 | 9 | 10 | 13..=18))
        }
        Transport::Tcp(_) | Transport::Udp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => false,
    };
    let to_one = !packet.destination.is_multicast() && !packet.destination.is_broadcast();
    single && to_one && !about_error && packet.fragment_offset == 0
}

/// Whether messages of this kind are counted against the limit: a sender that looks for the path MTU must hear of it, and
/// redirects have a measure of their own.
pub fn is_limited(message: &IcmpMessage) -> bool {
    match message {
        IcmpMessage::DestinationUnreachable { code, .. } => *code != 4,
        IcmpMessage::Other { kind, .. } => *kind != 5,
        IcmpMessage::TimeExceeded { .. }
        | IcmpMessage::EchoRequest { .. }
        | IcmpMessage::EchoReply { .. } => true,
    }
}

/// What an error quotes of the packet whose octets these are.
pub fn quote(octets: &Bytes, profile: &Profile) -> Bytes {
    octets.slice(..octets.len().min(profile.icmp_quote))
}

/// The packet that carries an ICMP error back; precedence 6 as RFC 1812 section 4.3.2.5 has it.
pub fn error(local: Ipv4Addr, to: Ipv4Addr, message: IcmpMessage) -> Ipv4Packet {
    let mut packet = Ipv4Packet::new(local, to, Transport::Icmp(message));
    packet.dscp = 48;
    packet.dont_fragment = false;
    packet
}
