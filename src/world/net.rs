//! The network: nodes with ports, and links between them, each with a pipe either way.
//!
//! A scenario without links has one wire: a link between two hosts, a switch in the middle of more. That switch is the
//! wire's own business and shows in no trace; the nodes of a scenario with links all do.

use super::links::{Link, Taken};
use super::media::Sent;
use super::peek;
use crate::clock::{Draws, Instant, Span};
use crate::link::tree::Bridge;
use crate::link::{Heading, HostId, Medium, NodeKind, Pipe, Port, Reason, Switch};
use crate::scenario::{HostPlan, Ipv4Block, LinkPlan, Plan, RoutePlan};
use crate::wire::{self, ArpMessage, ArpOperation, BRIDGE_GROUP, Body, MacAddr, Packet};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr};

/// Nodes and links.
#[derive(Clone, Debug)]
pub(crate) struct Net {
    nodes: Vec<Node>,
    links: Vec<Link>,
    pub(super) draws: Draws,
    /// Wires that several stations share.
    pub(super) media: Vec<Medium>,
    /// Whose each address is, ordered by address.
    owners: Vec<(IpAddr, HostId)>,
    /// Whether the network is the one wire of a scenario without links.
    plain: bool,
}

#[derive(Clone, Debug)]
struct Node {
    kind: NodeKind,
    cards: Vec<Card>,
    owns: Vec<Ipv4Block>,
    routes: Vec<RoutePlan>,
    /// By port: link and which of its ends; `None` for a port without a link.
    ports: Vec<Option<(usize, usize)>>,
    switch: Option<Switch>,
    tree: Option<Box<Bridge>>,
    ageing: Option<Span>,
    plugged: bool,
}

#[derive(Clone, Copy, Debug)]
struct Card {
    mac: MacAddr,
    address: Ipv4Addr,
    mask: u32,
}

/// What becomes of a frame at a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// It is for the node's card, which may take it or not.
    Station,
    /// It goes on by these ports, and the trace tells; whether the receiver's place is known.
    PassedOn { ports: Vec<u16>, known: bool },
    /// It is for the switch itself: spanning tree's.
    Bridge,
    /// It goes on by these ports, and nobody sees it.
    WithinWire(Vec<u16>),
}

impl Net {
    /// The plan's network. Chance (jitter, loss) is drawn from `seed`.
    pub(crate) fn new(plan: &Plan, seed: u64) -> Net {
        let nodes: Vec<Node> = plan.hosts.iter().map(node).collect();
        let plain = plan.links.is_empty();
        let of = |(number, node): (usize, &Node)| {
            let host = HostId(number as u16);
            let v4 = node.cards.iter().map(move |card| (IpAddr::V4(card.address), host));
            let v6 = plan.hosts.get(number).into_iter().flat_map(|plan| plan.ipv6_addresses());
            let v6 = v6.filter(|_| plan.ipv6).map(move |address| (IpAddr::V6(address), host));
            v4.chain(v6).collect::<Vec<_>>()
        };
        let mut owners: Vec<(IpAddr, HostId)> = nodes.iter().enumerate().flat_map(of).collect();
        owners.sort();
        let mut net =
            Net { nodes, links: Vec::new(), draws: Draws::new(seed), media: Vec::new(), owners, plain };
        if plain {
            net.lay_wire(plan);
        } else {
            for link in &plan.links {
                let pipe = Pipe::new(link.delay, link.rate, link.queue);
                net.add_link(link.ends, [pipe.clone(), pipe], link);
            }
            net.lay_shared(plan);
        }
        for node in &mut net.nodes {
            node.switch =
                (node.kind == NodeKind::Switch).then(|| Switch::new(node.ports.len() as u16, node.ageing));
        }
        if plain && !plan.wire.arp {
            net.introduce_everybody();
        }
        net
    }

