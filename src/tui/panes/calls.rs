//! Socket calls so far, the latest first, above them who waits at present and for whom.

use crate::view::{Ink, Line, Look, told_call, waiting, who};
use crate::walk::Walk;

/// Calls listed at most.
const MOST: usize = 100;

/// Who waits, and the calls so far.
pub fn lines(walk: &Walk, look: &Look) -> Vec<Line> {
    let Some(step) = walk.step() else { return Vec::new() };
    let lang = look.lang;
    let trace = walk.trace();
    let mut lines: Vec<Line> = Vec::new();
    let narrower = Look { width: look.width.saturating_sub(1), ..look.clone() };
    for line in waiting(trace, step.last, lang.pick("waiting now", "此刻在等待"), &narrower) {
        let mut moved = Line::new();
        moved.to(1).append(&line);
        lines.push(moved);
    }
    if lines.is_empty() {
        let text = lang.pick("nobody waits in a call", "没有谁在调用中等待");
        lines.push(Line::of(look, Ink::Dim, &format!(" {text}")));
    }
    lines.push(Line::of(
        look,
        Ink::Heading,
        lang.pick(" calls so far, the latest first", " 到此为止的调用，最近的在前"),
    ));
    let mut listed = 0;
    for record in trace.records[..=step.last.0 as usize].iter().rev() {
        let Some((process, ink, words, note)) = told_call(trace, record, look) else { continue };
        listed += 1;
        if listed > MOST {
            lines.push(Line::of(look, Ink::Dim, " …"));
            break;
        }
        let name = trace.meta.processes.get(process.index()).map_or(String::new(), |info| who(trace, info));
        let mut line = Line::new();
        let mark = if record.id >= step.first { "▸" } else { " " };
        line.push_until(look, Ink::Warn, mark, 2).to(2);
        line.push(look, Ink::Dim, &format!("{} s  ", record.at));
        line.push_until(look, Ink::Heading, &name, 26).push(look, Ink::Plain, "  ");
        line.push_until(look, ink, &words, look.width);
        line.push(look, Ink::Plain, "  ").push_until(look, Ink::Dim, &note, look.width);
        lines.push(line);
    }
    if listed == 0 {
        let text = lang.pick("no call yet", "还没有调用");
        lines.push(Line::of(look, Ink::Dim, &format!("   {text}")));
    }
    lines
}
