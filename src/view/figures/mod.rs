//! Curves over time as values, for whoever draws them: what is on an axis, what is a curve, what is a mark.
//! Knows neither cells nor pixels.

mod sequence_time;
mod windows;

pub use sequence_time::sequence_time;
pub use windows::{listening, plots, queues};

use super::Look;
use super::calls_text::{place, span};
use crate::clock::{Instant, Span};
use crate::trace::{EndpointId, Trace};
use std::collections::BTreeMap;

/// Ends drawn at most, of all runs together: more curves nobody can tell apart.
pub const MOST: usize = 4;

/// Values over time.
pub type Points = Vec<(Instant, u64)>;

/// One pair of axes with what is drawn in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it shows.
    pub title: String,
    /// What its values are.
    pub unit: Unit,
    /// When it begins and ends.
    pub from: Instant,
    /// When it ends.
    pub until: Instant,
    /// Its curves.
    pub curves: Vec<Curve>,
    /// Its marks.
    pub marks: Vec<Mark>,
}

/// What the values of a figure are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Segments, frames, connections.
    Things,
    /// Octets.
    Octets,
    /// Microseconds.
    Micros,
    /// Bits per second.
    BitsPerSecond,
}

/// Who a curve belongs to: its colour.
pub type Subject = usize;

/// One curve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Curve {
    /// Its name.
    pub label: String,
    /// Who it belongs to.
    pub subject: Subject,
    /// Which of that one's curves it is: its dashes; 0 is a whole line.
    pub dash: usize,
    /// When it changed, and to what; it stays so until the next.
    pub points: Points,
}

/// One thing that happened, from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    /// What.
    pub kind: MarkKind,
    /// Whose.
    pub subject: Subject,
    /// When.
    pub at: Instant,
    /// From this value.
    pub low: u64,
    /// To this one.
    pub high: u64,
}

/// What a mark stands for; each has its shape.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MarkKind {
    /// A segment with text, for the first time.
    Sent,
    /// The same octets again.
    Again,
    /// A segment that was lost on its way.
    Lost,
    /// A block that a SACK option reports.
    Sack,
}

impl MarkKind {
    /// All of them, in the order in which they are drawn and explained.
    pub const ALL: [MarkKind; 4] = [MarkKind::Sack, MarkKind::Sent, MarkKind::Again, MarkKind::Lost];

    /// Its name.
    pub fn words(self, look: &Look) -> &'static str {
        match self {
            MarkKind::Sent => look.lang.pick("sent", "发送"),
            MarkKind::Again => look.lang.pick("sent again", "重传"),
            MarkKind::Lost => look.lang.pick("lost", "丢失"),
            MarkKind::Sack => look.lang.pick("SACK block arrives", "收到 SACK 块"),
        }
    }
}

impl Unit {
    /// A value in words.
    pub fn words(self, value: u64) -> String {
        match self {
            Unit::Things => value.to_string(),
            Unit::Octets => scaled(value, &["B", "kB", "MB", "GB"]),
            Unit::Micros => span(Span::micros(value)),
            Unit::BitsPerSecond => scaled(value, &["bit/s", "kbit/s", "Mbit/s", "Gbit/s"]),
        }
    }
}

/// A value with a unit that keeps it short.
fn scaled(value: u64, units: &[&str]) -> String {
    let mut scale = 1u64;
    let mut at = 0;
    while value / scale >= 1000 && at + 1 < units.len() {
        scale *= 1000;
        at += 1;
    }
    let tenths = value / (scale / 10).max(1);
    let text = if scale == 1 || tenths.is_multiple_of(10) {
        (value / scale).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    format!("{text}\u{a0}{}", units.get(at).unwrap_or(&""))
}

impl Figure {
    /// The greatest value of anything in it.
    pub fn most(&self) -> u64 {
        let shown = |curve: &Curve| {
            let until = curve.points.partition_point(|(at, _)| *at <= self.until);
            curve.points.iter().take(until).map(|(_, value)| *value).max()
        };
        let curves = self.curves.iter().filter_map(shown);
        curves.chain(self.marks.iter().map(|mark| mark.high)).max().unwrap_or(0)
    }

    /// Whether nothing is to be seen: no value but zero.
    pub fn is_empty(&self) -> bool {
        self.most() == 0
    }

    /// The distance between the ticks of its values: one, two or five times a power of ten.
    pub fn value_step(&self, most_ticks: u64) -> u64 {
        round_step(self.most().max(1), most_ticks.max(1))
    }

    /// The distance between the ticks of its times.
    pub fn time_step(&self, most_ticks: u64) -> Span {
        Span::nanos(round_step(self.until.since(self.from).as_nanos().max(1), most_ticks.max(1)))
    }
}

/// The smallest of 1, 2, 5, 10, 20, … of which at most that many fit into `total`.
pub(super) fn round_step(total: u64, most: u64) -> u64 {
    let mut step: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let candidate = step.saturating_mul(factor);
            if total / candidate <= most {
                return candidate;
            }
        }
        step = step.saturating_mul(10);
    }
}

