//! A small trace made by hand, for the tests of this room.

use super::{
    Endpoint, Event, HostInfo, Meta, ProcessInfo, Protocol, RecordId, Recorder, Source, Stop, Trace,
};
use crate::clock::{Instant, Span};
use crate::host::Reason;
use crate::lang::Text;
use crate::link::{self, HostId, NodeKind};
use crate::mib::Counter;
use crate::socket::{Call, Errno, Fd, ProcessId, Return};
use crate::tcp::State;
use crate::wire::{Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, Transport, build};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};

pub(super) const CLIENT: HostId = HostId(0);
pub(super) const SERVER: HostId = HostId(1);

pub(super) fn address(host: HostId) -> Ipv4Addr {
    Ipv4Addr::new(10, 0, 0, host.0 as u8 + 1)
}

/// A frame between port 5000 of the client and port 80 of the server.
pub(super) fn frame(from: HostId, flags: &str, seq: u32, ack: u32) -> Bytes {
    let to = HostId(1 - from.0);
    let port = |host: HostId| if host == CLIENT { 5000 } else { 80 };
    let segment = Segment {
        source_port: port(from),
        destination_port: port(to),
        seq: Seq(seq),
        ack: Seq(ack),
        flags: Flags::from_letters(flags).unwrap(),
        ..Segment::default()
    };
    let packet = Ipv4Packet::new(address(from), address(to), Transport::Tcp(segment));
    build(&Packet::ipv4(MacAddr::of_host(from.0 + 1), MacAddr::of_host(to.0 + 1), packet))
}

/// A connect that is refused after its first SYN was lost:
///
/// 0 call, 1 state, 2 variables, 3 SYN sent, 4 lost, 5 blocked, 6 timer, 7 SYN sent, 8 counted, 9 arrived,
/// 10 RST sent, 11 arrived, 12 state, 13 variables, 14 returned, 15 ended, 16 stopped.
pub(super) fn refused() -> Trace {
    let host = |id: HostId, name: &str| HostInfo {
        name: name.to_owned(),
        kind: NodeKind::Host,
        address: address(id).into(),
        more_addresses: Vec::new(),
        mac: MacAddr::of_host(id.0 + 1),
        actor: false,
    };
    let mut recorder = Recorder::new(Meta {
        scenario: "refused".to_owned(),
        title: Text::new("Refused", "被拒绝"),
        profile: "linux".to_owned(),
        seed: 1,
        source: Source::Simulated,
        hosts: vec![host(CLIENT, "client"), host(SERVER, "server")],
        processes: vec![ProcessInfo { host: CLIENT, name: "client".to_owned() }],
    });
    let at = |ms| Instant::ZERO + Span::millis(ms);
    let process = ProcessId(0);
    let local = SocketAddr::from((address(CLIENT), 5000));
    let remote = SocketAddr::from((address(SERVER), 80));
    let endpoint =
        recorder.endpoint(Endpoint { host: CLIENT, protocol: Protocol::Tcp, local, remote: Some(remote) });
    let sent = |from, flags, seq, ack, endpoint| Event::FrameSent {
        frame: frame(from, flags, seq, ack),
        to: Some(HostId(1 - from.0)),
        next: None,
        endpoint,
        why: Some(Reason::ByHand),
    };
    let change = |variable, before, after| super::Change { variable, before, after };
    let (client, server) = (Some(CLIENT), Some(SERVER));
    let id = |n| Some(RecordId(n));
    let call = Call::Connect { fd: Fd(3), address: remote };
    let text = "connect(s, server:80)".to_owned();
    recorder.push(at(0), client, None, Event::CallStarted { process, call, text });
    let (from, to) = (State::Closed, State::SynSent);
    recorder.push(at(0), client, id(0), Event::StateChanged { endpoint, from, to, section: "3.10.1" });
    let changes = vec![change("snd.una", None, Some(100)), change("snd.nxt", None, Some(101))];
    recorder.push(at(0), client, id(0), Event::Variables { endpoint, changes });
    recorder.push(at(0), client, id(0), sent(CLIENT, "S", 100, 0, Some(endpoint)));
    let why = Reason::Link(link::Reason::LinkDown);
    recorder.push(at(0), None, id(3), Event::FrameLost { sent: RecordId(3), why });
    recorder.push(at(0), client, id(0), Event::CallBlocked { process, call: RecordId(0) });
    let timer = Event::TimerFired { endpoint: Some(endpoint), timer: "retransmission" };
    recorder.push(at(1000), client, id(3), timer);
    recorder.push(at(1000), client, id(6), sent(CLIENT, "S", 100, 0, Some(endpoint)));
    recorder.push(at(1000), client, id(6), Event::Counted { counter: Counter::RetransSegs, by: 1 });
    recorder.push(at(1010), server, id(7), Event::FrameArrived { sent: RecordId(7), changed: None });
    recorder.push(at(1010), server, id(9), sent(SERVER, "RA", 0, 101, None));
    recorder.push(at(1020), client, id(10), Event::FrameArrived { sent: RecordId(10), changed: None });
    let (from, to) = (State::SynSent, State::Closed);
    recorder.push(at(1020), client, id(11), Event::StateChanged { endpoint, from, to, section: "3.10.7.3" });
    let changes = vec![change("snd.una", Some(100), None), change("snd.nxt", Some(101), None)];
    recorder.push(at(1020), client, id(11), Event::Variables { endpoint, changes });
    let result = Return::Failed(Errno::ECONNREFUSED);
    recorder.push(at(1020), client, id(11), Event::CallReturned { process, call: RecordId(0), result });
    recorder.push(at(1020), client, id(14), Event::ProcessEnded { process });
    recorder.push(at(1020), None, None, Event::Stopped(Stop::Finished));
    recorder.finish()
}
