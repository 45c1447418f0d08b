//! Any octets at all handed to a host or a router that speaks IPv6: never a panic. Valid frames of every kind, some of their octets
//! changed and their checksums repaired, reach a host with a listener, a connection and datagram sockets; the test demands the
//! reasons for which something was sent or dropped.

use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};
use wirewalk::clock::{Instant, Span};
use wirewalk::host::{Host, HostConfig, HostEffect, Outcome, Reason};
use wirewalk::link::HostId;
use wirewalk::socket::{Call, Domain, Fd, Kind, ProcessId, Return};
use wirewalk::tcp::Profile;
use wirewalk::wire::{
    self, Datagram, Extension, Flags, Icmpv6Message, Ipv6Packet, MacAddr, Packet, Segment, Seq, Transport,
};

const PID: ProcessId = ProcessId(0);

fn address(host: usize) -> Ipv6Addr {
    Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, host as u16 + 1)
}

fn mac(host: usize) -> MacAddr {
    MacAddr::of_host(host as u16 + 1)
}

fn machine(host: usize, profile: &Profile, forwards: bool) -> Host {
    let own = Ipv4Addr::new(10, 0, 0, host as u8 + 1);
    let config = HostConfig::new(HostId(host as u16), "host", own, mac(host), profile.clone());
    let mut config = HostConfig { forwards, ..config.with_ipv6(address(host), 64) };
    if let Some(card) = config.ipv6.as_mut().and_then(|ipv6| ipv6.cards.first_mut()) {
        card.autoconfigures = !forwards;
    }
    Host::new(config)
}

/// Two hosts and the frames between them.
struct Pair {
    hosts: [Host; 2],
    flying: Vec<(usize, Bytes)>,
}

impl Pair {
    fn absorb(&mut self, host: usize, fx: Vec<HostEffect>) {
        for effect in fx {
            if let HostEffect::Transmit { frame, .. } = effect {
                self.flying.push((1 - host, frame));
            }
        }
    }

    fn call(&mut self, host: usize, call: Call) -> Return {
        let mut fx = Vec::new();
        let outcome = self.hosts[host].call(Instant::ZERO, PID, &call, &mut fx);
        self.absorb(host, fx);
        while let Some((to, frame)) = (!self.flying.is_empty()).then(|| self.flying.remove(0)) {
            let mut fx = Vec::new();
            self.hosts[to].receive(Instant::ZERO, &frame, &mut fx);
            self.absorb(to, fx);
        }
        match outcome {
            Outcome::Returned(result) => result,
            Outcome::Blocked => Return::Done,
        }
    }

    fn socket(&mut self, host: usize, kind: Kind) -> Fd {
        match self.call(host, Call::Socket { domain: Domain::Inet6, kind, protocol: 0 }) {
            Return::Descriptor(fd) => fd,
            other => panic!("{other:?}"),
        }
    }
}

/// A host with a listener on port 80, a connection from port 40000 of its peer, and a datagram socket on port 7.
fn attacked(profile: &Profile, forwards: bool) -> Host {
    let mut pair =
        Pair { hosts: [machine(0, profile, false), machine(1, profile, forwards)], flying: Vec::new() };
    let listener = pair.socket(1, Kind::Stream);
    pair.call(1, Call::Bind { fd: listener, address: SocketAddr::from((address(1), 80)) });
    pair.call(1, Call::Listen { fd: listener, backlog: 2 });
    let client = pair.socket(0, Kind::Stream);
    pair.call(0, Call::Bind { fd: client, address: SocketAddr::from((address(0), 40_000)) });
    pair.call(0, Call::Connect { fd: client, address: SocketAddr::from((address(1), 80)) });
    let datagrams = pair.socket(1, Kind::Datagram);
    pair.call(1, Call::Bind { fd: datagrams, address: SocketAddr::from((address(1), 7)) });
    let [_, host] = pair.hosts;
    host
}

