//! What an ICMP error, or this host itself, tells a socket of a datagram it sent (RFC 1122 section 4.1.3.3).

use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// What went wrong, as a program sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody listens there (ECONNREFUSED).
    Refused,
    /// The peer's host does not speak UDP (ENOPROTOOPT).
    ProtocolUnreachable,
    /// No way leads to the network (ENETUNREACH).
    NetUnreachable,
    /// No way leads to the host, or somebody on it forbids it (EHOSTUNREACH).
    HostUnreachable,
    /// A router or the peer's host forbids it, as ICMPv6 alone can tell apart (EACCES).
    Prohibited,
    /// The host is unknown there (EHOSTDOWN).
    HostDown,
    /// The source host is cut off (ENONET).
    Isolated,
    /// Too large for some link, and not to be cut (EMSGSIZE).
    TooLong,
    /// The route that the sender chose does not work (EOPNOTSUPP).
    SourceRouteFailed,
    /// Something in the header is wrong (EPROTO).
    ProtocolError,
}

/// Who noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This host, before anything was sent.
    Local,
    /// Somebody on the way, or the peer, by ICMP.
    Icmp,
}

/// An error about a datagram sent from here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it means.
    pub failure: Failure,
    /// Who noticed.
    pub origin: Origin,
    /// ICMP type; 0 if the origin is local.
    pub kind: u8,
    /// ICMP code; 0 if the origin is local.
    pub code: u8,
    /// The octets the next hop takes, where the datagram was too long; else 0.
    pub info: u32,
    /// Who sent the ICMP message.
    pub offender: Option<IpAddr>,
    /// Where the datagram was to go.
    pub to: SocketAddr,
    /// What the error quotes of its data.
    pub data: Bytes,
}

/// What an ICMP error of IPv4 means to UDP, and whether it will not pass by itself; `None` if it means nothing to a socket.
/// Measured on Linux 6.18; RFC 1122 section 3.2.2.1 tells which are only hints.
pub fn meaning(kind: u8, code: u8) -> Option<(Failure, bool)> {
    const UNREACHABLE: u8 = 3;
    const TIME_EXCEEDED: u8 = 11;
    const PARAMETER_PROBLEM: u8 = 12;
    match (kind, code) {
        (UNREACHABLE, 0 | 11) => Some((Failure::NetUnreachable, false)),
        (UNREACHABLE, 1 | 12) => Some((Failure::HostUnreachable, false)),
        (UNREACHABLE, 2) => Some((Failure::ProtocolUnreachable, true)),
        (UNREACHABLE, 3) => Some((Failure::Refused, true)),
        // Whoever lets routers cut its datagrams is not told; the caller knows.
        (UNREACHABLE, 4) => Some((Failure::TooLong, true)),
        (UNREACHABLE, 5) => Some((Failure::SourceRouteFailed, false)),
        (UNREACHABLE, 6 | 9) => Some((Failure::NetUnreachable, true)),
        (UNREACHABLE, 7) => Some((Failure::HostDown, true)),
        (UNREACHABLE, 8) => Some((Failure::Isolated, true)),
        (UNREACHABLE, 10 | 13..=15) => Some((Failure::HostUnreachable, true)),
        (TIME_EXCEEDED, _) => Some((Failure::HostUnreachable, false)),
        (PARAMETER_PROBLEM, _) => Some((Failure::ProtocolError, true)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_means_what_the_kernel_tells_a_socket() {
        let fatal: Vec<u8> =
            (0..=20).filter(|code| meaning(3, *code).is_some_and(|(_, fatal)| fatal)).collect();
        assert_eq!(fatal, [2, 3, 4, 6, 7, 8, 9, 10, 13, 14, 15]);
        assert_eq!(meaning(3, 16), None);
        assert_eq!(meaning(11, 1), Some((Failure::HostUnreachable, false)), "time may be enough next time");
        assert_eq!(meaning(4, 0), None, "source quench is history (RFC 6633)");
        assert_eq!(meaning(5, 0), None, "a redirect is for IP");
    }
}
