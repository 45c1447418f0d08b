//! `recv` with flags, `recvmsg`, and `connect` with AF_UNSPEC.

use super::datagram::errno_of;
use super::descriptors::SocketId;
use super::family::{nowhere, shown};
use super::layer::{Below, Sockets};
use super::object::{End, Flow};
use super::waiting::received;
use super::{Beside, Errno, ErrorReport, Message, Return, Wanted};
use crate::mib::Counter;
use crate::tcp::State;
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
        Some(Return::Message(Box::new(Message { wanted, data, length, address, error: None, notice: None })))
    }

    /// Of a TCP socket: there MSG_TRUNC throws the octets away and tells how many they were. A call that may wait does until it
    /// has `got` all it wants (MSG_WAITALL) or as much as SO_RCVLOWAT says, unless the stream ends, or the urgent mark comes.
    pub(super) fn receive_stream(
        &mut self,
        id: SocketId,
        len: usize,
        wanted: Wanted,
        got: &mut Vec<u8>,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        if wanted.beside == Beside::Error {
            let conn = self.sockets.get(&id)?.stream()?.conn();
            let Some(notice) = conn.and_then(|conn| below.tcp.take_notice(conn)) else {
                return Some(Return::Failed(Errno::EAGAIN));
            };
            let (data, notice) = (Bytes::new(), Some(notice));
            let message = Message { wanted, data, length: 0, address: None, error: None, notice };
            return Some(Return::Message(Box::new(message)));
        }
        let socket = self.sockets.get(&id)?;
        let (conn, waits) = (socket.stream()?.conn(), !socket.nonblocking);
        let low = if wanted.all { len } else { len.min(socket.waits().low as usize) };
        if let Some(conn) = conn.filter(|_| wanted.peek && len > 0)
            && let Some(data) = below.tcp.peek(conn, len)
        {
            let more = waits && data.len() < low && !below.tcp.nothing_more_comes(conn);
            return (!more).then(|| received(wanted, &data));
        }
        loop {
            match self.recv_stream(id, len - got.len(), below) {
                Some(Return::Received(data)) => {
                    got.extend_from_slice(&data);
                    let at_mark = conn.is_some_and(|conn| below.tcp.at_mark(conn));
                    if data.is_empty() || at_mark || got.len() >= low.max(1) {
                        return Some(received(wanted, got));
                    }
                }
                None if waits || got.is_empty() => return None,
                Some(other) if got.is_empty() => return Some(other),
                Some(_) | None => return Some(received(wanted, got)),
            }
        }
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
                        stream.cut_off = is_cut_off(below.tcp.state(conn));
                        below.tcp.abort(below.now, conn, below.tcp_effects);
                    }
                }
                stream.unhash(domain, local);
            }
        }
        Return::Done
    }
}

/// Whether a connection in that state breaks off when its user wants it no more: the program itself hears of it.
fn is_cut_off(state: State) -> bool {
    match state {
        State::SynSent
        | State::SynReceived
        | State::Established
        | State::FinWait1
        | State::FinWait2
        | State::CloseWait => true,
        State::Closed | State::Listen | State::Closing | State::LastAck | State::TimeWait => false,
    }
}

/// What a blocking call gives on a socket whose reading half is shut.
fn nothing(wanted: Wanted) -> Return {
    Return::Message(Box::new(Message {
        wanted,
        data: Bytes::new(),
        length: 0,
        address: None,
        error: None,
        notice: None,
    }))
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
    Return::Message(Box::new(Message { wanted, data, length, address, error: Some(error), notice: None }))
}
