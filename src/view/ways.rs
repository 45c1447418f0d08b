//! The state diagram as ways between states, and the ways that a run took: what every drawing of it starts from.

use super::Look;
use super::calls_text::place;
use crate::clock::Instant;
use crate::tcp::{EDGES, Edge, State};
use crate::trace::{Event, Path, RecordId, Trace};

/// All edges that lead from one state to another: a drawing shows them as one arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// From.
    pub from: State,
    /// To.
    pub to: State,
    /// What leads there, in the order of the table.
    pub edges: Vec<&'static Edge>,
}

impl Way {
    /// Every event that leads this way.
    pub fn words(&self, look: &Look) -> String {
        let words: Vec<&str> = self.edges.iter().map(|edge| edge.event.label(look.lang)).collect();
        words.join(look.lang.pick(", ", "、"))
    }

    /// What led this way in the walks; where none took it, the first of all, with a sign that there are more.
    pub fn brief(&self, walks: &[Walked], look: &Look) -> String {
        let crossed = |edge: &Edge| walks.iter().flat_map(|walk| &walk.steps).any(|step| step.crosses(edge));
        let taken = self.edges.iter().position(|edge| crossed(edge));
        let more = if self.edges.len() > 1 && taken.is_none() { " …" } else { "" };
        let edge = self.edges.get(taken.unwrap_or(0));
        edge.map_or_else(String::new, |edge| format!("{}{more}", edge.event.label(look.lang)))
    }
}

/// Every way of the table, in its order.
pub fn ways() -> Vec<Way> {
    let mut ways: Vec<Way> = Vec::new();
    for edge in EDGES {
        match ways.iter_mut().find(|way| (way.from, way.to) == (edge.from, edge.to)) {
            Some(way) => way.edges.push(edge),
            None => ways.push(Way { from: edge.from, to: edge.to, edges: vec![edge] }),
        }
    }
    ways
}

/// One step of a walk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// What told it.
    pub record: RecordId,
    /// From.
    pub from: State,
    /// To.
    pub to: State,
    /// The RFC section of the edge; empty where the trace does not tell.
    pub section: &'static str,
}

impl Step {
    /// Whether it may have crossed that edge.
    pub fn crosses(&self, edge: &Edge) -> bool {
        let told = EDGES
            .iter()
            .any(|other| (other.from, other.to, other.section) == (self.from, self.to, self.section));
        (self.from, self.to) == (edge.from, edge.to) && (!told || self.section == edge.section)
    }
}

/// One end's walk through the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walked {
    /// Whose, such as `client:49152`.
    pub who: String,
    /// Where it began.
    pub start: State,
    /// Its steps.
    pub steps: Vec<Step>,
}

impl Walked {
    fn new(trace: &Trace, path: &Path<'_>) -> Walked {
        let steps = path.changes.iter().filter_map(|record| match &record.event {
            Event::StateChanged { from, to, section, .. } => {
                Some(Step { at: record.at, record: record.id, from: *from, to: *to, section })
            }
            _ => None,
        });
        let who = place(trace, trace.endpoint(path.endpoint).local);
        Walked { who, start: path.start, steps: steps.collect() }
    }

    /// The states passed, the first one included.
    pub fn states(&self) -> Vec<State> {
        std::iter::once(self.start).chain(self.steps.iter().map(|step| step.to)).collect()
    }

    /// The numbers, from 1, of the steps that took that way.
    pub fn numbers(&self, from: State, to: State) -> Vec<usize> {
        let numbered = self.steps.iter().zip(1..);
        numbered.filter(|(step, _)| (step.from, step.to) == (from, to)).map(|(_, number)| number).collect()
    }
}

/// The walks worth lighting: both ends of the connection that went furthest; and how many connections there are besides.
pub fn walked(trace: &Trace) -> (Vec<Walked>, usize) {
    let paths = trace.paths();
    let ends = |path: &Path<'_>| {
        let endpoint = trace.endpoint(path.endpoint);
        endpoint.remote.map(|remote| (endpoint.local, remote))
    };
    let peer = |one: &Path<'_>| {
        let (local, remote) = ends(one)?;
        paths.iter().position(|other| ends(other) == Some((remote, local)))
    };
    let length = |path: &Path<'_>| {
        path.changes.len()
            + peer(path).and_then(|other| paths.get(other)).map_or(0, |path| path.changes.len())
    };
    let connections = paths.iter().filter(|path| ends(path).is_some()).count();
    // Of equals the first: `max_by_key` would take the last.
    let best = paths.iter().enumerate().rev().max_by_key(|(_, path)| (ends(path).is_some(), length(path)));
    let Some((first, path)) = best else { return (Vec::new(), 0) };
    let mut chosen = vec![first];
    chosen.extend(peer(path).filter(|other| *other != first));
    let rest = connections.saturating_sub(chosen.len());
    (chosen.into_iter().filter_map(|at| paths.get(at)).map(|path| Walked::new(trace, path)).collect(), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_hold_every_edge_once() {
        let ways = ways();
        assert_eq!(ways.iter().map(|way| way.edges.len()).sum::<usize>(), EDGES.len());
        for way in &ways {
            assert!(way.edges.iter().all(|edge| (edge.from, edge.to) == (way.from, way.to)));
        }
    }

    #[test]
    fn a_step_crosses_the_edge_of_its_section_and_any_where_none_is_told() {
        let step = |section| Step {
            at: Instant::ZERO,
            record: RecordId(0),
            from: State::SynSent,
            to: State::Closed,
            section,
        };
        let crossed = |section| EDGES.iter().filter(|edge| step(section).crosses(edge)).count();
        assert_eq!(crossed("RFC 9293 3.8.3"), 1, "the time-out");
        assert_eq!(crossed(""), 5, "whatever leads from SYN-SENT to CLOSED");
    }
}
