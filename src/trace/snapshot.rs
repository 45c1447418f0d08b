//! Replay: what held right after any record.

use super::{EndpointId, Event, RecordId, Trace};
use crate::link::HostId;
use crate::mib::Counters;
use crate::socket::ProcessId;
use crate::tcp::State;
use std::collections::BTreeMap;

/// What held right after a record, as far as the trace tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The state of each TCP endpoint that has one.
    pub states: BTreeMap<EndpointId, State>,
    /// Each endpoint's variables, in table order.
    pub variables: BTreeMap<EndpointId, Vec<(&'static str, u64)>>,
    /// What each endpoint's sequence numbers count from, `[iss, irs]`, as last known: a TIME-WAIT entry no longer has them.
    pub bases: BTreeMap<EndpointId, [Option<u64>; 2]>,
    /// Each queue's length and limit.
    pub queues: BTreeMap<(EndpointId, &'static str), (u64, Option<u64>)>,
    /// Counters by host.
    pub counters: BTreeMap<HostId, Counters>,
    /// For each process in a call, the record where the call began.
    pub calling: BTreeMap<ProcessId, RecordId>,
    /// Those of them that wait.
    pub blocked: BTreeMap<ProcessId, RecordId>,
    /// Hosts that are off the wire.
    pub unplugged: Vec<HostId>,
}

impl Snapshot {
    /// What held right after that record.
    pub fn at(trace: &Trace, record: RecordId) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for record in trace.records.iter().take(record.0 as usize + 1) {
            snapshot.apply(record.host, record.id, &record.event);
        }
        snapshot
    }

    /// The value of one variable.
    pub fn variable(&self, endpoint: EndpointId, name: &str) -> Option<u64> {
        let (_, value) = self.variables.get(&endpoint)?.iter().find(|(known, _)| *known == name)?;
        Some(*value)
    }

    /// What the endpoint's sequence numbers count from: `[iss, irs]`, as far as they were ever told.
    pub fn bases(&self, endpoint: EndpointId) -> [Option<u64>; 2] {
        self.bases.get(&endpoint).copied().unwrap_or_default()
    }

    /// Takes the next record into account: for whoever walks a trace from its beginning.
    pub fn apply(&mut self, host: Option<HostId>, id: RecordId, event: &Event) {
        match event {
            Event::StateChanged { endpoint, to: State::Closed, .. } => {
                self.states.remove(endpoint);
            }
            Event::StateChanged { endpoint, to, .. } => {
                self.states.insert(*endpoint, *to);
            }
            Event::StatesObserved { states, .. } => {
                self.states.extend(states.iter().copied());
            }
            Event::Variables { endpoint, changes } => {
                let values = self.variables.entry(*endpoint).or_default();
                for change in changes {
                    let base = ["iss", "irs"].iter().position(|base| *base == change.variable);
                    if let (Some(base), Some(after)) = (base, change.after) {
                        self.bases.entry(*endpoint).or_default()[base] = Some(after);
                    }
                    let place = values.iter().position(|(name, _)| *name == change.variable);
                    match (place, change.after) {
                        (Some(place), Some(after)) => values[place].1 = after,
                        (Some(place), None) => {
                            values.remove(place);
                        }
                        (None, Some(after)) => values.push((change.variable, after)),
                        (None, None) => {}
                    }
                }
                if values.is_empty() {
                    self.variables.remove(endpoint);
                }
            }
            Event::Queue { endpoint, queue, length, limit } => {
                self.queues.insert((*endpoint, queue), (*length, *limit));
            }
            Event::Counted { counter, by } => {
                if let Some(host) = host {
                    self.counters.entry(host).or_default().add(*counter, *by);
                }
            }
            Event::CallStarted { process, .. } => {
                self.calling.insert(*process, id);
            }
            Event::CallBlocked { process, call } => {
                self.blocked.insert(*process, *call);
            }
            Event::CallReturned { process, .. } | Event::ProcessEnded { process } => {
                self.calling.remove(process);
                self.blocked.remove(process);
            }
            Event::LinkChanged { up, next: None } => {
                self.unplugged.retain(|known| Some(*known) != host);
                if let (false, Some(host)) = (up, host) {
                    self.unplugged.push(host);
                }
            }
            Event::LinkChanged { next: Some(_), .. }
            | Event::FrameSent { .. }
            | Event::FrameArrived { .. }
            | Event::FrameLost { .. }
            | Event::FrameDropped { .. }
            | Event::Checked { .. }
            | Event::Forked { .. }
            | Event::TimerFired { .. }
            | Event::Noted { .. }
            | Event::Stopped(_) => {}
        }
    }
}
