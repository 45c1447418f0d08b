//! The questions of a run, each with the step it is asked before.

use super::setup::Setup;
use super::steps::{self, Step};
use crate::lang::Text;
use crate::report::{Examiner, Moment, Solved};
use crate::scenario::{Plan, Question, Variation};
use crate::trace::Trace;

/// A question that comes before a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its number in the scenario, from 1.
    pub number: u32,
    /// The step it is asked before; the number of steps where it is asked after the last.
    pub step: usize,
    /// The question.
    pub ask: Text,
    /// How it is answered, and the answer.
    pub solved: Solved,
}

/// The questions that this run asks, in the order of the steps.
pub(super) fn asked(plan: &Plan, trace: &Trace, steps: &[Step], setup: Option<&Setup>) -> Vec<Asked> {
    let seed = setup.map_or(trace.meta.seed, |setup| setup.options.seed);
    let rerun = |variation: &Variation| rerun(setup?, variation);
    let examiner = Examiner::new(plan, trace, &rerun);
    let ask = |question: &Question| {
        let solved = examiner.solve(question, seed).ok()?;
        let step = match solved.moment {
            Moment::Before(record) => steps::holding(steps, record)?,
            Moment::End => steps.len(),
        };
        Some(Asked { number: question.number, step, ask: question.ask.clone(), solved })
    };
    let mut asked: Vec<Asked> = plan.questions.iter().filter_map(ask).collect();
    asked.sort_by_key(|asked| (asked.step, asked.number));
    asked
}

/// The setup's run with one thing changed; `None` if that cannot be.
pub fn rerun(setup: &Setup, variation: &Variation) -> Option<(Plan, Trace)> {
    setup.with(&variation.clone().into()).run().ok()
}
