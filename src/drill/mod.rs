//! Packetdrill scripts carried out: against the simulated stack in virtual time, or against this machine's kernel.

mod arguments;
mod exam;
mod examined;
mod flow;
mod inbound;
#[cfg(target_os = "linux")]
mod kernel;
mod info;
mod outbound;
pub mod request;
mod calls;
mod results;
mod seen;
mod settings;
pub mod shell;
mod simulated;
mod symbols;
mod verdict;

pub use exam::Exam;
pub use examined::{CommandFailure, Examined};
#[cfg(target_os = "linux")]
pub use kernel::Kernel;
pub use outbound::Difference;
pub use settings::{IpVersion, Settings};
pub use simulated::Simulated;
pub use verdict::{Problem, ProblemKind, Verdict, seconds};
