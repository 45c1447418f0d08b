//! A whole frame as typed values: what [`super::parse`] yields and [`super::build`] takes.

use super::{BRIDGE_GROUP, Bpdu, Icmpv6Message, Ipv6Packet, MacAddr, Segment, Tags};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr};

/// EtherType of IPv4.
pub const ETHER_TYPE_IPV4: u16 = 0x0800;
/// EtherType of ARP.
pub const ETHER_TYPE_ARP: u16 = 0x0806;
/// EtherType of IPv6.
pub const ETHER_TYPE_IPV6: u16 = 0x86dd;
/// IP protocol number of ICMP.
pub const PROTOCOL_ICMP: u8 = 1;
/// IP protocol number of TCP.
pub const PROTOCOL_TCP: u8 = 6;
/// IP protocol number of UDP.
pub const PROTOCOL_UDP: u8 = 17;
/// Number of ICMPv6 as next header.
pub const PROTOCOL_ICMPV6: u8 = 58;

/// A frame: Ethernet header and body. Checksums, lengths and padding are made when bytes are built and
/// verified when they are parsed, so they are not here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Link layer.
    pub ethernet: Ethernet,
    /// What it carries.
    pub body: Body,
}

/// An Ethernet II header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ethernet {
    /// From.
    pub source: MacAddr,
    /// To.
    pub destination: MacAddr,
    /// VLAN tags.
    pub tags: Tags,
    /// EtherType of what follows the tags, written as given; below 0x0600 it is an IEEE 802.3 length.
    pub ether_type: u16,
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// ARP for IPv4 on Ethernet.
    Arp(ArpMessage),
    /// IPv4.
    Ipv4(Ipv4Packet),
    /// IPv6.
    Ipv6(Ipv6Packet),
    /// A message of spanning tree.
    Bpdu(Bpdu),
    /// Anything else, padding included.
    Other(Bytes),
}

/// What an ARP message does (RFC 826).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArpOperation {
    /// 1: who has the target protocol address?
    Request,
    /// 2: the sender has it.
    Reply,
    /// Any other.
    Other(u16),
}

/// An ARP message for IPv4 addresses on Ethernet (RFC 826).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArpMessage {
    /// Request or reply.
    pub operation: ArpOperation,
    /// `ar$sha`.
    pub sender_mac: MacAddr,
    /// `ar$spa`.
    pub sender_ip: Ipv4Addr,
    /// `ar$tha`; means nothing in a request.
    pub target_mac: MacAddr,
    /// `ar$tpa`.
    pub target_ip: Ipv4Addr,
}

/// ECT(0): the sender uses ECN (RFC 3168 section 5).
pub const ECT0: u8 = 2;
/// CE: a queue on the way was about to overflow (RFC 3168 section 5).
pub const CE: u8 = 3;

/// An IPv4 packet (RFC 791).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ipv4Packet {
    /// From.
    pub source: Ipv4Addr,
    /// To.
    pub destination: Ipv4Addr,
    /// Differentiated services code point, 0 to 63 (RFC 2474).
    pub dscp: u8,
    /// Explicit congestion notification, 0 to 3 (RFC 3168).
    pub ecn: u8,
    /// Identification.
    pub identification: u16,
    /// DF.
    pub dont_fragment: bool,
    /// MF.
    pub more_fragments: bool,
    /// Where this fragment's octets belong, in units of 8 octets, 0 to 8191.
    pub fragment_offset: u16,
    /// Time to live.
    pub ttl: u8,
    /// Option octets, a multiple of four, at most 40.
    pub options: Bytes,
    /// What it carries.
    pub transport: Transport,
}

/// What an IP packet carries. The payload of a fragment is always [`Transport::Other`]: it cannot be
/// understood (nor its checksum verified) before it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Protocol 6.
    Tcp(Segment),
    /// Protocol 17.
    Udp(Datagram),
    /// Protocol 1.
    Icmp(IcmpMessage),
    /// Protocol 58, over IPv6.
    Icmpv6(Icmpv6Message),
    /// Any other protocol, or a fragment.
    Other {
        /// The protocol number.
        protocol: u8,
        /// Its octets.
        payload: Bytes,
    },
}

