//! What RFC 768, RFC 792, RFC 826 and RFC 1122 ask of a host, in both profiles: `docs/conformance/requirements.csv` names
//! these tests.

use super::conformance::{cables, of};
use super::wire::{A, B, Cable, address, at, connection, fails, received};
use crate::clock::Span;
use crate::host::{HostConfig, Neighbours};
use crate::mib::Counter;
use crate::socket::{Call, Errno, Fd, Kind, OptionName, Return, SocketOption};
use crate::tcp::Profile;
use crate::wire::{
    self, ArpMessage, ArpOperation, Body, Datagram, IcmpMessage, Ipv4Packet, MacAddr, Packet, Transport,
};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};

/// A frame with this packet to the second host's card, whatever its addresses say.
fn framed(packet: Ipv4Packet) -> Bytes {
    wire::build(&Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), packet))
}

/// A datagram to the second host's port 7 from port 4000.
fn datagram(from: Ipv4Addr, to: Ipv4Addr, text: &'static [u8]) -> Ipv4Packet {
    let payload = Bytes::from_static(text);
    let datagram = Datagram { source_port: 4000, destination_port: 7, payload };
    Ipv4Packet::new(from, to, Transport::Udp(datagram))
}

fn usual(text: &'static [u8]) -> Ipv4Packet {
    datagram(address(0), address(1), text)
}

/// The frame with other octets at a place.
fn with(frame: &Bytes, place: usize, octets: &[u8]) -> Bytes {
    let mut changed = frame.to_vec();
    changed[place..place + octets.len()].copy_from_slice(octets);
    Bytes::from(changed)
}

/// The frame with the right IP header checksum.
fn sealed(frame: &Bytes) -> Bytes {
    let mut octets = frame.to_vec();
    octets[24..26].fill(0);
    let sum = !ones(&octets[14..34]);
    with(&Bytes::from(octets), 24, &sum.to_be_bytes())
}

/// The one's complement sum of octets.
fn ones(octets: &[u8]) -> u16 {
    let word = |two: &[u8]| u32::from(two[0]) << 8 | u32::from(*two.get(1).unwrap_or(&0));
    let mut sum: u32 = octets.chunks(2).map(word).sum();
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    sum as u16
}

/// The second host with a socket on port 7 that does not wait.
fn server(cable: &mut Cable) -> Fd {
    let fd = cable.bound(B, Kind::Datagram, "0.0.0.0:7".parse().unwrap());
    cable.non_blocking(B, fd);
    fd
}

fn from(cable: &mut Cable, fd: Fd) -> Return {
    cable.call(B, Call::RecvFrom { fd, len: 100 })
}

fn nothing(cable: &mut Cable, fd: Fd) -> bool {
    from(cable, fd) == fails(Errno::EAGAIN)
}

/// ICMP messages sent, by whom.
fn messages(cable: &Cable) -> Vec<(usize, IcmpMessage)> {
    let icmp = |(host, packet): (usize, Packet)| packet.icmp().map(|message| (host, message.clone()));
    cable.packets().into_iter().filter_map(icmp).collect()
}

/// Two hosts that find each other by ARP.
fn strangers() -> [Cable; 2] {
    [Profile::rfc9293(), Profile::linux()].map(|profile| {
        Cable::with(|host| HostConfig { neighbours: Neighbours::Arp, ..of(host, profile.clone()) })
    })
}

/// ARP messages sent: when, by whom, to which card, and what they say.
fn arps(cable: &Cable) -> Vec<(crate::clock::Instant, usize, MacAddr, ArpMessage)> {
    let mut found = Vec::new();
    for (at, host, frame) in &cable.frames {
        let packet = wire::parse(frame).unwrap();
        if let Body::Arp(message) = packet.body {
            found.push((*at, *host, MacAddr(*frame.first_chunk().unwrap()), message));
        }
    }
    found
}

fn arp(operation: ArpOperation, sender: (Ipv4Addr, MacAddr), target: Ipv4Addr) -> Bytes {
    let message = ArpMessage {
        operation,
        sender_mac: sender.1,
        sender_ip: sender.0,
        target_mac: MacAddr::default(),
        target_ip: target,
    };
    wire::build(&Packet::arp(sender.1, MacAddr::BROADCAST, message))
}

