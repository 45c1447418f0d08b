//! The JSON form of a trace, as `docs/json.md` describes it: written by hand, key by key, so that the same
//! trace is the same bytes.

use super::{Endpoint, EndpointId, Event, Frame, Protocol, Record, RecordId, Source, Stop, Trace};
use crate::host::Reason;
use crate::lang::{Lang, Text};
use crate::link::HostId;
use crate::socket::{ProcessId, Return, SocketOption};
use crate::wire::{ArpMessage, Body, Ipv4Packet, TcpOption, Transport};
use std::fmt::{Display, Write as _};

/// How an expectation came out, for the document's last part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What it says.
    pub text: Text,
    /// Whether it held.
    pub held: bool,
    /// What was found.
    pub found: Text,
}

/// The whole document of `run --json`. Each record stands on a line of its own, so that line tools can read it too.
pub fn to_json(trace: &Trace, expectations: &[Judged]) -> String {
    let mut out = String::new();
    let meta = &trace.meta;
    let mut document = Object::open(&mut out);
    document.plain("schema", 1);
    document.text("scenario", &meta.scenario);
    document.both("title", &meta.title);
    document.text("profile", &meta.profile);
    document.plain("seed", meta.seed);
    document.object("source", |source| match &meta.source {
        Source::Simulated => source.text("kind", "simulated"),
        Source::Live { kernel, mode } => {
            source.text("kind", "live");
            source.text("kernel", kernel);
            source.text("mode", mode);
        }
        Source::Captured { file } => {
            source.text("kind", "captured");
            source.text("file", file);
        }
    });
    document.list("hosts", &meta.hosts, |object, host| {
        object.text("name", &host.name);
        object.display("address", host.address);
        object.display("mac", host.mac);
        object.plain("actor", host.actor);
    });
    document.list("processes", &meta.processes, |object, process| {
        object.text("host", trace.host_name(process.host));
        object.text("name", &process.name);
    });
    let frames = trace.frames();
    let mut next_frame = frames.iter().peekable();
    document.list("records", &trace.records, |object, record| {
        let frame = next_frame.next_if(|frame| frame.record.id == record.id);
        write_record(object, trace, record, frame);
    });
    document.list("expectations", expectations, |object, judged| {
        object.text("text", &judged.text.en);
        object.text("text_zh", &judged.text.zh);
        object.plain("held", judged.held);
        object.text("found", &judged.found.en);
        object.text("found_zh", &judged.found.zh);
    });
    document.close();
    out.push('\n');
    out
}

/// One record. `frame` is that of a [`Event::FrameSent`].
fn write_record(object: &mut Object, trace: &Trace, record: &Record, frame: Option<&Frame>) {
    object.plain("id", record.id.0);
    object.plain("at_ns", record.at.as_nanos());
    object.host("host", trace, record.host);
    object.record("cause", record.cause);
    object.text("kind", kind(&record.event));
    match &record.event {
        Event::FrameSent { frame: bytes, to, endpoint, why } => {
            object.host("to", trace, *to);
            object.endpoint("endpoint", trace, *endpoint);
            if let Some(why) = why {
                object.reason(why);
            }
            if let Some(frame) = frame {
                object.plain("frame", frame.number);
                write_content(object, frame);
            }
            object.hex("bytes", bytes);
        }
        Event::FrameArrived { sent, changed } => {
            object.plain("sent", sent.0);
            if let Some(changed) = changed {
                object.hex("changed", changed);
            }
        }
        Event::FrameLost { sent, why } => {
            object.plain("sent", sent.0);
            object.reason(why);
        }
        Event::FrameDropped { arrived, why } => {
            object.plain("arrived", arrived.0);
            object.reason(why);
        }
        Event::StateChanged { endpoint, from, to, section } => {
            object.endpoint("endpoint", trace, Some(*endpoint));
            object.text("from", from.name());
            object.text("to", to.name());
            object.text("cite", section);
        }
        Event::StatesObserved { label, states } => {
            object.text("label", label);
            object.list("states", states, |object, (endpoint, state)| {
                object.endpoint("endpoint", trace, Some(*endpoint));
                object.text("state", state.name());
            });
        }
        event => write_process_or_value(object, trace, event),
    }
}

