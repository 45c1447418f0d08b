//! Diagrams for Mermaid, as forges and wikis draw them: the sequence diagram and the state diagram.

use super::super::lanes::{Across, Arrow, Diagram, Part};
use super::super::lanes_text::{decimals, time};
use super::super::ways::{Walked, ways};
use super::super::{Kind, Look, diagram};
use crate::tcp::State;
use crate::trace::Trace;
use std::fmt::Write;

/// The sequence diagram. Mermaid draws every arrow level, so a frame that others cross stands where it leaves.
pub fn sequence(trace: &Trace, look: &Look) -> String {
    let diagram = diagram(trace, look);
    let mut text = String::from("sequenceDiagram\n");
    let _ = writeln!(text, "  accTitle: {}", safe(trace.meta.title.get(look.lang)));
    for (lane, host) in diagram.lanes.iter().enumerate() {
        let name = format!("{} {}", host.name, host.address);
        let _ = writeln!(text, "  participant h{lane} as {}", safe(name.trim_end()));
    }
    let last = diagram.lanes.len().saturating_sub(1);
    let decimals = decimals(diagram.rows.iter().map(|row| row.at));
    for row in &diagram.rows {
        let at = time(row.at, decimals);
        if let Some(arrow) = row.arrow.as_ref().filter(|arrow| arrow.part != Part::Arrives) {
            let Arrow { from, to, label, .. } = arrow;
            let _ = writeln!(text, "  h{from}{}h{to}: {at} {}", line(arrow), safe(label));
        }
        for (lane, aside) in row.asides.iter().enumerate() {
            let Some(aside) = aside else { continue };
            let _ = writeln!(text, "  Note {} h{lane}: {}", side(&diagram, lane), safe(&aside.text));
        }
        if let Some(across) = &row.across {
            let (Across::Quiet(words) | Across::Summary(words) | Across::Remark(words)) = across;
            let _ = writeln!(text, "  Note over h0,h{last}: {}", safe(words));
        }
    }
    text
}

/// The arrow: a cross at its end if it is lost, broken for what carries no text.
fn line(arrow: &Arrow) -> &'static str {
    let solid = !matches!(arrow.kind, Kind::Ack);
    match (arrow.part == Part::Lost, solid) {
        (true, true) => "-x",
        (true, false) => "--x",
        (false, true) => "->>",
        (false, false) => "-->>",
    }
}

/// Where the words of a lane stand: outside, so that the arrows stay free.
fn side(diagram: &Diagram, lane: usize) -> &'static str {
    if lane == 0 && diagram.lanes.len() > 1 { "left of" } else { "right of" }
}

/// The TCP state diagram; the states that `walks` passed are marked, and their steps numbered.
pub fn states(walks: &[Walked], look: &Look) -> String {
    let mut text = String::from("stateDiagram-v2\n");
    let id = |state: State| state.name().replace('-', "_");
    for state in State::ALL {
        let _ = writeln!(text, "  state \"{}\" as {}", state.name(), id(state));
    }
    for way in ways() {
        let mut words = way.words(look);
        for walk in walks {
            let numbers = walk.numbers(way.from, way.to);
            if !numbers.is_empty() {
                let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
                let who = walk.who.replace(':', " ");
                let _ = write!(words, " ({who}, {})", numbers.join(" "));
            }
        }
        let _ = writeln!(text, "  {} --> {}: {}", id(way.from), id(way.to), safe(&words));
    }
    let passed: Vec<String> = State::ALL
        .into_iter()
        .filter(|state| walks.iter().any(|walk| walk.states().contains(state)))
        .map(id)
        .collect();
    if !passed.is_empty() {
        text.push_str("  classDef passed stroke-width:4px,font-weight:bold\n");
        let _ = writeln!(text, "  class {} passed", passed.join(","));
    }
    text
}

/// Words without what Mermaid reads as its own: the end of a statement, entities, markup.
fn safe(words: &str) -> String {
    let mut safe = String::with_capacity(words.len());
    for character in words.chars() {
        match character {
            '#' => safe.push_str("#35;"),
            ';' => safe.push_str("#59;"),
            '<' => safe.push_str("#lt;"),
            '>' => safe.push_str("#gt;"),
            '"' => safe.push_str("#quot;"),
            character if character.is_control() || character == '\u{a0}' => safe.push(' '),
            character => safe.push(character),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_mermaid_reads_as_its_own_is_written_as_an_entity() {
        assert_eq!(safe("a;b#c <d>\n\"e\""), "a#59;b#35;c #lt;d#gt; #quot;e#quot;");
    }
}
