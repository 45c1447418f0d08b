//! The document of a walk and the file that shows it, for the built-in scenarios.

#[path = "common/pages.rs"]
mod pages;

use pages::{branch, handshake, list, number, texts, values, walk};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;
use wirewalk::lang::{Lang, Text};
use wirewalk::mib::Counter;
use wirewalk::walk::{Setup, Walk};
use wirewalk::{page, scenario};

/// What the exported handshake may take, octets.
const HANDSHAKE: usize = 300_000;
/// What any lesson may take: a file that one sends by mail.
const LESSON: usize = 1_500_000;

fn json(walk: &Walk) -> Value {
    serde_json::to_value(page::document(walk)).unwrap()
}

/// The documents of every built-in scenario, each with its walk.
fn all() -> &'static [(&'static str, Walk, Value)] {
    static ALL: OnceLock<Vec<(&'static str, Walk, Value)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let made = |builtin: &scenario::Builtin| {
            let walk = walk(builtin.name);
            let document = json(&walk);
            (builtin.name, walk, document)
        };
        scenario::builtins().iter().map(made).collect()
    })
}

/// A text with relative numbers in both languages.
fn text(document: &Value, place: &Value) -> [String; 2] {
    let [en, zh, ..] = texts(document, place);
    [en, zh]
}

