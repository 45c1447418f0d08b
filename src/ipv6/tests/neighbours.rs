//! Neighbour discovery (RFC 4861 section 7): who is asked, who answers, what is believed and for how long.

use super::*;
use crate::ipv6::reason::{IcmpReason, NeighbourReason, PacketReason};
use crate::mib::Counter;

const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;

fn asks(source: &str, destination: Ipv6Addr, target: &str, options: &[u8]) -> Ipv6Packet {
    let options = Bytes::copy_from_slice(options);
    let message = Icmpv6Message::NeighbourSolicitation { target: at(target), options };
    discovery::message(at(source), destination, message)
}

fn tells(source: &str, destination: &str, flags: u8, target: &str, card: Option<u16>) -> Ipv6Packet {
    let options = card.map(|n| discovery::card_option(2, mac(n))).unwrap_or_default().into();
    let message = Icmpv6Message::NeighbourAdvertisement { flags, target: at(target), options };
    discovery::message(at(source), at(destination), message)
}

const OWN_CARD: [u8; 8] = [1, 1, 2, 0, 0, 0, 0, 78];

/// Two hosts of which the first knows the second, REACHABLE.
fn acquainted() -> Lan {
    let mut lan = Lan::pair(Profile::linux());
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    assert_eq!(lan.state(0, "2001:db8::2"), Some(Reachability::Reachable));
    lan.forget();
    lan
}

#[test]
fn a_solicitation_goes_to_the_group_of_the_address_and_tells_the_askers_card() {
    let mut lan = Lan::pair(Profile::rfc());
    lan.ping(0, "2001:db8::2", 8);
    assert_eq!(lan.frames.len(), 1);
    let (_, _, packet) = lan.packets().swap_remove(0);
    let frame = &lan.frames[0].2;
    assert_eq!(packet.destination, at("ff02::1:ff00:2"));
    assert_eq!(frame[..6], [0x33, 0x33, 0xff, 0, 0, 2]);
    assert_eq!((packet.hop_limit, packet.source), (255, at("2001:db8::1")), "from the sender of what waits");
    let Transport::Icmpv6(Icmpv6Message::NeighbourSolicitation { target, options }) = packet.transport else {
        panic!("no solicitation")
    };
    assert_eq!(target, at("2001:db8::2"));
    assert_eq!(options[..], [&[1, 1], &mac(0).0[..]].concat());
}

#[test]
fn the_answer_goes_to_the_asker_alone_with_the_card_and_the_solicited_flag() {
    let mut lan = Lan::pair(Profile::rfc());
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(DELAY);
    let (_, 1, packet) = lan.packets().pop().expect("an answer") else { panic!("not the other's") };
    assert_eq!((packet.destination, packet.source), (at("2001:db8::1"), at("2001:db8::2")));
    let Transport::Icmpv6(Icmpv6Message::NeighbourAdvertisement { flags, target, options }) =
        packet.transport
    else {
        panic!("no advertisement")
    };
    assert_eq!((flags, target), (0x60, at("2001:db8::2")), "solicited, override, no router");
    assert_eq!(options[..], [&[2, 1], &mac(1).0[..]].concat());
}

#[test]
fn packets_wait_for_the_answer_and_leave_in_order_and_the_oldest_gives_way() {
    let mut lan = Lan::pair(Profile { neighbour_queue: 3, ..Profile::rfc() });
    for octets in [1, 2, 3, 4] {
        lan.ping(0, "2001:db8::2", octets);
    }
    assert_eq!(lan.frames.len(), 1, "one question for all of them");
    assert_eq!(
        lan.dropped(0),
        [Reason::Neighbour(NeighbourReason::NeighbourQueueFull { address: at("2001:db8::2") })]
    );
    lan.pass(Span::millis(2));
    let sent = lan.packets().into_iter().filter(|(_, node, packet)| *node == 0 && packet.hop_limit == 64);
    assert_eq!(sent.map(|(_, _, packet)| packet.transport.len() - 8).collect::<Vec<_>>(), [2, 3, 4]);
}

#[test]
fn a_silent_neighbour_is_asked_three_times_a_second_apart_and_each_sender_hears_of_it() {
    let mut lan = Lan::pair(Profile::rfc());
    lan.ping(0, "2001:db8::9", 8);
    lan.ping(0, "2001:db8::9", 9);
    lan.pass(Span::secs(60));
    let times: Vec<u64> = lan.packets().iter().map(|(at, ..)| *at).collect();
    assert_eq!(times, [0, 1000, 2000]);
    let silent = Reason::Neighbour(NeighbourReason::NeighbourSilent { address: at("2001:db8::9") });
    assert_eq!(lan.dropped(0), [silent.clone(), silent]);
    assert_eq!(lan.state(0, "2001:db8::9"), None);
}