/// The card to which the second host sends a datagram for `to` now; `None` if it has to ask first.
fn card(cable: &mut Cable, fd: Fd, to: Ipv4Addr) -> Option<MacAddr> {
    let before = cable.frames.len();
    cable.send_to(B, fd, "x", SocketAddr::from((to, 9)));
    let frame = &cable.frames[before].2;
    let datagram = matches!(wire::parse(frame).unwrap().body, Body::Ipv4(_));
    datagram.then(|| MacAddr(*frame.first_chunk().unwrap()))
}

// UDP.

#[test]
fn every_datagram_has_a_right_checksum_and_one_with_any_bit_wrong_is_dropped_in_silence() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        let client = cable.bound(A, Kind::Datagram, at(0, 4000));
        for text in ["", "a", "ab", "abc", "an odd one"] {
            let before = cable.frames.len();
            cable.cut = Box::new(|_, _| true);
            cable.send_to(A, client, text, at(1, 7));
            let frame = cable.frames[before].2.clone();
            // A short frame is padded.
            let end = 42 + text.len();
            let udp = &frame[34..end];
            let length = (udp.len() as u16).to_be_bytes();
            assert_eq!(udp[4..6], length);
            let all = [&frame[26..34], &[0, 17], &length, udp].concat();
            assert_eq!(ones(&all), 0xffff, "pseudo-header, header and data, padded");
            assert_ne!(udp[6..8], [0, 0], "there always is one");
            for bit in 34 * 8..end * 8 {
                cable.inject(1, &with(&frame, bit / 8, &[frame[bit / 8] ^ 1 << (bit % 8)]));
            }
            assert!(nothing(&mut cable, fd));
            assert_eq!(cable.frames.len(), before + 1, "no answer");
            cable.inject(1, &frame);
            assert!(matches!(from(&mut cable, fd), Return::ReceivedFrom(data, _) if data == text));
        }
    }
}

#[test]
fn a_checksum_of_zero_was_never_made_and_the_datagram_is_taken() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        cable.inject(1, &with(&framed(usual(b"plain")), 40, &[0, 0]));
        assert_eq!(cable.recv(B, fd, 10), received("plain"));
    }
}

#[test]
fn the_length_counts_header_and_data_and_is_eight_at_least() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        let frame = with(&framed(usual(b"hello")), 40, &[0, 0]);
        assert_eq!(frame[38..40], [0, 13]);
        for wrong in [0u16, 1, 7, 14, 65_535] {
            cable.inject(1, &with(&frame, 38, &wrong.to_be_bytes()));
            assert!(nothing(&mut cable, fd), "{wrong}");
        }
        cable.inject(1, &with(&frame, 38, &11u16.to_be_bytes()));
        assert_eq!(cable.recv(B, fd, 10), received("hel"), "what lies beyond is no data");
        cable.inject(1, &with(&frame, 38, &8u16.to_be_bytes()));
        assert_eq!(cable.recv(B, fd, 10), received(""));
        assert!(cable.frames.is_empty());
    }
}

#[test]
fn a_source_port_of_zero_is_no_mistake() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        let mut packet = usual(b"no answer wanted");
        if let Transport::Udp(datagram) = &mut packet.transport {
            datagram.source_port = 0;
        }
        cable.inject(1, &framed(packet));
        let Return::ReceivedFrom(_, sender) = from(&mut cable, fd) else { panic!() };
        assert_eq!(sender, at(0, 0));
    }
}

#[test]
fn whose_datagram_it_is_and_for_whom_is_told_by_the_ip_header() {
    for mut cable in cables() {
        let bound = |cable: &mut Cable, address: SocketAddr| {
            let fd = cable.bound(B, Kind::Datagram, address);
            cable.non_blocking(B, fd);
            fd
        };
        let (fd, exact) = (bound(&mut cable, at(1, 7)), bound(&mut cable, "127.0.0.1:7".parse().unwrap()));
        for host in [5, 6] {
            let source = Ipv4Addr::new(10, 0, 0, host);
            cable.inject(1, &framed(datagram(source, address(1), b"same text")));
            let sender = SocketAddr::from((source, 4000));
            let expected = Return::ReceivedFrom(Bytes::from_static(b"same text"), sender);
            assert_eq!(from(&mut cable, fd), expected);
        }
        let local = "127.0.0.1:7".parse().unwrap();
        let client = cable.socket(B, Kind::Datagram);
        cable.send_to(B, client, "here", local);
        assert!(nothing(&mut cable, fd), "it is for the one bound to that very address");
        assert_eq!(cable.recv(B, exact, 10), received("here"));
    }
}

