//! What each call returns on a TCP socket in each condition, as measured on Linux 6.18; and who may bind what.

use super::wire::{A, B, Cable, accepted, at, connection, eof, fails, listener, received};
use crate::clock::Span;
use crate::socket::{AlgorithmName, Call, Errno, Fd, How, Kind, OptionName, Return, SocketOption};
use std::net::SocketAddr;

/// A condition: makes a socket of A.
type Make = fn(&mut Cable) -> Fd;

fn peer_closed(cable: &mut Cable) -> Fd {
    let (s, c) = connection(cable);
    cable.close(B, c);
    cable.pass(Span::millis(100));
    s
}
fn reset(cable: &mut Cable) -> Fd {
    let (s, c) = connection(cable);
    cable.set(B, c, SocketOption::Linger(Some(0)));
    cable.close(B, c);
    cable.pass(Span::millis(100));
    s
}
fn refused(cable: &mut Cable) -> Fd {
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, s, at(1, 1)), fails(Errno::ECONNREFUSED));
    s
}
fn refused_in_the_background(cable: &mut Cable) -> Fd {
    let s = cable.socket(A, Kind::Stream);
    cable.non_blocking(A, s);
    cable.connect(A, s, at(1, 1));
    cable.pass(Span::millis(100));
    cable.call(A, Call::SetBlocking { fd: s, blocking: true });
    s
}
fn connecting(cable: &mut Cable) -> Fd {
    cable.cut = Box::new(|_, _| true);
    let s = cable.socket(A, Kind::Stream);
    cable.non_blocking(A, s);
    cable.connect(A, s, at(1, 1));
    cable.call(A, Call::SetBlocking { fd: s, blocking: true });
    s
}
fn shut(cable: &mut Cable, how: How) -> Fd {
    let (s, _) = connection(cable);
    cable.shutdown(A, s, how);
    cable.pass(Span::millis(100));
    s
}
fn in_time_wait(cable: &mut Cable) -> Fd {
    let (s, c) = connection(cable);
    cable.shutdown(A, s, How::Write);
    cable.pass(Span::millis(100));
    cable.close(B, c);
    cable.pass(Span::millis(100));
    s
}
fn written_after_the_peer_closed(cable: &mut Cable) -> Fd {
    let s = peer_closed(cable);
    assert_eq!(cable.send(A, s, "x"), Return::Sent(1));
    cable.pass(Span::millis(100));
    s
}
fn listening(cable: &mut Cable) -> Fd {
    let s = cable.bound(A, Kind::Stream, at(0, 80));
    cable.call(A, Call::Listen { fd: s, backlog: 5 });
    s
}

const CONDITIONS: [(&str, Make); 14] = [
    ("fresh", |cable| cable.socket(A, Kind::Stream)),
    ("bound", |cable| cable.bound(A, Kind::Stream, at(0, 80))),
    ("listening", listening),
    ("connecting", connecting),
    ("established", |cable| connection(cable).0),
    ("peer closed", peer_closed),
    ("shut for writing", |cable| shut(cable, How::Write)),
    ("shut for reading", |cable| shut(cable, How::Read)),
    ("shut both ways", |cable| shut(cable, How::Both)),
    ("reset", reset),
    ("refused", refused),
    ("refused in the background", refused_in_the_background),
    ("written after the peer closed", written_after_the_peer_closed),
    ("time-wait", in_time_wait),
];

fn shown(result: &Return) -> String {
    match result {
        Return::Done => "ok".into(),
        Return::Failed(errno) => errno.name().into(),
        Return::Received(data) => format!("{} octets", data.len()),
        Return::Sent(octets) => format!("sent {octets}"),
        Return::Accepted(..) => "accepted".into(),
        Return::Address(_) => "address".into(),
        Return::Value(SocketOption::Error(None)) => "no error".into(),
        Return::Value(SocketOption::Error(Some(errno))) => errno.name().into(),
        other => format!("{other:?}"),
    }
}

