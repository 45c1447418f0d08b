//! ICMPv6 errors: who gets one, what it quotes, how many go (RFC 4443).

use super::*;
use crate::ipv6::reason::IcmpReason;

fn acquainted(profile: Profile) -> Lan {
    let mut lan = Lan::pair(profile);
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    lan.forget();
    lan
}

/// A datagram from the second host that nobody at the first wants.
fn unwanted(lan: &mut Lan, packet: Ipv6Packet) {
    let to = if packet.destination.is_multicast() { address::group_mac(packet.destination) } else { mac(0) };
    let frame = wire::build(&Packet::ipv6(mac(1), to, packet.clone()));
    lan.act(0, |stack, now, fx| stack.port_unreachable(now, Arrived::in_frame(&packet, &frame), 9, fx));
}

fn from_two(packet: Ipv6Packet) -> Ipv6Packet {
    Ipv6Packet { source: at("2001:db8::2"), ..packet }
}

#[test]
fn an_error_quotes_as_much_as_fits_in_1280_octets() {
    for (octets, whole) in [(100, 40 + 8 + 40 + 8 + 100), (1400, 1280)] {
        let mut lan = acquainted(Profile::rfc());
        unwanted(&mut lan, from_two(datagram("2001:db8::1", octets)));
        let (_, _, error) = lan.packets().pop().expect("an error");
        assert_eq!(error.len(), whole);
        assert_eq!(error.source, at("2001:db8::1"), "from the address it was sent to");
    }
}

#[test]
fn no_error_is_sent_about_an_error_a_redirect_a_group_or_nobody() {
    let error = Icmpv6Message::TimeExceeded { code: 0, quote: vec![0; 48].into() };
    let redirect = Icmpv6Message::Other { kind: 137, code: 0, rest: vec![0; 36].into() };
    let carrying = |message| Ipv6Packet {
        transport: Transport::Icmpv6(message),
        ..from_two(datagram("2001:db8::1", 1))
    };
    for packet in [
        carrying(error),
        carrying(redirect),
        from_two(datagram("ff02::1", 1)),
        Ipv6Packet { source: Ipv6Addr::UNSPECIFIED, ..datagram("2001:db8::1", 1) },
        Ipv6Packet { source: at("ff02::1"), ..datagram("2001:db8::1", 1) },
    ] {
        let mut lan = acquainted(Profile::rfc());
        unwanted(&mut lan, packet.clone());
        assert!(lan.frames.is_empty(), "{packet:?}");
    }
}

#[test]
fn errors_are_limited_by_the_rfc_and_as_the_kernel_counts() {
    // 6.18 sends six at once and then ten a second (measured): net.ipv6.icmp.ratelimit is 100 ms.
    for (profile, burst, a_second) in [(Profile::rfc(), 10, 10), (Profile::linux(), 6, 10)] {
        let mut lan = acquainted(profile);
        for _ in 0..50 {
            unwanted(&mut lan, from_two(datagram("2001:db8::1", 1)));
        }
        assert_eq!(lan.frames.len(), burst);
        assert!(lan.noted(0).contains(&Reason::Icmp(IcmpReason::ErrorsLimited)));
        lan.forget();
        for _ in 0..100 {
            lan.pass(Span::millis(10));
            unwanted(&mut lan, from_two(datagram("2001:db8::1", 1)));
        }
        assert_eq!(lan.frames.len(), a_second);
    }
}

#[test]
fn an_unknown_informational_message_is_dropped_and_an_unknown_error_goes_up() {
    let carrying = |kind| Ipv6Packet {
        transport: Transport::Icmpv6(Icmpv6Message::Other { kind, code: 0, rest: vec![0; 60].into() }),
        ..from_two(datagram("2001:db8::1", 1))
    };
    let mut lan = acquainted(Profile::rfc());
    lan.inject(0, carrying(200));
    assert_eq!(
        (lan.dropped(0), lan.up.len(), lan.frames.len()),
        (vec![Reason::Icmp(IcmpReason::IcmpIgnored { kind: 200 })], 0, 0)
    );
    lan.inject(0, carrying(100));
    assert_eq!(lan.up.len(), 1);
}

#[test]
fn a_ping_comes_back_with_all_its_data_from_the_address_it_was_sent_to() {
    let mut config = host("2001:db8::1", Profile::rfc());
    config.cards[0].addresses.push(Address { address: at("2001:db8::aa"), prefix: 64, checked: true });
    let mut lan =
        Lan::of(vec![(config, vec![0], false), (host("2001:db8::2", Profile::rfc()), vec![0], false)]);
    lan.ping(1, "2001:db8::aa", 100);
    lan.pass(Span::millis(10));
    let (_, _, reply) = lan.packets().pop().expect("an answer");
    assert_eq!(reply.source, at("2001:db8::aa"));
    let Transport::Icmpv6(Icmpv6Message::EchoReply { id: 7, seq: 1, data }) = reply.transport else {
        panic!("no reply")
    };
    assert_eq!(data[..], (0..100).collect::<Vec<u8>>());
}

#[test]
fn a_ping_to_all_nodes_is_answered_from_an_address_of_the_link() {
    let mut lan = acquainted(Profile::linux());
    lan.inject(0, echo(at("2001:db8::2"), address::ALL_NODES, 4));
    let (_, _, reply) = lan.packets().pop().expect("an answer");
    assert_eq!((reply.source, reply.destination), (at("2001:db8::1"), at("2001:db8::2")));
}

#[test]
fn what_an_error_is_about_is_read_over_extension_headers_and_not_out_of_a_later_fragment() {
    let whole = Ipv6Packet {
        extensions: vec![wire::Extension::DestinationOptions(Bytes::from_static(&[1, 4, 0, 0, 0, 0]))],
        ..datagram("2001:db8::2", 100)
    };
    let shown = quoted(&wire::build_ipv6(&whole)).expect("ports");
    assert_eq!((shown.protocol, shown.local.to_string()), (17, "[2001:db8::1]:4000".to_owned()));
    assert_eq!(shown.remote.to_string(), "[2001:db8::2]:5000");
    let cut = fragment::cut(&datagram("2001:db8::2", 3000), 1, 1500);
    assert!(quoted(&wire::build_ipv6(&cut[0])).is_some());
    assert_eq!(quoted(&wire::build_ipv6(&cut[1])), None);
    assert_eq!(quoted(&wire::build_ipv6(&whole)[..50]), None);
    assert_eq!(quoted(&[]), None);
}

#[test]
fn a_smaller_path_mtu_is_believed_for_ten_minutes_a_larger_one_never() {
    let mut lan = acquainted(Profile::rfc());
    let to = at("2001:db8::2");
    let tell = |lan: &mut Lan, mtu| lan.act(0, |stack, now, fx| stack.path_mtu(now, to, mtu, fx));
    tell(&mut lan, 1400);
    assert_eq!(lan.routing(0).mtu_to(to), 1400, "even of a neighbour");
    tell(&mut lan, 1450);
    assert_eq!(lan.routing(0).mtu_to(to), 1400);
    assert_eq!(lan.dropped(0), [Reason::Icmp(IcmpReason::TooBigRefused)]);
    lan.ping(0, "2001:db8::2", 1400);
    assert!(lan.packets().iter().all(|(_, _, packet)| packet.len() <= 1400), "cut to fit");
    lan.pass(Span::secs(599));
    lan.ping(0, "2001:db8::2", 1);
    assert_eq!(lan.routing(0).mtu_to(to), 1400);
    lan.pass(Span::secs(1));
    lan.ping(0, "2001:db8::2", 1);
    assert_eq!(lan.routing(0).mtu_to(to), 1500);
}
