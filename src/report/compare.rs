//! A simulated and a live trace of one plan, compared.

use super::PacketLine;
use crate::lang::{Lang, Text};
use crate::scenario::Plan;
use crate::trace::Trace;
use serde::Serialize;

/// The verdict on one scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing differs.
    Same,
    /// Every difference is covered by a named rule.
    Explained,
    /// Something differs that no rule covers.
    Different,
    /// A precondition of the comparison failed; why is in [`Comparison::inconclusive`].
    Inconclusive,
    /// There is no live side.
    NotComparable {
        /// Why.
        why: Text,
    },
}

/// One thing in which the runs differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// What was compared.
    pub what: Text,
    /// What the simulator gave.
    pub simulated: String,
    /// What the kernel gave.
    pub live: String,
    /// Why it must be so, if a rule covers it.
    pub because: Option<Text>,
    /// Where that is written; empty without a rule.
    pub cite: String,
    /// The rule's name.
    pub rule: Option<&'static str>,
}

/// How a row or a line came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// Equal.
    Same,
    /// Differs as a rule says; its footnote's number, from 1, in [`Comparison::footnotes`].
    Explained(u32),
    /// Differs.
    Different,
}

/// One row of the side-by-side view.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The simulated frame.
    pub simulated: Option<PacketLine>,
    /// The live frame.
    pub live: Option<PacketLine>,
    /// How they compare.
    pub mark: Mark,
    /// What differs, if anything.
    pub note: Option<Text>,
}

/// A line below the rows: the states of a host's endpoint, a call, a counter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateLine {
    /// What was compared: `client: FIN-WAIT-1 FIN-WAIT-2 TIME-WAIT`.
    pub text: Text,
    /// How it came out.
    pub mark: Mark,
}

/// What comparing gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The verdict.
    pub verdict: Verdict,
    /// How many single comparisons were made.
    pub checked: u32,
    /// Everything that differs, explained or not.
    pub differences: Vec<Difference>,
    /// Frames side by side.
    pub rows: Vec<Row>,
    /// What was compared besides frames, summed up.
    pub lines: Vec<StateLine>,
    /// One sentence for each rule that was needed, in the order of their numbers.
    pub footnotes: Vec<Text>,
    /// Why it is inconclusive.
    pub inconclusive: Vec<Text>,
}

/// Compares a live trace with the simulated one of the same plan. `inconclusive` are preconditions that failed on the
/// live side, such as frames the capture lost: any of them makes the verdict inconclusive, never same.
pub fn compare(plan: &Plan, simulated: &Trace, live: &Trace, inconclusive: &[Text]) -> Comparison {
    let _ = (plan, simulated, live, inconclusive);
    unimplemented!("lands within the hour")
}

impl Comparison {
    /// The comparison of a plan that says it cannot be run live: nothing was checked.
    pub fn not_comparable(why: Text) -> Comparison {
        Comparison {
            verdict: Verdict::NotComparable { why },
            checked: 0,
            differences: Vec::new(),
            rows: Vec::new(),
            lines: Vec::new(),
            footnotes: Vec::new(),
            inconclusive: Vec::new(),
        }
    }

    /// One element of `results` in `compare --json`.
    pub fn json(&self, scenario: &str, simulated_ms: u64, live_ms: u64, lang: Lang) -> impl Serialize {
        JsonResult {
            scenario: scenario.to_owned(),
            verdict: self.verdict.name(),
            checked: self.checked,
            differences: self
                .differences
                .iter()
                .map(|difference| JsonDifference::new(difference, lang))
                .collect(),
            why: self.why(lang),
            ms: JsonMs { simulated: simulated_ms, live: live_ms },
        }
    }

    /// Why there is no verdict on sameness, if there is none.
    fn why(&self, lang: Lang) -> Vec<String> {
        match &self.verdict {
            Verdict::NotComparable { why } => vec![why.get(lang).to_owned()],
            Verdict::Inconclusive => self.inconclusive.iter().map(|why| why.get(lang).to_owned()).collect(),
            Verdict::Same | Verdict::Explained | Verdict::Different => Vec::new(),
        }
    }
}

impl Verdict {
    /// The word of `--json` and of scripts: `same`, `explained`, `different`, `inconclusive`, `not comparable`.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Same => "same",
            Verdict::Explained => "explained",
            Verdict::Different => "different",
            Verdict::Inconclusive => "inconclusive",
            Verdict::NotComparable { .. } => "not comparable",
        }
    }
    /// The word for people.
    pub fn word(&self, lang: Lang) -> &'static str {
        match self {
            Verdict::Same => lang.pick("same", "相同"),
            Verdict::Explained => lang.pick("explained", "有解释"),
            Verdict::Different => lang.pick("different", "不同"),
            Verdict::Inconclusive => lang.pick("inconclusive", "无法判定"),
            Verdict::NotComparable { .. } => lang.pick("not comparable", "不可比较"),
        }
    }
}

#[derive(Serialize)]
struct JsonResult {
    scenario: String,
    verdict: &'static str,
    checked: u32,
    differences: Vec<JsonDifference>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    why: Vec<String>,
    ms: JsonMs,
}

#[derive(Serialize)]
struct JsonDifference {
    what: String,
    simulated: String,
    live: String,
    because: Option<String>,
    cite: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonMs {
    simulated: u64,
    live: u64,
}

impl JsonDifference {
    fn new(difference: &Difference, lang: Lang) -> JsonDifference {
        JsonDifference {
            what: difference.what.get(lang).to_owned(),
            simulated: difference.simulated.clone(),
            live: difference.live.clone(),
            because: difference.because.as_ref().map(|because| because.get(lang).to_owned()),
            cite: difference.cite.clone(),
            rule: difference.rule,
        }
    }
}
