//! UDP, seen by programs and on the cable.

use super::wire::{A, B, Cable, address, at, config, eof, fails, received};
use crate::clock::Span;
use crate::host::{HostEffect, Reason};
use crate::mib::Counter;
use crate::socket::{Call, Errno, Fd, How, Kind, OptionName, Return, SocketOption};
use crate::wire::{ArpOperation, Body, IcmpMessage, Ipv4Packet, Packet, Transport};
use crate::{ip, udp};
use bytes::Bytes;
use std::net::SocketAddr;

fn from(text: &'static str, whom: SocketAddr) -> Return {
    Return::ReceivedFrom(Bytes::from_static(text.as_bytes()), whom)
}

#[test]
fn an_echo_server_answers_whoever_asks() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, "0.0.0.0:7".parse().unwrap());
    let client = cable.bound(A, Kind::Datagram, at(0, 4000));
    assert_eq!(cable.try_call(B, Call::RecvFrom { fd: server, len: 100 }), None, "nothing there yet");
    assert_eq!(cable.send_to(A, client, "hello", at(1, 7)), Return::Sent(5));
    assert_eq!(cable.wait(B), Some(from("hello", at(0, 4000))));
    assert_eq!(cable.send_to(B, server, "hello", at(0, 4000)), Return::Sent(5));
    assert_eq!(cable.call(A, Call::RecvFrom { fd: client, len: 100 }), from("hello", at(1, 7)));
    for (host, counter) in [(0, Counter::UdpInDatagrams), (1, Counter::UdpOutDatagrams)] {
        assert_eq!(cable.hosts[host].counters().get(counter), 1);
    }
    assert_eq!(cable.frames.len(), 2, "a datagram each way and nothing else");
}

#[test]
fn every_datagram_stays_one_message_and_what_does_not_fit_is_lost() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let client = cable.socket(A, Kind::Datagram);
    for text in ["one", "", "0123456789", "two"] {
        cable.send_to(A, client, text, at(1, 7));
    }
    assert_eq!(cable.recv(B, server, 100), received("one"));
    assert_eq!(cable.recv(B, server, 100), eof(), "an empty datagram is one too");
    assert_eq!(cable.recv(B, server, 4), received("0123"));
    assert_eq!(cable.recv(B, server, 100), received("two"));
}

#[test]
fn nobody_on_the_port_is_told_by_icmp_and_a_connected_socket_hears_it_once() {
    let mut cable = Cable::new();
    let client = cable.socket(A, Kind::Datagram);
    assert_eq!(cable.connect(A, client, at(1, 9)), Return::Done);
    assert_eq!(cable.send(A, client, "anyone?"), Return::Sent(7));
    cable.pass(Span::millis(10));
    let packets = cable.packets();
    let Some(IcmpMessage::DestinationUnreachable { code: 3, quote, .. }) = packets[1].1.icmp() else {
        panic!("{packets:?}")
    };
    assert_eq!(quote.len(), 20 + 8 + 7, "the whole datagram is quoted");
    let quoted = ip::quoted(quote).expect("a quote that shows the ports");
    assert_eq!(quoted.remote, at(1, 9));
    assert_eq!(cable.send(A, client, "x"), fails(Errno::ECONNREFUSED), "told by the next call");
    assert_eq!(cable.send(A, client, "x"), Return::Sent(1), "once");
    cable.pass(Span::millis(10));
    assert_eq!(cable.recv(A, client, 10), fails(Errno::ECONNREFUSED));
    cable.time_out(A, client, 50);
    assert_eq!(cable.recv(A, client, 10), fails(Errno::EAGAIN));
    let count = |host: usize, counter| cable.hosts[host].counters().get(counter);
    assert_eq!(count(1, Counter::UdpNoPorts), 2);
    assert_eq!(count(1, Counter::IcmpOutDestUnreachs), 2);
    assert_eq!(count(0, Counter::IcmpInDestUnreachs), 2);
    assert_eq!(count(0, Counter::UdpOutDatagrams), 2, "what failed was not sent");
}

