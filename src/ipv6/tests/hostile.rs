//! What an attacker sends: memory stays bounded, nothing panics, and what was known stays known.

use super::*;
use crate::ipv6::reason::FragmentReason;
use crate::wire::Extension;
use proptest::prelude::*;

fn solicitation(n: u128) -> Ipv6Packet {
    let options = discovery::card_option(1, MacAddr::of_host(n as u16)).into();
    let source = Ipv6Addr::from(u128::from(at("2001:db8::")) | (0x1_0000 + n));
    let message = Icmpv6Message::NeighbourSolicitation { target: at("2001:db8::1"), options };
    discovery::message(source, at("2001:db8::1"), message)
}

#[test]
fn a_flood_of_strangers_fills_no_more_than_the_table_and_pushes_no_friend_out() {
    let mut lan = Lan::pair(Profile { neighbours: 64, ..Profile::linux() });
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    for n in 0..5000 {
        lan.inject(0, solicitation(n));
    }
    let known = lan.nodes[0].stack.neighbours(lan.now, 0);
    assert!(known.len() <= 64, "{}", known.len());
    assert_eq!(lan.state(0, "2001:db8::2"), Some(Reachability::Reachable));
}

#[test]
fn a_sweep_over_a_prefix_keeps_as_many_questions_open_as_the_table_holds() {
    let mut lan = Lan::pair(Profile { neighbours: 64, ..Profile::linux() });
    for n in 0..5000u128 {
        let to = Ipv6Addr::from(u128::from(at("2001:db8::")) | (0x1_0000 + n));
        lan.send(0, echo(at("2001:db8::1"), to, 8));
    }
    assert_eq!(lan.nodes[0].stack.neighbours(lan.now, 0).len(), 64);
    lan.pass(Span::secs(10));
    assert!(lan.nodes[0].stack.neighbours(lan.now, 0).is_empty());
}

#[test]
fn fragment_bombs_are_thrown_away_from_the_oldest_on() {
    let mut lan = Lan::pair(Profile::rfc());
    let piece = |n: u32, offset: u16| Ipv6Packet {
        source: at("2001:db8::2"),
        extensions: vec![Extension::Fragment { offset, more: true, identification: n }],
        transport: Transport::Other { protocol: 17, payload: vec![0; 1400].into() },
        ..datagram("2001:db8::1", 1)
    };
    for n in 0..500 {
        for offset in [0, 200, 400, 600, 800] {
            lan.inject(0, piece(n, offset));
        }
    }
    let limited =
        lan.dropped(0).iter().filter(|why| **why == Reason::Fragment(FragmentReason::FragmentsLimit)).count();
    assert_eq!(limited, 500 - 64);
    // Many small ones of few packets cost as much as they hold.
    let mut lan = Lan::pair(Profile::rfc());
    for n in 0..20_000u32 {
        let mut piece = piece(n % 4, (n / 4) as u16);
        piece.transport = Transport::Other { protocol: 17, payload: vec![0; 8].into() };
        if n / 4 > 0 {
            lan.inject(0, piece);
        }
    }
    assert!(
        lan.dropped(0).contains(&Reason::Fragment(FragmentReason::FragmentsLimit)),
        "four million octets and no more"
    );
}

#[test]
fn forged_advertisements_of_routers_fill_no_more_than_their_tables() {
    let card = Card { link_local: Some(true), autoconfigures: true, ..Card::with(at("2001:db8::1"), 64) };
    let config = Config { cards: vec![card], routes: Vec::new(), profile: Profile::linux() };
    let mut lan = Lan::of(vec![(config, vec![0], false)]);
    for n in 0..2000u16 {
        let prefix = Ipv6Addr::new(0x2001, 0xdb8, 1, n, 0, 0, 0, 0);
        let message = Icmpv6Message::RouterAdvertisement {
            hop_limit: 1,
            flags: 0,
            lifetime: 9000,
            reachable_ms: 1,
            retransmit_ms: 1,
            options: routers::prefix_option(prefix, 64, 5000, 5000),
        };
        lan.inject(
            0,
            discovery::message(Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 1, n), address::ALL_NODES, message),
        );
    }
    let routing = lan.routing(0);
    assert!(routing.default_routers().len() <= 16 && routing.addresses().len() <= 18);
    lan.pass(Span::secs(20));
}

#[test]
fn forged_sizes_of_paths_fill_no_more_than_their_table() {
    let mut lan = Lan::pair(Profile::linux());
    for n in 0..5000u128 {
        lan.act(0, |stack, now, fx| {
            stack.path_mtu(now, Ipv6Addr::from(u128::from(at("2001:db8::")) + 99 + n), 1300, fx)
        });
    }
    assert_eq!(lan.routing(0).path_mtus(), 1024);
}

proptest! {
    #[test]
    fn no_octets_behind_an_ipv6_header_make_a_host_or_a_router_panic(
        next in prop::sample::select(vec![0u8, 6, 17, 43, 44, 58, 59, 60, 99]),
        octets in prop::collection::vec(any::<u8>(), 0..200),
        chain in prop::collection::vec((prop::sample::select(vec![0u8, 43, 44, 60]), any::<[u8; 8]>()), 0..6),
        target in 0usize..4,
        hop_limit: u8,
    ) {
        let mut lan = Lan::routed(Profile::linux());
        let destination = [at("2001:db8::1"), at("ff02::1"), at("2001:db8:9::2"), at("2001:db8::ff")][target];
        let mut frame = vec![0x33, 0x33, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 0x86, 0xdd];
        let node = usize::from(target > 1);
        if !destination.is_multicast() {
            frame[..6].copy_from_slice(&mac(node as u16).0);
        }
        let len = (octets.len() + chain.len() * 8) as u16;
        frame.extend([0x60, 0, 0, 0, (len >> 8) as u8, len as u8]);
        frame.push(chain.first().map_or(next, |(kind, _)| *kind));
        frame.push(hop_limit);
        frame.extend(at("2001:db8::2").octets());
        frame.extend(destination.octets());
        for (place, (_, header)) in chain.iter().enumerate() {
            let mut header = *header;
            header[0] = chain.get(place + 1).map_or(next, |(kind, _)| *kind);
            header[1] = 0;
            frame.extend(header);
        }
        frame.extend(&octets);
        let frame = wire::repair_checksums(&Bytes::from(frame));
        lan.arrives(node, Origin::Card(0), &frame);
        lan.pass(Span::secs(70));
    }
}
