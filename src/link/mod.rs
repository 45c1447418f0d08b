//! What lies between hosts: pipes with rate, delay and queue, impairments exact or random, a learning switch.
//! Knows frames, not IP hosts.

mod fault;
mod ids;
mod matcher;
mod pattern;
mod pipe;
mod reason;
mod switch;

pub use fault::{Fault, FaultEffect, Faults, Verdict, flip_bit, mark_ce};
pub use ids::{Heading, HostId, NodeKind, Port};
pub use matcher::Matcher;
pub use pattern::{Direction, FramePattern, What, Which};
pub use pipe::Pipe;
pub use reason::Reason;
pub use switch::{Forwarding, Switch};

#[cfg(test)]
mod tests;
