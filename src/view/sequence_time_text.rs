//! The sequence-time graph in the terminal: one letter for each thing, so that it reads the same in every set of glyphs.

use super::figure_text::axis;
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

    /// Its letter in the first run, and in the one laid over it.
    fn letter(self, run: usize) -> &'static str {
        let [first, second] = match self {
            Sign::Acknowledged => [".", ":"],
            Sign::Sack => ["s", "S"],
            Sign::Sent => ["o", "+"],
            Sign::Again => ["R", "A"],
            Sign::Lost => ["x", "X"],
        };
        if run == 0 { first } else { second }
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

/// What stands in each cell, and of which run it is; the rows from the bottom up.
type Grid = Vec<Vec<Option<(Sign, usize)>>>;

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

/// The graph of the end that sent most in each run, two runs at most; nothing where all sent little. More ends in one picture
/// of letters nobody can tell apart.
pub fn figure(runs: &[(&str, &Trace)], look: &Look) -> Option<Figure> {
    let mut whole: Option<Figure> = None;
    for (subject, run) in runs.iter().take(2).enumerate() {
        let mut figure = sequence_time(&[("", run.1)], look);
        figure.curves.retain(|curve| curve.subject == 0);
        figure.marks.retain(|mark| mark.subject == 0);
        figure.curves.iter_mut().for_each(|curve| curve.subject = subject);
        figure.marks.iter_mut().for_each(|mark| mark.subject = subject);
        match &mut whole {
            Some(whole) => {
                whole.from = whole.from.min(figure.from);
                whole.until = whole.until.max(figure.until);
                whole.curves.extend(figure.curves);
                whole.marks.extend(figure.marks);
            }
            None => whole = Some(figure),
        }
    }
    whole.filter(|figure| figure.marks.iter().filter(|mark| mark.kind == MarkKind::Sent).count() >= FEWEST)
}

/// The graph, the runs by these names.
pub fn draw_figure(figure: &Figure, names: &[&str], look: &Look) -> Vec<Line> {
    let top = figure.most().max(1);
    let label = |row: usize| match row {
        0 => "0".to_owned(),
        HEIGHT => figure.unit.words(top),
        row if row * 2 == HEIGHT => figure.unit.words(top / 2),
        _ => String::new(),
    };
    let labels = (0..=HEIGHT).map(|row| look.text_width(&label(row))).max().unwrap_or(0) + 2;
    let start = labels + look.text_width("┤");
    let columns = look.width.saturating_sub(start).max(8);
    let grid = grid(figure, top, columns);
    let mut title = Line::new();
    title.push_until(look, Ink::Heading, &figure.title, look.width);
    let mut lines = vec![title];
    for (row, cells) in grid.iter().enumerate().rev() {
        let words = label(row);
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &words, labels - 1).to(labels);
        line.push(look, Ink::Dim, if words.is_empty() { "│" } else { "┤" });
        for run in cells.chunk_by(|one, other| one == other) {
            match run.first().copied().flatten() {
                Some((sign, of)) => line.push(look, sign.ink(), &sign.letter(of).repeat(run.len())),
                None => line.push(look, Ink::Plain, &" ".repeat(run.len())),
            };
        }
        lines.push(line);
    }
    lines.push(axis(figure, start, columns, look));
    lines.extend(legend(&grid, names, look));
    lines
}

/// What stands in each cell, the rows from the bottom up.
fn grid(figure: &Figure, top: u64, columns: usize) -> Grid {
    let mut grid = vec![vec![None; columns]; HEIGHT + 1];
    let row = |value: u64| ((value * HEIGHT as u64 * 2 + top) / (top * 2)) as usize;
    let mut set = |row: usize, column: usize, sign: Sign, run: usize| {
        if let Some(cell) = grid.get_mut(row).and_then(|cells: &mut Vec<_>| cells.get_mut(column)) {
            *cell = (*cell).max(Some((sign, run)));
        }
    };
    for Curve { points, subject, .. } in &figure.curves {
        let mut before = None;
        for column in 0..columns {
            let until = moment(figure, column + 1, columns);
            let after = points.partition_point(|(at, _)| *at <= until);
            let Some((_, value)) = after.checked_sub(1).and_then(|last| points.get(last)) else { continue };
            let now = row(*value);
            for row in before.unwrap_or(now).min(now)..=now {
                set(row, column, Sign::Acknowledged, *subject);
            }
            before = Some(now);
        }
    }
    for Mark { kind, subject, at, low, high } in &figure.marks {
        let length = figure.until.since(figure.from).as_nanos().max(1);
        let since = at.since(figure.from).as_nanos();
        let column = (u128::from(since) * (columns as u128 - 1) / u128::from(length)) as usize;
        let middle = row(low + (high - low) / 2);
        let (first, last) = (row(*low) + 1, row(*high));
        let rows = if first < last { first..=last } else { middle..=middle };
        for row in rows {
            set(row, column, Sign::from(*kind), *subject);
        }
    }
    grid
}

/// The moment at which a column begins.
fn moment(figure: &Figure, column: usize, columns: usize) -> Instant {
    let length = figure.until.since(figure.from).as_nanos();
    figure.from + Span::nanos((u128::from(length) * column as u128 / columns as u128) as u64)
}

/// The letters that are there, with what they stand for; of several runs, a line for each.
fn legend(grid: &Grid, names: &[&str], look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    for (run, name) in names.iter().enumerate() {
        let mut line = Line::new();
        line.to(2);
        if names.len() > 1 {
            line.push_until(look, Ink::Plain, name, look.width / 2).push(look, Ink::Plain, "  ");
        }
        for sign in Sign::ALL {
            if grid.iter().flatten().any(|cell| *cell == Some((sign, run))) {
                let words = format!(" {}", sign.words(look));
                if line.width() + 1 + look.text_width(&words) > look.width {
                    lines.push(std::mem::take(&mut line));
                    line.to(2);
                }
                line.push(look, sign.ink(), sign.letter(run));
                line.push_until(look, Ink::Dim, &words, look.width);
                line.to((line.width() + 3).min(look.width));
            }
        }
        lines.push(line);
    }
    lines
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
        let column = |at: usize| -> String {
            grid.iter().map(|cells| cells[at].map_or(" ", |(sign, run)| sign.letter(run))).collect()
        };
        // One row is a hundred octets.
        assert_eq!(column(0), " ox            ");
        assert_eq!(column(10).chars().position(|c| c == 'R'), Some(2));
        assert_eq!(column(10).matches('s').count(), 4);
        assert_eq!(grid[7][5..].iter().filter(|cell| **cell == Some((Sign::Acknowledged, 0))).count(), 6);
        assert!(grid[7][..4].iter().all(Option::is_none), "nothing was acknowledged before");
    }

    #[test]
    fn a_second_run_has_letters_of_its_own_and_its_name_in_the_legend() {
        let mut trace = super::super::fixtures::long_transfer();
        let look = Look::default();
        let first = trace.clone();
        for record in &mut trace.records {
            record.at += Span::millis(700);
        }
        let figure = super::figure(&[("one", &first), ("other", &trace)], &look).expect("enough was sent");
        let text = crate::view::join(&draw_figure(&figure, &["one", "other"], &look), &look);
        assert!(text.contains("  one  o sent") && text.contains("  other  + sent"), "{text}");
    }
}
