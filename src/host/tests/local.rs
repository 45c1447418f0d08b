//! Local sockets: connections, records, names, boundaries, room. What is expected was measured on Linux 6.18.

use super::wire::*;
use crate::host::{HostEffect, Reason};
use crate::socket::{
    Call, Domain, Errno, Fd, How, Kind, LocalCall, LocalName, LocalReason, LocalReturn, OptionName,
    ProcessId, Return, SocketOption,
};
use bytes::Bytes;

/// Another process of A's host.
const OTHER: ProcessId = ProcessId(2);

fn name(text: &str) -> LocalName {
    LocalName::new(text.as_bytes()).unwrap()
}

fn socket(cable: &mut Cable, pid: ProcessId, kind: Kind) -> Fd {
    match cable.call(pid, Call::Socket { domain: Domain::Unix, kind, protocol: 0 }) {
        Return::Descriptor(fd) => fd,
        other => panic!("{other:?}"),
    }
}

fn bind(cable: &mut Cable, pid: ProcessId, fd: Fd, to: &str) -> Return {
    cable.call(pid, Call::Local(LocalCall::Bind { fd, name: name(to) }))
}

fn connect(cable: &mut Cable, pid: ProcessId, fd: Fd, to: &str) -> Return {
    cable.call(pid, Call::Local(LocalCall::Connect { fd, name: name(to) }))
}

fn send_to(cable: &mut Cable, pid: ProcessId, fd: Fd, data: &'static str, to: &str) -> Return {
    cable.call(pid, Call::Local(LocalCall::SendTo { fd, data: data.into(), name: name(to) }))
}

fn pair(cable: &mut Cable, kind: Kind) -> (Fd, Fd) {
    match cable.call(A, Call::Local(LocalCall::Pair { kind })) {
        Return::Local(LocalReturn::Pair(one, other)) => (one, other),
        other => panic!("{other:?}"),
    }
}

fn listener(cable: &mut Cable, kind: Kind, backlog: i32) -> Fd {
    let l = socket(cable, A, kind);
    assert_eq!(bind(cable, A, l, "/tmp/l"), Return::Done);
    assert_eq!(cable.call(A, Call::Listen { fd: l, backlog }), Return::Done);
    l
}

#[test]
fn a_connection_is_there_before_anybody_accepts_it_and_no_frame_tells_of_it() {
    let mut cable = Cable::new();
    let l = listener(&mut cable, Kind::Stream, 5);
    let s = socket(&mut cable, OTHER, Kind::Stream);
    assert_eq!(connect(&mut cable, OTHER, s, "/tmp/l"), Return::Done);
    assert_eq!(cable.send(OTHER, s, "early"), Return::Sent(5));
    let accepted = cable.call(A, Call::Accept { fd: l });
    let Return::Local(LocalReturn::Accepted(c, peer)) = accepted else { panic!("{accepted:?}") };
    assert!(peer.is_unnamed());
    assert_eq!(cable.recv(A, c, 100), received("early"));
    assert_eq!(cable.peer(OTHER, s), Return::Local(LocalReturn::Name(name("/tmp/l"))));
    assert_eq!(cable.close(OTHER, s), Return::Done);
    assert_eq!(cable.recv(A, c, 100), eof());
    assert!(cable.frames.is_empty());
    let handed = Reason::Local(LocalReason::HandedOver { octets: 5 });
    let told =
        |(_, effect): &(usize, HostEffect)| matches!(effect, HostEffect::Noted { why, .. } if *why == handed);
    assert!(cable.effects.iter().any(told), "the trace says what the kernel did");
}

