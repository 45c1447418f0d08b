//! A host's addresses and where its packets go: own addresses with their states, prefixes on the link, routes, default
//! routers, redirects, path MTUs (RFC 4861 section 5, RFC 8201).

use super::address::{GLOBAL, is_link_local, within};
use crate::clock::Instant;
use std::collections::BTreeMap;
use std::net::Ipv6Addr;

/// How a prefix is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// It is on the link of the card of this number.
    Wire(u16),
    /// Through a router.
    Gateway {
        /// Its address, link-local as a rule.
        address: Ipv6Addr,
        /// The card it is reached by; `None`: as the address itself is routed.
        card: Option<u16>,
    },
    /// Nowhere: packets for it are refused.
    Nowhere,
}

/// One line of a routing table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// First address of the prefix.
    pub network: Ipv6Addr,
    /// Prefix length, 0 to 128.
    pub prefix: u8,
    /// How it is reached.
    pub via: Via,
}

/// What a route lookup found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hop {
    /// The packet stays in this host.
    Loopback,
    /// The packet goes onto the wire.
    Wire {
        /// The number of the card it leaves by.
        card: u16,
        /// The address of the neighbour it goes to.
        next: Ipv6Addr,
    },
}

/// What may be done with an own address (RFC 4862 section 5.5.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressState {
    /// Nobody knows yet whether somebody else has it.
    Tentative,
    /// It is the host's own.
    Preferred,
    /// It still works, but nothing new should begin from it.
    Deprecated,
    /// Somebody else has it.
    Duplicate,
}

/// An own address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Own {
    /// The address.
    pub address: Ipv6Addr,
    /// Bits it shares with its neighbours.
    pub prefix: u8,
    /// The card it belongs to.
    pub card: u16,
    /// Whether it may be used.
    pub state: AddressState,
    /// It was made with a prefix that a router told (RFC 4862 section 5.5).
    pub made: bool,
    /// When it becomes deprecated; `None`: never.
    pub preferred_until: Option<Instant>,
    /// When it is no longer valid; `None`: never.
    pub valid_until: Option<Instant>,
}

/// A router that offered to take everything (RFC 4861 section 5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefaultRouter {
    /// Its link-local address.
    pub address: Ipv6Addr,
    /// The card it is reached by.
    pub card: u16,
    /// Until when.
    pub until: Instant,
    /// It did not answer when it was asked last.
    pub silent: bool,
}

/// A prefix that a router said is on the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OnLink {
    pub network: Ipv6Addr,
    pub prefix: u8,
    pub card: u16,
    pub until: Option<Instant>,
}

/// Octets an IPv6 packet within the host may have; the length field allows no more.
const LOOPBACK_MTU: u16 = u16::MAX;

/// Every link takes packets of that many octets (RFC 8200 section 5).
pub const MIN_MTU: u16 = 1280;

/// Gateways behind gateways that a lookup follows at most.
const DEPTH: usize = 8;

/// Redirected destinations, and path MTUs, remembered at most; the oldest gives way.
const REMEMBERED: usize = 1024;

/// Prefixes and default routers believed per host at most.
const ADVERTISED: usize = 16;

/// A host's addresses and its routes.
#[derive(Clone, Debug)]
pub struct Routing {
    pub(super) own: Vec<Own>,
    /// Octets that each card's link takes.
    mtus: Vec<u16>,
    /// The same without what routers told.
    card_mtus: Vec<u16>,
    /// The longest prefix first.
    routes: Vec<Route>,
    pub(super) on_link: Vec<OnLink>,
    pub(super) routers: Vec<DefaultRouter>,
    redirected: BTreeMap<Ipv6Addr, (u16, Ipv6Addr, Instant)>,
    /// Octets, and until when that is believed.
    path_mtus: BTreeMap<Ipv6Addr, (u16, Instant)>,
}

impl Routing {
    /// The routes of a host whose cards take packets of so many octets.
    pub(super) fn new(own: Vec<Own>, mtus: Vec<u16>, routes: &[Route]) -> Routing {
        let mtus: Vec<u16> = mtus.into_iter().map(|mtu| mtu.max(MIN_MTU)).collect();
        let mut routing = Routing {
            own,
            card_mtus: mtus.clone(),
            mtus,
            routes: Vec::new(),
            on_link: Vec::new(),
            routers: Vec::new(),
            redirected: BTreeMap::new(),
            path_mtus: BTreeMap::new(),
        };
        for own in routing.own.clone() {
            routing.add(Route { network: own.address, prefix: own.prefix, via: Via::Wire(own.card) });
        }
        for route in routes {
            routing.add(*route);
        }
        routing
    }

