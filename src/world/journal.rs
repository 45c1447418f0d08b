//! Writes the trace: turns what hosts report into records with causes, and compares their variables before
//! and after each step. The engine below knows nothing of it.

use super::load::{HostLoad, Load};
use crate::clock::Instant;
use crate::host::{EndpointKey, Host, Reason};
use crate::link::{Heading, HostId};
use crate::mib::{Counter, Counters};
use crate::tcp::State;
use crate::trace::{Change, Endpoint, EndpointId, Event, Level, Meta, RecordId, Recorder, Stop, Trace};
use bytes::Bytes;
use std::collections::BTreeMap;

/// An endpoint's variables in the host's fixed order.
type Variables = Vec<(&'static str, u64)>;

/// What the journal remembers of one host.
#[derive(Clone, Debug, Default)]
struct HostPage {
    /// Variables after the last step.
    variables: Vec<(EndpointKey, Variables)>,
    /// The last record that touched an endpoint: what its next timer was waiting for.
    touched: BTreeMap<EndpointKey, RecordId>,
    /// Endpoints per state, kept up from the changes.
    states: [u32; State::ALL.len()],
    /// The counters as the trace has them.
    counted: Counters,
    load: HostLoad,
    /// The first endpoint whose frame had to pass a card that takes its time, and how many frames wait there.
    card: Option<(EndpointKey, u64)>,
    /// The average that random early detection keeps of them, as the trace has it.
    average: u64,
}

/// The growing trace of a world.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    recorder: Recorder,
    level: Level,
    pages: Vec<HostPage>,
    pub(super) load: Load,
}

impl Journal {
    pub(super) fn new(meta: Meta, level: Level) -> Journal {
        let pages = vec![HostPage::default(); meta.hosts.len()];
        Journal { recorder: Recorder::new(meta), level, pages, load: Load::default() }
    }

    pub(super) fn recorder(&self) -> &Recorder {
        &self.recorder
    }
    pub(super) fn recorder_mut(&mut self) -> &mut Recorder {
        &mut self.recorder
    }
    pub(super) fn into_trace(self) -> Trace {
        self.recorder.finish()
    }

    /// The latest record.
    pub(super) fn latest(&self) -> Option<RecordId> {
        self.recorder.len().checked_sub(1).map(RecordId)
    }

    /// Whether frames and variables are recorded.
    pub(super) fn full(&self) -> bool {
        self.level == Level::Full
    }

    /// How many TCP endpoints of the host are in the state.
    pub(super) fn in_state(&self, host: HostId, state: State) -> u32 {
        self.pages[host.index()].states[place(state)]
    }

    /// Records something about a script or a queue: kept at every level but off.
    pub(super) fn note(
        &mut self,
        at: Instant,
        host: Option<HostId>,
        cause: Option<RecordId>,
        event: Event,
    ) -> Option<RecordId> {
        (self.level != Level::Off).then(|| self.recorder.push(at, host, cause, event))
    }

    /// Records something about a frame, a timer or a decision: kept at level full only.
    pub(super) fn detail(
        &mut self,
        at: Instant,
        host: Option<HostId>,
        cause: Option<RecordId>,
        event: Event,
    ) -> Option<RecordId> {
        self.full().then(|| self.recorder.push(at, host, cause, event))
    }

    /// The end; recorded at every level.
    pub(super) fn stop(&mut self, at: Instant, machines: &[Option<Host>], stop: Stop) {
        for (index, machine) in machines.iter().enumerate() {
            let host = HostId(index as u16);
            self.settle_load(at, host);
            if let Some(machine) = machine.as_ref().filter(|_| self.level != Level::Off) {
                self.write_counters(at, host, machine, None);
            }
        }
        self.recorder.push(at, None, None, Event::Stopped(stop));
    }

    /// The endpoint's number in the trace.
    pub(super) fn endpoint(&mut self, host: HostId, key: EndpointKey) -> EndpointId {
        self.recorder.endpoint(Endpoint {
            host,
            protocol: key.protocol,
            local: key.local,
            remote: key.remote,
        })
    }

