//! Routers as hosts see them: asked for, heard of, and what follows from what they tell (RFC 4861 section 6.3, RFC 4862
//! section 5.5).

use super::address::{ALL_ROUTERS, interface_identifier, is_link_local};
use super::discovery::{SOURCE_CARD, card_option, message, options, told_card};
use super::neighbour::Heard;
use super::routing::{DefaultRouter, OnLink, Own};
use super::stack::around;
use super::{AddressState, Effect, Ipv6, MIN_MTU, Reason};
use crate::clock::{Instant, Span};
use crate::ipv6::reason::{AddressReason, IcmpReason, NeighbourReason, RouterReason};
use crate::wire::{Icmpv6Message, Ipv6Packet};
use bytes::Bytes;
use std::net::Ipv6Addr;

/// Option: a prefix of the link.
pub(super) const PREFIX: u8 = 3;
/// Option: what the link takes.
pub(super) const LINK_MTU: u8 = 5;

/// Of a prefix: it is on the link.
pub(super) const ON_LINK: u8 = 0x80;
/// Of a prefix: addresses may be made with it.
pub(super) const AUTONOMOUS: u8 = 0x40;

/// An address lives at least that long after a router said less, unless it said so before (RFC 4862 section 5.5.3 (e)).
const TWO_HOURS: Span = Span::secs(7200);

/// Addresses made from prefixes per card at most.
const MADE: usize = 16;

/// Routers being asked for.
#[derive(Clone, Debug)]
pub(super) struct Soliciting {
    /// The card they are asked for at.
    pub card: u16,
    sent: u32,
    wait: Span,
    next: Instant,
}

/// A router advertisement, read.
struct Told<'a> {
    hop_limit: u8,
    lifetime: u16,
    reachable: Span,
    retransmit: Span,
    options: Vec<(u8, &'a [u8])>,
}

/// A prefix information option (RFC 4861 section 4.6.2).
struct Prefix {
    len: u8,
    flags: u8,
    valid: u32,
    preferred: u32,
    network: Ipv6Addr,
}

impl<T: Clone> Ipv6<T> {
    /// A card that makes its addresses itself begins to ask for routers.
    pub(super) fn ask_for_routers(&mut self, now: Instant, card: u16) {
        let wanted = self.lines.get(usize::from(card)).is_some_and(|line| line.autoconfigures);
        if !wanted || self.is_router || self.soliciting.iter().any(|asking| asking.card == card) {
            return;
        }
        let delay = Span::nanos(self.draws.below(
            "router solicitation delay",
            u64::from(card),
            0,
            self.profile.router_delay.as_nanos(),
        ));
        let wait = self.profile.router_interval;
        self.soliciting.push(Soliciting { card, sent: 0, wait, next: now + delay });
    }

    pub(super) fn soliciting_deadline(&self) -> Option<Instant> {
        self.soliciting.iter().map(|asking| asking.next).min()
    }

    /// Router solicitations that are due go (RFC 4861 section 6.3.7, RFC 7559).
    pub(super) fn soliciting_due(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        while let Some(place) = self.soliciting.iter().position(|asking| asking.next <= now) {
            fx.push(Effect::TimerFired("router-solicitation"));
            let Soliciting { card, sent, wait, .. } = self.soliciting[place];
            if self.profile.router_solicits.is_some_and(|most| sent >= most) {
                self.soliciting.remove(place);
                continue;
            }
            let wait = match self.profile.router_solicits {
                Some(_) => wait,
                // Give or take a tenth; each time twice as long, up to an hour.
                None => {
                    let tenth = wait / 10;
                    let more = self.draws.below(
                        "router solicitation",
                        u64::from(card),
                        u64::from(sent),
                        2 * tenth.as_nanos() + 1,
                    );
                    (wait + Span::nanos(more)).saturating_sub(tenth).min(Span::secs(3600))
                }
            };
            let asking = &mut self.soliciting[place];
            (asking.sent, asking.next) = (sent + 1, now + wait);
            asking.wait = if self.profile.router_solicits.is_some() { wait } else { wait * 2 };
            self.solicit_routers(card, fx);
        }
    }

