//! All of IPv6 on one host or router: its cards, and the ways into it.

use super::address::{group_mac, link_local, solicited_node};
use super::advertising::Advertising;
use super::duplicate::Check;
use super::fragment::Reassembly;
use super::groups::Report;
use super::neighbour::{Due, Table};
use super::routers::Soliciting;
use super::routing::Own;
use super::{
    AddressState, Advertisement, Arrived, Cause, Effect, Neighbours, Origin, Profile, Reachability, Reason,
    Route, Routing, Taken,
};
use crate::clock::{Draws, Instant, Span};
use crate::internet::Limiter;
use crate::ipv6::reason::{IcmpReason, NeighbourReason, PacketReason};
use crate::mib::Counter;
use crate::wire::{Ipv6Packet, MacAddr, ParseError};
use bytes::{Bytes, BytesMut};
use std::net::Ipv6Addr;

/// An address given to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// The address.
    pub address: Ipv6Addr,
    /// Bits of prefix it shares with its neighbours, 0 to 128.
    pub prefix: u8,
    /// It may be used at once; otherwise it is first seen to that nobody else has it (RFC 4862 section 5.4).
    pub checked: bool,
}

/// A card's IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Card {
    /// Its addresses.
    pub addresses: Vec<Address>,
    /// Whether it has a link-local address of its own making as well; `Some(true)` one that may be used at once.
    pub link_local: Option<bool>,
    /// How neighbours are found.
    pub neighbours: Neighbours,
    /// It asks for routers, and makes addresses with the prefixes that they tell (RFC 4862 section 5.5). A router does not.
    pub autoconfigures: bool,
    /// What a router tells the hosts of the link.
    pub advertises: Option<Advertisement>,
}

/// How a host speaks IPv6.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// By the number of the card; a card beyond the list speaks none.
    pub cards: Vec<Card>,
    /// Routes beyond the own prefixes.
    pub routes: Vec<Route>,
    /// Constants.
    pub profile: Profile,
}

/// What the machine has: not this room's to choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Address and largest packet of every card, octets.
    pub cards: Vec<(MacAddr, u16)>,
    /// Whether it passes on what is for others: a router.
    pub forwards: bool,
    /// Key of what is drawn.
    pub seed: u64,
}

impl Card {
    /// A card with one global address, a link-local one, and neighbours that are asked for; both addresses are known to be free.
    pub fn with(address: Ipv6Addr, prefix: u8) -> Card {
        Card {
            addresses: vec![Address { address, prefix, checked: true }],
            link_local: Some(true),
            neighbours: Neighbours::Discovered,
            autoconfigures: false,
            advertises: None,
        }
    }
}

/// A card at work.
#[derive(Clone, Debug)]
pub(super) struct Line<T> {
    pub mac: MacAddr,
    pub neighbours: Table<Cause<T>>,
    /// What routers told, or the profile says.
    pub hop_limit: u8,
    pub reachable: Span,
    pub retransmit: Span,
    pub autoconfigures: bool,
    /// What a router will say once it has come up.
    advertises: Option<Advertisement>,
}

/// One host's IPv6. `T` tags what the layers above send.
#[derive(Clone, Debug)]
pub struct Ipv6<T> {
    pub(super) routing: Routing,
    pub(super) lines: Vec<Line<T>>,
    pub(super) is_router: bool,
    pub(super) profile: Profile,
    pub(super) reassembly: Reassembly,
    pub(super) limiter: Limiter<Ipv6Addr>,
    /// Whom redirects went to lately.
    pub(super) redirected: Limiter<Ipv6Addr>,
    pub(super) checks: Vec<Check>,
    pub(super) reports: Vec<Report>,
    pub(super) soliciting: Vec<Soliciting>,
    pub(super) advertising: Vec<Advertising>,
    pub(super) identification: u32,
    pub(super) draws: Draws,
    /// Frames are cut from it.
    pub(super) chunk: BytesMut,
}

