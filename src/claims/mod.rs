//! What learners are told about TCP, UDP and sockets, as data: each statement with its verdict and with what is true.
//! Scenarios name the ids that they settle.

use crate::lang::{Lang, Text};
use serde::{Deserialize, Serialize};
use std::sync::OnceLock;

/// Whether a statement holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ruling {
    /// As it stands.
    True,
    /// Within the limits that its truth names.
    Limits,
    /// Not at all.
    False,
}

impl Ruling {
    /// In words.
    pub fn word(self, lang: Lang) -> &'static str {
        match self {
            Ruling::True => lang.pick("true", "正确"),
            Ruling::Limits => lang.pick("true within limits", "有条件地正确"),
            Ruling::False => lang.pick("false", "错误"),
        }
    }
}

/// A statement, or a mistake in a program that people copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// `CL-01` and so on; `BUG-1` for a mistake in a program.
    pub id: String,
    /// Whether it holds.
    pub verdict: Ruling,
    /// What is said.
    pub says: Text,
    /// What is true, or what the lessons show of it.
    pub truth: Text,
}

/// Claims about one thing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// What they are about.
    pub title: Text,
    /// The claims.
    pub claim: Vec<Claim>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    group: Vec<Group>,
}

/// All claims by group, read once.
///
/// # Panics
/// Never: a test holds that the embedded file can be read.
pub fn groups() -> &'static [Group] {
    static GROUPS: OnceLock<Vec<Group>> = OnceLock::new();
    GROUPS.get_or_init(|| match toml::from_str::<File>(include_str!("claims.toml")) {
        Ok(file) => file.group,
        Err(error) => unreachable!("the embedded claims: {error}"),
    })
}

/// All claims in their order.
pub fn claims() -> impl Iterator<Item = &'static Claim> {
    groups().iter().flat_map(|group| &group.claim)
}

/// The claim of that id, in capitals or not, with or without the zero: `CL-01`, `cl1`.
pub fn find(id: &str) -> Option<&'static Claim> {
    let wanted = plain(id)?;
    claims().find(|claim| plain(&claim.id).as_ref() == Some(&wanted))
}

/// Letters and number of an id; `None` for what is no id.
fn plain(id: &str) -> Option<(String, u32)> {
    let id = id.trim();
    let end = id.find(|c: char| !c.is_ascii_alphabetic())?;
    let (letters, rest) = id.split_at(end);
    let number = rest.trim_start_matches(['-', ' ', '_']);
    let digits = !number.is_empty() && number.chars().all(|c| c.is_ascii_digit());
    (!letters.is_empty() && digits).then_some(())?;
    Some((letters.to_ascii_uppercase(), number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn the_claims_are_numbered_without_gap_and_said_in_both_languages() {
        let ids: Vec<&str> = claims().map(|claim| claim.id.as_str()).collect();
        let mut wanted: Vec<String> = (1..=67).map(|number| format!("CL-{number:02}")).collect();
        wanted.extend((1..=5).map(|number| format!("BUG-{number}")));
        assert_eq!(ids, wanted);
        let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for claim in claims() {
            for text in [&claim.says, &claim.truth] {
                assert!(han(&text.zh) && text.zh.ends_with('。'), "{}: {}", claim.id, text.zh);
                assert!(!han(&text.en) && text.en.ends_with('.'), "{}: {}", claim.id, text.en);
            }
        }
        let titles: BTreeSet<&str> = groups().iter().map(|group| group.title.en.as_str()).collect();
        assert_eq!(titles.len(), groups().len());
    }

    #[test]
    fn an_id_is_found_however_it_is_written() {
        for id in ["CL-01", "cl-1", "CL1", " cl 01 "] {
            assert_eq!(find(id).map(|claim| claim.id.as_str()), Some("CL-01"), "{id}");
        }
        for id in ["", "CL", "CL-", "CL-68", "CL-0x1", "中-1", "1", "CL-99999999999999"] {
            assert_eq!(find(id), None, "{id}");
        }
    }
}
