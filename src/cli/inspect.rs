//! `inspect`: a capture read; its connections as a table, or what was chosen of it in any view.

use super::args::InspectArgs;
use super::captured::table;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::step;
use crate::capture::Broken;
use crate::inspect::{Choice, MOST_FRAMES, NotRebuilt, Opened, Rebuilt, rebuild, survey};
use crate::trace;
use crate::view::{ViewName, join, render};
use crate::walk::Walk;
use std::fs::File;

/// Inspects it.
pub fn inspect(arguments: &InspectArgs, settings: &Settings) -> Result<Exit, Failure> {
    let name = arguments.file.display().to_string();
    let file = File::open(&arguments.file).map_err(|error| Failure::io(&name, error))?;
    if arguments.file.is_dir() {
        return Err(Failure::io(&name, std::io::ErrorKind::IsADirectory.into()));
    }
    let chosen = arguments.connection.is_some()
        || arguments.frames.is_some()
        || arguments.view.is_some()
        || arguments.step;
    if !chosen {
        let survey = survey(file).map_err(|broken| refuse(&name, &broken, settings))?;
        let text = if arguments.json {
            super::json(&survey.json(usize::MAX))?
        } else {
            join(&table(&survey, &settings.look), &settings.look)
        };
        out::print(settings.lang(), &text)?;
        return Ok(ending(&name, survey.broken.as_ref(), settings));
    }
    let choice = match (arguments.connection, &arguments.frames) {
        (Some(number), _) => Choice::Connection(number),
        (None, Some(text)) => frames(text, settings)?,
        (None, None) => Choice::All,
    };
    let short = arguments.file.file_name().map_or(name.clone(), |short| short.to_string_lossy().into_owned());
    let rebuilt = read(file, &short, choice).map_err(|error| match error {
        NotRebuilt::Broken(broken) => refuse(&name, &broken, settings),
        NotRebuilt::NoSuchConnection(count) => Failure::Usage(settings.lang().pick(
            format!("{name}: there is no such connection; it has {count}"),
            format!("{name}：没有这个编号的连接；共有 {count} 个"),
        )),
    })?;
    show(&name, rebuilt, arguments, settings)
}

/// Reads what was chosen. A connection is found in a first pass and read in a second, which begins and ends where it does; what
/// can be read only once (a pipe) is read in one, and so are frames chosen by their numbers.
fn read(file: File, name: &str, choice: Choice) -> Result<Rebuilt, NotRebuilt> {
    let again = matches!(choice, Choice::Connection(_)) && file.metadata().is_ok_and(|meta| meta.is_file());
    if again {
        Opened::open(file, name).map_err(NotRebuilt::Broken)?.rebuild(choice)
    } else {
        rebuild(file, name, choice)
    }
}

/// Frame numbers: `7`, `7-20`, `7-` or `-20`.
fn frames(text: &str, settings: &Settings) -> Result<Choice, Failure> {
    let number = |text: &str, absent: u64| if text.is_empty() { Some(absent) } else { text.parse().ok() };
    let (from, to) = text.split_once('-').unwrap_or((text, text));
    let numbers = number(from, 1).zip(number(to, u64::MAX)).filter(|(from, to)| *from >= 1 && from <= to);
    match numbers {
        Some((from, to)) if !["", "-"].contains(&text) => Ok(Choice::Within { from, to }),
        _ => Err(Failure::Usage(settings.lang().pick(
            format!("--frames {text}: the numbers of frames count from 1, such as 7, 7-20, 7- or -20"),
            format!("--frames {text}：帧从 1 起编号，可写 7、7-20、7- 或 -20"),
        ))),
    }
}

/// Shows what was chosen.
fn show(name: &str, rebuilt: Rebuilt, arguments: &InspectArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let look = settings.diagram(arguments.diagram, false);
    let Rebuilt { trace, beyond, without_address, hops, broken, .. } = rebuilt;
    if beyond > 0 && !settings.quiet {
        out::say(&lang.pick(
            format!("{name}: {beyond} frames more than the {MOST_FRAMES} that are shown\n"),
            format!("{name}：只显示 {MOST_FRAMES} 帧，此外还有 {beyond} 帧\n"),
        ));
    }
    if without_address > 0 && !settings.quiet {
        out::say(&lang.pick(
            format!("{name}: {without_address} frames without IP addresses are not shown\n"),
            format!("{name}：{without_address} 帧没有 IP 地址，未显示\n"),
        ));
    }
    if hops > 0 && !settings.quiet {
        out::say(&lang.pick(
            format!("{name}: {hops} frames are further hops of packets shown here, on other links\n"),
            format!("{name}：{hops} 帧是所示分组在别的链路上的后续各跳\n"),
        ));
    }
    let exit = ending(name, broken.as_ref(), settings);
    if arguments.json {
        out::print(lang, &trace::to_json(&trace, &[]))?;
    } else if arguments.step {
        step::walk_through(Walk::over(None, trace), look, arguments.plain)?;
    } else {
        let key = arguments.view.as_deref().unwrap_or("sequence");
        let view = ViewName::from_key(key).unwrap_or_default();
        out::print(lang, &render(view, &trace, &look))?;
    }
    Ok(exit)
}

/// The file is no capture at all.
fn refuse(name: &str, broken: &Broken, settings: &Settings) -> Failure {
    let sentence = broken.sentence(settings.lang());
    Failure::Usage(settings.lang().pick(format!("{name}: {sentence}"), format!("{name}：{sentence}")))
}

/// How it ends: a file that breaks off is bad input, though what came before is shown.
fn ending(name: &str, broken: Option<&Broken>, settings: &Settings) -> Exit {
    let Some(broken) = broken else { return Exit::Fine };
    let sentence = broken.sentence(settings.lang());
    out::say(&settings.lang().pick(
        format!("error: {name}: {sentence} What came before it is shown.\n"),
        format!("错误：{name}：{sentence}此前的内容已显示。\n"),
    ));
    Exit::Usage
}
