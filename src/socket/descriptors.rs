//! Descriptor tables: which number stands for which socket in which process.

use super::{Fd, ProcessId};
use std::collections::BTreeMap;

/// A socket's number within its host. Never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SocketId(pub u32);

/// 0, 1 and 2 are taken by standard input, output and error.
const FIRST: i32 = 3;
/// Descriptors a process has at most (RLIMIT_NOFILE).
const LIMIT: i32 = 1024;

#[derive(Clone, Debug, Default)]
struct Table {
    sockets: BTreeMap<i32, SocketId>,
    users: u32,
}

/// The tables of all processes of one host. Processes that are threads of each other share one.
#[derive(Clone, Debug, Default)]
pub(super) struct Descriptors {
    tables: BTreeMap<u32, Table>,
    of: BTreeMap<ProcessId, u32>,
    next: u32,
}

impl Descriptors {
    /// A process begins, with the descriptors of `parent` or with none.
    pub fn start(&mut self, pid: ProcessId, parent: Option<ProcessId>) {
        self.table(pid, parent);
    }

    /// A process begins as a copy of `parent`: its descriptors are its own and stand for the same sockets, which are returned.
    pub fn fork(&mut self, pid: ProcessId, parent: ProcessId) -> Vec<SocketId> {
        let inherited = self.of.get(&parent).and_then(|number| self.tables.get(number));
        let sockets = inherited.map(|table| table.sockets.clone()).unwrap_or_default();
        let table = self.table(pid, None);
        table.sockets = sockets;
        table.sockets.values().copied().collect()
    }

    /// The socket behind a descriptor.
    pub fn get(&self, pid: ProcessId, fd: Fd) -> Option<SocketId> {
        self.tables.get(self.of.get(&pid)?)?.sockets.get(&fd.0).copied()
    }

    /// The lowest free descriptor from 3 for this socket; `None` if the process has too many.
    pub fn insert(&mut self, pid: ProcessId, socket: SocketId) -> Option<Fd> {
        let table = self.table(pid, None);
        let taken = table.sockets.keys().zip(FIRST..).take_while(|(taken, fd)| *taken == fd).count();
        let fd = FIRST + taken as i32;
        (fd < LIMIT).then(|| {
            table.sockets.insert(fd, socket);
            Fd(fd)
        })
    }

    /// Frees a descriptor.
    pub fn remove(&mut self, pid: ProcessId, fd: Fd) -> Option<SocketId> {
        self.tables.get_mut(self.of.get(&pid)?)?.sockets.remove(&fd.0)
    }

    /// A process ends; the sockets whose descriptors go with it, in their order.
    pub fn end(&mut self, pid: ProcessId) -> Vec<SocketId> {
        let Some(number) = self.of.remove(&pid) else { return Vec::new() };
        let Some(table) = self.tables.get_mut(&number) else { return Vec::new() };
        table.users -= 1;
        if table.users > 0 {
            return Vec::new();
        }
        self.tables.remove(&number).map(|table| table.sockets.into_values().collect()).unwrap_or_default()
    }

    fn table(&mut self, pid: ProcessId, parent: Option<ProcessId>) -> &mut Table {
        let inherited = parent.and_then(|parent| self.of.get(&parent)).copied();
        let number = match self.of.get(&pid).copied() {
            Some(number) => number,
            None => {
                let number = inherited.unwrap_or(self.next);
                self.next = self.next.max(number + 1);
                self.of.insert(pid, number);
                self.tables.entry(number).or_default().users += 1;
                number
            }
        };
        self.tables.entry(number).or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_number_from_three_is_given() {
        let mut descriptors = Descriptors::default();
        let pid = ProcessId(0);
        let given: Vec<i32> = (0..3).map(|n| descriptors.insert(pid, SocketId(n)).unwrap().0).collect();
        assert_eq!(given, [3, 4, 5]);
        descriptors.remove(pid, Fd(4));
        assert_eq!(descriptors.insert(pid, SocketId(9)), Some(Fd(4)));
        assert_eq!(descriptors.insert(ProcessId(1), SocketId(10)), Some(Fd(3)), "another process");
    }

    #[test]
    fn a_process_has_1021_sockets_at_most() {
        let mut descriptors = Descriptors::default();
        let given = (0..2000).filter(|n| descriptors.insert(ProcessId(0), SocketId(*n)).is_some()).count();
        assert_eq!(given, 1021);
    }

    #[test]
    fn what_fork_made_has_descriptors_of_its_own_for_the_same_sockets() {
        let mut descriptors = Descriptors::default();
        let (parent, child) = (ProcessId(0), ProcessId(1));
        let fd = descriptors.insert(parent, SocketId(7)).unwrap();
        assert_eq!(descriptors.fork(child, parent), [SocketId(7)]);
        assert_eq!(descriptors.remove(parent, fd), Some(SocketId(7)));
        assert_eq!(descriptors.get(child, fd), Some(SocketId(7)));
        assert_eq!(descriptors.insert(parent, SocketId(8)), Some(fd));
        assert_eq!(descriptors.end(child), [SocketId(7)]);
    }

    #[test]
    fn threads_share_their_descriptors_and_the_last_one_closes_them() {
        let mut descriptors = Descriptors::default();
        let (main, thread) = (ProcessId(0), ProcessId(1));
        descriptors.start(main, None);
        let fd = descriptors.insert(main, SocketId(7)).unwrap();
        descriptors.start(thread, Some(main));
        assert_eq!(descriptors.get(thread, fd), Some(SocketId(7)));
        assert_eq!(descriptors.end(main), []);
        assert_eq!(descriptors.end(thread), [SocketId(7)]);
        assert_eq!(descriptors.end(thread), []);
    }
}
