//! Where a packet goes next: a graph of prefixes, gateways and interfaces.
//!
//! Prefixes form a tree by containment, with 0.0.0.0/0 at the root: longest-prefix match (RFC 1122 section 3.3.1.2) is
//! the walk from the root down to the innermost prefix that holds the address. `Via` edges lead from there, perhaps over
//! gateways that are themselves routed, to an interface. Every packet asks, so the walk is laid out beforehand: the
//! forwarding table has the prefixes that lead somewhere, the innermost first.

use super::path_mtu::PathMtus;
use super::{Interface, PathMtu, Profile};
use crate::clock::Instant;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// How a prefix is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// It is on the wire of the interface of this number.
    Wire(u16),
    /// It is this host.
    Loopback,
    /// Through a router, which must itself be reachable.
    Gateway(Ipv4Addr),
}

/// One line of a routing table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// First address of the prefix.
    pub network: Ipv4Addr,
    /// Prefix length, 0 to 32.
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
        /// The number of the interface it leaves by.
        card: u16,
        /// The address of the card it goes to.
        next: Ipv4Addr,
    },
    /// The packet goes to all cards of a wire, or to those of a group: a broadcast or a multicast.
    Group {
        /// The number of the interface it leaves by.
        card: u16,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Prefix { network: u32, mask: u32 },
    Gateway(Ipv4Addr),
    Wire(u16),
    Loopback,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Holds,
    Via,
}

/// What routing knows of an interface.
#[derive(Clone, Copy, Debug)]
struct Line {
    address: Ipv4Addr,
    mask: u32,
    mtu: u16,
}

impl Line {
    /// Whether the address is the last of its network; a network of two has none to spare (RFC 3021).
    fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        self.mask.count_zeros() > 1 && u32::from(address) == u32::from(self.address) | !self.mask
    }
}

/// A host's addresses and its routes.
#[derive(Clone, Debug)]
pub struct Routing {
    lines: Vec<Line>,
    graph: DiGraph<Node, Edge>,
    root: NodeIndex,
    loopback: NodeIndex,
    wires: Vec<NodeIndex>,
    /// Network, mask, and where its `Via` edge leads.
    forwarding: Vec<(u32, u32, NodeIndex)>,
    /// Destinations for which a router named a better neighbour.
    redirected: BTreeMap<Ipv4Addr, Ipv4Addr>,
    paths: PathMtus,
}

/// Octets an IP packet within the host may have, as on Linux's `lo`; the length field allows no more than 65535.
const LOOPBACK_MTU: u16 = u16::MAX;

/// Gateways behind gateways that a lookup follows at most.
const DEPTH: usize = 8;

/// Redirected destinations remembered at most; further redirects change nothing.
const REDIRECTED: usize = 256;

impl Routing {
    /// The routes of a host with these interfaces: to their own networks, and beyond.
    pub fn new(interfaces: &[Interface], routes: &[Route]) -> Routing {
        let mut graph = DiGraph::new();
        let root = graph.add_node(Node::Prefix { network: 0, mask: 0 });
        let wires = (0..interfaces.len()).map(|card| graph.add_node(Node::Wire(card as u16))).collect();
        let loopback = graph.add_node(Node::Loopback);
        let line = |interface: &Interface| Line {
            address: interface.address,
            mask: mask(interface.prefix),
            mtu: interface.mtu.max(68),
        };
        let lines = interfaces.iter().map(line).collect();
        let forwarding = Vec::new();
        let (redirected, paths) = (BTreeMap::new(), PathMtus::default());
        let mut routing = Routing { lines, graph, root, loopback, wires, forwarding, redirected, paths };
        routing.add(Route { network: Ipv4Addr::new(127, 0, 0, 0), prefix: 8, via: Via::Loopback });
        for (card, Interface { address, prefix, .. }) in interfaces.iter().enumerate() {
            routing.reach(card as u16, *address, *prefix);
        }
        for route in routes {
            routing.add(*route);
        }
        routing
    }

    /// Adds a route; one for the same prefix takes its place. One by an interface that is not there leads nowhere.
    pub fn add(&mut self, route: Route) {
        let mask = mask(route.prefix);
        let network = u32::from(route.network) & mask;
        let node = self.prefix_node(network, mask);
        let old: Vec<_> =
            self.graph.edges(node).filter(|edge| *edge.weight() == Edge::Via).map(|edge| edge.id()).collect();
        for edge in old.into_iter().rev() {
            self.graph.remove_edge(edge);
        }
        let target = match route.via {
            Via::Wire(card) => self.wires.get(usize::from(card)).copied(),
            Via::Loopback => Some(self.loopback),
            Via::Gateway(gateway) => Some(self.graph.add_node(Node::Gateway(gateway))),
        };
        if let Some(target) = target {
            self.graph.add_edge(node, target, Edge::Via);
        }
        self.lay_out();
    }

