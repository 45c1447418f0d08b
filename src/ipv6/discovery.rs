//! Neighbour solicitations and advertisements, out and in (RFC 4861 section 7).

use super::address::{ALL_NODES, solicited_node};
use super::neighbour::{Heard, Learned};
use super::routing::{DefaultRouter, Hop};
use super::{Cause, Effect, Ipv6, Reachability, Reason};
use crate::clock::Instant;
use crate::ipv6::reason::{AddressReason, NeighbourReason, RouterReason};
use crate::mib::Counter;
use crate::wire::{Icmpv6Message, Ipv6Packet, MacAddr, Transport};
use bytes::Bytes;
use std::net::Ipv6Addr;

/// Hop limit of neighbour discovery: what has passed a router can no longer have it (RFC 4861 section 7.1).
pub(super) const HOP_LIMIT: u8 = 255;

/// Option: the sender's card.
pub(super) const SOURCE_CARD: u8 = 1;
/// Option: the target's card.
pub(super) const TARGET_CARD: u8 = 2;

/// R: the sender is a router.
const ROUTER: u8 = 0x80;
/// S: this answers a solicitation.
const SOLICITED: u8 = 0x40;
/// O: a card known before gives way.
const OVERRIDE: u8 = 0x20;

/// The options of a neighbour discovery message, type and value; `None` if one has no length or reaches beyond the end, and
/// then the whole message is thrown away (RFC 4861 section 4.6).
pub(super) fn options(octets: &[u8]) -> Option<Vec<(u8, &[u8])>> {
    let (mut rest, mut found) = (octets, Vec::new());
    while let [kind, words, ..] = rest {
        let len = usize::from(*words) * 8;
        if len == 0 || len > rest.len() {
            return None;
        }
        found.push((*kind, &rest[2..len]));
        rest = &rest[len..];
    }
    rest.is_empty().then_some(found)
}

/// The card that an option of that kind tells.
pub(super) fn told_card(options: &[(u8, &[u8])], kind: u8) -> Option<MacAddr> {
    let (_, value) = options.iter().find(|(found, _)| *found == kind)?;
    value.first_chunk().map(|mac| MacAddr(*mac))
}

/// An option that tells a card.
pub(super) fn card_option(kind: u8, mac: MacAddr) -> Vec<u8> {
    [&[kind, 1], &mac.0[..]].concat()
}

/// A neighbour discovery message on its way.
pub(super) fn message(source: Ipv6Addr, destination: Ipv6Addr, message: Icmpv6Message) -> Ipv6Packet {
    Ipv6Packet { hop_limit: HOP_LIMIT, ..Ipv6Packet::new(source, destination, Transport::Icmpv6(message)) }
}

impl<T: Clone> Ipv6<T> {
    /// Asks the group of `target` which card it has. The asker is the sender of the packet that waits, if that is this host
    /// (RFC 4861 section 7.2.2).
    pub(super) fn solicit(
        &mut self,
        card: u16,
        target: Ipv6Addr,
        waits: Option<Ipv6Addr>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let own = waits.filter(|source| self.routing.is_local(*source));
        let Some(source) = own.or_else(|| self.routing.source_by(card, target)) else { return };
        let group = solicited_node(target);
        let Some((mac, to)) = self.to_group(card, group) else { return };
        let options = card_option(SOURCE_CARD, mac).into();
        let asks = Icmpv6Message::NeighbourSolicitation { target, options };
        self.discovers(
            card,
            to,
            message(source, group, asks),
            Reason::Neighbour(NeighbourReason::AsksForNeighbour { target }),
            fx,
        );
    }

    /// Asks a neighbour whose card is known whether it is still there.
    pub(super) fn probe(&mut self, card: u16, target: Ipv6Addr, to: MacAddr, fx: &mut Vec<Effect<T>>) {
        let Some(source) = self.routing.source_by(card, target) else { return };
        let Some(mac) = self.lines.get(usize::from(card)).map(|line| line.mac) else { return };
        let options = card_option(SOURCE_CARD, mac).into();
        let asks = Icmpv6Message::NeighbourSolicitation { target, options };
        self.discovers(
            card,
            to,
            message(source, target, asks),
            Reason::Neighbour(NeighbourReason::ProbesNeighbour { target }),
            fx,
        );
    }

    /// Puts a neighbour discovery message on the wire and counts it.
    pub(super) fn discovers(
        &mut self,
        card: u16,
        to: MacAddr,
        packet: Ipv6Packet,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        fx.push(Effect::Counted(Counter::Ip6OutRequests));
        self.count_out(&packet, fx);
        self.transmit(card, to, &packet, Cause::Own(why), fx);
    }

