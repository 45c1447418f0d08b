//! Random worlds of two stacks alone: whatever the users call, the wire does and the network reports, no octet is changed,
//! lost in silence or told twice, whoever can go on is woken, nothing stalls, every list holds after each step, and in the
//! end nothing is left.
//!
//! Each follows from its seed. `TCP_WORLD=n cargo test --lib tcp::tests::worlds` plays one again; `TCP_WORLDS=n` plays more.

use super::duo::{CLIENT, SERVER, address};
use crate::clock::{Draws, Instant, Span};
use crate::tcp::{
    ConnId, ConnOptions, Effect, Effects, IcmpKind, ListenerId, Owner, Profile, Stack, StreamError,
};
use crate::wire::{Flags, Segment, Seq, TcpOption};
use std::collections::BTreeSet;
use std::net::{Ipv4Addr, SocketAddr};

/// The seed of the first world.
const FIRST: u64 = 1;
/// How many worlds are played.
const WORLDS: u64 = 100;
/// Events after which a world is taken to go on for ever.
const ENDLESS: u32 = 100_000;

struct Dice {
    draws: Draws,
    thrown: u64,
}

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.thrown += 1;
        self.draws.below("tcp", 0, self.thrown, bound)
    }
    fn percent(&mut self, chance: u64) -> bool {
        self.below(100) < chance
    }
    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// A user at one end.
#[derive(Default)]
struct User {
    conn: Option<ConnId>,
    written: Vec<u8>,
    /// Places of octets that may be taken out of the stream.
    urgent: BTreeSet<usize>,
    read: Vec<u8>,
    /// The end of the stream was read.
    ended: bool,
    /// A call failed.
    told: bool,
    closed: bool,
}

struct World {
    now: Instant,
    dice: Dice,
    stacks: [Stack; 2],
    users: [User; 2],
    listener: ListenerId,
    flying: Vec<(Instant, u64, usize, Segment, bool)>,
    ordinal: u64,
    /// Per cent of segments that are lost, doubled, late, marked.
    wire: [u64; 4],
    /// The last number each end sent.
    last: [Seq; 2],
    events: u32,
}

fn profile(dice: &mut Dice, name: &str) -> Profile {
    let mut profile = Profile::named(name).unwrap();
    for (setting, values) in [
        ("tcp_sack", &[0, 1, 1][..]),
        ("tcp_dsack", &[0, 1]),
        ("tcp_timestamps", &[0, 1, 2]),
        ("tcp_window_scaling", &[0, 1]),
        ("tcp_recovery", &[0, 1, 5]),
        ("tcp_early_retrans", &[0, 3]),
        ("tcp_frto", &[0, 2]),
        ("tcp_ecn", &[0, 1, 2]),
        ("tcp_syncookies", &[0, 1, 2]),
        ("tcp_abort_on_overflow", &[0, 1]),
        ("tcp_evict_oldest", &[0, 1]),
        ("tcp_silly_windows", &[0, 0, 1]),
        ("tcp_blind_checks", &[1, 1, 0]),
        ("tcp_initial_cwnd", &[0, 1, 10]),
        ("tcp_invalid_ratelimit", &[0, 500]),
        ("tcp_mtu_probing", &[0, 1, 2]),
        ("tcp_uto", &[0, 0, 1]),
    ] {
        profile.set(setting, dice.of(values)).unwrap();
    }
    // Else an orphan may wait in FIN-WAIT-2 for ever, as RFC 9293 has it.
    profile.set("tcp_fin_timeout", 60).unwrap();
    profile
}

fn wishes(dice: &mut Dice, profile: &Profile) -> ConnOptions {
    let mut options = ConnOptions::of(profile);
    options.congestion = dice.of(&[None, Some("reno"), Some("cubic"), Some("none")]);
    options.no_delay = dice.percent(30);
    options.urgent_inline = dice.percent(30);
    options.keepalive.on = dice.percent(20);
    options.keepalive.idle = Span::secs(20);
    if dice.percent(40) {
        options.receive_buffer = Some(profile.kept_receive_buffer(dice.of(&[1200, 4000, 9000])));
    }
    if dice.percent(30) {
        options.send_buffer = Some(profile.kept_send_buffer(dice.of(&[2000, 9000])));
    }
    options
}

