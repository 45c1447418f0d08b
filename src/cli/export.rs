//! `export`: a run for other tools; files are written whole or not at all.

use super::args::{ExportArgs, ExportFormat, ExportOf};
use super::branches;
use super::kernel;
use super::load::{self, Loaded};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::lang::Lang;
use crate::page;
use crate::report;
use crate::trace::Trace;
use crate::view::svg::{self, Standing};
use crate::view::{self, Look};
use crate::walk::Walk;
use clap::ValueEnum;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Exports it.
pub fn export(arguments: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let of = part(arguments, settings.lang())?;
    no_branches(arguments, of, settings.lang())?;
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    let trace = if arguments.live {
        let wanted =
            kernel::Wanted { mode: arguments.mode, slow: arguments.slow, seed: arguments.options.seed };
        kernel::run_one(&loaded, wanted, settings)?
    } else {
        loaded.simulated(None)
    };
    let said = said(arguments, of, &trace, settings.lang());
    let bytes = written(arguments, of, loaded, trace, settings)?;
    if arguments.output == Path::new("-") {
        out::print_bytes(settings.lang(), &bytes)?;
    } else {
        write_whole(&arguments.output, &bytes)?;
        if !settings.quiet {
            out::say(&said);
        }
    }
    Ok(Exit::Fine)
}

/// What each format can draw, what it draws by itself first; the formats that are not here take all of a run.
const PARTS: &[(ExportFormat, &[ExportOf])] = &[
    (
        ExportFormat::Svg,
        &[ExportOf::Sequence, ExportOf::States, ExportOf::Plot, ExportOf::Queues, ExportOf::SequenceTime],
    ),
    (ExportFormat::Mermaid, &[ExportOf::Sequence, ExportOf::States]),
    (ExportFormat::Dot, &[ExportOf::Topology, ExportOf::States, ExportOf::WaitFor]),
];

/// Which part was asked for.
fn part(arguments: &ExportArgs, lang: Lang) -> Result<Option<ExportOf>, Failure> {
    let parts =
        PARTS.iter().find(|(format, _)| *format == arguments.format).map_or(&[][..], |(_, parts)| parts);
    match arguments.of {
        None => Ok(parts.first().copied()),
        Some(of) if parts.contains(&of) => Ok(Some(of)),
        Some(of) => {
            let format = name(&arguments.format);
            let fitting: Vec<String> = parts.iter().map(name).collect();
            let fitting = match fitting[..] {
                [] => lang.pick("it always writes all of it", "它总是写出全部").to_owned(),
                _ => lang.pick(
                    format!("it can draw {}", fitting.join(", ")),
                    format!("它能画的有 {}", fitting.join("、")),
                ),
            };
            Err(Failure::Usage(lang.pick(
                format!("--format {format} has no --of {}; {fitting}", name(&of)),
                format!("--format {format} 没有 --of {}；{fitting}", name(&of)),
            )))
        }
    }
}

/// Branches are asked for only where they are shown.
fn no_branches(arguments: &ExportArgs, of: Option<ExportOf>, lang: Lang) -> Result<(), Failure> {
    let asked = !arguments.with_drop.is_empty() || !arguments.with_set.is_empty();
    let shown = match arguments.format {
        ExportFormat::Html | ExportFormat::Csv => true,
        ExportFormat::Svg => {
            matches!(of, Some(ExportOf::Plot | ExportOf::Queues | ExportOf::SequenceTime))
        }
        ExportFormat::Pcapng | ExportFormat::Json | ExportFormat::Mermaid | ExportFormat::Dot => false,
    };
    if !asked || shown {
        return Ok(());
    }
    let words = lang.pick(
        "--with-drop and --with-set lay runs beside each other in html and csv, and in svg --of plot, queues or sequence-time",
        "--with-drop 与 --with-set 把几次运行放在一起，只用于 html、csv，以及 svg 的 --of plot、queues、sequence-time",
    );
    Err(Failure::Usage(words.to_owned()))
}

/// What the command line calls it.
fn name(value: &impl ValueEnum) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

