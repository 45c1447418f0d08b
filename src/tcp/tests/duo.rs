//! Two stacks joined by a wire with a delay, a list of what crossed it, and losses by ordinal.

use crate::clock::{Instant, Span};
use crate::mib::{Counter, Counters};
use crate::tcp::{ConnId, ConnOptions, Effect, Effects, ListenerId, Owner, Profile, Reason, Stack, State};
use crate::wire::{Flags, Segment, Seq};
use bytes::Bytes;
use std::net::SocketAddr;

/// Index of the host that usually connects.
pub const CLIENT: usize = 0;
/// Index of the host that usually listens.
pub const SERVER: usize = 1;

/// A segment as it went onto the wire.
#[derive(Clone, Debug)]
pub struct Crossing {
    pub at: Instant,
    pub from: usize,
    pub segment: Segment,
    pub why: Reason,
    pub lost: bool,
}

/// Two hosts and the wire.
pub struct Duo {
    pub now: Instant,
    pub delay: Span,
    pub stacks: [Stack; 2],
    pub counters: [Counters; 2],
    pub crossed: Vec<Crossing>,
    pub edges: Vec<(usize, Owner, State, State)>,
    pub notes: Vec<(usize, Reason)>,
    flying: Vec<(Instant, u64, usize, Segment)>,
    ordinal: u64,
    /// Ordinals (from 0) of crossings that are lost.
    pub lose: Vec<usize>,
    /// Ordinals of crossings that take longer, and by how much.
    pub late: Vec<(usize, Span)>,
    /// Larger IP packets vanish without a word.
    pub narrow: usize,
    /// Hosts that hear nothing any more.
    pub deaf: [bool; 2],
}

pub fn address(host: usize, port: u16) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, host as u8 + 1], port))
}

impl Duo {
    pub fn new(profile: Profile) -> Duo {
        let stack = |n: u8| Stack::new(profile.clone(), [n; 16]);
        let mut stacks = [stack(1), stack(2)];
        stacks[CLIENT].set_next_isn(Seq(1_234_567));
        stacks[SERVER].set_next_isn(Seq(7_654_321));
        Duo {
            now: Instant::ZERO,
            delay: Span::millis(1),
            stacks,
            counters: Default::default(),
            crossed: Vec::new(),
            edges: Vec::new(),
            notes: Vec::new(),
            flying: Vec::new(),
            ordinal: 0,
            lose: Vec::new(),
            late: Vec::new(),
            narrow: usize::MAX,
            deaf: [false; 2],
        }
    }

    pub fn linux() -> Duo {
        Duo::new(Profile::linux())
    }

    /// Runs a call on one host and puts what comes of it on the wire.
    pub fn on<R>(&mut self, host: usize, call: impl FnOnce(&mut Stack, Instant, &mut Effects) -> R) -> R {
        let counters = std::mem::take(&mut self.counters[host]);
        let mut fx = Effects { counters, ..Effects::new() };
        let result = call(&mut self.stacks[host], self.now, &mut fx);
        self.counters[host] = std::mem::take(&mut fx.counters);
        for effect in fx.drain() {
            match effect {
                Effect::Send { segment, why, .. } => {
                    let number = self.crossed.len();
                    let lost = self.lose.contains(&number)
                        || self.deaf[1 - host]
                        || 20 + segment.header_len() + segment.payload.len() > self.narrow;
                    let late = self.late.iter().find(|(known, _)| *known == number);
                    let delay = self.delay + late.map_or(Span::ZERO, |(_, more)| *more);
                    let crossing = Crossing { at: self.now, from: host, segment: segment.clone(), why, lost };
                    self.crossed.push(crossing);
                    if !lost {
                        self.ordinal += 1;
                        self.flying.push((self.now + delay, self.ordinal, 1 - host, segment));
                    }
                }
                Effect::Entered { owner, edge } => self.edges.push((host, owner, edge.from, edge.to)),
                Effect::Note { reason, .. } => self.notes.push((host, reason)),
                Effect::Wake(_) | Effect::TimerFired { .. } | Effect::Queue(_) | Effect::Closed(_) => {}
            }
        }
        self.stacks[host].sweep();
        result
    }

