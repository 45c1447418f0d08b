//! Small hand-made runs: a client and a server that shake hands, talk and close.

use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::{HostId, NodeKind, Reason as LinkReason};
use crate::mib::Counter;
use crate::scenario::{
    HostPlan, Limits, LivePlan, Plan, Predicate, ProcessPlan, ProfileName, Program, WirePlan,
};
use crate::socket::{Call, Domain, Fd, Kind, ProcessId, Return};
use crate::tcp::State;
use crate::trace::{
    Endpoint, EndpointId, Event, HostInfo, Meta, ProcessInfo, Protocol, RecordId, Recorder, Source, Stop,
    Trace,
};
use crate::wire::{
    Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, TcpOption, TcpOptions, Transport, build,
};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

pub const CLIENT: HostId = HostId(0);
pub const SERVER: HostId = HostId(1);
const ADDRESSES: [Ipv4Addr; 2] = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];

/// How a hand-made run differs from the plain one.
#[derive(Clone, Debug)]
pub struct Shape {
    pub live: Option<&'static str>,
    pub kernel: &'static str,
    pub client_port: u16,
    pub isn: [u32; 2],
    pub mss: u16,
    pub windows: [u16; 3],
    pub shift: u8,
}

impl Shape {
    pub fn simulated() -> Shape {
        Shape {
            live: None,
            kernel: "6.18.44",
            client_port: 49_152,
            isn: [1_234_567, 7_654_321],
            mss: 1460,
            windows: [64_240, 65_160, 502],
            shift: 7,
        }
    }
    pub fn live(mode: &'static str) -> Shape {
        Shape { live: Some(mode), client_port: 33_333, isn: [99, 4_000_000_000], ..Shape::simulated() }
    }
    pub fn loopback() -> Shape {
        Shape { mss: 65_495, windows: [65_495, 65_483, 512], ..Shape::live("loopback") }
    }
}

/// A run being written.
pub struct Run {
    pub shape: Shape,
    recorder: Recorder,
}

pub fn milliseconds(n: u64) -> Instant {
    Instant::ZERO + Span::millis(n)
}

impl Run {
    pub fn new(shape: Shape) -> Run {
        let host = |name: &str, address, n| HostInfo {
            name: name.to_owned(),
            kind: NodeKind::Host,
            address: IpAddr::V4(address),
            more_addresses: Vec::new(),
            mac: MacAddr::of_host(n),
            actor: false,
        };
        let source = match shape.live {
            None => Source::Simulated,
            Some(mode) => Source::Live { kernel: shape.kernel.to_owned(), mode },
        };
        let recorder = Recorder::new(Meta {
            scenario: "hand-made".to_owned(),
            title: Text::default(),
            profile: "linux".to_owned(),
            seed: 1,
            source,
            hosts: vec![host("client", ADDRESSES[0], 1), host("server", ADDRESSES[1], 2)],
            processes: vec![
                ProcessInfo { host: CLIENT, name: "client".to_owned() },
                ProcessInfo { host: SERVER, name: "server".to_owned() },
            ],
        });
        Run { shape, recorder }
    }

    pub fn end(&self, host: HostId) -> SocketAddr {
        let port = if host == CLIENT { self.shape.client_port } else { 8080 };
        SocketAddr::new(IpAddr::V4(ADDRESSES[host.index()]), port)
    }

    pub fn push(&mut self, at: Instant, host: Option<HostId>, event: Event) -> RecordId {
        self.recorder.push(at, host, None, event)
    }

