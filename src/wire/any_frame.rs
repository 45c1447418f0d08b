//! Frames of every kind, drawn at random, for property tests of this room and those above.

use super::*;
use bytes::Bytes;
use proptest::prelude::*;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Protocols that nobody reads: etherparse would look into IPsec's.
const UNREAD: std::ops::RangeInclusive<u8> = 200..=252;

fn payload() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..100).prop_map(Bytes::from)
}

fn option() -> impl Strategy<Value = TcpOption> {
    let seq = || any::<u32>().prop_map(Seq);
    prop_oneof![
        Just(TcpOption::Nop),
        any::<u16>().prop_map(TcpOption::Mss),
        any::<u8>().prop_map(TcpOption::WindowScale),
        Just(TcpOption::SackPermitted),
        prop::collection::vec((seq(), seq()), 1..=4)
            .prop_map(|blocks| TcpOption::Sack(blocks.into_iter().collect())),
        any::<(u32, u32)>().prop_map(|(value, echo)| TcpOption::Timestamps { value, echo }),
        (9u8.., prop::collection::vec(any::<u8>(), 0..12))
            .prop_map(|(kind, data)| TcpOption::Unknown { kind, data: OptionData::new(&data).unwrap() }),
    ]
}

fn segment() -> impl Strategy<Value = Segment> {
    let fixed = (any::<(u16, u16, u32, u32, u8)>(), any::<(u16, u16)>());
    let options = prop::collection::vec(option(), 0..8);
    (fixed, options, payload()).prop_map(|((head, tail), options, payload)| Segment {
        source_port: head.0,
        destination_port: head.1,
        seq: Seq(head.2),
        ack: Seq(head.3),
        flags: Flags(head.4),
        window: tail.0,
        urgent: tail.1,
        options: options.into(),
        payload,
    })
}

fn icmp() -> impl Strategy<Value = IcmpMessage> {
    prop_oneof![
        (any::<(u8, u16)>(), payload()).prop_map(|((code, next_hop_mtu), quote)| {
            IcmpMessage::DestinationUnreachable { code, next_hop_mtu, quote }
        }),
        (any::<(u16, u16)>(), payload()).prop_map(|((id, seq), data)| IcmpMessage::EchoRequest {
            id,
            seq,
            data
        }),
        (any::<(u16, u16)>(), payload()).prop_map(|((id, seq), data)| IcmpMessage::EchoReply {
            id,
            seq,
            data
        }),
        (any::<u8>(), payload()).prop_map(|(code, quote)| IcmpMessage::TimeExceeded { code, quote }),
        (12u8.., any::<u8>(), prop::collection::vec(any::<u8>(), 4..50))
            .prop_map(|(kind, code, rest)| IcmpMessage::Other { kind, code, rest: rest.into() }),
    ]
}

fn whole() -> impl Strategy<Value = Transport> {
    prop_oneof![
        segment().prop_map(Transport::Tcp),
        (any::<(u16, u16)>(), payload()).prop_map(|((source_port, destination_port), payload)| {
            Transport::Udp(Datagram { source_port, destination_port, payload })
        }),
        icmp().prop_map(Transport::Icmp),
        (UNREAD, payload()).prop_map(|(protocol, payload)| Transport::Other { protocol, payload }),
    ]
}

fn ipv4() -> impl Strategy<Value = Ipv4Packet> {
    let fixed = (any::<(Ipv4Addr, Ipv4Addr, u16, bool, u8)>(), 0u8..64, 0u8..4);
    let fragment = prop_oneof![
        4 => Just(None),
        1 => ((any::<bool>(), UNREAD), 1u16..8192, payload()).prop_map(Some),
    ];
    let options = (0usize..=10).prop_map(|words| Bytes::from(vec![1u8; words * 4]));
    (fixed, fragment, options, whole()).prop_map(|((fixed, dscp, ecn), fragment, options, whole)| {
        let mut packet = Ipv4Packet { dscp, ecn, options, ..Ipv4Packet::new(fixed.0, fixed.1, whole) };
        (packet.identification, packet.dont_fragment, packet.ttl) = (fixed.2, fixed.3, fixed.4);
        if let Some(((more, protocol), offset, payload)) = fragment {
            (packet.more_fragments, packet.fragment_offset) = (more, offset);
            packet.transport = Transport::Other { protocol, payload };
        }
        packet
    })
}