#[test]
fn the_type_of_service_is_set_per_socket_and_reaches_every_packet_unchanged() {
    for mut cable in cables() {
        server(&mut cable);
        let client = cable.socket(A, Kind::Datagram);
        for (asked, dscp, ecn) in [(0, 0, 0), (0xb9, 46, 1), (0x20, 8, 0)] {
            let option = SocketOption::TypeOfService(asked);
            assert_eq!(cable.set(A, client, option), Return::Done);
            assert_eq!(cable.get(A, client, OptionName::TypeOfService), Return::Value(option));
            cable.send_to(A, client, "x", at(1, 7));
            let packets = cable.packets();
            let ip = packets.last().unwrap().1.ip().unwrap();
            assert_eq!((ip.dscp, ip.ecn), (dscp, ecn));
        }
        // The two bits of ECN are the stream's own.
        let (s, _) = connection(&mut cable);
        assert_eq!(cable.set(A, s, SocketOption::TypeOfService(0xb9)), Return::Done);
        let kept = cable.get(A, s, OptionName::TypeOfService);
        assert_eq!(kept, Return::Value(SocketOption::TypeOfService(0xb8)));
        let before = cable.frames.len();
        cable.send(A, s, "hello");
        cable.close(A, s);
        cable.pass(Span::secs(1));
        let sent = cable.packets().split_off(before);
        let own: Vec<u8> =
            sent.iter().filter(|(host, _)| *host == 0).map(|(_, p)| p.ip().unwrap().dscp).collect();
        assert!(own.len() >= 2 && own.iter().all(|dscp| *dscp == 46), "{own:?}");
        assert!(sent.iter().any(|(host, p)| *host == 1 && p.ip().unwrap().dscp == 0), "each side its own");
    }
}

#[test]
fn the_time_to_live_is_set_per_socket_and_is_the_hosts_own_without() {
    for mut cable in cables() {
        server(&mut cable);
        let client = cable.socket(A, Kind::Datagram);
        let told = |ttl| Return::Value(SocketOption::TimeToLive(ttl));
        assert_eq!(cable.get(A, client, OptionName::TimeToLive), told(64));
        for (asked, sent) in [(1, 1), (255, 255), (0, 64)] {
            assert_eq!(cable.set(A, client, SocketOption::TimeToLive(asked)), Return::Done);
            assert_eq!(cable.get(A, client, OptionName::TimeToLive), told(sent));
            cable.send_to(A, client, "x", at(1, 7));
            assert_eq!(cable.packets().last().unwrap().1.ip().unwrap().ttl, sent);
        }
        let (s, _) = connection(&mut cable);
        assert_eq!(cable.set(A, s, SocketOption::TimeToLive(7)), Return::Done);
        assert_eq!(cable.get(A, s, OptionName::TimeToLive), told(7));
        let before = cable.frames.len();
        cable.send(A, s, "hello");
        cable.pass(Span::secs(1));
        for (host, packet) in cable.packets().split_off(before) {
            assert_eq!(packet.ip().unwrap().ttl, if host == 0 { 7 } else { 64 });
        }
    }
}

// IP.

#[test]
fn what_no_host_can_have_sent_or_is_for_another_is_dropped_in_silence() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        for source in [Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1), address(1)] {
            cable.inject(1, &framed(datagram(source, address(1), b"forged")));
        }
        for other in [address(2), Ipv4Addr::new(192, 0, 2, 1), Ipv4Addr::LOCALHOST] {
            cable.inject(1, &framed(datagram(address(0), other, b"not for us")));
        }
        assert!(nothing(&mut cable, fd));
        assert!(cable.frames.is_empty());
    }
}

#[test]
fn another_version_or_a_wrong_header_checksum_is_dropped_in_silence() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        let frame = framed(usual(b"text"));
        for version in [0u8, 3, 5, 6, 15] {
            cable.inject(1, &sealed(&with(&frame, 14, &[version << 4 | 5])));
        }
        for bit in 14 * 8..34 * 8 {
            cable.inject(1, &with(&frame, bit / 8, &[frame[bit / 8] ^ 1 << (bit % 8)]));
        }
        assert!(nothing(&mut cable, fd));
        assert!(cable.frames.is_empty());
        cable.inject(1, &sealed(&frame));
        assert_eq!(cable.recv(B, fd, 10), received("text"));
    }
}

