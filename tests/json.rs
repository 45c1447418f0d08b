//! What `--json` prints is what `docs/json.md` says.

mod common;

use serde_json::Value;
use std::collections::BTreeSet;
use wirewalk::sim::{self, Options};
use wirewalk::trace::to_json;

/// Every word that stands in code style in the document.
fn documented() -> BTreeSet<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/json.md");
    let text = std::fs::read_to_string(path).unwrap();
    let mut words = BTreeSet::new();
    for (place, piece) in text.split('`').enumerate() {
        if place % 2 == 1 {
            let word = |word: &str| {
                word.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
                    && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            };
            words.extend(
                piece
                    .split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                    .filter(|w| word(w))
                    .map(str::to_owned),
            );
        }
    }
    words
}

fn keys(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, found)),
        _ => {}
    }
}

#[test]
fn every_key_and_every_kind_of_every_scenario_is_documented() {
    let documented = documented();
    assert!(documented.len() > 60, "{documented:?}");
    let mut seen = BTreeSet::new();
    for (_, plan) in common::builtin_plans() {
        let text = to_json(&sim::run(&plan, &Options::default()), &[]);
        let document: Value = serde_json::from_str(&text).unwrap();
        keys(&document, &mut seen);
        for record in document["records"].as_array().unwrap() {
            seen.insert(record["kind"].as_str().unwrap().to_owned());
        }
    }
    assert!(seen.contains("relative_ack") && seen.contains("call_blocked"));
    let missing: Vec<&String> = seen.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/json.md: {missing:?}");
}

#[test]
fn ids_have_no_gaps_and_references_lead_to_what_they_say() {
    for (name, plan) in common::builtin_plans() {
        let text = to_json(&sim::run(&plan, &Options::default()), &[]);
        let document: Value = serde_json::from_str(&text).unwrap();
        let records = document["records"].as_array().unwrap();
        let kind_of = |id: &Value| records[id.as_u64().unwrap() as usize]["kind"].as_str().unwrap();
        for (place, record) in records.iter().enumerate() {
            assert_eq!(record["id"], place as u64, "{name}");
            match record["kind"].as_str().unwrap() {
                "frame_arrived" | "frame_lost" => assert_eq!(kind_of(&record["sent"]), "frame_sent"),
                "frame_dropped" => assert_eq!(kind_of(&record["arrived"]), "frame_arrived"),
                "call_blocked" | "call_returned" => assert_eq!(kind_of(&record["call"]), "call_started"),
                _ => {}
            }
        }
    }
}