    /// One wire for all hosts.
    fn lay_wire(&mut self, plan: &Plan) {
        let (hosts, wire) = (self.nodes.len() as u16, &plan.wire);
        let pipe = |delay| Pipe::new(delay, wire.rate, wire.queue);
        let port = |node: u16, card: u16| Port { node: HostId(node), card };
        let link = LinkPlan::of_wire(wire);
        if hosts == 2 {
            self.add_link([port(0, 0), port(1, 0)], [pipe(wire.delay), pipe(wire.delay)], &link);
        } else if hosts > 2 {
            let near = wire.delay / 2;
            let mut switch = Node::silent();
            switch.kind = NodeKind::Switch;
            self.nodes.push(switch);
            for host in 0..hosts {
                let ways = [pipe(near), pipe(wire.delay - near)];
                self.add_link([port(host, 0), port(hosts, host)], ways, &link);
            }
        }
    }

    fn add_link(&mut self, ends: [Port; 2], pipes: [Pipe; 2], plan: &LinkPlan) {
        for (side, end) in ends.into_iter().enumerate() {
            if let Some(node) = self.nodes.get_mut(end.node.index()) {
                let card = usize::from(end.card);
                node.ports.resize(node.ports.len().max(card + 1), None);
                node.ports[card] = Some((self.links.len(), side));
            }
        }
        self.links.push(Link::new(ends, pipes, plan, self.plain));
    }

    /// Neighbours are known beforehand, so the wire's switch has seen them all.
    fn introduce_everybody(&mut self) {
        let macs: Vec<Option<MacAddr>> =
            self.nodes.iter().map(|node| node.cards.first().map(|card| card.mac)).collect();
        let Some(switch) = self.nodes.last_mut().and_then(|node| node.switch.as_mut()) else { return };
        for (port, mac) in macs.into_iter().enumerate() {
            let Some(mac) = mac else { continue };
            let hello = [MacAddr::BROADCAST.0, mac.0].concat();
            switch.decide(Instant::ZERO, port as u16, &hello);
        }
    }

    fn node(&self, node: HostId) -> Option<&Node> {
        self.nodes.get(node.index())
    }

    /// Whose address it is.
    pub(crate) fn owner(&self, address: impl Into<IpAddr>) -> Option<HostId> {
        let address = address.into();
        if let Ok(place) = self.owners.binary_search_by_key(&address, |(known, _)| *known) {
            return Some(self.owners[place].1);
        }
        let IpAddr::V4(address) = address else { return None };
        let owns = |node: &Node| node.owns.iter().any(|block| super::load::contains(*block, address));
        self.nodes.iter().position(owns).map(|index| HostId(index as u16))
    }

    /// The same, where several have that address by mistake: the one to whose card the frame goes.
    fn owner_by(&self, address: IpAddr, frame: &Bytes) -> Option<HostId> {
        let first = self.owners.partition_point(|(known, _)| *known < address);
        let owners = self.owners.get(first..).unwrap_or_default();
        let mut twins = owners.iter().take_while(|(known, _)| *known == address);
        match twins.clone().count() {
            0 | 1 => self.owner(address),
            _ => {
                let card = destination_mac(frame);
                let has_card = |host: HostId| {
                    self.node(host).is_some_and(|node| node.cards.iter().any(|own| Some(own.mac) == card))
                };
                let one = twins.find(|(_, host)| has_card(*host));
                one.or_else(|| owners.first()).map(|(_, host)| *host)
            }
        }
    }

    /// The address of the host's first card.
    pub(crate) fn mac(&self, host: HostId) -> MacAddr {
        self.node(host).and_then(|node| node.cards.first()).map(|card| card.mac).unwrap_or_default()
    }

    /// The card that a frame from `host` to `address` goes to first: the receiver's own, or a router's.
    pub(crate) fn first_hop(&self, host: HostId, address: Ipv4Addr) -> Option<MacAddr> {
        let node = self.node(host)?;
        let near = |address: Ipv4Addr| {
            node.cards.iter().any(|card| (u32::from(card.address) ^ u32::from(address)) & card.mask == 0)
        };
        if self.plain || near(address) {
            return self.owner(address).map(|owner| self.card_of(owner, address));
        }
        let best = node
            .routes
            .iter()
            .filter(|route| super::load::contains(route.block, address))
            .max_by_key(|route| route.block.prefix)?;
        self.owner(best.via).map(|owner| self.card_of(owner, best.via))
    }

