//! Sequence diagrams of traces made by hand.

use super::super::fixtures;
use super::*;
use crate::lang::Lang;
use crate::view::{Glyphs, join};

fn drawn(trace: &Trace, look: &Look) -> String {
    join(&view(trace, look), look)
}

#[test]
fn a_lost_segment_ends_in_a_cross_and_its_repetition_is_marked() {
    let text = drawn(&fixtures::lost_syn_ack(), &Look::default());
    assert!(text.contains("✗─ SA 0 ack 1 ──│"), "{text}");
    assert!(text.contains("retransmit 1 (1 s) │── S 0"), "{text}");
}

#[test]
fn frames_that_cross_are_drawn_crossing() {
    let text = drawn(&fixtures::crossing_fins(), &Look::default());
    for piece in ["─╮", "╭─", "╰", "╯"] {
        assert!(text.contains(piece), "{piece} is missing:\n{text}");
    }
}

#[test]
fn a_long_transfer_is_summed_up_and_no_frame_is_forgotten() {
    let trace = fixtures::long_transfer();
    let diagram = diagram(&trace, &Look::default());
    let drawn = diagram.rows.iter().filter(|row| row.arrow.is_some()).count();
    assert!(drawn < 20, "{drawn} arrows");
    let text = drawn_text(&trace);
    let left_out: usize = text
        .lines()
        .filter_map(|line| line.split("⋮ ").nth(1))
        .filter_map(|line| line.split(' ').next()?.parse::<usize>().ok())
        .sum();
    assert_eq!(drawn + left_out, trace.frames().len(), "{text}");
}

#[test]
fn a_flood_without_a_pattern_is_counted_too() {
    let trace = fixtures::uneven_flood(5_000);
    let diagram = diagram(&trace, &Look::default());
    assert!(diagram.rows.len() < 300, "{} rows", diagram.rows.len());
    let drawn = diagram.rows.iter().filter(|row| row.arrow.is_some()).count();
    let counted: usize = diagram
        .rows
        .iter()
        .filter_map(|row| match &row.across {
            Some(Across::Summary(text)) => text.split(' ').next()?.parse::<usize>().ok(),
            _ => None,
        })
        .sum();
    assert_eq!(drawn + counted, 5_000);
    assert_eq!(whole_diagram(&trace, &Look::default()).rows.len(), 5_000, "whoever walks sees each");
}

#[test]
fn of_many_hosts_the_most_active_have_lanes_of_their_own() {
    let trace = fixtures::many_hosts(9);
    let diagram = diagram(&trace, &Look::default());
    let names: Vec<&str> = diagram.lanes.iter().map(|lane| lane.name.as_str()).collect();
    assert_eq!(names, ["client", "server", "h8", "6 others"]);
    let text = drawn(&trace, &Look { width: 100, ..Look::default() });
    assert!(text.contains("h3: → h4: S 0"), "{text}");
}

#[test]
fn no_arrow_is_lost_to_words_that_stand_in_its_way() {
    let lane = |name: &str| crate::view::lanes::Lane { name: name.to_owned(), address: String::new() };
    let mut row = Row::beside(Instant::ZERO, 3, 1, Beside::State, "SYN-SENT".to_owned());
    row.arrow = Some(Arrow {
        from: 1,
        to: 2,
        kind: Kind::Syn,
        label: "S 0".to_owned(),
        shorter: Vec::new(),
        part: Part::Whole,
        record: RecordId(0),
    });
    let diagram = Diagram { lanes: ["a", "b", "c"].map(lane).to_vec(), rows: vec![row] };
    let look = Look::default();
    let text = join(&lanes_text::draw(&diagram, &look), &look);
    assert!(text.contains("── S 0 ─") && text.contains("│ SYN-SENT"), "{text}");
    assert!(text.lines().all(|line| !line.trim().is_empty()), "{text}");
}

fn drawn_text(trace: &Trace) -> String {
    drawn(trace, &Look::default())
}

#[test]
fn the_lanes_stand_in_one_column_whatever_the_language_and_the_glyphs() {
    for (glyphs, _) in Glyphs::ALL {
        for lang in [Lang::En, Lang::Zh] {
            let look = Look { lang, glyphs, ..Look::default() };
            let text = drawn(&fixtures::lost_syn_ack(), &look);
            let lane = if glyphs == Glyphs::Ascii { "|" } else { "│" };
            let at: Vec<usize> = text
                .lines()
                .filter_map(|line| line.find(lane).map(|at| look.text_width(&line[..at])))
                .collect();
            // A call hangs on its lane with another glyph, in the same column.
            let first = at.iter().min().copied();
            assert!(at.iter().filter(|column| Some(**column) == first).count() > 5, "{text}");
        }
    }
}
