//! The JSON form of a trace, as `docs/json.md` describes it: written by hand, key by key, so that the same
//! trace is the same bytes.

mod content;
mod object;

use super::{Event, Frame, Record, Source, Stop, Trace};
use crate::lang::Text;
use crate::link::NodeKind;
use crate::socket::{Beside, LocalReturn, Return, SocketOption};
use content::write_content;
use object::Object;

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
        if !host.more_addresses.is_empty() {
            let all: Vec<String> = host.more_addresses.iter().map(ToString::to_string).collect();
            object.text("more_addresses", &all.join(" "));
        }
        if host.kind != NodeKind::Host {
            object.text("node", host.kind.name());
        }
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
        Event::FrameSent { frame: bytes, to, next, endpoint, why } => {
            object.host("to", trace, *to);
            if next.is_some() {
                object.host("next", trace, *next);
            }
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
        Event::Forked { process, child } => {
            object.process(trace, *process);
            object.plain("child", child.0);
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
        Event::LinkChanged { up, next } => {
            object.plain("up", up);
            if let Some(next) = next {
                object.text("link_to", trace.host_name(*next));
            }
        }
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
        Event::Forked { .. } => "forked",
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
        Return::Number(number) => object.plain("returned", number),
        Return::Timeout(time) => match time {
            Some(time) => object.plain("returned_ns", time.as_nanos()),
            None => object.text("returned", "none"),
        },
        Return::Ready(read, write) => {
            object.plain("returned", read.len() + write.len());
            let list = |fds: &[crate::socket::Fd]| {
                let numbers: Vec<String> = fds.iter().map(ToString::to_string).collect();
                format!("[{}]", numbers.join(","))
            };
            object.plain("readable", list(read));
            object.plain("writable", list(write));
        }
        Return::Received(data) => {
            object.plain("returned", data.len());
            object.hex("data", data);
        }
        Return::ReceivedFrom(data, from) => {
            object.plain("returned", data.len());
            object.hex("data", data);
            object.display("from", from);
        }
        Return::Message(message) => {
            object.plain("returned", message.length);
            object.hex("data", &message.data);
            if let Some(error) = &message.error {
                object.text("error", &error.to_string());
            }
            if let Some(address) = message.address {
                object.display(
                    match message.wanted.beside {
                        Beside::Nothing | Beside::Sender => "from",
                        Beside::Destination | Beside::Error => "to",
                    },
                    address,
                );
            }
        }
        Return::Address(address) => object.display("returned", address),
        Return::Local(result) => write_local_return(object, result),
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

fn write_local_return(object: &mut Object, result: &LocalReturn) {
    match result {
        LocalReturn::Pair(one, other) => {
            object.plain("returned", one);
            object.plain("other", other);
        }
        LocalReturn::Accepted(fd, peer) => {
            object.plain("returned", fd);
            object.text("peer", peer.text());
        }
        LocalReturn::ReceivedFrom(data, from) => {
            object.plain("returned", data.len());
            object.hex("data", data);
            object.text("from", from.text());
        }
        LocalReturn::Name(name) => object.text("returned", name.text()),
    }
}

fn write_value(object: &mut Object, option: &SocketOption) {
    match option {
        SocketOption::ReuseAddr(on)
        | SocketOption::KeepAlive(on)
        | SocketOption::NoDelay(on)
        | SocketOption::FastOpenConnect(on)
        | SocketOption::V6Only(on)
        | SocketOption::HeaderIncluded(on)
        | SocketOption::UrgentInline(on)
        | SocketOption::ReusePort(on)
        | SocketOption::Broadcast(on)
        | SocketOption::NoChecksum(on)
        | SocketOption::ReceiveErrors(on)
        | SocketOption::PacketInfo(on) => {
            object.plain("returned", on);
        }
        SocketOption::Linger(seconds) => object.optional("returned", seconds.map(u64::from)),
        SocketOption::KeepIdle(n)
        | SocketOption::KeepInterval(n)
        | SocketOption::KeepCount(n)
        | SocketOption::UserTimeout(n)
        | SocketOption::DeferAccept(n)
        | SocketOption::FastOpen(n)
        | SocketOption::ReceiveBuffer(n)
        | SocketOption::SendBuffer(n)
        | SocketOption::Mtu(n) => object.plain("returned", n),
        SocketOption::MtuDiscovery(discovery) => object.plain("returned", discovery.number()),
        SocketOption::TypeOfService(octet)
        | SocketOption::TimeToLive(octet)
        | SocketOption::UnicastHops(octet) => object.plain("returned", octet),
        SocketOption::Congestion(name) => object.text("returned", &name.to_string()),
        SocketOption::PeerCredentials(None) => object.plain("returned", "null"),
        SocketOption::PeerCredentials(Some(who)) => {
            object.plain("uid", who.uid);
            object.plain("gid", who.gid);
        }
        SocketOption::Rare(option) => object.text("returned", &option.shown()),
        SocketOption::Error(None) => object.plain("returned", "null"),
        SocketOption::Error(Some(errno)) => object.text("returned", errno.name()),
    }
}
