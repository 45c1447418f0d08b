//! The plain text form of a trace: one line for each record, always the same for the same trace. For tests and
//! for people who compare two traces with `diff`; views say things better.

use super::{EndpointId, Event, Frame, Protocol, Record, Stop, Trace};
use crate::lang::Lang;
use crate::socket::Return;
use crate::wire::{Body, Transport};
use std::fmt::Write as _;

impl Trace {
    /// The whole trace, one line for each record.
    pub fn to_text(&self) -> String {
        let frames = self.frames();
        let mut next_frame = frames.iter().peekable();
        let mut out = String::new();
        for record in &self.records {
            let frame = next_frame.next_if(|frame| frame.record.id == record.id);
            let cause = record.cause.map_or(String::new(), |cause| format!("<{}", cause.0));
            let host = record.host.map_or("-", |host| self.host_name(host));
            let seconds = record.at.as_nanos() / 1_000_000_000;
            let rest = record.at.as_nanos() % 1_000_000_000;
            let what = self.content_line(record, frame);
            // Writing to a String cannot fail.
            let _ = writeln!(out, "{:>4} {seconds}.{rest:09} {host} {cause} {what}", record.id.0);
        }
        out
    }

    /// What the record says, on one line, in words that do not change. `frame` is that of a frame's sending.
    pub fn content_line(&self, record: &Record, frame: Option<&Frame>) -> String {
        match &record.event {
            Event::FrameSent { to, endpoint, .. } => {
                let to = to.map_or("?", |to| self.host_name(to));
                let by = endpoint.map_or(String::new(), |by| format!(" by {}", self.endpoint_line(by)));
                format!("sends to {to}: {}{by}", frame.map_or_else(String::new, frame_line))
            }
            Event::FrameArrived { sent, changed } => {
                format!("receives {}{}", sent.0, if changed.is_some() { ", damaged" } else { "" })
            }
            Event::FrameLost { sent, why } => format!("lost {}: {}", sent.0, why.sentence(Lang::En)),
            Event::FrameDropped { arrived, why } => {
                format!("drops {}: {}", arrived.0, why.sentence(Lang::En))
            }
            Event::StateChanged { endpoint, from, to, section } => {
                format!("{} {from} -> {to} [{section}]", self.endpoint_line(*endpoint))
            }
            Event::StatesObserved { label, states } => {
                let states: Vec<String> =
                    states.iter().map(|(id, state)| format!("{} {state}", self.endpoint_line(*id))).collect();
                format!("observed {label:?}: {}", states.join(", "))
            }
            event => self.process_line(event),
        }
    }

    fn process_line(&self, event: &Event) -> String {
        match event {
            Event::CallStarted { process, text, .. } => format!("process {} calls {text}", process.0),
            Event::CallBlocked { process, .. } => format!("process {} waits", process.0),
            Event::CallReturned { process, result, .. } => {
                format!("process {} gets {}", process.0, return_line(result))
            }
            Event::Checked { process, text, held, actual, .. } => {
                let verdict = if *held { "holds" } else { "FAILS" };
                format!("process {} check {verdict}: {text} ({actual})", process.0)
            }
            Event::Forked { process, child } => {
                let name = self.meta.processes.get(child.index()).map_or("?", |child| child.name.as_str());
                format!("process {} forks {name}", process.0)
            }
            Event::ProcessEnded { process } => format!("process {} ends", process.0),
            Event::TimerFired { endpoint, timer } => {
                let whose = endpoint.map_or_else(String::new, |id| self.endpoint_line(id));
                format!("timer {timer} of {whose}")
            }
            Event::Noted { endpoint, why } => {
                let whose = endpoint.map_or_else(String::new, |id| format!(" ({})", self.endpoint_line(id)));
                format!("notes{whose}: {}", why.sentence(Lang::En))
            }
            Event::Variables { endpoint, changes } => {
                let mut line = format!("variables of {}:", self.endpoint_line(*endpoint));
                for change in changes {
                    let value = |value: Option<u64>| value.map_or("-".to_owned(), |v| v.to_string());
                    let (before, after) = (value(change.before), value(change.after));
                    let _ = write!(line, " {} {before}>{after}", change.variable);
                }
                line
            }
            Event::Queue { endpoint, queue, length, limit } => {
                let limit = limit.map_or(String::new(), |limit| format!(" of {limit}"));
                format!("{queue} queue of {}: {length}{limit}", self.endpoint_line(*endpoint))
            }
            Event::Counted { counter, by } => format!("{counter} +{by}"),
            Event::LinkChanged { up, next } => {
                let to = next.map_or(String::new(), |next| format!(" to {}", self.host_name(next)));
                format!("link{to} {}", if *up { "up" } else { "down" })
            }
            Event::Stopped(stop) => match stop {
                Stop::Finished => "finished".to_owned(),
                Stop::Until => "stopped at the stated end".to_owned(),
                Stop::Deadlock => "stopped: everybody waits for ever".to_owned(),
                Stop::Limit(limit) => format!("stopped at the limit: {limit}"),
            },
            Event::FrameSent { .. }
            | Event::FrameArrived { .. }
            | Event::FrameLost { .. }
            | Event::FrameDropped { .. }
            | Event::StateChanged { .. }
            | Event::StatesObserved { .. } => String::new(),
        }
    }

