//! The calls on local sockets.

use super::super::descriptors::SocketId;
use super::super::layer::{Below, Outcome, Sockets};
use super::super::object::Flow;
use super::super::waiting::Pending;
use super::super::{Call, Credentials, Domain, Errno, Fd, Kind, OptionName, ProcessId, Return, SocketOption};
use super::{LocalCall, LocalKind, LocalName, LocalReason, LocalReturn};
use bytes::Bytes;

/// What a waiting call on a local socket has to do that others have not.
#[derive(Clone, Debug)]
pub(in super::super) enum LocalPending {
    Connect(LocalName),
    SendTo { data: Bytes, name: LocalName },
}

impl Sockets {
    /// A call with a name among its arguments, or that only local sockets have.
    pub(in super::super) fn local_call(
        &mut self,
        pid: ProcessId,
        call: &LocalCall,
        below: &mut Below<'_>,
    ) -> Outcome {
        let result = match call {
            LocalCall::Connect { fd, name } => {
                return self.wait_for(pid, *fd, Pending::Local(LocalPending::Connect(name.clone())), below);
            }
            LocalCall::SendTo { fd, data, name } => {
                let (data, name) = (data.clone(), name.clone());
                return self.wait_for(pid, *fd, Pending::Local(LocalPending::SendTo { data, name }), below);
            }
            LocalCall::Bind { fd, name } => match self.local_socket(pid, *fd) {
                Ok(id) => done(self.locals.bind(id, name)),
                Err(errno) => Return::Failed(errno),
            },
            LocalCall::Pair { kind } => self.pair(pid, *kind, below),
            LocalCall::Unlink { name } => done(self.locals.unlink(name)),
        };
        self.after_local();
        Outcome::Returned(result)
    }

    /// The local socket behind a descriptor.
    fn local_socket(&self, pid: ProcessId, fd: Fd) -> Result<SocketId, Errno> {
        let id = self.descriptors.get(pid, fd).ok_or(Errno::EBADF)?;
        match self.sockets.get(&id).map(|socket| &socket.flow) {
            Some(Flow::Local(_)) => Ok(id),
            Some(Flow::Stream(_) | Flow::Datagram(_) | Flow::Raw(_)) => Err(Errno::EAFNOSUPPORT),
            None => Err(Errno::EBADF),
        }
    }

    fn pair(&mut self, pid: ProcessId, kind: Kind, below: &mut Below<'_>) -> Return {
        let kind = match kind {
            Kind::Stream => LocalKind::Stream,
            Kind::Datagram | Kind::Raw => LocalKind::Datagram,
            Kind::SeqPacket => LocalKind::SeqPacket,
            Kind::Rdm => return Return::Failed(Errno::ESOCKTNOSUPPORT),
        };
        let Some(one) = self.open(pid, Domain::Unix, Flow::Local(kind), below) else {
            return Return::Failed(Errno::EMFILE);
        };
        let Some(other) = self.open(pid, Domain::Unix, Flow::Local(kind), below) else {
            self.call(pid, &Call::Close { fd: one }, below);
            return Return::Failed(Errno::EMFILE);
        };
        if let (Some(a), Some(b)) = (self.descriptors.get(pid, one), self.descriptors.get(pid, other)) {
            self.locals.pair(a, b);
        }
        Return::Local(LocalReturn::Pair(one, other))
    }

    /// A call on a local socket that never waits; `None` for those that are the same on all sockets.
    pub(in super::super) fn local_at_once(&mut self, id: SocketId, call: &Call) -> Option<Return> {
        let result = match call {
            Call::Listen { backlog, .. } => done(self.locals.listen(id, *backlog)),
            Call::Shutdown { how, .. } => {
                self.locals.shutdown(id, *how);
                Return::Done
            }
            Call::GetSockName { .. } => Return::Local(LocalReturn::Name(self.locals.own_name(id))),
            Call::GetPeerName { .. } => match self.locals.peer_name(id) {
                Some(name) => Return::Local(LocalReturn::Name(name)),
                None => Return::Failed(Errno::ENOTCONN),
            },
            Call::SetOption { option, .. } => done(self.set_local_option(id, *option)),
            Call::GetOption { name, .. } => match self.local_option(id, *name) {
                Ok(value) => Return::Value(value),
                Err(errno) => Return::Failed(errno),
            },
            Call::Bind { .. } => Return::Failed(Errno::EINVAL),
            Call::RecvUrgent { .. } | Call::AtMark { .. } | Call::Disconnect { .. } => {
                Return::Failed(Errno::EOPNOTSUPP)
            }
            _ => return None,
        };
        self.after_local();
        Some(result)
    }

    fn set_local_option(&mut self, id: SocketId, option: SocketOption) -> Result<(), Errno> {
        let send_buffer = self.locals.send_buffer(id).ok_or(Errno::EBADF)?;
        match option {
            SocketOption::SendBuffer(asked) => {
                *send_buffer = asked.saturating_mul(2).clamp(LEAST_BUFFER, MOST_BUFFER);
                Ok(())
            }
            // Kept by the kernel, and of no effect.
            SocketOption::ReceiveBuffer(_)
            | SocketOption::ReuseAddr(_)
            | SocketOption::KeepAlive(_)
            | SocketOption::UrgentInline(_) => Ok(()),
            SocketOption::Error(_) | SocketOption::PeerCredentials(_) => Err(Errno::ENOPROTOOPT),
            _ => Err(Errno::EOPNOTSUPP),
        }
    }

