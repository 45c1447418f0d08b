//! An open descriptor of a process under live comparison.

use crate::clock::Span;
use crate::socket::Kind;
use socket2::{SockAddr, Socket, Type};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;

/// How a descriptor waits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mode {
    Blocking,
    NonBlocking,
    Within(Span),
}

impl Mode {
    /// As `settimeout()` sets it.
    pub(super) fn of(timeout: Option<Span>) -> Mode {
        match timeout {
            None => Mode::Blocking,
            Some(Span::ZERO) => Mode::NonBlocking,
            Some(span) => Mode::Within(span),
        }
    }

    /// As `gettimeout()` tells it.
    pub(super) fn timeout(self) -> Option<Span> {
        match self {
            Mode::Blocking => None,
            Mode::NonBlocking => Some(Span::ZERO),
            Mode::Within(span) => Some(span),
        }
    }
}

/// An open descriptor of a process.
#[derive(Clone)]
pub(super) struct Open {
    pub(super) socket: Arc<Socket>,
    pub(super) kind: Kind,
    pub(super) mode: Mode,
    /// Whether the program bound it, to what; or the kernel did.
    pub(super) bound: Option<SocketAddr>,
    pub(super) listening: bool,
    pub(super) connected: bool,
    /// Whether `connect` may leave the SYN to the first `send` (TCP_FASTOPEN_CONNECT).
    pub(super) defers: bool,
    /// Whether it did.
    pub(super) deferred: bool,
    /// Whether the program shut its reading half.
    pub(super) deaf: bool,
    /// Whether it is a local socket.
    pub(super) local: bool,
}

impl Open {
    /// A socket just made. It does not block: whoever waits does so beside the run's end.
    ///
    /// # Errors
    /// The kernel's.
    pub(super) fn new(socket: Socket, kind: Kind, local: bool) -> io::Result<Open> {
        socket.set_nonblocking(true)?;
        Ok(Open {
            socket: Arc::new(socket),
            kind,
            mode: Mode::Blocking,
            bound: None,
            listening: false,
            connected: false,
            defers: false,
            deferred: false,
            deaf: false,
            local,
        })
    }

    /// Gives a socket that sends without having been bound the address of its own host, where several share one loopback.
    pub(super) fn bind_to_host(&mut self, own: Option<Ipv4Addr>) -> io::Result<()> {
        if let (None, Some(own)) = (self.bound, own) {
            self.socket.bind(&SockAddr::from(SocketAddrV4::new(own, 0)))?;
            self.bound = Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
        }
        Ok(())
    }
}

/// The kernel's type.
pub(super) fn type_of(kind: Kind) -> Type {
    match kind {
        Kind::Stream => Type::STREAM,
        Kind::Datagram => Type::DGRAM,
        Kind::Raw => Type::from(libc::SOCK_RAW),
        Kind::Rdm => Type::from(libc::SOCK_RDM),
        Kind::SeqPacket => Type::SEQPACKET,
    }
}
