//! Packetdrill scripts carried out: against the simulated stack in virtual time, or against this machine's kernel.

mod arguments;
mod exam;
mod examined;
mod flow;
mod inbound;
mod info;
#[cfg(target_os = "linux")]
mod kernel;
mod model;
mod outbound;
pub mod request;
mod results;
mod seen;
mod settings;
pub mod shell;
mod symbols;
mod verdict;

pub use exam::Exam;
pub use examined::{CommandFailure, Examined};
#[cfg(target_os = "linux")]
pub use kernel::Kernel;
pub use model::{Files, Simulated};
pub use outbound::Difference;
pub use settings::{IpVersion, Settings};
pub use verdict::{Problem, ProblemKind, Verdict, seconds};
