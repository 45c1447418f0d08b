//! `compare`: each scenario simulated and on the real kernel, side by side.

use super::args::CompareArgs;
use super::kernel;
use super::load::{self, Loaded};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::versus;
use super::work::share_out;
use crate::beside::{self, Compared};
use crate::report::Verdict;
use crate::scenario;
use crate::view::{Ink, Line, join};
use serde::Serialize;
use std::collections::BTreeMap;

/// Scenarios that run at once unless asked otherwise: they mostly wait, but what they wait for must not come late.
const JOBS: usize = 8;

/// A scenario to compare.
struct Task {
    name: String,
    loaded: Loaded,
}

/// One result, and where there were several, how often each verdict came.
#[derive(Serialize)]
struct Item<T: Serialize> {
    #[serde(flatten)]
    result: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    repeats: Option<BTreeMap<&'static str, usize>>,
}

#[derive(Serialize)]
struct Document<T: Serialize> {
    schema: u32,
    kernel: String,
    results: Vec<T>,
}

/// Compares them.
pub fn compare(arguments: &CompareArgs, settings: &Settings) -> Result<Exit, Failure> {
    let names: Vec<String> = if arguments.all {
        scenario::builtins().iter().map(|builtin| builtin.name.to_owned()).collect()
    } else {
        arguments.scenarios.clone()
    };
    let mut tasks = Vec::new();
    for name in names {
        let mut loaded = load::load(&name, &arguments.options, settings)?;
        loaded.plan = loaded.plan_with_losses();
        loaded.setup.options.faults.clear();
        tasks.push(Task { name, loaded });
    }
    if tasks.iter().any(|task| task.loaded.plan.live.impossible.is_none()) {
        kernel::enter(settings)?;
    }
    let results = run_all(&tasks, arguments, settings)?;
    let lang = settings.lang();
    if arguments.json {
        let kernel = results
            .iter()
            .flatten()
            .find_map(|compared| compared.kernel().map(|(release, _)| release.to_owned()))
            .unwrap_or_default();
        let list: Vec<_> = tasks
            .iter()
            .zip(&results)
            .filter_map(|(task, repeats)| {
                let worst = worst(repeats)?;
                let result = worst.comparison.json(&task.name, worst.ms[0], worst.ms[1]);
                Some(Item { result, repeats: (repeats.len() > 1).then(|| tally(repeats)) })
            })
            .collect();
        out::print(lang, &super::json(&Document { schema: 1, kernel, results: list })?)?;
    } else {
        print(&tasks, &results, settings)?;
    }
    Ok(exit(&results))
}

/// Runs every scenario as often as asked, several at once; the results in the order of the tasks.
fn run_all(
    tasks: &[Task],
    arguments: &CompareArgs,
    settings: &Settings,
) -> Result<Vec<Vec<Compared>>, Failure> {
    let repeats = arguments.repeat as usize;
    let jobs = arguments.jobs.map_or(JOBS, |jobs| jobs as usize).max(1);
    let task = |piece: usize| &tasks[piece % tasks.len()];
    let done = share_out(
        tasks.len() * repeats,
        jobs,
        settings,
        |piece| task(piece).name.clone(),
        |piece| compare_one(task(piece), arguments, settings),
    )?;
    let mut results: Vec<Vec<Compared>> = tasks.iter().map(|_| Vec::with_capacity(repeats)).collect();
    for (piece, compared) in done.into_iter().enumerate() {
        results[piece % tasks.len()].push(compared);
    }
    Ok(results)
}

fn compare_one(task: &Task, arguments: &CompareArgs, settings: &Settings) -> Result<Compared, Failure> {
    let wanted = kernel::wanted(arguments.mode, arguments.slow, arguments.options.seed);
    beside::compare(&task.loaded.plan, &task.loaded.setup.options, &wanted)
        .map_err(|unavailable| kernel::forbidden(&unavailable, settings))
}

fn tally(repeats: &[Compared]) -> BTreeMap<&'static str, usize> {
    let mut tally = BTreeMap::new();
    for compared in repeats {
        *tally.entry(compared.comparison.verdict.name()).or_default() += 1;
    }
    tally
}

/// How bad a verdict is, for choosing among repeats and for the exit code.
fn badness(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::NotComparable { .. } => 0,
        Verdict::Same => 1,
        Verdict::Explained => 2,
        Verdict::Inconclusive => 3,
        Verdict::Different => 4,
    }
}

fn worst(repeats: &[Compared]) -> Option<&Compared> {
    // The first of the worst, so that the same runs show the same one.
    repeats.iter().rev().max_by_key(|compared| badness(&compared.comparison.verdict))
}

fn exit(results: &[Vec<Compared>]) -> Exit {
    let verdicts = results.iter().flatten().map(|compared| badness(&compared.comparison.verdict));
    match verdicts.max() {
        Some(4) => Exit::Failed,
        Some(3) => Exit::Inconclusive,
        _ => Exit::Fine,
    }
}

