//! What a host wants done, or wants known.

use super::Reason;
use crate::socket::{ProcessId, Return};
use crate::tcp::State;
use bytes::Bytes;
use std::net::SocketAddr;

/// A transport protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// One end of a connection, a listener, or a UDP socket, within one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EndpointKey {
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Own address and port.
    pub local: SocketAddr,
    /// The peer's; `None` for listeners and unconnected sockets.
    pub remote: Option<SocketAddr>,
}

/// One thing a host wants done or known, in the order in which it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostEffect {
    /// Put this frame on the wire.
    Transmit {
        /// The number of the card it leaves by.
        card: u16,
        /// Ethernet header first.
        frame: Bytes,
        /// Why it is sent.
        why: Reason,
        /// Who sends it, if an endpoint does.
        endpoint: Option<EndpointKey>,
    },
    /// This frame went from the host to itself (127.0.0.0/8, or its own address) and has been received already.
    Looped {
        /// Ethernet header first, both addresses zero as on Linux.
        frame: Bytes,
        /// Why it was sent.
        why: Reason,
        /// Who sent it, if an endpoint did.
        endpoint: Option<EndpointKey>,
    },
    /// A blocked call returns. Never in the step that makes the call.
    Returned {
        /// Whose.
        pid: ProcessId,
        /// What it gives.
        result: Return,
    },
    /// A TCP endpoint crossed an edge of the state diagram.
    StateChanged {
        /// Which.
        endpoint: EndpointKey,
        /// From.
        from: State,
        /// To.
        to: State,
        /// The RFC section of the edge.
        section: &'static str,
    },
    /// Something was decided that shows in no frame.
    Noted {
        /// About whom.
        endpoint: Option<EndpointKey>,
        /// What and why.
        why: Reason,
    },
    /// The frame just received was dropped, or part of it was.
    Dropped {
        /// For whom it was, if that is known.
        endpoint: Option<EndpointKey>,
        /// Why.
        why: Reason,
    },
    /// A timer ran out.
    TimerFired {
        /// Whose; `None` for the host's own (ARP, reassembly).
        endpoint: Option<EndpointKey>,
        /// The timer's name.
        timer: &'static str,
    },
    /// A queue changed its length.
    Queue {
        /// Whose.
        endpoint: EndpointKey,
        /// `half-open`, `accept`, `receive` or `send`.
        queue: &'static str,
        /// Entries (octets for `receive` and `send`).
        length: u64,
        /// How many fit; `None` where nothing bounds it.
        limit: Option<u64>,
    },
}
