//! A screen of cells as a picture: what a terminal shows, in the colours of the other drawings.

use super::super::Look;
use super::canvas::{CELL, Canvas, Standing};

/// Pixels from one row of cells to the next: lines that go down a screen are whole.
const ROW: f64 = 14.0;
/// Pixels from the top of a row to the base line of its text.
const BASE: f64 = 11.0;
/// Pixels around everything.
const MARGIN: f64 = 8.0;

/// Characters beside each other in one row that look alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// Its row and its first column.
    pub place: (usize, usize),
    /// How many columns it takes.
    pub columns: usize,
    /// Its characters.
    pub text: String,
    /// The classes of its colour and weight.
    pub class: String,
    /// Whether paper and ink change places.
    pub reversed: bool,
}

/// A screen of that many columns and rows.
pub fn screen(
    (columns, rows): (usize, usize),
    runs: &[Run],
    [title, description]: [&str; 2],
    look: &Look,
) -> String {
    let mut canvas = Canvas::new();
    let place = |run: &Run| [MARGIN + run.place.1 as f64 * CELL, MARGIN + run.place.0 as f64 * ROW];
    let alike = |one: &Run, next: &Run| one.reversed == next.reversed && one.place.0 == next.place.0;
    // As one sheet, without seams.
    for paper in runs.chunk_by(alike).filter(|runs| runs[0].reversed) {
        let columns: usize = paper.iter().map(|run| run.columns).sum();
        canvas.rect("reversed", place(&paper[0]), [columns as f64 * CELL, ROW], 0.0);
    }
    for run in runs.iter().filter(|run| !run.text.trim().is_empty()) {
        let [x, y] = place(run);
        let class = if run.reversed { format!("{} reversed", run.class) } else { run.class.clone() };
        canvas.cells(&class, [x, y + BASE], &run.text, run.columns as f64 * CELL);
    }
    let size = [2.0 * MARGIN + columns as f64 * CELL, 2.0 * MARGIN + rows as f64 * ROW];
    canvas.document("screen", size, [title, description], look, Standing::Alone)
}
