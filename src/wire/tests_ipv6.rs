//! IPv6 there and back: extension headers, neighbour discovery, what other readers of frames say of it.

use super::*;
use bytes::Bytes;
use proptest::prelude::*;
use std::net::Ipv6Addr;

const A: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1);
const B: Ipv6Addr = Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 2);

fn framed(packet: Ipv6Packet) -> Bytes {
    build(&Packet::ipv6(MacAddr::of_host(1), MacAddr::of_host(2), packet))
}

fn syn() -> Transport {
    Transport::Tcp(Segment {
        source_port: 49152,
        destination_port: 8080,
        seq: Seq(1_234_567),
        flags: Flags::SYN,
        window: 64_800,
        ..Segment::default()
    })
}

proptest! {
    #[test]
    fn etherparse_reads_what_is_built_and_finds_its_checksums_right(packet in any_frame::with_ipv6()) {
        let frame = build(&packet);
        let Body::Ipv6(ip) = &packet.body else { unreachable!() };
        let (header, rest) = etherparse::Ipv6Header::from_slice(&frame[14..]).unwrap();
        prop_assert_eq!((header.source, header.destination), (ip.source.octets(), ip.destination.octets()));
        prop_assert_eq!(usize::from(header.payload_length), ip.len() - 40);
        prop_assert_eq!(header.traffic_class, ip.dscp << 2 | ip.ecn);
        prop_assert_eq!((header.flow_label.value(), header.hop_limit), (ip.flow_label, ip.hop_limit));
        let payload = &rest[ip.header_len() - 40..ip.len() - 40];
        match &ip.transport {
            Transport::Tcp(segment) => {
                let tcp = etherparse::TcpSlice::from_slice(payload).unwrap();
                prop_assert_eq!(tcp.calc_checksum_ipv6(header.source, header.destination).unwrap(), tcp.checksum());
                prop_assert_eq!(tcp.payload(), &segment.payload[..]);
            }
            Transport::Udp(datagram) => {
                let udp = etherparse::UdpSlice::from_slice(payload).unwrap();
                let oracle = udp.to_header().calc_checksum_ipv6(&header, udp.payload()).unwrap();
                prop_assert_eq!(oracle, udp.checksum());
                prop_assert_eq!(udp.payload(), &datagram.payload[..]);
            }
            // etherparse wants eight octets of every type.
            Transport::Icmpv6(message) if message.len() < 8 => {}
            Transport::Icmpv6(_) => {
                let icmp = etherparse::Icmpv6Slice::from_slice(payload).unwrap_or_else(|_| panic!("{payload:02x?}"));
                prop_assert!(icmp.is_checksum_valid(header.source, header.destination));
            }
            Transport::Icmp(_) | Transport::Other { .. } => {}
        }
    }

    #[test]
    fn one_flipped_bit_of_what_a_checksum_covers_is_noticed(packet in any_frame::with_ipv6(), place: u32) {
        let Body::Ipv6(ip) = &packet.body else { unreachable!() };
        if matches!(ip.transport, Transport::Other { .. }) {
            return Ok(());
        }
        let covered = 14 + ip.header_len()..packet.len();
        let mut frame = build(&packet).to_vec();
        let bit = covered.start * 8 + place as usize % (covered.len() * 8);
        frame[bit / 8] ^= 0x80 >> (bit % 8);
        prop_assert!(parse(&Bytes::from(frame)).is_err());
    }
}

#[test]
fn every_octet_of_every_header_is_one_field_s() {
    let discovery = Icmpv6Message::NeighbourAdvertisement {
        flags: 0x60,
        target: A,
        options: Bytes::from_static(&[2, 1, 2, 0, 0, 0, 0, 1]),
    };
    let router = Icmpv6Message::RouterAdvertisement {
        hop_limit: 64,
        flags: 0x80,
        lifetime: 1800,
        reachable_ms: 0,
        retransmit_ms: 0,
        options: Bytes::from_static(&[5, 1, 0, 0, 0, 0, 5, 0xdc]),
    };
    let redirect = Icmpv6Message::Other { kind: 137, code: 0, rest: vec![0; 36].into() };
    let too_big = Icmpv6Message::PacketTooBig { mtu: 1280, quote: build_ipv6(&Ipv6Packet::new(B, A, syn())) };
    let extensions = vec![
        Extension::HopByHop(Bytes::from_static(&[5, 2, 0, 0, 1, 0])),
        Extension::Routing { kind: 4, segments_left: 1, data: vec![0; 4].into() },
        Extension::Fragment { offset: 0, more: false, identification: 7 },
        Extension::DestinationOptions(Bytes::from_static(&[0, 0, 1, 0, 0x3e, 0])),
    ];
    for transport in [
        syn(),
        Transport::Udp(Datagram { source_port: 1, destination_port: 2, payload: Bytes::from_static(b"hi") }),
        Transport::Icmpv6(discovery),
        Transport::Icmpv6(router),
        Transport::Icmpv6(redirect),
        Transport::Icmpv6(too_big),
        Transport::Icmpv6(Icmpv6Message::EchoRequest { id: 1, seq: 2, data: Bytes::from_static(b"ping") }),
    ] {
        let packet = Ipv6Packet { extensions: extensions.clone(), ..Ipv6Packet::new(A, B, transport) };
        for layer in decode(&framed(packet)) {
            assert_eq!(layer.flaw, None);
            let mut bits = vec![0; (layer.end - layer.start) * 8];
            for field in layer.fields.iter().filter(|field| field.key != "tcp.flags") {
                assert!(!field.meaning.en.is_empty() && !field.meaning.zh.is_empty(), "{}", field.key);
                assert!(
                    field.cite.starts_with("RFC") || field.key == "data" || layer.osi == 2,
                    "{}",
                    field.key
                );
                let first = (field.bytes.start - layer.start) * 8;
                let places = match &field.bits {
                    Some(range) => first + usize::from(range.start)..first + usize::from(range.end),
                    None => first..first + field.bytes.len() * 8,
                };
                bits[places].iter_mut().for_each(|bit| *bit += 1);
            }
            let quoted = layer.name.en.starts_with("quoted");
            assert!(quoted || bits.iter().all(|count| *count == 1), "{}: {bits:?}", layer.name.en);
        }
    }
}