#[test]
fn a_time_to_live_of_one_or_none_reaches_its_host_and_none_is_never_sent() {
    for mut cable in cables() {
        let fd = server(&mut cable);
        for ttl in [1, 0] {
            cable.inject(1, &sealed(&with(&framed(usual(b"tired")), 22, &[ttl])));
            assert_eq!(cable.recv(B, fd, 10), received("tired"), "{ttl}");
        }
        cable.send_to(B, fd, "answer", at(0, 4000));
        cable.pass(Span::secs(1));
        assert!(cable.packets().iter().all(|(_, packet)| packet.ip().unwrap().ttl > 0));
    }
}

// ICMP.

#[test]
fn a_message_of_unknown_type_is_dropped_in_silence() {
    for mut cable in cables() {
        for kind in [1u8, 2, 5, 6, 7, 13, 15, 17, 40, 255] {
            let message = IcmpMessage::Other { kind, code: 0, rest: Bytes::from_static(&[0; 40]) };
            cable.inject(1, &framed(Ipv4Packet::new(address(0), address(1), Transport::Icmp(message))));
        }
        assert!(cable.frames.is_empty());
    }
}

#[test]
fn a_host_answers_an_unknown_port_and_an_unknown_protocol_quoting_what_came() {
    for (mut cable, most) in cables().into_iter().zip([8, usize::MAX]) {
        let text: &'static [u8] = &[7; 100];
        let unknown = Transport::Other { protocol: 99, payload: Bytes::from_static(text) };
        for (packet, code) in [(usual(text), 3u8), (Ipv4Packet::new(address(0), address(1), unknown), 2)] {
            let frame = framed(packet);
            let before = cable.frames.len();
            cable.inject(1, &frame);
            let answer = &cable.frames[before].2;
            assert_eq!(answer[34..36], [3, code]);
            assert_eq!(answer[38..42], [0; 4], "what is not used is zero");
            let quoted = &answer[42..];
            assert!(quoted.len() >= 28 && quoted.len() - 20 <= most.max(8));
            assert_eq!(quoted, &frame[14..14 + quoted.len()], "unchanged");
            cable.pass(Span::secs(5));
        }
    }
}

#[test]
fn what_is_not_used_in_a_message_is_ignored() {
    for mut cable in cables() {
        let client = cable.bound(A, Kind::Datagram, at(0, 4000));
        cable.connect(A, client, at(1, 9));
        cable.cut = Box::new(|_, packet| packet.icmp().is_some());
        cable.send(A, client, "anyone?");
        cable.pass(Span::secs(1));
        let refusal = cable.frames.iter().find(|(_, host, _)| *host == 1).unwrap().2.clone();
        cable.inject(0, &wire::repair_checksums(&with(&refusal, 38, &[0xff; 4])));
        assert_eq!(cable.send(A, client, "x"), fails(Errno::ECONNREFUSED));
    }
}

#[test]
fn a_source_quench_about_a_datagram_is_dropped_and_a_full_buffer_sends_none() {
    for mut cable in cables() {
        let client = cable.bound(A, Kind::Datagram, at(0, 4000));
        cable.connect(A, client, at(1, 9));
        cable.cut = Box::new(|_, packet| packet.icmp().is_some());
        cable.send(A, client, "anyone?");
        cable.pass(Span::secs(1));
        let refusal = cable.frames.iter().find(|(_, host, _)| *host == 1).unwrap().2.clone();
        let before = cable.frames.len();
        cable.inject(0, &wire::repair_checksums(&with(&refusal, 34, &[4, 0])));
        assert_eq!(cable.frames.len(), before);
        assert_eq!(cable.send(A, client, "x"), Return::Sent(1), "nobody was told");

        cable.cut = Box::new(|_, _| false);
        cable.bound(B, Kind::Datagram, at(1, 9));
        let before = cable.frames.len();
        while cable.hosts[1].counters().get(Counter::UdpRcvbufErrors) == 0 {
            cable.send(A, client, "hello");
            cable.pass(Span::millis(1));
        }
        assert!(cable.frames[before..].iter().all(|(_, host, _)| *host == 0), "the receiver keeps silent");
    }
}