    /// The card of that host with that address; its first one, if the address is of a block that leads to it.
    fn card_of(&self, host: HostId, address: Ipv4Addr) -> MacAddr {
        let cards = self.node(host).map(|node| node.cards.as_slice()).unwrap_or_default();
        cards.iter().find(|card| card.address == address).map_or_else(|| self.mac(host), |card| card.mac)
    }

    pub(crate) fn plugged(&self, host: HostId) -> bool {
        self.node(host).is_some_and(|node| node.plugged)
    }
    pub(crate) fn plug(&mut self, host: HostId, plugged: bool) {
        if let Some(node) = self.nodes.get_mut(host.index()) {
            node.plugged = plugged;
        }
    }

    /// What the card of an actor answers: somebody asks by ARP for an address of its own, or of the blocks it stands for.
    pub(crate) fn arp_answer(&self, host: HostId, frame: &Bytes) -> Option<Bytes> {
        let target = peek::arp_target(frame).filter(|target| self.owner(*target) == Some(host))?;
        let Body::Arp(asked) = wire::parse(frame).ok()?.body else { return None };
        if asked.operation != ArpOperation::Request {
            return None;
        }
        let mac = self.mac(host);
        let answer = ArpMessage {
            operation: ArpOperation::Reply,
            sender_mac: mac,
            sender_ip: target,
            target_mac: asked.sender_mac,
            target_ip: asked.sender_ip,
        };
        Some(wire::build(&Packet::arp(mac, asked.sender_mac, answer)))
    }

    /// Whether that card takes the frame: it is to its own address or to a group. Where the scenario has links, every frame
    /// that reaches a host is told, also those it takes no notice of.
    pub(crate) fn takes(&self, at: Port, frame: &Bytes) -> bool {
        let card = self.node(at.node).and_then(|node| node.cards.get(usize::from(at.card)));
        !self.plain
            || destination_mac(frame)
                .is_some_and(|mac| mac.is_group() || card.is_some_and(|card| mac == card.mac))
    }

    /// Who is at the other end of the link at that port, if the trace shows links.
    pub(crate) fn next(&self, from: Port) -> Option<HostId> {
        let (link, side) = (*self.node(from.node)?.ports.get(usize::from(from.card))?)?;
        (!self.plain).then(|| self.links[link].ends[1 - side].node)
    }

    /// Where a frame goes that leaves by that port. A switch knows links and no addresses: whoever is at the end of the link
    /// is whom it sends to.
    pub(crate) fn heading(&self, port: Port, frame: &Bytes) -> Heading {
        let next = self.next(port);
        let has_stack = self.node(port.node).is_none_or(|node| node.kind.has_stack());
        let destination = peek::meant(frame);
        let to = match has_stack {
            true => destination.and_then(|address| self.owner_by(address, frame)),
            false => next,
        };
        Heading { from: Some(port.node), to, next }
    }

    /// A node sends by that port: when and where the frame comes out, or that it must wait for the wire.
    pub(crate) fn send(&mut self, now: Instant, from: Port, frame: &[u8]) -> Result<Sent, Reason> {
        let node = self.nodes.get(from.node.index()).ok_or(Reason::NoReceiver)?;
        if !node.plugged {
            return Err(Reason::LinkDown);
        }
        let end = node.ports.get(usize::from(from.card)).copied().flatten();
        let (number, side) = end.ok_or(Reason::NoReceiver)?;
        let link = &mut self.links[number];
        if let Some((medium, stations)) = link.shared
            && let Some(station) = stations[side]
            && let Some(wire) = self.media.get_mut(medium)
        {
            link.admit(frame.len())?;
            let limit = wire.room();
            let ticket = wire.offer(now, station, frame.len()).ok_or(Reason::QueueFull { limit })?;
            return Ok(Sent::Held(medium, ticket));
        }
        link.take(now, (number, side), frame, &self.draws).map(Sent::Away)
    }