/// The file's contents.
fn written(
    arguments: &ExportArgs,
    of: Option<ExportOf>,
    loaded: Loaded,
    trace: Trace,
    settings: &Settings,
) -> Result<Vec<u8>, Failure> {
    let lang = settings.lang();
    let look = settings.diagram(arguments.diagram, super::absolute_lesson(&loaded.plan));
    let walks = || view::walked(&trace).0;
    let text = match (arguments.format, of) {
        (ExportFormat::Pcapng, _) => return super::pcapng(&trace, lang),
        (ExportFormat::Csv, _) => {
            let walk = branches::walk(loaded, trace, arguments, settings)?;
            return table(&walk, lang);
        }
        (ExportFormat::Json, _) => super::run::document(&trace, &report::judge(&loaded.plan, &trace)),
        (ExportFormat::Html, _) => {
            let walk = branches::walk(loaded, trace, arguments, settings)?;
            page::standalone(&page::document(&walk), lang)
                .map_err(|error| Failure::io("HTML", std::io::Error::other(error)))?
        }
        (ExportFormat::Svg, Some(of @ (ExportOf::Plot | ExportOf::Queues | ExportOf::SequenceTime))) => {
            curves(of, &branches::walk(loaded, trace, arguments, settings)?, &look)
        }
        (ExportFormat::Svg, Some(ExportOf::States)) => svg::states(Some(&trace), &look, Standing::Alone),
        (ExportFormat::Svg, _) => svg::sequence(&trace, &look, Standing::Alone),
        (ExportFormat::Mermaid, Some(ExportOf::States)) => view::export::states_mermaid(&walks(), &look),
        (ExportFormat::Mermaid, _) => view::export::sequence_mermaid(&trace, &look),
        (ExportFormat::Dot, Some(ExportOf::States)) => view::export::states_dot(&walks(), lang),
        (ExportFormat::Dot, Some(ExportOf::WaitFor)) => view::export::wait_for_dot(&trace, &look),
        (ExportFormat::Dot, _) => view::export::topology_dot(&trace.meta, Some(&loaded.plan.wire), lang),
    };
    Ok(text.into_bytes())
}

/// Every run of the walk with its name: as people say what is changed in it.
fn runs(walk: &Walk, lang: Lang) -> Vec<(String, &Trace)> {
    walk.branches().iter().map(|branch| (branch.words().get(lang).to_owned(), &branch.trace)).collect()
}

/// Curves of every run on the same axes.
fn curves(of: ExportOf, walk: &Walk, look: &Look) -> String {
    let runs = runs(walk, look.lang);
    let runs: Vec<(&str, &Trace)> = runs.iter().map(|(name, trace)| (name.as_str(), *trace)).collect();
    let draw = match of {
        ExportOf::Queues => svg::queues,
        ExportOf::SequenceTime => svg::sequence_time,
        _ => svg::plot,
    };
    draw(&runs, look, Standing::Alone)
}

/// Variables and queues of every run.
fn table(walk: &Walk, lang: Lang) -> Result<Vec<u8>, Failure> {
    let written = match walk.branches() {
        [one] => view::export::csv(&one.trace),
        _ => {
            let runs = runs(walk, lang);
            view::export::csv_of_runs(runs.iter().map(|(name, trace)| (name.as_str(), *trace)))
        }
    };
    written.map_err(|error| Failure::io("CSV", std::io::Error::other(error)))
}

/// What was written, in a line.
fn said(arguments: &ExportArgs, of: Option<ExportOf>, trace: &Trace, lang: Lang) -> String {
    let path = arguments.output.display();
    let what = match (arguments.format, of) {
        (ExportFormat::Pcapng, _) => {
            let frames = trace.frames().len();
            lang.pick(
                format!("{frames} packets, each with a comment that says why it was sent"),
                format!("{frames} 个分组，每个都注明为何发送"),
            )
        }
        (ExportFormat::Json, _) => {
            lang.pick("every record and every verdict", "每条记录、每个判定").to_owned()
        }
        (ExportFormat::Csv, _) => {
            lang.pick("variables and queues over time", "变量与队列随时间的变化").to_owned()
        }
        (ExportFormat::Html, _) => lang
            .pick("a page to walk through; open it in a browser", "可一步一步走的网页，用浏览器打开")
            .to_owned(),
        (_, None | Some(ExportOf::Sequence)) => lang.pick("the sequence diagram", "时序图").to_owned(),
        (_, Some(ExportOf::States)) => {
            lang.pick("the state diagram with both ends' ways", "状态图与两端走过的路").to_owned()
        }
        (_, Some(ExportOf::Plot)) => lang
            .pick(
                "windows, round trips, throughput and queues over time",
                "窗口、往返时间、吞吐量与队列随时间的变化",
            )
            .to_owned(),
        (_, Some(ExportOf::Queues)) => lang.pick("queues over time", "队列随时间的变化").to_owned(),
        (_, Some(ExportOf::SequenceTime)) => lang.pick("the sequence-time graph", "序号—时间图").to_owned(),
        (_, Some(ExportOf::Topology)) => lang.pick("the hosts and their wire", "主机与线路").to_owned(),
        (_, Some(ExportOf::WaitFor)) => {
            lang.pick("who waits for whom at the end", "结束时谁在等谁").to_owned()
        }
    };
    lang.pick(format!("{path}: {what}\n"), format!("{path}：{what}\n"))
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