    /// Gives that interface an address, in place of the one it had: what is for it stays here, what shares its prefix is on
    /// its wire. 0.0.0.0 is none.
    pub fn configure(&mut self, card: u16, address: Ipv4Addr, prefix: u8) {
        if let Some(line) = self.lines.get_mut(usize::from(card)) {
            (line.address, line.mask) = (address, mask(prefix));
            self.reach(card, address, prefix);
        }
    }

    fn reach(&mut self, card: u16, address: Ipv4Addr, prefix: u8) {
        if !address.is_unspecified() {
            self.add(Route { network: address, prefix: 32, via: Via::Loopback });
            self.add(Route { network: address, prefix, via: Via::Wire(card) });
        }
    }

    /// The first own address.
    pub fn address(&self) -> Ipv4Addr {
        self.lines.first().map_or(Ipv4Addr::UNSPECIFIED, |line| line.address)
    }

    /// Whether it is an own address on some wire.
    pub fn has_address(&self, address: Ipv4Addr) -> bool {
        !address.is_unspecified() && self.lines.iter().any(|line| line.address == address)
    }

    /// Whether packets to this address stay in the host.
    pub fn is_local(&self, address: Ipv4Addr) -> bool {
        self.has_address(address) || address.is_loopback()
    }

    /// Whether the address means everybody: 255.255.255.255, or the last address of an own network (RFC 919).
    pub fn is_broadcast(&self, address: Ipv4Addr) -> bool {
        address.is_broadcast() || self.lines.iter().any(|line| line.is_broadcast(address))
    }

    /// Whether the address is one of that interface's own network.
    pub fn on_net(&self, card: u16, address: Ipv4Addr) -> bool {
        let line = self.lines.get(usize::from(card));
        line.is_some_and(|line| (u32::from(address) ^ u32::from(line.address)) & line.mask == 0)
    }

    /// Whether a socket may be bound to this address.
    pub fn may_bind(&self, address: Ipv4Addr) -> bool {
        address.is_unspecified() || self.is_local(address)
    }

    /// The next hop of a packet; `None` if no route leads there.
    pub fn next_hop(&self, destination: Ipv4Addr) -> Option<Hop> {
        if self.is_local(destination) {
            return Some(Hop::Loopback);
        }
        let mut next = self.redirected.get(&destination).copied().unwrap_or(destination);
        for _ in 0..DEPTH {
            match self.graph[self.out_of(next)?] {
                Node::Wire(card) if self.is_group(card, destination) => return Some(Hop::Group { card }),
                Node::Wire(card) => return Some(Hop::Wire { card, next }),
                Node::Loopback => return Some(Hop::Loopback),
                Node::Gateway(gateway) if gateway != next => next = gateway,
                Node::Gateway(_) | Node::Prefix { .. } => return None,
            }
        }
        None
    }

    /// The next hop of a packet from `source`: what is for everybody leaves by the card that has that address, whatever routes
    /// there are.
    pub fn hop_from(&self, source: Ipv4Addr, destination: Ipv4Addr) -> Option<Hop> {
        if (destination.is_broadcast() || destination.is_multicast())
            && let Some(card) = self.lines.iter().position(|line| line.address == source)
        {
            return Some(Hop::Group { card: card as u16 });
        }
        self.next_hop(destination)
    }

    /// Whether packets to that address go to several cards of that interface's wire.
    fn is_group(&self, card: u16, destination: Ipv4Addr) -> bool {
        destination.is_broadcast()
            || destination.is_multicast()
            || self.lines.get(usize::from(card)).is_some_and(|line| line.is_broadcast(destination))
    }

    /// The source address of packets to `destination` (RFC 1122 section 3.3.4.2): that of the interface they leave by; `None`
    /// if no route leads there.
    pub fn source_for(&self, destination: Ipv4Addr) -> Option<Ipv4Addr> {
        match self.next_hop(destination)? {
            Hop::Loopback if destination.is_loopback() => Some(Ipv4Addr::LOCALHOST),
            Hop::Loopback => Some(destination),
            Hop::Wire { card, .. } | Hop::Group { card } => {
                self.lines.get(usize::from(card)).map(|line| line.address)
            }
        }
    }

