//! Virtual time: instants and spans in nanoseconds, the event queue, keyed random draws.
//!
//! Nothing here (or in any room below `sim/` and `live/`) reads a clock.

mod draws;
mod queue;
mod time;

pub use draws::{Draws, entity};
pub use queue::EventQueue;
pub use time::{Instant, Span};
