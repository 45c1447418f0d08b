//! Any octets at all handed to a host: never a panic. Random frames, and frames that were valid before some of their
//! octets were changed and their checksums repaired, reach endpoints in all eleven states; the test lists, and demands,
//! the reasons for which something was sent or dropped.

use bytes::Bytes;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use wirewalk::clock::{Instant, Span};
use wirewalk::host::{Host, HostConfig, HostEffect, Neighbours, Reason};
use wirewalk::link::HostId;
use wirewalk::socket::{Call, Domain, Fd, How, Kind, ProcessId, Return, SocketOption};
use wirewalk::tcp::{Profile, State};
use wirewalk::wire::{
    self, Datagram, Flags, IcmpMessage, Ipv4Packet, MacAddr, Packet, Segment, Seq, TcpOption, TcpOptions,
    Transport,
};

const PID: ProcessId = ProcessId(0);
const PORT: u16 = 80;

fn address(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, host as u8 + 1)
}
fn mac(host: usize) -> MacAddr {
    MacAddr::of_host(host as u16 + 1)
}

/// Two hosts whose frames are carried by hand.
#[derive(Clone)]
struct Pair {
    hosts: [Host; 2],
    now: Instant,
    /// Frames on their way, by receiver.
    flying: [Vec<Bytes>; 2],
}

impl Pair {
    fn new(profile: &Profile) -> Pair {
        let host = |host: usize| {
            let config =
                HostConfig::new(HostId(host as u16), "host", address(host), mac(host), profile.clone());
            let neighbours = Neighbours::Static(vec![(address(1 - host), 32, mac(1 - host))]);
            Host::new(HostConfig { secret: [host as u8; 16], neighbours, ..config })
        };
        Pair { hosts: [host(0), host(1)], now: Instant::ZERO, flying: [Vec::new(), Vec::new()] }
    }

    fn absorb(&mut self, host: usize, fx: Vec<HostEffect>) {
        for effect in fx {
            if let HostEffect::Transmit { frame, .. } = effect {
                self.flying[1 - host].push(frame);
            }
        }
    }

    fn call(&mut self, host: usize, call: Call) -> Option<Return> {
        let mut fx = Vec::new();
        let outcome = self.hosts[host].call(self.now, PID, &call, &mut fx);
        self.absorb(host, fx);
        match outcome {
            wirewalk::host::Outcome::Returned(result) => Some(result),
            wirewalk::host::Outcome::Blocked => None,
        }
    }

    /// Delivers what is on its way to a host.
    fn deliver(&mut self, host: usize) {
        for frame in std::mem::take(&mut self.flying[host]) {
            let mut fx = Vec::new();
            self.hosts[host].receive(self.now, &frame, &mut fx);
            self.absorb(host, fx);
        }
    }

    /// Delivers everything, and lets delayed acknowledgments go.
    fn quiet(&mut self) {
        for _ in 0..6 {
            self.deliver(1);
            self.deliver(0);
        }
        let end = self.now + Span::millis(150);
        for host in [0, 1] {
            while let Some(due) = self.hosts[host].next_deadline().filter(|due| *due <= end) {
                let mut fx = Vec::new();
                self.hosts[host].on_timer(due, &mut fx);
                self.absorb(host, fx);
            }
        }
        self.now = end;
        for _ in 0..6 {
            self.deliver(1);
            self.deliver(0);
        }
    }

    fn socket(&mut self, host: usize, kind: Kind) -> Fd {
        let Some(Return::Descriptor(fd)) =
            self.call(host, Call::Socket { domain: Domain::Inet, kind, protocol: 0 })
        else {
            panic!("no descriptor")
        };
        self.call(host, Call::SetBlocking { fd, blocking: false });
        fd
    }

