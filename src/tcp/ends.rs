//! Both ends of a connection, packed: a host may keep a great many of them.

use siphasher::sip::SipHasher13;
use std::hash::{Hash, Hasher};
use std::net::{Ipv4Addr, SocketAddr};

/// Own and peer's address and port: 16 octets for IPv4, which nearly all are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ends {
    V4 { local: Ipv4Addr, remote: Ipv4Addr, local_port: u16, remote_port: u16 },
    Other(Box<[SocketAddr; 2]>),
}

impl Ends {
    pub fn new(local: SocketAddr, remote: SocketAddr) -> Ends {
        match (local, remote) {
            (SocketAddr::V4(own), SocketAddr::V4(peer)) => Ends::V4 {
                local: *own.ip(),
                remote: *peer.ip(),
                local_port: own.port(),
                remote_port: peer.port(),
            },
            (SocketAddr::V6(_), _) | (_, SocketAddr::V6(_)) => Ends::Other(Box::new([local, remote])),
        }
    }

    /// The own end.
    pub fn local(&self) -> SocketAddr {
        match self {
            Ends::V4 { local, local_port, .. } => SocketAddr::from((*local, *local_port)),
            Ends::Other(ends) => ends[0],
        }
    }

    /// The peer's end.
    pub fn remote(&self) -> SocketAddr {
        match self {
            Ends::V4 { remote, remote_port, .. } => SocketAddr::from((*remote, *remote_port)),
            Ends::Other(ends) => ends[1],
        }
    }

    /// A hash that nobody without the key can aim at (SipHash).
    pub fn hash(&self, key: &[u8; 16]) -> u64 {
        let mut hasher = SipHasher13::new_with_key(key);
        match self {
            Ends::V4 { local, remote, local_port, remote_port } => {
                let ([a, b, c, d], [e, f, g, h]) = (local.octets(), remote.octets());
                let ([i, j], [k, l]) = (local_port.to_be_bytes(), remote_port.to_be_bytes());
                return hasher.hash(&[a, b, c, d, e, f, g, h, i, j, k, l]);
            }
            Ends::Other(ends) => ends.hash(&mut hasher),
        }
        hasher.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_come_out_as_they_went_in() {
        for (local, remote) in
            [("10.0.0.1:80", "198.18.0.1:65535"), ("[fe80::1%3]:80", "[::1]:1"), ("0.0.0.0:0", "[::]:0")]
        {
            let (local, remote) = (local.parse().unwrap(), remote.parse().unwrap());
            let ends = Ends::new(local, remote);
            assert_eq!((ends.local(), ends.remote()), (local, remote));
            assert_ne!(ends.hash(&[1; 16]), Ends::new(remote, local).hash(&[1; 16]));
            assert_ne!(ends.hash(&[1; 16]), ends.hash(&[2; 16]));
        }
    }

    #[test]
    fn ends_are_small() {
        assert_eq!(size_of::<Ends>(), 16);
    }
}
