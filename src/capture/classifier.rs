//! Tells from outside what each packet of a capture is for, from its flags and from what went before.

use super::conversation::Conversation;
use super::purpose::{Purpose, quoted_port, quoted_port_of_ipv6};
use crate::trace::Frame;
use crate::wire::{ArpOperation, Body, Bpdu, Icmpv6Message, Packet, Transport};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// Looks at the packets of a capture one after another and says what each is for. It has no more to go by than a
/// reader of the capture, so it never says what only the sender can know.
#[derive(Clone, Debug, Default)]
pub struct Classifier {
    conversations: BTreeMap<(SocketAddr, SocketAddr), Conversation>,
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
                let conversation = self.conversations.entry((from.min(to), from.max(to))).or_default();
                conversation.see(number, from <= to, segment)
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
}
