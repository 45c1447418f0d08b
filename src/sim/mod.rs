//! Drives a world in virtual time, from beginning to end.

mod run;
mod ties;

pub use crate::world::{Halt, Options, Ties};
pub use run::{meta, run, run_into};
pub use ties::{TieDependence, tie_dependent};