#[test]
fn no_error_is_sent_about_an_error_a_group_or_a_later_fragment() {
    for mut cable in cables() {
        let quote = framed(usual(b"ours")).slice(14..);
        for message in [
            IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote: quote.clone() },
            IcmpMessage::TimeExceeded { code: 0, quote: quote.clone() },
            IcmpMessage::Other { kind: 12, code: 0, rest: quote },
        ] {
            cable.inject(1, &framed(Ipv4Packet::new(address(0), address(1), Transport::Icmp(message))));
        }
        for group in [Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1)] {
            cable.inject(1, &framed(datagram(address(0), group, b"everybody")));
            cable.inject(1, &framed(datagram(group, address(1), b"nobody")));
        }
        let part = |fragment_offset, more_fragments| Ipv4Packet {
            dont_fragment: false,
            identification: 9,
            fragment_offset,
            more_fragments,
            ..Ipv4Packet::new(
                address(0),
                address(1),
                Transport::Other { protocol: 17, payload: Bytes::from_static(&[1; 16]) },
            )
        };
        cable.inject(1, &framed(part(2, true)));
        cable.pass(Span::secs(120));
        assert!(cable.frames.is_empty(), "{:?}", cable.packets());
        // With the first fragment its sender is told that the rest never came.
        cable.inject(1, &framed(part(0, true)));
        cable.pass(Span::secs(120));
        assert!(matches!(messages(&cable).as_slice(), [(1, IcmpMessage::TimeExceeded { code: 1, .. })]));
    }
}

#[test]
fn an_echo_comes_back_from_whom_it_was_for_with_all_its_data() {
    for mut cable in cables() {
        for len in [0, 1, 56, 1472] {
            let data = Bytes::from((0..len).map(|n| n as u8).collect::<Vec<_>>());
            let echo = IcmpMessage::EchoRequest { id: 77, seq: 3, data: data.clone() };
            let before = cable.frames.len();
            cable.inject(1, &framed(Ipv4Packet::new(address(0), address(1), Transport::Icmp(echo))));
            let packets = cable.packets();
            let (_, answer) = &packets[before];
            assert_eq!(answer.icmp(), Some(&IcmpMessage::EchoReply { id: 77, seq: 3, data }));
            let ip = answer.ip().unwrap();
            assert_eq!((ip.source, ip.destination), (address(1), address(0)));
            assert_eq!(cable.frames[before].2[34..36], [0, 0], "type and code");
        }
    }
}

// ARP.

#[test]
fn an_unknown_neighbour_is_asked_for_by_broadcast_and_answers_the_asker_alone() {
    for mut cable in strangers() {
        let fd = server(&mut cable);
        let client = cable.socket(A, Kind::Datagram);
        cable.send_to(A, client, "hello", at(1, 7));
        cable.pass(Span::secs(1));
        assert_eq!(cable.recv(B, fd, 10), received("hello"));
        let [own, peer] = [MacAddr::of_host(1), MacAddr::of_host(2)];
        let told: Vec<_> =
            arps(&cable).into_iter().map(|(_, host, to, message)| (host, to, message)).collect();
        let request = ArpMessage {
            operation: ArpOperation::Request,
            sender_mac: own,
            sender_ip: address(0),
            target_mac: MacAddr::default(),
            target_ip: address(1),
        };
        let reply = ArpMessage {
            operation: ArpOperation::Reply,
            sender_mac: peer,
            sender_ip: address(1),
            target_mac: own,
            target_ip: address(0),
        };
        assert_eq!(told, [(0, MacAddr::BROADCAST, request), (1, own, reply)]);
    }
}

#[test]
fn a_known_neighbour_is_believed_whatever_it_says_and_an_unknown_one_only_if_it_asks_us() {
    let peer = Ipv4Addr::new(10, 0, 0, 77);
    let [first, second, third] = [7, 8, 9].map(MacAddr::of_host);
    for mut cable in strangers() {
        let fd = cable.bound(B, Kind::Datagram, at(1, 7));
        cable.inject(1, &arp(ArpOperation::Request, (peer, first), address(0)));
        cable.inject(1, &arp(ArpOperation::Reply, (peer, first), address(1)));
        assert!(cable.frames.is_empty(), "no answer to what is not asked of us");
        cable.inject(1, &arp(ArpOperation::Request, (peer, first), address(1)));
        assert_eq!(arps(&cable).len(), 1, "answered");
        assert_eq!(card(&mut cable, fd, peer), Some(first), "and learned");
        // Its card changes: told to somebody else, and then by an answer that nobody asked for; each a while after the other.
        cable.pass(Span::secs(2));
        cable.inject(1, &arp(ArpOperation::Request, (peer, second), address(0)));
        assert_eq!(card(&mut cable, fd, peer), Some(second));
        cable.pass(Span::secs(2));
        cable.inject(1, &arp(ArpOperation::Reply, (peer, third), address(1)));
        assert_eq!(card(&mut cable, fd, peer), Some(third));
    }
    for mut cable in strangers() {
        let fd = cable.bound(B, Kind::Datagram, at(1, 7));
        cable.inject(1, &arp(ArpOperation::Request, (peer, first), address(0)));
        assert_eq!(card(&mut cable, fd, peer), None, "overheard, not learned");
    }
}

