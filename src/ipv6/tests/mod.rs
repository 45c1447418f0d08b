//! Hosts and routers on links of their own: what goes over them, and what each comes to know.

mod autoconfiguration;
mod duplicates;
mod errors;
mod extensions;
mod forwarding;
mod fragments;
mod hostile;
mod neighbours;

use super::*;
use crate::clock::{EventQueue, Instant, Span};
use crate::ipv6::reason::PacketReason;
use crate::wire::{self, Body, Icmpv6Message, Ipv6Packet, MacAddr, Packet, Transport};
use bytes::Bytes;
use std::net::Ipv6Addr;

/// One way.
const DELAY: Span = Span::millis(1);

fn at(text: &str) -> Ipv6Addr {
    text.parse().expect("an address")
}

/// The card of node `n`, its second card with 100 more.
fn mac(n: u16) -> MacAddr {
    MacAddr::of_host(n + 1)
}

/// One machine, and the links its cards are on.
struct Node {
    stack: Ipv6<u32>,
    cards: Vec<(MacAddr, usize)>,
}

/// Machines on links. Every link carries a frame to all its other cards; who does not hear it takes no notice.
struct Lan {
    nodes: Vec<Node>,
    now: Instant,
    flying: EventQueue<(usize, u16, Bytes)>,
    /// Everything sent, with the sender.
    frames: Vec<(Instant, usize, Bytes)>,
    effects: Vec<(usize, Effect<u32>)>,
    /// What came up to the layers above.
    up: Vec<(usize, Ipv6Packet)>,
    /// Frames by these senders are lost.
    deaf: Vec<usize>,
}

impl Lan {
    /// Machines with their cards: (configuration, links, whether it forwards).
    fn of(machines: Vec<(Config, Vec<usize>, bool)>) -> Lan {
        let node = |(number, (config, links, forwards)): (usize, (Config, Vec<usize>, bool))| {
            let cards: Vec<(MacAddr, usize)> = links
                .iter()
                .enumerate()
                .map(|(card, link)| (mac(number as u16 + 100 * card as u16), *link))
                .collect();
            let machine = Machine {
                cards: cards.iter().map(|(mac, link)| (*mac, if *link == 9 { 1280 } else { 1500 })).collect(),
                forwards,
                seed: number as u64 + 1,
            };
            Node { stack: Ipv6::new(&config, &machine), cards }
        };
        Lan {
            nodes: machines.into_iter().enumerate().map(node).collect(),
            now: Instant::ZERO,
            flying: EventQueue::new(),
            frames: Vec::new(),
            effects: Vec::new(),
            up: Vec::new(),
            deaf: Vec::new(),
        }
    }

    /// Two hosts, 2001:db8::1 and ::2, on one link.
    fn pair(profile: Profile) -> Lan {
        Lan::of(vec![
            (host("2001:db8::1", profile.clone()), vec![0], false),
            (host("2001:db8::2", profile), vec![0], false),
        ])
    }

    /// 2001:db8:0::1 on link 0, a router, 2001:db8:9::2 on link 9, which takes 1280 octets.
    fn routed(profile: Profile) -> Lan {
        let by = |router: &str| Route {
            network: Ipv6Addr::UNSPECIFIED,
            prefix: 0,
            via: Via::Gateway { address: at(router), card: Some(0) },
        };
        let end = |own: &str, router: &str| Config { routes: vec![by(router)], ..host(own, profile.clone()) };
        let router = Config {
            cards: vec![Card::with(at("2001:db8::ff"), 64), Card::with(at("2001:db8:9::ff"), 64)],
            ..host("2001:db8::ff", profile.clone())
        };
        Lan::of(vec![
            (end("2001:db8::1", "2001:db8::ff"), vec![0], false),
            (router, vec![0, 9], true),
            (end("2001:db8:9::2", "2001:db8:9::ff"), vec![9], false),
        ])
    }

