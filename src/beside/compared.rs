//! Both sides of one plan, and what comparing them gave.
#![allow(
    clippy::disallowed_methods,
    reason = "how long both sides took is for people; nothing depends on it"
)]

use super::kernel::{self, Live, Unavailable, Wanted};
use crate::lang::Text;
use crate::report::{self, Comparison, Verdict};
use crate::scenario::Plan;
use crate::sim;
use crate::trace::{Source, Trace};
use std::time::Instant;

/// One comparison with its traces.
#[derive(Clone, Debug)]
pub struct Compared {
    /// What comparing gave.
    pub comparison: Comparison,
    /// The simulated side.
    pub simulated: Trace,
    /// The live side, if there is one.
    pub live: Option<Trace>,
    /// What was done otherwise on the live side than the plan says.
    pub notes: Vec<Text>,
    /// How long either side took, milliseconds.
    pub ms: [u64; 2],
}

impl Compared {
    /// Release of the kernel that ran, and how the hosts were joined.
    pub fn kernel(&self) -> Option<(&str, &'static str)> {
        match &self.live.as_ref()?.meta.source {
            Source::Live { kernel, mode } => Some((kernel, mode)),
            Source::Simulated | Source::Captured { .. } => None,
        }
    }
}

/// Simulates the plan and runs it on the kernel; `simulate` is how to simulate it, up to where the live run ends.
///
/// # Errors
/// This machine has no live side.
pub fn compare(plan: &Plan, simulate: &sim::Options, wanted: &Wanted) -> Result<Compared, Unavailable> {
    let until = if wanted.slow { None } else { plan.live.quick_until };
    let started = Instant::now();
    let simulated = sim::run(plan, &sim::Options { until, ..simulate.clone() });
    let mut compared = Compared {
        comparison: Comparison::not_comparable(Text::default()),
        simulated,
        live: None,
        notes: Vec::new(),
        ms: [started.elapsed().as_millis() as u64, 0],
    };
    if let Some(why) = &plan.live.impossible {
        compared.comparison = Comparison::not_comparable(why.clone());
        return Ok(compared);
    }
    let started = Instant::now();
    match kernel::run(plan, wanted)? {
        Live::Ran { trace, inconclusive, notes } => {
            compared.ms[1] = started.elapsed().as_millis() as u64;
            compared.comparison = report::compare(plan, &compared.simulated, &trace, &inconclusive);
            compared.live = Some(*trace);
            compared.notes = notes;
        }
        Live::Impossible(why) => compared.comparison = Comparison::not_comparable(why),
        Live::Refused(why) => {
            compared.comparison.verdict = Verdict::Inconclusive;
            compared.comparison.inconclusive.push(why);
        }
    }
    Ok(compared)
}
