//! Congestion control at work: windows, round trips, octets under way, throughput, queues and sequence numbers over time.

use super::figures::{Figure, listening, plots};
use super::{Ink, Line, Look, figure_text, heading, sequence_time_text};
use crate::clock::Instant;
use crate::trace::Trace;

/// Rows of the first figure above its zero, and of the others.
const HEIGHT: [u64; 2] = [12, 6];

/// Every figure of some runs on the same axes, for whoever draws them again and again.
#[derive(Clone, Debug, Default)]
pub struct Plots {
    names: Vec<String>,
    curves: Vec<Figure>,
    sequence_time: Option<Figure>,
}

impl Plots {
    /// Of these runs, by these names.
    pub fn of(runs: &[(&str, &Trace)], look: &Look) -> Plots {
        let mut curves = plots(runs, look);
        // A queue that holds one connection for a moment has no curve.
        curves.extend(listening(runs, look).into_iter().filter(|figure| figure.most() > 1));
        Plots {
            names: runs.iter().map(|(name, _)| (*name).to_owned()).collect(),
            curves,
            sequence_time: sequence_time_text::figure(runs, look),
        }
    }

    /// The figures below each other, with a mark at a moment if one is given; where there are none, a word about it.
    pub fn draw(&self, now: Option<Instant>, look: &Look) -> Vec<Line> {
        let mut lines = Vec::new();
        for (at, figure) in self.curves.iter().enumerate() {
            lines.extend(figure_text::draw(figure, HEIGHT[at.min(1)], now, look));
            lines.push(Line::new());
        }
        if let Some(figure) = &self.sequence_time {
            let names: Vec<&str> = self.names.iter().map(String::as_str).take(2).collect();
            lines.extend(sequence_time_text::draw_figure(figure, &names, look));
        }
        while lines.last().is_some_and(|line| line.width() == 0) {
            lines.pop();
        }
        if lines.is_empty() {
            let text = look.lang.pick("too little was sent to draw a curve", "发送的太少，画不出曲线");
            lines.push(Line::of(look, Ink::Dim, text));
        }
        lines
    }
}

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let mut lines = heading::heading(trace, look);
    lines.extend(Plots::of(&[("", trace)], look).draw(None, look));
    lines
}