    pub fn listen(&mut self, port: u16, backlog: u32) -> ListenerId {
        self.on(SERVER, |stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.listen(now, address(SERVER, port), backlog, &options, fx)
        })
    }

    pub fn connect(&mut self, from: u16, to: u16) -> ConnId {
        self.on(CLIENT, |stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.connect(now, address(CLIENT, from), address(SERVER, to), &options, fx).unwrap()
        })
    }

    /// A connection from port 40000 to port 80, accepted.
    pub fn open(&mut self) -> (ConnId, ConnId) {
        let listener = self.listen(80, 16);
        let client = self.connect(40_000, 80);
        self.run(Span::millis(10));
        let server = self.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).expect("nobody to accept");
        assert_eq!(self.state(CLIENT, client), State::Established);
        (client, server)
    }

    pub fn send(&mut self, host: usize, c: ConnId, data: &[u8]) -> usize {
        self.on(host, |stack, now, fx| stack.send(now, c, &Bytes::copy_from_slice(data), fx)).unwrap()
    }

    pub fn recv(&mut self, host: usize, c: ConnId) -> Vec<u8> {
        self.on(host, |stack, now, fx| stack.recv(now, c, 1 << 20, fx)).unwrap().to_vec()
    }

    /// What can be read now; nothing if nothing has come.
    pub fn recv_some(&mut self, host: usize, c: ConnId) -> Vec<u8> {
        let result = self.on(host, |stack, now, fx| stack.recv(now, c, 1 << 20, fx));
        result.map(|data| data.to_vec()).unwrap_or_default()
    }

    pub fn close(&mut self, host: usize, c: ConnId) {
        self.on(host, |stack, now, fx| stack.close(now, c, None, fx));
    }

    pub fn state(&self, host: usize, c: ConnId) -> State {
        self.stacks[host].state(c)
    }

    /// The states of all endpoints of a host, in order.
    pub fn states(&self, host: usize) -> Vec<State> {
        self.stacks[host].endpoints().map(|endpoint| endpoint.state).collect()
    }

    /// Lets time pass.
    pub fn run(&mut self, time: Span) {
        let until = self.now + time;
        loop {
            let arrival = self.flying.iter().map(|(at, ordinal, ..)| (*at, *ordinal)).min();
            let deadlines = self.stacks.each_ref().map(Stack::next_deadline);
            let next = [arrival.map(|(at, _)| at), deadlines[0], deadlines[1]].into_iter().flatten().min();
            let Some(next) = next.filter(|at| *at <= until) else { break };
            self.now = self.now.max(next);
            if let Some((_, ordinal)) = arrival.filter(|(at, _)| *at == next) {
                let place = self.flying.iter().position(|flying| flying.1 == ordinal).unwrap();
                let (_, _, to, segment) = self.flying.remove(place);
                let [from_ip, to_ip] = [address(1 - to, 0).ip(), address(to, 0).ip()];
                self.on(to, |stack, now, fx| stack.on_segment(now, from_ip, to_ip, &segment, fx));
                continue;
            }
            for host in [CLIENT, SERVER] {
                if self.stacks[host].next_deadline().is_some_and(|at| at <= self.now) {
                    self.on(host, |stack, now, fx| stack.on_timer(now, fx));
                }
            }
        }
        self.now = until;
    }

    pub fn count(&self, host: usize, counter: Counter) -> u64 {
        self.counters[host].get(counter)
    }

    /// What crossed since the `from`th, as `C>S SA 0 1 len 0`, numbers relative to the ISNs; losses end in `lost`.
    pub fn shown(&self, from: usize) -> Vec<String> {
        let isn = [Seq(1_234_567), Seq(7_654_321)];
        let tell = |crossing: &Crossing| {
            let s = &crossing.segment;
            let who = if crossing.from == CLIENT { "C" } else { "S" };
            let (own, other) = (isn[crossing.from], isn[1 - crossing.from]);
            let seq = if s.seq == Seq(0) { "zero".to_owned() } else { ((s.seq - own) as i32).to_string() };
            let ack =
                if s.flags.has(Flags::ACK) { format!(" {}", (s.ack - other) as i32) } else { String::new() };
            let lost = if crossing.lost { " lost" } else { "" };
            format!("{who} {} {seq}{ack} +{}{lost}", s.flags, s.payload.len())
        };
        self.crossed[from..].iter().map(tell).collect()
    }
}
