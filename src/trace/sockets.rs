//! Which descriptor of which process is which socket, read off the calls.

use super::{Event, Protocol, RecordId, Trace};
use crate::link::HostId;
use crate::socket::{Call, Domain, Fd, Kind, LocalReturn, ProcessId, Return};
use crate::tcp::State;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

/// One socket as its process knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SocketInfo {
    /// Who opened it.
    pub process: ProcessId,
    /// Where.
    pub host: HostId,
    /// TCP or UDP.
    pub protocol: Protocol,
    /// Own address, as far as the calls tell it.
    pub local: Option<SocketAddr>,
    /// The peer's.
    pub remote: Option<SocketAddr>,
    /// Whether it listens.
    pub listening: bool,
}

/// The open sockets of all processes at one point of a trace.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sockets {
    open: BTreeMap<(ProcessId, Fd), SocketInfo>,
    calls: BTreeMap<RecordId, (ProcessId, Call)>,
    /// Those that have no ports.
    others: BTreeSet<(ProcessId, Fd)>,
}

impl Sockets {
    /// None yet: before the first record.
    pub fn new() -> Sockets {
        Sockets::default()
    }

    /// The sockets right after that record.
    pub fn at(trace: &Trace, record: RecordId) -> Sockets {
        let mut sockets = Sockets::new();
        for known in trace.records.iter().take(record.0 as usize + 1) {
            sockets.apply(trace, known.id);
        }
        sockets
    }

    /// Takes the next record into account: for whoever walks a trace from its beginning.
    pub fn apply(&mut self, trace: &Trace, record: RecordId) {
        let Some(record) = trace.records.get(record.0 as usize) else { return };
        match &record.event {
            Event::CallStarted { process, call, .. } => {
                self.calls.insert(record.id, (*process, call.clone()));
                self.attempted(*process, call);
            }
            Event::CallReturned { call, result, .. } => {
                if let (Some((process, call)), Some(host)) = (self.calls.remove(call), record.host) {
                    self.returned(process, host, &call, result);
                }
            }
            Event::Forked { process, child } => {
                let copied: Vec<(Fd, SocketInfo)> = self
                    .open
                    .range((*process, Fd(i32::MIN))..=(*process, Fd(i32::MAX)))
                    .map(|((_, fd), socket)| (*fd, SocketInfo { process: *child, ..socket.clone() }))
                    .collect();
                self.open.extend(copied.into_iter().map(|(fd, socket)| ((*child, fd), socket)));
            }
            Event::StateChanged { endpoint, to: State::SynSent, .. } => {
                // An active open tells which local port the kernel chose.
                let call = record.cause.and_then(|cause| self.calls.get(&cause)).cloned();
                if let Some((process, Call::Connect { fd, .. })) = call {
                    let local = trace.endpoint(*endpoint).local;
                    if let Some(socket) = self.open.get_mut(&(process, fd)) {
                        socket.local = Some(local);
                    }
                }
            }
            _ => {}
        }
    }

    /// The socket behind a descriptor. A process started by another shares its descriptors, as a thread does: what it has
    /// not opened itself, another process of its host has.
    pub fn get(&self, trace: &Trace, process: ProcessId, fd: Fd) -> Option<&SocketInfo> {
        if let Some(own) = self.open.get(&(process, fd)) {
            return Some(own);
        }
        if self.others.contains(&(process, fd)) {
            return None;
        }
        let host = trace.meta.processes.get(process.index())?.host;
        self.open.iter().rev().find(|((_, open), socket)| *open == fd && socket.host == host).map(|(_, s)| s)
    }

    /// All open sockets with their descriptors, by process and descriptor.
    pub fn iter(&self) -> impl Iterator<Item = (Fd, &SocketInfo)> {
        self.open.iter().map(|((_, fd), socket)| (*fd, socket))
    }

    /// What holds from the moment the call begins: its peer may see a connection before `connect` has returned.
    fn attempted(&mut self, process: ProcessId, call: &Call) {
        if let Call::Connect { fd, address } = call
            && let Some(socket) = self.open.get_mut(&(process, *fd))
        {
            socket.remote = Some(*address);
        }
    }

    fn returned(&mut self, process: ProcessId, host: HostId, call: &Call, result: &Return) {
        match (call, result) {
            // Sockets without ports have no place in this table.
            (Call::Socket { domain: Domain::Unix, .. }, Return::Descriptor(fd))
            | (Call::Socket { kind: Kind::Raw | Kind::Rdm | Kind::SeqPacket, .. }, Return::Descriptor(fd))
            | (_, Return::Local(LocalReturn::Accepted(fd, _))) => {
                self.others.insert((process, *fd));
            }
            (_, Return::Local(LocalReturn::Pair(one, other))) => {
                self.others.extend([(process, *one), (process, *other)]);
            }
            (Call::Socket { kind, .. }, Return::Descriptor(fd)) => {
                let protocol = match kind {
                    Kind::Stream => Protocol::Tcp,
                    Kind::Datagram => Protocol::Udp,
                    Kind::Raw | Kind::Rdm | Kind::SeqPacket => return,
                };
                let socket =
                    SocketInfo { process, host, protocol, local: None, remote: None, listening: false };
                self.open.insert((process, *fd), socket);
            }
            (Call::Accept { fd }, Return::Accepted(new, peer)) => {
                let local = self.open.get(&(process, *fd)).and_then(|listener| listener.local);
                let socket = SocketInfo {
                    process,
                    host,
                    protocol: Protocol::Tcp,
                    local,
                    remote: Some(*peer),
                    listening: false,
                };
                self.open.insert((process, *new), socket);
            }
            (Call::Bind { fd, address }, Return::Done) => {
                if let Some(socket) = self.open.get_mut(&(process, *fd)) {
                    socket.local = Some(*address);
                }
            }
            (Call::Disconnect { fd }, Return::Done) => {
                if let Some(socket) = self.open.get_mut(&(process, *fd)) {
                    (socket.remote, socket.listening) = (None, false);
                }
            }
            (Call::Listen { fd, .. }, Return::Done) => {
                if let Some(socket) = self.open.get_mut(&(process, *fd)) {
                    socket.listening = true;
                }
            }
            (Call::Close { fd }, _) => {
                self.others.remove(&(process, *fd));
                self.open.remove(&(process, *fd));
            }
            _ => {}
        }
    }
}

impl Trace {
    /// The host with that address.
    pub fn host_of(&self, address: std::net::IpAddr) -> Option<HostId> {
        let place = self.meta.hosts.iter().position(|host| host.has_address(address))?;
        u16::try_from(place).ok().map(HostId)
    }
}
