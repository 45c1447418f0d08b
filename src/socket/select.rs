//! `select`: a call that waits in several sockets at once.

use super::descriptors::SocketId;
use super::layer::{Below, Outcome, Sockets, failed};
use super::object::Flow;
use super::ready::Readiness;
use super::waiting::{Pending, Waiting};
use super::{Errno, Fd, ProcessId, Return};
use crate::clock::Span;

/// No socket has this number.
const NONE: SocketId = SocketId(u32::MAX);

impl Sockets {
    /// What is ready at once, or a call that waits in all of them.
    pub(super) fn select(
        &mut self,
        pid: ProcessId,
        read: &[Fd],
        write: &[Fd],
        timeout: Option<Span>,
        below: &mut Below<'_>,
    ) -> Outcome {
        let known = |fds: &[Fd]| -> Option<Vec<(Fd, SocketId)>> {
            fds.iter().map(|fd| self.descriptors.get(pid, *fd).map(|id| (*fd, id))).collect()
        };
        let (Some(read), Some(write)) = (known(read), known(write)) else { return failed(Errno::EBADF) };
        if let Some(ready) = self.selected(&read, &write, below) {
            return Outcome::Returned(ready);
        }
        if timeout == Some(Span::ZERO) {
            return Outcome::Returned(Return::Ready(Vec::new(), Vec::new()));
        }
        let deadline = timeout.map(|span| below.now + span);
        let waiting = Waiting { pid, socket: NONE, pending: Pending::Select { read, write }, deadline };
        for id in waiting.held() {
            if let Some(socket) = self.sockets.get_mut(&id) {
                socket.held += 1;
            }
        }
        self.wait(waiting);
        Outcome::Blocked
    }

    /// Those that are ready; `None` if none is. As with the kernel, an error or a hang-up makes a socket readable, and an
    /// error writable too: the call that follows tells of it.
    pub(super) fn selected(
        &self,
        read: &[(Fd, SocketId)],
        write: &[(Fd, SocketId)],
        below: &Below<'_>,
    ) -> Option<Return> {
        let those = |asked: &[(Fd, SocketId)], ready: &dyn Fn(Readiness) -> bool| -> Vec<Fd> {
            let is_ready = |id: SocketId| self.readiness(id, below).is_some_and(ready);
            asked.iter().filter(|(_, id)| is_ready(*id)).map(|(fd, _)| *fd).collect()
        };
        let read = those(read, &|ready| ready.read || ready.hung_up || ready.error);
        let write = those(write, &|ready| ready.write || ready.error);
        (!read.is_empty() || !write.is_empty()).then_some(Return::Ready(read, write))
    }

    fn readiness(&self, id: SocketId, below: &Below<'_>) -> Option<Readiness> {
        match &self.sockets.get(&id)?.flow {
            Flow::Stream(_) | Flow::Datagram(_) => {
                Some(self.showing_of(id, below.tcp, below.udp)?.readiness())
            }
            Flow::Raw(raw) => Some(raw.readiness()),
            Flow::Local(_) => self.locals.readiness(id),
        }
    }
}
