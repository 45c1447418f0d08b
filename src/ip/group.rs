//! Packets for several hosts at once: broadcasts (RFC 919, RFC 922) and multicasts (RFC 1112).

use super::{Cause, DatagramReason, Effect, ForwardingReason, IcmpReason, Ip, Origin, Reason};
use crate::wire::{self, IcmpMessage, Ipv4Packet, MacAddr, Packet, Transport};
use std::net::Ipv4Addr;

/// The group to which every host belongs that takes multicasts (RFC 1112 section 4).
const ALL_HOSTS: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 1);

impl<T: Clone> Ip<T> {
    /// Whether a packet to that address, which is none of the host's own, is for this host among others.
    pub(super) fn is_for_all(&self, destination: Ipv4Addr) -> bool {
        self.routing.is_broadcast(destination) || destination == ALL_HOSTS
    }

    /// Whether a packet for this host and others may be passed up. Nothing that came so is ever answered by an error.
    pub(super) fn takes_for_all(&self, packet: &Ipv4Packet, origin: Origin, fx: &mut Vec<Effect<T>>) -> bool {
        if self.is_router && !packet.destination.is_broadcast() && !self.is_of_this_wire(packet, origin) {
            fx.push(Effect::Noted(Reason::Forwarding(ForwardingReason::NotForwarded)));
        }
        let why = match &packet.transport {
            Transport::Tcp(_) => Reason::Datagram(DatagramReason::StreamToAll),
            Transport::Icmp(IcmpMessage::EchoRequest { .. }) if self.profile.ignores_echo_to_all => {
                Reason::Icmp(IcmpReason::EchoToAll)
            }
            Transport::Udp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => {
                return true;
            }
        };
        fx.push(Effect::Dropped(why));
        false
    }

    /// Whether a broadcast or multicast means the wire it came in by, and no other (RFC 2644).
    fn is_of_this_wire(&self, packet: &Ipv4Packet, origin: Origin) -> bool {
        match origin {
            Origin::Card(card) => {
                packet.destination.is_multicast() || self.routing.on_net(card, packet.destination)
            }
            Origin::Loopback => true,
        }
    }

