//! What lies between hosts: pipes with rate, delay and queue, impairments exact or random, random early
//! detection, learning switches and their spanning tree.
//! Knows frames, not IP hosts.

mod fault;
mod ids;
mod loss;
mod matcher;
mod medium;
mod pattern;
mod pipe;
mod reason;
mod red;
mod switch;
pub mod tree;

pub use fault::{Fault, FaultEffect, Faults, Verdict, allows_marking, flip_bit, mark_ce};
pub use ids::{Heading, HostId, NodeKind, Port};
pub use loss::{Bursts, LossModel, LossState, LostList};
pub use matcher::Matcher;
pub use medium::{Medium, Outcome};
pub use pattern::{Direction, FramePattern, What, Which};
pub use pipe::{Offer, Pipe};
pub use reason::Reason;
pub use red::RedSettings;
pub use switch::{Forwarding, Gate, Switch};
pub use tree::{PortState, TreeReason};

#[cfg(test)]
mod tests;