/// The rest of the record: what processes did, what timers, queues and values did.
fn write_process_or_value(object: &mut Object, trace: &Trace, event: &Event) {
    match event {
        Event::CallStarted { process, call, text } => {
            object.process(trace, *process);
            object.text("name", call.name());
            object.text("text", text);
        }
        Event::CallBlocked { process, call } => {
            object.process(trace, *process);
            object.plain("call", call.0);
        }
        Event::CallReturned { process, call, result } => {
            object.process(trace, *process);
            object.plain("call", call.0);
            write_return(object, result);
        }
        Event::Checked { process, text, held, required, actual } => {
            object.process(trace, *process);
            object.text("text", text);
            object.plain("held", held);
            object.plain("required", required);
            object.text("actual", actual);
        }
        Event::ProcessEnded { process } => object.process(trace, *process),
        Event::TimerFired { endpoint, timer } => {
            object.endpoint("endpoint", trace, *endpoint);
            object.text("timer", timer);
        }
        Event::Noted { endpoint, why } => {
            object.endpoint("endpoint", trace, *endpoint);
            object.reason(why);
        }
        Event::Variables { endpoint, changes } => {
            object.endpoint("endpoint", trace, Some(*endpoint));
            object.list("changes", changes, |object, change| {
                object.text("variable", change.variable);
                object.optional("before", change.before);
                object.optional("after", change.after);
            });
        }
        Event::Queue { endpoint, queue, length, limit } => {
            object.endpoint("endpoint", trace, Some(*endpoint));
            object.text("queue", queue);
            object.plain("length", length);
            object.optional("limit", *limit);
        }
        Event::Counted { counter, by } => {
            object.text("counter", counter.name());
            object.plain("by", by);
        }
        Event::LinkChanged { up } => object.plain("up", up),
        Event::Stopped(stop) => match stop {
            Stop::Finished => object.text("why", "finished"),
            Stop::Until => object.text("why", "until"),
            Stop::Deadlock => object.text("why", "deadlock"),
            Stop::Limit(limit) => {
                object.text("why", "limit");
                object.text("limit", limit);
            }
        },
        Event::FrameSent { .. }
        | Event::FrameArrived { .. }
        | Event::FrameLost { .. }
        | Event::FrameDropped { .. }
        | Event::StateChanged { .. }
        | Event::StatesObserved { .. } => {}
    }
}

/// The record's kind in the document.
pub fn kind(event: &Event) -> &'static str {
    match event {
        Event::FrameSent { .. } => "frame_sent",
        Event::FrameArrived { .. } => "frame_arrived",
        Event::FrameLost { .. } => "frame_lost",
        Event::FrameDropped { .. } => "frame_dropped",
        Event::StateChanged { .. } => "state_changed",
        Event::StatesObserved { .. } => "states_observed",
        Event::CallStarted { .. } => "call_started",
        Event::CallBlocked { .. } => "call_blocked",
        Event::CallReturned { .. } => "call_returned",
        Event::Checked { .. } => "checked",
        Event::ProcessEnded { .. } => "process_ended",
        Event::TimerFired { .. } => "timer_fired",
        Event::Noted { .. } => "noted",
        Event::Variables { .. } => "variables",
        Event::Queue { .. } => "queue",
        Event::Counted { .. } => "counted",
        Event::LinkChanged { .. } => "link_changed",
        Event::Stopped(_) => "stopped",
    }
}

fn write_return(object: &mut Object, result: &Return) {
    match result {
        Return::Done => object.plain("returned", 0),
        Return::Descriptor(fd) => object.plain("returned", fd),
        Return::Accepted(fd, peer) => {
            object.plain("returned", fd);
            object.display("peer", peer);
        }
        Return::Sent(octets) => object.plain("returned", octets),
        Return::Received(data) => {
            object.plain("returned", data.len());
            object.hex("data", data);
        }
        Return::ReceivedFrom(data, from) => {
            object.plain("returned", data.len());
            object.hex("data", data);
            object.display("from", from);
        }
        Return::Address(address) => object.display("returned", address),
        Return::Value(option) => {
            object.text("option", option.name().name());
            write_value(object, option);
        }
        Return::Failed(errno) => {
            object.plain("returned", -1);
            object.text("errno", errno.name());
        }
    }
}

