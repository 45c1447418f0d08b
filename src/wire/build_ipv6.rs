//! IPv6 to octets, with lengths, chained headers and checksums.

use super::build::{patch, write_payload, write_tcp_header};
use super::ipv6::IPV6_HEADER;
use super::packet::{PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP};
use super::{Checksum, Extension, Ipv6Packet, Transport};
use bytes::{Bytes, BytesMut};
use etherparse::UdpHeader;

/// Octets that a payload length can tell.
const MAX_PAYLOAD: usize = 65_535;

/// An IPv6 packet's octets without a link header. What does not fit behind the fixed header in 65535 octets is left out.
pub fn build_ipv6(packet: &Ipv6Packet) -> Bytes {
    let mut out = BytesMut::with_capacity(packet.len());
    write_ipv6(&mut out, packet);
    out.freeze()
}

pub(super) fn write_ipv6(out: &mut BytesMut, packet: &Ipv6Packet) {
    let start = out.len();
    let mut header = [0; IPV6_HEADER];
    let class = u32::from(packet.dscp << 2 | packet.ecn & 3);
    let first = 6 << 28 | class << 20 | packet.flow_label & 0xf_ffff;
    header[..4].copy_from_slice(&first.to_be_bytes());
    let mut numbers = packet.extensions.iter().map(Extension::number).chain([packet.protocol()]);
    header[6] = numbers.next().unwrap_or_default();
    header[7] = packet.hop_limit;
    header[8..24].copy_from_slice(&packet.source.octets());
    header[24..40].copy_from_slice(&packet.destination.octets());
    out.extend_from_slice(&header);
    for (extension, next) in packet.extensions.iter().zip(numbers) {
        write_extension(out, extension, next);
    }
    write_transport(out, packet, start + IPV6_HEADER + MAX_PAYLOAD);
    let length = (out.len() - start - IPV6_HEADER).min(MAX_PAYLOAD) as u16;
    patch(out, start + 4, length);
}

fn write_extension(out: &mut BytesMut, extension: &Extension, next: u8) {
    let start = out.len();
    let words = (extension.len() / 8 - 1) as u8;
    match extension {
        Extension::HopByHop(options) | Extension::DestinationOptions(options) => {
            out.extend_from_slice(&[next, words]);
            out.extend_from_slice(options);
        }
        Extension::Routing { kind, segments_left, data } => {
            out.extend_from_slice(&[next, words, *kind, *segments_left]);
            out.extend_from_slice(data);
        }
        Extension::Fragment { offset, more, identification } => {
            out.extend_from_slice(&[next, 0]);
            out.extend_from_slice(&(offset << 3 | u16::from(*more)).to_be_bytes());
            out.extend_from_slice(&identification.to_be_bytes());
        }
    }
    out.resize(start + extension.len(), 0);
}

fn write_transport(out: &mut BytesMut, packet: &Ipv6Packet, end: usize) {
    let start = out.len();
    let ends = (packet.source.into(), packet.destination.into());
    let sum = |out: &[u8], protocol| {
        let len = (out.len() - start) as u32;
        Checksum::new().add_pseudo_header_of(ends, protocol, len).over(&out[start..]).finish()
    };
    match &packet.transport {
        Transport::Tcp(segment) => {
            write_tcp_header(out, segment);
            write_payload(out, &segment.payload, end);
            let sum = sum(out, PROTOCOL_TCP);
            patch(out, start + 16, sum);
        }
        Transport::Udp(datagram) => {
            let header = UdpHeader {
                source_port: datagram.source_port,
                destination_port: datagram.destination_port,
                length: (8 + datagram.payload.len()).min(end - start) as u16,
                checksum: 0,
            };
            out.extend_from_slice(&header.to_bytes());
            write_payload(out, &datagram.payload, end);
            // Zero is forbidden here; all ones is the same number (RFC 8200 section 8.1).
            let sum = match sum(out, PROTOCOL_UDP) {
                0 => 0xffff,
                sum => sum,
            };
            patch(out, start + 6, sum);
        }
        Transport::Icmpv6(message) => {
            let (kind, code) = message.kind();
            out.extend_from_slice(&[kind, code, 0, 0]);
            message.write(|octets| {
                let fits = octets.len().min(end.saturating_sub(out.len()));
                out.extend_from_slice(&octets[..fits]);
            });
            let sum = sum(out, PROTOCOL_ICMPV6);
            patch(out, start + 2, sum);
        }
        // ICMP of IPv4 has no business here: its octets without meaning.
        Transport::Icmp(message) => super::build::write_icmp(out, message, end),
        Transport::Other { payload, .. } => write_payload(out, payload, end),
    }
}
