//! Probes, and an address that two have.

use super::super::{Config, Interface, Neighbours, Origin, Profile};
use super::*;
use crate::clock::Span;
use crate::wire::Body;

const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);
const STRANGER: MacAddr = MacAddr::of_host(9);

fn host(profile: Profile) -> Ip<()> {
    let card = Interface {
        address: OWN,
        prefix: 24,
        mac: MacAddr::of_host(2),
        mtu: 1500,
        neighbours: Neighbours::Arp,
    };
    Ip::new(&Config { interfaces: vec![card], routes: Vec::new(), forwards: false, nat: None, profile })
}

/// What the host does about a question from the stranger's card.
fn asked(ip: &mut Ip<()>, at: Instant, sender_ip: Ipv4Addr, target_ip: Ipv4Addr) -> Vec<Effect<()>> {
    let message = ArpMessage {
        operation: ArpOperation::Request,
        sender_mac: STRANGER,
        sender_ip,
        target_mac: MacAddr::default(),
        target_ip,
    };
    let packet = Packet::arp(STRANGER, MacAddr::BROADCAST, message);
    let mut fx = Vec::new();
    ip.receive(at, &packet, &wire::build(&packet), Origin::Card(0), &mut fx)
        .expect("nothing to put together");
    fx
}

fn told(effect: &Effect<()>) -> Option<(MacAddr, ArpMessage)> {
    let Effect::Transmit { frame, .. } = effect else { return None };
    let packet = wire::parse(frame).expect("sound");
    match packet.body {
        Body::Arp(message) => Some((packet.ethernet.destination, message)),
        Body::Ipv4(_) | Body::Ipv6(_) | Body::Bpdu(_) | Body::Other(_) => None,
    }
}

#[test]
fn a_probe_is_answered_and_nobody_learns_from_it() {
    for profile in [Profile::linux(), Profile::rfc()] {
        let mut ip = host(profile);
        let fx = asked(&mut ip, Instant::ZERO, Ipv4Addr::UNSPECIFIED, OWN);
        let [answer] = &fx[..] else { panic!("{fx:?}") };
        let (to, message) = told(answer).expect("an ARP message");
        assert_eq!((to, message.operation), (STRANGER, ArpOperation::Reply));
        assert_eq!((message.sender_ip, message.target_ip), (OWN, Ipv4Addr::UNSPECIFIED));
        assert!(!ip.knows(0, Ipv4Addr::UNSPECIFIED));
    }
}

#[test]
fn another_card_with_the_own_address_is_noticed_and_defended_against_once_in_ten_seconds() {
    let noticed = Effect::Dropped(ArpReason::AddressTaken { address: OWN, by: STRANGER }.into());
    let claims = |ip: &mut Ip<()>, seconds| {
        asked(ip, Instant::ZERO + Span::secs(seconds), OWN, Ipv4Addr::new(10, 0, 0, 1))
    };
    let mut linux = host(Profile::linux());
    assert_eq!(claims(&mut linux, 1), std::slice::from_ref(&noticed), "and nothing else");
    let mut letter = host(Profile::rfc());
    let fx = claims(&mut letter, 1);
    assert_eq!(fx[0], noticed);
    let (to, message) = told(&fx[1]).expect("an announcement");
    assert_eq!((to, message.sender_ip, message.target_ip), (MacAddr::BROADCAST, OWN, OWN));
    assert_eq!(claims(&mut letter, 10), std::slice::from_ref(&noticed), "not again so soon");
    assert_eq!(claims(&mut letter, 11).len(), 2);
}

#[test]
fn a_host_that_gets_an_address_does_not_ask_whether_somebody_has_it() {
    for profile in [Profile::linux(), Profile::rfc()] {
        let mut ip = host(profile);
        assert_eq!(
            (ip.next_deadline(), ip.next_doubt()),
            (None, None),
            "nothing is to be done at the beginning"
        );
        let mut fx = Vec::new();
        ip.on_timer(Instant::ZERO + Span::secs(60), &mut fx);
        assert_eq!(fx, []);
    }
}
