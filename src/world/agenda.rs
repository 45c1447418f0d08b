//! What is to happen and when.

use super::Ties;
use super::flight::Flight;
use crate::clock::{EventQueue, Instant};
use crate::link::{HostId, Port};
use crate::scenario::Answer;
use crate::socket::ProcessId;
use std::collections::VecDeque;

/// Something that is to happen at a moment.
#[derive(Clone, Debug)]
pub(super) enum Pending {
    /// A frame reaches a node.
    Arrival { at: Port, flight: Flight },
    /// The host's earliest deadline, as it was when this was put down.
    Deadline { host: HostId },
    /// A process goes on with this answer.
    Resume { host: HostId, process: ProcessId, answer: Answer },
    /// A wait for a time of the run is over.
    TimeReached { host: HostId, process: ProcessId },
    /// Something may be due on a switch's spanning tree.
    Tree { node: HostId },
    /// Something may be due on a shared wire.
    Medium { medium: usize },
    /// A link goes down or up.
    Carrier { host: HostId, link: usize, up: bool },
    /// A flood sends its next segment.
    Flood { host: HostId, flood: usize },
}

impl Pending {
    /// The host that brings it about: an arrival is its sender's doing.
    fn host(&self) -> HostId {
        match self {
            Pending::Arrival { flight, .. } => flight.from,
            Pending::Tree { node } => *node,
            // A shared wire is nobody's: it comes after all hosts.
            Pending::Medium { .. } => HostId(u16::MAX),
            Pending::Deadline { host }
            | Pending::Carrier { host, .. }
            | Pending::Resume { host, .. }
            | Pending::TimeReached { host, .. }
            | Pending::Flood { host, .. } => *host,
        }
    }
}

/// Everything that is to happen, in order of time; at the same time in the order it was put down, unless ties
/// are to be taken by host.
#[derive(Clone, Debug)]
pub(super) struct Agenda {
    queue: EventQueue<Pending>,
    /// What is due at `now`, in the order it was put down. Used only when ties are taken by host.
    due: VecDeque<Pending>,
    now: Instant,
    ties: Ties,
}

impl Agenda {
    pub(super) fn new(ties: Ties) -> Agenda {
        Agenda { queue: EventQueue::new(), due: VecDeque::new(), now: Instant::ZERO, ties }
    }

    pub(super) fn push(&mut self, at: Instant, pending: Pending) {
        self.queue.push(at.max(self.now), pending);
    }

    /// When the next thing happens.
    pub(super) fn next_at(&self) -> Option<Instant> {
        if self.due.is_empty() { self.queue.next_at() } else { Some(self.now) }
    }

    pub(super) fn pop(&mut self) -> Option<(Instant, Pending)> {
        if self.ties == Ties::AsTheyCame {
            let (at, pending) = self.queue.pop()?;
            self.now = at;
            return Some((at, pending));
        }
        self.now = self.next_at()?;
        while self.queue.next_at() == Some(self.now) {
            self.due.extend(self.queue.pop().map(|(_, pending)| pending));
        }
        let hosts = self.due.iter().map(Pending::host);
        let host = if self.ties == Ties::LowestFirst { hosts.min()? } else { hosts.max()? };
        let place = self.due.iter().position(|pending| pending.host() == host)?;
        self.due.remove(place).map(|pending| (self.now, pending))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(ties: Ties, events: &[(u64, u16)]) -> Vec<(u64, u16, usize)> {
        let mut agenda = Agenda::new(ties);
        for (number, (at, host)) in events.iter().enumerate() {
            let host = HostId(*host);
            agenda.push(Instant::from_nanos(*at), Pending::Flood { host, flood: number });
        }
        let mut popped = Vec::new();
        while let Some((at, pending)) = agenda.pop() {
            let Pending::Flood { host, flood } = pending else { unreachable!() };
            popped.push((at.as_nanos(), host.0, flood));
        }
        popped
    }

    #[test]
    fn ties_are_taken_in_the_order_they_were_put_down() {
        let events = [(5, 0), (1, 1), (5, 1), (5, 0)];
        assert_eq!(order(Ties::AsTheyCame, &events), [(1, 1, 1), (5, 0, 0), (5, 1, 2), (5, 0, 3)]);
    }

    #[test]
    fn ties_taken_by_host_keep_the_order_on_each() {
        let events = [(5, 0), (1, 1), (5, 1), (5, 0), (5, 1), (9, 0)];
        let highest = [(1, 1, 1), (5, 1, 2), (5, 1, 4), (5, 0, 0), (5, 0, 3), (9, 0, 5)];
        assert_eq!(order(Ties::HighestFirst, &events), highest);
        let lowest = [(1, 1, 1), (5, 0, 0), (5, 0, 3), (5, 1, 2), (5, 1, 4), (9, 0, 5)];
        assert_eq!(order(Ties::LowestFirst, &events), lowest);
    }

    #[test]
    fn what_is_put_down_for_the_present_moment_still_happens_in_it() {
        for ties in [Ties::AsTheyCame, Ties::LowestFirst, Ties::HighestFirst] {
            let mut agenda = Agenda::new(ties);
            let event = |host: u16| Pending::Deadline { host: HostId(host) };
            agenda.push(Instant::from_nanos(7), event(0));
            agenda.push(Instant::from_nanos(8), event(1));
            agenda.pop();
            agenda.push(Instant::from_nanos(3), event(2));
            assert_eq!(agenda.next_at(), Some(Instant::from_nanos(7)));
            let (at, pending) = agenda.pop().unwrap();
            assert_eq!((at.as_nanos(), pending.host()), (7, HostId(2)), "{ties:?}");
        }
    }
}
