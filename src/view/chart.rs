//! One chart in the terminal: a curve of steps over time.

use super::calls_text::span;
use super::{Ink, Line, Look};
use crate::clock::{Instant, Span};

/// What is drawn.
pub struct Chart<'a> {
    /// The line above, its right end still free.
    pub title: Line,
    /// What stands at that line's right end.
    pub facts: String,
    /// The curve: when it changed, and to what.
    pub points: &'a [(Instant, u64)],
    /// The curve's top is drawn as a warning: it touched its limit.
    pub full: bool,
    /// Rows above the zero, at most; never more than there are values.
    pub height: u64,
    /// A value in words.
    pub label: fn(u64) -> String,
}

impl Chart<'_> {
    /// Draws it from the beginning of the run to `end`.
    pub fn draw(self, end: Instant, look: &Look, lines: &mut Vec<Line>) {
        let Chart { mut title, facts, points, full, height, label } = self;
        title.push_right(look, Ink::Plain, &facts, look.width);
        lines.push(title);
        let max = points.iter().map(|(_, value)| *value).max().unwrap_or(0).max(1);
        let height = height.min(max);
        let name = |row: u64| match row {
            0 => "0".to_owned(),
            row if row == height => label(max),
            row if row * 2 == height => label(max / 2),
            _ => String::new(),
        };
        let widest = (0..=height).map(|row| look.text_width(&name(row))).max().unwrap_or(0);
        let labels = widest.max(3) + 2;
        let glyph = look.text_width("─").max(1);
        let columns = (look.width - labels - 2) / glyph;
        // To the nearest row: one entry of a hundred is next to nothing, and is drawn so.
        let level = |value: u64| (value * height * 2 + max) / (max * 2);
        let values = sample(points, end, columns).into_iter();
        let levels: Vec<u64> = values.map(|value| value.map(level).unwrap_or_default()).collect();
        for row in (0..=height).rev() {
            let mut line = Line::new();
            let words = name(row);
            line.push_right(look, Ink::Dim, &words, labels - 1).to(labels);
            line.push(look, Ink::Dim, if words.is_empty() { "│" } else { "┤" });
            let ink = if full && row == height { Ink::Warn } else { Ink::Data };
            let blank = " ".repeat(glyph);
            let pieces = curve(&levels, row).into_iter();
            let run: String = pieces.map(|piece| piece.unwrap_or(&blank).to_owned()).collect();
            line.push(look, ink, &run);
            lines.push(line);
        }
        lines.push(axis(labels, columns, glyph, end, look));
    }
}

/// One row of the step curve: `─` where the level is this row, corners where it changes, `│` where it passes.
pub fn curve(levels: &[u64], row: u64) -> Vec<Option<&'static str>> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let mut before = levels.first().copied().unwrap_or(0);
    let mut pieces = Vec::with_capacity(levels.len());
    for level in levels.iter().copied() {
        pieces.push(match before.cmp(&level) {
            Equal if row == level => Some("─"),
            Less if row == level => Some("╭"),
            Less if row == before => Some("╯"),
            Greater if row == level => Some("╰"),
            Greater if row == before => Some("╮"),
            Less if before < row && row < level => Some("│"),
            Greater if level < row && row < before => Some("│"),
            Equal | Less | Greater => None,
        });
        before = level;
    }
    pieces
}

/// The greatest value within each column's share of the time; nothing before the first.
pub fn sample(points: &[(Instant, u64)], end: Instant, columns: usize) -> Vec<Option<u64>> {
    let total = end.as_nanos().max(1);
    let mut samples = Vec::with_capacity(columns);
    let mut next = 0;
    let mut value = None;
    for column in 0..columns as u128 {
        let until = ((column + 1) * u128::from(total) / columns as u128) as u64;
        let mut most = value;
        while let Some((at, new)) = points.get(next)
            && at.as_nanos() <= until
        {
            value = Some(*new);
            most = most.max(value);
            next += 1;
        }
        samples.push(most);
    }
    samples
}

fn axis(labels: usize, columns: usize, glyph: usize, end: Instant, look: &Look) -> Line {
    let mut line = Line::new();
    let width = columns * glyph;
    let step = tick(end.since(Instant::ZERO));
    let total = end.as_nanos().max(1);
    let mut at = 0u64;
    while at <= total {
        let column = labels + 1 + (u128::from(at) * width as u128 / u128::from(total)) as usize;
        let text = span(Span::nanos(at));
        if column + look.text_width(&text) > look.width {
            break;
        }
        if column >= line.width() + usize::from(line.width() > 0) {
            line.to(column).push(look, Ink::Dim, &text);
        }
        at = at.saturating_add(step.as_nanos().max(1));
    }
    line
}

/// A round step that gives four to ten ticks.
fn tick(total: Span) -> Span {
    let mut step: u64 = 1;
    loop {
        for factor in [1, 2, 5] {
            let candidate = step.saturating_mul(factor);
            if total.as_nanos() / candidate.max(1) <= 8 {
                return Span::nanos(candidate);
            }
        }
        step = step.saturating_mul(10);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64, value: u64) -> (Instant, u64) {
        (Instant::ZERO + Span::millis(ms), value)
    }

    #[test]
    fn each_column_shows_the_greatest_value_of_its_time_and_nothing_before_the_first() {
        let points = [at(30, 5), at(35, 9), at(50, 2)];
        let end = Instant::ZERO + Span::millis(100);
        let samples = sample(&points, end, 10);
        assert_eq!(samples[..6], [None, None, Some(5), Some(9), Some(9), Some(2)]);
        assert!(samples[6..].iter().all(|value| *value == Some(2)));
    }

    #[test]
    fn a_curve_has_corners_where_it_steps() {
        let rows: Vec<String> = (0..=2)
            .rev()
            .map(|row| curve(&[0, 2, 2, 1], row).into_iter().map(|piece| piece.unwrap_or(" ")).collect())
            .collect();
        assert_eq!(rows, [" ╭─╮", " │ ╰", "─╯  "]);
    }
}
