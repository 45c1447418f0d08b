//! The lessons' own conversations, carried over IPv6: everything must come out as over IPv4.

use super::{Frames, common, pcapng, tshark, wirewalk};
use bytes::Bytes;
use std::net::{Ipv4Addr, Ipv6Addr};
use wirewalk::inspect::{Choice, Connection, rebuild, survey};
use wirewalk::lang::Lang;
use wirewalk::sim;
use wirewalk::trace::{Event, Trace};
use wirewalk::view::{Look, VIEWS, render};
use wirewalk::wire::{
    self, ArpOperation, Body, Extension, IcmpMessage, Icmpv6Message, Ipv6Packet, MacAddr, Packet, Transport,
};

/// The host's address in the block for documents.
fn six(address: Ipv4Addr) -> Ipv6Addr {
    let [a, b, c, d] = address.octets();
    let [high, low] = [u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])];
    Ipv6Addr::new(0x2001, 0xdb8, 0x1234, 0x5678, 0x9abc, high, 0x2468, low)
}

/// The same frame over IPv6: ARP becomes neighbour discovery, ICMP ICMPv6. Every third has extension headers.
fn carried(frame: &Bytes, number: usize) -> Option<Bytes> {
    let packet = wire::parse(frame).ok()?;
    let macs = (packet.ethernet.source, packet.ethernet.destination);
    let ip = match packet.body {
        // Fragments have a header of their own there, and no router cuts.
        Body::Ipv4(ip) if ip.is_fragment() => return None,
        Body::Ipv4(ip) => {
            let quoted = |quote: &Bytes| {
                let mut octets = quote.to_vec();
                octets.resize(octets.len().max(28), 0);
                let inner = wire::parse_ipv4(&Bytes::from(octets), wire::Checksums::Ignore).ok()?;
                let inner = Ipv6Packet::new(six(inner.source), six(inner.destination), inner.transport);
                Some(wire::build_ipv6(&inner))
            };
            let transport = match ip.transport {
                Transport::Icmp(IcmpMessage::DestinationUnreachable { code: 3, quote, .. }) => {
                    Transport::Icmpv6(Icmpv6Message::DestinationUnreachable {
                        code: 4,
                        quote: quoted(&quote)?,
                    })
                }
                Transport::Icmp(_) => return None,
                transport => transport,
            };
            let mut six = Ipv6Packet::new(six(ip.source), six(ip.destination), transport);
            if number.is_multiple_of(3) {
                six.extensions = vec![
                    Extension::HopByHop(Bytes::from_static(&[5, 2, 0, 0, 1, 0])),
                    Extension::DestinationOptions(Bytes::from_static(&[1, 4, 0, 0, 0, 0])),
                ];
            }
            six
        }
        Body::Arp(arp) => {
            let option = |kind| Bytes::from([&[kind, 1][..], &arp.sender_mac.0].concat());
            let (to, message) = match arp.operation {
                ArpOperation::Request => (
                    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00, six(arp.target_ip).segments()[7]),
                    Icmpv6Message::NeighbourSolicitation { target: six(arp.target_ip), options: option(1) },
                ),
                _ => (
                    six(arp.target_ip),
                    Icmpv6Message::NeighbourAdvertisement {
                        flags: 0x60,
                        target: six(arp.sender_ip),
                        options: option(2),
                    },
                ),
            };
            let transport = Transport::Icmpv6(message);
            Ipv6Packet { hop_limit: 255, ..Ipv6Packet::new(six(arp.sender_ip), to, transport) }
        }
        Body::Ipv6(_) | Body::Bpdu(_) | Body::Other(_) => return None,
    };
    let to = match ip.destination.is_multicast() {
        true => MacAddr([0x33, 0x33, 0xff, 0, 0, ip.destination.octets()[15]]),
        false => macs.1,
    };
    Some(wire::build(&Packet::ipv6(macs.0, to, ip)))
}

/// The frames of the trace over IPv4, and over IPv6.
fn both(trace: &Trace) -> [Frames; 2] {
    let mut both: [Frames; 2] = Default::default();
    for frame in trace.frames() {
        if let Some(six) = carried(frame.bytes, frame.number) {
            both[0].push((frame.at.as_nanos(), frame.bytes.clone()));
            both[1].push((frame.at.as_nanos(), six));
        }
    }
    both
}

/// All that is told of a connection but its addresses.
fn told(connection: &Connection) -> String {
    let ports = connection.ends.map(|end| end.port());
    let (states, opening) = (connection.states(), connection.handshake());
    format!("{} {ports:?} {states:?} {opening:?} {:?}", connection.first_frame, connection.halves)
}