    /// Adds a route; one for the same prefix takes its place.
    pub fn add(&mut self, route: Route) {
        let same =
            |old: &Route| old.prefix == route.prefix && within(old.network, route.network, route.prefix);
        self.routes.retain(|old| !same(old));
        self.routes.push(route);
        self.routes.sort_by_key(|route| std::cmp::Reverse(route.prefix));
    }

    /// The own addresses, in the order they were given.
    pub fn addresses(&self) -> &[Own] {
        &self.own
    }

    /// The default routers, the one used first at the front.
    pub fn default_routers(&self) -> &[DefaultRouter] {
        &self.routers
    }

    /// The own address, whatever its state.
    pub fn find(&self, address: Ipv6Addr) -> Option<&Own> {
        self.own.iter().find(|own| own.address == address)
    }

    /// Whether packets to this address stay in the host: an own address that may be used, or ::1.
    pub fn is_local(&self, address: Ipv6Addr) -> bool {
        address.is_loopback() || self.find(address).is_some_and(Own::is_usable)
    }

    /// Whether a socket may be bound to this address.
    pub fn may_bind(&self, address: Ipv6Addr) -> bool {
        address.is_unspecified() || self.is_local(address)
    }

    /// Whether a route leads there.
    pub fn has_route(&self, destination: Ipv6Addr) -> bool {
        self.next_hop(destination).is_some()
    }

    /// The next hop of a packet; `None` if no route leads there.
    pub fn next_hop(&self, destination: Ipv6Addr) -> Option<Hop> {
        if self.is_local(destination) {
            return Some(Hop::Loopback);
        }
        if let Some((card, next, _)) = self.redirected.get(&destination) {
            return Some(Hop::Wire { card: *card, next: *next });
        }
        let mut next = destination;
        for _ in 0..DEPTH {
            match self.via(next)? {
                Via::Wire(card) if usize::from(card) < self.mtus.len() => {
                    return Some(Hop::Wire { card, next });
                }
                Via::Wire(_) | Via::Nowhere => return None,
                Via::Gateway { address, card: Some(card) } => return Some(Hop::Wire { card, next: address }),
                Via::Gateway { address, card: None } => next = address,
            }
        }
        None
    }

    fn via(&self, address: Ipv6Addr) -> Option<Via> {
        // What holds on one link only needs no table; which link it is, an address does not tell.
        if is_link_local(address) || address.is_multicast() {
            return (!self.mtus.is_empty()).then_some(Via::Wire(0));
        }
        let route = self.routes.iter().find(|route| within(address, route.network, route.prefix));
        let learned = self.on_link.iter().filter(|known| within(address, known.network, known.prefix));
        let learned = learned.max_by_key(|known| known.prefix);
        match (route, learned) {
            (Some(route), Some(known)) if known.prefix > route.prefix => Some(Via::Wire(known.card)),
            (Some(route), _) => Some(route.via),
            (None, Some(known)) => Some(Via::Wire(known.card)),
            (None, None) => {
                let router = self.routers.iter().find(|router| !router.silent).or(self.routers.first())?;
                Some(Via::Gateway { address: router.address, card: Some(router.card) })
            }
        }
    }

    /// Whether the address belongs to a neighbour on that card's link, as far as prefixes tell.
    pub fn on_net(&self, card: u16, address: Ipv6Addr) -> bool {
        if is_link_local(address) {
            return true;
        }
        self.via(address) == Some(Via::Wire(card))
    }

    /// The largest packet that gets to `destination`, octets, as far as it is known; at least 1280.
    pub fn mtu_to(&self, destination: Ipv6Addr) -> u16 {
        if self.is_local(destination) {
            return LOOPBACK_MTU;
        }
        let link = self.next_hop(destination).map_or_else(|| self.mtu_of(0), |hop| self.mtu_by(hop));
        self.path_mtus.get(&destination).map_or(link, |(mtu, _)| link.min(*mtu))
    }

    /// The largest packet that hop takes, octets.
    pub fn mtu_by(&self, hop: Hop) -> u16 {
        match hop {
            Hop::Loopback => LOOPBACK_MTU,
            Hop::Wire { card, .. } => self.mtu_of(card),
        }
    }

