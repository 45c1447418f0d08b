//! Calls that wait, and what they return when their time is over.

use super::descriptors::SocketId;
use super::local::LocalPending;
use super::object::{Socket, Waits};
use super::{Errno, Fd, Message, ProcessId, Return, Wanted};
use crate::clock::{Instant, Span};
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
    /// Until one of these can be read of, or one of those be written to.
    Select {
        read: Vec<(Fd, SocketId)>,
        write: Vec<(Fd, SocketId)>,
    },
    Recv {
        len: usize,
        with_source: bool,
    },
    /// With flags.
    Receive {
        len: usize,
        wanted: Wanted,
        /// What it has so far, of a stream.
        got: Vec<u8>,
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
    /// `select` has none of its own.
    pub socket: SocketId,
    pub pending: Pending,
    pub deadline: Option<Instant>,
}

impl Waiting {
    /// Whether it waits in that socket.
    pub fn concerns(&self, socket: SocketId) -> bool {
        match &self.pending {
            Pending::Select { read, write } => read.iter().chain(write).any(|(_, id)| *id == socket),
            _ => self.socket == socket,
        }
    }

    /// The sockets that it holds.
    pub fn held(&self) -> Vec<SocketId> {
        match &self.pending {
            Pending::Select { read, write } => read.iter().chain(write).map(|(_, id)| *id).collect(),
            _ => vec![self.socket],
        }
    }
}

/// What was received of a stream, as a call with flags gives it.
pub(super) fn received(wanted: Wanted, got: &[u8]) -> Return {
    let data = if wanted.whole { Bytes::new() } else { Bytes::copy_from_slice(got) };
    Return::Message(Box::new(Message {
        wanted,
        data,
        length: got.len(),
        address: None,
        error: None,
        notice: None,
    }))
}

impl Pending {
    /// A `send` to the peer there is.
    pub fn send(data: Bytes, flags: SendFlags) -> Pending {
        Pending::Send { data, sent: 0, to: None, flags, fast_open: false, begun: false }
    }

    /// How long it waits at most on this socket.
    pub fn patience(&self, socket: &Socket) -> Option<Span> {
        let Waits { receive, send, .. } = socket.waits();
        let own = match self {
            Pending::Accept | Pending::Recv { .. } | Pending::Receive { .. } => receive,
            Pending::Connect { .. } | Pending::Send { .. } => send,
            Pending::Poll | Pending::Select { .. } | Pending::Close | Pending::Local(_) => None,
        };
        socket.timeout.or(own)
    }
    /// What it returns if it may not wait (any longer).
    pub fn expired(&self, nonblocking: bool) -> Return {
        match self {
            Pending::Receive { wanted, got, .. } if !got.is_empty() => received(*wanted, got),
            Pending::Accept | Pending::Recv { .. } | Pending::Receive { .. } => Return::Failed(Errno::EAGAIN),
            Pending::Connect { again: true, .. } => Return::Failed(Errno::EALREADY),
            Pending::Connect { again: false, .. } if nonblocking => Return::Failed(Errno::EINPROGRESS),
            Pending::Connect { again: false, .. } => Return::Failed(Errno::EAGAIN),
            Pending::Send { sent: 0, begun: true, .. } => Return::Failed(Errno::EINPROGRESS),
            Pending::Send { sent: 0, .. } => Return::Failed(Errno::EAGAIN),
            Pending::Send { sent, .. } => Return::Sent(*sent),
            Pending::Poll => Return::Number(0),
            Pending::Select { .. } => Return::Ready(Vec::new(), Vec::new()),
            Pending::Close => Return::Done,
            Pending::Local(_) => Return::Failed(Errno::EAGAIN),
        }
    }
}
