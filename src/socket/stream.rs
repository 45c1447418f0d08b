//! The calls on TCP sockets.

use super::descriptors::SocketId;
use super::family::{Family, nowhere, shown};
use super::layer::{Below, Sockets};
use super::object::{End, Flow, Phase, Stream};
use super::{Errno, How, ProcessId, Return};
use crate::clock::Span;
use crate::tcp::{ConnId, SendFlags, State, StreamError};
use crate::wire::Claim;
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// From here on ports are anybody's (ip_unprivileged_port_start).
const FREE_PORTS: u16 = 1024;

impl Sockets {
    pub(super) fn bind(&mut self, id: SocketId, address: SocketAddr, below: &mut Below<'_>) -> Return {
        let Some(socket) = self.sockets.get(&id) else { return Return::Failed(Errno::EBADF) };
        let (domain, family) = (socket.domain, Family::of(socket, below));
        let address = match family.to_bind(address, below) {
            Ok(address) => address,
            Err(errno) => return Return::Failed(errno),
        };
        if !self.privileged && (1..FREE_PORTS).contains(&address.port()) {
            return Return::Failed(Errno::EACCES);
        }
        match self.sockets.get(&id).map(|socket| &socket.flow) {
            Some(Flow::Stream(stream)) => {
                if !stream.may_bind(&|conn| over(conn, below)) {
                    return Return::Failed(Errno::EINVAL);
                }
                let reuse = stream.options.reuse_address;
                let before = self.own_name(id, below);
                let found = self.stream_address(id, address, reuse, below);
                let Some(stream) = self.stream_mut(id) else { return Return::Failed(Errno::EBADF) };
                match found {
                    Ok(local) => {
                        stream.bind(address, local);
                        Return::Done
                    }
                    Err(errno) => {
                        stream.bind_failed(domain, before);
                        Return::Failed(errno)
                    }
                }
            }
            Some(Flow::Datagram(datagram)) => {
                let endpoint = datagram.id;
                self.bind_datagram(endpoint, address, below)
            }
            Some(Flow::Raw(_)) => self.bind_raw(id, address.ip()),
            Some(Flow::Local(_)) => Return::Failed(Errno::EINVAL),
            None => Return::Failed(Errno::EBADF),
        }
    }

    pub(super) fn listen(&mut self, id: SocketId, backlog: i32, below: &mut Below<'_>) -> Return {
        let Some(socket) = self.sockets.get(&id) else { return Return::Failed(Errno::EBADF) };
        let Some(stream) = socket.stream() else { return Return::Failed(Errno::EOPNOTSUPP) };
        // A negative backlog is a very large one, as in the kernel.
        let backlog = backlog as u32;
        match stream.end {
            End::Listener(listener) => {
                below.tcp.set_backlog(listener, backlog);
                return Return::Done;
            }
            End::Conn(_) => return Return::Failed(Errno::EINVAL),
            End::Idle => {}
        }
        let mut options = Arc::clone(&stream.options);
        let wish = below.tcp.early_limit(options.fast_open, backlog);
        if wish != options.fast_open {
            Arc::make_mut(&mut options).fast_open = wish;
        }
        let anywhere = SocketAddr::new(stream.ip_named.unwrap_or(nowhere(socket.domain).ip()), 0);
        let wanted = stream.bound().unwrap_or(anywhere);
        let local = match self.stream_address(id, wanted, options.reuse_address, below) {
            Ok(local) => local,
            Err(errno) => return Return::Failed(errno),
        };
        let listener = below.tcp.listen(below.now, local, backlog, &options, below.tcp_effects);
        self.listeners.insert(listener, id);
        if let Some(stream) = self.stream_mut(id) {
            stream.bound = Some(Box::new(local));
            stream.remains = None;
            stream.options = options;
            stream.end = End::Listener(listener);
        }
        Return::Done
    }

    pub(super) fn accept(&mut self, pid: ProcessId, id: SocketId, below: &mut Below<'_>) -> Option<Return> {
        let socket = self.sockets.get(&id)?;
        let End::Listener(listener) = socket.stream()?.end else {
            return Some(Return::Failed(Errno::EINVAL));
        };
        let (linger, waits, domain) = (socket.linger, socket.waits.clone(), socket.domain);
        let conn = below.tcp.accept(listener, below.tcp_effects)?;
        let options = below.tcp.shared_options(conn).unwrap_or_else(|| below.tcp.usual_options());
        let peer = below.tcp.addresses(conn).map_or(nowhere(domain), |(_, remote)| remote);
        let accepted = Flow::Stream(Stream::accepted(conn, options));
        Some(match self.open(pid, domain, accepted, below) {
            Some(fd) => {
                // Options are inherited, the blocking mode is not.
                let child = self.conns.get(&conn).and_then(|child| self.sockets.get_mut(child));
                if let Some(child) = child {
                    (child.linger, child.waits) = (linger, waits);
                }
                Return::Accepted(fd, shown(domain, peer))
            }
            None => Return::Failed(Errno::EMFILE),
        })
    }

