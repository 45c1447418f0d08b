//! The real kernel (Linux): private namespaces, capture, the runner of a `Plan` on real sockets, the user-space wire.
//! The only room with `unsafe` (`sys.rs`) and the only one beside `cli/` that reads a clock.
//!
//! A program calls [`enter`] once, first of all, while it has only one thread: from then on it is in a user namespace of
//! its own and needs no privilege. Each [`run`] then makes network namespaces of its own, which vanish with its threads.
#![allow(clippy::disallowed_methods, reason = "this room lives in real time")]

mod enter;
mod options;
mod run;

pub use enter::{Unavailable, enter};
pub use options::{Error, Options, Outcome, choose_mode};
pub use run::run;

mod doctor;
pub use doctor::{Finding, doctor};
