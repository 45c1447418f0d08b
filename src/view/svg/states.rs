//! The TCP state diagram as SVG: eleven states laid out by hand, every way of the table between them, the ways of a run lit.
//!
//! A state carries `data-state`, a way `data-way` (`FROM>TO`): a page lights them up to a step by their classes.

use super::super::Look;
use super::super::ways::{Walked, Way, walked, ways};
use super::canvas::{Anchor, CELL, Canvas, LINE, Standing};
use super::routes::{self, Route};
use crate::tcp::State;
use crate::trace::Trace;

/// Width of the sheet.
const WIDTH: f64 = 900.0;
/// Where the words below the diagram begin.
const LEGEND: f64 = 822.0;
/// Marks that tell the two ends apart without colour.
const MARKS: [Mark; 2] = [Mark::Round, Mark::Square];

/// The shape of an end's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Round,
    Square,
}

/// The diagram by itself, or with the ways that a run took.
pub fn states(trace: Option<&Trace>, look: &Look, standing: Standing) -> String {
    let (walks, rest) = trace.map(walked).unwrap_or_default();
    let mut drawing = Drawing { canvas: Canvas::new(), walks: &walks, look };
    let ways = ways();
    // What is lit is drawn last, so that no other line crosses over it.
    let (lit, unlit): (Vec<&Way>, Vec<&Way>) = ways.iter().partition(|way| drawing.is_lit(way));
    for way in unlit.into_iter().chain(lit) {
        drawing.way(way);
    }
    for state in State::ALL {
        for place in routes::places(state) {
            drawing.state(state, *place);
        }
    }
    let height = drawing.legend(rest);
    let lang = look.lang;
    let name = lang.pick("The TCP state diagram", "TCP 的状态图").to_owned();
    let title = trace.map_or(name, |trace| trace.meta.title.get(lang).to_owned());
    let description = drawing.description();
    drawing.canvas.document("states", [WIDTH, height], [&title, &description], look, standing)
}

struct Drawing<'a> {
    canvas: Canvas,
    walks: &'a [Walked],
    look: &'a Look,
}

