//! TCP, seen by programs: opening, data, closing, waiting.

use super::wire::{A, B, Cable, accepted, address, at, config, connection, eof, fails, listener, received};
use crate::clock::{Instant, Span};
use crate::host::{EndpointKey, HostConfig, HostEffect, Neighbours, Protocol};
use crate::mib::Counter;
use crate::socket::{Call, Errno, How, Kind, ProcessId, Return, SocketOption};
use crate::tcp::State;
use crate::wire::Flags;
use bytes::Bytes;

fn flags(cable: &Cable) -> Vec<(usize, String)> {
    let letters = |flags: Flags| flags.without(Flags::PSH).to_string();
    let segment = |(host, packet): (usize, crate::wire::Packet)| {
        packet.tcp().map(|segment| (host, letters(segment.flags)))
    };
    cable.packets().into_iter().filter_map(segment).collect()
}

fn path(cable: &Cable, host: usize) -> Vec<State> {
    let entered = |(who, effect): &(usize, HostEffect)| match effect {
        HostEffect::StateChanged { to, .. } if *who == host => Some(*to),
        _ => None,
    };
    cable.effects.iter().filter_map(entered).collect()
}

#[test]
fn a_connection_is_opened_used_and_closed() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    assert_eq!(cable.try_call(B, Call::Accept { fd: l }), None, "nobody there yet");
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.try_call(A, Call::Connect { fd: s, address: at(1, 80) }), None);
    assert_eq!(cable.wait(A), Some(Return::Done));
    assert_eq!(cable.now, Instant::ZERO + Span::millis(2), "one round trip");
    let Some(Return::Accepted(c, peer)) = cable.wait(B) else { panic!() };
    assert_eq!(cable.name(A, s), Return::Address(peer));
    assert_eq!(cable.peer(A, s), Return::Address(at(1, 80)));
    assert_eq!((cable.name(B, c), cable.peer(B, c)), (Return::Address(at(1, 80)), Return::Address(peer)));
    assert_eq!(cable.send(A, s, "hello"), Return::Sent(5));
    assert_eq!(cable.recv(B, c, 100), received("hello"));
    assert_eq!(cable.close(A, s), Return::Done);
    assert_eq!(cable.recv(B, c, 100), eof());
    assert_eq!(cable.recv(B, c, 100), eof(), "the end stays the end");
    cable.pass(Span::millis(100));
    assert_eq!(cable.close(B, c), Return::Done);
    cable.pass(Span::millis(100));
    let remote = |local, peer| EndpointKey { protocol: Protocol::Tcp, local, remote: Some(peer) };
    assert_eq!(cable.hosts[0].states(), [(remote(peer, at(1, 80)), State::TimeWait)]);
    cable.pass(Span::secs(70));
    assert_eq!(cable.hosts[0].states(), []);
    use State::*;
    assert_eq!(path(&cable, 0), [SynSent, Established, FinWait1, FinWait2, TimeWait, Closed]);
    assert_eq!(path(&cable, 1), [Listen, SynReceived, Established, CloseWait, LastAck, Closed]);
    let expected = ["S", "SA", "A", "A", "A", "FA", "A", "FA", "A"];
    assert_eq!(flags(&cable).iter().map(|(_, flags)| flags.as_str()).collect::<Vec<_>>(), expected);
}

#[test]
fn many_messages_may_arrive_as_one_and_one_as_many() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    for text in ["one", "two", "three"] {
        cable.send(A, s, text);
    }
    cable.pass(Span::millis(300));
    assert_eq!(cable.recv(B, c, 100), received("onetwothree"));
    cable.send(A, s, "abcdefghij");
    cable.pass(Span::millis(10));
    assert_eq!(cable.recv(B, c, 4), received("abcd"));
    assert_eq!(cable.recv(B, c, 4), received("efgh"));
    assert_eq!(cable.recv(B, c, 4), received("ij"));
}

#[test]
fn an_empty_send_sends_nothing() {
    let mut cable = Cable::new();
    let (s, _) = connection(&mut cable);
    let before = cable.frames.len();
    assert_eq!(cable.send(A, s, ""), Return::Sent(0));
    cable.pass(Span::millis(10));
    assert_eq!(cable.frames.len(), before);
}

