//! What was seen of an examined kernel: packets and calls with their times, as a trace that every view can draw.

use super::examined::{CommandFailure, Examined};
use super::model;
use super::request::{Reply, Request};
use super::seen::Seen;
use super::{Settings, seen};
use crate::clock::{Instant, Span};
use crate::host::Protocol;
use crate::lang::Text;
use crate::link::{HostId, NodeKind};
use crate::socket::{Call, Errno, Fd, ProcessId, Return};
use crate::trace::{Endpoint, Event, HostInfo, Meta, ProcessInfo, Recorder, Source, Trace};
use crate::wire::{self, Body, ETHER_TYPE_IPV4, ETHER_TYPE_IPV6, Ethernet, MacAddr, Packet, Tags};
use bytes::Bytes;
use std::net::SocketAddr;

const STACK: HostId = HostId(0);
const SCRIPT: HostId = HostId(1);

/// A stack, and a note of everything that passes between it and the script.
pub struct Witness<S> {
    stack: S,
    moments: Vec<(Span, Moment)>,
    words: String,
    /// The request of the call that waits.
    waiting: Option<Request>,
}

/// Something that passed between stack and script.
enum Moment {
    /// A packet, from this host.
    Packet(HostId, Bytes),
    /// A call was made.
    Called(Call, String),
    /// It waits.
    Waits,
    /// It returned.
    Returned(Return),
}

impl<S: Examined> Witness<S> {
    /// Notes what passes from now on.
    pub fn of(stack: S) -> Witness<S> {
        Witness { stack, moments: Vec::new(), words: String::new(), waiting: None }
    }

    fn note(&mut self, at: Span, moment: Moment) {
        self.moments.push((at, moment));
    }

    /// The stack itself.
    pub fn stack(&self) -> &S {
        &self.stack
    }

    /// Reads what was sent and nobody expected, up to now.
    pub fn look(&mut self) {
        let now = self.stack.now();
        while self.next_packet(now).is_some() {}
    }

    /// Everything in order of time. A kernel tells no reasons and no states: what it sent and gave is all there is.
    pub fn into_trace(self, settings: &Settings, kernel: &str, name: &str) -> Trace {
        let mut recorder = Recorder::new(meta(settings, kernel, name));
        let mut moments = self.moments;
        // Packets are read when the script expects them, which is later than they were sent.
        moments.sort_by_key(|(at, _)| *at);
        let process = ProcessId(0);
        let mut call = None;
        for (at, moment) in moments {
            let at = Instant::ZERO + at;
            match moment {
                Moment::Packet(from, octets) => {
                    let to = if from == STACK { SCRIPT } else { STACK };
                    let endpoint = endpoint(from, &octets).map(|endpoint| recorder.endpoint(endpoint));
                    let frame = frame(from, octets);
                    let event = Event::FrameSent { frame, to: Some(to), next: None, endpoint, why: None };
                    let sent = recorder.push(at, Some(from), call, event);
                    let arrived = Event::FrameArrived { sent, changed: None };
                    recorder.push(at, Some(to), Some(sent), arrived);
                }
                Moment::Called(made, text) => {
                    let event = Event::CallStarted { process, call: made, text };
                    call = Some(recorder.push(at, Some(STACK), None, event));
                }
                Moment::Waits => {
                    if let Some(call) = call {
                        recorder.push(at, Some(STACK), Some(call), Event::CallBlocked { process, call });
                    }
                }
                Moment::Returned(result) => {
                    if let Some(call) = call.take() {
                        let event = Event::CallReturned { process, call, result };
                        recorder.push(at, Some(STACK), Some(call), event);
                    }
                }
            }
        }
        recorder.finish()
    }

    fn returned_with(&mut self, at: Span, request: &Request, reply: &Reply) {
        if model::as_call(request).is_some() {
            self.note(at, Moment::Returned(as_return(request, reply)));
        }
    }
}

fn mac(host: HostId) -> MacAddr {
    MacAddr::of_host(host.0 + 1)
}

fn meta(settings: &Settings, kernel: &str, name: &str) -> Meta {
    let host = |host: HostId, name: &str, address, actor| HostInfo {
        name: name.to_owned(),
        kind: NodeKind::Host,
        address,
        more_addresses: Vec::new(),
        mac: mac(host),
        actor,
    };
    Meta {
        scenario: name.to_owned(),
        title: Text::new(name, name),
        profile: String::new(),
        seed: 0,
        source: Source::Live { kernel: kernel.to_owned(), mode: "tun" },
        hosts: vec![
            host(STACK, "stack", settings.local, false),
            host(SCRIPT, "script", settings.remote, true),
        ],
        processes: vec![ProcessInfo { host: STACK, name: "script".to_owned() }],
    }
}

