//! A scenario file from text to [`Plan`].

use super::lower::lower;
use super::{Diagnostic, Plan};
use crate::lang::Text;
use std::ops::Range;
use std::sync::Arc;

/// A scenario file that has been checked, with its knobs at their defaults.
#[derive(Clone, Debug)]
pub struct Scenario {
    path: String,
    text: Arc<str>,
    plan: Plan,
}

impl Scenario {
    /// Checks the text of a scenario file. `path` names it in messages; its last two parts give topic and name.
    ///
    /// # Errors
    /// Every mistake in the file, in the order of the text.
    pub fn parse(path: &str, text: &str) -> Result<Scenario, Vec<Diagnostic>> {
        let plan = lower(path, text, &[])?;
        Ok(Scenario { path: path.to_owned(), text: Arc::from(text), plan })
    }

    /// The same from octets, which must be UTF-8.
    ///
    /// # Errors
    /// Every mistake in the file, in the order of the text.
    pub fn parse_octets(path: &str, octets: &[u8]) -> Result<Scenario, Vec<Diagnostic>> {
        let text = String::from_utf8_lossy(octets);
        if let Err(error) = std::str::from_utf8(octets) {
            let at = error.valid_up_to();
            let message = Text::new("the file is not UTF-8", "文件不是 UTF-8 编码");
            let help = Text::new("save it as UTF-8", "请另存为 UTF-8 编码");
            return Err(vec![Diagnostic::new(path, &Arc::from(&*text), at..at + 1, message, Some(help))]);
        }
        Scenario::parse(path, &text)
    }

    /// The file's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A remark about octets of the file: what, and what would be right.
    pub fn remark(&self, span: Range<usize>, message: Text, help: Option<Text>) -> Diagnostic {
        Diagnostic::new(&self.path, &self.text, span, message, help)
    }

    /// The plan with the knobs at their defaults.
    pub fn default_plan(&self) -> &Plan {
        &self.plan
    }

    /// The plan with these knobs set, in order: key and value as `--set KEY=VALUE` gives them.
    /// The key `profile` replaces the file's profile.
    ///
    /// # Errors
    /// Unknown knobs (with the nearest names), values out of range, and mistakes that only these values bring about.
    pub fn plan(&self, set: &[(String, String)]) -> Result<Plan, Vec<Diagnostic>> {
        if set.is_empty() { Ok(self.plan.clone()) } else { lower(&self.path, &self.text, set) }
    }
}
