//! One machine: frames up, frames down, calls in, deadlines out. Still pure; knows no network.

mod reason;

pub use reason::Reason;
