//! `class`: one archive, or one folder, with all that a class without a network needs; whole or not at all.

use super::args::ClassArgs;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::whole::{part, write_whole_with};
use super::work;
use crate::book::{self, File, Wanted, Wrong};
use flate2::Compression;
use flate2::write::GzEncoder;
use indicatif::ProgressBar;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The folder that an archive unpacks into.
const FOLDER: &str = "wirewalk-class";

/// Writes it.
pub fn class(arguments: &ClassArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let target = Target::of(&arguments.output, settings)?;
    let program = program(settings)?;
    let wanted = Wanted {
        program: format!("wirewalk{}", std::env::consts::EXE_SUFFIX),
        papers: super::quiz::by_topic(arguments.seed, settings)?,
        teacher: !arguments.students,
    };
    let progress = work::progress(book::count(&wanted).map_err(failure)?, settings);
    let written = match &target {
        Target::Archive(path) => {
            write_whole_with(path, |out| archive(&wanted, &program, out, &progress).map_err(told))
        }
        Target::Folder(path) => folder(&wanted, &program, path, &progress),
    };
    progress.finish_and_clear();
    let count = written?;
    if !settings.quiet {
        let path = arguments.output.display();
        out::say(&lang.pick(
            format!("{path}: {count} files; index.html is where to begin\n"),
            format!("{path}：{count} 个文件，从 index.html 开始\n"),
        ));
    }
    Ok(Exit::Fine)
}

/// What is to be written.
enum Target {
    Archive(PathBuf),
    Folder(PathBuf),
}

impl Target {
    /// By the name's end; a folder that exists is left alone.
    fn of(path: &Path, settings: &Settings) -> Result<Target, Failure> {
        let lang = settings.lang();
        let name = path.display().to_string();
        let ends = |end: &str| path.to_string_lossy().to_ascii_lowercase().ends_with(end);
        if ends(".tar.gz") || ends(".tgz") {
            return Ok(Target::Archive(path.to_owned()));
        }
        if [".zip", ".tar", ".gz", ".7z", ".rar", ".xz"].iter().any(|end| ends(end)) {
            return Err(Failure::Usage(lang.pick(
                format!(
                    "{name}: the archive's name ends in .tar.gz; a name without such an ending is a folder's"
                ),
                format!("{name}：归档的名字应以 .tar.gz 结尾；不带这类结尾的名字是文件夹"),
            )));
        }
        if path.symlink_metadata().is_ok() {
            return Err(Failure::Usage(lang.pick(
                format!("{name} exists already and is left as it is"),
                format!("{name} 已经存在，没有动它"),
            )));
        }
        Ok(Target::Folder(path.to_owned()))
    }
}

/// The octets of the program that runs.
fn program(settings: &Settings) -> Result<Vec<u8>, Failure> {
    std::env::current_exe()
        .and_then(std::fs::read)
        .map_err(|error| Failure::io(settings.lang().pick("the program itself", "程序自身"), error))
}

/// The archive: the same program makes the same octets, so nothing in it tells of the hour or of who made it.
fn archive(
    wanted: &Wanted,
    program: &[u8],
    out: impl Write,
    progress: &ProgressBar,
) -> Result<usize, Wrong<io::Error>> {
    let mut archive = tar::Builder::new(GzEncoder::new(out, Compression::default()));
    let mut count = 0;
    let mut add = |path: &str, bytes: &[u8], mode| {
        let mut header = tar::Header::new_ustar();
        header.set_size(bytes.len() as u64);
        header.set_mode(mode);
        header.set_mtime(0);
        header.set_uid(0);
        header.set_gid(0);
        header.set_entry_type(tar::EntryType::Regular);
        progress.inc(1);
        count += 1;
        archive.append_data(&mut header, format!("{FOLDER}/{path}"), bytes)
    };
    add(&wanted.program, program, 0o755).map_err(Wrong::Taking)?;
    book::files(wanted, |file: File| add(&file.path, &file.bytes, 0o644))?;
    archive.into_inner().and_then(GzEncoder::finish).map_err(Wrong::Taking)?;
    Ok(count)
}

/// The folder: made beside its place under another name, then renamed.
fn folder(wanted: &Wanted, program: &[u8], path: &Path, progress: &ProgressBar) -> Result<usize, Failure> {
    let io = |error| Failure::io(path.display().to_string(), error);
    let name = path.file_name().ok_or_else(|| io(io::ErrorKind::InvalidInput.into()))?;
    let beside = path.with_file_name(part(name));
    let filled = fill(wanted, program, &beside, progress);
    let moved = filled.and_then(|count| std::fs::rename(&beside, path).map_err(io).map(|()| count));
    if moved.is_err() {
        let _ = std::fs::remove_dir_all(&beside);
    }
    moved
}

fn fill(wanted: &Wanted, program: &[u8], folder: &Path, progress: &ProgressBar) -> Result<usize, Failure> {
    let mut count = 0;
    let mut add = |path: &str, bytes: &[u8]| {
        let place = folder.join(path);
        progress.inc(1);
        count += 1;
        place.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        std::fs::write(place, bytes)
    };
    let io = |error| Failure::io(folder.display().to_string(), error);
    add(&wanted.program, program).map_err(io)?;
    book::files(wanted, |file: File| add(&file.path, &file.bytes)).map_err(|wrong| match wrong {
        Wrong::Taking(error) => io(error),
        wrong => failure(wrong),
    })?;
    runs(&folder.join(&wanted.program)).map_err(io)?;
    Ok(count)
}

/// The program's file may be run.
#[cfg(unix)]
fn runs(program: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755))
}

/// Elsewhere its name says so.
#[cfg(not(unix))]
fn runs(_: &Path) -> io::Result<()> {
    Ok(())
}

/// What went wrong, where only input and output can be told.
fn told(wrong: Wrong<io::Error>) -> io::Error {
    match wrong {
        Wrong::Taking(error) => error,
        wrong => io::Error::other(wrong),
    }
}

fn failure(wrong: Wrong<io::Error>) -> Failure {
    Failure::io("class", told(wrong))
}