    /// Host 1 has a UDP socket on port 7, and one connected from port 6000 to port 9 of its peer.
    fn datagram_sockets(&mut self) {
        let server = self.socket(1, Kind::Datagram);
        self.call(1, Call::Bind { fd: server, address: SocketAddr::from((address(1), 7)) });
        self.call(1, Call::SetOption { fd: server, option: SocketOption::ReceiveBuffer(1) });
        let client = self.socket(1, Kind::Datagram);
        self.call(1, Call::Bind { fd: client, address: SocketAddr::from((address(1), 6000)) });
        self.call(1, Call::Connect { fd: client, address: SocketAddr::from((address(0), 9)) });
    }

    fn listen(&mut self) -> Fd {
        let fd = self.socket(1, Kind::Stream);
        let address = SocketAddr::from((address(1), PORT));
        self.call(1, Call::SetOption { fd, option: SocketOption::ReuseAddr(true) });
        self.call(1, Call::Bind { fd, address });
        self.call(1, Call::Listen { fd, backlog: 2 });
        fd
    }

    fn connect(&mut self) -> Fd {
        let fd = self.socket(0, Kind::Stream);
        let address = SocketAddr::from((address(1), PORT));
        self.call(0, Call::Connect { fd, address });
        fd
    }

    fn established(&mut self) -> (Fd, Fd) {
        let l = self.listen();
        let s = self.connect();
        self.quiet();
        let Some(Return::Accepted(c, _)) = self.call(1, Call::Accept { fd: l }) else {
            panic!("no connection")
        };
        self.call(0, Call::Send { fd: s, data: "from the client".into() });
        self.call(1, Call::Send { fd: c, data: "from the server".into() });
        self.quiet();
        (s, c)
    }

    /// The state of host 1's endpoint, or of its listener.
    fn state(&self) -> State {
        let states = self.hosts[1].states();
        let connection = states.iter().find(|(key, _)| key.remote.is_some());
        connection.or(states.first()).map_or(State::Closed, |(_, state)| *state)
    }
}

/// Host 1 with an endpoint in that state. Host 0 is its peer.
fn in_state(state: State, profile: &Profile) -> Pair {
    let mut pair = Pair::new(profile);
    pair.datagram_sockets();
    match state {
        State::Closed => {}
        State::Listen => {
            pair.listen();
        }
        State::SynSent => {
            let fd = pair.socket(1, Kind::Stream);
            pair.call(1, Call::Connect { fd, address: SocketAddr::from((address(0), PORT)) });
        }
        State::SynReceived => {
            pair.listen();
            pair.connect();
            pair.deliver(1);
        }
        State::Established
        | State::FinWait1
        | State::FinWait2
        | State::CloseWait
        | State::Closing
        | State::LastAck
        | State::TimeWait => {
            let (s, c) = pair.established();
            let shut = |pair: &mut Pair, host, fd| pair.call(host, Call::Shutdown { fd, how: How::Write });
            match state {
                State::FinWait1 => drop(shut(&mut pair, 1, c)),
                State::FinWait2 => {
                    shut(&mut pair, 1, c);
                    pair.quiet();
                }
                State::CloseWait => {
                    shut(&mut pair, 0, s);
                    pair.quiet();
                }
                State::Closing => {
                    shut(&mut pair, 0, s);
                    shut(&mut pair, 1, c);
                    pair.deliver(1);
                }
                State::LastAck => {
                    shut(&mut pair, 0, s);
                    pair.quiet();
                    shut(&mut pair, 1, c);
                }
                State::TimeWait => {
                    shut(&mut pair, 1, c);
                    pair.quiet();
                    shut(&mut pair, 0, s);
                    pair.quiet();
                }
                _ => {}
            }
        }
    }
    assert_eq!(pair.state(), state, "the way there");
    pair
}

/// What the endpoint under attack looks like from outside.
#[derive(Clone, Copy, Debug)]
struct Target {
    source_port: u16,
    destination_port: u16,
    expected: u32,
    sent: u32,
}

