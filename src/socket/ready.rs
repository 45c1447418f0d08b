//! What can be done with a socket at once, without doing it.

use super::descriptors::SocketId;
use super::object::{End, Flow, Phase};
use super::{Fd, ProcessId, Sockets};
use crate::tcp::{self, ConnId, Signals, State};
use crate::udp;

/// What `poll` tells of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// POLLIN: something can be read or accepted, or the end of the stream is there to be told.
    pub read: bool,
    /// POLLPRI: an urgent octet is here.
    pub urgent: bool,
    /// POLLOUT: something can be sent, or why nothing can be is there to be told.
    pub write: bool,
    /// POLLERR: an error is pending.
    pub error: bool,
    /// POLLHUP: both halves are over.
    pub hung_up: bool,
    /// POLLRDHUP: the peer sends no more.
    pub read_shut: bool,
}

/// A socket as it shows itself at this moment: what `poll` asks for is made of it, and what changes in it wakes who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Showing {
    /// A TCP socket with neither connection nor listener.
    Idle {
        /// Its `connect` waits for the first write (TCP_FASTOPEN_CONNECT).
        deferred: bool,
        /// `shutdown` ended reading.
        no_more_in: bool,
        /// An error waits to be told.
        error: bool,
    },
    /// A listener, and how many connections wait to be accepted.
    Listener(usize),
    /// A connection, and from how many octets on it counts as readable (SO_RCVLOWAT).
    Conn(Signals, usize),
    /// A UDP socket.
    Datagram {
        /// Datagrams that wait.
        waiting: usize,
        /// Octets of the first of them.
        first: usize,
        /// An error is pending, or one kept for IP_RECVERR waits to be read.
        error: bool,
        /// `shutdown` ended reading.
        no_more_in: bool,
        /// `shutdown` ended writing.
        no_more_out: bool,
    },
    /// Something else, which nobody polls here.
    Other,
}

impl Showing {
    /// What `poll` tells of it.
    pub fn readiness(&self) -> Readiness {
        match *self {
            // What never had a connection, or has none any more, counts as hung up, and may be written to, to learn why not.
            Showing::Idle { deferred: true, .. } => Readiness { write: true, ..Readiness::default() },
            Showing::Idle { deferred: false, no_more_in, error } => Readiness {
                read: no_more_in,
                write: true,
                hung_up: true,
                read_shut: no_more_in,
                error,
                urgent: false,
            },
            Showing::Listener(waiting) => Readiness { read: waiting > 0, ..Readiness::default() },
            Showing::Conn(signals, low) => of_connection(&signals, low),
            Showing::Datagram { waiting, error, no_more_in, no_more_out, .. } => Readiness {
                read: waiting > 0 || no_more_in,
                write: true,
                error,
                hung_up: no_more_in && no_more_out,
                read_shut: no_more_in,
                urgent: false,
            },
            Showing::Other => Readiness::default(),
        }
    }
}

fn of_connection(signals: &Signals, low: usize) -> Readiness {
    let over = matches!(signals.state, State::Closed | State::TimeWait);
    let opening = match signals.state {
        State::SynSent => true,
        State::SynReceived => !signals.early,
        _ => false,
    };
    Readiness {
        read: signals.no_more_in || (!opening && signals.has_enough(low)),
        urgent: !opening && signals.urgent,
        write: !opening && (signals.no_more_out || signals.room),
        error: signals.error || signals.reports,
        hung_up: over || (signals.no_more_in && signals.no_more_out),
        read_shut: signals.no_more_in,
    }
}

impl Sockets {
    /// The connection behind a descriptor.
    pub fn connection(&self, pid: ProcessId, fd: Fd) -> Option<ConnId> {
        let socket = self.sockets.get(&self.descriptors.get(pid, fd)?)?;
        socket.stream()?.conn()
    }

    /// How the socket shows itself; `None` if the descriptor is not open.
    pub fn showing(&self, pid: ProcessId, fd: Fd, tcp: &tcp::Stack, udp: &udp::Sockets) -> Option<Showing> {
        self.showing_of(self.descriptors.get(pid, fd)?, tcp, udp)
    }

    /// The same for a socket.
    pub(super) fn showing_of(&self, id: SocketId, tcp: &tcp::Stack, udp: &udp::Sockets) -> Option<Showing> {
        let socket = self.sockets.get(&id)?;
        Some(match &socket.flow {
            Flow::Stream(stream) => match stream.end {
                End::Listener(listener) => {
                    Showing::Listener(tcp.queues(listener).map_or(0, |queues| queues.accept))
                }
                End::Conn(conn) => match tcp.signals(conn) {
                    Some(signals) => Showing::Conn(signals, socket.waits().low as usize),
                    None => Showing::Idle { deferred: false, no_more_in: true, error: false },
                },
                End::Idle => Showing::Idle {
                    deferred: stream.phase == Phase::Deferred,
                    no_more_in: stream.shut_read,
                    error: stream.cut_off,
                },
            },
            Flow::Datagram(datagram) => {
                let endpoint = udp.get(datagram.id);
                Showing::Datagram {
                    waiting: endpoint.map_or(0, udp::Endpoint::waiting),
                    first: endpoint
                        .and_then(|endpoint| endpoint.peek())
                        .map_or(0, |first| first.payload.len()),
                    error: endpoint.is_some_and(udp::Endpoint::has_error),
                    no_more_in: datagram.shut_read,
                    no_more_out: datagram.shut_write,
                }
            }
            Flow::Raw(_) | Flow::Local(_) => Showing::Other,
        })
    }
}
