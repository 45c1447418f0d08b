//! Socket calls on real sockets. The sockets themselves never block: where a call would, the thread waits with poll(),
//! so that waiting is seen (`CallBlocked`), can be bounded by a time-out and ended with the run.

use super::kernel::now_ns;
use super::local::{self, LocalFiles};
use super::open::{Mode, Open, type_of};
use super::sockopt::{get_option, set_option};
use super::stop::{StopSign, Woken};
use super::{ground, sys};
use crate::link::HostId;
use crate::socket::{Call, Domain, Errno, Fd, How, Kind, Return, SocketOption};
use crate::tcp::SendFlags;
use bytes::Bytes;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{SockAddr, Socket};
use std::collections::BTreeMap;
use std::io;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, SocketAddrV4};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::time::Duration;

/// The descriptors of one process.
pub(super) struct Descriptors {
    open: BTreeMap<i32, Open>,
    /// On loopback all hosts share a namespace: the address of this one, which an unspecified address stands for.
    pub(super) own: Option<Ipv4Addr>,
    /// Whose descriptors they are.
    pub(super) host: HostId,
    /// Where the paths of local sockets lie.
    pub(super) files: Arc<LocalFiles>,
}

/// How a call went.
pub(super) struct Performed {
    /// What it returned.
    pub result: Return,
    /// When it had to wait, if it had to.
    pub blocked_ns: Option<u64>,
}

/// The run ended before the call returned.
pub(super) struct Interrupted {
    /// When the call had to wait.
    pub blocked_ns: Option<u64>,
}

pub(super) type Waited<T> = Result<T, Interrupted>;

/// Told of a call that now waits without end, and for what.
pub(super) type OnStuck<'a> = dyn Fn(&[(Arc<Socket>, PollFlags)]) + 'a;

/// One call's waiting.
pub(super) struct Wait<'a> {
    pub(super) stop: &'a StopSign,
    pub(super) stuck: &'a OnStuck<'a>,
    pub(super) mode: Mode,
    pub(super) since_ns: u64,
    pub(super) blocked_ns: Option<u64>,
}

/// Whether to try again.
pub(super) enum Ready {
    Yes,
    TimeOut,
}

impl Wait<'_> {
    /// Waits until the socket is ready; the first time it notes that the call had to wait.
    pub(super) fn until(&mut self, socket: &Arc<Socket>, flags: PollFlags) -> Waited<Ready> {
        self.until_any(&[(Arc::clone(socket), flags)])
    }

    /// The same for any of several.
    pub(super) fn until_any(&mut self, sockets: &[(Arc<Socket>, PollFlags)]) -> Waited<Ready> {
        let limit = match self.mode {
            Mode::NonBlocking => return Ok(Ready::TimeOut),
            Mode::Blocking => {
                (self.stuck)(sockets);
                None
            }
            Mode::Within(span) => Some(span.as_nanos()),
        };
        self.blocked_ns.get_or_insert_with(now_ns);
        let left = limit.map(|limit| limit.saturating_sub(now_ns().saturating_sub(self.since_ns)));
        let fds: Vec<_> = sockets.iter().map(|(socket, flags)| (socket.as_fd(), *flags)).collect();
        match self.stop.wait_any(&fds, left.map(Duration::from_nanos)) {
            Woken::Ready => Ok(Ready::Yes),
            Woken::TimeOut => Ok(Ready::TimeOut),
            Woken::Stopped => Err(Interrupted { blocked_ns: self.blocked_ns }),
        }
    }
}

impl Descriptors {
    /// None open yet. `own` on loopback.
    pub(super) fn new(own: Option<Ipv4Addr>, host: HostId, files: Arc<LocalFiles>) -> Descriptors {
        Descriptors { open: BTreeMap::new(), own, host, files }
    }

    /// Makes the call. Whoever stops the run interrupts it.
    pub(super) fn perform(&mut self, call: &Call, stop: &StopSign, stuck: &OnStuck<'_>) -> Waited<Performed> {
        let mode = match call {
            Call::Select { timeout, .. } => Mode::of(*timeout),
            call => call.fd().and_then(|fd| self.open.get(&fd.0)).map_or(Mode::Blocking, |open| open.mode),
        };
        let mut wait = Wait { stop, stuck, mode, since_ns: now_ns(), blocked_ns: None };
        let result = match self.attempt(call, &mut wait)? {
            Ok(result) => result,
            Err(error) => Return::Failed(errno_of(&error)),
        };
        Ok(Performed { result, blocked_ns: wait.blocked_ns })
    }

