//! One pair of axes in pixels: ticks, curves as steps, marks by their shapes. No more is drawn than pixels can show.

use super::super::calls_text::span;
use super::super::figures::{Curve, Figure, Mark, MarkKind};
use super::canvas::{Anchor, Canvas};
use crate::clock::{Instant, Span};
use std::collections::{BTreeMap, BTreeSet};

/// Where a figure's values lie on the sheet.
pub struct Panel {
    origin: [f64; 2],
    size: [f64; 2],
    from: Instant,
    until: Instant,
    length: f64,
    /// The value at the top.
    top: u64,
}

impl Panel {
    /// A panel whose upper left corner is `origin`.
    pub fn new(figure: &Figure, origin: [f64; 2], size: [f64; 2]) -> Panel {
        let step = figure.value_step(5);
        let top = figure.most().max(1).div_ceil(step) * step;
        let length = figure.until.since(figure.from).as_nanos().max(1) as f64;
        Panel { origin, size, from: figure.from, until: figure.until, length, top }
    }

    /// Where its axis of times ends.
    pub fn right(&self) -> f64 {
        self.origin[0] + self.size[0]
    }

    fn bottom(&self) -> f64 {
        self.origin[1] + self.size[1]
    }

    fn x(&self, at: Instant) -> f64 {
        self.origin[0] + at.since(self.from.min(at)).as_nanos() as f64 / self.length * self.size[0]
    }

    fn y(&self, value: u64) -> f64 {
        self.bottom() - value as f64 / self.top as f64 * self.size[1]
    }

    /// Lines behind the curves, with the numbers that they stand for.
    pub fn axes(&self, figure: &Figure, canvas: &mut Canvas) {
        let [left, _] = self.origin;
        let step = figure.value_step(5);
        for value in (0..=self.top / step).map(|n| n * step) {
            let y = self.y(value);
            let class = if value == 0 { "axis" } else { "grid" };
            canvas.line(class, [left, y], [self.right(), y]);
            canvas.text("dim", [left - 6.0, y + 4.0], Anchor::End, &figure.unit.words(value));
        }
        let step = figure.time_step(8).as_nanos();
        let mut at = figure.from.as_nanos().div_ceil(step) * step;
        while at <= figure.until.as_nanos() {
            let x = self.x(Instant::from_nanos(at));
            canvas.line("grid", [x, self.origin[1]], [x, self.bottom() + 4.0]);
            canvas.text("dim", [x, self.bottom() + 18.0], Anchor::Middle, &span(Span::nanos(at)));
            at += step;
        }
        canvas.line("axis", [left, self.origin[1]], [left, self.bottom()]);
    }

    /// A curve of steps; where several ends are drawn, with the sign of its own.
    pub fn curve(&self, curve: &Curve, several: bool, canvas: &mut Canvas) {
        let points = self.steps(curve);
        if points.is_empty() {
            return;
        }
        canvas.path(&class(curve), &points, false);
        if several {
            // Each at places of its own, so that one sign does not cover another.
            let shift = 0.02 + 0.045 * curve.subject as f64 + 0.02 * curve.dash as f64;
            for part in 0..5 {
                let share = shift + f64::from(part) * 0.2;
                let at = self.from + Span::nanos((self.length * share) as u64);
                let after = curve.points.partition_point(|(since, _)| *since <= at);
                if let Some((_, value)) = after.checked_sub(1).and_then(|before| curve.points.get(before)) {
                    sign(curve.subject, [self.x(at), self.y(*value)], canvas);
                }
            }
        }
    }

    /// The corners of the curve. Changes within half a pixel become one upright line over all their values.
    fn steps(&self, curve: &Curve) -> Vec<[f64; 2]> {
        let mut corners: Vec<[f64; 2]> = Vec::new();
        // What comes after the picture ends is not drawn.
        let shown = curve.points.partition_point(|(at, _)| *at <= self.until);
        let mut rest = curve.points.get(..shown).unwrap_or_default();
        while let Some((at, first)) = rest.first() {
            let column = (self.x(*at) * 2.0).round();
            let same = rest.iter().take_while(|(at, _)| (self.x(*at) * 2.0).round() == column).count();
            let (here, later) = rest.split_at(same);
            rest = later;
            let x = column / 2.0;
            let values = || here.iter().map(|(_, value)| *value);
            let (least, most) = (values().min().unwrap_or(*first), values().max().unwrap_or(*first));
            let last = values().next_back().unwrap_or(*first);
            if let Some([_, before]) = corners.last().copied() {
                corners.push([x, before]);
            }
            corners.push([x, self.y(*first)]);
            if same > 2 {
                corners.extend([[x, self.y(least)], [x, self.y(most)]]);
            }
            corners.push([x, self.y(last)]);
        }
        if let Some([_, last]) = corners.last().copied() {
            corners.push([self.right(), last]);
        }
        corners.dedup();
        corners
    }