fn frame(from: HostId, packet: Bytes) -> Bytes {
    let to = if from == STACK { SCRIPT } else { STACK };
    let six = packet.first().is_some_and(|first| first >> 4 == 6);
    let ether_type = if six { ETHER_TYPE_IPV6 } else { ETHER_TYPE_IPV4 };
    let ethernet = Ethernet { source: mac(from), destination: mac(to), tags: Tags::NONE, ether_type };
    wire::build(&Packet { ethernet, body: Body::Other(packet) })
}

/// Who sent the packet.
fn endpoint(host: HostId, packet: &Bytes) -> Option<Endpoint> {
    let seen = Seen::read(packet)?;
    let (source, destination) = seen.ports()?;
    let protocol = match seen.body {
        seen::SeenBody::Tcp(_) => Protocol::Tcp,
        seen::SeenBody::Udp { .. } => Protocol::Udp,
        seen::SeenBody::Icmp { .. } | seen::SeenBody::Other(_) => return None,
    };
    let local = SocketAddr::new(seen.source, source);
    let remote = Some(SocketAddr::new(seen.destination, destination));
    Some(Endpoint { host, protocol, local, remote })
}

fn as_return(request: &Request, reply: &Reply) -> Return {
    if let Some(name) = &reply.errno {
        let known = Errno::ALL.iter().find(|errno| errno.name() == name);
        return known.map_or(Return::Number(reply.result), |errno| Return::Failed(*errno));
    }
    match request {
        Request::Socket { .. } | Request::Accept { .. } | Request::EpollCreate => {
            Return::Descriptor(Fd(reply.result as i32))
        }
        Request::Send { .. } => Return::Sent(usize::try_from(reply.result).unwrap_or(0)),
        Request::Receive { .. } => {
            Return::Received(Bytes::from(vec![0; usize::try_from(reply.result).unwrap_or(0)]))
        }
        _ => Return::Done,
    }
}

impl<S: Examined> Examined for Witness<S> {
    fn begin(&mut self) {
        self.stack.begin();
    }

    fn knows_signatures(&self) -> bool {
        self.stack.knows_signatures()
    }

    fn happened(&self) -> Option<Span> {
        self.stack.happened()
    }

    fn now(&self) -> Span {
        self.stack.now()
    }

    fn wait_until(&mut self, at: Span) {
        self.stack.wait_until(at);
    }

    fn inject(&mut self, packet: Bytes) {
        self.note(self.stack.now(), Moment::Packet(SCRIPT, packet.clone()));
        self.stack.inject(packet);
    }

    fn next_packet(&mut self, until: Span) -> Option<(Span, Bytes)> {
        let (at, packet) = self.stack.next_packet(until)?;
        self.note(at, Moment::Packet(STACK, packet.clone()));
        Some((at, packet))
    }

    fn call(&mut self, request: &Request, waits: bool) -> Result<Option<Reply>, String> {
        let begun = self.stack.now();
        let result = self.stack.call(request, waits);
        if let Some(call) = model::as_call(request) {
            let words = std::mem::take(&mut self.words);
            self.note(begun, Moment::Called(call, words));
        }
        match &result {
            Ok(Some(reply)) => self.returned_with(self.stack.now(), request, reply),
            Ok(None) => {
                if model::as_call(request).is_some() {
                    self.note(begun, Moment::Waits);
                }
                self.waiting = Some(request.clone());
            }
            Err(_) => {}
        }
        result
    }

    fn returned(&mut self, until: Span) -> Option<(Span, Reply)> {
        let (at, reply) = self.stack.returned(until)?;
        if let Some(request) = self.waiting.take() {
            self.returned_with(at, &request, &reply);
        }
        Some((at, reply))
    }

    fn info(&mut self, fd: i64) -> Result<Vec<(&'static str, i64)>, String> {
        self.stack.info(fd)
    }

    fn command(&mut self, text: &str) -> Result<(), CommandFailure> {
        self.stack.command(text)
    }

    fn patience(&self) -> Span {
        self.stack.patience()
    }

    fn calling(&mut self, words: &str) {
        self.words = words.split_whitespace().collect::<Vec<&str>>().join(" ");
        self.stack.calling(words);
    }

    fn exhausted(&self) -> Option<Text> {
        self.stack.exhausted()
    }
}
