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

    /// What went wrong, for people.
    pub fn words(&self, lang: Lang) -> String {
        match self {
            Failure::Io { what, error } => {
                let why = system_words(error, lang);
                lang.pick(format!("{what}: {why}"), format!("{what}：{why}"))
            }
            Failure::Usage(_) | Failure::Unable(_) | Failure::Closed => self.to_string(),
        }
    }

    /// The exit code that goes with it.
    pub fn exit(&self) -> Exit {
        match self {
            Failure::Usage(_) => Exit::Usage,
            Failure::Unable(_) => Exit::Unable,
            Failure::Io { error, .. } => match error.kind() {
                io::ErrorKind::NotFound
                | io::ErrorKind::IsADirectory
                | io::ErrorKind::NotADirectory
                | io::ErrorKind::AlreadyExists
                | io::ErrorKind::InvalidData => Exit::Usage,
                _ => Exit::Unable,
            },
            Failure::Closed => Exit::Fine,
        }
    }
}

/// Why reading or writing failed; the system's own words where it is nothing common.
fn system_words(error: &io::Error, lang: Lang) -> String {
    let (en, zh) = match error.kind() {
        io::ErrorKind::NotFound => ("no such file or directory", "没有这个文件或目录"),
        io::ErrorKind::PermissionDenied => ("permission denied", "没有权限"),
        io::ErrorKind::IsADirectory => ("this is a directory, a file is wanted", "这是目录，应为文件"),
        io::ErrorKind::NotADirectory => ("part of the path is no directory", "路径中有一段不是目录"),
        io::ErrorKind::StorageFull => ("no space left on the disk", "磁盘空间不足"),
        io::ErrorKind::ReadOnlyFilesystem => ("the file system is read-only", "文件系统是只读的"),
        _ => return error.to_string(),
    };
    lang.pick(en, zh).to_owned()
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
