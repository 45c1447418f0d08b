//! All sockets of one host: calls in, returns out; what cannot return yet waits.

use super::datagram_option::Extra;
use super::descriptors::{Descriptors, SocketId};
use super::family::{nowhere, shown};
use super::kinds::{Made, made};
use super::local::Locals;
use super::object::{Datagram, End, Flow, Socket, Stream};
use super::outgoing::Outgoing;
use super::ports::Ports;
use super::raw::{OutgoingPacket, Raw};
use super::waiting::{Pending, Waiting};
use super::{Call, Domain, Errno, Fd, Kind, ProcessId, Return};
use crate::clock::{Instant, Span};
use crate::ip::Routing;
use crate::ipv6;
use crate::tcp::{self, ConnId, ListenerId, SendFlags};
use crate::udp::{self, UdpId};
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// How a call went at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It returned this.
    Returned(Return),
    /// The process waits; the return follows in a later step, never in the same one.
    Blocked,
}

/// The layers below, lent for one step.
pub struct Below<'a> {
    /// Present time.
    pub now: Instant,
    /// TCP.
    pub tcp: &'a mut tcp::Stack,
    /// What TCP wants done.
    pub tcp_effects: &'a mut tcp::Effects,
    /// UDP.
    pub udp: &'a mut udp::Sockets,
    /// IPv4 addresses and routes.
    pub routing: &'a Routing,
    /// IPv6 addresses and routes; `None` where the host speaks no IPv6.
    pub routing6: Option<&'a ipv6::Routing>,
    /// Datagrams to send.
    pub datagrams: &'a mut Vec<Outgoing>,
    /// Packets that programs made, to send.
    pub packets: &'a mut Vec<OutgoingPacket>,
}

/// All sockets of one host.
#[derive(Clone, Debug)]
pub struct Sockets {
    pub(super) descriptors: Descriptors,
    pub(super) sockets: BTreeMap<SocketId, Box<Socket>>,
    pub(super) conns: BTreeMap<ConnId, SocketId>,
    pub(super) listeners: BTreeMap<ListenerId, SocketId>,
    pub(super) endpoints: BTreeMap<UdpId, SocketId>,
    pub(super) ports: Ports,
    /// The raw ones.
    pub(super) raws: Vec<SocketId>,
    /// Those of AF_UNIX.
    pub(super) locals: Locals,
    /// What raw sockets hear has changed.
    pub(super) taps_changed: bool,
    /// Whether programs may make raw sockets (CAP_NET_RAW) and take ports below 1024 (CAP_NET_BIND_SERVICE).
    pub(super) privileged: bool,
    pub(super) waiting: BTreeMap<u64, Waiting>,
    stirred: Vec<SocketId>,
    next_socket: u32,
    next_waiting: u64,
}

impl Sockets {
    /// No sockets yet. `seed` decides which ephemeral ports are chosen.
    pub fn new(seed: u64) -> Sockets {
        Sockets {
            descriptors: Descriptors::default(),
            sockets: BTreeMap::new(),
            conns: BTreeMap::new(),
            listeners: BTreeMap::new(),
            endpoints: BTreeMap::new(),
            ports: Ports::new(seed),
            raws: Vec::new(),
            locals: Locals::default(),
            taps_changed: false,
            privileged: true,
            waiting: BTreeMap::new(),
            stirred: Vec::new(),
            next_socket: 0,
            next_waiting: 0,
        }
    }

