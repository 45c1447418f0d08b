//! Files that are written whole or not at all.

use super::out::Failure;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Writes the file: whoever looks sees the old one or the whole new one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    write_whole_with(path, |out| out.write_all(bytes))
}

/// The same, piece by piece: beside the file, which is then renamed.
pub fn write_whole_with<R>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<R>,
) -> Result<R, Failure> {
    let io = |error| Failure::io(path.display().to_string(), error);
    // What is no ordinary file (a pipe, /dev/null) cannot be replaced, only written to.
    if std::fs::metadata(path).is_ok_and(|known| !known.is_file() && !known.is_dir()) {
        let file = std::fs::OpenOptions::new().write(true).open(path).map_err(io)?;
        let mut out = BufWriter::new(file);
        return write(&mut out).and_then(|result| out.flush().map(|()| result)).map_err(io);
    }
    let name = path.file_name().ok_or_else(|| io(io::ErrorKind::IsADirectory.into()))?;
    if path.is_dir() {
        return Err(io(io::ErrorKind::IsADirectory.into()));
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    let temporary: PathBuf = path.with_file_name(hidden);
    let synced = || {
        let mut out = BufWriter::new(File::create(&temporary)?);
        let result = write(&mut out)?;
        out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        Ok(result)
    };
    let result = synced().and_then(|result| std::fs::rename(&temporary, path).map(|()| result));
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    result.map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_written_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let path = folder.path().join("out.pcapng");
        write_whole(&path, b"first").expect("written");
        write_whole(&path, b"second").expect("replaced");
        assert_eq!(std::fs::read(&path).expect("read"), b"second");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
    }

    #[test]
    fn a_full_disk_is_an_error_and_a_folder_is_no_file() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        assert!(write_whole(folder.path(), b"x").is_err());
        if Path::new("/dev/full").exists() {
            assert!(write_whole(Path::new("/dev/full"), b"x").is_err());
        }
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 0);
    }
}