#[test]
fn a_call_that_waits_is_woken_by_the_refusal() {
    let mut cable = Cable::new();
    let client = cable.socket(A, Kind::Datagram);
    cable.connect(A, client, at(1, 9));
    cable.send(A, client, "anyone?");
    assert_eq!(cable.recv(A, client, 10), fails(Errno::ECONNREFUSED));
}

#[test]
fn an_unconnected_socket_hears_nothing_of_it() {
    let mut cable = Cable::new();
    let client = cable.socket(A, Kind::Datagram);
    cable.send_to(A, client, "x", at(1, 9));
    cable.pass(Span::millis(10));
    assert_eq!(cable.send_to(A, client, "x", at(1, 9)), Return::Sent(1));
    cable.pass(Span::millis(10));
    cable.time_out(A, client, 50);
    assert_eq!(cable.recv(A, client, 10), fails(Errno::EAGAIN));
    let refused = Reason::Ip(ip::Reason::Icmp(ip::IcmpReason::ErrorNotAskedFor { kind: 3, code: 3 }));
    let dropped = |(host, effect): &(usize, HostEffect)| {
        *host == 0 && matches!(effect, HostEffect::Dropped { why, .. } if *why == refused)
    };
    assert_eq!(cable.effects.iter().filter(|effect| dropped(effect)).count(), 2);
}

#[test]
fn icmp_errors_are_limited_to_six_at_once_on_the_wire_but_not_within_a_host() {
    let mut cable = Cable::new();
    let client = cable.socket(A, Kind::Datagram);
    for _ in 0..30 {
        cable.send_to(A, client, "x", at(1, 9));
    }
    cable.pass(Span::millis(10));
    assert_eq!(cable.hosts[1].counters().get(Counter::IcmpOutDestUnreachs), 6);
    for _ in 0..30 {
        cable.send_to(A, client, "x", "127.0.0.1:9".parse().unwrap());
    }
    assert_eq!(cable.hosts[0].counters().get(Counter::IcmpOutDestUnreachs), 30);
    assert_eq!(cable.hosts[0].counters().get(Counter::IcmpInDestUnreachs), 36);
}

#[test]
fn a_full_buffer_loses_the_rest_and_only_the_counters_know() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    cable.set(B, server, SocketOption::ReceiveBuffer(4096));
    assert_eq!(
        cable.get(B, server, OptionName::ReceiveBuffer),
        Return::Value(SocketOption::ReceiveBuffer(8192))
    );
    let client = cable.socket(A, Kind::Datagram);
    for _ in 0..20 {
        assert_eq!(cable.send_to(A, client, "x", at(1, 7)), Return::Sent(1));
    }
    cable.pass(Span::millis(10));
    let count = |counter| cable.hosts[1].counters().get(counter);
    assert_eq!((count(Counter::UdpRcvbufErrors), count(Counter::UdpInErrors)), (11, 11));
    assert_eq!(count(Counter::UdpInDatagrams), 0, "counted when the program takes it");
    let full = |(_, effect): &&(usize, HostEffect)| {
        matches!(effect, HostEffect::Dropped { why: Reason::Udp(udp::Reason::BufferFull { .. }), .. })
    };
    assert_eq!(cable.effects.iter().filter(full).count(), 11);
    cable.time_out(B, server, 1);
    let mut kept = 0;
    while cable.recv(B, server, 10) == received("x") {
        kept += 1;
    }
    assert_eq!((kept, cable.hosts[1].counters().get(Counter::UdpInDatagrams)), (9, 9));
}

#[test]
fn the_receive_queue_is_told_as_it_grows_and_shrinks() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let client = cable.socket(A, Kind::Datagram);
    cable.send_to(A, client, "x", at(1, 7));
    cable.send_to(A, client, "y", at(1, 7));
    cable.pass(Span::millis(10));
    cable.recv(B, server, 10);
    cable.recv(B, server, 10);
    let lengths: Vec<u64> = cable
        .effects
        .iter()
        .filter_map(|(_, effect)| match effect {
            HostEffect::Queue { queue: "receive", length, limit, .. } => {
                assert_eq!(*limit, Some(212_992));
                Some(*length)
            }
            _ => None,
        })
        .collect();
    assert_eq!(lengths, [832, 1664, 0], "the kernel gives room back in batches");
}

