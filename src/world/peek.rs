//! The few octets the world must see of every frame, read without parsing it.

use crate::wire::Flags;
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Source and destination address, if it is IPv4.
pub(crate) fn addresses(frame: &Bytes) -> Option<(Ipv4Addr, Ipv4Addr)> {
    if frame.get(12..14)? != [0x08, 0x00] {
        return None;
    }
    let at = |start: usize| -> Option<Ipv4Addr> {
        let octets: [u8; 4] = frame.get(start..start + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(octets))
    };
    Some((at(26)?, at(30)?))
}

/// Source and destination address, if it is IPv6.
pub(crate) fn addresses6(frame: &[u8]) -> Option<(Ipv6Addr, Ipv6Addr)> {
    if frame.get(12..14)? != [0x86, 0xdd] {
        return None;
    }
    let at = |start: usize| -> Option<Ipv6Addr> {
        let octets: [u8; 16] = frame.get(start..start + 16)?.try_into().ok()?;
        Some(Ipv6Addr::from(octets))
    };
    Some((at(22)?, at(38)?))
}

/// Whom a frame is meant for, by the addresses of IPv4, ARP or IPv6: who asks a whole group for a neighbour means that one.
pub(crate) fn meant(frame: &Bytes) -> Option<IpAddr> {
    if let Some((_, to)) = addresses(frame) {
        return Some(to.into());
    }
    if let Some(target) = arp_target(frame) {
        return Some(target.into());
    }
    let (_, to) = addresses6(frame)?;
    Some(solicited(frame).filter(|_| to.is_multicast()).unwrap_or(to).into())
}

/// The target of a neighbour solicitation (RFC 4861 section 4.3) right behind the IPv6 header.
fn solicited(frame: &[u8]) -> Option<Ipv6Addr> {
    const ICMPV6: u8 = 58;
    const SOLICITATION: u8 = 135;
    if *frame.get(20)? != ICMPV6 || *frame.get(54)? != SOLICITATION {
        return None;
    }
    let octets: [u8; 16] = frame.get(62..78)?.try_into().ok()?;
    Some(Ipv6Addr::from(octets))
}

/// The target protocol address, if it is ARP.
pub(crate) fn arp_target(frame: &Bytes) -> Option<Ipv4Addr> {
    if frame.get(12..14)? != [0x08, 0x06] {
        return None;
    }
    let octets: [u8; 4] = frame.get(38..42)?.try_into().ok()?;
    Some(Ipv4Addr::from(octets))
}

/// Whether it is an unfragmented TCP segment with SYN set.
pub(crate) fn is_syn(frame: &Bytes) -> bool {
    let header = |at: usize| frame.get(at).copied().unwrap_or(0);
    let tcp = addresses(frame).is_some() && header(23) == 6 && header(20) & 0x1f == 0 && header(21) == 0;
    tcp && Flags(header(14 + usize::from(header(14) & 0x0f) * 4 + 13)).has(Flags::SYN)
}
