//! Paths through the state diagram.

use super::Finding;
use crate::lang::Text;
use crate::link::HostId;
use crate::tcp::State;
use crate::trace::{Endpoint, EndpointId, Event, Trace};
use std::collections::BTreeMap;

/// Some endpoint of the host passes exactly these states. Where it starts from (CLOSED, or LISTEN for a connection that a
/// listener made) may be left out.
pub(super) fn passes(trace: &Trace, host: HostId, path: &[State]) -> Finding {
    if path.is_empty() {
        return Err(Text::new("the expectation names no state", "该预期没有写任何状态"));
    }
    let walked = walked(trace, host);
    if walked.is_empty() {
        let sampled = sampled(trace, host);
        if !sampled.is_empty() {
            return passes_sampled(&sampled, path);
        }
    }
    let starts = |states: &[State]| matches!(states.first(), Some(State::Closed | State::Listen));
    let fits = |states: &Vec<State>| {
        states.as_slice() == path || (starts(states) && states.get(1..).is_some_and(|rest| rest == path))
    };
    if walked.iter().any(|(_, states)| fits(states)) {
        return Ok(());
    }
    Err(instead(trace, host, &walked))
}

/// The states that each life of each endpoint of the host passed.
fn walked(trace: &Trace, host: HostId) -> Vec<(EndpointId, Vec<State>)> {
    trace
        .paths()
        .into_iter()
        .filter(|path| trace.endpoint(path.endpoint).host == host)
        .map(|path| (path.endpoint, path.states()))
        .collect()
}

/// A kernel shows its states only when looked at: each endpoint's states at the moments somebody looked, repeats removed.
fn sampled(trace: &Trace, host: HostId) -> Vec<Vec<State>> {
    let mut seen: BTreeMap<EndpointId, Vec<State>> = BTreeMap::new();
    for record in &trace.records {
        let Event::StatesObserved { states, .. } = &record.event else { continue };
        for (endpoint, state) in states {
            let path = seen.entry(*endpoint).or_default();
            if trace.endpoint(*endpoint).host == host && path.last() != Some(state) {
                path.push(*state);
            }
        }
    }
    seen.into_values().filter(|path| !path.is_empty()).collect()
}

/// What was sampled must be states of the path, in its order: sampling may miss some, but not add any.
fn passes_sampled(sampled: &[Vec<State>], path: &[State]) -> Finding {
    let within = |states: &Vec<State>| {
        let mut rest = path.iter();
        states.iter().all(|state| rest.any(|known| known == state))
    };
    if sampled.iter().any(within) {
        return Ok(());
    }
    let came: Vec<String> = sampled.iter().map(|states| path_text(states)).collect();
    Err(Text::new(
        format!("seen when looked at: {}", came.join("; ")),
        format!("查看时见到的是：{}", came.join("；")),
    ))
}

fn instead(trace: &Trace, host: HostId, walked: &[(EndpointId, Vec<State>)]) -> Text {
    let name = trace.host_name(host);
    if walked.is_empty() {
        return Text::new(
            format!("no endpoint of {name} changed its state"),
            format!("{name} 没有任何端点改变过状态"),
        );
    }
    let came: Vec<String> = walked
        .iter()
        .map(|(endpoint, states)| format!("{}: {}", end_text(trace.endpoint(*endpoint)), path_text(states)))
        .collect();
    Text::new(format!("came {}", came.join("; ")), format!("出现的是 {}", came.join("；")))
}

fn path_text(states: &[State]) -> String {
    states.iter().map(|state| state.name()).collect::<Vec<_>>().join(" ")
}

fn end_text(endpoint: &Endpoint) -> String {
    match endpoint.remote {
        Some(remote) => format!("{} - {remote}", endpoint.local),
        None => endpoint.local.to_string(),
    }
}
