//! The harness: hosts on one cable, time that jumps from event to event.

use crate::clock::{EventQueue, Instant, Span};
use crate::host::{Host, HostConfig, HostEffect, Neighbours, Outcome};
use crate::link::HostId;
use crate::socket::{Call, Domain, Errno, Fd, How, Kind, OptionName, ProcessId, Return, SocketOption};
use crate::tcp::Profile;
use crate::wire::{self, MacAddr, Packet};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, SocketAddr};

/// One way.
pub const DELAY: Span = Span::millis(1);
/// The first host's process.
pub const A: ProcessId = ProcessId(0);
/// The second host's process.
pub const B: ProcessId = ProcessId(1);

/// Whether the cable loses a frame: its place among all sent, and what it is.
pub type Cut = Box<dyn FnMut(usize, &Packet) -> bool>;

/// Two hosts, 10.0.0.1 and 10.0.0.2, on one cable. Process `n` runs on host `n % 2`.
pub struct Cable {
    pub hosts: [Host; 2],
    pub now: Instant,
    flying: EventQueue<(usize, Bytes)>,
    /// Everything sent, with the sender.
    pub frames: Vec<(Instant, usize, Bytes)>,
    /// Everything reported.
    pub effects: Vec<(usize, HostEffect)>,
    returned: BTreeMap<ProcessId, VecDeque<Return>>,
    /// Which frames the cable loses.
    pub cut: Cut,
}

pub fn address(host: usize) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, host as u8 + 1)
}

pub fn at(host: usize, port: u16) -> SocketAddr {
    SocketAddr::from((address(host), port))
}

pub fn config(host: usize) -> HostConfig {
    let mac = |host: usize| MacAddr::of_host(host as u16 + 1);
    let peer = 1 - host;
    HostConfig {
        secret: [host as u8 + 1; 16],
        neighbours: Neighbours::Static(vec![(address(peer), 32, mac(peer))]),
        ..HostConfig::new(HostId(host as u16), "host", address(host), mac(host), Profile::linux())
    }
}

impl Cable {
    pub fn new() -> Cable {
        Cable::with(config)
    }

    pub fn with(config: impl Fn(usize) -> HostConfig) -> Cable {
        Cable {
            hosts: [Host::new(config(0)), Host::new(config(1))],
            now: Instant::ZERO,
            flying: EventQueue::new(),
            frames: Vec::new(),
            effects: Vec::new(),
            returned: BTreeMap::new(),
            cut: Box::new(|_, _| false),
        }
    }

    fn host_of(pid: ProcessId) -> usize {
        pid.index() % 2
    }

    /// Makes a call; `None` if it blocks.
    pub fn try_call(&mut self, pid: ProcessId, call: Call) -> Option<Return> {
        let (host, mut fx) = (Cable::host_of(pid), Vec::new());
        let outcome = self.hosts[host].call(self.now, pid, &call, &mut fx);
        self.absorb(host, fx);
        match outcome {
            Outcome::Returned(result) => Some(result),
            Outcome::Blocked => None,
        }
    }

    /// Makes a call and lets time pass until it returns.
    pub fn call(&mut self, pid: ProcessId, call: Call) -> Return {
        match self.try_call(pid, call.clone()) {
            Some(result) => result,
            None => self.wait(pid).unwrap_or_else(|| panic!("{call:?} never returns")),
        }
    }

    /// Lets time pass until the process's call returns; `None` if nothing is left to happen.
    pub fn wait(&mut self, pid: ProcessId) -> Option<Return> {
        loop {
            if let Some(result) = self.returned.get_mut(&pid).and_then(VecDeque::pop_front) {
                return Some(result);
            }
            if !self.step(Instant::MAX) {
                return None;
            }
        }
    }

    /// A return that has come already.
    pub fn take(&mut self, pid: ProcessId) -> Option<Return> {
        self.returned.get_mut(&pid).and_then(VecDeque::pop_front)
    }

    /// Lets so much time pass.
    pub fn pass(&mut self, span: Span) {
        let end = self.now + span;
        while self.step(end) {}
        self.now = end;
    }

    /// The next thing that happens, no later than `end`; whether there was one.
    pub fn step(&mut self, end: Instant) -> bool {
        let due = |host: usize| {
            let deadlines = [self.hosts[host].next_deadline(), self.hosts[host].next_doubt()];
            deadlines.into_iter().flatten().min()
        };
        let timers = (0..2).filter_map(|host| Some((due(host)?, host)));
        let timer = timers.min();
        let frame = self.flying.next_at();
        let fx = &mut Vec::new();
        match (timer, frame) {
            (Some((due, host)), frame) if frame.is_none_or(|frame| due < frame) && due <= end => {
                assert!(due >= self.now, "a deadline in the past");
                self.now = due;
                self.hosts[host].on_timer(due, fx);
                assert!(
                    self.hosts[host].next_deadline() > Some(due)
                        || self.hosts[host].next_deadline().is_none(),
                    "on_timer leaves something due"
                );
                self.absorb(host, std::mem::take(fx));
                true
            }
            (_, Some(arrival)) if arrival <= end => {
                let Some((at, (host, frame))) = self.flying.pop() else { return false };
                self.now = at;
                self.hosts[host].receive(at, &frame, fx);
                self.absorb(host, std::mem::take(fx));
                true
            }
            _ => false,
        }
    }

    /// Hands a frame made by hand to a host.
    pub fn inject(&mut self, host: usize, frame: &Bytes) {
        let mut fx = Vec::new();
        self.hosts[host].receive(self.now, frame, &mut fx);
        self.absorb(host, fx);
    }

