//! Typed values to octets, with lengths, checksums and padding.

use super::build_ipv6::write_ipv6;
use super::packet::{ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, PROTOCOL_TCP, PROTOCOL_UDP};
use super::{
    Body, Checksum, Datagram, Ethernet, IcmpMessage, Ipv4Packet, Ipv6Packet, MacAddr, Packet, Segment, Tags,
    Transport,
};
use bytes::{Bytes, BytesMut};
use etherparse::{ArpEthIpv4Packet, ArpOperation, UdpHeader};

/// Octets of the shortest frame, without its check sequence; shorter ones are padded with zeros (RFC 894).
pub const MIN_FRAME: usize = 60;

/// Octets of the largest IPv4 packet.
const MAX_IPV4: usize = 65_535;

/// A frame's octets, with real lengths and checksums, padded to 60. What does not fit in an IPv4 packet of 65535
/// octets is left out.
pub fn build(packet: &Packet) -> Bytes {
    let mut out = BytesMut::with_capacity(packet.len().max(MIN_FRAME));
    write_frame(&mut out, packet);
    out.freeze()
}

/// Octets that [`build_in`] allocates at once: some twenty full frames.
const CHUNK: usize = 1 << 15;

/// Octets of an Ethernet header.
const ETHERNET: usize = 14;

/// The same as [`build`] for an IPv4 packet, out of a chunk that many frames share: nothing is allocated per frame. The
/// chunk lives as long as the longest-lived of its frames; once all are gone it is used again.
pub fn build_in(chunk: &mut BytesMut, source: MacAddr, destination: MacAddr, packet: &Ipv4Packet) -> Bytes {
    make_room(chunk, packet.len());
    write_ethernet(chunk, &Ethernet { source, destination, tags: Tags::NONE, ether_type: ETHER_TYPE_IPV4 });
    write_ipv4(chunk, packet);
    pad(chunk);
    chunk.split().freeze()
}

/// The same for an IPv6 packet.
pub fn build_ipv6_in(
    chunk: &mut BytesMut,
    source: MacAddr,
    destination: MacAddr,
    packet: &Ipv6Packet,
) -> Bytes {
    make_room(chunk, packet.len());
    write_ethernet(chunk, &Ethernet { source, destination, tags: Tags::NONE, ether_type: ETHER_TYPE_IPV6 });
    write_ipv6(chunk, packet);
    pad(chunk);
    chunk.split().freeze()
}

/// Room for a packet of that many octets in its frame.
fn make_room(chunk: &mut BytesMut, len: usize) {
    let need = (ETHERNET + len).max(MIN_FRAME);
    if chunk.capacity() < need {
        chunk.reserve(need.max(CHUNK));
    }
}

fn write_frame(out: &mut BytesMut, packet: &Packet) {
    write_ethernet(out, &packet.ethernet);
    match &packet.body {
        Body::Ipv4(packet) => write_ipv4(out, packet),
        Body::Ipv6(packet) => write_ipv6(out, packet),
        Body::Bpdu(message) => message.write(|octets| out.extend_from_slice(octets)),
        Body::Other(payload) => out.extend_from_slice(payload),
        Body::Arp(message) => {
            let message = ArpEthIpv4Packet {
                operation: ArpOperation(message.operation.number()),
                sender_mac: message.sender_mac.0,
                sender_ipv4: message.sender_ip.octets(),
                target_mac: message.target_mac.0,
                target_ipv4: message.target_ip.octets(),
            };
            out.extend_from_slice(&message.to_bytes());
        }
    }
    pad(out);
}

fn write_ethernet(out: &mut BytesMut, ethernet: &Ethernet) {
    let mut header = [0; ETHERNET];
    header[..6].copy_from_slice(&ethernet.destination.0);
    header[6..12].copy_from_slice(&ethernet.source.0);
    if ethernet.tags.is_empty() {
        header[12..].copy_from_slice(&ethernet.ether_type.to_be_bytes());
        out.extend_from_slice(&header);
        return;
    }
    out.extend_from_slice(&header[..12]);
    for tag in ethernet.tags.iter() {
        out.extend_from_slice(&tag.ether_type.to_be_bytes());
        out.extend_from_slice(&tag.control().to_be_bytes());
    }
    out.extend_from_slice(&ethernet.ether_type.to_be_bytes());
}

fn pad(frame: &mut BytesMut) {
    if frame.len() < MIN_FRAME {
        frame.resize(MIN_FRAME, 0);
    }
}

/// An IPv4 packet's octets without a link header, for raw sockets. What does not fit in 65535 octets is left out.
pub fn build_ipv4(packet: &Ipv4Packet) -> Bytes {
    let mut out = BytesMut::with_capacity(packet.len());
    write_ipv4(&mut out, packet);
    out.freeze()
}

