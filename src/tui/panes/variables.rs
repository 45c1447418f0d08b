//! States and variables of the hosts, those of two hosts beside each other; what the step changed is marked.

use crate::link::HostId;
use crate::trace::{EndpointId, Event, Snapshot, Trace};
use crate::view::{Ink, Line, Look, place, variable_words};
use crate::walk::Walk;

/// Endpoints listed of one host at most: in a flood there are thousands.
const MOST: usize = 24;

/// States and variables as they are right after the step.
pub fn lines(walk: &Walk, look: &Look) -> Vec<Line> {
    let Some(step) = walk.step() else { return Vec::new() };
    let trace = walk.trace();
    let snapshot = Snapshot::at(trace, step.last);
    let changed = changed(walk);
    let hosts: Vec<HostId> =
        (0..trace.meta.hosts.len() as u16).map(HostId).filter(|host| takes_part(trace, *host)).collect();
    let block = |host: &HostId, width: usize| {
        host_lines(trace, &snapshot, *host, &changed, &Look { width, ..look.clone() })
    };
    match hosts.as_slice() {
        [left, right] if look.width >= 60 => {
            let half = (look.width - 3) / 2;
            beside(&block(left, half - 1), &block(right, half), half, look)
        }
        hosts => hosts.iter().flat_map(|host| block(host, look.width)).collect(),
    }
}

fn takes_part(trace: &Trace, host: HostId) -> bool {
    trace.endpoints.iter().any(|endpoint| endpoint.host == host)
}

/// Two columns with a rule between them.
fn beside(left: &[Line], right: &[Line], half: usize, look: &Look) -> Vec<Line> {
    let empty = Line::new();
    (0..left.len().max(right.len()))
        .map(|row| {
            let mut line = Line::new();
            line.append(left.get(row).unwrap_or(&empty)).to(half).push(look, Ink::Dim, "│").to(half + 2);
            line.append(right.get(row).unwrap_or(&empty));
            line
        })
        .collect()
}

/// What the step changed: endpoint and variable; an empty name stands for the state.
fn changed(walk: &Walk) -> Vec<(EndpointId, &'static str)> {
    let mut changed = Vec::new();
    for record in walk.here().records(walk.at()) {
        match &record.event {
            Event::Variables { endpoint, changes } => {
                changed.extend(changes.iter().map(|change| (*endpoint, change.variable)));
            }
            Event::StateChanged { endpoint, .. } => changed.push((*endpoint, "")),
            _ => {}
        }
    }
    changed
}

fn host_lines(
    trace: &Trace,
    snapshot: &Snapshot,
    host: HostId,
    changed: &[(EndpointId, &'static str)],
    look: &Look,
) -> Vec<Line> {
    let lang = look.lang;
    let mut title = Line::new();
    title.push_until(look, Ink::Heading, &format!(" {}", trace.host_name(host)), look.width);
    if snapshot.unplugged.contains(&host) {
        title.push_until(look, Ink::Lost, lang.pick("  off the wire", "  离开线路"), look.width);
    }
    let mut lines = vec![title];
    let live = |endpoint: &EndpointId| {
        snapshot.states.contains_key(endpoint) || snapshot.variables.contains_key(endpoint)
    };
    let own: Vec<EndpointId> = (0..trace.endpoints.len() as u32)
        .map(EndpointId)
        .filter(|endpoint| trace.endpoint(*endpoint).host == host && live(endpoint))
        .collect();
    for endpoint in own.iter().take(MOST) {
        endpoint_lines(trace, snapshot, *endpoint, changed, look, &mut lines);
    }
    if own.len() > MOST {
        let rest = own.len() - MOST;
        let text = lang.pick(format!(" … and {rest} more endpoints"), format!(" … 此外还有 {rest} 个端点"));
        lines.push(Line::of(look, Ink::Dim, &look.fit(&text, look.width)));
    } else if own.is_empty() {
        let text = lang.pick(" no TCP endpoint now", " 此刻没有 TCP 端点");
        lines.push(Line::of(look, Ink::Dim, &look.fit(text, look.width)));
    }
    lines
}

fn endpoint_lines(
    trace: &Trace,
    snapshot: &Snapshot,
    endpoint: EndpointId,
    changed: &[(EndpointId, &'static str)],
    look: &Look,
    lines: &mut Vec<Line>,
) {
    let info = trace.endpoint(endpoint);
    let is_changed = |name: &str| changed.iter().any(|(of, known)| *of == endpoint && *known == name);
    let mut line = Line::new();
    if let Some(state) = snapshot.states.get(&endpoint) {
        let mark = if is_changed("") { "*" } else { " " };
        line.push(look, Ink::Warn, mark).push_until(look, Ink::State, state.name(), look.width);
    }
    let remote = info.remote.map_or(String::new(), |remote| format!(" — {}", place(trace, remote)));
    let ends = format!(" :{}{remote}", info.local.port());
    line.push_until(look, Ink::Dim, &ends, look.width);
    lines.push(line);
    let bases = snapshot.bases(endpoint);
    let mut line = Line::new();
    for (name, value) in snapshot.variables.get(&endpoint).into_iter().flatten() {
        let changed = is_changed(name);
        let mark = if changed { "*" } else { " " };
        let value = variable_words(name, *value, bases, look);
        let needed = look.text_width(&format!(" {name} {value}"));
        // Two columns of variables where they fit, so that one finds them again.
        let column = (look.width / 2).max(1);
        let start = line.width().div_ceil(column) * column;
        if line.width() > 0 && start + needed > look.width {
            lines.push(std::mem::take(&mut line));
        } else {
            line.to(start);
        }
        line.push(look, Ink::Warn, mark).push_until(look, Ink::Dim, name, look.width);
        let ink = if changed { Ink::Warn } else { Ink::Plain };
        line.push(look, Ink::Plain, " ").push_until(look, ink, &value, look.width);
    }
    if line.width() > 0 {
        lines.push(line);
    }
}
