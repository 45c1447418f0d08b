//! The figures of congestion control and of queues: windows, round trips, octets under way, throughput, lengths.

use super::super::Look;
use super::super::calls_text::place;
use super::super::changes::queue_title;
use super::{Curve, Figure, MOST, Points, Unit, Whose, a_little_after, label, sender, senders, variable};
use crate::clock::{Instant, Span};
use crate::trace::{Fate, QueueSeries, Trace};

/// Shares of the time over which throughput is counted.
const BINS: u64 = 40;

/// Windows with their thresholds, round trips with their time-outs, octets under way, throughput, and the queues on the way.
/// The runs share the axes.
pub fn plots(runs: &[(&str, &Trace)], look: &Look) -> Vec<Figure> {
    let lang = look.lang;
    let all = senders(runs);
    let moves = |whose: &Whose<'_>| {
        let (_, highest, acknowledged) = super::sequence_time::progress(whose).unwrap_or_default();
        [highest.last().copied(), acknowledged.last().copied()].into_iter().flatten().map(|(at, _)| at)
    };
    let until = a_little_after(all.iter().flat_map(moves));
    let figure = |title: &str, unit, curves: Vec<Curve>| Figure {
        title: title.to_owned(),
        unit,
        from: Instant::ZERO,
        until,
        curves,
        marks: Vec::new(),
    };
    let variables = |names: &[(&str, &str)]| -> Vec<Curve> {
        let mut curves = Vec::new();
        for (subject, whose) in all.iter().enumerate() {
            for (dash, (name, words)) in names.iter().enumerate() {
                let points = variable(whose, name);
                if !points.is_empty() {
                    curves.push(Curve { label: label(words, whose, &all), subject, dash, points });
                }
            }
        }
        curves
    };
    let derived = |words: &str, of: fn(&Whose<'_>, Instant) -> Points| -> Vec<Curve> {
        let curve = |(subject, whose): (usize, &Whose<'_>)| Curve {
            label: label(words, whose, &all),
            subject,
            dash: 0,
            points: of(whose, until),
        };
        all.iter().enumerate().map(curve).collect()
    };
    let mut figures = vec![
        figure(
            lang.pick("Congestion window, segments", "拥塞窗口（报文段）"),
            Unit::Things,
            variables(&[("cwnd", "cwnd"), ("ssthresh", "ssthresh")]),
        ),
        figure(
            lang.pick("Round-trip time and retransmission time-out", "往返时间与超时重传时间"),
            Unit::Micros,
            variables(&[("srtt", lang.pick("smoothed RTT", "平滑 RTT")), ("rto", "RTO")]),
        ),
        figure(
            lang.pick("Octets under way, unacknowledged", "在途字节（未确认）"),
            Unit::Octets,
            derived(lang.pick("under way", "在途"), in_flight),
        ),
        figure(
            lang.pick("Throughput: text that arrived", "吞吐量（到达的数据）"),
            Unit::BitsPerSecond,
            derived(lang.pick("throughput", "吞吐量"), throughput),
        ),
    ];
    for figure in &mut figures {
        figure.curves.retain(|curve| curve.points.iter().any(|(_, value)| *value > 0));
    }
    figures.extend(of_kinds(runs, &["wire", "send", "receive"], until, look));
    figures.retain(|figure| !figure.is_empty());
    figures
}

/// The SYN and accept queues that held anything, the runs on the same axes.
pub fn listening(runs: &[(&str, &Trace)], look: &Look) -> Vec<Figure> {
    let kinds = ["half-open", "accept"];
    of_kinds(runs, &kinds, until_the_last_change(runs, &kinds), look)
}

/// A moment after the last change of any queue of these kinds that held anything.
fn until_the_last_change(runs: &[(&str, &Trace)], kinds: &[&str]) -> Instant {
    let changes = |(_, trace): &(&str, &Trace)| {
        let held = |series: &QueueSeries| series.max() > 0 && kinds.contains(&series.queue);
        let series = trace.queues().into_iter().filter(held);
        let last: Vec<Instant> =
            series.filter_map(|series| series.points.last().map(|(at, ..)| *at)).collect();
        last
    };
    a_little_after(runs.iter().flat_map(changes))
}

/// Every queue that held anything, the runs on the same axes.
pub fn queues(runs: &[(&str, &Trace)], look: &Look) -> Vec<Figure> {
    let kinds = ["half-open", "accept", "receive", "send", "wire"];
    of_kinds(runs, &kinds, until_the_last_change(runs, &kinds), look)
}