#[test]
fn a_blocking_send_waits_until_all_is_taken_and_nothing_is_lost() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.set(A, s, SocketOption::SendBuffer(4096));
    let data: Bytes = (0..300_000u32).map(|n| (n % 251) as u8).collect();
    assert_eq!(cable.try_call(A, Call::Send { fd: s, data: data.clone() }), None, "too much at once");
    let mut got = Vec::new();
    let mut returned = None;
    while got.len() < data.len() {
        match cable.call(B, Call::Recv { fd: c, len: 50_000 }) {
            Return::Received(piece) => got.extend_from_slice(&piece),
            other => panic!("{other:?}"),
        }
        returned = returned.or_else(|| cable.take(A));
    }
    assert_eq!(returned.or_else(|| cable.wait(A)), Some(Return::Sent(data.len())));
    assert!(got == data, "the same octets in the same order");
}

#[test]
fn a_non_blocking_send_takes_a_part_and_then_nothing() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.non_blocking(A, s);
    let data = Bytes::from(vec![7; 20_000_000]);
    let send = |cable: &mut Cable| cable.call(A, Call::Send { fd: s, data: data.clone() });
    let Return::Sent(taken) = send(&mut cable) else { panic!() };
    assert!(0 < taken && taken < data.len());
    assert_eq!(send(&mut cable), fails(Errno::EAGAIN));
    cable.non_blocking(B, c);
    let mut got = 0;
    loop {
        match cable.call(B, Call::Recv { fd: c, len: 1 << 20 }) {
            Return::Received(piece) => got += piece.len(),
            other => {
                assert_eq!(other, fails(Errno::EAGAIN));
                if !cable.step(cable.now + Span::secs(30)) {
                    break;
                }
            }
        }
    }
    assert_eq!(got, taken);
}

#[test]
fn a_send_over_its_time_says_how_much_went() {
    let mut cable = Cable::new();
    let (s, _) = connection(&mut cable);
    cable.time_out(A, s, 500);
    let data = Bytes::from(vec![7; 20_000_000]);
    let start = cable.now;
    let Return::Sent(taken) = cable.call(A, Call::Send { fd: s, data: data.clone() }) else { panic!() };
    assert!(0 < taken && taken < data.len());
    assert_eq!(cable.now, start + Span::millis(500));
    assert_eq!(cable.call(A, Call::Send { fd: s, data }), fails(Errno::EAGAIN));
}

#[test]
fn half_close_lets_the_other_half_go_on() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    assert_eq!(cable.shutdown(A, s, How::Write), Return::Done);
    assert_eq!(cable.recv(B, c, 10), eof());
    assert_eq!(cable.send(B, c, "still"), Return::Sent(5));
    assert_eq!(cable.recv(A, s, 10), received("still"));
    assert_eq!(cable.send(A, s, "x"), fails(Errno::EPIPE));
    assert_eq!(cable.shutdown(A, s, How::Write), Return::Done, "twice is no mistake");
    cable.close(B, c);
    assert_eq!(cable.recv(A, s, 10), eof());
}

#[test]
fn nobody_listening_refuses_and_the_socket_may_try_again() {
    let mut cable = Cable::new();
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::ECONNREFUSED));
    assert_eq!(cable.hosts[0].counters().get(Counter::AttemptFails), 1);
    assert_eq!(flags(&cable), [(0, "S".to_owned()), (1, "RA".to_owned())]);
    let Return::Address(remains) = cable.name(A, s) else { panic!() };
    assert!(remains.ip().is_unspecified() && remains.port() != 0, "the kernel shows the port still");
    listener(&mut cable);
    assert_eq!(cable.connect(A, s, at(1, 80)), Return::Done);
    assert_eq!(cable.hosts[0].states().len(), 1);
}

#[test]
fn within_one_host_a_connection_opens_in_no_time() {
    let mut cable = Cable::new();
    let l = cable.bound(A, Kind::Stream, "127.0.0.1:80".parse().unwrap());
    cable.call(A, Call::Listen { fd: l, backlog: 5 });
    let s = cable.socket(A, Kind::Stream);
    let connect = Call::Connect { fd: s, address: "127.0.0.1:80".parse().unwrap() };
    assert_eq!(cable.try_call(A, connect), Some(Return::Done), "returned in the very step");
    let Some(Return::Accepted(c, peer)) = cable.try_call(A, Call::Accept { fd: l }) else { panic!() };
    assert!(peer.ip().is_loopback());
    cable.send(A, s, "hello");
    assert_eq!(cable.recv(A, c, 10), received("hello"));
    assert_eq!((cable.now, cable.frames.len()), (Instant::ZERO, 0));
    let looped = |(_, effect): &&(usize, HostEffect)| matches!(effect, HostEffect::Looped { .. });
    assert!(cable.effects.iter().filter(looped).count() >= 4);
    let refused = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, refused, "0.0.0.0:81".parse().unwrap()), fails(Errno::ECONNREFUSED));
}