    /// Puts a packet for several hosts on that card's wire. What is for everybody is for this host too.
    pub(super) fn out_to_all(
        &mut self,
        card: u16,
        packet: Ipv4Packet,
        cause: Cause<T>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Some(own) = self.cards.get(usize::from(card)) else { return };
        let mac = match packet.destination.is_multicast() {
            true => MacAddr::of_group(packet.destination),
            false => MacAddr::BROADCAST,
        };
        let frame = wire::build_in(&mut self.chunk, own.mac, mac, &packet);
        fx.push(Effect::Transmit { card, frame, cause: cause.clone() });
        if self.is_for_all(packet.destination) {
            let nobody = MacAddr::default();
            fx.push(Effect::Loop { frame: wire::build(&Packet::ipv4(nobody, nobody, packet)), cause });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Config, Hop, Interface, Neighbours, Profile, Route, Taken, Via};
    use super::*;
    use crate::clock::Instant;
    use crate::wire::{Body, Datagram};
    use bytes::Bytes;

    const OWN: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 1);
    const PEER: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 2);
    const DIRECTED: Ipv4Addr = Ipv4Addr::new(10, 0, 1, 255);
    const NOBODY: Ipv4Addr = Ipv4Addr::UNSPECIFIED;

    fn card(net: u8) -> Interface {
        Interface {
            address: Ipv4Addr::new(10, 0, net, 1),
            prefix: 24,
            mac: MacAddr::of_host(net.into()),
            mtu: 1500,
            neighbours: Neighbours::Arp,
        }
    }
    fn host(profile: Profile, forwards: bool, routes: Vec<Route>) -> Ip<u8> {
        Ip::new(&Config { interfaces: vec![card(1), card(2)], routes, forwards, nat: None, profile })
    }
    fn datagram() -> Transport {
        Transport::Udp(Datagram {
            source_port: 68,
            destination_port: 67,
            payload: Bytes::from_static(b"all"),
        })
    }
    fn echo() -> Transport {
        Transport::Icmp(IcmpMessage::EchoRequest { id: 1, seq: 1, data: Bytes::new() })
    }
    /// What becomes of a packet that comes in by the first card.
    fn taken(
        ip: &mut Ip<u8>,
        from: Ipv4Addr,
        to: Ipv4Addr,
        transport: Transport,
    ) -> (Taken, Vec<Effect<u8>>) {
        let packet =
            Packet::ipv4(MacAddr::of_host(9), MacAddr::BROADCAST, Ipv4Packet::new(from, to, transport));
        let frame = wire::build(&packet);
        let mut fx = Vec::new();
        let taken = ip.receive(Instant::ZERO, &packet, &frame, Origin::Card(0), &mut fx).expect("sound");
        (taken, fx)
    }

    #[test]
    fn a_broadcast_goes_to_every_card_of_the_wire_and_comes_back_to_its_sender() {
        for to in [Ipv4Addr::BROADCAST, DIRECTED] {
            let (mut ip, mut fx) = (host(Profile::linux(), false, vec![]), Vec::new());
            ip.send(Instant::ZERO, Ipv4Packet::new(OWN, to, datagram()), 7, &mut fx);
            let [Effect::Transmit { card: 0, frame, .. }, Effect::Loop { .. }] = &fx[..] else {
                panic!("{fx:?}")
            };
            let sent = wire::parse(frame).expect("sound");
            assert_eq!(sent.ethernet.destination, MacAddr::BROADCAST);
            assert!(matches!(sent.body, Body::Ipv4(packet) if packet.destination == to));
        }
    }

    #[test]
    fn the_limited_broadcast_leaves_by_its_senders_card_or_the_default_route_and_else_by_none() {
        let via = Route { network: NOBODY, prefix: 0, via: Via::Gateway(Ipv4Addr::new(10, 0, 2, 9)) };
        let (without, with) =
            (host(Profile::linux(), false, vec![]), host(Profile::linux(), false, vec![via]));
        let hop = |ip: &Ip<u8>, source| ip.routing.hop_from(source, Ipv4Addr::BROADCAST);
        assert_eq!(hop(&without, NOBODY), None);
        assert_eq!(hop(&without, OWN), Some(Hop::Group { card: 0 }));
        assert_eq!(hop(&with, NOBODY), Some(Hop::Group { card: 1 }));
        assert_eq!(hop(&with, OWN), Some(Hop::Group { card: 0 }));
    }

    #[test]
    fn a_multicast_goes_to_the_cards_of_its_group_and_lives_one_hop() {
        let (mut ip, mut fx) = (host(Profile::linux(), false, vec![]), Vec::new());
        let group = Ipv4Addr::new(239, 129, 2, 3);
        ip.send(Instant::ZERO, Ipv4Packet::new(OWN, group, datagram()), 7, &mut fx);
        let [Effect::Transmit { card: 0, frame, .. }] = &fx[..] else { panic!("{fx:?}") };
        let sent = wire::parse(frame).expect("sound");
        assert_eq!(sent.ethernet.destination, MacAddr([0x01, 0x00, 0x5e, 0x01, 2, 3]));
        assert!(matches!(sent.body, Body::Ipv4(packet) if packet.ttl == 1));
    }

    #[test]
    fn a_datagram_to_everybody_is_passed_up_even_from_a_host_without_an_address() {
        let mut ip = host(Profile::linux(), false, vec![]);
        assert_eq!(taken(&mut ip, NOBODY, Ipv4Addr::BROADCAST, datagram()), (Taken::Whole, vec![]));
        assert_eq!(taken(&mut ip, PEER, DIRECTED, datagram()), (Taken::Whole, vec![]));
        let martian = vec![Effect::Dropped(Reason::Datagram(DatagramReason::MartianSource))];
        assert_eq!(taken(&mut ip, NOBODY, OWN, datagram()), (Taken::Done, martian.clone()));
        assert_eq!(taken(&mut ip, DIRECTED, OWN, datagram()), (Taken::Done, martian));
    }

    #[test]
    fn nothing_that_went_to_everybody_is_answered_by_an_error() {
        for profile in [Profile::linux(), Profile::rfc()] {
            let mut ip = host(profile, false, vec![]);
            let unknown = Transport::Other { protocol: 99, payload: Bytes::new() };
            let (done, fx) = taken(&mut ip, PEER, DIRECTED, unknown);
            assert_eq!(done, Taken::Done);
            assert!(fx.iter().all(|effect| matches!(effect, Effect::Dropped(_))), "{fx:?}");
            let (_, fx) = taken(&mut ip, PEER, DIRECTED, Transport::Tcp(wire::Segment::default()));
            assert_eq!(fx, [Effect::Dropped(Reason::Datagram(DatagramReason::StreamToAll))]);
        }
    }

    #[test]
    fn a_ping_to_everybody_is_answered_from_the_own_address_or_not_at_all() {
        let mut kernel = host(Profile::linux(), false, vec![]);
        let ignored = vec![Effect::Dropped(Reason::Icmp(IcmpReason::EchoToAll))];
        assert_eq!(taken(&mut kernel, PEER, DIRECTED, echo()), (Taken::Done, ignored));
        let answers = Profile { ignores_echo_to_all: false, ..Profile::rfc() };
        let mut letter = host(answers, false, vec![]);
        let mac = MacAddr::of_host(9);
        letter.cards[0].neighbours.learn(
            Instant::ZERO,
            PEER,
            mac,
            crate::ip::neighbour::Shown::AskedUs,
            &Profile::rfc(),
        );
        let (_, fx) = taken(&mut letter, PEER, DIRECTED, echo());
        let [Effect::Transmit { frame, .. }] = &fx[..] else { panic!("{fx:?}") };
        let Body::Ipv4(reply) = wire::parse(frame).expect("sound").body else { panic!("an IPv4 packet") };
        assert_eq!((reply.source, reply.destination), (OWN, PEER));
    }

    #[test]
    fn a_router_passes_on_neither_broadcasts_nor_multicasts() {
        let router = host(Profile::linux(), true, vec![]);
        let for_others = |to| {
            let packet = Ipv4Packet::new(PEER, to, datagram());
            router.passes_on(&wire::build(&Packet::ipv4(MacAddr::of_host(9), MacAddr::of_host(1), packet)))
        };
        assert!(for_others(Ipv4Addr::new(10, 0, 2, 7)), "but what is for one host");
        for group in
            [Ipv4Addr::BROADCAST, DIRECTED, Ipv4Addr::new(10, 0, 2, 255), Ipv4Addr::new(239, 1, 2, 3)]
        {
            assert!(!for_others(group), "{group}");
        }
    }

    #[test]
    fn a_router_keeps_the_broadcast_of_its_other_network_to_itself() {
        let mut router = host(Profile::linux(), true, vec![]);
        let (_, fx) = taken(&mut router, PEER, Ipv4Addr::new(10, 0, 2, 255), datagram());
        assert_eq!(fx, [Effect::Noted(Reason::Forwarding(ForwardingReason::NotForwarded))]);
        let (_, fx) = taken(&mut router, PEER, DIRECTED, datagram());
        assert_eq!(fx, []);
    }
}
