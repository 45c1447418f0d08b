//! The real kernel (Linux): private namespaces, capture, the runner of a `Plan` on real sockets, the user-space wire.
//! The only room with `unsafe` (`sys.rs`) and the only one beside `cli/` that reads a clock.
//!
//! A program calls [`enter`] once, first of all, while it has only one thread: from then on it is in a user namespace of
//! its own and needs no privilege. Each [`run`] then makes network namespaces of its own, which vanish with its threads.
#![allow(clippy::disallowed_methods, reason = "this room lives in real time")]

mod bare;
mod bridges;
mod cable;
mod calls;
mod carriers;
mod command;
mod diag;
mod doctor;
mod enter;
mod fast_open;
mod fence;
mod flood;
mod frames;
mod ground;
mod isn;
mod kernel;
mod late;
mod local;
mod log;
mod message;
mod netlink;
mod nft;
mod observe;
mod open;
mod options;
mod pair;
mod process;
mod rig;
mod run;
mod select;
mod shared;
mod sockopt;
mod status;
mod stop;
mod sys;
mod tap;
mod tun;
mod wait;
mod watch;

pub use enter::{Unavailable, enter};
pub use kernel::release as kernel_release;
pub use options::{Error, FLOOD_PER_SECOND, FLOOD_TOTAL, Options, Outcome, choose_mode};
pub use run::run;

pub use bare::{BareCall, BareReply, bare_call};
pub use command::Ended;
pub use doctor::{Finding, doctor, half_open_limit_lacks_one};
pub use rig::{Medium, Rig};
