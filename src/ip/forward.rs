//! What is for others: a router passes it on (RFC 1812 section 5.2.1).
//!
//! A router looks at the IP header and at nothing behind it: what a packet carries goes on as it came, right or wrong.

use super::header_options::is_source_routed;
use super::{Cause, DatagramReason, Effect, ForwardingReason, FragmentReason, Hop, Ip, Reason, icmp};
use crate::clock::Instant;
use crate::internet::ETHERNET;
use crate::mib::Counter;
use crate::wire::{self, IcmpMessage, Ipv4Packet, MacAddr, ParseError};
use bytes::Bytes;
use std::net::Ipv4Addr;

/// Octets of the largest IPv4 packet, whole.
const LARGEST: usize = 65_535;

impl<T: Clone> Ip<T> {
    /// Whether a frame that this router's card hears carries a packet for others.
    pub fn passes_on(&self, frame: &[u8]) -> bool {
        if !self.is_router || frame.get(12..14) != Some(&[0x08, 0x00]) {
            return false;
        }
        let Some(octets) = frame.get(ETHERNET + 16..).and_then(|rest| rest.first_chunk::<4>()) else {
            return false;
        };
        let destination = Ipv4Addr::from(*octets);
        !self.routing.is_local(destination)
            && !destination.is_multicast()
            && !self.routing.is_broadcast(destination)
    }

    /// Passes on the packet in a frame that came in by that card.
    ///
    /// # Errors
    /// What is wrong with its IP header.
    pub fn forward(
        &mut self,
        now: Instant,
        card: u16,
        frame: &Bytes,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<(), ParseError> {
        let mut packet = wire::parse_ipv4_shell(frame, ETHERNET)?;
        let octets = || {
            let end = (ETHERNET + packet.len()).min(frame.len());
            frame.slice(ETHERNET..end)
        };
        let (source, destination) = (packet.source, packet.destination);
        if let Some(why) = self.refuses(card, frame, &packet) {
            fx.push(Effect::Dropped(why));
            return Ok(());
        }
        if let Some(why) = self.wrong_way(card, source) {
            fx.push(Effect::Counted(Counter::IPReversePathFilter));
            fx.push(Effect::Dropped(why));
            return Ok(());
        }
        let whole = octets();
        if !self.options_can_be_read(now, &packet, whole, fx) {
            return Ok(());
        }
        let octets = || {
            let end = (ETHERNET + packet.len()).min(frame.len());
            frame.slice(ETHERNET..end)
        };
        let Some(hop) = self.routing.next_hop(destination) else {
            fx.push(Effect::Dropped(Reason::Datagram(DatagramReason::NoRoute { destination })));
            self.unreachable(
                now,
                &packet,
                &octets(),
                0,
                Reason::Forwarding(ForwardingReason::NetUnreachable { destination }),
                fx,
            );
            return Ok(());
        };
        if packet.ttl <= 1 {
            fx.push(Effect::Dropped(Reason::Forwarding(ForwardingReason::TtlOver)));
            let quote = icmp::quote(&octets(), &self.profile);
            let message = IcmpMessage::TimeExceeded { code: 0, quote };
            self.error(now, &packet, message, Reason::Forwarding(ForwardingReason::TtlExceeded), fx);
            return Ok(());
        }
        // The kernel counts here; what is too large for the next hop it has still tried to pass on.
        fx.push(Effect::Counted(Counter::ForwDatagrams));
        let mtu = self.routing.mtu_by(hop);
        let too_big = packet.len() > usize::from(mtu);
        if too_big && packet.dont_fragment {
            fx.push(Effect::Dropped(Reason::Datagram(DatagramReason::TooBig { mtu })));
            let quote = icmp::quote(&octets(), &self.profile);
            let message = IcmpMessage::DestinationUnreachable { code: 4, next_hop_mtu: mtu, quote };
            self.error(
                now,
                &packet,
                message,
                Reason::Forwarding(ForwardingReason::FragmentationNeeded { mtu }),
                fx,
            );
            return Ok(());
        }
        if let Hop::Wire { card: out, next } = hop
            && out == card
            && self.routing.on_net(card, source)
        {
            self.redirect(now, &packet, &octets(), next, fx);
        }
        packet.ttl -= 1;
        if let Hop::Wire { card: out, .. } = hop
            && !self.translate_out(now, out, &mut packet, fx)
        {
            return Ok(());
        }
        let cause = Cause::Own(Reason::Forwarding(ForwardingReason::Forwarded { ttl: packet.ttl }));
        if too_big {
            self.out_in_pieces(now, hop, &packet, &cause, mtu, fx);
        } else {
            self.out(now, hop, packet, cause, fx);
        }
        Ok(())
    }

    /// Why a packet must not be passed on at all.
    fn refuses(&self, card: u16, frame: &[u8], packet: &Ipv4Packet) -> Option<Reason> {
        let source = packet.source;
        let to_group = frame.first_chunk().is_some_and(|mac| MacAddr(*mac).is_group());
        let martian = source.is_multicast()
            || source.is_loopback()
            || source.is_unspecified()
            || self.routing.is_broadcast(source)
            || (self.routing.is_local(source) && !self.is_hairpin(card, source))
            || packet.destination.is_loopback()
            || packet.destination.is_unspecified();
        if to_group {
            Some(Reason::Forwarding(ForwardingReason::NotForwarded))
        } else if martian {
            Some(Reason::Datagram(DatagramReason::MartianSource))
        } else if self.profile.refuses_source_routes && is_source_routed(&packet.options) {
            Some(Reason::Datagram(DatagramReason::SourceRouted))
        } else if usize::from(packet.fragment_offset) * 8 + packet.len() > LARGEST {
            Some(Reason::Fragment(FragmentReason::FragmentInvalid))
        } else {
            None
        }
    }

    /// Tells a neighbour that another one is nearer to where its packet goes (RFC 1812 section 5.2.7.2).
    fn redirect(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        octets: &Bytes,
        gateway: Ipv4Addr,
        fx: &mut Vec<Effect<T>>,
    ) {
        if !self.redirects.allows(now, packet.source, &self.profile) {
            fx.push(Effect::Noted(Reason::Forwarding(ForwardingReason::RedirectsLimited)));
            return;
        }
        let quote = icmp::quote(octets, &self.profile);
        let rest: Bytes = [&gateway.octets()[..], &quote[..]].concat().into();
        let message = IcmpMessage::Other { kind: 5, code: 1, rest };
        let why =
            Reason::Forwarding(ForwardingReason::Redirects { destination: packet.destination, gateway });
        self.error(now, packet, message, why, fx);
    }
}
