//! Drawings of every built-in scenario, read back as XML.

use roxmltree::{Document, Node};
use std::collections::BTreeSet;
use std::sync::OnceLock;
use wirewalk::lang::{Lang, Text};
use wirewalk::trace::Trace;
use wirewalk::view::Look;
use wirewalk::view::svg::{CELL, Standing, plot, queues, sequence, sequence_time, states};
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

/// Every kind of drawing of a run.
fn drawings(name: &str, trace: &Trace, look: &Look) -> [(&'static str, String); 5] {
    let runs = [(name, trace)];
    [
        ("sequence", sequence(trace, look, Standing::Alone)),
        ("states", states(Some(trace), look, Standing::Alone)),
        ("plot", plot(&runs, look, Standing::Alone)),
        ("queues", queues(&runs, look, Standing::Alone)),
        ("sequence-time", sequence_time(&runs, look, Standing::Alone)),
    ]
}

/// Calls `judge` with every kind of drawing of every scenario in both languages, and with a few that show more than one run.
fn each_drawing(judge: impl Fn(&str, &Look, &Document<'_>)) {
    for look in looks() {
        let mut all = vec![("the diagram alone".to_owned(), states(None, &look, Standing::Alone))];
        for (name, trace) in traces() {
            for (kind, text) in drawings(name, trace, &look) {
                all.push((format!("{kind} of {name}"), text));
            }
        }
        let of = |wanted: &'static str| {
            let found = traces().iter().find(|(name, _)| *name == wanted);
            (wanted, &found.unwrap_or_else(|| panic!("no {wanted}")).1)
        };
        let runs = [of("sawtooth"), of("cubic-curve"), of("slow-start")];
        all.push(("three plots".to_owned(), plot(&runs, &look, Standing::Alone)));
        all.push(("three graphs".to_owned(), sequence_time(&runs, &look, Standing::Alone)));
        let floods = [of("syn-flood"), of("syn-flood-cookies")];
        all.push(("two floods".to_owned(), queues(&floods, &look, Standing::Alone)));
        for (name, text) in &all {
            let document = Document::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            judge(name, &look, &document);
        }
    }
}

#[test]
fn every_drawing_is_xml_and_says_in_words_what_it_is() {
    each_drawing(|name, look, document| {
        let root = document.root_element();
        let child = |name| root.children().find(|node| node.has_tag_name(name)).and_then(|node| node.text());
        assert!(child("title").is_some_and(|words| !words.is_empty()), "{name}");
        let words = child("desc").unwrap_or_default();
        let chinese = words.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        assert!(!words.is_empty() && chinese == (look.lang == Lang::Zh), "{name}: {words}");
        assert!(document.descendants().all(|node| !node.has_tag_name("script")), "{name}");
    });
}

/// The corners of whatever the node draws.
fn corners(node: &Node<'_, '_>) -> Vec<[f64; 2]> {
    match node.tag_name().name() {
        "line" => vec![[number(node, "x1"), number(node, "y1")], [number(node, "x2"), number(node, "y2")]],
        "circle" => {
            let (x, y, r) = (number(node, "cx"), number(node, "cy"), number(node, "r"));
            vec![[x - r, y - r], [x + r, y + r]]
        }
        "rect" if node.attribute("x").is_some() => {
            let (x, y) = (number(node, "x"), number(node, "y"));
            vec![[x, y], [x + number(node, "width"), y + number(node, "height")]]
        }
        "path" => {
            let mut found: Vec<[f64; 2]> = Vec::new();
            let way = node.attribute("d").unwrap().replace('Z', "");
            for (start, _) in way.match_indices(|c: char| c.is_ascii_alphabetic()) {
                let end = way[start + 1..]
                    .find(|c: char| c.is_ascii_alphabetic())
                    .map_or(way.len(), |at| start + 1 + at);
                let numbers: Vec<f64> = way[start + 1..end].split(' ').map(|n| n.parse().unwrap()).collect();
                let [x, y] = found.last().copied().unwrap_or_default();
                found.push(match (&way[start..=start], numbers.as_slice()) {
                    ("M" | "L", [x, y]) => [*x, *y],
                    ("H", [x]) => [*x, y],
                    ("V", [y]) => [x, *y],
                    other => panic!("{other:?}"),
                });
            }
            found
        }
        _ => Vec::new(),
    }
}

/// Where a text stands: left, top, right, bottom.
fn extent(node: &Node<'_, '_>, look: &Look) -> [f64; 4] {
    let long = look.text_width(node.text().unwrap_or("")) as f64 * CELL;
    let x = number(node, "x");
    let left = match node.attribute("text-anchor") {
        Some("end") => x - long,
        Some("middle") => x - long / 2.0,
        _ => x,
    };
    let y = number(node, "y");
    [left, y - 9.0, left + long, y + 3.0]
}

#[test]
fn nothing_is_drawn_outside_the_sheet() {
    each_drawing(|name, look, document| {
        let root = document.root_element();
        let (width, height) = (number(&root, "width"), number(&root, "height"));
        for node in document.descendants() {
            for [x, y] in corners(&node) {
                assert!((0.0..=width).contains(&x) && (0.0..=height).contains(&y), "{name}: {node:?}");
            }
            if node.has_tag_name("text") {
                let [left, top, right, bottom] = extent(&node, look);
                let inside = left >= 0.0 && right <= width + 1.0 && top >= 0.0 && bottom <= height;
                assert!(inside, "{name}: “{}” from {left} to {right} of {width}", node.text().unwrap_or(""));
            }
        }
    });
}

#[test]
fn no_words_of_a_plot_or_a_state_diagram_lie_on_others_or_on_a_mark() {
    each_drawing(|name, look, document| {
        if document.root_element().attribute("class") == Some("ww sequence") {
            return;
        }
        let mut taken: Vec<([f64; 4], String)> = Vec::new();
        for node in document.descendants() {
            let classes = node.attribute("class").unwrap_or("");
            let place = if node.has_tag_name("text") && !classes.contains("number") {
                extent(&node, look)
            } else if node.has_tag_name("rect") && classes.contains("mark") {
                let found = corners(&node);
                [found[0][0], found[0][1], found[1][0], found[1][1]]
            } else {
                continue;
            };
            let words = format!("{classes} “{}”", node.text().unwrap_or(""));
            for (other, whose) in &taken {
                let apart = place[2] <= other[0]
                    || other[2] <= place[0]
                    || place[3] <= other[1]
                    || other[3] <= place[1];
                assert!(apart, "{name}: {words} lies on {whose}");
            }
            taken.push((place, words));
        }
    });
}

#[test]
fn the_state_diagram_lights_exactly_the_ways_that_were_taken() {
    let (_, trace) = traces().iter().find(|(name, _)| *name == "four-way-close").unwrap();
    let text = states(Some(trace), &Look::default(), Standing::InPage);
    let document = Document::parse(&text).unwrap();
    let lit: BTreeSet<&str> =
        with_class(&document, "lit").map(|node| node.attribute("data-way").unwrap()).collect();
    let walks = wirewalk::view::walked(trace).0;
    let taken: BTreeSet<String> = walks
        .iter()
        .flat_map(|walk| walk.steps.iter().map(|step| format!("{}>{}", step.from, step.to)))
        .collect();
    assert_eq!(lit, taken.iter().map(String::as_str).collect());
    assert!(lit.contains("FIN-WAIT-1>FIN-WAIT-2") && !lit.contains("FIN-WAIT-1>CLOSING"));
    assert!(with_class(&document, "way").count() > lit.len());
    // Colour aside, the two ends are told apart by the shape of their numbers.
    let radius = |end| {
        with_class(&document, end).find(|node| node.has_tag_name("rect")).map(|node| number(&node, "rx"))
    };
    assert_ne!(radius("end0"), radius("end1"));
}

#[test]
fn the_sequence_time_graph_has_a_mark_for_each_segment_that_went_again_or_was_lost() {
    let (_, trace) = traces().iter().find(|(name, _)| *name == "sack").unwrap();
    let text = sequence_time(&[("sack", trace)], &Look::default(), Standing::InPage);
    let document = Document::parse(&text).unwrap();
    let panel = with_class(&document, "panel").next().unwrap();
    let drawn = |class: &str, tag: &str| {
        let fits = |node: &Node<'_, '_>| node.has_tag_name(tag) && node.attribute("class") == Some(class);
        panel.descendants().filter(fits).count()
    };
    let data =
        |frame: &&wirewalk::trace::Frame<'_>| frame.tcp().is_some_and(|segment| !segment.payload.is_empty());
    let frames = trace.frames();
    let lost = frames.iter().filter(data).filter(|frame| frame.lost().is_some()).count();
    assert!(lost > 0, "the lesson loses something");
    assert_eq!(drawn("lost", "line"), 2 * lost);
    assert_eq!(drawn("again", "path"), lost, "each lost segment goes again once");
    assert!(drawn("sack", "path") > 0);
}

#[test]
fn a_curve_goes_through_its_values() {
    let (_, trace) = traces().iter().find(|(name, _)| *name == "slow-start").unwrap();
    let text = plot(&[("slow-start", trace)], &Look::default(), Standing::InPage);
    let document = Document::parse(&text).unwrap();
    let panel = with_class(&document, "panel").next().unwrap();
    let curve = panel.descendants().find(|node| node.attribute("class") == Some("curve s0 d0")).unwrap();
    // The window opens and never closes: on paper the curve only rises.
    let heights: Vec<f64> = corners(&curve).into_iter().map(|[_, y]| y).collect();
    assert!(heights.is_sorted_by(|before, after| before >= after), "{heights:?}");
    let ticks: Vec<(f64, f64)> = panel
        .descendants()
        .filter(|node| node.has_tag_name("text") && node.attribute("text-anchor") == Some("end"))
        .map(|node| (node.text().unwrap().parse().unwrap(), number(&node, "y") - 4.0))
        .collect();
    let ((low, bottom), (high, top)) = (ticks[0], *ticks.last().unwrap());
    let value = |y: f64| low + (bottom - y) / (bottom - top) * (high - low);
    let endpoint = trace
        .frames()
        .iter()
        .find_map(|frame| frame.tcp().filter(|s| !s.payload.is_empty()).and(frame.endpoint))
        .unwrap();
    let windows: Vec<u64> = trace.variable(endpoint, "cwnd").iter().filter_map(|(_, value)| *value).collect();
    assert_eq!(value(heights[0]).round() as u64, windows[0]);
    assert_eq!(value(*heights.last().unwrap()).round() as u64, *windows.iter().max().unwrap());
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
