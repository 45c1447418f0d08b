//! Expectations judged on a trace.

mod echoes;
mod packets;
mod programs;
mod quantity;
mod states;

pub(super) use packets::{numbers, rendered};
use programs::fates;
pub(super) use quantity::{matching, measure};

use super::seen::look;
use crate::lang::Text;
use crate::scenario::{Number, Plan, Predicate};
use crate::trace::{Event, Stop, Trace};

/// The verdict on one expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// Its place in [`Plan::expectations`]; `None` for what every run must keep: checks inside programs, the stated limits.
    pub expectation: Option<usize>,
    /// What it says.
    pub says: Text,
    /// The RFC section it rests on; may be empty.
    pub cite: String,
    /// Whether it held.
    pub held: bool,
    /// What was found instead; empty when it held.
    pub found: Text,
    /// Line in the scenario file; 0 where there is none.
    pub line: u32,
}

/// What a predicate found: nothing to say, or what came instead.
pub(super) type Finding = Result<(), Text>;

/// Judges every expectation of the plan on the trace, in the plan's order. Failed checks of programs, and a run that
/// ended at a stated limit, follow as judgements without an expectation.
pub fn judge(plan: &Plan, trace: &Trace) -> Vec<Judged> {
    let seen = look(trace);
    let mut judged: Vec<Judged> = plan
        .expectations
        .iter()
        .enumerate()
        .map(|(index, expectation)| {
            let finding = match &expectation.predicate {
                Predicate::PacketsExactly(lines) => packets::exactly(plan, trace, &seen, lines),
                Predicate::PacketsInOrder(lines) => packets::in_order(plan, trace, &seen, lines),
                Predicate::States { host, path } => states::passes(trace, *host, path),
                Predicate::Compare { quantity, how, number } => {
                    quantity::holds(trace, &seen, quantity, *how, *number)
                }
                Predicate::Within { quantity, low, high } => {
                    quantity::within(trace, &seen, quantity, *low, *high)
                }
            };
            Judged {
                expectation: Some(index),
                says: expectation.says.clone(),
                cite: expectation.cite.clone(),
                held: finding.is_ok(),
                found: finding.err().unwrap_or_default(),
                line: expectation.line,
            }
        })
        .collect();
    judged.extend(programs::failures(trace));
    judged.extend(limit(trace));
    judged
}

/// What one expectation of the file says in several parts, as one: it held if all of them did.
pub fn grouped(judged: &[Judged]) -> Vec<Judged> {
    let mut groups: Vec<Judged> = Vec::new();
    for part in judged {
        match groups.last_mut() {
            Some(group)
                if group.says == part.says && group.cite == part.cite && part.expectation.is_some() =>
            {
                group.held &= part.held;
                for (all, found) in
                    [(&mut group.found.en, &part.found.en), (&mut group.found.zh, &part.found.zh)]
                {
                    if !all.is_empty() && !found.is_empty() {
                        all.push('\n');
                    }
                    all.push_str(found);
                }
            }
            _ => groups.push(part.clone()),
        }
    }
    groups
}

/// A run that was stopped at a limit proves nothing about what would have come after.
fn limit(trace: &Trace) -> Option<Judged> {
    let Some(Event::Stopped(Stop::Limit(which))) = trace.records.last().map(|record| &record.event) else {
        return None;
    };
    Some(Judged {
        expectation: None,
        says: Text::new("the run ends by itself", "运行自行结束"),
        cite: String::new(),
        held: false,
        found: Text::new(
            format!("it was stopped at its limit: {which}"),
            format!("到达规定的上限而被停止：{which}"),
        ),
        line: 0,
    })
}

/// A number as people read it.
pub(super) fn number_text(number: Number) -> String {
    match number {
        Number::Count(count) => count.to_string(),
        Number::Time(span) => span.to_string(),
    }
}
