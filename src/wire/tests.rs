//! Frames there and back: built, parsed, unfolded, damaged.

use super::*;
use crate::lang::Lang;
use bytes::Bytes;
use proptest::prelude::*;
use std::net::Ipv4Addr;

proptest! {
    #[test]
    fn what_is_built_parses_to_the_same(packet in any_frame::packet()) {
        let frame = build(&packet);
        prop_assert_eq!(frame.len(), packet.len().max(MIN_FRAME));
        prop_assert!(frame[packet.len()..].iter().all(|octet| *octet == 0));
        prop_assert_eq!(parse(&frame), Ok(packet.clone()));
        prop_assert_eq!(build(&parse(&frame).unwrap()), frame.clone());
        if let Some(ip) = packet.ip() {
            let bare = build_ipv4(ip);
            prop_assert_eq!(&frame[14..14 + bare.len()], &bare[..]);
            prop_assert_eq!(&parse_ipv4(&bare, Checksums::Verify), &Ok(ip.clone()));
        }
        if let Body::Ipv6(ip) = &packet.body {
            let bare = build_ipv6(ip);
            prop_assert_eq!(&frame[14..14 + bare.len()], &bare[..]);
            prop_assert_eq!(&parse_ipv6(&bare, Checksums::Verify), &Ok(ip.clone()));
        }
    }

    #[test]
    fn what_is_built_is_right_to_etherparse(packet in any_frame::with_ipv4()) {
        let frame = build(&packet);
        let sliced = etherparse::SlicedPacket::from_ethernet(&frame).unwrap();
        if let Some(etherparse::NetSlice::Ipv4(ip)) = &sliced.net {
            let header = ip.header().to_header();
            prop_assert_eq!(header.calc_header_checksum(), header.header_checksum);
            match (&sliced.transport, packet.tcp(), packet.udp()) {
                (Some(etherparse::TransportSlice::Tcp(tcp)), Some(segment), _) => {
                    prop_assert_eq!(tcp.calc_checksum_ipv4(header.source, header.destination).unwrap(), tcp.checksum());
                    prop_assert_eq!(tcp.payload(), &segment.payload[..]);
                    prop_assert_eq!(tcp.options(), segment.options.padded());
                }
                (Some(etherparse::TransportSlice::Udp(udp)), _, Some(datagram)) => {
                    let oracle = udp.to_header().calc_checksum_ipv4(&header, udp.payload()).unwrap();
                    prop_assert_eq!(oracle, udp.checksum());
                    prop_assert_eq!(udp.payload(), &datagram.payload[..]);
                }
                (_, None, None) => {}
                other => prop_assert!(false, "etherparse sees {:?}", other),
            }
        }
    }

    #[test]
    fn one_flipped_bit_is_always_noticed(packet in any_frame::with_ipv4(), place: u32) {
        // Octets that no checksum covers: the link header, the padding, and what only other protocols would check.
        let covered = match packet.ip() {
            Some(ip) if matches!(ip.transport, Transport::Other { .. }) => 14 + ip.header_len(),
            _ => packet.len(),
        };
        let mut frame = build(&packet).to_vec();
        let bit = 14 * 8 + place as usize % ((covered - 14) * 8);
        frame[bit / 8] ^= 0x80 >> (bit % 8);
        let damaged = parse(&Bytes::from(frame.clone()));
        // The one exception the protocol has: a UDP checksum that becomes zero says that there is none.
        let none = packet.udp().is_some() && frame[14 + packet.ip().unwrap().header_len() + 6..][..2] == [0, 0];
        prop_assert!(damaged.is_err() || none, "{:?}", damaged);
    }

    #[test]
    fn any_octets_parse_or_fail_in_order(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        examine(octets)?;
    }

    #[test]
    fn any_octets_after_a_plausible_start_parse_or_fail_in_order(
        arp: bool,
        version_6: bool,
        protocol in prop_oneof![Just(0u8), Just(43), Just(44), Just(58), Just(60), Just(1u8), Just(6), Just(17), any::<u8>()],
        rest in prop::collection::vec(any::<u8>(), 0..120),
    ) {
        let mut octets = vec![2; 12];
        if version_6 {
            octets.extend([0x86, 0xdd, 0x60, 0, 0, 0, 0, rest.len() as u8, protocol, 64]);
            octets.extend([1; 32]);
        } else if arp {
            octets.extend([8, 6, 0, 1, 8, 0, 6, 4]);
        } else {
            octets.extend([8, 0, 0x45, 0, 0, (20 + rest.len()) as u8, 0, 0, 0, 0, 64, protocol, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2]);
        }
        octets.extend(rest);
        let repaired = repair_checksums(&Bytes::from(octets.clone()));
        examine(octets)?;
        examine(repaired.to_vec())?;
    }

    #[test]
    fn a_frame_cut_or_changed_anywhere_parses_or_fails_in_order(
        packet in any_frame::packet(),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..4),
    ) {
        let mut octets = build(&packet).to_vec();
        for (place, octet) in changes {
            let place = place.index(octets.len());
            octets[place] = octet;
        }
        let repaired = repair_checksums(&Bytes::from(octets.clone()));
        examine(repaired.to_vec())?;
        octets.truncate(cut.index(octets.len() + 1));
        examine(octets)?;
    }

    #[test]
    fn repairing_makes_every_checksum_right(packet in any_frame::packet(), noise: [u8; 6]) {
        let right = build(&packet);
        let mut frame = right.to_vec();
        if let Some(ip) = packet.ip() {
            let transport = 14 + ip.header_len();
            frame[24..26].copy_from_slice(&noise[..2]);
            match ip.transport {
                Transport::Tcp(_) => frame[transport + 16..][..2].copy_from_slice(&noise[2..4]),
                Transport::Udp(_) => frame[transport + 6..][..2].copy_from_slice(&noise[2..4]),
                Transport::Icmp(_) => frame[transport + 2..][..2].copy_from_slice(&noise[2..4]),
                Transport::Icmpv6(_) | Transport::Other { .. } => {}
            }
        }
        if let Body::Ipv6(ip) = &packet.body {
            let transport = 14 + ip.header_len();
            match ip.transport {
                Transport::Tcp(_) => frame[transport + 16..][..2].copy_from_slice(&noise[2..4]),
                Transport::Udp(_) => frame[transport + 6..][..2].copy_from_slice(&noise[2..4]),
                Transport::Icmpv6(_) => frame[transport + 2..][..2].copy_from_slice(&noise[2..4]),
                Transport::Icmp(_) | Transport::Other { .. } => {}
            }
        }
        let repaired = repair_checksums(&Bytes::from(frame));
        prop_assert_eq!(parse(&repaired), Ok(packet));
    }
}

