//! What stands behind a descriptor.

use crate::clock::Span;
use crate::tcp::{ConnId, ConnOptions, ListenerId};
use crate::udp::UdpId;
use std::net::{Ipv4Addr, SocketAddr};

/// A socket.
#[derive(Clone, Debug)]
pub(super) struct Socket {
    /// What it speaks.
    pub flow: Flow,
    /// Calls return at once.
    pub nonblocking: bool,
    /// Calls wait so long at most.
    pub timeout: Option<Span>,
    /// Descriptors and waiting calls that hold it.
    pub held: u32,
    /// SO_LINGER, seconds.
    pub linger: Option<u32>,
}

/// TCP or UDP.
#[derive(Clone, Debug)]
pub(super) enum Flow {
    Stream(Stream),
    Datagram(Datagram),
}

/// How far a TCP socket is, in the words of the socket layer; the connection's own state is the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Unconnected,
    /// `connect` has begun, and no call was told yet how it went.
    Connecting,
    Connected,
}

/// What of the engine belongs to a TCP socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Idle,
    Listener(ListenerId),
    Conn(ConnId),
}

#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub phase: Phase,
    pub end: End,
    /// The address given with `bind`, or by `listen` without it.
    pub bound: Option<SocketAddr>,
    /// What `getsockname` still shows of a connection that failed.
    pub remains: Option<SocketAddr>,
    /// `shutdown` was called on it before it ever had a connection.
    pub shut_read: bool,
    /// A lingering close has closed the connection and waits.
    pub lingering: bool,
    pub options: ConnOptions,
}

#[derive(Clone, Debug)]
pub(super) struct Datagram {
    pub id: UdpId,
    pub shut_read: bool,
    pub shut_write: bool,
    pub send_buffer: u32,
    pub keep_alive: bool,
}

/// 0.0.0.0:0, what a socket without an address is called.
pub(super) const NOWHERE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0);

impl Socket {
    pub fn new(flow: Flow) -> Socket {
        Socket { flow, nonblocking: false, timeout: None, held: 1, linger: None }
    }

    pub fn stream(&self) -> Option<&Stream> {
        match &self.flow {
            Flow::Stream(stream) => Some(stream),
            Flow::Datagram(_) => None,
        }
    }
}

impl Stream {
    pub fn new(options: ConnOptions) -> Stream {
        Stream {
            phase: Phase::Unconnected,
            end: End::Idle,
            bound: None,
            remains: None,
            shut_read: false,
            lingering: false,
            options,
        }
    }

    /// A connection taken off an accept queue.
    pub fn accepted(conn: ConnId, options: ConnOptions) -> Stream {
        Stream { phase: Phase::Connected, end: End::Conn(conn), ..Stream::new(options) }
    }

    /// The connection, if there is one.
    pub fn conn(&self) -> Option<ConnId> {
        match self.end {
            End::Conn(conn) => Some(conn),
            End::Idle | End::Listener(_) => None,
        }
    }
}