impl World {
    fn new(seed: u64) -> World {
        let mut dice = Dice { draws: Draws::new(seed), thrown: 0 };
        let name = dice.of(&Profile::NAMES);
        let mut stacks = [1, 2].map(|n| Stack::new(profile(&mut dice, name), [n; 16]));
        for stack in &mut stacks {
            if dice.percent(50) {
                stack.set_next_isn(Seq(u32::MAX - dice.below(20_000) as u32));
            }
        }
        let chances = [0, 0, 2, 10, 30];
        let wire = [dice.of(&chances), dice.of(&chances), dice.of(&chances), dice.of(&chances)];
        let mut fx = Effects::new();
        let options = wishes(&mut dice, stacks[SERVER].profile());
        let backlog = dice.below(3) as u32;
        let listener = stacks[SERVER].listen(Instant::ZERO, address(SERVER, 80), backlog, &options, &mut fx);
        World {
            now: Instant::ZERO + Span::secs(1),
            dice,
            stacks,
            users: Default::default(),
            listener,
            flying: Vec::new(),
            ordinal: 0,
            wire,
            last: [Seq(0); 2],
            events: 0,
        }
    }

    fn ready(&self, host: usize) -> Option<(ConnId, [bool; 2])> {
        let stack = &self.stacks[host];
        let c = self.users[host].conn.filter(|c| !self.users[host].closed && stack.options(*c).is_some())?;
        Some((c, [stack.readable(c), stack.writable(c)]))
    }

    /// Something happens on a host: what it sends goes onto the wire, and all must hold afterwards. `call` says that it is
    /// the user's own doing, which wakes nobody.
    fn on<R>(
        &mut self,
        host: usize,
        call: bool,
        what: impl FnOnce(&mut Stack, Instant, &mut Effects) -> R,
    ) -> R {
        self.events += 1;
        assert!(self.events < ENDLESS, "it goes on for ever");
        let before = self.ready(host);
        let mut fx = Effects::new();
        let result = what(&mut self.stacks[host], self.now, &mut fx);
        let mut woken = false;
        for effect in fx.drain() {
            match effect {
                Effect::Send { segment, to, ect, .. } => self.send(host, to, segment, ect),
                Effect::Wake(owner) => {
                    woken |= self.users[host].conn.is_some_and(|c| owner == Owner::Conn(c));
                }
                _ => {}
            }
        }
        self.stacks[host].check_deep();
        if let (Some((_, then)), Some((_, now)), false) = (before, self.ready(host), call) {
            let newly = then.into_iter().zip(now).any(|(then, now)| now && !then);
            assert!(woken || !newly, "a call could return and nobody is woken");
        }
        result
    }

    fn send(&mut self, host: usize, to: SocketAddr, segment: Segment, ect: bool) {
        if to.ip() != address(1 - host, 0).ip() {
            return;
        }
        self.last[host] = segment.seq;
        let [lost, doubled, late, marked] = self.wire;
        let copies = 1 + usize::from(self.dice.percent(doubled));
        for _ in 0..copies {
            let by = if self.dice.percent(late) { self.dice.below(3_000_000) } else { 0 };
            let marked = ect && self.dice.percent(marked);
            if !self.dice.percent(lost) {
                self.ordinal += 1;
                let at = self.now + Span::millis(10) + Span::micros(by);
                self.flying.push((at, self.ordinal, 1 - host, segment.clone(), marked));
            }
        }
    }

    /// The next thing that happens by itself, no later than `until`. Tells whether there was one.
    fn step(&mut self, until: Instant) -> bool {
        let arrival = self.flying.iter().map(|flying| (flying.0, flying.1)).min();
        let deadlines = self.stacks.each_ref().map(Stack::next_deadline);
        let next = [arrival.map(|(at, _)| at), deadlines[0], deadlines[1]].into_iter().flatten().min();
        let Some(next) = next.filter(|at| *at <= until) else { return false };
        self.now = self.now.max(next);
        if let Some((_, ordinal)) = arrival.filter(|(at, _)| *at == next) {
            let place = self.flying.iter().position(|flying| flying.1 == ordinal).unwrap();
            let (_, _, to, segment, marked) = self.flying.remove(place);
            let [from_ip, to_ip] = [address(1 - to, 0).ip(), address(to, 0).ip()];
            self.on(to, false, |stack, now, fx| match marked {
                true => stack.on_marked_segment(now, from_ip, to_ip, &segment, fx),
                false => stack.on_segment(now, from_ip, to_ip, &segment, fx),
            });
        } else {
            let due = |host: usize| self.stacks[host].next_deadline().is_some_and(|at| at <= next);
            let host = if due(CLIENT) { CLIENT } else { SERVER };
            self.on(host, false, |stack, now, fx| stack.on_timer(now, fx));
        }
        self.accept();
        true
    }