#[test]
fn whoever_waited_longest_gets_the_connection() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    let (second, third) = (ProcessId(3), ProcessId(5));
    for thread in [second, third] {
        cable.hosts[1].process_started(thread, Some(B));
    }
    for pid in [third, B, second] {
        assert_eq!(cable.try_call(pid, Call::Accept { fd: l }), None);
    }
    for (pid, fd) in [(third, 4), (B, 5), (second, 6)] {
        let s = cable.socket(A, Kind::Stream);
        assert_eq!(cable.connect(A, s, at(1, 80)), Return::Done);
        let Some(Return::Accepted(c, _)) = cable.wait(pid) else { panic!("{pid:?}") };
        assert_eq!(c.0, fd, "threads share their descriptors");
    }
}

#[test]
fn calls_over_their_time_return_eagain() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    cable.time_out(B, l, 200);
    assert_eq!(cable.call(B, Call::Accept { fd: l }), fails(Errno::EAGAIN));
    assert_eq!(cable.now, Instant::ZERO + Span::millis(200));
    let (s, _) = accepted(&mut cable, l);
    cable.time_out(A, s, 300);
    let start = cable.now;
    assert_eq!(cable.recv(A, s, 10), fails(Errno::EAGAIN));
    assert_eq!(cable.now, start + Span::millis(300));
    cable.non_blocking(A, s);
    assert_eq!(cable.recv(A, s, 10), fails(Errno::EAGAIN));
    assert_eq!(cable.now, start + Span::millis(300));
}

#[test]
fn a_connect_over_its_time_goes_on_and_can_be_waited_for_again() {
    let mut cable = Cable::new();
    listener(&mut cable);
    cable.cut = Box::new(|number, _| number < 3);
    let s = cable.socket(A, Kind::Stream);
    cable.time_out(A, s, 500);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EAGAIN));
    assert_eq!(cable.peer(A, s), fails(Errno::ENOTCONN));
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EALREADY));
    cable.call(A, Call::SetTimeout { fd: s, timeout: None });
    assert_eq!(cable.connect(A, s, at(1, 80)), Return::Done);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EISCONN));
}

#[test]
fn a_non_blocking_connect_is_in_progress_then_done_then_connected() {
    let mut cable = Cable::new();
    listener(&mut cable);
    let s = cable.socket(A, Kind::Stream);
    cable.non_blocking(A, s);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EINPROGRESS));
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EALREADY));
    assert_eq!(cable.send(A, s, "x"), fails(Errno::EAGAIN));
    cable.pass(Span::millis(10));
    assert_eq!(cable.connect(A, s, at(1, 80)), Return::Done);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EISCONN));
    assert_eq!(cable.send(A, s, "x"), Return::Sent(1));
}

#[test]
fn a_silent_peer_ends_connect_with_etimedout() {
    let mut cable = Cable::new();
    cable.cut = Box::new(|_, _| true);
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::ETIMEDOUT));
    let waited = cable.now.since(Instant::ZERO);
    assert!(waited > Span::secs(120) && waited < Span::secs(140), "{waited}");
}

#[test]
fn a_neighbour_that_answers_no_arp_is_no_route_to_host() {
    let mut cable = Cable::with(|host| HostConfig { neighbours: Neighbours::Arp, ..config(host) });
    let s = cable.socket(A, Kind::Stream);
    let nobody = "10.0.0.77:80".parse().unwrap();
    assert_eq!(cable.connect(A, s, nobody), fails(Errno::EHOSTUNREACH));
    assert_eq!(cable.now, Instant::ZERO + Span::secs(3), "three requests, a second each");
    assert_eq!(cable.frames.len(), 3);
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, s, "192.0.2.1:80".parse().unwrap()), fails(Errno::ENETUNREACH));
}

#[test]
fn a_process_that_ends_closes_what_it_had() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    assert_eq!(cable.try_call(A, Call::Recv { fd: s, len: 10 }), None);
    cable.exit(A);
    assert_eq!(cable.recv(B, c, 10), eof());
    assert_eq!(cable.take(A), None, "its call never returns");
    cable.close(B, c);
    cable.pass(Span::secs(100));
    assert_eq!(cable.hosts[0].states(), []);
    assert_eq!(cable.hosts[1].states(), []);
}

#[test]
fn a_killed_process_with_unread_data_resets() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    cable.send(B, c, "unread");
    cable.pass(Span::millis(100));
    cable.exit(A);
    let _ = s;
    assert_eq!(cable.recv(B, c, 10), fails(Errno::ECONNRESET));
    assert_eq!(cable.hosts[0].counters().get(Counter::TCPAbortOnClose), 1);
}

