//! The operations of a program.

use super::Program;
use super::arp::ArpHand;
use super::formula::Formula;
use crate::clock::Span;
use crate::link::HostId;
use crate::scenario::{Compare, Condition, Flood, Hand};
use crate::socket::{Domain, Errno, Fd, How, Kind, OptionName, SocketOption, Wanted};
use bytes::Bytes;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// Place of a variable.
pub type Slot = usize;

/// What a variable holds, or what a call gave.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A socket.
    Socket(Fd),
    /// A list of sockets, in its order.
    Sockets(Vec<Fd>),
    /// Octets.
    Data(Bytes),
    /// A number.
    Number(i64),
    /// An address.
    Address(SocketAddr),
    /// How long calls wait at most; `None` is for ever.
    Patience(Option<Span>),
    /// SO_LINGER's `off`.
    Off,
    /// An error's name, as SO_ERROR gives it.
    Error(Errno),
}

/// An address as a call's argument.
#[derive(Clone, Debug, PartialEq)]
pub enum AddressForm {
    /// Known beforehand.
    Fixed(SocketAddr),
    /// Held by a variable.
    Variable(Slot),
}

/// A call that only local sockets have, or with the name of one.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalForm {
    Bind(Slot, Formula),
    Connect(Slot, Formula),
    SendTo(Slot, Formula, Formula),
    Pair(Kind),
    Unlink(Formula),
}

/// A socket call whose arguments may be variables.
#[derive(Clone, Debug, PartialEq)]
pub enum CallForm {
    /// Family, type, protocol.
    Socket(Domain, Kind, i32),
    Bind(Slot, AddressForm),
    Listen(Slot, i32),
    Accept(Slot),
    Connect(Slot, AddressForm),
    /// `connect` whose error is its value.
    ConnectEx(Slot, AddressForm),
    Send(Slot, Formula),
    /// `send` again and again until all is taken.
    SendAll(Slot, Formula),
    /// `send` with MSG_OOB.
    SendUrgent(Slot, Formula),
    /// With MSG_FASTOPEN or without.
    SendTo(Slot, Formula, AddressForm, bool),
    Recv(Slot, Formula),
    /// `recv` with MSG_OOB.
    RecvUrgent(Slot, Formula),
    RecvFrom(Slot, Formula),
    /// `recv`, `recvfrom` or `recvmsg` with flags.
    Receive(Slot, Formula, Wanted),
    /// `connect` with AF_UNSPEC.
    /// The address and the mask, four octets each.
    Configure(Slot, Formula, Formula),
    Disconnect(Slot),
    AtMark(Slot),
    /// `poll` for POLLPRI.
    PollUrgent(Slot),
    Shutdown(Slot, How),
    Close(Slot),
    GetSockName(Slot),
    GetPeerName(Slot),
    SetOption(Slot, SocketOption),
    GetOption(Slot, OptionName),
    SetBlocking(Slot, bool),
    SetTimeout(Slot, Option<Span>),
    GetTimeout(Slot),
    /// Lists of sockets to read of and to write to, and how long it waits at most.
    Select(Formula, Formula, Option<Span>),
    Local(LocalForm),
}

/// The right side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueForm {
    /// Known beforehand.
    Fixed(Value),
    /// A variable.
    Variable(Slot),
    /// Made of others.
    Computed(Formula),
}

/// A comparison of a value that is known by then.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// Whether the length of the left side is meant.
    pub length: bool,
    /// How.
    pub how: Compare,
    /// With what.
    pub right: ValueForm,
}

/// What must come of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Expected {
    /// Success, which goes without saying.
    Success,
    /// Success, and it is recorded.
    SuccessSaid,
    /// One of these errors.
    Failure(Vec<Errno>),
    /// Success with a value that passes.
    Value(Test),
    /// Success; a value that does not pass goes on at the place.
    Branch(Test, usize),
}

/// What follows a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Then {
    /// What must come of it.
    pub expected: Expected,
    /// `try`: a failure is nobody's mistake and ends the process.
    pub attempt: bool,
    /// Where the result, and the address that came with it, are kept.
    pub keep: [Option<Slot>; 2],
    /// `try:` around it: where each of these errors goes on; the first of its kind counts.
    pub rescue: Vec<(Errno, usize)>,
}