/// Holds for any octets: nothing panics, the two readers of frames agree, and what is said about the frame stays in it.
fn examine(octets: Vec<u8>) -> Result<(), TestCaseError> {
    let frame = Bytes::from(octets);
    let layers = decode(&frame);
    let flaws: Vec<ParseError> = layers.iter().filter_map(|layer| layer.flaw).collect();
    if let Err(error) = parse(&frame) {
        let unfinished = matches!(error.flaw, Flaw::Checksum { .. })
            && parse(&fill_checksums(&frame)).is_ok_and(|_| fill_checksums(&frame) != frame);
        prop_assert!(flaws.contains(&error) || unfinished, "{:?} is not among {:?}", error, flaws);
        prop_assert!(error.at <= frame.len());
        prop_assert!(!error.sentence(Lang::En).is_empty() && !error.sentence(Lang::Zh).is_empty());
        prop_assert!(["RFC", "IEEE"].iter().any(|by| error.section().starts_with(by)));
    }
    for layer in &layers {
        prop_assert!(layer.start <= layer.end && layer.end <= frame.len());
        for field in &layer.fields {
            prop_assert!(layer.start <= field.bytes.start && field.bytes.end <= layer.end, "{field:?}");
            prop_assert_eq!(field.raw.len(), 2 * field.bytes.len());
        }
    }
    Ok(())
}

