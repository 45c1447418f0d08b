//! The file in which progress is kept: in the user's data directory, read whatever it holds, written whole or not at all.

use super::out::Failure;
use super::whole::write_whole;
use crate::course::{Damage, Progress};
use crate::lang::{Lang, Text};
use etcetera::base_strategy::{BaseStrategy, choose_native_strategy};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What is known of the past, and where it is kept.
pub struct Kept {
    /// The file; `None` where this user has no data directory.
    pub path: Option<PathBuf>,
    /// What it says; nothing where it cannot be read.
    pub progress: Progress,
    /// Why that is nothing, if it should be something.
    pub trouble: Option<Text>,
    /// Whether there is a file that says something.
    pub begun: bool,
}

/// What a file turned out to hold.
enum Found {
    Nothing,
    Progress(Progress),
    Damaged(Damage),
    Unreadable(io::Error),
}

/// The file of progress, where this system keeps users' data.
fn path() -> Option<PathBuf> {
    let folder = choose_native_strategy().ok()?.data_dir();
    Some(folder.join("wirewalk").join("progress.json"))
}

fn look_into(path: &Path) -> Found {
    let mut octets = Vec::new();
    // One octet more than is allowed tells that there are too many.
    let read =
        File::open(path).and_then(|file| file.take(Progress::MOST as u64 + 1).read_to_end(&mut octets));
    match read {
        Ok(_) => Progress::read(&octets).map_or_else(Found::Damaged, Found::Progress),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Found::Nothing,
        Err(error) => Found::Unreadable(error),
    }
}

/// What was kept. Never fails: what cannot be read is told as trouble.
pub fn read() -> Kept {
    let mut kept = Kept { path: path(), progress: Progress::default(), trouble: None, begun: false };
    let Some(path) = &kept.path else {
        kept.trouble = Some(Text::new(
            "this user has no data directory (set HOME or XDG_DATA_HOME): progress is not kept",
            "找不到用户数据目录（请设置 HOME 或 XDG_DATA_HOME）：不保存学习进度",
        ));
        return kept;
    };
    let name = path.display();
    match look_into(path) {
        Found::Nothing => {}
        Found::Progress(progress) => {
            kept.progress = progress;
            kept.begun = true;
        }
        Found::Damaged(damage) => {
            let why = damage.words();
            kept.trouble = Some(Text::new(
                format!(
                    "{name}: {}; going on as if nothing were done, and the file is put aside before a new one is written",
                    why.en
                ),
                format!("{name}：{}；暂按没有进度处理，写新文件之前会把它另存一份", why.zh),
            ));
        }
        Found::Unreadable(error) => {
            let words = |lang| {
                Failure::io(name.to_string(), io::Error::new(error.kind(), error.to_string())).words(lang)
            };
            kept.trouble = Some(Text::new(
                format!("{}; going on without progress", words(Lang::En)),
                format!("{}；暂按没有进度处理", words(Lang::Zh)),
            ));
        }
    }
    kept
}

/// What changing it came to.
pub struct Changed {
    /// As it is now.
    pub progress: Progress,
    /// Where a damaged file was put.
    pub aside: Option<PathBuf>,
}

/// Reads what is kept now, changes it, and writes it whole. Two at the same time come one after the other.
///
/// # Errors
/// There is no place for it, or it cannot be read or written: then everything is as it was.
pub fn change(lang: Lang, change: impl FnOnce(&mut Progress)) -> Result<Changed, Failure> {
    let Some(path) = path() else {
        return Err(Failure::Unable(
            lang.pick(
                "this user has no data directory: set HOME or XDG_DATA_HOME",
                "找不到用户数据目录：请设置 HOME 或 XDG_DATA_HOME",
            )
            .to_owned(),
        ));
    };
    let failed = |error| Failure::io(path.display().to_string(), error);
    let folder = path.parent().unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(failed)?;
    let lock = File::options().create(true).truncate(false).write(true).open(folder.join("progress.lock"));
    let lock = lock.map_err(failed)?;
    // Held for milliseconds, and let go when the process ends; some file systems have no locks: then it is as it was
    // before there were any.
    match lock.lock() {
        Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(failed(error)),
        Ok(()) | Err(_) => {}
    }
    let mut aside = None;
    let mut progress = match look_into(&path) {
        Found::Nothing => Progress::default(),
        Found::Progress(progress) => progress,
        Found::Damaged(_) => {
            aside = Some(put_aside(&path).map_err(failed)?);
            Progress::default()
        }
        Found::Unreadable(error) => return Err(failed(error)),
    };
    change(&mut progress);
    let octets = progress.write().map_err(|error| failed(error.into()))?;
    write_whole(&path, &octets)?;
    Ok(Changed { progress, aside })
}

/// Gives a damaged file a name that no file has.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    for number in 1..1000 {
        let other = path.with_file_name(format!("progress.damaged-{number}.json"));
        if std::fs::symlink_metadata(&other).is_err() {
            std::fs::rename(path, &other)?;
            return Ok(other);
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}