    /// All marks of a kind; those that would cover each other to the pixel are drawn once.
    pub fn marks(&self, figure: &Figure, kind: MarkKind, canvas: &mut Canvas) {
        let mut drawn = BTreeSet::new();
        let mut bars: BTreeMap<usize, Vec<Vec<[f64; 2]>>> = BTreeMap::new();
        for Mark { subject, at, low, high, .. } in figure.marks.iter().filter(|mark| mark.kind == kind) {
            let (x, low, high) = (self.x(*at), self.y(*low), self.y(*high));
            if !drawn.insert((*subject, x.round() as i64, low.round() as i64, high.round() as i64)) {
                continue;
            }
            match kind {
                MarkKind::Sent | MarkKind::Sack => {
                    bars.entry(*subject).or_default().extend(bar(kind, [x, low], high));
                }
                MarkKind::Again | MarkKind::Lost => shape(kind, *subject, [x, low], high, canvas),
            }
        }
        for (subject, lines) in bars {
            canvas.paths(&bar_class(kind, subject), &lines, false);
        }
    }
}

/// The strokes of an upright mark from `low` up to `high`.
fn bar(kind: MarkKind, [x, low]: [f64; 2], high: f64) -> Vec<Vec<[f64; 2]>> {
    let across = |half: f64, x: f64, y: f64| vec![[x - half, y], [x + half, y]];
    if kind == MarkKind::Sack {
        // Beside the line of acknowledgments that rises at the same moment.
        let x = x + 4.0;
        return vec![vec![[x, low], [x, high]], across(2.0, x, low), across(2.0, x, high)];
    }
    // A short segment still shows.
    let (middle, half) = ((low + high) / 2.0, ((low - high) / 2.0).max(1.2));
    let mut strokes = vec![vec![[x, middle + half], [x, middle - half]]];
    // Where there is room, one sees where each segment ends.
    if half > 3.0 {
        strokes.push(across(3.5, x, high));
    }
    strokes
}

fn bar_class(kind: MarkKind, subject: usize) -> String {
    if kind == MarkKind::Sack { "sack".to_owned() } else { format!("sent s{subject}") }
}

fn class(curve: &Curve) -> String {
    format!("curve s{} d{}", curve.subject, curve.dash)
}

/// The sign of one of several ends.
fn sign(subject: usize, [x, y]: [f64; 2], canvas: &mut Canvas) {
    let class = format!("sign s{subject}");
    let (r, points) = (4.0, |points: &[[f64; 2]]| points.iter().map(|[dx, dy]| [x + dx, y + dy]).collect());
    let corners: Vec<[f64; 2]> = match subject % 4 {
        0 => {
            canvas.circle(&class, [x, y], r);
            return;
        }
        1 => points(&[[-r, -r], [r, -r], [r, r], [-r, r]]),
        2 => points(&[[0.0, -r - 1.0], [r + 1.0, r], [-r - 1.0, r]]),
        _ => points(&[[0.0, -r - 1.5], [r + 1.5, 0.0], [0.0, r + 1.5], [-r - 1.5, 0.0]]),
    };
    canvas.path(&class, &corners, true);
}

/// A mark from `low` up to `high`.
fn shape(kind: MarkKind, subject: usize, [x, low]: [f64; 2], high: f64, canvas: &mut Canvas) {
    let middle = (low + high) / 2.0;
    match kind {
        MarkKind::Sent | MarkKind::Sack => {
            canvas.paths(&bar_class(kind, subject), &bar(kind, [x, low], high), false);
        }
        MarkKind::Again => {
            canvas.path(
                "again",
                &[[x, middle - 5.0], [x + 4.5, middle + 4.0], [x - 4.5, middle + 4.0]],
                true,
            );
        }
        MarkKind::Lost => {
            for dy in [4.5, -4.5] {
                canvas.line("lost", [x - 4.5, middle - dy], [x + 4.5, middle + dy]);
            }
        }
    }
}

/// Curves and marks as the legend shows them.
pub mod sample {
    use super::super::canvas::Canvas;
    use super::{Curve, MarkKind};

    /// A piece of the curve, 26 pixels wide.
    pub fn curve(curve: &Curve, several: bool, [x, y]: [f64; 2], canvas: &mut Canvas) {
        canvas.path(&super::class(curve), &[[x, y], [x + 26.0, y]], false);
        if several {
            super::sign(curve.subject, [x + 13.0, y], canvas);
        }
    }

    /// The mark in its middle.
    pub fn mark(kind: MarkKind, [x, y]: [f64; 2], canvas: &mut Canvas) {
        super::shape(kind, 0, [x + 13.0, y + 5.0], y - 5.0, canvas);
    }
}
