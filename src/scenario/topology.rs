//! What a plan's links mean: who is on one segment with whom.

use super::{CardPlan, HostPlan, Ipv4Block, Ipv6Net, LinkPlan, Plan, Route6Plan, RoutePlan};
use crate::ip::{Attachment, Via, shortest_routes};
use crate::link::{HostId, NodeKind, Port};
use crate::wire::MacAddr;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Nodes and the links between them.
#[derive(Clone, Copy, Debug)]
pub struct Topology<'a> {
    /// By number.
    pub hosts: &'a [HostPlan],
    /// In the order of the file.
    pub links: &'a [LinkPlan],
}

impl<'a> Topology<'a> {
    /// The port at the other end of that one's link.
    pub fn other_end(self, port: Port) -> Option<Port> {
        let link = self.links.iter().find(|link| link.ends.contains(&port))?;
        link.ends.into_iter().find(|end| *end != port)
    }

    /// The cards that a frame from that card reaches without a router's help, itself not among them, in order.
    pub fn segment(self, port: Port) -> Vec<Port> {
        let mut found = BTreeSet::new();
        let mut passed = BTreeSet::new();
        let mut ahead: Vec<Port> = self.other_end(port).into_iter().collect();
        while let Some(port) = ahead.pop() {
            match self.hosts.get(port.node.index()).map(|node| node.kind) {
                Some(NodeKind::Host | NodeKind::Router) => {
                    found.insert(port);
                }
                Some(NodeKind::Switch | NodeKind::Hub) if passed.insert(port.node) => {
                    ahead.extend(self.ports(port.node).filter_map(|port| self.other_end(port)));
                }
                Some(NodeKind::Switch | NodeKind::Hub) | None => {}
            }
        }
        found.remove(&port);
        found.into_iter().collect()
    }

    /// The ports of a node that have a link.
    pub fn ports(self, node: HostId) -> impl Iterator<Item = Port> + use<'a> {
        self.links.iter().flat_map(|link| link.ends).filter(move |end| end.node == node)
    }

    /// The card at that port; a switch has none.
    pub fn card(self, port: Port) -> Option<&'a CardPlan> {
        self.hosts.get(port.node.index())?.cards.get(usize::from(port.card))
    }

    /// The shortest routes to every network, for every node (see [`shortest_routes`]).
    pub fn shortest_routes(self) -> Vec<Vec<RoutePlan>> {
        let mut attachments: Vec<Attachment> = Vec::new();
        let mut segments: Vec<Port> = Vec::new();
        for (number, host) in self.hosts.iter().enumerate() {
            for (card, plan) in host.cards.iter().enumerate() {
                let port = Port { node: HostId(number as u16), card: card as u16 };
                let near = self.segment(port);
                let segment = segments.iter().position(|known| near.contains(known)).unwrap_or_else(|| {
                    segments.push(port);
                    segments.len() - 1
                });
                let forwards = host.kind == NodeKind::Router;
                let CardPlan { address, prefix, .. } = *plan;
                attachments.push(Attachment { node: number, segment, address, prefix, forwards });
            }
        }
        let route = |route: crate::ip::Route| match route.via {
            Via::Gateway(via) => {
                Some(RoutePlan { block: Ipv4Block { base: route.network, prefix: route.prefix }, via })
            }
            Via::Wire(_) | Via::Loopback => None,
        };
        shortest_routes(self.hosts.len(), &attachments)
            .into_iter()
            .map(|routes| routes.into_iter().filter_map(route).collect())
            .collect()
    }

    /// The same for IPv6. The networks are counted through, and the numbers stand for them as IPv4 networks while the ways
    /// are computed.
    pub fn shortest_routes6(self) -> Vec<Vec<Route6Plan>> {
        const PREFIX: u8 = 20;
        let stand_in =
            |network: usize, card: usize| Ipv4Addr::from(((network as u32 + 1) << 12) + card as u32 + 1);
        let mut nets: Vec<Ipv6Net> = Vec::new();
        let mut attachments = Vec::new();
        let mut addresses = BTreeMap::new();
        for (number, host) in self.hosts.iter().enumerate() {
            for net in host.cards.iter().filter_map(|card| card.ipv6.first()) {
                let segment = nets.iter().position(|known| known.same_net(*net)).unwrap_or_else(|| {
                    nets.push(net.network());
                    nets.len() - 1
                });
                let address = stand_in(segment, addresses.len());
                let forwards = host.kind == NodeKind::Router;
                addresses.insert(address, net.address);
                attachments.push(Attachment { node: number, segment, address, prefix: PREFIX, forwards });
            }
        }
        let route = |route: crate::ip::Route| match route.via {
            Via::Gateway(via) => {
                let number = (u32::from(route.network) >> 12) as usize;
                let net = *nets.get(number.checked_sub(1)?)?;
                Some(Route6Plan { net, via: *addresses.get(&via)? })
            }
            Via::Wire(_) | Via::Loopback => None,
        };
        shortest_routes(self.hosts.len(), &attachments)
            .into_iter()
            .map(|routes| routes.into_iter().filter_map(route).collect())
            .collect()
    }
}

