//! IPv6 from octets: the fixed header, a bounded chain of extension headers, and what they lead to.

use super::ipv6::{DESTINATION_OPTIONS, FRAGMENT, HOP_BY_HOP, IPV6_HEADER, MOST_EXTENSIONS, ROUTING};
use super::packet::{PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP};
use super::parse::{Place, piece, truncated};
use super::{Checksums, Extension, Flaw, Header, Ipv6Packet, ParseError, Transport};
use bytes::Bytes;
use etherparse::err::ipv6;
use etherparse::{Ipv6FragmentHeaderSlice, Ipv6HeaderSlice, Ipv6RawExtHeaderSlice};

/// An IPv6 packet without a link header. Offsets in errors count from its start.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn parse_ipv6(packet: &Bytes, checksums: Checksums) -> Result<Ipv6Packet, ParseError> {
    parse_ipv6_at(packet, 0, checksums)
}

/// The IPv6 packet that begins at `at`, as a router sees it: behind hop-by-hop options everything is payload, and no checksum is
/// looked at.
///
/// # Errors
/// The first thing that is wrong with its own headers, and where.
pub fn parse_ipv6_shell(frame: &Bytes, at: usize) -> Result<Ipv6Packet, ParseError> {
    let (mut packet, end) = fixed_header(frame, at)?;
    let (mut next, mut start) = (packet.protocol(), at + IPV6_HEADER);
    if next == HOP_BY_HOP {
        let (extension, after) = extension(frame, next, start, end)?;
        start += extension.len();
        packet.extensions.push(extension);
        next = after;
    }
    packet.transport = Transport::Other { protocol: next, payload: piece(frame, start, end) };
    Ok(packet)
}

/// The fixed header, and where the packet ends.
fn fixed_header(frame: &Bytes, at: usize) -> Result<(Ipv6Packet, usize), ParseError> {
    let octets = frame.get(at..).unwrap_or_default();
    let header = Ipv6HeaderSlice::from_slice(octets).map_err(|error| header_error(error, at))?;
    let end = at + ipv6_end(octets).map_err(|flaw| ParseError { header: Header::Ipv6, at: at + 4, flaw })?;
    let class = header.traffic_class();
    let packet = Ipv6Packet {
        source: header.source_addr(),
        destination: header.destination_addr(),
        dscp: class >> 2,
        ecn: class & 3,
        flow_label: header.flow_label().value(),
        hop_limit: header.hop_limit(),
        extensions: Vec::new(),
        transport: Transport::Other { protocol: header.next_header().0, payload: Bytes::new() },
    };
    Ok((packet, end))
}

pub(super) fn parse_ipv6_at(
    frame: &Bytes,
    at: usize,
    checksums: Checksums,
) -> Result<Ipv6Packet, ParseError> {
    let (mut packet, end) = fixed_header(frame, at)?;
    let (mut next, mut start) = (packet.protocol(), at + IPV6_HEADER);
    // A fragment's first header may be followed by others, but those are no longer this packet's own.
    while Extension::is_known(next) && packet.fragment().is_none() {
        if packet.extensions.len() == MOST_EXTENSIONS {
            let flaw = Flaw::TooManyExtensions;
            return Err(ParseError { header: Header::Ipv6Extension, at: start, flaw });
        }
        let (extension, after) = extension(frame, next, start, end)?;
        start += extension.len();
        packet.extensions.push(extension);
        next = after;
    }
    let ends = (packet.source.into(), packet.destination.into());
    let place = Place { frame, start, end, ends, checksums };
    packet.transport = match next {
        protocol if packet.fragment().is_some() => Transport::Other { protocol, payload: place.rest(0) },
        PROTOCOL_TCP => Transport::Tcp(place.tcp()?),
        PROTOCOL_UDP => Transport::Udp(place.udp()?),
        PROTOCOL_ICMPV6 => Transport::Icmpv6(place.icmpv6()?),
        protocol => Transport::Other { protocol, payload: place.rest(0) },
    };
    Ok(packet)
}

/// Where a packet ends that begins with these octets, the fixed header among them, by its payload length.
pub(super) fn ipv6_end(octets: &[u8]) -> Result<usize, Flaw> {
    let room = octets.len().saturating_sub(IPV6_HEADER);
    let field = octets.get(4..6).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])));
    // A jumbogram says its length in an option (RFC 2675); a card that cuts large segments itself shows such ones.
    if field == 0 && octets.get(6) == Some(&HOP_BY_HOP) {
        return Ok(IPV6_HEADER + room);
    }
    if field > room {
        return Err(Flaw::Length { field, min: 0, max: room });
    }
    Ok(IPV6_HEADER + field)
}

/// The extension header of that number, and the number of what follows it.
fn extension(frame: &Bytes, number: u8, start: usize, end: usize) -> Result<(Extension, u8), ParseError> {
    let octets = frame.get(start..end).unwrap_or_default();
    if number == FRAGMENT {
        let header = Ipv6FragmentHeaderSlice::from_slice(octets)
            .map_err(|error| truncated(Header::Ipv6Extension, start, error.required_len, error.len))?;
        let extension = Extension::Fragment {
            offset: header.fragment_offset().value(),
            more: header.more_fragments(),
            identification: header.identification(),
        };
        return Ok((extension, header.next_header().0));
    }
    let header = Ipv6RawExtHeaderSlice::from_slice(octets)
        .map_err(|error| truncated(Header::Ipv6Extension, start, error.required_len, error.len))?;
    let (len, next) = (header.slice().len(), header.next_header().0);
    let extension = match number {
        HOP_BY_HOP => Extension::HopByHop(piece(frame, start + 2, start + len)),
        DESTINATION_OPTIONS => Extension::DestinationOptions(piece(frame, start + 2, start + len)),
        _ => {
            debug_assert_eq!(number, ROUTING);
            let [_, _, kind, segments_left, ..] = *header.slice() else {
                return Err(truncated(Header::Ipv6Extension, start, 8, len));
            };
            Extension::Routing { kind, segments_left, data: piece(frame, start + 4, start + len) }
        }
    };
    Ok((extension, next))
}

fn header_error(error: ipv6::HeaderSliceError, at: usize) -> ParseError {
    use ipv6::{HeaderError, HeaderSliceError};
    let flaw = match error {
        HeaderSliceError::Len(error) => Flaw::Truncated { need: error.required_len, have: error.len },
        HeaderSliceError::Content(HeaderError::UnexpectedVersion { version_number }) => {
            Flaw::Version(version_number)
        }
    };
    ParseError { header: Header::Ipv6, at, flaw }
}
