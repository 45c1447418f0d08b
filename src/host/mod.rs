//! One machine: frames up, frames down, calls in, deadlines out. Still pure; knows no network.

mod config;
mod effect;
mod machine;
mod reason;

pub use crate::ip::{Neighbours, Route, Via};
pub use config::HostConfig;
pub use effect::{EndpointKey, HostEffect, Outcome, Protocol};
pub use machine::Host;
pub use reason::Reason;
