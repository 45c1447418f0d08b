//! Addresses that are checked before they are used (RFC 4862 section 5.4).

use super::*;
use crate::ipv6::reason::{AddressReason, NeighbourReason};

/// A host whose addresses nobody has checked yet.
fn new(address: &str, profile: Profile) -> Config {
    let mut config = host(address, profile);
    config.cards[0].addresses[0].checked = false;
    config.cards[0].link_local = Some(false);
    config
}

fn solicitations(lan: &Lan) -> Vec<(u64, usize, Ipv6Packet)> {
    let is = |(_, _, packet): &(u64, usize, Ipv6Packet)| {
        matches!(packet.transport, Transport::Icmpv6(Icmpv6Message::NeighbourSolicitation { .. }))
    };
    lan.packets().into_iter().filter(is).collect()
}

#[test]
fn a_new_address_is_asked_for_once_from_nowhere_and_free_a_second_later() {
    for profile in [Profile::rfc(), Profile::linux()] {
        let nonce = profile.duplicate_nonce;
        let mut lan = Lan::of(vec![(new("2001:db8::1", profile), vec![0], false)]);
        lan.start();
        assert!(!lan.routing(0).is_local(at("2001:db8::1")), "tentative: not to be used");
        assert!(!lan.routing(0).may_bind(at("2001:db8::1")));
        lan.pass(Span::secs(3));
        let asked = solicitations(&lan);
        assert_eq!(asked.len(), 2, "one for each address");
        for (when, _, packet) in &asked {
            assert!(*when < 1000, "after a random delay of at most a second");
            assert_eq!((packet.source, packet.hop_limit), (Ipv6Addr::UNSPECIFIED, 255));
            let Transport::Icmpv6(Icmpv6Message::NeighbourSolicitation { target, options }) =
                &packet.transport
            else {
                panic!("no solicitation")
            };
            assert_eq!(packet.destination, solicited_node(*target));
            assert_eq!(options.first() == Some(&14), nonce, "the kernel's carry a nonce");
        }
        assert!(lan.routing(0).is_local(at("2001:db8::1")));
        assert_eq!(
            lan.noted(0)
                .iter()
                .filter(|why| matches!(why, Reason::Address(AddressReason::AddressFree { .. })))
                .count(),
            2
        );
    }
}

#[test]
fn whoever_has_the_address_says_so_and_the_newcomer_never_uses_it() {
    let profile = Profile::linux();
    let mut lan = Lan::of(vec![
        (host("2001:db8::1", profile.clone()), vec![0], false),
        (new("2001:db8::1", profile), vec![0], false),
    ]);
    lan.start();
    lan.pass(Span::secs(5));
    assert!(
        lan.noted(1).contains(&Reason::Address(AddressReason::AddressTaken { address: at("2001:db8::1") }))
    );
    assert!(!lan.routing(1).is_local(at("2001:db8::1")));
    assert_eq!(lan.routing(1).find(at("2001:db8::1")).map(|own| own.state), Some(AddressState::Duplicate));
    assert!(lan.routing(1).is_local(link_local(mac(1))), "its other address is its own");
    let defends = Reason::Address(AddressReason::DefendsAddress { address: at("2001:db8::1") });
    let sent = |(by, effect): &(usize, Effect<u32>)| {
        *by == 0 && matches!(effect, Effect::Transmit { cause: Cause::Own(why), .. } if *why == defends)
    };
    assert_eq!(lan.effects.iter().filter(|effect| sent(effect)).count(), 1);
}

#[test]
fn of_two_newcomers_the_first_to_ask_gets_the_address_and_none_if_they_ask_together() {
    for (delay, get) in [(Span::secs(1), 1), (Span::ZERO, 0)] {
        let profile = Profile { duplicate_delay: delay, ..Profile::rfc() };
        let newcomer = || (new("2001:db8::5", profile.clone()), vec![0], false);
        let mut lan = Lan::of(vec![newcomer(), newcomer()]);
        lan.start();
        lan.pass(Span::secs(5));
        let has = |node: &usize| lan.routing(*node).is_local(at("2001:db8::5"));
        assert_eq!([0, 1].iter().filter(|node| has(node)).count(), get);
    }
}

#[test]
fn who_asks_from_an_address_of_its_own_gets_no_answer_about_a_tentative_one() {
    let mut lan = Lan::of(vec![(new("2001:db8::1", Profile::rfc()), vec![0], false)]);
    lan.start();
    let message = Icmpv6Message::NeighbourSolicitation { target: at("2001:db8::1"), options: Bytes::new() };
    lan.inject(0, discovery::message(at("2001:db8::7"), solicited_node(at("2001:db8::1")), message));
    assert_eq!(lan.dropped(0), [Reason::Neighbour(NeighbourReason::DiscoveryNotForUs)]);
    lan.pass(Span::secs(3));
    assert!(lan.routing(0).is_local(at("2001:db8::1")), "and it is no sign of a duplicate");
}

#[test]
fn an_own_question_that_comes_back_over_a_loop_is_known_by_its_nonce() {
    for (profile, keeps) in [(Profile::linux(), true), (Profile::rfc(), false)] {
        let mut lan = Lan::of(vec![(new("2001:db8::1", profile), vec![0], false)]);
        lan.start();
        lan.pass(Span::millis(999));
        for (_, _, packet) in solicitations(&lan) {
            lan.inject(0, packet);
        }
        lan.pass(Span::secs(3));
        assert_eq!(lan.routing(0).is_local(at("2001:db8::1")), keeps);
        assert_eq!(lan.dropped(0).contains(&Reason::Address(AddressReason::OwnProbe)), keeps);
    }
}

#[test]
fn a_card_whose_own_link_local_address_is_taken_stops_by_the_rfc_and_not_in_the_kernel() {
    for (profile, goes_on) in [(Profile::rfc(), false), (Profile::linux(), true)] {
        let mut lan = Lan::of(vec![(new("2001:db8::1", profile), vec![0], false)]);
        lan.start();
        let local = link_local(mac(0));
        let options = discovery::card_option(2, mac(50)).into();
        let claims = Icmpv6Message::NeighbourAdvertisement { flags: 0x20, target: local, options };
        lan.inject(0, discovery::message(local, address::ALL_NODES, claims));
        lan.pass(Span::secs(3));
        assert!(!lan.routing(0).is_local(local));
        assert_eq!(lan.routing(0).is_local(at("2001:db8::1")), goes_on);
    }
}

#[test]
fn a_claim_to_an_address_in_use_changes_nothing() {
    let mut lan = Lan::pair(Profile::rfc());
    let options = discovery::card_option(2, mac(50)).into();
    let claims = Icmpv6Message::NeighbourAdvertisement { flags: 0x20, target: at("2001:db8::1"), options };
    lan.inject(0, discovery::message(at("fe80::9"), address::ALL_NODES, claims));
    assert_eq!(
        lan.dropped(0),
        [Reason::Address(AddressReason::AddressClaimed { address: at("2001:db8::1") })]
    );
    assert!(lan.routing(0).is_local(at("2001:db8::1")));
}
