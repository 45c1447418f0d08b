//! Figures as SVG: panels one below the other, each with its axes, its curves and marks, and what they stand for.

use super::super::Look;
use super::super::figures::{self, Curve, Figure, MarkKind, Unit};
use super::canvas::{Anchor, CELL, Canvas, LINE, Standing};
use super::panel::{Panel, sample};
use crate::trace::Trace;

/// Width of the sheet.
const WIDTH: f64 = 840.0;
/// Pixels around everything.
const MARGIN: f64 = 16.0;
/// Height of a panel among several, and of one that stands alone.
const HEIGHTS: [f64; 2] = [150.0, 400.0];

/// Windows, round trips, octets under way, throughput and queues over time; several runs share the axes.
pub fn plot(runs: &[(&str, &Trace)], look: &Look, standing: Standing) -> String {
    let empty = look.lang.pick("no text was sent: there is nothing to plot", "没有发送数据：没有可画的曲线");
    sheet("plot", runs, &figures::plots(runs, look), empty, look, standing)
}

/// Queues over time; several runs share the axes.
pub fn queues(runs: &[(&str, &Trace)], look: &Look, standing: Standing) -> String {
    let empty = look.lang.pick("no queue ever held anything", "没有队列装过任何东西");
    sheet("queues", runs, &figures::queues(runs, look), empty, look, standing)
}

/// The sequence-time graph; several runs share the axes.
pub fn sequence_time(runs: &[(&str, &Trace)], look: &Look, standing: Standing) -> String {
    let figure = figures::sequence_time(runs, look);
    let figures = if figure.is_empty() { Vec::new() } else { vec![figure] };
    let empty = look.lang.pick("no text was sent: there is nothing to plot", "没有发送数据：没有可画的曲线");
    sheet("sequence-time", runs, &figures, empty, look, standing)
}

/// Each figure of the runs as a drawing of its own, with its title: windows and what goes with them, the sequence-time
/// graph, the queues of listeners. For whoever lays them out himself and draws a cursor.
pub fn panels(runs: &[(&str, &Trace)], look: &Look) -> Vec<(String, String)> {
    let mut figures = figures::plots(runs, look);
    figures.push(figures::sequence_time(runs, look));
    figures.extend(figures::listening(runs, look));
    figures.retain(|figure| !figure.is_empty());
    let panel = |figure: Figure| {
        let mut canvas = Canvas::new();
        let left = MARGIN + label_width(&figure, look) + 10.0;
        let high = figure.marks.is_empty();
        let y = draw(&figure, left, MARGIN, if high { HEIGHTS[0] } else { 300.0 }, look, &mut canvas);
        let words = described(&figure, look);
        let size = [WIDTH, y];
        let drawing = canvas.document("plot", size, [&figure.title, &words], look, Standing::InPage);
        (figure.title, drawing)
    };
    figures.into_iter().map(panel).collect()
}

fn sheet(
    kind: &str,
    runs: &[(&str, &Trace)],
    figures: &[Figure],
    empty: &str,
    look: &Look,
    standing: Standing,
) -> String {
    let titles: Vec<&str> = runs.iter().map(|(_, trace)| trace.meta.title.get(look.lang)).collect();
    let title = titles.first().copied().unwrap_or_default();
    let mut canvas = Canvas::new();
    let mut y = MARGIN + 4.0;
    canvas.text("heading", [MARGIN, y], Anchor::Start, &look.fit(title, cells(WIDTH - 2.0 * MARGIN)));
    y += LINE + 4.0;
    if figures.is_empty() {
        canvas.text("dim", [MARGIN, y], Anchor::Start, empty);
        y += LINE;
    }
    let left = MARGIN + figures.iter().map(|figure| label_width(figure, look)).fold(0.0, f64::max) + 10.0;
    for figure in figures {
        y = draw(figure, left, y, HEIGHTS[usize::from(figures.len() == 1)], look, &mut canvas);
    }
    let words: Vec<String> = figures.iter().map(|figure| described(figure, look)).collect();
    let description = if words.is_empty() { empty.to_owned() } else { words.join(" ") };
    canvas.document(kind, [WIDTH, y + MARGIN], [title, &description], look, standing)
}

