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
            let word =
                |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c == '_');
            words.extend(
                piece
                    .split(|c: char| !(c.is_ascii_alphabetic() || c == '_'))
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