#[test]
fn names_are_found_or_not_as_the_kernel_finds_them() {
    for kind in [Kind::Stream, Kind::SeqPacket] {
        let mut cable = Cable::new();
        let s = socket(&mut cable, A, kind);
        assert_eq!(connect(&mut cable, A, s, "/tmp/none"), fails(Errno::ENOENT));
        assert_eq!(connect(&mut cable, A, s, "@none"), fails(Errno::ECONNREFUSED));
        let b = socket(&mut cable, A, kind);
        assert_eq!(bind(&mut cable, A, b, "/tmp/b"), Return::Done);
        assert_eq!(connect(&mut cable, A, s, "/tmp/b"), fails(Errno::ECONNREFUSED), "it does not listen");
        assert_eq!(bind(&mut cable, A, s, "/tmp/b"), fails(Errno::EADDRINUSE));
        assert_eq!(bind(&mut cable, A, b, "/tmp/c"), fails(Errno::EINVAL), "it has a name");
        let wrong = socket(&mut cable, A, Kind::Datagram);
        assert_eq!(connect(&mut cable, A, wrong, "/tmp/b"), fails(Errno::EPROTOTYPE));
        cable.close(A, b);
        assert_eq!(connect(&mut cable, A, s, "/tmp/b"), fails(Errno::ECONNREFUSED), "the path is left");
        let unlink = || Call::Local(LocalCall::Unlink { name: name("/tmp/b") });
        assert_eq!(cable.call(A, unlink()), Return::Done);
        assert_eq!(connect(&mut cable, A, s, "/tmp/b"), fails(Errno::ENOENT));
        assert_eq!(cable.call(A, unlink()), fails(Errno::ENOENT));
    }
    let mut cable = Cable::new();
    let (one, other) = (socket(&mut cable, A, Kind::Stream), socket(&mut cable, A, Kind::Datagram));
    assert_eq!(bind(&mut cable, A, one, "@same"), Return::Done);
    assert_eq!(bind(&mut cable, A, other, "@same"), Return::Done, "each type has its abstract names");
    cable.close(A, one);
    let again = socket(&mut cable, A, Kind::Stream);
    assert_eq!(bind(&mut cable, A, again, "@same"), Return::Done, "gone with its socket");
}

#[test]
fn one_more_than_the_backlog_may_wait_and_the_next_connect_waits() {
    let mut cable = Cable::new();
    let l = listener(&mut cable, Kind::Stream, 1);
    for _ in 0..2 {
        let s = socket(&mut cable, OTHER, Kind::Stream);
        assert_eq!(connect(&mut cable, OTHER, s, "/tmp/l"), Return::Done);
    }
    let s = socket(&mut cable, OTHER, Kind::Stream);
    let waits = cable.try_call(OTHER, Call::Local(LocalCall::Connect { fd: s, name: name("/tmp/l") }));
    assert_eq!(waits, None);
    cable.call(A, Call::Accept { fd: l });
    assert_eq!(cable.wait(OTHER), Some(Return::Done));
    let late = socket(&mut cable, OTHER, Kind::Stream);
    cable.non_blocking(OTHER, late);
    assert_eq!(connect(&mut cable, OTHER, late, "/tmp/l"), fails(Errno::EAGAIN));
}

#[test]
fn streams_have_no_boundaries_and_records_do() {
    let mut cable = Cable::new();
    let (one, other) = pair(&mut cable, Kind::Stream);
    cable.send(A, one, "abcdef");
    cable.send(A, one, "ghi");
    assert_eq!(cable.recv(A, other, 4), received("abcd"));
    assert_eq!(cable.recv(A, other, 4), received("efgh"));
    for kind in [Kind::SeqPacket, Kind::Datagram] {
        let (one, other) = pair(&mut cable, kind);
        cable.send(A, one, "abcdef");
        cable.send(A, one, "");
        cable.send(A, one, "ghi");
        assert_eq!(cable.recv(A, other, 4), received("abcd"));
        assert_eq!(cable.recv(A, other, 4), received(""), "an empty record is one");
        assert_eq!(cable.recv(A, other, 4), received("ghi"));
    }
}

