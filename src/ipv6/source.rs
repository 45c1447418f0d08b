//! Which own address a packet comes from: the rules of RFC 6724 section 5 that concern a host without mobility and without
//! temporary addresses.

use super::address::{is_link_local, scope, within};
use super::routing::{AddressState, Hop, Own, Routing};
use std::net::Ipv6Addr;

/// The default policy table (RFC 6724 section 2.1): prefix, its length, label.
const LABELS: [(Ipv6Addr, u8, u8); 9] = [
    (Ipv6Addr::LOCALHOST, 128, 0),
    (Ipv6Addr::UNSPECIFIED, 0, 1),
    (Ipv6Addr::new(0, 0, 0, 0, 0, 0xffff, 0, 0), 96, 4),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16, 2),
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 32, 5),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7, 13),
    (Ipv6Addr::UNSPECIFIED, 96, 3),
    (Ipv6Addr::new(0xfec0, 0, 0, 0, 0, 0, 0, 0), 10, 11),
    (Ipv6Addr::new(0x3ffe, 0, 0, 0, 0, 0, 0, 0), 16, 12),
];

fn label(address: Ipv6Addr) -> u8 {
    let fits = LABELS.iter().filter(|(network, prefix, _)| within(address, *network, *prefix));
    fits.max_by_key(|(_, prefix, _)| *prefix).map_or(1, |(_, _, label)| *label)
}

impl Routing {
    /// The source address of packets to `destination`; `None` if no route leads there, or no own address may be used.
    pub fn source_for(&self, destination: Ipv6Addr) -> Option<Ipv6Addr> {
        match self.next_hop(destination)? {
            Hop::Loopback => Some(destination),
            Hop::Wire { card, .. } => self.source_by(card, destination),
        }
    }

    /// The same for packets that leave by that card.
    pub(super) fn source_by(&self, card: u16, destination: Ipv6Addr) -> Option<Ipv6Addr> {
        // What stays on a link must come from an address of that link; a group is such a one, too.
        let narrow = is_link_local(destination) || destination.is_multicast();
        let candidates = self.own.iter().filter(|own| own.is_usable() && (own.card == card || !narrow));
        let best = candidates.reduce(
            |best, other| {
                if better(other, best, card, destination) { other } else { best }
            },
        );
        best.map(|own| own.address)
    }
}

/// Whether `a` is to be preferred to `b`, which came first.
fn better(a: &Own, b: &Own, card: u16, to: Ipv6Addr) -> bool {
    let ranks = |own: &Own| {
        (
            own.address == to,
            // Far enough, and then no farther than need be; otherwise as far as possible.
            if scope(own.address) >= scope(to) {
                (true, -i16::from(scope(own.address)))
            } else {
                (false, i16::from(scope(own.address)))
            },
            own.state != AddressState::Deprecated,
            own.card == card,
            label(own.address) == label(to),
            common(own.address, to).min(u32::from(own.prefix)),
        )
    };
    ranks(a) > ranks(b)
}

/// How many leading bits two addresses share.
fn common(a: Ipv6Addr, b: Ipv6Addr) -> u32 {
    (u128::from(a) ^ u128::from(b)).leading_zeros()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipv6::routing::{Route, Via};

    fn at(text: &str) -> Ipv6Addr {
        text.parse().expect("an address")
    }

    fn host(addresses: &[(&str, u16, AddressState)]) -> Routing {
        let own = |(address, card, state): &(&str, u16, AddressState)| Own {
            address: at(address),
            prefix: 64,
            card: *card,
            state: *state,
            made: false,
            preferred_until: None,
            valid_until: None,
        };
        let everything = Via::Gateway { address: at("fe80::1"), card: Some(0) };
        let default = Route { network: Ipv6Addr::UNSPECIFIED, prefix: 0, via: everything };
        Routing::new(addresses.iter().map(own).collect(), vec![1500, 1500], &[default])
    }

    fn chosen(addresses: &[(&str, u16, AddressState)], to: &str) -> Option<Ipv6Addr> {
        host(addresses).source_for(at(to))
    }

    use AddressState::{Deprecated, Preferred, Tentative};

    #[test]
    fn the_source_has_the_scope_of_the_destination() {
        let own = [("fe80::5", 0, Preferred), ("2001:db8::5", 0, Preferred)];
        assert_eq!(chosen(&own, "fe80::9"), Some(at("fe80::5")));
        assert_eq!(chosen(&own, "2001:db8:7::9"), Some(at("2001:db8::5")));
        assert_eq!(chosen(&own, "ff02::1"), Some(at("fe80::5")));
        assert_eq!(chosen(&own[..1], "2001:db8:7::9"), Some(at("fe80::5")), "better than none");
    }

    #[test]
    fn an_own_address_answers_itself() {
        assert_eq!(chosen(&[("2001:db8::5", 0, Preferred)], "2001:db8::5"), Some(at("2001:db8::5")));
        assert_eq!(chosen(&[], "::1"), Some(at("::1")));
    }

    #[test]
    fn a_tentative_address_is_never_chosen_and_a_deprecated_one_only_alone() {
        let own = [
            ("2001:db8::5", 0, Deprecated),
            ("2001:db8:1::5", 0, Preferred),
            ("2001:db8:2::5", 0, Tentative),
        ];
        assert_eq!(chosen(&own, "2001:db8:2::9"), Some(at("2001:db8:1::5")));
        assert_eq!(chosen(&own[..1], "2001:db8:2::9"), Some(at("2001:db8::5")));
        assert_eq!(chosen(&own[2..], "2001:db8:2::9"), None);
    }

    #[test]
    fn labels_and_then_the_longest_common_prefix_decide() {
        let own =
            [("fd00::5", 0, Preferred), ("2001:db8:1::5", 0, Preferred), ("2001:db8:2::5", 0, Preferred)];
        assert_eq!(chosen(&own, "fd00:1::9"), Some(at("fd00::5")));
        assert_eq!(chosen(&own, "2001:db8:2:1::9"), Some(at("2001:db8:2::5")));
        let cards = [("2001:db8:2::5", 1, Preferred), ("2001:db8:1::5", 0, Preferred)];
        assert_eq!(chosen(&cards, "2001:db8:ffff::9"), Some(at("2001:db8:1::5")), "the card it leaves by");
    }
}
