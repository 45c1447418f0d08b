//! Drives a world in virtual time: run, step, branch.

mod options;
mod run;

pub use options::Options;
pub use run::{Branch, branch, run};