/// What the call, and the same call again, return in each condition, one line each.
fn table(call: impl Fn(Fd) -> Call) -> Vec<(&'static str, String)> {
    let line = |(name, make): (&'static str, Make)| {
        let mut cable = Cable::new();
        let fd = make(&mut cable);
        cable.time_out(A, fd, 150);
        let results = [cable.call(A, call(fd)), {
            cable.pass(Span::millis(50));
            cable.call(A, call(fd))
        }];
        (name, format!("{}, {}", shown(&results[0]), shown(&results[1])))
    };
    CONDITIONS.into_iter().map(line).collect()
}

fn check(call: impl Fn(Fd) -> Call, expected: [&'static str; 14]) {
    let found = table(call);
    let expected: Vec<(&str, String)> =
        CONDITIONS.iter().zip(expected).map(|((name, _), results)| (*name, results.to_owned())).collect();
    assert_eq!(found, expected);
}

#[test]
fn recv_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Recv { fd, len: 10 },
        [
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "EAGAIN, EAGAIN",
            "EAGAIN, EAGAIN",
            "0 octets, 0 octets",
            "EAGAIN, EAGAIN",
            "0 octets, 0 octets",
            "0 octets, 0 octets",
            "ECONNRESET, 0 octets",
            "ENOTCONN, ENOTCONN",
            "ECONNREFUSED, 0 octets",
            "0 octets, 0 octets",
            "0 octets, 0 octets",
        ],
    );
}

#[test]
fn recv_of_nothing_waits_as_the_kernels_does() {
    check(
        |fd| Call::Recv { fd, len: 0 },
        [
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "EAGAIN, EAGAIN",
            "EAGAIN, EAGAIN",
            "0 octets, 0 octets",
            "EAGAIN, EAGAIN",
            "0 octets, 0 octets",
            "0 octets, 0 octets",
            "ECONNRESET, 0 octets",
            "ENOTCONN, ENOTCONN",
            "ECONNREFUSED, 0 octets",
            "0 octets, 0 octets",
            "0 octets, 0 octets",
        ],
    );
}

#[test]
fn send_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Send { fd, data: "x".into() },
        [
            "EPIPE, EPIPE",
            "EPIPE, EPIPE",
            "EPIPE, EPIPE",
            "EAGAIN, EAGAIN",
            "sent 1, sent 1",
            "sent 1, EPIPE",
            "EPIPE, EPIPE",
            "sent 1, sent 1",
            "EPIPE, EPIPE",
            "ECONNRESET, EPIPE",
            "EPIPE, EPIPE",
            "ECONNREFUSED, EPIPE",
            "EPIPE, EPIPE",
            "EPIPE, EPIPE",
        ],
    );
}

#[test]
fn an_empty_send_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Send { fd, data: "".into() },
        [
            "EPIPE, EPIPE",
            "EPIPE, EPIPE",
            "EPIPE, EPIPE",
            "EAGAIN, EAGAIN",
            "sent 0, sent 0",
            "sent 0, sent 0",
            "EPIPE, EPIPE",
            "sent 0, sent 0",
            "EPIPE, EPIPE",
            "ECONNRESET, EPIPE",
            "EPIPE, EPIPE",
            "ECONNREFUSED, EPIPE",
            "EPIPE, EPIPE",
            "EPIPE, EPIPE",
        ],
    );
}

#[test]
fn connect_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Connect { fd, address: at(1, 1) },
        [
            "ECONNREFUSED, ECONNREFUSED",
            "ECONNREFUSED, ECONNREFUSED",
            "EISCONN, EISCONN",
            "EALREADY, EALREADY",
            "EISCONN, EISCONN",
            "EISCONN, EISCONN",
            "EISCONN, EISCONN",
            "EISCONN, EISCONN",
            "EISCONN, EISCONN",
            "EISCONN, EISCONN",
            "ECONNREFUSED, ECONNREFUSED",
            "ECONNREFUSED, ECONNREFUSED",
            "EISCONN, EISCONN",
            "EISCONN, EISCONN",
        ],
    );
}

