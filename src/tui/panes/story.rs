//! The present step in plain sentences, with what it changed.

use super::super::scene::Scene;
use super::super::why::reason;
use crate::trace::{Event, Snapshot};
use crate::view::{Ink, Line, Look, variable_words};
use crate::walk::Walk;

/// Changes listed at most: a connection's birth sets everything at once, and the pane of variables shows that better.
const MOST: usize = 12;

/// The sentences of the present step.
pub fn lines(walk: &Walk, scene: &Scene, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    for told in scene.told.get(walk.at()).into_iter().flatten() {
        for (at, text) in look.wrap(&told.what, look.width.saturating_sub(3)).iter().enumerate() {
            let mut line = Line::new();
            line.to(if at == 0 { 1 } else { 2 }).push(look, told.ink, text);
            lines.push(line);
        }
        lines.extend(reason(&told.why, &told.cite, look));
    }
    if lines.is_empty() {
        let text = look.lang.pick("nothing that needs telling", "没有什么需要讲的");
        lines.push(Line::of(look, Ink::Dim, &format!(" {text}")));
    }
    lines.extend(changes(walk, look));
    lines
}

/// Variables, queues and counters that the step changed.
fn changes(walk: &Walk, look: &Look) -> Vec<Line> {
    let Some(step) = walk.step() else { return Vec::new() };
    let now = Snapshot::at(walk.trace(), step.last);
    let mut words = Vec::new();
    for record in walk.here().records(walk.at()) {
        match &record.event {
            Event::Variables { endpoint, changes } => {
                let bases = [now.variable(*endpoint, "iss"), now.variable(*endpoint, "irs")];
                words.extend(changes.iter().map(|change| {
                    let value = change
                        .after
                        .map_or("-".to_owned(), |after| variable_words(change.variable, after, bases, look));
                    format!("{}\u{a0}{value}", change.variable)
                }));
            }
            Event::Queue { queue, length, limit, .. } => {
                let limit = limit.map_or(String::new(), |limit| format!("/{limit}"));
                words.push(format!("{}\u{a0}{length}{limit}", super::queues::name(queue, look)));
            }
            Event::Counted { counter, by } => words.push(format!("{counter}\u{a0}+{by}")),
            _ => {}
        }
    }
    if words.len() > MOST {
        words.truncate(MOST);
        words.push("…".to_owned());
    }
    let mut lines = Vec::new();
    for text in look.wrap(&words.join("  "), look.width.saturating_sub(6)) {
        if !text.is_empty() {
            let mut line = Line::new();
            line.to(4).push(look, Ink::Dim, &text);
            lines.push(line);
        }
    }
    lines
}
