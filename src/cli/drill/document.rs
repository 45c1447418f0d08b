//! The results as one JSON document.

use super::{Item, Outcome, Wanted};
use crate::clock::Span;
use crate::drill::{Difference, Problem, ProblemKind, Verdict};
use crate::lang::Text;
use crate::scenario::Diagnostic;
use crate::trace::Source;
use serde::Serialize;

#[derive(Serialize)]
pub(super) struct Document {
    schema: u32,
    against: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kernel: Option<String>,
    until_ns: u64,
    results: Vec<Result>,
}

#[derive(Serialize)]
struct Result {
    script: String,
    verdict: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ended_ns: Option<u64>,
    real_ms: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    printed: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<Told>,
}

/// Something at a place of the script.
#[derive(Serialize)]
struct Told {
    line: usize,
    column: usize,
    kind: &'static str,
    message: Text,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Text>,
    #[serde(skip_serializing_if = "Option::is_none")]
    missing: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_ns: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    found: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<Vec<Field>>,
}

#[derive(Serialize)]
struct Field {
    field: Text,
    expected: String,
    found: String,
}

pub(super) fn of(items: &[Item], wanted: &Wanted<'_>) -> Document {
    let kernel = items.iter().find_map(|item| match &item.outcome {
        Outcome::Ran(_, ran) => match &ran.trace.meta.source {
            Source::Live { kernel, .. } => Some(kernel.clone()),
            Source::Simulated | Source::Captured { .. } => None,
        },
        Outcome::Broken(_) => None,
    });
    let live = wanted.arguments.live;
    Document {
        schema: 1,
        against: if live { "kernel" } else { "model" },
        profile: (!live).then(|| wanted.profile.name()),
        kernel,
        until_ns: wanted.until.as_nanos(),
        results: items.iter().map(result).collect(),
    }
}

fn result(item: &Item) -> Result {
    let real_ms = u64::try_from(item.real.as_millis()).unwrap_or(u64::MAX);
    let script = item.source.name.clone();
    match &item.outcome {
        Outcome::Broken(mistakes) => Result {
            script,
            verdict: item.outcome.standing().name(),
            ended_ns: None,
            real_ms,
            printed: Vec::new(),
            problems: mistakes.iter().map(|mistake| told(mistake, "mistake")).collect(),
        },
        Outcome::Ran(read, ran) => {
            let problems = match &ran.verdict {
                Verdict::Pass => Vec::new(),
                Verdict::Fail(problem) | Verdict::Unsupported(problem) => {
                    vec![problem_told(problem, &problem.diagnostic(read))]
                }
            };
            Result {
                script,
                verdict: item.outcome.standing().name(),
                ended_ns: Some(ran.ended.as_nanos()),
                real_ms,
                printed: ran.printed.clone(),
                problems,
            }
        }
    }
}

fn told(mistake: &Diagnostic, kind: &'static str) -> Told {
    Told {
        line: mistake.line,
        column: mistake.column,
        kind,
        message: mistake.message.clone(),
        help: mistake.help.clone(),
        missing: None,
        at_ns: None,
        expected: None,
        found: None,
        fields: None,
    }
}

fn problem_told(problem: &Problem, place: &Diagnostic) -> Told {
    let told = |kind| told(place, kind);
    let at = |span: Span| Some(span.as_nanos());
    match &problem.kind {
        ProblemKind::Unsupported(what) => Told { missing: Some(what.clone()), ..told("unsupported") },
        ProblemKind::Wrong(_) => told("wrong"),
        ProblemKind::Packet { differs, at: sent, found } => Told {
            at_ns: at(*sent),
            found: Some(found.clone()),
            fields: Some(differs.iter().map(field).collect()),
            ..told("packet")
        },
        ProblemKind::NoPacket { until } => Told { at_ns: at(*until), ..told("no-packet") },
        ProblemKind::Time { found, .. } => Told { at_ns: at(*found), ..told("time") },
        ProblemKind::Call { expected, found, .. } => {
            Told { expected: Some(expected.clone()), found: Some(found.clone()), ..told("call") }
        }
        ProblemKind::StillBlocked => told("still-blocked"),
        ProblemKind::Assertion { found } => Told { found: Some(found.clone()), ..told("assertion") },
        ProblemKind::Limit(limit) => Told { at_ns: at(*limit), ..told("stopped") },
        ProblemKind::Exhausted { at: stopped, .. } => Told { at_ns: at(*stopped), ..told("exhausted") },
    }
}

fn field(difference: &Difference) -> Field {
    Field {
        field: difference.field.clone(),
        expected: difference.expected.clone(),
        found: difference.found.clone(),
    }
}
