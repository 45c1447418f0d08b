//! All local sockets of one host: what each holds, who is tied to whom, which names are taken.

use super::super::descriptors::SocketId;
use super::super::ready::Readiness;
use super::super::{Errno, How};
use super::memory::{largest_piece, largest_record, room_of};
use super::{LocalKind, LocalName, LocalReason};
use bytes::Bytes;
use std::collections::{BTreeMap, VecDeque};

/// Datagrams that wait at one socket for strangers to it: one more than `net.unix.max_dgram_qlen`.
const MOST_DATAGRAMS: usize = 11;
/// The greatest backlog (`net.core.somaxconn`).
const MOST_BACKLOG: usize = 4096;

/// How far a socket is.
#[derive(Clone, Debug, PartialEq, Eq)]
enum State {
    Idle,
    Listening {
        backlog: usize,
        /// The accepted ends of connections that nobody has accepted yet.
        waiting: VecDeque<SocketId>,
    },
    Connected,
}

/// A name as the kernel keeps it.
type Key = (LocalName, Option<LocalKind>);

fn key(name: &LocalName, kind: LocalKind) -> Key {
    (name.clone(), name.is_abstract().then_some(kind))
}

/// What lies in a queue: a piece of a stream, or a record.
#[derive(Clone, Debug)]
struct Message {
    data: Bytes,
    from: LocalName,
    sender: SocketId,
    room: u32,
}

/// A local socket.
#[derive(Clone, Debug)]
struct Local {
    kind: LocalKind,
    name: LocalName,
    state: State,
    /// Whom it is tied to. It may be gone.
    peer: Option<SocketId>,
    /// What the peer was called when they were tied.
    peer_name: LocalName,
    queue: VecDeque<Message>,
    send_buffer: u32,
    used: u32,
    shut_read: bool,
    shut_write: bool,
    error: Option<Errno>,
    has_credentials: bool,
}

/// All local sockets of one host.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Locals {
    sockets: BTreeMap<SocketId, Local>,
    /// Who has a name. A path outlives its socket; of an abstract name each type has its own.
    names: BTreeMap<Key, Option<SocketId>>,
    /// Sockets whose waiting calls are to be tried again.
    pub stirred: Vec<SocketId>,
    /// What happened, to be told.
    pub told: Vec<LocalReason>,
}

impl Locals {
    pub fn open(&mut self, id: SocketId, kind: LocalKind, send_buffer: u32) {
        let local = Local {
            kind,
            name: LocalName::default(),
            state: State::Idle,
            peer: None,
            peer_name: LocalName::default(),
            queue: VecDeque::new(),
            send_buffer,
            used: 0,
            shut_read: false,
            shut_write: false,
            error: None,
            has_credentials: false,
        };
        self.sockets.insert(id, local);
    }

    /// Ties two sockets just opened to each other (`socketpair`).
    pub fn pair(&mut self, one: SocketId, other: SocketId) {
        for (id, peer) in [(one, other), (other, one)] {
            if let Some(local) = self.sockets.get_mut(&id) {
                local.peer = Some(peer);
                local.has_credentials = true;
                if local.kind != LocalKind::Datagram {
                    local.state = State::Connected;
                }
            }
        }
    }

    pub fn bind(&mut self, id: SocketId, name: &LocalName) -> Result<(), Errno> {
        let local = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        let key = key(name, local.kind);
        // A file is made before the socket is looked at.
        if !name.is_abstract() && self.names.contains_key(&key) {
            return Err(Errno::EADDRINUSE);
        }
        if !local.name.is_unnamed() {
            return Err(Errno::EINVAL);
        }
        if self.names.contains_key(&key) {
            return Err(Errno::EADDRINUSE);
        }
        local.name = name.clone();
        self.names.insert(key, Some(id));
        Ok(())
    }

    /// Takes a path out of the file system; who is tied to its socket stays so.
    pub fn unlink(&mut self, name: &LocalName) -> Result<(), Errno> {
        if name.is_abstract() || self.names.remove(&(name.clone(), None)).is_none() {
            return Err(Errno::ENOENT);
        }
        Ok(())
    }

    pub fn listen(&mut self, id: SocketId, backlog: i32) -> Result<(), Errno> {
        let local = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        if local.kind == LocalKind::Datagram {
            return Err(Errno::EOPNOTSUPP);
        }
        if local.name.is_unnamed() {
            return Err(Errno::EINVAL);
        }
        let asked = usize::try_from(backlog).unwrap_or(usize::MAX).min(MOST_BACKLOG);
        match &mut local.state {
            State::Connected => return Err(Errno::EINVAL),
            State::Listening { backlog, .. } => *backlog = asked,
            State::Idle => local.state = State::Listening { backlog: asked, waiting: VecDeque::new() },
        }
        local.has_credentials = true;
        self.stirred.push(id);
        Ok(())
    }