    /// What a machine does goes on its way.
    fn act(&mut self, node: usize, act: impl FnOnce(&mut Ipv6<u32>, Instant, &mut Vec<Effect<u32>>)) {
        let mut fx = Vec::new();
        act(&mut self.nodes[node].stack, self.now, &mut fx);
        for effect in fx {
            match &effect {
                Effect::Transmit { card, frame, cause } => {
                    let passes_on =
                        matches!(cause, Cause::Own(Reason::Packet(PacketReason::Forwarded { .. })));
                    assert!(passes_on || wire::parse(frame).is_ok(), "hosts send what can be parsed");
                    self.frames.push((self.now, node, frame.clone()));
                    let (_, link) = self.nodes[node].cards[usize::from(*card)];
                    if !self.deaf.contains(&node) {
                        self.spread(node, link, frame);
                    }
                }
                Effect::Loop { frame, .. } => {
                    let frame = frame.clone();
                    self.arrives(node, Origin::Loopback, &frame);
                }
                _ => {}
            }
            self.effects.push((node, effect));
        }
    }

    /// A frame on a link reaches all its cards but those of `from`.
    fn spread(&mut self, from: usize, link: usize, frame: &Bytes) {
        for (number, node) in self.nodes.iter().enumerate().filter(|(number, _)| *number != from) {
            for (card, _) in node.cards.iter().enumerate().filter(|(_, (_, on))| *on == link) {
                self.flying.push(self.now + DELAY, (number, card as u16, frame.clone()));
            }
        }
    }

    fn arrives(&mut self, node: usize, origin: Origin, frame: &Bytes) {
        if let Origin::Card(card) = origin {
            let to = MacAddr(*frame.first_chunk().expect("an Ethernet header"));
            if to != self.nodes[node].cards[usize::from(card)].0 && !to.is_group() {
                return;
            }
            if self.nodes[node].stack.passes_on(frame) {
                return self
                    .act(node, |stack, now, fx| stack.forward(now, card, frame, fx).unwrap_or_default());
            }
        }
        let Ok(Packet { body: Body::Ipv6(packet), .. }) = wire::parse(frame) else { return };
        let mut taken = Ok(Taken::Done);
        self.act(node, |stack, now, fx| taken = stack.receive(now, &packet, frame, origin, fx));
        match taken {
            Ok(Taken::Whole) => self.up.push((node, packet)),
            Ok(Taken::Reassembled(whole)) => self.up.push((node, whole.packet)),
            Ok(Taken::Done) | Err(_) => {}
        }
    }

    /// Hands a packet made by hand, in a frame to the card itself or to its group, to a node's first card.
    fn inject(&mut self, node: usize, packet: Ipv6Packet) {
        let to = match packet.destination.is_multicast() {
            true => address::group_mac(packet.destination),
            false => mac(node as u16),
        };
        let frame = wire::build(&Packet::ipv6(mac(77), to, packet));
        self.arrives(node, Origin::Card(0), &frame);
    }

    fn send(&mut self, node: usize, packet: Ipv6Packet) {
        self.act(node, |stack, now, fx| stack.send(now, packet, 0, fx));
    }

    /// An echo request with that much data, from the address that fits.
    fn ping(&mut self, node: usize, to: &str, octets: usize) {
        let source = self.nodes[node].stack.source_for(at(to)).expect("a source");
        self.send(node, echo(source, at(to), octets));
    }

    /// All cards come up.
    fn start(&mut self) {
        for node in 0..self.nodes.len() {
            self.act(node, |stack, now, fx| stack.start(now, fx));
        }
    }

    /// Lets so much time pass.
    fn pass(&mut self, span: Span) {
        let end = self.now + span;
        loop {
            let timers = self.nodes.iter().enumerate();
            let timer = timers.filter_map(|(node, of)| Some((of.stack.next_deadline()?, node))).min();
            let frame = self.flying.next_at();
            match (timer, frame) {
                (Some((due, node)), frame) if due <= end && frame.is_none_or(|frame| due < frame) => {
                    self.now = due.max(self.now);
                    self.act(node, |stack, now, fx| stack.on_timer(now, fx));
                    let next = self.nodes[node].stack.next_deadline();
                    assert!(next.is_none_or(|next| next > self.now), "on_timer leaves something due");
                }
                (_, Some(arrival)) if arrival <= end => {
                    let Some((at, (node, card, frame))) = self.flying.pop() else { return };
                    self.now = at;
                    self.arrives(node, Origin::Card(card), &frame);
                }
                _ => break,
            }
        }
        self.now = end;
    }

