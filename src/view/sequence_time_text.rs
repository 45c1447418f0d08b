//! The sequence-time graph in the terminal: one letter for each thing, so that it reads the same in every set of glyphs.

use super::figures::{Curve, Figure, Mark, MarkKind, sequence_time};
use super::{Ink, Line, Look};
use crate::clock::{Instant, Span};
use crate::trace::Trace;

/// Rows above its zero.
const HEIGHT: usize = 14;
/// With fewer segments there is no shape to see.
const FEWEST: usize = 8;

/// What stands in one cell: of several things in one place the last of these is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Sign {
    Acknowledged,
    Sack,
    Sent,
    Again,
    Lost,
}

impl Sign {
    const ALL: [Sign; 5] = [Sign::Sent, Sign::Again, Sign::Lost, Sign::Sack, Sign::Acknowledged];

    fn letter(self) -> &'static str {
        match self {
            Sign::Acknowledged => ".",
            Sign::Sack => "s",
            Sign::Sent => "o",
            Sign::Again => "R",
            Sign::Lost => "x",
        }
    }

    fn ink(self) -> Ink {
        match self {
            Sign::Acknowledged => Ink::Ack,
            Sign::Sack => Ink::Good,
            Sign::Sent => Ink::Data,
            Sign::Again => Ink::Warn,
            Sign::Lost => Ink::Lost,
        }
    }

    fn words(self, look: &Look) -> &'static str {
        match self {
            Sign::Acknowledged => look.lang.pick("acknowledged", "已确认"),
            Sign::Sack => look.lang.pick("SACK block", "SACK 块"),
            Sign::Sent => MarkKind::Sent.words(look),
            Sign::Again => MarkKind::Again.words(look),
            Sign::Lost => MarkKind::Lost.words(look),
        }
    }
}

impl From<MarkKind> for Sign {
    fn from(kind: MarkKind) -> Sign {
        match kind {
            MarkKind::Sent => Sign::Sent,
            MarkKind::Again => Sign::Again,
            MarkKind::Lost => Sign::Lost,
            MarkKind::Sack => Sign::Sack,
        }
    }
}

/// The graph of the end that sent most; nothing where it sent little.
pub fn draw(trace: &Trace, look: &Look) -> Vec<Line> {
    let mut figure = sequence_time(&[("", trace)], look);
    // Two ends in one picture of letters nobody can tell apart.
    figure.curves.retain(|curve| curve.subject == 0);
    figure.marks.retain(|mark| mark.subject == 0);
    if figure.marks.iter().filter(|mark| mark.kind == MarkKind::Sent).count() < FEWEST {
        return Vec::new();
    }
    let top = figure.most().max(1);
    let label = |row: usize| match row {
        0 => "0".to_owned(),
        HEIGHT => figure.unit.words(top),
        row if row * 2 == HEIGHT => figure.unit.words(top / 2),
        _ => String::new(),
    };
    let labels = (0..=HEIGHT).map(|row| look.text_width(&label(row))).max().unwrap_or(0) + 2;
    let columns = look.width.saturating_sub(labels + look.text_width("┤")).max(20);
    let grid = grid(&figure, top, columns);
    let mut lines = vec![title(&figure, look)];
    for (row, cells) in grid.iter().enumerate().rev() {
        let words = label(row);
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &words, labels - 1).to(labels);
        line.push(look, Ink::Dim, if words.is_empty() { "│" } else { "┤" });
        for run in cells.chunk_by(|one, other| one == other) {
            match run.first().copied().flatten() {
                Some(sign) => line.push(look, sign.ink(), &sign.letter().repeat(run.len())),
                None => line.push(look, Ink::Plain, &" ".repeat(run.len())),
            };
        }
        lines.push(line);
    }
    lines.push(axis(&figure, labels + look.text_width("┤"), columns, look));
    lines.push(legend(&grid, look));
    lines
}

fn title(figure: &Figure, look: &Look) -> Line {
    let mut line = Line::new();
    line.push_until(look, Ink::Heading, &figure.title, look.width);
    line
}