fn target(pair: &Pair) -> Target {
    let states = pair.hosts[1].states();
    let key = states.iter().map(|(key, _)| *key).find(|key| key.remote.is_some());
    let value = |name: &str| {
        let all = pair.hosts[1].variables();
        let of_key = all.iter().find(|(known, _)| Some(*known) == key);
        of_key
            .and_then(|(_, list)| list.iter().find(|(known, _)| *known == name))
            .map_or(0, |(_, n)| *n as u32)
    };
    Target {
        source_port: key.and_then(|key| key.remote).map_or(4000, |remote| remote.port()),
        destination_port: key.map_or(PORT, |key| key.local.port()),
        expected: value("rcv.nxt"),
        sent: value("snd.nxt"),
    }
}

/// A segment near what the endpoint expects.
#[derive(Clone, Debug)]
struct Near {
    flags: u8,
    seq: i32,
    ack: i32,
    window: u16,
    len: usize,
    options: u8,
    elsewhere: bool,
}

fn near() -> impl Strategy<Value = Near> {
    let close = prop_oneof![5 => -2i32..=2, 2 => -70_000i32..70_000, 1 => any::<i32>()];
    let also = prop_oneof![5 => -2i32..=2, 2 => -70_000i32..70_000, 1 => any::<i32>()];
    let flags = prop_oneof![
        Just(Flags::ACK.0),
        Just(Flags::SYN.0),
        Just((Flags::SYN | Flags::ACK).0),
        Just((Flags::FIN | Flags::ACK).0),
        Just((Flags::PSH | Flags::ACK).0),
        Just(Flags::RST.0),
        Just((Flags::RST | Flags::ACK).0),
        any::<u8>(),
    ];
    (flags, close, also, any::<u16>(), prop_oneof![Just(0usize), 1usize..20, Just(1460)], 0u8..8, 0u8..20)
        .prop_map(|(flags, seq, ack, window, len, options, elsewhere)| Near {
            flags,
            seq,
            ack,
            window,
            len,
            options,
            elsewhere: elsewhere == 0,
        })
}

fn segment(target: Target, near: &Near) -> Bytes {
    let mut options = TcpOptions::default();
    let wanted = [
        (1, TcpOption::Mss(1460)),
        (2, TcpOption::WindowScale(7)),
        (4, TcpOption::Timestamps { value: near.window.into(), echo: 0 }),
    ];
    for (bit, option) in wanted {
        if near.options & bit != 0 {
            let _ = options.push(option);
        }
    }
    let segment = Segment {
        source_port: target.source_port,
        destination_port: if near.elsewhere { 9 } else { target.destination_port },
        seq: Seq(target.expected.wrapping_add_signed(near.seq)),
        ack: Seq(target.sent.wrapping_add_signed(near.ack)),
        flags: Flags(near.flags),
        window: near.window,
        urgent: near.window,
        options,
        payload: vec![b'x'; near.len].into(),
    };
    let packet = Ipv4Packet::new(address(0), address(1), Transport::Tcp(segment));
    wire::build(&Packet::ipv4(mac(0), mac(1), packet))
}

