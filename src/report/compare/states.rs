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
    let mut order: Vec<&Point> = lefts.keys().collect();
    order.sort_by_key(|point| {
        let seen = simulated.records.iter().position(|record| match &record.event {
            Event::StatesObserved { label, .. } => *label == point.1 && record.host == Some(point.0),
            _ => false,
        });
        (point.1 == END, seen, point.0, point.2)
    });
    let mut lines = Vec::new();
    for point in order {
        let (host, label, _) = point;
        let (left, right) = (lefts.get(point), rights.get(point));
        let name = simulated.host_name(*host);
        let equal = left == right;
        let (simulated, live) = (shown(left), shown(right));
        let mark = if equal { Mark::Same } else { Mark::Different };
        lines.push(StateLine { text: line(name, label, &simulated), mark });
        tally.check(equal, || Finding::new(Subject::States, what(name, label), simulated, live));
    }
    for (point, right) in rights.iter().filter(|(point, _)| !lefts.contains_key(*point)) {
        let (host, label, _) = point;
        let name = simulated.host_name(*host);
        tally.check(false, || {
            Finding::new(Subject::States, what(name, label), shown(None), shown(Some(right)))
        });
    }
    lines
}

fn what(name: &str, label: &str) -> Text {
    Text::new(format!("states of {name} at “{label}”"), format!("{name} 在“{label}”时的状态"))
}

/// `server, client closed: :8080 LISTEN`.
fn line(name: &str, label: &str, states: &Text) -> Text {
    match label {
        END => {
            Text::new(format!("{name}, at the end: {}", states.en), format!("{name}，结束时：{}", states.zh))
        }
        _ => Text::new(format!("{name}, {label}: {}", states.en), format!("{name}，{label}：{}", states.zh)),
    }
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
    last.retain(|endpoint, state| {
        let endpoint = trace.endpoint(*endpoint);
        // A half-open connection that was reset is its listener's again (RFC 9293 section 3.10.7.4).
        let is_over = *state == State::Closed || *state == State::Listen && endpoint.remote.is_some();
        endpoint.host == host && !is_over
    });
    texts(trace, roles, &last.into_iter().collect::<Vec<_>>())
}

/// The states in one line, equal ones counted: `9 × :* - server:8080 TIME-WAIT`.
fn shown(states: Option<&Vec<String>>) -> Text {
    let Some(states) = states else { return Text::new("not looked at", "没有查看") };
    if states.is_empty() {
        return Text::new("none", "无");
    }
    let mut counted: Vec<(usize, &String)> = Vec::new();
    for state in states {
        match counted.last_mut() {
            Some((count, last)) if *last == state => *count += 1,
            _ => counted.push((1, state)),
        }
    }
    let texts: Vec<String> = counted
        .into_iter()
        .map(|(count, state)| if count == 1 { state.clone() } else { format!("{count} × {state}") })
        .collect();
    texts.join(", ").shown()
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
        .map(|(endpoint, state)| (trace.endpoint(*endpoint), state))
        // Generated load is compared by its numbers, in the queues.
        .filter(|(endpoint, _)| !roles.talks_to_forged(endpoint))
        .map(|(endpoint, state)| format!("{} {state}", roles.endpoint(trace, endpoint)))
        .collect();
    texts.sort_unstable();
    texts
}
