//! The scenarios embedded in the binary.
// Written by the test `the_embedded_scenarios_are_those_of_the_directory` with UPDATE=1.

use super::Builtin;

/// All of them, ordered by topic and name.
pub(super) const BUILTIN: &[Builtin] = &[];