    fn accept(&mut self) {
        if self.users[SERVER].conn.is_none() {
            let listener = self.listener;
            self.users[SERVER].conn = self.on(SERVER, true, |stack, _, fx| stack.accept(listener, fx));
        }
    }

    fn pass(&mut self, span: Span) {
        let until = self.now + span;
        while self.step(until) {}
        self.now = until;
    }

    /// One thing that a user, or the network, does.
    fn act(&mut self) {
        let host = self.dice.of(&[CLIENT, SERVER]);
        match self.dice.below(100) {
            0..25 => self.write(host, false),
            25..29 => self.write(host, true),
            29..50 => self.read(host),
            50..53 => self.fetch_urgent(host),
            53..58 => self.wish(host),
            58..62 => self.report(host),
            62..68 => self.knock(),
            68..70 => self.shut(host),
            _ => {
                let longest = self.dice.of(&[5_000, 50_000, 500_000, 5_000_000, 100_000_000]);
                let span = Span::micros(self.dice.below(longest));
                self.pass(span);
            }
        }
    }

    /// The connection whose user may still call.
    fn owned(&self, host: usize) -> Option<ConnId> {
        self.users[host].conn.filter(|_| !self.users[host].closed)
    }

    fn write(&mut self, host: usize, urgent: bool) {
        let Some(c) = self.owned(host) else { return };
        let from = self.users[host].written.len();
        // Neighbours differ: an octet out of place shows. Less than four could hide from a SYN cookie.
        let len = 4 + self.dice.below(3_000) as usize;
        let data: Vec<u8> = (from..from + len).map(|n| (n * 7 % 251) as u8).collect();
        let data = bytes::Bytes::from(data);
        let taken = self.on(host, true, |stack, now, fx| match urgent {
            true => stack.send_urgent(now, c, &data, fx),
            false => stack.send(now, c, &data, fx),
        });
        match taken {
            Ok(taken) => {
                self.users[host].written.extend_from_slice(&data[..taken]);
                if urgent && taken > 0 {
                    self.users[host].urgent.insert(from + taken - 1);
                }
            }
            Err(StreamError::WouldBlock | StreamError::NotConnected) => {}
            Err(_) => self.users[host].told = true,
        }
    }

    fn read(&mut self, host: usize) {
        let Some(c) = self.owned(host) else { return };
        let most = 1 + self.dice.below(6_000) as usize;
        match self.on(host, true, |stack, now, fx| stack.recv(now, c, most, fx)) {
            Ok(data) if data.is_empty() => self.users[host].ended = true,
            Ok(data) => self.users[host].read.extend_from_slice(&data),
            Err(StreamError::WouldBlock | StreamError::NotConnected) => {}
            Err(_) => self.users[host].told = true,
        }
        self.judge_stream(host);
    }

    /// What was read is what was written, but for octets out of band, and all of it if the end was read and nothing failed.
    fn judge_stream(&self, host: usize) {
        let (reader, writer) = (&self.users[host], &self.users[1 - host]);
        let mut place = 0;
        for octet in &reader.read {
            if writer.written.get(place) != Some(octet) && writer.urgent.contains(&place) {
                place += 1;
            }
            assert_eq!(writer.written.get(place), Some(octet), "at octet {place}");
            place += 1;
        }
        if reader.ended && !reader.told {
            let rest = (place..writer.written.len()).filter(|left| !writer.urgent.contains(left)).count();
            assert_eq!(rest, 0, "the stream ended early and nobody was told");
        }
    }

    fn fetch_urgent(&mut self, host: usize) {
        let Some(c) = self.owned(host) else { return };
        let _ = self.stacks[host].recv_urgent(c);
        let _ = (self.stacks[host].at_mark(c), self.stacks[host].urgent_left(c));
    }

