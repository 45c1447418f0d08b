//! A router at work: what goes in by one card and comes out by another.

use super::{
    Config, DatagramReason, Effect, ForwardingReason, IcmpReason, Interface, Ip, Neighbours, Profile, Reason,
    Route, Via,
};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{self, Body, Checksums, IcmpMessage, Ipv4Packet, MacAddr, Packet, Segment, Transport};
use bytes::Bytes;
use std::net::Ipv4Addr;

const NEAR: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 2);
const FAR: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);

fn card(net: u8, mtu: u16) -> Interface {
    let neighbour = (Ipv4Addr::new(10, 0, net, 0), 24, MacAddr::of_host(100 + u16::from(net)));
    Interface {
        address: Ipv4Addr::new(10, 0, net, 1),
        prefix: 24,
        mac: MacAddr::of_host(u16::from(net)),
        mtu,
        neighbours: Neighbours::Static(vec![neighbour]),
    }
}

/// Networks 10.0.1.0/24 (by card 0) and 10.0.2.0/24 (by card 1, which takes 576 octets); 10.0.3.0/24 lies behind 10.0.1.9.
fn router(profile: Profile) -> Ip<()> {
    let via = Via::Gateway(Ipv4Addr::new(10, 0, 1, 9));
    let routes = vec![Route { network: Ipv4Addr::new(10, 0, 3, 0), prefix: 24, via }];
    Ip::new(&Config {
        interfaces: vec![card(1, 1500), card(2, 576)],
        routes,
        forwards: true,
        nat: None,
        profile,
    })
}

fn packet(to: Ipv4Addr, ttl: u8, octets: usize) -> Ipv4Packet {
    let payload = Bytes::from(vec![7; octets]);
    let segment = Segment { source_port: 5000, destination_port: 80, payload, ..Segment::default() };
    Ipv4Packet { ttl, ..Ipv4Packet::new(NEAR, to, Transport::Tcp(segment)) }
}

fn frame(packet: Ipv4Packet) -> Bytes {
    wire::build(&Packet::ipv4(MacAddr::of_host(101), MacAddr::of_host(1), packet))
}

fn pass(ip: &mut Ip<()>, frame: &Bytes) -> Vec<Effect<()>> {
    let mut fx = Vec::new();
    assert!(ip.hears(0, frame) && ip.passes_on(frame));
    ip.forward(Instant::ZERO, 0, frame, &mut fx).expect("a sound header");
    fx
}

/// What left, and by which card.
fn sent(fx: &[Effect<()>]) -> Vec<(u16, Packet)> {
    let one = |effect: &Effect<()>| match effect {
        Effect::Transmit { card, frame, .. } => Some((*card, wire::parse(frame).expect("sound"))),
        _ => None,
    };
    fx.iter().filter_map(one).collect()
}

fn icmp_of(fx: &[Effect<()>]) -> (Ipv4Packet, IcmpMessage) {
    let [(0, Packet { body: Body::Ipv4(packet), .. })] = &sent(fx)[..] else { panic!("{fx:?}") };
    let Transport::Icmp(message) = &packet.transport else { panic!("{packet:?}") };
    (packet.clone(), message.clone())
}

#[test]
fn a_packet_goes_on_with_one_less_to_live_and_other_cards_and_nothing_else_changed() {
    for profile in [Profile::rfc(), Profile::linux()] {
        let original = packet(FAR, 64, 100);
        let fx = pass(&mut router(profile), &frame(original.clone()));
        let [(1, Packet { ethernet, body: Body::Ipv4(passed) })] = &sent(&fx)[..] else { panic!("{fx:?}") };
        assert_eq!((ethernet.source, ethernet.destination), (MacAddr::of_host(2), MacAddr::of_host(102)));
        assert_eq!(*passed, Ipv4Packet { ttl: 63, ..original });
        assert!(fx.contains(&Effect::Counted(Counter::ForwDatagrams)));
    }
}

#[test]
fn what_a_packet_carries_goes_on_even_if_it_is_wrong() {
    let mut octets = frame(packet(FAR, 64, 100)).to_vec();
    let last = octets.len() - 1;
    octets[last] ^= 1;
    let damaged = Bytes::from(octets);
    let fx = pass(&mut router(Profile::linux()), &damaged);
    let [Effect::Counted(_), Effect::Transmit { frame, .. }] = &fx[..] else { panic!("{fx:?}") };
    assert_eq!(frame[34..], damaged[34..], "TCP is not the router's business");
    assert!(wire::parse(frame).is_err() && wire::parse_with(frame, Checksums::Ignore).is_ok());
}