    /// The bytes of a segment; `seq` and `ack` count from the initial numbers.
    pub fn segment(&self, from: HostId, flags: &str, seq: u32, ack: u32, text: &str) -> Bytes {
        let to = HostId(1 - from.0);
        let flags = Flags::from_letters(flags).unwrap();
        let mut options = TcpOptions::new();
        let window = if flags.has(Flags::SYN) {
            options.push(TcpOption::Mss(self.shape.mss)).unwrap();
            options.push(TcpOption::SackPermitted).unwrap();
            options.push(TcpOption::Timestamps { value: 1, echo: 0 }).unwrap();
            options.push(TcpOption::Nop).unwrap();
            options.push(TcpOption::WindowScale(self.shape.shift)).unwrap();
            self.shape.windows[usize::from(flags.has(Flags::ACK))]
        } else {
            for option in [TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value: 2, echo: 1 }] {
                options.push(option).unwrap();
            }
            self.shape.windows[2]
        };
        let segment = Segment {
            source_port: self.end(from).port(),
            destination_port: self.end(to).port(),
            seq: Seq(self.shape.isn[from.index()]) + seq,
            ack: if flags.has(Flags::ACK) { Seq(self.shape.isn[to.index()]) + ack } else { Seq(0) },
            flags,
            window,
            urgent: 0,
            options,
            payload: Bytes::copy_from_slice(text.as_bytes()),
        };
        let packet = Ipv4Packet::new(ADDRESSES[from.index()], ADDRESSES[to.index()], Transport::Tcp(segment));
        build(&Packet::ipv4(MacAddr::of_host(from.0 + 1), MacAddr::of_host(to.0 + 1), packet))
    }

    /// A segment that is sent and arrives a millisecond later; returns the record of its sending.
    pub fn send(&mut self, at: u64, from: HostId, flags: &str, seq: u32, ack: u32, text: &str) -> RecordId {
        let frame = self.segment(from, flags, seq, ack, text);
        self.frame(at, from, frame, None)
    }

    pub fn frame(&mut self, at: u64, from: HostId, frame: Bytes, cause: Option<RecordId>) -> RecordId {
        let to = HostId(1 - from.0);
        let sent = Event::FrameSent { frame, to: Some(to), next: None, endpoint: None, why: None };
        let sent = self.recorder.push(milliseconds(at), Some(from), cause, sent);
        let arrived = Event::FrameArrived { sent, changed: None };
        self.recorder.push(milliseconds(at) + Span::micros(10), Some(to), Some(sent), arrived);
        sent
    }

    /// A segment that is sent and lost.
    pub fn lose(&mut self, at: u64, from: HostId, flags: &str, seq: u32, ack: u32) -> RecordId {
        let frame = self.segment(from, flags, seq, ack, "");
        let to = Some(HostId(1 - from.0));
        let sent = Event::FrameSent { frame, to, next: None, endpoint: None, why: None };
        let sent = self.push(milliseconds(at), Some(from), sent);
        let why = crate::host::Reason::Link(LinkReason::LinkDown);
        self.push(milliseconds(at), None, Event::FrameLost { sent, why });
        sent
    }

    pub fn start(&mut self, at: u64, process: u32, call: Call, text: &str) -> RecordId {
        let host = self.recorder.meta().processes[process as usize].host;
        let event = Event::CallStarted { process: ProcessId(process), call, text: text.to_owned() };
        self.push(milliseconds(at), Some(host), event)
    }

    pub fn block(&mut self, at: u64, process: u32, call: RecordId) {
        let host = self.recorder.meta().processes[process as usize].host;
        self.push(milliseconds(at), Some(host), Event::CallBlocked { process: ProcessId(process), call });
    }

    pub fn give(&mut self, at: u64, process: u32, call: RecordId, result: Return) {
        let host = self.recorder.meta().processes[process as usize].host;
        let event = Event::CallReturned { process: ProcessId(process), call, result };
        self.push(milliseconds(at), Some(host), event);
    }

    pub fn call(&mut self, at: u64, process: u32, call: Call, text: &str, result: Return) {
        let started = self.start(at, process, call, text);
        self.give(at, process, started, result);
    }

    pub fn check(&mut self, at: u64, process: u32, text: &str, held: bool) {
        let host = self.recorder.meta().processes[process as usize].host;
        let event = Event::Checked {
            process: ProcessId(process),
            text: text.to_owned(),
            held,
            required: true,
            actual: "\"other\"".to_owned(),
        };
        self.push(milliseconds(at), Some(host), event);
    }

    pub fn count(&mut self, host: Option<HostId>, counter: Counter, by: u64) {
        self.push(milliseconds(45), host, Event::Counted { counter, by });
    }

    pub fn endpoint(&mut self, host: HostId, connected: bool) -> EndpointId {
        let (local, remote) = (self.end(host), self.end(HostId(1 - host.0)));
        self.recorder.endpoint(Endpoint {
            host,
            protocol: Protocol::Tcp,
            local,
            remote: connected.then_some(remote),
        })
    }

    pub fn observe(&mut self, at: u64, host: HostId, label: &str, state: State) {
        let endpoint = self.endpoint(host, true);
        let event = Event::StatesObserved { label: label.to_owned(), states: vec![(endpoint, state)] };
        self.push(milliseconds(at), Some(host), event);
    }

    pub fn queue(&mut self, at: u64, queue: &'static str, length: u64) {
        let endpoint = self.endpoint(SERVER, false);
        let event = Event::Queue { endpoint, queue, length, limit: Some(6) };
        self.push(milliseconds(at), Some(SERVER), event);
    }

    pub fn finish(mut self) -> Trace {
        self.push(milliseconds(1_000), None, Event::Stopped(Stop::Finished));
        self.recorder.finish()
    }
}