    /// A shared wire has carried the frame that a node had put on it by that port: when and where it comes out.
    pub(crate) fn release(&mut self, now: Instant, from: Port, frame: &[u8]) -> Result<Taken, Reason> {
        let (number, side) = self.link_at(from).ok_or(Reason::NoReceiver)?;
        let link = &mut self.links[number];
        if !link.up {
            return Err(Reason::LinkDown);
        }
        link.take(now, (number, side), frame, &self.draws)
    }

    /// Number and side of the link at that port.
    fn link_at(&self, port: Port) -> Option<(usize, usize)> {
        *self.node(port.node)?.ports.get(usize::from(port.card))?
    }

    /// Whether the link at that port is up; where there is none nothing is down either.
    pub(crate) fn has_carrier(&self, port: Port) -> bool {
        self.link_at(port).is_none_or(|(number, _)| self.links[number].up)
    }

    /// How often the link at that port has gone down.
    pub(crate) fn epoch(&self, port: Port) -> u32 {
        self.link_at(port).map_or(0, |(number, _)| self.links[number].epoch)
    }

    pub(super) fn link_count(&self) -> usize {
        self.links.len()
    }
    pub(super) fn ends(&self, number: usize) -> Option<[Port; 2]> {
        self.links.get(number).map(|link| link.ends)
    }
    pub(super) fn link_mut(&mut self, number: usize) -> Option<&mut Link> {
        self.links.get_mut(number)
    }
    pub(super) fn port_count(&self, node: HostId) -> u16 {
        self.node(node).map_or(0, |node| node.ports.len() as u16)
    }
    pub(super) fn switch_mut(&mut self, node: HostId) -> Option<&mut Switch> {
        self.nodes.get_mut(node.index())?.switch.as_mut()
    }
    pub(super) fn tree(&self, node: HostId) -> Option<&Bridge> {
        self.node(node)?.tree.as_deref()
    }
    pub(super) fn tree_mut(&mut self, node: HostId) -> Option<&mut Bridge> {
        self.nodes.get_mut(node.index())?.tree.as_deref_mut()
    }
    pub(super) fn set_tree(&mut self, node: HostId, tree: Bridge) {
        if let Some(node) = self.nodes.get_mut(node.index()) {
            node.tree = Some(Box::new(tree));
        }
    }
    pub(super) fn tree_and_switch(&mut self, node: HostId) -> Option<(&Bridge, &mut Switch)> {
        let node = self.nodes.get_mut(node.index())?;
        Some((node.tree.as_deref()?, node.switch.as_mut()?))
    }
    /// The switches with a spanning tree.
    pub(super) fn with_trees(&self) -> Vec<HostId> {
        let numbered = self.nodes.iter().enumerate();
        numbered.filter(|(_, node)| node.tree.is_some()).map(|(number, _)| HostId(number as u16)).collect()
    }

    /// How many frames wait at the host's first card, and how many may; `None` where none ever does.
    pub(crate) fn card(&self, now: Instant, host: HostId) -> Option<(u64, u64)> {
        let (link, side) = (*self.node(host)?.ports.first()?)?;
        if let Some((medium, stations)) = self.links[link].shared {
            let wire = self.media.get(medium)?;
            return stations[side].map(|station| (wire.waiting(station) as u64, u64::from(wire.room())));
        }
        let pipe = &self.links[link].ways[side].pipe;
        pipe.room().map(|room| (pipe.waiting(now) as u64, u64::from(room)))
    }

    /// The average that random early detection keeps of the queue at the host's first card, frames.
    pub(crate) fn average(&self, host: HostId) -> Option<u64> {
        let (link, side) = self.link_at(Port { node: host, card: 0 })?;
        self.links[link].ways[side].pipe.average()
    }

    /// Whether the node knows places; otherwise it is a hub.
    pub(crate) fn is_switch(&self, node: HostId) -> bool {
        self.node(node).is_some_and(|node| node.switch.is_some())
    }