/// Frames of every kind, valid ones.
fn frames() -> Vec<Bytes> {
    let packet = |transport| Ipv6Packet::new(address(0), address(1), transport);
    let framed = |packet: Ipv6Packet| {
        let to = if packet.destination.is_multicast() { MacAddr([0x33, 0x33, 0, 0, 0, 1]) } else { mac(1) };
        wire::build(&Packet::ipv6(mac(0), to, packet))
    };
    let message = |message| packet(Transport::Icmpv6(message));
    let near = |message_of| Ipv6Packet { hop_limit: 255, ..message(message_of) };
    let card = |kind| Bytes::from([&[kind, 1][..], &mac(0).0].concat());
    let datagram =
        |port| Transport::Udp(Datagram { source_port: 5000, destination_port: port, payload: "data".into() });
    let segment = |flags| {
        let segment =
            Segment { source_port: 40_000, destination_port: 80, seq: Seq(1), flags, ..Segment::default() };
        Transport::Tcp(segment)
    };
    let sent = |transport| wire::build_ipv6(&Ipv6Packet::new(address(1), address(0), transport));
    let back = Datagram { source_port: 7, destination_port: 5000, payload: vec![1; 1300].into() };
    let quote = sent(Transport::Udp(back)).slice(..1232);
    let mut prefix = vec![3, 4, 64, 0xc0, 0, 0, 14, 16, 0, 0, 14, 16, 0, 0, 0, 0];
    prefix.extend(Ipv6Addr::new(0x2001, 0xdb8, 5, 0, 0, 0, 0, 0).octets());
    let advertisement = Icmpv6Message::RouterAdvertisement {
        hop_limit: 9,
        flags: 0,
        lifetime: 30,
        reachable_ms: 10,
        retransmit_ms: 10,
        options: prefix.into(),
    };
    let router = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 9);
    let redirect = [&[0; 4][..], &address(0).octets(), &address(0).octets()].concat();
    let fragment = |offset, more| Ipv6Packet {
        extensions: vec![Extension::Fragment { offset, more, identification: 5 }],
        transport: Transport::Other { protocol: 17, payload: vec![1; 64].into() },
        ..packet(datagram(7))
    };
    let options = || Bytes::from_static(&[1, 4, 0, 0, 0, 0]);
    let chain = vec![
        Extension::HopByHop(options()),
        Extension::DestinationOptions(options()),
        Extension::Routing { kind: 0, segments_left: 0, data: vec![0; 20].into() },
        Extension::Fragment { offset: 0, more: false, identification: 8 },
        Extension::DestinationOptions(options()),
    ];
    vec![
        framed(packet(segment(Flags::SYN))),
        framed(packet(segment(Flags::ACK))),
        framed(packet(datagram(7))),
        framed(packet(datagram(9))),
        framed(Ipv6Packet {
            destination: Ipv6Addr::new(0x2001, 0xdb8, 9, 0, 0, 0, 0, 1),
            ..packet(datagram(9))
        }),
        framed(Ipv6Packet { extensions: chain, ..packet(datagram(7)) }),
        framed(fragment(0, true)),
        framed(fragment(8, false)),
        framed(fragment(4, true)),
        framed(message(Icmpv6Message::EchoRequest { id: 1, seq: 2, data: "ping".into() })),
        framed(message(Icmpv6Message::DestinationUnreachable { code: 4, quote: quote.clone() })),
        framed(message(Icmpv6Message::PacketTooBig { mtu: 1300, quote: quote.clone() })),
        framed(message(Icmpv6Message::TimeExceeded { code: 0, quote: quote.clone() })),
        framed(message(Icmpv6Message::ParameterProblem { code: 1, pointer: 6, quote })),
        framed(near(Icmpv6Message::NeighbourSolicitation { target: address(1), options: card(1) })),
        framed(near(Icmpv6Message::NeighbourAdvertisement {
            flags: 0x60,
            target: address(0),
            options: card(2),
        })),
        framed(near(Icmpv6Message::RouterSolicitation { options: card(1) })),
        framed(Ipv6Packet { source: router, ..near(advertisement) }),
        framed(Ipv6Packet {
            source: router,
            ..near(Icmpv6Message::Other { kind: 137, code: 0, rest: redirect.into() })
        }),
        framed(packet(Transport::Other { protocol: 99, payload: Bytes::from_static(&[1, 2, 3]) })),
    ]
}

