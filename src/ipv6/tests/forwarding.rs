//! A router passes on what is for others (RFC 8200 sections 3 and 5, RFC 4861 section 8).

use super::*;
use crate::ipv6::reason::{IcmpReason, NeighbourReason, PacketReason};

#[test]
fn a_router_takes_one_from_the_hop_limit_and_nothing_else() {
    let mut lan = Lan::routed(Profile::rfc());
    lan.ping(0, "2001:db8:9::2", 100);
    lan.pass(Span::millis(50));
    let echoes: Vec<Ipv6Packet> = lan
        .packets()
        .into_iter()
        .filter(|(_, _, packet)| {
            matches!(packet.transport, Transport::Icmpv6(Icmpv6Message::EchoRequest { .. }))
        })
        .map(|(_, _, packet)| packet)
        .collect();
    let [sent, passed] = &echoes[..] else { panic!("{echoes:?}") };
    assert_eq!((sent.hop_limit, passed.hop_limit), (64, 63));
    assert_eq!(Ipv6Packet { hop_limit: 64, ..passed.clone() }, *sent);
    assert!(lan.messages(2).iter().any(|message| matches!(message, Icmpv6Message::EchoReply { .. })));
}

#[test]
fn a_packet_whose_hops_are_over_dies_at_the_router_and_its_sender_hears_of_it() {
    let mut lan = Lan::routed(Profile::rfc());
    lan.send(0, Ipv6Packet { hop_limit: 1, ..datagram("2001:db8:9::2", 10) });
    lan.pass(Span::millis(50));
    assert_eq!(lan.dropped(1), [Reason::Packet(PacketReason::HopLimitOver)]);
    let told = lan
        .messages(1)
        .into_iter()
        .any(|message| matches!(message, Icmpv6Message::TimeExceeded { code: 0, .. }));
    assert!(told && lan.messages(2).is_empty());
}

#[test]
fn what_the_next_link_does_not_take_is_not_cut_but_told_with_its_size() {
    let mut lan = Lan::routed(Profile::rfc());
    lan.ping(0, "2001:db8:9::2", 1400);
    lan.pass(Span::millis(50));
    assert_eq!(lan.dropped(1), [Reason::Packet(PacketReason::TooBig { mtu: 1280 })]);
    let told = lan.messages(1).into_iter().find_map(|message| match message {
        Icmpv6Message::PacketTooBig { mtu, quote } => Some((mtu, quote.len())),
        _ => None,
    });
    assert_eq!(told, Some((1280, 1232)));
    assert!(lan.up.iter().any(|(node, _)| *node == 0), "it goes up, where whoever sent it is found");
    lan.act(0, |stack, now, fx| stack.path_mtu(now, at("2001:db8:9::2"), 1280, fx));
    lan.ping(0, "2001:db8:9::2", 1400);
    lan.pass(Span::millis(50));
    assert!(
        lan.messages(2).iter().any(|message| matches!(message, Icmpv6Message::EchoReply { .. }))
            || lan.packets().iter().any(|(_, node, packet)| *node == 2 && packet.fragment().is_some()),
        "in pieces it arrives"
    );
}

#[test]
fn where_no_route_leads_and_where_nobody_answers_the_sender_hears_of_it() {
    for (to, code, after) in [("2001:db8:77::1", 0, 0), ("2001:db8:9::99", 3, 3)] {
        let mut lan = Lan::routed(Profile::rfc());
        lan.send(0, datagram(to, 10));
        lan.pass(Span::secs(10));
        let told = lan.packets().into_iter().find_map(|(when, node, packet)| match packet.transport {
            Transport::Icmpv6(Icmpv6Message::DestinationUnreachable { code, .. }) if node == 1 => {
                Some((code, when / 1000))
            }
            _ => None,
        });
        assert_eq!(told, Some((code, after)), "{to}");
    }
}

