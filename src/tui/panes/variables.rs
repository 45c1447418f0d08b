//! States and variables of the hosts, those of two hosts beside each other; what the step changed is marked.

use crate::link::HostId;
use crate::trace::{EndpointId, Event, Snapshot, Trace};
use crate::view::{Ink, Line, Look, place, variable_words};
use crate::walk::Walk;
use std::collections::{BTreeMap, BTreeSet};

/// Endpoints listed of one host at most: in a flood there are thousands.
const MOST: usize = 24;
/// Hosts listed at most: in a capture there may be thousands.
const MOST_HOSTS: usize = 6;

/// States and variables as they are right after the step.
pub fn lines(walk: &Walk, look: &Look) -> Vec<Line> {
    let Some(step) = walk.step() else { return Vec::new() };
    let trace = walk.trace();
    let snapshot = Snapshot::at(trace, step.last);
    let changed = changed(walk);
    let (hosts, others) = taking_part(walk);
    let mut own: BTreeMap<HostId, Vec<EndpointId>> = BTreeMap::new();
    let live: BTreeSet<EndpointId> =
        snapshot.states.keys().chain(snapshot.variables.keys()).copied().collect();
    for endpoint in live {
        own.entry(trace.endpoint(endpoint).host).or_default().push(endpoint);
    }
    let block = |host: &HostId, width: usize| {
        let own = own.get(host).map_or(&[][..], Vec::as_slice);
        host_lines(trace, &snapshot, (*host, own), &changed, &Look { width, ..look.clone() })
    };
    match hosts.as_slice() {
        [left, right] if look.width >= 60 && others == 0 => {
            let half = (look.width - 3) / 2;
            beside(&block(left, half - 1), &block(right, half), half, look)
        }
        hosts => {
            let mut lines: Vec<Line> = hosts.iter().flat_map(|host| block(host, look.width)).collect();
            if others > 0 {
                let text = look
                    .lang
                    .pick(format!(" … and {others} more hosts"), format!(" … 此外还有 {others} 台主机"));
                lines.push(Line::of(look, Ink::Dim, &text));
            }
            lines
        }
    }
}

/// The hosts with endpoints, and how many more there are than can be listed: then those the step is about come first.
fn taking_part(walk: &Walk) -> (Vec<HostId>, usize) {
    let hosts: BTreeSet<HostId> = walk.trace().endpoints.iter().map(|endpoint| endpoint.host).collect();
    let all = hosts.len();
    if all <= MOST_HOSTS {
        return (hosts.into_iter().collect(), 0);
    }
    let records = walk.here().records(walk.at()).iter();
    let about = records.flat_map(|record| match &record.event {
        Event::FrameSent { to, .. } => [record.host, *to],
        _ => [record.host, None],
    });
    let mut listed: Vec<HostId> = Vec::new();
    for host in about.flatten().filter(|host| hosts.contains(host)).chain(hosts.iter().copied()) {
        if listed.len() == MOST_HOSTS {
            break;
        }
        if !listed.contains(&host) {
            listed.push(host);
        }
    }
    let others = all - listed.len();
    (listed, others)
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
    (host, own): (HostId, &[EndpointId]),
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