fn print(tasks: &[Task], results: &[Vec<Compared>], settings: &Settings) -> Result<(), Failure> {
    let look = &settings.look;
    let lang = look.lang;
    let mut lines = Vec::new();
    let single = tasks.len() == 1;
    for (task, repeats) in tasks.iter().zip(results) {
        let Some(worst) = worst(repeats) else { continue };
        // Of many scenarios only those are unfolded that need looking at.
        let verdict = &worst.comparison.verdict;
        let unfold = single || matches!(verdict, Verdict::Different | Verdict::Inconclusive);
        if !unfold {
            continue;
        }
        let mut title = Line::of(look, Ink::Heading, task.loaded.plan.title.get(lang));
        title.push(look, Ink::Plain, " ").push_right(look, Ink::Dim, &task.name, look.width);
        lines.push(title);
        lines.push(Line::new());
        lines.extend(versus::draw(&worst.comparison, &worst.simulated, worst.live.as_ref(), look));
        for note in &worst.notes {
            for text in look.wrap(note.get(lang), look.width - 4) {
                let mut line = Line::new();
                line.to(4).push(look, Ink::Dim, &text);
                lines.push(line);
            }
        }
        if repeats.len() > 1 {
            let verdicts: Vec<&Verdict> =
                repeats.iter().map(|compared| &compared.comparison.verdict).collect();
            let counted = versus::counted(&verdicts, lang);
            let n = repeats.len();
            let text = lang.pick(format!("{n} times: {counted}"), format!("{n} 遍：{counted}"));
            let mut line = Line::new();
            line.to(2).push(look, Ink::Plain, &text);
            lines.push(line);
        }
        lines.push(Line::new());
    }
    if single {
        lines.pop();
    } else {
        summary(tasks, results, settings, &mut lines);
    }
    out::print(lang, &join(&lines, look))
}

/// One line for each scenario, and the sum.
fn summary(tasks: &[Task], results: &[Vec<Compared>], settings: &Settings, lines: &mut Vec<Line>) {
    let look = &settings.look;
    let lang = look.lang;
    let width = tasks.iter().map(|task| look.text_width(&task.name)).max().unwrap_or(0).min(32);
    let mut all: Vec<&Verdict> = Vec::new();
    for (task, repeats) in tasks.iter().zip(results) {
        let Some(worst) = worst(repeats) else { continue };
        let verdicts: Vec<&Verdict> = repeats.iter().map(|compared| &compared.comparison.verdict).collect();
        let verdict = &worst.comparison.verdict;
        all.push(verdict);
        let mark = match verdict {
            Verdict::Same => "=",
            Verdict::Explained => "≈",
            Verdict::Different => "≠",
            Verdict::Inconclusive => "?",
            Verdict::NotComparable { .. } => "-",
        };
        let mut line = Line::new();
        line.push(look, versus::verdict_ink(verdict), mark).to(2);
        line.push_until(look, Ink::Plain, &task.name, width + 2).to(width + 4);
        let words = if repeats.len() > 1 && verdicts.iter().any(|other| other.name() != verdict.name()) {
            versus::counted(&verdicts, lang)
        } else if repeats.len() > 1 {
            format!("{} ×{}", verdict.word(lang), repeats.len())
        } else {
            verdict.word(lang).to_owned()
        };
        line.push(look, versus::verdict_ink(verdict), &words);
        line.push(look, Ink::Plain, "  ").to(width + 20);
        let details = details(worst, settings);
        line.push_until(look, Ink::Dim, &details, look.width);
        lines.push(line);
    }
    let checked: u32 = results.iter().flatten().map(|compared| compared.comparison.checked).sum();
    let counted = versus::counted(&all, lang);
    let text = lang.pick(
        format!("{} scenarios: {counted} · {checked} checks", all.len()),
        format!("{} 个场景：{counted} · 共比较 {checked} 处", all.len()),
    );
    lines.push(Line::of(look, Ink::Heading, &text));
}

fn details(compared: &Compared, settings: &Settings) -> String {
    let lang = settings.lang();
    match &compared.comparison.verdict {
        Verdict::NotComparable { why } => lang.unwrapped(why.get(lang)),
        Verdict::Inconclusive => {
            compared.comparison.inconclusive.first().map(|why| why.get(lang).to_owned()).unwrap_or_default()
        }
        Verdict::Same | Verdict::Explained | Verdict::Different => {
            let checked = compared.comparison.checked;
            let seconds = crate::clock::Span::millis(compared.ms[1]).as_secs_f64();
            lang.pick(
                format!("{checked:>4} checks, {seconds:.1} s"),
                format!("{checked:>4} 处，{seconds:.1} 秒"),
            )
        }
    }
}
