//! Which sockets there are: `socket(domain, type, protocol)`, and the error that tells of each one that there is not. The
//! kernel looks in this order: the protocol's number, the family's types, the protocols of the type, the privilege.

use super::{Domain, Errno, Kind, LocalKind};
use crate::wire::{PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP};

/// One more than the greatest protocol number of IP's families.
const PROTOCOLS: i32 = 263;

/// What `socket` makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Made {
    Tcp,
    Udp,
    /// A socket that hears the IP packets of this protocol, whole.
    Raw(u8),
    Local(LocalKind),
}

/// What `socket(domain, kind, protocol)` makes for a process with or without privilege (CAP_NET_RAW).
pub(super) fn made(
    domain: Domain,
    kind: Kind,
    protocol: i32,
    privileged: bool,
    has_ipv6: bool,
) -> Result<Made, Errno> {
    match domain {
        Domain::Inet => inet(kind, protocol, i32::from(PROTOCOL_ICMP), privileged),
        Domain::Inet6 if has_ipv6 => match inet(kind, protocol, i32::from(PROTOCOL_ICMPV6), privileged)? {
            // Not simulated.
            Made::Raw(_) => Err(Errno::EPROTONOSUPPORT),
            made @ (Made::Tcp | Made::Udp | Made::Local(_)) => Ok(made),
        },
        // Not there: a kernel built without it says the same.
        Domain::Inet6 => Err(Errno::EAFNOSUPPORT),
        Domain::Unix => local(kind, protocol),
    }
}

/// AF_UNIX's one protocol may be written as 0, or as PF_UNIX.
fn local(kind: Kind, protocol: i32) -> Result<Made, Errno> {
    if !matches!(protocol, 0 | 1) {
        return Err(Errno::EPROTONOSUPPORT);
    }
    match kind {
        Kind::Stream => Ok(Made::Local(LocalKind::Stream)),
        // Old programs asked for SOCK_RAW and meant datagrams.
        Kind::Datagram | Kind::Raw => Ok(Made::Local(LocalKind::Datagram)),
        Kind::SeqPacket => Ok(Made::Local(LocalKind::SeqPacket)),
        Kind::Rdm => Err(Errno::ESOCKTNOSUPPORT),
    }
}

fn inet(kind: Kind, protocol: i32, icmp: i32, privileged: bool) -> Result<Made, Errno> {
    if !(0..PROTOCOLS).contains(&protocol) {
        return Err(Errno::EINVAL);
    }
    match kind {
        Kind::Stream if protocol == 0 || protocol == i32::from(PROTOCOL_TCP) => Ok(Made::Tcp),
        Kind::Datagram if protocol == 0 || protocol == i32::from(PROTOCOL_UDP) => Ok(Made::Udp),
        // ping_group_range, of which nobody is a member until somebody sets it.
        Kind::Datagram if protocol == icmp => Err(Errno::EACCES),
        Kind::Stream | Kind::Datagram => Err(Errno::EPROTONOSUPPORT),
        Kind::Raw if protocol == 0 => Err(Errno::EPROTONOSUPPORT),
        Kind::Raw if !privileged => Err(Errno::EPERM),
        // Only the lower octet can stand in a packet.
        Kind::Raw => Ok(Made::Raw(protocol as u8)),
        Kind::Rdm | Kind::SeqPacket => Err(Errno::ESOCKTNOSUPPORT),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured on Linux 6.18: type, protocol, what it gave with privilege and without. Protocols that the kernel has and
    /// that are not simulated (UDP-Lite, MPTCP, ping's datagrams) are left out.
    const TABLE: [(Kind, i32, &str, &str); 24] = [
        (Kind::Stream, 0, "ok", "ok"),
        (Kind::Stream, 1, "EPROTONOSUPPORT", "EPROTONOSUPPORT"),
        (Kind::Stream, 6, "ok", "ok"),
        (Kind::Stream, 17, "EPROTONOSUPPORT", "EPROTONOSUPPORT"),
        (Kind::Stream, 255, "EPROTONOSUPPORT", "EPROTONOSUPPORT"),
        (Kind::Stream, -1, "EINVAL", "EINVAL"),
        (Kind::Stream, 300, "EINVAL", "EINVAL"),
        (Kind::Datagram, 0, "ok", "ok"),
        (Kind::Datagram, 1, "EACCES", "EACCES"),
        (Kind::Datagram, 6, "EPROTONOSUPPORT", "EPROTONOSUPPORT"),
        (Kind::Datagram, 17, "ok", "ok"),
        (Kind::Datagram, 253, "EPROTONOSUPPORT", "EPROTONOSUPPORT"),
        (Kind::Raw, 0, "EPROTONOSUPPORT", "EPROTONOSUPPORT"),
        (Kind::Raw, 1, "ok", "EPERM"),
        (Kind::Raw, 6, "ok", "EPERM"),
        (Kind::Raw, 17, "ok", "EPERM"),
        (Kind::Raw, 253, "ok", "EPERM"),
        (Kind::Raw, 255, "ok", "EPERM"),
        (Kind::Raw, -1, "EINVAL", "EINVAL"),
        (Kind::Raw, 300, "EINVAL", "EINVAL"),
        (Kind::Rdm, 0, "ESOCKTNOSUPPORT", "ESOCKTNOSUPPORT"),
        (Kind::Rdm, 17, "ESOCKTNOSUPPORT", "ESOCKTNOSUPPORT"),
        (Kind::Rdm, -1, "EINVAL", "EINVAL"),
        (Kind::SeqPacket, 0, "ESOCKTNOSUPPORT", "ESOCKTNOSUPPORT"),
    ];

    #[test]
    fn of_local_sockets_every_pair_gives_what_the_kernel_gave() {
        for kind in [Kind::Stream, Kind::Datagram, Kind::Raw, Kind::Rdm, Kind::SeqPacket] {
            for (protocol, right) in
                [(0, true), (1, true), (2, false), (17, false), (-1, false), (300, false)]
            {
                let expected = match (right, kind) {
                    (false, _) => "EPROTONOSUPPORT",
                    (true, Kind::Rdm) => "ESOCKTNOSUPPORT",
                    (true, _) => "ok",
                };
                let name =
                    made(Domain::Unix, kind, protocol, false, false).map_or_else(Errno::name, |_| "ok");
                assert_eq!(name, expected, "{kind:?} {protocol}");
            }
        }
    }

    #[test]
    fn every_pair_of_type_and_protocol_gives_what_the_kernel_gave() {
        for (kind, protocol, privileged, not) in TABLE {
            for (may, expected) in [(true, privileged), (false, not)] {
                let name = made(Domain::Inet, kind, protocol, may, true).map_or_else(Errno::name, |_| "ok");
                assert_eq!(name, expected, "{kind:?} {protocol}, privilege {may}");
            }
        }
    }
}