    fn wish(&mut self, host: usize) {
        let Some(c) = self.owned(host) else { return };
        let Some(kept) = self.stacks[host].options(c).copied() else { return };
        let wanted = wishes(&mut self.dice, self.stacks[host].profile());
        let options =
            ConnOptions { receive_buffer: kept.receive_buffer, send_buffer: kept.send_buffer, ..wanted };
        self.on(host, true, |stack, now, fx| stack.set_options(now, c, &options, fx));
    }

    /// The network says something about the last segment.
    fn report(&mut self, host: usize) {
        let Some((local, remote)) = self.owned(host).and_then(|c| self.stacks[host].addresses(c)) else {
            return;
        };
        let kind = match self.dice.below(20) {
            0..6 => IcmpKind::Unreachable { code: self.dice.below(2) as u8, next_hop_mtu: 0 },
            6..12 => IcmpKind::Unreachable { code: 4, next_hop_mtu: 200 + self.dice.below(1_300) as u16 },
            12..16 => IcmpKind::TimeExceeded { code: 0 },
            16..18 => IcmpKind::SourceQuench,
            18 => IcmpKind::ParameterProblem,
            _ => IcmpKind::Unreachable { code: 3, next_hop_mtu: 0 },
        };
        let seq = self.last[host];
        self.on(host, false, |stack, now, fx| stack.on_icmp(now, local, remote, seq, kind, fx));
    }

    /// A stranger's SYN, never followed by anything.
    fn knock(&mut self) {
        let stranger = Ipv4Addr::from(0xc612_0000 + self.dice.below(60_000) as u32);
        let syn = Segment {
            source_port: 1024,
            destination_port: 80,
            seq: Seq(self.dice.below(1 << 32) as u32),
            flags: Flags::SYN,
            window: 64_240,
            options: [TcpOption::Mss(1460)].into_iter().collect(),
            ..Segment::default()
        };
        let to = address(SERVER, 80).ip();
        self.on(SERVER, false, |stack, now, fx| stack.on_segment(now, stranger.into(), to, &syn, fx));
    }

    fn shut(&mut self, host: usize) {
        let Some(c) = self.owned(host) else { return };
        if self.dice.percent(70) {
            let _ = self.on(host, true, |stack, now, fx| stack.shutdown_write(now, c, fx));
        } else {
            self.close(host);
        }
    }

    fn close(&mut self, host: usize) {
        let Some(c) = self.owned(host) else { return };
        self.users[host].closed = true;
        let linger = self.dice.percent(10).then_some(Span::ZERO);
        let aborts = self.dice.percent(10);
        self.on(host, true, |stack, now, fx| match aborts {
            true => stack.abort(now, c, fx),
            false => stack.close(now, c, linger, fx),
        });
    }
}

fn play(seed: u64) {
    let mut world = World::new(seed);
    let options = wishes(&mut world.dice, world.stacks[CLIENT].profile());
    let (from, to) = (address(CLIENT, 40_000), address(SERVER, 80));
    let conn = world.on(CLIENT, true, |stack, now, fx| stack.connect(now, from, to, &options, fx));
    world.users[CLIENT].conn = Some(conn.unwrap());
    for _ in 0..world.dice.below(150) {
        world.act();
    }
    // With nothing more to do for anybody, whatever was written arrives or somebody is told.
    for _ in 0..60 {
        world.read(CLIENT);
        world.read(SERVER);
        world.pass(Span::secs(10));
    }
    world.close(CLIENT);
    world.pass(Span::secs(60));
    let listener = world.listener;
    world.accept();
    world.on(SERVER, true, |stack, now, fx| stack.close_listener(now, listener, fx));
    world.close(SERVER);
    world.pass(Span::secs(100 * 86_400));
    for stack in &world.stacks {
        let left: Vec<_> = stack.endpoints().collect();
        assert!(left.is_empty(), "somebody is left: {left:?}");
        assert_eq!(stack.next_deadline(), None);
    }
    assert!(world.flying.is_empty());
}

#[test]
fn two_stacks_keep_every_promise_whatever_their_users_and_the_wire_do() {
    for seed in FIRST..FIRST + WORLDS {
        if let Err(panic) = std::panic::catch_unwind(|| play(seed)) {
            let why = panic.downcast_ref::<String>().map_or("see above", String::as_str);
            panic!("world {seed} breaks: {why}; to play it alone, let FIRST be {seed} and WORLDS 1");
        }
    }
}