/// The SYN of the textbook handshake, octet by octet as Linux would send it; its checksums are left to be repaired.
const SYN: [u8; 74] = [
    0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1, 0x08, 0x00, 0x45, 0x00, 0x00, 0x3c, 0x1c, 0x46, 0x40, 0x00,
    0x40, 0x06, 0x0a, 0x74, 0x0a, 0x00, 0x00, 0x01, 0x0a, 0x00, 0x00, 0x02, 0xc0, 0x00, 0x1f, 0x90, 0x00,
    0x12, 0xd6, 0x87, 0, 0, 0, 0, 0xa0, 0x02, 0xfa, 0xf0, 0, 0, 0, 0, 0x02, 0x04, 0x05, 0xb4, 0x04, 0x02,
    0x08, 0x0a, 1, 2, 3, 4, 0, 0, 0, 0, 0x01, 0x03, 0x03, 0x07,
];

#[test]
fn a_syn_is_read_field_by_field() {
    let frame = repair_checksums(&Bytes::from_static(&SYN));
    assert_eq!(frame[..24], SYN[..24]);
    let packet = parse(&frame).unwrap();
    assert_eq!(packet.ethernet.source, MacAddr::of_host(1));
    assert_eq!(packet.ethernet.destination, MacAddr::of_host(2));
    let ip = packet.ip().unwrap();
    assert_eq!((ip.source, ip.destination), (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)));
    assert_eq!((ip.identification, ip.ttl, ip.dont_fragment), (0x1c46, 64, true));
    let segment = packet.tcp().unwrap();
    assert_eq!((segment.source_port, segment.destination_port), (49152, 8080));
    assert_eq!((segment.seq, segment.flags, segment.window), (Seq(1_234_567), Flags::SYN, 64240));
    assert_eq!(
        segment.options.iter().collect::<Vec<_>>(),
        [
            TcpOption::Mss(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { value: 0x0102_0304, echo: 0 },
            TcpOption::Nop,
            TcpOption::WindowScale(7),
        ]
    );
}

#[test]
fn padding_belongs_to_the_frame_and_not_to_the_packet() {
    let segment = Segment { payload: Bytes::from_static(b"hi"), ..Segment::default() };
    let ip = Ipv4Packet::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), Transport::Tcp(segment));
    let frame = build(&Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), ip));
    assert_eq!(frame.len(), 60);
    let mut dirty = frame.to_vec();
    dirty[56..].fill(0xee);
    let packet = parse(&Bytes::from(dirty.clone())).unwrap();
    assert_eq!(packet.tcp().unwrap().payload, "hi");
    let layers = decode(&Bytes::from(dirty));
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.en.as_str()).collect();
    assert_eq!(names, ["Ethernet", "IPv4", "TCP", "Data", "Padding"]);
}

#[test]
fn an_unfinished_checksum_is_filled_in_and_any_other_is_left() {
    for transport in [
        Transport::Tcp(Segment { flags: Flags::SYN, ..Segment::default() }),
        Transport::Udp(Datagram {
            source_port: 9,
            destination_port: 7,
            payload: Bytes::from_static(b"echo"),
        }),
    ] {
        let (field, len) = match &transport {
            Transport::Tcp(segment) => (34 + 16, segment.header_len()),
            _ => (34 + 6, 12),
        };
        let ip = Ipv4Packet::new(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, transport);
        let protocol = ip.protocol();
        let frame = build(&Packet::ipv4(MacAddr::default(), MacAddr::default(), ip));
        let pseudo =
            Checksum::new().add_pseudo_header(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, protocol, len as u16);
        let mut unfinished = frame.to_vec();
        unfinished[field..field + 2].copy_from_slice(&pseudo.sum().to_be_bytes());
        let unfinished = Bytes::from(unfinished);
        assert!(matches!(parse(&unfinished), Err(ParseError { flaw: Flaw::Checksum { .. }, .. })));
        assert!(parse_with(&unfinished, Checksums::Ignore).is_ok());
        assert!(decode(&unfinished).iter().all(|layer| layer.flaw.is_none()));
        assert_eq!(fill_checksums(&unfinished), frame);
        let mut wrong = frame.to_vec();
        wrong[field] ^= 1;
        assert_eq!(fill_checksums(&Bytes::from(wrong.clone())), wrong);
        assert_eq!(fill_checksums(&frame), frame);
    }
}

