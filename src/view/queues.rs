//! Queues over time, as charts; who of the honest visitors got in; what the counters say.

use super::calls_text::place;
use super::changes::queue_title;
use super::chart::Chart;
use super::{Ink, Line, Look, heading};
use crate::clock::Instant;
use crate::link::HostId;
use crate::mib::Counter;
use crate::socket::{ProcessId, Return};
use crate::trace::{Event, QueueSeries, Trace};
use std::collections::BTreeMap;

/// Charts drawn at most.
const MOST: usize = 8;
/// Rows of a chart above its zero.
const HEIGHT: u64 = 6;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = heading::heading(trace, look);
    let mut series: Vec<QueueSeries> = trace.queues().into_iter().filter(|series| series.max() > 0).collect();
    // What comes and goes within one moment never waited; it is shown only where nothing else is.
    if series.iter().any(waits) {
        series.retain(waits);
    }
    series.sort_by_key(|series| match series.queue {
        "half-open" => 0,
        "accept" => 1,
        "receive" => 2,
        _ => 3,
    });
    if series.is_empty() {
        let text = lang.pick("no queue ever held anything", "没有队列装过任何东西");
        lines.push(Line::of(look, Ink::Dim, text));
    }
    let end = trace.end();
    for series in series.iter().take(MOST) {
        chart(trace, series, end, look, &mut lines);
        lines.push(Line::new());
    }
    if series.len() > MOST {
        let rest = series.len() - MOST;
        let text = lang.pick(format!("… and {rest} more queues"), format!("… 此外还有 {rest} 个队列"));
        lines.push(Line::of(look, Ink::Dim, &text));
        lines.push(Line::new());
    }
    lines.extend(visitors(trace, look));
    lines.extend(counters(trace, look));
    while lines.last().is_some_and(|line| line.width() == 0) {
        lines.pop();
    }
    lines
}

/// Whether anything stayed in the queue for any time.
fn waits(series: &QueueSeries) -> bool {
    series.points.iter().enumerate().any(|(at, (since, length, _))| {
        let until = series.points.get(at + 1).map(|(next, ..)| *next);
        *length > 0 && until.is_none_or(|until| until > *since)
    })
}

/// The chart of one queue.
pub fn chart(trace: &Trace, series: &QueueSeries, end: Instant, look: &Look, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let endpoint = trace.endpoint(series.endpoint);
    let limit = series.points.iter().filter_map(|(_, _, limit)| *limit).max();
    let mut title = Line::of(look, Ink::Heading, queue_title(series.queue, lang));
    // The card is the whole host's.
    let whose = match series.queue {
        "wire" | "wire-average" => trace.host_name(endpoint.host).to_owned(),
        _ => place(trace, endpoint.local),
    };
    title.push(look, Ink::Dim, &format!("  {whose}"));
    let facts = match limit {
        Some(limit) => lang.pick(
            format!("most {} · limit {limit}", series.max()),
            format!("最多 {} · 上限 {limit}", series.max()),
        ),
        None => lang.pick(format!("most {}", series.max()), format!("最多 {}", series.max())),
    };
    let points: Vec<(Instant, u64)> = series.points.iter().map(|(at, length, _)| (*at, *length)).collect();
    let full = limit.is_some_and(|limit| series.max() >= limit);
    let label = |value: u64| value.to_string();
    Chart { title, facts, points: &points, full, height: HEIGHT, label }.draw(end, look, lines);
}

/// One mark for each visitor, in the order they came: did its program get what it expected?
fn visitors(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut failed: BTreeMap<ProcessId, bool> = BTreeMap::new();
    let mut ended: BTreeMap<ProcessId, bool> = BTreeMap::new();
    for record in &trace.records {
        match &record.event {
            Event::Checked { process, held: false, .. } => {
                failed.insert(*process, true);
            }
            Event::CallReturned { process, result: Return::Failed(_), .. } => {
                failed.entry(*process).or_insert(true);
            }
            Event::ProcessEnded { process } => {
                ended.insert(*process, true);
            }
            _ => {}
        }
    }
    // In the order in which the first of each group came.
    let mut groups: Vec<((HostId, String), Vec<bool>)> = Vec::new();
    for (at, process) in trace.meta.processes.iter().enumerate() {
        let id = ProcessId(at as u32);
        let name =
            process.name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches([' ', '-', '#']);
        let fine = !failed.contains_key(&id) && ended.contains_key(&id);
        let key = (process.host, name.to_owned());
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, marks)) => marks.push(fine),
            None => groups.push((key, vec![fine])),
        }
    }
    let mut lines = Vec::new();
    for ((host, name), marks) in groups.iter().filter(|(_, marks)| marks.len() > 2) {
        let served = marks.iter().filter(|fine| **fine).count();
        let mut line = Line::of(look, Ink::Heading, &format!("{name} ({})", trace.host_name(*host)));
        let total = marks.len();
        let text =
            lang.pick(format!("{served} of {total} served"), format!("{total} 个中有 {served} 个得到服务"));
        line.push_right(look, if served == total { Ink::Good } else { Ink::Warn }, &text, look.width);
        lines.push(line);
        let per_line = (look.width - 4) / look.text_width("✓").max(1);
        for chunk in marks.chunks(per_line.max(1)).take(6) {
            let mut line = Line::new();
            line.to(2);
            let mut run = 0;
            while run < chunk.len() {
                let same = chunk[run..].iter().take_while(|mark| **mark == chunk[run]).count();
                let (ink, mark) = if chunk[run] { (Ink::Good, "✓") } else { (Ink::Bad, "✗") };
                line.push(look, ink, &mark.repeat(same));
                run += same;
            }
            lines.push(line);
        }
        lines.push(Line::new());
    }
    lines
}

/// The counters that tell of full queues and lost datagrams.
fn counters(trace: &Trace, look: &Look) -> Vec<Line> {
    const TELLING: &[Counter] = &[
        Counter::ListenOverflows,
        Counter::ListenDrops,
        Counter::TCPReqQFullDrop,
        Counter::TCPReqQFullDoCookies,
        Counter::SyncookiesSent,
        Counter::SyncookiesRecv,
        Counter::SyncookiesFailed,
        Counter::UdpRcvbufErrors,
    ];
    let mut lines = Vec::new();
    for (at, host) in trace.meta.hosts.iter().enumerate() {
        let counters = trace.counters(HostId(at as u16));
        let told: Vec<String> = TELLING
            .iter()
            .filter(|counter| counters.get(**counter) > 0)
            .map(|counter| format!("{} {}", counter.name(), counters.get(*counter)))
            .collect();
        if told.is_empty() {
            continue;
        }
        let words = format!("{}: {}", host.name, told.join(", "));
        for text in look.wrap(&words, look.width) {
            lines.push(Line::of(look, Ink::Plain, &text));
        }
    }
    lines
}
