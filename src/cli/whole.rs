//! Files that are written whole or not at all.

use super::out::Failure;
use crate::lang::Lang;
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

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
    let temporary = path.with_file_name(part(name));
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

/// Whether both name one file, there already or to be written: however it is spelled, and through links.
pub fn is_same_file(one: &Path, other: &Path) -> bool {
    let place = |path: &Path| {
        std::fs::canonicalize(path).ok().or_else(|| {
            let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
            let folder = std::fs::canonicalize(folder.unwrap_or(Path::new("."))).ok()?;
            Some(folder.join(path.file_name()?))
        })
    };
    let standard = Path::new("-");
    // What is no ordinary file (a terminal, /dev/null) is replaced by nothing.
    let is_file = |path: &Path| std::fs::metadata(path).map_or(true, |known| known.is_file());
    one != standard
        && other != standard
        && is_file(one)
        && (one == other || place(one).is_some_and(|one| place(other) == Some(one)))
}

/// Writes two files: both of them, or none.
pub fn write_both_whole(one: (&Path, &[u8]), other: (&Path, &[u8])) -> Result<(), Failure> {
    // What the second needs is known only when it is written; until then the first has another name.
    let (path, bytes) = one;
    let mut second = Ok(());
    let first = write_whole_with(path, |out| {
        out.write_all(bytes)?;
        out.flush()?;
        second = write_whole(other.0, other.1);
        if second.is_err() { Err(io::ErrorKind::Interrupted.into()) } else { Ok(()) }
    });
    second.and(first)
}

/// What a file or folder is called while it is not whole; it lies beside its place.
pub fn part(name: &OsStr) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    hidden
}

/// Writes these files into the folder, which is made if it is not there: all of them, or none.
pub fn write_all_whole(folder: &Path, files: &[(&str, &[u8])], lang: Lang) -> Result<(), Failure> {
    let io = |error| Failure::io(folder.display().to_string(), error);
    let made = !folder.exists();
    if made {
        std::fs::create_dir_all(folder).map_err(io)?;
    } else if !folder.is_dir() {
        let name = folder.display();
        return Err(Failure::Usage(lang.pick(
            format!("{name}: this is a file, a folder is wanted"),
            format!("{name}：这是文件，应为文件夹"),
        )));
    }
    let part = |name: &str| folder.join(part(name.as_ref()));
    let written = || -> io::Result<()> {
        for (name, bytes) in files {
            if folder.join(name).is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let mut file = File::create(part(name))?;
            file.write_all(bytes)?;
            file.sync_all()?;
        }
        // Everything is on the disk: what is left are names.
        files.iter().try_for_each(|(name, _)| std::fs::rename(part(name), folder.join(name)))
    };
    let result = written();
    if result.is_err() {
        for (name, _) in files {
            let _ = std::fs::remove_file(part(name));
        }
        if made {
            let _ = std::fs::remove_dir(folder);
        }
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

    #[test]
    fn a_file_is_the_same_however_it_is_spelled() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let there = folder.path().join("there");
        std::fs::write(&there, b"x").expect("written");
        let spelled = |name: &str| folder.path().join(".").join(name);
        assert!(is_same_file(&there, &spelled("there")));
        assert!(is_same_file(&folder.path().join("new"), &spelled("new")), "both are yet to be written");
        assert!(!is_same_file(&there, &spelled("other")));
        assert!(!is_same_file(Path::new("-"), Path::new("-")), "standard input is not standard output");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&there, folder.path().join("link")).expect("linked");
            assert!(is_same_file(&there, &spelled("link")));
            assert!(!is_same_file(Path::new("/dev/null"), Path::new("/dev/null")));
        }
    }

    #[test]
    fn of_two_files_both_are_written_or_none() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let [paper, key] = ["paper.md", "key.csv"].map(|name| folder.path().join(name));
        write_both_whole((&paper, b"1"), (&key, b"2")).expect("written");
        let nowhere = folder.path().join("none").join("key.csv");
        assert!(write_both_whole((&paper, b"3"), (&nowhere, b"4")).is_err());
        assert!(write_both_whole((&nowhere, b"3"), (&key, b"4")).is_err());
        assert_eq!(std::fs::read(&paper).expect("read"), b"1");
        assert_eq!(std::fs::read(&key).expect("read"), b"2");
        assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 2);
    }

    #[test]
    fn several_files_are_written_all_or_none() {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let folder = scratch.path().join("lesson");
        write_all_whole(&folder, &[("a.py", b"1"), ("b.py", b"2")], Lang::En).expect("written");
        write_all_whole(&folder, &[("a.py", b"3"), ("b.py", b"4")], Lang::En).expect("replaced");
        assert_eq!(std::fs::read(folder.join("b.py")).expect("read"), b"4");
        std::fs::create_dir(folder.join("c.py")).expect("made");
        assert!(write_all_whole(&folder, &[("a.py", b"5"), ("c.py", b"6")], Lang::En).is_err());
        assert_eq!(std::fs::read(folder.join("a.py")).expect("read"), b"3", "none of them is written");
        assert_eq!(std::fs::read_dir(&folder).expect("listed").count(), 3, "and nothing is left beside them");
    }
}
