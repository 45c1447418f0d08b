//! What is for others: a router passes it on, and never cuts it (RFC 8200 sections 3 and 5).
//!
//! A router looks at the IPv6 header and at hop-by-hop options, and at nothing behind them.

use super::routing::Hop;
use super::{Arrived, Cause, Effect, Ipv6, Reason, address, extensions, icmp};
use crate::clock::Instant;
use crate::internet::ETHERNET;
use crate::ipv6::reason::{IcmpReason, NeighbourReason, PacketReason};
use crate::mib::Counter;
use crate::wire::{self, Extension, Icmpv6Message, Ipv6Packet, MacAddr, ParseError};
use bytes::Bytes;
use std::net::Ipv6Addr;

impl<T: Clone> Ipv6<T> {
    /// Whether a frame that this router's card hears carries a packet for others.
    pub fn passes_on(&self, frame: &[u8]) -> bool {
        if !self.is_router || frame.get(12..14) != Some(&[0x86, 0xdd]) {
            return false;
        }
        let Some(octets) = frame.get(ETHERNET + 24..).and_then(|rest| rest.first_chunk::<16>()) else {
            return false;
        };
        let destination = Ipv6Addr::from(*octets);
        self.routing.find(destination).is_none() && !destination.is_loopback() && !destination.is_multicast()
    }

