//! All UDP endpoints of one host, and which of them a datagram is for.

use super::{Endpoint, Failure, Profile, Received};
use crate::wire::{Claim, Datagram};
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// An endpoint's number within its host. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct UdpId(pub u32);

/// What became of a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// It waits at this endpoint.
    Delivered(UdpId),
    /// It is lost: this endpoint's buffer is full.
    BufferFull(UdpId),
    /// It is lost: nobody listens.
    NobodyListens,
}

/// All UDP endpoints of one host.
#[derive(Clone, Debug)]
pub struct Sockets {
    profile: Profile,
    endpoints: BTreeMap<UdpId, Endpoint>,
    next: u32,
    binds: u64,
}

impl Sockets {
    /// None yet.
    pub fn new(profile: Profile) -> Sockets {
        Sockets { profile, endpoints: BTreeMap::new(), next: 0, binds: 0 }
    }

    /// The constants.
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// A fresh endpoint of AF_INET or AF_INET6, which may be `v6_only`, without a port.
    pub fn open(&mut self, inet6: bool, v6_only: bool) -> UdpId {
        let id = UdpId(self.next);
        self.next += 1;
        let mut endpoint = Endpoint::new(&self.profile);
        (endpoint.inet6, endpoint.v6_only) = (inet6, v6_only);
        self.endpoints.insert(id, endpoint);
        id
    }

    /// Forgets an endpoint and what waits there.
    pub fn close(&mut self, id: UdpId) {
        self.endpoints.remove(&id);
    }

    /// The endpoint.
    pub fn get(&self, id: UdpId) -> Option<&Endpoint> {
        self.endpoints.get(&id)
    }

    /// The endpoint, to be changed.
    pub fn get_mut(&mut self, id: UdpId) -> Option<&mut Endpoint> {
        self.endpoints.get_mut(&id)
    }