#[test]
fn sixty_five_thousand_five_hundred_and_seven_octets_go_and_one_more_does_not() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let client = cable.socket(A, Kind::Datagram);
    let send = |cable: &mut Cable, len: usize| {
        cable.call(A, Call::SendTo { fd: client, data: vec![7; len].into(), to: at(1, 7), fast_open: false })
    };
    assert_eq!(send(&mut cable, 65_508), fails(Errno::EMSGSIZE));
    assert_eq!(send(&mut cable, 70_000), fails(Errno::EMSGSIZE));
    assert_eq!(send(&mut cable, 65_507), Return::Sent(65_507));
    assert_eq!(cable.recv(B, server, 70_000), Return::Received(vec![7; 65_507].into()));
    assert_eq!(cable.frames.len(), 45);
}

#[test]
fn a_datagram_larger_than_the_wire_takes_goes_in_fragments_and_losing_one_loses_all() {
    let mut cable = Cable::new();
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let client = cable.socket(A, Kind::Datagram);
    let data: Bytes = (0..4000u32).map(|n| n as u8).collect();
    let send = |cable: &mut Cable| {
        cable.call(A, Call::SendTo { fd: client, data: data.clone(), to: at(1, 7), fast_open: false })
    };
    send(&mut cable);
    assert_eq!(cable.recv(B, server, 9000), Return::Received(data.clone()));
    let lengths: Vec<(usize, bool)> = cable
        .packets()
        .iter()
        .filter_map(|(_, packet)| packet.ip().map(|packet| (packet.len(), packet.dont_fragment)))
        .collect();
    assert_eq!(lengths, [(1500, false), (1500, false), (1068, false)]);
    cable.cut = Box::new(|number, _| number == 4);
    send(&mut cable);
    cable.time_out(B, server, 40_000);
    assert_eq!(cable.recv(B, server, 9000), fails(Errno::EAGAIN));
    let last = cable.packets().pop().map(|(host, packet)| (host, packet.icmp().cloned()));
    let Some((1, Some(IcmpMessage::TimeExceeded { code: 1, .. }))) = last else { panic!("{last:?}") };
}

#[test]
fn sockets_that_were_not_told_enough_say_so() {
    let mut cable = Cable::new();
    let fd = cable.socket(A, Kind::Datagram);
    assert_eq!(cable.send(A, fd, "x"), fails(Errno::EDESTADDRREQ));
    assert_eq!(cable.peer(A, fd), fails(Errno::ENOTCONN));
    assert_eq!(cable.call(A, Call::Listen { fd, backlog: 5 }), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.call(A, Call::Accept { fd }), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.send_to(A, fd, "x", at(1, 0)), fails(Errno::EINVAL));
    assert_eq!(cable.send_to(A, fd, "x", "203.0.113.5:9".parse().unwrap()), fails(Errno::ENETUNREACH));
    assert_eq!(cable.set(A, fd, SocketOption::NoDelay(true)), fails(Errno::ENOPROTOOPT));
    assert_eq!(cable.get(A, fd, OptionName::NoDelay), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.shutdown(A, fd, How::Write), fails(Errno::ENOTCONN));
    assert_eq!(cable.send_to(A, fd, "x", at(1, 9)), fails(Errno::EPIPE), "shut down all the same");
    assert_eq!(cable.bind(A, fd, at(0, 5000)), fails(Errno::EINVAL), "the first send chose a port");
    assert_eq!(cable.send(A, Fd(77), "x"), fails(Errno::EBADF));
    assert!(cable.frames.is_empty());
}