    /// Makes a call.
    pub fn call(&mut self, pid: ProcessId, call: &Call, below: &mut Below<'_>) -> Outcome {
        if self.waiting.values().any(|waiting| waiting.pid == pid) {
            return failed(Errno::EALREADY);
        }
        match call {
            Call::Socket { domain, kind, protocol } => {
                Outcome::Returned(self.socket(pid, *domain, *kind, *protocol, below))
            }
            Call::Close { fd } => self.close(pid, *fd, below),
            Call::Accept { fd } => self.wait_for(pid, *fd, Pending::Accept, below),
            Call::Connect { fd, address } => {
                let pending = Pending::Connect { to: *address, again: false, begun: false };
                self.wait_for(pid, *fd, pending, below)
            }
            Call::Send { fd, data } => {
                let data = data.clone();
                let pending = Pending::send(data, SendFlags::default());
                self.wait_for(pid, *fd, pending, below)
            }
            Call::SendUrgent { fd, data } => {
                let data = data.clone();
                let pending = Pending::send(data, SendFlags { urgent: true, ..SendFlags::default() });
                self.wait_for(pid, *fd, pending, below)
            }
            Call::SendWith { fd, data, flags } => {
                self.wait_for(pid, *fd, Pending::send(data.clone(), *flags), below)
            }
            Call::SendTo { fd, data, to, fast_open } => {
                let (data, to, fast_open) = (data.clone(), Some(*to), *fast_open);
                let flags = SendFlags::default();
                let pending = Pending::Send { data, sent: 0, to, flags, fast_open, begun: false };
                self.wait_for(pid, *fd, pending, below)
            }
            Call::Local(call) => self.local_call(pid, call, below),
            Call::PollUrgent { fd } => self.wait_for(pid, *fd, Pending::Poll, below),
            Call::Select { read, write, timeout } => self.select(pid, read, write, *timeout, below),
            Call::RecvUrgent { fd, len } if self.is_datagram(pid, *fd) => {
                // MSG_OOB says nothing to UDP.
                self.wait_for(pid, *fd, Pending::Recv { len: *len, with_source: false }, below)
            }
            Call::Receive { fd, len, wanted } => {
                let (len, wanted) = (*len, *wanted);
                self.wait_for(pid, *fd, Pending::Receive { len, wanted, got: Vec::new() }, below)
            }
            Call::Recv { fd, len } => {
                self.wait_for(pid, *fd, Pending::Recv { len: *len, with_source: false }, below)
            }
            Call::RecvFrom { fd, len } => {
                self.wait_for(pid, *fd, Pending::Recv { len: *len, with_source: true }, below)
            }
            Call::Bind { fd, .. }
            | Call::RecvUrgent { fd, .. }
            | Call::AtMark { fd }
            | Call::Configure { fd, .. }
            | Call::Disconnect { fd }
            | Call::Listen { fd, .. }
            | Call::Shutdown { fd, .. }
            | Call::GetSockName { fd }
            | Call::GetPeerName { fd }
            | Call::SetOption { fd, .. }
            | Call::GetOption { fd, .. }
            | Call::SetBlocking { fd, .. }
            | Call::GetTimeout { fd }
            | Call::SetTimeout { fd, .. } => match self.descriptors.get(pid, *fd) {
                Some(id) => Outcome::Returned(self.at_once(id, call, below)),
                None => failed(Errno::EBADF),
            },
        }
    }

    /// A connection stirred: its waiting calls are tried again by [`Sockets::settle`].
    pub fn stir_conn(&mut self, conn: ConnId) {
        if self.waiting.is_empty() {
            return;
        }
        self.stirred.extend(self.conns.get(&conn));
    }

    /// A listener stirred.
    pub fn stir_listener(&mut self, listener: ListenerId) {
        self.stirred.extend(self.listeners.get(&listener));
    }

    /// A UDP endpoint stirred.
    pub fn stir_endpoint(&mut self, endpoint: UdpId) {
        self.stirred.extend(self.endpoints.get(&endpoint));
    }

    /// A socket stirred that has nothing below it.
    pub(super) fn stir(&mut self, socket: SocketId) {
        self.stirred.push(socket);
    }

