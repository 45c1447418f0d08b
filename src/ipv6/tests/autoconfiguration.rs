//! Routers found, prefixes taken, addresses made (RFC 4861 section 6, RFC 4862 section 5.5).

use super::*;
use crate::ipv6::reason::{AddressReason, IcmpReason, NeighbourReason, RouterReason};

/// A host that has only what it makes itself.
fn newcomer(profile: Profile) -> Config {
    let card = Card {
        addresses: Vec::new(),
        link_local: Some(false),
        neighbours: Neighbours::Discovered,
        autoconfigures: true,
        advertises: None,
    };
    Config { cards: vec![card], routes: Vec::new(), profile }
}

fn router(profile: Profile) -> Config {
    let mut config = host("2001:db8:5::ff", profile);
    config.cards[0].advertises =
        Some(Advertisement { mtu: Some(1400), ..Advertisement::of(at("2001:db8:5::"), 64) });
    config
}

/// A newcomer and a router on one link.
fn lan(profile: Profile) -> Lan {
    Lan::of(vec![(newcomer(profile.clone()), vec![0], false), (router(profile), vec![0], true)])
}

fn advertisement(lifetime: u16, prefixes: &[(&str, u8, u32, u32)]) -> Ipv6Packet {
    let mut options = discovery::card_option(1, mac(77));
    for (network, len, valid, preferred) in prefixes {
        options.extend(routers::prefix_option(at(network), *len, *valid, *preferred));
    }
    let message = Icmpv6Message::RouterAdvertisement {
        hop_limit: 33,
        flags: 0,
        lifetime,
        reachable_ms: 0,
        retransmit_ms: 0,
        options: options.into(),
    };
    discovery::message(at("fe80::77"), address::ALL_NODES, message)
}

/// The address that the first node makes with that prefix.
fn made(prefix: &str) -> Ipv6Addr {
    let own = u128::from(link_local(mac(0))) as u64;
    Ipv6Addr::from(u128::from(at(prefix)) | u128::from(own))
}

#[test]
fn a_newcomer_checks_its_own_address_asks_for_routers_and_makes_an_address() {
    for profile in [Profile::rfc(), Profile::linux()] {
        let mut lan = lan(profile);
        lan.start();
        lan.pass(Span::secs(10));
        let kinds: Vec<u8> =
            lan.kinds().into_iter().filter(|(node, _)| *node == 0).map(|(_, kind)| kind).collect();
        assert!(kinds.contains(&133), "it asks: {kinds:?}");
        let own = made("2001:db8:5::");
        assert!(lan.noted(0).contains(&Reason::Address(AddressReason::AddressMade { address: own })));
        assert!(lan.routing(0).is_local(own), "and checks what it made: {:?}", lan.routing(0).addresses());
        let routers: Vec<Ipv6Addr> =
            lan.routing(0).default_routers().iter().map(|router| router.address).collect();
        assert_eq!(routers, [link_local(mac(1))]);
        assert_eq!(lan.routing(0).source_for(at("2001:db8:77::1")), Some(own));
        assert_eq!(lan.routing(0).mtu_to(at("2001:db8:5::9")), 1400, "as the router said");
    }
}

#[test]
fn the_kernel_asks_ever_more_slowly_and_the_rfc_three_times() {
    let times = |profile| {
        let mut lan = Lan::of(vec![(newcomer(profile), vec![0], false)]);
        lan.start();
        lan.pass(Span::secs(100));
        let asked = lan.packets().into_iter().filter(|(_, _, packet)| packet.destination == at("ff02::2"));
        asked.map(|(at, ..)| at).collect::<Vec<u64>>()
    };
    let gaps = |times: &[u64]| times.windows(2).map(|two| two[1] - two[0]).collect::<Vec<_>>();
    assert_eq!(gaps(&times(Profile::rfc())), [4000, 4000]);
    let kernel = gaps(&times(Profile::linux()));
    assert_eq!(kernel.len(), 4, "4, 8, 16 and 32 s, give or take: {kernel:?}");
    for (gap, before) in kernel.iter().zip([4000, 2 * kernel[0], 2 * kernel[1], 2 * kernel[2]]) {
        assert!(gap.abs_diff(before) <= before / 10 + 1, "{kernel:?}");
    }
}

#[test]
fn groups_are_reported_twice_first_from_nowhere_and_then_from_the_own_address() {
    let mut lan = Lan::of(vec![(newcomer(Profile::linux()), vec![0], false)]);
    lan.start();
    lan.pass(Span::secs(4));
    let reports: Vec<_> =
        lan.packets().into_iter().filter(|(_, _, packet)| packet.destination == at("ff02::16")).collect();
    let sources: Vec<Ipv6Addr> = reports.iter().map(|(_, _, packet)| packet.source).collect();
    let own = link_local(mac(0));
    assert_eq!(sources, [Ipv6Addr::UNSPECIFIED, Ipv6Addr::UNSPECIFIED, own, own]);
    for (_, _, packet) in reports {
        assert_eq!((packet.hop_limit, packet.extensions.len()), (1, 1), "with a router alert");
        let Transport::Icmpv6(Icmpv6Message::Other { kind: 143, rest, .. }) = packet.transport else {
            panic!("no report")
        };
        assert_eq!(rest[..8], [0, 0, 0, 1, 4, 0, 0, 0], "one group, from now on all senders to it");
        assert_eq!(rest[8..], solicited_node(own).octets());
    }
}