#[test]
fn an_advertisement_counts_only_if_it_was_asked_for() {
    let mut lan = Lan::pair(Profile::rfc());
    lan.inject(0, tells("2001:db8::2", "2001:db8::1", 0x60, "2001:db8::2", Some(1)));
    assert_eq!(lan.dropped(0), [Reason::Neighbour(NeighbourReason::DiscoveryNotForUs)]);
    assert_eq!(lan.state(0, "2001:db8::2"), None);
}

#[test]
fn a_solicitation_tells_the_askers_card_too_which_is_stale_at_first() {
    let mut lan = Lan::pair(Profile::rfc());
    lan.inject(0, asks("2001:db8::7", at("ff02::1:ff00:1"), "2001:db8::1", &OWN_CARD));
    // The answer is sent to it at once: from now on it is watched.
    let states: Vec<Reason> = lan.noted(0);
    let is = |state| Reason::Neighbour(NeighbourReason::NeighbourIs { address: at("2001:db8::7"), state });
    assert_eq!(states, [is(Reachability::Stale), is(Reachability::Delay)]);
}

#[test]
fn who_asks_without_an_address_is_answered_before_all_and_learned_by_none() {
    let mut lan = Lan::pair(Profile::rfc());
    lan.inject(0, asks("::", at("ff02::1:ff00:1"), "2001:db8::1", &[]));
    let (_, 0, packet) = lan.packets().pop().expect("an answer") else { panic!("not the host's") };
    assert_eq!(packet.destination, at("ff02::1"));
    let [Icmpv6Message::NeighbourAdvertisement { flags: 0x20, .. }] = lan.messages(0)[..] else {
        panic!("{:?}", lan.messages(0))
    };
    assert!(lan.nodes[0].stack.neighbours(lan.now, 0).is_empty());
}

#[test]
fn what_breaks_the_rules_of_discovery_is_dropped() {
    let good = asks("2001:db8::7", at("ff02::1:ff00:1"), "2001:db8::1", &OWN_CARD);
    let group = at("ff02::1:ff00:1");
    let coded = Icmpv6Message::Other { kind: 135, code: 1, rest: vec![0; 20].into() };
    let short = Icmpv6Message::Other { kind: 135, code: 0, rest: vec![0; 10].into() };
    let invalid = Reason::Neighbour(NeighbourReason::DiscoveryInvalid);
    for (packet, why) in [
        (
            Ipv6Packet { hop_limit: 254, ..good.clone() },
            Reason::Neighbour(NeighbourReason::DiscoveryFromAfar { hop_limit: 254 }),
        ),
        (asks("2001:db8::7", at("2001:db8::1"), "ff02::9", &OWN_CARD), invalid.clone()),
        (asks("2001:db8::7", group, "2001:db8::1", &[1, 0, 2, 0, 0, 0, 0, 78]), invalid.clone()),
        (asks("2001:db8::7", group, "2001:db8::1", &[1, 2, 2, 0, 0, 0, 0, 78]), invalid.clone()),
        (asks("::", group, "2001:db8::1", &OWN_CARD), invalid.clone()),
        (asks("::", at("2001:db8::1"), "2001:db8::1", &[]), invalid.clone()),
        (
            discovery::message(at("2001:db8::7"), group, coded),
            Reason::Icmp(IcmpReason::IcmpIgnored { kind: 135 }),
        ),
        (
            discovery::message(at("2001:db8::7"), group, short),
            Reason::Icmp(IcmpReason::IcmpIgnored { kind: 135 }),
        ),
        (tells("2001:db8::2", "ff02::1", 0x60, "2001:db8::2", Some(1)), invalid.clone()),
        (tells("2001:db8::2", "2001:db8::1", 0x60, "ff02::2", Some(1)), invalid),
    ] {
        let mut lan = Lan::pair(Profile::rfc());
        lan.inject(0, packet.clone());
        assert_eq!(lan.dropped(0), [why], "{packet:?}");
        assert!(lan.frames.is_empty() && lan.nodes[0].stack.neighbours(lan.now, 0).is_empty());
    }
}

#[test]
fn a_host_hears_its_own_groups_and_all_nodes_and_no_others() {
    let mut lan = Lan::pair(Profile::rfc());
    for (group, hears) in [
        ("ff02::1", true),
        ("ff02::1:ff00:1", true),
        ("ff02::2", false),
        ("ff02::1:ff00:9", false),
        ("ff01::1", false),
    ] {
        lan.forget();
        lan.inject(0, Ipv6Packet { destination: at(group), ..datagram("::1", 3) }.with_source("2001:db8::7"));
        assert_eq!(lan.up.len() == 1, hears, "{group}");
        assert_eq!(lan.dropped(0) == [Reason::Packet(PacketReason::NotOurGroup)], !hears);
    }
}

