//! Traces made by hand, for tests of the views.

use crate::clock::Instant;
use crate::host::Reason;
use crate::lang::Text;
use crate::link::{HostId, NodeKind};
use crate::socket::{Call, Fd, ProcessId, Return};
use crate::tcp::State;
use crate::trace::{
    Endpoint, EndpointId, Event, HostInfo, Meta, ProcessInfo, Protocol, RecordId, Recorder, Source, Trace,
};
use crate::wire::{self, Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, Transport};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};

/// The client.
pub const CLIENT: HostId = HostId(0);
/// The server.
pub const SERVER: HostId = HostId(1);
const ISN: [u32; 2] = [1_234_567, 7_654_321];
const PORTS: [u16; 2] = [49152, 8080];

/// A trace of two hosts being written.
pub struct Fixture {
    recorder: Recorder,
    ends: [EndpointId; 2],
}

fn address(host: HostId) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, host.0 as u8 + 1)
}

fn ms(at: u64) -> Instant {
    Instant::from_nanos(at * 1_000_000)
}

impl Fixture {
    /// Nothing happened yet.
    pub fn new(en: &str, zh: &str) -> Fixture {
        Fixture::of_hosts(en, zh, 2)
    }

    /// The same between so many hosts; those behind the first two are `h2`, `h3`, ….
    pub fn of_hosts(en: &str, zh: &str, hosts: u16) -> Fixture {
        let host = |id: HostId, name: &str| HostInfo {
            name: name.to_owned(),
            kind: NodeKind::Host,
            address: address(id).into(),
            more_addresses: Vec::new(),
            mac: MacAddr::of_host(id.0 + 1),
            actor: false,
        };
        let process = |host, name: &str| ProcessInfo { host, name: name.to_owned() };
        let mut recorder = Recorder::new(Meta {
            scenario: "fixture".to_owned(),
            title: Text::new(en, zh),
            profile: "linux".to_owned(),
            seed: 1,
            source: Source::Simulated,
            hosts: (0..hosts)
                .map(|at| match at {
                    0 => host(CLIENT, "client"),
                    1 => host(SERVER, "server"),
                    other => host(HostId(other), &format!("h{other}")),
                })
                .collect(),
            processes: vec![process(CLIENT, "client"), process(SERVER, "server")],
        });
        let ends = [0, 1].map(|own: usize| {
            let host = HostId(own as u16);
            recorder.endpoint(Endpoint {
                host,
                protocol: Protocol::Tcp,
                local: SocketAddr::from((address(host), PORTS[own])),
                remote: Some(SocketAddr::from((address(HostId(1 - host.0)), PORTS[1 - own]))),
            })
        });
        Fixture { recorder, ends }
    }

    /// A state change.
    pub fn state(&mut self, at: u64, host: HostId, from: State, to: State) -> RecordId {
        let endpoint = self.ends[host.index()];
        let event = Event::StateChanged { endpoint, from, to, section: "RFC 9293 3.3.2" };
        self.recorder.push(ms(at), Some(host), None, event)
    }

    /// A segment leaves; numbers are relative.
    pub fn send(
        &mut self,
        at: u64,
        from: HostId,
        flags: &str,
        seq: u32,
        ack: u32,
        text: &'static str,
    ) -> RecordId {
        self.send_to(at, [from, HostId(1 - from.0)], flags, [seq, ack], text)
    }

    /// A segment leaves for any host.
    pub fn send_to(
        &mut self,
        at: u64,
        [from, to]: [HostId; 2],
        flags: &str,
        [seq, ack]: [u32; 2],
        text: &'static str,
    ) -> RecordId {
        let number = |host: HostId| ISN[host.index() % 2];
        let port = |host: HostId| PORTS.get(host.index()).copied().unwrap_or(40_000 + host.0);
        let segment = Segment {
            source_port: port(from),
            destination_port: port(to),
            seq: Seq(number(from)) + seq,
            ack: Seq(number(to)) + ack,
            flags: Flags::from_letters(flags).expect("flags"),
            window: 64240,
            payload: Bytes::from_static(text.as_bytes()),
            ..Segment::default()
        };
        let packet = Ipv4Packet::new(address(from), address(to), Transport::Tcp(segment));
        let frame =
            wire::build(&Packet::ipv4(MacAddr::of_host(from.0 + 1), MacAddr::of_host(to.0 + 1), packet));
        let endpoint = self.ends.get(from.index()).copied().filter(|_| to.index() < 2);
        let event = Event::FrameSent { frame, to: Some(to), next: None, endpoint, why: None };
        self.recorder.push(ms(at), Some(from), None, event)
    }

    /// The segment arrives.
    pub fn arrive(&mut self, at: u64, sent: RecordId, host: HostId) -> RecordId {
        self.recorder.push(ms(at), Some(host), Some(sent), Event::FrameArrived { sent, changed: None })
    }

    /// The segment is lost.
    pub fn lose(&mut self, at: u64, sent: RecordId) {
        self.recorder.push(ms(at), None, Some(sent), Event::FrameLost { sent, why: Reason::ByHand });
    }

