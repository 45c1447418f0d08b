//! A comparison drawn: frames side by side, what else was compared, footnotes, the verdict.

use crate::lang::Lang;
use crate::report::{Comparison, Mark, PacketLine, Verdict};
use crate::trace::{Source, Trace};
use crate::view::{Ink, Line, Look};

/// A comparison up to this long is drawn whole.
const MOST_ROWS: usize = 36;
/// Of a longer one, so many rows from its beginning.
const FIRST_ROWS: usize = 18;
/// And so many from its end.
const LAST_ROWS: usize = 6;

/// One scenario's comparison as lines.
pub fn draw(comparison: &Comparison, simulated: &Trace, live: Option<&Trace>, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = Vec::new();
    if !comparison.rows.is_empty() {
        let columns = Columns::new(comparison, look);
        lines.push(columns.heading(live, look));
        let shown = shown(comparison);
        let mut left_out = 0;
        for (at, shown) in shown.iter().enumerate() {
            if !shown {
                left_out += 1;
                continue;
            }
            leave_out(&mut left_out, look, &mut lines);
            columns.row(comparison, at, simulated, look, &mut lines);
        }
        leave_out(&mut left_out, look, &mut lines);
    }
    for state in &comparison.lines {
        mark_line(state.text.get(lang), state.mark, look, &mut lines);
    }
    for difference in &comparison.differences {
        if difference.because.is_none() {
            different(difference, look, &mut lines);
        }
    }
    lines.extend(verdict(comparison, look));
    lines
}

/// Which rows are drawn: all of a short comparison; of a long one its beginning, its end, and what differs with its neighbours.
fn shown(comparison: &Comparison) -> Vec<bool> {
    let rows = &comparison.rows;
    let differs = |at: usize| rows.get(at).is_some_and(|row| row.mark == Mark::Different);
    (0..rows.len())
        .map(|at| {
            let near = (at.saturating_sub(2)..=at + 2).any(differs);
            rows.len() <= MOST_ROWS || at < FIRST_ROWS || at + LAST_ROWS >= rows.len() || near
        })
        .collect()
}

fn leave_out(left_out: &mut usize, look: &Look, lines: &mut Vec<Line>) {
    let n = std::mem::take(left_out);
    if n == 0 {
        return;
    }
    let text = look
        .lang
        .pick(format!("⋮  {n} more rows, nothing unexplained"), format!("⋮  另有 {n} 行，没有未解释的不同"));
    let mut line = Line::new();
    line.to(2).push(look, Ink::Dim, &text);
    lines.push(line);
}

struct Columns {
    number: usize,
    half: usize,
    mark: usize,
    flags: usize,
    seq: usize,
}

impl Columns {
    fn new(comparison: &Comparison, look: &Look) -> Columns {
        let number = comparison.rows.len().to_string().len().max(2);
        let mark = 6;
        let half = (look.width - number - 3 - mark) / 2;
        let packets = || comparison.rows.iter().flat_map(|row| [&row.simulated, &row.live]).flatten();
        let flags = packets().map(|line| line.label.len()).max().unwrap_or(2);
        let seq = packets().map(|line| line.seq.map_or(0, |seq| seq.to_string().len())).max().unwrap_or(1);
        Columns { number, half, mark, flags, seq }
    }

    fn heading(&self, live: Option<&Trace>, look: &Look) -> Line {
        let lang = look.lang;
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, "#", self.number + 1).to(self.number + 3);
        line.push(look, Ink::Heading, lang.pick("simulated", "模拟")).to(self.number + 3 + self.half);
        let kernel = match live.map(|trace| &trace.meta.source) {
            Some(Source::Live { kernel, mode }) => {
                let kernel: String = kernel.chars().take_while(|c| *c != '-' && *c != '+').collect();
                let mode = match *mode {
                    "loopback" => lang.pick("loopback", "环回"),
                    "wire" => lang.pick("wire", "线路"),
                    other => other,
                };
                lang.pick(format!("kernel {kernel}, {mode}"), format!("内核 {kernel}，{mode}"))
            }
            _ => lang.pick("kernel", "内核").to_owned(),
        };
        line.push_until(look, Ink::Heading, &kernel, look.width - self.mark);
        line
    }

    fn row(&self, comparison: &Comparison, at: usize, trace: &Trace, look: &Look, lines: &mut Vec<Line>) {
        let row = &comparison.rows[at];
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &(at + 1).to_string(), self.number + 1).to(self.number + 3);
        self.side(&mut line, row.simulated.as_ref(), trace, look, self.number + 3 + self.half);
        self.side(&mut line, row.live.as_ref(), trace, look, look.width - self.mark);
        let (ink, text) = mark(row.mark);
        line.to(look.width - self.mark + 1).push(look, ink, &text);
        lines.push(line);
        if let (Mark::Different, Some(note)) = (row.mark, &row.note) {
            for text in look.wrap(note.get(look.lang), look.width - self.number - 5) {
                let mut line = Line::new();
                line.to(self.number + 5).push(look, Ink::Bad, &text);
                lines.push(line);
            }
        }
    }

    fn side(&self, line: &mut Line, packet: Option<&PacketLine>, trace: &Trace, look: &Look, end: usize) {
        let Some(packet) = packet else {
            line.push(look, Ink::Dim, look.lang.pick("(nothing)", "（无）")).to(end);
            return;
        };
        line.push(look, Ink::Dim, &format!("{}  ", packet.direction(&trace.meta.hosts)));
        let text = packet.aligned(self.flags, self.seq);
        line.push_until(look, Ink::of_packet(&packet.label, packet.len), &text, end - 1);
        if packet.lost {
            line.push_until(look, Ink::Lost, " ✗", end - 1);
        }
        line.to(end);
    }
}