    fn solicit_routers(&mut self, card: u16, fx: &mut Vec<Effect<T>>) {
        let Some((mac, to)) = self.to_group(card, ALL_ROUTERS) else { return };
        let source = self.routing.source_by(card, ALL_ROUTERS);
        // Without an address nobody can be told a card (RFC 4861 section 4.1).
        let told = source.map(|_| card_option(SOURCE_CARD, mac)).unwrap_or_default();
        let asks = Icmpv6Message::RouterSolicitation { options: told.into() };
        let packet = message(source.unwrap_or(Ipv6Addr::UNSPECIFIED), ALL_ROUTERS, asks);
        self.discovers(card, to, packet, Reason::Router(RouterReason::SolicitsRouters), fx);
    }

    /// A router advertisement came (RFC 4861 sections 6.1.2 and 6.3.4).
    pub(super) fn router_advertised(
        &mut self,
        now: Instant,
        card: u16,
        packet: &Ipv6Packet,
        advertisement: &Icmpv6Message,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Icmpv6Message::RouterAdvertisement {
            hop_limit,
            lifetime,
            reachable_ms,
            retransmit_ms,
            options: octets,
            ..
        } = advertisement
        else {
            return;
        };
        let (true, Some(options)) = (is_link_local(packet.source), options(octets)) else {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)));
            return;
        };
        let takes = self.lines.get(usize::from(card)).is_some_and(|line| line.autoconfigures);
        if self.is_router || !takes {
            fx.push(Effect::Dropped(Reason::Icmp(IcmpReason::IcmpIgnored { kind: 134 })));
            return;
        }
        let told = Told {
            hop_limit: *hop_limit,
            lifetime: *lifetime,
            reachable: Span::millis((*reachable_ms).into()),
            retransmit: Span::millis((*retransmit_ms).into()),
            options,
        };
        self.soliciting.retain(|asking| asking.card != card || *lifetime == 0);
        if let Some(mac) = told_card(&told.options, SOURCE_CARD) {
            let heard = Heard {
                mac: Some(mac),
                solicited: false,
                overrides: true,
                is_router: Some(true),
                creates: true,
            };
            self.learn(now, card, packet.source, heard, fx);
        }
        self.set_parameters(card, &told);
        if told.lifetime == 0 {
            self.router_lost(now, card, packet.source, fx);
        } else {
            let until = now + Span::secs(told.lifetime.into());
            let router = DefaultRouter { address: packet.source, card, until, silent: false };
            if self.routing.set_router(router, now) {
                fx.push(Effect::Noted(Reason::Router(RouterReason::RouterFound { address: packet.source })));
            }
        }
        for (kind, value) in &told.options {
            if let (PREFIX, Some(prefix)) = (*kind, prefix(value)) {
                self.prefix_told(now, card, &prefix, fx);
            }
        }
    }

    /// What a router says about the link replaces what was known.
    fn set_parameters(&mut self, card: u16, told: &Told<'_>) {
        let Some(line) = self.lines.get_mut(usize::from(card)) else { return };
        if told.hop_limit > 0 {
            line.hop_limit = told.hop_limit;
        }
        // More than an hour is not believed (RFC 4861 section 6.2.1: AdvReachableTime).
        if told.reachable > Span::ZERO && told.reachable <= Span::secs(3600) {
            line.reachable = around(told.reachable, &self.draws, u64::from(card));
        }
        if told.retransmit >= Span::millis(10) && told.retransmit <= Span::secs(3600) {
            line.retransmit = told.retransmit;
        }
        let mtu = told.options.iter().find(|(kind, _)| *kind == LINK_MTU);
        let mtu = mtu
            .and_then(|(_, value)| value.get(2..6)?.first_chunk().map(|octets| u32::from_be_bytes(*octets)));
        if let Some(Ok(mtu)) = mtu.map(u16::try_from)
            && mtu >= MIN_MTU
        {
            self.routing.lower_link_mtu(card, mtu);
        }
    }

    /// A router tells a prefix: it is on the link, and an address may be made with it.
    fn prefix_told(&mut self, now: Instant, card: u16, prefix: &Prefix, fx: &mut Vec<Effect<T>>) {
        if is_link_local(prefix.network) || prefix.network.is_multicast() {
            return;
        }
        let until = |seconds: u32| (seconds != u32::MAX).then(|| now + Span::secs(seconds.into()));
        if prefix.flags & ON_LINK != 0 {
            let (network, len) = (prefix.network, prefix.len);
            self.routing.set_on_link(OnLink { network, prefix: len, card, until: until(prefix.valid) }, now);
        }
        // The interface identifier has 64 bits: together they must make an address (RFC 4862 section 5.5.3 (d)).
        if prefix.flags & AUTONOMOUS == 0 || prefix.preferred > prefix.valid || prefix.len != 64 {
            return;
        }
        let Some(mac) = self.lines.get(usize::from(card)).map(|line| line.mac) else { return };
        let head = u128::from(prefix.network) >> 64 << 64;
        let address = Ipv6Addr::from(head | u128::from(interface_identifier(mac)));
        let (preferred_until, valid_until) = (until(prefix.preferred), until(prefix.valid));
        if let Some(own) = self.routing.own.iter_mut().find(|own| own.address == address && own.card == card)
        {
            own.refresh(now, preferred_until, valid_until);
            return;
        }
        if prefix.valid == 0 || self.routing.own.iter().filter(|own| own.card == card).count() >= MADE {
            return;
        }
        let state = AddressState::Tentative;
        let own = Own { address, prefix: 64, card, state, made: true, preferred_until, valid_until };
        self.routing.own.push(own);
        fx.push(Effect::Noted(Reason::Address(AddressReason::AddressMade { address })));
        self.report_groups(now, card);
        self.check(now, card, address);
    }

    /// The next moment at which an address grows too old.
    pub(super) fn ageing_deadline(&self) -> Option<Instant> {
        let preferred = |own: &Own| own.preferred_until.filter(|_| own.state == AddressState::Preferred);
        let ages = self.routing.own.iter().flat_map(|own| [preferred(own), own.valid_until]);
        ages.flatten().min()
    }

    /// Addresses grow too old (RFC 4862 section 5.5.4).
    pub(super) fn ageing_due(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        if self.ageing_deadline().is_none_or(|at| at > now) {
            return;
        }
        fx.push(Effect::TimerFired("address-lifetime"));
        for own in &mut self.routing.own {
            let over = |until: Option<Instant>| until.is_some_and(|until| until <= now);
            if over(own.valid_until) || (own.state == AddressState::Preferred && over(own.preferred_until)) {
                own.state = AddressState::Deprecated;
                fx.push(Effect::Noted(Reason::Address(AddressReason::AddressAged { address: own.address })));
            }
        }
        let over = |own: &Own| own.valid_until.is_some_and(|until| until <= now);
        let gone: Vec<Ipv6Addr> =
            self.routing.own.iter().filter(|own| over(own)).map(|own| own.address).collect();
        self.routing.own.retain(|own| !over(own));
        self.forget_checks(&gone);
    }
}

