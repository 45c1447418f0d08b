//! The ways endpoints took through the state diagram.

use super::{EndpointId, Event, Record, Trace};
use crate::clock::Instant;
use crate::tcp::State;

/// One life of an endpoint: from where it came into being to CLOSED, or to the end of the trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Path<'a> {
    /// Whose.
    pub endpoint: EndpointId,
    /// The state before its first change: CLOSED, or LISTEN for a connection a listener made.
    pub start: State,
    /// Each change, in order.
    pub changes: Vec<&'a Record>,
}

impl Path<'_> {
    /// The states passed, the first one included.
    pub fn states(&self) -> Vec<State> {
        let mut states = vec![self.start];
        states.extend(self.steps().map(|(_, state)| state));
        states
    }
    /// When each further state was entered.
    pub fn steps(&self) -> impl Iterator<Item = (Instant, State)> + '_ {
        self.changes.iter().filter_map(|record| match &record.event {
            Event::StateChanged { to, .. } => Some((record.at, *to)),
            _ => None,
        })
    }
    /// The last state.
    pub fn last(&self) -> State {
        self.steps().last().map_or(self.start, |(_, state)| state)
    }
}

impl Trace {
    /// The lives of all TCP endpoints, in the order they began. The same two ports may live several times.
    pub fn paths(&self) -> Vec<Path<'_>> {
        let mut paths: Vec<Path<'_>> = Vec::new();
        let mut open: Vec<Option<usize>> = vec![None; self.endpoints.len()];
        for record in &self.records {
            let Event::StateChanged { endpoint, from, to, .. } = &record.event else { continue };
            let Some(slot) = open.get_mut(endpoint.0 as usize) else { continue };
            let place = match *slot {
                // A new SYN may take over a connection in TIME-WAIT: then it starts again from LISTEN.
                Some(place) if paths[place].last() == *from => place,
                _ => {
                    paths.push(Path { endpoint: *endpoint, start: *from, changes: Vec::new() });
                    paths.len() - 1
                }
            };
            paths[place].changes.push(record);
            *slot = (*to != State::Closed).then_some(place);
        }
        paths
    }
}
