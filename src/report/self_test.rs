//! Whether every expectation of a scenario can fail.

use crate::lang::Text;
use crate::scenario::Plan;
use crate::trace::Trace;

/// What was found about one expectation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Its place in [`Plan::expectations`].
    pub expectation: usize,
    /// What it says.
    pub says: Text,
    /// Line in the scenario file.
    pub line: u32,
    /// The change that makes it fail; `None` if nothing tried does: then it proves nothing.
    pub failed_by: Option<Text>,
}

/// Looks, for each expectation, for a change of the plan that makes it fail. `rerun` simulates a changed plan.
/// `variants` are further plans to try, such as the scenario with its knobs set otherwise, each with a name.
pub fn self_test(plan: &Plan, variants: &[(Text, Plan)], rerun: &dyn Fn(&Plan) -> Trace) -> Vec<Proof> {
    let _ = (plan, variants, rerun);
    Vec::new()
}
