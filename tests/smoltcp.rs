//! The engine against smoltcp, a TCP that others wrote, over a wire with faults: each connects to the other, both send.
//!
//! `PEER_SEED=n cargo test --test smoltcp` plays one conversation again.

#[path = "common/small.rs"]
mod small;

use bytes::Bytes;
use small::Small;
use smoltcp::iface::SocketHandle;
use smoltcp::socket::tcp::State as TheirState;
use std::net::SocketAddr;
use wirewalk::clock::{Draws, EventQueue, Instant, Span};
use wirewalk::host::{Host, HostConfig, HostEffect, Neighbours, Outcome};
use wirewalk::link::{HostId, flip_bit};
use wirewalk::mib::Counter;
use wirewalk::socket::{Call, Domain, Fd, How, Kind, ProcessId, Return};
use wirewalk::tcp::{Profile, State};
use wirewalk::wire::{self, MacAddr};

const US: ProcessId = ProcessId(0);
const PORT: u16 = 80;
const OURS: usize = 0;
const THEIRS: usize = 1;

/// What the wire does to a frame, in parts per hundred.
#[derive(Clone, Copy, Debug, Default)]
struct Wire {
    loss: u64,
    twice: u64,
    late: u64,
    damage: u64,
}

/// Our host, theirs, and the wire.
struct Net {
    now: Instant,
    queue: EventQueue<(usize, Bytes)>,
    host: Host,
    small: Small,
    wire: Wire,
    draws: Draws,
    frames: u64,
    effects: Vec<HostEffect>,
    returned: Vec<Return>,
}

impl Net {
    fn new(profile: Profile, wire: Wire, seed: u64) -> Net {
        let address = [10, 0, 0, 1].into();
        let mac = MacAddr([2, 0, 0, 0, 0, 1]);
        let config = HostConfig {
            neighbours: Neighbours::Arp,
            ..HostConfig::new(HostId(0), "ours", address, mac, profile)
        };
        let mut host = Host::new(config);
        host.process_started(US, None);
        Net {
            now: Instant::ZERO,
            queue: EventQueue::new(),
            host,
            small: Small::new(2, seed),
            wire,
            draws: Draws::new(seed),
            frames: 0,
            effects: Vec::new(),
            returned: Vec::new(),
        }
    }

    fn micros(&self) -> u64 {
        self.now.as_micros()
    }

    /// Puts a frame on the wire. ARP is spared: what is under test lies above it.
    fn put(&mut self, to: usize, frame: Bytes) {
        wire::parse(&frame).expect("whoever sent it, it is sound");
        self.frames += 1;
        let percent = |draws: &Draws, what| draws.below(what, to as u64, self.frames, 100);
        let arp = frame[12..14] == [8, 6];
        let at = self.now + Span::millis(2);
        if arp {
            return self.queue.push(at, (to, frame));
        }
        if percent(&self.draws, "loss") < self.wire.loss {
            return;
        }
        if percent(&self.draws, "twice") < self.wire.twice {
            self.queue.push(at + Span::millis(1), (to, frame.clone()));
        }
        let late = percent(&self.draws, "late") < self.wire.late;
        let frame = if percent(&self.draws, "damage") < self.wire.damage {
            let bits = (frame.len() as u64 - 14) * 8;
            flip_bit(&frame, 112 + self.draws.below("bit", to as u64, self.frames, bits) as u32)
        } else {
            frame
        };
        self.queue.push(if late { at + Span::millis(9) } else { at }, (to, frame));
    }

    fn carry(&mut self) {
        for effect in std::mem::take(&mut self.effects) {
            match effect {
                HostEffect::Transmit { frame, .. } => self.put(THEIRS, frame),
                HostEffect::Returned { result, .. } => self.returned.push(result),
                _ => {}
            }
        }
        self.small.poll(self.micros());
        while let Some(frame) = self.small.card.goes.pop_front() {
            self.put(OURS, frame);
        }
    }

    fn call(&mut self, call: &Call) -> Option<Return> {
        let outcome = self.host.call(self.now, US, call, &mut self.effects);
        self.carry();
        match outcome {
            Outcome::Returned(result) => Some(result),
            Outcome::Blocked => None,
        }
    }

    fn socket(&mut self) -> Fd {
        let Some(Return::Descriptor(fd)) =
            self.call(&Call::Socket { domain: Domain::Inet, kind: Kind::Stream, protocol: 0 })
        else {
            panic!("no socket")
        };
        fd
    }

    /// The next thing happens; whether anything did.
    fn step(&mut self) -> bool {
        let theirs = self.small.next(self.micros()).map(|us| Instant::ZERO + Span::micros(us));
        let ours = self.host.next_deadline();
        let Some(at) = [self.queue.next_at(), ours, theirs].into_iter().flatten().min() else { return false };
        self.now = self.now.max(at);
        if self.queue.next_at().is_some_and(|due| due <= self.now) {
            let Some((_, (to, frame))) = self.queue.pop() else { return false };
            if to == OURS {
                self.host.receive(self.now, &frame, &mut self.effects);
            } else {
                self.small.card.came.push_back(frame);
            }
        } else if ours.is_some_and(|due| due <= self.now) {
            self.host.on_timer(self.now, &mut self.effects);
        }
        self.carry();
        true
    }

    /// Lets things happen until it holds.
    fn until(&mut self, what: &str, mut done: impl FnMut(&mut Net) -> bool) {
        let end = self.now + Span::secs(3600);
        while !done(self) {
            assert!(self.now < end && self.step(), "nothing more happens before {what}, at {}", self.now);
        }
    }
}

