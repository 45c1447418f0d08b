//! What we write for other tools is what those tools read: each format is read back by somebody else, or by its own rules.

use std::collections::BTreeMap;
use std::io::Write;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use wirewalk::lang::Lang;
use wirewalk::tcp::{EDGES, State};
use wirewalk::trace::{Event, Trace};
use wirewalk::view::{Look, export, walked, ways};
use wirewalk::{scenario, sim};

/// Every built-in scenario, run once, with its wire.
fn runs() -> &'static [(scenario::Plan, Trace)] {
    static RUNS: OnceLock<Vec<(scenario::Plan, Trace)>> = OnceLock::new();
    RUNS.get_or_init(|| {
        let run = |builtin: &scenario::Builtin| {
            let plan = builtin.scenario().expect("without mistakes").default_plan().clone();
            let trace = sim::run(&plan, &sim::Options::default());
            (plan, trace)
        };
        scenario::builtins().iter().map(run).collect()
    })
}

fn run(name: &str) -> &'static Trace {
    &runs().iter().find(|(plan, _)| plan.name == name).unwrap_or_else(|| panic!("no {name}")).1
}

fn looks() -> [Look; 2] {
    [Lang::En, Lang::Zh].map(|lang| Look { lang, ..Look::default() })
}

#[test]
fn the_table_ends_with_the_values_that_replay_finds() {
    for (plan, trace) in runs() {
        let table = export::csv(trace).unwrap();
        assert!(
            !table.windows(2).any(|two| two[1] == b'\n' && two[0] != b'\r'),
            "lines end as RFC 4180 says"
        );
        let mut reader = csv::Reader::from_reader(table.as_slice());
        assert_eq!(reader.headers().unwrap(), ["at_ns", "host", "endpoint", "variable", "value"].as_slice());
        let mut rows = 0;
        let mut last: BTreeMap<(String, String), String> = BTreeMap::new();
        let mut before = 0;
        for row in reader.records().map(Result::unwrap) {
            let at: u64 = row[0].parse().unwrap();
            assert!(before <= at, "{}: rows in the order of time", plan.name);
            before = at;
            rows += 1;
            last.insert((row[2].to_owned(), row[3].to_owned()), row[4].to_owned());
        }
        let changes: usize = trace
            .records
            .iter()
            .map(|record| match &record.event {
                Event::Variables { changes, .. } => changes.len(),
                Event::Queue { .. } => 1,
                _ => 0,
            })
            .sum();
        assert_eq!(rows, changes, "{}", plan.name);
        let end = wirewalk::trace::Snapshot::at(trace, trace.records.last().unwrap().id);
        let told: usize = end.variables.values().map(Vec::len).sum();
        let filled =
            last.iter().filter(|((_, name), value)| !name.starts_with("queue.") && !value.is_empty());
        assert_eq!(filled.count(), told, "{}", plan.name);
    }
}

#[test]
fn a_host_with_a_comma_and_quotes_in_its_name_is_one_field() {
    let mut trace = run("three-way-handshake").clone();
    trace.meta.hosts[0].name = "a, \"b\"\r\nc".to_owned();
    let table = String::from_utf8(export::csv(&trace).unwrap()).unwrap();
    assert!(table.contains(",\"a, \"\"b\"\"\r\nc\","), "{}", &table[..200]);
}

/// A statement of Mermaid's sequence diagrams, as far as we write them; `None`: it is none.
fn statement(line: &str) -> Option<(&str, Vec<usize>, &str)> {
    let line = line.strip_prefix("  ")?;
    if let Some(title) = line.strip_prefix("accTitle: ") {
        return Some(("title", Vec::new(), title));
    }
    if let Some(rest) = line.strip_prefix("participant h") {
        let (lane, name) = rest.split_once(" as ")?;
        return Some(("participant", vec![lane.parse().ok()?], name));
    }
    let (head, words) = line.split_once(": ")?;
    if let Some(place) = head.strip_prefix("Note ") {
        let lanes = ["left of h", "right of h", "over h"].iter().find_map(|side| place.strip_prefix(side))?;
        let lanes = lanes.split(",h").map(|lane| lane.parse().ok()).collect::<Option<_>>()?;
        return Some(("note", lanes, words));
    }
    for arrow in ["-->>", "->>", "--x", "-x"] {
        if let Some((from, to)) = head.split_once(arrow) {
            let lanes = [from, to].map(|lane| lane.strip_prefix('h').and_then(|lane| lane.parse().ok()));
            let lost = arrow.ends_with('x');
            return Some((if lost { "lost" } else { "arrow" }, vec![lanes[0]?, lanes[1]?], words));
        }
    }
    None
}

/// Words between which Mermaid would see no end of a statement: every `#` begins an entity, every `;` ends one.
fn plain(words: &str) -> bool {
    let mut rest = words;
    while let Some(at) = rest.find(['#', ';', '<', '>']) {
        let entity = rest[at..].strip_prefix('#').and_then(|tail| tail.split_once(';'));
        let Some((name, tail)) = entity else { return false };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric()) {
            return false;
        }
        rest = tail;
    }
    true
}

#[test]
fn every_line_of_a_mermaid_sequence_diagram_is_a_statement_about_known_lanes() {
    for look in looks() {
        for (plan, trace) in runs() {
            let text = export::sequence_mermaid(trace, &look);
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some("sequenceDiagram"));
            let mut lanes = 0;
            for line in lines {
                let (kind, of, words) = statement(line).unwrap_or_else(|| panic!("{}: {line}", plan.name));
                assert!(plain(words), "{}: {line}", plan.name);
                if kind == "participant" {
                    assert_eq!(of, [lanes], "{}: {line}", plan.name);
                    lanes += 1;
                }
                assert!(of.iter().all(|lane| *lane < lanes), "{}: {line}", plan.name);
            }
        }
    }
}