#[test]
fn bind_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Bind { fd, address: at(0, 0) },
        [
            "ok, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "ok, EINVAL",
            "ok, EINVAL",
            "ok, EINVAL",
            "ok, EINVAL",
            "ok, EINVAL",
        ],
    );
}

#[test]
fn listen_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Listen { fd, backlog: 5 },
        [
            "ok, ok",
            "ok, ok",
            "ok, ok",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "ok, ok",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
            "EINVAL, EINVAL",
        ],
    );
}

#[test]
fn only_a_listener_accepts() {
    let mut expected = ["EINVAL, EINVAL"; 14];
    expected[2] = "EAGAIN, EAGAIN";
    check(|fd| Call::Accept { fd }, expected);
}

#[test]
fn shutdown_returns_what_the_kernel_returns() {
    check(
        |fd| Call::Shutdown { fd, how: How::Write },
        [
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "ok, ok",
            "ok, ENOTCONN",
            "ok, ok",
            "ok, ENOTCONN",
            "ok, ok",
            "ok, ok",
            "ok, ok",
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
            "ENOTCONN, ENOTCONN",
        ],
    );
}

#[test]
fn getpeername_and_the_pending_error_are_the_kernels() {
    let connected = "address, address";
    let not = "ENOTCONN, ENOTCONN";
    check(
        |fd| Call::GetPeerName { fd },
        [not, not, not, not, connected, connected, connected, connected, connected, not, not, not, not, not],
    );
    let none = "no error, no error";
    check(
        |fd| Call::GetOption { fd, name: OptionName::Error },
        [
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            none,
            "ECONNRESET, no error",
            none,
            "ECONNREFUSED, no error",
            "EPIPE, no error",
            none,
        ],
    );
}

#[test]
fn data_after_shutting_reading_can_still_be_read() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.shutdown(A, s, How::Read);
    cable.send(B, c, "hi");
    cable.pass(Span::millis(100));
    assert_eq!(cable.recv(A, s, 10), received("hi"));
    assert_eq!(cable.recv(A, s, 10), eof());
}

#[test]
fn shutting_a_listener_for_reading_wakes_accept_and_it_may_listen_again() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    assert_eq!(cable.try_call(B, Call::Accept { fd: l }), None);
    let thread = crate::socket::ProcessId(3);
    cable.hosts[1].process_started(thread, Some(B));
    assert_eq!(cable.shutdown(thread, l, How::Write), Return::Done);
    assert_eq!(cable.take(B), None, "that half means nothing to a listener");
    assert_eq!(cable.shutdown(thread, l, How::Read), Return::Done);
    assert_eq!(cable.take(B), Some(fails(Errno::EINVAL)));
    assert_eq!(cable.call(B, Call::Accept { fd: l }), fails(Errno::EINVAL));
    assert_eq!(cable.name(B, l), Return::Address(at(1, 80)));
    assert_eq!(cable.call(B, Call::Listen { fd: l, backlog: 2 }), Return::Done);
    accepted(&mut cable, l);
}

#[test]
fn options_have_the_kernels_bounds() {
    use SocketOption::{KeepAlive, KeepCount, KeepIdle, KeepInterval, NoDelay, ReceiveBuffer, SendBuffer};
    let mut cable = Cable::new();
    let s = cable.socket(A, Kind::Stream);
    for (option, ok) in [
        (KeepIdle(0), false),
        (KeepIdle(1), true),
        (KeepIdle(32_767), true),
        (KeepIdle(32_768), false),
        (KeepInterval(0), false),
        (KeepInterval(32_767), true),
        (KeepInterval(32_768), false),
        (KeepCount(0), false),
        (KeepCount(127), true),
        (KeepCount(128), false),
        (KeepAlive(true), true),
        (NoDelay(true), true),
    ] {
        let result = if ok { Return::Done } else { fails(Errno::EINVAL) };
        assert_eq!(cable.set(A, s, option), result, "{option:?}");
        if ok {
            assert_eq!(cable.get(A, s, option.name()), Return::Value(option));
        }
    }
    for (asked, kept) in [(0, 2304), (1152, 2304), (1153, 2306), (4096, 8192)] {
        cable.set(A, s, ReceiveBuffer(asked));
        assert_eq!(cable.get(A, s, OptionName::ReceiveBuffer), Return::Value(ReceiveBuffer(kept)));
    }
    for (asked, kept) in [(0, 4608), (2304, 4608), (2305, 4610), (4096, 8192)] {
        cable.set(A, s, SendBuffer(asked));
        assert_eq!(cable.get(A, s, OptionName::SendBuffer), Return::Value(SendBuffer(kept)));
    }
    let fresh = cable.socket(A, Kind::Stream);
    for value in [KeepIdle(7200), KeepInterval(75), KeepCount(9), KeepAlive(false), ReceiveBuffer(131_072)] {
        assert_eq!(cable.get(A, fresh, value.name()), Return::Value(value));
    }
}