/// Handshake, five octets, and the client's FIN unanswered: with calls, states, counters and a queue.
pub fn exchange(shape: Shape) -> Run {
    let shared = shape.live == Some("loopback");
    let mut run = Run::new(shape);
    let stream = Call::Socket { domain: Domain::Inet, kind: Kind::Stream, protocol: 0 };
    run.call(0, 1, stream.clone(), "l = socket(tcp)", Return::Descriptor(Fd(3)));
    let bind = Call::Bind { fd: Fd(3), address: "0.0.0.0:8080".parse().unwrap() };
    run.call(0, 1, bind, "bind(l, *:8080)", Return::Done);
    run.call(0, 1, Call::Listen { fd: Fd(3), backlog: 5 }, "listen(l, 5)", Return::Done);
    let accept = run.start(0, 1, Call::Accept { fd: Fd(3) }, "c = accept(l)");
    run.block(0, 1, accept);
    run.call(1, 0, stream, "s = socket(tcp)", Return::Descriptor(Fd(3)));
    let address = run.end(SERVER);
    let connect = run.start(1, 0, Call::Connect { fd: Fd(3), address }, "connect(s, server:8080)");
    run.block(1, 0, connect);
    run.send(10, CLIENT, "S", 0, 0, "");
    run.queue(10, "half-open", 1);
    run.send(12, SERVER, "SA", 0, 1, "");
    run.give(13, 0, connect, Return::Done);
    run.send(14, CLIENT, "A", 1, 1, "");
    let peer = run.end(CLIENT);
    run.give(15, 1, accept, Return::Accepted(Fd(4), peer));
    run.observe(20, CLIENT, "open", State::Established);
    let recv = run.start(20, 1, Call::Recv { fd: Fd(4), len: 99 }, "recv(c, 99)");
    run.block(20, 1, recv);
    let data = Bytes::from_static(b"hello");
    run.call(30, 0, Call::Send { fd: Fd(3), data: data.clone() }, "send(s, \"hello\")", Return::Sent(5));
    run.send(30, CLIENT, "PA", 1, 1, "hello");
    run.give(31, 1, recv, Return::Received(data));
    run.check(31, 1, "recv(c, 99) == \"hello\"", true);
    run.send(32, SERVER, "A", 1, 6, "");
    run.send(40, CLIENT, "FA", 6, 1, "");
    let counters = [(CLIENT, Counter::ActiveOpens), (SERVER, Counter::PassiveOpens)];
    for (host, counter) in counters {
        run.count((!shared).then_some(host), counter, 1);
    }
    run
}

pub fn plan() -> Plan {
    let host = |name: &str, place: usize| {
        HostPlan::on_the_wire(name, ADDRESSES[place], MacAddr::of_host(place as u16 + 1))
    };
    let process = |host, name: &str| ProcessPlan { host, name: name.to_owned(), program: Program::default() };
    Plan {
        name: "hand-made".to_owned(),
        topic: "tests".to_owned(),
        title: Text::default(),
        lesson: Text::default(),
        claims: Vec::new(),
        beyond: None,
        cites: Vec::new(),
        profile: ProfileName::Linux,
        hosts: vec![host("client", 0), host("server", 1)],
        links: Vec::new(),
        ipv6: false,
        wire: WirePlan {
            delay: Span::millis(1),
            delay_given: false,
            rate: None,
            queue: 100,
            red: None,
            mtu: 1500,
            arp: false,
        },
        faults: Vec::new(),
        processes: vec![process(CLIENT, "client"), process(SERVER, "server")],
        expectations: Vec::new(),
        questions: Vec::new(),
        knobs: Vec::new(),
        live: LivePlan::default(),
        until: None,
        limits: Limits { time: Span::secs(60), records: 1_000_000, frames: 1_000_000, octets: 1 << 30 },
    }
}

/// The plan with these expectations.
pub fn expecting(predicates: Vec<Predicate>) -> Plan {
    let expectations = predicates
        .into_iter()
        .map(|predicate| crate::scenario::Expectation {
            says: Text::new("it holds", "成立"),
            cite: String::new(),
            predicate,
            line: 1,
            entry: 1,
        })
        .collect();
    Plan { expectations, ..plan() }
}
