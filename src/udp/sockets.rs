//! All UDP endpoints of one host, and which of them a datagram is for.

use super::{Endpoint, Profile, Received, Report, Sharing};
use crate::wire::{Claim, Datagram};
use siphasher::sip::SipHasher13;
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};
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

    /// Whether another endpoint keeps `claim` from being bound; two that both share do not mind each other.
    pub fn in_use(&self, claim: Claim, sharing: Sharing) -> bool {
        self.endpoints.values().any(|endpoint| {
            endpoint.local.is_some_and(|known| {
                let known = Claim { local: known, v6_only: endpoint.v6_only };
                known.local.port() == claim.local.port()
                    && known.meets(claim)
                    && !sharing.with(endpoint.sharing)
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
        self.deliver(id, from, to.ip(), datagram, pieces)
    }

    /// A datagram to a broadcast or multicast address arrived: every endpoint it fits gets a copy (RFC 1122 section 3.3.6),
    /// in the order in which they were opened.
    pub fn input_to_all(
        &mut self,
        source: IpAddr,
        destination: IpAddr,
        datagram: &Datagram,
        pieces: &[usize],
    ) -> Vec<Input> {
        let from = SocketAddr::new(source, datagram.source_port);
        let to = SocketAddr::new(destination, datagram.destination_port);
        let fitting: Vec<UdpId> = self
            .endpoints
            .iter()
            .filter(|(_, one)| fits(one, to, from).is_some())
            .map(|(id, _)| *id)
            .collect();
        fitting.into_iter().map(|id| self.deliver(id, from, to.ip(), datagram, pieces)).collect()
    }

    fn deliver(
        &mut self,
        id: UdpId,
        from: SocketAddr,
        to: IpAddr,
        datagram: &Datagram,
        pieces: &[usize],
    ) -> Input {
        let room = self.profile.room_of(datagram.payload.len(), pieces);
        let received = Received { payload: datagram.payload.clone(), from, to, room };
        match self.endpoints.get_mut(&id).map(|endpoint| endpoint.deliver(received)) {
            Some(true) => Input::Delivered(id),
            Some(false) => Input::BufferFull(id),
            None => Input::NobodyListens,
        }
    }

    /// Whose datagram an ICMP error is about that quotes one from `local` to `remote`.
    pub fn sender(&self, local: SocketAddr, remote: SocketAddr) -> Option<UdpId> {
        self.find(local, remote)
    }

    /// An error about a datagram of that endpoint; whether its program gets to know. `fatal` is what will not pass by itself.
    pub fn report(&mut self, id: UdpId, report: Report, fatal: bool) -> bool {
        self.endpoints.get_mut(&id).is_some_and(|endpoint| endpoint.report(report, fatal, &self.profile))
    }

    /// Whether an endpoint may have sent from `local` to `remote`.
    pub fn knows(&self, local: SocketAddr, remote: SocketAddr) -> bool {
        self.find(local, remote).is_some()
    }

    /// Whom a datagram to `to` from `from` is for: connected to the sender first, then bound to the very address, then to
    /// any; of AF_INET before AF_INET6; the latest of equals, unless they share the port, when sender and receiver decide (SO_REUSEPORT).
    fn find(&self, to: SocketAddr, from: SocketAddr) -> Option<UdpId> {
        let fitting = self.endpoints.iter().filter_map(|(id, endpoint)| {
            let (connected, exact) = fits(endpoint, to, from)?;
            Some((connected, exact, !endpoint.inet6, endpoint.bound_at, *id))
        });
        let (connected, .., best) = fitting.max()?;
        let Some(local) = self.endpoints.get(&best).filter(|one| one.sharing.port && !connected) else {
            return Some(best);
        };
        let local = local.local;
        let mut group: Vec<(u64, UdpId)> = self
            .endpoints
            .iter()
            .filter(|(_, one)| one.sharing.port && one.local == local && one.remote.is_none())
            .map(|(id, one)| (one.bound_at, *id))
            .collect();
        group.sort_unstable();
        let mut hasher = SipHasher13::new();
        (to, from).hash(&mut hasher);
        let place = (u128::from(hasher.finish()) * group.len() as u128) >> 64;
        group.get(place as usize).map(|(_, id)| *id)
    }
}

/// Whether a datagram to `to` from `from` is for the endpoint; if so, whether that is connected, and bound to the very address.
fn fits(endpoint: &Endpoint, to: SocketAddr, from: SocketAddr) -> Option<(bool, bool)> {
    let local = endpoint.local.filter(|local| local.port() == to.port())?;
    let exact = Claim { local, v6_only: endpoint.v6_only }.takes(to.ip())?;
    match endpoint.remote {
        Some(remote) if remote != from => None,
        remote => Some((remote.is_some(), exact)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Failure, Origin, meaning};
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

    fn told(sockets: &mut Sockets, code: u8) -> bool {
        let (local, remote) = (at("10.0.0.1:4000"), at("10.0.0.2:53"));
        let (failure, fatal) = meaning(3, code).unwrap();
        let report = Report {
            failure,
            origin: Origin::Icmp,
            kind: 3,
            code,
            info: 0,
            offender: Some(remote.ip()),
            to: remote,
            data: Bytes::from_static(b"quoted"),
        };
        let id = sockets.sender(local, remote).unwrap();
        sockets.report(id, report, fatal)
    }

    #[test]
    fn only_a_connected_socket_hears_that_nobody_listens_and_only_once() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "10.0.0.1:4000");
        assert!(!told(&mut sockets, 3));
        sockets.get_mut(id).unwrap().remote = Some(at("10.0.0.2:53"));
        assert!(!told(&mut sockets, 1), "host unreachable may pass");
        assert!(told(&mut sockets, 3));
        let endpoint = sockets.get_mut(id).unwrap();
        assert_eq!((endpoint.take_error(), endpoint.take_error()), (Some(Failure::Refused), None));
        assert_eq!(endpoint.read_report(), None);
    }

    #[test]
    fn with_ip_recverr_every_error_is_kept_and_reading_one_makes_the_next_the_pending_one() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "10.0.0.1:4000");
        sockets.get_mut(id).unwrap().set_hears_errors(true);
        assert!(told(&mut sockets, 1) && told(&mut sockets, 3));
        let endpoint = sockets.get_mut(id).unwrap();
        assert_eq!(endpoint.read_report().map(|report| report.code), Some(1));
        assert_eq!(endpoint.take_error(), Some(Failure::Refused), "the next report's");
        assert_eq!(endpoint.read_report().map(|report| report.code), Some(3));
        assert_eq!((endpoint.take_error(), endpoint.read_report()), (None, None));
    }

    #[test]
    fn kept_errors_take_room_of_the_receive_buffer_and_end_with_it() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "10.0.0.1:4000");
        let endpoint = sockets.get_mut(id).unwrap();
        endpoint.set_hears_errors(true);
        endpoint.receive_buffer = 8192;
        for _ in 0..10_000 {
            assert!(told(&mut sockets, 3));
        }
        let endpoint = sockets.get_mut(id).unwrap();
        let kept = std::iter::from_fn(|| endpoint.read_report()).count();
        assert_eq!(kept, 9, "832 octets each");
    }

    #[test]
    fn a_broadcast_is_for_every_socket_that_it_fits() {
        let mut sockets = Sockets::new(Profile::linux());
        let any = bound(&mut sockets, "0.0.0.0:67");
        let everybody = bound(&mut sockets, "10.0.0.255:67");
        bound(&mut sockets, "10.0.0.1:67");
        bound(&mut sockets, "0.0.0.0:68");
        let elsewhere = bound(&mut sockets, "0.0.0.0:67");
        sockets.get_mut(elsewhere).unwrap().remote = Some(at("10.0.0.9:1"));
        let (from, to) = (at("10.0.0.2:9"), at("10.0.0.255:67"));
        let got = sockets.input_to_all(from.ip(), to.ip(), &datagram(9, 67, 3), &[]);
        assert_eq!(got, [Input::Delivered(any), Input::Delivered(everybody)]);
    }

    #[test]
    fn sockets_that_share_a_port_share_its_senders_and_each_sender_stays_with_one() {
        let mut sockets = Sockets::new(Profile::linux());
        let ids = [(); 2].map(|()| bound(&mut sockets, "10.0.0.1:53"));
        for id in ids {
            sockets.get_mut(id).unwrap().sharing.port = true;
        }
        let mut got = [0, 0];
        for port in 1000..1040 {
            let from = format!("10.0.0.2:{port}");
            let Input::Delivered(first) = send(&mut sockets, &from, "10.0.0.1:53", 1) else { panic!() };
            assert_eq!(send(&mut sockets, &from, "10.0.0.1:53", 1), Input::Delivered(first));
            got[ids.iter().position(|id| *id == first).unwrap()] += 1;
        }
        assert!(got.iter().all(|count| (10..=30).contains(count)), "{got:?}");
    }

    #[test]
    fn an_address_is_in_use_unless_both_sockets_reuse_it() {
        let mut sockets = Sockets::new(Profile::linux());
        let id = bound(&mut sockets, "0.0.0.0:53");
        let [neither, address, port, both] = [(false, false), (true, false), (false, true), (true, true)]
            .map(|(address, port)| Sharing { address, port });
        assert!(sockets.in_use(claim("10.0.0.1:53"), both));
        assert!(!sockets.in_use(claim("10.0.0.1:54"), neither));
        sockets.get_mut(id).unwrap().sharing = address;
        let refused =
            [neither, address, port, both].map(|sharing| sockets.in_use(claim("10.0.0.1:53"), sharing));
        assert_eq!(refused, [true, false, true, false]);
    }
}
