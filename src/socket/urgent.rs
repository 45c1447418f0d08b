//! Urgent data as sockets have it: one octet out of band, a mark in the stream, and the news of it.

use super::descriptors::SocketId;
use super::layer::{Below, Sockets};
use super::object::{End, Flow};
use super::stream::errno_of;
use super::{Errno, Fd, ProcessId, Return};
use crate::tcp::StreamError;
use bytes::Bytes;

impl Sockets {
    /// Whether the descriptor is a UDP socket.
    pub(super) fn is_datagram(&self, pid: ProcessId, fd: Fd) -> bool {
        let socket = self.descriptors.get(pid, fd).and_then(|id| self.sockets.get(&id));
        socket.is_some_and(|socket| socket.stream().is_none())
    }

    /// `recv` with MSG_OOB: what is out of band is one octet, or nothing.
    pub(super) fn recv_urgent(&mut self, id: SocketId, len: usize, below: &mut Below<'_>) -> Return {
        let Some(stream) = self.sockets.get(&id).and_then(|socket| socket.stream()) else {
            return Return::Failed(Errno::EBADF);
        };
        let conn = match stream.end {
            End::Conn(conn) => conn,
            End::Idle => return Return::Failed(Errno::EINVAL),
            End::Listener(_) => return Return::Failed(Errno::ENOTCONN),
        };
        match below.tcp.recv_urgent(conn) {
            Ok(octet) => Return::Received(Bytes::copy_from_slice(&[octet][..len.min(1)])),
            Err(StreamError::WouldBlock) if below.tcp.nothing_more_comes(conn) => {
                Return::Received(Bytes::new())
            }
            Err(error) => Return::Failed(errno_of(error)),
        }
    }

    /// `sockatmark`.
    pub(super) fn at_mark(&self, id: SocketId, below: &Below<'_>) -> Return {
        match self.sockets.get(&id).map(|socket| &socket.flow) {
            Some(Flow::Stream(stream)) => {
                Return::Number(i64::from(stream.conn().is_some_and(|conn| below.tcp.at_mark(conn))))
            }
            Some(Flow::Datagram(_) | Flow::Raw(_) | Flow::Local(_)) => Return::Failed(Errno::ENOTTY),
            None => Return::Failed(Errno::EBADF),
        }
    }

    /// `poll` for POLLPRI; `None` as long as it would have to wait.
    pub(super) fn poll_urgent(&self, id: SocketId, below: &Below<'_>) -> Option<Return> {
        let stream = match &self.sockets.get(&id)?.flow {
            Flow::Stream(stream) => stream,
            Flow::Datagram(_) | Flow::Raw(_) | Flow::Local(_) => return None,
        };
        match stream.end {
            End::Listener(_) => None,
            End::Idle => Some(Return::Number(0)),
            End::Conn(conn) if below.tcp.urgent_ready(conn) => Some(Return::Number(1)),
            End::Conn(conn) => below.tcp.hung_up(conn).then_some(Return::Number(0)),
        }
    }
}
