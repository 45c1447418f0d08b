//! States at the same quiet points, as the kernel showed them.

use super::roles::Roles;
use super::tally::{Finding, Shown, Subject, Tally};
use super::{Mark, StateLine};
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::HostId;
use crate::tcp::State;
use crate::trace::{EndpointId, Event, Record, Stop, Trace};
use std::collections::BTreeMap;

/// Host, label, and which observation of that label.
type Point = (HostId, String, usize);

/// The label of the last look: a kernel is looked at when its run is over; what the simulator then had is known anyway.
const END: &str = "end";

/// Compares what was seen at each checkpoint that both runs passed, and at the end. Only observed states are compared: none
/// is inferred from a table of our own.
pub(super) fn compare(simulated: &Trace, live: &Trace, roles: &Roles, tally: &mut Tally) -> Vec<StateLine> {
    let (mut lefts, rights) = (observed(simulated, roles), observed(live, roles));
    let horizon = horizon(live);
    for point in rights.keys().filter(|(_, label, _)| label == END) {
        if horizon < simulated.end() || !lefts.contains_key(point) {
            lefts.insert(point.clone(), last_states(simulated, roles, point.0, horizon));
        }
    }
    let mut lines = Vec::new();
    for (point, left) in &lefts {
        let right = rights.get(point);
        let (host, label, _) = point;
        let name = simulated.host_name(*host);
        let equal = right == Some(left);
        tally.check(equal, || {
            let what =
                Text::new(format!("states of {name} at “{label}”"), format!("{name} 在“{label}”时的状态"));
            let live = right.map_or_else(not_looked_at, |states| joined(states));
            Finding::new(Subject::States, what, joined(left), live)
        });
        let states = joined(left);
        let text =
            Text::new(format!("{name} @{label}: {}", states.en), format!("{name} @{label}：{}", states.zh));
        lines.push(StateLine { text, mark: if equal { Mark::Same } else { Mark::Different } });
    }
    for (point, right) in rights.iter().filter(|(point, _)| !lefts.contains_key(*point)) {
        let (host, label, _) = point;
        let name = simulated.host_name(*host);
        tally.check(false, || {
            let what =
                Text::new(format!("states of {name} at “{label}”"), format!("{name} 在“{label}”时的状态"));
            Finding::new(Subject::States, what, not_looked_at(), joined(right))
        });
    }
    lines
}

/// Until when the simulated run is followed: a live run does not wait for the end of a TIME-WAIT when nothing else is left.
fn horizon(live: &Trace) -> Instant {
    match live.records.last() {
        Some(Record { event: Event::Stopped(Stop::Until), at, .. }) => *at + Span::secs(1),
        Some(_) | None => Instant::MAX,
    }
}

/// The states of the host's endpoints when the live run had ended, as their last changes in the simulator left them.
fn last_states(trace: &Trace, roles: &Roles, host: HostId, horizon: Instant) -> Vec<String> {
    let mut last: BTreeMap<EndpointId, State> = BTreeMap::new();
    for path in trace.paths() {
        if let Some((_, state)) = path.steps().take_while(|(at, _)| *at <= horizon).last() {
            last.insert(path.endpoint, state);
        }
    }
    last.retain(|endpoint, state| trace.endpoint(*endpoint).host == host && *state != State::Closed);
    texts(trace, roles, &last.into_iter().collect::<Vec<_>>())
}

fn joined(states: &[String]) -> Text {
    if states.is_empty() { Text::new("none", "无") } else { states.join(", ").shown() }
}

fn not_looked_at() -> Text {
    Text::new("not looked at", "没有查看")
}

fn observed(trace: &Trace, roles: &Roles) -> BTreeMap<Point, Vec<String>> {
    let mut count: BTreeMap<(HostId, String), usize> = BTreeMap::new();
    let mut points = BTreeMap::new();
    for record in &trace.records {
        let Event::StatesObserved { label, states } = &record.event else { continue };
        let Some(host) = record.host else { continue };
        let nth = count.entry((host, label.clone())).or_default();
        points.insert((host, label.clone(), *nth), texts(trace, roles, states));
        *nth += 1;
    }
    points
}

fn texts(trace: &Trace, roles: &Roles, states: &[(EndpointId, State)]) -> Vec<String> {
    let mut texts: Vec<String> = states
        .iter()
        .map(|(endpoint, state)| format!("{} {state}", roles.endpoint(trace, trace.endpoint(*endpoint))))
        .collect();
    texts.sort_unstable();
    texts
}
