//! Names of local sockets: paths of the file system, and abstract ones that live in the kernel alone.

use bytes::Bytes;
use std::fmt;
use std::sync::Arc;

/// What a local socket is called. A path is written as it is, an abstract name with `@` in front (in C and Python it is a
/// zero octet), and no name at all is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalName(Arc<str>);

impl LocalName {
    /// Octets that a name has at most: `sun_path`, less the zero that ends a path or begins an abstract name.
    pub const MOST: usize = 107;

    /// The name in these octets, a leading zero octet for an abstract one; `None` if it is too long or no text.
    pub fn new(octets: &[u8]) -> Option<LocalName> {
        if octets.len() > LocalName::MOST + usize::from(octets.first() == Some(&0)) {
            return None;
        }
        let text = std::str::from_utf8(octets).ok()?;
        let name = match text.strip_prefix('\0') {
            Some(rest) => format!("@{rest}").into(),
            None => text.into(),
        };
        Some(LocalName(name))
    }

    /// The name as text.
    pub fn text(&self) -> &str {
        &self.0
    }
    /// The name as octets.
    pub fn octets(&self) -> Bytes {
        Bytes::copy_from_slice(self.0.as_bytes())
    }
    /// Whether it has no name.
    pub fn is_unnamed(&self) -> bool {
        self.0.is_empty()
    }
    /// Whether the name is no path.
    pub fn is_abstract(&self) -> bool {
        self.0.starts_with('@')
    }
}

impl fmt::Display for LocalName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_unnamed() { "unnamed" } else { &self.0 })
    }
}
