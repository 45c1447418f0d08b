//! Drives a world in virtual time: run, step, branch.

mod run;
mod ties;
mod timeline;

pub use crate::world::{Options, Ties};
pub use run::{Branch, branch, run, run_into};
pub use ties::{TieDependence, tie_dependent};
pub use timeline::Timeline;
