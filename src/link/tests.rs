//! Frames for the tests of this room.

use crate::wire::{
    ArpMessage, ArpOperation, Datagram, Flags, IcmpMessage, Ipv4Packet, MacAddr, PROTOCOL_UDP, Packet,
    Segment, Transport,
};
use bytes::Bytes;
use std::net::Ipv4Addr;

fn ip(transport: Transport) -> Ipv4Packet {
    Ipv4Packet::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), transport)
}

fn frame(packet: Ipv4Packet) -> Packet {
    Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), packet)
}

pub(super) fn tcp(flags: &str, len: usize) -> Packet {
    frame(ip(Transport::Tcp(Segment {
        flags: Flags::from_letters(flags).unwrap(),
        payload: Bytes::from(vec![b'x'; len]),
        ..Segment::default()
    })))
}

pub(super) fn udp() -> Packet {
    frame(ip(Transport::Udp(Datagram::default())))
}

pub(super) fn udp_fragment() -> Packet {
    let mut packet = ip(Transport::Other { protocol: PROTOCOL_UDP, payload: Bytes::from_static(&[0; 8]) });
    packet.fragment_offset = 1;
    frame(packet)
}

pub(super) fn icmp() -> Packet {
    frame(ip(Transport::Icmp(IcmpMessage::EchoRequest { id: 1, seq: 1, data: Bytes::new() })))
}

pub(super) fn arp() -> Packet {
    let message = ArpMessage {
        operation: ArpOperation::Request,
        sender_mac: MacAddr::of_host(1),
        sender_ip: Ipv4Addr::new(10, 0, 0, 1),
        target_mac: MacAddr::default(),
        target_ip: Ipv4Addr::new(10, 0, 0, 2),
    };
    Packet::arp(MacAddr::of_host(1), MacAddr::BROADCAST, message)
}
