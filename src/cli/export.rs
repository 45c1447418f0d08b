//! `export`: a run for other tools; files are written whole or not at all.

use super::args::{ExportArgs, ExportFormat};
use super::branches;
use super::kernel;
use super::load::{self, Loaded};
use super::out::{self, Exit, Failure};
use super::python;
use super::settings::Settings;
use super::whole::{write_whole, write_whole_with};
use crate::capture::Export;
use crate::export::{self, Format, Named, Part};
use crate::lang::Lang;
use crate::page;
use crate::scenario::Limits;
use crate::sim;
use crate::trace::Trace;
use clap::ValueEnum;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Exports it.
pub fn export(arguments: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let of = part(arguments, settings.lang())?;
    if arguments.format == ExportFormat::Python {
        return python::export(arguments, settings);
    }
    no_branches(arguments, of, settings.lang())?;
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    if arguments.format == ExportFormat::Pcapng && !arguments.live {
        return packets(arguments, &loaded, settings);
    }
    let trace = if arguments.live {
        let wanted = kernel::wanted(arguments.mode, arguments.slow, arguments.options.seed);
        kernel::run_one(&loaded, &wanted, settings)?
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

/// Packets are written while the run goes on: however many there are, few are held.
fn packets(arguments: &ExportArgs, loaded: &Loaded, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let frames = if arguments.output == Path::new("-") {
        streamed(loaded, lang, &mut BufWriter::new(io::stdout().lock()))
            .map_err(|error| Failure::io(lang.pick("standard output", "标准输出"), error))?
    } else {
        write_whole_with(&arguments.output, |out| streamed(loaded, lang, out))?
    };
    if !settings.quiet && arguments.output != Path::new("-") {
        let (path, what) = (arguments.output.display(), packets_said(frames, lang));
        out::say(&lang.pick(format!("{path}: {what}\n"), format!("{path}：{what}\n")));
    }
    Ok(Exit::Fine)
}

/// Simulates into a capture; how many packets it got.
fn streamed(loaded: &Loaded, lang: Lang, out: &mut impl Write) -> io::Result<usize> {
    let (plan, mut options) = (&loaded.plan, loaded.setup.options.clone());
    // Records that are not kept need no limit; time and frames have theirs.
    let limits = options.limits.unwrap_or(plan.limits);
    options.limits = Some(Limits { records: u64::MAX, octets: u64::MAX, ..limits });
    let mut export = Export::new(&sim::meta(plan, &options), lang, out)?;
    sim::run_into(plan, &options, &mut export);
    export.finish().map(|(_, frames)| frames)
}

fn packets_said(frames: usize, lang: Lang) -> String {
    lang.pick(
        format!("{frames} packets, each with a comment that says why it was sent"),
        format!("{frames} 个分组，每个都注明为何发送"),
    )
}

/// What of the run was asked for; one that the format cannot draw is bad usage.
fn part(arguments: &ExportArgs, lang: Lang) -> Result<Option<Part>, Failure> {
    let format = format(arguments.format);
    let parts = format.map_or(&[][..], Format::parts);
    let Some(asked) = arguments.of else { return Ok(parts.first().copied()) };
    if parts.contains(&asked) {
        return Ok(Some(asked));
    }
    let fitting: Vec<&str> = parts.iter().map(|part| part.name()).collect();
    let fitting = match fitting[..] {
        [] => lang.pick("it always writes all of it", "它总是写出全部").to_owned(),
        _ => lang.pick(
            format!("it can draw {}", fitting.join(", ")),
            format!("它能画的有 {}", fitting.join("、")),
        ),
    };
    let format = name(&arguments.format);
    let of = asked.name();
    Err(Failure::Usage(lang.pick(
        format!("--format {format} has no --of {of}; {fitting}"),
        format!("--format {format} 没有 --of {of}；{fitting}"),
    )))
}

/// The format, unless it is the page.
fn format(asked: ExportFormat) -> Option<Format> {
    Some(match asked {
        ExportFormat::Pcapng => Format::Pcapng,
        ExportFormat::Svg => Format::Svg,
        ExportFormat::Html | ExportFormat::Python => return None,
        ExportFormat::Json => Format::Json,
        ExportFormat::Csv => Format::Csv,
        ExportFormat::Mermaid => Format::Mermaid,
        ExportFormat::Dot => Format::Dot,
    })
}

/// Branches are asked for only where they are shown.
fn no_branches(arguments: &ExportArgs, of: Option<Part>, lang: Lang) -> Result<(), Failure> {
    let asked = !arguments.with_drop.is_empty() || !arguments.with_set.is_empty();
    let shown = format(arguments.format).is_none_or(|format| format.overlays(of));
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
    of: Option<Part>,
    loaded: Loaded,
    trace: Trace,
    settings: &Settings,
) -> Result<Vec<u8>, Failure> {
    let lang = settings.lang();
    let look = settings.diagram(arguments.diagram, loaded.plan.chooses_numbers());
    let plan = loaded.plan.clone();
    let walk = branches::walk(loaded, trace, arguments, settings)?;
    let Some(format) = format(arguments.format) else {
        return page::standalone(&page::document(&walk), lang)
            .map(String::into_bytes)
            .map_err(|error| Failure::io("HTML", std::io::Error::other(error)));
    };
    let names: Vec<String> =
        walk.branches().iter().map(|branch| branch.words().get(lang).to_owned()).collect();
    let runs: Vec<Named<'_>> =
        names.iter().map(String::as_str).zip(walk.branches().iter().map(|b| &b.trace)).collect();
    export::write(format, of, &plan, runs[0], &runs[1..], &look)
        .map_err(|error| Failure::io(name(&arguments.format), error))
}

/// What was written, in a line.
fn said(arguments: &ExportArgs, of: Option<Part>, trace: &Trace, lang: Lang) -> String {
    let path = arguments.output.display();
    let what = match (arguments.format, of) {
        (ExportFormat::Pcapng, _) => packets_said(trace.frames().len(), lang),
        (ExportFormat::Json, _) => {
            lang.pick("every record and every verdict", "每条记录、每个判定").to_owned()
        }
        (ExportFormat::Csv, _) => {
            lang.pick("variables and queues over time", "变量与队列随时间的变化").to_owned()
        }
        (ExportFormat::Python, _) => lang.pick("programs", "程序").to_owned(),
        (ExportFormat::Html, _) => lang
            .pick("a page to walk through; open it in a browser", "可一步一步走的网页，用浏览器打开")
            .to_owned(),
        (_, None | Some(Part::Sequence)) => lang.pick("the sequence diagram", "时序图").to_owned(),
        (_, Some(Part::States)) => {
            lang.pick("the state diagram with both ends' ways", "状态图与两端走过的路").to_owned()
        }
        (_, Some(Part::Plot)) => lang
            .pick(
                "windows, round trips, throughput and queues over time",
                "窗口、往返时间、吞吐量与队列随时间的变化",
            )
            .to_owned(),
        (_, Some(Part::Queues)) => lang.pick("queues over time", "队列随时间的变化").to_owned(),
        (_, Some(Part::SequenceTime)) => lang.pick("the sequence-time graph", "序号—时间图").to_owned(),
        (_, Some(Part::Topology)) => lang.pick("the hosts and their wire", "主机与线路").to_owned(),
        (_, Some(Part::WaitFor)) => lang.pick("who waits for whom at the end", "结束时谁在等谁").to_owned(),
    };
    lang.pick(format!("{path}: {what}\n"), format!("{path}：{what}\n"))
}
