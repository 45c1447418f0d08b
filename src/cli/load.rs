//! From what stands on the command line to a plan: names, files, knobs, drops.

use super::args::{ProfileArg, RunOptions};
use super::out::Failure;
use super::settings::Settings;
use crate::clock::Span;
use crate::link::FramePattern;
use crate::scenario::limits::{self, MISTAKES};
use crate::scenario::{self, Diagnostic, Plan, ProfileName, Scenario};
use crate::sim;
use crate::trace::Trace;
use crate::walk::{Setup, loss};
use std::io::Read;
use std::path::Path;

/// A scenario with the plan that its options make of it.
pub struct Loaded {
    /// The scenario as written, and what was asked of its run.
    pub setup: Setup,
    /// What to run; the losses of `--drop` are in the setup's options.
    pub plan: Plan,
}

impl Loaded {
    /// Simulates it, up to that virtual time at the latest.
    pub fn simulated(&self, until: Option<Span>) -> Trace {
        sim::run(&self.plan, &sim::Options { until, ..self.setup.options.clone() })
    }

    /// The plan with the losses of `--drop` among its own faults.
    pub fn plan_with_losses(&self) -> Plan {
        let mut plan = self.plan.clone();
        plan.faults.splice(0..0, self.setup.options.faults.iter().cloned());
        plan
    }
}

/// The scenario of that name or file, with the options applied.
pub fn load(name: &str, options: &RunOptions, settings: &Settings) -> Result<Loaded, Failure> {
    let scenario = scenario(name, settings)?;
    let mut set: Vec<_> =
        options.set.iter().map(|text| pair("--set", text, settings)).collect::<Result<_, _>>()?;
    if let Some(argument) = options.profile {
        set.push(("profile".to_owned(), profile(argument).name().to_owned()));
    }
    let mut setup = Setup::new(scenario);
    setup.set = set;
    setup.options.seed = options.seed;
    let plan = |setup: &Setup| setup.plan().map_err(|diagnostics| mistakes(&diagnostics, settings));
    let hosts = plan(&setup)?;
    for text in &options.drop {
        setup.options.faults.push(loss(pattern("--drop", text, &hosts, settings)?));
    }
    let plan = plan(&setup)?;
    Ok(Loaded { setup, plan })
}

/// `KEY=VALUE`, as that option gives it.
pub fn pair(option: &str, text: &str, settings: &Settings) -> Result<(String, String), Failure> {
    let Some((key, value)) = text.split_once('=') else {
        return Err(Failure::Usage(settings.lang().pick(
            format!("{option} {text}: KEY=VALUE is wanted, such as {option} backlog=16"),
            format!("{option} {text}：应为 键=值，如 {option} backlog=16"),
        )));
    };
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

/// A pattern over the frames of a plan, as that option gives it.
pub fn pattern(option: &str, text: &str, plan: &Plan, settings: &Settings) -> Result<FramePattern, Failure> {
    plan.pattern(text).map_err(|mut diagnostic| {
        diagnostic.file = option.to_owned();
        mistakes(&[*diagnostic], settings)
    })
}

fn profile(argument: ProfileArg) -> ProfileName {
    match argument {
        ProfileArg::Rfc9293 => ProfileName::Rfc9293,
        ProfileArg::Linux => ProfileName::Linux,
    }
}

/// The scenario of that name, or in that file.
pub fn scenario(name: &str, settings: &Settings) -> Result<Scenario, Failure> {
    if looks_like_a_file(name) {
        let text = read(Path::new(name), settings)?;
        return Scenario::parse(name, &text).map_err(|diagnostics| mistakes(&diagnostics, settings));
    }
    match scenario::find(name) {
        Ok(builtin) => builtin.scenario().map_err(|diagnostics| mistakes(&diagnostics, settings)),
        Err(nearest) => Err(Failure::Usage(unknown(name, &nearest, settings))),
    }
}

fn looks_like_a_file(name: &str) -> bool {
    let path = Path::new(name);
    let known = scenario::find(name).is_ok();
    !known && (path.extension().is_some() || path.is_file() || name.starts_with('.') || path.is_absolute())
}

/// What is said of a name that no scenario has.
pub fn unknown(name: &str, nearest: &[&str], settings: &Settings) -> String {
    let lang = settings.lang();
    let mut text = lang.pick(format!("there is no scenario “{name}”"), format!("没有名为“{name}”的场景"));
    if !nearest.is_empty() {
        let names = nearest.join(lang.pick(", ", "、"));
        text.push_str(&lang.pick(format!("; near to it: {names}"), format!("；相近的有：{names}")));
    }
    text.push_str(lang.pick("\n`wirewalk list` shows them all\n", "\nwirewalk list 列出全部场景\n"));
    format!("{}{text}", lang.pick("error: ", "错误："))
}

fn read(path: &Path, settings: &Settings) -> Result<String, Failure> {
    let lang = settings.lang();
    let io = |error| Failure::io(path.display().to_string(), error);
    let file = std::fs::File::open(path).map_err(io)?;
    let mut octets = Vec::new();
    file.take(limits::FILE as u64 + 1).read_to_end(&mut octets).map_err(io)?;
    if octets.len() > limits::FILE {
        return Err(Failure::Usage(lang.pick(
            format!("{}: a scenario file has at most 256 KiB", path.display()),
            format!("{}：场景文件最多 256 KiB", path.display()),
        )));
    }
    String::from_utf8(octets).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failure::Usage(lang.pick(
            format!("{}: not UTF-8 text, at octet {at}", path.display()),
            format!("{}：不是 UTF-8 文本，位于第 {at} 字节", path.display()),
        ))
    })
}

/// All mistakes of a file, each with its place.
pub fn mistakes(diagnostics: &[Diagnostic], settings: &Settings) -> Failure {
    let mut text = String::new();
    for diagnostic in diagnostics {
        text.push_str(&diagnostic.render(settings.lang(), settings.error_color));
        if !text.ends_with('\n') {
            text.push('\n');
        }
    }
    if diagnostics.len() >= MISTAKES {
        text.push_str(&settings.lang().pick(
            format!("no more than {MISTAKES} mistakes are told at once\n"),
            format!("一次最多列出 {MISTAKES} 处错误\n"),
        ));
    }
    Failure::Usage(text)
}

/// A time such as `2s`, `500ms`, `1.5s`.
pub fn time(text: &str, settings: &Settings) -> Result<Span, Failure> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale = match unit.trim() {
        "ns" => 1.0,
        "us" => 1e3,
        "ms" => 1e6,
        "s" => 1e9,
        "min" => 60e9,
        "h" => 3600e9,
        "d" => 86400e9,
        _ => 0.0,
    };
    match number.parse::<f64>() {
        Ok(number) if scale > 0.0 && number * scale < 1e19 => {
            Ok(Span::nanos((number * scale).round() as u64))
        }
        _ => Err(Failure::Usage(settings.lang().pick(
            format!("“{text}” is no time: a number with ns, us, ms, s, min, h or d is wanted, such as 500ms"),
            format!("“{text}”不是时间：应为数字加 ns、us、ms、s、min、h 或 d，如 500ms"),
        ))),
    }
}