/// Events of the rebuilt trace, addresses and frames left out.
fn events(trace: &Trace) -> Vec<String> {
    let kind = |event: &Event| match event {
        Event::FrameSent { why, .. } => format!("sent {:?}", why.as_ref().map(|why| why.sentence(Lang::En))),
        Event::StateChanged { from, to, .. } => format!("{from} {to}"),
        event => format!("{:?}", std::mem::discriminant(event)),
    };
    trace.records.iter().map(|record| format!("{} {}", record.at.as_nanos(), kind(&record.event))).collect()
}

#[test]
fn every_lesson_over_ipv6_gives_the_same_connections_states_and_remarks() {
    let (mut connections, mut frames) = (0, 0);
    for (name, plan) in common::builtin_plans() {
        let trace = sim::run(&plan, &sim::Options::default());
        let files = both(&trace).map(|frames| pcapng(&frames));
        let [four, six] = [0, 1].map(|at| survey(files[at].as_slice()).expect("a capture"));
        assert_eq!(
            four.connections.iter().map(told).collect::<Vec<_>>(),
            six.connections.iter().map(told).collect::<Vec<_>>(),
            "{name}"
        );
        assert!(six.connections.iter().all(|connection| connection.ends[0].is_ipv6()), "{name}");
        for connection in six.connections.iter().take(3) {
            let choice = Choice::Connection(connection.number);
            let [four, six] =
                [0, 1].map(|at| rebuild(files[at].as_slice(), name, choice).expect("there").trace);
            assert_eq!(events(&four), events(&six), "{name}");
            assert_eq!(four.endpoints.len(), six.endpoints.len(), "{name}");
            connections += 1;
            frames += six.frames().len();
        }
    }
    assert!(connections > 30 && frames > 500, "{connections} connections, {frames} frames");
}

#[test]
fn tshark_finds_every_frame_over_ipv6_sound() {
    let mut all = Frames::new();
    // DHCP's messages are IPv4's alone (RFC 2131): over IPv6 those ports are nobody's.
    for (_, plan) in common::builtin_plans().into_iter().filter(|(name, _)| *name != "dhcp") {
        let [_, six] = both(&sim::run(&plan, &sim::Options::default()));
        all.extend(six.into_iter().take(400));
    }
    let fields = [
        "_ws.malformed",
        "tcp.checksum.status",
        "udp.checksum.status",
        "icmpv6.checksum.status",
        "ipv6.version",
        "frame.protocols",
    ];
    let Some(seen) = tshark(&pcapng(&all), &fields) else { return };
    assert_eq!(seen.len(), all.len());
    for (place, packet) in seen.iter().enumerate() {
        assert_eq!(packet[0], "", "packet {}: {packet:?}", place + 1);
        let sums: Vec<&str> = packet[1..4].iter().flat_map(|sums| sums.split(',')).collect();
        let good = sums.iter().filter(|sum| **sum == "1" || **sum == "Good").count();
        assert!(good > 0 && sums.iter().all(|sum| ["", "1", "Good"].contains(sum)), "{packet:?}");
        assert!(packet[4].starts_with('6'), "{packet:?}");
    }
}

#[test]
fn every_view_shows_ipv6_in_both_languages_within_80_columns() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("six.pcapng");
    for (name, plan) in common::builtin_plans() {
        if !["four-way-close", "udp-no-listener", "sack"].contains(&name) {
            continue;
        }
        let [_, six] = both(&sim::run(&plan, &sim::Options::default()));
        let file = pcapng(&six);
        std::fs::write(&path, &file).expect("written");
        let all = rebuild(file.as_slice(), name, Choice::All).expect("a capture");
        assert_eq!((all.without_address, all.trace.frames().len()), (0, six.len()));
        for view in VIEWS {
            for lang in [Lang::En, Lang::Zh] {
                let look = Look { lang, ..Look::default() };
                let text = render(view.name, &all.trace, &look);
                assert!(!text.is_empty(), "{name} {}", view.key);
                for line in text.lines() {
                    assert!(look.text_width(line) <= 80, "{name} {}: {line}", view.key);
                }
            }
        }
        let listed = wirewalk(&["inspect", path.to_str().expect("a plain name")]);
        let listed = String::from_utf8(listed.stdout).expect("UTF-8");
        assert!(listed.contains("[2001:db8:1234:"), "{listed}");
        assert!(listed.lines().all(|line| line.chars().count() <= 80), "{listed}");
    }
}
