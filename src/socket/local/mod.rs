//! AF_UNIX: sockets between the programs of one host. No address of a network, no wire, no frame: what one sends, the kernel
//! puts into the other's queue.

mod calls;
mod memory;
mod name;
mod reason;
mod table;

pub(super) use calls::LocalPending;
pub use name::LocalName;
pub use reason::LocalReason;
pub(super) use table::Locals;

use super::{Fd, Kind};
use bytes::Bytes;
use std::fmt;

/// What a local socket carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LocalKind {
    /// SOCK_STREAM: octets, in order, without boundaries.
    Stream,
    /// SOCK_DGRAM: records, to anybody by name; nothing is lost.
    Datagram,
    /// SOCK_SEQPACKET: records over a connection.
    SeqPacket,
}

/// A call with the name of a local socket among its arguments, or that only local sockets have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalCall {
    /// `bind` to a name.
    Bind {
        /// The descriptor.
        fd: Fd,
        /// The name.
        name: LocalName,
    },
    /// `connect` to a name.
    Connect {
        /// The descriptor.
        fd: Fd,
        /// The name.
        name: LocalName,
    },
    /// `sendto` a name.
    SendTo {
        /// The descriptor.
        fd: Fd,
        /// What is sent.
        data: Bytes,
        /// The name.
        name: LocalName,
    },
    /// `socketpair`.
    Pair {
        /// Of which type.
        kind: Kind,
    },
    /// `unlink`: takes a path out of the file system.
    Unlink {
        /// The path.
        name: LocalName,
    },
}

/// What such a call, or another one on a local socket, gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalReturn {
    /// Two descriptors (`socketpair`).
    Pair(Fd, Fd),
    /// A new descriptor, and what the peer is called (`accept`).
    Accepted(Fd, LocalName),
    /// A record, and what its sender is called (`recvfrom`).
    ReceivedFrom(Bytes, LocalName),
    /// A name (`getsockname`, `getpeername`).
    Name(LocalName),
}

impl LocalCall {
    /// The call's name as programs write it.
    pub fn name(&self) -> &'static str {
        match self {
            LocalCall::Bind { .. } => "bind",
            LocalCall::Connect { .. } => "connect",
            LocalCall::SendTo { .. } => "sendto",
            LocalCall::Pair { .. } => "socketpair",
            LocalCall::Unlink { .. } => "unlink",
        }
    }
    /// The data it carries.
    pub fn data(&self) -> Option<&Bytes> {
        match self {
            LocalCall::SendTo { data, .. } => Some(data),
            LocalCall::Bind { .. }
            | LocalCall::Connect { .. }
            | LocalCall::Pair { .. }
            | LocalCall::Unlink { .. } => None,
        }
    }
    /// The descriptor it works on.
    pub fn fd(&self) -> Option<Fd> {
        match self {
            LocalCall::Bind { fd, .. } | LocalCall::Connect { fd, .. } | LocalCall::SendTo { fd, .. } => {
                Some(*fd)
            }
            LocalCall::Pair { .. } | LocalCall::Unlink { .. } => None,
        }
    }
    /// The name among its arguments.
    pub fn named(&self) -> Option<&LocalName> {
        match self {
            LocalCall::Bind { name, .. }
            | LocalCall::Connect { name, .. }
            | LocalCall::SendTo { name, .. }
            | LocalCall::Unlink { name } => Some(name),
            LocalCall::Pair { .. } => None,
        }
    }
}

impl LocalReturn {
    /// Octets received.
    pub fn data(&self) -> Option<&Bytes> {
        match self {
            LocalReturn::ReceivedFrom(data, _) => Some(data),
            LocalReturn::Pair(..) | LocalReturn::Accepted(..) | LocalReturn::Name(_) => None,
        }
    }
}

/// In few words: `3, 4`, `5 from @chat`, `12 octets from unnamed`.
impl fmt::Display for LocalReturn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LocalReturn::Pair(one, other) => write!(f, "{one}, {other}"),
            LocalReturn::Accepted(fd, peer) => write!(f, "{fd} from {peer}"),
            LocalReturn::ReceivedFrom(data, from) => write!(f, "{} octets from {from}", data.len()),
            LocalReturn::Name(name) => name.fmt(f),
        }
    }
}