/// What stands in each cell, the rows from the bottom up.
fn grid(figure: &Figure, top: u64, columns: usize) -> Vec<Vec<Option<Sign>>> {
    let mut grid = vec![vec![None; columns]; HEIGHT + 1];
    let row = |value: u64| ((value * HEIGHT as u64 * 2 + top) / (top * 2)) as usize;
    let mut set = |row: usize, column: usize, sign: Sign| {
        if let Some(cell) = grid.get_mut(row).and_then(|cells: &mut Vec<_>| cells.get_mut(column)) {
            *cell = (*cell).max(Some(sign));
        }
    };
    for Curve { points, .. } in &figure.curves {
        let mut before = None;
        for column in 0..columns {
            let until = moment(figure, column + 1, columns);
            let after = points.partition_point(|(at, _)| *at <= until);
            let Some((_, value)) = after.checked_sub(1).and_then(|last| points.get(last)) else { continue };
            let now = row(*value);
            for row in before.unwrap_or(now).min(now)..=now {
                set(row, column, Sign::Acknowledged);
            }
            before = Some(now);
        }
    }
    for Mark { kind, at, low, high, .. } in &figure.marks {
        let length = figure.until.since(figure.from).as_nanos().max(1);
        let since = at.since(figure.from).as_nanos();
        let column = (u128::from(since) * (columns as u128 - 1) / u128::from(length)) as usize;
        let middle = row(low + (high - low) / 2);
        let (first, last) = (row(*low) + 1, row(*high));
        let rows = if first < last { first..=last } else { middle..=middle };
        for row in rows {
            set(row, column, Sign::from(*kind));
        }
    }
    grid
}

/// The moment at which a column begins.
fn moment(figure: &Figure, column: usize, columns: usize) -> Instant {
    let length = figure.until.since(figure.from).as_nanos();
    figure.from + Span::nanos((u128::from(length) * column as u128 / columns as u128) as u64)
}

fn axis(figure: &Figure, start: usize, columns: usize, look: &Look) -> Line {
    let mut line = Line::new();
    let step = figure.time_step(6).as_nanos();
    let length = figure.until.since(figure.from).as_nanos().max(1);
    let mut at = figure.from.as_nanos().div_ceil(step) * step;
    while at <= figure.until.as_nanos() {
        let since = at - figure.from.as_nanos();
        let column = start + (u128::from(since) * (columns as u128 - 1) / u128::from(length)) as usize;
        let text = super::calls_text::span(Span::nanos(at));
        if column + look.text_width(&text) > look.width {
            break;
        }
        line.to(column).push(look, Ink::Dim, &text);
        at += step;
    }
    line
}

/// The letters that are there, with what they stand for.
fn legend(grid: &[Vec<Option<Sign>>], look: &Look) -> Line {
    let mut line = Line::new();
    line.to(2);
    for sign in Sign::ALL {
        if grid.iter().flatten().any(|cell| *cell == Some(sign)) {
            line.push(look, sign.ink(), sign.letter());
            line.push_until(look, Ink::Dim, &format!(" {}", sign.words(look)), look.width);
            line.to((line.width() + 3).min(look.width));
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::super::figures::Unit;
    use super::*;

    fn figure() -> Figure {
        let at = |ms| Instant::ZERO + Span::millis(ms);
        let mark = |kind, ms, low, high| Mark { kind, subject: 0, at: at(ms), low, high };
        Figure {
            title: String::new(),
            unit: Unit::Octets,
            from: at(0),
            until: at(100),
            curves: vec![Curve { label: String::new(), subject: 0, dash: 0, points: vec![(at(50), 700)] }],
            marks: vec![
                mark(MarkKind::Sent, 0, 0, 100),
                mark(MarkKind::Sent, 0, 100, 200),
                mark(MarkKind::Lost, 0, 100, 200),
                mark(MarkKind::Again, 100, 100, 200),
                mark(MarkKind::Sack, 100, 1000, 1400),
            ],
        }
    }

    #[test]
    fn each_thing_stands_at_its_time_and_number_and_a_loss_is_seen_before_what_was_sent() {
        let grid = grid(&figure(), 1400, 11);
        let column =
            |at: usize| -> String { grid.iter().map(|cells| cells[at].map_or(" ", Sign::letter)).collect() };
        // One row is a hundred octets.
        assert_eq!(column(0), " ox            ");
        assert_eq!(column(10).chars().position(|c| c == 'R'), Some(2));
        assert_eq!(column(10).matches('s').count(), 4);
        assert_eq!(grid[7][5..].iter().filter(|cell| **cell == Some(Sign::Acknowledged)).count(), 6);
        assert!(grid[7][..4].iter().all(Option::is_none), "nothing was acknowledged before");
    }
}
