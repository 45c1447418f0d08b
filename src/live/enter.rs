//! The process's own user namespace.

use crate::lang::Text;

/// What this machine forbids, and what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .what.en)]
pub struct Unavailable {
    /// What is forbidden.
    pub what: Text,
    /// What to change.
    pub remedy: Text,
}

/// Moves this process into a user namespace of its own. To be called before the process has a second thread; a second
/// call does nothing. Needed once before [`super::run`].
///
/// # Errors
/// Where namespaces are forbidden.
pub fn enter() -> Result<(), Unavailable> {
    Err(Unavailable { what: Text::default(), remedy: Text::default() })
}