#[test]
fn a_damaged_header_goes_nowhere() {
    let mut octets = frame(packet(FAR, 64, 100)).to_vec();
    octets[24] ^= 1;
    let mut fx = Vec::new();
    assert!(router(Profile::linux()).forward(Instant::ZERO, 0, &octets.into(), &mut fx).is_err());
    assert_eq!(fx, []);
}

#[test]
fn the_last_hop_of_a_packet_is_told_by_the_card_that_the_answer_leaves_by() {
    for profile in [Profile::rfc(), Profile::linux()] {
        for ttl in [0, 1] {
            let fx = pass(&mut router(profile.clone()), &frame(packet(FAR, ttl, 600)));
            let (answer, message) = icmp_of(&fx);
            assert_eq!((answer.source, answer.destination), (Ipv4Addr::new(10, 0, 1, 1), NEAR));
            let IcmpMessage::TimeExceeded { code: 0, quote } = message else { panic!("{message:?}") };
            assert_eq!(quote.len(), profile.icmp_quote);
            assert_eq!(quote[8], ttl, "the packet as it came");
        }
    }
}

#[test]
fn no_route_is_told_as_network_unreachable_even_with_no_time_to_live_left() {
    let nowhere = Ipv4Addr::new(192, 0, 2, 1);
    let fx = pass(&mut router(Profile::linux()), &frame(packet(nowhere, 1, 0)));
    let (_, message) = icmp_of(&fx);
    assert!(matches!(message, IcmpMessage::DestinationUnreachable { code: 0, .. }), "{message:?}");
}

#[test]
fn too_large_and_not_to_be_cut_tells_the_next_hops_mtu() {
    let fx = pass(&mut router(Profile::linux()), &frame(packet(FAR, 64, 1000)));
    let (_, message) = icmp_of(&fx);
    let wanted = matches!(message, IcmpMessage::DestinationUnreachable { code: 4, next_hop_mtu: 576, .. });
    assert!(wanted, "{message:?}");
}

#[test]
fn too_large_is_cut_where_that_is_allowed_and_a_fragment_into_smaller_ones() {
    let whole = Ipv4Packet { dont_fragment: false, identification: 77, ..packet(FAR, 64, 1000) };
    let fx = pass(&mut router(Profile::linux()), &frame(whole.clone()));
    let pieces = sent(&fx);
    let shape = |pieces: &[(u16, Packet)]| -> Vec<(usize, u16, bool, u16, u8)> {
        let of = |(_, packet): &(u16, Packet)| packet.ip().cloned().expect("IPv4");
        let shape =
            |ip: Ipv4Packet| (ip.len(), ip.fragment_offset * 8, ip.more_fragments, ip.identification, ip.ttl);
        pieces.iter().map(of).map(shape).collect()
    };
    assert_eq!(shape(&pieces), [(572, 0, true, 77, 63), (488, 552, false, 77, 63)]);
    // The first half of a larger datagram: its last piece still says that more follows.
    let payload = Bytes::from(vec![1; 1000]);
    let transport = Transport::Other { protocol: 17, payload };
    let first = Ipv4Packet { more_fragments: true, fragment_offset: 100, transport, ..whole };
    let pieces = sent(&pass(&mut router(Profile::linux()), &frame(first)));
    assert_eq!(shape(&pieces), [(572, 800, true, 77, 63), (468, 1352, true, 77, 63)]);
}

#[test]
fn a_neighbour_is_told_of_a_nearer_router_and_its_packet_goes_on_all_the_same() {
    for profile in [Profile::rfc(), Profile::linux()] {
        let fx = pass(&mut router(profile), &frame(packet(Ipv4Addr::new(10, 0, 3, 7), 64, 0)));
        let [(0, advice), (0, passed)] = &sent(&fx)[..] else { panic!("{fx:?}") };
        let Some(Transport::Icmp(IcmpMessage::Other { kind: 5, code: 1, rest })) = advice.transport() else {
            panic!("{advice:?}")
        };
        assert_eq!(rest[..4], [10, 0, 1, 9]);
        assert_eq!(passed.ip().map(|ip| (ip.destination, ip.ttl)), Some((Ipv4Addr::new(10, 0, 3, 7), 63)));
    }
}