    pub(super) fn connect_stream(
        &mut self,
        id: SocketId,
        to: SocketAddr,
        again: &mut bool,
        begun: &mut bool,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let stream = self.sockets.get(&id)?.stream()?;
        match (stream.phase, stream.end) {
            (Phase::Connected, _) if *begun => return Some(Return::Done),
            (Phase::Connected, _) | (Phase::Unconnected, End::Listener(_)) => {
                return Some(Return::Failed(Errno::EISCONN));
            }
            (Phase::Unconnected | Phase::Disconnecting, _) if *begun => {
                return Some(Return::Failed(Errno::ECONNABORTED));
            }
            (Phase::Deferred, _) if *begun => return Some(Return::Done),
            (Phase::Deferred, _) => return Some(Return::Failed(Errno::EISCONN)),
            (Phase::Disconnecting, _) => return Some(Return::Failed(Errno::EINVAL)),
            (Phase::Unconnected, _) => match self.begin_connect(id, to, below) {
                Ok(true) => {}
                Ok(false) => return Some(Return::Done),
                Err(errno) => return Some(Return::Failed(errno)),
            },
            (Phase::Connecting, _) if !*begun => *again = true,
            (Phase::Connecting, _) => {}
        }
        *begun = true;
        self.connect_result(id, below)
    }

    /// How the connection under way turned out; `None` as long as that is open.
    fn connect_result(&mut self, id: SocketId, below: &mut Below<'_>) -> Option<Return> {
        let stream = self.stream_mut(id)?;
        let Some(conn) = stream.conn() else {
            stream.phase = Phase::Unconnected;
            return Some(Return::Failed(Errno::ECONNABORTED));
        };
        match below.tcp.state(conn) {
            State::SynSent | State::SynReceived => None,
            State::Closed => {
                let errno = below.tcp.error(conn).map_or(Errno::ECONNABORTED, errno_of);
                self.disconnect(id, conn, below);
                Some(Return::Failed(errno))
            }
            State::Listen
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck
            | State::TimeWait => {
                stream.phase = Phase::Connected;
                Some(Return::Done)
            }
        }
    }

    /// Begins a connection; with TCP_FASTOPEN_CONNECT and a cookie that is left to the first `send`: then `false`.
    fn begin_connect(&mut self, id: SocketId, to: SocketAddr, below: &mut Below<'_>) -> Result<bool, Errno> {
        let (local, to) = self.own_end(id, to, below)?;
        let stream = self.stream_mut(id).ok_or(Errno::EBADF)?;
        let options = Arc::clone(&stream.options);
        if stream.fast_open_connect && below.tcp.fast_open_ready(below.now, to, &options) {
            stream.deferred = Some(to);
            stream.bound = Some(Box::new(local));
            stream.phase = Phase::Deferred;
            stream.remains = None;
            return Ok(false);
        }
        let begun = if stream.fast_open_connect {
            let begun = below.tcp.connect_with(
                below.now,
                local,
                to,
                &options,
                &bytes::Bytes::new(),
                below.tcp_effects,
            );
            begun.map(|(conn, _)| conn)
        } else {
            below.tcp.connect(below.now, local, to, &options, below.tcp_effects)
        };
        self.has_begun(id, begun.map_err(|_| Errno::EADDRNOTAVAIL)?);
        Ok(true)
    }

    /// Both ends of a connection that this socket is about to begin.
    pub(super) fn own_end(
        &mut self,
        id: SocketId,
        to: SocketAddr,
        below: &mut Below<'_>,
    ) -> Result<(SocketAddr, SocketAddr), Errno> {
        let socket = self.sockets.get(&id).ok_or(Errno::EBADF)?;
        let family = Family::of(socket, below);
        let stream = self.stream_mut(id).ok_or(Errno::EBADF)?;
        let (to, source) = family.to_connect(to, stream.ip_named, below)?;
        let bound = stream.bound();
        let local_ip = stream.ip_named.unwrap_or(source);
        let local = match bound {
            Some(bound) => SocketAddr::new(local_ip, bound.port()),
            None => self.ephemeral_for(local_ip, to, below).ok_or(Errno::EADDRNOTAVAIL)?,
        };
        Ok((local, to))
    }

