//! What comparing each lesson with the real kernel gave, as a file: `tests/live.rs` writes and holds it, documents show it.
#![allow(dead_code)]

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use wirewalk::lang::Text;
use wirewalk::report::Comparison;
use wirewalk::scenario::Plan;

/// What comparing one lesson gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seen {
    /// `same`, `explained` or `not comparable`.
    pub verdict: String,
    /// The sentences that explain what differed, or why nothing is compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Text>,
}

impl Seen {
    /// What a comparison gave.
    pub fn of(comparison: &Comparison) -> Seen {
        Seen { verdict: comparison.verdict.name().to_owned(), because: comparison.footnotes.clone() }
    }

    /// What the plan says itself, if it cannot be compared.
    pub fn never(plan: &Plan) -> Option<Seen> {
        let why = plan.live.impossible.clone()?;
        Some(Seen {
            verdict: Comparison::not_comparable(why.clone()).verdict.name().to_owned(),
            because: vec![why],
        })
    }

    /// Whether it proves something, or says why nothing can be proved.
    pub fn settles(&self) -> bool {
        ["same", "explained", "not comparable"].contains(&self.verdict.as_str())
    }
}

/// By lesson.
pub type Record = BTreeMap<String, Seen>;

fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/claims/live.toml")
}

/// What is recorded; nothing where there is no file.
pub fn read() -> Record {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path().display()))
}

/// Writes it anew: what was seen now, and of the lessons that were not run what was known.
pub fn write(seen: &Record, plans: &[(&str, Plan)]) {
    let known = read();
    let mut record = Record::new();
    for (name, plan) in plans {
        let new = Seen::never(plan).or_else(|| seen.get(*name).or_else(|| known.get(*name)).cloned());
        record.extend(new.map(|new| ((*name).to_owned(), new)));
    }
    let text = toml::to_string_pretty(&record).expect("it can be written as TOML");
    let head = "# What comparing each lesson with the real kernel gave: written and held by the live tests\n\
                # (UPDATE=1 cargo test --test live).\n\n";
    std::fs::write(path(), format!("{head}{text}")).expect("it can be written");
}