    /// `tcp 10.0.0.1:49152 - 10.0.0.2:8080`.
    fn endpoint_line(&self, endpoint: EndpointId) -> String {
        let endpoint = self.endpoint(endpoint);
        let protocol = match endpoint.protocol {
            Protocol::Tcp => "tcp",
            Protocol::Udp => "udp",
        };
        let remote = endpoint.remote.map_or("*".to_owned(), |remote| remote.to_string());
        format!("{protocol} {} - {remote}", endpoint.local)
    }
}

/// `S seq 0 len 0 win 64240`, numbers relative.
fn frame_line(frame: &Frame) -> String {
    let Some(packet) = frame.packet() else { return format!("unreadable {} octets", frame.bytes.len()) };
    let Some(transport) = packet.transport() else { return format!("{} octets, no IP", frame.bytes.len()) };
    match (transport, frame.relative()) {
        (Transport::Tcp(segment), Some(relative)) => {
            let ack = relative.ack.map_or(String::new(), |ack| format!(" ack {ack}"));
            let (seq, len, window) = (relative.seq, segment.payload.len(), segment.window);
            format!("{} seq {seq}{ack} len {len} win {window}", segment.flags)
        }
        (Transport::Tcp(segment), None) => format!("{} seq {}", segment.flags, segment.seq),
        (Transport::Udp(datagram), _) => format!("udp len {}", datagram.payload.len()),
        (Transport::Icmp(message), _) => {
            let (kind, code) = message.kind();
            format!("icmp {kind}/{code}")
        }
        (Transport::Icmpv6(message), _) => {
            let (kind, code) = message.kind();
            format!("icmpv6 {kind}/{code}")
        }
        (Transport::Other { protocol, payload }, _) => {
            let offset = match &packet.body {
                Body::Ipv4(ip) => ip.fragment_offset,
                Body::Ipv6(ip) => ip.fragment().map_or(0, |(offset, ..)| offset),
                Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => 0,
            };
            format!("protocol {protocol} offset {offset} len {}", payload.len())
        }
    }
}

fn return_line(result: &Return) -> String {
    match result {
        Return::Done => "0".to_owned(),
        Return::Descriptor(fd) => fd.to_string(),
        Return::Accepted(fd, peer) => format!("{fd} from {peer}"),
        Return::Sent(octets) => octets.to_string(),
        Return::Number(number) => number.to_string(),
        Return::Timeout(time) => time.map_or_else(|| "none".to_owned(), |time| time.to_string()),
        Return::Ready(read, write) => {
            let list = |fds: &[crate::socket::Fd]| {
                fds.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
            };
            format!("[{}], [{}]", list(read), list(write))
        }
        Return::Received(data) => format!("{} octets", data.len()),
        Return::ReceivedFrom(data, from) => format!("{} octets from {from}", data.len()),
        Return::Message(message) => match (&message.error, message.address) {
            (Some(error), _) => error.to_string(),
            (None, Some(address)) => format!("{} octets, {address}", message.length),
            (None, None) => format!("{} octets", message.length),
        },
        Return::Address(address) => address.to_string(),
        Return::Value(option) => format!("{option:?}"),
        Return::Local(result) => result.to_string(),
        Return::Failed(errno) => errno.to_string(),
    }
}