impl Plan {
    /// Its nodes and links.
    pub fn topology(&self) -> Topology<'_> {
        Topology { hosts: &self.hosts, links: &self.links }
    }

    /// The largest packet that card's link takes, octets.
    pub fn mtu_at(&self, port: Port) -> u16 {
        let link = self.links.iter().find(|link| link.ends.contains(&port));
        link.map_or(self.wire.mtu, |link| link.mtu)
    }

    /// Address and card of everybody on that card's segment.
    pub fn neighbours(&self, port: Port) -> Vec<(Ipv4Addr, MacAddr)> {
        let topology = self.topology();
        let card = |port| topology.card(port).map(|card| (card.address, card.mac));
        topology.segment(port).into_iter().filter_map(card).collect()
    }

    /// The same of IPv6, the link-local addresses among them. Where one wire joins all hosts, everybody is near.
    pub fn neighbours6(&self, port: Port) -> Vec<(Ipv6Addr, MacAddr)> {
        let topology = self.topology();
        let everybody = || (0..self.hosts.len() as u16).map(|node| Port { node: HostId(node), card: 0 });
        let near: Vec<Port> = match self.links.is_empty() {
            true => everybody().filter(|other| *other != port).collect(),
            false => topology.segment(port),
        };
        let cards = near.into_iter().filter_map(|port| topology.card(port));
        let of = |card: &CardPlan| {
            let given = card.ipv6.iter().map(|net| net.address);
            let all = given.chain([crate::ipv6::link_local(card.mac)]);
            all.map(|address| (address, card.mac)).collect::<Vec<_>>()
        };
        cards.flat_map(of).collect()
    }
}

impl CardPlan {
    /// The card's own network.
    pub fn net(&self) -> Ipv4Block {
        let block = Ipv4Block { base: self.address, prefix: self.prefix };
        Ipv4Block { base: block.first(), ..block }
    }

    /// Whether that address is of the card's own network.
    pub fn holds(&self, address: Ipv4Addr) -> bool {
        Ipv4Block { base: address, prefix: self.prefix }.first() == self.net().base
    }

    /// Whether both cards have the same network.
    pub fn same_net(&self, other: &CardPlan) -> bool {
        self.net() == other.net()
    }
}

impl Ipv6Net {
    /// The network, its host bits cleared.
    pub fn network(&self) -> Ipv6Net {
        let mask = u128::MAX.checked_shl(128 - u32::from(self.prefix.min(128))).unwrap_or(0);
        Ipv6Net { address: Ipv6Addr::from(u128::from(self.address) & mask), prefix: self.prefix }
    }

    /// Whether both are of one network.
    pub fn same_net(&self, other: Ipv6Net) -> bool {
        self.network() == other.network()
    }

    /// Whether that address is of this network.
    pub fn holds(&self, address: Ipv6Addr) -> bool {
        self.same_net(Ipv6Net { address, ..*self })
    }
}

impl std::fmt::Display for Ipv6Net {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl Ipv4Block {
    /// The block's last address.
    pub fn last(&self) -> Ipv4Addr {
        let rest = u32::MAX.checked_shr(u32::from(self.prefix)).unwrap_or(0);
        Ipv4Addr::from(u32::from(self.base) | rest)
    }
}

impl std::fmt::Display for Ipv4Block {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}