    /// What becomes of a frame that comes out at a node.
    pub(crate) fn meet(&mut self, now: Instant, at: Port, frame: &Bytes) -> Met {
        let Some(node) = self.nodes.get_mut(at.node.index()) else { return Met::WithinWire(Vec::new()) };
        match (&mut node.switch, node.kind) {
            (Some(_), _) if node.tree.is_some() && destination_mac(frame) == Some(BRIDGE_GROUP) => {
                Met::Bridge
            }
            (Some(switch), _) => {
                let (ports, known) = switch.forward(now, at.card, frame);
                let ports = ports.collect();
                if self.plain { Met::WithinWire(ports) } else { Met::PassedOn { ports, known } }
            }
            (None, NodeKind::Hub) => {
                let links = &self.links;
                let is_up = |port: &u16| {
                    let end = node.ports.get(usize::from(*port)).copied().flatten();
                    end.is_some_and(|(number, _)| links[number].up)
                };
                let others = (0..node.ports.len() as u16).filter(|port| *port != at.card && is_up(port));
                Met::PassedOn { ports: others.collect(), known: false }
            }
            (None, NodeKind::Host | NodeKind::Router | NodeKind::Switch) => Met::Station,
        }
    }
}

impl Node {
    /// One that no trace shows.
    fn silent() -> Node {
        Node {
            kind: NodeKind::Host,
            cards: Vec::new(),
            owns: Vec::new(),
            routes: Vec::new(),
            ports: Vec::new(),
            switch: None,
            tree: None,
            ageing: None,
            plugged: true,
        }
    }
}

fn node(host: &HostPlan) -> Node {
    let card = |card: &crate::scenario::CardPlan| Card {
        mac: card.mac,
        address: card.address,
        mask: u32::MAX.checked_shl(32 - u32::from(card.prefix.min(32))).unwrap_or(0),
    };
    Node {
        kind: host.kind,
        cards: host.cards.iter().map(card).collect(),
        owns: host.owns.clone(),
        routes: host.routes.clone(),
        ageing: host.ageing,
        ..Node::silent()
    }
}