fn write_value(object: &mut Object, option: &SocketOption) {
    match option {
        SocketOption::ReuseAddr(on) | SocketOption::KeepAlive(on) | SocketOption::NoDelay(on) => {
            object.plain("returned", on);
        }
        SocketOption::Linger(seconds) => object.optional("returned", seconds.map(u64::from)),
        SocketOption::KeepIdle(n)
        | SocketOption::KeepInterval(n)
        | SocketOption::KeepCount(n)
        | SocketOption::ReceiveBuffer(n)
        | SocketOption::SendBuffer(n) => object.plain("returned", n),
        SocketOption::Error(None) => object.plain("returned", "null"),
        SocketOption::Error(Some(errno)) => object.text("returned", errno.name()),
    }
}

/// What the frame carries, by layer.
fn write_content(object: &mut Object, frame: &Frame) {
    let packet = match &frame.content.packet {
        Ok(packet) => packet,
        Err(error) => return object.text("unreadable", &error.sentence(Lang::En)),
    };
    match &packet.body {
        Body::Arp(arp) => object.object("arp", |object| write_arp(object, arp)),
        Body::Ipv4(ip) => {
            object.object("ip", |object| write_ip(object, ip));
            write_transport(object, ip, frame);
        }
        Body::Other(_) => {}
    }
}

fn write_arp(object: &mut Object, arp: &ArpMessage) {
    object.plain("operation", arp.operation.number());
    object.display("sender_mac", arp.sender_mac);
    object.display("sender_ip", arp.sender_ip);
    object.display("target_mac", arp.target_mac);
    object.display("target_ip", arp.target_ip);
}

fn write_ip(object: &mut Object, ip: &Ipv4Packet) {
    object.display("source", ip.source);
    object.display("destination", ip.destination);
    object.plain("ttl", ip.ttl);
    object.plain("identification", ip.identification);
    if ip.is_fragment() {
        object.plain("more_fragments", ip.more_fragments);
        object.plain("fragment_offset", ip.fragment_offset);
    }
}

fn write_transport(object: &mut Object, ip: &Ipv4Packet, frame: &Frame) {
    match &ip.transport {
        Transport::Tcp(segment) => object.object("tcp", |object| {
            object.plain("source_port", segment.source_port);
            object.plain("destination_port", segment.destination_port);
            object.display("flags", segment.flags);
            object.plain("seq", segment.seq);
            if segment.flags.has(crate::wire::Flags::ACK) {
                object.plain("ack", segment.ack);
            }
            if let Some(relative) = frame.relative() {
                object.plain("relative_seq", relative.seq);
                if let Some(ack) = relative.ack {
                    object.plain("relative_ack", ack);
                }
            }
            object.plain("window", segment.window);
            object.plain("len", segment.payload.len());
            let options: Vec<TcpOption> = segment.options.iter().collect();
            object.list("options", &options, write_option);
        }),
        Transport::Udp(datagram) => object.object("udp", |object| {
            object.plain("source_port", datagram.source_port);
            object.plain("destination_port", datagram.destination_port);
            object.plain("len", datagram.payload.len());
        }),
        Transport::Icmp(message) => object.object("icmp", |object| {
            let (kind, code) = message.kind();
            object.plain("type", kind);
            object.plain("code", code);
        }),
        Transport::Other { protocol, payload } => object.object("payload", |object| {
            object.plain("protocol", protocol);
            object.plain("len", payload.len());
        }),
    }
}