    /// The socket of that name, of that kind.
    fn find(&self, name: &LocalName, kind: LocalKind) -> Result<SocketId, Errno> {
        let found = match self.names.get(&key(name, kind)) {
            None if name.is_abstract() => return Err(Errno::ECONNREFUSED),
            None => return Err(Errno::ENOENT),
            Some(found) => found.ok_or(Errno::ECONNREFUSED)?,
        };
        let other = self.sockets.get(&found).ok_or(Errno::ECONNREFUSED)?;
        if other.kind == kind { Ok(found) } else { Err(Errno::EPROTOTYPE) }
    }

    /// `connect`; `None` while the listener's queue is full. A connection needs a socket for its other end: `fresh`.
    pub fn connect(&mut self, id: SocketId, name: &LocalName, fresh: SocketId) -> Option<Result<(), Errno>> {
        let Some(local) = self.sockets.get(&id) else { return Some(Err(Errno::EBADF)) };
        let kind = local.kind;
        let other = match self.find(name, kind) {
            Ok(other) => other,
            Err(errno) => return Some(Err(errno)),
        };
        match kind {
            LocalKind::Datagram => Some(self.tie(id, other)),
            LocalKind::Stream | LocalKind::SeqPacket => self.reach(id, other, fresh),
        }
    }

    /// Ties a datagram socket to another.
    fn tie(&mut self, id: SocketId, other: SocketId) -> Result<(), Errno> {
        if !self.may_send(id, other) {
            return Err(Errno::EPERM);
        }
        let name = self.sockets.get(&other).map(|other| other.name.clone()).unwrap_or_default();
        let local = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        local.peer = Some(other);
        local.peer_name = name;
        Ok(())
    }

    fn reach(&mut self, id: SocketId, other: SocketId, fresh: SocketId) -> Option<Result<(), Errno>> {
        let listener = self.sockets.get(&other)?;
        let State::Listening { backlog, waiting } = &listener.state else {
            return Some(Err(Errno::ECONNREFUSED));
        };
        if listener.shut_read {
            return Some(Err(Errno::ECONNREFUSED));
        }
        if waiting.len() > *backlog {
            let waiting = waiting.len();
            self.told.push(LocalReason::QueueFull { waiting });
            return None;
        }
        let (kind, name, send_buffer) = (listener.kind, listener.name.clone(), listener.send_buffer);
        let Some(local) = self.sockets.get_mut(&id) else { return Some(Err(Errno::EBADF)) };
        match local.state {
            State::Idle => {}
            State::Connected => return Some(Err(Errno::EISCONN)),
            State::Listening { .. } => return Some(Err(Errno::EINVAL)),
        }
        local.state = State::Connected;
        local.peer = Some(fresh);
        local.peer_name = name.clone();
        local.has_credentials = true;
        let own = local.name.clone();
        self.open(fresh, kind, send_buffer);
        if let Some(accepted) = self.sockets.get_mut(&fresh) {
            accepted.state = State::Connected;
            accepted.name = name;
            accepted.peer = Some(id);
            accepted.peer_name = own;
            accepted.has_credentials = true;
        }
        if let Some(Local { state: State::Listening { waiting, .. }, .. }) = self.sockets.get_mut(&other) {
            waiting.push_back(fresh);
        }
        self.told.push(LocalReason::Connected);
        self.stirred.push(other);
        Some(Ok(()))
    }

    /// The next connection that waits, with its peer's name; `None` while there is none.
    pub fn accept(&mut self, id: SocketId) -> Option<Result<(SocketId, LocalName), Errno>> {
        let Some(local) = self.sockets.get_mut(&id) else { return Some(Err(Errno::EBADF)) };
        if local.kind == LocalKind::Datagram {
            return Some(Err(Errno::EOPNOTSUPP));
        }
        let shut = local.shut_read;
        let State::Listening { waiting, .. } = &mut local.state else { return Some(Err(Errno::EINVAL)) };
        let Some(accepted) = waiting.pop_front() else {
            return shut.then_some(Err(Errno::EINVAL));
        };
        // Whoever waits for a place in the queue waits in a socket of its own.
        let connecting: Vec<SocketId> =
            self.sockets.iter().filter(|(_, local)| local.state == State::Idle).map(|(id, _)| *id).collect();
        self.stirred.extend(connecting);
        let peer = self.sockets.get(&accepted).map(|local| local.peer_name.clone()).unwrap_or_default();
        Some(Ok((accepted, peer)))
    }

