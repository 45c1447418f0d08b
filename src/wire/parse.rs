//! Octets to typed values, every checksum verified. Any octets at all give a value or a [`ParseError`].

use super::packet::{
    ETHER_TYPE_ARP, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP,
    PROTOCOL_UDP,
};
use super::parse_ipv6::parse_ipv6_at;
use super::{
    ArpMessage, ArpOperation, Body, Bpdu, Checksum, Datagram, Ethernet, Flags, Flaw, Header, IcmpMessage,
    Icmpv6Message, Ipv4Packet, MacAddr, Packet, ParseError, Segment, Seq, Tags, TcpOptions, Transport,
};
use bytes::Bytes;
use etherparse::err::{ipv4, tcp};
use etherparse::{ArpPacketSlice, Ethernet2HeaderSlice, Ipv4HeaderSlice, TcpHeaderSlice, UdpHeaderSlice};
use std::net::{IpAddr, Ipv4Addr};

/// Whether checksums are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checksums {
    /// A wrong one is an error.
    Verify,
    /// They are not looked at: a capture on loopback shows TCP and UDP checksums before they are finished.
    Ignore,
}

/// A frame as typed values, with every checksum verified.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn parse(frame: &Bytes) -> Result<Packet, ParseError> {
    parse_with(frame, Checksums::Verify)
}

/// A frame as typed values.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn parse_with(frame: &Bytes, checksums: Checksums) -> Result<Packet, ParseError> {
    let header = Ethernet2HeaderSlice::from_slice(frame)
        .map_err(|error| truncated(Header::Ethernet, 0, error.required_len, error.len))?;
    let (tags, ether_type, at) = Tags::parse(frame, header.ether_type().0, ETHERNET)?;
    let ethernet = Ethernet {
        source: MacAddr(header.source()),
        destination: MacAddr(header.destination()),
        tags,
        ether_type,
    };
    let body = match ether_type {
        ETHER_TYPE_IPV4 => Body::Ipv4(parse_ipv4_at(frame, at, checksums)?),
        ETHER_TYPE_IPV6 => Body::Ipv6(parse_ipv6_at(frame, at, checksums)?),
        ETHER_TYPE_ARP => Body::Arp(parse_arp(frame, at)?),
        length @ 0..=LONGEST_LENGTH => parse_802_3(frame, at, length)?,
        _ => Body::Other(piece(frame, at, frame.len())),
    };
    Ok(Packet { ethernet, body })
}

/// A frame whose type is a length: LLC follows, and of what that may carry spanning tree is read.
fn parse_802_3(frame: &Bytes, at: usize, length: u16) -> Result<Body, ParseError> {
    let end = frame.len().min(at + usize::from(length));
    let message = Bpdu::parse(frame.get(..end).unwrap_or_default(), at)?;
    Ok(message.map_or_else(|| Body::Other(piece(frame, at, frame.len())), Body::Bpdu))
}

/// An IPv4 packet without a link header, as raw sockets and TUN devices give it. Offsets in errors count from its start.
///
/// # Errors
/// The first thing that is wrong with it, and where.
pub fn parse_ipv4(packet: &Bytes, checksums: Checksums) -> Result<Ipv4Packet, ParseError> {
    parse_ipv4_at(packet, 0, checksums)
}

/// The IPv4 packet at that place of a frame as a router sees it: its header read and verified, what it carries left as it
/// is ([`Transport::Other`]).
///
/// # Errors
/// What is wrong with the header.
pub fn parse_ipv4_shell(frame: &Bytes, at: usize) -> Result<Ipv4Packet, ParseError> {
    parse_shell(frame, at, Checksums::Verify).map(|(packet, ..)| packet)
}

/// Octets of an Ethernet header without tags.
const ETHERNET: usize = 14;

/// The greatest type that is a length (IEEE 802.3 section 3.2.6).
pub(super) const LONGEST_LENGTH: u16 = 1500;

/// Octets of an ARP message for IPv4 on Ethernet.
const ARP_LEN: usize = 28;

/// How such a message begins: hardware and protocol type, and the lengths of their addresses.
const ARP_FOR_IPV4_ON_ETHERNET: [u8; 6] = [0, 1, 8, 0, 6, 4];

fn parse_arp(frame: &Bytes, at: usize) -> Result<ArpMessage, ParseError> {
    let octets = frame.get(at..).unwrap_or_default();
    let odd = ParseError { header: Header::Arp, at, flaw: Flaw::NotIpv4OnEthernet };
    let kind = octets.get(..6).filter(|_| octets.len() >= ARP_LEN);
    let kind = kind.ok_or(truncated(Header::Arp, at, ARP_LEN, octets.len()))?;
    if kind != ARP_FOR_IPV4_ON_ETHERNET {
        return Err(odd);
    }
    let message = ArpPacketSlice::from_slice(octets).map_err(|_| odd)?;
    let mac = |octets: &[u8]| octets.try_into().map(MacAddr).map_err(|_| odd);
    let ip = |octets: &[u8]| <[u8; 4]>::try_from(octets).map(Ipv4Addr::from).map_err(|_| odd);
    Ok(ArpMessage {
        operation: ArpOperation::from_number(message.operation().0),
        sender_mac: mac(message.sender_hw_addr())?,
        sender_ip: ip(message.sender_protocol_addr())?,
        target_mac: mac(message.target_hw_addr())?,
        target_ip: ip(message.target_protocol_addr())?,
    })
}

