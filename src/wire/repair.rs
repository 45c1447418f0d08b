//! Checksums written into octets that already are.

use super::Checksum;
use super::ipv6::{DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, IPV6_HEADER, MOST_EXTENSIONS, ROUTING};
use super::packet::{
    ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP,
};
use super::parse_ipv6::ipv6_end;
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which checksums to write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those a kernel left for the card: the field holds the sum of the pseudo-header alone.
    Unfinished,
    /// All of them.
    All,
}

/// The frame with its unfinished TCP or UDP checksum filled in. A capture on loopback shows the field holding the sum of the
/// pseudo-header alone, because the octets never meet a card; so does that of a packet quoted whole in an ICMP error. Any
/// other checksum, right or wrong, stays as it is, as does whatever carries no IP.
pub fn fill_checksums(frame: &Bytes) -> Bytes {
    rewrite(frame, Which::Unfinished)
}

/// The frame with every checksum (IPv4, TCP, UDP, ICMP, ICMPv6) made right, as far as its lengths make sense.
pub fn repair_checksums(frame: &Bytes) -> Bytes {
    rewrite(frame, Which::All)
}

fn rewrite(frame: &Bytes, which: Which) -> Bytes {
    let mut octets = frame.to_vec();
    // Where lengths make no sense it stops, and what it has written until then stays.
    let _ = rewrite_in(&mut octets, which);
    if octets == frame[..] { frame.clone() } else { Bytes::from(octets) }
}

fn rewrite_in(frame: &mut [u8], which: Which) -> Option<()> {
    match u16_at(frame, 12)? {
        ETHER_TYPE_IPV4 => rewrite_packet(frame.get_mut(14..)?, which),
        ETHER_TYPE_IPV6 => rewrite_ipv6(frame.get_mut(14..)?, which),
        _ => None,
    }
}

fn rewrite_packet(packet: &mut [u8], which: Which) -> Option<()> {
    let header_len = usize::from(packet.first()? & 0x0f) * 4;
    let total = usize::from(u16_at(packet, 2)?);
    let packet = packet.get_mut(..total)?;
    if header_len < 20 || header_len > total {
        return None;
    }
    let (header, payload) = packet.split_at_mut(header_len);
    if which == Which::All {
        write(header, 10, Checksum::new())?;
    }
    let fragment = u16_at(header, 6)? & 0x3fff != 0;
    if fragment {
        return Some(());
    }
    let ends = (address_at(header, 12)?, address_at(header, 16)?);
    match *header.get(9)? {
        PROTOCOL_TCP => rewrite_transport(payload, ends, PROTOCOL_TCP, 16, which),
        PROTOCOL_UDP => {
            let len = usize::from(u16_at(payload, 4)?);
            rewrite_transport(payload.get_mut(..len)?, ends, PROTOCOL_UDP, 6, which)
        }
        PROTOCOL_ICMP => rewrite_icmp(payload, which),
        _ => Some(()),
    }
}

fn rewrite_ipv6(packet: &mut [u8], which: Which) -> Option<()> {
    let address = |at: usize| {
        let octets: [u8; 16] = packet.get(at..at + 16)?.try_into().ok()?;
        Some(IpAddr::from(Ipv6Addr::from(octets)))
    };
    let ends = (address(8)?, address(24)?);
    let end = ipv6_end(packet).ok()?;
    let (mut next, mut start) = (*packet.get(6)?, IPV6_HEADER);
    for _ in 0..MOST_EXTENSIONS {
        let header = packet.get(start..end)?;
        let len = match next {
            HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS => (usize::from(*header.get(1)?) + 1) * 8,
            // Only of a packet that is whole can the sum be known.
            FRAGMENT if u16_at(header, 2)? & 0xfff9 != 0 => return Some(()),
            FRAGMENT => 8,
            _ => break,
        };
        (next, start) = (*header.first()?, start + len);
    }
    let payload = packet.get_mut(start..end)?;
    match next {
        PROTOCOL_TCP => rewrite_transport(payload, ends, PROTOCOL_TCP, 16, which),
        PROTOCOL_UDP => {
            let len = usize::from(u16_at(payload, 4)?);
            rewrite_transport(payload.get_mut(..len)?, ends, PROTOCOL_UDP, 6, which)
        }
        PROTOCOL_ICMPV6 => rewrite_transport(payload, ends, PROTOCOL_ICMPV6, 2, which),
        _ => Some(()),
    }
}

/// Rewrites the checksum of a TCP segment or UDP datagram.
fn rewrite_transport(
    octets: &mut [u8],
    ends: (IpAddr, IpAddr),
    protocol: u8,
    field: usize,
    which: Which,
) -> Option<()> {
    let pseudo_header = Checksum::new().add_pseudo_header_of(ends, protocol, octets.len() as u32);
    if which == Which::All || u16_at(octets, field)? == pseudo_header.sum() {
        write(octets, field, pseudo_header)?;
        if protocol == PROTOCOL_UDP && u16_at(octets, field)? == 0 {
            // Zero would say that there is none; all ones is the same number (RFC 768).
            octets.get_mut(field..field + 2)?.fill(0xff);
        }
    }
    Some(())
}

/// Rewrites the checksum of an ICMP message. A kernel quotes an unfinished packet as unfinished as it was: when that is
/// filled in, the message's own checksum follows it.
fn rewrite_icmp(message: &mut [u8], which: Which) -> Option<()> {
    match which {
        Which::All => write(message, 2, Checksum::new()),
        Which::Unfinished => {
            let is_error = matches!(message.first()?, 3 | 4 | 5 | 11 | 12);
            let right = Checksum::new().over(message).sum() == 0xffff;
            if is_error && right && rewrite_packet(message.get_mut(8..)?, which).is_some() {
                write(message, 2, Checksum::new())?;
            }
            Some(())
        }
    }
}

/// Writes the checksum over `start` and all of `octets` into the field.
fn write(octets: &mut [u8], field: usize, start: Checksum) -> Option<()> {
    octets.get_mut(field..field + 2)?.fill(0);
    let sum = start.over(octets).finish();
    octets.get_mut(field..field + 2)?.copy_from_slice(&sum.to_be_bytes());
    Some(())
}

fn u16_at(octets: &[u8], at: usize) -> Option<u16> {
    octets.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn address_at(octets: &[u8], at: usize) -> Option<IpAddr> {
    octets
        .get(at..at + 4)
        .and_then(|four| <[u8; 4]>::try_from(four).ok())
        .map(|four| Ipv4Addr::from(four).into())
}