fn text(len: usize) -> Vec<u8> {
    (0_u32..).flat_map(|n| format!("{n:x}.").into_bytes()).take(len).collect()
}

fn at(host: u8, port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host], port))
}

/// Opens a connection: we connect, or we listen.
fn open(net: &mut Net, we_connect: bool) -> (Fd, SocketHandle) {
    let theirs = net.small.socket(20_000);
    let fd = net.socket();
    if we_connect {
        net.small.get(theirs).listen(PORT).expect("a port to listen on");
        assert_eq!(net.call(&Call::Connect { fd, address: at(2, PORT) }), None);
        net.until("the connection is open", |net| !net.returned.is_empty());
        assert_eq!(net.returned.pop(), Some(Return::Done));
        return (fd, theirs);
    }
    net.call(&Call::Bind { fd, address: at(1, PORT) });
    net.call(&Call::Listen { fd, backlog: 5 });
    assert_eq!(net.call(&Call::Accept { fd }), None);
    net.small.connect(theirs, 1, PORT, 50_000);
    net.until("somebody is accepted", |net| {
        net.carry();
        !net.returned.is_empty()
    });
    let Some(Return::Accepted(accepted, peer)) = net.returned.pop() else { panic!("nobody accepted") };
    assert_eq!(peer, at(2, 50_000));
    net.call(&Call::Close { fd });
    (accepted, theirs)
}

/// Both send `len` octets and then FIN; both read all of it.
fn converse(net: &mut Net, fd: Fd, theirs: SocketHandle, len: usize) {
    let all = text(len);
    net.call(&Call::SetBlocking { fd, blocking: false });
    let (mut sent, mut their_sent) = (0, 0);
    let (mut got, mut their_got) = (Vec::new(), Vec::new());
    let (mut shut, mut ended) = (false, false);
    net.until("all is read", |net| {
        while sent < all.len()
            && let Some(Return::Sent(count)) =
                net.call(&Call::Send { fd, data: Bytes::copy_from_slice(&all[sent..]) })
        {
            sent += count;
        }
        if sent == all.len() && !shut {
            shut = true;
            assert_eq!(net.call(&Call::Shutdown { fd, how: How::Write }), Some(Return::Done));
        }
        while !ended && let Some(Return::Received(data)) = net.call(&Call::Recv { fd, len: 3_000 }) {
            ended = data.is_empty();
            got.extend_from_slice(&data);
        }
        let peer = net.small.get(theirs);
        if their_sent < all.len() && peer.can_send() {
            their_sent += peer.send_slice(&all[their_sent..]).expect("their socket takes data");
            if their_sent == all.len() {
                peer.close();
            }
        }
        while peer.can_recv() {
            peer.recv(|data| (data.len(), their_got.extend_from_slice(data)))
                .expect("their socket gives data");
        }
        net.carry();
        ended && their_got.len() >= all.len()
    });
    assert!(got == all, "{} octets came to us, not those that were sent", got.len());
    assert!(their_got == all, "{} octets came to them, not those that were sent", their_got.len());
}

/// Plays one conversation; gives our segments that went again and the damaged ones that came.
fn play(seed: u64, wire: Wire, we_connect: bool, profile: Profile) -> (u64, u64) {
    let len = [1, 900, 9_000, 60_000][(seed % 4) as usize];
    let mut net = Net::new(profile, wire, seed);
    let (fd, theirs) = open(&mut net, we_connect);
    converse(&mut net, fd, theirs, len);
    assert_eq!(net.call(&Call::Close { fd }), Some(Return::Done));
    net.until("both ends are gone", |net| {
        let closed = matches!(net.small.get(theirs).state(), TheirState::Closed | TheirState::TimeWait);
        closed && net.host.states().iter().all(|(_, state)| *state == State::TimeWait)
    });
    net.until("nothing is left", |net| net.host.states().is_empty());
    (net.host.counters().get(Counter::RetransSegs), net.host.counters().get(Counter::InErrs))
}

/// Conversations with this wire, in every combination; gives what [`play`] gives, summed.
fn conversations(count: u64, wire: impl Fn(&Draws) -> Wire) -> (u64, u64) {
    let mut sum = (0, 0);
    let only = std::env::var("PEER_SEED").ok().and_then(|seed| seed.parse().ok());
    for seed in only.map_or(0..count, |seed: u64| seed..seed + 1) {
        for we_connect in [true, false] {
            for profile in [Profile::rfc9293(), Profile::linux()] {
                let name = profile.name;
                let wire = wire(&Draws::new(seed));
                let play = || play(seed, wire, we_connect, profile);
                let Ok(trouble) = std::panic::catch_unwind(std::panic::AssertUnwindSafe(play)) else {
                    panic!("PEER_SEED={seed}, {name}, we connect: {we_connect}, {wire:?}");
                };
                sum = (sum.0 + trouble.0, sum.1 + trouble.1);
            }
        }
    }
    sum
}

#[test]
fn over_a_good_wire_both_streams_arrive_and_both_ends_close() {
    assert_eq!(conversations(8, |_| Wire::default()), (0, 0), "segments went again, or came damaged");
}

#[test]
fn over_a_wire_that_loses_repeats_delays_and_damages_both_streams_arrive_all_the_same() {
    let (again, damaged) = conversations(60, |draws| {
        let part = |what, most: u64| draws.below(what, 0, 0, most + 1);
        Wire {
            loss: part("loss", 12),
            twice: part("twice", 12),
            late: part("late", 25),
            damage: part("damage", 6),
        }
    });
    assert!(again > 100 && damaged > 100, "too good a wire: {again} went again, {damaged} were damaged");
}