/// The packet with its payload as it is, and where that lies.
fn parse_shell(
    frame: &Bytes,
    at: usize,
    checksums: Checksums,
) -> Result<(Ipv4Packet, usize, usize), ParseError> {
    let octets = frame.get(at..).unwrap_or_default();
    let header = Ipv4HeaderSlice::from_slice(octets).map_err(|error| ipv4_error(error, at))?;
    let header_len = header.slice().len();
    let total = usize::from(header.total_len());
    if total < header_len || total > octets.len() {
        let flaw = Flaw::Length { field: total, min: header_len, max: octets.len() };
        return Err(ParseError { header: Header::Ipv4, at: at + 2, flaw });
    }
    if checksums == Checksums::Verify {
        verify(Header::Ipv4, at + 10, Checksum::new().over(header.slice()), header.header_checksum())?;
    }
    let (start, end) = (at + header_len, at + total);
    let packet = Ipv4Packet {
        source: header.source_addr(),
        destination: header.destination_addr(),
        dscp: header.dcp().value(),
        ecn: header.ecn().value(),
        identification: header.identification(),
        dont_fragment: header.dont_fragment(),
        more_fragments: header.more_fragments(),
        fragment_offset: header.fragments_offset().value(),
        ttl: header.ttl(),
        options: piece(frame, at + 20, start),
        transport: Transport::Other { protocol: header.protocol().0, payload: piece(frame, start, end) },
    };
    Ok((packet, start, end))
}

fn parse_ipv4_at(frame: &Bytes, at: usize, checksums: Checksums) -> Result<Ipv4Packet, ParseError> {
    let (mut packet, start, end) = parse_shell(frame, at, checksums)?;
    if packet.is_fragment() {
        return Ok(packet);
    }
    let ends = (packet.source.into(), packet.destination.into());
    let place = Place { frame, start, end, ends, checksums };
    packet.transport = match packet.protocol() {
        PROTOCOL_TCP => Transport::Tcp(place.tcp()?),
        PROTOCOL_UDP => Transport::Udp(place.udp()?),
        PROTOCOL_ICMP => Transport::Icmp(place.icmp()?),
        protocol => Transport::Other { protocol, payload: place.rest(0) },
    };
    Ok(packet)
}

/// Where a packet's transport layer lies.
pub(super) struct Place<'a> {
    pub frame: &'a Bytes,
    pub start: usize,
    pub end: usize,
    /// From and to, for the pseudo-header.
    pub ends: (IpAddr, IpAddr),
    pub checksums: Checksums,
}

