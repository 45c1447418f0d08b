//! Congestion control: a small trait and one table of algorithms.

/// Names of the algorithms.
pub const ALGORITHMS: &[&str] = &["none", "reno"];