    /// A neighbour solicitation came (RFC 4861 section 7.2.3).
    pub(super) fn solicited(
        &mut self,
        now: Instant,
        card: u16,
        packet: &Ipv6Packet,
        (target, octets): (Ipv6Addr, &Bytes),
        fx: &mut Vec<Effect<T>>,
    ) {
        let unspecified = packet.source.is_unspecified();
        let parsed = options(octets).filter(|options| {
            let told = told_card(options, SOURCE_CARD).is_some();
            let group = packet.destination == solicited_node(target);
            !target.is_multicast() && !(unspecified && (told || !group))
        });
        let Some(options) = parsed else {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)));
            return;
        };
        let Some(own) = self.routing.find(target).copied().filter(|own| own.card == card) else {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryNotForUs)));
            return;
        };
        if !own.is_usable() {
            self.tentative_solicited(own, packet, &options, fx);
            return;
        }
        if let Some(mac) = told_card(&options, SOURCE_CARD) {
            let heard =
                Heard { mac: Some(mac), solicited: false, overrides: true, is_router: None, creates: true };
            self.learn(now, card, packet.source, heard, fx);
        }
        self.answer(now, card, target, packet.source, fx);
    }

    /// Tells whoever asked, or everybody if it has no address yet, which card `target` is (RFC 4861 section 7.2.4).
    fn answer(
        &mut self,
        now: Instant,
        card: u16,
        target: Ipv6Addr,
        asker: Ipv6Addr,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Some(line) = self.lines.get(usize::from(card)) else { return };
        let to_all = asker.is_unspecified();
        let router = if self.is_router { ROUTER } else { 0 };
        let flags = router | OVERRIDE | if to_all { 0 } else { SOLICITED };
        let options = card_option(TARGET_CARD, line.mac).into();
        let tells = Icmpv6Message::NeighbourAdvertisement { flags, target, options };
        if to_all {
            let Some((_, to)) = self.to_group(card, ALL_NODES) else { return };
            let why = Reason::Address(AddressReason::DefendsAddress { address: target });
            self.discovers(card, to, message(target, ALL_NODES, tells), why, fx);
        } else {
            let packet = message(target, asker, tells);
            fx.push(Effect::Counted(Counter::Ip6OutRequests));
            self.count_out(&packet, fx);
            let hop = Hop::Wire { card, next: asker };
            self.out(
                now,
                hop,
                packet,
                Cause::Own(Reason::Neighbour(NeighbourReason::AnswersSolicitation { asker })),
                fx,
            );
        }
    }

    /// A neighbour advertisement came (RFC 4861 section 7.2.5).
    pub(super) fn advertised(
        &mut self,
        now: Instant,
        card: u16,
        packet: &Ipv6Packet,
        (flags, target, octets): (u8, Ipv6Addr, &Bytes),
        fx: &mut Vec<Effect<T>>,
    ) {
        let solicited = flags & SOLICITED != 0;
        let fits = !(target.is_multicast() || packet.destination.is_multicast() && solicited);
        let Some(options) = options(octets).filter(|_| fits) else {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)));
            return;
        };
        if let Some(own) = self.routing.find(target).copied().filter(|own| own.card == card) {
            self.own_advertised(own, fx);
            return;
        }
        let known = self.lines.get(usize::from(card)).and_then(|line| line.neighbours.state(now, target));
        if known.is_none() {
            // Who was never asked for is nobody's concern (RFC 4861 section 7.2.5).
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryNotForUs)));
            return;
        }
        let heard = Heard {
            mac: told_card(&options, TARGET_CARD),
            solicited,
            overrides: flags & OVERRIDE != 0,
            is_router: Some(flags & ROUTER != 0),
            creates: false,
        };
        self.learn(now, card, target, heard, fx);
    }

    /// A default router is none any more.
    pub(super) fn router_lost(
        &mut self,
        now: Instant,
        card: u16,
        address: Ipv6Addr,
        fx: &mut Vec<Effect<T>>,
    ) {
        let gone = DefaultRouter { address, card, until: now, silent: false };
        self.routing.forget_way_by(address);
        if self.routing.set_router(gone, now) {
            fx.push(Effect::Noted(Reason::Router(RouterReason::RouterLost { address })));
        }
    }

    /// The cache learns, and what waited goes.
    pub(super) fn learn(
        &mut self,
        now: Instant,
        card: u16,
        address: Ipv6Addr,
        heard: Heard,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Some(line) = self.lines.get_mut(usize::from(card)) else { return };
        let Learned { change, released, router_no_more } =
            line.neighbours.learn(now, address, heard, (&self.profile, line.reachable));
        if let Some((_, state)) = change {
            fx.push(Effect::Noted(Reason::Neighbour(NeighbourReason::NeighbourIs { address, state })));
        }
        let heard_of = matches!(change, Some((_, Reachability::Reachable)));
        for router in self.routing.routers.iter_mut().filter(|router| router.address == address) {
            router.silent &= !heard_of;
        }
        if router_no_more {
            self.router_lost(now, card, address, fx);
        }
        for (packet, cause) in released {
            self.out(now, Hop::Wire { card, next: address }, packet, cause, fx);
        }
    }
}