    /// The socket has a connection that begins.
    pub(super) fn has_begun(&mut self, id: SocketId, conn: ConnId) {
        self.conns.insert(conn, id);
        if let Some(stream) = self.stream_mut(id) {
            stream.end = End::Conn(conn);
            stream.phase = Phase::Connecting;
            stream.rebound = false;
            stream.remains = None;
            stream.deferred = None;
        }
    }

    /// A port that no socket was bound to, and whose pair with `to` is free.
    fn ephemeral_for(&mut self, ip: IpAddr, to: SocketAddr, below: &Below<'_>) -> Option<SocketAddr> {
        let bound = |port: u16| {
            let mut streams = self.sockets.values().filter_map(|socket| socket.stream());
            streams.any(|stream| stream.bound().is_some_and(|local| local.port() == port))
        };
        self.ports.choose(below.tcp.profile(), ip, |local| {
            below.tcp.pair_free(below.now, local, to, true) && !bound(local.port())
        })
    }

    /// The socket is as before `connect`; only its port still shows.
    fn disconnect(&mut self, id: SocketId, conn: ConnId, below: &mut Below<'_>) {
        let (local, domain) = (self.own_name(id, below), self.domain(id));
        self.conns.remove(&conn);
        below.tcp.close(below.now, conn, None, below.tcp_effects);
        if let Some(stream) = self.stream_mut(id) {
            stream.unhash(domain, local);
        }
    }

    pub(super) fn send_stream(
        &mut self,
        id: SocketId,
        data: &Bytes,
        sent: &mut usize,
        flags: SendFlags,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let stream = self.sockets.get(&id)?.stream()?;
        let Some(conn) = stream.conn() else {
            let errno = self.take_cut_off(id).unwrap_or(Errno::EPIPE);
            return Some(Return::Failed(errno));
        };
        if stream.shut_write && below.tcp.state(conn) != State::SynSent {
            return Some(Return::Failed(below.tcp.error(conn).map_or(Errno::EPIPE, errno_of)));
        }
        loop {
            let rest = data.slice((*sent).min(data.len())..);
            let taken = below.tcp.send_with(below.now, conn, &rest, flags, below.tcp_effects);
            match taken {
                Ok(taken) => {
                    if taken > 0 {
                        let (tcp, fx) = (&mut *below.tcp, &mut *below.tcp_effects);
                        tcp.watch_write(below.now, conn, flags.uncopied, *sent == 0, fx);
                    }
                    *sent += taken;
                    if *sent >= data.len() {
                        return Some(Return::Sent(*sent));
                    }
                    if taken == 0 {
                        return None;
                    }
                }
                Err(StreamError::WouldBlock) => return None,
                Err(_) if *sent > 0 => return Some(Return::Sent(*sent)),
                Err(error) => return Some(Return::Failed(errno_of(error))),
            }
        }
    }

    pub(super) fn recv_stream(&mut self, id: SocketId, len: usize, below: &mut Below<'_>) -> Option<Return> {
        let stream = self.sockets.get(&id)?.stream()?;
        let conn = match stream.end {
            End::Conn(conn) => conn,
            End::Idle if stream.phase == Phase::Deferred => return None,
            End::Idle if stream.cut_off => return self.take_cut_off(id).map(Return::Failed),
            End::Idle if stream.shut_read => return Some(Return::Received(Bytes::new())),
            End::Idle | End::Listener(_) => return Some(Return::Failed(Errno::ENOTCONN)),
        };
        let shut = stream.shut_read;
        if len == 0 {
            let nothing = shut.then(|| Return::Received(Bytes::new()));
            return Sockets::recv_nothing(conn, below).or(nothing);
        }
        match below.tcp.recv(below.now, conn, len, below.tcp_effects) {
            Ok(data) => Some(Return::Received(data)),
            Err(StreamError::WouldBlock) if shut => Some(Return::Received(Bytes::new())),
            Err(StreamError::WouldBlock) => None,
            Err(error) => Some(Return::Failed(errno_of(error))),
        }
    }

    /// `recv` of no octets: it takes nothing, but waits as if it would.
    fn recv_nothing(conn: ConnId, below: &mut Below<'_>) -> Option<Return> {
        let nothing = Return::Received(Bytes::new());
        if below.tcp.readable_octets(conn) > 0 {
            return Some(nothing);
        }
        match below.tcp.recv(below.now, conn, 1, below.tcp_effects) {
            Ok(_) => Some(nothing),
            Err(StreamError::WouldBlock) => None,
            Err(error) => Some(Return::Failed(errno_of(error))),
        }
    }