#[test]
fn connecting_chooses_port_and_address_and_reconnecting_is_allowed() {
    let mut cable = Cable::new();
    let fd = cable.socket(A, Kind::Datagram);
    assert_eq!(cable.name(A, fd), Return::Address("0.0.0.0:0".parse().unwrap()));
    cable.connect(A, fd, at(1, 7));
    let Return::Address(local) = cable.name(A, fd) else { panic!() };
    assert_eq!(local.ip(), address(0));
    assert!((32_768..=60_999).contains(&local.port()));
    assert_eq!(cable.peer(A, fd), Return::Address(at(1, 7)));
    assert_eq!(cable.connect(A, fd, at(1, 8)), Return::Done);
    assert_eq!(cable.peer(A, fd), Return::Address(at(1, 8)));
    assert_eq!(cable.name(A, fd), Return::Address(local));
}

#[test]
fn a_connected_socket_hears_only_its_peer() {
    let mut cable = Cable::new();
    let fd = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.connect(A, fd, at(1, 7));
    let (peer, stranger) =
        (cable.bound(B, Kind::Datagram, at(1, 7)), cable.bound(B, Kind::Datagram, at(1, 8)));
    cable.send_to(B, stranger, "stranger", at(0, 4000));
    cable.send_to(B, peer, "peer", at(0, 4000));
    assert_eq!(cable.recv(A, fd, 100), received("peer"));
    assert_eq!(cable.hosts[0].counters().get(Counter::UdpNoPorts), 1);
}

#[test]
fn after_shutdown_reading_ends_and_writing_breaks() {
    let mut cable = Cable::new();
    let fd = cable.socket(A, Kind::Datagram);
    cable.connect(A, fd, at(1, 7));
    assert_eq!(cable.try_call(A, Call::Recv { fd, len: 10 }), None);
    // A thread of the same process shuts the socket down.
    let thread = crate::socket::ProcessId(2);
    cable.hosts[0].process_started(thread, Some(A));
    assert_eq!(cable.shutdown(thread, fd, How::Both), Return::Done);
    assert_eq!(cable.take(A), Some(eof()));
    assert_eq!(cable.recv(A, fd, 10), eof());
    assert_eq!(cable.send(A, fd, "x"), fails(Errno::EPIPE));
}

#[test]
fn arp_asks_once_and_the_datagrams_wait_for_the_answer() {
    let mut cable = Cable::with(|host| crate::host::HostConfig {
        neighbours: crate::host::Neighbours::Arp,
        ..config(host)
    });
    let server = cable.bound(B, Kind::Datagram, at(1, 7));
    let client = cable.socket(A, Kind::Datagram);
    cable.send_to(A, client, "one", at(1, 7));
    cable.send_to(A, client, "two", at(1, 7));
    assert_eq!(cable.recv(B, server, 100), received("one"));
    assert_eq!(cable.recv(B, server, 100), received("two"));
    let kinds: Vec<(usize, &str)> = cable
        .packets()
        .iter()
        .map(|(host, packet)| {
            let kind = match &packet.body {
                Body::Arp(message) if message.operation == ArpOperation::Request => "asks",
                Body::Arp(_) => "answers",
                Body::Ipv4(_) => "datagram",
                Body::Ipv6(_) | Body::Bpdu(_) | Body::Other(_) => "other",
            };
            (*host, kind)
        })
        .collect();
    assert_eq!(kinds, [(0, "asks"), (1, "answers"), (0, "datagram"), (0, "datagram")]);
    // The one who was asked knows the asker already.
    let Return::ReceivedFrom(..) = ({
        cable.send_to(A, client, "three", at(1, 7));
        cable.call(B, Call::RecvFrom { fd: server, len: 100 })
    }) else {
        panic!()
    };
    assert_eq!(cable.frames.len(), 5);
}

#[test]
fn a_ping_is_answered() {
    let mut cable = Cable::new();
    let echo = IcmpMessage::EchoRequest { id: 7, seq: 1, data: Bytes::from_static(b"payload") };
    let packet = Ipv4Packet::new(address(0), address(1), Transport::Icmp(echo));
    let (from, to) = (config(0).mac, config(1).mac);
    cable.inject(1, &crate::wire::build(&Packet::ipv4(from, to, packet)));
    let packets = cable.packets();
    let answer = IcmpMessage::EchoReply { id: 7, seq: 1, data: Bytes::from_static(b"payload") };
    assert_eq!(packets[0].1.icmp(), Some(&answer));
}
