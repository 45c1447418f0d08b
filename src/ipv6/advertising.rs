//! A router tells hosts of itself and of the link's prefixes (RFC 4861 section 6.2).

use super::address::{ALL_NODES, is_link_local};
use super::discovery::{SOURCE_CARD, card_option, message, options, told_card};
use super::neighbour::Heard;
use super::routers::{LINK_MTU, prefix_option};
use super::{Effect, Ipv6, Reason};
use crate::clock::{Instant, Span};
use crate::ipv6::reason::{IcmpReason, NeighbourReason, RouterReason};
use crate::wire::{Icmpv6Message, Ipv6Packet};
use std::net::Ipv6Addr;

/// What a router says at a card (RFC 4861 section 6.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Advertisement {
    /// Prefixes on the link with which hosts make addresses: network, length, seconds valid, seconds preferred.
    pub prefixes: Vec<(Ipv6Addr, u8, u32, u32)>,
    /// Seconds for which it is a default router; 0: it is none (AdvDefaultLifetime).
    pub lifetime: u16,
    /// What the link takes, if it says so (AdvLinkMTU).
    pub mtu: Option<u16>,
    /// Unsolicited ones go at random times between a third of this and all of it (MaxRtrAdvInterval).
    pub interval: Span,
}

impl Advertisement {
    /// A default router that tells this prefix, with the lifetimes RFC 4861 section 6.2.1 gives.
    pub fn of(network: Ipv6Addr, len: u8) -> Advertisement {
        const WEEK: u32 = 604_800;
        Advertisement {
            prefixes: vec![(network, len, WEEK * 30 / 7, WEEK)],
            lifetime: 1800,
            mtu: None,
            interval: Span::secs(600),
        }
    }
}

/// Between the first advertisements, so that hosts hear soon (MAX_INITIAL_RTR_ADVERT_INTERVAL).
const INITIAL_INTERVAL: Span = Span::secs(16);
/// How many of those there are (MAX_INITIAL_RTR_ADVERTISEMENTS).
const INITIAL: u64 = 3;
/// An answer waits for a random part of this, for there may be several routers (MAX_RA_DELAY_TIME).
const ANSWER_DELAY: Span = Span::millis(500);
/// Between two to the group (MIN_DELAY_BETWEEN_RAS).
const LEAST_INTERVAL: Span = Span::secs(3);

/// A card at which a router advertises itself.
#[derive(Clone, Debug)]
pub(super) struct Advertising {
    pub card: u16,
    says: Advertisement,
    sent: u64,
    last: Option<Instant>,
    next: Instant,
    asked: bool,
}

impl<T: Clone> Ipv6<T> {
    /// A router's card comes up.
    pub(super) fn begin_to_advertise(&mut self, now: Instant, card: u16, says: Advertisement) {
        self.advertising.push(Advertising { card, says, sent: 0, last: None, next: now, asked: false });
    }

    pub(super) fn advertising_deadline(&self) -> Option<Instant> {
        self.advertising.iter().map(|advertising| advertising.next).min()
    }

    /// Advertisements that are due go.
    pub(super) fn advertising_due(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        for place in 0..self.advertising.len() {
            let advertising = &self.advertising[place];
            if advertising.next > now {
                continue;
            }
            fx.push(Effect::TimerFired("router-advertisement"));
            let (card, asked, says) = (advertising.card, advertising.asked, advertising.says.clone());
            let third = says.interval / 3;
            let random = self.draws.below(
                "router advertisement",
                u64::from(card),
                advertising.sent,
                (third * 2).as_nanos(),
            );
            let wait = third + Span::nanos(random);
            let advertising = &mut self.advertising[place];
            advertising.sent += 1;
            let first = advertising.sent < INITIAL;
            advertising.next = now + if first { wait.min(INITIAL_INTERVAL) } else { wait };
            (advertising.last, advertising.asked) = (Some(now), false);
            self.advertise(card, &says, asked, fx);
        }
    }

    fn advertise(&mut self, card: u16, says: &Advertisement, asked: bool, fx: &mut Vec<Effect<T>>) {
        let own = self
            .routing
            .own
            .iter()
            .find(|own| own.card == card && own.is_usable() && is_link_local(own.address));
        let (Some(own), Some((mac, to))) = (own.map(|own| own.address), self.to_group(card, ALL_NODES))
        else {
            return;
        };
        let mut told = card_option(SOURCE_CARD, mac);
        if let Some(mtu) = says.mtu {
            told.extend([LINK_MTU, 1, 0, 0, 0, 0]);
            told.extend(mtu.to_be_bytes());
        }
        for (network, len, valid, preferred) in &says.prefixes {
            told.extend(prefix_option(*network, *len, *valid, *preferred));
        }
        let tells = Icmpv6Message::RouterAdvertisement {
            hop_limit: self.profile.hop_limit,
            flags: 0,
            lifetime: says.lifetime,
            reachable_ms: 0,
            retransmit_ms: 0,
            options: told.into(),
        };
        let why = if asked {
            Reason::Router(RouterReason::AnswersRouterSolicitation)
        } else {
            Reason::Router(RouterReason::AdvertisesItself)
        };
        self.discovers(card, to, message(own, ALL_NODES, tells), why, fx);
    }

    /// A host asks for routers (RFC 4861 sections 6.1.1 and 6.2.6).
    pub(super) fn routers_solicited(
        &mut self,
        now: Instant,
        card: u16,
        packet: &Ipv6Packet,
        octets: &[u8],
        fx: &mut Vec<Effect<T>>,
    ) {
        let parsed = options(octets)
            .filter(|options| !(packet.source.is_unspecified() && told_card(options, SOURCE_CARD).is_some()));
        let Some(options) = parsed else {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryInvalid)));
            return;
        };
        let delay = self.draws.below(
            "answer to a router solicitation",
            u64::from(card),
            now.as_nanos(),
            ANSWER_DELAY.as_nanos(),
        );
        let Some(advertising) = self.advertising.iter_mut().find(|advertising| advertising.card == card)
        else {
            fx.push(Effect::Dropped(Reason::Icmp(IcmpReason::IcmpIgnored { kind: 133 })));
            return;
        };
        let earliest = advertising.last.map_or(now, |last| last + LEAST_INTERVAL);
        let at = (now + Span::nanos(delay)).max(earliest);
        if at < advertising.next {
            (advertising.next, advertising.asked) = (at, true);
        }
        if let Some(mac) = told_card(&options, SOURCE_CARD) {
            let heard = Heard {
                mac: Some(mac),
                solicited: false,
                overrides: true,
                is_router: Some(false),
                creates: true,
            };
            self.learn(now, card, packet.source, heard, fx);
        }
    }
}