fn icmpv6() -> impl Strategy<Value = Icmpv6Message> {
    let address = || any::<[u8; 16]>().prop_map(Ipv6Addr::from);
    prop_oneof![
        (any::<u8>(), payload())
            .prop_map(|(code, quote)| Icmpv6Message::DestinationUnreachable { code, quote }),
        (any::<u32>(), payload()).prop_map(|(mtu, quote)| Icmpv6Message::PacketTooBig { mtu, quote }),
        (any::<u8>(), payload()).prop_map(|(code, quote)| Icmpv6Message::TimeExceeded { code, quote }),
        (any::<u8>(), any::<u32>(), payload())
            .prop_map(|(code, pointer, quote)| Icmpv6Message::ParameterProblem { code, pointer, quote }),
        (any::<(u16, u16)>(), payload()).prop_map(|((id, seq), data)| Icmpv6Message::EchoRequest {
            id,
            seq,
            data
        }),
        (any::<(u16, u16)>(), payload()).prop_map(|((id, seq), data)| Icmpv6Message::EchoReply {
            id,
            seq,
            data
        }),
        payload().prop_map(|options| Icmpv6Message::RouterSolicitation { options }),
        (any::<(u8, u8, u16, u32, u32)>(), payload()).prop_map(|(fields, options)| {
            let (hop_limit, flags, lifetime, reachable_ms, retransmit_ms) = fields;
            Icmpv6Message::RouterAdvertisement {
                hop_limit,
                flags,
                lifetime,
                reachable_ms,
                retransmit_ms,
                options,
            }
        }),
        (address(), payload())
            .prop_map(|(target, options)| Icmpv6Message::NeighbourSolicitation { target, options }),
        (0u8..8, address(), payload()).prop_map(|(flags, target, options)| {
            Icmpv6Message::NeighbourAdvertisement { flags: flags << 5, target, options }
        }),
        (140u8.., any::<u8>(), payload()).prop_map(|(kind, code, rest)| Icmpv6Message::Other {
            kind,
            code,
            rest
        }),
    ]
}

fn extension() -> impl Strategy<Value = Extension> {
    let octets = |beyond: usize| {
        (0usize..4).prop_flat_map(move |words| {
            prop::collection::vec(any::<u8>(), words * 8 + beyond).prop_map(Bytes::from)
        })
    };
    prop_oneof![
        octets(6).prop_map(Extension::HopByHop),
        octets(6).prop_map(Extension::DestinationOptions),
        (any::<(u8, u8)>(), octets(4)).prop_map(|((kind, segments_left), data)| Extension::Routing {
            kind,
            segments_left,
            data
        }),
        // A fragment header that makes no fragment.
        any::<u32>().prop_map(|identification| Extension::Fragment {
            offset: 0,
            more: false,
            identification
        }),
    ]
}

fn ipv6() -> impl Strategy<Value = Ipv6Packet> {
    let fixed = (any::<([u8; 16], [u8; 16], u8)>(), 0u8..64, 0u8..4, 0u32..1 << 20);
    let whole = prop_oneof![
        segment().prop_map(Transport::Tcp),
        (any::<(u16, u16)>(), payload()).prop_map(|((source_port, destination_port), payload)| {
            Transport::Udp(Datagram { source_port, destination_port, payload })
        }),
        icmpv6().prop_map(Transport::Icmpv6),
        (UNREAD, payload()).prop_map(|(protocol, payload)| Transport::Other { protocol, payload }),
    ];
    let extensions = prop::collection::vec(extension(), 0..4);
    let fragment = prop_oneof![
        4 => Just(None),
        1 => ((UNREAD, any::<bool>()), 1u16..8192, any::<u32>(), payload()).prop_map(Some),
    ];
    (fixed, extensions, whole, fragment).prop_map(
        |((fixed, dscp, ecn, flow_label), extensions, whole, fragment)| {
            let mut packet = Ipv6Packet::new(fixed.0.into(), fixed.1.into(), whole);
            (packet.dscp, packet.ecn, packet.flow_label, packet.hop_limit) = (dscp, ecn, flow_label, fixed.2);
            packet.extensions = extensions;
            if let Some(((protocol, more), offset, identification, payload)) = fragment {
                packet.extensions.push(Extension::Fragment { offset, more, identification });
                packet.transport = Transport::Other { protocol, payload };
            }
            packet
        },
    )
}