    /// A host put a frame on the wire.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn frame_sent(
        &mut self,
        at: Instant,
        host: HostId,
        cause: Option<RecordId>,
        frame: &Bytes,
        heading: Heading,
        endpoint: Option<EndpointKey>,
        why: Reason,
    ) -> Option<RecordId> {
        if !self.full() {
            return None;
        }
        let number = endpoint.map(|key| self.endpoint(host, key));
        let Heading { to, next, .. } = heading;
        let event = Event::FrameSent { frame: frame.clone(), to, next, endpoint: number, why: Some(why) };
        let id = self.recorder.push(at, Some(host), cause, event);
        if let Some(key) = endpoint {
            self.touch(host, key, Some(id));
        }
        Some(id)
    }

    /// An endpoint crossed an edge of the diagram.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn state_changed(
        &mut self,
        at: Instant,
        host: HostId,
        cause: Option<RecordId>,
        key: EndpointKey,
        (from, to): (State, State),
        section: &'static str,
        quiet: bool,
    ) {
        let states = &mut self.pages[host.index()].states;
        // A connection that a listener makes comes from LISTEN, and goes back there if it is reset while half-open; the
        // listener was there all the time.
        let counts =
            |state: State| state != State::Closed && !(state == State::Listen && key.remote.is_some());
        if counts(from) {
            states[place(from)] = states[place(from)].saturating_sub(1);
        }
        if counts(to) {
            states[place(to)] += 1;
        }
        if !quiet && self.level != Level::Off {
            let endpoint = self.endpoint(host, key);
            self.note(at, Some(host), cause, Event::StateChanged { endpoint, from, to, section });
            self.touch(host, key, cause);
        }
    }

    /// Counts the endpoints anew: for the one case where they vanish without a word.
    pub(super) fn recount(&mut self, host: HostId, states: &[(EndpointKey, State)]) {
        let counts = &mut self.pages[host.index()].states;
        *counts = Default::default();
        for (_, state) in states {
            counts[place(*state)] += 1;
        }
    }

    /// A timer ran out. Its cause is what its endpoint was last busy with: the segment it was waiting to see
    /// acknowledged, the arrival it put off an answer to.
    pub(super) fn timer_fired(
        &mut self,
        at: Instant,
        host: HostId,
        key: Option<EndpointKey>,
        timer: &'static str,
    ) -> Option<RecordId> {
        if !self.full() {
            return None;
        }
        let cause = key.and_then(|key| self.pages[host.index()].touched.get(&key).copied());
        let endpoint = key.map(|key| self.endpoint(host, key));
        let id = self.detail(at, Some(host), cause, Event::TimerFired { endpoint, timer });
        if let Some(key) = key {
            self.touch(host, key, id);
        }
        id
    }

    /// The endpoint was busy because of that record.
    pub(super) fn touch(&mut self, host: HostId, key: EndpointKey, record: Option<RecordId>) {
        if let Some(record) = record {
            let latest = self.pages[host.index()].touched.entry(key).or_insert(record);
            *latest = record.max(*latest);
        }
    }

    /// A queue's new length.
    #[allow(clippy::too_many_arguments)]
    pub(super) fn queue(
        &mut self,
        at: Instant,
        host: HostId,
        cause: Option<RecordId>,
        key: EndpointKey,
        (queue, length, limit): (&'static str, u64, Option<u64>),
        quiet: bool,
    ) {
        if self.level == Level::Off {
            return;
        }
        let endpoint = self.endpoint(host, key);
        // Only a listener's queues are moved by load as well as by others.
        let shared = !self.load.is_empty() && key.remote.is_none();
        let load = &mut self.pages[host.index()].load;
        // Whoever moved the queue of half-open entries, under load it is thinned out: entries expire by thousands.
        if quiet || (shared && queue == "half-open") {
            load.queue_changed(endpoint, queue, length, limit);
        } else {
            if shared {
                load.queue_recorded(at, endpoint, queue, length, limit);
            }
            self.recorder.push(at, Some(host), cause, Event::Queue { endpoint, queue, length, limit });
        }
    }

    /// So many frames wait at the host's card, and so many may. The card is everybody's; in the trace it belongs to the
    /// first endpoint that used it.
    pub(super) fn card(
        &mut self,
        at: Instant,
        host: HostId,
        cause: Option<RecordId>,
        key: Option<EndpointKey>,
        (length, limit): (u64, u64),
    ) {
        if !self.full() {
            return;
        }
        let card = &mut self.pages[host.index()].card;
        let Some((owner, known)) = card.or_else(|| key.map(|key| (key, 0))) else { return };
        *card = Some((owner, length));
        if known != length {
            self.queue(at, host, cause, owner, ("wire", length, Some(limit)), false);
        }
    }

    /// Random early detection keeps this average of the queue at the host's card; it belongs to whom the card does.
    pub(super) fn average(&mut self, at: Instant, host: HostId, cause: Option<RecordId>, average: u64) {
        let page = &mut self.pages[host.index()];
        let Some((owner, _)) = page.card else { return };
        if self.level == Level::Full && page.average != average {
            page.average = average;
            self.queue(at, host, cause, owner, ("wire-average", average, None), false);
        }
    }

    /// The step on that host is over: what it changed in variables, queues and counters goes into the trace.
    pub(super) fn step_over(
        &mut self,
        at: Instant,
        host: HostId,
        machine: &Host,
        cause: Option<RecordId>,
        quiet: bool,
    ) {
        if self.level == Level::Off {
            return;
        }
        let due = self.write_load_queues(at, host);
        if !quiet {
            if self.full() {
                self.compare_variables(at, host, machine, cause);
            }
            self.write_counters(at, host, machine, cause);
        } else if due {
            self.write_counters(at, host, machine, None);
        }
    }

    /// Writes what load did to the queues as far as it is worth a point; says whether counters are due as well.
    fn write_load_queues(&mut self, at: Instant, host: HostId) -> bool {
        let load = &mut self.pages[host.index()].load;
        for (endpoint, queue, length, limit) in load.points(at) {
            self.recorder.push(at, Some(host), None, Event::Queue { endpoint, queue, length, limit });
        }
        load.counters_due(at)
    }

    /// Writes the exact lengths that load left its queues at.
    pub(super) fn settle_load(&mut self, at: Instant, host: HostId) {
        if self.level == Level::Off {
            return;
        }
        for (endpoint, queue, length, limit) in self.pages[host.index()].load.settle(at) {
            self.recorder.push(at, Some(host), None, Event::Queue { endpoint, queue, length, limit });
        }
    }

    /// Writes the counters that rose since the last time.
    fn write_counters(&mut self, at: Instant, host: HostId, machine: &Host, cause: Option<RecordId>) {
        let (now, told) = (machine.counters(), &mut self.pages[host.index()].counted);
        if now == told {
            return;
        }
        for counter in Counter::ALL.iter().copied() {
            let by = now.get(counter) - told.get(counter);
            if by > 0 {
                self.recorder.push(at, Some(host), cause, Event::Counted { counter, by });
            }
        }
        *told = now.clone();
    }

    fn compare_variables(&mut self, at: Instant, host: HostId, machine: &Host, cause: Option<RecordId>) {
        let after = machine.variables_of(|key| !self.load.concerns(key));
        let before = std::mem::take(&mut self.pages[host.index()].variables);
        for (key, changes) in differences(&before, &after) {
            let endpoint = self.endpoint(host, key);
            self.recorder.push(at, Some(host), cause, Event::Variables { endpoint, changes });
            self.touch(host, key, cause);
        }
        self.pages[host.index()].variables = after;
    }
}

