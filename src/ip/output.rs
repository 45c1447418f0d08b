//! What goes down to a card: own packets, and errors about others'.

use super::neighbour::Waits;
use super::{ArpReason, Cause, DatagramReason, Effect, Hop, IcmpReason, Ip, Reason, fragment, icmp};
use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::wire::{self, IcmpMessage, Ipv4Packet, MacAddr, Packet};
use bytes::Bytes;
use std::net::Ipv4Addr;

impl<T: Clone> Ip<T> {
    pub(super) fn unreachable(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        octets: &Bytes,
        code: u8,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        let quote = icmp::quote(octets, &self.profile);
        let message = IcmpMessage::DestinationUnreachable { code, next_hop_mtu: 0, quote };
        self.error(now, packet, message, why, fx);
    }

    /// Sends an ICMP error about `packet`, if one may be sent.
    pub(super) fn error(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        message: IcmpMessage,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        if !icmp::may_answer(packet) || self.routing.is_broadcast(packet.destination) {
            return;
        }
        let limited = icmp::is_limited(&message) && !self.routing.is_local(packet.source);
        let (interval, burst) = (self.profile.icmp_interval.unwrap_or(Span::ZERO), self.profile.icmp_burst);
        if limited && !self.limiter.allows(now, packet.source, interval, burst) {
            fx.push(Effect::Noted(Reason::Icmp(IcmpReason::ErrorsLimited)));
            return;
        }
        // An error about what was for another comes from the card by which it leaves (RFC 1812 section 4.3.2.4).
        let own = match self.routing.is_local(packet.destination) {
            true => Some(packet.destination),
            false => self.routing.source_for(packet.source),
        };
        let Some(own) = own else {
            fx.push(Effect::Noted(Reason::Datagram(DatagramReason::NoRoute { destination: packet.source })));
            return;
        };
        match message {
            IcmpMessage::DestinationUnreachable { .. } => {
                fx.push(Effect::Counted(Counter::IcmpOutDestUnreachs));
            }
            IcmpMessage::TimeExceeded { .. } => fx.push(Effect::Counted(Counter::IcmpOutTimeExcds)),
            IcmpMessage::Other { kind: 5, .. } => fx.push(Effect::Counted(Counter::IcmpOutRedirects)),
            IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. } | IcmpMessage::Other { .. } => {}
        }
        let message = self.quote_outside(now, message);
        let mut error = icmp::error(own, packet.source, message);
        error.ttl = self.profile.ttl;
        self.output(now, error, Cause::Own(why), fx);
    }

    /// Sends a packet of this host's own.
    pub(super) fn output(
        &mut self,
        now: Instant,
        mut packet: Ipv4Packet,
        cause: Cause<T>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let destination = packet.destination;
        let Some(hop) = self.routing.hop_from(packet.source, destination) else {
            let packet = Box::new(packet);
            fx.push(Effect::Unsent {
                packet,
                cause,
                why: Reason::Datagram(DatagramReason::NoRoute { destination }),
            });
            return;
        };
        if !packet.dont_fragment {
            self.identification = self.identification.wrapping_add(1);
            packet.identification = self.identification;
        }
        let mtu = match packet.dont_fragment {
            true => self.routing.mtu_by(hop),
            // Whoever lets it be cut has it cut here, as small as the path is known to need it.
            false => self.routing.mtu_by(hop).min(self.routing.path_mtu_to(now, destination).octets),
        };
        if packet.len() <= usize::from(mtu) {
            self.out(now, hop, packet, cause, fx);
        } else if packet.dont_fragment {
            let packet = Box::new(packet);
            fx.push(Effect::Unsent { packet, cause, why: Reason::Datagram(DatagramReason::TooBig { mtu }) });
        } else {
            self.out_in_pieces(now, hop, &packet, &cause, mtu, fx);
        }
    }

    /// Sends a packet that is too large for its next hop as fragments.
    pub(super) fn out_in_pieces(
        &mut self,
        now: Instant,
        hop: Hop,
        packet: &Ipv4Packet,
        cause: &Cause<T>,
        mtu: u16,
        fx: &mut Vec<Effect<T>>,
    ) {
        let octets = wire::build_ipv4(packet);
        let payload = octets.slice(packet.header_len().min(octets.len())..);
        for fragment in fragment::cut(packet, &payload, mtu) {
            self.out(now, hop, fragment, cause.clone(), fx);
        }
    }

    /// Hands a packet to its next hop, or keeps it until that one's card is known.
    pub(super) fn out(
        &mut self,
        now: Instant,
        hop: Hop,
        packet: Ipv4Packet,
        cause: Cause<T>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let (card, next) = match hop {
            Hop::Loopback => {
                let nobody = MacAddr::default();
                fx.push(Effect::Loop { frame: wire::build(&Packet::ipv4(nobody, nobody, packet)), cause });
                return;
            }
            Hop::Group { card } => return self.out_to_all(card, packet, cause, fx),
            Hop::Wire { card, next } => (card, next),
        };
        let Some(own) = self.cards.get_mut(usize::from(card)) else { return };
        if let Some(mac) = own.neighbours.card(now, next, &self.profile) {
            let frame = wire::build_in(&mut self.chunk, own.mac, mac, &packet);
            fx.push(Effect::Transmit { card, frame, cause });
            return;
        }
        let Waits { ask, lost } = own.neighbours.wait(now, next, packet, cause, &self.profile);
        fx.push(Effect::Noted(Reason::Arp(ArpReason::WaitsForNeighbour { address: next })));
        if let Some((packet, cause)) = lost {
            let why = Reason::Arp(ArpReason::NeighbourQueueFull { address: next });
            fx.push(Effect::Unsent { packet: Box::new(packet), cause, why });
        }
        if ask {
            self.ask(card, next, fx);
        }
    }

    /// A router reported what the path to `destination` takes, octets; 0 if it did not say. Whether that is news.
    pub fn learn_path_mtu(&mut self, now: Instant, destination: Ipv4Addr, reported: u16) -> bool {
        self.routing.learn_path_mtu(now, destination, reported, &self.profile)
    }

    /// Which of this host's addresses a packet to `destination` comes from.
    pub fn source_for(&self, destination: Ipv4Addr) -> Option<Ipv4Addr> {
        self.routing.source_for(destination)
    }
}
