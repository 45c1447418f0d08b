//! A sequence diagram as SVG: time runs down, frames run across, what each end does stands beside its lane.
//!
//! Every row carries `data-record`, the first record it tells of, and every arrow `data-frame`, the record of its
//! sending: a page shows rows up to a step, and knows which frame was pointed at.

use super::super::lanes::{Across, Arrow, Aside, Beside, Diagram, Part, Row};
use super::super::lanes_text::{decimals, time};
use super::super::{Look, diagram};
use super::canvas::{Anchor, CELL, Canvas, LINE, Standing, class};
use crate::trace::{RecordId, Trace};
use std::collections::BTreeMap;

/// Cells of words beside a lane before they go on in the next line.
const BESIDE: usize = 30;
/// Pixels that an arrow falls on its way: enough to see that time passes.
const FALL: f64 = 7.0;
/// Pixels around everything.
const MARGIN: f64 = 14.0;

/// The trace's sequence diagram.
pub fn sequence(trace: &Trace, look: &Look, standing: Standing) -> String {
    let diagram = diagram(trace, look);
    let mut drawing = Drawing::new(&diagram, look);
    drawing.lanes();
    for row in &diagram.rows {
        drawing.row(row);
    }
    drawing.finish(trace, standing)
}

struct Drawing<'a> {
    diagram: &'a Diagram,
    look: &'a Look,
    canvas: Canvas,
    /// Where each lane stands.
    x: Vec<f64>,
    width: f64,
    /// The base line of the next row.
    y: f64,
    decimals: usize,
    shown: Option<crate::clock::Instant>,
    /// Frames under way that others cross: where each left.
    flying: BTreeMap<RecordId, [f64; 2]>,
}

