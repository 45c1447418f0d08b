//! Standard output and what can go wrong with it; how a command ends.

use crate::lang::Lang;
use std::io::{self, Write};
use std::process::ExitCode;

/// How a command ends; the numbers are a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// As expected.
    Fine = 0,
    /// An expectation failed, or a comparison is `different`.
    Failed = 1,
    /// Bad usage or bad input.
    Usage = 2,
    /// This machine cannot do it.
    Unable = 3,
    /// Inconclusive.
    Inconclusive = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

/// Why a command could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// Bad usage or bad input; the text is complete.
    #[error("{0}")]
    Usage(String),
    /// This machine cannot do it; the text says what is missing and what to change.
    #[error("{0}")]
    Unable(String),
    /// Reading or writing failed.
    #[error("{what}: {error}")]
    Io {
        /// What was read or written.
        what: String,
        /// The system's word.
        error: io::Error,
    },
    /// Whoever read our output has gone.
    #[error("the reader of the output has gone")]
    Closed,
}

impl Failure {
    /// The failure of reading or writing `what`.
    pub fn io(what: impl Into<String>, error: io::Error) -> Failure {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Failure::Closed;
        }
        Failure::Io { what: what.into(), error }
    }

    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) => Exit::Usage,
            Failure::Unable(_) => Exit::Unable,
            Failure::Io { error, .. } => match error.kind() {
                io::ErrorKind::NotFound
                | io::ErrorKind::IsADirectory
                | io::ErrorKind::AlreadyExists
                | io::ErrorKind::InvalidData => Exit::Usage,
                _ => Exit::Unable,
            },
            Failure::Closed => Exit::Fine,
        }
    }
}

/// Writes a result to standard output, all of it.
pub fn print(lang: Lang, text: &str) -> Result<(), Failure> {
    print_bytes(lang, text.as_bytes())
}

/// Writes bytes to standard output, all of them.
pub fn print_bytes(lang: Lang, bytes: &[u8]) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)
        .and_then(|()| out.flush())
        .map_err(|error| Failure::io(lang.pick("standard output", "标准输出"), error))
}

/// Says something on standard error; nobody there to hear it is no reason to stop.
pub fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
