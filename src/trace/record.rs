//! The records of a trace.

use crate::clock::Instant;
pub use crate::host::Protocol;
use crate::host::Reason;
use crate::lang::Text;
use crate::link::{HostId, NodeKind};
use crate::mib::Counter;
use crate::socket::{Call, ProcessId, Return};
use crate::tcp::State;
use crate::wire::MacAddr;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// A record's number: its place in [`Trace::records`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RecordId(pub u32);

/// An endpoint's number: its place in [`Trace::endpoints`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointId(pub u32);

/// What ran.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// The simulator.
    Simulated,
    /// The real kernel.
    Live {
        /// Its release, as `uname -r` prints it.
        kernel: String,
        /// `loopback` or `wire`.
        mode: &'static str,
    },
    /// A capture file.
    Captured {
        /// Its name.
        file: String,
    },
}

/// A host of the run, or another node that frames pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostInfo {
    /// Its name in the scenario.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// Its address, of several the first; unspecified for what has none.
    pub address: IpAddr,
    /// The addresses of its further cards.
    pub more_addresses: Vec<IpAddr>,
    /// Its card's address.
    pub mac: MacAddr,
    /// Whether it has no stack of its own and only sends what is made by hand.
    pub actor: bool,
}

impl HostInfo {
    /// Whether that is an address of its own.
    pub fn has_address(&self, address: IpAddr) -> bool {
        self.address == address || self.more_addresses.contains(&address)
    }
}

/// A process of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessInfo {
    /// Where it runs.
    pub host: HostId,
    /// Its name, such as `client` or `visitor 3`.
    pub name: String,
}

/// One end of a connection, a listener, or a UDP socket.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Endpoint {
    /// Where it lives.
    pub host: HostId,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Own address and port.
    pub local: SocketAddr,
    /// The peer's; `None` for listeners and unconnected sockets.
    pub remote: Option<SocketAddr>,
}

/// What holds for the whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// The scenario's name.
    pub scenario: String,
    /// Its title.
    pub title: Text,
    /// Profile of the simulated stacks.
    pub profile: String,
    /// Seed of all chance.
    pub seed: u64,
    /// What ran.
    pub source: Source,
    /// Hosts by [`HostId`].
    pub hosts: Vec<HostInfo>,
    /// Processes by [`ProcessId`].
    pub processes: Vec<ProcessInfo>,
}

/// A variable that changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The RFC's name, such as `snd.una`, or the kernel's, such as `rto`.
    pub variable: &'static str,
    /// Before; `None` when it came into being.
    pub before: Option<u64>,
    /// After; `None` when it ceased.
    pub after: Option<u64>,
}

/// Why a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Nothing was left to happen, or the scenario's own end came.
    Finished,
    /// `--until` or the scenario's `until`.
    Until,
    /// A stated limit; its name and value.
    Limit(String),
    /// Every process waits for ever and no timer runs.
    Deadlock,
}

/// What happened. In a live trace everything is as the kernel showed it: `why` is then absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A host put a frame on the wire.
    FrameSent {
        /// The whole frame, Ethernet header first.
        frame: Bytes,
        /// Whom it is addressed to, where known.
        to: Option<HostId>,
        /// Who is at the other end of the link it was put on, where the network has several links.
        next: Option<HostId>,
        /// The endpoint that sent it.
        endpoint: Option<EndpointId>,
        /// Why it was sent.
        why: Option<Reason>,
    },
    /// A frame reached its receiver.
    FrameArrived {
        /// Its [`Event::FrameSent`].
        sent: RecordId,
        /// The bytes as they arrived, if they differ from those sent.
        changed: Option<Bytes>,
    },
    /// A frame was lost on the way.
    FrameLost {
        /// Its [`Event::FrameSent`].
        sent: RecordId,
        /// By what.
        why: Reason,
    },
    /// A host that received a frame did nothing with it, or dropped part of it.
    FrameDropped {
        /// Its [`Event::FrameArrived`].
        arrived: RecordId,
        /// Why.
        why: Reason,
    },
    /// An endpoint crossed an edge of the state diagram.
    StateChanged {
        /// Which endpoint.
        endpoint: EndpointId,
        /// From.
        from: State,
        /// To.
        to: State,
        /// The RFC section of the edge.
        section: &'static str,
    },
    /// A quiet moment was looked at: these are the host's TCP endpoints and their states, listeners included.
    StatesObserved {
        /// The checkpoint's name.
        label: String,
        /// Endpoint and state, ordered by endpoint.
        states: Vec<(EndpointId, State)>,
    },
    /// A process made a call.
    CallStarted {
        /// Who.
        process: ProcessId,
        /// The call.
        call: Call,
        /// The program's own words for it, such as `connect(s, server:8080)`.
        text: String,
    },
    /// The call cannot return yet.
    CallBlocked {
        /// Who.
        process: ProcessId,
        /// Its [`Event::CallStarted`].
        call: RecordId,
    },
    /// The call returned.
    CallReturned {
        /// Who.
        process: ProcessId,
        /// Its [`Event::CallStarted`].
        call: RecordId,
        /// What it gave.
        result: Return,
    },
    /// A comparison in a program was made.
    Checked {
        /// Who.
        process: ProcessId,
        /// The program's words.
        text: String,
        /// Whether it held.
        held: bool,
        /// Whether it has to; not so for `try`, whose outcome is only recorded.
        required: bool,
        /// What came instead, for people.
        actual: String,
    },
    /// A process started a copy of itself (`fork`), which has its sockets from now on.
    Forked {
        /// Who.
        process: ProcessId,
        /// The copy.
        child: ProcessId,
    },
    /// A process ended.
    ProcessEnded {
        /// Who.
        process: ProcessId,
    },
    /// A timer ran out.
    TimerFired {
        /// Whose.
        endpoint: Option<EndpointId>,
        /// The timer's name.
        timer: &'static str,
    },
    /// The engine decided something that shows in no frame.
    Noted {
        /// About whom.
        endpoint: Option<EndpointId>,
        /// What and why.
        why: Reason,
    },
    /// Variables of an endpoint changed.
    Variables {
        /// Whose.
        endpoint: EndpointId,
        /// Which, in table order.
        changes: Vec<Change>,
    },
    /// A queue of a listener or of a UDP socket changed its length.
    Queue {
        /// Whose.
        endpoint: EndpointId,
        /// `half-open`, `accept`, `receive` or `send`.
        queue: &'static str,
        /// Entries (octets for `receive` and `send`).
        length: u64,
        /// How many fit; `None` where nothing bounds it.
        limit: Option<u64>,
    },
    /// A counter rose.
    Counted {
        /// Which.
        counter: Counter,
        /// By how much.
        by: u64,
    },
    /// A node was taken off its links or put back; or one link went down or up, as one of its ends notices.
    LinkChanged {
        /// Whether it is up now.
        up: bool,
        /// Who is at the other end of the one link; `None` where all the node's links are meant.
        next: Option<HostId>,
    },
    /// The run ended.
    Stopped(Stop),
}

