//! Drives a world in virtual time: run, step, branch.

mod run;

pub use crate::world::Options;
pub use run::{Branch, branch, run, run_into};