fn destination_mac(frame: &Bytes) -> Option<MacAddr> {
    frame.get(..6)?.try_into().ok().map(MacAddr)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Scenario;

    const TEXTS: &str = "title = { en = 'a', zh = 'b' }\nlesson = { en = 'c', zh = 'd' }\n";

    fn net(text: &str) -> Net {
        let scenario = Scenario::parse("t.toml", &format!("{TEXTS}{text}"));
        Net::new(scenario.expect("right").default_plan(), 1)
    }
    fn wire(hosts: usize, delay: &str) -> Net {
        let names: String = (0..hosts).map(|n| format!("[host.h{n}]\n")).collect();
        net(&format!("{names}[wire]\ndelay = '{delay}'\n"))
    }
    fn port(node: u16, card: u16) -> Port {
        Port { node: HostId(node), card }
    }
    fn frame(from: u16, to: MacAddr) -> Bytes {
        [&to.0[..], &MacAddr::of_host(from + 1).0, &[0; 48]].concat().into()
    }
    /// A frame of so many octets is sent, milliseconds after the beginning: when and where it comes out.
    fn sent(net: &mut Net, at: u64, from: Port, len: usize) -> Result<(Instant, Port), Reason> {
        net.send(ms(at), from, &vec![0; len]).map(|sent| match sent {
            Sent::Away(taken) => (taken.at, taken.end),
            Sent::Held(..) => panic!("no wire is shared here"),
        })
    }
    fn ms(n: u64) -> Instant {
        Instant::ZERO + Span::millis(n)
    }

    #[test]
    fn two_hosts_share_one_wire_with_the_whole_delay() {
        let mut net = wire(2, "9ms");
        assert_eq!(sent(&mut net, 0, port(1, 0), 60), Ok((ms(9), port(0, 0))));
        assert_eq!(net.next(port(1, 0)), None, "the wire shows in no trace");
    }

    #[test]
    fn over_the_wires_own_switch_the_delay_is_the_same_to_the_nanosecond() {
        let mut net = wire(3, "9ns");
        let frame = frame(2, MacAddr::of_host(2));
        let (at, end) = sent(&mut net, 0, port(2, 0), frame.len()).unwrap();
        assert_eq!(end, port(3, 2));
        assert_eq!(net.meet(at, end, &frame), Met::WithinWire(vec![1]));
        let Ok(Sent::Away(taken)) = net.send(at, port(3, 1), &frame) else { panic!() };
        assert_eq!((taken.at, taken.end), (Instant::from_nanos(9), port(1, 0)));
    }

    #[test]
    fn an_unplugged_host_cannot_send_until_it_is_plugged_in_again() {
        let mut net = wire(2, "1ms");
        net.plug(HostId(0), false);
        assert_eq!(sent(&mut net, 0, port(0, 0), 60).err(), Some(Reason::LinkDown));
        net.plug(HostId(0), true);
        assert!(sent(&mut net, 0, port(0, 0), 60).is_ok());
    }

    #[test]
    fn addresses_and_blocks_have_their_owner() {
        let net = net("[host.a]\nowns = ['198.18.0.0/15']\n[host.b]\n");
        assert_eq!(net.owner(Ipv4Addr::new(10, 0, 0, 2)), Some(HostId(1)));
        assert_eq!(net.owner(Ipv4Addr::new(198, 19, 3, 4)), Some(HostId(0)));
        assert_eq!(net.owner(Ipv4Addr::new(10, 0, 0, 3)), None);
    }

    const STAR: &str = "[host.a]\naddress = '10.0.0.1/24'\n[host.b]\naddress = '10.0.0.2/24'\n\
        [host.c]\naddress = '10.0.0.3/24'\n[KIND.m]\n\
        [[link]]\nbetween = ['a', 'm']\n[[link]]\nbetween = ['b', 'm']\n[[link]]\nbetween = ['c', 'm']\n";

    #[test]
    fn a_switch_learns_and_a_hub_does_not() {
        let known = |kind: &str| {
            let mut net = net(&STAR.replace("KIND", kind));
            assert_eq!(net.next(port(0, 0)), Some(HostId(3)));
            let question = net.meet(Instant::ZERO, port(3, 0), &frame(0, MacAddr::BROADCAST));
            assert_eq!(question, Met::PassedOn { ports: vec![1, 2], known: false });
            net.meet(Instant::ZERO, port(3, 1), &frame(1, MacAddr::of_host(1)))
        };
        assert_eq!(known("switch"), Met::PassedOn { ports: vec![0], known: true });
        assert_eq!(known("hub"), Met::PassedOn { ports: vec![0, 2], known: false });
    }

    #[test]
    fn a_link_refuses_what_is_longer_than_it_takes() {
        let mut net = net(&(STAR.replace("KIND", "switch") + "mtu = 576\n"));
        assert_eq!(sent(&mut net, 0, port(3, 2), 591).err(), Some(Reason::TooLong { mtu: 576 }));
        assert!(sent(&mut net, 0, port(3, 2), 590).is_ok());
        assert!(sent(&mut net, 0, port(3, 0), 591).is_ok());
    }

    #[test]
    fn with_jitter_frames_take_longer_but_none_overtakes_another() {
        let text = STAR.replace("KIND", "switch") + "delay = '1ms'\njitter = '5ms'\n";
        let run = |seed: u64| -> Vec<Instant> {
            let mut net = net(&text);
            net.draws = Draws::new(seed);
            (0..200).map(|n| sent(&mut net, n, port(2, 0), 60).unwrap().0).collect()
        };
        let arrivals = run(1);
        assert!(arrivals.is_sorted());
        let took = |n: usize| arrivals[n] - ms(n as u64);
        assert!((0..200).all(|n| (Span::millis(1)..=Span::millis(6)).contains(&took(n))));
        assert!((0..200).any(|n| took(n) > Span::millis(5)));
        assert_eq!(arrivals, run(1), "drawn from the seed");
        assert_ne!(arrivals, run(2));
    }

    #[test]
    fn a_lossy_link_loses_its_share() {
        let mut net = net(&(STAR.replace("KIND", "switch") + "loss = 0.2\n"));
        let lost = (0..1000).filter(|n| sent(&mut net, *n, port(2, 0), 60).is_err()).count();
        assert!((150..250).contains(&lost), "{lost} of 1000 at a fifth");
        assert!((0..1000).all(|n| sent(&mut net, n, port(0, 0), 60).is_ok()), "the others lose nothing");
    }
}
