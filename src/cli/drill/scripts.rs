//! From files and folders on the command line to scripts.

use super::super::out::Failure;
use super::super::settings::Settings;
use crate::packetdrill::LONGEST;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// How deep folders are looked into.
const DEEPEST: usize = 32;

/// A script's file.
pub(super) struct Source {
    /// As it was named, or found below what was named.
    pub name: String,
    path: PathBuf,
}

/// The files, and of folders all `*.pkt` below them, in order of their names.
pub(super) fn find(named: &[PathBuf], settings: &Settings) -> Result<Vec<Source>, Failure> {
    let mut sources = Vec::new();
    for path in named {
        if !path.is_dir() {
            sources.push(source(path.clone()));
            continue;
        }
        let mut found = Vec::new();
        below(path, DEEPEST, &mut found)?;
        if found.is_empty() {
            let shown = path.display();
            return Err(Failure::Usage(settings.lang().pick(
                format!("{shown}: there is no file *.pkt below this folder"),
                format!("{shown}：这个文件夹里没有 *.pkt 文件"),
            )));
        }
        found.sort();
        sources.extend(found.into_iter().map(source));
    }
    Ok(sources)
}

fn source(path: PathBuf) -> Source {
    Source { name: path.display().to_string(), path }
}

fn below(folder: &Path, depth: usize, found: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let io = |error| Failure::io(folder.display().to_string(), error);
    for entry in fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        if path.is_dir() {
            if depth > 0 {
                below(&path, depth - 1, found)?;
            }
        } else if path.extension().is_some_and(|ending| ending == "pkt") {
            found.push(path);
        }
    }
    Ok(())
}

/// A file's text up to a length that no script has; octets that are no UTF-8, as in old comments, become U+FFFD.
fn text(path: &Path) -> std::io::Result<String> {
    let mut octets = Vec::new();
    File::open(path)?.take(LONGEST as u64 + 1).read_to_end(&mut octets)?;
    Ok(match String::from_utf8(octets) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

impl Source {
    /// What stands in it.
    pub fn read(&self) -> Result<String, Failure> {
        text(&self.path).map_err(|error| Failure::io(self.name.clone(), error))
    }

    /// Where it lies.
    pub fn folder(&self) -> PathBuf {
        let whole = fs::canonicalize(&self.path).unwrap_or_else(|_| self.path.clone());
        whole.parent().map(Path::to_owned).unwrap_or_default()
    }

    /// Reads the scripts beside it that commands name.
    pub fn files(&self) -> impl Fn(&str) -> Option<String> + use<> {
        let folder = self.folder();
        move |name| text(&folder.join(name)).ok()
    }
}
