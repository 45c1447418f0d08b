//! Congestion control at work: the congestion window with its threshold, the round-trip time, the queues and the sequence numbers over time.

use super::calls_text::{place, span};
use super::chart::Chart;
use super::{Ink, Line, Look, heading, queues, sequence_time_text};
use crate::clock::{Instant, Span};
use crate::trace::{Endpoint, EndpointId, Event, Trace};

/// Endpoints drawn at most.
const MOST: usize = 4;
/// Rows of the window's chart above its zero, and of the others.
const HEIGHT: [u64; 2] = [12, 6];
/// A window without bound: nobody controls it.
const UNBOUNDED: u64 = u32::MAX as u64;

/// Values over time.
type Points = Vec<(Instant, u64)>;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = heading::heading(trace, look);
    let moving: Vec<(EndpointId, Points)> = endpoints(trace)
        .into_iter()
        .map(|endpoint| (endpoint, points(trace, endpoint, "cwnd")))
        .filter(|(_, window)| window.iter().any(|(_, value)| *value != window[0].1))
        .collect();
    if moving.is_empty() {
        let text = lang.pick(
            "no congestion window ever moved: too little was sent, or nothing controls it",
            "拥塞窗口从未变化：发送的数据太少，或没有拥塞控制",
        );
        lines.extend(look.wrap(text, look.width).iter().map(|text| Line::of(look, Ink::Dim, text)));
    }
    for (endpoint, window) in moving.iter().take(MOST) {
        one(trace, *endpoint, window, look, &mut lines);
    }
    if moving.len() > MOST {
        let rest = moving.len() - MOST;
        let text = lang.pick(format!("… and {rest} more connections"), format!("… 此外还有 {rest} 条连接"));
        lines.push(Line::of(look, Ink::Dim, &text));
    }
    lines.extend(sequence_time_text::draw(trace, look));
    while lines.last().is_some_and(|line| line.width() == 0) {
        lines.pop();
    }
    lines
}

/// Every endpoint with variables, in the order of their first change.
fn endpoints(trace: &Trace) -> Vec<EndpointId> {
    let mut found = Vec::new();
    for record in &trace.records {
        if let Event::Variables { endpoint, .. } = &record.event
            && !found.contains(endpoint)
        {
            found.push(*endpoint);
        }
    }
    found
}

/// A variable's bounded values over time.
fn points(trace: &Trace, endpoint: EndpointId, variable: &str) -> Points {
    let changes = trace.variable(endpoint, variable).into_iter();
    changes
        .filter_map(|(at, value)| value.filter(|value| *value < UNBOUNDED).map(|value| (at, value)))
        .collect()
}

/// The charts of one endpoint.
fn one(trace: &Trace, endpoint: EndpointId, window: &Points, look: &Look, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let info = trace.endpoint(endpoint);
    let threshold = points(trace, endpoint, "ssthresh");
    let rtt = points(trace, endpoint, "srtt");
    let queues: Vec<_> = trace
        .queues()
        .into_iter()
        .filter(|series| match series.queue {
            "send" => series.endpoint == endpoint,
            "wire" => trace.endpoint(series.endpoint).host == info.host,
            _ => false,
        })
        .filter(|series| series.max() > 0)
        .collect();
    // What comes after the last change, a TIME-WAIT of a minute, is no part of the picture.
    let last = |points: &Points| points.last().map(|(at, _)| *at);
    let end = [last(window), last(&threshold), last(&rtt)].into_iter().flatten().max().unwrap_or(trace.end());
    let greatest = |points: &Points| points.iter().map(|(_, value)| *value).max().unwrap_or(0);
    let facts = match threshold.last() {
        Some((_, now)) => lang.pick(
            format!("most {} · ssthresh {now} (dots)", greatest(window)),
            format!("最大 {} · ssthresh {now}（点线）", greatest(window)),
        ),
        None => lang.pick(
            format!("most {} · ssthresh unbounded", greatest(window)),
            format!("最大 {} · ssthresh 无上限", greatest(window)),
        ),
    };
    Chart {
        title: title(trace, info, lang.pick("congestion window, segments", "拥塞窗口（报文段）"), look),
        facts,
        points: window,
        dots: &threshold,
        full: false,
        height: HEIGHT[0],
        label: |value| value.to_string(),
    }
    .draw(end, look, lines);
    lines.push(Line::new());
    if rtt.len() > 1 {
        let least = rtt.iter().map(|(_, value)| *value).min().unwrap_or(0);
        let [low, high] = [least, greatest(&rtt)].map(microseconds);
        Chart {
            title: title(trace, info, lang.pick("round-trip time, smoothed", "往返时间（平滑后）"), look),
            facts: lang.pick(format!("{low} to {high}"), format!("{low} 到 {high}")),
            points: &rtt,
            dots: &[],
            full: false,
            height: HEIGHT[1],
            label: microseconds,
        }
        .draw(end, look, lines);
        lines.push(Line::new());
    }
    for series in &queues {
        queues::chart(trace, series, end, look, lines);
        lines.push(Line::new());
    }
}

/// Microseconds in words of at most four digits.
fn microseconds(value: u64) -> String {
    let step = match value {
        0..10_000 => 1,
        10_000..1_000_000 => 100,
        _ => 10_000,
    };
    span(Span::micros((value + step / 2) / step * step))
}

fn title(trace: &Trace, info: &Endpoint, what: &str, look: &Look) -> Line {
    let mut title = Line::of(look, Ink::Heading, what);
    title.push(look, Ink::Dim, &format!("  {}", place(trace, info.local)));
    title
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip_times_have_few_digits() {
        let shown =
            [20_000, 20_049, 20_051, 1_234_567, 812].map(|value| microseconds(value).replace('\u{a0}', " "));
        assert_eq!(shown, ["20 ms", "20 ms", "20.1 ms", "1.23 s", "812 us"]);
    }
}
