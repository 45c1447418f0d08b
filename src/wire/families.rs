//! The two families of addresses, and what a socket's own address takes of each (RFC 3493 section 3.7).

use std::net::{IpAddr, SocketAddr, SocketAddrV6};

/// Octets of an IPv4 header without options and a TCP header.
const TCP_OVER_IPV4: u16 = 40;
/// Octets of an IPv6 header and a TCP header.
const TCP_OVER_IPV6: u16 = 60;

/// What a socket has of its host's addresses: one of them, all of a family, or, as an AF_INET6 wildcard without IPV6_V6ONLY,
/// all of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// The own address; an IPv4-mapped one counts as IPv4 and stands here as such.
    pub local: SocketAddr,
    /// IPV6_V6ONLY. Matters to `[::]` alone.
    pub v6_only: bool,
}

impl Claim {
    /// Whether what is sent to that own address of the host is for it: `Some(true)` for the very address, `Some(false)` for any.
    pub fn takes(self, to: IpAddr) -> Option<bool> {
        let own = self.local.ip();
        match own == to {
            true => Some(true),
            false => (own.is_unspecified() && self.has_family_of(to)).then_some(false),
        }
    }

    /// Whether an address is taken by both, the ports left aside.
    pub fn meets(self, other: Claim) -> bool {
        let (own, its) = (self.local.ip(), other.local.ip());
        match (own.is_unspecified(), its.is_unspecified()) {
            (false, false) => own == its,
            (true, false) => self.has_family_of(its),
            (false, true) => other.has_family_of(own),
            // Both have all of a family. `[::]` always has IPv6; each that is no such has IPv4.
            (true, true) => own.is_ipv6() == its.is_ipv6() || !(self.v6_alone() || other.v6_alone()),
        }
    }

    fn v6_alone(self) -> bool {
        self.local.is_ipv6() && self.v6_only
    }

    /// Whether a wildcard has addresses of that one's family.
    fn has_family_of(self, ip: IpAddr) -> bool {
        match ip {
            IpAddr::V4(_) => !self.v6_alone(),
            IpAddr::V6(_) => self.local.is_ipv6(),
        }
    }
}

/// An IPv4 address as an AF_INET6 socket shows it: `::ffff:a.b.c.d` (RFC 4291 section 2.5.5.2). Others stay.
pub fn mapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V4(v4) => SocketAddrV6::new(v4.ip().to_ipv6_mapped(), v4.port(), 0, 0).into(),
        SocketAddr::V6(_) => address,
    }
}

/// An IPv4-mapped address as the IPv4 address it stands for. Others stay.
pub fn unmapped(address: SocketAddr) -> SocketAddr {
    match address {
        SocketAddr::V6(v6) => match v6.ip().to_ipv4_mapped() {
            Some(ip) => SocketAddr::new(ip.into(), v6.port()),
            None => address,
        },
        SocketAddr::V4(_) => address,
    }
}

/// Octets of the headers before the text of a segment to that address, without options: 40 or 60.
pub fn tcp_headers(to: IpAddr) -> u16 {
    match to {
        IpAddr::V4(_) => TCP_OVER_IPV4,
        IpAddr::V6(_) => TCP_OVER_IPV6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names of a measured table: which addresses of both families each socket has.
    fn sockets() -> [(&'static str, Claim, [Option<&'static str>; 2]); 7] {
        let claim = |local: &str, v6_only| Claim { local: local.parse().unwrap(), v6_only };
        [
            ("AF_INET any", claim("0.0.0.0:80", false), [Some("*"), None]),
            ("AF_INET own", claim("10.0.0.1:80", false), [Some("10.0.0.1"), None]),
            ("AF_INET other", claim("10.0.0.2:80", false), [Some("10.0.0.2"), None]),
            ("AF_INET6 any", claim("[::]:80", false), [Some("*"), Some("*")]),
            ("AF_INET6 any, v6 only", claim("[::]:80", true), [None, Some("*")]),
            ("AF_INET6 own", claim("[fd00::1]:80", false), [None, Some("fd00::1")]),
            ("AF_INET6 own, v6 only", claim("[fd00::1]:80", true), [None, Some("fd00::1")]),
        ]
    }

    /// The kernel (6.18) gave EADDRINUSE in exactly these of all pairs, TCP and UDP alike.
    #[test]
    fn two_sockets_are_in_each_others_way_where_both_have_an_address_of_one_family() {
        for (name, one, has) in sockets() {
            for (other_name, other, its) in sockets() {
                let meet = has.into_iter().zip(its).any(|pair| match pair {
                    (Some(a), Some(b)) => a == b || a == "*" || b == "*",
                    (None, _) | (_, None) => false,
                });
                assert_eq!(one.meets(other), meet, "{name} and {other_name}");
            }
        }
    }

    #[test]
    fn a_dual_stack_wildcard_takes_ipv4_and_one_that_is_v6_only_does_not() {
        let takes = |local: &str, v6_only, to: &str| {
            Claim { local: local.parse().unwrap(), v6_only }.takes(to.parse().unwrap())
        };
        assert_eq!(takes("[::]:80", false, "10.0.0.1"), Some(false));
        assert_eq!(takes("[::]:80", true, "10.0.0.1"), None);
        assert_eq!(takes("[::]:80", true, "fd00::1"), Some(false));
        assert_eq!(takes("0.0.0.0:80", false, "fd00::1"), None);
        assert_eq!(takes("[fd00::1]:80", false, "fd00::1"), Some(true));
        assert_eq!(takes("[fd00::1]:80", false, "fd00::2"), None);
    }

    #[test]
    fn an_ipv4_address_is_shown_mapped_and_read_back() {
        let v4: SocketAddr = "10.0.0.1:80".parse().unwrap();
        assert_eq!(mapped(v4), "[::ffff:10.0.0.1]:80".parse().unwrap());
        assert_eq!(unmapped(mapped(v4)), v4);
        let v6: SocketAddr = "[fe80::1%3]:80".parse().unwrap();
        assert_eq!((mapped(v6), unmapped(v6)), (v6, v6));
    }
}
