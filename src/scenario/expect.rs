//! What a scenario expects of a trace, as values. Judged in `report/`.

use crate::clock::Span;
use crate::lang::Text;
use crate::link::{Direction, FramePattern, HostId};
use crate::mib::Counter;
use crate::socket::Errno;
use crate::tcp::State;
use crate::wire::Flags;

/// One packet as an expectation writes it: `server > client SA 7654321 ack 1234568 <mss 1460,…>`.
/// Everything left out matches anything.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedPacket {
    /// Sender and receiver.
    pub direction: Direction,
    /// `S`, `SA`, `PA`…; `None` for UDP, ICMP and ARP lines.
    pub flags: Option<Flags>,
    /// `udp`, `icmp`, `arp`, or TCP when flags are given.
    pub what: crate::link::What,
    /// Sequence number. Absolute if the host's `isn` is given, else relative to the initial one.
    pub seq: Option<u32>,
    /// Acknowledgment number, counted like `seq`.
    pub ack: Option<u32>,
    /// Octets of text.
    pub len: Option<u32>,
    /// Window as on the wire.
    pub window: Option<u16>,
    /// The urgent pointer; a segment that names none has none.
    pub urgent: Option<u16>,
    /// `<mss 1460,…>`: option names and values in order; `None` if not given.
    pub options: Option<Vec<String>>,
    /// Whether the options end in `…`: more may follow.
    pub more_options: bool,
    /// `lost`: it must not arrive.
    pub lost: bool,
    /// The line as written.
    pub text: String,
}

/// A number to compare with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A plain count.
    Count(u64),
    /// A time.
    Time(Span),
}

/// How to compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compare {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

/// Something a trace can be asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Quantity {
    /// `count(client > server S)`: frames sent that match.
    Count(FramePattern),
    /// `lost(client > server S)`: of those, how many did not arrive.
    Lost(FramePattern),
    /// `octets(client > server S)`: octets of those frames, as Ethernet carries them: at least 60 each, without the check
    /// sequence.
    Octets(FramePattern),
    /// `time(client > server S #2)`: when the frame was sent.
    Time(FramePattern),
    /// `gap(client > server S, 2)`: time between the n-th and the one before it.
    Gap(FramePattern, u32),
    /// `advance(client > server S, 2)`: how far the n-th one's sequence number lies beyond that of the one before it, modulo
    /// 2^32.
    Advance(FramePattern, u32),
    /// `rtt(client > server, 2)`: time from the n-th echo request until its reply is there.
    RoundTrip(Direction, u32),
    /// `server.ListenDrops`: a counter at the end.
    Counter(HostId, Counter),
    /// `max(server.half_open)`, `last(server.accept_queue)`: a queue over the run: `half-open`, `accept`, `receive`, `send`,
    /// `wire`.
    Queue {
        /// Where.
        host: HostId,
        /// Which queue.
        queue: &'static str,
        /// Greatest value if set, else the last one.
        max: bool,
    },
    /// `calls(client, connect, ECONNREFUSED)`: returns of that call on that host; `None` is success.
    Calls {
        /// Where.
        host: HostId,
        /// The call's name.
        call: &'static str,
        /// The errno.
        errno: Option<Errno>,
    },
    /// `bytes(client > server)`: octets handed to the receiving program.
    Bytes(Direction),
    /// `datagrams(client > server)`: datagrams handed to the receiving program.
    Datagrams(Direction),
    /// `processes(client, visitor, ok)`: processes of that name (a prefix) on that host whose checks all held.
    Processes {
        /// Where.
        host: HostId,
        /// Prefix of the process's name.
        prefix: String,
        /// Whether those that held are counted, or those that did not.
        ok: bool,
    },
    /// `end`: when the run ended.
    End,
}

/// What must hold.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// The frames (of TCP, UDP, ICMP, ARP between these hosts, in the order sent) are exactly these.
    PacketsExactly(Vec<ExpectedPacket>),
    /// These frames occur in this order, others between them.
    PacketsInOrder(Vec<ExpectedPacket>),
    /// The states one endpoint of the host passes, from the first record on. With several endpoints, some one of them does.
    States {
        /// Where.
        host: HostId,
        /// In order.
        path: Vec<State>,
    },
    /// A number compared.
    Compare {
        /// Left side.
        quantity: Quantity,
        /// How.
        how: Compare,
        /// Right side.
        number: Number,
    },
    /// `time(client > server S #2) in 1s..1.125s`: a number between two others of its kind, both included.
    Within {
        /// Left side.
        quantity: Quantity,
        /// Least.
        low: Number,
        /// Greatest.
        high: Number,
    },
}

impl Compare {
    /// Whether `left how right` holds.
    pub fn holds<T: PartialOrd>(self, left: &T, right: &T) -> bool {
        match self {
            Compare::Equal => left == right,
            Compare::NotEqual => left != right,
            Compare::Less => left < right,
            Compare::AtMost => left <= right,
            Compare::Greater => left > right,
            Compare::AtLeast => left >= right,
        }
    }

    /// The sign programs and expectations write.
    pub const fn sign(self) -> &'static str {
        match self {
            Compare::Equal => "==",
            Compare::NotEqual => "!=",
            Compare::Less => "<",
            Compare::AtMost => "<=",
            Compare::Greater => ">",
            Compare::AtLeast => ">=",
        }
    }
}

/// An expectation of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Expectation {
    /// What it says, for the verdict's line.
    pub says: Text,
    /// The RFC section it rests on; may be empty.
    pub cite: String,
    /// What must hold.
    pub predicate: Predicate,
    /// Line in the scenario file.
    pub line: u32,
    /// The number of its `[[expect]]`, from 1 in the order of the file.
    pub entry: u32,
}