impl<T: Clone> Ipv6<T> {
    /// IPv6 on a host just booted.
    pub fn new(config: &Config, machine: &Machine) -> Ipv6<T> {
        let draws = Draws::new(machine.seed);
        let profile = config.profile.clone();
        let cards = || config.cards.iter().zip(&machine.cards).enumerate();
        let line = |(number, (card, (mac, _))): (usize, (&Card, &(MacAddr, u16)))| Line {
            mac: *mac,
            neighbours: Table::new(&card.neighbours),
            hop_limit: profile.hop_limit,
            reachable: around(profile.reachable, &draws, number as u64),
            retransmit: profile.retransmit,
            autoconfigures: card.autoconfigures,
            advertises: card.advertises.clone(),
        };
        let lines = cards().map(line).collect();
        let mut own = Vec::new();
        for (number, (card, (mac, _))) in cards() {
            let made =
                card.link_local.map(|checked| Address { address: link_local(*mac), prefix: 64, checked });
            own.extend(made.iter().chain(&card.addresses).map(|address| Own {
                address: address.address,
                prefix: address.prefix,
                card: number as u16,
                state: if address.checked { AddressState::Preferred } else { AddressState::Tentative },
                made: false,
                preferred_until: None,
                valid_until: None,
            }));
        }
        let mtus = cards().map(|(_, (_, (_, mtu)))| *mtu).collect();
        Ipv6 {
            routing: Routing::new(own, mtus, &config.routes),
            lines,
            is_router: machine.forwards,
            profile,
            reassembly: Reassembly::default(),
            limiter: Limiter::default(),
            redirected: Limiter::default(),
            checks: Vec::new(),
            reports: Vec::new(),
            soliciting: Vec::new(),
            advertising: Vec::new(),
            identification: draws.draw("ipv6 identification", 0, 0) as u32,
            draws,
            chunk: BytesMut::new(),
        }
    }

    /// All cards take packets of so many octets from now on, at least 1280.
    pub fn set_mtu(&mut self, mtu: u16) {
        self.routing.set_mtu(mtu);
    }

    /// Addresses and routes.
    pub fn routing(&self) -> &Routing {
        &self.routing
    }

    /// The neighbours at a card: address, state at this moment, card if it is known, whether it is a router.
    pub fn neighbours(
        &self,
        now: Instant,
        card: u16,
    ) -> Vec<(Ipv6Addr, Reachability, Option<MacAddr>, bool)> {
        self.lines.get(usize::from(card)).map(|line| line.neighbours.list(now)).unwrap_or_default()
    }

    /// The cards come up: groups are joined, addresses that are not checked yet are looked for, routers are asked for or tell of
    /// themselves. Where every address is known to be free and nothing is made or told, nothing is sent.
    pub fn start(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        for card in 0..self.lines.len() as u16 {
            let own = self.routing.own.iter().filter(|own| own.card == card);
            let (mut tentative, mut local) = (Vec::new(), false);
            for own in own {
                match own.state {
                    AddressState::Tentative => tentative.push(own.address),
                    _ => local |= super::address::is_link_local(own.address),
                }
            }
            let line = &self.lines[usize::from(card)];
            let advertises = line.advertises.clone().filter(|_| self.is_router);
            if !tentative.is_empty() || line.autoconfigures {
                self.report_groups(now, card);
            }
            for address in tentative {
                self.check(now, card, address);
            }
            if local {
                self.ask_for_routers(now, card);
            }
            if let Some(says) = advertises {
                self.begin_to_advertise(now, card, says);
            }
        }
        self.reports_due(now, fx);
        self.soliciting_due(now, fx);
        self.advertising_due(now, fx);
    }