    /// What can be done with it at once.
    pub fn readiness(&self, id: SocketId) -> Option<Readiness> {
        let local = self.sockets.get(&id)?;
        let tied = local.kind != LocalKind::Datagram;
        let (read, write) = match &local.state {
            State::Listening { waiting, .. } => (!waiting.is_empty(), false),
            State::Idle | State::Connected => {
                let over =
                    local.shut_read || (local.state == State::Connected && self.peer_closed_or_shut(id));
                (!local.queue.is_empty() || (tied && over), local.used * 4 <= local.send_buffer)
            }
        };
        let peer = local.peer.and_then(|peer| self.sockets.get(&peer));
        let parted = local.state == State::Connected && peer.is_none();
        Some(Readiness {
            read,
            write,
            error: local.error.is_some(),
            hung_up: tied && (local.state == State::Idle || parted),
            read_shut: local.shut_read,
            urgent: false,
        })
    }

    /// Why `sendto` with a name fails on a stream.
    pub fn refuses_names(&self, id: SocketId) -> Errno {
        let connected = self.sockets.get(&id).is_some_and(|local| local.state == State::Connected);
        if connected { Errno::EISCONN } else { Errno::EOPNOTSUPP }
    }

    /// `send` on a stream: how much of `data` was taken, after `sent` octets of it were before; `None` while it has to wait.
    pub fn send_stream(&mut self, id: SocketId, data: &Bytes, sent: &mut usize) -> Option<Result<(), Errno>> {
        loop {
            let Some(local) = self.sockets.get(&id) else { return Some(Err(Errno::EBADF)) };
            let Some(peer) = local.peer.filter(|_| local.state == State::Connected) else {
                return Some(Err(Errno::ENOTCONN));
            };
            let deaf = self.sockets.get(&peer).is_none_or(|peer| peer.shut_read);
            if local.shut_write || deaf {
                return Some(if *sent > 0 { Ok(()) } else { Err(Errno::EPIPE) });
            }
            let rest = data.slice((*sent).min(data.len())..);
            if rest.is_empty() {
                return Some(Ok(()));
            }
            if local.used >= local.send_buffer {
                self.told.push(LocalReason::BufferFull { used: local.used, limit: local.send_buffer });
                return None;
            }
            let piece = rest.slice(..rest.len().min(largest_piece(local.send_buffer)));
            *sent += piece.len();
            self.told.push(LocalReason::HandedOver { octets: piece.len() });
            self.deliver(id, peer, piece);
        }
    }

    /// `send` or `sendto` of a record; `None` while it has to wait.
    pub fn send_record(
        &mut self,
        id: SocketId,
        data: &Bytes,
        to: Option<&LocalName>,
    ) -> Option<Result<(), Errno>> {
        let to = match self.addressee(id, to) {
            Ok(to) => to,
            Err(errno) => return Some(Err(errno)),
        };
        let local = self.sockets.get(&id)?;
        if data.len() > largest_record(local.send_buffer) {
            return Some(Err(Errno::EMSGSIZE));
        }
        if local.used >= local.send_buffer {
            self.told.push(LocalReason::BufferFull { used: local.used, limit: local.send_buffer });
            return None;
        }
        let (own, kind) = (id, local.kind);
        let Some(other) = self.sockets.get(&to) else { return Some(Err(self.peer_gone(id))) };
        if !self.may_send(own, to) {
            return Some(Err(Errno::EPERM));
        }
        if other.shut_read {
            return Some(Err(Errno::EPIPE));
        }
        let tied = other.peer == Some(own);
        if kind == LocalKind::Datagram && !tied && other.queue.len() >= MOST_DATAGRAMS {
            let waiting = other.queue.len();
            self.told.push(LocalReason::QueueFull { waiting });
            return None;
        }
        self.told.push(LocalReason::RecordHandedOver { octets: data.len() });
        self.deliver(own, to, data.clone());
        Some(Ok(()))
    }

