//! What the keys mean at present.

use crate::lang::Text;
use crate::walk::Asked;

/// What the keys mean at present.
#[derive(Clone, Debug, PartialEq)]
pub enum Mode {
    /// They walk.
    Walking,
    /// The keys are listed; how far the list is scrolled.
    Help(usize),
    /// The chain of causes is shown; which of them is chosen.
    Why(usize),
    /// The branches are listed; which of them is chosen.
    Branches(usize),
    /// Something is being typed.
    Typing(Prompt, String),
    /// A question stands between here and a step.
    Asking(Asking),
}

impl Mode {
    /// Whether something stands in the pane's place that has to be seen.
    pub fn needs_pane(&self) -> bool {
        match self {
            Mode::Why(_) | Mode::Branches(_) | Mode::Asking(_) => true,
            Mode::Typing(prompt, _) => matches!(prompt, Prompt::Knob | Prompt::Name(_)),
            Mode::Walking | Mode::Help(_) => false,
        }
    }
}

/// What is being typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Words to look for.
    Search,
    /// The number of a step.
    Step,
    /// A knob and its value.
    Knob,
    /// The name of the branch of that place.
    Name(usize),
}

/// Questions on the way to a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Asking {
    /// The questions still to be asked, the present one first.
    pub due: Vec<Asked>,
    /// The step they are on the way to.
    pub to: usize,
    /// The answer as typed so far.
    pub typed: String,
    /// How it was graded: `None` while it is being typed; the right answer if it was wrong.
    pub graded: Option<Result<(), Text>>,
}
