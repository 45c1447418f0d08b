//! Whether somebody else has an address already, seen to before it is used (RFC 4862 section 5.4, RFC 7527).

use super::address::{link_local, solicited_node};
use super::routing::Own;
use super::{AddressState, Effect, Ipv6, Reason, discovery};
use crate::clock::{Instant, Span};
use crate::ipv6::reason::{AddressReason, NeighbourReason};
use crate::wire::{Icmpv6Message, Ipv6Packet};
use std::net::Ipv6Addr;

/// Option: a number by which the asker knows its own question (RFC 7527 section 4.1).
const NONCE: u8 = 14;

/// An address being checked.
#[derive(Clone, Debug)]
pub(super) struct Check {
    card: u16,
    address: Ipv6Addr,
    sent: u32,
    nonce: Option<[u8; 6]>,
    next: Instant,
}

impl<T: Clone> Ipv6<T> {
    /// Begins to check an address: the first solicitation goes after a random delay, so that not all cards that came up together
    /// ask at once.
    pub(super) fn check(&mut self, now: Instant, card: u16, address: Ipv6Addr) {
        let wait = self.drawn("duplicate address delay", card, address, self.profile.duplicate_delay);
        self.checks.push(Check { card, address, sent: 0, nonce: None, next: now + wait });
    }

    /// A part of `most`, drawn for that address.
    pub(super) fn drawn(&self, purpose: &'static str, card: u16, address: Ipv6Addr, most: Span) -> Span {
        let ordinal = u128::from(address) as u64 ^ (u128::from(address) >> 64) as u64;
        Span::nanos(self.draws.below(purpose, u64::from(card), ordinal, most.as_nanos()))
    }

    pub(super) fn checks_deadline(&self) -> Option<Instant> {
        self.checks.iter().map(|check| check.next).min()
    }

    /// Solicitations that are due go; an address about which nobody spoke up is free.
    pub(super) fn checks_due(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        while let Some(place) = self.checks.iter().position(|check| check.next <= now) {
            fx.push(Effect::TimerFired("duplicate-address"));
            let Check { card, address, sent, .. } = self.checks[place];
            if sent < self.profile.duplicate_probes {
                let retransmit =
                    self.lines.get(usize::from(card)).map_or(self.profile.retransmit, |line| line.retransmit);
                let number = self.draws.draw("duplicate address nonce", u64::from(card), u64::from(sent))
                    ^ u128::from(address) as u64;
                let [a, b, c, d, e, f, ..] = number.to_be_bytes();
                let nonce = self.profile.duplicate_nonce.then_some([a, b, c, d, e, f]);
                let check = &mut self.checks[place];
                (check.sent, check.nonce, check.next) = (sent + 1, nonce, now + retransmit);
                self.ask_whether_free(card, address, nonce, fx);
            } else {
                self.checks.remove(place);
                self.free(now, card, address, fx);
            }
        }
    }

    fn ask_whether_free(
        &mut self,
        card: u16,
        target: Ipv6Addr,
        nonce: Option<[u8; 6]>,
        fx: &mut Vec<Effect<T>>,
    ) {
        let group = solicited_node(target);
        let Some((_, to)) = self.to_group(card, group) else { return };
        let options = nonce.map(|nonce| [&[NONCE, 1], &nonce[..]].concat()).unwrap_or_default().into();
        let asks = Icmpv6Message::NeighbourSolicitation { target, options };
        let packet = discovery::message(Ipv6Addr::UNSPECIFIED, group, asks);
        self.discovers(
            card,
            to,
            packet,
            Reason::Address(AddressReason::ChecksAddress { address: target }),
            fx,
        );
    }

    /// Nobody else has the address.
    fn free(&mut self, now: Instant, card: u16, address: Ipv6Addr, fx: &mut Vec<Effect<T>>) {
        let own = self.routing.own.iter_mut().find(|own| own.card == card && own.address == address);
        let Some(own) = own.filter(|own| own.state == AddressState::Tentative) else { return };
        own.state = AddressState::Preferred;
        fx.push(Effect::Noted(Reason::Address(AddressReason::AddressFree { address })));
        // From now on it can say who it is.
        if super::address::is_link_local(address) {
            self.report_groups(now, card);
            self.ask_for_routers(now, card);
        }
    }

    /// Addresses that are gone need no checking.
    pub(super) fn forget_checks(&mut self, gone: &[Ipv6Addr]) {
        self.checks.retain(|check| !gone.contains(&check.address));
    }

    /// Somebody asks for an address of ours that may not be used yet, or any more.
    pub(super) fn tentative_solicited(
        &mut self,
        own: Own,
        packet: &Ipv6Packet,
        options: &[(u8, &[u8])],
        fx: &mut Vec<Effect<T>>,
    ) {
        // From an address: a packet waits for it there. It gets no answer (RFC 4862 section 5.4.3).
        if !packet.source.is_unspecified() || own.state != AddressState::Tentative {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryNotForUs)));
            return;
        }
        let nonce = options.iter().find(|(kind, _)| *kind == NONCE).map(|(_, value)| *value);
        let check = self.checks.iter().find(|check| check.address == own.address && check.card == own.card);
        let ours = check.and_then(|check| check.nonce);
        if ours.is_some() && ours.as_ref().map(|nonce| &nonce[..]) == nonce {
            fx.push(Effect::Dropped(Reason::Address(AddressReason::OwnProbe)));
            return;
        }
        self.taken(own, fx);
    }

    /// Somebody says that an address of ours is his.
    pub(super) fn own_advertised(&mut self, own: Own, fx: &mut Vec<Effect<T>>) {
        match own.state {
            AddressState::Tentative => self.taken(own, fx),
            AddressState::Preferred | AddressState::Deprecated => {
                fx.push(Effect::Dropped(Reason::Address(AddressReason::AddressClaimed {
                    address: own.address,
                })));
            }
            AddressState::Duplicate => {
                fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryNotForUs)))
            }
        }
    }

    fn taken(&mut self, own: Own, fx: &mut Vec<Effect<T>>) {
        let mac = self.lines.get(usize::from(own.card)).map(|line| line.mac);
        let stops = self.profile.duplicate_stops_card && mac.map(link_local) == Some(own.address);
        let gone = |other: &Own| other.card == own.card && (stops || other.address == own.address);
        self.checks.retain(|check| !(check.card == own.card && (stops || check.address == own.address)));
        for other in self.routing.own.iter_mut().filter(|other| gone(other)) {
            other.state = AddressState::Duplicate;
        }
        fx.push(Effect::Noted(Reason::Address(AddressReason::AddressTaken { address: own.address })));
    }
}
