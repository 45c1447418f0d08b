//! The documents that entries cite, and questions that name one: `RFC 9293`, `rfc9293 3.6.1`.

use super::{Entry, Glossary};
use crate::lang::Text;
use serde::{Deserialize, Serialize};

/// A document of the RFC series.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rfc {
    /// Its number.
    pub number: u32,
    /// The year it came out.
    pub year: u32,
    /// Its title; in Chinese, what it is about.
    pub title: Text,
}

/// A question for a document, or a section of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RfcQuery {
    /// Its number.
    pub number: u32,
    /// The section, such as `3.6.1`; those below it belong to it.
    pub section: Option<String>,
}

impl RfcQuery {
    /// The question that `text` asks, if it names a document: `RFC 9293`, `rfc-9293 3.6.1`, `RFC9293 §3.6`, `RFC 9293 第3.6节`.
    pub fn parse(text: &str) -> Option<RfcQuery> {
        let lower = super::lookup::plain(text);
        let rest = lower.trim().strip_prefix("rfc")?;
        let rest = rest.trim_start_matches([' ', '-', '_', ':']);
        let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let number = rest[..digits].parse().ok()?;
        let section = rest[digits..]
            .trim_matches(|c: char| matches!(c, ' ' | ',' | '#' | '§' | '第' | '节' | '.' | ':'))
            .trim_start_matches("section")
            .trim_start_matches("s.")
            .trim();
        let section_is_one = section.chars().all(|c| c.is_ascii_digit() || c == '.');
        section_is_one
            .then(|| RfcQuery { number, section: (!section.is_empty()).then(|| section.to_owned()) })
    }

    /// Whether that citation is of this document, and of this section or one below it.
    pub fn covers(&self, cite: &str) -> bool {
        let Some((number, section)) = parts(cite) else { return false };
        let within = |wanted: &str| {
            section == wanted || section.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
        };
        number == self.number && self.section.as_deref().is_none_or(within)
    }
}

/// Number and section (empty: all of it) of a citation such as `RFC 9293 3.6.1`.
pub(super) fn parts(cite: &str) -> Option<(u32, &str)> {
    let rest = cite.strip_prefix("RFC ")?;
    let (number, section) = rest.split_once(' ').unwrap_or((rest, ""));
    Some((number.parse().ok()?, section))
}

impl Glossary {
    /// The document of that number, if an entry cites it.
    pub fn rfc(&self, number: u32) -> Option<&Rfc> {
        self.rfcs.iter().find(|rfc| rfc.number == number)
    }

    /// The entries that rest on what the question names, in the order of the glossary.
    pub fn resting_on(&self, query: &RfcQuery) -> Vec<&Entry> {
        let rests = |entry: &&Entry| entry.cites.iter().any(|cite| query.covers(cite));
        self.entries.iter().filter(rests).collect()
    }
}

/// A file of documents as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    rfc: Vec<Rfc>,
}

/// Reads the table.
pub(super) fn read() -> Result<Vec<Rfc>, String> {
    let file: File = toml::from_str(include_str!("entries/rfcs.toml")).map_err(|error| error.to_string())?;
    Ok(file.rfc)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_named_in_many_ways() {
        let whole = Some(RfcQuery { number: 9293, section: None });
        for text in ["RFC 9293", "rfc9293", "ＲＦＣ　９２９３", "RFC-9293", " rfc 9293 "] {
            assert_eq!(RfcQuery::parse(text), whole, "{text}");
        }
        let section = Some(RfcQuery { number: 9293, section: Some("3.6.1".to_owned()) });
        for text in [
            "RFC 9293 3.6.1",
            "rfc9293 §3.6.1",
            "RFC 9293 section 3.6.1",
            "RFC 9293 第3.6.1节",
            "RFC 9293, 3.6.1",
        ] {
            assert_eq!(RfcQuery::parse(text), section, "{text}");
        }
        for text in ["RF 9293", "rfc", "RFC nine", "9293", "rfc9293 abc"] {
            assert_eq!(RfcQuery::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_section_holds_those_below_it_and_no_other() {
        let query = RfcQuery { number: 9293, section: Some("3.6".to_owned()) };
        assert!(query.covers("RFC 9293 3.6") && query.covers("RFC 9293 3.6.1"));
        assert!(!query.covers("RFC 9293 3.61") && !query.covers("RFC 929 3.6") && !query.covers("tcp(7)"));
    }
}
