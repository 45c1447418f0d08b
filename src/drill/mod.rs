//! Packetdrill scripts carried out: against the simulated stack in virtual time, or against this machine's kernel.

mod arguments;
mod exam;
mod examined;
mod flow;
mod inbound;
mod info;
#[cfg(target_os = "linux")]
mod kernel;
mod mistakes;
mod model;
mod notation;
mod outbound;
#[cfg(target_os = "linux")]
mod plain;
pub mod request;
mod results;
mod run;
mod seen;
mod settings;
pub mod shell;
mod symbols;
mod verdict;
#[cfg(target_os = "linux")]
mod witness;

pub use exam::{Exam, Examination};
pub use examined::{CommandFailure, Examined};
#[cfg(target_os = "linux")]
pub use kernel::Kernel;
pub use mistakes::mistakes;
pub use model::{Files, Simulated};
pub use outbound::Difference;
#[cfg(target_os = "linux")]
pub use run::examine_kernel;
pub use run::{Ran, simulate};
pub use settings::{IpVersion, NAMES, Named, Settings};
pub use verdict::{Problem, ProblemKind, Verdict, seconds};
