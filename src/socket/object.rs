//! What stands behind a descriptor.

use super::datagram_option::Extra;
use super::family::nowhere;
use super::raw::Raw;
use super::{Domain, LocalKind};
use crate::clock::Span;
use crate::tcp::{ConnId, ConnOptions, ListenerId};
use crate::udp::UdpId;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// A socket.
#[derive(Clone, Debug)]
pub(super) struct Socket {
    /// Its address family.
    pub domain: Domain,
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
    /// How its calls wait, if it was ever said.
    pub waits: Option<Box<Waits>>,
}

/// How calls on a socket wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Waits {
    /// SO_RCVLOWAT.
    pub low: u32,
    /// SO_RCVTIMEO.
    pub receive: Option<Span>,
    /// SO_SNDTIMEO.
    pub send: Option<Span>,
}

impl Waits {
    /// A fresh socket's.
    pub const FRESH: Waits = Waits { low: 1, receive: None, send: None };
}

/// TCP, UDP, IP itself, or nothing of a network.
#[derive(Clone, Debug)]
pub(super) enum Flow {
    Stream(Stream),
    Datagram(Datagram),
    Raw(Box<Raw>),
    Local(LocalKind),
}

/// How far a TCP socket is, in the words of the socket layer; the connection's own state is the engine's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    Unconnected,
    /// `connect` has begun, and no call was told yet how it went.
    Connecting,
    /// `connect` succeeded without a segment: the first `send` puts its data on the SYN (TCP_FASTOPEN_CONNECT).
    Deferred,
    Connected,
    /// `shutdown` was called after the attempt failed, before any call told so: nothing can be done with it any more.
    Disconnecting,
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
    /// The address it keeps from others: given with `bind`, or by `listen` without it. Most sockets have none.
    pub bound: Option<Box<SocketAddr>>,
    /// The port was named by the program, so it outlives connections; otherwise it goes with them.
    pub port_named: bool,
    /// The address named by the program; it outlives connections.
    pub ip_named: Option<IpAddr>,
    /// It was bound again after its connection was over.
    pub rebound: bool,
    /// What `getsockname` shows instead of an address: what is left of one that is gone.
    pub remains: Option<Box<SocketAddr>>,
    /// `shutdown` was called on it before it had a connection: it holds for the one that comes.
    pub shut_read: bool,
    /// The same for the other half.
    pub shut_write: bool,
    /// A lingering close has closed the connection and waits.
    pub lingering: bool,
    /// TCP_FASTOPEN_CONNECT.
    pub fast_open_connect: bool,
    /// `connect` with AF_UNSPEC cut a connection off: told once.
    pub cut_off: bool,
    /// Where a deferred `connect` goes.
    pub deferred: Option<SocketAddr>,
    pub options: Arc<ConnOptions>,
}

#[derive(Clone, Debug)]
pub(super) struct Datagram {
    pub id: UdpId,
    pub shut_read: bool,
    pub shut_write: bool,
    pub send_buffer: u32,
    pub keep_alive: bool,
    /// SO_OOBINLINE: kept, and of no effect.
    pub urgent_inline: bool,
    /// IP_TOS.
    pub type_of_service: u8,
    /// IP_TTL; 0 is the host's own.
    pub ttl: u8,
    /// IPV6_UNICAST_HOPS; 0 is the host's own.
    pub hop_limit: u8,
    /// What only UDP has.
    pub extra: Extra,
}

impl Socket {
    pub fn new(domain: Domain, flow: Flow) -> Socket {
        Socket { domain, flow, nonblocking: false, timeout: None, held: 1, linger: None, waits: None }
    }

    /// How its calls wait.
    pub fn waits(&self) -> Waits {
        self.waits.as_deref().copied().unwrap_or(Waits::FRESH)
    }

    pub fn stream(&self) -> Option<&Stream> {
        match &self.flow {
            Flow::Stream(stream) => Some(stream),
            Flow::Datagram(_) | Flow::Raw(_) | Flow::Local(_) => None,
        }
    }
}

impl Stream {
    pub fn new(options: Arc<ConnOptions>) -> Stream {
        Stream {
            phase: Phase::Unconnected,
            end: End::Idle,
            bound: None,
            port_named: false,
            ip_named: None,
            rebound: false,
            remains: None,
            shut_read: false,
            shut_write: false,
            lingering: false,
            fast_open_connect: false,
            cut_off: false,
            deferred: None,
            options,
        }
    }

    /// A connection taken off an accept queue.
    pub fn accepted(conn: ConnId, options: Arc<ConnOptions>) -> Stream {
        Stream { phase: Phase::Connected, end: End::Conn(conn), ..Stream::new(options) }
    }

    /// The address it keeps from others, if it has one.
    pub fn bound(&self) -> Option<SocketAddr> {
        self.bound.as_deref().copied()
    }

    /// It was bound to `local`, as the program `wanted` it.
    pub fn bind(&mut self, wanted: SocketAddr, local: SocketAddr) {
        self.bound = Some(Box::new(local));
        self.port_named = wanted.port() != 0;
        self.ip_named = Some(local.ip()).filter(|ip| !ip.is_unspecified());
        self.rebound = self.conn().is_some();
        self.remains = None;
    }

    /// Binding it failed because others have the address; of the old one, `local`, only the port still shows.
    pub fn bind_failed(&mut self, domain: Domain, local: SocketAddr) {
        self.ip_named = None;
        self.remains = Some(Box::new(SocketAddr::new(nowhere(domain).ip(), local.port())));
    }

    /// Its listener or connection is no more: a port that nobody named goes too.
    pub fn unhash(&mut self, domain: Domain, local: SocketAddr) {
        self.phase = Phase::Unconnected;
        self.end = End::Idle;
        (self.shut_read, self.shut_write) = (false, false);
        if !self.port_named && !self.rebound {
            self.bound = None;
        }
        self.rebound = false;
        let ip = self.ip_named.unwrap_or(nowhere(domain).ip());
        self.remains = Some(Box::new(SocketAddr::new(ip, local.port())));
    }

    /// The address it keeps from others besides those the engine knows of; `over` gives a connection's own address if the
    /// connection is over.
    pub fn keeps(&self, over: &dyn Fn(ConnId) -> Option<SocketAddr>) -> Option<SocketAddr> {
        match self.end {
            End::Idle => self.bound(),
            End::Conn(conn) => {
                let local = over(conn)?;
                if self.rebound { self.bound() } else { Some(local).filter(|_| self.port_named) }
            }
            End::Listener(_) => None,
        }
    }

    /// Whether `bind` may be called.
    pub fn may_bind(&self, over: &dyn Fn(ConnId) -> Option<SocketAddr>) -> bool {
        match self.end {
            End::Idle => self.bound.is_none(),
            End::Conn(conn) => over(conn).is_some() && self.keeps(over).is_none(),
            End::Listener(_) => false,
        }
    }

    /// The connection, if there is one.
    pub fn conn(&self) -> Option<ConnId> {
        match self.end {
            End::Conn(conn) => Some(conn),
            End::Idle | End::Listener(_) => None,
        }
    }
}
