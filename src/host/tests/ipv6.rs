//! Two hosts that speak IPv6: neighbours found, segments and datagrams up and down, errors.

use super::wire::{A, B, Cable, config};
use crate::clock::Span;
use crate::host::{HostConfig, HostEffect, Reason};
use crate::ipv6::{self, Reachability};
use crate::socket::{Call, Domain, Errno, Fd, Kind, ProcessId, Return};
use crate::wire::{
    self, Body, Datagram, Flags, Icmpv6Message, Ipv6Packet, MacAddr, Packet, Segment, Seq, Transport,
};
use bytes::Bytes;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

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
    let silent =
        Reason::Ipv6(ipv6::Reason::Neighbour(ipv6::NeighbourReason::NeighbourSilent { address: at(9) }));
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

fn end(host: u16, port: u16) -> SocketAddr {
    SocketAddr::from((at(host), port))
}

fn socket(cable: &mut Cable, pid: ProcessId, kind: Kind) -> Fd {
    match cable.call(pid, Call::Socket { domain: Domain::Inet6, kind, protocol: 0 }) {
        Return::Descriptor(fd) => fd,
        other => panic!("{other:?}"),
    }
}

/// A connection from A to B over IPv6: both descriptors.
fn connection(cable: &mut Cable) -> (Fd, Fd) {
    let listener = socket(cable, B, Kind::Stream);
    assert_eq!(cable.bind(B, listener, end(1, 80)), Return::Done);
    assert_eq!(cable.call(B, Call::Listen { fd: listener, backlog: 5 }), Return::Done);
    let own = socket(cable, A, Kind::Stream);
    assert_eq!(cable.connect(A, own, end(1, 80)), Return::Done);
    match cable.call(B, Call::Accept { fd: listener }) {
        Return::Accepted(fd, _) => (own, fd),
        other => panic!("{other:?}"),
    }
}

/// Every TCP segment of a host so far.
fn segments(cable: &Cable, of: usize) -> Vec<Segment> {
    let segment = |(host, transport): (usize, Transport)| match transport {
        Transport::Tcp(segment) if host == of => Some(segment),
        _ => None,
    };
    carried(cable).into_iter().filter_map(segment).collect()
}

/// A router tells the first host that its last packet of that kind was too big.
fn too_big(cable: &mut Cable, mtu: u32, of: impl Fn(&Transport) -> bool) {
    let sent = cable.packets().into_iter().filter_map(|(host, packet)| match packet.body {
        Body::Ipv6(packet) if host == 0 && of(&packet.transport) => Some(packet),
        _ => None,
    });
    let quote = wire::build_ipv6(&sent.last().expect("something sent"));
    let quote = quote.slice(..quote.len().min(1232));
    cable.inject(0, &frame(1, 0, Transport::Icmpv6(Icmpv6Message::PacketTooBig { mtu, quote })));
}

fn is_data(transport: &Transport) -> bool {
    matches!(transport, Transport::Tcp(segment) if !segment.payload.is_empty())
}

#[test]
fn who_sent_to_a_port_without_a_reader_is_refused() {
    let mut cable = cable();
    let own = socket(&mut cable, A, Kind::Datagram);
    assert_eq!(cable.connect(A, own, end(1, 9)), Return::Done);
    assert_eq!(cable.send(A, own, "anybody?"), Return::Sent(8));
    cable.pass(Span::millis(50));
    assert_eq!(cable.recv(A, own, 100), Return::Failed(Errno::ECONNREFUSED));
}

#[test]
fn segments_over_ipv6_are_announced_sixty_octets_below_the_mtu() {
    let mut cable = cable();
    connection(&mut cable);
    for host in [0, 1] {
        let first = segments(&cable, host).swap_remove(0);
        let mss = first.options.iter().find_map(|option| match option {
            wire::TcpOption::Mss(mss) => Some(mss),
            _ => None,
        });
        assert_eq!(mss, Some(1440));
    }
}

#[test]
fn acknowledgments_of_new_data_spare_the_neighbour_the_question() {
    let mut cable = cable();
    let (own, other) = connection(&mut cable);
    cable.send(A, own, "hello");
    cable.recv(B, other, 100);
    cable.send(B, other, "hello yourself");
    cable.pass(Span::secs(10));
    let asked = carried(&cable).into_iter().filter(|(_, transport)| {
        matches!(transport, Transport::Icmpv6(Icmpv6Message::NeighbourSolicitation { .. }))
    });
    assert_eq!(asked.count(), 1, "only the first, before the SYN");
}

#[test]
fn a_packet_too_big_makes_segments_smaller_for_all_who_use_the_path() {
    // What a router says of a segment holds for datagrams, and what it says of a datagram for segments.
    let mut cable = cable();
    let (own, _) = connection(&mut cable);
    let data = Bytes::from(vec![7; 1440]);
    assert_eq!(cable.call(A, Call::Send { fd: own, data: data.clone() }), Return::Sent(1440));
    too_big(&mut cable, 1400, is_data);
    cable.pass(Span::secs(1));
    assert_eq!(cable.hosts[0].ipv6().map(|routing| routing.mtu_to(at(1))), Some(1400));
    assert!(segments(&cable, 0).last().is_some_and(|segment| segment.payload.len() <= 1340));

    let mut cable = self::cable();
    let (own, _) = connection(&mut cable);
    let udp = socket(&mut cable, A, Kind::Datagram);
    cable.call(A, Call::SendTo { fd: udp, data: data.clone(), to: end(1, 9), fast_open: false });
    too_big(&mut cable, 1300, |transport| matches!(transport, Transport::Udp(_)));
    assert_eq!(cable.call(A, Call::Send { fd: own, data }), Return::Sent(1440));
    cable.pass(Span::secs(1));
    let lengths: Vec<usize> = segments(&cable, 0).iter().map(|segment| segment.payload.len()).collect();
    assert!(lengths.iter().all(|len| *len <= 1240), "{lengths:?}");
    assert!(lengths.iter().sum::<usize>() >= 1440, "nothing is missing: {lengths:?}");
}

#[test]
fn a_packet_too_big_about_nothing_sent_or_below_1280_changes_nothing() {
    let mut cable = cable();
    let udp = socket(&mut cable, A, Kind::Datagram);
    cable
        .call(A, Call::SendTo { fd: udp, data: Bytes::from(vec![7; 1440]), to: end(1, 9), fast_open: false });
    cable.pass(Span::millis(10));
    too_big(&mut cable, 1279, |transport| matches!(transport, Transport::Udp(_)));
    let datagram = Datagram { source_port: 77, destination_port: 9, payload: Bytes::from(vec![7; 1400]) };
    for (protocol, transport) in [
        (17, Transport::Udp(datagram)),
        (6, Transport::Tcp(Segment { source_port: 77, ..Segment::default() })),
    ] {
        let quote = wire::build_ipv6(&Ipv6Packet::new(at(0), at(1), transport));
        let quote = quote.slice(..quote.len().min(1232));
        let forged = Icmpv6Message::PacketTooBig { mtu: 1300, quote };
        cable.inject(0, &frame(1, 0, Transport::Icmpv6(forged)));
        assert_eq!(cable.hosts[0].ipv6().map(|routing| routing.mtu_to(at(1))), Some(1500), "{protocol}");
    }
}