    pub(super) fn shutdown(&mut self, id: SocketId, how: How, below: &mut Below<'_>) -> Return {
        let reads = matches!(how, How::Read | How::Both);
        let writes = matches!(how, How::Write | How::Both);
        let Some(socket) = self.sockets.get_mut(&id) else { return Return::Failed(Errno::EBADF) };
        let domain = socket.domain;
        let stream = match &mut socket.flow {
            Flow::Stream(stream) => stream,
            Flow::Datagram(datagram) => {
                datagram.shut_read |= reads;
                datagram.shut_write |= writes;
                let endpoint = datagram.id;
                let connected = below.udp.get(endpoint).is_some_and(|endpoint| endpoint.remote.is_some());
                self.stir_endpoint(endpoint);
                return if connected { Return::Done } else { Return::Failed(Errno::ENOTCONN) };
            }
            Flow::Raw(_) => return self.shutdown_raw(id, how),
            Flow::Local(_) => return Return::Failed(Errno::EINVAL),
        };
        match stream.end {
            End::Idle if stream.phase == Phase::Deferred => {
                stream.unhash(domain, stream.bound().unwrap_or(nowhere(domain)));
                stream.deferred = None;
                Return::Done
            }
            End::Idle => {
                stream.shut_read |= reads;
                stream.shut_write |= writes;
                Return::Failed(Errno::ENOTCONN)
            }
            End::Listener(listener) => {
                if reads {
                    stream.unhash(domain, stream.bound().unwrap_or(nowhere(domain)));
                    self.stir_listener(listener);
                    self.listeners.remove(&listener);
                    below.tcp.close_listener(below.now, listener, below.tcp_effects);
                }
                Return::Done
            }
            End::Conn(conn) => self.shutdown_conn(id, conn, reads, writes, below),
        }
    }

    fn shutdown_conn(
        &mut self,
        id: SocketId,
        conn: ConnId,
        reads: bool,
        writes: bool,
        below: &mut Below<'_>,
    ) -> Return {
        let state = below.tcp.state(conn);
        if let Some(stream) = self.stream_mut(id).filter(|stream| stream.phase == Phase::Connecting) {
            stream.phase = if is_over(state) { Phase::Disconnecting } else { Phase::Connected };
        }
        match state {
            State::Closed | State::TimeWait => return Return::Failed(Errno::ENOTCONN),
            State::SynSent => {
                self.stir_conn(conn);
                self.disconnect(id, conn, below);
                return Return::Done;
            }
            State::Listen
            | State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => {}
        }
        let read = if reads { below.tcp.shutdown_read(below.now, conn, below.tcp_effects) } else { Ok(()) };
        let write =
            if writes { below.tcp.shutdown_write(below.now, conn, below.tcp_effects) } else { Ok(()) };
        self.stir_conn(conn);
        match read.and(write) {
            Ok(()) => Return::Done,
            Err(error) => Return::Failed(errno_of(error)),
        }
    }

    /// The last descriptor is gone.
    pub(super) fn release_stream(&mut self, stream: &Stream, linger: Option<u32>, below: &mut Below<'_>) {
        match stream.end {
            End::Idle => {}
            End::Listener(listener) => {
                self.listeners.remove(&listener);
                below.tcp.close_listener(below.now, listener, below.tcp_effects);
            }
            End::Conn(conn) => {
                self.conns.remove(&conn);
                // A lingering close has closed it already.
                if !stream.lingering {
                    let linger = linger.map(|seconds| Span::secs(u64::from(seconds)));
                    below.tcp.close(below.now, conn, linger, below.tcp_effects);
                }
            }
        }
    }

    /// Closes the connection while its socket goes on to wait; whether there is anything to wait for.
    pub(super) fn begins_to_linger(&mut self, id: SocketId, below: &mut Below<'_>) -> bool {
        let Some(stream) = self.stream_mut(id) else { return false };
        let Some(conn) = stream.conn() else { return false };
        stream.lingering = true;
        below.tcp.close(below.now, conn, None, below.tcp_effects);
        self.lingers(id, below)
    }

    /// Whether the peer has yet to acknowledge what was sent before `close`.
    pub(super) fn lingers(&self, id: SocketId, below: &Below<'_>) -> bool {
        let conn = self.sockets.get(&id).and_then(|socket| socket.stream()).and_then(Stream::conn);
        conn.is_some_and(|conn| below.tcp.closing(conn))
    }