/// Frames of all other kinds, valid ones.
fn others(target: Target) -> Vec<Bytes> {
    let ip = |transport| {
        let packet = Ipv4Packet::new(address(0), address(1), transport);
        wire::build(&Packet::ipv4(mac(0), mac(1), packet))
    };
    let quote = |near: &Near| {
        let back = Target {
            source_port: target.destination_port,
            destination_port: target.source_port,
            expected: target.sent.wrapping_sub(1),
            sent: 0,
        };
        let frame = segment(back, near);
        // As if host 1 had sent it.
        let mut octets = frame.get(14..).unwrap_or_default().to_vec();
        octets[12..16].copy_from_slice(&address(1).octets());
        octets[16..20].copy_from_slice(&address(0).octets());
        Bytes::from(octets)
    };
    let plain = Near { flags: Flags::ACK.0, seq: 0, ack: 0, window: 0, len: 0, options: 0, elsewhere: false };
    let datagram =
        |port| Transport::Udp(Datagram { source_port: 5000, destination_port: port, payload: "data".into() });
    let unreachable = |code| {
        let quote = quote(&plain);
        Transport::Icmp(IcmpMessage::DestinationUnreachable { code, next_hop_mtu: 600, quote })
    };
    let about_datagram = |port| {
        let datagram = Datagram { source_port: port, destination_port: 9, payload: "data".into() };
        let about = Ipv4Packet::new(address(1), address(0), Transport::Udp(datagram));
        let quote = wire::build_ipv4(&about);
        Transport::Icmp(IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote })
    };
    let fragment = |offset, more| {
        let transport = Transport::Other { protocol: 17, payload: vec![1; 64].into() };
        let packet = Ipv4Packet {
            dont_fragment: false,
            more_fragments: more,
            fragment_offset: offset,
            ..Ipv4Packet::new(address(0), address(1), transport)
        };
        wire::build(&Packet::ipv4(mac(0), mac(1), packet))
    };
    let with_options = |options: &'static [u8]| {
        let options = Bytes::from_static(options);
        let packet = Ipv4Packet { options, ..Ipv4Packet::new(address(0), address(1), datagram(7)) };
        wire::build(&Packet::ipv4(mac(0), mac(1), packet))
    };
    let about_unconnected = |kind, code| {
        let datagram = Datagram { source_port: 7, destination_port: 5000, payload: "data".into() };
        let quote = wire::build_ipv4(&Ipv4Packet::new(address(1), address(0), Transport::Udp(datagram)));
        Transport::Icmp(match kind {
            11 => IcmpMessage::TimeExceeded { code, quote },
            _ => IcmpMessage::DestinationUnreachable { code, next_hop_mtu: 600, quote },
        })
    };
    let arp = |operation, target_ip| {
        let message = wire::ArpMessage {
            operation,
            sender_mac: mac(5),
            sender_ip: Ipv4Addr::new(10, 0, 0, 6),
            target_mac: MacAddr::default(),
            target_ip,
        };
        wire::build(&Packet::arp(mac(5), MacAddr::BROADCAST, message))
    };
    vec![
        ip(datagram(7)),
        ip(datagram(9)),
        ip(unreachable(1)),
        ip(unreachable(3)),
        ip(unreachable(4)),
        ip(about_datagram(6000)),
        ip(about_datagram(6001)),
        ip(Transport::Icmp(IcmpMessage::TimeExceeded { code: 0, quote: quote(&plain) })),
        ip(Transport::Icmp(IcmpMessage::EchoRequest { id: 1, seq: 2, data: "ping".into() })),
        ip(Transport::Icmp(IcmpMessage::Other { kind: 13, code: 0, rest: Bytes::from_static(&[0; 16]) })),
        ip(Transport::Other { protocol: 99, payload: Bytes::from_static(&[1, 2, 3]) }),
        fragment(0, true),
        fragment(8, false),
        fragment(4, true),
        fragment(8191, true),
        with_options(&[7, 7, 3, 0, 0, 0, 0]),
        with_options(&[0x55, 0, 0, 0]),
        with_options(&[131, 7, 8, 10, 0, 1, 1]),
        ip(about_unconnected(3, 4)),
        ip(about_unconnected(11, 1)),
        arp(wire::ArpOperation::Request, address(1)),
        arp(wire::ArpOperation::Request, address(3)),
        arp(wire::ArpOperation::Reply, address(1)),
    ]
}

/// Reasons by their names, with how often each was met.
type Met = RefCell<BTreeMap<String, usize>>;

