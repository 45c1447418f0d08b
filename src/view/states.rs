//! Both ends' path through the state diagram: when, from where to where, why, and how long it stayed.

use super::calls_text::{place, span};
use super::lanes_text::{decimals, time};
use super::sequence::rounded;
use super::{Ink, Line, Look, heading};
use crate::tcp::{EDGES, State};
use crate::trace::{Event, Path, Trace};

/// Paths drawn one by one; of a flood's half-open entries the rest is counted.
const MOST: usize = 40;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = heading::heading(trace, look);
    let paths = trace.paths();
    if paths.is_empty() {
        let seen = observed(trace, look);
        if !seen.is_empty() {
            lines.extend(seen);
            return lines;
        }
        let text = lang.pick("no TCP endpoint changed its state", "没有 TCP 端点改变过状态");
        lines.push(Line::of(look, Ink::Dim, text));
        return lines;
    }
    for path in paths.iter().take(MOST) {
        lines.extend(draw(trace, path, look));
        lines.push(Line::new());
    }
    if paths.len() > MOST {
        let rest = paths.len() - MOST;
        let text = lang.pick(format!("… and {rest} more endpoints"), format!("… 此外还有 {rest} 个端点"));
        lines.push(Line::of(look, Ink::Dim, &text));
    } else {
        lines.pop();
    }
    lines
}

/// What a kernel showed at quiet moments: it does not tell when it goes from state to state.
fn observed(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let decimals = decimals(trace.records.iter().map(|record| record.at));
    let mut lines = Vec::new();
    for record in &trace.records {
        let Event::StatesObserved { label, states } = &record.event else { continue };
        let host = record.host.map_or("", |host| trace.host_name(host));
        let mut title = Line::new();
        title.push_right(look, Ink::Dim, &time(record.at, decimals), 10).push(look, Ink::Plain, "  ");
        title.push(look, Ink::Heading, host);
        title.push_until(
            look,
            Ink::Dim,
            &lang.pick(format!(", seen at “{label}”"), format!("，见于“{label}”")),
            look.width,
        );
        lines.push(title);
        if states.is_empty() {
            let mut line = Line::new();
            line.to(14).push(look, Ink::Dim, lang.pick("no TCP endpoint", "没有 TCP 端点"));
            lines.push(line);
        }
        for (endpoint, state) in states {
            let info = trace.endpoint(*endpoint);
            let mut line = Line::new();
            line.to(14).push(look, Ink::State, state.name()).to(28).push(
                look,
                Ink::Plain,
                &place(trace, info.local),
            );
            if let Some(remote) = info.remote {
                line.push_until(look, Ink::Dim, &format!(" — {}", place(trace, remote)), look.width);
            }
            lines.push(line);
        }
    }
    lines
}

fn draw(trace: &Trace, path: &Path<'_>, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let endpoint = trace.endpoint(path.endpoint);
    let mut title = Line::new();
    title.push(look, Ink::Heading, &place(trace, endpoint.local));
    match endpoint.remote {
        Some(remote) => title.push(look, Ink::Dim, &format!(" — {}", place(trace, remote))),
        None => title.push(look, Ink::Dim, lang.pick(" — listener", " — 收听者")),
    };
    let mut lines = vec![title];
    let decimals = decimals(trace.records.iter().map(|record| record.at));
    let times = 2 + path.steps().map(|(at, _)| time(at, decimals).len()).max().unwrap_or(5);
    let mut first = Line::new();
    first.to(times + 2).push(look, Ink::State, path.start.name());
    lines.push(first);
    let steps: Vec<_> = path.steps().collect();
    for (at, record) in path.changes.iter().enumerate() {
        let Event::StateChanged { from, to, section, .. } = &record.event else { continue };
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &time(record.at, decimals), times).to(times + 2);
        line.push(look, Ink::Dim, "→ ").push(look, Ink::State, to.name()).to(times + 17);
        let stayed = steps.get(at + 1).map(|(next, _)| next.since(record.at));
        let stayed = match (stayed, to) {
            (Some(stayed), _) => {
                lang.pick(format!("for {}", span(rounded(stayed))), format!("停留 {}", span(rounded(stayed))))
            }
            (None, State::Closed) => String::new(),
            (None, _) => lang.pick("to the end", "直到结束").to_owned(),
        };
        let cite = if section.is_empty() { "" } else { section };
        let room = look.width - look.text_width(cite) - 1;
        line.push_until(look, Ink::Plain, &event_words(*from, *to, section, look), room.min(times + 40))
            .to(times + 41);
        line.push_until(look, Ink::Dim, &stayed, room);
        line.push_right(look, Ink::Dim, cite, look.width);
        lines.push(line);
    }
    lines
}

/// What carries across the edge; several events may lead the same way, then both are named.
pub fn event_words(from: State, to: State, section: &str, look: &Look) -> String {
    let fitting: Vec<_> = EDGES.iter().filter(|edge| edge.from == from && edge.to == to).collect();
    let exact: Vec<_> = fitting.iter().filter(|edge| edge.section == section).collect();
    let edges: Vec<&str> = if exact.is_empty() {
        fitting.iter().map(|edge| edge.event.label(look.lang)).collect()
    } else {
        exact.iter().map(|edge| edge.event.label(look.lang)).collect()
    };
    edges.join(" / ")
}