#[test]
fn whoever_closes_without_having_read_resets_the_peer() {
    let mut cable = Cable::new();
    let (one, other) = pair(&mut cable, Kind::Stream);
    cable.send(A, one, "unread");
    cable.send(A, other, "12");
    cable.close(A, other);
    assert_eq!(cable.send(A, one, "x"), fails(Errno::EPIPE));
    assert_eq!(cable.recv(A, one, 9), received("12"), "what came before is still there");
    assert_eq!(cable.recv(A, one, 9), fails(Errno::ECONNRESET));
    assert_eq!(cable.recv(A, one, 9), eof());
    let (one, other) = pair(&mut cable, Kind::SeqPacket);
    cable.send(A, one, "unread");
    cable.send(A, other, "12");
    cable.close(A, other);
    assert_eq!(cable.recv(A, one, 9), fails(Errno::ECONNRESET), "of records the error comes first");
    assert_eq!(cable.recv(A, one, 9), received("12"));
    assert_eq!(cable.recv(A, one, 9), eof());
    let (one, other) = pair(&mut cable, Kind::Stream);
    cable.close(A, other);
    assert_eq!(cable.recv(A, one, 9), eof(), "nothing was left unread");
    assert_eq!(cable.send(A, one, "x"), fails(Errno::EPIPE));
}

#[test]
fn a_listener_that_closes_resets_whom_it_never_accepted() {
    let mut cable = Cable::new();
    let l = listener(&mut cable, Kind::Stream, 5);
    let s = socket(&mut cable, OTHER, Kind::Stream);
    connect(&mut cable, OTHER, s, "/tmp/l");
    cable.close(A, l);
    assert_eq!(cable.recv(OTHER, s, 9), fails(Errno::ECONNRESET));
    assert_eq!(cable.recv(OTHER, s, 9), eof());
    assert_eq!(cable.send(OTHER, s, "x"), fails(Errno::EPIPE));
}

#[test]
fn a_sender_waits_when_the_memory_of_its_buffer_is_taken_and_goes_on_when_most_of_it_is_free() {
    let mut cable = Cable::new();
    let (one, _) = pair(&mut cable, Kind::Stream);
    cable.non_blocking(A, one);
    let much = Bytes::from(vec![0; 1_000_000]);
    assert_eq!(cable.call(A, Call::Send { fd: one, data: much.clone() }), Return::Sent(219_264));
    assert_eq!(cable.send(A, one, "x"), fails(Errno::EAGAIN));
    let (one, _) = pair(&mut cable, Kind::Stream);
    cable.non_blocking(A, one);
    let mut sends = 0;
    while cable.send(A, one, "x") == Return::Sent(1) {
        sends += 1;
    }
    assert_eq!(sends, 278, "an octet alone takes 768");
    for (kind, len, sends) in [(Kind::SeqPacket, 4096, 26), (Kind::Datagram, 10_000, 13)] {
        let (one, _) = pair(&mut cable, kind);
        cable.non_blocking(A, one);
        let data = Bytes::from(vec![0; len]);
        for _ in 0..sends {
            assert_eq!(cable.call(A, Call::Send { fd: one, data: data.clone() }), Return::Sent(len));
        }
        assert_eq!(cable.call(A, Call::Send { fd: one, data }), fails(Errno::EAGAIN));
        let large = Bytes::from(vec![0; 212_961]);
        assert_eq!(cable.call(A, Call::Send { fd: one, data: large }), fails(Errno::EMSGSIZE));
    }
}

#[test]
fn eleven_datagrams_of_a_stranger_wait_and_the_sender_of_the_twelfth_does() {
    let mut cable = Cable::new();
    let (reader, writer) = (socket(&mut cable, A, Kind::Datagram), socket(&mut cable, OTHER, Kind::Datagram));
    bind(&mut cable, A, reader, "@r");
    for _ in 0..11 {
        assert_eq!(send_to(&mut cable, OTHER, writer, "x", "@r"), Return::Sent(1));
    }
    let call = LocalCall::SendTo { fd: writer, data: "y".into(), name: name("@r") };
    assert_eq!(cable.try_call(OTHER, Call::Local(call)), None);
    assert_eq!(cable.recv(A, reader, 9), received("x"));
    assert_eq!(cable.wait(OTHER), Some(Return::Sent(1)));
}