#[test]
fn an_advertisement_from_afar_or_from_no_link_local_address_is_not_believed() {
    let good = advertisement(1800, &[("2001:db8:5::", 64, 1000, 500)]);
    for (packet, why) in [
        (
            Ipv6Packet { hop_limit: 64, ..good.clone() },
            Reason::Neighbour(NeighbourReason::DiscoveryFromAfar { hop_limit: 64 }),
        ),
        (
            Ipv6Packet { source: at("2001:db8::77"), ..good },
            Reason::Neighbour(NeighbourReason::DiscoveryInvalid),
        ),
    ] {
        let mut lan = Lan::of(vec![(newcomer(Profile::rfc()), vec![0], false)]);
        lan.inject(0, packet);
        assert_eq!(lan.dropped(0), [why]);
        assert!(lan.routing(0).default_routers().is_empty());
    }
}

#[test]
fn a_router_that_says_zero_is_none_any_more() {
    let mut lan = Lan::of(vec![(newcomer(Profile::rfc()), vec![0], false)]);
    lan.inject(0, advertisement(1800, &[]));
    assert_eq!(lan.routing(0).default_routers().len(), 1);
    assert_eq!(lan.state(0, "fe80::77"), Some(Reachability::Stale), "its card came with it");
    lan.inject(0, advertisement(0, &[]));
    assert!(lan.routing(0).default_routers().is_empty());
    assert!(lan.noted(0).contains(&Reason::Router(RouterReason::RouterLost { address: at("fe80::77") })));
}

#[test]
fn a_prefix_that_is_no_link_s_or_lives_shorter_than_it_is_preferred_makes_no_address() {
    let mut lan = Lan::of(vec![(newcomer(Profile::rfc()), vec![0], false)]);
    let prefixes = [
        ("fe80::", 64, 1000, 500),
        ("2001:db8:5::", 64, 500, 1000),
        ("2001:db8:6::", 48, 1000, 500),
        ("2001:db8:7::", 64, 0, 0),
    ];
    lan.inject(0, advertisement(1800, &prefixes));
    assert_eq!(lan.routing(0).addresses().len(), 1, "only its own: {:?}", lan.routing(0).addresses());
}

#[test]
fn a_made_address_is_first_deprecated_and_then_gone() {
    let mut lan = Lan::of(vec![(newcomer(Profile::rfc()), vec![0], false)]);
    lan.inject(0, advertisement(1800, &[("2001:db8:5::", 64, 20, 10)]));
    let own = made("2001:db8:5::");
    let state = |lan: &Lan| lan.routing(0).find(own).map(|own| own.state);
    assert_eq!(state(&lan), Some(AddressState::Tentative));
    lan.pass(Span::secs(5));
    assert_eq!(state(&lan), Some(AddressState::Preferred));
    lan.pass(Span::secs(6));
    assert_eq!(state(&lan), Some(AddressState::Deprecated));
    lan.pass(Span::secs(10));
    assert_eq!(state(&lan), None);
}

#[test]
fn nobody_can_make_an_address_end_at_once() {
    let mut lan = Lan::of(vec![(newcomer(Profile::rfc()), vec![0], false)]);
    let own = made("2001:db8:5::");
    let remains = |lan: &Lan| {
        let until = lan.routing(0).find(own).and_then(|own| own.valid_until).expect("an end");
        until.since(lan.now).as_millis() / 1000
    };
    lan.inject(0, advertisement(1800, &[("2001:db8:5::", 64, 86_400, 86_400)]));
    assert_eq!(remains(&lan), 86_400);
    lan.inject(0, advertisement(1800, &[("2001:db8:5::", 64, 1, 1)]));
    assert_eq!(remains(&lan), 7200, "two hours at least");
    lan.inject(0, advertisement(1800, &[("2001:db8:5::", 64, 1, 1)]));
    assert_eq!(remains(&lan), 7200, "and no less the second time");
    lan.inject(0, advertisement(1800, &[("2001:db8:5::", 64, 9000, 9000)]));
    assert_eq!(remains(&lan), 9000);
}

#[test]
fn a_router_answers_within_half_a_second_and_no_more_often_than_every_three() {
    let mut lan = Lan::of(vec![(router(Profile::rfc()), vec![0], true)]);
    lan.start();
    lan.pass(Span::secs(4));
    let solicitation = || {
        let message = Icmpv6Message::RouterSolicitation { options: Bytes::new() };
        discovery::message(at("fe80::7"), address::ALL_ROUTERS, message)
    };
    lan.forget();
    lan.inject(0, solicitation());
    lan.pass(Span::millis(501));
    assert_eq!(lan.kinds(), [(0, 134)]);
    lan.inject(0, solicitation());
    lan.pass(Span::secs(2));
    assert_eq!(lan.kinds().len(), 1, "the last one is not three seconds old");
    lan.pass(Span::millis(1500));
    assert_eq!(lan.kinds().len(), 2);
    lan.inject(0, Ipv6Packet { hop_limit: 3, ..solicitation() });
    assert_eq!(lan.dropped(0), [Reason::Neighbour(NeighbourReason::DiscoveryFromAfar { hop_limit: 3 })]);
}

#[test]
fn a_host_asked_for_routers_says_nothing_and_a_router_takes_no_advice() {
    let mut lan = lan(Profile::rfc());
    let message = Icmpv6Message::RouterSolicitation { options: Bytes::new() };
    lan.inject(
        0,
        Ipv6Packet {
            destination: at("ff02::1"),
            ..discovery::message(at("fe80::7"), address::ALL_NODES, message)
        },
    );
    assert_eq!(lan.dropped(0), [Reason::Icmp(IcmpReason::IcmpIgnored { kind: 133 })]);
    lan.inject(1, advertisement(1800, &[("2001:db8:6::", 64, 1000, 500)]));
    assert_eq!(lan.dropped(1), [Reason::Icmp(IcmpReason::IcmpIgnored { kind: 134 })]);
}
