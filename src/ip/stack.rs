//! All of IP on one host or router: its interfaces, and the ways into it.

use super::fragment::Reassembly;
use super::nat::{Nat, NatConfig};
use super::neighbour::{Due, Table};
use super::redirect::Redirects;
use super::{
    ArpReason, Arrived, Cause, DatagramReason, Effect, ForwardingReason, FragmentReason, Hop, IcmpReason,
    Neighbours, Origin, Profile, Reason, Route, Routing, Taken, icmp,
};
use crate::clock::Instant;
use crate::internet::Limiter;
use crate::mib::Counter;
use crate::wire::{self, Body, IcmpMessage, Ipv4Packet, MacAddr, Packet, ParseError};
use bytes::{Bytes, BytesMut};
use std::net::Ipv4Addr;

/// A card with its address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its IP address.
    pub address: Ipv4Addr,
    /// Bits of prefix it shares with its neighbours, 0 to 32.
    pub prefix: u8,
    /// The card's address.
    pub mac: MacAddr,
    /// Largest packet the card takes, octets, at least 68.
    pub mtu: u16,
    /// How neighbours are found.
    pub neighbours: Neighbours,
}

/// One host's cards, addresses and constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Its interfaces, at least one, numbered from zero.
    pub interfaces: Vec<Interface>,
    /// Routes beyond the own prefixes.
    pub routes: Vec<Route>,
    /// Whether it passes on what is for others: a router.
    pub forwards: bool,
    /// How it translates addresses: a NAT box, which is a router.
    pub nat: Option<NatConfig>,
    /// Constants.
    pub profile: Profile,
}

/// An interface at work.
#[derive(Clone, Debug)]
pub(super) struct Card<T> {
    pub address: Ipv4Addr,
    pub mac: MacAddr,
    pub neighbours: Table<Cause<T>>,
    /// When the card last defended its address.
    pub defended: Option<Instant>,
}

/// One host's IP. `T` tags what the layers above send.
#[derive(Clone, Debug)]
pub struct Ip<T> {
    pub(super) routing: Routing,
    pub(super) cards: Vec<Card<T>>,
    pub(super) is_router: bool,
    pub(super) reverse_path: super::ReversePath,
    pub(super) profile: Profile,
    pub(super) reassembly: Reassembly,
    pub(super) limiter: Limiter<Ipv4Addr>,
    pub(super) redirects: Redirects,
    pub(super) identification: u16,
    /// Boxed, for few hosts have one.
    pub(super) nat: Option<Box<Nat>>,
    /// Raw sockets.
    pub(super) taps: Vec<super::Tap>,
    /// Frames are cut from it.
    pub(super) chunk: BytesMut,
}

impl<T: Clone> Ip<T> {
    /// IP on a host just booted.
    pub fn new(config: &Config) -> Ip<T> {
        let card = |interface: &Interface| Card {
            address: interface.address,
            mac: interface.mac,
            neighbours: Table::new(&interface.neighbours),
            defended: None,
        };
        Ip {
            routing: Routing::new(&config.interfaces, &config.routes),
            cards: config.interfaces.iter().map(card).collect(),
            is_router: config.forwards,
            reverse_path: super::ReversePath::Off,
            profile: config.profile.clone(),
            reassembly: Reassembly::default(),
            limiter: Limiter::default(),
            redirects: Redirects::default(),
            identification: 0,
            nat: config.nat.as_ref().and_then(|nat| Nat::new(nat, &config.interfaces)).map(Box::new),
            taps: Vec::new(),
            chunk: BytesMut::new(),
        }
    }

    /// Gives a card an address, 0.0.0.0 for none; `prefix` bits of it are shared with its neighbours, 0 to 32.
    pub fn configure(&mut self, card: u16, address: Ipv4Addr, prefix: u8) {
        if let Some(own) = self.cards.get_mut(usize::from(card)) {
            own.address = address;
            self.routing.configure(card, address, prefix);
        }
    }

    /// Addresses and routes.
    pub fn routing(&self) -> &Routing {
        &self.routing
    }

