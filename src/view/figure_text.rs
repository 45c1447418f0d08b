//! A figure of curves in the terminal: the first as a line of steps, each other with a sign of its own, and below them what
//! each stands for.

use super::calls_text::span;
use super::chart::{curve, sample};
use super::figures::Figure;
use super::{Glyphs, Ink, Line, Look};
use crate::clock::{Instant, Span};

/// The signs of the curves behind the first; more cannot be told apart.
const SIGNS: [&str; 7] = ["·", "o", "+", "x", "*", "#", "="];
/// The colours of the curves, the first one's first.
const INKS: [Ink; 8] =
    [Ink::Data, Ink::Warn, Ink::Good, Ink::Fin, Ink::Ack, Ink::Lost, Ink::Control, Ink::Heading];

/// The sign of a curve; in ASCII a dot that is no line.
fn sign(at: usize, look: &Look) -> &'static str {
    match at.checked_sub(1).map(|other| SIGNS[other]) {
        None => "─",
        Some("·") if look.glyphs == Glyphs::Ascii => ".",
        Some(sign) => sign,
    }
}

/// What stands in a cell.
type Cell = Option<(Ink, &'static str)>;

/// The figure, its curves so many rows high above their zero, with a mark at a moment if one is given.
pub fn draw(figure: &Figure, height: u64, now: Option<Instant>, look: &Look) -> Vec<Line> {
    let top = figure.most().max(1);
    let height = height.min(top).max(1);
    let name = |row: u64| match row {
        0 => "0".to_owned(),
        row if row == height => figure.unit.words(top),
        row if row * 2 == height => figure.unit.words(top / 2),
        _ => String::new(),
    };
    let labels = (0..=height).map(|row| look.text_width(&name(row))).max().unwrap_or(0).max(3) + 2;
    let bar = look.text_width("┤");
    let glyph = look.text_width("─").max(1);
    let columns = (look.width.saturating_sub(labels + bar) / glyph).max(8);
    let mut grid = cells(figure, [top, height], columns, look);
    if let Some(column) = now.and_then(|now| column_of(figure, now, columns)) {
        for cell in grid.iter_mut().filter_map(|row| row.get_mut(column)).filter(|cell| cell.is_none()) {
            *cell = Some((Ink::Dim, "┊"));
        }
    }
    let mut title = Line::new();
    title.push_until(look, Ink::Heading, &figure.title, look.width);
    let mut lines = vec![title];
    for row in (0..=height).rev() {
        let words = name(row);
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &words, labels - 1).to(labels);
        line.push(look, Ink::Dim, if words.is_empty() { "│" } else { "┤" });
        for (column, cell) in grid[row as usize].iter().enumerate() {
            if let Some((ink, sign)) = cell {
                line.to(labels + bar + column * glyph).push(look, *ink, sign);
            }
        }
        lines.push(line);
    }
    lines.push(axis(figure, labels + bar, columns * glyph, look));
    lines.extend(legend(figure, look));
    lines
}

/// The cells of the curves, the rows from the bottom up; where several meet, the first curve is seen.
fn cells(figure: &Figure, [top, height]: [u64; 2], columns: usize, look: &Look) -> Vec<Vec<Cell>> {
    let mut grid = vec![vec![None; columns]; height as usize + 1];
    // To the nearest row: one of a hundred is next to nothing, and is drawn so.
    let level = |value: u64| {
        ((u128::from(value.min(top)) * u128::from(height) * 2 + u128::from(top)) / (u128::from(top) * 2))
            as u64
    };
    let shown = figure.curves.iter().enumerate().take(SIGNS.len() + 1);
    for (at, one) in shown.rev() {
        let from = |moment: Instant| Instant::ZERO + moment.since(figure.from);
        let points: Vec<(Instant, u64)> = one.points.iter().map(|(at, value)| (from(*at), *value)).collect();
        let levels: Vec<Option<u64>> =
            sample(&points, from(figure.until), columns).into_iter().map(|value| value.map(level)).collect();
        match at {
            0 => {
                let begins = levels.iter().position(Option::is_some).unwrap_or(columns);
                let levels: Vec<u64> = levels[begins..].iter().map(|level| level.unwrap_or(0)).collect();
                for row in 0..=height {
                    for (column, piece) in curve(&levels, row).into_iter().enumerate() {
                        if let Some(piece) = piece {
                            grid[row as usize][begins + column] = Some((INKS[0], piece));
                        }
                    }
                }
            }
            _ => {
                for (column, level) in levels.into_iter().enumerate() {
                    if let Some(level) = level {
                        grid[level as usize][column] = Some((INKS[at], sign(at, look)));
                    }
                }
            }
        }
    }
    grid
}