impl Event {
    /// Octets it holds beside itself: a frame, the data of a call, words.
    pub fn octets(&self) -> usize {
        match self {
            Event::FrameSent { frame, .. } | Event::FrameArrived { changed: Some(frame), .. } => frame.len(),
            Event::CallStarted { call, text, .. } => text.len() + call.data().map_or(0, Bytes::len),
            Event::CallReturned {
                result: Return::Received(data) | Return::ReceivedFrom(data, _), ..
            } => data.len(),
            Event::CallReturned { result: Return::Local(result), .. } => result.data().map_or(0, Bytes::len),
            Event::CallReturned { result: Return::Message(message), .. } => message.data.len(),
            Event::Checked { text, actual, .. } => text.len() + actual.len(),
            Event::StatesObserved { label, states } => label.len() + size_of_val(states.as_slice()),
            Event::Variables { changes, .. } => size_of_val(changes.as_slice()),
            Event::FrameArrived { changed: None, .. }
            | Event::FrameLost { .. }
            | Event::FrameDropped { .. }
            | Event::StateChanged { .. }
            | Event::CallBlocked { .. }
            | Event::CallReturned { .. }
            | Event::Forked { .. }
            | Event::ProcessEnded { .. }
            | Event::TimerFired { .. }
            | Event::Noted { .. }
            | Event::Queue { .. }
            | Event::Counted { .. }
            | Event::LinkChanged { .. }
            | Event::Stopped(_) => 0,
        }
    }

    /// The record that the event itself speaks of (the cause aside), to be numbered anew.
    pub fn reference_mut(&mut self) -> Option<&mut RecordId> {
        match self {
            Event::FrameArrived { sent, .. } | Event::FrameLost { sent, .. } => Some(sent),
            Event::FrameDropped { arrived, .. } => Some(arrived),
            Event::CallBlocked { call, .. } | Event::CallReturned { call, .. } => Some(call),
            Event::FrameSent { .. }
            | Event::StateChanged { .. }
            | Event::StatesObserved { .. }
            | Event::CallStarted { .. }
            | Event::Checked { .. }
            | Event::Forked { .. }
            | Event::ProcessEnded { .. }
            | Event::TimerFired { .. }
            | Event::Noted { .. }
            | Event::Variables { .. }
            | Event::Queue { .. }
            | Event::Counted { .. }
            | Event::LinkChanged { .. }
            | Event::Stopped(_) => None,
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Its number.
    pub id: RecordId,
    /// When.
    pub at: Instant,
    /// On which host; `None` for what happens on the wire or to the run.
    pub host: Option<HostId>,
    /// The record that brought it about.
    pub cause: Option<RecordId>,
    /// What.
    pub event: Event,
}

/// A whole run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// What holds for all of it.
    pub meta: Meta,
    /// Endpoints by [`EndpointId`].
    pub endpoints: Vec<Endpoint>,
    /// What happened, in order.
    pub records: Vec<Record>,
}

impl Trace {
    /// The record of that number.
    pub fn record(&self, id: RecordId) -> &Record {
        &self.records[id.0 as usize]
    }
    /// The endpoint of that number.
    pub fn endpoint(&self, id: EndpointId) -> &Endpoint {
        &self.endpoints[id.0 as usize]
    }
    /// The first record in which another run differs from this one, or that only one of the two has; `None` if they are the same.
    pub fn parts_from(&self, other: &Trace) -> Option<RecordId> {
        let (ours, theirs) = (&self.records, &other.records);
        let same = ours.iter().zip(theirs).take_while(|(one, other)| one == other).count();
        (same < ours.len().max(theirs.len())).then_some(RecordId(same as u32))
    }
    /// The host's name.
    pub fn host_name(&self, host: HostId) -> &str {
        &self.meta.hosts[host.index()].name
    }
}
