//! epoll: sets of descriptors that are watched, and which of them are worth a look.
//!
//! A watched descriptor comes onto the list of those worth a look when something wakes it, and when it is added or changed while
//! ready; whether there is anything to tell is seen only when the list is read. Level-triggered ones go back onto it.

use super::polling::{ERR, HUP, IN, OUT};
use std::collections::{BTreeMap, VecDeque};

const ADD: i64 = 1;
const DELETE: i64 = 2;
const MODIFY: i64 = 3;
const EXCLUSIVE: i64 = 1 << 28;
const WAKE_UP: i64 = 1 << 29;
const ONE_SHOT: i64 = 1 << 30;
const EDGE: i64 = 1 << 31;
/// What is no event but says how events are told.
const HOW: i64 = EXCLUSIVE | WAKE_UP | ONE_SHOT | EDGE;
/// What may stand beside EPOLLEXCLUSIVE.
const BESIDE_EXCLUSIVE: i64 = IN | OUT | ERR | HUP | WAKE_UP | EDGE | EXCLUSIVE;

/// One `epoll_create`.
#[derive(Clone, Debug, Default)]
struct Set {
    /// What is waited for, by descriptor.
    watched: BTreeMap<i64, i64>,
    /// Descriptors worth a look, the oldest first.
    ready: VecDeque<i64>,
}

/// All epoll descriptors.
#[derive(Clone, Debug, Default)]
pub(super) struct Epolls {
    sets: BTreeMap<i64, Set>,
    made: i64,
}

/// Epoll's descriptors lie where no socket's do.
const FIRST: i64 = 1 << 16;

impl Epolls {
    /// A new set; its descriptor.
    pub fn create(&mut self) -> i64 {
        let fd = FIRST + self.made;
        self.made += 1;
        self.sets.insert(fd, Set::default());
        fd
    }

    /// Whether the descriptor is one.
    pub fn has(&self, fd: i64) -> bool {
        self.sets.contains_key(&fd)
    }

    /// The descriptor is closed, epoll's own or a watched one. False if no set has it as its own.
    pub fn close(&mut self, fd: i64) -> bool {
        for set in self.sets.values_mut() {
            set.watched.remove(&fd);
            set.ready.retain(|ready| *ready != fd);
        }
        self.sets.remove(&fd).is_some()
    }

    /// Every descriptor that somebody watches.
    pub fn watched(&self) -> impl Iterator<Item = i64> + '_ {
        self.sets.values().flat_map(|set| set.watched.keys().copied())
    }

    /// `epoll_ctl` on a descriptor that is open; `now` are its bits at this moment.
    ///
    /// # Errors
    /// The error's name.
    pub fn control(
        &mut self,
        epoll: i64,
        operation: i64,
        fd: i64,
        events: i64,
        now: i64,
    ) -> Result<(), &'static str> {
        let set = self.sets.get_mut(&epoll).filter(|_| epoll != fd).ok_or("EINVAL")?;
        if events & EXCLUSIVE != 0
            && (operation == MODIFY || (operation == ADD && events & !BESIDE_EXCLUSIVE != 0))
        {
            return Err("EINVAL");
        }
        let known = set.watched.get(&fd).copied();
        match (operation, known) {
            (ADD, Some(_)) => return Err("EEXIST"),
            (ADD, None) => {}
            (DELETE, Some(_)) => {
                set.watched.remove(&fd);
                set.ready.retain(|ready| *ready != fd);
                return Ok(());
            }
            (MODIFY, Some(before)) if before & EXCLUSIVE != 0 => return Err("EINVAL"),
            (MODIFY, Some(_)) => {}
            (DELETE | MODIFY, None) => return Err("ENOENT"),
            _ => return Err("EINVAL"),
        }
        let events = events | ERR | HUP;
        set.watched.insert(fd, events);
        if now & events != 0 {
            set.put(fd);
        }
        Ok(())
    }

    /// Something woke the descriptor's waiters, with those bits.
    pub fn wake(&mut self, fd: i64, bits: i64) {
        for set in self.sets.values_mut() {
            let events = set.watched.get(&fd).copied().unwrap_or(0);
            if events & !HOW != 0 && bits & events != 0 {
                set.put(fd);
            }
        }
    }

    /// What `epoll_wait` tells now: events and descriptor of `most` at most; `bits` gives what a descriptor shows, and hears
    /// that somebody looked.
    pub fn collect(&mut self, epoll: i64, most: usize, bits: &mut dyn FnMut(i64) -> i64) -> Vec<(i64, i64)> {
        let Some(set) = self.sets.get_mut(&epoll) else { return Vec::new() };
        let mut told = Vec::new();
        let mut again = Vec::new();
        while told.len() < most
            && let Some(fd) = set.ready.pop_front()
        {
            let Some(events) = set.watched.get_mut(&fd) else { continue };
            let found = bits(fd) & *events & !HOW;
            if found == 0 {
                continue;
            }
            told.push((found, fd));
            if *events & ONE_SHOT != 0 {
                *events &= HOW;
            } else if *events & EDGE == 0 {
                again.push(fd);
            }
        }
        set.ready.extend(again);
        told
    }
}

impl Set {
    fn put(&mut self, fd: i64) {
        if !self.ready.contains(&fd) {
            self.ready.push_back(fd);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watching(events: i64) -> (Epolls, i64) {
        let mut epolls = Epolls::default();
        let epoll = epolls.create();
        epolls.control(epoll, ADD, 4, events, 0).unwrap();
        (epolls, epoll)
    }

    #[test]
    fn what_is_level_triggered_is_told_as_long_as_it_holds_and_an_edge_once() {
        let (mut epolls, epoll) = watching(IN);
        epolls.wake(4, IN);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), [(IN, 4)]);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), [(IN, 4)]);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| 0), []);
        let (mut epolls, epoll) = watching(IN | EDGE);
        epolls.wake(4, IN);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), [(IN, 4)]);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), []);
        epolls.wake(4, OUT);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), [], "nobody waits for that");
    }

    #[test]
    fn one_shot_is_told_once_until_it_is_modified() {
        let (mut epolls, epoll) = watching(IN | ONE_SHOT);
        epolls.wake(4, IN);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), [(IN, 4)]);
        epolls.wake(4, IN);
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), []);
        epolls.control(epoll, MODIFY, 4, IN | ONE_SHOT, IN).unwrap();
        assert_eq!(epolls.collect(epoll, 1, &mut |_| IN), [(IN, 4)]);
    }

    #[test]
    fn what_cannot_be_added_or_changed_is_refused_with_the_kernels_errors() {
        let (mut epolls, epoll) = watching(IN | EXCLUSIVE);
        assert_eq!(epolls.control(epoll, ADD, 4, IN, 0), Err("EEXIST"));
        assert_eq!(epolls.control(epoll, MODIFY, 4, IN, 0), Err("EINVAL"), "it is exclusive");
        assert_eq!(epolls.control(epoll, MODIFY, 5, IN, 0), Err("ENOENT"));
        assert_eq!(epolls.control(epoll, DELETE, 5, IN, 0), Err("ENOENT"));
        assert_eq!(epolls.control(epoll, ADD, 5, IN | EXCLUSIVE | ONE_SHOT, 0), Err("EINVAL"));
        assert_eq!(epolls.control(epoll, ADD, epoll, IN, 0), Err("EINVAL"));
        assert_eq!(epolls.control(epoll, 9, 5, IN, 0), Err("EINVAL"));
        assert_eq!(epolls.control(7, ADD, 5, IN, 0), Err("EINVAL"));
    }
}
