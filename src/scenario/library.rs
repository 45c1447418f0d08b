//! The scenarios that come with the program.

use super::builtin::BUILTIN;
use super::nearest::nearest;
use super::{Diagnostic, Scenario};

/// A scenario embedded in the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The folder it lies in.
    pub topic: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
}

impl Builtin {
    /// Its path below the folder `scenarios`.
    pub fn path(&self) -> String {
        format!("scenarios/{}/{}.toml", self.topic, self.name)
    }
    /// Parses it.
    pub fn scenario(&self) -> Result<Scenario, Vec<Diagnostic>> {
        Scenario::parse(&self.path(), self.text)
    }
}

/// All embedded scenarios, ordered by topic and name.
pub fn builtins() -> &'static [Builtin] {
    BUILTIN
}

/// The embedded scenario of that name (or `topic/name`), else the nearest names.
pub fn find(name: &str) -> Result<&'static Builtin, Vec<&'static str>> {
    let bare = name.rsplit('/').next().unwrap_or(name);
    BUILTIN
        .iter()
        .find(|builtin| builtin.name == name || format!("{}/{}", builtin.topic, builtin.name) == name)
        .ok_or_else(|| nearest(bare, BUILTIN.iter().map(|builtin| builtin.name)))
}
