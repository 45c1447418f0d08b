//! Requirements on TCP that show only where it meets IP: checksums, addresses, header fields; in both profiles.
//! `docs/conformance/requirements.csv` names these tests.

use super::wire::{A, B, Cable, accepted, address, at, config, connection, listener, received};
use crate::clock::Span;
use crate::host::HostConfig;
use crate::link::HostId;
use crate::socket::{Call, Errno, Kind, Return};
use crate::tcp::Profile;
use crate::wire::{self, Flags, IcmpMessage, Ipv4Packet, MacAddr, Packet, Segment, Seq, Transport};
use bytes::Bytes;
use std::net::Ipv4Addr;

pub fn cables() -> [Cable; 2] {
    [Profile::rfc9293(), Profile::linux()].map(|profile| Cable::with(|host| of(host, profile.clone())))
}

pub fn of(host: usize, profile: Profile) -> HostConfig {
    let usual = config(host);
    let fresh = HostConfig::new(HostId(host as u16), "host", usual.address, usual.mac, profile);
    HostConfig { secret: usual.secret, neighbours: usual.neighbours, ..fresh }
}

/// A frame with this segment to the second host's card, whatever the addresses say.
fn frame(from: Ipv4Addr, to: Ipv4Addr, segment: Segment) -> Bytes {
    let packet = Ipv4Packet::new(from, to, Transport::Tcp(segment));
    let mac = |host: u16| MacAddr::of_host(host);
    wire::build(&Packet::ipv4(mac(1), mac(2), packet))
}

fn syn(from_port: u16) -> Segment {
    Segment {
        source_port: from_port,
        destination_port: 80,
        seq: Seq(77),
        flags: Flags::SYN,
        window: 64_240,
        ..Segment::default()
    }
}

/// Sends a text over a fresh connection on a cable that loses it. Returns the cable, the reader's descriptor and the frame.
fn intercepted(mut cable: Cable) -> (Cable, crate::socket::Fd, Bytes) {
    let (s, c) = connection(&mut cable);
    cable.cut = Box::new(|_, packet| packet.tcp().is_some_and(|segment| !segment.payload.is_empty()));
    let before = cable.frames.len();
    cable.send(A, s, "hello");
    let (_, _, frame) = cable.frames[before].clone();
    cable.cut = Box::new(|_, _| false);
    cable.effects.clear();
    (cable, c, frame)
}

/// Frames the second host has sent.
fn answers(cable: &Cable) -> usize {
    cable.frames.iter().filter(|(_, host, _)| *host == 1).count()
}

#[test]
fn a_segment_with_any_bit_wrong_is_dropped_without_an_answer() {
    for cable in cables() {
        let (mut cable, c, frame) = intercepted(cable);
        let before = answers(&cable);
        // Every bit of the segment, its header and its text.
        for bit in 34 * 8..frame.len() * 8 {
            let mut octets = frame.to_vec();
            octets[bit / 8] ^= 1 << (bit % 8);
            cable.inject(1, &Bytes::from(octets));
        }
        assert_eq!(answers(&cable), before);
        cable.inject(1, &frame);
        assert_eq!(cable.recv(B, c, 10), received("hello"), "as it was sent it is taken");
    }
}

#[test]
fn every_frame_has_a_right_checksum() {
    for mut cable in cables() {
        let (s, c) = connection(&mut cable);
        cable.send(A, s, "odd");
        cable.pass(Span::secs(1));
        cable.recv(B, c, 10);
        cable.close(A, s);
        cable.close(B, c);
        cable.pass(Span::secs(1));
        assert!(cable.frames.len() >= 8);
        for (_, _, frame) in &cable.frames {
            // One's complement: the sum over pseudo-header and segment, checksum included, is all ones.
            let (ip, tcp) = (&frame[14..34], &frame[34..]);
            let mut words: Vec<u32> =
                ip[12..20].chunks(2).map(|two| u32::from(two[0]) << 8 | u32::from(two[1])).collect();
            words.extend([6, tcp.len() as u32]);
            words.extend(
                tcp.chunks(2).map(|two| u32::from(two[0]) << 8 | u32::from(*two.get(1).unwrap_or(&0))),
            );
            let mut sum: u32 = words.into_iter().sum();
            while sum > 0xffff {
                sum = (sum & 0xffff) + (sum >> 16);
            }
            assert_eq!(sum, 0xffff);
        }
    }
}

#[test]
fn reserved_bits_are_sent_as_zero_and_do_not_matter_when_received() {
    for cable in cables() {
        let (mut cable, c, frame) = intercepted(cable);
        for (_, _, frame) in &cable.frames {
            assert_eq!(frame[46] & 0x0e, 0);
        }
        let mut octets = frame.to_vec();
        octets[46] |= 0x0e;
        cable.inject(1, &wire::repair_checksums(&Bytes::from(octets)));
        assert_eq!(cable.recv(B, c, 10), received("hello"));
    }
}

#[test]
fn ip_options_are_ignored() {
    for cable in cables() {
        let (mut cable, c, frame) = intercepted(cable);
        let mut packet = wire::parse(&frame).unwrap();
        let ip = match &mut packet.body {
            wire::Body::Ipv4(ip) => ip,
            other => panic!("{other:?}"),
        };
        // An unknown option, a timestamp, a record route, padding.
        ip.options = Bytes::from_static(&[0x9e, 4, 1, 2, 68, 8, 5, 0, 0, 0, 0, 0, 7, 7, 4, 0, 0, 0, 0, 0]);
        cable.inject(1, &wire::build(&packet));
        assert_eq!(cable.recv(B, c, 10), received("hello"));
    }
}