    /// Every packet sent so far: when (milliseconds), by whom, what.
    fn packets(&self) -> Vec<(u64, usize, Ipv6Packet)> {
        let packet = |(at, node, frame): &(Instant, usize, Bytes)| match wire::parse(frame)
            .map(|packet| packet.body)
        {
            Ok(Body::Ipv6(packet)) => Some((at.as_millis(), *node, packet)),
            _ => None,
        };
        self.frames.iter().filter_map(packet).collect()
    }

    /// Type of every ICMPv6 message sent so far, with its sender.
    fn kinds(&self) -> Vec<(usize, u8)> {
        let kind = |(_, node, packet): (u64, usize, Ipv6Packet)| match packet.transport {
            Transport::Icmpv6(message) => Some((node, message.kind().0)),
            _ => None,
        };
        self.packets().into_iter().filter_map(kind).collect()
    }

    /// The ICMPv6 messages a node sent.
    fn messages(&self, node: usize) -> Vec<Icmpv6Message> {
        let message = |(_, by, packet): (u64, usize, Ipv6Packet)| match packet.transport {
            Transport::Icmpv6(message) if by == node => Some(message),
            _ => None,
        };
        self.packets().into_iter().filter_map(message).collect()
    }

    /// Why a node dropped something, in order.
    fn dropped(&self, node: usize) -> Vec<Reason> {
        let why = |(by, effect): &(usize, Effect<u32>)| match effect {
            Effect::Dropped(why) | Effect::Unsent { why, .. } if *by == node => Some(why.clone()),
            _ => None,
        };
        self.effects.iter().filter_map(why).collect()
    }

    /// What a node decided, in order.
    fn noted(&self, node: usize) -> Vec<Reason> {
        let why = |(by, effect): &(usize, Effect<u32>)| match effect {
            Effect::Noted(why) if *by == node => Some(why.clone()),
            _ => None,
        };
        self.effects.iter().filter_map(why).collect()
    }

    /// What a node knows of a neighbour at its first card.
    fn state(&self, node: usize, of: &str) -> Option<Reachability> {
        let list = self.nodes[node].stack.neighbours(self.now, 0);
        list.iter().find(|(address, ..)| *address == at(of)).map(|(_, state, ..)| *state)
    }

    fn routing(&self, node: usize) -> &Routing {
        self.nodes[node].stack.routing()
    }

    /// What happened so far is forgotten.
    fn forget(&mut self) {
        self.frames.clear();
        self.effects.clear();
        self.up.clear();
    }
}

/// A host with one card and one address known to be free.
fn host(address: &str, profile: Profile) -> Config {
    Config { cards: vec![Card::with(at(address), 64)], routes: Vec::new(), profile }
}

fn echo(source: Ipv6Addr, destination: Ipv6Addr, octets: usize) -> Ipv6Packet {
    let data = (0..octets).map(|n| n as u8).collect::<Vec<u8>>().into();
    let request = Icmpv6Message::EchoRequest { id: 7, seq: 1, data };
    Ipv6Packet { hop_limit: 0, ..Ipv6Packet::new(source, destination, Transport::Icmpv6(request)) }
}

/// A UDP datagram of so many octets from 2001:db8::1.
fn datagram(destination: &str, octets: usize) -> Ipv6Packet {
    let payload = (0..octets).map(|n| n as u8).collect::<Vec<u8>>().into();
    let datagram = wire::Datagram { source_port: 4000, destination_port: 5000, payload };
    Ipv6Packet::new(at("2001:db8::1"), at(destination), Transport::Udp(datagram))
}