/// The column a moment falls into.
fn column_of(figure: &Figure, at: Instant, columns: usize) -> Option<usize> {
    let length = figure.until.since(figure.from).as_nanos().max(1);
    if at < figure.from || at > figure.until {
        return None;
    }
    let column = u128::from(at.since(figure.from).as_nanos()) * columns as u128 / u128::from(length);
    Some((column as usize).min(columns - 1))
}

/// The times below.
pub fn axis(figure: &Figure, start: usize, width: usize, look: &Look) -> Line {
    let mut line = Line::new();
    let step = figure.time_step((width as u64 / 10).clamp(2, 8)).as_nanos().max(1);
    let length = figure.until.since(figure.from).as_nanos().max(1);
    let mut at = figure.from.as_nanos().div_ceil(step) * step;
    while at <= figure.until.as_nanos() {
        let since = at - figure.from.as_nanos();
        let column = start + (u128::from(since) * width as u128 / u128::from(length)) as usize;
        let text = span(Span::nanos(at));
        if column + look.text_width(&text) > look.width {
            break;
        }
        if column >= line.width() + usize::from(line.width() > 0) {
            line.to(column).push(look, Ink::Dim, &text);
        }
        at = at.saturating_add(step);
    }
    line
}

/// What each curve is, where there is more than one or its name says more than the title.
fn legend(figure: &Figure, look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line::new();
    for (at, curve) in figure.curves.iter().take(SIGNS.len() + 1).enumerate() {
        let sign = sign(at, look);
        let most = curve.points.iter().map(|(_, value)| *value).max().unwrap_or(0);
        let words = look.lang.pick(
            format!(" {}, most {}", curve.label, figure.unit.words(most)),
            format!(" {}，最大 {}", curve.label, figure.unit.words(most)),
        );
        let needed = 3 * look.text_width(sign) + look.text_width(&look.clean(&words)) + 3;
        if line.width() > 2 && line.width() + needed > look.width {
            lines.push(std::mem::take(&mut line));
        }
        line.to(if line.width() == 0 { 2 } else { line.width() + 3 });
        line.push(look, INKS[at], &sign.repeat(3)).push_until(look, Ink::Dim, &words, look.width);
    }
    if line.width() > 0 {
        lines.push(line);
    }
    if figure.curves.len() > SIGNS.len() + 1 {
        let rest = figure.curves.len() - SIGNS.len() - 1;
        let text =
            look.lang.pick(format!("  … and {rest} more curves"), format!("  … 此外还有 {rest} 条曲线"));
        lines.push(Line::of(look, Ink::Dim, &look.fit(&text, look.width)));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::super::figures::{Curve, Unit};
    use super::*;
    use crate::view::join;

    fn figure() -> Figure {
        let at = |ms| Instant::ZERO + Span::millis(ms);
        let curve = |label: &str, points: &[(u64, u64)]| Curve {
            label: label.to_owned(),
            subject: 0,
            dash: 0,
            points: points.iter().map(|(ms, value)| (at(*ms), *value)).collect(),
        };
        Figure {
            title: "Windows".to_owned(),
            unit: Unit::Things,
            from: at(0),
            until: at(100),
            curves: vec![curve("cwnd", &[(0, 10), (50, 5)]), curve("ssthresh", &[(50, 5), (70, 8)])],
            marks: Vec::new(),
        }
    }

    #[test]
    fn each_curve_has_its_sign_and_the_legend_says_which() {
        let look = Look::default();
        let text = join(&draw(&figure(), 10, None, &look), &look);
        assert!(text.contains("─── cwnd, most 10   ··· ssthresh, most 8"), "{text}");
        let row = |label: &str| text.lines().find(|line| line.trim_start().starts_with(label)).unwrap_or("");
        assert!(row("10").contains("────╮"), "{text}");
        assert!(text.lines().any(|line| line.contains("·····") && !line.contains("ssthresh")), "{text}");
    }

    #[test]
    fn the_present_moment_is_marked_where_nothing_else_is() {
        let look = Look::default();
        let plain = join(&draw(&figure(), 10, None, &look), &look);
        let marked = draw(&figure(), 10, Some(Instant::ZERO + Span::millis(25)), &look);
        let marked = join(&marked, &look);
        assert!(!plain.contains('┊') && marked.matches('┊').count() >= 8, "{marked}");
    }

    #[test]
    fn no_line_is_wider_than_the_look_in_any_set_of_glyphs() {
        for (glyphs, _) in Glyphs::ALL {
            for width in [34, 72, 80, 120] {
                let look = Look { glyphs, width, ..Look::default() };
                for line in draw(&figure(), 6, Some(Instant::ZERO), &look) {
                    assert!(line.width() <= width, "{} of {width}: {:?}", line.width(), line);
                }
            }
        }
    }
}