    /// Whom a record goes to.
    fn addressee(&mut self, id: SocketId, to: Option<&LocalName>) -> Result<SocketId, Errno> {
        let local = self.sockets.get_mut(&id).ok_or(Errno::EBADF)?;
        match local.kind {
            LocalKind::SeqPacket => {
                if let Some(error) = local.error.take() {
                    return Err(error);
                }
                let peer = local.peer.filter(|_| local.state == State::Connected).ok_or(Errno::ENOTCONN)?;
                if local.shut_write { Err(Errno::EPIPE) } else { Ok(peer) }
            }
            LocalKind::Datagram | LocalKind::Stream => {
                let (kind, peer, shut) = (local.kind, local.peer, local.shut_write);
                let to = match to {
                    Some(name) => self.find(name, kind)?,
                    None => peer.ok_or(Errno::ENOTCONN)?,
                };
                if shut { Err(Errno::EPIPE) } else { Ok(to) }
            }
        }
    }

    /// The socket that a record was for is no more.
    fn peer_gone(&mut self, id: SocketId) -> Errno {
        let Some(local) = self.sockets.get_mut(&id) else { return Errno::EBADF };
        match local.kind {
            LocalKind::SeqPacket | LocalKind::Stream => Errno::EPIPE,
            LocalKind::Datagram => {
                local.peer = None;
                Errno::ECONNREFUSED
            }
        }
    }

    /// A datagram socket that is tied hears nobody but whom it is tied to.
    fn may_send(&self, from: SocketId, to: SocketId) -> bool {
        let Some(other) = self.sockets.get(&to) else { return true };
        other.kind != LocalKind::Datagram || other.peer.is_none_or(|peer| peer == from)
    }

    fn deliver(&mut self, from: SocketId, to: SocketId, data: Bytes) {
        let Some(sender) = self.sockets.get_mut(&from) else { return };
        let room = room_of(sender.kind, data.len());
        sender.used = sender.used.saturating_add(room);
        let message = Message { data, from: sender.name.clone(), sender: from, room };
        if let Some(receiver) = self.sockets.get_mut(&to) {
            receiver.queue.push_back(message);
        }
        self.stirred.push(to);
    }

    /// `recv`; `None` while it has to wait.
    pub fn receive(
        &mut self,
        id: SocketId,
        len: usize,
        nonblocking: bool,
    ) -> Option<Result<(Bytes, LocalName), Errno>> {
        let Some(local) = self.sockets.get_mut(&id) else { return Some(Err(Errno::EBADF)) };
        match (local.kind, &local.state) {
            (LocalKind::Stream, State::Connected)
            | (LocalKind::SeqPacket, State::Connected)
            | (LocalKind::Datagram, _) => {}
            (LocalKind::Stream, _) => return Some(Err(Errno::EINVAL)),
            (LocalKind::SeqPacket, _) => return Some(Err(Errno::ENOTCONN)),
        }
        if local.kind != LocalKind::Stream
            && let Some(error) = local.error.take()
        {
            return Some(Err(error));
        }
        let from = local.queue.front().map(|message| message.from.clone());
        let Some(from) = from else {
            if let Some(error) = local.error.take() {
                return Some(Err(error));
            }
            let over = local.shut_read || (local.kind != LocalKind::Datagram && self.peer_closed_or_shut(id));
            let waits =
                nonblocking && self.sockets.get(&id).is_some_and(|local| local.kind == LocalKind::Datagram);
            return (over && !waits).then(|| Ok((Bytes::new(), LocalName::default())));
        };
        let data = match local.kind {
            LocalKind::Stream => self.take_octets(id, len),
            LocalKind::Datagram | LocalKind::SeqPacket => self.take_record(id, len),
        };
        Some(Ok((data, from)))
    }

    fn peer_closed_or_shut(&self, id: SocketId) -> bool {
        let peer = self.sockets.get(&id).and_then(|local| local.peer);
        peer.and_then(|peer| self.sockets.get(&peer)).is_none_or(|peer| peer.shut_write)
    }

    fn take_octets(&mut self, id: SocketId, len: usize) -> Bytes {
        let mut taken = Vec::new();
        let mut freed = Vec::new();
        if let Some(local) = self.sockets.get_mut(&id) {
            while let Some(message) = local.queue.front_mut() {
                let wanted = (len - taken.len()).min(message.data.len());
                taken.extend_from_slice(&message.data.split_to(wanted));
                if !message.data.is_empty() {
                    break;
                }
                freed.extend(local.queue.pop_front());
                if taken.len() == len {
                    break;
                }
            }
        }
        freed.iter().for_each(|message| self.free(message));
        taken.into()
    }