    /// A copy for a process that `fork` makes: descriptors of its own for the same sockets.
    pub(super) fn copy(&self) -> Descriptors {
        Descriptors {
            open: self.open.clone(),
            own: self.own,
            host: self.host,
            files: Arc::clone(&self.files),
        }
    }

    /// The descriptor's socket.
    pub(super) fn socket(&self, fd: Fd) -> Option<&Socket> {
        self.open.get(&fd.0).map(|open| &*open.socket)
    }

    /// Takes the descriptor out without closing it.
    pub(super) fn take(&mut self, fd: Fd) -> Option<Arc<Socket>> {
        self.open.remove(&fd.0).map(|open| open.socket)
    }

    /// What the socket is bound to, before it is connected; `None` if nothing chose its port yet.
    pub(super) fn bound(&self, fd: Fd) -> Option<SocketAddr> {
        self.open.get(&fd.0).and_then(|open| open.bound)
    }

    /// Whether it is a TCP socket that is neither connected nor listening.
    pub(super) fn is_fresh_stream(&self, fd: Fd) -> bool {
        self.open.get(&fd.0).is_some_and(|open| {
            open.kind == Kind::Stream && !open.local && !open.connected && !open.listening
        })
    }

    /// Binds a socket that the program left unbound, as the kernel would do by itself: to the host's own address.
    pub(super) fn bind_to(&mut self, fd: Fd, address: SocketAddrV4) -> io::Result<()> {
        let Some(open) = self.open.get_mut(&fd.0) else { return Ok(()) };
        open.socket.bind(&SockAddr::from(address))?;
        open.bound = Some(SocketAddr::V4(address));
        Ok(())
    }

    /// Closes all descriptors in their order, as exit() does.
    pub(super) fn close_all(&mut self) {
        while let Some((_, open)) = self.open.pop_first() {
            drop(open);
        }
    }

    pub(super) fn insert(&mut self, open: Open) -> Fd {
        let fd = (3..).find(|fd| !self.open.contains_key(fd)).unwrap_or(i32::MAX);
        self.open.insert(fd, open);
        Fd(fd)
    }

    pub(super) fn get(&mut self, fd: Fd) -> io::Result<&mut Open> {
        self.open.get_mut(&fd.0).ok_or_else(|| io::Error::from_raw_os_error(libc::EBADF))
    }

    /// `Err` inside is the call's failure; outside, the end of the run.
    fn attempt(&mut self, call: &Call, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
        Ok(match call {
            Call::Accept { fd } => return self.accept(*fd, wait),
            Call::Connect { fd, address } => return self.connect(*fd, *address, wait),
            Call::Send { fd, data } if self.open.get(&fd.0).is_some_and(|open| open.deferred) => {
                return self.send_early(*fd, data, None, wait);
            }
            Call::Send { fd, data } => return self.send(*fd, data, None, 0, wait),
            Call::SendUrgent { fd, data } => return self.send(*fd, data, None, libc::MSG_OOB, wait),
            Call::SendWith { fd, data, flags } => return self.send(*fd, data, None, flags_of(*flags), wait),
            Call::SendTo { fd, data, to, fast_open: true } => {
                return self.send_early(*fd, data, Some(*to), wait);
            }
            Call::SendTo { fd, data, to, fast_open: false } => {
                return self.send(*fd, data, Some(*to), 0, wait);
            }
            Call::Local(call) => return self.local(call, wait),
            Call::PollUrgent { fd } => return self.poll_urgent(*fd, wait),
            Call::Select { read, write, .. } => return self.select(read, write, wait),
            Call::GetTimeout { fd } => self.get(*fd).map(|open| Return::Timeout(open.mode.timeout())),
            Call::RecvUrgent { fd, len } if self.is_datagram(*fd) => {
                return self.receive(*fd, *len, false, wait);
            }
            Call::RecvUrgent { fd, len } => self.get(*fd).and_then(|open| receive_urgent(open, *len)),
            Call::AtMark { fd } => self
                .get(*fd)
                .and_then(|open| sys::at_mark(open.socket.as_fd()))
                .map(|at| Return::Number(i64::from(at))),
            Call::Receive { fd, len, wanted } => return self.receive_message(*fd, *len, *wanted, wait),
            Call::Configure { fd, address, prefix } => {
                self.get(*fd).map(drop).and_then(|()| ground::configure(*address, *prefix))
            }
            Call::Disconnect { fd } => self.disconnect(*fd),
            Call::Recv { fd, len } => return self.receive(*fd, *len, false, wait),
            Call::RecvFrom { fd, len } => return self.receive(*fd, *len, true, wait),
            Call::Socket { domain, kind, protocol } => self.make(*domain, *kind, *protocol),
            Call::Bind { fd, address } => self.bind(*fd, *address),
            Call::Listen { fd, backlog } => self.listen(*fd, *backlog),
            Call::Shutdown { fd, how } => self.get(*fd).and_then(|open| shut(open, *how)),
            Call::Close { fd } => match self.open.remove(&fd.0) {
                // With a linger time this waits, as close() does.
                Some(open) => {
                    drop(open);
                    Ok(Return::Done)
                }
                None => Err(io::Error::from_raw_os_error(libc::EBADF)),
            },
            Call::GetSockName { fd } if self.is_local(*fd) => self.local_name(*fd, false),
            Call::GetPeerName { fd } if self.is_local(*fd) => self.local_name(*fd, true),
            Call::GetSockName { fd } => self.own_name(*fd),
            Call::GetPeerName { fd } => {
                self.get(*fd).and_then(|open| open.socket.peer_addr()).and_then(address_of)
            }
            Call::SetOption { fd, option } => {
                if let (SocketOption::FastOpenConnect(on), Ok(open)) = (option, self.get(*fd)) {
                    open.defers = *on;
                }
                self.get(*fd).and_then(|open| set_option(&open.socket, *option)).map(|()| Return::Done)
            }
            Call::GetOption { fd, name } => {
                self.get(*fd).and_then(|open| get_option(&open.socket, *name)).map(Return::Value)
            }
            Call::SetBlocking { fd, blocking } => self.get(*fd).map(|open| {
                open.mode = if *blocking { Mode::Blocking } else { Mode::NonBlocking };
                Return::Done
            }),
            Call::SetTimeout { fd, timeout } => self.get(*fd).map(|open| {
                open.mode = Mode::of(*timeout);
                Return::Done
            }),
        })
    }

