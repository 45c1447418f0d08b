//! Which address a socket of either family may be given, and what it answers otherwise. Every row is what Linux 6.18 answered.

use super::wire::{A, B, Cable, config, fails};
use crate::host::HostConfig;
use crate::socket::{Call, Domain, Errno, Fd, Kind, OptionName, Return, SocketOption};
use std::net::{Ipv6Addr, SocketAddr};

const INET: (Domain, bool) = (Domain::Inet, false);
const DUAL: (Domain, bool) = (Domain::Inet6, false);
const V6_ONLY: (Domain, bool) = (Domain::Inet6, true);

fn speaking(host: usize) -> HostConfig {
    config(host).with_ipv6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, host as u16 + 1), 64)
}

fn cable() -> Cable {
    Cable::with(speaking)
}

fn at(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn socket(
    cable: &mut Cable,
    pid: crate::socket::ProcessId,
    (domain, v6_only): (Domain, bool),
    kind: Kind,
) -> Fd {
    let made = cable.call(pid, Call::Socket { domain, kind, protocol: 0 });
    let Return::Descriptor(fd) = made else { panic!("{made:?}") };
    if v6_only {
        assert_eq!(cable.set(pid, fd, SocketOption::V6Only(true)), Return::Done);
    }
    fd
}

#[test]
fn a_socket_is_bound_to_addresses_of_its_family_or_says_why_not() {
    let invalid = || fails(Errno::EINVAL);
    for (family, address, result) in [
        (INET, "[fd00::1]:70", fails(Errno::EAFNOSUPPORT)),
        (INET, "[::]:70", fails(Errno::EAFNOSUPPORT)),
        (INET, "[::ffff:10.0.0.1]:70", fails(Errno::EAFNOSUPPORT)),
        (DUAL, "10.0.0.1:70", invalid()),
        (DUAL, "0.0.0.0:70", invalid()),
        (DUAL, "[::ffff:10.0.0.1]:70", Return::Done),
        (DUAL, "[::ffff:10.9.9.9]:70", fails(Errno::EADDRNOTAVAIL)),
        (DUAL, "[fd00::99]:70", fails(Errno::EADDRNOTAVAIL)),
        (DUAL, "[::1]:70", Return::Done),
        (DUAL, "[fe80::ff:fe00:1]:70", invalid()),
        (DUAL, "[ff02::1]:70", invalid()),
        (V6_ONLY, "10.0.0.1:70", invalid()),
        (V6_ONLY, "[::ffff:10.0.0.1]:70", invalid()),
        (V6_ONLY, "[fd00::1]:70", Return::Done),
    ] {
        for kind in [Kind::Stream, Kind::Datagram] {
            let mut cable = cable();
            let fd = socket(&mut cable, A, family, kind);
            assert_eq!(cable.bind(A, fd, at(address)), result, "{family:?} {kind:?} {address}");
        }
    }
}

#[test]
fn a_socket_goes_where_its_family_leads_or_says_why_not() {
    let unreachable = || fails(Errno::ENETUNREACH);
    let unsupported = || fails(Errno::EAFNOSUPPORT);
    for (family, own, address, stream, datagram) in [
        (INET, None, "[fd00::2]:9", unsupported(), unsupported()),
        (DUAL, None, "10.0.0.2:9", fails(Errno::EINVAL), Return::Done),
        (V6_ONLY, None, "10.0.0.2:9", fails(Errno::EINVAL), unsupported()),
        (V6_ONLY, None, "[::ffff:10.0.0.2]:9", unreachable(), unreachable()),
        (DUAL, Some("[fd00::1]:0"), "[::ffff:10.0.0.2]:9", unreachable(), unreachable()),
        (DUAL, Some("[::ffff:10.0.0.1]:0"), "[fd00::2]:9", unsupported(), unsupported()),
        (DUAL, None, "[2001:db8::1]:9", unreachable(), unreachable()),
        (DUAL, None, "[::ffff:192.0.2.1]:9", unreachable(), unreachable()),
        (DUAL, None, "[fe80::1234]:9", fails(Errno::EINVAL), fails(Errno::EINVAL)),
        (DUAL, None, "[fd00::2]:9", fails(Errno::ECONNREFUSED), Return::Done),
        (DUAL, None, "[::ffff:10.0.0.2]:9", fails(Errno::ECONNREFUSED), Return::Done),
    ] {
        for (kind, result) in [(Kind::Stream, stream), (Kind::Datagram, datagram)] {
            let mut cable = cable();
            let fd = socket(&mut cable, A, family, kind);
            if let Some(own) = own {
                assert_eq!(cable.bind(A, fd, at(own)), Return::Done);
            }
            assert_eq!(cable.connect(A, fd, at(address)), result, "{family:?} {kind:?} {own:?} {address}");
        }
    }
}

#[test]
fn one_listener_on_the_wildcard_serves_both_families_and_calls_ipv4_by_its_mapped_name() {
    let mut cable = cable();
    let listener = socket(&mut cable, B, DUAL, Kind::Stream);
    assert_eq!(cable.bind(B, listener, at("[::]:80")), Return::Done);
    assert_eq!(cable.call(B, Call::Listen { fd: listener, backlog: 5 }), Return::Done);
    for (family, own, to, peer, name) in [
        (INET, "10.0.0.1:4004", "10.0.0.2:80", "[::ffff:10.0.0.1]:4004", "[::ffff:10.0.0.2]:80"),
        (DUAL, "[fd00::1]:4006", "[fd00::2]:80", "[fd00::1]:4006", "[fd00::2]:80"),
        (DUAL, "[::]:4007", "[::ffff:10.0.0.2]:80", "[::ffff:10.0.0.1]:4007", "[::ffff:10.0.0.2]:80"),
    ] {
        let client = socket(&mut cable, A, family, Kind::Stream);
        assert_eq!(cable.bind(A, client, at(own)), Return::Done);
        assert_eq!(cable.connect(A, client, at(to)), Return::Done);
        let accepted = cable.call(B, Call::Accept { fd: listener });
        let Return::Accepted(fd, who) = accepted else { panic!("{accepted:?}") };
        assert_eq!(who, at(peer));
        assert_eq!(cable.call(B, Call::GetSockName { fd }), Return::Address(at(name)));
        assert_eq!(cable.call(B, Call::GetPeerName { fd }), Return::Address(at(peer)));
    }
}

#[test]
fn a_datagram_goes_to_the_socket_of_its_own_family_first_and_a_v6_only_one_never_gets_ipv4() {
    let mut cable = cable();
    let old = socket(&mut cable, B, INET, Kind::Datagram);
    let new = socket(&mut cable, B, DUAL, Kind::Datagram);
    for fd in [old, new] {
        assert_eq!(cable.set(B, fd, SocketOption::ReuseAddr(true)), Return::Done);
    }
    assert_eq!(cable.bind(B, old, at("0.0.0.0:53")), Return::Done);
    assert_eq!(cable.bind(B, new, at("[::]:53")), Return::Done);
    let sender = cable.bound(A, Kind::Datagram, at("10.0.0.1:4004"));
    cable.send_to(A, sender, "four", at("10.0.0.2:53"));
    assert_eq!(
        cable.call(B, Call::RecvFrom { fd: old, len: 9 }),
        Return::ReceivedFrom("four".into(), at("10.0.0.1:4004"))
    );
    assert_eq!(cable.close(B, old), Return::Done);
    cable.send_to(A, sender, "now", at("10.0.0.2:53"));
    assert_eq!(
        cable.call(B, Call::RecvFrom { fd: new, len: 9 }),
        Return::ReceivedFrom("now".into(), at("[::ffff:10.0.0.1]:4004"))
    );
}

#[test]
fn ipv6_only_is_settled_before_the_first_port_and_means_nothing_to_ipv4() {
    let mut cable = cable();
    for kind in [Kind::Stream, Kind::Datagram] {
        let fd = socket(&mut cable, A, DUAL, kind);
        assert_eq!(cable.get(A, fd, OptionName::V6Only), Return::Value(SocketOption::V6Only(false)));
        assert_eq!(cable.bind(A, fd, at("[::]:0")), Return::Done);
        assert_eq!(cable.set(A, fd, SocketOption::V6Only(true)), fails(Errno::EINVAL));
        let old = socket(&mut cable, A, INET, kind);
        assert_eq!(cable.set(A, old, SocketOption::V6Only(true)), fails(Errno::ENOPROTOOPT));
        assert_eq!(cable.get(A, old, OptionName::V6Only), fails(Errno::EOPNOTSUPP));
        assert_eq!(cable.set(A, fd, SocketOption::UnicastHops(5)), Return::Done);
        assert_eq!(cable.get(A, fd, OptionName::UnicastHops), Return::Value(SocketOption::UnicastHops(5)));
    }
}

#[test]
fn a_host_without_ipv6_makes_no_such_socket() {
    let mut cable = Cable::new();
    let made = cable.call(A, Call::Socket { domain: Domain::Inet6, kind: Kind::Stream, protocol: 0 });
    assert_eq!(made, fails(Errno::EAFNOSUPPORT));
}
