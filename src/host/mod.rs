//! One machine: frames up, frames down, calls in, deadlines out. Still pure; knows no network.

mod carrier;
mod config;
mod datagram;
mod effect;
mod examine;
mod input;
mod machine;
mod raw;
mod reason;
mod settle;
#[cfg(test)]
mod tests;
mod v6;

pub use crate::ip::{Neighbours, Route, Via};
pub use crate::socket::Outcome;
pub use config::HostConfig;
pub use effect::{EndpointKey, HostEffect, Protocol};
pub use machine::Host;
pub use reason::{Conclusion, Reason};
