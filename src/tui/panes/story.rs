//! The present step in plain sentences, with what it changed.

use super::super::scene::Scene;
use super::super::why::reason;
use crate::view::{self, Ink, Line, Look};
use crate::walk::Walk;

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
    let words = view::changes(walk.trace(), walk.here().records(walk.at()), look);
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
