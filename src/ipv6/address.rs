//! IPv6 addresses and what follows from them alone: scopes, solicited-node groups, the Ethernet groups of groups
//! (RFC 4291, RFC 2464).

use crate::wire::MacAddr;
use std::net::Ipv6Addr;

/// Every node on the link.
pub const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
/// Every router on the link.
pub const ALL_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 2);

/// Every router that listens to reports of groups (RFC 3810 section 5.2.14).
pub const ALL_MLD_ROUTERS: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 0x16);

/// The group that whoever has `address` belongs to: ff02::1:ff and its last 24 bits (RFC 4291 section 2.7.1).
pub fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., a, b, c] = address.octets();
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | u16::from(a), u16::from(b) << 8 | u16::from(c))
}

/// The Ethernet group of an IPv6 group: 33:33 and its last four octets (RFC 2464 section 7).
pub fn group_mac(group: Ipv6Addr) -> MacAddr {
    let [.., a, b, c, d] = group.octets();
    MacAddr([0x33, 0x33, a, b, c, d])
}

/// The interface identifier made of a card's address: ff:fe in the middle, the universal/local bit turned over (RFC 4291
/// appendix A).
pub fn interface_identifier(mac: MacAddr) -> u64 {
    let [a, b, c, d, e, f] = mac.0;
    u64::from_be_bytes([a ^ 2, b, c, 0xff, 0xfe, d, e, f])
}

/// The link-local address of a card (RFC 4291 section 2.5.6).
pub fn link_local(mac: MacAddr) -> Ipv6Addr {
    Ipv6Addr::from(0xfe80 << 112 | u128::from(interface_identifier(mac)))
}

/// Whether the address holds on its own link only: fe80::/10, or a group of that scope or a smaller one.
pub fn is_link_local(address: Ipv6Addr) -> bool {
    scope(address) <= LINK
}

/// Scope of one link.
pub const LINK: u8 = 2;
/// Scope of a site.
pub const SITE: u8 = 5;
/// Scope of the world.
pub const GLOBAL: u8 = 14;

/// How far the address reaches, as multicast addresses count it (RFC 4291 section 2.7, RFC 6724 section 3.1). The loopback
/// address counts as link-local.
pub fn scope(address: Ipv6Addr) -> u8 {
    let first = address.segments()[0];
    if address.is_multicast() {
        (first & 0xf) as u8
    } else if first & 0xffc0 == 0xfe80 || address.is_loopback() {
        LINK
    } else if first & 0xffc0 == 0xfec0 {
        SITE
    } else {
        GLOBAL
    }
}

/// The mask of a prefix of that many bits, at most 128.
pub fn mask(prefix: u8) -> u128 {
    u128::MAX.checked_shl(128 - u32::from(prefix.min(128))).unwrap_or(0)
}

/// Whether `address` begins with the first `prefix` bits of `network`.
pub fn within(address: Ipv6Addr, network: Ipv6Addr, prefix: u8) -> bool {
    (u128::from(address) ^ u128::from(network)) & mask(prefix) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Ipv6Addr {
        text.parse().expect("an address")
    }

    #[test]
    fn a_card_makes_its_link_local_address_as_the_kernel_does() {
        assert_eq!(link_local(MacAddr::of_host(1)), at("fe80::ff:fe00:1"));
        assert_eq!(
            link_local(MacAddr([0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde])),
            at("fe80::3656:78ff:fe9a:bcde")
        );
    }

    #[test]
    fn a_neighbour_is_looked_for_in_a_group_few_others_are_in() {
        let group = solicited_node(at("2001:db8::12:3456"));
        assert_eq!(group, at("ff02::1:ff12:3456"));
        assert_eq!(group_mac(group), MacAddr([0x33, 0x33, 0xff, 0x12, 0x34, 0x56]));
    }

    #[test]
    fn scopes_are_told_by_the_first_bits() {
        for (address, reach) in [
            ("fe80::1", LINK),
            ("ff02::1", LINK),
            ("ff01::1", 1),
            ("fec0::1", SITE),
            ("2001:db8::1", GLOBAL),
            ("::1", LINK),
            ("ff0e::1", GLOBAL),
        ] {
            assert_eq!(scope(at(address)), reach, "{address}");
        }
        assert!(within(at("2001:db8::9"), at("2001:db8::"), 64));
        assert!(!within(at("2001:db8:0:1::9"), at("2001:db8::"), 64));
        assert!(within(at("::"), at("ffff::"), 0));
    }
}
