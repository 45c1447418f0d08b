//! Queues with how full they are, timers with when they run out, counters that have risen.

use crate::clock::{Instant, Span};
use crate::mib::Counter;
use crate::trace::{EndpointId, Snapshot, Trace};
use crate::view::{Ink, Line, Look, place, queue_name, span, timer_name};
use crate::walk::Walk;

/// Where things stand: the name, the bar, the amount, whose it is.
#[derive(Clone, Copy)]
struct Columns {
    bar: usize,
    cells: usize,
    /// `None` where there is no room beside: whose it is stands on a line of its own.
    whose: Option<usize>,
}

impl Columns {
    fn of(look: &Look) -> Columns {
        if look.width < Look::NARROWEST {
            return Columns { bar: 18, cells: 8, whose: None };
        }
        Columns { bar: 24, cells: 16, whose: Some(24 + 16 + 18) }
    }

    /// Adds whose it is.
    fn finish(self, mut line: Line, whose: &str, look: &Look) -> Vec<Line> {
        let Some(at) = self.whose else {
            let mut below = Line::new();
            below.to(5).push_until(look, Ink::Dim, whose, look.width);
            return vec![line, below];
        };
        line.to(at).push_until(look, Ink::Dim, &format!(" {whose}"), look.width);
        vec![line]
    }
}

/// Rows of each kind at most.
const MOST: usize = 40;

/// Queues, timers and counters right after the step.
pub fn lines(walk: &Walk, look: &Look) -> Vec<Line> {
    let Some(step) = walk.step() else { return Vec::new() };
    let lang = look.lang;
    let trace = walk.trace();
    let snapshot = Snapshot::at(trace, step.last);
    let mut lines = section(lang.pick("queues", "队列"), look);
    let queues = snapshot.queues.iter().take(MOST);
    lines.extend(queues.flat_map(|((endpoint, queue), (length, limit))| {
        queue_line(trace, *endpoint, queue, *length, *limit, look)
    }));
    nothing(&mut lines, 1, lang.pick("no queue has held anything yet", "还没有队列装过东西"), look);
    let timers = timers(trace, &snapshot, step.at, look);
    lines.extend(section(lang.pick("timers", "计时器"), look));
    let before = lines.len();
    lines.extend(timers.into_iter().take(MOST));
    nothing(&mut lines, before, lang.pick("no timer runs", "没有计时器在走"), look);
    let counters = counters(trace, &snapshot, look);
    if !counters.is_empty() {
        lines.extend(section(lang.pick("counters", "计数器"), look));
        lines.extend(counters);
    }
    lines
}

fn section(title: &str, look: &Look) -> Vec<Line> {
    vec![Line::of(look, Ink::Heading, &format!(" {title}"))]
}

fn nothing(lines: &mut Vec<Line>, before: usize, text: &str, look: &Look) {
    if lines.len() == before {
        lines.push(Line::of(look, Ink::Dim, &format!("   {text}")));
    }
}

/// The endpoint with its host's name.
fn whose(trace: &Trace, endpoint: EndpointId) -> String {
    let info = trace.endpoint(endpoint);
    let remote = info.remote.map_or(String::new(), |remote| format!(" — {}", place(trace, remote)));
    format!("{}:{}{remote}", trace.host_name(info.host), info.local.port())
}

fn queue_line(
    trace: &Trace,
    endpoint: EndpointId,
    queue: &str,
    length: u64,
    limit: Option<u64>,
    look: &Look,
) -> Vec<Line> {
    let columns = Columns::of(look);
    let mut line = Line::new();
    line.to(3).push_until(look, Ink::Plain, queue_name(queue, look.lang), columns.bar - 1).to(columns.bar);
    let amount = limit.map_or_else(|| length.to_string(), |limit| format!("{length}/{limit}"));
    if let Some(limit) = limit.filter(|limit| *limit > 0) {
        let one = look.text_width("█").max(1);
        let cells = columns.cells / one;
        let full = (length.min(limit) as u128 * cells as u128).div_ceil(limit as u128) as usize;
        let ink = if length >= limit { Ink::Bad } else { Ink::Data };
        line.push(look, ink, &"█".repeat(full)).push(
            look,
            Ink::Dim,
            &"·".repeat((cells - full) * one / look.text_width("·").max(1)),
        );
    }
    line.to(columns.bar + columns.cells + 1).push_until(look, Ink::State, &amount, look.width);
    columns.finish(line, &whose(trace, endpoint), look)
}

/// Timers, the next to run out first.
fn timers(trace: &Trace, snapshot: &Snapshot, now: Instant, look: &Look) -> Vec<Line> {
    let mut running: Vec<(u64, EndpointId, &str)> = Vec::new();
    for (endpoint, values) in &snapshot.variables {
        for (name, deadline) in values {
            if let Some(timer) = name.strip_prefix("timer.") {
                running.push((*deadline, *endpoint, timer));
            }
        }
    }
    running.sort_unstable();
    let columns = Columns::of(look);
    let line = |(deadline, endpoint, timer): (u64, EndpointId, &str)| {
        let at = Instant::ZERO + Span::micros(deadline);
        let left = span(if at > now { at.since(now) } else { Span::ZERO });
        let mut line = Line::new();
        line.to(3).push_until(look, Ink::Plain, &timer_name(timer, look), columns.bar - 1).to(columns.bar);
        let due = look.lang.pick(format!("at {at} s, in {left}"), format!("{at} 秒到时，还有 {left}"));
        line.push_until(look, Ink::Warn, &due, look.width);
        columns.finish(line, &whose(trace, endpoint), look)
    };
    running.into_iter().flat_map(line).collect()
}

fn counters(trace: &Trace, snapshot: &Snapshot, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    for (host, counters) in &snapshot.counters {
        let risen = Counter::ALL.iter().filter(|counter| counters.get(**counter) > 0);
        let words: Vec<String> =
            risen.map(|counter| format!("{counter}\u{a0}{}", counters.get(*counter))).collect();
        let host = trace.host_name(*host);
        for (at, text) in look.wrap(&words.join("  "), look.width.saturating_sub(14)).iter().enumerate() {
            let mut line = Line::new();
            if at == 0 {
                line.to(3).push_until(look, Ink::Plain, host, 12);
            }
            line.to(13).push(look, Ink::Dim, text);
            lines.push(line);
        }
    }
    lines
}