fn cells(pixels: f64) -> usize {
    (pixels / CELL) as usize
}

/// Pixels that the widest number at the axis takes.
fn label_width(figure: &Figure, look: &Look) -> f64 {
    let step = figure.value_step(5);
    let widths = (0..=figure.most().div_ceil(step)).map(|n| look.text_width(&figure.unit.words(n * step)));
    widths.max().unwrap_or(0) as f64 * CELL
}

/// One figure from `y` down; where the next one may begin.
fn draw(figure: &Figure, left: f64, y: f64, height: f64, look: &Look, canvas: &mut Canvas) -> f64 {
    let mut y = y + 4.0;
    canvas.text("state", [left, y], Anchor::Start, &look.fit(&figure.title, cells(WIDTH - left - MARGIN)));
    y = legend(figure, left, y + LINE + 2.0, look, canvas) + 2.0;
    let panel = Panel::new(figure, [left, y], [WIDTH - left - 40.0, height]);
    let data = [
        ("data-from-ns", figure.from.as_nanos().to_string()),
        ("data-until-ns", figure.until.as_nanos().to_string()),
        ("data-left", format!("{left:.1}")),
        ("data-right", format!("{:.1}", panel.right())),
    ];
    canvas.group("panel", &data).title(&figure.title);
    panel.axes(figure, canvas);
    let several = figure.curves.iter().any(|curve| curve.subject > 0);
    for curve in &figure.curves {
        panel.curve(curve, several, canvas);
    }
    for kind in MarkKind::ALL {
        panel.marks(figure, kind, canvas);
    }
    canvas.end();
    y + height + 40.0
}

/// What the curves and the marks stand for, from left to right, in as many lines as it takes; the line below.
fn legend(figure: &Figure, left: f64, y: f64, look: &Look, canvas: &mut Canvas) -> f64 {
    let several = figure.curves.iter().any(|curve| curve.subject > 0);
    let mut at = [left, y];
    let mut entry = |words: &str, draw: &dyn Fn(&mut Canvas, [f64; 2])| {
        let room = 32.0 + look.text_width(words) as f64 * CELL + 20.0;
        if at[0] > left && at[0] + room - 20.0 > WIDTH - MARGIN {
            at = [left, at[1] + LINE];
        }
        draw(canvas, [at[0], at[1] - 4.0]);
        canvas.text("plain", [at[0] + 32.0, at[1]], Anchor::Start, words);
        at[0] += room;
    };
    for curve in &figure.curves {
        entry(&curve.label, &|canvas, place| sample::curve(curve, several, place, canvas));
    }
    for kind in MarkKind::ALL {
        if figure.marks.iter().any(|mark| mark.kind == kind) {
            entry(kind.words(look), &|canvas, place| sample::mark(kind, place, canvas));
        }
    }
    at[1] + LINE - 6.0
}

/// The figure in words: each curve with where it begins, its greatest value, and where it ends.
fn described(figure: &Figure, look: &Look) -> String {
    let lang = look.lang;
    let plain = |value: u64, unit: Unit| unit.words(value).replace('\u{a0}', " ");
    let curve = |curve: &Curve| {
        let values = || curve.points.iter().map(|(_, value)| *value);
        let [first, most, last] = [values().next(), values().max(), values().next_back()]
            .map(|value| plain(value.unwrap_or_default(), figure.unit));
        lang.pick(
            format!("{} from {first} to {last}, at most {most}", curve.label),
            format!("{}从 {first} 到 {last}，最大 {most}", curve.label),
        )
    };
    let mut parts: Vec<String> = figure.curves.iter().map(curve).collect();
    for kind in MarkKind::ALL {
        let count = figure.marks.iter().filter(|mark| mark.kind == kind).count();
        if count > 0 {
            parts.push(format!("{} ×{count}", kind.words(look)));
        }
    }
    lang.pick(
        format!("{}: {}.", figure.title, parts.join("; ")),
        format!("{}：{}。", figure.title, parts.join("；")),
    )
}