    fn take_record(&mut self, id: SocketId, len: usize) -> Bytes {
        let Some(message) = self.sockets.get_mut(&id).and_then(|local| local.queue.pop_front()) else {
            return Bytes::new();
        };
        self.free(&message);
        if message.data.len() > len {
            self.told.push(LocalReason::RecordCut { lost: message.data.len() - len });
        }
        // Whoever waits for a place in this queue may try again.
        let kind = self.sockets.get(&id).map(|local| local.kind);
        if kind == Some(LocalKind::Datagram) {
            let senders: Vec<SocketId> = self
                .sockets
                .iter()
                .filter(|(_, local)| local.kind == LocalKind::Datagram)
                .map(|(id, _)| *id)
                .collect();
            self.stirred.extend(senders);
        }
        message.data.slice(..message.data.len().min(len))
    }

    /// The memory of a message is free again; its sender may go on when three quarters of its buffer are.
    fn free(&mut self, message: &Message) {
        let Some(sender) = self.sockets.get_mut(&message.sender) else { return };
        sender.used = sender.used.saturating_sub(message.room);
        if u64::from(sender.used) * 4 <= u64::from(sender.send_buffer) {
            self.stirred.push(message.sender);
        }
    }

    pub fn shutdown(&mut self, id: SocketId, how: How) {
        let (reads, writes) = (matches!(how, How::Read | How::Both), matches!(how, How::Write | How::Both));
        let Some(local) = self.sockets.get_mut(&id) else { return };
        local.shut_read |= reads;
        local.shut_write |= writes;
        let peer = local.peer;
        self.stirred.push(id);
        self.stirred.extend(peer);
    }

    /// The last descriptor is closed; the sockets that go with it.
    pub fn close(&mut self, id: SocketId) {
        let Some(local) = self.sockets.remove(&id) else { return };
        if let State::Listening { waiting, .. } = &local.state {
            for accepted in waiting {
                self.part(*accepted, true);
            }
        }
        let key = key(&local.name, local.kind);
        if let Some(holder) = self.names.get_mut(&key)
            && *holder == Some(id)
        {
            if local.name.is_abstract() {
                self.names.remove(&key);
            } else {
                *holder = None;
            }
        }
        for message in &local.queue {
            self.free(message);
        }
        if local.kind != LocalKind::Datagram
            && let Some(peer) = local.peer
        {
            self.leave(peer, !local.queue.is_empty());
        }
    }

    /// A connection that nobody accepted is over.
    fn part(&mut self, accepted: SocketId, reset: bool) {
        if let Some(Local { peer: Some(peer), .. }) = self.sockets.remove(&accepted) {
            self.leave(peer, reset);
        }
    }

    /// The peer of this socket is gone.
    fn leave(&mut self, id: SocketId, reset: bool) {
        let Some(local) = self.sockets.get_mut(&id) else { return };
        (local.shut_read, local.shut_write) = (true, true);
        if reset {
            local.error = Some(Errno::ECONNRESET);
            self.told.push(LocalReason::UnreadAtClose);
        }
        self.stirred.push(id);
    }

    pub fn has_name(&self, name: &LocalName, listening: bool) -> bool {
        let kinds = [None, Some(LocalKind::Stream), Some(LocalKind::Datagram), Some(LocalKind::SeqPacket)];
        kinds.into_iter().any(|kind| {
            let id = self.names.get(&(name.clone(), kind)).copied().flatten();
            id.and_then(|id| self.sockets.get(&id))
                .is_some_and(|local| !listening || matches!(local.state, State::Listening { .. }))
        })
    }

    pub fn own_name(&self, id: SocketId) -> LocalName {
        self.sockets.get(&id).map(|local| local.name.clone()).unwrap_or_default()
    }

    pub fn peer_name(&self, id: SocketId) -> Option<LocalName> {
        let local = self.sockets.get(&id)?;
        local.peer.map(|_| local.peer_name.clone())
    }

    pub fn has_credentials(&self, id: SocketId) -> bool {
        self.sockets.get(&id).is_some_and(|local| local.has_credentials)
    }

    pub fn send_buffer(&mut self, id: SocketId) -> Option<&mut u32> {
        self.sockets.get_mut(&id).map(|local| &mut local.send_buffer)
    }

    pub fn take_error(&mut self, id: SocketId) -> Option<Errno> {
        self.sockets.get_mut(&id).and_then(|local| local.error.take())
    }

    pub fn kind(&self, id: SocketId) -> Option<LocalKind> {
        self.sockets.get(&id).map(|local| local.kind)
    }
}