/// One figure for each kind of queue, with a curve for each queue of that kind, and one for its limit.
fn of_kinds(runs: &[(&str, &Trace)], kinds: &[&str], until: Instant, look: &Look) -> Vec<Figure> {
    let each = (MOST / runs.len().max(1)).max(1);
    let mut figures = Vec::new();
    for kind in kinds {
        let mut curves = Vec::new();
        let mut subject = 0;
        for (run, trace) in runs {
            let mut found: Vec<QueueSeries> =
                trace.queues().into_iter().filter(|one| one.queue == *kind).collect();
            found.retain(|series| series.max() > 0);
            found.sort_by_key(|series| std::cmp::Reverse(series.max()));
            for series in found.iter().take(each) {
                let whose = whose(trace, series);
                let name = if runs.len() > 1 { format!("{run}: {whose}") } else { whose };
                queue_curves(series, &name, subject, look, &mut curves);
                subject += 1;
            }
        }
        let unit = if matches!(*kind, "send" | "receive") { Unit::Octets } else { Unit::Things };
        let title = title(kind, look);
        figures.push(Figure { title, unit, from: Instant::ZERO, until, curves, marks: Vec::new() });
    }
    figures.retain(|figure| !figure.is_empty());
    figures
}

/// Whose queue it is: an end's, or the whole host's.
fn whose(trace: &Trace, series: &QueueSeries) -> String {
    let info = trace.endpoint(series.endpoint);
    match series.queue {
        "wire" => trace.host_name(info.host).to_owned(),
        _ => place(trace, info.local),
    }
}

/// The queue's length, and its limit where that is near enough to be seen beside it.
fn queue_curves(series: &QueueSeries, name: &str, subject: usize, look: &Look, curves: &mut Vec<Curve>) {
    let points: Points = series.points.iter().map(|(at, length, _)| (*at, *length)).collect();
    curves.push(Curve { label: name.to_owned(), subject, dash: 0, points });
    let limits: Points = series.points.iter().filter_map(|(at, _, limit)| Some((*at, (*limit)?))).collect();
    let near = limits.iter().any(|(_, limit)| *limit <= series.max().saturating_mul(3));
    if near {
        let words = look.lang.pick("limit", "上限");
        curves.push(Curve { label: words.to_owned(), subject, dash: 1, points: limits });
    }
}

/// The queue's name with a capital letter, as titles of figures have it.
fn title(queue: &str, look: &Look) -> String {
    let words = queue_title(queue, look.lang);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// What was sent and not acknowledged, as the wire shows it: for captures and kernels too.
fn in_flight(whose: &Whose<'_>, _: Instant) -> Points {
    let mut points = Points::new();
    let Some((_, highest, acknowledged)) = super::sequence_time::progress(whose) else { return points };
    let mut changes: Vec<(Instant, bool, u64)> =
        highest.into_iter().map(|(at, value)| (at, true, value)).collect();
    changes.extend(acknowledged.into_iter().map(|(at, value)| (at, false, value)));
    changes.sort_by_key(|(at, sent, _)| (*at, *sent));
    let (mut sent, mut known) = (0, 0);
    for (at, is_sent, value) in changes {
        if is_sent {
            sent = value
        } else {
            known = value
        }
        // The SYN takes a number, but is no octet of text.
        points.push((at, sent.saturating_sub(known.max(1))));
    }
    points
}

/// Text that arrived at the other end, per share of the time.
fn throughput(whose: &Whose<'_>, until: Instant) -> Points {
    let width = (until.as_nanos() / BINS).max(1);
    let mut bins = vec![0u64; BINS as usize + 1];
    for frame in whose.trace.frames() {
        if sender(whose.trace, &frame) != Some(whose.endpoint) {
            continue;
        }
        let octets = frame.tcp().map_or(0, |segment| segment.payload.len() as u64);
        for fate in &frame.fates {
            if let Fate::Arrived { record, .. } = fate
                && let Some(bin) = bins.get_mut((record.at.as_nanos() / width) as usize)
            {
                *bin += octets;
            }
        }
    }
    let rate = |octets: u64| (u128::from(octets) * 8_000_000_000 / u128::from(width)) as u64;
    let at = |bin: usize| Instant::ZERO + Span::nanos(bin as u64 * width);
    bins.iter().take(BINS as usize).enumerate().map(|(bin, octets)| (at(bin), rate(*octets))).collect()
}
