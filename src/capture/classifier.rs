//! Tells from outside what each packet of a capture is for, from its flags and from what went before.

use super::conversation::Conversation;
use super::purpose::{Purpose, quoted_port, quoted_port_of_ipv6};
use crate::trace::Frame;
use crate::wire::{ArpOperation, Body, Bpdu, Icmpv6Message, Packet, Transport};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How much is kept in mind.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// Conversations in each of the two generations.
    generation: usize,
    /// Carriers of octets, of all conversations together.
    carriers: usize,
}

impl Default for Bounds {
    fn default() -> Bounds {
        Bounds { generation: 1 << 16, carriers: 1 << 20 }
    }
}

/// Two ends, the lower first.
type Ends = (SocketAddr, SocketAddr);

/// Looks at the packets of a capture one after another and says what each is for. It has no more to go by than a
/// reader of the capture, so it never says what only the sender can know. Its memory is bounded, however long the capture is:
/// of 131,072 conversations at most, those that nobody has heard of for longest are forgotten, and of long streams their
/// beginnings.
#[derive(Clone, Debug, Default)]
pub struct Classifier {
    /// The conversations that were heard of lately.
    young: BTreeMap<Ends, Conversation>,
    /// Those that were before; what is heard of again is young again, the rest goes when the young ones have grown as many.
    old: BTreeMap<Ends, Conversation>,
    /// Segments with text since carriers were counted.
    unaccounted: usize,
    /// Carriers that were kept in mind then.
    carriers: usize,
    bounds: Bounds,
}

impl Classifier {
    /// Nothing seen yet.
    pub fn new() -> Classifier {
        Classifier::default()
    }

    /// What the next frame is for.
    pub fn see(&mut self, frame: &Frame<'_>) -> Purpose {
        match &frame.content.packet {
            Ok(packet) => self.see_packet(frame.number, packet),
            Err(error) => Purpose::Unreadable(*error),
        }
    }

    /// What the next packet is for; `number` is what others will call it by.
    pub fn see_packet(&mut self, number: usize, packet: &Packet) -> Purpose {
        match &packet.body {
            Body::Ipv4(ip) => {
                let fragment = ip.is_fragment().then_some((ip.fragment_offset, ip.more_fragments));
                self.see_ip(number, packet, &ip.transport, fragment)
            }
            Body::Ipv6(ip) => {
                let fragment = ip.fragment().map(|(offset, more, _)| (offset, more));
                self.see_ip(number, packet, &ip.transport, fragment)
            }
            Body::Arp(message) => {
                let about = match message.operation {
                    ArpOperation::Request => message.target_ip,
                    ArpOperation::Reply | ArpOperation::Other(_) => message.sender_ip,
                };
                Purpose::Arp { operation: message.operation, about }
            }
            Body::Bpdu(Bpdu::Config(config)) => {
                Purpose::SpanningTree { root: config.root, own: config.root == config.bridge }
            }
            Body::Bpdu(Bpdu::TopologyChange) => Purpose::TopologyChange,
            Body::Other(_) => Purpose::Other,
        }
    }

    /// Looks at what an IP packet carries; of a fragment, its offset in 8 octets and whether more follow are given.
    fn see_ip(
        &mut self,
        number: usize,
        packet: &Packet,
        transport: &Transport,
        fragment: Option<(u16, bool)>,
    ) -> Purpose {
        let Some((source, destination)) = packet.addresses() else { return Purpose::Other };
        match transport {
            Transport::Tcp(segment) => {
                let from = SocketAddr::new(source, segment.source_port);
                let to = SocketAddr::new(destination, segment.destination_port);
                self.unaccounted += usize::from(!segment.payload.is_empty());
                self.forget();
                self.conversation((from.min(to), from.max(to))).see(number, from <= to, segment)
            }
            Transport::Udp(datagram) => {
                Purpose::Datagram { len: datagram.payload.len(), port: datagram.destination_port }
            }
            Transport::Icmp(message) => Purpose::Icmp { kind: message.kind(), port: quoted_port(message) },
            Transport::Icmpv6(message) => Purpose::Icmpv6 {
                kind: message.kind(),
                port: message.quote().and_then(|quote| quoted_port_of_ipv6(quote)),
                about: match message {
                    Icmpv6Message::NeighbourSolicitation { target, .. }
                    | Icmpv6Message::NeighbourAdvertisement { target, .. } => Some(*target),
                    _ => None,
                },
            },
            Transport::Other { payload, .. } => match fragment {
                Some((offset, more)) => Purpose::Fragment {
                    offset: u32::from(offset) * 8,
                    len: payload.len(),
                    last: !more,
                    version: if source.is_ipv6() { 6 } else { 4 },
                },
                None => Purpose::Other,
            },
        }
    }

    /// The conversation between those two.
    fn conversation(&mut self, ends: Ends) -> &mut Conversation {
        let old = &mut self.old;
        self.young.entry(ends).or_insert_with(|| old.remove(&ends).unwrap_or_default())
    }

    /// Forgets what is beyond the bounds.
    fn forget(&mut self) {
        if self.young.len() >= self.bounds.generation {
            self.old = std::mem::take(&mut self.young);
        }
        // Each segment with text adds one carrier at most, so they need not be counted each time.
        if self.carriers + self.unaccounted <= self.bounds.carriers {
            return;
        }
        self.account();
        while self.carriers > self.bounds.carriers / 2 {
            self.young.values_mut().chain(self.old.values_mut()).for_each(Conversation::forget_half);
            self.account();
        }
    }

    fn account(&mut self) {
        self.carriers = self.young.values().chain(self.old.values()).map(Conversation::carriers).sum();
        self.unaccounted = 0;
    }

    /// The same with other bounds.
    #[cfg(test)]
    pub(super) fn bounded(generation: usize, carriers: usize) -> Classifier {
        Classifier { bounds: Bounds { generation, carriers }, ..Classifier::default() }
    }

    /// How many conversations, and how many carriers of octets, are kept in mind.
    #[cfg(test)]
    pub(super) fn kept(&mut self) -> (usize, usize) {
        self.account();
        (self.young.len() + self.old.len(), self.carriers)
    }
}