impl Own {
    /// A router tells the prefix again (RFC 4862 section 5.5.3 (e)): nobody can make an address end at once by saying so.
    fn refresh(&mut self, now: Instant, preferred: Option<Instant>, valid: Option<Instant>) {
        if !self.made {
            return;
        }
        self.preferred_until = preferred;
        if self.state == AddressState::Deprecated && preferred.is_none_or(|until| until > now) {
            self.state = AddressState::Preferred;
        }
        let least = now + TWO_HOURS;
        self.valid_until = match (valid, self.valid_until) {
            (None, _) => None,
            (Some(told), None) => Some(told.max(least)),
            (Some(told), Some(remains)) if told > least || told > remains => Some(told),
            (Some(_), Some(remains)) if remains <= least => Some(remains),
            (Some(_), Some(_)) => Some(least),
        };
    }
}

/// Reads a prefix information option, without its type and length.
fn prefix(value: &[u8]) -> Option<Prefix> {
    let be32 = |at: usize| value.get(at..)?.first_chunk().map(|octets| u32::from_be_bytes(*octets));
    let octets: [u8; 16] = *value.get(14..)?.first_chunk()?;
    let [len, flags, ..] = *value else { return None };
    let network = Ipv6Addr::from(octets);
    (len <= 128).then_some(Prefix { len, flags, valid: be32(2)?, preferred: be32(6)?, network })
}

/// The octets of an option that tells a prefix.
pub(super) fn prefix_option(network: Ipv6Addr, len: u8, valid: u32, preferred: u32) -> Bytes {
    let mut octets = vec![PREFIX, 4, len, ON_LINK | AUTONOMOUS];
    octets.extend(valid.to_be_bytes());
    octets.extend(preferred.to_be_bytes());
    octets.extend([0; 4]);
    octets.extend(network.octets());
    octets.into()
}