    /// The largest packet the first hop to `destination` takes, octets.
    pub fn mtu_to(&self, destination: Ipv4Addr) -> u16 {
        match self.lines.as_slice() {
            _ if self.is_local(destination) => LOOPBACK_MTU,
            [only] => only.mtu,
            _ => self.next_hop(destination).map_or_else(|| self.mtu_of(0), |hop| self.mtu_by(hop)),
        }
    }

    /// What the path to `destination` takes: the first hop, or less where a router reported it.
    pub fn path_mtu_to(&self, now: Instant, destination: Ipv4Addr) -> PathMtu {
        let own = PathMtu { octets: self.mtu_to(destination), cut_further: false };
        match self.paths.get(now, destination) {
            Some(path) if path.octets < own.octets || path.cut_further => {
                PathMtu { octets: path.octets.min(own.octets), ..path }
            }
            Some(_) | None => own,
        }
    }

    /// A router reported what the path to `destination` takes, octets; 0 if it did not say. Whether that is news.
    pub fn learn_path_mtu(
        &mut self,
        now: Instant,
        destination: Ipv4Addr,
        reported: u16,
        profile: &Profile,
    ) -> bool {
        let before = self.path_mtu_to(now, destination);
        self.paths.learn(now, destination, reported, before, profile)
    }

    /// The largest packet that hop takes, octets.
    pub fn mtu_by(&self, hop: Hop) -> u16 {
        match hop {
            Hop::Loopback => LOOPBACK_MTU,
            Hop::Wire { card, .. } | Hop::Group { card } => self.mtu_of(card),
        }
    }

    /// All interfaces take packets of so many octets from now on, at least 68.
    pub(super) fn set_mtu(&mut self, mtu: u16) {
        for line in &mut self.lines {
            line.mtu = mtu.max(68);
        }
    }

    /// The largest packet that interface takes, octets.
    pub fn mtu_of(&self, card: u16) -> u16 {
        self.lines.get(usize::from(card)).map_or(LOOPBACK_MTU, |line| line.mtu)
    }

    /// The router `from` says that `gateway` is nearer to `destination`. Whether that is believed: `from` must be the present
    /// next hop, `gateway` another neighbour on the same wire (RFC 1122 section 3.2.2.2).
    pub fn redirect(&mut self, destination: Ipv4Addr, from: Ipv4Addr, gateway: Ipv4Addr) -> bool {
        let Some(Hop::Wire { card, next }) = self.next_hop(destination) else { return false };
        let fits = next == from
            && gateway != from
            && self.on_net(card, gateway)
            && !self.is_local(gateway)
            && !self.is_broadcast(gateway);
        let room = self.redirected.len() < REDIRECTED || self.redirected.contains_key(&destination);
        if fits && room {
            self.redirected.insert(destination, gateway);
        }
        fits && room
    }

    /// Makes the forwarding table from the graph.
    fn lay_out(&mut self) {
        let way = |node: NodeIndex| {
            let Node::Prefix { network, mask } = self.graph[node] else { return None };
            let via = self.graph.edges(node).find(|edge| *edge.weight() == Edge::Via)?;
            Some((network, mask, via.target()))
        };
        self.forwarding = self.graph.node_indices().filter_map(way).collect();
        self.forwarding.sort_by_key(|(_, mask, _)| std::cmp::Reverse(*mask));
    }

    /// Where the innermost prefix that has a way leads.
    fn out_of(&self, address: Ipv4Addr) -> Option<NodeIndex> {
        let mut table = self.forwarding.iter();
        table.find(|(network, mask, _)| u32::from(address) & mask == *network).map(|(_, _, way)| *way)
    }

