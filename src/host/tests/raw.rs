//! Raw sockets: what is sent, what is heard, who may. What is expected was measured on Linux 6.18.

use super::wire::*;
use crate::host::{HostConfig, HostEffect, Reason};
use crate::ip::{self, RawReason};
use crate::socket::{Call, Domain, Errno, Fd, How, Kind, OptionName, ProcessId, Return, SocketOption};
use crate::wire::{Body, IcmpMessage, PacketField, Transport, icmp_echo, ipv4_packet, udp_datagram};
use bytes::Bytes;
use std::net::Ipv4Addr;

const ICMP: i32 = 1;
const UDP: i32 = 17;
const EXPERIMENT: i32 = 253;
const RAW: i32 = 255;

fn raw(cable: &mut Cable, pid: ProcessId, protocol: i32) -> Fd {
    match cable.call(pid, Call::Socket { domain: Domain::Inet, kind: Kind::Raw, protocol }) {
        Return::Descriptor(fd) => fd,
        other => panic!("{other:?}"),
    }
}

fn send(cable: &mut Cable, pid: ProcessId, fd: Fd, data: &Bytes, host: usize) -> Return {
    cable.call(pid, Call::SendTo { fd, data: data.clone(), to: at(host, 0), fast_open: false })
}

/// The packet that the socket has, and from whom it came.
fn heard(cable: &mut Cable, pid: ProcessId, fd: Fd) -> (Bytes, Ipv4Addr) {
    match cable.call(pid, Call::RecvFrom { fd, len: 65_535 }) {
        Return::ReceivedFrom(data, from) => {
            assert_eq!(from.port(), 0);
            match from.ip() {
                std::net::IpAddr::V4(ip) => (data, ip),
                std::net::IpAddr::V6(_) => panic!(),
            }
        }
        other => panic!("{other:?}"),
    }
}

fn nothing_left(cable: &mut Cable, pid: ProcessId, fd: Fd) {
    cable.non_blocking(pid, fd);
    assert_eq!(cable.recv(pid, fd, 100), fails(Errno::EAGAIN));
}

#[test]
fn an_echo_request_made_by_a_program_is_answered_by_the_other_host_and_heard_with_its_header() {
    let mut cable = Cable::new();
    let (s, other) = (raw(&mut cable, A, ICMP), raw(&mut cable, A, ICMP));
    let listens = raw(&mut cable, B, ICMP);
    let echo = icmp_echo(7, 1, b"hello");
    assert_eq!(send(&mut cable, A, s, &echo, 1), Return::Sent(echo.len()));
    let (reply, from) = heard(&mut cable, A, s);
    assert_eq!(from, address(1));
    let read = |field: PacketField| field.of(&reply);
    assert_eq!(read(PacketField::IcmpType), Some(0));
    assert_eq!((read(PacketField::IcmpId), read(PacketField::IcmpSeq)), (Some(7), Some(1)));
    assert_eq!(&reply[28..], b"hello");
    assert_eq!(heard(&mut cable, A, other).0, reply, "every raw socket has a copy");
    let (request, _) = heard(&mut cable, B, listens);
    assert_eq!(PacketField::IcmpType.of(&request), Some(8), "the host that answers hears the request");
    nothing_left(&mut cable, B, listens);
    assert_eq!(cable.packets().len(), 2);
}

#[test]
fn only_packets_that_fit_protocol_and_addresses_are_heard() {
    let mut cable = Cable::new();
    let (udp, own, foreign) =
        (raw(&mut cable, B, UDP), raw(&mut cable, B, EXPERIMENT), raw(&mut cable, B, EXPERIMENT));
    assert_eq!(cable.connect(B, own, at(0, 0)), Return::Done);
    assert_eq!(cable.connect(B, foreign, at(1, 0)), Return::Done);
    let s = raw(&mut cable, A, EXPERIMENT);
    assert_eq!(send(&mut cable, A, s, &Bytes::from_static(b"x"), 1), Return::Sent(1));
    assert_eq!(heard(&mut cable, B, own).1, address(0));
    nothing_left(&mut cable, B, foreign);
    nothing_left(&mut cable, B, udp);
    assert_eq!(cable.packets().len(), 1, "a protocol that a raw socket hears is not unreachable");
}

#[test]
fn nobody_hears_it_so_the_protocol_is_unreachable_and_a_connected_sender_is_told() {
    let mut cable = Cable::new();
    let s = raw(&mut cable, A, EXPERIMENT);
    assert_eq!(cable.connect(A, s, at(1, 0)), Return::Done);
    assert_eq!(cable.send(A, s, "x"), Return::Sent(1));
    assert_eq!(cable.recv(A, s, 100), fails(Errno::ENOPROTOOPT));
    let unconnected = raw(&mut cable, A, EXPERIMENT);
    send(&mut cable, A, unconnected, &Bytes::from_static(b"x"), 1);
    nothing_left(&mut cable, A, unconnected);
}

