//! Processes come and go, and their descriptors with them.

use super::layer::{Below, Sockets};
use super::object::{Datagram, End, Flow, Stream};
use super::{Fd, ProcessId};

impl Sockets {
    /// A process begins; with a parent it shares the parent's descriptors, as a thread does.
    pub fn process_started(&mut self, pid: ProcessId, parent: Option<ProcessId>) {
        self.descriptors.start(pid, parent);
    }

    /// A process begins as a copy of `parent` (`fork`): its descriptors are its own and stand for the same sockets.
    pub fn process_forked(&mut self, pid: ProcessId, parent: ProcessId) {
        for id in self.descriptors.fork(pid, parent) {
            if let Some(socket) = self.sockets.get_mut(&id) {
                socket.held += 1;
            }
        }
    }

    /// A process ends: what it waited in is over, its descriptors are closed as `exit` does, without lingering.
    pub fn process_ended(&mut self, pid: ProcessId, below: &mut Below<'_>) {
        self.give_up(pid, below);
        for id in self.descriptors.end(pid) {
            self.let_go(id, below);
        }
    }

    /// The socket is gone without a word, as after a reboot; calls that wait in it never return.
    pub fn forget(&mut self, pid: ProcessId, fd: Fd, below: &mut Below<'_>) {
        let Some(id) = self.descriptors.remove(pid, fd) else { return };
        self.waiting.retain(|_, waiting| !waiting.concerns(id));
        match self.sockets.remove(&id).map(|socket| socket.flow) {
            Some(Flow::Stream(Stream { end: End::Conn(conn), .. })) => {
                self.conns.remove(&conn);
                below.tcp.forget(conn);
            }
            Some(Flow::Stream(Stream { end: End::Listener(listener), .. })) => {
                self.listeners.remove(&listener);
                below.tcp.close_listener(below.now, listener, below.tcp_effects);
            }
            Some(Flow::Datagram(Datagram { id, .. })) => {
                self.endpoints.remove(&id);
                below.udp.close(id);
            }
            Some(Flow::Raw(_)) => self.forget_raw(id),
            Some(Flow::Local(_)) => self.close_local(id),
            Some(Flow::Stream(Stream { end: End::Idle, .. })) | None => {}
        }
    }

    /// Drops what a process waits in.
    fn give_up(&mut self, pid: ProcessId, below: &mut Below<'_>) {
        let gone: Vec<u64> = self
            .waiting
            .iter()
            .filter(|(_, waiting)| waiting.pid == pid)
            .map(|(number, _)| *number)
            .collect();
        for number in gone {
            let held = self.waiting.remove(&number).map(|waiting| waiting.held());
            for id in held.into_iter().flatten() {
                self.let_go(id, below);
            }
        }
    }
}