#[test]
fn an_unfinished_packet_quoted_in_an_icmp_error_is_filled_in_too() {
    let datagram = Datagram { source_port: 9, destination_port: 7, payload: Bytes::from_static(b"anybody?") };
    let right =
        build_ipv4(&Ipv4Packet::new(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, Transport::Udp(datagram)));
    let pseudo =
        Checksum::new().add_pseudo_header(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, PROTOCOL_UDP, 16).sum();
    let mut unfinished = right.to_vec();
    unfinished[26..28].copy_from_slice(&pseudo.to_be_bytes());
    let error = |quote: &[u8]| {
        let quote = Bytes::copy_from_slice(quote);
        let message = IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote };
        let ip = Ipv4Packet::new(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, Transport::Icmp(message));
        build(&Packet::ipv4(MacAddr::default(), MacAddr::default(), ip))
    };
    assert_eq!(fill_checksums(&error(&unfinished)), error(&right));
    assert_eq!(fill_checksums(&error(&right)), error(&right));
    // Cut short, its checksum cannot be known; wrong, the message is left as it came.
    assert_eq!(fill_checksums(&error(&unfinished[..28])), error(&unfinished[..28]));
    let mut wrong = error(&unfinished).to_vec();
    wrong[36] ^= 1;
    assert_eq!(fill_checksums(&Bytes::from(wrong.clone())), wrong);
}

#[test]
fn a_wrong_checksum_is_reported_with_its_place_and_what_would_be_right() {
    let frame = repair_checksums(&Bytes::from_static(&SYN));
    let right = u16::from_be_bytes([frame[50], frame[51]]);
    let mut wrong = frame.to_vec();
    wrong[50..52].copy_from_slice(&0x1234u16.to_be_bytes());
    let error = parse(&Bytes::from(wrong)).unwrap_err();
    let flaw = Flaw::Checksum { found: 0x1234, expected: right };
    assert_eq!(error, ParseError { header: Header::Tcp, at: 50, flaw });
    assert!(error.to_string().contains(&format!("0x{right:04x}")), "{error}");
}

/// The SYN with some octets changed and its checksums repaired as far as that goes.
fn changed(changes: &[(usize, u8)]) -> Bytes {
    let mut octets = SYN.to_vec();
    for (place, octet) in changes {
        octets[*place] = *octet;
    }
    repair_checksums(&Bytes::from(octets))
}

#[test]
fn each_flaw_is_named_with_its_place() {
    let whole = changed(&[]);
    let mut arp = vec![0xff; 60];
    arp[12..20].copy_from_slice(&[8, 6, 0, 1, 8, 0, 6, 5]);
    let mut udp = changed(&[(23, 17)]).to_vec();
    udp[38..40].copy_from_slice(&[0, 41]);
    for (frame, header, at, flaw) in [
        (whole.slice(..13), Header::Ethernet, 0, Flaw::Truncated { need: 14, have: 13 }),
        (whole.slice(..33), Header::Ipv4, 14, Flaw::Truncated { need: 20, have: 19 }),
        (changed(&[(14, 0x65)]), Header::Ipv4, 14, Flaw::Version(6)),
        (changed(&[(14, 0x44)]), Header::Ipv4, 14, Flaw::HeaderLength { words: 4 }),
        (whole.slice(..73), Header::Ipv4, 16, Flaw::Length { field: 60, min: 20, max: 59 }),
        (changed(&[(17, 19)]), Header::Ipv4, 16, Flaw::Length { field: 19, min: 20, max: 60 }),
        (changed(&[(17, 39)]), Header::Tcp, 34, Flaw::Truncated { need: 20, have: 19 }),
        (changed(&[(46, 0x40)]), Header::Tcp, 46, Flaw::HeaderLength { words: 4 }),
        (changed(&[(46, 0xb0)]), Header::Tcp, 34, Flaw::Truncated { need: 44, have: 40 }),
        (Bytes::from(udp), Header::Udp, 38, Flaw::Length { field: 41, min: 8, max: 40 }),
        (changed(&[(23, 17), (17, 27)]), Header::Udp, 34, Flaw::Truncated { need: 8, have: 7 }),
        (changed(&[(23, 1), (17, 27)]), Header::Icmp, 34, Flaw::Truncated { need: 8, have: 7 }),
        (Bytes::from(arp.clone()), Header::Arp, 14, Flaw::NotIpv4OnEthernet),
        (Bytes::from(arp).slice(..41), Header::Arp, 14, Flaw::Truncated { need: 28, have: 27 }),
    ] {
        let error = ParseError { header, at, flaw };
        assert_eq!(parse(&frame), Err(error));
        assert!(decode(&frame).iter().any(|layer| layer.flaw == Some(error)), "{error}");
    }
}