fn mutate(frame: &Bytes, changes: &[(prop::sample::Index, u8)], broken: bool) -> Bytes {
    let mut octets = frame.to_vec();
    for (place, value) in changes {
        let place = 14 + place.index(octets.len().min(120) - 14);
        octets[place] = *value;
    }
    let frame = Bytes::from(octets);
    if broken { frame } else { wire::repair_checksums(&frame) }
}

/// Hands the frames to a copy of the host, and lets its next timers run out.
fn attack(host: &Host, frames: &[Bytes], met: &RefCell<BTreeSet<String>>) {
    let (mut host, mut fx) = (host.clone(), Vec::new());
    let now = Instant::ZERO + Span::millis(1);
    for frame in frames {
        host.receive(now, frame, &mut fx);
    }
    for fd in 3..7 {
        host.call(now, PID, &Call::Recv { fd: Fd(fd), len: 100 }, &mut fx);
        host.call(now, PID, &Call::Send { fd: Fd(fd), data: "answer".into() }, &mut fx);
    }
    for _ in 0..4 {
        let Some(due) = host.next_deadline() else { break };
        host.on_timer(due, &mut fx);
    }
    let mut met = met.borrow_mut();
    for effect in fx {
        if let HostEffect::Transmit { why: Reason::Ipv6(why), .. }
        | HostEffect::Noted { why: Reason::Ipv6(why), .. }
        | HostEffect::Dropped { why: Reason::Ipv6(why), .. } = effect
        {
            // `Topic(Why { … })`
            met.insert(format!("{why:?}").split(['(', ' ', ')']).nth(1).unwrap_or_default().to_owned());
        }
    }
}

#[test]
fn changed_frames_never_make_a_host_or_a_router_panic() {
    let (met, frames) = (RefCell::new(BTreeSet::new()), frames());
    for profile in [Profile::linux(), Profile::rfc9293()] {
        for forwards in [false, true] {
            let host = attacked(&profile, forwards);
            let config = Config { cases: 1500, failure_persistence: None, ..Config::default() };
            let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
            let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
            let steps = prop::collection::vec((any::<prop::sample::Index>(), changes, 0u8..10), 1..6);
            TestRunner::new_with_rng(config, rng)
                .run(&steps, |steps| {
                    let frame = |(which, changes, broken): &(prop::sample::Index, Vec<_>, u8)| {
                        mutate(which.get(&frames), changes, *broken == 0)
                    };
                    attack(&host, &steps.iter().map(frame).collect::<Vec<_>>(), &met);
                    Ok(())
                })
                .expect("no panic");
        }
    }
    let met = met.into_inner();
    println!("{} reasons met: {met:#?}", met.len());
    for reason in REACHED {
        assert!(met.contains(*reason), "{reason} was not met");
    }
}

/// What must be among the reasons met.
const REACHED: &[&str] = &[
    "AddressMade",
    "AnswersSolicitation",
    "AsksForNeighbour",
    "AtomicFragment",
    "ChecksAddress",
    "DiscoveryFromAfar",
    "DiscoveryInvalid",
    "DiscoveryNotForUs",
    "EchoReply",
    "ErrorAboutNothing",
    "FragmentInvalid",
    "FragmentKept",
    "FragmentOverlaps",
    "IcmpIgnored",
    "NeighbourIs",
    "NoRouteUnreachable",
    "NotForwarded",
    "NotOurAddress",
    "OptionsMalformed",
    "PathMtu",
    "PortUnreachable",
    "QuoteUnreadable",
    "RedirectRefused",
    "RouterFound",
    "RoutingRefused",
    "TellsOfParameter",
    "UnknownNextHeader",
    "UnknownOption",
];
