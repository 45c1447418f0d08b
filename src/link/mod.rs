//! What lies between hosts: pipes with rate, delay and queue, impairments exact or random, a learning switch.
//! Knows frames, not IP hosts.

mod ids;
mod pattern;

pub use ids::HostId;
pub use pattern::{Direction, FramePattern, What, Which};