#[test]
fn a_raw_socket_for_udp_hears_datagrams_beside_the_socket_they_are_for() {
    let mut cable = Cable::new();
    let (raw, server) = (raw(&mut cable, B, UDP), cable.bound(B, Kind::Datagram, at(1, 7)));
    let client = cable.bound(A, Kind::Datagram, at(0, 4000));
    cable.send_to(A, client, "hi", at(1, 7));
    assert_eq!(cable.recv(B, server, 100), received("hi"));
    let (packet, _) = heard(&mut cable, B, raw);
    assert_eq!(PacketField::UdpSourcePort.of(&packet), Some(4000));
    assert_eq!(&packet[28..], b"hi");
}

#[test]
fn of_a_header_made_by_a_program_the_kernel_fills_in_length_checksum_source_and_identification() {
    let mut cable = Cable::new();
    let (s, hears) = (raw(&mut cable, A, RAW), raw(&mut cable, B, EXPERIMENT));
    assert_eq!(
        cable.get(A, s, OptionName::HeaderIncluded),
        Return::Value(SocketOption::HeaderIncluded(true))
    );
    let nowhere = Ipv4Addr::UNSPECIFIED;
    let mut packet =
        ipv4_packet(nowhere, address(1), EXPERIMENT as u8, &Bytes::from_static(b"data")).to_vec();
    packet[2..4].copy_from_slice(&[0xff, 0xff]);
    packet[8] = 9;
    packet[10..12].copy_from_slice(&[0xbe, 0xef]);
    assert_eq!(send(&mut cable, A, s, &packet.into(), 1), Return::Sent(24));
    let (seen, from) = heard(&mut cable, B, hears);
    assert_eq!(from, address(0));
    assert_eq!(PacketField::IpLength.of(&seen), Some(24));
    assert_ne!(PacketField::IpIdentification.of(&seen), Some(0));
    assert_eq!(PacketField::IpTtl.of(&seen), Some(9));
    assert_eq!(crate::wire::checksum(&seen[..20]), 0, "the checksum is right");
}

#[test]
fn the_answer_to_a_forged_source_goes_to_whom_it_names() {
    let mut cable = Cable::with(|host| {
        let usual = config(host);
        let crate::host::Neighbours::Static(mut known) = usual.neighbours.clone() else { panic!() };
        known.push((Ipv4Addr::new(10, 0, 0, 9), 32, crate::wire::MacAddr::of_host(10)));
        HostConfig { neighbours: crate::host::Neighbours::Static(known), ..usual }
    });
    let s = raw(&mut cable, A, RAW);
    let victim = Ipv4Addr::new(10, 0, 0, 9);
    let packet = ipv4_packet(victim, address(1), 1, &icmp_echo(1, 1, b"x"));
    send(&mut cable, A, s, &packet, 1);
    cable.pass(crate::clock::Span::secs(1));
    let packets = cable.packets();
    let Body::Ipv4(reply) = &packets[1].1.body else { panic!() };
    assert_eq!(reply.destination, victim);
    assert!(matches!(&reply.transport, Transport::Icmp(IcmpMessage::EchoReply { id: 1, seq: 1, .. })));
    let forged = ip::Reason::Raw(RawReason::SourceForged { source: victim });
    let told = |(_, effect): &(usize, HostEffect)| matches!(effect, HostEffect::Transmit { why: Reason::Ip(why), .. } if *why == forged);
    assert!(cable.effects.iter().any(told));
}

#[test]
fn headers_that_cannot_be_and_packets_that_do_not_fit_are_refused() {
    let mut cable = Cable::new();
    let s = raw(&mut cable, A, RAW);
    let good = ipv4_packet(address(0), address(1), 253, &Bytes::from_static(b"1234"));
    assert_eq!(send(&mut cable, A, s, &good.slice(..19), 1), fails(Errno::EINVAL));
    let mut long = good.to_vec();
    long[0] = 0x47;
    assert_eq!(send(&mut cable, A, s, &long.into(), 1), fails(Errno::EINVAL), "28 octets of 24");
    let large = ipv4_packet(address(0), address(1), 253, &Bytes::from(vec![0; 1481]));
    assert_eq!(send(&mut cable, A, s, &large, 1), fails(Errno::EMSGSIZE), "it is not cut");
    let usual = raw(&mut cable, A, EXPERIMENT);
    assert_eq!(send(&mut cable, A, usual, &Bytes::from(vec![0; 1481]), 1), Return::Sent(1481));
    assert_eq!(cable.packets().len(), 2, "without IP_HDRINCL it is");
    assert_eq!(send(&mut cable, A, usual, &Bytes::from(vec![0; 65_516]), 1), fails(Errno::EMSGSIZE));
}

