//! Tells from outside what each packet of a capture is for, from its flags and from what went before.

use super::conversation::Conversation;
use super::purpose::{Purpose, quoted_port};
use crate::trace::Frame;
use crate::wire::{ArpOperation, Body, Ipv4Packet, Packet, Transport};
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
            Body::Ipv4(packet) => self.see_ipv4(number, packet),
            Body::Arp(message) => {
                let about = match message.operation {
                    ArpOperation::Request => message.target_ip,
                    ArpOperation::Reply | ArpOperation::Other(_) => message.sender_ip,
                };
                Purpose::Arp { operation: message.operation, about }
            }
            Body::Other(_) => Purpose::Other,
        }
    }

    fn see_ipv4(&mut self, number: usize, packet: &Ipv4Packet) -> Purpose {
        match &packet.transport {
            Transport::Tcp(segment) => {
                let from = SocketAddr::new(packet.source.into(), segment.source_port);
                let to = SocketAddr::new(packet.destination.into(), segment.destination_port);
                let conversation = self.conversations.entry((from.min(to), from.max(to))).or_default();
                conversation.see(number, from <= to, segment)
            }
            Transport::Udp(datagram) => {
                Purpose::Datagram { len: datagram.payload.len(), port: datagram.destination_port }
            }
            Transport::Icmp(message) => Purpose::Icmp { kind: message.kind(), port: quoted_port(message) },
            Transport::Other { payload, .. } if packet.is_fragment() => Purpose::Fragment {
                offset: u32::from(packet.fragment_offset) * 8,
                len: payload.len(),
                last: !packet.more_fragments,
            },
            Transport::Other { .. } => Purpose::Other,
        }
    }
}