#[test]
fn the_layers_of_a_chain_of_headers_have_their_names_in_both_languages() {
    let extensions = vec![
        Extension::HopByHop(Bytes::from_static(&[1, 4, 0, 0, 0, 0])),
        Extension::Fragment { offset: 0, more: true, identification: 0x0102_0304 },
    ];
    let transport = Transport::Other { protocol: PROTOCOL_TCP, payload: vec![0; 16].into() };
    let packet = Ipv6Packet { extensions, ..Ipv6Packet::new(A, B, transport) };
    let layers = decode(&framed(packet.clone()));
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.en.as_str()).collect();
    assert_eq!(names, ["Ethernet", "IPv6", "IPv6 hop-by-hop options", "IPv6 fragment", "Data"]);
    assert_eq!(layers[3].name.zh, "IPv6 分片");
    let id = layers[3].fields.iter().find(|field| field.key == "ipv6.fragment.id").unwrap();
    assert_eq!((id.value.as_str(), id.raw.as_str()), ("0x01020304", "01020304"));
    assert_eq!(packet.fragment(), Some((0, true, 0x0102_0304)));
}

/// The SYN behind the given extension headers, then changed, its checksum repaired as far as that goes.
fn changed(extensions: Vec<Extension>, changes: &[(usize, u8)]) -> Bytes {
    let mut octets = framed(Ipv6Packet { extensions, ..Ipv6Packet::new(A, B, syn()) }).to_vec();
    for (place, octet) in changes {
        octets[*place] = *octet;
    }
    repair_checksums(&Bytes::from(octets))
}

#[test]
fn each_flaw_is_named_with_its_place() {
    let hop = || vec![Extension::HopByHop(Bytes::from_static(&[1, 4, 0, 0, 0, 0]))];
    let whole = changed(vec![], &[]);
    let udp = Transport::Udp(Datagram::default());
    let mut udp = framed(Ipv6Packet::new(A, B, udp)).to_vec();
    udp[60..62].fill(0);
    let icmp = Transport::Other { protocol: PROTOCOL_ICMPV6, payload: Bytes::from_static(&[1, 2, 3]) };
    let many = vec![Extension::DestinationOptions(Bytes::from_static(&[1, 4, 0, 0, 0, 0])); 17];
    for (frame, header, at, flaw) in [
        (whole.slice(..53), Header::Ipv6, 14, Flaw::Truncated { need: 40, have: 39 }),
        (changed(vec![], &[(14, 0x40)]), Header::Ipv6, 14, Flaw::Version(4)),
        (whole.slice(..73), Header::Ipv6, 18, Flaw::Length { field: 20, min: 0, max: 19 }),
        (changed(hop(), &[(55, 9)]), Header::Ipv6Extension, 54, Flaw::Truncated { need: 80, have: 28 }),
        (
            changed(vec![], &[(20, 44), (19, 7)]),
            Header::Ipv6Extension,
            54,
            Flaw::Truncated { need: 8, have: 7 },
        ),
        (changed(many, &[]), Header::Ipv6Extension, 54 + 16 * 8, Flaw::TooManyExtensions),
        (Bytes::from(udp), Header::Udp, 60, Flaw::NoChecksum),
        (framed(Ipv6Packet::new(A, B, icmp)), Header::Icmpv6, 54, Flaw::Truncated { need: 4, have: 3 }),
        (changed(vec![], &[(19, 19)]), Header::Tcp, 54, Flaw::Truncated { need: 20, have: 19 }),
    ] {
        let error = ParseError { header, at, flaw };
        assert_eq!(parse(&frame), Err(error));
        assert!(decode(&frame).iter().any(|layer| layer.flaw == Some(error)), "{error}");
    }
}

#[test]
fn a_jumbogram_reaches_to_the_end_of_its_frame() {
    let options = Bytes::from_static(&[0xc2, 4, 0, 1, 0x11, 0x70]);
    let large = Transport::Tcp(Segment { payload: vec![7; 60_000].into(), ..Segment::default() });
    let packet =
        Ipv6Packet { extensions: vec![Extension::HopByHop(options)], ..Ipv6Packet::new(A, B, large) };
    let mut octets = framed(packet).to_vec();
    octets[18..20].fill(0);
    octets.extend([7; 10_000]);
    let read = parse_with(&Bytes::from(octets), Checksums::Ignore).unwrap();
    assert_eq!(read.tcp().unwrap().payload.len(), 70_000);
}

#[test]
fn a_checksum_of_udp_that_comes_out_as_zero_is_sent_as_all_ones() {
    let sum = |payload: u16| {
        let payload = Bytes::copy_from_slice(&payload.to_be_bytes());
        let datagram = Transport::Udp(Datagram { source_port: 7, destination_port: 9, payload });
        let frame = framed(Ipv6Packet::new(A, B, datagram));
        assert!(parse(&frame).is_ok());
        u16::from_be_bytes([frame[60], frame[61]])
    };
    // What is added to the payload is taken from the sum: with as much as the sum itself, nothing is left.
    let left = sum(0);
    assert_eq!(sum(left), 0xffff);
    assert_ne!(sum(left - 1), 0xffff);
}