    /// Whether the card takes a frame with this destination: its own, a group's, or one too short to have any.
    pub fn hears(&self, card: u16, frame: &[u8]) -> bool {
        let own = self.cards.get(usize::from(card)).map(|card| card.mac);
        frame.first_chunk().is_none_or(|mac| Some(MacAddr(*mac)) == own || MacAddr(*mac).is_group())
    }

    /// Takes a frame that the card [hears](Ip::hears), or that loops back. What is for the layers above is told; everything
    /// else is done here. What [is to be passed on](Ip::passes_on) is for [`Ip::forward`] instead.
    ///
    /// # Errors
    /// The parse error of a datagram put together from fragments.
    pub fn receive(
        &mut self,
        now: Instant,
        packet: &Packet,
        frame: &Bytes,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Taken, ParseError> {
        match (&packet.body, origin) {
            (Body::Arp(message), Origin::Card(card)) => self.arp(now, card, message, fx),
            (Body::Arp(_), Origin::Loopback) => fx.push(Effect::Dropped(Reason::Arp(ArpReason::ArpNotForUs))),
            // Nobody here speaks IPv6.
            (Body::Ipv6(_) | Body::Bpdu(_) | Body::Other(_), _) => {
                fx.push(Effect::Dropped(Reason::Datagram(DatagramReason::UnknownEtherType)))
            }
            (Body::Ipv4(packet), _) => {
                return self.input(now, Arrived::in_frame(packet, frame), origin, fx);
            }
        }
        Ok(Taken::Done)
    }

    /// The interface and the frame of a packet that can go out on the wire at once and whole; `None` for all others, which
    /// are for [`Ip::send_with_ttl`]. Its TTL is set: the host's own unless another is asked for.
    pub fn frame_of(
        &mut self,
        now: Instant,
        packet: &mut Ipv4Packet,
        ttl: Option<u8>,
    ) -> Option<(u16, Bytes)> {
        packet.ttl = ttl.unwrap_or(self.profile.ttl);
        let Some(Hop::Wire { card, next }) = self.routing.next_hop(packet.destination) else { return None };
        let fits = packet.len() <= usize::from(self.routing.mtu_of(card));
        if !packet.dont_fragment || !fits {
            return None;
        }
        let from = self.cards.get_mut(usize::from(card))?;
        let mac = from.neighbours.card(now, next, &self.profile)?;
        Some((card, wire::build_in(&mut self.chunk, from.mac, mac, packet)))
    }

    /// Sends a packet: finds its way, cuts it if it is too large and may be cut. TTL is set here, and the identification
    /// where it matters.
    pub fn send(&mut self, now: Instant, mut packet: Ipv4Packet, tag: T, fx: &mut Vec<Effect<T>>) {
        // A multicast lives one hop unless its sender says otherwise (RFC 1112 section 6.1).
        packet.ttl = if packet.destination.is_multicast() { 1 } else { self.profile.ttl };
        self.output(now, packet, Cause::Upper(tag), fx);
    }

    /// Sends a packet with the TTL that its sender chose.
    pub fn send_with_ttl(&mut self, now: Instant, packet: Ipv4Packet, tag: T, fx: &mut Vec<Effect<T>>) {
        self.output(now, packet, Cause::Upper(tag), fx);
    }

    /// Answers a packet that nobody wants with an ICMP port unreachable.
    pub fn port_unreachable(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        port: u16,
        fx: &mut Vec<Effect<T>>,
    ) {
        self.unreachable(
            now,
            arrived.packet,
            &arrived.octets(),
            3,
            Reason::Icmp(IcmpReason::PortUnreachable { port }),
            fx,
        );
    }

    /// The card's link is down: its neighbours are to be asked for again, and what waited for them is gone.
    pub fn carrier_lost(&mut self, card: u16, fx: &mut Vec<Effect<T>>) {
        let Some(card) = self.cards.get_mut(usize::from(card)) else { return };
        for (address, packets) in card.neighbours.forget() {
            for _ in 0..packets {
                fx.push(Effect::Dropped(ArpReason::CarrierLost { address }.into()));
            }
        }
    }

    /// When [`Ip::on_timer`] wants to be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        let neighbours = self.cards.iter().filter_map(|card| card.neighbours.next_deadline());
        neighbours.chain(self.reassembly.next_deadline()).min()
    }

