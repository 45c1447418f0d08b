//! The line above every view: what it is, and under which conditions it ran.

use super::calls_text::span;
use super::{Ink, Line, Look};
use crate::clock::Span;
use crate::trace::{Event, Source, Trace};

/// Title at the left, conditions at the right, an empty line below.
pub fn heading(trace: &Trace, look: &Look) -> Vec<Line> {
    let conditions = conditions(trace, look);
    let title = trace.meta.title.get(look.lang);
    let room = look.width.saturating_sub(look.text_width(&look.clean(&conditions)) + 2);
    let mut line = Line::new();
    line.push_until(look, Ink::Heading, title, look.width);
    let mut below = Line::new();
    // A long title has its line for itself.
    if line.width() <= room {
        line.push_right(look, Ink::Dim, &conditions, look.width);
        return vec![line, below];
    }
    below.push_right(look, Ink::Dim, &conditions, look.width);
    vec![line, below, Line::new()]
}

fn conditions(trace: &Trace, look: &Look) -> String {
    let lang = look.lang;
    let meta = &trace.meta;
    let mut parts = Vec::new();
    match &meta.source {
        Source::Simulated => {
            parts.push(lang.pick(format!("profile {}", meta.profile), format!("参数集 {}", meta.profile)));
            if let Some(delay) = wire_delay(trace) {
                parts.push(lang.pick(format!("wire {}", span(delay)), format!("线路 {}", span(delay))));
            }
            parts.push(lang.pick(format!("seed {}", meta.seed), format!("种子 {}", meta.seed)));
        }
        Source::Live { kernel, mode } => {
            let kernel: String = kernel.chars().take_while(|c| *c != '-' && *c != '+').collect();
            let mode = match *mode {
                "loopback" => lang.pick("loopback", "环回"),
                "wire" => lang.pick("wire", "线路"),
                other => other,
            };
            parts.push(lang.pick(format!("kernel {kernel}"), format!("内核 {kernel}")));
            parts.push(mode.to_owned());
        }
        Source::Captured { file } => parts.push(file.clone()),
    }
    parts.join(" · ")
}

/// The least time a frame took from one end of the wire to the other.
pub fn wire_delay(trace: &Trace) -> Option<Span> {
    let flights = trace.records.iter().filter_map(|record| match &record.event {
        Event::FrameArrived { sent, .. } => Some(record.at.since(trace.record(*sent).at)),
        _ => None,
    });
    flights.min()
}