/// Which number a spawned process bears.
#[derive(Clone, Debug, PartialEq)]
pub enum Serial {
    /// This one.
    Fixed(u32),
    /// `total - counter + 1`.
    Counted {
        /// The loop's counter, which runs down.
        counter: usize,
        /// Where it began.
        total: u32,
    },
}

/// One operation.
#[derive(Clone, Debug, PartialEq)]
pub enum Op {
    /// A socket call.
    Call {
        /// With these arguments.
        call: CallForm,
        /// The call in the program's words.
        text: Arc<str>,
        /// The whole statement, for checks.
        line: Arc<str>,
        /// What must come of it.
        then: Then,
    },
    /// A comparison of a variable; recorded.
    Check {
        left: Slot,
        test: Test,
        attempt: bool,
        line: Arc<str>,
    },
    /// A comparison of a variable; goes on at the place if it does not hold.
    Branch {
        left: Slot,
        test: Test,
        otherwise: usize,
        line: Arc<str>,
    },
    /// Keep a constant or another variable's value.
    Keep {
        slot: Slot,
        value: ValueForm,
        line: Arc<str>,
    },
    /// Python refuses the call before it is made, as the program expects; recorded.
    Refused {
        /// The exception's name.
        exception: &'static str,
        line: Arc<str>,
    },
    /// A function that returns something came to its end without; the process ends.
    NoReturn {
        line: Arc<str>,
    },
    Sleep(Span),
    Wait(Condition),
    Inject(Hand),
    Arp(ArpHand),
    Flood(Flood),
    Link {
        host: HostId,
        from: Option<HostId>,
        up: bool,
    },
    Forget(Slot),
    Observe(String),
    /// Start a process named `name number`.
    Spawn {
        name: Arc<str>,
        serial: Serial,
        program: Program,
    },
    /// Start a copy of this process, with its variables and its sockets, that goes on with `program`. It is named `name number`.
    Fork {
        name: Arc<str>,
        program: Program,
        line: Arc<str>,
    },
    /// Begin a loop of that many rounds.
    Count {
        counter: usize,
        rounds: u32,
    },
    /// Go back for another round if one is left.
    Again {
        counter: usize,
        to: usize,
        line: Arc<str>,
    },
    Jump(usize),
}

/// As people read it: strings quoted and shortened, sockets by number.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 32;
        match self {
            Value::Socket(fd) => write!(f, "{fd}"),
            Value::Sockets(fds) => {
                let numbers: Vec<String> = fds.iter().map(Fd::to_string).collect();
                write!(f, "[{}]", numbers.join(", "))
            }
            Value::Data(data) => {
                let shown = &data[..data.len().min(SHOWN)];
                write!(f, "\"{}\"", shown.escape_ascii())?;
                if data.len() > SHOWN { write!(f, "… ({})", data.len()) } else { Ok(()) }
            }
            Value::Number(number) => write!(f, "{number}"),
            Value::Address(address) => write!(f, "{address}"),
            Value::Patience(None) => f.write_str("none"),
            Value::Patience(Some(time)) => write!(f, "{time}"),
            Value::Off => f.write_str("off"),
            Value::Error(errno) => write!(f, "{errno}"),
        }
    }
}

impl Op {
    /// The statement in the program's words; empty for what is not a statement of its own.
    pub fn line(&self) -> &str {
        match self {
            Op::Call { line, .. }
            | Op::Check { line, .. }
            | Op::Branch { line, .. }
            | Op::Keep { line, .. }
            | Op::NoReturn { line }
            | Op::Refused { line, .. }
            | Op::Fork { line, .. }
            | Op::Again { line, .. } => line,
            Op::Sleep(_)
            | Op::Wait(_)
            | Op::Inject(_)
            | Op::Arp(_)
            | Op::Flood(_)
            | Op::Link { .. }
            | Op::Forget(_)
            | Op::Observe(_)
            | Op::Spawn { .. }
            | Op::Count { .. }
            | Op::Jump(_) => "",
        }
    }
}
