//! A run written for other tools: which formats there are, what each can draw of a run, and the octets of it.

mod format;
mod write;

pub use format::{Format, Part};
pub use write::{Named, json, write};
