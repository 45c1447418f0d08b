//! The lessons as pages: a server for the browsers of this machine, and for nobody else.
//!
//! It keeps no sessions. Every request carries all it needs, is bounded in time and size, and is forgotten with its
//! connection.
#![allow(clippy::disallowed_methods, reason = "this room lives in real time")]

mod api;
mod ask;
mod body;
mod compare;
mod export;
mod files;
mod guard;
mod inspect;
mod lessons;
mod limits;
mod patience;
mod refusal;
mod routes;
mod server;
mod work;

pub use limits::RUN_SECONDS;
pub use server::{CannotServe, Server};

use crate::beside::{self, Unavailable};

/// The port unless another is asked for: the number of TCP's standard.
pub const PORT: u16 = 9293;

/// What is asked of a server.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The port of 127.0.0.1; 0 takes any that is free.
    pub port: u16,
    /// How long a simulation with all its branches may take.
    pub run_time: std::time::Duration,
}

/// Whether comparisons with the real kernel are possible here, and if not, why and what to change.
pub type Live = Result<(), Unavailable>;

/// Prepares this process for comparisons with the real kernel; to be called while it has one thread.
///
/// # Errors
/// The machine forbids it; everything simulated works all the same.
pub fn enter() -> Live {
    beside::enter()
}
