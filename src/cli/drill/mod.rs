//! `drill`: packetdrill scripts against the simulated stack, or against this machine's kernel.

mod document;
mod passed;
mod scripts;
mod shown;
mod summary;

pub use passed::Passed;

use super::args::{DrillArgs, ProfileArg};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::work::share_out;
use super::{kernel, load};
use crate::clock::Span;
use crate::drill::{self, Ran, Verdict};
use crate::lang::Lang;
use crate::packetdrill::Script;
use crate::scenario::{Diagnostic, ProfileName};
use crate::view::{Ink, ViewName, join, render};
use scripts::Source;
use std::time::{Duration, Instant};

/// Scripts on the kernel at once unless asked otherwise: they mostly wait, but what they wait for must not come late.
const LIVE_JOBS: usize = 4;
/// The virtual time at which a script that has not ended is stopped unless told otherwise.
pub const UNTIL: Span = Span::secs(24 * 3600);
/// The same in real time, on the kernel.
pub const LIVE_UNTIL: Span = Span::secs(300);

/// One script and what came of it.
struct Item {
    source: Source,
    outcome: Outcome,
    /// How long it took.
    real: Duration,
}

/// What came of a script.
enum Outcome {
    /// It cannot be read.
    Broken(Vec<Diagnostic>),
    /// It was run.
    Ran(Box<Script>, Box<Ran>),
}

/// What came of a script, as it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Pass,
    Fail,
    Unsupported,
    /// Not every packet of the kernel was seen.
    Inconclusive,
    Broken,
}

impl Outcome {
    fn standing(&self) -> Standing {
        match self {
            Outcome::Broken(_) => Standing::Broken,
            Outcome::Ran(_, ran) if ran.unseen > 0 => Standing::Inconclusive,
            Outcome::Ran(_, ran) => match &ran.verdict {
                Verdict::Pass => Standing::Pass,
                Verdict::Fail(_) => Standing::Fail,
                Verdict::Unsupported(_) => Standing::Unsupported,
            },
        }
    }
}

impl Standing {
    /// As JSON has it.
    fn name(self) -> &'static str {
        self.word(Lang::En)
    }

    fn word(self, lang: Lang) -> &'static str {
        match self {
            Standing::Pass => lang.pick("pass", "通过"),
            Standing::Fail => lang.pick("fail", "未通过"),
            Standing::Unsupported => lang.pick("unsupported", "未支持"),
            Standing::Inconclusive => lang.pick("inconclusive", "无定论"),
            Standing::Broken => lang.pick("broken", "脚本有误"),
        }
    }

    /// Its colour and its mark.
    fn ink(self) -> (Ink, &'static str) {
        match self {
            Standing::Pass => (Ink::Good, "✓"),
            Standing::Fail => (Ink::Bad, "✗"),
            Standing::Unsupported => (Ink::Warn, "-"),
            Standing::Inconclusive => (Ink::Warn, "?"),
            Standing::Broken => (Ink::Bad, "!"),
        }
    }
}

/// What all scripts have in common.
struct Wanted<'a> {
    arguments: &'a DrillArgs,
    defines: Vec<(String, String)>,
    profile: ProfileName,
    until: Span,
}

/// Runs them.
pub fn drill(arguments: &DrillArgs, settings: &Settings) -> Result<Exit, Failure> {
    let wanted = wanted(arguments, settings)?;
    let sources = scripts::find(&arguments.scripts, settings)?;
    if arguments.live {
        kernel::enter(settings)?;
    }
    let items = run_all(sources, &wanted, settings)?;
    let lang = settings.lang();
    if arguments.json {
        out::print(lang, &super::json(&document::of(&items, &wanted))?)?;
    } else {
        print(&items, &wanted, settings)?;
    }
    for item in &items {
        if let (Outcome::Broken(mistakes), false) = (&item.outcome, arguments.json) {
            let Failure::Usage(text) = load::mistakes(mistakes, settings) else { continue };
            out::say(&text);
        }
    }
    Ok(exit(&items))
}

fn wanted<'a>(arguments: &'a DrillArgs, settings: &Settings) -> Result<Wanted<'a>, Failure> {
    let define = |text: &String| load::pair("-D", text, settings);
    let defines = arguments.define.iter().map(define).collect::<Result<_, _>>()?;
    let usual = if arguments.live { LIVE_UNTIL } else { UNTIL };
    let until = arguments.until.as_deref().map(|text| load::time(text, settings)).transpose()?;
    // Settings that stand for all scripts are wrong once, not once for each.
    drill::Settings::check(&arguments.passed.given)
        .map_err(|mistakes| load::mistakes(&mistakes, settings))?;
    let profile = match arguments.profile {
        Some(ProfileArg::Rfc9293) => ProfileName::Rfc9293,
        Some(ProfileArg::Linux) | None => ProfileName::Linux,
    };
    Ok(Wanted { arguments, defines, profile, until: until.unwrap_or(usual) })
}

