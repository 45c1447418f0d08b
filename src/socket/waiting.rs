//! Calls that wait, and what they return when their time is over.

use super::descriptors::SocketId;
use super::local::LocalPending;
use super::{Errno, ProcessId, Return, Wanted};
use crate::clock::Instant;
use crate::tcp::SendFlags;
use bytes::Bytes;
use std::net::SocketAddr;

/// What a call still has to do. A call that waits is this, tried again whenever its socket stirs.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    Accept,
    Connect {
        to: SocketAddr,
        /// Whether an earlier call began it.
        again: bool,
        /// Whether this call has begun.
        begun: bool,
    },
    Send {
        data: Bytes,
        sent: usize,
        to: Option<SocketAddr>,
        /// MSG_OOB, MSG_MORE, MSG_EOR.
        flags: SendFlags,
        /// MSG_FASTOPEN: it connects first.
        fast_open: bool,
        /// It has begun to connect.
        begun: bool,
    },
    /// For urgent data.
    Poll,
    Recv {
        len: usize,
        with_source: bool,
    },
    /// With flags.
    Receive {
        len: usize,
        wanted: Wanted,
    },
    /// A lingering close.
    Close,
    /// What only local sockets have.
    Local(LocalPending),
}

/// A call that waits.
#[derive(Clone, Debug)]
pub(super) struct Waiting {
    pub pid: ProcessId,
    pub socket: SocketId,
    pub pending: Pending,
    pub deadline: Option<Instant>,
}

impl Pending {
    /// A `send` to the peer there is.
    pub fn send(data: Bytes, flags: SendFlags) -> Pending {
        Pending::Send { data, sent: 0, to: None, flags, fast_open: false, begun: false }
    }

    /// What it returns if it may not wait (any longer).
    pub fn expired(&self, nonblocking: bool) -> Return {
        match self {
            Pending::Accept | Pending::Recv { .. } | Pending::Receive { .. } => Return::Failed(Errno::EAGAIN),
            Pending::Connect { again: true, .. } => Return::Failed(Errno::EALREADY),
            Pending::Connect { again: false, .. } if nonblocking => Return::Failed(Errno::EINPROGRESS),
            Pending::Connect { again: false, .. } => Return::Failed(Errno::EAGAIN),
            Pending::Send { sent: 0, begun: true, .. } => Return::Failed(Errno::EINPROGRESS),
            Pending::Send { sent: 0, .. } => Return::Failed(Errno::EAGAIN),
            Pending::Send { sent, .. } => Return::Sent(*sent),
            Pending::Poll => Return::Number(0),
            Pending::Close => Return::Done,
            Pending::Local(_) => Return::Failed(Errno::EAGAIN),
        }
    }
}
