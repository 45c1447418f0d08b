//! Which live modes this machine allows.

use crate::lang::Text;

/// One thing the live side needs, or can use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub name: Text,
    /// Whether it is there.
    pub ok: bool,
    /// Whether live runs need it; otherwise they only use it where it is there.
    pub needed: bool,
    /// What was found, or what to change.
    pub detail: Text,
}

/// Looks at this machine. To be called, like [`super::enter`], before the process has a second thread.
pub fn doctor() -> Vec<Finding> {
    Vec::new()
}