/// The present, to tell how long a script took.
#[allow(clippy::disallowed_methods, reason = "how long the work took is told, and decides nothing")]
fn now() -> Instant {
    Instant::now()
}

/// Runs every script, several at once; the results in the order of the sources.
fn run_all(sources: Vec<Source>, wanted: &Wanted<'_>, settings: &Settings) -> Result<Vec<Item>, Failure> {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let usual = if wanted.arguments.live { LIVE_JOBS } else { processors };
    let jobs = wanted.arguments.jobs.map_or(usual, |jobs| jobs as usize).max(1);
    let done = share_out(
        sources.len(),
        jobs,
        settings,
        |at| sources[at].name.clone(),
        |at| {
            let begun = now();
            run_one(&sources[at], wanted, settings).map(|outcome| (outcome, begun.elapsed()))
        },
    )?;
    let items = sources.into_iter().zip(done).map(|(source, (outcome, real))| Item { source, outcome, real });
    Ok(items.collect())
}

fn run_one(source: &Source, wanted: &Wanted<'_>, settings: &Settings) -> Result<Outcome, Failure> {
    let text = source.read()?;
    let script = match Script::parse_with(&source.name, &text, &wanted.defines) {
        Ok(script) => script,
        Err(mistakes) => return Ok(Outcome::Broken(mistakes)),
    };
    let told = match drill::Settings::of(&script, &wanted.arguments.passed.given) {
        Ok(told) => told,
        Err(mistakes) => return Ok(Outcome::Broken(mistakes)),
    };
    let mistakes = drill::mistakes(&script, &told);
    if !mistakes.is_empty() {
        return Ok(Outcome::Broken(mistakes));
    }
    let ran = if wanted.arguments.live {
        live(&script, &told, source, wanted.until, settings)?
    } else {
        let files = Box::new(source.files());
        drill::simulate(&script, &told, wanted.profile, wanted.until, files)
            .map_err(|what| Failure::Usage(format!("{}: {what}", source.name)))?
    };
    Ok(Outcome::Ran(Box::new(script), Box::new(ran)))
}

#[cfg(target_os = "linux")]
fn live(
    script: &Script,
    told: &drill::Settings,
    source: &Source,
    until: Span,
    settings: &Settings,
) -> Result<Ran, Failure> {
    let folder = source.folder();
    // A thread of its own: it ends up in a network namespace that ends with it.
    let ran =
        std::thread::scope(|scope| scope.spawn(|| drill::examine_kernel(script, told, until, folder)).join());
    let lang = settings.lang();
    match ran {
        Ok(Ok(ran)) => Ok(ran),
        Ok(Err(error)) => Err(Failure::Unable(lang.pick(
            format!(
                "error: no network namespace with a TUN interface is to be had: {error}\n`wirewalk doctor` says what is missing; without --live scripts need neither\n"
            ),
            format!("错误：得不到带 TUN 接口的网络命名空间：{error}\nwirewalk doctor 会说明缺什么；不加 --live 则两者都不需要\n"),
        ))),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

#[cfg(not(target_os = "linux"))]
fn live(_: &Script, _: &drill::Settings, _: &Source, _: Span, settings: &Settings) -> Result<Ran, Failure> {
    let text = settings.lang().pick("--live runs on Linux only", "--live 只能在 Linux 上用");
    Err(Failure::Unable(text.to_owned()))
}

fn print(items: &[Item], wanted: &Wanted<'_>, settings: &Settings) -> Result<(), Failure> {
    let look = &settings.look;
    let lang = look.lang;
    if let Some(view) = wanted.arguments.view.as_deref() {
        let view = ViewName::from_key(view).unwrap_or_default();
        let look = settings.diagram(wanted.arguments.diagram, false);
        for item in items {
            if let Outcome::Ran(_, ran) = &item.outcome {
                out::print(lang, &format!("{}\n", render(view, &ran.trace, &look)))?;
            }
        }
    }
    let single = items.len() == 1;
    let mut lines = summary::lines(items, look);
    if single {
        for item in items {
            lines.extend(shown::printed(item, look));
        }
    }
    out::print(lang, &join(&lines, look))?;
    for item in items {
        out::print(lang, &shown::detail(item, single, look))?;
    }
    if !single {
        out::print(lang, &join(&summary::table(items, look), look))?;
    }
    Ok(())
}

/// Broken scripts before those that fail, those before what proves nothing: of several the gravest counts.
fn exit(items: &[Item]) -> Exit {
    let any = |standing| items.iter().any(|item| item.outcome.standing() == standing);
    if any(Standing::Broken) {
        Exit::Usage
    } else if any(Standing::Fail) {
        Exit::Failed
    } else if any(Standing::Unsupported) || any(Standing::Inconclusive) {
        Exit::Inconclusive
    } else {
        Exit::Fine
    }
}