#[test]
fn the_congestion_control_of_a_socket_is_chosen_by_name() {
    let named = |name: &str| SocketOption::Congestion(AlgorithmName::new(name.as_bytes()));
    let mut cable = Cable::new();
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.get(A, s, OptionName::Congestion), Return::Value(named("reno")));
    for (name, result) in [
        ("cubic", Return::Done),
        ("vegas", fails(Errno::ENOENT)),
        ("cubicxxxxxxxxxxxxxxxxxx", fails(Errno::ENOENT)),
        ("", fails(Errno::EINVAL)),
    ] {
        assert_eq!(cable.set(A, s, named(name)), result, "{name}");
    }
    assert_eq!(cable.get(A, s, OptionName::Congestion), Return::Value(named("cubic")));
    let datagram = cable.socket(A, Kind::Datagram);
    assert_eq!(cable.set(A, datagram, named("reno")), fails(Errno::ENOPROTOOPT));
    assert_eq!(cable.get(A, datagram, OptionName::Congestion), fails(Errno::EOPNOTSUPP));
}

#[test]
fn user_timeout_deferred_accept_and_inline_urgency_are_kept_as_the_kernel_keeps_them() {
    use SocketOption::{DeferAccept, UrgentInline, UserTimeout};
    let mut cable = Cable::new();
    let s = cable.socket(A, Kind::Stream);
    for (value, kept) in [
        (UserTimeout(0), UserTimeout(0)),
        (UserTimeout(1500), UserTimeout(1500)),
        (DeferAccept(0), DeferAccept(0)),
        (DeferAccept(1), DeferAccept(1)),
        (DeferAccept(5), DeferAccept(7)),
        (UrgentInline(true), UrgentInline(true)),
    ] {
        assert_eq!(cable.set(A, s, value), Return::Done);
        assert_eq!(cable.get(A, s, value.name()), Return::Value(kept));
    }
    assert_eq!(cable.set(A, s, UserTimeout(1 << 31)), fails(Errno::EINVAL));
}

#[test]
fn an_accepted_socket_inherits_the_listeners_options() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    let options = [
        SocketOption::KeepAlive(true),
        SocketOption::KeepIdle(5),
        SocketOption::Linger(Some(3)),
        SocketOption::NoDelay(true),
        SocketOption::Congestion(AlgorithmName::new(b"cubic")),
    ];
    for option in options {
        cable.set(B, l, option);
    }
    cable.time_out(B, l, 100_000);
    let (_, c) = accepted(&mut cable, l);
    for option in options {
        assert_eq!(cable.get(B, c, option.name()), Return::Value(option));
    }
}

/// Binds two sockets of B to one port, and tells how the second fares.
fn second(first: &str, reuse: (bool, bool), first_listens: bool, address: &str) -> (Return, Option<Return>) {
    let mut cable = Cable::new();
    let (one, two) = (cable.socket(B, Kind::Stream), cable.socket(B, Kind::Stream));
    cable.set(B, one, SocketOption::ReuseAddr(reuse.0));
    cable.set(B, two, SocketOption::ReuseAddr(reuse.1));
    let at = |text: &str| SocketAddr::new(text.parse().unwrap(), 80);
    assert_eq!(cable.bind(B, one, at(first)), Return::Done);
    if first_listens {
        assert_eq!(cable.call(B, Call::Listen { fd: one, backlog: 1 }), Return::Done);
    }
    let bound = cable.bind(B, two, at(address));
    let listens = (bound == Return::Done).then(|| cable.call(B, Call::Listen { fd: two, backlog: 1 }));
    (bound, listens)
}