    /// Every endpoint, in the order in which they were opened.
    pub fn iter(&self) -> impl Iterator<Item = (UdpId, &Endpoint)> + '_ {
        self.endpoints.iter().map(|(id, endpoint)| (*id, endpoint))
    }

    /// Gives an endpoint its own address. The caller has asked [`Sockets::in_use`] first.
    pub fn bind(&mut self, id: UdpId, local: SocketAddr) {
        self.binds += 1;
        if let Some(endpoint) = self.endpoints.get_mut(&id) {
            endpoint.local = Some(local);
            endpoint.bound_at = self.binds;
        }
    }

    /// Whether another endpoint keeps `claim` from being bound; two that both reuse addresses do not mind each other.
    pub fn in_use(&self, claim: Claim, reuse: bool) -> bool {
        self.endpoints.values().any(|endpoint| {
            endpoint.local.is_some_and(|known| {
                let known = Claim { local: known, v6_only: endpoint.v6_only };
                known.local.port() == claim.local.port()
                    && known.meets(claim)
                    && !(reuse && endpoint.reuse_address)
            })
        })
    }

    /// The oldest datagram that waits at an endpoint.
    pub fn receive(&mut self, id: UdpId) -> Option<Received> {
        self.endpoints.get_mut(&id)?.receive(&self.profile)
    }

    /// A datagram arrived, perhaps in `pieces` (octets of IP payload of each fragment).
    pub fn input(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        datagram: &Datagram,
        pieces: &[usize],
    ) -> Input {
        let from = SocketAddr::new(source, datagram.source_port);
        let to = SocketAddr::new(destination, datagram.destination_port);
        let Some(id) = self.find(to, from) else { return Input::NobodyListens };
        let room = self.profile.room_of(datagram.payload.len(), pieces);
        let received = Received { payload: datagram.payload.clone(), from, room };
        match self.endpoints.get_mut(&id).map(|endpoint| endpoint.deliver(received)) {
            Some(true) => Input::Delivered(id),
            Some(false) => Input::BufferFull(id),
            None => Input::NobodyListens,
        }
    }

    /// An ICMP destination unreachable about a datagram from `local` to `remote`. Only a connected endpoint is told, and
    /// only of what will not pass by itself (RFC 1122 section 4.1.3.3); returns it.
    pub fn unreachable(&mut self, local: SocketAddr, remote: SocketAddr, code: u8) -> Option<UdpId> {
        let failure = match code {
            2 => Failure::ProtocolUnreachable,
            3 => Failure::Refused,
            _ => return None,
        };
        let id = self.find(local, remote)?;
        let endpoint = self.endpoints.get_mut(&id)?;
        endpoint.remote?;
        endpoint.fail(failure);
        Some(id)
    }

    /// Whether an endpoint may have sent from `local` to `remote`.
    pub fn knows(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        self.find(local, remote).is_some()
    }

    /// Whom a datagram to `to` from `from` is for: connected to the sender first, then bound to the very address, then to
    /// any; of AF_INET before AF_INET6; the latest of equals.
    fn find(&self, to: SocketAddr, from: SocketAddr) -> Option<UdpId> {
        let fits = self.endpoints.iter().filter_map(|(id, endpoint)| {
            let local = endpoint.local.filter(|local| local.port() == to.port())?;
            let exact = Claim { local, v6_only: endpoint.v6_only }.takes(to.ip())?;
            match endpoint.remote {
                Some(remote) if remote != from => None,
                remote => Some((remote.is_some(), exact, !endpoint.inet6, endpoint.bound_at, *id)),
            }
        });
        fits.max().map(|(.., id)| id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;

    fn at(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }
    fn claim(text: &str) -> Claim {
        Claim { local: at(text), v6_only: false }
    }
    fn datagram(from: u16, to: u16, len: usize) -> Datagram {
        Datagram { source_port: from, destination_port: to, payload: Bytes::from(vec![7; len]) }
    }
    fn bound(sockets: &mut Sockets, local: &str) -> UdpId {
        let id = sockets.open(false, false);
        sockets.bind(id, at(local));
        id
    }
    fn send(sockets: &mut Sockets, from: &str, to: &str, len: usize) -> Input {
        let (from, to) = (at(from), at(to));
        sockets.input(from.ip(), to.ip(), &datagram(from.port(), to.port(), len), &[])
    }

    #[test]
    fn the_connected_socket_comes_first_then_the_exact_address_then_the_wildcard() {
        let mut sockets = Sockets::new(Profile::linux());
        let any = bound(&mut sockets, "0.0.0.0:53");
        assert_eq!(send(&mut sockets, "10.0.0.2:9", "10.0.0.1:53", 1), Input::Delivered(any));
        let exact = bound(&mut sockets, "10.0.0.1:53");
        assert_eq!(send(&mut sockets, "10.0.0.2:9", "10.0.0.1:53", 1), Input::Delivered(exact));
        assert_eq!(send(&mut sockets, "127.0.0.1:9", "127.0.0.1:53", 1), Input::Delivered(any));
        let connected = bound(&mut sockets, "10.0.0.1:53");
        sockets.get_mut(connected).unwrap().remote = Some(at("10.0.0.2:9"));
        assert_eq!(send(&mut sockets, "10.0.0.2:9", "10.0.0.1:53", 1), Input::Delivered(connected));
        assert_eq!(send(&mut sockets, "10.0.0.2:10", "10.0.0.1:53", 1), Input::Delivered(exact));
        assert_eq!(send(&mut sockets, "10.0.0.2:9", "10.0.0.1:54", 1), Input::NobodyListens);
    }

    #[test]
    fn a_buffer_keeps_as_many_as_the_kernel_and_always_the_first() {
        for (asked, len, kept) in [
            (1, 1, 2),
            (4096, 1, 9),
            (16_384, 1, 39),
            (1, 1000, 1),
            (4096, 1000, 3),
            (16_384, 1000, 14),
            (16_384, 8192, 1),
        ] {
            let mut sockets = Sockets::new(Profile::linux());
            let id = bound(&mut sockets, "0.0.0.0:53");
            let buffer = sockets.profile().kept_receive_buffer(asked);
            sockets.get_mut(id).unwrap().receive_buffer = buffer;
            let delivered = (0..200)
                .filter(|_| send(&mut sockets, "10.0.0.2:9", "10.0.0.1:53", len) == Input::Delivered(id))
                .count();
            assert_eq!(delivered, kept, "{len} octets into {asked}");
            assert_eq!(sockets.get(id).unwrap().lost(), 200 - kept as u64);
        }
    }

    #[test]
    fn a_fresh_linux_buffer_keeps_92_datagrams_of_a_thousand_octets_and_12_of_8192() {
        for (len, kept) in [(1000, 92), (8192, 12)] {
            let mut sockets = Sockets::new(Profile::linux());
            let id = bound(&mut sockets, "0.0.0.0:53");
            for _ in 0..200 {
                send(&mut sockets, "10.0.0.2:9", "10.0.0.1:53", len);
            }
            assert_eq!(sockets.get(id).unwrap().waiting(), kept);
        }
    }

    #[test]
    fn a_reader_that_is_too_slow_gets_what_arrives_when_there_is_room() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "0.0.0.0:53");
        sockets.get_mut(id).unwrap().receive_buffer = 8192;
        let mut got = Vec::new();
        for n in 0..24usize {
            let data = Datagram { payload: Bytes::from(vec![n as u8; 1000]), ..datagram(9, 53, 0) };
            sockets.input(at("10.0.0.2:9").ip(), at("10.0.0.1:53").ip(), &data, &[]);
            if n % 4 == 3 {
                got.extend(sockets.receive(id).map(|received| received.payload[0]));
            }
        }
        while let Some(received) = sockets.receive(id) {
            got.push(received.payload[0]);
        }
        assert_eq!(got, [0, 1, 2, 4, 8, 12, 16, 20]);
    }

    #[test]
    fn room_comes_back_when_a_quarter_of_the_buffer_was_read() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "0.0.0.0:53");
        sockets.get_mut(id).unwrap().receive_buffer = 8192;
        for _ in 0..9 {
            send(&mut sockets, "10.0.0.2:9", "10.0.0.1:53", 1);
        }
        let used: Vec<u32> = (0..4)
            .map(|_| {
                sockets.receive(id);
                sockets.get(id).unwrap().used()
            })
            .collect();
        assert_eq!(used, [7488, 7488, 4992, 4992]);
    }

    #[test]
    fn only_a_connected_socket_hears_that_nobody_listens_and_only_once() {
        let mut sockets = Sockets::new(Profile::linux());
        let (local, remote) = (at("10.0.0.1:4000"), at("10.0.0.2:53"));
        let id = bound(&mut sockets, "10.0.0.1:4000");
        assert_eq!(sockets.unreachable(local, remote, 3), None);
        sockets.get_mut(id).unwrap().remote = Some(remote);
        assert_eq!(sockets.unreachable(local, remote, 1), None, "host unreachable may pass");
        assert_eq!(sockets.unreachable(local, remote, 3), Some(id));
        let endpoint = sockets.get_mut(id).unwrap();
        assert_eq!((endpoint.take_error(), endpoint.take_error()), (Some(Failure::Refused), None));
    }

    #[test]
    fn an_address_is_in_use_unless_both_sockets_reuse_it() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "0.0.0.0:53");
        assert!(sockets.in_use(claim("10.0.0.1:53"), true));
        assert!(!sockets.in_use(claim("10.0.0.1:54"), false));
        sockets.get_mut(id).unwrap().reuse_address = true;
        assert!(!sockets.in_use(claim("10.0.0.1:53"), true));
        assert!(sockets.in_use(claim("10.0.0.1:53"), false));
    }
}