fn name(why: &Reason) -> String {
    let text = format!("{why:?}");
    let name = |text: &str| text.split([' ', '{']).next().unwrap_or_default().to_owned();
    let flaw = |text: &str| text.split([' ', '{', '(']).next().unwrap_or_default().to_owned();
    match why {
        Reason::Malformed(error) => {
            format!("Malformed({} {})", error.header, flaw(&format!("{:?}", error.flaw)))
        }
        // The topics of IP are left out.
        Reason::Ip(_) => {
            format!("Ip({})", name(text.rsplit('(').next().unwrap_or_default().trim_end_matches(')')))
        }
        Reason::ByHand
        | Reason::Link(_)
        | Reason::Ipv6(_)
        | Reason::Udp(_)
        | Reason::Tcp(_)
        | Reason::Local(_)
        | Reason::Concluded(_) => name(text.trim_end_matches(')')) + ")",
    }
}

/// Hands the frame to a copy of the host, and lets its next timers run out.
fn attack(pair: &Pair, frames: &[Bytes], met: &Met) {
    let mut host = pair.hosts[1].clone();
    let mut fx = Vec::new();
    for frame in frames {
        host.receive(pair.now, frame, &mut fx);
    }
    for fd in 3..9 {
        host.call(pair.now, PID, &Call::Recv { fd: Fd(fd), len: 100 }, &mut fx);
        host.call(pair.now, PID, &Call::Send { fd: Fd(fd), data: "answer".into() }, &mut fx);
    }
    for _ in 0..3 {
        let Some(due) = host.next_deadline() else { break };
        host.on_timer(due, &mut fx);
    }
    let mut met = met.borrow_mut();
    for effect in &fx {
        match effect {
            HostEffect::Transmit { why, .. }
            | HostEffect::Looped { why, .. }
            | HostEffect::Noted { why, .. }
            | HostEffect::Dropped { why, .. } => *met.entry(name(why)).or_default() += 1,
            HostEffect::Returned { .. }
            | HostEffect::StateChanged { .. }
            | HostEffect::TimerFired { .. }
            | HostEffect::Queue { .. } => {}
        }
    }
}

/// The same cases every time.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
}

/// Changes some octets, and makes the checksums right again unless `broken`.
fn mutate(frame: &Bytes, changes: &[(prop::sample::Index, u8)], broken: bool) -> Bytes {
    let mut octets = frame.to_vec();
    for (place, value) in changes {
        // The Ethernet header stays, or the card would not listen.
        let place = 12 + place.index(octets.len() - 12);
        octets[place] = *value;
    }
    let frame = Bytes::from(octets);
    if broken { frame } else { wire::repair_checksums(&frame) }
}

fn profiles() -> [Profile; 2] {
    [Profile::linux(), Profile::rfc9293()]
}

#[test]
fn random_octets_never_panic() {
    let met = Met::default();
    for profile in profiles() {
        for state in State::ALL {
            let pair = in_state(state, &profile);
            let octets = prop::collection::vec(any::<u8>(), 0..120);
            let heads = prop_oneof![Just(None), Just(Some([8u8, 0])), Just(Some([8u8, 6]))];
            runner(200)
                .run(&(octets, heads, any::<bool>()), |(mut octets, head, plausible)| {
                    if let (Some(head), true) = (head, octets.len() >= 34) {
                        octets[..6].copy_from_slice(&mac(1).0);
                        octets[12..14].copy_from_slice(&head);
                        if plausible {
                            octets[14] = 0x45;
                            let length = (octets.len() - 14) as u16;
                            octets[16..18].copy_from_slice(&length.to_be_bytes());
                            octets[30..34].copy_from_slice(&address(1).octets());
                        }
                    }
                    let frame = Bytes::from(octets);
                    attack(&pair, &[frame.clone(), wire::repair_checksums(&frame)], &met);
                    Ok(())
                })
                .expect("no panic");
        }
    }
    let met = met.into_inner();
    println!("random octets met: {met:#?}");
    for reason in ["Ip(NotOurCard)", "Malformed(Ethernet Truncated)", "Malformed(IPv4 Checksum)"] {
        assert!(met.contains_key(reason), "{reason} was not met");
    }
}