#[test]
fn every_step_of_every_scenario_is_there_and_told_in_both_languages() {
    for (name, walk, document) in all() {
        let branch = &branch(document, 0);
        let steps = list(&branch["steps"]);
        assert_eq!(steps.len() + number(&branch["more_steps"]), walk.steps().len(), "{name}");
        for (step, known) in steps.iter().zip(walk.steps()) {
            assert_eq!(step["at_ns"], known.at.as_nanos(), "{name}");
            assert_eq!(number(&step["record"]), known.last.0 as usize, "{name}");
            for sentence in list(&step["story"]) {
                for part in 0..2 {
                    let [en, zh] = text(document, &sentence[part]);
                    assert_eq!(en.is_empty(), zh.is_empty(), "{name}: “{en}” “{zh}”");
                }
                assert!(!text(document, &sentence[0])[0].is_empty(), "{name}");
            }
        }
        let silent = steps.iter().position(|step| list(&step["story"]).is_empty());
        assert_eq!(silent, None, "{name}: a step of which nothing is told");
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for (name, _, document) in all() {
        let branch = &branch(document, 0);
        let (frames, ends) = (list(&branch["frames"]), list(&branch["endpoints"]));
        for step in list(&branch["steps"]) {
            if let Some(frame) = step["frame"].as_u64() {
                assert!(frame as usize <= frames.len() + number(&branch["more_frames"]), "{name}");
            }
            for place in list(&step["values"]) {
                let (end, known) = values(document, place);
                assert!(end < ends.len() && !known.is_empty(), "{name}");
            }
            for state in list(&step["states"]) {
                assert!(number(&state[0]) < ends.len(), "{name}");
            }
            for queue in list(&step["queues"]) {
                assert!(number(&queue[0]) < ends.len(), "{name}");
                assert!(!text(document, &queue[1])[1].is_empty(), "{name}");
            }
            for call in list(&step["calls"]) {
                assert!(number(&call[0]) < list(&document["processes"]).len(), "{name}");
            }
        }
        for question in list(&branch["questions"]) {
            // What the whole run answers is asked after its last step.
            assert!(number(&question["step"]) <= list(&branch["steps"]).len(), "{name}");
        }
    }
}

#[test]
fn frames_carry_their_octets_and_every_field_lies_within_them() {
    for (name, walk, document) in all() {
        let frames = walk.trace().frames();
        for (frame, known) in list(&branch(document, 0)["frames"]).iter().zip(&frames) {
            let hex: String = known.bytes.iter().take(256).map(|octet| format!("{octet:02x}")).collect();
            assert_eq!(frame["hex"], hex, "{name}");
            assert_eq!(number(&frame["number"]), known.number);
            let step = walk.holding(known.record.id).unwrap();
            assert_eq!(number(&frame["step"]), step, "{name}: frame {}", known.number);
            let lost = frame["fate"] == "lost";
            assert_eq!(lost, known.lost().is_some(), "{name}: frame {}", known.number);
            for layer in list(&frame["layers"]) {
                assert!(!text(document, &layer["name"])[1].is_empty());
                for field in list(&layer["fields"]) {
                    let (from, to) = (number(&field[1]), number(&field[2]));
                    assert!(from <= to && to <= known.bytes.len(), "{name}: {field}");
                }
            }
        }
    }
}

#[test]
fn rows_of_the_diagram_name_their_steps_and_arrows_their_frames() {
    for (name, _, document) in all() {
        let branch = &branch(document, 0);
        let frames = list(&branch["frames"]);
        assert_eq!(list(&branch["sheets"]).len(), 2, "{name}: words and numbers change no layout");
        for sheet in list(&branch["sheets"]) {
            let lanes = list(&sheet["lanes"]).len();
            let rows = list(&sheet["rows"]);
            assert!(!rows.is_empty() && rows.is_sorted_by_key(|row| number(&row[0])), "{name}");
            for row in rows {
                for aside in list(&row[3]) {
                    assert!(number(&aside[0]) < lanes, "{name}");
                    assert!(texts(document, &aside[2]).iter().all(|words| !words.is_empty()), "{name}");
                }
                let Value::Array(arrow) = &row[2] else { continue };
                assert!(number(&arrow[0]) < lanes && number(&arrow[1]) < lanes, "{name}");
                let Some(known) = frames.get(number(&arrow[5]) - 1) else { continue };
                if arrow[3] != "arrives" {
                    assert_eq!(number(&known["step"]), number(&row[0]), "{name}: {row}");
                    assert_eq!(known["fate"] == "lost", arrow[3] == "lost", "{name}: {row}");
                }
            }
        }
    }
}

#[test]
fn the_handshake_shows_what_the_textbooks_say() {
    let document = json(&walk("three-way-handshake"));
    let branch = &branch(&document, 0);
    let flags: Vec<String> = list(&branch["frames"])
        .iter()
        .map(|frame| text(&document, &frame["label"])[0].split(' ').next().unwrap().to_owned())
        .collect();
    assert_eq!(flags[..3], ["S", "SA", "A"]);
    let mut seen: Vec<BTreeSet<&str>> = vec![BTreeSet::new(); 2];
    for step in list(&branch["steps"]) {
        for state in list(&step["states"]) {
            let end = &branch["endpoints"][number(&state[0])];
            seen[number(&end[0])].insert(state[1].as_str().unwrap());
        }
    }
    assert!(seen[0].is_superset(&BTreeSet::from(["SYN-SENT", "ESTABLISHED"])), "{seen:?}");
    assert!(seen[1].is_superset(&BTreeSet::from(["LISTEN", "SYN-RECEIVED", "ESTABLISHED"])), "{seen:?}");
    let waits = list(&branch["steps"]).iter().any(|step| {
        list(&step["calls"])
            .iter()
            .any(|call| call[3] == true && text(&document, &call[1])[0].starts_with("accept"))
    });
    assert!(waits, "accept waits");
    assert!(list(&branch["expectations"]).iter().all(|one| one["held"] == true));
    assert!(!list(&branch["expectations"]).is_empty());
}

#[test]
fn a_variable_changes_where_the_trace_says_so() {
    let document = json(&walk("three-way-handshake"));
    let branch = &branch(&document, 0);
    let value = |step: &Value, host: usize, name: &str| -> Option<String> {
        list(&step["values"]).iter().find_map(|place| {
            let (end, known) = values(&document, place);
            let known = known.into_iter().find(|(other, _)| other == name);
            known.filter(|_| number(&branch["endpoints"][end][0]) == host).map(|(_, [relative, _])| relative)
        })
    };
    let una: Vec<Option<String>> =
        list(&branch["steps"]).iter().map(|step| value(step, 0, "snd.una")).collect();
    let mut known: Vec<&String> = una.iter().flatten().collect();
    known.dedup();
    assert!(known.len() >= 2, "the SYN is acknowledged: {una:?}");
}

#[test]
fn a_branch_says_what_it_loses_and_where_it_parts() {
    let walk = handshake();
    let document = json(&walk);
    let branches: Vec<Value> = (0..3).map(|which| branch(&document, which)).collect();
    assert_eq!(list(&document["branches"]).len(), 3);
    assert_eq!(branches[0]["parent"], Value::Null);
    for (branch, known) in branches.iter().zip(walk.branches()).skip(1) {
        assert_eq!(list(&branch["steps"]).len(), known.steps.len());
        assert_eq!(branch["parent"], 0);
        let parting = known.parts_at.unwrap();
        assert_eq!(number(&branch["parts_at"]), parting);
        assert_eq!(branches[0]["steps"][parting - 1], branch["steps"][parting - 1]);
        assert_ne!(branches[0]["steps"][parting], branch["steps"][parting]);
        let lost = number(&branch["drops"]);
        assert_eq!(branch["frames"][lost - 1]["fate"], "lost");
        assert_eq!(branches[0]["frames"][lost - 1]["fate"], "arrives");
    }
    assert_eq!([number(&branches[1]["drops"]), number(&branches[2]["drops"])], [1, 2]);
    assert_eq!(branches[1]["title"]["zh"], "丢掉 client > server #1");
}

#[test]
fn the_answers_of_the_document_are_those_of_the_engine() {
    let mut asked = 0;
    for (name, walk, document) in all() {
        let mut wanted: BTreeMap<String, String> = BTreeMap::new();
        for asked in &walk.here().questions {
            wanted.insert(asked.ask.en.clone(), asked.solved.right().en);
        }
        let questions = list(&document["branches"][0]["questions"]);
        assert_eq!(questions.len(), wanted.len(), "{name}");
        for question in questions {
            let [ask, zh] = text(document, &question["ask"]);
            assert!(!zh.is_empty());
            assert_eq!(question["answers"][0].as_str(), wanted.get(&ask).map(String::as_str), "{name}");
            asked += 1;
        }
    }
    assert!(asked > 10, "only {asked} questions");
}

#[test]
fn the_exported_handshake_is_small_and_asks_nobody_for_anything() {
    for lang in [Lang::En, Lang::Zh] {
        let file = page::standalone(&page::document(&handshake()), lang).unwrap();
        assert!(file.len() < HANDSHAKE, "{} octets", file.len());
        let without_names = file.replace("http://www.w3.org/2000/svg", "");
        for reference in
            ["http:", "https:", " src=", "@import", "url(", " on", "fetch(", "innerHTML", "eval("]
        {
            let found = without_names.match_indices(reference).find(|(at, _)| {
                // A handler is ` onclick=`; the word “on” is not.
                reference != " on"
                    || without_names[at + 1..].split(|c: char| !c.is_ascii_alphabetic()).next().is_some_and(
                        |word| word.len() > 3 && without_names[at + 1 + word.len()..].starts_with("=\""),
                    )
            });
            assert_eq!(found.map(|(at, _)| &without_names[at..(at + 40).min(without_names.len())]), None);
        }
        assert!(!file.contains(" style="), "styles stand in the style sheet");
        assert_eq!(file.matches(" href=").count(), 1, "the empty icon");
        assert_eq!(file.matches("<script").count(), 2);
        assert_eq!(file.matches("</script>").count(), 2);
    }
}

#[test]
fn no_lesson_makes_a_large_file() {
    for (name, walk, _) in all() {
        let size = page::standalone(&page::document(walk), Lang::En).unwrap().len();
        assert!(size < LESSON, "{name}: {size} octets");
    }
}

#[test]
fn branches_share_what_they_have_in_common() {
    let one = page::standalone(&page::document(&walk("sack")), Lang::En).unwrap().len();
    let walk = pages::walk_with("sack", &["server > client FA #1"]);
    let document = page::document(&walk);
    let two = page::standalone(&document, Lang::En).unwrap().len();
    let parting = walk.branches()[1].parts_at.unwrap();
    assert_eq!(document.branches[1].shared.0, parting);
    assert!(two < one + one / 4, "{one} octets alone, {two} with a branch that parts at step {parting}");
}

#[test]
fn a_flood_of_a_million_segments_is_summed_up() {
    let scenario = scenario::find("syn-flood").unwrap().scenario().unwrap();
    let mut setup = Setup::new(scenario);
    setup.set.push(("rate".to_owned(), "550000".to_owned()));
    let walk = Walk::simulated(setup).unwrap();
    let counted = |host| walk.trace().counter(wirewalk::link::HostId(host), Counter::InSegs);
    assert!((0..walk.trace().meta.hosts.len() as u16).map(counted).max() > Some(1_000_000));
    let document = json(&walk);
    let rows = list(&document["branches"][0]["sheets"])
        .iter()
        .map(|sheet| list(&sheet["rows"]).len())
        .max()
        .unwrap();
    assert!(rows < 400, "{rows} rows");
    let size = page::standalone(&page::document(&walk), Lang::En).unwrap().len();
    assert!(size < LESSON, "{size} octets");
}

#[test]
fn numbers_are_relative_or_absolute_everywhere() {
    let document = json(&walk("time-wait"));
    let branch = &branch(&document, 0);
    // The first segment with an acknowledgment: of relative numbers it is 1.
    let label = texts(&document, &list(&branch["frames"])[1]["label"]);
    assert!(label[0].contains("ack 1") && !label[2].contains("ack 1 "), "{label:?}");
    for step in list(&branch["steps"]) {
        for place in list(&step["values"]) {
            for (name, [relative, absolute]) in values(&document, place).1 {
                if ["snd.una", "snd.nxt", "rcv.nxt"].contains(&name.as_str()) && relative != "0" {
                    // In TIME-WAIT too, where the stack no longer keeps what they count from.
                    assert!(
                        relative.len() <= 4 && absolute.len() > 4,
                        "{name} {relative} {absolute} at {}",
                        step["at_ns"]
                    );
                }
            }
        }
    }
}

#[test]
fn words_of_a_scenario_cannot_leave_their_place() {
    let simulated = walk("three-way-handshake");
    let mut trace = simulated.trace().clone();
    let wicked = "</script><script>alert(1)</script><!--\u{2028}\"'&";
    trace.meta.title = Text::new(wicked, wicked);
    trace.meta.hosts[0].name = wicked.to_owned();
    let walk = Walk::over(simulated.plan().cloned(), trace);
    let document = page::document(&walk);
    let file = page::standalone(&document, Lang::En).unwrap();
    assert_eq!(file.matches("<script").count(), 2);
    assert_eq!(file.matches("</script>").count(), 2);
    let start = file.find("id=\"document\">").unwrap() + "id=\"document\">".len();
    let inside = &file[start..start + file[start..].find("</script>").unwrap()];
    assert!(!inside.contains(['<', '\u{2028}']));
    let read: Value = serde_json::from_str(inside).unwrap();
    assert_eq!(read, serde_json::to_value(&document).unwrap());
    assert_eq!(read["hosts"][0]["name"], wicked);
}

#[test]
fn modules_import_only_what_stands_before_them_and_share_no_name() {
    let assets = page::assets();
    let modules: Vec<(&str, &str)> = assets
        .iter()
        .filter(|asset| asset.path.ends_with(".js"))
        .map(|asset| (asset.path, std::str::from_utf8(asset.bytes).unwrap()))
        .collect();
    assert!(modules.len() > 5);
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let mut before: BTreeSet<&str> = BTreeSet::new();
    for (path, text) in &modules {
        for line in text.lines() {
            if let Some(import) = line.strip_prefix("import ") {
                let from = import.split("'./").nth(1).and_then(|rest| rest.strip_suffix("';"));
                let from = from.unwrap_or_else(|| panic!("{path}: an import on several lines: {line}"));
                assert!(before.contains(from), "{path} imports {from}");
            }
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
            let words = words.strip_prefix(&["export"]).unwrap_or(&words);
            if let [kind, name, ..] = words
                && ["const", "let", "function", "class"].contains(kind)
                && !line.starts_with(' ')
            {
                assert!(names.insert(name), "{path}: {name} is there already");
            }
        }
        assert!(text.lines().count() <= 400, "{path} is too long");
        before.insert(path);
    }
    assert_eq!(modules.last().unwrap().0, "page.js");
}
