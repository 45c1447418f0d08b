//! Questions answered from the trace, and answers graded.

use crate::scenario::Question;
use crate::trace::Trace;

/// How an answer was graded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grade {
    /// Right.
    Right,
    /// Wrong; this is right.
    Wrong(String),
    /// The frame the question is asked before never came.
    NeverAsked,
}

/// The right answer to a question, read off the frame it is asked before; `None` if that frame was never sent or has no such field.
pub fn answer(trace: &Trace, question: &Question) -> Option<String> {
    let _ = (trace, question);
    None
}

/// Grades what a learner typed.
pub fn grade(trace: &Trace, question: &Question, typed: &str) -> Grade {
    match answer(trace, question) {
        None => Grade::NeverAsked,
        Some(right) if right == typed.trim() => Grade::Right,
        Some(right) => Grade::Wrong(right),
    }
}