fn printed(arguments: &[&str]) -> (i32, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wirewalk"))
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// The keys of an object, in the order of the alphabet.
fn names(value: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

fn is_text(value: &Value) -> bool {
    names(value) == ["en", "zh"] && value["en"].is_string() && value["zh"].is_string()
}

#[test]
fn doctor_prints_the_documented_shape() {
    let (code, text) = printed(&["doctor", "--json"]);
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(names(&document), ["able", "findings", "schema"]);
    assert_eq!(document["schema"], 1);
    let findings = document["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    for finding in findings {
        assert_eq!(names(finding), ["detail", "name", "needed", "ok"]);
        assert!(is_text(&finding["name"]) && is_text(&finding["detail"]), "{finding}");
        assert!(finding["ok"].is_boolean() && finding["needed"].is_boolean(), "{finding}");
    }
    let able = findings.iter().all(|finding| finding["ok"] == true || finding["needed"] == false);
    assert_eq!(document["able"], able);
    assert_eq!(code, if able { 0 } else { 3 });
}

#[test]
fn compare_prints_the_documented_shape() {
    let (code, text) = printed(&["compare", "--json", "four-way-close", "three-way-handshake"]);
    if code == 3 {
        eprintln!("no live side here");
        return;
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(names(&document), ["kernel", "results", "schema"]);
    assert_eq!(document["schema"], 1);
    assert!(document["kernel"].is_string());
    let results = document["results"].as_array().unwrap();
    assert_eq!(results.len(), 2);
    let documented = documented();
    for result in results {
        let mut found = BTreeSet::new();
        keys(result, &mut found);
        let missing: Vec<&String> = found.difference(&documented).collect();
        assert!(missing.is_empty(), "not in docs/json.md: {missing:?}");
        for key in ["scenario", "verdict"] {
            assert!(result[key].is_string(), "{key}: {result}");
        }
        assert!(result["checked"].as_u64().is_some(), "{result}");
        assert_eq!(names(&result["ms"]), ["live", "simulated"]);
        for difference in result["differences"].as_array().unwrap() {
            let expected = ["because", "because_zh", "cite", "live", "rule", "simulated", "what", "what_zh"];
            assert_eq!(names(difference), expected);
            let explained = difference["rule"].is_string();
            assert_eq!(difference["because"].is_string(), explained, "{difference}");
            for key in ["what", "what_zh", "simulated", "live", "cite"] {
                assert!(difference[key].is_string(), "{key}: {difference}");
            }
        }
    }
}

#[test]
fn every_key_of_an_inspected_capture_is_documented() {
    let documented = documented();
    let (mut seen, mut endings) = (BTreeSet::new(), BTreeSet::new());
    for (name, plan) in common::builtin_plans() {
        let mut file = Vec::new();
        let trace = sim::run(&plan, &Options::default());
        wirewalk::capture::export(&trace, wirewalk::lang::Lang::En, &mut file).unwrap();
        // The last one breaks off.
        file.truncate(file.len() - if name == "syn-flood" { 10 } else { 0 });
        let survey = wirewalk::inspect::survey(file.as_slice()).unwrap();
        let document = serde_json::to_value(survey.json(usize::MAX)).unwrap();
        keys(&document, &mut seen);
        for connection in document["connections"].as_array().unwrap() {
            endings.extend(connection["ending"].as_str().map(str::to_owned));
            assert!(connection["last_frame"].as_u64() >= connection["first_frame"].as_u64());
        }
    }
    assert!(seen.contains("uncaptured") && seen.contains("at") && endings.len() >= 4, "{endings:?}");
    let missing: Vec<&String> = seen.difference(&documented).collect();
    assert!(missing.is_empty(), "not in docs/json.md: {missing:?}");
    let text = std::fs::read_to_string("docs/json.md").unwrap();
    for ending in endings {
        assert!(text.contains(&format!("`{ending}`")), "{ending}");
    }
}

#[test]
fn the_columns_of_the_table_are_documented_in_their_order() {
    let text = std::fs::read_to_string("docs/json.md").unwrap();
    let section = text.split("## `export --format csv`").nth(1).unwrap().split("\n## ").next().unwrap();
    let columns: Vec<&str> =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    assert_eq!(columns, wirewalk::view::export::COLUMNS);
}

#[test]
fn explain_prints_the_documented_shape() {
    let documented = documented();
    for (arguments, entries) in [
        (&["explain", "104", "--json"][..], 1),
        (&["explain", "checksum", "--json"], 4),
        (&["explain", "RFC 5961", "--json"], 3),
        (&["explain", "--topic", "flags", "--json"], 9),
        (&["explain", "--json"], 180),
    ] {
        let (code, text) = printed(arguments);
        assert_eq!(code, 0, "{arguments:?}");
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(names(&document), ["entries", "query", "rfc", "schema", "topics"]);
        let mut seen = BTreeSet::new();
        keys(&document, &mut seen);
        let missing: Vec<&String> = seen.difference(&documented).collect();
        assert!(missing.is_empty(), "not in docs/json.md: {missing:?}");
        let found = document["entries"].as_array().unwrap();
        assert!(
            found.len() >= entries && (found.len() == 1 || entries > 1),
            "{arguments:?}: {}",
            found.len()
        );
        for entry in found {
            assert_eq!(
                names(entry),
                [
                    "also", "cites", "fields", "lessons", "names", "numbers", "related", "says", "symbol",
                    "term", "topic"
                ]
            );
            assert!(is_text(&entry["term"]) && is_text(&entry["says"]), "{entry}");
            for lesson in entry["lessons"].as_array().unwrap() {
                assert!(lesson["name"].is_string() && is_text(&lesson["title"]), "{lesson}");
            }
        }
        assert_eq!(document["rfc"].is_object(), arguments[1].starts_with("RFC"));
    }
}

#[test]
fn claims_are_as_described() {
    let json = |arguments: &[&str]| -> Value { serde_json::from_str(&printed(arguments).1).unwrap() };
    let document = json(&["list", "--claims", "--json"]);
    assert_eq!(names(&document), ["claims", "schema"]);
    let claims = document["claims"].as_array().expect("a list");
    assert!(claims.len() >= 67);
    for claim in claims {
        assert_eq!(names(claim), ["id", "lessons", "says", "truth", "verdict"]);
        assert!(["true", "limits", "false"].contains(&claim["verdict"].as_str().expect("a word")), "{claim}");
    }
    let one = json(&["explain", "cl19", "--json"]);
    assert_eq!(one["claims"][0]["id"], "CL-19");
    assert!(
        one["claims"][0]["lessons"]
            .as_array()
            .is_some_and(|lessons| lessons.contains(&"backlog-full".into()))
    );
}

/// What stands between backticks in a paragraph, or in a row of a table.
fn code(block: &str) -> BTreeSet<&str> {
    block.split('`').skip(1).step_by(2).collect()
}

/// Where the Chinese description of a block names other code than the English one, or has English words beside it.
fn strays(english: &str, chinese: &str) -> Vec<String> {
    if english.starts_with("```") {
        return if english == chinese { Vec::new() } else { vec![format!("another example: {chinese}")] };
    }
    let mut placeholders = english.to_owned();
    for (en, zh) in [
        ("--repeat N", "--repeat 数"),
        ("course NAME", "course 课程"),
        ("--connection N`", "--connection 编号`"),
        ("FROM-TO", "起-止"),
        ("/NAME", "/名字"),
    ] {
        placeholders = placeholders.replace(en, zh);
    }
    let mut wrong = Vec::new();
    let rows =
        |text: &str| text.lines().filter(|line| line.starts_with('|')).map(str::to_owned).collect::<Vec<_>>();
    let (there, here) = (rows(&placeholders), rows(chinese));
    let pairs: Vec<(String, String)> = match there.is_empty() {
        true => vec![(placeholders, chinese.to_owned())],
        false if there.len() == here.len() => there.into_iter().zip(here).collect(),
        false => return vec![format!("{} rows, not {}: {chinese}", here.len(), there.len())],
    };
    for (there, here) in &pairs {
        if code(there) != code(here) {
            wrong.push(format!("other code than in “{there}”: {here}"));
        }
        let prose: String = here.split('`').step_by(2).collect();
        let words = prose.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let english = words.filter(|word| word.chars().filter(char::is_ascii_lowercase).count() >= 2);
        wrong.extend(english.map(|word| format!("“{word}” is English: {here}")));
    }
    wrong
}

#[test]
fn the_chinese_description_says_of_the_same_keys_what_they_are() {
    let english = std::fs::read_to_string("docs/json.md").unwrap();
    let chinese =
        std::fs::read_to_string("docs/json.zh.md").unwrap().replacen("[English](json.md)\n\n", "", 1);
    let (english, chinese): (Vec<&str>, Vec<&str>) =
        (english.trim_end().split("\n\n").collect(), chinese.trim_end().split("\n\n").collect());
    assert_eq!(english.len(), chinese.len(), "one has more paragraphs");
    let wrong: Vec<String> = english.iter().zip(&chinese).flat_map(|(en, zh)| strays(en, zh)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(strays("| `a` | when |", "| `a` | 时刻 |"), Vec::<String>::new());
    for (en, zh) in
        [("| `a` | it |", "| `b` | 它 |"), ("| `a` | it |", "| `a` | what |"), ("| `a` | it |", "")]
    {
        assert_eq!(strays(en, zh).len(), 1, "{zh}");
    }
}
