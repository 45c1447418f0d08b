//! A scenario with everything that was asked of its run, so that it can be asked again with one thing changed.

use super::branch::Change;
use crate::clock::Span;
use crate::link::FramePattern;
use crate::scenario::{Diagnostic, Fault, FaultEffect, Plan, Scenario};
use crate::sim;
use crate::trace::Trace;

/// How much longer a lesson lasts in which something is lost on request: time for two retransmissions of a SYN
/// (after 1 s and 2 s more, RFC 6298 section 2.1 and 5.5) and their answers.
const REPAIR: Span = Span::millis(3_500);

/// A scenario and how to simulate it.
#[derive(Clone, Debug)]
pub struct Setup {
    /// As written.
    pub scenario: Scenario,
    /// Its knobs, as `--set KEY=VALUE` gives them.
    pub set: Vec<(String, String)>,
    /// Seed, profile, end, further faults.
    pub options: sim::Options,
}

impl Setup {
    /// As the file has it.
    pub fn new(scenario: Scenario) -> Setup {
        Setup { scenario, set: Vec::new(), options: sim::Options::default() }
    }

    /// The plan that the knobs make of it. Where something is lost on request, the lesson ends [`REPAIR`] later than
    /// written, so that one sees what TCP does about it.
    ///
    /// # Errors
    /// Knobs that do not exist or whose values are out of range.
    pub fn plan(&self) -> Result<Plan, Vec<Diagnostic>> {
        let mut plan = self.scenario.plan(&self.set)?;
        if !self.options.faults.is_empty() {
            plan.until = plan.until.map(|until| until + REPAIR);
        }
        Ok(plan)
    }

    /// The same with one thing changed.
    pub fn with(&self, change: &Change) -> Setup {
        let mut changed = self.clone();
        match change {
            Change::Drop(pattern) => changed.options.faults.insert(0, loss(*pattern)),
            Change::Set(key, value) => {
                changed.set.retain(|(known, _)| known != key);
                changed.set.push((key.clone(), value.clone()));
            }
            Change::Seed(seed) => changed.options.seed = *seed,
            Change::Several(all) => changed = all.iter().fold(changed, |setup, change| setup.with(change)),
        }
        changed
    }

    /// Simulates it.
    ///
    /// # Errors
    /// As [`Setup::plan`].
    pub fn run(&self) -> Result<(Plan, Trace), Vec<Diagnostic>> {
        let plan = self.plan()?;
        let trace = sim::run(&plan, &self.options);
        Ok((plan, trace))
    }
}

/// The fault that loses every frame of the pattern.
pub fn loss(pattern: FramePattern) -> Fault {
    Fault { pattern, effect: FaultEffect::Drop, per_million: 1_000_000 }
}
