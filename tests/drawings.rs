//! Drawings of every built-in scenario, read back as XML.

use roxmltree::{Document, Node};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use wirewalk::lang::{Lang, Text};
use wirewalk::trace::Trace;
use wirewalk::view::Look;
use wirewalk::view::svg::{CELL, Standing, sequence};
use wirewalk::{scenario, sim};

/// Every built-in scenario, run once.
fn traces() -> &'static [(&'static str, Trace)] {
    static TRACES: OnceLock<Vec<(&'static str, Trace)>> = OnceLock::new();
    TRACES.get_or_init(|| {
        let run = |builtin: &scenario::Builtin| {
            let scenario = builtin.scenario().expect("without mistakes");
            (builtin.name, sim::run(scenario.default_plan(), &sim::Options::default()))
        };
        scenario::builtins().iter().map(run).collect()
    })
}

fn looks() -> [Look; 2] {
    [Lang::En, Lang::Zh].map(|lang| Look { lang, ..Look::default() })
}

fn with_class<'a, 'i>(document: &'a Document<'i>, class: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    document.descendants().filter(move |node| {
        node.attribute("class").is_some_and(|classes| classes.split(' ').any(|known| known == class))
    })
}

/// A number that an attribute gives.
fn number(node: &Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).unwrap_or_else(|| panic!("no {name}")).parse().unwrap()
}

#[test]
fn every_drawing_is_xml_and_says_in_words_what_it_is() {
    for look in looks() {
        for (name, trace) in traces() {
            let text = sequence(trace, &look, Standing::Alone);
            let document = Document::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
            let root = document.root_element();
            let child =
                |name| root.children().find(|node| node.has_tag_name(name)).and_then(|node| node.text());
            assert_eq!(child("title"), Some(trace.meta.title.get(look.lang)));
            assert!(child("desc").is_some_and(|words| !words.is_empty()));
            assert!(!text.contains("http-equiv") && !text.contains("<script"), "{name}");
        }
    }
}

#[test]
fn nothing_is_drawn_outside_the_sheet() {
    for look in looks() {
        for (name, trace) in traces() {
            let text = sequence(trace, &look, Standing::Alone);
            let document = Document::parse(&text).unwrap();
            let (width, height) =
                (number(&document.root_element(), "width"), number(&document.root_element(), "height"));
            for node in document.descendants().filter(|node| node.has_tag_name("line")) {
                for (x, y) in [("x1", "y1"), ("x2", "y2")] {
                    let (x, y) = (number(&node, x), number(&node, y));
                    assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{name}: {x} {y}");
                }
            }
            for node in document.descendants().filter(|node| node.has_tag_name("text")) {
                let words = node.text().unwrap_or("");
                let long = look.text_width(words) as f64 * CELL;
                let start = match node.attribute("text-anchor") {
                    Some("end") => number(&node, "x") - long,
                    Some("middle") => number(&node, "x") - long / 2.0,
                    _ => number(&node, "x"),
                };
                assert!(
                    start >= 0.0 && start + long <= width + 1.0,
                    "{name}: “{words}” at {start} of {width}"
                );
            }
        }
    }
}

#[test]
fn every_arrow_names_its_frame_and_rows_come_in_the_order_of_the_records() {
    let (name, trace) = traces().iter().find(|(name, _)| *name == "lost-syn-ack").unwrap();
    let text = sequence(trace, &Look::default(), Standing::InPage);
    let document = Document::parse(&text).unwrap();
    let sent: BTreeSet<String> = trace.frames().iter().map(|frame| frame.record.id.0.to_string()).collect();
    let drawn: BTreeSet<String> =
        with_class(&document, "arrow").map(|node| node.attribute("data-frame").unwrap().to_owned()).collect();
    assert_eq!(drawn, sent, "{name}");
    let rows: Vec<f64> = with_class(&document, "row").map(|node| number(&node, "data-record")).collect();
    assert!(rows.is_sorted(), "{rows:?}");
    assert_eq!(
        with_class(&document, "lost").filter(|node| node.has_tag_name("line")).count(),
        2,
        "one cross"
    );
}

#[test]
fn words_from_outside_cannot_become_markup() {
    let mut trace = traces()[0].1.clone();
    trace.meta.title = Text::new("<script>&\"'\u{1}", "<script>&\"'\u{1}");
    trace.meta.hosts[0].name = "</svg><script>alert(1)</script>".to_owned();
    let text = sequence(&trace, &Look::default(), Standing::Alone);
    assert!(!text.contains("<script"));
    Document::parse(&text).unwrap();
}
