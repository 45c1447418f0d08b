//! One endpoint in a chosen state, alone: hand it a segment, see what comes out.

use crate::clock::{Instant, Span};
use crate::mib::{Counter, Counters};
use crate::tcp::{ConnId, ConnOptions, Effect, Effects, ListenerId, Owner, Profile, Reason, Stack, State};
use crate::wire::{Flags, Segment, Seq, TcpOption, TcpOptions};
use bytes::Bytes;
use std::net::SocketAddr;

/// Our ISN.
pub const OURS: Seq = Seq(5_000);
/// The peer's ISN.
pub const THEIRS: Seq = Seq(900_000);

pub fn local() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 2], 80))
}

pub fn peer() -> SocketAddr {
    SocketAddr::from(([10, 0, 0, 9], 6000))
}

/// The endpoint and what it did.
pub struct Bench {
    pub now: Instant,
    pub stack: Stack,
    pub listener: Option<ListenerId>,
    pub conn: Option<ConnId>,
    pub counters: Counters,
    pub notes: Vec<Reason>,
    pub edges: Vec<(State, State)>,
    pub sent: Vec<(Instant, Segment, Reason)>,
    /// Of each of those, whether it may be marked (ECT).
    pub ects: Vec<bool>,
    /// Of each of those, the Diffserv code point.
    pub dscps: Vec<u8>,
    /// Who was woken by the last thing that happened.
    pub woken: Vec<Owner>,
    /// Of each of those, whether it must not be cut up.
    pub dfs: Vec<bool>,
}

/// A segment from the peer, numbers relative to the ISNs. The letters are flags.
pub fn seg(letters: &str, seq: i32, ack: i32, text: &'static str) -> Segment {
    Segment {
        source_port: peer().port(),
        destination_port: local().port(),
        seq: Seq(THEIRS.0.wrapping_add(seq as u32)),
        ack: Seq(OURS.0.wrapping_add(ack as u32)),
        flags: Flags::from_letters(letters).unwrap_or_default(),
        window: 64_240,
        payload: bytes::Bytes::from_static(text.as_bytes()),
        ..Segment::default()
    }
}

/// The same with options.
pub fn with_options(segment: Segment, options: impl IntoIterator<Item = TcpOption>) -> Segment {
    Segment { options: options.into_iter().collect::<TcpOptions>(), ..segment }
}

impl Bench {
    /// An empty stack.
    pub fn new(profile: Profile) -> Bench {
        let mut stack = Stack::new(profile, [9; 16]);
        stack.set_next_isn(OURS);
        Bench {
            now: Instant::ZERO + Span::secs(1),
            stack,
            listener: None,
            conn: None,
            counters: Counters::default(),
            notes: Vec::new(),
            edges: Vec::new(),
            sent: Vec::new(),
            ects: Vec::new(),
            dscps: Vec::new(),
            woken: Vec::new(),
            dfs: Vec::new(),
        }
    }

    /// An endpoint in that state. Data octets 1.. are the peer's to send next; ours begin at 1 too.
    pub fn at(profile: Profile, state: State) -> Bench {
        let mut bench = Bench::new(profile);
        match state {
            State::Closed => {}
            State::Listen => bench.listen(16),
            State::SynSent => bench.connect(),
            State::SynReceived => {
                bench.connect();
                bench.hand(&seg("S", 0, 0, ""));
            }
            State::Established => bench.establish(),
            State::FinWait1 => {
                bench.establish();
                bench.shutdown();
            }
            State::FinWait2 => {
                bench.establish();
                bench.shutdown();
                bench.hand(&seg("A", 1, 2, ""));
            }
            State::CloseWait => {
                bench.establish();
                bench.hand(&seg("FA", 1, 1, ""));
            }
            State::Closing => {
                bench.establish();
                bench.shutdown();
                bench.hand(&seg("FA", 1, 1, ""));
            }
            State::LastAck => {
                bench.establish();
                bench.hand(&seg("FA", 1, 1, ""));
                bench.shutdown();
            }
            State::TimeWait => {
                bench.establish();
                bench.shutdown();
                bench.hand(&seg("FA", 1, 2, ""));
            }
        }
        assert_eq!(bench.state(), state);
        bench.forget_past();
        bench
    }

