//! A NAT box between two inside hosts and the outside.

use super::super::{
    Config, Effect, Interface, Ip, NatConfig, NatForward, NatProfile, NatReason, Neighbours, Profile, Reason,
    Route, Translated, Via,
};
use crate::clock::{Instant, Span};
use crate::wire::{
    self, Body, Checksums, Datagram, Flags, IcmpMessage, Ipv4Packet, MacAddr, PROTOCOL_TCP, Packet, Segment,
    Transport,
};
use bytes::Bytes;
use proptest::prelude::*;
use std::net::{Ipv4Addr, SocketAddrV4};

const ONE: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 2);
const TWO: Ipv4Addr = Ipv4Addr::new(192, 168, 0, 3);
const BOX: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 7);
const STRANGER: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 8);
const INSIDE: u16 = 0;
const OUTSIDE: u16 = 1;

fn card(address: [u8; 4], number: u16) -> Interface {
    let address = Ipv4Addr::from(address);
    let everybody = (address, 24, MacAddr::of_host(200 + number));
    let neighbours = Neighbours::Static(vec![everybody]);
    Interface { address, prefix: 24, mac: MacAddr::of_host(100 + number), mtu: 1500, neighbours }
}

fn nat_box(nat: NatProfile) -> Ip<()> {
    let to = SocketAddrV4::new(ONE, 80);
    let rule = NatForward { protocol: PROTOCOL_TCP, port: 8080, to };
    let via = Via::Gateway(Ipv4Addr::new(203, 0, 113, 254));
    Ip::new(&Config {
        interfaces: vec![card([192, 168, 0, 1], 0), card([203, 0, 113, 1], 1)],
        routes: vec![Route { network: Ipv4Addr::UNSPECIFIED, prefix: 0, via }],
        forwards: true,
        nat: Some(NatConfig { outside: OUTSIDE, forwards: vec![rule], seed: 7 }),
        profile: Profile { nat, ..Profile::linux() },
    })
}

fn udp(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16)) -> Ipv4Packet {
    let payload = Bytes::from_static(b"across");
    let datagram = Datagram { source_port: from.1, destination_port: to.1, payload };
    Ipv4Packet::new(from.0, to.0, Transport::Udp(datagram))
}

fn tcp(from: (Ipv4Addr, u16), to: (Ipv4Addr, u16), flags: Flags) -> Ipv4Packet {
    let segment = Segment { source_port: from.1, destination_port: to.1, flags, ..Segment::default() };
    Ipv4Packet::new(from.0, to.0, Transport::Tcp(segment))
}

fn framed(card: u16, packet: Ipv4Packet) -> Bytes {
    wire::build(&Packet::ipv4(MacAddr::of_host(200 + card), MacAddr::of_host(100 + card), packet))
}

/// What the box made of a frame: what left, with its card, and the reasons it gave.
fn through(ip: &mut Ip<()>, now: Instant, card: u16, frame: &Bytes) -> (Vec<(u16, Ipv4Packet)>, Vec<Reason>) {
    let mut fx = Vec::new();
    let changed = match ip.translate_in(now, card, frame, &mut fx) {
        Translated::Untouched => Some(frame.clone()),
        Translated::Changed(frame) => Some(frame),
        Translated::Gone => None,
    };
    if let Some(frame) = changed.filter(|frame| ip.passes_on(frame)) {
        ip.forward(now, card, &frame, &mut fx).expect("a sound header");
    }
    let mut left = Vec::new();
    let mut reasons = Vec::new();
    for effect in fx {
        match effect {
            Effect::Transmit { card, frame, .. } => {
                match wire::parse(&frame).expect("right checksums").body {
                    Body::Ipv4(packet) => left.push((card, packet)),
                    other => panic!("{other:?}"),
                }
            }
            Effect::Noted(why) | Effect::Dropped(why) => reasons.push(why),
            Effect::Counted(_) | Effect::TimerFired(_) => {}
            other => panic!("{other:?}"),
        }
    }
    (left, reasons)
}

/// The only packet that left by that card.
fn only(ip: &mut Ip<()>, now: Instant, by: u16, packet: Ipv4Packet) -> Ipv4Packet {
    let (left, reasons) = through(ip, now, 1 - by, &framed(1 - by, packet));
    match &left[..] {
        [(card, packet)] if *card == by => packet.clone(),
        other => panic!("{other:?} {reasons:?}"),
    }
}

fn ends(packet: &Ipv4Packet) -> ((Ipv4Addr, u16), (Ipv4Addr, u16)) {
    let (from, to) = match &packet.transport {
        Transport::Udp(datagram) => (datagram.source_port, datagram.destination_port),
        Transport::Tcp(segment) => (segment.source_port, segment.destination_port),
        other => panic!("{other:?}"),
    };
    ((packet.source, from), (packet.destination, to))
}

