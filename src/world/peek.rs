//! The few octets the world must see of every frame, read without parsing it.

use crate::wire::Flags;
use bytes::Bytes;
use std::net::Ipv4Addr;

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
