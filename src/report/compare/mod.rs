//! A simulated and a live trace of one plan, compared.

mod align;
mod bulk;
mod burst;
mod calls;
mod counts;
mod cut;
mod frames;
mod roles;
mod rows;
mod side;
mod states;
pub(super) mod tally;
mod timers;
mod trees;

use super::PacketLine;
use super::rules::{self, Context, Rule};
use crate::clock::{Instant, Span};
use crate::lang::{Lang, Text};
use crate::scenario::{LiveMode, Plan};
use crate::trace::{Source, Trace};
use serde::Serialize;
use std::collections::HashSet;

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Difference {
    /// What was compared.
    pub what: Text,
    /// What the simulator gave.
    pub simulated: Text,
    /// What the kernel gave.
    pub live: Text,
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
    /// Shown, not compared: it hangs on microseconds.
    Aside,
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
    if let Some(why) = &plan.live.impossible {
        return Comparison::not_comparable(why.clone());
    }
    let inconclusive: Vec<Text> = inconclusive.iter().cloned().chain(not_this_wire(plan, live)).collect();
    let inconclusive = inconclusive.as_slice();
    let cut = plan
        .live
        .quick_until
        .filter(|until| !goes_on(simulated, live, *until))
        .map(|until| (cut::simulated(simulated, until), cut::live(live, until)));
    match &cut {
        Some((simulated, live)) => compare_whole(plan, simulated, live, inconclusive),
        None => compare_whole(plan, simulated, live, inconclusive),
    }
}

/// Why loopback, if the live run was forced onto it, proves nothing about this plan's wire.
fn not_this_wire(plan: &Plan, live: &Trace) -> Option<Text> {
    let on_loopback = matches!(&live.meta.source, Source::Live { mode, .. } if *mode == "loopback");
    let wire = &plan.wire;
    let special = !plan.links.is_empty()
        || wire.delay_given
        || wire.rate.is_some()
        || wire.arp
        || !plan.faults.is_empty();
    (on_loopback && special && plan.live.mode != Some(LiveMode::Loopback)).then(|| {
        Text::new(
            "loopback loses and delays nothing: this scenario needs the wire",
            "环回接口既不丢失也不延迟任何帧：这个场景需要线路模式",
        )
    })
}

/// Whether both runs go on well after the point where the quick comparison ends, as they do with `--slow`.
fn goes_on(simulated: &Trace, live: &Trace, until: Span) -> bool {
    let end = Instant::ZERO + until;
    simulated.end() > end && live.end() > end + until / 8 + Span::secs(2)
}

fn compare_whole(plan: &Plan, simulated: &Trace, live: &Trace, inconclusive: &[Text]) -> Comparison {
    let roles = roles::Roles::of(plan, simulated);
    let left = side::Side::new(&roles, simulated);
    let right = side::Side::new(&roles, live);
    let mut tally = tally::Tally::default();
    let frames = frames::compare(&left, &right, &mut tally);
    timers::compare(&left, &right, &frames.pairs, &mut tally);
    let mut sums = Vec::new();
    sums.push(tally.sum(("results of calls and checks", "调用与检查的结果"), |tally| {
        calls::compare(simulated, live, &roles, tally);
    }));
    let mut lines = states::compare(simulated, live, &roles, &mut tally);
    sums.push(tally.sum(("counters and queues", "计数器与队列"), |tally| {
        counts::compare_counters(plan, (&left, &right), &frames.acks, tally);
        counts::compare_queues(&left, &right, tally);
    }));

    let context = Context::new(plan, live);
    let mut explained: Vec<(tally::Finding, Option<u32>)> = Vec::new();
    let mut needed: Vec<&'static Rule> = Vec::new();
    for finding in tally.findings {
        let number = rules::explain(&context, &finding).map(|rule| {
            let known = needed.iter().position(|other| other.name == rule.name);
            let place = known.unwrap_or_else(|| {
                needed.push(rule);
                needed.len() - 1
            });
            place as u32 + 1
        });
        explained.push((finding, number));
    }
    lines.extend(sums.into_iter().filter_map(|sum| sum.line(&explained)));
    lines.extend(frames.lines.iter().map(|text| StateLine { text: text.clone(), mark: Mark::Aside }));
    let rows = rows::rows(&left, &right, &frames, &explained);
    let differences = differences(&explained, &needed);
    let verdict = if !inconclusive.is_empty() {
        Verdict::Inconclusive
    } else if differences.is_empty() {
        Verdict::Same
    } else if differences.iter().all(|difference| difference.rule.is_some()) {
        Verdict::Explained
    } else {
        Verdict::Different
    };
    Comparison {
        verdict,
        checked: tally.checked,
        differences,
        rows,
        lines,
        footnotes: needed.iter().map(|rule| rule.because()).collect(),
        inconclusive: inconclusive.to_vec(),
    }
}

