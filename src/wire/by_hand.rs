//! Packets as programs build them for raw sockets, and their fields as programs read them: octets in, octets out.

use super::{Ipv4Packet, PROTOCOL_UDP, Transport, build_ipv4, checksum};
use bytes::{BufMut, Bytes, BytesMut};
use std::net::Ipv4Addr;

/// An ICMP echo request with its checksum (RFC 792).
pub fn icmp_echo(id: u16, seq: u16, data: &[u8]) -> Bytes {
    let mut octets = BytesMut::with_capacity(8 + data.len());
    octets.put_slice(&[8, 0, 0, 0]);
    octets.put_u16(id);
    octets.put_u16(seq);
    octets.put_slice(data);
    let sum = checksum(&octets);
    octets[2..4].copy_from_slice(&sum.to_be_bytes());
    octets.freeze()
}

/// A UDP datagram without a checksum, as IPv4 allows (RFC 768); at most 65507 octets of data count.
pub fn udp_datagram(source_port: u16, destination_port: u16, data: &[u8]) -> Bytes {
    let data = &data[..data.len().min(65_507)];
    let mut octets = BytesMut::with_capacity(8 + data.len());
    octets.put_u16(source_port);
    octets.put_u16(destination_port);
    octets.put_u16(8 + data.len() as u16);
    octets.put_u16(0);
    octets.put_slice(data);
    octets.freeze()
}

/// An IPv4 packet with its header (RFC 791): 20 octets, identification 0, time to live 64; what does not fit into 65535
/// octets is cut off. Its checksum and length are right, though a kernel writes them itself.
pub fn ipv4_packet(source: Ipv4Addr, destination: Ipv4Addr, protocol: u8, payload: &Bytes) -> Bytes {
    let transport = Transport::Other { protocol, payload: payload.clone() };
    let packet = Ipv4Packet { dont_fragment: false, ..Ipv4Packet::new(source, destination, transport) };
    build_ipv4(&packet)
}

/// A number that stands in a packet, from its IP header on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum PacketField {
    IpHeaderLength,
    IpLength,
    IpIdentification,
    IpTtl,
    IpProtocol,
    IpChecksum,
    IcmpType,
    IcmpCode,
    IcmpChecksum,
    IcmpId,
    IcmpSeq,
    UdpSourcePort,
    UdpDestinationPort,
    UdpLength,
}

impl PacketField {
    /// Every field by the name that programs write.
    pub const ALL: [(&'static str, PacketField); 14] = [
        ("ip.header_length", PacketField::IpHeaderLength),
        ("ip.length", PacketField::IpLength),
        ("ip.id", PacketField::IpIdentification),
        ("ip.ttl", PacketField::IpTtl),
        ("ip.protocol", PacketField::IpProtocol),
        ("ip.checksum", PacketField::IpChecksum),
        ("icmp.type", PacketField::IcmpType),
        ("icmp.code", PacketField::IcmpCode),
        ("icmp.checksum", PacketField::IcmpChecksum),
        ("icmp.id", PacketField::IcmpId),
        ("icmp.seq", PacketField::IcmpSeq),
        ("udp.source_port", PacketField::UdpSourcePort),
        ("udp.destination_port", PacketField::UdpDestinationPort),
        ("udp.length", PacketField::UdpLength),
    ];

    /// Its value in the packet; `None` where the packet has no such field.
    pub fn of(self, packet: &[u8]) -> Option<u16> {
        let header_len = usize::from(packet.first()? & 0x0f) * 4;
        let octet = |at: usize| packet.get(at).copied().map(u16::from);
        let word = |at: usize| Some(octet(at)? << 8 | octet(at + 1)?);
        let of = |protocol: u16| (octet(9)? == protocol && header_len >= 20).then_some(header_len);
        let (icmp, udp) = (|| of(1), || of(u16::from(PROTOCOL_UDP)));
        match self {
            PacketField::IpHeaderLength => Some(header_len as u16),
            PacketField::IpLength => word(2),
            PacketField::IpIdentification => word(4),
            PacketField::IpTtl => octet(8),
            PacketField::IpProtocol => octet(9),
            PacketField::IpChecksum => word(10),
            PacketField::IcmpType => octet(icmp()?),
            PacketField::IcmpCode => octet(icmp()? + 1),
            PacketField::IcmpChecksum => word(icmp()? + 2),
            PacketField::IcmpId => word(icmp()? + 4),
            PacketField::IcmpSeq => word(icmp()? + 6),
            PacketField::UdpSourcePort => word(udp()?),
            PacketField::UdpDestinationPort => word(udp()? + 2),
            PacketField::UdpLength => word(udp()? + 4),
        }
    }
}

/// The source address in a packet's header, or its destination.
pub fn ip_address(packet: &[u8], source: bool) -> Option<Ipv4Addr> {
    let at = if source { 12 } else { 16 };
    packet.get(at..at + 4)?.first_chunk::<4>().map(|octets| Ipv4Addr::from(*octets))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::IcmpMessage;

    #[test]
    fn what_is_built_by_hand_is_what_the_stack_builds() {
        let data = Bytes::from_static(b"hello");
        let message = IcmpMessage::EchoRequest { id: 7, seq: 2, data: data.clone() };
        let echo = icmp_echo(7, 2, &data);
        let (source, destination) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let whole = Ipv4Packet::new(source, destination, Transport::Icmp(message));
        let whole = Ipv4Packet { dont_fragment: false, ..whole };
        assert_eq!(ipv4_packet(source, destination, 1, &echo), build_ipv4(&whole));
    }

    #[test]
    fn fields_are_read_where_the_rfcs_put_them_and_nowhere_else() {
        let (source, destination) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
        let packet = ipv4_packet(source, destination, 1, &icmp_echo(0x1234, 9, b"x"));
        let value = |name: &str| {
            let (_, field) = PacketField::ALL.into_iter().find(|(known, _)| *known == name).unwrap();
            field.of(&packet)
        };
        assert_eq!(value("ip.ttl"), Some(64));
        assert_eq!(value("ip.length"), Some(29));
        assert_eq!(value("icmp.type"), Some(8));
        assert_eq!(value("icmp.id"), Some(0x1234));
        assert_eq!(value("icmp.seq"), Some(9));
        assert_eq!(value("udp.length"), None, "it is no datagram");
        assert_eq!(ip_address(&packet, true), Some(source));
        assert_eq!(ip_address(&packet, false), Some(destination));
        for len in 0..packet.len() {
            for (_, field) in PacketField::ALL {
                let _ = field.of(&packet[..len]);
            }
        }
    }
}
