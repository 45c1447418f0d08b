//! Checksums written into octets that already are.

use super::Checksum;
use super::packet::{ETHER_TYPE_IPV4, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP};
use bytes::Bytes;
use std::net::Ipv4Addr;

/// Which checksums to write.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// Those a kernel left for the card: the field holds the sum of the pseudo-header alone.
    Unfinished,
    /// All of them.
    All,
}

/// The frame with its unfinished TCP or UDP checksum filled in. A capture on loopback shows the field holding the sum of the
/// pseudo-header alone, because the octets never meet a card. Any other checksum, right or wrong, stays as it is,
/// as does whatever is no IPv4 frame.
pub fn fill_checksums(frame: &Bytes) -> Bytes {
    rewrite(frame, Which::Unfinished)
}

/// The frame with every checksum (IPv4, TCP, UDP, ICMP) made right, as far as its lengths make sense.
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
    if u16_at(frame, 12)? != ETHER_TYPE_IPV4 {
        return None;
    }
    let packet = frame.get_mut(14..)?;
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
    let protocol = *header.get(9)?;
    let (source, destination) = (address_at(header, 12)?, address_at(header, 16)?);
    let (field, len) = match protocol {
        PROTOCOL_TCP => (16, payload.len()),
        PROTOCOL_UDP => (6, usize::from(u16_at(payload, 4)?)),
        PROTOCOL_ICMP => (2, payload.len()),
        _ => return Some(()),
    };
    let payload = payload.get_mut(..len)?;
    let pseudo_header = match protocol {
        PROTOCOL_ICMP => Checksum::new(),
        _ => Checksum::new().add_pseudo_header(source, destination, protocol, len as u16),
    };
    let unfinished = protocol != PROTOCOL_ICMP && u16_at(payload, field)? == pseudo_header.sum();
    if which == Which::All || unfinished {
        write(payload, field, pseudo_header)?;
        if protocol == PROTOCOL_UDP && u16_at(payload, field)? == 0 {
            payload.get_mut(field..field + 2)?.fill(0xff);
        }
    }
    Some(())
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

fn address_at(octets: &[u8], at: usize) -> Option<Ipv4Addr> {
    octets.get(at..at + 4).and_then(|four| <[u8; 4]>::try_from(four).ok()).map(Ipv4Addr::from)
}