    /// The node of a prefix, hung into the tree where it belongs.
    fn prefix_node(&mut self, network: u32, mask: u32) -> NodeIndex {
        let mut parent = self.root;
        loop {
            if self.graph[parent] == (Node::Prefix { network, mask }) {
                return parent;
            }
            let inner = self.children(parent).into_iter().find(|child| match self.graph[*child] {
                Node::Prefix { network: known, mask: wide } => wide <= mask && network & wide == known,
                Node::Gateway(_) | Node::Wire(_) | Node::Loopback => false,
            });
            match inner {
                Some(child) => parent = child,
                None => break,
            }
        }
        let node = self.graph.add_node(Node::Prefix { network, mask });
        for child in self.children(parent) {
            let moves = match self.graph[child] {
                Node::Prefix { network: known, mask: narrow } => narrow > mask && known & mask == network,
                Node::Gateway(_) | Node::Wire(_) | Node::Loopback => false,
            };
            if moves && let Some(edge) = self.graph.find_edge(parent, child) {
                self.graph.remove_edge(edge);
                self.graph.add_edge(node, child, Edge::Holds);
            }
        }
        self.graph.add_edge(parent, node, Edge::Holds);
        node
    }

    fn children(&self, node: NodeIndex) -> Vec<NodeIndex> {
        let holds = self.graph.edges(node).filter(|edge| *edge.weight() == Edge::Holds);
        holds.map(|edge| edge.target()).collect()
    }
}

