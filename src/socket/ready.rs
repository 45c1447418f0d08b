//! What can be done with a socket at once, without doing it.

use super::object::{End, Flow, Phase};
use super::{Fd, ProcessId, Sockets};
use crate::tcp::{self, ConnId, State};

/// What `poll` tells of a socket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readiness {
    /// POLLIN: something can be read or accepted, or the end of the stream or an error is there to be told.
    pub read: bool,
    /// POLLOUT: something can be sent, or an error is there to be told.
    pub write: bool,
    /// POLLERR: an error is pending.
    pub error: bool,
    /// POLLHUP: both halves are over.
    pub hung_up: bool,
    /// POLLRDHUP: the peer sends no more.
    pub read_shut: bool,
}

impl Sockets {
    /// The connection behind a descriptor.
    pub fn connection(&self, pid: ProcessId, fd: Fd) -> Option<ConnId> {
        let socket = self.sockets.get(&self.descriptors.get(pid, fd)?)?;
        socket.stream()?.conn()
    }

    /// What `poll` would tell of a TCP socket; `None` for a descriptor that is none.
    pub fn readiness(&self, pid: ProcessId, fd: Fd, tcp: &tcp::Stack) -> Option<Readiness> {
        let socket = self.sockets.get(&self.descriptors.get(pid, fd)?)?;
        let Flow::Stream(stream) = &socket.flow else { return None };
        Some(match stream.end {
            End::Listener(listener) => Readiness {
                read: tcp.queues(listener).is_some_and(|queues| queues.accept > 0),
                ..Readiness::default()
            },
            End::Conn(conn) => {
                let state = tcp.state(conn);
                let over = matches!(state, State::Closed | State::TimeWait);
                let fresh = stream.phase == Phase::Connecting && state == State::SynSent;
                Readiness {
                    read: !fresh && tcp.readable(conn),
                    write: !fresh && tcp.writable(conn),
                    error: tcp.has_error(conn),
                    hung_up: over,
                    read_shut: over || tcp.peer_has_ended(conn),
                }
            }
            // A socket that never had a connection counts as hung up.
            End::Idle => Readiness { write: true, hung_up: true, ..Readiness::default() },
        })
    }
}