#[test]
fn a_forgotten_connection_answers_with_a_reset() {
    let mut cable = Cable::new();
    let (s, c) = connection(&mut cable);
    let before = cable.frames.len();
    cable.hosts[1].forget(B, c);
    cable.pass(Span::secs(1));
    assert_eq!(cable.frames.len(), before, "without a word");
    cable.send(A, s, "hello?");
    assert_eq!(cable.recv(A, s, 10), fails(Errno::ECONNRESET));
    assert_eq!(cable.recv(A, s, 10), eof());
    assert_eq!(cable.send(A, s, "x"), fails(Errno::EPIPE));
    assert_eq!(cable.call(B, Call::Recv { fd: c, len: 1 }), fails(Errno::EBADF));
}

#[test]
fn the_accept_queue_is_told_and_counted() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    for _ in 0..3 {
        let s = cable.socket(A, Kind::Stream);
        cable.connect(A, s, at(1, 80));
    }
    cable.pass(Span::millis(10));
    assert_eq!(cable.hosts[1].accept_queue(), 3);
    cable.call(B, Call::Accept { fd: l });
    assert_eq!(cable.hosts[1].accept_queue(), 2);
    let told: Vec<(&str, u64, Option<u64>)> = cable
        .effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            HostEffect::Queue { queue, length, limit, .. } => Some((*queue, *length, *limit)),
            _ => None,
        })
        .collect();
    let accept: Vec<(u64, Option<u64>)> =
        told.iter().filter(|(queue, ..)| *queue == "accept").map(|(_, n, limit)| (*n, *limit)).collect();
    assert_eq!(accept, [(1, Some(6)), (2, Some(6)), (3, Some(6)), (2, Some(6))]);
    let half_open: Vec<u64> =
        told.iter().filter(|(queue, ..)| *queue == "half-open").map(|(_, n, _)| *n).collect();
    assert_eq!(half_open, [1, 0, 1, 0, 1, 0]);
}

#[test]
fn when_all_ports_are_taken_there_is_no_address_left() {
    let mut cable = Cable::with(|host| {
        let mut config = config(host);
        config.profile.settings.ip_local_port_range_low = 40_000;
        config.profile.settings.ip_local_port_range_high = 40_003;
        config
    });
    let l = listener(&mut cable);
    let bound = cable.bound(A, Kind::Stream, at(0, 40_002));
    let mut ports = Vec::new();
    for _ in 0..3 {
        let (s, _) = accepted(&mut cable, l);
        let Return::Address(local) = cable.name(A, s) else { panic!() };
        ports.push(local.port());
    }
    ports.sort_unstable();
    assert_eq!(ports, [40_000, 40_001, 40_003], "a bound port is not given away");
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, s, at(1, 80)), fails(Errno::EADDRNOTAVAIL));
    let _ = bound;
}

#[test]
fn the_same_pair_of_sockets_is_not_opened_twice() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    let mut connect = |result: Return| {
        let s = cable.socket(A, Kind::Stream);
        cable.set(A, s, SocketOption::ReuseAddr(true));
        assert_eq!(cable.bind(A, s, at(0, 5000)), Return::Done);
        assert_eq!(cable.connect(A, s, at(1, 80)), result);
    };
    connect(Return::Done);
    connect(fails(Errno::EADDRNOTAVAIL));
    let _ = l;
}

#[test]
fn the_chosen_initial_number_is_on_the_wire() {
    let mut cable = Cable::with(|host| {
        let isn = Some(if host == 0 { 1_234_567 } else { 7_654_321 });
        HostConfig { isn, ..config(host) }
    });
    connection(&mut cable);
    let numbers: Vec<(u32, u32)> = cable
        .packets()
        .iter()
        .filter_map(|(_, packet)| packet.tcp().map(|segment| (segment.seq.0, segment.ack.0)))
        .take(3)
        .collect();
    assert_eq!(numbers, [(1_234_567, 0), (7_654_321, 1_234_568), (1_234_568, 7_654_322)]);
    assert_eq!(cable.packets()[0].1.ip().map(|packet| packet.source), Some(address(0)));
}

#[test]
fn variables_are_those_of_every_endpoint_in_a_stable_order() {
    let mut cable = Cable::new();
    let l = listener(&mut cable);
    accepted(&mut cable, l);
    cable.bound(B, Kind::Datagram, at(1, 7));
    let variables = cable.hosts[1].variables();
    let keys: Vec<EndpointKey> = variables.iter().map(|(key, _)| *key).collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(keys, sorted);
    assert_eq!(keys.len(), 3);
    assert!(variables.iter().any(|(_, all)| all.iter().any(|(name, _)| *name == "snd.una")));
    assert!(variables.iter().any(|(_, all)| all.iter().any(|(name, _)| *name == "receive-queue")));
}
