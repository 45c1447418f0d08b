//! `export`: a scenario's packets for other tools; files are written whole or not at all.

use super::args::{ExportArgs, ExportFormat};
use super::load;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::view::{Look, svg};
use std::io::Write;
use std::path::{Path, PathBuf};

/// Exports it.
pub fn export(arguments: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    let trace = if arguments.live {
        super::kernel::run_one(&loaded, arguments, settings)?
    } else {
        loaded.simulated(None)
    };
    let bytes = match arguments.format {
        ExportFormat::Pcapng => super::pcapng(&trace, settings.lang())?,
        ExportFormat::Svg => {
            let look = Look { absolute: super::absolute_lesson(&loaded.plan), ..settings.look.clone() };
            svg::sequence(&trace, &look, svg::Standing::Alone).into_bytes()
        }
    };
    if arguments.output == Path::new("-") {
        out::print_bytes(settings.lang(), &bytes)?;
    } else {
        write_whole(&arguments.output, &bytes)?;
        if !settings.quiet {
            let frames = trace.frames().len();
            let path = arguments.output.display();
            out::say(&match arguments.format {
                ExportFormat::Pcapng => settings.lang().pick(
                    format!("{path}: {frames} packets, each with a comment that says why it was sent\n"),
                    format!("{path}：{frames} 个分组，每个都注明为何发送\n"),
                ),
                ExportFormat::Svg => settings
                    .lang()
                    .pick(format!("{path}: the sequence diagram\n"), format!("{path}：时序图\n")),
            });
        }
    }
    Ok(Exit::Fine)
}

/// Writes beside the file and renames: whoever looks sees the old file or the whole new one.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let io = |error| Failure::io(path.display().to_string(), error);
    // What is no ordinary file (a pipe, /dev/null) cannot be replaced, only written to.
    if std::fs::metadata(path).is_ok_and(|known| !known.is_file() && !known.is_dir()) {
        let mut file = std::fs::OpenOptions::new().write(true).open(path).map_err(io)?;
        return file.write_all(bytes).map_err(io);
    }
    let name = path.file_name().ok_or_else(|| io(std::io::ErrorKind::IsADirectory.into()))?;
    if path.is_dir() {
        return Err(io(std::io::ErrorKind::IsADirectory.into()));
    }
    let mut hidden = std::ffi::OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}.part", std::process::id()));
    let temporary: PathBuf = path.with_file_name(hidden);
    let result = write_synced(&temporary, bytes).and_then(|()| std::fs::rename(&temporary, path));
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    result.map_err(io)
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
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