const START: Instant = Instant::ZERO;

#[test]
fn two_inside_hosts_with_one_port_share_an_address_and_each_gets_its_own_answer() {
    for profile in [NatProfile::linux(), NatProfile::rfc()] {
        let mut ip = nat_box(profile);
        let first = only(&mut ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
        let second = only(&mut ip, START, OUTSIDE, udp((TWO, 7000), (SERVER, 9)));
        assert_eq!(ends(&first), ((BOX, 7000), (SERVER, 9)), "a free port is kept");
        let ((address, port), _) = ends(&second);
        assert_eq!(address, BOX);
        assert!(port != 7000 && port >= 1024);
        assert_eq!((first.ttl, first.identification), (63, 0));
        for (port, host) in [(7000, ONE), (port, TWO)] {
            let answer = only(&mut ip, START, INSIDE, udp((SERVER, 9), (BOX, port)));
            assert_eq!(ends(&answer), ((SERVER, 9), (host, 7000)));
        }
    }
}

#[test]
fn an_inside_end_keeps_its_port_for_everybody_or_gets_one_for_each() {
    let mut letter = nat_box(NatProfile::rfc());
    let mut kernel = nat_box(NatProfile::linux());
    for ip in [&mut letter, &mut kernel] {
        only(ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
        only(ip, START, OUTSIDE, udp((TWO, 7000), (SERVER, 9)));
    }
    let port = |packet: Ipv4Packet| ends(&packet).0.1;
    let again = udp((TWO, 7000), (STRANGER, 9));
    let known = letter.nat_sessions(START)[1].port;
    assert_eq!(port(only(&mut letter, START, OUTSIDE, again.clone())), known, "endpoint-independent");
    assert_eq!(port(only(&mut kernel, START, OUTSIDE, again)), 7000, "free with this peer");
}

#[test]
fn a_stranger_gets_in_only_where_the_mapping_is_for_all() {
    let mut letter = nat_box(NatProfile::rfc());
    let mut kernel = nat_box(NatProfile::linux());
    for ip in [&mut letter, &mut kernel] {
        only(ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    }
    let knock = framed(OUTSIDE, udp((STRANGER, 5), (BOX, 7000)));
    let mut fx: Vec<Effect<()>> = Vec::new();
    assert_eq!(kernel.translate_in(START, OUTSIDE, &knock, &mut fx), Translated::Untouched);
    assert_eq!(fx, []);
    let (left, _) = through(&mut letter, START, OUTSIDE, &knock);
    assert_eq!(ends(&left[0].1), ((STRANGER, 5), (ONE, 7000)));
}

#[test]
fn a_ping_is_told_by_its_identifier() {
    let mut ip = nat_box(NatProfile::linux());
    let ping = |from, id| {
        let data = Bytes::from_static(b"data");
        Ipv4Packet::new(from, SERVER, Transport::Icmp(IcmpMessage::EchoRequest { id, seq: 1, data }))
    };
    let mut ids = Vec::new();
    for host in [ONE, TWO] {
        let asked = only(&mut ip, START, OUTSIDE, ping(host, 77));
        let Transport::Icmp(IcmpMessage::EchoRequest { id, seq, data }) = asked.transport else { panic!() };
        assert_eq!(asked.source, BOX);
        ids.push(id);
        let reply = Transport::Icmp(IcmpMessage::EchoReply { id, seq, data });
        let answer = only(&mut ip, START, INSIDE, Ipv4Packet::new(SERVER, BOX, reply));
        assert_eq!(answer.destination, host);
        assert!(matches!(answer.transport, Transport::Icmp(IcmpMessage::EchoReply { id: 77, .. })));
    }
    assert!(ids[0] == 77 && ids[1] != 77);
}

#[test]
fn an_icmp_error_and_its_quote_are_turned_inside_out() {
    let mut ip = nat_box(NatProfile::linux());
    only(&mut ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    let sent = only(&mut ip, START, OUTSIDE, udp((TWO, 7000), (SERVER, 9)));
    let quote = wire::build_ipv4(&sent);
    let message = IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote };
    let error = only(&mut ip, START, INSIDE, Ipv4Packet::new(SERVER, BOX, Transport::Icmp(message)));
    let Transport::Icmp(IcmpMessage::DestinationUnreachable { quote, .. }) = &error.transport else {
        panic!()
    };
    let quoted =
        wire::parse_ipv4(quote, Checksums::Verify).expect("all checksums of the quote are right, too");
    assert_eq!((error.destination, ends(&quoted)), (TWO, ((TWO, 7000), (SERVER, 9))));

    // And the other way round: an inside host has no such port.
    let port = ends(&sent).0.1;
    let answer = only(&mut ip, START, INSIDE, udp((SERVER, 9), (BOX, port)));
    let quote = wire::build_ipv4(&answer);
    let message = IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote };
    let error = only(&mut ip, START, OUTSIDE, Ipv4Packet::new(TWO, SERVER, Transport::Icmp(message)));
    let Transport::Icmp(IcmpMessage::DestinationUnreachable { quote, .. }) = &error.transport else {
        panic!()
    };
    let quoted = wire::parse_ipv4(quote, Checksums::Verify).expect("sound");
    assert_eq!((error.source, ends(&quoted)), (BOX, ((SERVER, 9), (BOX, port))));
}

#[test]
fn an_error_of_the_box_itself_shows_outside_no_inside_address() {
    let mut ip = nat_box(NatProfile::linux());
    only(&mut ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    let dying = Ipv4Packet { ttl: 1, ..udp((SERVER, 9), (BOX, 7000)) };
    let (left, _) = through(&mut ip, START, OUTSIDE, &framed(OUTSIDE, dying));
    let [(OUTSIDE, Ipv4Packet { transport: Transport::Icmp(IcmpMessage::TimeExceeded { quote, .. }), .. })] =
        &left[..]
    else {
        panic!("{left:?}")
    };
    let quoted = wire::parse_ipv4(quote, Checksums::Verify).expect("sound");
    assert_eq!(ends(&quoted), ((SERVER, 9), (BOX, 7000)));
}

#[test]
fn fragments_are_put_together_before_they_are_translated() {
    let mut ip = nat_box(NatProfile::linux());
    let payload = Bytes::from(vec![5; 2600]);
    let datagram = Datagram { source_port: 7000, destination_port: 9, payload };
    let whole = Ipv4Packet {
        dont_fragment: false,
        identification: 9,
        ..Ipv4Packet::new(ONE, SERVER, Transport::Udp(datagram))
    };
    let octets = wire::build_ipv4(&whole);
    let pieces = super::super::fragment::cut(&whole, &octets.slice(20..), 1500);
    let mut left = Vec::new();
    for piece in pieces {
        left.extend(through(&mut ip, START, INSIDE, &framed(INSIDE, piece)).0);
    }
    assert_eq!(left.len(), 2, "it leaves in pieces again");
    assert!(left.iter().all(|(card, piece)| *card == OUTSIDE && piece.source == BOX && piece.is_fragment()));
}

#[test]
fn a_session_lives_as_long_as_its_kind_and_an_answer_make_it() {
    let answers = |ip: &mut Ip<()>, at: Span| {
        let packet = udp((SERVER, 9), (BOX, 7000));
        let mut fx: Vec<Effect<()>> = Vec::new();
        matches!(
            ip.translate_in(START + at, OUTSIDE, &framed(OUTSIDE, packet), &mut fx),
            Translated::Changed(_)
        )
    };
    let mut ip = nat_box(NatProfile::linux());
    only(&mut ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    assert!(answers(&mut ip, Span::secs(29)));
    assert!(answers(&mut ip, Span::secs(29 + 119)), "it was answered, and is older than two seconds");
    assert!(!answers(&mut ip, Span::secs(29 + 119 + 120)));
    let mut never = nat_box(NatProfile::linux());
    only(&mut never, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    assert!(!answers(&mut never, Span::secs(30)));
}

#[test]
fn a_full_table_refuses_with_a_reason_or_drops_whom_nobody_answered() {
    let few = |profile: NatProfile| NatProfile { sessions: 3, ..profile };
    let mut letter = nat_box(few(NatProfile::rfc()));
    let mut kernel = nat_box(few(NatProfile::linux()));
    for port in 1..=3 {
        only(&mut letter, START, OUTSIDE, udp((ONE, port), (SERVER, 9)));
        only(&mut kernel, START, OUTSIDE, udp((ONE, port), (SERVER, 9)));
    }
    only(&mut kernel, START, INSIDE, udp((SERVER, 9), (BOX, 1)));
    let fourth = framed(INSIDE, udp((ONE, 4), (SERVER, 9)));
    let (left, reasons) = through(&mut letter, START, INSIDE, &fourth);
    assert_eq!((left.len(), reasons), (0, vec![Reason::Nat(NatReason::TableFull)]));
    assert_eq!(through(&mut kernel, START, INSIDE, &fourth).0.len(), 1);
    let ports: Vec<u16> = kernel.nat_sessions(START).iter().map(|session| session.port).collect();
    assert_eq!(ports, [1, 3, 4], "2 was the oldest without an answer");
    let later = START + Span::secs(301);
    assert_eq!(through(&mut letter, later, INSIDE, &fourth).0.len(), 1, "the old ones are over");
}

#[test]
fn a_flood_of_inside_ports_fills_no_more_than_the_table() {
    let mut ip = nat_box(NatProfile { sessions: 100, ..NatProfile::rfc() });
    for port in 1..5000 {
        through(&mut ip, START, INSIDE, &framed(INSIDE, udp((ONE, port), (SERVER, 9))));
    }
    assert_eq!(ip.nat_sessions(START).len(), 100);
}

#[test]
fn a_forwarded_port_leads_inside_whoever_begins() {
    for profile in [NatProfile::linux(), NatProfile::rfc()] {
        let mut ip = nat_box(profile);
        let syn = only(&mut ip, START, INSIDE, tcp((STRANGER, 5000), (BOX, 8080), Flags::SYN));
        assert_eq!(ends(&syn), ((STRANGER, 5000), (ONE, 80)));
        let answer = only(&mut ip, START, OUTSIDE, tcp((ONE, 80), (STRANGER, 5000), Flags::SYN | Flags::ACK));
        assert_eq!(ends(&answer), ((BOX, 8080), (STRANGER, 5000)));
    }
}

#[test]
fn two_inside_hosts_may_meet_at_the_outside_address() {
    let mut ip = nat_box(NatProfile::rfc());
    only(&mut ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    let (left, _) = through(&mut ip, START, INSIDE, &framed(INSIDE, udp((TWO, 6000), (BOX, 7000))));
    let [(INSIDE, met)] = &left[..] else { panic!("{left:?}") };
    assert_eq!(ends(met), ((BOX, 6000), (ONE, 7000)), "the source is outside as well");
    let (left, _) = through(&mut ip, START, INSIDE, &framed(INSIDE, udp((ONE, 7000), (BOX, 6000))));
    let [(INSIDE, back)] = &left[..] else { panic!("{left:?}") };
    assert_eq!(ends(back), ((BOX, 7000), (TWO, 6000)));
    let mut kernel = nat_box(NatProfile::linux());
    only(&mut kernel, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
    let (left, _) = through(&mut kernel, START, INSIDE, &framed(INSIDE, udp((TWO, 6000), (BOX, 7000))));
    assert_eq!(left, [], "for the box itself");
}

#[test]
fn a_checksum_that_was_wrong_stays_wrong_and_one_left_out_stays_out() {
    let mut ip = nat_box(NatProfile::linux());
    for (sum, expected) in [(None, 0), (Some(0x1234), 0)] {
        let frame = framed(INSIDE, udp((ONE, 7000), (SERVER, 9)));
        let right = u16::from_be_bytes([frame[40], frame[41]]);
        let mut octets = frame.to_vec();
        octets[40..42].copy_from_slice(&sum.map_or(0, |wrong: u16| right ^ wrong).to_be_bytes());
        let mut fx: Vec<Effect<()>> = Vec::new();
        ip.forward(START, INSIDE, &Bytes::from(octets), &mut fx).expect("a sound header");
        let frame = fx.iter().find_map(|effect| match effect {
            Effect::Transmit { frame, .. } => Some(frame.clone()),
            _ => None,
        });
        let frame = frame.expect("it goes on");
        let left = u16::from_be_bytes([frame[40], frame[41]]);
        match sum {
            None => assert_eq!(left, expected),
            Some(_) => assert!(wire::parse(&frame).is_err(), "still wrong"),
        }
    }
}

#[test]
fn a_reset_of_no_session_shows_no_inside_address_outside() {
    let mut ip = nat_box(NatProfile::linux());
    let stray = framed(INSIDE, tcp((ONE, 80), (SERVER, 9), Flags::RST));
    let (left, reasons) = through(&mut ip, START, INSIDE, &stray);
    let remote = SocketAddrV4::new(SERVER, 9);
    assert_eq!((left.len(), reasons), (0, vec![Reason::Nat(NatReason::BeginsNothing { remote })]));
}

proptest! {
    #[test]
    fn no_octets_make_the_box_panic(payload in proptest::collection::vec(any::<u8>(), 0..80), protocol in prop_oneof![Just(1u8), Just(6), Just(17), any::<u8>()], inward: bool, fragment in 0u16..4) {
        let mut ip = nat_box(NatProfile::rfc());
        only(&mut ip, START, OUTSIDE, udp((ONE, 7000), (SERVER, 9)));
        let transport = Transport::Other { protocol, payload: Bytes::from(payload) };
        let (card, from, to) = if inward { (OUTSIDE, SERVER, BOX) } else { (INSIDE, ONE, SERVER) };
        let packet = Ipv4Packet { fragment_offset: fragment, ..Ipv4Packet::new(from, to, transport) };
        let frame = framed(card, packet);
        let mut fx: Vec<Effect<()>> = Vec::new();
        let frame = match ip.translate_in(START, card, &frame, &mut fx) {
            Translated::Changed(frame) => frame,
            Translated::Untouched | Translated::Gone => frame,
        };
        if ip.passes_on(&frame) {
            let _ = ip.forward(START, card, &frame, &mut fx);
        }
    }
}