fn mark(mark: Mark) -> (Ink, String) {
    match mark {
        Mark::Same => (Ink::Good, "=".to_owned()),
        Mark::Explained(note) => (Ink::Warn, format!("≈ {}", raised(note))),
        Mark::Different => (Ink::Bad, "≠".to_owned()),
        Mark::Aside => (Ink::Dim, "·".to_owned()),
    }
}

/// A footnote's number, raised where there is a character for it.
fn raised(number: u32) -> String {
    const RAISED: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let digits = number.to_string();
    digits.chars().filter_map(|digit| digit.to_digit(10)).map(|digit| RAISED[digit as usize % 10]).collect()
}

fn mark_line(text: &str, what: Mark, look: &Look, lines: &mut Vec<Line>) {
    let (ink, mark) = mark(what);
    let wrapped = look.wrap(text, look.width - 12);
    for (at, text) in wrapped.iter().enumerate() {
        let mut line = Line::new();
        line.to(5).push(look, Ink::Plain, text);
        if at == 0 {
            line.to(look.width - 5).push(look, ink, &mark);
        }
        lines.push(line);
    }
}

fn different(difference: &crate::report::Difference, look: &Look, lines: &mut Vec<Line>) {
    let lang = look.lang;
    let words = lang.pick(
        format!(
            "✗ {}: simulated {}, kernel {}",
            difference.what.en, difference.simulated.en, difference.live.en
        ),
        format!("✗ {}：模拟 {}，内核 {}", difference.what.zh, difference.simulated.zh, difference.live.zh),
    );
    for (at, text) in look.wrap(&words, look.width - 4).iter().enumerate() {
        let mut line = Line::new();
        line.to(if at == 0 { 2 } else { 4 }).push(look, Ink::Bad, text);
        lines.push(line);
    }
}

/// The verdict with its footnotes or reasons.
fn verdict(comparison: &Comparison, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut line = Line::new();
    line.to(2).push(look, verdict_ink(&comparison.verdict), comparison.verdict.word(lang));
    if comparison.checked > 0 {
        let checked = comparison.checked;
        line.push(
            look,
            Ink::Plain,
            &lang.pick(format!(" · {checked} checks"), format!(" · 比较了 {checked} 处")),
        );
    }
    let mut lines = vec![line];
    let reasons: Vec<String> = match &comparison.verdict {
        Verdict::NotComparable { why } => vec![lang.unwrapped(why.get(lang))],
        Verdict::Inconclusive => comparison.inconclusive.iter().map(|why| why.get(lang).to_owned()).collect(),
        Verdict::Same | Verdict::Explained | Verdict::Different => Vec::new(),
    };
    for reason in reasons {
        note("", &reason, look, &mut lines);
    }
    for (at, footnote) in comparison.footnotes.iter().enumerate() {
        note(&raised(at as u32 + 1), footnote.get(lang), look, &mut lines);
    }
    lines
}

fn note(mark: &str, text: &str, look: &Look, lines: &mut Vec<Line>) {
    let indent = 4 + look.text_width(&look.clean(mark));
    for (at, text) in look.wrap(text, look.width - indent - 1).iter().enumerate() {
        let mut line = Line::new();
        line.to(4);
        if at == 0 {
            line.push(look, Ink::Warn, mark);
        }
        line.to(if mark.is_empty() { 4 } else { indent + 1 }).push(look, Ink::Dim, text);
        lines.push(line);
    }
}

/// The colour of a verdict.
pub fn verdict_ink(verdict: &Verdict) -> Ink {
    match verdict {
        Verdict::Same | Verdict::Explained => Ink::Good,
        Verdict::Different => Ink::Bad,
        Verdict::Inconclusive => Ink::Warn,
        Verdict::NotComparable { .. } => Ink::Dim,
    }
}

/// The verdicts of many scenarios, counted: `19 explained, 2 same`.
pub fn counted(verdicts: &[&Verdict], lang: Lang) -> String {
    let mut parts: Vec<(&'static str, usize)> = Vec::new();
    for verdict in verdicts {
        let word = verdict.word(lang);
        match parts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => parts.push((word, 1)),
        }
    }
    let parts: Vec<String> = parts.iter().map(|(word, count)| format!("{count} {word}")).collect();
    parts.join(lang.pick(", ", "，"))
}
