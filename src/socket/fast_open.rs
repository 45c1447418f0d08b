//! `send` that connects: MSG_FASTOPEN, and the first one after a `connect` that TCP_FASTOPEN_CONNECT put off.

use super::descriptors::SocketId;
use super::layer::{Below, Sockets};
use super::object::Phase;
use super::{Errno, Return};
use crate::tcp::{CookieKeys, SendFlags, State};
use bytes::Bytes;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

/// What a program gives as TCP_FASTOPEN_KEY: up to 33 octets, of which 16 are a key and 32 are two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyOctets {
    len: u8,
    octets: [u8; KeyOctets::MOST],
}

impl KeyOctets {
    /// One octet more than is of any use, so that too many are known as such.
    const MOST: usize = 33;

    /// These octets; of more than 33 only so many.
    pub fn new(given: &[u8]) -> KeyOctets {
        let len = given.len().min(KeyOctets::MOST);
        let mut octets = [0; KeyOctets::MOST];
        octets[..len].copy_from_slice(&given[..len]);
        KeyOctets { len: len as u8, octets }
    }

    /// The octets.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }

    /// The keys they are.
    pub(super) fn keys(&self) -> Result<CookieKeys, Errno> {
        CookieKeys::of_octets(self.octets()).ok_or(Errno::EINVAL)
    }
}

/// As tcp_fastopen_key shows keys; what is none, in hexadecimal.
impl fmt::Display for KeyOctets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.keys() {
            Ok(keys) => keys.fmt(f),
            Err(_) => self.octets().iter().try_for_each(|octet| write!(f, "{octet:02x}")),
        }
    }
}

impl Sockets {
    /// Sends on a TCP socket. With `to` (MSG_FASTOPEN) it connects first, and so it does where `connect` was put off: the
    /// data goes on the SYN as far as it may, the rest when the connection is open.
    pub(super) fn send_or_open(
        &mut self,
        id: SocketId,
        data: &Bytes,
        sent: &mut usize,
        to: Option<SocketAddr>,
        begun: &mut bool,
        flags: SendFlags,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let stream = self.sockets.get(&id)?.stream()?;
        let opens = to.is_some() || stream.phase == Phase::Deferred;
        if !opens && !*begun {
            return self.send_stream(id, data, sent, flags, below);
        }
        if !*begun {
            if !below.tcp.fast_open_allowed() {
                return Some(Return::Failed(Errno::EOPNOTSUPP));
            }
            match stream.phase {
                Phase::Unconnected | Phase::Deferred => {}
                Phase::Connecting if self.still_opens(id, below) => {
                    return Some(Return::Failed(Errno::EALREADY));
                }
                Phase::Connecting | Phase::Disconnecting | Phase::Connected => {
                    return self.send_stream(id, data, sent, flags, below);
                }
            }
            match self.begin_with(id, data, to, below) {
                Ok(taken) => {
                    *sent = taken;
                    let conn = self.sockets.get(&id)?.stream()?.conn();
                    if let Some(conn) = conn.filter(|_| taken > 0) {
                        below.tcp.watch_write(below.now, conn, flags.uncopied, true, below.tcp_effects);
                    }
                }
                Err(errno) => return Some(Return::Failed(errno)),
            }
            *begun = true;
            self.forget_writer(id, below);
        }
        if self.still_opens(id, below) {
            return None;
        }
        if *sent >= data.len() && self.is_open(id, below) {
            return Some(Return::Sent(*sent));
        }
        let taken_on_syn = *sent;
        let result = self.send_stream(id, data, sent, flags, below);
        match result {
            // What the SYN carried is lost with the connection.
            Some(Return::Sent(all)) if all == taken_on_syn && !self.is_open(id, below) => {
                let conn = self.sockets.get(&id)?.stream()?.conn();
                let error = conn.and_then(|conn| below.tcp.error(conn));
                Some(Return::Failed(error.map_or(Errno::EPIPE, super::stream::errno_of)))
            }
            other => other,
        }
    }

    /// Begins the connection with as much of `data` on its SYN as may be there.
    fn begin_with(
        &mut self,
        id: SocketId,
        data: &Bytes,
        to: Option<SocketAddr>,
        below: &mut Below<'_>,
    ) -> Result<usize, Errno> {
        let deferred = self.sockets.get(&id).and_then(|socket| socket.stream()?.deferred);
        let to = deferred.or(to).ok_or(Errno::EPIPE)?;
        let (local, to) = self.own_end(id, to, below)?;
        let options = Arc::clone(&self.stream_mut(id).ok_or(Errno::EBADF)?.options);
        let begun = below.tcp.connect_with(below.now, local, to, &options, data, below.tcp_effects);
        let (conn, taken) = begun.map_err(|_| Errno::EADDRNOTAVAIL)?;
        self.has_begun(id, conn);
        Ok(taken)
    }

    /// A call that does not wait is gone when the SYN-ACK comes: nothing of it will carry the last ACK.
    fn forget_writer(&self, id: SocketId, below: &mut Below<'_>) {
        let Some(socket) = self.sockets.get(&id).filter(|socket| socket.nonblocking) else { return };
        if let Some(conn) = socket.stream().and_then(|stream| stream.conn()) {
            below.tcp.writer_left(conn);
        }
    }

    fn conn_state(&self, id: SocketId, below: &Below<'_>) -> Option<State> {
        let conn = self.sockets.get(&id)?.stream()?.conn()?;
        Some(below.tcp.state(conn))
    }

    fn still_opens(&self, id: SocketId, below: &Below<'_>) -> bool {
        matches!(self.conn_state(id, below), Some(State::SynSent | State::SynReceived))
    }

    fn is_open(&self, id: SocketId, below: &Below<'_>) -> bool {
        self.conn_state(id, below).is_some_and(|state| state != State::Closed)
    }
}
