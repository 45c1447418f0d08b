//! SYN floods: forged SYNs made one at a time, received by one host.

use super::measure::live;
use super::ours::{SERVER, at, host, profile};
use wirewalk::clock::{EventQueue, Instant, Span};
use wirewalk::host::{Host, HostEffect, Outcome};
use wirewalk::mib::Counter;
use wirewalk::socket::{Call, Domain, Kind, ProcessId, Return};
use wirewalk::tcp::State;
use wirewalk::wire::{Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, TcpOption, Transport, build};

/// What the server does when its queue is full.
#[derive(Clone, Copy)]
pub enum Defence {
    /// It drops what comes.
    Drop,
    /// SYN cookies.
    Cookies,
    /// The oldest entry gives way.
    Evict,
}

const NOBODY: ProcessId = ProcessId(0);

fn call(host: &mut Host, call: &Call, effects: &mut Vec<HostEffect>) -> Return {
    match host.call(Instant::ZERO, NOBODY, call, effects) {
        Outcome::Returned(result) => result,
        Outcome::Blocked => panic!("{call:?} waits"),
    }
}

/// A host that listens on port 80 with this backlog.
pub fn server(defence: Defence, backlog: u16) -> Host {
    let mut profile = profile("reno");
    let (cookies, evict) = match defence {
        Defence::Drop => (0, 0),
        Defence::Cookies => (1, 0),
        Defence::Evict => (0, 1),
    };
    let large = i64::from(backlog) * 2 + 1_000;
    let settings = [
        ("tcp_syncookies", cookies),
        ("tcp_evict_oldest", evict),
        ("tcp_max_syn_backlog", large),
        ("somaxconn", 65_535),
    ];
    for (name, value) in settings {
        profile.set(name, value).expect("a value in range");
    }
    let mut host = host(SERVER, profile);
    let mut effects = Vec::new();
    let made = call(
        &mut host,
        &Call::Socket { domain: Domain::Inet, kind: Kind::Stream, protocol: 0 },
        &mut effects,
    );
    let Return::Descriptor(fd) = made else { panic!("{made:?}") };
    call(&mut host, &Call::Bind { fd, address: at(SERVER, 80).0 }, &mut effects);
    call(&mut host, &Call::Listen { fd, backlog: i32::from(backlog) }, &mut effects);
    host
}

/// The `n`-th forged SYN.
pub fn syn(n: u64) -> bytes::Bytes {
    let address = std::net::Ipv4Addr::from(u32::from_be_bytes([198, 18, 0, 0]) + 1 + (n % 130_000) as u32);
    let segment = Segment {
        source_port: 1_024 + (n / 130_000) as u16,
        destination_port: 80,
        seq: Seq((n as u32).wrapping_mul(2_654_435_761)),
        flags: Flags::SYN,
        window: 64_240,
        options: [TcpOption::Mss(1_460)].into(),
        ..Segment::default()
    };
    let packet = Ipv4Packet::new(address, at(SERVER, 0).1, Transport::Tcp(segment));
    build(&Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), packet))
}

/// So many SYNs, a million a second, each an event; gives the octets live at the end beyond those at the beginning.
pub fn flood(defence: Defence, count: u64) -> usize {
    let mut host = server(defence, 128);
    let before = live();
    let mut queue = EventQueue::new();
    let mut effects = Vec::new();
    queue.push(Instant::ZERO, 0_u64);
    let mut answered = 0;
    while let Some((now, n)) = queue.pop() {
        if host.next_deadline().is_some_and(|deadline| deadline <= now) {
            host.on_timer(now, &mut effects);
        }
        host.receive(now, &syn(n), &mut effects);
        answered +=
            effects.iter().filter(|effect| matches!(effect, HostEffect::Transmit { .. })).count() as u64;
        effects.clear();
        if n + 1 < count {
            queue.push(now + Span::micros(1), n + 1);
        }
    }
    assert_eq!(host.counters().get(Counter::InSegs), count);
    match defence {
        Defence::Drop => assert!(answered < count / 100, "{answered} answers"),
        Defence::Cookies | Defence::Evict => assert!(answered >= count, "{answered} answers"),
    }
    live().saturating_sub(before)
}

/// Octets of one half-open entry, all tables included.
pub fn half_open_octets() -> f64 {
    let count = 50_000;
    let mut host = server(Defence::Drop, u16::MAX);
    let mut effects = Vec::new();
    let before = live();
    for n in 0..count {
        host.receive(Instant::ZERO, &syn(n), &mut effects);
        effects.clear();
    }
    let octets = live() - before;
    let half_open = host.states().iter().filter(|(_, state)| *state == State::SynReceived).count();
    assert_eq!(half_open as u64, count);
    octets as f64 / count as f64
}