#[test]
fn the_mermaid_diagram_has_an_arrow_for_each_frame_and_a_cross_for_each_loss() {
    let trace = run("lost-syn-ack");
    let text = export::sequence_mermaid(trace, &Look::default());
    let count = |kind: &str| text.lines().filter_map(statement).filter(|(known, ..)| *known == kind).count();
    let frames = trace.frames();
    let lost = frames.iter().filter(|frame| frame.lost().is_some()).count();
    assert_eq!((count("arrow"), count("lost")), (frames.len() - lost, lost));
}

#[test]
fn the_mermaid_state_diagram_has_every_state_and_way_and_marks_what_was_passed() {
    let trace = run("simultaneous-close");
    for look in looks() {
        let text = export::states_mermaid(&walked(trace).0, &look);
        let id = |state: State| state.name().replace('-', "_");
        for state in State::ALL {
            assert!(text.contains(&format!("state \"{}\" as {}\n", state.name(), id(state))));
        }
        for way in ways() {
            assert!(text.contains(&format!("  {} --> {}: ", id(way.from), id(way.to))), "{way:?}");
        }
        let passed = text.lines().find(|line| line.ends_with(" passed")).unwrap();
        assert!(passed.contains("CLOSING") && !passed.contains("CLOSE_WAIT"), "{passed}");
    }
}

#[test]
fn the_lit_walks_are_both_ends_of_the_connection_that_went_furthest() {
    let (walks, rest) = walked(run("four-way-close"));
    let last = |walk: &wirewalk::view::Walked| walk.states();
    assert_eq!(walks.len(), 2);
    assert_eq!(rest, 0);
    assert!(last(&walks[0]).contains(&State::TimeWait) != last(&walks[1]).contains(&State::TimeWait));
    assert!(walked(run("udp-echo")).0.is_empty());
}

/// Has Graphviz draw each graph; the drawings. Says loudly that nothing was checked where there is no Graphviz.
fn drawn(graphs: &[String]) -> Option<Vec<String>> {
    let started = Command::new("dot").arg("-V").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if let Err(error) = started {
        eprintln!("SKIPPED: graphs were not drawn, because Graphviz's dot cannot be run: {error}");
        return None;
    }
    let mut child = Command::new("dot")
        .arg("-Tsvg")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut into = child.stdin.take().unwrap();
    let text = graphs.concat();
    let writer = std::thread::spawn(move || into.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.is_empty(), "{told}");
    let all = String::from_utf8(output.stdout).unwrap();
    Some(all.split_inclusive("</svg>\n").map(str::to_owned).collect())
}

/// How many nodes and edges a drawing of Graphviz has.
fn counted(drawing: &str) -> (usize, usize) {
    (drawing.matches("class=\"node\"").count(), drawing.matches("class=\"edge\"").count())
}

#[test]
fn graphviz_draws_every_graph_without_a_complaint() {
    let mut graphs = Vec::new();
    let mut expected = Vec::new();
    for look in looks() {
        for (plan, trace) in runs() {
            graphs.push(export::topology_dot(&trace.meta, Some(plan), look.lang));
            let hosts = trace.meta.hosts.len();
            expected.push(match (plan.links.len(), hosts) {
                (0, 2) => (2, 1),
                (0, _) => (hosts + 1, hosts),
                (links, _) => (hosts, links),
            });
            graphs.push(export::states_dot(&walked(trace).0, look.lang));
            expected.push((State::ALL.len(), EDGES.len()));
            graphs.push(export::wait_for_dot(trace, &look));
            let waits = trace.wait_for(trace.records.last().unwrap().id);
            let edges = waits.waiting.iter().map(|one| one.on.len()).sum();
            expected.push((trace.meta.processes.len(), edges));
        }
    }
    if let Some(drawings) = drawn(&graphs) {
        assert_eq!(drawings.iter().map(|drawing| counted(drawing)).collect::<Vec<_>>(), expected);
    }
}

#[test]
fn names_from_outside_stay_inside_their_label() {
    let mut trace = run("three-way-handshake").clone();
    trace.meta.hosts[0].name = "quote \" backslash \\ end".to_owned();
    let text = export::topology_dot(&trace.meta, None, Lang::En);
    assert!(text.contains(r#"quote \" backslash \\ end"#), "{text}");
    if let Some(drawings) = drawn(&[text]) {
        assert_eq!(counted(&drawings[0]), (2, 1));
    }
}

/// Both ends wait for the other to speak.
const BOTH_RECEIVE: &str = r#"
title = { en = "Both wait", zh = "双方都在等" }
lesson = { en = "Neither speaks.", zh = "谁也不说话。" }
until = "1s"

[host.server]
program = """
  l = socket(tcp)
  bind(l, *:8080)
  listen(l, 5)
  c, peer = accept(l)
  recv(c, 9)
"""

[host.client]
program = """
  when server LISTEN
  s = socket(tcp)
  connect(s, server:8080) succeeds
  recv(s, 9)
"""
"#;

#[test]
fn a_ring_of_those_who_wait_is_said_to_last_for_ever() {
    let scenario = scenario::Scenario::parse("both.toml", BOTH_RECEIVE).unwrap_or_else(|mistakes| {
        panic!("{}", mistakes.iter().map(|one| one.render(Lang::En, false)).collect::<String>())
    });
    let trace = sim::run(scenario.default_plan(), &sim::Options::default());
    let text = export::wait_for_dot(&trace, &Look::default());
    assert_eq!(text.matches("waits for ever").count(), 2, "{text}");
    assert_eq!(text.matches("waits in recv(9)").count(), 2, "{text}");
}
