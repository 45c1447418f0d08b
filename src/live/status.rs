//! What each process of a run is doing, for those that wait for its end.

use super::shared::lock;
use crate::link::HostId;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::Socket;
use std::os::fd::AsFd;
use std::sync::{Arc, Mutex};

/// What a process is doing.
#[derive(Clone, Debug)]
pub(super) enum Status {
    /// Something, or it will by itself.
    Busy,
    /// A call that waits without end for any of these of its sockets.
    Stuck(Vec<(Arc<Socket>, PollFlags)>),
    /// Looking again and again whether others have done something; when its last look that was in vain began.
    Looking(u64),
    /// Nothing any more.
    Ended,
}

/// A process's line in the table.
#[derive(Debug)]
struct Line {
    host: HostId,
    name: String,
    /// Whether it started with the run.
    original: bool,
    status: Status,
}

/// The table, by process number.
#[derive(Debug, Default)]
pub(super) struct Statuses(Mutex<Vec<Line>>);

impl Statuses {
    /// One more process; its number.
    pub(super) fn add(&self, host: HostId, name: &str, original: bool) -> u32 {
        let mut lines = lock(&self.0);
        lines.push(Line { host, name: name.to_owned(), original, status: Status::Busy });
        lines.len() as u32 - 1
    }

    /// The process now does this.
    pub(super) fn set(&self, process: u32, status: Status) {
        if let Some(line) = lock(&self.0).get_mut(process as usize) {
            line.status = status;
        }
    }

    /// Whether all processes of the host that started with the run have ended.
    pub(super) fn ended(&self, host: HostId) -> bool {
        let lines = lock(&self.0);
        lines
            .iter()
            .filter(|line| line.host == host && line.original)
            .all(|line| matches!(line.status, Status::Ended))
    }

    /// Whether no process will do anything by itself, nor because of what happened until `last_ns`. A process may be awake
    /// already and only wait for its turn on a processor: so what it waits for is looked at here.
    pub(super) fn all_idle(&self, last_ns: u64) -> bool {
        lock(&self.0).iter().all(|line| match &line.status {
            Status::Busy => false,
            Status::Stuck(sockets) => !sockets.iter().any(|(socket, flags)| is_ready(socket, *flags)),
            Status::Looking(since_ns) => *since_ns > last_ns,
            Status::Ended => true,
        })
    }

    /// Host and name of every process, by number.
    pub(super) fn names(&self) -> Vec<(HostId, String)> {
        lock(&self.0).iter().map(|line| (line.host, line.name.clone())).collect()
    }

    /// Whether every process has ended.
    pub(super) fn all_ended(&self) -> bool {
        lock(&self.0).iter().all(|line| matches!(line.status, Status::Ended))
    }
}

fn is_ready(socket: &Socket, flags: PollFlags) -> bool {
    let mut polled = [PollFd::new(socket.as_fd(), flags)];
    !matches!(poll(&mut polled, PollTimeout::ZERO), Ok(0))
}

/// The ports that programs have bound sockets to, once for each socket.
#[derive(Debug, Default)]
pub(super) struct Bound(Mutex<Vec<(HostId, u16)>>);

impl Bound {
    /// A socket was bound.
    pub(super) fn add(&self, host: HostId, port: u16) {
        lock(&self.0).push((host, port));
    }

    /// A socket that was bound is closed.
    pub(super) fn remove(&self, host: HostId, port: u16) {
        let mut bound = lock(&self.0);
        if let Some(place) = bound.iter().position(|known| *known == (host, port)) {
            bound.swap_remove(place);
        }
    }

    /// Whether any socket of the host is bound to the port.
    pub(super) fn has(&self, host: HostId, port: u16) -> bool {
        lock(&self.0).contains(&(host, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_has_ended_when_its_original_processes_have() {
        let statuses = Statuses::default();
        let (one, two) = (HostId(0), HostId(1));
        let first = statuses.add(one, "a process", true);
        let other = statuses.add(two, "a process", true);
        let started_later = statuses.add(one, "a process", false);
        assert!(!statuses.ended(one) && !statuses.all_idle(0));
        statuses.set(first, Status::Ended);
        assert!(statuses.ended(one) && !statuses.ended(two));
        statuses.set(started_later, Status::Ended);
        statuses.set(other, Status::Ended);
        assert!(statuses.all_idle(0) && statuses.all_ended());
    }

    #[test]
    fn who_waits_is_idle_only_while_what_it_waits_for_is_not_there() {
        let statuses = Statuses::default();
        let looking = statuses.add(HostId(0), "looking", true);
        statuses.set(looking, Status::Looking(100));
        assert!(statuses.all_idle(99));
        // Something happened since it began to look.
        assert!(!statuses.all_idle(100));
        statuses.set(looking, Status::Ended);

        let one = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = one.local_addr().unwrap();
        let stuck = statuses.add(HostId(0), "stuck", true);
        statuses.set(stuck, Status::Stuck(vec![(Arc::new(Socket::from(one)), PollFlags::POLLIN)]));
        assert!(statuses.all_idle(0));
        std::net::UdpSocket::bind("127.0.0.1:0").unwrap().send_to(b"x", address).unwrap();
        assert!(!statuses.all_idle(0));
    }
}
