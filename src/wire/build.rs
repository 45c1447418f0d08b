//! Typed values to octets, with lengths, checksums and padding.

use super::packet::{PROTOCOL_TCP, PROTOCOL_UDP};
use super::{Body, Checksum, Flags, IcmpMessage, Ipv4Packet, Packet, Segment, Transport};
use bytes::{Bytes, BytesMut};
use etherparse::{
    ArpEthIpv4Packet, ArpOperation, EtherType, Ethernet2Header, IpDscp, IpEcn, IpFragOffset, IpNumber,
    Ipv4Header, Ipv4Options, TcpHeader, TcpOptions, UdpHeader,
};

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

/// The same as [`build`], out of a chunk that many frames share: nothing is allocated per frame. The chunk lives as long as
/// the longest-lived of its frames; once all are gone it is used again.
pub fn build_in(chunk: &mut BytesMut, packet: &Packet) -> Bytes {
    let need = packet.len().max(MIN_FRAME);
    if chunk.capacity() < need {
        chunk.reserve(need.max(CHUNK));
    }
    write_frame(chunk, packet);
    chunk.split().freeze()
}

fn write_frame(out: &mut BytesMut, packet: &Packet) {
    let header = Ethernet2Header {
        source: packet.ethernet.source.0,
        destination: packet.ethernet.destination.0,
        ether_type: EtherType(packet.ethernet.ether_type),
    };
    out.extend_from_slice(&header.to_bytes());
    match &packet.body {
        Body::Ipv4(packet) => write_ipv4(out, packet),
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
    if out.len() < MIN_FRAME {
        out.resize(MIN_FRAME, 0);
    }
}

/// An IPv4 packet's octets without a link header, for raw sockets. What does not fit in 65535 octets is left out.
pub fn build_ipv4(packet: &Ipv4Packet) -> Bytes {
    let mut out = BytesMut::with_capacity(packet.len());
    write_ipv4(&mut out, packet);
    out.freeze()
}

fn write_ipv4(out: &mut BytesMut, packet: &Ipv4Packet) {
    let start = out.len();
    let mut options = [0; 40];
    let options_len = packet.options.len().min(40);
    options[..options_len].copy_from_slice(&packet.options[..options_len]);
    let options = &options[..options_len.next_multiple_of(4)];
    let room = MAX_IPV4 - packet.header_len();
    let header = Ipv4Header {
        dscp: IpDscp::try_new(packet.dscp & 0x3f).unwrap_or_default(),
        ecn: IpEcn::try_new(packet.ecn & 3).unwrap_or_default(),
        total_len: (packet.header_len() + packet.transport.len().min(room)) as u16,
        identification: packet.identification,
        dont_fragment: packet.dont_fragment,
        more_fragments: packet.more_fragments,
        fragment_offset: IpFragOffset::try_new(packet.fragment_offset & 0x1fff).unwrap_or_default(),
        time_to_live: packet.ttl,
        protocol: IpNumber(packet.protocol()),
        header_checksum: 0,
        source: packet.source.octets(),
        destination: packet.destination.octets(),
        options: Ipv4Options::try_from(options).unwrap_or_default(),
    };
    out.extend_from_slice(&header.to_bytes());
    let sum = Checksum::new().over(&out[start..]).finish();
    patch(out, start + 10, sum);
    write_transport(out, packet, room);
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
            out.extend_from_slice(&tcp_header(segment).to_bytes());
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
        Transport::Other { payload, .. } => write_payload(out, payload, start + room),
    }
}

fn tcp_header(segment: &Segment) -> TcpHeader {
    let has = |flag| segment.flags.has(flag);
    TcpHeader {
        source_port: segment.source_port,
        destination_port: segment.destination_port,
        sequence_number: segment.seq.0,
        acknowledgment_number: segment.ack.0,
        ns: false,
        fin: has(Flags::FIN),
        syn: has(Flags::SYN),
        rst: has(Flags::RST),
        psh: has(Flags::PSH),
        ack: has(Flags::ACK),
        urg: has(Flags::URG),
        ece: has(Flags::ECE),
        cwr: has(Flags::CWR),
        window_size: segment.window,
        checksum: 0,
        urgent_pointer: segment.urgent,
        options: TcpOptions::try_from_slice(segment.options.padded()).unwrap_or_default(),
    }
}

fn write_icmp(out: &mut BytesMut, message: &IcmpMessage, end: usize) {
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
fn write_payload(out: &mut BytesMut, payload: &Bytes, end: usize) {
    let fits = payload.len().min(end.saturating_sub(out.len()));
    out.extend_from_slice(&payload[..fits]);
}

fn patch(out: &mut [u8], at: usize, value: u16) {
    if let Some(field) = out.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}
