//! Who may have which address.

use super::wire::{A, B, Cable, at, fails};
use crate::socket::{Errno, Kind, Return, SocketOption};

#[test]
fn only_own_addresses_can_be_bound() {
    let mut cable = Cable::new();
    for kind in [Kind::Stream, Kind::Datagram] {
        for (address, result) in [
            ("10.0.0.1:80", Return::Done),
            ("127.0.0.1:80", Return::Done),
            ("127.9.9.9:80", Return::Done),
            ("10.0.0.2:80", fails(Errno::EADDRNOTAVAIL)),
            ("192.0.2.1:80", fails(Errno::EADDRNOTAVAIL)),
        ] {
            let fd = cable.socket(A, kind);
            assert_eq!(cable.bind(A, fd, address.parse().unwrap()), result, "{address}");
            assert_eq!(cable.close(A, fd), Return::Done);
        }
    }
}

#[test]
fn two_datagram_sockets_share_an_address_only_if_both_want_to() {
    for (first, second, result) in [
        (false, false, fails(Errno::EADDRINUSE)),
        (false, true, fails(Errno::EADDRINUSE)),
        (true, false, fails(Errno::EADDRINUSE)),
        (true, true, Return::Done),
    ] {
        let mut cable = Cable::new();
        let (one, two) = (cable.socket(B, Kind::Datagram), cable.socket(B, Kind::Datagram));
        cable.set(B, one, SocketOption::ReuseAddr(first));
        cable.set(B, two, SocketOption::ReuseAddr(second));
        assert_eq!(cable.bind(B, one, "0.0.0.0:53".parse().unwrap()), Return::Done);
        assert_eq!(cable.bind(B, two, at(1, 53)), result, "{first} {second}");
    }
}

#[test]
fn port_zero_is_any_free_port() {
    let mut cable = Cable::new();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..50 {
        let fd = cable.bound(A, Kind::Datagram, at(0, 0));
        let Return::Address(local) = cable.name(A, fd) else { panic!() };
        assert!((32_768..=60_999).contains(&local.port()) && seen.insert(local), "{local}");
    }
}
