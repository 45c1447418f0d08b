//! What came of one script, at length: its place, expected and found field by field, and what happened around it.

use super::{Item, Outcome};
use crate::clock::{Instant, Span};
use crate::drill::{Difference, Problem, ProblemKind, Ran, Verdict};
use crate::view::{Ink, Line, Look, join, log_with_calls};

/// Lines of the trace before the place where a run went wrong.
const BEFORE: usize = 8;
/// And after it.
const AFTER: usize = 3;

/// What the script's code printed.
pub(super) fn printed(item: &Item, look: &Look) -> Vec<Line> {
    let Outcome::Ran(_, ran) = &item.outcome else { return Vec::new() };
    let line = |text: &String| {
        let mut line = Line::new();
        line.to(2).push(look, Ink::Plain, text);
        line
    };
    ran.printed.iter().map(line).collect()
}

/// A failure at length; of what is not modelled its place, when the script is alone.
pub(super) fn detail(item: &Item, single: bool, look: &Look) -> String {
    let Outcome::Ran(script, ran) = &item.outcome else { return String::new() };
    let (problem, name) = match &ran.verdict {
        Verdict::Fail(problem) => (problem, item.outcome.standing().word(look.lang)),
        Verdict::Unsupported(problem) if single => (problem, item.outcome.standing().word(look.lang)),
        Verdict::Pass | Verdict::Unsupported(_) => return String::new(),
    };
    let mut text = String::from("\n");
    text.push_str(&problem.headed(script).render_as(name, look.lang, look.color));
    let mut lines = fields(problem, look);
    if matches!(ran.verdict, Verdict::Fail(_)) {
        lines.extend(around(problem, ran, look));
    }
    text.push_str(&join(&lines, look));
    text
}

/// Each field that differs, expected and found side by side, and the packet that came as scripts write it.
fn fields(problem: &Problem, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let ProblemKind::Packet { differs, found, .. } = &problem.kind else { return Vec::new() };
    let heading = (lang.pick("field", "字段"), lang.pick("expected", "应当"), lang.pick("sent", "实际"));
    let row = |one: &Difference| (one.field.get(lang).to_owned(), one.expected.clone(), one.found.clone());
    let rows: Vec<(String, String, String)> = differs.iter().map(row).collect();
    let widest = |cell: fn(&(String, String, String)) -> &String, heading: &str| {
        rows.iter().map(|row| look.text_width(cell(row))).chain([look.text_width(heading)]).max().unwrap_or(0)
    };
    let first = 4 + widest(|row| &row.0, heading.0) + 3;
    let second = widest(|row| &row.1, heading.1);
    let mut lines = vec![Line::new()];
    // Options can be longer than a line: then what was sent stands below what was expected.
    let side_by_side = first + second + 3 + widest(|row| &row.2, heading.2) <= look.width;
    if side_by_side {
        let mut line = Line::new();
        line.to(4).push(look, Ink::Dim, heading.0).to(first).push(look, Ink::Dim, heading.1);
        line.to(first + second + 3).push(look, Ink::Dim, heading.2);
        lines.push(line);
    }
    for (field, expected, found) in &rows {
        let mut line = Line::new();
        line.to(4).push(look, Ink::Plain, field).to(first).push(look, Ink::Good, expected);
        if side_by_side {
            line.to(first + second + 3).push(look, Ink::Bad, found);
            lines.push(line);
        } else {
            let mut below = Line::new();
            below.to(first).push(look, Ink::Bad, found);
            lines.extend([line, below]);
        }
    }
    for (at, part) in look.wrap(found, look.width.saturating_sub(first)).iter().enumerate() {
        let mut line = Line::new();
        if at == 0 {
            line.to(4).push(look, Ink::Dim, lang.pick("as sent", "原样"));
        }
        line.to(first).push(look, Ink::Plain, part);
        lines.push(line);
    }
    lines
}

/// When it went wrong, as far as that is a time.
fn moment(problem: &Problem, ran: &Ran) -> Span {
    match &problem.kind {
        ProblemKind::Packet { at, .. } | ProblemKind::Time { found: at, .. } => *at,
        ProblemKind::Unsupported(_)
        | ProblemKind::Wrong(_)
        | ProblemKind::NoPacket { .. }
        | ProblemKind::Call { .. }
        | ProblemKind::StillBlocked
        | ProblemKind::Assertion { .. }
        | ProblemKind::Limit(_)
        | ProblemKind::Exhausted { .. } => ran.ended,
    }
}

/// The last calls and packets up to the failure, and what followed.
fn around(problem: &Problem, ran: &Ran, look: &Look) -> Vec<Line> {
    let until = Instant::ZERO + moment(problem, ran);
    let all = log_with_calls(&ran.trace, look);
    let end = all.iter().take_while(|(at, _)| *at <= until).count();
    let (from, to) = (end.saturating_sub(BEFORE), all.len().min(end + AFTER));
    if from == to {
        return Vec::new();
    }
    let heading = look.lang.pick("what happened around it", "前后发生的事");
    let mut title = Line::new();
    title.to(2).push(look, Ink::Heading, heading);
    let mut lines = vec![Line::new(), title];
    let cut = |n: usize| {
        let text = look.lang.pick(format!("⋮  {n} more before"), format!("⋮  之前还有 {n} 行"));
        let mut line = Line::new();
        line.to(2).push(look, Ink::Dim, &text);
        line
    };
    if from > 0 {
        lines.push(cut(from));
    }
    for (_, line) in all.into_iter().take(to).skip(from) {
        lines.push(line);
    }
    lines
}