/// An end of a connection in one of the runs.
pub(super) struct Whose<'a> {
    pub run: &'a str,
    pub trace: &'a Trace,
    pub endpoint: EndpointId,
    pub name: String,
}

/// The ends that sent the most text, of all runs; of each run at least the first, as long as there is room.
pub(super) fn senders<'a>(runs: &[(&'a str, &'a Trace)]) -> Vec<Whose<'a>> {
    let each = (MOST / runs.len().max(1)).max(1);
    let mut all = Vec::new();
    for (run, trace) in runs {
        let mut sent: BTreeMap<EndpointId, u64> = BTreeMap::new();
        for frame in trace.frames() {
            let octets = frame.tcp().map_or(0, |segment| segment.payload.len() as u64);
            let Some(endpoint) = sender(trace, &frame).filter(|_| octets > 0) else { continue };
            *sent.entry(endpoint).or_default() += octets;
        }
        let most = sent.values().copied().max().unwrap_or(0);
        // Who says a word now and then beside one who sends much is not what the picture is about.
        let mut ends: Vec<(EndpointId, u64)> =
            sent.into_iter().filter(|(_, octets)| octets * 10 >= most).collect();
        ends.sort_by_key(|(endpoint, octets)| (std::cmp::Reverse(*octets), *endpoint));
        for (endpoint, _) in ends.into_iter().take(each) {
            let name = place(trace, trace.endpoint(endpoint).local);
            all.push(Whose { run, trace, endpoint, name });
        }
    }
    all.truncate(MOST);
    // The server's end of two connections has one name; then the other end tells them apart.
    let names: Vec<(&str, String)> = all.iter().map(|whose| (whose.run, whose.name.clone())).collect();
    for whose in &mut all {
        let twins = names.iter().filter(|(run, name)| *run == whose.run && *name == whose.name).count();
        if let Some(remote) = whose.trace.endpoint(whose.endpoint).remote.filter(|_| twins > 1) {
            whose.name = format!("{} → {}", whose.name, place(whose.trace, remote));
        }
    }
    all
}

/// The endpoint that sent the frame: as recorded, or by its addresses.
pub(super) fn sender(trace: &Trace, frame: &crate::trace::Frame<'_>) -> Option<EndpointId> {
    if frame.endpoint.is_some() {
        return frame.endpoint;
    }
    let (from, to) = frame.ends()?;
    let fits = |end: &crate::trace::Endpoint| end.local == from && end.remote == Some(to);
    trace.endpoints.iter().position(fits).map(|at| EndpointId(at as u32))
}

/// The curve's name: what it is, and of whom, where that is not plain.
pub(super) fn label(what: &str, whose: &Whose<'_>, all: &[Whose<'_>]) -> String {
    let several_runs = all.iter().any(|other| other.run != whose.run);
    let several_ends = all.iter().any(|other| other.run == whose.run && other.endpoint != whose.endpoint);
    match (several_runs, several_ends) {
        (false, false) => what.to_owned(),
        (true, false) => format!("{}: {what}", whose.run),
        (false, true) => format!("{}: {what}", whose.name),
        (true, true) => format!("{} {}: {what}", whose.run, whose.name),
    }
}

/// A variable's bounded values over time.
pub(super) fn variable(whose: &Whose<'_>, name: &str) -> Points {
    const UNBOUNDED: u64 = u32::MAX as u64;
    let changes = whose.trace.variable(whose.endpoint, name).into_iter();
    changes.filter_map(|(at, value)| Some((at, value.filter(|value| *value < UNBOUNDED)?))).collect()
}

/// A moment after the last of these, so that one sees how it ends; what comes later, a TIME-WAIT of a minute, is no part of
/// the picture.
pub(super) fn a_little_after(times: impl Iterator<Item = Instant>) -> Instant {
    let last = times.max().unwrap_or(Instant::ZERO);
    last + Span::nanos(last.as_nanos() / 40 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_not_more_than_asked() {
        for total in [1, 3, 7, 12, 99, 100, 1_234, 9_999_999] {
            for most in 1..12 {
                let step = round_step(total, most);
                assert!(total / step <= most, "{total} by {step}");
                let digits = step.to_string();
                assert!(["1", "2", "5"].contains(&digits.trim_end_matches('0')), "{step}");
            }
        }
        assert_eq!(round_step(100, 5), 20);
    }

    #[test]
    fn values_have_few_digits() {
        let shown = [0, 999, 1_000, 1_500, 20_000, 1_250_000].map(|value| Unit::Octets.words(value));
        assert_eq!(
            shown.map(|text| text.replace('\u{a0}', " ")),
            ["0 B", "999 B", "1 kB", "1.5 kB", "20 kB", "1.2 MB"]
        );
        assert_eq!(Unit::BitsPerSecond.words(10_000_000).replace('\u{a0}', " "), "10 Mbit/s");
    }
}
