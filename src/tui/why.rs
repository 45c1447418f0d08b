//! The chain of causes of the present step.

use crate::lang::Lang;
use crate::view::{Ink, Line, Look, Teller};
use crate::walk::Walk;

/// One link of the chain.
#[derive(Clone, Debug)]
pub struct Link {
    /// The step it happened in.
    pub step: usize,
    /// What happened.
    pub lines: Vec<Line>,
}

/// From the present step back to what nothing caused.
pub fn chain(walk: &Walk, look: &Look) -> Vec<Link> {
    let Some(step) = walk.step() else { return Vec::new() };
    let teller = Teller::new(walk.trace(), look);
    let mut links: Vec<Link> = Vec::new();
    // The last thing of the step that can be told stands for it; bookkeeping behind it has the same cause.
    let records = walk.here().records(walk.at());
    let last = records.iter().rev().find(|record| teller.tell(record).is_some());
    for record in walk.trace().why(last.map_or(step.last, |record| record.id)) {
        let (Some(told), Some(step)) = (teller.tell(record), walk.holding(record.id)) else { continue };
        let mut first = Line::new();
        first.push(look, Ink::Dim, &format!("[{}] {} s  ", step + 1, record.at));
        let indent = first.width().min(look.width / 2);
        let mut lines = Vec::new();
        for (at, text) in look.wrap(&told.what, look.width.saturating_sub(indent + 1)).iter().enumerate() {
            let mut line = if at == 0 { std::mem::take(&mut first) } else { Line::new() };
            line.to(indent).push(look, told.ink, text);
            lines.push(line);
        }
        lines.extend(reason(&told.why, &told.cite, look));
        links.push(Link { step, lines });
    }
    links
}

/// Why, with its section at the right of the last line.
pub fn reason(why: &str, cite: &str, look: &Look) -> Vec<Line> {
    if why.is_empty() && cite.is_empty() {
        return Vec::new();
    }
    let cite_width = look.text_width(cite);
    let wrapped = look.wrap(why, look.width.saturating_sub(5));
    let mut lines: Vec<Line> = (wrapped.iter())
        .map(|text| {
            let mut line = Line::new();
            line.to(4).push(look, Ink::Plain, text);
            line
        })
        .collect();
    if !cite.is_empty() {
        let room = lines.last().is_some_and(|line| line.width() + cite_width + 2 < look.width);
        if !room {
            lines.push(Line::new());
        }
        if let Some(line) = lines.last_mut() {
            line.push_right(look, Ink::Dim, cite, look.width.saturating_sub(1));
        }
    }
    lines
}

/// The chain as lines, the chosen link marked, and the line it begins at.
pub fn lines(chain: &[Link], chosen: usize, look: &Look) -> (Vec<Line>, usize) {
    let mut lines = Vec::new();
    let mut keep = 0;
    for (at, link) in chain.iter().enumerate() {
        if at == chosen {
            keep = lines.len();
        }
        for (row, line) in link.lines.iter().enumerate() {
            let mut marked = Line::new();
            if row == 0 {
                let mark = if at == chosen {
                    "▸"
                } else if at > 0 {
                    "←"
                } else {
                    " "
                };
                let ink = if at == chosen { Ink::Warn } else { Ink::Dim };
                marked.push_until(look, ink, mark, 2);
            }
            marked.to(2);
            marked.append(line);
            lines.push(marked);
        }
    }
    if chain.is_empty() {
        let text = match look.lang {
            Lang::En => "nothing happens",
            Lang::Zh => "什么也没有发生",
        };
        lines.push(Line::of(look, Ink::Dim, text));
    }
    (lines, keep)
}
