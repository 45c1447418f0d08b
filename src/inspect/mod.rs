//! Captures understood: connections rebuilt from packets, the states of both ends inferred with how sure that is, a
//! `Trace` of a chosen connection for every view. What only the sender can know is never said.

mod connection;
mod copies;
mod finding;
mod gaps;
mod gather;
mod glance;
mod half;
mod infer;
mod json;
mod marks;
mod names;
mod rebuild;
mod repair;
mod survey;
#[cfg(test)]
mod tests;
mod words;
mod writer;

pub use connection::{Connection, Ending, Handshake};
pub use finding::Finding;
pub use half::{Half, Remark};
pub use infer::{Belief, Crossing, Ends};
pub use json::BrokenAt;
pub use marks::Marks;
pub use rebuild::{Choice, MOST_FRAMES, NotRebuilt, Opened, Rebuilt, rebuild};
pub use survey::{MOST_CONNECTIONS, Survey, survey};