    /// When [`Ip::on_timer`] has something to do for which nothing waits: a doubt whether a neighbour is still there. A run does
    /// not go on for its sake.
    pub fn next_doubt(&self) -> Option<Instant> {
        self.cards.iter().filter_map(|card| card.neighbours.next_doubt()).min()
    }

    /// Whether such a doubt is due by `now`.
    pub fn doubt_is_due(&mut self, now: Instant) -> bool {
        let due = self.cards.iter_mut().filter_map(|card| card.neighbours.look_for_doubts());
        due.min().is_some_and(|due| due <= now)
    }

    /// Whether it is doubted that the next hop on the way to `destination` is still there.
    pub fn doubts(&self, destination: Ipv4Addr) -> bool {
        let doubted = |(card, next): (u16, Ipv4Addr)| {
            self.cards.get(usize::from(card)).is_some_and(|card| card.neighbours.doubts(next))
        };
        self.neighbour_to(destination).is_some_and(doubted)
    }

    /// The layers above have heard from there: the next hop does its work.
    pub fn confirm(&mut self, now: Instant, destination: Ipv4Addr) {
        let Some((card, next)) = self.neighbour_to(destination) else { return };
        if let Some(card) = self.cards.get_mut(usize::from(card)) {
            card.neighbours.confirm(now, next, &self.profile);
        }
    }

    fn neighbour_to(&self, destination: Ipv4Addr) -> Option<(u16, Ipv4Addr)> {
        match self.routing.next_hop(destination)? {
            Hop::Wire { card, next } => Some((card, next)),
            Hop::Loopback | Hop::Group { .. } => None,
        }
    }

    /// Everything due by `now` happens.
    pub fn on_timer(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        for card in 0..self.cards.len() {
            let due = self.cards[card].neighbours.on_timer(now, &self.profile);
            for due in due {
                fx.push(Effect::TimerFired("arp"));
                match due {
                    Due::Ask(target) => self.ask(card as u16, target, fx),
                    Due::Check(target, mac) => self.check(card as u16, target, mac, fx),
                    Due::Lost(address) => fx.push(Effect::Noted(ArpReason::NeighbourLost { address }.into())),
                    Due::Silent(address, packets) => self.give_up(now, address, packets, fx),
                }
            }
        }
        for first in self.reassembly.on_timer(now) {
            fx.push(Effect::TimerFired("reassembly"));
            fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::ReassemblyTimeout)));
            // Only the host that wants the datagram whole tells its sender; a box on the way keeps silent.
            if let Some((packet, octets)) =
                first.filter(|(packet, _)| self.routing.is_local(packet.destination))
            {
                let quote = icmp::quote(&octets, &self.profile);
                let message = IcmpMessage::TimeExceeded { code: 1, quote };
                self.error(
                    now,
                    &packet,
                    message,
                    Reason::Fragment(FragmentReason::ReassemblyTimeExceeded),
                    fx,
                );
            }
        }
    }

    /// A neighbour is silent: whoever sent the packets that waited for it hears of it.
    fn give_up(
        &mut self,
        now: Instant,
        address: Ipv4Addr,
        packets: Vec<(Ipv4Packet, Cause<T>)>,
        fx: &mut Vec<Effect<T>>,
    ) {
        for (mut packet, cause) in packets {
            if matches!(cause, Cause::Own(Reason::Forwarding(ForwardingReason::Forwarded { .. }))) {
                let why = Reason::Forwarding(ForwardingReason::HostUnreachable { address });
                self.as_sent_inside(now, &mut packet);
                let octets = wire::build_ipv4(&packet);
                fx.push(Effect::Noted(Reason::Arp(ArpReason::NeighbourSilent { address })));
                self.unreachable(now, &packet, &octets, 1, why, fx);
            } else {
                // Linux sends itself an ICMP error over loopback, so that whoever sent the packet hears of it.
                if self.profile.tells_itself {
                    fx.push(Effect::Counted(Counter::IcmpOutDestUnreachs));
                    fx.push(Effect::Counted(Counter::IcmpInDestUnreachs));
                }
                let packet = Box::new(packet);
                fx.push(Effect::Unsent {
                    packet,
                    cause,
                    why: Reason::Arp(ArpReason::NeighbourSilent { address }),
                });
            }
        }
    }
}
