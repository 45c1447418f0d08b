//! `export`: a run for other tools; files are written whole or not at all.

use super::args::{ExportArgs, ExportFormat, ExportOf};
use super::branches;
use super::kernel;
use super::load::{self, Loaded};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::whole::{write_whole, write_whole_with};
use crate::capture::Export;
use crate::lang::Lang;
use crate::page;
use crate::report;
use crate::sim;
use crate::trace::Trace;
use crate::view::svg::{self, Standing};
use crate::view::{self, Look};
use crate::walk::Walk;
use clap::ValueEnum;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Exports it.
pub fn export(arguments: &ExportArgs, settings: &Settings) -> Result<Exit, Failure> {
    let of = part(arguments, settings.lang())?;
    no_branches(arguments, of, settings.lang())?;
    let loaded = load::load(&arguments.scenario, &arguments.options, settings)?;
    if arguments.format == ExportFormat::Pcapng && !arguments.live {
        return packets(arguments, &loaded, settings);
    }
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
    let (plan, options) = (&loaded.plan, &loaded.setup.options);
    let mut export = Export::new(&sim::meta(plan, options), lang, out)?;
    sim::run_into(plan, options, &mut export);
    export.finish().map(|(_, frames)| frames)
}

fn packets_said(frames: usize, lang: Lang) -> String {
    lang.pick(
        format!("{frames} packets, each with a comment that says why it was sent"),
        format!("{frames} 个分组，每个都注明为何发送"),
    )
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
        (ExportFormat::Pcapng, _) => packets_said(trace.frames().len(), lang),
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