    /// Takes a packet that came by a card that hears it, or that loops back. What is for the layers above is told; everything
    /// else is done here. What [is to be passed on](Ipv6::passes_on) is for [`Ipv6::forward`] instead.
    ///
    /// # Errors
    /// The parse error of a packet put together from fragments.
    pub fn receive(
        &mut self,
        now: Instant,
        packet: &Ipv6Packet,
        frame: &Bytes,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Taken, ParseError> {
        self.routing.forget_old(now);
        fx.push(Effect::Counted(Counter::Ip6InReceives));
        self.input(now, Arrived::in_frame(packet, frame), origin, fx)
    }

    /// Sends a packet: finds its way, cuts it if it is too large and not TCP's. A hop limit of zero is replaced by the host's own.
    pub fn send(&mut self, now: Instant, packet: Ipv6Packet, tag: T, fx: &mut Vec<Effect<T>>) {
        self.routing.forget_old(now);
        self.output(now, packet, Cause::Upper(tag), fx);
    }

    /// Answers a packet that nobody wants with an ICMPv6 port unreachable.
    pub fn port_unreachable(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        port: u16,
        fx: &mut Vec<Effect<T>>,
    ) {
        self.unreachable(
            now,
            (arrived.packet, &arrived.octets()),
            4,
            Reason::Icmp(IcmpReason::PortUnreachable { port }),
            fx,
        );
    }

    /// The layers above heard of `destination`: what is sent there arrives, and the neighbour on the way is reachable
    /// (RFC 4861 section 7.3.1).
    pub fn confirm(&mut self, now: Instant, destination: Ipv6Addr, fx: &mut Vec<Effect<T>>) {
        let Some(super::Hop::Wire { card, next }) = self.routing.next_hop(destination) else { return };
        let Some(line) = self.lines.get_mut(usize::from(card)) else { return };
        if line.neighbours.confirm(now, next, line.reachable) {
            fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::NeighbourIs {
                address: next,
                state: Reachability::Reachable,
            })));
        }
    }

    /// No more than `mtu` octets get through to `destination` (RFC 8201 section 4).
    pub fn path_mtu(&mut self, now: Instant, destination: Ipv6Addr, mtu: u16, fx: &mut Vec<Effect<T>>) {
        self.routing.forget_old(now);
        let until = now + self.profile.path_mtu_life;
        fx.push(match self.routing.learn_path_mtu(destination, mtu, until) {
            true => Effect::Noted(Reason::Icmp(IcmpReason::PathMtu { destination, mtu })),
            false => Effect::Dropped(Reason::Icmp(IcmpReason::TooBigRefused)),
        });
    }

    /// Whether the card listens to that group.
    pub(super) fn in_group(&self, card: u16, group: Ipv6Addr) -> bool {
        let solicited = |own: &Own| own.card == card && solicited_node(own.address) == group;
        group == super::address::ALL_NODES
            || (self.is_router && group == super::address::ALL_ROUTERS)
            || self.routing.own.iter().any(solicited)
    }

    /// When [`Ipv6::on_timer`] wants to be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        let neighbours = self.lines.iter().filter_map(|line| line.neighbours.next_deadline());
        let own = [
            self.reassembly.next_deadline(),
            self.checks_deadline(),
            self.reports_deadline(),
            self.soliciting_deadline(),
            self.advertising_deadline(),
            self.ageing_deadline(),
        ];
        neighbours.chain(own.into_iter().flatten()).min()
    }

    /// Everything due by `now` happens.
    pub fn on_timer(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        self.routing.forget_old(now);
        for card in 0..self.lines.len() {
            let line = &mut self.lines[card];
            let due = line.neighbours.on_timer(now, &self.profile, line.retransmit);
            for due in due {
                fx.push(Effect::TimerFired("neighbour"));
                match due {
                    Due::AskGroup(target, source) => self.solicit(card as u16, target, source, fx),
                    Due::AskNeighbour(target, mac) => self.probe(card as u16, target, mac, fx),
                    Due::Silent(address, packets) => self.give_up(now, address, packets, fx),
                }
            }
        }
        self.reassembly_due(now, fx);
        self.checks_due(now, fx);
        self.reports_due(now, fx);
        self.soliciting_due(now, fx);
        self.advertising_due(now, fx);
        self.ageing_due(now, fx);
    }

    /// A neighbour is silent: whoever sent the packets that waited for it hears of it.
    fn give_up(
        &mut self,
        now: Instant,
        address: Ipv6Addr,
        packets: Vec<(Ipv6Packet, Cause<T>)>,
        fx: &mut Vec<Effect<T>>,
    ) {
        self.routing.forget_way_by(address);
        for router in self.routing.routers.iter_mut().filter(|router| router.address == address) {
            router.silent = true;
        }
        if packets.is_empty() {
            fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::NeighbourSilent { address })));
        }
        for (packet, cause) in packets {
            if matches!(cause, Cause::Own(Reason::Packet(PacketReason::Forwarded { .. }))) {
                let octets = crate::wire::build_ipv6(&packet);
                fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::NeighbourSilent { address })));
                self.unreachable(
                    now,
                    (&packet, &octets),
                    3,
                    Reason::Icmp(IcmpReason::AddressUnreachable { address }),
                    fx,
                );
            } else {
                if self.profile.tells_itself {
                    fx.extend(TO_ITSELF.map(Effect::Counted));
                }
                let packet = Box::new(packet);
                fx.push(Effect::Unsent {
                    packet,
                    cause,
                    why: Reason::Neighbour(NeighbourReason::NeighbourSilent { address }),
                });
            }
        }
    }

    /// The card's own address on the wire, and the Ethernet address of a packet to that group.
    pub(super) fn to_group(&self, card: u16, group: Ipv6Addr) -> Option<(MacAddr, MacAddr)> {
        self.lines.get(usize::from(card)).map(|line| (line.mac, group_mac(group)))
    }
}

/// What Linux counts when it sends itself an ICMPv6 error over loopback, so that whoever sent a packet hears of its fate.
const TO_ITSELF: [Counter; 7] = [
    Counter::Icmp6OutMsgs,
    Counter::Icmp6OutDestUnreachs,
    Counter::Ip6OutRequests,
    Counter::Ip6InReceives,
    Counter::Ip6InDelivers,
    Counter::Icmp6InMsgs,
    Counter::Icmp6InDestUnreachs,
];

/// Between half of a time and one and a half of it (RFC 4861 section 6.3.2).
pub(super) fn around(time: Span, draws: &Draws, entity: u64) -> Span {
    let half = time / 2;
    half + Span::nanos(draws.below("reachable time", entity, 0, time.as_nanos().max(1)))
}