    /// Forgets what was sent and noted so far.
    pub fn forget_past(&mut self) {
        self.sent.clear();
        self.ects.clear();
        self.dscps.clear();
        self.dfs.clear();
        self.notes.clear();
        self.edges.clear();
        self.counters = Counters::default();
    }

    pub fn listen(&mut self, backlog: u32) {
        let id = self.run(|stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.listen(now, local(), backlog, &options, fx)
        });
        self.listener = Some(id);
    }

    fn connect(&mut self) {
        let c = self.run(|stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.connect(now, local(), peer(), &options, fx).unwrap()
        });
        self.conn = Some(c);
    }

    fn establish(&mut self) {
        self.establish_with([TcpOption::Mss(1460)], Span::ZERO);
    }

    /// A connection whose SYN carried these options, and whose round trip took 20 ms; ten segments may go at once.
    pub fn open_with(profile: Profile, options: impl IntoIterator<Item = TcpOption>) -> Bench {
        let mut profile = profile;
        profile.set("tcp_initial_cwnd", 10).unwrap();
        let mut bench = Bench::new(profile);
        bench.establish_with(options, Span::millis(20));
        bench.forget_past();
        bench
    }

    fn establish_with(&mut self, options: impl IntoIterator<Item = TcpOption>, round_trip: Span) {
        self.listen(16);
        self.hand(&with_options(seg("S", 0, 0, ""), options));
        self.wait(round_trip);
        self.hand(&seg("A", 1, 1, ""));
        self.accept();
    }

    pub fn accept(&mut self) {
        let listener = self.listener.unwrap();
        self.conn = self.run(|stack, _, fx| stack.accept(listener, fx));
        assert!(self.conn.is_some(), "nobody to accept");
    }

    fn shutdown(&mut self) {
        let c = self.conn.unwrap();
        self.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
    }

    /// The user closes.
    pub fn close(&mut self) {
        let c = self.conn.unwrap();
        self.run(|stack, now, fx| stack.close(now, c, None, fx));
    }

    /// The user writes.
    pub fn write(&mut self, data: &[u8]) {
        let c = self.conn.unwrap();
        self.run(|stack, now, fx| stack.send(now, c, &Bytes::copy_from_slice(data), fx)).unwrap();
    }

    /// The user reads all there is.
    pub fn read(&mut self) -> Vec<u8> {
        let c = self.conn.unwrap();
        self.run(|stack, now, fx| stack.recv(now, c, 1 << 20, fx))
            .map(|data| data.to_vec())
            .unwrap_or_default()
    }

    /// Runs a call and keeps what came of it.
    pub fn run<R>(&mut self, call: impl FnOnce(&mut Stack, Instant, &mut Effects) -> R) -> R {
        let mut fx = Effects { counters: std::mem::take(&mut self.counters), ..Effects::new() };
        let result = call(&mut self.stack, self.now, &mut fx);
        self.counters = std::mem::take(&mut fx.counters);
        self.woken.clear();
        for effect in fx.drain() {
            match effect {
                Effect::Send { segment, why, ect, dscp, df, .. } => {
                    self.sent.push((self.now, segment, why));
                    self.ects.push(ect);
                    self.dscps.push(dscp);
                    self.dfs.push(df);
                }
                Effect::Note { reason, .. } => self.notes.push(reason),
                Effect::Entered { edge, .. } => self.edges.push((edge.from, edge.to)),
                Effect::Wake(owner) => self.woken.push(owner),
                Effect::TimerFired { .. } | Effect::Queue(_) | Effect::Closed(_) => {}
            }
        }
        self.stack.check_deep();
        result
    }

    /// Runs what is no call of the user: whoever can now do what would have blocked before is woken.
    fn happens(&mut self, what: impl FnOnce(&mut Stack, Instant, &mut Effects)) {
        let ready = |bench: &Bench| {
            let stack = &bench.stack;
            // Nobody waits on what its user has closed.
            let owned = bench.conn.filter(|c| stack.options(*c).is_some());
            owned.map(|c| (Owner::Conn(c), [stack.readable(c), stack.writable(c)]))
        };
        let acceptable = |bench: &Bench| {
            let queues = bench.listener.and_then(|listener| bench.stack.queues(listener));
            queues.map_or(0, |queues| queues.accept)
        };
        let before = (ready(self), acceptable(self));
        self.run(what);
        if let (Some((owner, then)), Some((_, now))) = (before.0, ready(self)) {
            let newly = then.into_iter().zip(now).any(|(then, now)| now && !then);
            assert!(!newly || self.woken.contains(&owner), "a call could return and nobody is woken");
        }
        if let Some(listener) = self.listener.filter(|_| acceptable(self) > before.1) {
            assert!(self.woken.contains(&Owner::Listener(listener)), "accept could return and is not woken");
        }
    }

    /// Hands it a segment. Returns what it sent because of it.
    pub fn hand(&mut self, segment: &Segment) -> Vec<String> {
        let before = self.sent.len();
        self.happens(|stack, now, fx| stack.on_segment(now, peer().ip(), local().ip(), segment, fx));
        self.shown(before)
    }

    /// Lets time pass. Returns what it sent meanwhile.
    pub fn wait(&mut self, time: Span) -> Vec<String> {
        let before = self.sent.len();
        let until = self.now + time;
        while let Some(at) = self.stack.next_deadline().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.happens(|stack, now, fx| stack.on_timer(now, fx));
        }
        self.now = until;
        self.shown(before)
    }

    /// What was sent from the `from`th on: `A 1 1 +0`, relative numbers; ack only with the flag; 0 as `zero`.
    pub fn shown(&self, from: usize) -> Vec<String> {
        let tell = |segment: &Segment| {
            let seq = match segment.seq {
                Seq(0) => "zero".to_owned(),
                seq => ((seq - OURS) as i32).to_string(),
            };
            let ack = match segment.flags.has(Flags::ACK) {
                true => format!(" {}", (segment.ack - THEIRS) as i32),
                false => String::new(),
            };
            format!("{} {seq}{ack} +{}", segment.flags, segment.payload.len())
        };
        self.sent[from..].iter().map(|(_, segment, _)| tell(segment)).collect()
    }

    /// The endpoint's state; the listener's if there is no other endpoint.
    pub fn state(&self) -> State {
        let of_pair = self.stack.endpoints().find(|endpoint| endpoint.remote == Some(peer()));
        let any = of_pair.or_else(|| self.stack.endpoints().next());
        any.map_or(State::Closed, |endpoint| endpoint.state)
    }

    pub fn count(&self, counter: Counter) -> u64 {
        self.counters.get(counter)
    }

    /// Half-open entries of the listener.
    pub fn half_open(&self) -> usize {
        self.stack.queues(self.listener.unwrap()).unwrap().half_open
    }

    /// A SYN from another pair.
    pub fn flood(&mut self, n: u32) {
        let source = std::net::Ipv4Addr::from(0xc612_0000 + n);
        let segment = Segment {
            source_port: 1024,
            destination_port: local().port(),
            seq: Seq(n.wrapping_mul(7919)),
            flags: Flags::SYN,
            window: 64_240,
            options: [TcpOption::Mss(1460)].into_iter().collect(),
            ..Segment::default()
        };
        self.run(|stack, now, fx| stack.on_segment(now, source.into(), local().ip(), &segment, fx));
    }

    /// The variables of the connection by name.
    pub fn variable(&self, name: &str) -> Option<u64> {
        let variables = self.stack.variables(Owner::Conn(self.conn.unwrap()));
        variables.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}
