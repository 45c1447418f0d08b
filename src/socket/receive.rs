//! `recv` with flags, `recvmsg`, and `connect` with AF_UNSPEC.

use super::datagram::errno_of;
use super::descriptors::SocketId;
use super::family::{nowhere, shown};
use super::layer::{Below, Sockets};
use super::object::{End, Flow};
use super::{Beside, Errno, ErrorReport, Message, Return, Wanted};
use crate::mib::Counter;
use bytes::Bytes;
use std::net::SocketAddr;

impl Sockets {
    /// Of a UDP socket; `None` if it would have to wait.
    pub(super) fn receive_datagram(
        &mut self,
        id: SocketId,
        len: usize,
        wanted: Wanted,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let datagram = self.datagram(id)?;
        let (number, shut_read) = (datagram.id, datagram.shut_read);
        let domain = self.domain(id);
        let tells_destination = datagram.extra.tells_destination;
        if wanted.beside == Beside::Error {
            return Some(oldest_error(number, len, wanted, below));
        }
        let endpoint = below.udp.get_mut(number)?;
        if let Some(failure) = endpoint.take_error() {
            return Some(Return::Failed(errno_of(failure)));
        }
        let port = endpoint.local.map_or(0, |local| local.port());
        let received = if wanted.peek { endpoint.peek().cloned() } else { below.udp.receive(number) };
        let Some(received) = received else {
            let nonblocking = self.sockets.get(&id)?.nonblocking;
            return (shut_read && !nonblocking).then(|| nothing(wanted));
        };
        if !wanted.peek {
            below.tcp_effects.counters.count(Counter::UdpInDatagrams);
        }
        let address = match wanted.beside {
            Beside::Nothing | Beside::Error => None,
            Beside::Sender => Some(received.from),
            Beside::Destination => tells_destination.then(|| SocketAddr::new(received.to, port)),
        };
        let address = address.map(|address| shown(domain, address));
        let length = received.payload.len();
        let data = received.payload.slice(..length.min(len));
        Some(Return::Message(Box::new(Message { wanted, data, length, address, error: None })))
    }

    /// Of a TCP socket: there MSG_TRUNC throws the octets away and tells how many they were.
    pub(super) fn receive_stream(
        &mut self,
        id: SocketId,
        len: usize,
        wanted: Wanted,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        if wanted.beside == Beside::Error {
            return Some(Return::Failed(Errno::EAGAIN));
        }
        let conn = self.sockets.get(&id)?.stream()?.conn();
        let peeked = conn.filter(|_| wanted.peek && len > 0).and_then(|conn| below.tcp.peek(conn, len));
        let data = match peeked {
            Some(data) => data,
            None => match self.recv_stream(id, len, below)? {
                Return::Received(data) => data,
                other => return Some(other),
            },
        };
        let length = data.len();
        let data = if wanted.whole { Bytes::new() } else { data };
        Some(Return::Message(Box::new(Message { wanted, data, length, address: None, error: None })))
    }

    /// The socket has no peer any more.
    pub(super) fn dissolve(&mut self, id: SocketId, below: &mut Below<'_>) -> Return {
        let (local, domain) = (self.own_name(id, below), self.domain(id));
        let Some(socket) = self.sockets.get_mut(&id) else { return Return::Failed(Errno::EBADF) };
        match &mut socket.flow {
            Flow::Datagram(datagram) => {
                if let Some(endpoint) = below.udp.get_mut(datagram.id) {
                    endpoint.remote = None;
                    let ip = datagram.extra.ip_named.unwrap_or(nowhere(domain).ip());
                    endpoint.local = datagram.extra.port_named.map(|port| SocketAddr::new(ip, port));
                }
            }
            // Only what is tied to a name has a peer.
            Flow::Local(_) => return Return::Failed(Errno::EINVAL),
            Flow::Raw(raw) => {
                raw.remote = None;
                self.taps_changed = true;
            }
            Flow::Stream(stream) => {
                let end = stream.end;
                match end {
                    End::Idle => stream.deferred = None,
                    End::Listener(listener) => {
                        self.listeners.remove(&listener);
                        below.tcp.close_listener(below.now, listener, below.tcp_effects);
                    }
                    End::Conn(conn) => {
                        self.conns.remove(&conn);
                        below.tcp.abort(below.now, conn, below.tcp_effects);
                    }
                }
                stream.unhash(domain, local);
            }
        }
        Return::Done
    }
}

/// What a blocking call gives on a socket whose reading half is shut.
fn nothing(wanted: Wanted) -> Return {
    Return::Message(Box::new(Message { wanted, data: Bytes::new(), length: 0, address: None, error: None }))
}

/// MSG_ERRQUEUE: it never waits.
fn oldest_error(number: crate::udp::UdpId, len: usize, wanted: Wanted, below: &mut Below<'_>) -> Return {
    let report = below.udp.get_mut(number).and_then(|endpoint| endpoint.read_report());
    let Some(report) = report else { return Return::Failed(Errno::EAGAIN) };
    let error = ErrorReport {
        errno: errno_of(report.failure),
        origin: report.origin,
        kind: report.kind,
        code: report.code,
        info: report.info,
        offender: report.offender,
    };
    let length = report.data.len();
    let data = report.data.slice(..length.min(len));
    let address = Some(report.to);
    Return::Message(Box::new(Message { wanted, data, length, address, error: Some(error) }))
}