fn arp() -> impl Strategy<Value = ArpMessage> {
    any::<(u16, [u8; 6], Ipv4Addr, [u8; 6], Ipv4Addr)>().prop_map(|fields| ArpMessage {
        operation: ArpOperation::from_number(fields.0),
        sender_mac: MacAddr(fields.1),
        sender_ip: fields.2,
        target_mac: MacAddr(fields.3),
        target_ip: fields.4,
    })
}

fn macs() -> impl Strategy<Value = (MacAddr, MacAddr)> {
    any::<([u8; 6], [u8; 6])>().prop_map(|(from, to)| (MacAddr(from), MacAddr(to)))
}

fn bridge_id() -> impl Strategy<Value = BridgeId> {
    any::<(u16, [u8; 6])>().prop_map(|(priority, mac)| BridgeId { priority, mac: MacAddr(mac) })
}

fn bpdu() -> impl Strategy<Value = Bpdu> {
    let fixed = any::<((bool, bool), (u32, u16), (u16, u16, u16, u16))>();
    let config = (fixed, bridge_id(), bridge_id()).prop_map(|((flags, place, times), root, bridge)| {
        Bpdu::Config(ConfigBpdu {
            topology_change: flags.0,
            acknowledgment: flags.1,
            root,
            root_cost: place.0,
            bridge,
            port: place.1,
            message_age: times.0,
            max_age: times.1,
            hello_time: times.2,
            forward_delay: times.3,
        })
    });
    prop_oneof![9 => config, 1 => Just(Bpdu::TopologyChange)]
}

fn tag() -> impl Strategy<Value = Tag> {
    let kind = prop_oneof![Just(ETHER_TYPE_VLAN), Just(ETHER_TYPE_PROVIDER)];
    (kind, any::<u16>()).prop_map(|(ether_type, control)| Tag::new(ether_type, control))
}

/// A frame with one VLAN tag or two, whatever it carries.
pub fn tagged() -> impl Strategy<Value = Packet> {
    (packet(), tag(), prop::option::of(tag())).prop_map(|(mut packet, outer, inner)| {
        let tags = Tags::one(outer);
        packet.ethernet.tags = inner.map_or(tags, |inner| tags.with(inner));
        packet
    })
}

/// A frame that carries IPv4.
pub fn with_ipv4() -> impl Strategy<Value = Packet> {
    (macs(), ipv4()).prop_map(|(macs, packet)| Packet::ipv4(macs.0, macs.1, packet))
}

/// A frame that carries IPv6.
pub fn with_ipv6() -> impl Strategy<Value = Packet> {
    (macs(), ipv6()).prop_map(|(macs, packet)| Packet::ipv6(macs.0, macs.1, packet))
}

/// A frame that carries IPv4, IPv6, ARP or spanning tree.
pub fn packet() -> impl Strategy<Value = Packet> {
    let with_arp = (macs(), arp()).prop_map(|(macs, message)| Packet::arp(macs.0, macs.1, message));
    let with_bpdu = (any::<[u8; 6]>(), bpdu()).prop_map(|(mac, message)| Packet::bpdu(MacAddr(mac), message));
    prop_oneof![8 => with_ipv4(), 8 => with_ipv6(), 1 => with_arp, 1 => with_bpdu]
}