    /// A call begins and has to wait.
    pub fn block(&mut self, at: u64, host: HostId, call: Call) -> RecordId {
        let process = ProcessId(u32::from(host.0));
        let text = call.name().to_owned();
        let id = self.recorder.push(ms(at), Some(host), None, Event::CallStarted { process, call, text });
        self.recorder.push(ms(at), Some(host), Some(id), Event::CallBlocked { process, call: id });
        id
    }

    /// A waiting call returns.
    pub fn give(&mut self, at: u64, host: HostId, call: RecordId, result: Return) {
        let process = ProcessId(u32::from(host.0));
        self.recorder.push(ms(at), Some(host), None, Event::CallReturned { process, call, result });
    }

    /// The whole trace.
    pub fn finish(self) -> Trace {
        self.recorder.finish()
    }
}

/// A handshake whose first SYN-ACK is lost.
pub fn lost_syn_ack() -> Trace {
    use State::{Closed, Established, Listen, SynReceived, SynSent};
    let mut f = Fixture::new("The lost SYN-ACK", "丢失的 SYN-ACK");
    f.state(0, SERVER, Closed, Listen);
    let accept = f.block(0, SERVER, Call::Accept { fd: Fd(3) });
    let to = SocketAddr::from((address(SERVER), 8080));
    let connect = f.block(0, CLIENT, Call::Connect { fd: Fd(3), address: to });
    f.state(0, CLIENT, Closed, SynSent);
    let syn = f.send(0, CLIENT, "S", 0, 0, "");
    f.arrive(300, syn, SERVER);
    f.state(300, SERVER, Listen, SynReceived);
    let lost = f.send(300, SERVER, "SA", 0, 1, "");
    f.lose(300, lost);
    let again = f.send(1000, CLIENT, "S", 0, 0, "");
    f.arrive(1010, again, SERVER);
    let answer = f.send(1010, SERVER, "SA", 0, 1, "");
    f.arrive(1020, answer, CLIENT);
    f.state(1020, CLIENT, SynSent, Established);
    let ack = f.send(1020, CLIENT, "A", 1, 1, "");
    f.give(1020, CLIENT, connect, Return::Done);
    f.arrive(1030, ack, SERVER);
    f.state(1030, SERVER, SynReceived, Established);
    f.give(1030, SERVER, accept, Return::Accepted(Fd(4), SocketAddr::from((address(CLIENT), 49152))));
    f.finish()
}

/// Both ends close at once: FINs cross.
pub fn crossing_fins() -> Trace {
    use State::{Closing, Established, FinWait1, TimeWait};
    let mut f = Fixture::new("Both close at once", "同时关闭");
    f.state(50, CLIENT, Established, FinWait1);
    let one = f.send(50, CLIENT, "FA", 6, 1, "");
    f.state(50, SERVER, Established, FinWait1);
    let other = f.send(50, SERVER, "FA", 1, 6, "");
    f.arrive(60, one, SERVER);
    f.state(60, SERVER, FinWait1, Closing);
    let ack = f.send(60, SERVER, "A", 2, 7, "");
    f.arrive(60, other, CLIENT);
    f.state(60, CLIENT, FinWait1, Closing);
    let back = f.send(60, CLIENT, "A", 7, 2, "");
    f.arrive(70, ack, CLIENT);
    f.state(70, CLIENT, Closing, TimeWait);
    f.arrive(70, back, SERVER);
    f.state(70, SERVER, Closing, TimeWait);
    f.finish()
}

/// A request of a hundred segments, each acknowledged.
pub fn long_transfer() -> Trace {
    let mut f = Fixture::new("A long transfer", "长传输");
    for n in 0..100u32 {
        let at = u64::from(n) * 20;
        let data = f.send(at, CLIENT, "PA", 1 + n * 5, 1, "12345");
        f.arrive(at + 10, data, SERVER);
        let ack = f.send(at + 10, SERVER, "A", 1, 6 + n * 5, "");
        f.arrive(at + 20, ack, CLIENT);
    }
    f.finish()
}

/// Frames of four sorts in no order that repeats.
pub fn uneven_flood(frames: u32) -> Trace {
    let mut f = Fixture::new("A flood", "洪水");
    for n in 0..frames {
        let draw = n.wrapping_mul(2_654_435_761) >> 24;
        let from = if draw % 2 == 0 { CLIENT } else { SERVER };
        f.send(u64::from(n / 10), from, ["S", "A", "PA", "R"][draw as usize / 2 % 4], n, 1, "x");
    }
    f.finish()
}

/// Of so many hosts the first two and the last talk, the others say a word.
pub fn many_hosts(hosts: u16) -> Trace {
    let mut f = Fixture::of_hosts("Many hosts", "许多主机", hosts);
    for host in 2..hosts {
        let to = if host == 3 { HostId(4) } else { SERVER };
        f.send_to(u64::from(host), [HostId(host), to], "S", [0, 0], "");
    }
    for n in 0..10u32 {
        f.send(20 + u64::from(n), CLIENT, "A", 1, n, "");
        f.send_to(20 + u64::from(n), [HostId(hosts - 1), CLIENT], "A", [1, n], "");
    }
    f.finish()
}