    /// Passes on the packet in a frame that came in by that card.
    ///
    /// # Errors
    /// What is wrong with its headers.
    pub fn forward(
        &mut self,
        now: Instant,
        card: u16,
        frame: &Bytes,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<(), ParseError> {
        self.routing.forget_old(now);
        let mut packet = wire::parse_ipv6_shell(frame, ETHERNET)?;
        fx.push(Effect::Counted(Counter::Ip6InReceives));
        let arrived = Arrived::in_frame(&packet, frame);
        let octets = arrived.octets();
        if self.refuses_to_pass(&arrived, fx) {
            return Ok(());
        }
        if let Some(Extension::HopByHop(options)) = packet.extensions.first()
            && let Err(bad) = extensions::options(options, true)
        {
            self.bad_option(now, &arrived, bad, wire::IPV6_HEADER, fx);
            return Ok(());
        }
        let (source, destination) = (packet.source, packet.destination);
        let Some(hop) = self.routing.next_hop(destination) else {
            fx.push(Effect::Counted(Counter::Ip6InNoRoutes));
            fx.push(Effect::Dropped(Reason::Packet(PacketReason::NoRoute { destination })));
            let why = Reason::Icmp(IcmpReason::NoRouteUnreachable { destination });
            self.unreachable(now, (&packet, &octets), 0, why, fx);
            return Ok(());
        };
        if packet.hop_limit <= 1 {
            fx.push(Effect::Counted(Counter::Ip6InHdrErrors));
            fx.push(Effect::Dropped(Reason::Packet(PacketReason::HopLimitOver)));
            let message = Icmpv6Message::TimeExceeded { code: 0, quote: icmp::quote(&octets) };
            self.error(now, &packet, message, Reason::Icmp(IcmpReason::HopLimitExceeded), fx);
            return Ok(());
        }
        if address::is_link_local(source) {
            fx.push(Effect::Counted(Counter::Ip6InAddrErrors));
            fx.push(Effect::Dropped(Reason::Packet(PacketReason::NotForwarded)));
            let why = Reason::Icmp(IcmpReason::BeyondScopeUnreachable { source });
            self.unreachable(now, (&packet, &octets), 2, why, fx);
            return Ok(());
        }
        if let Hop::Wire { card: out, next } = hop
            && out == card
        {
            self.redirects(now, card, (&packet, &octets), next, fx);
        }
        let mtu = self.routing.mtu_by(hop);
        if packet.len() > usize::from(mtu) {
            fx.push(Effect::Counted(Counter::Ip6InTooBigErrors));
            fx.push(Effect::Dropped(Reason::Packet(PacketReason::TooBig { mtu })));
            let message = Icmpv6Message::PacketTooBig { mtu: mtu.into(), quote: icmp::quote(&octets) };
            self.error(now, &packet, message, Reason::Icmp(IcmpReason::PacketTooBig { mtu }), fx);
            return Ok(());
        }
        fx.push(Effect::Counted(Counter::Ip6OutForwDatagrams));
        packet.hop_limit -= 1;
        let cause = Cause::Own(Reason::Packet(PacketReason::Forwarded { hop_limit: packet.hop_limit }));
        self.out(now, hop, packet, cause, fx);
        Ok(())
    }

    /// Whether a packet must not be passed on at all.
    fn refuses_to_pass(&self, arrived: &Arrived<'_>, fx: &mut Vec<Effect<T>>) -> bool {
        let (source, destination) = (arrived.packet.source, arrived.packet.destination);
        let to_group = arrived.within.first_chunk().is_some_and(|mac| MacAddr(*mac).is_group());
        let martian = source.is_multicast()
            || source.is_loopback()
            || source.is_unspecified()
            || destination.is_unspecified()
            || self.routing.is_local(source);
        let why = if martian {
            Reason::Packet(PacketReason::MartianSource)
        } else if to_group || address::is_link_local(destination) {
            Reason::Packet(PacketReason::NotForwarded)
        } else {
            return false;
        };
        fx.push(Effect::Counted(Counter::Ip6InAddrErrors));
        fx.push(Effect::Dropped(why));
        true
    }

    /// Tells a neighbour that another one is nearer to where its packet goes (RFC 4861 section 8.2).
    fn redirects(
        &mut self,
        now: Instant,
        card: u16,
        (packet, octets): (&Ipv6Packet, &Bytes),
        next: Ipv6Addr,
        fx: &mut Vec<Effect<T>>,
    ) {
        let (source, destination) = (packet.source, packet.destination);
        // The sender must be a neighbour, and the nearer one named by an address of the link.
        if !self.routing.on_net(card, source) || !(next == destination || address::is_link_local(next)) {
            return;
        }
        let Some(own) = self
            .routing
            .own
            .iter()
            .find(|own| own.card == card && own.is_usable() && address::is_link_local(own.address))
        else {
            return;
        };
        let own = own.address;
        if !self.redirected.allows(now, source, self.profile.redirect_interval, 1) {
            return;
        }
        let mac = self.lines.get(usize::from(card)).and_then(|line| line.neighbours.card(next));
        let told = mac.map(|mac| super::discovery::card_option(super::discovery::TARGET_CARD, mac));
        let mut rest = vec![0; 4];
        rest.extend(next.octets());
        rest.extend(destination.octets());
        rest.extend(told.unwrap_or_default());
        // What is quoted stands in an option: its length counts eights (RFC 4861 section 4.6.3).
        let room = 1280 - wire::IPV6_HEADER - 4 - rest.len() - 8;
        let quote = &octets[..(octets.len() / 8 * 8).min(room / 8 * 8)];
        rest.extend([4, (quote.len() / 8 + 1) as u8, 0, 0, 0, 0, 0, 0]);
        rest.extend(quote);
        let message = Icmpv6Message::Other { kind: 137, code: 0, rest: rest.into() };
        let redirect = super::discovery::message(own, source, message);
        self.count_out(&redirect, fx);
        self.output(
            now,
            redirect,
            Cause::Own(Reason::Neighbour(NeighbourReason::Redirects { destination, target: next })),
            fx,
        );
    }

    /// A router says who is nearer (RFC 4861 sections 8.1 and 8.3).
    pub(super) fn redirect_came(
        &mut self,
        now: Instant,
        card: u16,
        packet: &Ipv6Packet,
        rest: &[u8],
        fx: &mut Vec<Effect<T>>,
    ) {
        let read = |at: usize| rest.get(at..)?.first_chunk::<16>().map(|octets| Ipv6Addr::from(*octets));
        let parts = (read(4), read(20), rest.get(36..).and_then(super::discovery::options));
        let (Some(target), Some(destination), Some(options)) = parts else {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)));
            return;
        };
        let fits = packet.source.segments()[0] & 0xffc0 == 0xfe80
            && !destination.is_multicast()
            && (target == destination || target.segments()[0] & 0xffc0 == 0xfe80);
        if !fits {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)));
            return;
        }
        let present = self.routing.next_hop(destination);
        if self.is_router || present != Some(Hop::Wire { card, next: packet.source }) {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::RedirectRefused)));
            return;
        }
        if let Some(mac) = super::discovery::told_card(&options, super::discovery::TARGET_CARD) {
            let is_router = (target != destination).then_some(true);
            let heard = super::neighbour::Heard {
                mac: Some(mac),
                solicited: false,
                overrides: true,
                is_router,
                creates: true,
            };
            self.learn(now, card, target, heard, fx);
        }
        self.routing.redirect(now, destination, card, target);
        fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::RedirectTaken { destination, target })));
    }
}