#[test]
fn an_answer_makes_reachable_and_another_card_needs_the_override_flag() {
    let mut lan = acquainted();
    let peer = "2001:db8::2";
    let card = |lan: &Lan| lan.nodes[0].stack.neighbours(lan.now, 0)[0].2;
    lan.inject(0, tells(peer, "2001:db8::1", 0x40, peer, Some(50)));
    assert_eq!(
        (lan.state(0, peer), card(&lan)),
        (Some(Reachability::Stale), Some(mac(1))),
        "kept, but doubted"
    );
    lan.inject(0, tells(peer, "2001:db8::1", 0x20, peer, Some(50)));
    assert_eq!((lan.state(0, peer), card(&lan)), (Some(Reachability::Stale), Some(mac(50))), "unsolicited");
    lan.inject(0, tells(peer, "2001:db8::1", 0x60, peer, Some(51)));
    assert_eq!((lan.state(0, peer), card(&lan)), (Some(Reachability::Reachable), Some(mac(51))));
}

#[test]
fn a_neighbour_grows_stale_is_watched_for_five_seconds_probed_three_times_and_forgotten() {
    let mut lan = acquainted();
    let peer = "2001:db8::2";
    lan.pass(Span::secs(50));
    lan.forget();
    assert_eq!(lan.state(0, peer), Some(Reachability::Stale), "after 15 to 45 s without a word");
    lan.deaf = vec![1];
    let start = lan.now.as_millis();
    lan.ping(0, peer, 8);
    assert_eq!(lan.state(0, peer), Some(Reachability::Delay));
    lan.pass(Span::secs(60));
    let probes: Vec<_> =
        lan.packets().into_iter().filter(|(_, node, packet)| *node == 0 && packet.hop_limit == 255).collect();
    let times: Vec<u64> = probes.iter().map(|(at, ..)| at - start).collect();
    assert_eq!(times, [5000, 6000, 7000]);
    assert!(probes.iter().all(|(_, _, packet)| packet.destination == at(peer)), "to it alone");
    assert_eq!(lan.state(0, peer), None);
    assert!(
        lan.noted(0).contains(&Reason::Neighbour(NeighbourReason::NeighbourSilent { address: at(peer) }))
    );
}

#[test]
fn an_answer_to_a_probe_and_a_word_from_above_end_the_doubt() {
    let mut lan = acquainted();
    let peer = "2001:db8::2";
    lan.pass(Span::secs(50));
    lan.forget();
    lan.ping(0, peer, 8);
    lan.pass(Span::secs(6));
    assert_eq!(
        lan.kinds().iter().filter(|(_, kind)| *kind == SOLICITATION).count(),
        2,
        "each asks the other"
    );
    assert_eq!(lan.kinds().iter().filter(|(_, kind)| *kind == ADVERTISEMENT).count(), 2);
    assert_eq!(lan.state(0, peer), Some(Reachability::Reachable));
    lan.pass(Span::secs(50));
    lan.forget();
    lan.ping(0, peer, 8);
    lan.act(0, |stack, now, fx| stack.confirm(now, at("2001:db8::2"), fx));
    assert_eq!(lan.state(0, peer), Some(Reachability::Reachable));
    lan.act(1, |stack, now, fx| stack.confirm(now, at("2001:db8::1"), fx));
    lan.pass(Span::secs(10));
    assert!(lan.kinds().iter().all(|(_, kind)| *kind == 128 || *kind == 129), "nobody had to ask");
}

#[test]
fn every_message_is_counted_by_the_kernels_names() {
    let mut lan = Lan::pair(Profile::linux());
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    let count = |node, counter| {
        lan.effects.iter().filter(|(by, effect)| *by == node && *effect == Effect::Counted(counter)).count()
    };
    for (counter, counts) in [
        (Counter::Icmp6OutNeighborSolicits, [1, 0]),
        (Counter::Icmp6InNeighborSolicits, [0, 1]),
        (Counter::Icmp6OutNeighborAdvertisements, [0, 1]),
        (Counter::Icmp6InNeighborAdvertisements, [1, 0]),
        (Counter::Icmp6InEchos, [0, 1]),
        (Counter::Icmp6OutEchoReplies, [0, 1]),
        (Counter::Icmp6InMsgs, [2, 2]),
        (Counter::Ip6InReceives, [2, 2]),
        (Counter::Ip6OutRequests, [2, 2]),
    ] {
        assert_eq!([count(0, counter), count(1, counter)], counts, "{counter}");
    }
}

impl Ipv6Packet {
    fn with_source(self, source: &str) -> Ipv6Packet {
        Ipv6Packet { source: at(source), ..self }
    }
}