fn place(state: State) -> usize {
    state as usize
}

/// What changed from one list of endpoints to the other; both are ordered by endpoint.
fn differences(
    before: &[(EndpointKey, Variables)],
    after: &[(EndpointKey, Variables)],
) -> Vec<(EndpointKey, Vec<Change>)> {
    let mut found = Vec::new();
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        let key = match (old.peek(), new.peek()) {
            (None, None) => return found,
            (Some((key, _)), None) | (None, Some((key, _))) => *key,
            (Some((one, _)), Some((other, _))) => *one.min(other),
        };
        let was = old.next_if(|(known, _)| *known == key).map_or(&[][..], |(_, values)| values);
        let is = new.next_if(|(known, _)| *known == key).map_or(&[][..], |(_, values)| values);
        let changes = changes_between(was, is);
        if !changes.is_empty() {
            found.push((key, changes));
        }
    }
}

fn changes_between(was: &[(&'static str, u64)], is: &[(&'static str, u64)]) -> Vec<Change> {
    let value = |list: &[(&'static str, u64)], name: &str| {
        list.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    };
    let gone = was.iter().filter(|(name, _)| value(is, name).is_none());
    let gone = gone.map(|(name, value)| Change { variable: name, before: Some(*value), after: None });
    let there = is.iter().filter_map(|(name, after)| {
        let before = value(was, name);
        (before != Some(*after)).then_some(Change { variable: name, before, after: Some(*after) })
    });
    there.chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Protocol;

    fn key(port: u16) -> EndpointKey {
        let local = std::net::SocketAddr::from(([10, 0, 0, 1], port));
        EndpointKey { protocol: Protocol::Tcp, local, remote: None }
    }

    #[test]
    fn variables_that_come_change_and_go_are_all_told() {
        let before = vec![(key(1), vec![("snd.una", 1), ("rto", 5)]), (key(3), vec![("snd.una", 9)])];
        let after = vec![(key(1), vec![("snd.una", 2), ("cwnd", 7)]), (key(2), vec![("snd.una", 4)])];
        let change = |variable, before, after| Change { variable, before, after };
        assert_eq!(
            differences(&before, &after),
            vec![
                (
                    key(1),
                    vec![
                        change("snd.una", Some(1), Some(2)),
                        change("cwnd", None, Some(7)),
                        change("rto", Some(5), None)
                    ]
                ),
                (key(2), vec![change("snd.una", None, Some(4))]),
                (key(3), vec![change("snd.una", Some(9), None)]),
            ]
        );
        assert_eq!(differences(&after, &after), vec![]);
    }
}