#[test]
fn a_host_takes_such_advice_from_its_router_and_a_router_takes_none() {
    let far = Ipv4Addr::new(10, 0, 3, 7);
    let quoted = wire::build_ipv4(&Ipv4Packet::new(NEAR, far, packet(far, 64, 0).transport));
    let rest: Bytes = [&[10, 0, 1, 8][..], &quoted[..28]].concat().into();
    let advice = Transport::Icmp(IcmpMessage::Other { kind: 5, code: 1, rest });
    let from = Ipv4Addr::new(10, 0, 1, 9);
    for (forwards, believed) in [(false, true), (true, false)] {
        let via = Via::Gateway(from);
        let routes = vec![Route { network: Ipv4Addr::new(10, 0, 3, 0), prefix: 24, via }];
        let interfaces = vec![card(1, 1500)];
        let mut ip: Ip<()> =
            Ip::new(&Config { interfaces, routes, forwards, nat: None, profile: Profile::linux() });
        let octets = frame(Ipv4Packet::new(from, Ipv4Addr::new(10, 0, 1, 1), advice.clone()));
        let parsed = wire::parse(&octets).expect("sound");
        let mut fx = Vec::new();
        ip.receive(Instant::ZERO, &parsed, &octets, super::Origin::Card(0), &mut fx).expect("whole");
        let taken =
            Reason::Icmp(IcmpReason::RedirectTaken { destination: far, gateway: Ipv4Addr::new(10, 0, 1, 8) });
        assert_eq!(fx.contains(&Effect::Noted(taken)), believed, "{fx:?}");
    }
}

#[test]
fn a_silent_last_hop_is_told_as_host_unreachable_to_everybody_who_waited() {
    let mut interfaces = vec![card(1, 1500), card(2, 1500)];
    interfaces[1].neighbours = Neighbours::Arp;
    let config =
        Config { interfaces, routes: Vec::new(), forwards: true, nat: None, profile: Profile::linux() };
    let mut ip: Ip<()> = Ip::new(&config);
    let asked = pass(&mut ip, &frame(packet(FAR, 64, 0)));
    assert!(matches!(&sent(&asked)[..], [(1, Packet { body: Body::Arp(_), .. })]), "{asked:?}");
    pass(&mut ip, &frame(packet(FAR, 64, 0)));
    let mut fx = Vec::new();
    for second in 1..=3 {
        ip.on_timer(Instant::ZERO + Span::secs(second), &mut fx);
    }
    let unreachable = |packet: &Packet| {
        let message = packet.transport();
        matches!(message, Some(Transport::Icmp(IcmpMessage::DestinationUnreachable { code: 1, .. })))
    };
    let told = sent(&fx).into_iter().filter(|(card, packet)| *card == 0 && unreachable(packet));
    assert_eq!(told.count(), 2);
}

#[test]
fn what_must_not_be_passed_on_is_not() {
    let group = |mut octets: Vec<u8>| {
        octets[..6].copy_from_slice(&MacAddr::BROADCAST.0);
        Bytes::from(octets)
    };
    let from = |source: Ipv4Addr| frame(Ipv4Packet { source, ..packet(FAR, 64, 0) });
    for (octets, why) in [
        (group(frame(packet(FAR, 64, 0)).to_vec()), Reason::Forwarding(ForwardingReason::NotForwarded)),
        (from(Ipv4Addr::LOCALHOST), Reason::Datagram(DatagramReason::MartianSource)),
        (from(Ipv4Addr::new(224, 0, 0, 1)), Reason::Datagram(DatagramReason::MartianSource)),
        (from(Ipv4Addr::new(10, 0, 2, 1)), Reason::Datagram(DatagramReason::MartianSource)),
        (from(Ipv4Addr::new(10, 0, 1, 255)), Reason::Datagram(DatagramReason::MartianSource)),
    ] {
        let fx = pass(&mut router(Profile::linux()), &octets);
        assert_eq!(fx, [Effect::Dropped(why)]);
    }
    // Broadcasts and multicasts are never handed to forwarding at all.
    let ip = router(Profile::linux());
    for to in [Ipv4Addr::BROADCAST, Ipv4Addr::new(10, 0, 2, 255), Ipv4Addr::new(224, 0, 0, 9)] {
        assert!(!ip.passes_on(&frame(packet(to, 64, 0))), "{to}");
    }
    assert!(!ip.passes_on(&frame(packet(Ipv4Addr::new(10, 0, 2, 1), 64, 0))), "its own other address");
}