/// Differences told one by one; of more only the number is told.
const TOLD: usize = 500;

/// The findings as differences; the same one in many connections is told once.
fn differences(explained: &[(tally::Finding, Option<u32>)], needed: &[&'static Rule]) -> Vec<Difference> {
    let mut known: HashSet<Difference> = HashSet::new();
    let mut differences: Vec<Difference> = Vec::new();
    let mut untold = 0_u32;
    for (finding, number) in explained {
        let rule = number.and_then(|number| needed.get(number as usize - 1));
        let difference = Difference {
            what: finding.what.clone(),
            simulated: finding.simulated.clone(),
            live: finding.live.clone(),
            because: rule.map(|rule| rule.because()),
            cite: rule.map_or_else(String::new, |rule| rule.cite.to_owned()),
            rule: rule.map(|rule| rule.name),
        };
        if known.insert(difference.clone()) {
            if differences.len() < TOLD {
                differences.push(difference);
            } else {
                // Whether all of them are explained must not hang on how many there are.
                untold += u32::from(rule.is_none());
            }
        }
    }
    if untold > 0 {
        differences.push(Difference {
            what: Text::new(format!("{untold} more"), format!("另有 {untold} 处")),
            simulated: Text::new("…", "…"),
            live: Text::new("…", "…"),
            because: None,
            cite: String::new(),
            rule: None,
        });
    }
    differences
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

    /// One element of `results` in `compare --json`, the same whatever the language of the screen.
    pub fn json(&self, scenario: &str, simulated_ms: u64, live_ms: u64) -> impl Serialize {
        JsonResult {
            scenario: scenario.to_owned(),
            verdict: self.verdict.name(),
            checked: self.checked,
            differences: self.differences.iter().map(JsonDifference::new).collect(),
            why: self.why().to_vec(),
            ms: JsonMs { simulated: simulated_ms, live: live_ms },
        }
    }

    /// Why there is no verdict on sameness, if there is none.
    pub fn why(&self) -> &[Text] {
        match &self.verdict {
            Verdict::NotComparable { why } => std::slice::from_ref(why),
            Verdict::Inconclusive => &self.inconclusive,
            Verdict::Same | Verdict::Explained | Verdict::Different => &[],
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
    why: Vec<Text>,
    ms: JsonMs,
}

#[derive(Serialize)]
struct JsonDifference {
    what: String,
    what_zh: String,
    simulated: String,
    live: String,
    because: Option<String>,
    because_zh: Option<String>,
    cite: String,
    rule: Option<&'static str>,
}

#[derive(Serialize)]
struct JsonMs {
    simulated: u64,
    live: u64,
}

impl JsonDifference {
    fn new(difference: &Difference) -> JsonDifference {
        let because = difference.because.as_ref();
        JsonDifference {
            what: difference.what.en.clone(),
            what_zh: difference.what.zh.clone(),
            simulated: difference.simulated.en.clone(),
            live: difference.live.en.clone(),
            because: because.map(|because| because.en.clone()),
            because_zh: because.map(|because| because.zh.clone()),
            cite: difference.cite.clone(),
            rule: difference.rule,
        }
    }
}