#[test]
fn datagrams_bear_their_sender_s_name_and_a_tied_socket_hears_its_peer_alone() {
    let mut cable = Cable::new();
    let [r, v, w] = [0; 3].map(|_| socket(&mut cable, A, Kind::Datagram));
    bind(&mut cable, A, r, "@r");
    bind(&mut cable, A, v, "@v");
    assert_eq!(cable.send(A, w, "x"), fails(Errno::ENOTCONN));
    send_to(&mut cable, A, v, "v", "@r");
    let heard = cable.call(A, Call::RecvFrom { fd: r, len: 9 });
    assert_eq!(heard, Return::Local(LocalReturn::ReceivedFrom("v".into(), name("@v"))));
    assert_eq!(connect(&mut cable, A, r, "@v"), Return::Done);
    assert_eq!(send_to(&mut cable, A, w, "w", "@r"), fails(Errno::EPERM));
    assert_eq!(connect(&mut cable, A, w, "@r"), fails(Errno::EPERM));
    assert_eq!(connect(&mut cable, A, v, "@r"), Return::Done);
    cable.close(A, r);
    assert_eq!(cable.send(A, v, "x"), fails(Errno::ECONNREFUSED));
    assert_eq!(cable.send(A, v, "x"), fails(Errno::ENOTCONN), "it is tied to nobody any more");
}

#[test]
fn halves_are_shut_apart() {
    let mut cable = Cable::new();
    let (one, other) = pair(&mut cable, Kind::Stream);
    assert_eq!(cable.shutdown(A, one, How::Write), Return::Done);
    assert_eq!(cable.send(A, one, "x"), fails(Errno::EPIPE));
    assert_eq!(cable.recv(A, other, 9), eof());
    assert_eq!(cable.send(A, other, "back"), Return::Sent(4));
    assert_eq!(cable.recv(A, one, 9), received("back"));
    assert_eq!(cable.shutdown(A, one, How::Read), Return::Done);
    assert_eq!(cable.send(A, other, "x"), fails(Errno::EPIPE));
}

#[test]
fn the_calls_on_local_sockets_fail_as_the_kernels_do() {
    let mut cable = Cable::new();
    for (kind, recv) in [(Kind::Stream, Errno::EINVAL), (Kind::SeqPacket, Errno::ENOTCONN)] {
        let s = socket(&mut cable, A, kind);
        assert_eq!(cable.name(A, s), Return::Local(LocalReturn::Name(LocalName::default())));
        assert_eq!(cable.peer(A, s), fails(Errno::ENOTCONN));
        assert_eq!(cable.send(A, s, "x"), fails(Errno::ENOTCONN));
        assert_eq!(cable.recv(A, s, 9), fails(recv));
        assert_eq!(cable.call(A, Call::Accept { fd: s }), fails(Errno::EINVAL));
        assert_eq!(cable.call(A, Call::Listen { fd: s, backlog: 1 }), fails(Errno::EINVAL));
        assert_eq!(cable.shutdown(A, s, How::Both), Return::Done);
        assert_eq!(cable.bind(A, s, at(0, 80)), fails(Errno::EINVAL));
    }
    let s = socket(&mut cable, A, Kind::Datagram);
    assert_eq!(cable.call(A, Call::Accept { fd: s }), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.call(A, Call::Listen { fd: s, backlog: 1 }), fails(Errno::EOPNOTSUPP));
    let (one, _) = pair(&mut cable, Kind::Stream);
    assert_eq!(send_to(&mut cable, A, one, "x", "@x"), fails(Errno::EISCONN));
    let alone = socket(&mut cable, A, Kind::Stream);
    assert_eq!(send_to(&mut cable, A, alone, "x", "@x"), fails(Errno::EOPNOTSUPP));
    let tcp = cable.socket(A, Kind::Stream);
    assert_eq!(bind(&mut cable, A, tcp, "@x"), fails(Errno::EAFNOSUPPORT));
    let who = |value: Return| match value {
        Return::Value(SocketOption::PeerCredentials(who)) => who.map(|who| who.uid),
        other => panic!("{other:?}"),
    };
    assert_eq!(who(cable.get(A, one, OptionName::PeerCredentials)), Some(0));
    assert_eq!(who(cable.get(A, alone, OptionName::PeerCredentials)), None);
}
