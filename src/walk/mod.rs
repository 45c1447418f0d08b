//! Walking through a run: its steps, forward and back, and the branches that ask "what if?".
//!
//! Whatever shows a walk (line by line, full screen, a page) keeps a [`Walk`] and draws it; nothing here draws.

mod branch;
#[cfg(test)]
mod question_tests;
mod questions;
mod setup;
mod steps;
#[cfg(test)]
mod tests;
mod walker;

pub use branch::{Branch, Change, fault_words, pattern_words};
pub use questions::{Asked, rerun};
pub use setup::{Setup, loss};
pub use steps::{Step, steps};
pub use walker::{CannotBranch, Walk};