#[test]
fn a_fragments_checksum_is_nobodys_business() {
    let mut fragment = SYN.to_vec();
    fragment[20] = 0x20;
    let pseudo = Checksum::new()
        .add_pseudo_header(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), PROTOCOL_TCP, 40)
        .sum();
    fragment[50..52].copy_from_slice(&pseudo.to_be_bytes());
    let fragment = Bytes::from(fragment);
    assert_eq!(fill_checksums(&fragment), fragment);
    assert_eq!(repair_checksums(&fragment)[34..], fragment[34..]);
    assert!(parse(&repair_checksums(&fragment)).is_ok());
}

#[test]
fn a_udp_checksum_of_zero_is_accepted_and_never_sent() {
    let datagram = Datagram { source_port: 1, destination_port: 2, payload: Bytes::new() };
    let mut ip =
        Ipv4Packet::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), Transport::Udp(datagram));
    let zeros = (0..=u16::MAX)
        .filter(|port| {
            if let Transport::Udp(datagram) = &mut ip.transport {
                datagram.source_port = *port;
            }
            let bare = build_ipv4(&ip);
            assert!(parse_ipv4(&bare, Checksums::Verify).is_ok());
            assert_ne!(bare[26..28], [0, 0], "source port {port}");
            if bare[26..28] == [0xff, 0xff] {
                let frame = build(&Packet::ipv4(MacAddr::default(), MacAddr::default(), ip.clone()));
                let mut wrong = frame.to_vec();
                wrong[40] ^= 1;
                assert_eq!(repair_checksums(&Bytes::from(wrong)), frame);
            }
            bare[26..28] == [0xff, 0xff]
        })
        .count();
    assert!(zeros > 0, "no port gave a checksum of zero, so the rule was never tried");
    let mut bare = build_ipv4(&ip).to_vec();
    bare[26..28].fill(0);
    assert!(parse_ipv4(&Bytes::from(bare), Checksums::Verify).is_ok());
}

#[test]
fn what_does_not_fit_in_a_packet_is_left_out() {
    for transport in [
        Transport::Tcp(Segment { payload: Bytes::from(vec![7; 70_000]), ..Segment::default() }),
        Transport::Udp(Datagram { payload: Bytes::from(vec![7; 70_000]), ..Datagram::default() }),
        Transport::Icmp(IcmpMessage::EchoRequest { id: 1, seq: 1, data: Bytes::from(vec![7; 70_000]) }),
        Transport::Other { protocol: 99, payload: Bytes::from(vec![7; 70_000]) },
    ] {
        let ip = Ipv4Packet::new(Ipv4Addr::LOCALHOST, Ipv4Addr::LOCALHOST, transport);
        let bare = build_ipv4(&ip);
        assert_eq!(bare.len(), 65_535);
        assert!(parse_ipv4(&bare, Checksums::Verify).is_ok());
    }
}

