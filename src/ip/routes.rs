//! Where a packet goes next: a graph of prefixes, gateways and interfaces.
//!
//! Prefixes form a tree by containment, with 0.0.0.0/0 at the root: longest-prefix match (RFC 1122 section 3.3.1.2) is
//! the walk from the root down to the innermost prefix that holds the address. `Via` edges lead from there, perhaps over
//! gateways that are themselves routed, to an interface. Every packet asks, so the walk is laid out beforehand: the
//! forwarding table has the prefixes that lead somewhere, the innermost first.

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use std::net::Ipv4Addr;

/// How a prefix is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Via {
    /// It is on the wire.
    Wire,
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
    /// The packet goes onto the wire, to the card of this address.
    Wire(Ipv4Addr),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Prefix { network: u32, mask: u32 },
    Gateway(Ipv4Addr),
    Wire,
    Loopback,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edge {
    Holds,
    Via,
}

/// A host's addresses and its routes.
#[derive(Clone, Debug)]
pub struct Routing {
    address: Ipv4Addr,
    mtu: u16,
    graph: DiGraph<Node, Edge>,
    root: NodeIndex,
    wire: NodeIndex,
    loopback: NodeIndex,
    /// Network, mask, and where its `Via` edge leads.
    forwarding: Vec<(u32, u32, NodeIndex)>,
}

/// Octets an IP packet within the host may have, as on Linux's `lo`; the length field allows no more than 65535.
const LOOPBACK_MTU: u16 = u16::MAX;

/// Gateways behind gateways that a lookup follows at most.
const DEPTH: usize = 8;

impl Routing {
    /// The routes of a host with this address, `prefix` bits of which its wire shares, and a card of this MTU.
    pub fn new(address: Ipv4Addr, prefix: u8, mtu: u16, routes: &[Route]) -> Routing {
        let mut graph = DiGraph::new();
        let root = graph.add_node(Node::Prefix { network: 0, mask: 0 });
        let wire = graph.add_node(Node::Wire);
        let loopback = graph.add_node(Node::Loopback);
        let mut routing = Routing { address, mtu, graph, root, wire, loopback, forwarding: Vec::new() };
        routing.add(Route { network: Ipv4Addr::new(127, 0, 0, 0), prefix: 8, via: Via::Loopback });
        routing.add(Route { network: address, prefix: 32, via: Via::Loopback });
        routing.add(Route { network: address, prefix, via: Via::Wire });
        for route in routes {
            routing.add(*route);
        }
        routing
    }

    /// Adds a route; one for the same prefix takes its place.
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
            Via::Wire => self.wire,
            Via::Loopback => self.loopback,
            Via::Gateway(gateway) => self.graph.add_node(Node::Gateway(gateway)),
        };
        self.graph.add_edge(node, target, Edge::Via);
        self.lay_out();
    }

    /// The own address on the wire.
    pub fn address(&self) -> Ipv4Addr {
        self.address
    }

    /// Whether packets to this address stay in the host.
    pub fn is_local(&self, address: Ipv4Addr) -> bool {
        address == self.address || address.is_loopback()
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
        let mut hop = destination;
        for _ in 0..DEPTH {
            match self.graph[self.out_of(hop)?] {
                Node::Wire => return Some(Hop::Wire(hop)),
                Node::Loopback => return Some(Hop::Loopback),
                Node::Gateway(gateway) if gateway != hop => hop = gateway,
                Node::Gateway(_) | Node::Prefix { .. } => return None,
            }
        }
        None
    }

    /// The source address of packets to `destination` (RFC 1122 section 3.3.4.2); `None` if no route leads there.
    pub fn source_for(&self, destination: Ipv4Addr) -> Option<Ipv4Addr> {
        match self.next_hop(destination)? {
            Hop::Loopback if destination.is_loopback() => Some(Ipv4Addr::LOCALHOST),
            Hop::Loopback => Some(self.address),
            Hop::Wire(_) => Some(self.address),
        }
    }

    /// The largest packet the first hop to `destination` takes, octets.
    pub fn mtu_to(&self, destination: Ipv4Addr) -> u16 {
        if self.is_local(destination) { LOOPBACK_MTU } else { self.mtu }
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
                Node::Gateway(_) | Node::Wire | Node::Loopback => false,
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
                Node::Gateway(_) | Node::Wire | Node::Loopback => false,
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

fn mask(prefix: u8) -> u32 {
    u32::MAX.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Ipv4Addr {
        text.parse().expect("an address")
    }
    fn routing(routes: &[(&str, u8, Via)]) -> Routing {
        let routes: Vec<Route> = routes
            .iter()
            .map(|(network, prefix, via)| Route { network: at(network), prefix: *prefix, via: *via })
            .collect();
        Routing::new(at("10.0.0.1"), 24, 1500, &routes)
    }

    #[test]
    fn neighbours_are_on_the_wire_and_the_host_itself_is_not() {
        let routing = routing(&[]);
        assert_eq!(routing.next_hop(at("10.0.0.2")), Some(Hop::Wire(at("10.0.0.2"))));
        assert_eq!(routing.next_hop(at("10.0.0.1")), Some(Hop::Loopback));
        assert_eq!(routing.next_hop(at("127.5.6.7")), Some(Hop::Loopback));
        assert_eq!(routing.next_hop(at("10.0.1.2")), None);
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
                assert_eq!(routing.next_hop(at(destination)), Some(Hop::Wire(at(gateway))), "{destination}");
            }
            assert_eq!(routing.next_hop(at("10.0.0.7")), Some(Hop::Wire(at("10.0.0.7"))));
        }
    }

    #[test]
    fn a_route_for_the_same_prefix_takes_the_place_of_the_old_one() {
        let mut routing = routing(&[("192.0.2.0", 24, Via::Gateway(at("10.0.0.8")))]);
        routing.add(Route { network: at("192.0.2.0"), prefix: 24, via: Via::Wire });
        assert_eq!(routing.next_hop(at("192.0.2.1")), Some(Hop::Wire(at("192.0.2.1"))));
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
}