    /// Tries the calls that wait in sockets that stirred, the longest-waiting first; those that return are pushed.
    pub fn settle(&mut self, below: &mut Below<'_>, returned: &mut Vec<(ProcessId, Return)>) {
        if self.stirred.is_empty() {
            return;
        }
        let mut stirred = std::mem::take(&mut self.stirred);
        let tried: Vec<u64> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| stirred.iter().any(|id| waiting.concerns(*id)))
            .map(|(number, _)| *number)
            .collect();
        // Keeps the list's memory for the next step.
        stirred.clear();
        self.stirred = stirred;
        for number in tried {
            let Some(mut waiting) = self.waiting.remove(&number) else { continue };
            match self.attempt(waiting.pid, waiting.socket, &mut waiting.pending, below) {
                Some(result) => self.end_wait(waiting, result, below, returned),
                None => {
                    self.waiting.insert(number, waiting);
                }
            }
        }
    }

    /// Calls whose time is over return.
    pub fn on_timer(&mut self, below: &mut Below<'_>, returned: &mut Vec<(ProcessId, Return)>) {
        let due = |waiting: &Waiting| waiting.deadline.is_some_and(|deadline| deadline <= below.now);
        let over: Vec<u64> =
            self.waiting.iter().filter(|(_, waiting)| due(waiting)).map(|(number, _)| *number).collect();
        for number in over {
            if let Some(waiting) = self.waiting.remove(&number) {
                // Python's timeout makes an error of its own of it.
                let own = self.sockets.get(&waiting.socket).is_none_or(|socket| socket.timeout.is_none());
                let result = waiting.pending.expired(own);
                self.end_wait(waiting, result, below, returned);
            }
        }
    }

    /// When a waiting call's time is over next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.waiting.values().filter_map(|waiting| waiting.deadline).min()
    }

    fn socket(
        &mut self,
        pid: ProcessId,
        domain: Domain,
        kind: Kind,
        protocol: i32,
        below: &mut Below<'_>,
    ) -> Return {
        let made = match made(domain, kind, protocol, self.privileged, below.routing6.is_some()) {
            Ok(made) => made,
            Err(errno) => return Return::Failed(errno),
        };
        let flow = match made {
            Made::Tcp => Flow::Stream(Stream::new(below.tcp.usual_options())),
            Made::Local(kind) => Flow::Local(kind),
            Made::Raw(protocol) => Flow::Raw(Box::new(Raw::new(protocol, below.udp.profile()))),
            Made::Udp => Flow::Datagram(Datagram {
                id: below.udp.open(domain == Domain::Inet6, below.tcp.profile().settings.bindv6only != 0),
                shut_read: false,
                shut_write: false,
                send_buffer: below.udp.profile().send_buffer,
                keep_alive: false,
                urgent_inline: false,
                type_of_service: 0,
                ttl: 0,
                hop_limit: 0,
                extra: Extra::default(),
            }),
        };
        match self.open(pid, domain, flow, below) {
            Some(fd) => Return::Descriptor(fd),
            None => Return::Failed(Errno::EMFILE),
        }
    }

    /// A new socket with a descriptor; without a free descriptor it is released again.
    pub(super) fn open(
        &mut self,
        pid: ProcessId,
        domain: Domain,
        flow: Flow,
        below: &mut Below<'_>,
    ) -> Option<Fd> {
        let id = self.fresh();
        if let Flow::Local(kind) = flow {
            self.locals.open(id, kind, below.udp.profile().send_buffer);
        }
        self.open_as(pid, id, domain, flow, below)
    }

    /// A socket's number that none has.
    pub(super) fn fresh(&mut self) -> SocketId {
        let id = SocketId(self.next_socket);
        self.next_socket += 1;
        id
    }

    /// The same for a socket that has its number.
    pub(super) fn open_as(
        &mut self,
        pid: ProcessId,
        id: SocketId,
        domain: Domain,
        flow: Flow,
        below: &mut Below<'_>,
    ) -> Option<Fd> {
        match &flow {
            Flow::Stream(Stream { end: End::Conn(conn), .. }) => {
                self.conns.insert(*conn, id);
            }
            Flow::Stream(_) | Flow::Local(_) => {}
            Flow::Datagram(datagram) => {
                self.endpoints.insert(datagram.id, id);
            }
            Flow::Raw(_) => {
                self.raws.push(id);
                self.taps_changed = true;
            }
        }
        self.sockets.insert(id, Box::new(Socket::new(domain, flow)));
        let fd = self.descriptors.insert(pid, id);
        if fd.is_none() {
            self.let_go(id, below);
        }
        fd
    }

    fn at_once(&mut self, id: SocketId, call: &Call, below: &mut Below<'_>) -> Return {
        if matches!(self.sockets.get(&id).map(|socket| &socket.flow), Some(Flow::Local(_)))
            && let Some(result) = self.local_at_once(id, call)
        {
            return result;
        }
        let Some(socket) = self.sockets.get_mut(&id) else { return Return::Failed(Errno::EBADF) };
        match call {
            Call::Bind { address, .. } => self.bind(id, *address, below),
            Call::Listen { backlog, .. } => self.listen(id, *backlog, below),
            Call::Shutdown { how, .. } => self.shutdown(id, *how, below),
            Call::GetSockName { .. } => {
                let domain = socket.domain;
                Return::Address(shown(domain, self.own_name(id, below)))
            }
            Call::GetPeerName { .. } => match self.peer_name(id, below) {
                Some(address) => Return::Address(shown(self.domain(id), address)),
                None => Return::Failed(Errno::ENOTCONN),
            },
            Call::RecvUrgent { len, .. } => self.recv_urgent(id, *len, below),
            Call::AtMark { .. } => self.at_mark(id, below),
            Call::Disconnect { .. } => self.dissolve(id, below),
            // The host does it: addresses are no socket's.
            Call::Configure { .. } => Return::Done,
            Call::SetOption { option, .. } => match self.set_option(id, *option, below) {
                Ok(()) => Return::Done,
                Err(errno) => Return::Failed(errno),
            },
            Call::GetOption { name, .. } => match self.get_option(id, *name, below) {
                Ok(value) => Return::Value(value),
                Err(errno) => Return::Failed(errno),
            },
            Call::GetTimeout { .. } => {
                Return::Timeout(if socket.nonblocking { Some(Span::ZERO) } else { socket.timeout })
            }
            Call::SetBlocking { blocking, .. } => {
                socket.nonblocking = !blocking;
                socket.timeout = None;
                Return::Done
            }
            Call::SetTimeout { timeout, .. } => {
                socket.nonblocking = *timeout == Some(Span::ZERO);
                socket.timeout = timeout.filter(|span| *span > Span::ZERO);
                Return::Done
            }
            Call::Socket { .. }
            | Call::Local(_)
            | Call::Accept { .. }
            | Call::Connect { .. }
            | Call::Send { .. }
            | Call::SendWith { .. }
            | Call::SendUrgent { .. }
            | Call::SendTo { .. }
            | Call::Recv { .. }
            | Call::RecvFrom { .. }
            | Call::Receive { .. }
            | Call::PollUrgent { .. }
            | Call::Select { .. }
            | Call::Close { .. } => Return::Failed(Errno::EINVAL),
        }
    }

    /// Tries a call that may have to wait.
    pub(super) fn wait_for(
        &mut self,
        pid: ProcessId,
        fd: Fd,
        mut pending: Pending,
        below: &mut Below<'_>,
    ) -> Outcome {
        let Some(id) = self.descriptors.get(pid, fd) else { return failed(Errno::EBADF) };
        if let Some(result) = self.attempt(pid, id, &mut pending, below) {
            return Outcome::Returned(result);
        }
        let Some(socket) = self.sockets.get_mut(&id) else { return failed(Errno::EBADF) };
        if socket.nonblocking {
            return Outcome::Returned(pending.expired(true));
        }
        socket.held += 1;
        let deadline = pending.patience(socket).map(|patience| below.now + patience);
        self.wait(Waiting { pid, socket: id, pending, deadline });
        Outcome::Blocked
    }

    pub(super) fn wait(&mut self, waiting: Waiting) {
        self.waiting.insert(self.next_waiting, waiting);
        self.next_waiting += 1;
    }

    fn end_wait(
        &mut self,
        waiting: Waiting,
        result: Return,
        below: &mut Below<'_>,
        returned: &mut Vec<(ProcessId, Return)>,
    ) {
        returned.push((waiting.pid, result));
        for held in waiting.held() {
            self.let_go(held, below);
        }
    }

    /// One try; `None` if it would have to wait.
    fn attempt(
        &mut self,
        pid: ProcessId,
        id: SocketId,
        pending: &mut Pending,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        if let Pending::Select { read, write } = pending {
            return self.selected(read, write, below);
        }
        let Some(socket) = self.sockets.get(&id) else { return Some(Return::Failed(Errno::EBADF)) };
        match socket.flow {
            Flow::Raw(_) => return self.attempt_raw(id, pending, below),
            Flow::Local(_) => return self.attempt_local(pid, id, pending, below),
            Flow::Stream(_) | Flow::Datagram(_) => {}
        }
        let stream = matches!(socket.flow, Flow::Stream(_));
        match pending {
            Pending::Accept if stream => self.accept(pid, id, below),
            Pending::Accept => Some(Return::Failed(Errno::EOPNOTSUPP)),
            Pending::Connect { to, again, begun } if stream => {
                self.connect_stream(id, *to, again, begun, below)
            }
            Pending::Connect { to, .. } => Some(self.connect_datagram(id, *to, below)),
            Pending::Send { data, sent, flags: flags @ SendFlags { urgent: true, .. }, .. } if stream => {
                self.send_stream(id, data, sent, *flags, below)
            }
            Pending::Send { data, sent, to, fast_open, begun, flags } if stream => {
                let to = to.filter(|_| *fast_open);
                self.send_or_open(id, data, sent, to, begun, *flags, below)
            }
            Pending::Poll => self.poll_urgent(id, below),
            Pending::Select { .. } => Some(Return::Failed(Errno::EINVAL)),
            Pending::Send { data, to, flags, .. } => {
                Some(self.send_datagram(id, data, *to, flags.urgent, below))
            }
            Pending::Recv { len, .. } if stream => self.recv_stream(id, *len, below),
            Pending::Recv { len, with_source } => self.recv_datagram(id, *len, *with_source, below),
            Pending::Receive { len, wanted, got } if stream => {
                self.receive_stream(id, *len, *wanted, got, below)
            }
            Pending::Receive { len, wanted, .. } => self.receive_datagram(id, *len, *wanted, below),
            Pending::Close => (!self.lingers(id, below)).then_some(Return::Done),
            // A name means nothing to a socket with addresses.
            Pending::Local(_) => Some(Return::Failed(Errno::EAFNOSUPPORT)),
        }
    }

    fn close(&mut self, pid: ProcessId, fd: Fd, below: &mut Below<'_>) -> Outcome {
        let Some(id) = self.descriptors.remove(pid, fd) else { return failed(Errno::EBADF) };
        let linger = self.sockets.get(&id).filter(|socket| socket.held == 1).and_then(|socket| socket.linger);
        match linger {
            Some(seconds) if seconds > 0 && self.begins_to_linger(id, below) => {
                let deadline = Some(below.now + Span::secs(u64::from(seconds)));
                self.wait(Waiting { pid, socket: id, pending: Pending::Close, deadline });
                Outcome::Blocked
            }
            Some(_) | None => {
                self.let_go(id, below);
                Outcome::Returned(Return::Done)
            }
        }
    }

    /// One descriptor or waiting call holds the socket no longer; the last one releases it.
    pub(super) fn let_go(&mut self, id: SocketId, below: &mut Below<'_>) {
        let Some(socket) = self.sockets.get_mut(&id) else { return };
        socket.held = socket.held.saturating_sub(1);
        if socket.held > 0 {
            return;
        }
        let Some(socket) = self.sockets.remove(&id) else { return };
        match socket.flow {
            Flow::Stream(stream) => self.release_stream(&stream, socket.linger, below),
            Flow::Datagram(datagram) => {
                self.endpoints.remove(&datagram.id);
                below.udp.close(datagram.id);
            }
            Flow::Raw(_) => self.forget_raw(id),
            Flow::Local(_) => self.close_local(id),
        }
    }

    /// The socket's address family.
    pub(super) fn domain(&self, id: SocketId) -> Domain {
        self.sockets.get(&id).map_or(Domain::Inet, |socket| socket.domain)
    }

    pub(super) fn own_name(&self, id: SocketId, below: &Below<'_>) -> SocketAddr {
        let nowhere = nowhere(self.domain(id));
        match self.sockets.get(&id).map(|socket| &socket.flow) {
            Some(Flow::Stream(stream)) => {
                let conn = stream.conn().filter(|_| !stream.rebound);
                let ends = conn.and_then(|conn| below.tcp.addresses(conn));
                let remains = stream.remains.as_deref().copied();
                remains.or(ends.map(|(local, _)| local)).or(stream.bound()).unwrap_or(nowhere)
            }
            Some(Flow::Datagram(datagram)) => {
                below.udp.get(datagram.id).and_then(|endpoint| endpoint.local).unwrap_or(nowhere)
            }
            Some(Flow::Raw(raw)) => raw.own_name(),
            Some(Flow::Local(_)) => nowhere,
            None => nowhere,
        }
    }

    fn peer_name(&self, id: SocketId, below: &Below<'_>) -> Option<SocketAddr> {
        match &self.sockets.get(&id)?.flow {
            Flow::Stream(stream) => self.stream_peer(stream, below),
            Flow::Datagram(datagram) => {
                below.udp.get(datagram.id)?.remote.filter(|remote| remote.port() != 0)
            }
            Flow::Raw(raw) => raw.peer_name(),
            Flow::Local(_) => None,
        }
    }
}

pub(super) fn failed(errno: Errno) -> Outcome {
    Outcome::Returned(Return::Failed(errno))
}
