//! Two hosts that speak IPv6: neighbours found, segments and datagrams up and down, errors.

use super::wire::{Cable, config};
use crate::clock::Span;
use crate::host::{HostConfig, HostEffect, Reason};
use crate::ipv6::{self, Reachability};
use crate::wire::{
    self, Body, Datagram, Flags, Icmpv6Message, Ipv6Packet, MacAddr, Packet, Segment, Seq, Transport,
};
use bytes::Bytes;
use std::net::{IpAddr, Ipv6Addr};

fn at(host: u16) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host + 1)
}

fn speaking(host: usize) -> HostConfig {
    config(host).with_ipv6(at(host as u16), 64)
}

fn cable() -> Cable {
    Cable::with(speaking)
}

/// What every frame so far carries: its sender, and what is behind its IPv6 headers.
fn carried(cable: &Cable) -> Vec<(usize, Transport)> {
    let of = |(host, packet): (usize, Packet)| match packet.body {
        Body::Ipv6(packet) => Some((host, packet.transport)),
        Body::Ipv4(_) | Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
    };
    cable.packets().into_iter().filter_map(of).collect()
}

fn kinds(cable: &Cable) -> Vec<(usize, u8)> {
    let kind = |(host, transport): (usize, Transport)| match transport {
        Transport::Icmpv6(message) => (host, message.kind().0),
        other => panic!("{other:?}"),
    };
    carried(cable).into_iter().map(kind).collect()
}

fn frame(from: u16, to: u16, transport: Transport) -> Bytes {
    let (source, destination) = (MacAddr::of_host(from + 1), MacAddr::of_host(to + 1));
    wire::build(&Packet::ipv6(source, destination, Ipv6Packet::new(at(from), at(to), transport)))
}

fn ping(cable: &mut Cable, host: usize, to: Ipv6Addr, seq: u16) {
    let mut fx = Vec::new();
    cable.hosts[host].ping(cable.now, IpAddr::V6(to), 7, seq, &mut fx);
    cable.absorb(host, fx);
}

#[test]
fn a_ping_looks_for_its_neighbour_first_and_once() {
    let mut cable = cable();
    ping(&mut cable, 0, at(1), 1);
    cable.pass(Span::millis(100));
    assert_eq!(kinds(&cable), [(0, 135), (1, 136), (0, 128), (1, 129)]);
    let solicitation = cable.packets().swap_remove(0).1;
    let group = MacAddr([0x33, 0x33, 0xff, 0, 0, 2]);
    assert_eq!(solicitation.ethernet.destination, group, "only whoever may have the address looks up");
    ping(&mut cable, 0, at(1), 2);
    cable.pass(Span::millis(100));
    assert_eq!(kinds(&cable)[4..], [(0, 128), (1, 129)], "now its card is known");
    let known = cable.hosts[0].neighbours(cable.now, 0);
    assert_eq!(known, [(at(1), Reachability::Reachable, Some(MacAddr::of_host(2)), false)]);
}

#[test]
fn a_silent_neighbour_is_asked_for_three_times() {
    let mut cable = cable();
    cable.cut = Box::new(|_, _| true);
    ping(&mut cable, 0, at(9), 1);
    cable.pass(Span::secs(10));
    assert_eq!(kinds(&cable), [(0, 135); 3]);
    let times: Vec<u64> = cable.frames.iter().map(|(at, _, _)| at.as_millis()).collect();
    assert_eq!(times, [0, 1000, 2000]);
    let silent = Reason::Ipv6(ipv6::Reason::NeighbourSilent { address: at(9) });
    assert!(
        cable
            .effects
            .iter()
            .any(|(_, effect)| matches!(effect, HostEffect::Noted { why, .. } if *why == silent))
    );
}

#[test]
fn a_segment_for_a_closed_port_is_answered_by_a_reset_over_ipv6() {
    let mut cable = cable();
    let syn = Segment {
        source_port: 40_000,
        destination_port: 80,
        seq: Seq(100),
        flags: Flags::SYN,
        ..Segment::default()
    };
    cable.inject(1, &frame(0, 1, Transport::Tcp(syn)));
    cable.pass(Span::millis(100));
    let segments: Vec<Segment> = carried(&cable)
        .into_iter()
        .filter_map(|(_, transport)| match transport {
            Transport::Tcp(segment) => Some(segment),
            Transport::Udp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => None,
        })
        .collect();
    let [reset] = segments.as_slice() else { panic!("{segments:?}") };
    assert!(reset.flags.has(Flags::RST));
    assert_eq!((reset.source_port, reset.ack), (80, Seq(101)));
}

#[test]
fn a_datagram_to_a_port_without_a_reader_brings_a_port_unreachable() {
    let mut cable = cable();
    let datagram = Datagram { source_port: 40_000, destination_port: 9, payload: Bytes::from_static(b"?") };
    let asked = frame(0, 1, Transport::Udp(datagram));
    cable.inject(1, &asked);
    cable.pass(Span::millis(100));
    let Some((1, Transport::Icmpv6(Icmpv6Message::DestinationUnreachable { code: 4, quote }))) =
        carried(&cable).pop()
    else {
        panic!("{:?}", carried(&cable))
    };
    assert_eq!(quote, asked.slice(14..14 + 49), "the whole packet fits");
}

#[test]
fn a_host_without_ipv6_says_nothing_to_it() {
    let mut cable = Cable::new();
    cable.inject(1, &frame(0, 1, Transport::Udp(Datagram::default())));
    cable.pass(Span::secs(1));
    assert!(cable.frames.is_empty());
    assert!(cable.hosts[1].ipv6().is_none());
}