    /// A process ends.
    pub fn exit(&mut self, pid: ProcessId) {
        let (host, mut fx) = (Cable::host_of(pid), Vec::new());
        self.hosts[host].process_ended(self.now, pid, &mut fx);
        self.absorb(host, fx);
    }

    pub fn absorb(&mut self, host: usize, fx: Vec<HostEffect>) {
        for effect in fx {
            match &effect {
                HostEffect::Transmit { frame, .. } => {
                    let packet = wire::parse(frame).expect("hosts send what can be parsed");
                    let lost = (self.cut)(self.frames.len(), &packet);
                    self.frames.push((self.now, host, frame.clone()));
                    if !lost {
                        self.flying.push(self.now + DELAY, (1 - host, frame.clone()));
                    }
                }
                HostEffect::Returned { pid, result } => {
                    self.returned.entry(*pid).or_default().push_back(result.clone());
                }
                HostEffect::Looped { .. }
                | HostEffect::StateChanged { .. }
                | HostEffect::Noted { .. }
                | HostEffect::Dropped { .. }
                | HostEffect::TimerFired { .. }
                | HostEffect::Queue { .. } => {}
            }
            self.effects.push((host, effect));
        }
    }

    // The calls, in few words.

    pub fn socket(&mut self, pid: ProcessId, kind: Kind) -> Fd {
        match self.call(pid, Call::Socket { domain: Domain::Inet, kind, protocol: 0 }) {
            Return::Descriptor(fd) => fd,
            other => panic!("{other:?}"),
        }
    }
    pub fn bind(&mut self, pid: ProcessId, fd: Fd, address: SocketAddr) -> Return {
        self.call(pid, Call::Bind { fd, address })
    }
    pub fn bound(&mut self, pid: ProcessId, kind: Kind, address: SocketAddr) -> Fd {
        let fd = self.socket(pid, kind);
        assert_eq!(self.bind(pid, fd, address), Return::Done);
        fd
    }
    pub fn connect(&mut self, pid: ProcessId, fd: Fd, address: SocketAddr) -> Return {
        self.call(pid, Call::Connect { fd, address })
    }
    pub fn send(&mut self, pid: ProcessId, fd: Fd, data: &'static str) -> Return {
        self.call(pid, Call::Send { fd, data: data.into() })
    }
    pub fn send_to(&mut self, pid: ProcessId, fd: Fd, data: &'static str, to: SocketAddr) -> Return {
        self.call(pid, Call::SendTo { fd, data: data.into(), to, fast_open: false })
    }
    pub fn recv(&mut self, pid: ProcessId, fd: Fd, len: usize) -> Return {
        self.call(pid, Call::Recv { fd, len })
    }
    pub fn close(&mut self, pid: ProcessId, fd: Fd) -> Return {
        self.call(pid, Call::Close { fd })
    }
    pub fn shutdown(&mut self, pid: ProcessId, fd: Fd, how: How) -> Return {
        self.call(pid, Call::Shutdown { fd, how })
    }
    pub fn set(&mut self, pid: ProcessId, fd: Fd, option: SocketOption) -> Return {
        self.call(pid, Call::SetOption { fd, option })
    }
    pub fn get(&mut self, pid: ProcessId, fd: Fd, name: OptionName) -> Return {
        self.call(pid, Call::GetOption { fd, name })
    }
    pub fn name(&mut self, pid: ProcessId, fd: Fd) -> Return {
        self.call(pid, Call::GetSockName { fd })
    }
    pub fn peer(&mut self, pid: ProcessId, fd: Fd) -> Return {
        self.call(pid, Call::GetPeerName { fd })
    }
    pub fn time_out(&mut self, pid: ProcessId, fd: Fd, millis: u64) {
        let timeout = Some(Span::millis(millis));
        assert_eq!(self.call(pid, Call::SetTimeout { fd, timeout }), Return::Done);
    }
    pub fn non_blocking(&mut self, pid: ProcessId, fd: Fd) {
        assert_eq!(self.call(pid, Call::SetBlocking { fd, blocking: false }), Return::Done);
    }
    /// The packets of all frames so far.
    pub fn packets(&self) -> Vec<(usize, Packet)> {
        let parsed = |(_, host, frame): &(Instant, usize, Bytes)| (*host, wire::parse(frame).unwrap());
        self.frames.iter().map(parsed).collect()
    }
}

pub fn fails(errno: Errno) -> Return {
    Return::Failed(errno)
}
pub fn received(text: &'static str) -> Return {
    Return::Received(Bytes::from_static(text.as_bytes()))
}
pub fn eof() -> Return {
    received("")
}

/// A listener of B on port 80.
pub fn listener(cable: &mut Cable) -> Fd {
    let fd = cable.bound(B, Kind::Stream, at(1, 80));
    assert_eq!(cable.call(B, Call::Listen { fd, backlog: 5 }), Return::Done);
    fd
}

/// A connection from A to B: A's descriptor and B's; B's listener is closed again.
pub fn connection(cable: &mut Cable) -> (Fd, Fd) {
    let l = listener(cable);
    let pair = accepted(cable, l);
    assert_eq!(cable.close(B, l), Return::Done);
    pair
}

/// A connection from A to B's listener.
pub fn accepted(cable: &mut Cable, l: Fd) -> (Fd, Fd) {
    let s = cable.socket(A, Kind::Stream);
    assert_eq!(cable.connect(A, s, at(1, 80)), Return::Done);
    match cable.call(B, Call::Accept { fd: l }) {
        Return::Accepted(c, peer) => {
            assert_eq!(Return::Address(peer), cable.name(A, s));
            (s, c)
        }
        other => panic!("{other:?}"),
    }
}