#[test]
fn errors_about_errors_are_never_sent() {
    let quote = Bytes::from(vec![0; 28]);
    for (message, answered) in [
        (IcmpMessage::TimeExceeded { code: 0, quote }, 0),
        (IcmpMessage::Other { kind: 5, code: 0, rest: Bytes::from(vec![0; 32]) }, 0),
        (IcmpMessage::EchoRequest { id: 1, seq: 1, data: Bytes::new() }, 1),
        (IcmpMessage::EchoReply { id: 1, seq: 1, data: Bytes::new() }, 1),
    ] {
        let octets = frame(Ipv4Packet { ttl: 1, ..Ipv4Packet::new(NEAR, FAR, Transport::Icmp(message)) });
        assert_eq!(sent(&pass(&mut router(Profile::rfc()), &octets)).len(), answered);
    }
}

#[test]
fn a_question_for_the_other_cards_address_is_answered_by_linux_alone() {
    for (profile, answered) in [(Profile::linux(), 1), (Profile::rfc(), 0)] {
        let request = wire::ArpMessage {
            operation: wire::ArpOperation::Request,
            sender_mac: MacAddr::of_host(101),
            sender_ip: NEAR,
            target_mac: MacAddr::default(),
            target_ip: Ipv4Addr::new(10, 0, 2, 1),
        };
        let octets = wire::build(&Packet::arp(MacAddr::of_host(101), MacAddr::BROADCAST, request));
        let parsed = wire::parse(&octets).expect("sound");
        let mut fx = Vec::new();
        let origin = super::Origin::Card(0);
        router(profile).receive(Instant::ZERO, &parsed, &octets, origin, &mut fx).expect("whole");
        assert_eq!(sent(&fx).len(), answered);
    }
}

#[test]
fn a_flood_of_packets_with_no_time_left_brings_about_few_errors() {
    let mut ip = router(Profile::linux());
    let octets = frame(packet(FAR, 1, 0));
    let errors: usize = (0..1000).map(|_| sent(&pass(&mut ip, &octets)).len()).sum();
    assert_eq!(errors, 6);
}

/// A host at 10.0.1.1 takes a frame: what came of it.
fn hand(ip: &mut Ip<()>, packet: &Ipv4Packet) -> (Option<super::Taken>, Vec<Effect<()>>) {
    let frame = frame(packet.clone());
    let (mut fx, parsed) = (Vec::new(), wire::parse(&frame).expect("sound"));
    let taken = ip.receive(Instant::ZERO, &parsed, &frame, super::Origin::Card(0), &mut fx);
    (taken.ok(), fx)
}

#[test]
fn a_header_whose_options_make_no_sense_is_dropped_and_its_sender_told_where() {
    let own = Ipv4Addr::new(10, 0, 1, 1);
    for profile in [Profile::rfc(), Profile::linux()] {
        for to in [own, FAR] {
            let options = Bytes::from_static(&[1, 7, 7, 3, 0, 0, 0, 0]);
            let bad = Ipv4Packet { options, ..packet(to, 64, 100) };
            let mut ip = router(profile.clone());
            let fx = if to == own { hand(&mut ip, &bad).1 } else { pass(&mut ip, &frame(bad)) };
            assert!(fx.contains(&Effect::Dropped(super::DatagramReason::BadOption { at: 23 }.into())));
            let (answer, IcmpMessage::Other { kind: 12, code: 0, rest }) = icmp_of(&fx) else {
                panic!("{fx:?}")
            };
            assert_eq!((answer.destination, &rest[..4]), (NEAR, &[23, 0, 0, 0][..]));
        }
    }
}

#[test]
fn a_whole_datagram_ends_what_was_kept_of_fragments_by_the_rfc_and_not_in_linux() {
    let completed = [Profile::rfc(), Profile::linux()].map(|profile| {
        let mut ip = router(profile);
        let own = Ipv4Addr::new(10, 0, 1, 1);
        let transport = |octets: &'static [u8]| Transport::Other {
            protocol: wire::PROTOCOL_UDP,
            payload: Bytes::from_static(octets),
        };
        let header = Ipv4Packet {
            identification: 7,
            dont_fragment: false,
            ..Ipv4Packet::new(NEAR, own, transport(&[0, 9, 0, 9, 0, 12, 0, 0]))
        };
        let first = Ipv4Packet { more_fragments: true, ..header.clone() };
        let last = Ipv4Packet { fragment_offset: 1, transport: transport(b"text"), ..header.clone() };
        let whole = Ipv4Packet { transport: transport(&[0, 9, 0, 9, 0, 8, 0, 0]), ..header };
        hand(&mut ip, &first);
        hand(&mut ip, &whole);
        matches!(hand(&mut ip, &last).0, Some(super::Taken::Reassembled(_)))
    });
    assert_eq!(completed, [false, true]);
}