#[test]
fn two_sockets_share_a_port_only_if_both_reuse_it_and_the_first_does_not_listen() {
    let ok = (Return::Done, Some(Return::Done));
    let in_use = (fails(Errno::EADDRINUSE), None);
    let overlapping = [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("127.0.0.1", "0.0.0.0")];
    for reuse in [(false, false), (false, true), (true, false), (true, true)] {
        for listens in [false, true] {
            for (first, address) in overlapping {
                let expected = if reuse == (true, true) && !listens { &ok } else { &in_use };
                let found = second(first, reuse, listens, address);
                assert_eq!(&found, expected, "{first} {address} {reuse:?} {listens}");
            }
            assert_eq!(second("127.0.0.1", reuse, listens, "127.0.0.2"), ok, "another address");
        }
    }
}

#[test]
fn of_two_that_share_a_port_only_one_can_listen() {
    let mut cable = Cable::new();
    let (one, two) = (cable.socket(B, Kind::Stream), cable.socket(B, Kind::Stream));
    for fd in [one, two] {
        cable.set(B, fd, SocketOption::ReuseAddr(true));
        assert_eq!(cable.bind(B, fd, at(1, 80)), Return::Done);
    }
    assert_eq!(cable.call(B, Call::Listen { fd: two, backlog: 1 }), Return::Done);
    assert_eq!(cable.call(B, Call::Listen { fd: one, backlog: 1 }), fails(Errno::EADDRINUSE));
}

#[test]
fn a_connection_and_its_time_wait_keep_the_port_unless_both_reuse_it() {
    for theirs in [false, true] {
        for ours in [false, true] {
            let mut cable = Cable::new();
            let l = cable.socket(B, Kind::Stream);
            cable.set(B, l, SocketOption::ReuseAddr(theirs));
            cable.bind(B, l, at(1, 80));
            cable.call(B, Call::Listen { fd: l, backlog: 5 });
            let (s, c) = accepted(&mut cable, l);
            cable.close(B, l);
            let expected = if theirs && ours { Return::Done } else { fails(Errno::EADDRINUSE) };
            let bind = |cable: &mut Cable, when: &str| {
                let fd = cable.socket(B, Kind::Stream);
                cable.set(B, fd, SocketOption::ReuseAddr(ours));
                assert_eq!(cable.bind(B, fd, at(1, 80)), expected, "{when} {theirs} {ours}");
                if expected == Return::Done {
                    assert_eq!(cable.call(B, Call::Listen { fd, backlog: 5 }), Return::Done, "{when}");
                }
                cable.close(B, fd);
            };
            bind(&mut cable, "established");
            cable.close(B, c);
            cable.pass(Span::millis(100));
            bind(&mut cable, "FIN-WAIT-2");
            cable.close(A, s);
            cable.pass(Span::millis(100));
            bind(&mut cable, "TIME-WAIT");
            cable.pass(Span::secs(70));
            let fd = cable.socket(B, Kind::Stream);
            assert_eq!(cable.bind(B, fd, at(1, 80)), Return::Done, "when 2 MSL are over");
        }
    }
}

#[test]
fn a_clients_port_cannot_be_bound_by_others() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    let (s, _) = accepted(&mut cable, l);
    let Return::Address(local) = cable.name(A, s) else { panic!() };
    for reuse in [false, true] {
        let fd = cable.socket(A, Kind::Stream);
        cable.set(A, fd, SocketOption::ReuseAddr(reuse));
        assert_eq!(cable.bind(A, fd, local), fails(Errno::EADDRINUSE));
    }
}