impl<'a> Drawing<'a> {
    fn new(diagram: &'a Diagram, look: &'a Look) -> Drawing<'a> {
        let decimals = decimals(diagram.rows.iter().map(|row| row.at));
        let times = diagram.rows.iter().map(|row| time(row.at, decimals).len()).max().unwrap_or(5);
        let cells = |cells: usize| cells as f64 * CELL;
        let lanes = diagram.lanes.len().max(1);
        let aside = |lane: usize| {
            let words = diagram.rows.iter().filter_map(move |row| row.asides.get(lane)?.as_ref());
            let widest = words.map(|aside| look.text_width(&aside.text).min(BESIDE)).max().unwrap_or(0);
            cells(widest) + 22.0
        };
        let label = diagram.rows.iter().filter_map(|row| row.arrow.as_ref());
        let label = label.map(|arrow| look.text_width(&arrow.label)).max().unwrap_or(0);
        let heading =
            diagram.lanes.iter().map(|lane| look.text_width(&lane.name) + look.text_width(&lane.address) + 1);
        let heading = cells(heading.max().unwrap_or(0));
        let gap = (cells(label) + 70.0).max(260.0).max(heading + 20.0);
        let left = MARGIN + cells(times) + 12.0;
        let first = left + if lanes > 1 { aside(0).max(heading / 2.0) } else { 0.0 };
        let mut x = vec![first];
        for lane in 1..lanes {
            let words = if lane > 1 { aside(lane - 1) } else { 0.0 };
            let last = x[lane - 1];
            x.push(last + gap.max(words));
        }
        let width = x[lanes - 1] + aside(lanes - 1).max(heading / 2.0) + MARGIN;
        let y = MARGIN + 2.0 * LINE;
        Drawing {
            diagram,
            look,
            canvas: Canvas::new(),
            x,
            width,
            y,
            decimals,
            shown: None,
            flying: BTreeMap::new(),
        }
    }

    /// Names above, and a placeholder for the lanes: their length is known at the end.
    fn lanes(&mut self) {
        for (lane, x) in self.diagram.lanes.iter().zip(&self.x) {
            let words = format!("{} {}", lane.name, lane.address);
            self.canvas.text("heading", [*x, MARGIN + 4.0], Anchor::Middle, words.trim_end());
        }
    }

    fn row(&mut self, row: &Row) {
        let record = row.record.map_or(String::new(), |record| record.0.to_string());
        self.canvas.group("row", &[("data-record", record)]);
        match &row.across {
            Some(across) => self.across(row, across),
            None => {
                self.stamp(row);
                let lines = self.asides(&row.asides);
                let falls = row.arrow.as_ref().map_or(0.0, |arrow| self.arrow(arrow));
                self.y += LINE * lines.max(1) as f64 + falls * 0.6 + 3.0;
            }
        }
        self.canvas.end();
    }

    fn stamp(&mut self, row: &Row) {
        if self.shown != Some(row.at) && !row.is_bare() {
            self.shown = Some(row.at);
            let text = time(row.at, self.decimals);
            self.canvas.text("dim", [MARGIN, self.y], Anchor::Start, &text);
        }
    }

    /// What stands beside the lanes; how many lines it takes.
    fn asides(&mut self, asides: &[Option<Aside>]) -> usize {
        let mut most = 1;
        for (lane, aside) in asides.iter().enumerate() {
            let Some(aside) = aside else { continue };
            let leftward = lane == 0 && asides.len() > 1;
            let (side, anchor) = if leftward { (-1.0, Anchor::End) } else { (1.0, Anchor::Start) };
            let x = self.x[lane];
            let ink = class(aside.what.ink());
            if matches!(aside.what, Beside::Call | Beside::Error) {
                self.canvas.line(ink, [x, self.y - 4.0], [x + side * 6.0, self.y - 4.0]);
            }
            let lines = self.look.wrap(&aside.text, BESIDE);
            for (at, text) in lines.iter().enumerate() {
                let place = [x + side * 10.0, self.y + at as f64 * LINE];
                self.canvas.text(ink, place, anchor, text);
            }
            most = most.max(lines.len());
        }
        most
    }

    /// A frame on its way; how far it falls.
    fn arrow(&mut self, arrow: &Arrow) -> f64 {
        let (from, to) = (self.x[arrow.from], self.x[arrow.to]);
        let y = self.y - 4.0;
        let ink = class(arrow.kind.ink());
        let frame = arrow.record.0.to_string();
        self.canvas.group("arrow", &[("data-frame", frame)]).title(&arrow.label);
        let fall = match arrow.part {
            Part::Whole => {
                self.shaft(ink, [from, y], [to, y + FALL]);
                self.label(arrow, [from, y], [to, y + FALL]);
                FALL
            }
            Part::Lost => {
                let end = [from + (to - from) * 0.72, y + FALL * 0.72];
                self.canvas.line(ink, [from, y], end);
                for [dx, dy] in [[5.0, 5.0], [5.0, -5.0]] {
                    self.canvas.line("lost", [end[0] - dx, end[1] - dy], [end[0] + dx, end[1] + dy]);
                }
                self.label(arrow, [from, y], [to, y + FALL]);
                FALL
            }
            Part::Leaves => {
                self.flying.insert(arrow.record, [from, y]);
                // Its words stand where it leaves; the line is drawn when it is known where it arrives.
                self.label(arrow, [from, y], [to, y + FALL]);
                0.0
            }
            Part::Arrives => {
                let start = self.flying.remove(&arrow.record).unwrap_or([from, y - LINE]);
                self.shaft(ink, start, [to, y]);
                0.0
            }
        };
        self.canvas.end();
        fall
    }

    /// A line with a head.
    fn shaft(&mut self, ink: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let length = (x2 - x1).hypot(y2 - y1).max(1.0);
        let (ux, uy) = ((x2 - x1) / length, (y2 - y1) / length);
        let neck = [x2 - ux * 9.0, y2 - uy * 9.0];
        self.canvas.line(ink, [x1, y1], neck);
        let wings = [[neck[0] - uy * 4.0, neck[1] + ux * 4.0], [neck[0] + uy * 4.0, neck[1] - ux * 4.0]];
        self.canvas.path(&format!("head {ink}"), &[[x2, y2], wings[0], wings[1]], true);
    }

    /// The words of an arrow, above the shaft near the end it leaves from.
    fn label(&mut self, arrow: &Arrow, [x1, _]: [f64; 2], [x2, y2]: [f64; 2]) {
        let half = self.look.text_width(&arrow.label) as f64 * CELL / 2.0;
        // Of a frame that passes several lanes the words stand in the first gap.
        let next = if arrow.to > arrow.from { arrow.from + 1 } else { arrow.from.saturating_sub(1) };
        let end = self.x.get(next).copied().unwrap_or(x2);
        let middle = if (end - x1).abs() / 2.0 > half {
            (x1 + end) / 2.0
        } else {
            x1 + (end - x1).signum() * (half + 12.0)
        };
        let ink = format!("halo {}", class(arrow.kind.ink()));
        self.canvas.text(&ink, [middle, y2 - 8.0], Anchor::Middle, &arrow.label);
    }

    fn across(&mut self, row: &Row, across: &Across) {
        let centre = (self.x[0] + self.x[self.x.len() - 1]) / 2.0;
        match across {
            Across::Quiet(text) => {
                for x in self.x.clone() {
                    self.canvas.line("quiet", [x, self.y - LINE + 6.0], [x, self.y + 4.0]);
                }
                self.canvas.text("dim", [centre, self.y], Anchor::Middle, text);
                self.y += LINE + 3.0;
            }
            Across::Summary(text) => {
                self.stamp(row);
                self.block("warn", &format!("⋮ {text}"));
            }
            Across::Remark(text) => self.block("dim", text),
        }
    }

    fn block(&mut self, ink: &str, text: &str) {
        let start = MARGIN + 80.0;
        let cells = ((self.width - start - MARGIN) / CELL) as usize;
        for text in self.look.wrap(text, cells) {
            self.canvas.text(&format!("halo {ink}"), [start, self.y], Anchor::Start, &text);
            self.y += LINE;
        }
        self.y += 3.0;
    }

    fn finish(self, trace: &Trace, standing: Standing) -> String {
        let look = self.look;
        let mut canvas = Canvas::new();
        canvas.group("lanes", &[]);
        for x in &self.x {
            canvas.line("pillar", [*x, MARGIN + 12.0], [*x, self.y]);
        }
        canvas.end().append(self.canvas);
        let size = [self.width, self.y + MARGIN];
        let arrows = self.diagram.rows.iter().filter(|row| row.arrow.is_some()).count();
        let description = look.lang.pick(
            format!("Sequence diagram: {arrows} arrows between {} hosts.", self.diagram.lanes.len()),
            format!("时序图：{} 台主机之间的 {arrows} 个箭头。", self.diagram.lanes.len()),
        );
        canvas.document("sequence", size, [trace.meta.title.get(look.lang), &description], look, standing)
    }
}