#[test]
fn a_source_route_is_an_option_like_others_by_the_rfc_and_refused_by_linux() {
    for kind in [131, 137] {
        let [rfc9293, linux] = cables().map(|cable| {
            let (mut cable, c, frame) = intercepted(cable);
            let mut packet = wire::parse(&frame).unwrap();
            if let wire::Body::Ipv4(ip) = &mut packet.body {
                // Loose or strict, its way already gone.
                ip.options = Bytes::copy_from_slice(&[1, kind, 7, 8, 10, 0, 0, 9]);
            }
            cable.inject(1, &wire::build(&packet));
            cable.call(B, Call::SetBlocking { fd: c, blocking: false });
            cable.recv(B, c, 10)
        });
        assert_eq!((rfc9293, linux), (received("hello"), Return::Failed(Errno::EAGAIN)), "{kind}");
    }
}

#[test]
fn nobody_answers_an_echo_request_to_everybody() {
    let answers = |to: Ipv4Addr| {
        let [rfc9293, linux] = cables().map(|mut cable| {
            let echo = IcmpMessage::EchoRequest { id: 7, seq: 1, data: Bytes::from_static(b"anybody?") };
            let packet = Ipv4Packet::new(address(0), to, Transport::Icmp(echo));
            cable.inject(1, &wire::build(&Packet::ipv4(config(0).mac, config(1).mac, packet)));
            cable.frames.len()
        });
        [rfc9293, linux]
    };
    assert_eq!(answers(address(1)), [1, 1]);
    for everybody in [Ipv4Addr::BROADCAST, Ipv4Addr::new(10, 0, 0, 255), Ipv4Addr::new(224, 0, 0, 1)] {
        assert_eq!(answers(everybody), [0, 0], "{everybody}");
    }
}

#[test]
fn nobody_connects_to_a_group() {
    for mut cable in cables() {
        for group in ["255.255.255.255:80", "224.0.0.1:80", "239.1.2.3:80"] {
            let s = cable.socket(A, Kind::Stream);
            let result = cable.connect(A, s, group.parse().unwrap());
            assert!(matches!(result, Return::Failed(_)), "{group}: {result:?}");
        }
        assert!(cable.frames.is_empty(), "no SYN goes out");
    }
}

#[test]
fn what_is_addressed_to_a_group_is_dropped_in_silence() {
    for mut cable in cables() {
        listener(&mut cable);
        for group in [Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1), Ipv4Addr::new(239, 9, 9, 9)] {
            let ack = Segment { flags: Flags::ACK, ..syn(5000) };
            let text = Segment { payload: Bytes::from_static(b"text"), ..ack.clone() };
            for segment in [syn(5000), ack, text, Segment { flags: Flags::FIN, ..syn(5000) }] {
                cable.inject(1, &frame(address(0), group, segment));
            }
        }
        assert!(cable.frames.is_empty());
    }
}

#[test]
fn a_syn_from_a_source_that_cannot_be_is_ignored() {
    for mut cable in cables() {
        listener(&mut cable);
        for source in [Ipv4Addr::BROADCAST, Ipv4Addr::new(224, 0, 0, 1), address(1)] {
            cable.inject(1, &frame(source, address(1), syn(5000)));
        }
        assert!(cable.frames.is_empty());
        cable.inject(1, &frame(address(0), address(1), syn(5000)));
        assert_eq!(cable.frames.len(), 1, "from a neighbour it is answered");
    }
}

#[test]
fn the_local_address_is_the_one_asked_for_or_the_one_the_route_gives_and_stays() {
    for mut cable in cables() {
        let l = listener(&mut cable);
        let (s, c) = accepted(&mut cable, l);
        let chosen = cable.bound(A, Kind::Stream, at(0, 5555));
        assert_eq!(cable.connect(A, chosen, at(1, 80)), Return::Done);
        assert_eq!(cable.name(A, chosen), Return::Address(at(0, 5555)));
        let Return::Address(given) = cable.name(A, s) else { panic!() };
        assert_eq!(given.ip(), address(0));
        cable.send(A, s, "one");
        cable.send(A, chosen, "two");
        cable.pass(Span::secs(1));
        cable.recv(B, c, 10);
        cable.close(A, s);
        cable.pass(Span::secs(1));
        for (host, packet) in cable.packets() {
            assert_eq!(packet.ip().unwrap().source, address(host));
        }
        let ports = cable.packets().into_iter().filter(|(host, _)| *host == 0);
        assert!(ports.into_iter().all(|(_, packet)| {
            let port = packet.tcp().unwrap().source_port;
            port == 5555 || port == given.port()
        }));
    }
}

#[test]
fn the_time_to_live_is_the_one_configured_and_the_code_point_never_changes() {
    for ttl in [64, 5, 255] {
        for profile in [Profile::rfc9293(), Profile::linux()] {
            let mut cable = Cable::with(|host| {
                let mut config = of(host, profile.clone());
                config.ip.ttl = ttl;
                config
            });
            let (s, c) = connection(&mut cable);
            cable.send(A, s, "hello");
            cable.pass(Span::secs(1));
            cable.recv(B, c, 10);
            for (_, packet) in cable.packets() {
                assert_eq!((packet.ip().unwrap().ttl, packet.ip().unwrap().dscp), (ttl, 0));
            }
        }
    }
}

#[test]
fn every_packet_with_timestamps_forbids_fragments() {
    for mut cable in cables() {
        let (s, c) = connection(&mut cable);
        cable.send(A, s, "hello");
        cable.pass(Span::secs(1));
        cable.recv(B, c, 10);
        cable.close(A, s);
        cable.pass(Span::secs(1));
        for (_, packet) in cable.packets() {
            assert!(packet.ip().unwrap().dont_fragment);
        }
    }
}
