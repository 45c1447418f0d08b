//! What each process of a run is doing, for those that wait for its end.

use super::shared::lock;
use crate::link::HostId;
use std::sync::Mutex;

/// What a process is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Status {
    /// Something, or it will by itself.
    Busy,
    /// Waiting for others, without end.
    Stuck,
    /// Nothing any more.
    Ended,
}

/// A process's line in the table.
#[derive(Clone, Debug)]
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
            .all(|line| line.status == Status::Ended)
    }

    /// Whether no process will do anything by itself.
    pub(super) fn all_idle(&self) -> bool {
        lock(&self.0).iter().all(|line| line.status != Status::Busy)
    }

    /// Host and name of every process, by number.
    pub(super) fn names(&self) -> Vec<(HostId, String)> {
        lock(&self.0).iter().map(|line| (line.host, line.name.clone())).collect()
    }

    /// Whether every process has ended.
    pub(super) fn all_ended(&self) -> bool {
        lock(&self.0).iter().all(|line| line.status == Status::Ended)
    }
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
        assert!(!statuses.ended(one) && !statuses.all_idle());
        statuses.set(first, Status::Ended);
        assert!(statuses.ended(one) && !statuses.ended(two));
        statuses.set(started_later, Status::Stuck);
        statuses.set(other, Status::Stuck);
        assert!(statuses.all_idle() && !statuses.all_ended());
    }
}
