//! What leaves this host: the way found, cut where it must be, handed to the next hop.

use super::address::group_mac;
use super::neighbour::Waits;
use super::{Cause, Effect, Hop, Ipv6, Reachability, Reason, fragment};
use crate::clock::Instant;
use crate::ipv6::reason::{NeighbourReason, PacketReason};
use crate::mib::Counter;
use crate::wire::{self, Ipv6Packet, MacAddr, Packet, Transport};
use std::net::Ipv6Addr;

impl<T: Clone> Ipv6<T> {
    /// Sends a packet of this host's own.
    pub(super) fn output(
        &mut self,
        now: Instant,
        mut packet: Ipv6Packet,
        cause: Cause<T>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let destination = packet.destination;
        fx.push(Effect::Counted(Counter::Ip6OutRequests));
        let Some(hop) = self.routing.next_hop(destination) else {
            fx.push(Effect::Counted(Counter::Ip6OutNoRoutes));
            let packet = Box::new(packet);
            fx.push(Effect::Unsent {
                packet,
                cause,
                why: Reason::Packet(PacketReason::NoRoute { destination }),
            });
            return;
        };
        if packet.hop_limit == 0 {
            packet.hop_limit = self.hop_limit_by(hop);
        }
        let mtu = match hop {
            Hop::Loopback => self.routing.mtu_by(hop),
            Hop::Wire { .. } => self.routing.mtu_to(destination),
        };
        if packet.len() <= usize::from(mtu) {
            self.out(now, hop, packet, cause, fx);
        } else if matches!(packet.transport, Transport::Tcp(_)) {
            let packet = Box::new(packet);
            fx.push(Effect::Unsent { packet, cause, why: Reason::Packet(PacketReason::TooBig { mtu }) });
        } else {
            self.out_in_pieces(now, hop, &packet, &cause, mtu, fx);
        }
    }

    fn hop_limit_by(&self, hop: Hop) -> u8 {
        match hop {
            Hop::Loopback => self.profile.hop_limit,
            Hop::Wire { card, .. } => {
                self.lines.get(usize::from(card)).map_or(self.profile.hop_limit, |line| line.hop_limit)
            }
        }
    }

    /// Sends a packet that is too large for its way as fragments: only its sender may (RFC 8200 section 4.5).
    fn out_in_pieces(
        &mut self,
        now: Instant,
        hop: Hop,
        packet: &Ipv6Packet,
        cause: &Cause<T>,
        mtu: u16,
        fx: &mut Vec<Effect<T>>,
    ) {
        self.identification = self.identification.wrapping_add(1);
        for piece in fragment::cut(packet, self.identification, mtu) {
            fx.push(Effect::Counted(Counter::Ip6FragCreates));
            self.out(now, hop, piece, cause.clone(), fx);
        }
        fx.push(Effect::Counted(Counter::Ip6FragOKs));
    }

    /// Hands a packet to its next hop, or keeps it until that one's card is known.
    pub(super) fn out(
        &mut self,
        now: Instant,
        hop: Hop,
        packet: Ipv6Packet,
        cause: Cause<T>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let (card, next) = match hop {
            Hop::Loopback => {
                let nobody = MacAddr::default();
                fx.push(Effect::Loop { frame: wire::build(&Packet::ipv6(nobody, nobody, packet)), cause });
                return;
            }
            Hop::Wire { card, next } => (card, next),
        };
        if packet.destination.is_multicast() {
            self.transmit(card, group_mac(packet.destination), &packet, cause, fx);
            return;
        }
        let Some(line) = self.lines.get_mut(usize::from(card)) else { return };
        if let Some(way) = line.neighbours.way(now, next, &self.profile) {
            self.transmit(card, way.mac, &packet, cause, fx);
            if way.delays {
                fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::NeighbourIs {
                    address: next,
                    state: Reachability::Delay,
                })));
            }
            return;
        }
        let source = packet.source;
        let Waits { ask, lost } =
            line.neighbours.wait(now, next, packet, cause, (&self.profile, line.retransmit));
        fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::WaitsForNeighbour { address: next })));
        if let Some((packet, cause)) = lost {
            let why = Reason::Neighbour(NeighbourReason::NeighbourQueueFull { address: next });
            fx.push(Effect::Unsent { packet: Box::new(packet), cause, why });
        }
        if ask {
            self.solicit(card, next, Some(source), fx);
        }
    }

    /// Puts a packet on the wire.
    pub(super) fn transmit(
        &mut self,
        card: u16,
        to: MacAddr,
        packet: &Ipv6Packet,
        cause: Cause<T>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Some(line) = self.lines.get(usize::from(card)) else { return };
        let frame = wire::build_ipv6_in(&mut self.chunk, line.mac, to, packet);
        fx.push(Effect::Transmit { card, frame, cause });
    }

    /// Which of this host's addresses a packet to `destination` comes from.
    pub fn source_for(&self, destination: Ipv6Addr) -> Option<Ipv6Addr> {
        self.routing.source_for(destination)
    }
}
