//! What happened and why, in plain sentences: also what a screen reader reads instead of the diagram.

use super::lanes_text::{decimals, time};
use super::sentence::Teller;
use super::{Ink, Line, Look, heading};
use crate::trace::Trace;

/// Sentences at most; a flood's story is its summary.
const MOST: usize = 1500;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let teller = Teller::new(trace, look);
    let mut lines = heading::heading(trace, look);
    let decimals = decimals(trace.records.iter().map(|record| record.at));
    let mut told = 0;
    let mut shown = None;
    for (record, sentence) in teller.tell_all(&trace.records) {
        let record = trace.record(record);
        told += 1;
        if told > MOST {
            continue;
        }
        if shown != Some(record.at) {
            shown = Some(record.at);
            let at = time(record.at, decimals);
            let text = look.lang.pick(format!("At {at} s:"), format!("第 {at} 秒："));
            lines.push(Line::of(look, Ink::Dim, &text));
        }
        let stop = look.lang.pick(".", "。");
        let mut words = sentence.what;
        if sentence.why.is_empty() {
            words.push_str(stop);
        } else {
            let why = sentence.why.trim_end_matches(['.', '。']);
            words.push_str(look.lang.pick(": ", "："));
            words.push_str(why);
            words.push_str(stop);
        }
        let cite = if sentence.cite.is_empty() {
            String::new()
        } else {
            format!(" [{}]", sentence.cite.replace(' ', "\u{a0}"))
        };
        words.push_str(&cite);
        for (at, text) in look.wrap(&words, look.width - 4).iter().enumerate() {
            let mut line = Line::new();
            line.to(if at == 0 { 2 } else { 4 });
            line.push(look, sentence.ink, text);
            lines.push(line);
        }
    }
    if told > MOST {
        let rest = told - MOST;
        let text = look.lang.pick(format!("… and {rest} more sentences"), format!("… 此外还有 {rest} 句"));
        lines.push(Line::of(look, Ink::Dim, &text));
    }
    lines
}