#[test]
fn the_calls_on_raw_sockets_fail_as_the_kernels_do() {
    let mut cable = Cable::new();
    let s = raw(&mut cable, A, ICMP);
    assert_eq!(cable.name(A, s), Return::Address("0.0.0.0:1".parse().unwrap()), "the protocol as a port");
    assert_eq!(cable.peer(A, s), fails(Errno::ENOTCONN));
    assert_eq!(cable.send(A, s, "12345678"), fails(Errno::EDESTADDRREQ));
    assert_eq!(cable.call(A, Call::Listen { fd: s, backlog: 1 }), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.call(A, Call::Accept { fd: s }), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.shutdown(A, s, How::Both), fails(Errno::ENOTCONN));
    assert_eq!(cable.bind(A, s, at(1, 0)), fails(Errno::EADDRNOTAVAIL));
    assert_eq!(cable.bind(A, s, at(0, 5)), Return::Done);
    assert_eq!(cable.name(A, s), Return::Address(at(0, 1)));
    assert_eq!(cable.connect(A, s, at(1, 0)), Return::Done);
    assert_eq!(cable.peer(A, s), fails(Errno::ENOTCONN), "a peer without a port");
    assert_eq!(cable.connect(A, s, at(1, 9)), Return::Done);
    assert_eq!(cable.peer(A, s), Return::Address(at(1, 9)));
    assert_eq!(cable.send(A, s, ""), fails(Errno::EFAULT), "an ICMP message has a type and a code");
    assert_eq!(cable.call(A, Call::SendUrgent { fd: s, data: "12345678".into() }), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.shutdown(A, s, How::Write), Return::Done);
    let echo = icmp_echo(1, 1, b"");
    assert_eq!(send(&mut cable, A, s, &echo, 1), Return::Sent(8), "nothing looks whether it was shut");
    assert_eq!(cable.get(A, s, OptionName::TimeToLive), Return::Value(SocketOption::TimeToLive(64)));
    assert_eq!(cable.get(A, s, OptionName::NoDelay), fails(Errno::EOPNOTSUPP));
    assert_eq!(cable.set(A, s, SocketOption::NoDelay(true)), fails(Errno::ENOPROTOOPT));
    let udp = cable.socket(A, Kind::Datagram);
    assert_eq!(cable.set(A, udp, SocketOption::HeaderIncluded(true)), fails(Errno::ENOPROTOOPT));
}

#[test]
fn without_privilege_there_are_no_raw_sockets_and_no_low_ports() {
    let mut cable = Cable::with(|host| HostConfig { privileged: host == 0, ..config(host) });
    let call = Call::Socket { domain: Domain::Inet, kind: Kind::Raw, protocol: ICMP };
    assert_eq!(cable.call(B, call), fails(Errno::EPERM));
    for kind in [Kind::Stream, Kind::Datagram] {
        let s = cable.socket(B, kind);
        assert_eq!(cable.bind(B, s, at(1, 1023)), fails(Errno::EACCES));
        assert_eq!(cable.bind(B, s, at(1, 1024)), Return::Done);
    }
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.bind(A, s, at(0, 80)), Return::Done, "the other host's programs may");
}

#[test]
fn a_full_buffer_loses_what_comes_and_says_so() {
    let mut cable = Cable::new();
    let (s, hears) = (raw(&mut cable, A, EXPERIMENT), raw(&mut cable, B, EXPERIMENT));
    assert_eq!(cable.set(B, hears, SocketOption::ReceiveBuffer(0)), Return::Done);
    for _ in 0..20 {
        send(&mut cable, A, s, &Bytes::from_static(b"12345678"), 1);
    }
    cable.pass(crate::clock::Span::secs(1));
    for _ in 0..3 {
        assert_eq!(heard(&mut cable, B, hears).0.len(), 28);
    }
    nothing_left(&mut cable, B, hears);
    let full = |(_, effect): &(usize, HostEffect)| {
        matches!(
            effect,
            HostEffect::Dropped { why: Reason::Ip(ip::Reason::Raw(RawReason::BufferFull { .. })), .. }
        )
    };
    assert_eq!(cable.effects.iter().filter(|effect| full(effect)).count(), 17);
}

#[test]
fn a_closed_raw_socket_hears_nothing_and_the_host_says_so_again() {
    let mut cable = Cable::new();
    let (s, hears) = (raw(&mut cable, A, EXPERIMENT), raw(&mut cable, B, EXPERIMENT));
    cable.close(B, hears);
    send(&mut cable, A, s, &udp_datagram(1, 2, b"x"), 1);
    cable.pass(crate::clock::Span::secs(1));
    assert_eq!(cable.packets().len(), 2, "protocol unreachable");
}