#[test]
fn changed_frames_never_panic_in_any_of_the_eleven_states() {
    let all = Met::default();
    for profile in profiles() {
        for state in State::ALL {
            let pair = in_state(state, &profile);
            let target = target(&pair);
            let met = Met::default();
            let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4);
            let steps = prop::collection::vec((near(), changes, 0u8..10), 1..4);
            runner(600)
                .run(&steps, |steps| {
                    let frame = |(near, changes, broken): &(Near, Vec<_>, u8)| {
                        mutate(&segment(target, near), changes, *broken == 0)
                    };
                    attack(&pair, &steps.iter().map(frame).collect::<Vec<_>>(), &met);
                    Ok(())
                })
                .expect("no panic");
            let frames = others(target);
            let changes = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3);
            let which = (any::<prop::sample::Index>(), changes, 0u8..10);
            runner(300)
                .run(&prop::collection::vec(which, 1..5), |steps| {
                    let frame = |(which, changes, broken): &(prop::sample::Index, Vec<_>, u8)| {
                        mutate(which.get(&frames), changes, *broken == 0)
                    };
                    attack(&pair, &steps.iter().map(frame).collect::<Vec<_>>(), &met);
                    Ok(())
                })
                .expect("no panic");
            let met = met.into_inner();
            println!("{state} ({}): {} reasons", profile.name, met.len());
            assert!(met.keys().any(|reason| reason.starts_with("Tcp(")), "{state}: nothing of TCP was met");
            for (reason, times) in met {
                *all.borrow_mut().entry(reason).or_default() += times;
            }
        }
    }
    let met: BTreeSet<String> = all.into_inner().into_keys().collect();
    println!("{} reasons met: {met:#?}", met.len());
    for reason in REACHED {
        assert!(met.contains(*reason), "{reason} was not met");
    }
    assert!(met.len() >= 60, "only {} reasons were met", met.len());
}

/// What must be among the reasons met.
const REACHED: &[&str] = &[
    "Ip(AnswersArp)",
    "Ip(ArpNotForUs)",
    "Ip(BadOption)",
    "Ip(EchoReply)",
    "Ip(ErrorAboutNothing)",
    "Ip(ErrorReceived)",
    "Ip(FragmentInvalid)",
    "Ip(FragmentKept)",
    "Ip(FragmentOverlaps)",
    "Ip(ErrorNotAskedFor)",
    "Ip(IcmpIgnored)",
    "Ip(NotOurAddress)",
    "Ip(ParameterProblem)",
    "Ip(PathMtuLearned)",
    "Ip(PortUnreachable)",
    "Ip(ProtocolUnreachable)",
    "Ip(QuoteUnreadable)",
    "Ip(SourceRouted)",
    "Ip(UnknownEtherType)",
    "Malformed(IPv4 Checksum)",
    "Malformed(TCP HeaderLength)",
    "Malformed(UDP Checksum)",
    "Tcp(AckUnacceptable)",
    "Tcp(AnswerSyn)",
    "Tcp(ChallengeReset)",
    "Tcp(ChallengeSyn)",
    "Tcp(CompleteHandshake)",
    "Tcp(DropChecksum)",
    "Tcp(DropNoAck)",
    "Tcp(DropReset)",
    "Tcp(DropResetInListen)",
    "Tcp(DropSynSentNothing)",
    "Tcp(DropUnacceptableReset)",
    "Tcp(PeerFin)",
    "Tcp(PeerReset)",
    "Tcp(Refused)",
    "Tcp(ResetListenAck)",
    "Tcp(ResetNoConnection)",
    "Tcp(ResetSynSentAck)",
    "Tcp(RetransmitFin)",
    "Tcp(RetransmitSynAck)",
    "Tcp(TimeWaitKilled)",
    "Tcp(TimeWaitReopened)",
    "Udp(BufferFull)",
    "Udp(NobodyListens)",
];