impl Drawing<'_> {
    fn is_lit(&self, way: &Way) -> bool {
        self.walks.iter().any(|walk| !walk.numbers(way.from, way.to).is_empty())
    }

    /// Which ends took the way, each with the numbers of its steps.
    fn takers(&self, way: &Way) -> Vec<(usize, String)> {
        let numbers = |walk: &Walked| {
            let numbers: Vec<String> =
                walk.numbers(way.from, way.to).iter().map(ToString::to_string).collect();
            numbers.join(",")
        };
        let all = self.walks.iter().map(numbers).enumerate();
        all.filter(|(_, numbers)| !numbers.is_empty()).collect()
    }

    fn way(&mut self, way: &Way) {
        let Some(route) = routes::route(way.from, way.to) else { return };
        let takers = self.takers(way);
        let class = match takers[..] {
            [] => "way",
            [(end, _)] => ["way lit end0", "way lit end1"][end.min(1)],
            _ => "way lit both",
        };
        let id = format!("{}>{}", way.from, way.to);
        // Where numbers of steps would stand, for whoever lights the ways later.
        let [x, y] = mark_of(route);
        self.canvas.group(class, &[("data-way", id), ("data-mark", format!("{x} {y}"))]);
        self.canvas.title(&format!("{} → {}: {}", way.from, way.to, way.words(self.look)));
        match route {
            Route::Line { points, words, anchor, .. } => {
                self.canvas.path("track", points, false);
                if let [.., before, end] = points {
                    self.head(*before, *end);
                }
                self.canvas.text("words", *words, *anchor, &way.brief(self.walks, self.look));
                self.marks([x, y], &takers);
            }
            // An end that any state may come to at once: a short way out, ending in a ring.
            Route::Out { from, to } => {
                self.canvas.line("track", *from, *to);
                self.canvas.circle("ring", *to, 6.0);
                self.canvas.circle("ring core", *to, 2.5);
                self.marks([x, y], &takers);
            }
        }
        self.canvas.end();
    }

    /// An arrow's head at the end of a line.
    fn head(&mut self, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) {
        let length = (x2 - x1).hypot(y2 - y1).max(1.0);
        let (ux, uy) = ((x2 - x1) / length, (y2 - y1) / length);
        let neck = [x2 - ux * 9.0, y2 - uy * 9.0];
        let wings = [[neck[0] - uy * 4.5, neck[1] + ux * 4.5], [neck[0] + uy * 4.5, neck[1] - ux * 4.5]];
        self.canvas.path("head", &[[x2, y2], wings[0], wings[1]], true);
    }

    /// The numbers of the steps, in the shape of their end, side by side.
    fn marks(&mut self, [x, y]: [f64; 2], takers: &[(usize, String)]) {
        let widths: Vec<f64> = takers.iter().map(|(_, numbers)| mark_width(numbers)).collect();
        let mut left = x - (widths.iter().sum::<f64>() + 3.0 * (widths.len().saturating_sub(1)) as f64) / 2.0;
        for ((end, numbers), width) in takers.iter().zip(widths) {
            self.mark(*end, [left, y], width, numbers);
            left += width + 3.0;
        }
    }

    fn mark(&mut self, end: usize, [left, y]: [f64; 2], width: f64, text: &str) {
        let radius = if MARKS[end.min(1)] == Mark::Round { 8.0 } else { 1.0 };
        let class = ["mark end0", "mark end1"][end.min(1)];
        self.canvas.rect(class, [left, y - 8.0], [width, 16.0], radius);
        self.canvas.text("number", [left + width / 2.0, y + 4.0], Anchor::Middle, text);
    }

    fn state(&mut self, state: State, [x, y]: [f64; 2]) {
        let mut class = String::from("state-box");
        for (end, walk) in self.walks.iter().enumerate() {
            if walk.states().contains(&state) {
                class.push_str(" passed");
            }
            if walk.states().last() == Some(&state) {
                class.push_str([" last0", " last1"][end.min(1)]);
            }
        }
        self.canvas.group(&class, &[("data-state", state.name().to_owned())]);
        self.canvas.title(state.name());
        let [width, height] = routes::BOX;
        self.canvas.rect("box", [x - width / 2.0, y - height / 2.0], [width, height], 6.0);
        let names = [state.name(), state.chinese()];
        match self.look.lang {
            crate::lang::Lang::En => {
                self.canvas.text("state", [x, y + 4.0], Anchor::Middle, names[0]);
            }
            crate::lang::Lang::Zh => {
                self.canvas.text("state", [x, y - 4.0], Anchor::Middle, names[0]);
                self.canvas.text("dim", [x, y + 13.0], Anchor::Middle, names[1]);
            }
        }
        self.canvas.end();
    }

    /// What the signs mean, and each end's way in words; how high the sheet is.
    fn legend(&mut self, rest: usize) -> f64 {
        let lang = self.look.lang;
        let mut y = LEGEND;
        let cells = ((WIDTH - 60.0) / CELL) as usize;
        let ring = lang.pick(
            "CLOSED at once: an RST came, the user aborted, time ran out, or the peer cannot be reached",
            "立即 CLOSED：收到 RST、用户中止、超时，或对端不可达",
        );
        self.canvas.circle("ring", [30.0, y - 4.0], 6.0).circle("ring core", [30.0, y - 4.0], 2.5);
        self.canvas.text("dim", [46.0, y], Anchor::Start, ring);
        y += LINE + 4.0;
        for (end, walk) in self.walks.iter().enumerate() {
            let states: Vec<&str> = walk.states().iter().map(|state| state.name()).collect();
            let words = format!("{}  {}", walk.who, states.join(" → "));
            self.mark(end, [22.0, y - 4.0], 16.0, "n");
            for text in self.look.wrap(&words, cells) {
                self.canvas.text("plain", [46.0, y], Anchor::Start, &text);
                y += LINE;
            }
            y += 4.0;
        }
        if rest > 0 {
            let text = lang.pick(
                format!("and {rest} more ends of connections, not lit"),
                format!("此外还有 {rest} 个连接端点，未标出"),
            );
            self.canvas.text("dim", [46.0, y], Anchor::Start, &text);
            y += LINE;
        }
        y + 6.0
    }

    /// The ways in words, for whoever cannot see them.
    fn description(&self) -> String {
        let lang = self.look.lang;
        let mut text = lang
            .pick(
                "The eleven states of a TCP connection and the ways between them.",
                "TCP 连接的十一个状态和它们之间的转换。",
            )
            .to_owned();
        for walk in self.walks {
            let states: Vec<&str> = walk.states().iter().map(|state| state.name()).collect();
            let states = states.join(lang.pick(", ", "、"));
            text.push_str(
                &lang
                    .pick(format!(" {} passed {states}.", walk.who), format!("{} 经过 {states}。", walk.who)),
            );
        }
        text
    }
}

/// The middle of the marks of a way.
fn mark_of(route: &Route) -> [f64; 2] {
    match route {
        Route::Line { mark, .. } => *mark,
        Route::Out { from, to } if to[0] == from[0] => [to[0], to[1] + 18.0],
        Route::Out { from, to } => [to[0] + (to[0] - from[0]).signum() * 18.0, to[1]],
    }
}

/// Pixels that a mark with these numbers is wide.
fn mark_width(numbers: &str) -> f64 {
    (numbers.len() as f64 * CELL + 8.0).max(16.0)
}