#[test]
fn what_is_for_one_link_stays_there() {
    let router = mac(1);
    let raw = |packet: Ipv6Packet, to: MacAddr| wire::build(&Packet::ipv6(mac(0), to, packet));
    let local = Ipv6Packet { source: at("fe80::5"), ..datagram("2001:db8:9::2", 1) };
    for (packet, to, why, tells) in [
        (local.clone(), router, Reason::Packet(PacketReason::NotForwarded), true),
        (
            Ipv6Packet { destination: at("fe80::9"), ..local },
            router,
            Reason::Packet(PacketReason::NotForwarded),
            false,
        ),
        (
            datagram("2001:db8:9::2", 1),
            MacAddr([0x33, 0x33, 0, 0, 0, 1]),
            Reason::Packet(PacketReason::NotForwarded),
            false,
        ),
        (
            Ipv6Packet { source: at("ff02::1"), ..datagram("2001:db8:9::2", 1) },
            router,
            Reason::Packet(PacketReason::MartianSource),
            false,
        ),
        (
            Ipv6Packet { source: at("::1"), ..datagram("2001:db8:9::2", 1) },
            router,
            Reason::Packet(PacketReason::MartianSource),
            false,
        ),
        (
            Ipv6Packet { source: Ipv6Addr::UNSPECIFIED, ..datagram("2001:db8:9::2", 1) },
            router,
            Reason::Packet(PacketReason::MartianSource),
            false,
        ),
    ] {
        let mut lan = Lan::routed(Profile::rfc());
        lan.arrives(1, Origin::Card(0), &raw(packet, to));
        assert_eq!(lan.dropped(1), [why]);
        let beyond = Reason::Icmp(IcmpReason::BeyondScopeUnreachable { source: at("fe80::5") });
        let asks = lan.effects.iter().any(|(_, effect)| {
            matches!(effect, Effect::Noted(Reason::Neighbour(NeighbourReason::WaitsForNeighbour { .. })))
        });
        assert_eq!(asks, tells, "{beyond:?}");
    }
}

#[test]
fn a_router_looks_at_hop_by_hop_options_and_at_nothing_behind_them() {
    let with = |extension| Ipv6Packet { extensions: vec![extension], ..datagram("2001:db8:9::2", 1) };
    let options = Bytes::from_static(&[0xbe, 4, 0, 0, 0, 0]);
    let mut lan = Lan::routed(Profile::rfc());
    lan.send(0, with(wire::Extension::DestinationOptions(options.clone())));
    lan.pass(Span::millis(50));
    assert!(lan.dropped(1).is_empty());
    assert_eq!(lan.dropped(2), [Reason::Packet(PacketReason::UnknownOption { kind: 0xbe })]);
    lan.forget();
    lan.send(0, with(wire::Extension::HopByHop(options)));
    lan.pass(Span::millis(50));
    assert_eq!(lan.dropped(1), [Reason::Packet(PacketReason::UnknownOption { kind: 0xbe })]);
}

/// Two hosts and a router on one link; the first host sends everything to the router.
fn detour() -> Lan {
    let gateway = Via::Gateway { address: link_local(mac(1)), card: Some(0) };
    let mut first = host("2001:db8::1", Profile::rfc());
    first.cards[0].addresses[0].prefix = 128;
    first.routes.push(Route { network: Ipv6Addr::UNSPECIFIED, prefix: 0, via: gateway });
    Lan::of(vec![
        (first, vec![0], false),
        (host("2001:db8::ff", Profile::rfc()), vec![0], true),
        (host("2001:db8::2", Profile::rfc()), vec![0], false),
    ])
}

#[test]
fn a_router_tells_a_neighbour_who_is_nearer_and_the_neighbour_listens() {
    let mut lan = detour();
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::secs(1));
    let taken = Reason::Neighbour(NeighbourReason::RedirectTaken {
        destination: at("2001:db8::2"),
        target: at("2001:db8::2"),
    });
    assert!(lan.noted(0).contains(&taken), "{:?}", lan.dropped(0));
    lan.forget();
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    assert!(lan.packets().iter().all(|(_, node, _)| *node != 1), "straight to it");
}

#[test]
fn a_redirect_is_believed_only_from_the_router_in_use() {
    let redirect = |source: &str, target: &str, hop_limit| {
        let mut rest = vec![0; 4];
        rest.extend(at(target).octets());
        rest.extend(at("2001:db8::2").octets());
        let message = Icmpv6Message::Other { kind: 137, code: 0, rest: rest.into() };
        Ipv6Packet { hop_limit, ..discovery::message(at(source), at("2001:db8::1"), message) }
    };
    let router = link_local(mac(1)).to_string();
    for (packet, why) in [
        (
            redirect(&router, "2001:db8::2", 64),
            Some(Reason::Neighbour(NeighbourReason::DiscoveryFromAfar { hop_limit: 64 })),
        ),
        (
            redirect("fe80::bad", "2001:db8::2", 255),
            Some(Reason::Neighbour(NeighbourReason::RedirectRefused)),
        ),
        (
            redirect("2001:db8::ff", "2001:db8::2", 255),
            Some(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)),
        ),
        (redirect(&router, "2001:db8::77", 255), Some(Reason::Neighbour(NeighbourReason::DiscoveryInvalid))),
        (redirect(&router, "2001:db8::2", 255), None),
    ] {
        let mut lan = detour();
        lan.inject(0, packet);
        assert_eq!(lan.dropped(0), why.into_iter().collect::<Vec<_>>());
    }
}
