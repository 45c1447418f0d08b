//! What a scripted process asks of whoever runs it: the simulator's world or the kernel runner.

use super::{ArpHand, Ipv4Block, Value};
use crate::clock::Span;
use crate::link::{FramePattern, HostId};
use crate::socket::{Call, Fd, LocalName, ProcessId, Return};
use crate::tcp::State;
use crate::wire::{Segment, TcpOption};
use std::net::Ipv4Addr;

/// A bounded stream of forged SYNs.
#[derive(Clone, Debug, PartialEq)]
pub struct Flood {
    /// The target.
    pub to: std::net::SocketAddrV4,
    /// SYNs per second, 1 to 1,000,000.
    pub per_second: u64,
    /// For how long.
    pub lasting: Span,
    /// Block the forged sources are drawn from, in order, each with its own port.
    pub from: Ipv4Block,
}

impl Flood {
    /// SYNs per second that a live flood sends at most; a faster one is slowed down to this.
    pub const LIVE_PER_SECOND: u64 = 20_000;
    /// SYNs that a live flood sends at most, altogether.
    pub const LIVE_TOTAL: u64 = 200_000;

    /// How many SYNs it sends.
    pub fn syns(&self) -> u64 {
        let syns = u128::from(self.per_second) * u128::from(self.lasting.as_nanos()) / 1_000_000_000;
        u64::try_from(syns).unwrap_or(u64::MAX)
    }

    /// The flood as a live run sends it: slower where it is too fast, shorter where it is too much.
    pub fn within_live_limits(&self) -> Flood {
        let per_second = self.per_second.clamp(1, Flood::LIVE_PER_SECOND);
        let longest = Span::nanos(Flood::LIVE_TOTAL * 1_000_000_000 / per_second);
        Flood { per_second, lasting: self.lasting.min(longest), ..self.clone() }
    }
}

/// A segment made by hand.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// Source address on it (may be forged).
    pub from: Ipv4Addr,
    /// Destination address on it.
    pub to: Ipv4Addr,
    /// The segment. Ports 0 stand for those of the only connection between the two.
    pub segment: Segment,
    /// Whether `seq` and `ack` count from the connection's initial numbers.
    pub relative: bool,
}

impl Hand {
    /// Whether it has the timestamps option.
    pub fn bears_timestamp(&self) -> bool {
        self.segment.options.iter().any(|option| matches!(option, TcpOption::Timestamps { .. }))
    }
}

/// What a process can wait for.
#[derive(Clone, Debug, PartialEq)]
pub enum Condition {
    /// At least so many TCP endpoints of the host are in the state (listeners count in LISTEN, half-open entries in SYN-RECEIVED).
    State {
        /// Where.
        host: HostId,
        /// Which state.
        state: State,
        /// How many.
        count: u32,
    },
    /// The accept queue of the host's listeners holds at least so many.
    AcceptQueue {
        /// Where.
        host: HostId,
        /// How many.
        count: u32,
    },
    /// A program of the host has bound a socket to the port.
    Bound {
        /// Where.
        host: HostId,
        /// Which port.
        port: u16,
    },
    /// A program of the host has bound a local socket to the name.
    Named {
        /// Where.
        host: HostId,
        /// Which name.
        name: LocalName,
        /// Whether it must listen.
        listening: bool,
    },
    /// A frame that matches has been sent.
    Frame(FramePattern),
    /// All processes of the host that started with the run have ended.
    Ended(HostId),
    /// No process of the other kind runs: time passed since the run began.
    Time(Span),
}

/// What a process does next.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Make a socket call; answer with [`Answer::Returned`].
    Call {
        /// The call.
        call: Call,
        /// The program's own words.
        text: String,
    },
    /// Sleep; answer with [`Answer::Resumed`].
    Sleep(Span),
    /// Wait; answer with [`Answer::Resumed`].
    Wait(Condition),
    /// Send a segment made by hand; answer with [`Answer::Resumed`].
    Inject(Hand),
    /// Send an ARP message made by hand; answer with [`Answer::Resumed`].
    Arp(ArpHand),
    /// Send a flood from now on; answer with [`Answer::Resumed`] when it is over.
    Flood(Flood),
    /// Take the host off the wire, or put it back; answer with [`Answer::Resumed`].
    Link {
        /// Which host.
        host: HostId,
        /// Only its links to that node; `None` is all of them.
        from: Option<HostId>,
        /// Whether it is on the wire from now on.
        up: bool,
    },
    /// The process's kernel forgets this socket without a word, as a reboot does; answer with [`Answer::Resumed`].
    Forget(Fd),
    /// Look at the states of all TCP endpoints of the process's host; answer with [`Answer::Resumed`].
    Observe {
        /// The checkpoint's name.
        label: String,
    },
    /// A comparison was made; answer with [`Answer::Resumed`].
    Check {
        /// The program's words.
        text: String,
        /// Whether it held.
        held: bool,
        /// Whether it has to; not so for `try`, whose outcome is only recorded.
        required: bool,
        /// What came instead, for people.
        actual: String,
    },
    /// Start this process on the same host; answer with [`Answer::Resumed`].
    Spawn(Box<super::ProcessPlan>),
    /// Start this process as a copy of the one that asks: with these variables, and descriptors for the same sockets; answer
    /// with [`Answer::Resumed`].
    Fork {
        /// Which process.
        plan: Box<super::ProcessPlan>,
        /// The variables of the one that asks, by slot.
        variables: Vec<Option<Value>>,
    },
    /// The program is over.
    End,
}

/// How whoever runs the process answers an action.
#[derive(Clone, Debug, PartialEq)]
pub enum Answer {
    /// First of all: go.
    Start(ProcessId),
    /// The call's return.
    Returned(Return),
    /// What was asked is done.
    Resumed,
}