fn write_option(object: &mut Object, option: &TcpOption) {
    match option {
        TcpOption::EndOfList => object.plain("kind", 0),
        TcpOption::Nop => object.plain("kind", 1),
        TcpOption::Mss(mss) => {
            object.plain("kind", 2);
            object.plain("mss", mss);
        }
        TcpOption::WindowScale(shift) => {
            object.plain("kind", 3);
            object.plain("shift", shift);
        }
        TcpOption::SackPermitted => object.plain("kind", 4),
        TcpOption::Sack(blocks) => {
            object.plain("kind", 5);
            let blocks: Vec<_> = blocks.iter().collect();
            object.list("blocks", &blocks, |object, (left, right)| {
                object.plain("left", left);
                object.plain("right", right);
            });
        }
        TcpOption::Timestamps { value, echo } => {
            object.plain("kind", 8);
            object.plain("value", value);
            object.plain("echo", echo);
        }
        TcpOption::Unknown { kind, data } => {
            object.plain("kind", kind);
            object.hex("data", data);
        }
        TcpOption::Malformed { kind, length } => {
            object.plain("kind", kind);
            object.optional("illegal_length", length.map(u64::from));
        }
    }
}

/// An object being written.
struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    fn open(out: &'o mut String) -> Object<'o> {
        out.push('{');
        Object { out, empty: true }
    }
    fn close(self) {
        self.out.push('}');
    }
    fn key(&mut self, key: &str) {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        quote(self.out, key);
        self.out.push(':');
    }
    /// A number or a truth value: what displays as JSON.
    fn plain(&mut self, key: &str, value: impl Display) {
        self.key(key);
        // Writing to a String cannot fail.
        let _ = write!(self.out, "{value}");
    }
    fn optional(&mut self, key: &str, value: Option<u64>) {
        match value {
            Some(value) => self.plain(key, value),
            None => self.plain(key, "null"),
        }
    }
    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(self.out, value);
    }
    fn display(&mut self, key: &str, value: impl Display) {
        self.text(key, &value.to_string());
    }
    fn hex(&mut self, key: &str, octets: &[u8]) {
        self.key(key);
        self.out.push('"');
        for octet in octets {
            let _ = write!(self.out, "{octet:02x}");
        }
        self.out.push('"');
    }
    fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object)) {
        self.key(key);
        let mut inner = Object::open(self.out);
        fill(&mut inner);
        inner.close();
    }
    /// A list of objects, each on a line of its own if the list stands in the document itself.
    fn list<T>(&mut self, key: &str, items: &[T], mut fill: impl FnMut(&mut Object, &T)) {
        self.key(key);
        let lines = key == "records" || key == "expectations";
        self.out.push('[');
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            if lines {
                self.out.push('\n');
            }
            let mut inner = Object::open(self.out);
            fill(&mut inner, item);
            inner.close();
        }
        self.out.push(']');
    }
    fn both(&mut self, key: &str, text: &Text) {
        self.object(key, |object| {
            object.text("en", &text.en);
            object.text("zh", &text.zh);
        });
    }
    fn reason(&mut self, why: &Reason) {
        self.object("why", |object| {
            object.text("en", &why.sentence(Lang::En));
            object.text("zh", &why.sentence(Lang::Zh));
            object.text("cite", why.section());
        });
    }
    fn host(&mut self, key: &str, trace: &Trace, host: Option<HostId>) {
        match host {
            Some(host) => self.text(key, trace.host_name(host)),
            None => self.plain(key, "null"),
        }
    }
    fn record(&mut self, key: &str, record: Option<RecordId>) {
        self.optional(key, record.map(|record| u64::from(record.0)));
    }
    fn process(&mut self, trace: &Trace, process: ProcessId) {
        self.plain("process", process.0);
        let name = trace.meta.processes.get(process.index()).map_or("", |process| &process.name);
        self.text("process_name", name);
    }
    fn endpoint(&mut self, key: &str, trace: &Trace, endpoint: Option<EndpointId>) {
        let Some(endpoint) = endpoint else { return self.plain(key, "null") };
        let Endpoint { host, protocol, local, remote } = trace.endpoint(endpoint);
        self.object(key, |object| {
            object.text("host", trace.host_name(*host));
            object.text(
                "protocol",
                match protocol {
                    Protocol::Tcp => "tcp",
                    Protocol::Udp => "udp",
                },
            );
            object.display("local", local);
            match remote {
                Some(remote) => object.display("remote", remote),
                None => object.plain("remote", "null"),
            }
        });
    }
}

/// Writes a JSON string (RFC 8259 section 7).
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            letter if u32::from(letter) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}