/// A UDP datagram (RFC 768).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Datagram {
    /// Source port.
    pub source_port: u16,
    /// Destination port.
    pub destination_port: u16,
    /// The data.
    pub payload: Bytes,
}

/// An ICMP message (RFC 792).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IcmpMessage {
    /// Type 3.
    DestinationUnreachable {
        /// 3 is port unreachable, 4 fragmentation needed and DF set.
        code: u8,
        /// With code 4, the MTU of the next hop (RFC 1191); otherwise unused and sent as 0.
        next_hop_mtu: u16,
        /// The offending packet's IPv4 header and first octets.
        quote: Bytes,
    },
    /// Type 8.
    EchoRequest {
        /// Identifier.
        id: u16,
        /// Sequence number.
        seq: u16,
        /// Data.
        data: Bytes,
    },
    /// Type 0.
    EchoReply {
        /// Identifier.
        id: u16,
        /// Sequence number.
        seq: u16,
        /// Data.
        data: Bytes,
    },
    /// Type 11.
    TimeExceeded {
        /// 0 is TTL, 1 fragment reassembly.
        code: u8,
        /// The offending packet's IPv4 header and first octets.
        quote: Bytes,
    },
    /// Any other.
    Other {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
        /// The octets after the checksum.
        rest: Bytes,
    },
}

impl Packet {
    /// An IPv4 packet in a frame.
    pub fn ipv4(source: MacAddr, destination: MacAddr, packet: Ipv4Packet) -> Packet {
        let ethernet = Ethernet { source, destination, tags: Tags::NONE, ether_type: ETHER_TYPE_IPV4 };
        Packet { ethernet, body: Body::Ipv4(packet) }
    }

    /// An ARP message in a frame.
    pub fn arp(source: MacAddr, destination: MacAddr, message: ArpMessage) -> Packet {
        let ethernet = Ethernet { source, destination, tags: Tags::NONE, ether_type: ETHER_TYPE_ARP };
        Packet { ethernet, body: Body::Arp(message) }
    }

    /// An IPv6 packet in a frame.
    pub fn ipv6(source: MacAddr, destination: MacAddr, packet: Ipv6Packet) -> Packet {
        let ethernet = Ethernet { source, destination, tags: Tags::NONE, ether_type: ETHER_TYPE_IPV6 };
        Packet { ethernet, body: Body::Ipv6(packet) }
    }

    /// A message of spanning tree, to all bridges.
    pub fn bpdu(source: MacAddr, message: Bpdu) -> Packet {
        let (destination, ether_type) = (BRIDGE_GROUP, message.len() as u16);
        let ethernet = Ethernet { source, destination, tags: Tags::NONE, ether_type };
        Packet { ethernet, body: Body::Bpdu(message) }
    }

    /// The IPv4 packet, if it is one.
    pub fn ip(&self) -> Option<&Ipv4Packet> {
        match &self.body {
            Body::Ipv4(packet) => Some(packet),
            Body::Ipv6(_) | Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
        }
    }

    /// What the IP packet carries, of either version.
    pub fn transport(&self) -> Option<&Transport> {
        match &self.body {
            Body::Ipv4(packet) => Some(&packet.transport),
            Body::Ipv6(packet) => Some(&packet.transport),
            Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
        }
    }

    /// The IP packet's source and destination, of either version.
    pub fn addresses(&self) -> Option<(IpAddr, IpAddr)> {
        match &self.body {
            Body::Ipv4(packet) => Some((packet.source.into(), packet.destination.into())),
            Body::Ipv6(packet) => Some((packet.source.into(), packet.destination.into())),
            Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
        }
    }