    fn make(&mut self, domain: Domain, kind: Kind, protocol: i32) -> io::Result<Return> {
        let domain = match domain {
            Domain::Inet => socket2::Domain::IPV4,
            Domain::Inet6 => socket2::Domain::IPV6,
            Domain::Unix => socket2::Domain::UNIX,
        };
        let socket = Socket::new(domain, type_of(kind), Some(protocol.into()))?;
        let open = Open::new(socket, kind, domain == socket2::Domain::UNIX)?;
        Ok(Return::Descriptor(self.insert(open)))
    }

    /// On loopback an unspecified address is this host's own, or it would be every host's.
    fn bind(&mut self, fd: Fd, address: SocketAddr) -> io::Result<Return> {
        let real = match (address, self.own) {
            (SocketAddr::V4(asked), Some(own)) if asked.ip().is_unspecified() => {
                SocketAddr::from((own, asked.port()))
            }
            _ => address,
        };
        let open = self.get(fd)?;
        open.socket.bind(&real.into())?;
        open.bound = Some(address);
        Ok(Return::Done)
    }

    fn listen(&mut self, fd: Fd, backlog: i32) -> io::Result<Return> {
        let own = self.own;
        let open = self.get(fd)?;
        if let (None, Some(own), Kind::Stream, false) = (open.bound, own, open.kind, open.local) {
            open.socket.bind(&SockAddr::from(SocketAddrV4::new(own, 0)))?;
            open.bound = Some(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)));
        }
        open.socket.listen(backlog)?;
        open.listening = true;
        Ok(Return::Done)
    }

    fn own_name(&mut self, fd: Fd) -> io::Result<Return> {
        let on_loopback = self.own.is_some();
        let open = self.get(fd)?;
        let Return::Address(mut address) = address_of(open.socket.local_addr()?)? else {
            return Err(io::Error::from_raw_os_error(libc::EINVAL));
        };
        let asked_for_any = open.bound.is_some_and(|asked| asked.ip().is_unspecified());
        if on_loopback && asked_for_any && !open.connected {
            address.set_ip(Ipv4Addr::UNSPECIFIED.into());
        }
        Ok(Return::Address(address))
    }

    fn accept(&mut self, fd: Fd, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
        loop {
            let open = match self.get(fd) {
                Ok(open) => open,
                Err(error) => return Ok(Err(error)),
            };
            match open.socket.accept() {
                Ok((socket, peer)) if open.local => {
                    let kind = open.kind;
                    return Ok(self.accepted_local(socket, &peer, kind));
                }
                Ok((socket, peer)) => return Ok(self.accepted(socket, &peer)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match wait.until(&open.socket, PollFlags::POLLIN)? {
                        Ready::Yes => {}
                        Ready::TimeOut => return Ok(Err(error)),
                    }
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn accepted(&mut self, socket: Socket, peer: &SockAddr) -> io::Result<Return> {
        let peer = peer.as_socket().ok_or_else(|| io::Error::from_raw_os_error(libc::EINVAL))?;
        let bound = socket.local_addr()?.as_socket();
        let fd = self.insert(Open { bound, connected: true, ..Open::new(socket, Kind::Stream, false)? });
        Ok(Return::Accepted(fd, peer))
    }

    fn connect(&mut self, fd: Fd, address: SocketAddr, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
        let own = self.own;
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        if let (None, Some(own)) = (open.bound, own) {
            // Port 0 with this option leaves the choice of the port to connect(), as without bind().
            let _ = sys::set_option(open.socket.as_fd(), libc::IPPROTO_IP, libc::IP_BIND_ADDRESS_NO_PORT, 1);
            if let Err(error) = open.socket.bind(&SockAddr::from(SocketAddrV4::new(own, 0))) {
                return Ok(Err(error));
            }
        }
        loop {
            match open.socket.connect(&address.into()) {
                Ok(()) => {
                    open.deferred = open.defers && wait.blocked_ns.is_none();
                    break;
                }
                // EALREADY: an earlier attempt ran out of time and goes on; a blocking call waits for it.
                Err(error) if matches!(error.raw_os_error(), Some(libc::EINPROGRESS | libc::EALREADY)) => {
                    match wait.until(&open.socket, PollFlags::POLLOUT)? {
                        Ready::TimeOut if wait.mode == Mode::NonBlocking => return Ok(Err(error)),
                        Ready::TimeOut if error.raw_os_error() == Some(libc::EALREADY) => {
                            return Ok(Err(error));
                        }
                        Ready::TimeOut => return Ok(Err(io::Error::from_raw_os_error(libc::EAGAIN))),
                        // Asked again, connect() tells how it went and leaves the socket as a blocking one would.
                        Ready::Yes => {}
                    }
                }
                Err(error) => return Ok(Err(error)),
            }
        }
        open.connected = true;
        Ok(Ok(Return::Done))
    }

    fn send(
        &mut self,
        fd: Fd,
        data: &[u8],
        to: Option<SocketAddr>,
        flags: i32,
        wait: &mut Wait<'_>,
    ) -> Waited<io::Result<Return>> {
        let own = self.own;
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        if to.is_some()
            && let Err(error) = open.bind_to_host(own)
        {
            return Ok(Err(error));
        }
        let mut taken = 0;
        loop {
            let rest = data.get(taken..).unwrap_or_default();
            let result = match to {
                Some(to) => open.socket.send_to_with_flags(rest, &to.into(), flags | libc::MSG_NOSIGNAL),
                None => open.socket.send_with_flags(rest, flags | libc::MSG_NOSIGNAL),
            };
            match result {
                Ok(n) => {
                    taken += n;
                    // A blocking send on a stream waits until all is taken; a non-blocking one takes what fits.
                    if taken >= data.len() || open.kind != Kind::Stream || wait.mode == Mode::NonBlocking {
                        return Ok(Ok(Return::Sent(taken)));
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match wait.until(&open.socket, PollFlags::POLLOUT)? {
                        Ready::Yes => {}
                        Ready::TimeOut if taken > 0 => return Ok(Ok(Return::Sent(taken))),
                        Ready::TimeOut => return Ok(Err(error)),
                    }
                }
                Err(_) if taken > 0 => return Ok(Ok(Return::Sent(taken))),
                Err(error) => return Ok(Err(error)),
            }
        }
    }

    fn receive(
        &mut self,
        fd: Fd,
        len: usize,
        want_source: bool,
        wait: &mut Wait<'_>,
    ) -> Waited<io::Result<Return>> {
        let files = Arc::clone(&self.files);
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        let mut buffer = vec![0u8; len.min(1 << 20)];
        loop {
            let received = if want_source && open.local && open.kind != Kind::Stream {
                match local::receive_record(&files, &open.socket, &mut buffer) {
                    Ok((n, from)) => {
                        let data = Bytes::copy_from_slice(buffer.get(..n).unwrap_or_default());
                        return Ok(Ok(local::record(data, from)));
                    }
                    Err(error) => Err(error),
                }
            } else if want_source && open.kind != Kind::Stream {
                receive_from(&open.socket, &mut buffer)
            } else {
                receive_plain(&open.socket, &mut buffer).map(|n| (n, None))
            };
            match received {
                Ok((n, source)) => {
                    let data = Bytes::copy_from_slice(buffer.get(..n).unwrap_or_default());
                    return Ok(Ok(match source {
                        Some(source) => Return::ReceivedFrom(data, source),
                        None => Return::Received(data),
                    }));
                }
                // A UDP socket whose reading half is shut is always ready and never has anything: a blocking call sees the end.
                Err(error) if error.kind() == io::ErrorKind::WouldBlock && open.deaf => {
                    return Ok(if wait.mode == Mode::NonBlocking {
                        Err(error)
                    } else {
                        Ok(Return::Received(Bytes::new()))
                    });
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match wait.until(&open.socket, PollFlags::POLLIN)? {
                        Ready::Yes => {}
                        Ready::TimeOut => return Ok(Err(error)),
                    }
                }
                Err(error) => return Ok(Err(error)),
            }
        }
    }
}

impl Descriptors {
    fn is_local(&self, fd: Fd) -> bool {
        self.open.get(&fd.0).is_some_and(|open| open.local)
    }

    fn is_datagram(&self, fd: Fd) -> bool {
        self.open.get(&fd.0).is_some_and(|open| open.kind != Kind::Stream)
    }

    /// poll() for POLLPRI.
    fn poll_urgent(&mut self, fd: Fd, wait: &mut Wait<'_>) -> Waited<io::Result<Return>> {
        let open = match self.get(fd) {
            Ok(open) => open,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            let mut polled = [PollFd::new(open.socket.as_fd(), PollFlags::POLLPRI)];
            if let Err(errno) = poll(&mut polled, PollTimeout::ZERO) {
                return Ok(Err(errno.into()));
            }
            let events = polled[0].revents().unwrap_or(PollFlags::empty());
            if !events.is_empty() {
                let urgent = events.contains(PollFlags::POLLPRI);
                return Ok(Ok(Return::Number(i64::from(urgent))));
            }
            match wait.until(&open.socket, PollFlags::POLLPRI)? {
                Ready::Yes => {}
                Ready::TimeOut => return Ok(Ok(Return::Number(0))),
            }
        }
    }
}

/// The octet behind the urgent mark, which never waits.
fn receive_urgent(open: &Open, len: usize) -> io::Result<Return> {
    let mut buffer = vec![0; len];
    let raw = std::os::fd::AsRawFd::as_raw_fd(&*open.socket);
    let n = nix::sys::socket::recv(raw, &mut buffer, nix::sys::socket::MsgFlags::MSG_OOB)?;
    buffer.truncate(n);
    Ok(Return::Received(buffer.into()))
}

fn shut(open: &mut Open, how: How) -> io::Result<Return> {
    let how = match how {
        How::Read => Shutdown::Read,
        How::Write => Shutdown::Write,
        How::Both => Shutdown::Both,
    };
    open.socket.shutdown(how)?;
    open.deaf |= how != Shutdown::Write;
    Ok(Return::Done)
}

/// The flags of `send` by the kernel's numbers.
fn flags_of(flags: SendFlags) -> i32 {
    let names =
        [(flags.urgent, libc::MSG_OOB), (flags.more, libc::MSG_MORE), (flags.end_of_record, libc::MSG_EOR)];
    names.iter().filter(|(on, _)| *on).fold(0, |sum, (_, flag)| sum | flag)
}

fn receive_plain(mut socket: &Socket, buffer: &mut [u8]) -> io::Result<usize> {
    io::Read::read(&mut socket, buffer)
}

fn receive_from(socket: &Socket, buffer: &mut [u8]) -> io::Result<(usize, Option<SocketAddr>)> {
    let (n, source) = nix::sys::socket::recvfrom::<nix::sys::socket::SockaddrStorage>(
        std::os::fd::AsRawFd::as_raw_fd(socket),
        buffer,
    )?;
    let source = source.and_then(|source| match (source.as_sockaddr_in(), source.as_sockaddr_in6()) {
        (Some(v4), _) => Some(SocketAddr::V4((*v4).into())),
        (None, Some(v6)) => Some(SocketAddr::V6((*v6).into())),
        (None, None) => None,
    });
    Ok((n, source))
}

fn address_of(address: SockAddr) -> io::Result<Return> {
    address.as_socket().map(Return::Address).ok_or_else(|| io::Error::from_raw_os_error(libc::EAFNOSUPPORT))
}

/// The error's number; one that the tables do not have counts as EINVAL.
pub(super) fn errno_of(error: &io::Error) -> Errno {
    error.raw_os_error().and_then(Errno::from_value).unwrap_or(Errno::EINVAL)
}