    /// All cards take packets of so many octets from now on, at least 1280.
    pub(super) fn set_mtu(&mut self, mtu: u16) {
        let mtu = mtu.max(MIN_MTU);
        self.mtus.iter_mut().chain(&mut self.card_mtus).for_each(|own| *own = mtu);
    }

    /// The largest packet that card takes, octets.
    pub fn mtu_of(&self, card: u16) -> u16 {
        self.mtus.get(usize::from(card)).copied().unwrap_or(MIN_MTU)
    }

    /// A router says what the link takes (RFC 4861 section 4.6.4): no more than the card does.
    pub(super) fn lower_link_mtu(&mut self, card: u16, mtu: u16) {
        let place = usize::from(card);
        if let (Some(now), Some(most)) = (self.mtus.get_mut(place), self.card_mtus.get(place)) {
            *now = mtu.max(MIN_MTU).min(*most);
        }
    }

    /// Only so much gets through to `destination`. Returns whether that is news: it is less than was known, and possible.
    pub(super) fn learn_path_mtu(&mut self, destination: Ipv6Addr, mtu: u16, until: Instant) -> bool {
        let news = mtu < self.mtu_to(destination);
        if news {
            make_room(&mut self.path_mtus, destination, |(_, until)| *until);
            self.path_mtus.insert(destination, (mtu, until));
        }
        news
    }

    /// How many path MTUs are remembered.
    #[cfg(test)]
    pub(super) fn path_mtus(&self) -> usize {
        self.path_mtus.len()
    }

    /// What is too old is believed no longer.
    pub(super) fn forget_old(&mut self, now: Instant) {
        if !self.path_mtus.is_empty() {
            self.path_mtus.retain(|_, (_, until)| *until > now);
        }
        self.on_link.retain(|known| known.until.is_none_or(|until| until > now));
        self.routers.retain(|router| router.until > now);
    }

    /// A neighbour is nearer to `destination`, or is it itself.
    pub(super) fn redirect(&mut self, now: Instant, destination: Ipv6Addr, card: u16, next: Ipv6Addr) {
        make_room(&mut self.redirected, destination, |(_, _, since)| *since);
        self.redirected.insert(destination, (card, next, now));
    }

    /// The neighbour is silent, or no router any more: what was redirected to it takes the usual way again.
    pub(super) fn forget_way_by(&mut self, neighbour: Ipv6Addr) {
        self.redirected.retain(|_, (_, next, _)| *next != neighbour);
    }

    /// A router says that this prefix is on the link, or no longer is.
    pub(super) fn set_on_link(&mut self, prefix: OnLink, now: Instant) {
        let same = |old: &OnLink| {
            old.card == prefix.card && old.prefix == prefix.prefix && old.network == prefix.network
        };
        self.on_link.retain(|old| !same(old));
        if prefix.until.is_none_or(|until| until > now) && self.on_link.len() < ADVERTISED {
            self.on_link.push(prefix);
        }
    }

    /// A router offers itself, or takes its offer back. Returns whether that is news.
    pub(super) fn set_router(&mut self, router: DefaultRouter, now: Instant) -> bool {
        let same = |old: &DefaultRouter| old.address == router.address && old.card == router.card;
        match self.routers.iter().position(same) {
            Some(place) if router.until <= now => {
                self.routers.remove(place);
                true
            }
            Some(place) => {
                self.routers[place].until = router.until;
                false
            }
            None if router.until > now && self.routers.len() < ADVERTISED => {
                self.routers.push(router);
                true
            }
            None => false,
        }
    }
}

impl Own {
    /// Whether packets may come from it and are taken for it.
    pub fn is_usable(&self) -> bool {
        matches!(self.state, AddressState::Preferred | AddressState::Deprecated)
    }

    /// Whether it reaches beyond its link.
    pub fn is_global(&self) -> bool {
        super::address::scope(self.address) == GLOBAL
    }
}

/// In a full table the oldest entry gives way to a new key.
fn make_room<V>(table: &mut BTreeMap<Ipv6Addr, V>, key: Ipv6Addr, age: impl Fn(&V) -> Instant) {
    if table.len() >= REMEMBERED && !table.contains_key(&key) {
        let oldest = table.iter().min_by_key(|(_, value)| age(value)).map(|(key, _)| *key);
        oldest.and_then(|key| table.remove(&key));
    }
}
