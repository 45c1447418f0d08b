//! A scenario file from text to [`Plan`].

use super::{Diagnostic, Plan};

/// A scenario file that has been checked, with its knobs at their defaults.
#[derive(Clone, Debug)]
pub struct Scenario {
    plan: Plan,
}

impl Scenario {
    /// Checks the text of a scenario file. `path` names it in messages; its last two parts give topic and name.
    ///
    /// # Errors
    /// Every mistake in the file, in the order of the text.
    pub fn parse(_path: &str, _text: &str) -> Result<Scenario, Vec<Diagnostic>> {
        Err(Vec::new())
    }

    /// The plan with the knobs at their defaults.
    pub fn default_plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan with these knobs set, in order: key and value as `--set KEY=VALUE` gives them.
    ///
    /// # Errors
    /// Unknown knobs (with the nearest names), values out of range, and mistakes that only these values bring about.
    pub fn plan(&self, _set: &[(String, String)]) -> Result<Plan, Vec<Diagnostic>> {
        Ok(self.plan.clone())
    }
}