/// The header by hand: every frame of a transfer has one.
fn write_ipv4(out: &mut BytesMut, packet: &Ipv4Packet) {
    let start = out.len();
    let header_len = packet.header_len();
    let room = MAX_IPV4 - header_len;
    let total = (header_len + packet.transport.len().min(room)) as u16;
    let fragment = u16::from(packet.dont_fragment) << 14
        | u16::from(packet.more_fragments) << 13
        | packet.fragment_offset & 0x1fff;
    let mut header = [0; 20];
    header[0] = 0x40 | (header_len / 4) as u8;
    header[1] = packet.dscp << 2 | packet.ecn & 3;
    header[2..4].copy_from_slice(&total.to_be_bytes());
    header[4..6].copy_from_slice(&packet.identification.to_be_bytes());
    header[6..8].copy_from_slice(&fragment.to_be_bytes());
    header[8] = packet.ttl;
    header[9] = packet.protocol();
    header[12..16].copy_from_slice(&packet.source.octets());
    header[16..20].copy_from_slice(&packet.destination.octets());
    if packet.options.is_empty() {
        let sum = Checksum::new().over(&header).finish();
        header[10..12].copy_from_slice(&sum.to_be_bytes());
        out.extend_from_slice(&header);
    } else {
        out.extend_from_slice(&header);
        out.extend_from_slice(&packet.options[..packet.options.len().min(40)]);
        out.resize(start + header_len, 0);
        let sum = Checksum::new().over(&out[start..]).finish();
        patch(out, start + 10, sum);
    }
    write_transport(out, packet, room);
}

/// A UDP datagram whose sender made no checksum: its octets with a zero in that place (RFC 768).
pub fn udp_without_checksum(datagram: &Datagram) -> Bytes {
    let header = UdpHeader {
        source_port: datagram.source_port,
        destination_port: datagram.destination_port,
        length: (8 + datagram.payload.len()).min(usize::from(u16::MAX)) as u16,
        checksum: 0,
    };
    let mut octets = BytesMut::from(&header.to_bytes()[..]);
    octets.extend_from_slice(&datagram.payload);
    octets.freeze()
}

fn write_transport(out: &mut BytesMut, packet: &Ipv4Packet, room: usize) {
    let start = out.len();
    let pseudo_header = |out: &[u8], protocol| {
        let len = (out.len() - start) as u16;
        Checksum::new()
            .add_pseudo_header(packet.source, packet.destination, protocol, len)
            .over(&out[start..])
    };
    match &packet.transport {
        Transport::Tcp(segment) => {
            write_tcp_header(out, segment);
            write_payload(out, &segment.payload, start + room);
            let sum = pseudo_header(out, PROTOCOL_TCP).finish();
            patch(out, start + 16, sum);
        }
        Transport::Udp(datagram) => {
            let header = UdpHeader {
                source_port: datagram.source_port,
                destination_port: datagram.destination_port,
                length: (8 + datagram.payload.len()).min(room) as u16,
                checksum: 0,
            };
            out.extend_from_slice(&header.to_bytes());
            write_payload(out, &datagram.payload, start + room);
            // Zero would say "no checksum"; all ones is the same number (RFC 768).
            let sum = match pseudo_header(out, PROTOCOL_UDP).finish() {
                0 => 0xffff,
                sum => sum,
            };
            patch(out, start + 6, sum);
        }
        Transport::Icmp(message) => {
            write_icmp(out, message, start + room);
            let sum = Checksum::new().over(&out[start..]).finish();
            patch(out, start + 2, sum);
        }
        // ICMPv6 has no business here: its octets without meaning.
        Transport::Icmpv6(message) => {
            let (kind, code) = message.kind();
            out.extend_from_slice(&[kind, code, 0, 0]);
            message.write(|octets| out.extend_from_slice(octets));
            out.truncate(start + room);
        }
        Transport::Other { payload, .. } => write_payload(out, payload, start + room),
    }
}

pub(super) fn write_tcp_header(out: &mut BytesMut, segment: &Segment) {
    let options = segment.options.padded();
    let mut header = [0; 20];
    header[0..2].copy_from_slice(&segment.source_port.to_be_bytes());
    header[2..4].copy_from_slice(&segment.destination_port.to_be_bytes());
    header[4..8].copy_from_slice(&segment.seq.0.to_be_bytes());
    header[8..12].copy_from_slice(&segment.ack.0.to_be_bytes());
    header[12] = ((5 + options.len() / 4) << 4) as u8;
    header[13] = segment.flags.0;
    header[14..16].copy_from_slice(&segment.window.to_be_bytes());
    header[18..20].copy_from_slice(&segment.urgent.to_be_bytes());
    out.extend_from_slice(&header);
    match <&[u8; 12]>::try_from(options) {
        Ok(twelve) => out.extend_from_slice(twelve),
        Err(_) => out.extend_from_slice(options),
    }
}

pub(super) fn write_icmp(out: &mut BytesMut, message: &IcmpMessage, end: usize) {
    let (kind, code) = message.kind();
    out.extend_from_slice(&[kind, code, 0, 0]);
    match message {
        IcmpMessage::DestinationUnreachable { next_hop_mtu, quote, .. } => {
            out.extend_from_slice(&[0, 0]);
            out.extend_from_slice(&next_hop_mtu.to_be_bytes());
            write_payload(out, quote, end);
        }
        IcmpMessage::EchoRequest { id, seq, data } | IcmpMessage::EchoReply { id, seq, data } => {
            out.extend_from_slice(&id.to_be_bytes());
            out.extend_from_slice(&seq.to_be_bytes());
            write_payload(out, data, end);
        }
        IcmpMessage::TimeExceeded { quote, .. } => {
            out.extend_from_slice(&[0; 4]);
            write_payload(out, quote, end);
        }
        IcmpMessage::Other { rest, .. } => write_payload(out, rest, end),
    }
}

/// Appends as much of `payload` as fits before `end`.
pub(super) fn write_payload(out: &mut BytesMut, payload: &Bytes, end: usize) {
    let fits = payload.len().min(end.saturating_sub(out.len()));
    out.extend_from_slice(&payload[..fits]);
}

pub(super) fn patch(out: &mut [u8], at: usize, value: u16) {
    if let Some(field) = out.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}