pub(super) fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Ipv4Addr {
        text.parse().expect("an address")
    }
    fn card(address: &str) -> Interface {
        Interface {
            address: at(address),
            prefix: 24,
            mac: crate::wire::MacAddr::default(),
            mtu: 1500,
            neighbours: super::super::Neighbours::Arp,
        }
    }
    fn wire(card: u16, next: Ipv4Addr) -> Option<Hop> {
        Some(Hop::Wire { card, next })
    }
    fn routing(routes: &[(&str, u8, Via)]) -> Routing {
        let routes: Vec<Route> = routes
            .iter()
            .map(|(network, prefix, via)| Route { network: at(network), prefix: *prefix, via: *via })
            .collect();
        Routing::new(&[card("10.0.0.1")], &routes)
    }

    #[test]
    fn neighbours_are_on_the_wire_and_the_host_itself_is_not() {
        let routing = routing(&[]);
        assert_eq!(routing.next_hop(at("10.0.0.2")), wire(0, at("10.0.0.2")));
        assert_eq!(routing.next_hop(at("10.0.0.1")), Some(Hop::Loopback));
        assert_eq!(routing.next_hop(at("127.5.6.7")), Some(Hop::Loopback));
        assert_eq!(routing.next_hop(at("10.0.1.2")), None);
    }

    #[test]
    fn a_host_without_an_address_reaches_everybody_and_once_it_has_one_its_network() {
        let everybody = Route { network: Ipv4Addr::BROADCAST, prefix: 32, via: Via::Wire(0) };
        let mut routing = Routing::new(&[Interface { prefix: 32, ..card("0.0.0.0") }], &[everybody]);
        assert_eq!(routing.next_hop(Ipv4Addr::BROADCAST), Some(Hop::Group { card: 0 }));
        assert_eq!(routing.source_for(Ipv4Addr::BROADCAST), Some(Ipv4Addr::UNSPECIFIED));
        assert_eq!(routing.next_hop(at("10.0.0.2")), None);
        assert!(!routing.has_address(Ipv4Addr::UNSPECIFIED));
        routing.configure(0, at("10.0.0.9"), 24);
        assert_eq!(routing.next_hop(at("10.0.0.2")), wire(0, at("10.0.0.2")));
        assert_eq!(routing.source_for(at("10.0.0.2")), Some(at("10.0.0.9")));
        assert!(routing.is_local(at("10.0.0.9")) && routing.is_broadcast(at("10.0.0.255")));
    }

    #[test]
    fn the_longest_prefix_decides_in_whatever_order_routes_come() {
        let mut lines = vec![
            ("198.0.0.0", 8, Via::Gateway(at("10.0.0.8"))),
            ("198.18.0.0", 15, Via::Gateway(at("10.0.0.15"))),
            ("198.18.5.0", 24, Via::Gateway(at("10.0.0.24"))),
            ("0.0.0.0", 0, Via::Gateway(at("10.0.0.254"))),
        ];
        for _ in 0..lines.len() {
            lines.rotate_left(1);
            let routing = routing(&lines);
            for (destination, gateway) in [
                ("198.18.5.9", "10.0.0.24"),
                ("198.19.5.9", "10.0.0.15"),
                ("198.20.5.9", "10.0.0.8"),
                ("8.8.8.8", "10.0.0.254"),
            ] {
                assert_eq!(routing.next_hop(at(destination)), wire(0, at(gateway)), "{destination}");
            }
            assert_eq!(routing.next_hop(at("10.0.0.7")), wire(0, at("10.0.0.7")));
        }
    }

    #[test]
    fn a_route_for_the_same_prefix_takes_the_place_of_the_old_one() {
        let mut routing = routing(&[("192.0.2.0", 24, Via::Gateway(at("10.0.0.8")))]);
        routing.add(Route { network: at("192.0.2.0"), prefix: 24, via: Via::Wire(0) });
        assert_eq!(routing.next_hop(at("192.0.2.1")), wire(0, at("192.0.2.1")));
    }

    #[test]
    fn gateways_that_lead_to_each_other_lead_nowhere() {
        let routing = routing(&[
            ("192.0.2.0", 24, Via::Gateway(at("198.51.100.1"))),
            ("198.51.100.0", 24, Via::Gateway(at("192.0.2.1"))),
            ("203.0.113.0", 24, Via::Gateway(at("203.0.113.1"))),
        ]);
        assert_eq!(routing.next_hop(at("192.0.2.5")), None);
        assert_eq!(routing.next_hop(at("203.0.113.1")), None);
        assert_eq!(routing.next_hop(at("203.0.113.9")), None);
    }

    #[test]
    fn packets_to_the_host_itself_come_from_its_own_address_or_from_127_0_0_1() {
        let routing = routing(&[]);
        assert_eq!(routing.source_for(at("127.0.0.2")), Some(at("127.0.0.1")));
        assert_eq!(routing.source_for(at("10.0.0.1")), Some(at("10.0.0.1")));
        assert_eq!(routing.source_for(at("127.0.0.1")), Some(at("127.0.0.1")));
        assert_eq!(routing.source_for(at("10.0.0.2")), Some(at("10.0.0.1")));
        assert_eq!(routing.source_for(at("192.0.2.1")), None);
        assert_eq!(routing.mtu_to(at("10.0.0.2")), 1500);
    }

    #[test]
    fn with_several_interfaces_each_network_has_its_own_way_and_address() {
        let far = Route { network: at("192.0.2.0"), prefix: 24, via: Via::Gateway(at("10.0.1.9")) };
        let mut small = card("10.0.1.1");
        small.mtu = 576;
        let routing = Routing::new(&[card("10.0.0.1"), small], &[far]);
        assert_eq!(routing.next_hop(at("10.0.0.7")), wire(0, at("10.0.0.7")));
        assert_eq!(routing.next_hop(at("10.0.1.7")), wire(1, at("10.0.1.7")));
        assert_eq!(routing.next_hop(at("192.0.2.7")), wire(1, at("10.0.1.9")));
        assert_eq!(routing.source_for(at("192.0.2.7")), Some(at("10.0.1.1")));
        assert_eq!((routing.mtu_to(at("10.0.0.7")), routing.mtu_to(at("192.0.2.7"))), (1500, 576));
        assert!(routing.is_local(at("10.0.0.1")) && routing.is_local(at("10.0.1.1")));
        assert!(routing.is_broadcast(at("10.0.1.255")) && !routing.is_broadcast(at("10.0.2.255")));
    }

    #[test]
    fn a_redirect_is_believed_only_from_the_router_in_use_and_to_a_neighbour() {
        let mut routing = routing(&[("0.0.0.0", 0, Via::Gateway(at("10.0.0.8")))]);
        let far = at("192.0.2.1");
        assert!(!routing.redirect(far, at("10.0.0.7"), at("10.0.0.9")), "another router speaks");
        assert!(!routing.redirect(far, at("10.0.0.8"), at("10.0.7.9")), "no neighbour");
        assert!(!routing.redirect(far, at("10.0.0.8"), at("10.0.0.1")), "the host itself");
        assert_eq!(routing.next_hop(far), wire(0, at("10.0.0.8")));
        assert!(routing.redirect(far, at("10.0.0.8"), at("10.0.0.9")));
        assert_eq!(routing.next_hop(far), wire(0, at("10.0.0.9")));
        assert_eq!(routing.next_hop(at("192.0.2.2")), wire(0, at("10.0.0.8")));
    }

    #[test]
    fn redirects_are_remembered_for_so_many_destinations_only() {
        let mut routing = routing(&[("0.0.0.0", 0, Via::Gateway(at("10.0.0.8")))]);
        let believed = (0..2 * REDIRECTED as u32)
            .filter(|n| routing.redirect(Ipv4Addr::from(0xc000_0200 + n), at("10.0.0.8"), at("10.0.0.9")))
            .count();
        assert_eq!(believed, REDIRECTED);
    }
}