    pub(super) fn stream_peer(&self, stream: &Stream, below: &Below<'_>) -> Option<SocketAddr> {
        let conn = stream.conn()?;
        match below.tcp.state(conn) {
            State::Closed | State::SynSent | State::TimeWait | State::Listen => None,
            State::SynReceived
            | State::Established
            | State::FinWait1
            | State::FinWait2
            | State::CloseWait
            | State::Closing
            | State::LastAck => below.tcp.addresses(conn).map(|(_, remote)| remote),
        }
    }

    /// The address itself, or with port 0 a free one; an error if it is in use.
    fn stream_address(
        &mut self,
        id: SocketId,
        wanted: SocketAddr,
        reuse: bool,
        below: &Below<'_>,
    ) -> Result<SocketAddr, Errno> {
        let stream = self.sockets.get(&id).and_then(|socket| socket.stream());
        let v6_only = stream.is_some_and(|stream| stream.options.v6_only);
        let others: Vec<(Claim, bool)> = self
            .sockets
            .iter()
            .filter(|(other, _)| **other != id)
            .filter_map(|(_, socket)| socket.stream())
            .filter_map(|stream| {
                let local = stream.keeps(&|conn| over(conn, below))?;
                Some((Claim { local, v6_only: stream.options.v6_only }, stream.options.reuse_address))
            })
            .collect();
        let free = |local: SocketAddr, reuse: bool| {
            let wanted = Claim { local, v6_only };
            let taken = others.iter().any(|(bound, theirs)| {
                bound.local.port() == local.port() && bound.meets(wanted) && !(reuse && *theirs)
            });
            !taken && below.tcp.bind_conflict(wanted, reuse).is_none()
        };
        if wanted.port() == 0 {
            let chosen = self.ports.choose(below.tcp.profile(), wanted.ip(), |local| free(local, false));
            chosen.ok_or(Errno::EADDRINUSE)
        } else if free(wanted, reuse) {
            Ok(wanted)
        } else {
            Err(Errno::EADDRINUSE)
        }
    }

    /// That `connect` with AF_UNSPEC cut the connection off is told once.
    pub(super) fn take_cut_off(&mut self, id: SocketId) -> Option<Errno> {
        let stream = self.stream_mut(id)?;
        std::mem::take(&mut stream.cut_off).then_some(Errno::ECONNRESET)
    }

    pub(super) fn stream_mut(&mut self, id: SocketId) -> Option<&mut Stream> {
        match &mut self.sockets.get_mut(&id)?.flow {
            Flow::Stream(stream) => Some(stream),
            Flow::Datagram(_) | Flow::Raw(_) | Flow::Local(_) => None,
        }
    }
}

/// The errno of a failure below.
pub(super) fn errno_of(error: StreamError) -> Errno {
    match error {
        StreamError::WouldBlock => Errno::EAGAIN,
        StreamError::NotConnected => Errno::ENOTCONN,
        StreamError::Broken => Errno::EPIPE,
        StreamError::Refused => Errno::ECONNREFUSED,
        StreamError::Reset => Errno::ECONNRESET,
        StreamError::TimedOut => Errno::ETIMEDOUT,
        StreamError::NetworkUnreachable => Errno::ENETUNREACH,
        StreamError::HostUnreachable => Errno::EHOSTUNREACH,
        StreamError::Prohibited => Errno::EACCES,
        StreamError::ProtocolUnreachable => Errno::ENOPROTOOPT,
        StreamError::NothingUrgent => Errno::EINVAL,
        StreamError::TooLong => Errno::EMSGSIZE,
        StreamError::SourceRouteFailed => Errno::EOPNOTSUPP,
        StreamError::HostDown => Errno::EHOSTDOWN,
        StreamError::HostUnknown => Errno::ENONET,
        StreamError::Protocol => Errno::EPROTO,
    }
}

/// The own address of a connection that is over.
fn over(conn: ConnId, below: &Below<'_>) -> Option<SocketAddr> {
    let (local, _) = below.tcp.addresses(conn)?;
    is_over(below.tcp.state(conn)).then_some(local)
}

fn is_over(state: State) -> bool {
    match state {
        State::Closed | State::TimeWait => true,
        State::Listen
        | State::SynSent
        | State::SynReceived
        | State::Established
        | State::FinWait1
        | State::FinWait2
        | State::CloseWait
        | State::Closing
        | State::LastAck => false,
    }
}