    fn local_option(&mut self, id: SocketId, name: OptionName) -> Result<SocketOption, Errno> {
        match name {
            OptionName::SendBuffer => {
                let buffer = self.locals.send_buffer(id).ok_or(Errno::EBADF)?;
                Ok(SocketOption::SendBuffer(*buffer))
            }
            OptionName::Error => Ok(SocketOption::Error(self.locals.take_error(id))),
            OptionName::PeerCredentials => {
                // All programs run as the same user.
                let known = self.locals.has_credentials(id);
                Ok(SocketOption::PeerCredentials(known.then_some(Credentials { uid: 0, gid: 0 })))
            }
            _ => Err(Errno::EOPNOTSUPP),
        }
    }

    /// One try of a call on a local socket; `None` if it would have to wait.
    pub(in super::super) fn attempt_local(
        &mut self,
        pid: ProcessId,
        id: SocketId,
        pending: &mut Pending,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let result = self.try_local(pid, id, pending, below);
        self.after_local();
        result
    }

    fn try_local(
        &mut self,
        pid: ProcessId,
        id: SocketId,
        pending: &mut Pending,
        below: &mut Below<'_>,
    ) -> Option<Return> {
        let kind = self.locals.kind(id)?;
        let nonblocking = self.sockets.get(&id)?.nonblocking;
        match pending {
            Pending::Accept => Some(match self.locals.accept(id)? {
                Ok((accepted, peer)) => {
                    match self.open_as(pid, accepted, Domain::Unix, Flow::Local(kind), below) {
                        Some(fd) => Return::Local(LocalReturn::Accepted(fd, peer)),
                        None => Return::Failed(Errno::EMFILE),
                    }
                }
                Err(errno) => Return::Failed(errno),
            }),
            Pending::Local(LocalPending::Connect(name)) => {
                let fresh = self.fresh();
                self.locals.connect(id, name, fresh).map(done)
            }
            Pending::Local(LocalPending::SendTo { data, name }) => match kind {
                LocalKind::Stream => Some(Return::Failed(self.locals.refuses_names(id))),
                LocalKind::Datagram | LocalKind::SeqPacket => {
                    let sent = self.locals.send_record(id, data, Some(name))?;
                    Some(sent.map_or_else(Return::Failed, |()| Return::Sent(data.len())))
                }
            },
            Pending::Send { flags: crate::tcp::SendFlags { urgent: true, .. }, .. } => {
                Some(Return::Failed(Errno::EOPNOTSUPP))
            }
            Pending::Connect { .. } | Pending::Send { to: Some(_), .. } => {
                Some(Return::Failed(Errno::EINVAL))
            }
            Pending::Send { data, sent, .. } => match kind {
                LocalKind::Stream => {
                    let result = self.locals.send_stream(id, data, sent)?;
                    Some(result.map_or_else(Return::Failed, |()| Return::Sent(*sent)))
                }
                LocalKind::Datagram | LocalKind::SeqPacket => {
                    let result = self.locals.send_record(id, data, None)?;
                    Some(result.map_or_else(Return::Failed, |()| Return::Sent(data.len())))
                }
            },
            Pending::Recv { len, with_source } => {
                let received = self.locals.receive(id, *len, nonblocking)?;
                Some(match received {
                    Ok((data, from)) if *with_source && kind != LocalKind::Stream => {
                        Return::Local(LocalReturn::ReceivedFrom(data, from))
                    }
                    Ok((data, _)) => Return::Received(data),
                    Err(errno) => Return::Failed(errno),
                })
            }
            // Peeking and messages beside the data are not simulated here.
            Pending::Receive { .. } => Some(Return::Failed(Errno::EOPNOTSUPP)),
            Pending::Poll | Pending::Select { .. } => None,
            Pending::Close => Some(Return::Done),
        }
    }

    /// The last descriptor of a local socket is closed.
    pub(in super::super) fn close_local(&mut self, id: SocketId) {
        self.locals.close(id);
        self.after_local();
    }

    /// Whether a local socket has that name, and listens if that is asked.
    pub fn has_local_name(&self, name: &LocalName, listening: bool) -> bool {
        self.locals.has_name(name, listening)
    }

    /// What happened in the table of local sockets stirs others.
    pub(in super::super) fn after_local(&mut self) {
        for id in std::mem::take(&mut self.locals.stirred) {
            self.stir(id);
        }
    }

    /// What happened between local sockets since it was last asked.
    pub fn take_local_news(&mut self) -> Vec<LocalReason> {
        std::mem::take(&mut self.locals.told)
    }
}

/// Least and greatest SO_SNDBUF.
const LEAST_BUFFER: u32 = 4608;
const MOST_BUFFER: u32 = 8_388_608;

fn done(result: Result<(), Errno>) -> Return {
    result.map_or_else(Return::Failed, |()| Return::Done)
}