    /// The TCP segment, if it carries one.
    pub fn tcp(&self) -> Option<&Segment> {
        match self.transport() {
            Some(Transport::Tcp(segment)) => Some(segment),
            Some(Transport::Udp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. })
            | None => None,
        }
    }

    /// The UDP datagram, if it carries a whole one.
    pub fn udp(&self) -> Option<&Datagram> {
        match self.transport() {
            Some(Transport::Udp(datagram)) => Some(datagram),
            Some(Transport::Tcp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. })
            | None => None,
        }
    }

    /// The ICMP message, if it carries a whole one.
    pub fn icmp(&self) -> Option<&IcmpMessage> {
        match self.transport() {
            Some(Transport::Icmp(message)) => Some(message),
            Some(Transport::Tcp(_) | Transport::Udp(_) | Transport::Icmpv6(_) | Transport::Other { .. })
            | None => None,
        }
    }

    /// Octets of the frame before it is padded to 60.
    pub fn len(&self) -> usize {
        14 + self.ethernet.tags.len()
            + match &self.body {
                Body::Arp(_) => 28,
                Body::Ipv4(packet) => packet.len(),
                Body::Ipv6(packet) => packet.len(),
                Body::Bpdu(message) => message.len(),
                Body::Other(payload) => payload.len(),
            }
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Ipv4Packet {
    /// A packet as hosts usually send it: TTL 64, DF set, identification 0, no options.
    pub fn new(source: Ipv4Addr, destination: Ipv4Addr, transport: Transport) -> Ipv4Packet {
        Ipv4Packet {
            source,
            destination,
            dscp: 0,
            ecn: 0,
            identification: 0,
            dont_fragment: true,
            more_fragments: false,
            fragment_offset: 0,
            ttl: 64,
            options: Bytes::new(),
            transport,
        }
    }

    /// The protocol field.
    pub fn protocol(&self) -> u8 {
        match &self.transport {
            Transport::Tcp(_) => PROTOCOL_TCP,
            Transport::Udp(_) => PROTOCOL_UDP,
            Transport::Icmp(_) => PROTOCOL_ICMP,
            Transport::Icmpv6(_) => PROTOCOL_ICMPV6,
            Transport::Other { protocol, .. } => *protocol,
        }
    }

    /// Whether this is one of several fragments.
    pub fn is_fragment(&self) -> bool {
        self.more_fragments || self.fragment_offset != 0
    }

    /// Octets of the header.
    pub fn header_len(&self) -> usize {
        20 + self.options.len().next_multiple_of(4).min(40)
    }

    /// The total length field: octets of header and payload.
    pub fn len(&self) -> usize {
        self.header_len() + self.transport.len()
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Transport {
    /// Octets of the transport header and its payload.
    pub fn len(&self) -> usize {
        match self {
            Transport::Tcp(segment) => segment.header_len() + segment.payload.len(),
            Transport::Udp(datagram) => 8 + datagram.payload.len(),
            Transport::Icmp(message) => message.len(),
            Transport::Icmpv6(message) => message.len(),
            Transport::Other { payload, .. } => payload.len(),
        }
    }

    /// Whether there is not even a header.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl IcmpMessage {
    /// Type and code.
    pub fn kind(&self) -> (u8, u8) {
        match self {
            IcmpMessage::DestinationUnreachable { code, .. } => (3, *code),
            IcmpMessage::EchoRequest { .. } => (8, 0),
            IcmpMessage::EchoReply { .. } => (0, 0),
            IcmpMessage::TimeExceeded { code, .. } => (11, *code),
            IcmpMessage::Other { kind, code, .. } => (*kind, *code),
        }
    }

    /// Octets of the message.
    pub fn len(&self) -> usize {
        match self {
            IcmpMessage::DestinationUnreachable { quote, .. } | IcmpMessage::TimeExceeded { quote, .. } => {
                8 + quote.len()
            }
            IcmpMessage::EchoRequest { data, .. } | IcmpMessage::EchoReply { data, .. } => 8 + data.len(),
            IcmpMessage::Other { rest, .. } => 4 + rest.len(),
        }
    }

    /// Never: there is always a header.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl ArpOperation {
    /// As on the wire.
    pub fn number(self) -> u16 {
        match self {
            ArpOperation::Request => 1,
            ArpOperation::Reply => 2,
            ArpOperation::Other(number) => number,
        }
    }

    /// From the wire.
    pub fn from_number(number: u16) -> ArpOperation {
        match number {
            1 => ArpOperation::Request,
            2 => ArpOperation::Reply,
            other => ArpOperation::Other(other),
        }
    }
}