#[test]
fn every_header_octet_is_covered_by_exactly_one_field() {
    let frame = repair_checksums(&Bytes::from_static(&SYN));
    for layer in decode(&frame) {
        let mut bits = vec![0; (layer.end - layer.start) * 8];
        for field in layer.fields.iter().filter(|field| field.key != "tcp.flags") {
            let first = (field.bytes.start - layer.start) * 8;
            let places = match &field.bits {
                Some(range) => first + usize::from(range.start)..first + usize::from(range.end),
                None => first..first + field.bytes.len() * 8,
            };
            bits[places].iter_mut().for_each(|bit| *bit += 1);
        }
        assert!(bits.iter().all(|count| *count == 1), "{}: {bits:?}", layer.name.en);
    }
}

#[test]
fn the_layers_of_a_syn_say_what_the_numbers_mean() {
    let frame = repair_checksums(&Bytes::from_static(&SYN));
    let layers = decode(&frame);
    let field = |key: &str| {
        layers
            .iter()
            .flat_map(|layer| &layer.fields)
            .find(|field| field.key == key)
            .unwrap_or_else(|| panic!("{key}"))
    };
    for (key, value, raw) in [
        ("eth.dst", "02:00:00:00:00:02", "020000000002"),
        ("ip.ttl", "64", "40"),
        ("ip.flags.df", "1", "4000"),
        ("ip.src", "10.0.0.1", "0a000001"),
        ("tcp.srcport", "49152", "c000"),
        ("tcp.seq", "1234567", "0012d687"),
        ("tcp.flags", "S", "02"),
        ("tcp.flags.syn", "1", "02"),
        ("tcp.flags.ack", "0", "02"),
        ("tcp.options.mss", "1460", "020405b4"),
        ("tcp.options.wscale", "7", "030307"),
    ] {
        assert_eq!((field(key).value.as_str(), field(key).raw.as_str()), (value, raw), "{key}");
    }
    assert_eq!(field("tcp.checksum").meaning.en, "right");
    assert_eq!(field("tcp.flags.syn").bits, Some(6..7));
    let models: Vec<(u8, &str)> = layers.iter().map(|layer| (layer.osi, layer.tcpip.en.as_str())).collect();
    assert_eq!(models, [(2, "link"), (3, "internet"), (4, "transport")]);
    let every = layers.iter().flat_map(|layer| &layer.fields);
    assert!(every.into_iter().all(|field| {
        [&field.name, &field.meaning].iter().all(|text| !text.en.is_empty() && !text.zh.is_empty())
    }));
}

#[test]
fn icmp_messages_of_any_kind_are_read_from_eight_octets_on() {
    for kind in 0..=255u8 {
        for len in 0..24 {
            let mut octets = vec![kind, 0, 0, 0, 1, 2, 3, 4];
            octets.resize(len, 0);
            let payload = Bytes::from(octets);
            let ip = Ipv4Packet::new(
                Ipv4Addr::LOCALHOST,
                Ipv4Addr::LOCALHOST,
                Transport::Other { protocol: PROTOCOL_ICMP, payload },
            );
            let frame = build(&Packet::ipv4(MacAddr::default(), MacAddr::default(), ip));
            let packet = parse(&repair_checksums(&frame));
            assert_eq!(packet.is_ok(), len >= 8, "type {kind}, {len} octets: {packet:?}");
        }
    }
}

#[test]
fn a_port_unreachable_shows_the_packet_it_quotes() {
    let datagram =
        Datagram { source_port: 49152, destination_port: 9, payload: Bytes::from_static(b"anyone?") };
    let (a, b) = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
    let quoted = build_ipv4(&Ipv4Packet::new(a, b, Transport::Udp(datagram)));
    let message = IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote: quoted.slice(..28) };
    let reply = Ipv4Packet::new(b, a, Transport::Icmp(message));
    let layers = decode(&build(&Packet::ipv4(MacAddr::of_host(2), MacAddr::of_host(1), reply)));
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.en.as_str()).collect();
    assert_eq!(names, ["Ethernet", "IPv4", "ICMP", "quoted IPv4", "quoted UDP"]);
    assert!(layers.iter().all(|layer| layer.flaw.is_none()));
    let port = layers[4].fields.iter().find(|field| field.key == "udp.dstport").unwrap();
    assert_eq!(port.value, "9");
}