#[test]
fn messages_of_other_hardware_or_protocols_are_dropped() {
    for mut cable in strangers() {
        let question = arp(ArpOperation::Request, (address(0), MacAddr::of_host(1)), address(1));
        for (place, octets) in [(14, [0, 6]), (16, [0x86, 0xdd]), (18, [8, 4]), (18, [6, 16])] {
            cable.inject(1, &with(&question, place, &octets));
        }
        assert!(cable.frames.is_empty());
        cable.inject(1, &question);
        assert_eq!(arps(&cable).len(), 1);
    }
}

#[test]
fn one_neighbour_is_asked_for_once_a_second_at_most() {
    for mut cable in strangers() {
        let client = cable.socket(A, Kind::Datagram);
        let absent = SocketAddr::from((Ipv4Addr::new(10, 0, 0, 200), 9));
        for _ in 0..40 {
            cable.send_to(A, client, "x", absent);
            cable.pass(Span::millis(100));
        }
        let at: Vec<_> = arps(&cable).into_iter().map(|(at, ..)| at).collect();
        assert!(at.len() >= 3, "{at:?}");
        assert!(at.windows(2).all(|pair| pair[1] - pair[0] >= Span::secs(1)), "{at:?}");
    }
}

#[test]
fn the_latest_packet_waits_for_the_answer_and_in_linux_those_before_it_too() {
    for (mut cable, kept) in strangers().into_iter().zip([&["two"][..], &["one", "two"]]) {
        let fd = server(&mut cable);
        let client = cable.socket(A, Kind::Datagram);
        cable.send_to(A, client, "one", at(1, 7));
        cable.send_to(A, client, "two", at(1, 7));
        cable.pass(Span::secs(1));
        for text in kept {
            assert_eq!(cable.recv(B, fd, 10), received(text));
        }
        assert!(nothing(&mut cable, fd));
    }
}

#[test]
fn what_was_learned_is_asked_for_again_after_the_time_configured() {
    for seconds in [5, 60] {
        let mut cable = Cable::with(|host| {
            let mut config = HostConfig { neighbours: Neighbours::Arp, ..of(host, Profile::linux()) };
            config.ip.arp_reachable = Span::secs(seconds);
            config
        });
        let client = cable.socket(A, Kind::Datagram);
        server(&mut cable);
        cable.send_to(A, client, "x", at(1, 7));
        cable.pass(Span::secs(seconds) - Span::secs(1));
        cable.send_to(A, client, "x", at(1, 7));
        assert_eq!(arps(&cable).len(), 2, "question and answer");
        cable.pass(Span::secs(2));
        cable.send_to(A, client, "x", at(1, 7));
        cable.pass(Span::secs(4));
        assert_eq!(arps(&cable).len(), 2, "for five seconds more something else may prove that it is there");
        cable.pass(Span::secs(2));
        assert_eq!(arps(&cable).len(), 4, "asked again {seconds} s after the answer, and five");
    }
}

// Explicit congestion notification, where TCP meets IP.

#[test]
fn what_may_be_marked_carries_ect_0_and_nothing_else_does() {
    let mut cable = Cable::with(|host| {
        let mut profile = Profile::linux();
        profile.set("tcp_ecn", 1).unwrap();
        of(host, profile)
    });
    let (s, c) = connection(&mut cable);
    cable.send(A, s, "hello");
    cable.pass(Span::secs(1));
    assert_eq!(cable.recv(B, c, 10), received("hello"));
    cable.close(A, s);
    cable.pass(Span::secs(1));
    for (_, packet) in cable.packets() {
        let text = packet.tcp().unwrap().payload.len();
        assert_eq!(packet.ip().unwrap().ecn, if text > 0 { 2 } else { 0 }, "{packet:?}");
    }
}