impl Place<'_> {
    fn octets(&self) -> &[u8] {
        self.frame.get(self.start..self.end).unwrap_or_default()
    }

    pub fn rest(&self, from: usize) -> Bytes {
        piece(self.frame, self.start + from, self.end)
    }

    pub fn tcp(&self) -> Result<Segment, ParseError> {
        let octets = self.octets();
        let header = TcpHeaderSlice::from_slice(octets).map_err(|error| tcp_error(error, self.start))?;
        if self.checksums == Checksums::Verify {
            self.verify_with_pseudo_header(Header::Tcp, 16, PROTOCOL_TCP, octets, header.checksum())?;
        }
        let raw = header.slice();
        Ok(Segment {
            source_port: header.source_port(),
            destination_port: header.destination_port(),
            seq: Seq(header.sequence_number()),
            ack: Seq(header.acknowledgment_number()),
            flags: Flags(raw.get(13).copied().unwrap_or_default()),
            window: header.window_size(),
            urgent: header.urgent_pointer(),
            options: TcpOptions::from_octets(header.options()).unwrap_or_default(),
            payload: self.rest(raw.len()),
        })
    }

    pub fn udp(&self) -> Result<Datagram, ParseError> {
        let all = self.octets();
        let header = UdpHeaderSlice::from_slice(all)
            .map_err(|error| truncated(Header::Udp, self.start, error.required_len, error.len))?;
        let len = usize::from(header.length());
        let octets = all.get(..len).filter(|octets| octets.len() >= 8).ok_or(ParseError {
            header: Header::Udp,
            at: self.start + 4,
            flaw: Flaw::Length { field: len, min: 8, max: all.len() },
        })?;
        // Zero means that the sender made none (RFC 768), which IPv6 forbids (RFC 8200 section 8.1).
        if header.checksum() == 0 && self.ends.0.is_ipv6() && self.checksums == Checksums::Verify {
            let (at, flaw) = (self.start + 6, Flaw::NoChecksum);
            return Err(ParseError { header: Header::Udp, at, flaw });
        }
        if self.checksums == Checksums::Verify && header.checksum() != 0 {
            self.verify_with_pseudo_header(Header::Udp, 6, PROTOCOL_UDP, octets, header.checksum())?;
        }
        Ok(Datagram {
            source_port: header.source_port(),
            destination_port: header.destination_port(),
            payload: piece(self.frame, self.start + 8, self.start + len),
        })
    }

    pub fn icmpv6(&self) -> Result<Icmpv6Message, ParseError> {
        let octets = self.octets();
        let &[kind, code, sum_high, sum_low, ..] = octets else {
            return Err(truncated(Header::Icmpv6, self.start, 4, octets.len()));
        };
        if self.checksums == Checksums::Verify {
            let found = u16::from_be_bytes([sum_high, sum_low]);
            self.verify_with_pseudo_header(Header::Icmpv6, 2, PROTOCOL_ICMPV6, octets, found)?;
        }
        Ok(Icmpv6Message::from_parts(kind, code, self.rest(4)))
    }

    fn icmp(&self) -> Result<IcmpMessage, ParseError> {
        let octets = self.octets();
        // Read by hand: etherparse refuses timestamp messages of unusual length, which are nobody's business here.
        let &[kind, code, sum_high, sum_low, a, b, c, d, ..] = octets else {
            return Err(truncated(Header::Icmp, self.start, 8, octets.len()));
        };
        if self.checksums == Checksums::Verify {
            let found = u16::from_be_bytes([sum_high, sum_low]);
            verify(Header::Icmp, self.start + 2, Checksum::new().over(octets), found)?;
        }
        let (id, seq) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        Ok(match (kind, code) {
            (3, code) => IcmpMessage::DestinationUnreachable { code, next_hop_mtu: seq, quote: self.rest(8) },
            (8, 0) => IcmpMessage::EchoRequest { id, seq, data: self.rest(8) },
            (0, 0) => IcmpMessage::EchoReply { id, seq, data: self.rest(8) },
            (11, code) => IcmpMessage::TimeExceeded { code, quote: self.rest(8) },
            (kind, code) => IcmpMessage::Other { kind, code, rest: self.rest(4) },
        })
    }

    fn verify_with_pseudo_header(
        &self,
        header: Header,
        field: usize,
        protocol: u8,
        octets: &[u8],
        found: u16,
    ) -> Result<(), ParseError> {
        let len = octets.len() as u32;
        let sum = Checksum::new().add_pseudo_header_of(self.ends, protocol, len).over(octets);
        verify(header, self.start + field, sum, found)
    }
}

/// Octets whose checksum field is right sum to all ones.
fn verify(header: Header, at: usize, sum: Checksum, found: u16) -> Result<(), ParseError> {
    if sum.sum() == 0xffff {
        return Ok(());
    }
    let expected = sum.without(found).finish();
    Err(ParseError { header, at, flaw: Flaw::Checksum { found, expected } })
}

/// Part of a frame, without touching the reference count if it is empty.
pub(super) fn piece(frame: &Bytes, start: usize, end: usize) -> Bytes {
    if start < end && end <= frame.len() { frame.slice(start..end) } else { Bytes::new() }
}

pub(super) fn truncated(header: Header, at: usize, need: usize, have: usize) -> ParseError {
    ParseError { header, at, flaw: Flaw::Truncated { need, have } }
}

fn ipv4_error(error: ipv4::HeaderSliceError, at: usize) -> ParseError {
    use ipv4::{HeaderError, HeaderSliceError};
    let flaw = match error {
        HeaderSliceError::Len(error) => Flaw::Truncated { need: error.required_len, have: error.len },
        HeaderSliceError::Content(HeaderError::UnexpectedVersion { version_number }) => {
            Flaw::Version(version_number)
        }
        HeaderSliceError::Content(HeaderError::HeaderLengthSmallerThanHeader { ihl }) => {
            Flaw::HeaderLength { words: ihl }
        }
    };
    ParseError { header: Header::Ipv4, at, flaw }
}

fn tcp_error(error: tcp::HeaderSliceError, at: usize) -> ParseError {
    use tcp::{HeaderError, HeaderSliceError};
    match error {
        HeaderSliceError::Len(error) => truncated(Header::Tcp, at, error.required_len, error.len),
        HeaderSliceError::Content(HeaderError::DataOffsetTooSmall { data_offset }) => {
            ParseError { header: Header::Tcp, at: at + 12, flaw: Flaw::HeaderLength { words: data_offset } }
        }
    }
}
