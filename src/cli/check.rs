//! `check`: the expectations of scenarios, judged in the simulator.

use super::args::CheckArgs;
use super::load::{self, Loaded};
use super::loosely;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::lang::Text;
use crate::report::{self, Examiner, Judged};
use crate::scenario::{self, KnobKind, Plan, Question, Variation};
use crate::sim;
use crate::trace::Trace;
use crate::view::{Ink, Line, join};
use crate::walk;

/// Checks them.
pub fn check(arguments: &CheckArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let names: Vec<String> = if arguments.scenarios.is_empty() {
        scenario::builtins().iter().map(|builtin| builtin.name.to_owned()).collect()
    } else {
        arguments.scenarios.clone()
    };
    let width = names.iter().map(|name| settings.look.text_width(name)).max().unwrap_or(0).min(40);
    let mut exit = Exit::Fine;
    let mut held = 0;
    let mut broken = String::new();
    for name in &names {
        // Mistakes of one file are no reason to keep quiet about the next.
        match load::load(name, &arguments.options, settings) {
            Ok(loaded) => {
                let fine = check_one(name, &loaded, arguments, settings, width)?;
                held += usize::from(fine);
                if !fine {
                    exit = exit.max(Exit::Failed);
                }
            }
            Err(Failure::Usage(text)) => {
                broken.push_str(&text);
                if !broken.ends_with('\n') {
                    broken.push('\n');
                }
                exit = Exit::Usage;
            }
            Err(other) => return Err(other),
        }
    }
    let look = &settings.look;
    if names.len() > 1 {
        let total = names.len();
        let text =
            lang.pick(format!("{held} of {total} scenarios hold"), format!("{total} 个场景中 {held} 个成立"));
        let ink = if held == total { Ink::Good } else { Ink::Bad };
        out::print(lang, &join(&[Line::of(look, ink, &text)], look))?;
    }
    out::say(&broken);
    Ok(exit)
}

fn check_one(
    name: &str,
    loaded: &Loaded,
    arguments: &CheckArgs,
    settings: &Settings,
    width: usize,
) -> Result<bool, Failure> {
    let look = &settings.look;
    let lang = look.lang;
    let options = &loaded.setup.options;
    let run = |plan: &Plan| sim::run(plan, options);
    let trace = run(&loaded.plan);
    let judged = report::grouped(&report::judge(&loaded.plan, &trace));
    let held = judged.iter().filter(|judged| judged.held).count();
    let mut fine = held == judged.len();
    let tie = sim::tie_dependent(&loaded.plan, options);
    fine &= tie.is_none();
    let proofs = if arguments.self_test {
        report::self_test(&loaded.plan, &variants(loaded), &run)
    } else {
        Vec::new()
    };
    let unproved = proofs.iter().filter(|proof| proof.failed_by.is_none()).count();
    fine &= unproved == 0;

    let unanswered = unanswered(loaded, &trace);
    fine &= unanswered.is_empty();

    let mut line = Line::new();
    let (ink, mark) = if fine { (Ink::Good, "✓ ") } else { (Ink::Bad, "✗ ") };
    line.push(look, ink, mark).push_until(look, Ink::Plain, name, width + 2).to(width + 4);
    let total = judged.len();
    let mut words = lang.pick(format!("{held} of {total} held"), format!("{total} 项中 {held} 项成立"));
    if arguments.self_test {
        let can = proofs.len() - unproved;
        let all = proofs.len();
        words.push_str(
            &lang.pick(format!(", {can} of {all} can fail"), format!("，{all} 项中 {can} 项可以落空")),
        );
    }
    line.push_until(look, Ink::Plain, &words, look.width);
    let mut lines = vec![line];
    lines.extend(failures(&judged, look));
    if let Some(tie) = tie {
        let words = lang.pick(
            format!("the outcome hangs on a tie: {}", tie.what.en),
            format!("结果取决于同时事件的先后：{}", tie.what.zh),
        );
        indented(&words, look, &mut lines);
    }
    for words in &unanswered {
        indented(words.get(lang), look, &mut lines);
    }
    if !settings.quiet && is_as_written(loaded) {
        for loose in report::loose(&loaded.plan, &trace) {
            let remark = loosely::remark(&loose, &loaded.plan);
            let words = lang.pick(format!("remark: {}", remark.en), format!("提示：{}", remark.zh));
            shown(&words, Ink::Dim, look, &mut lines);
        }
    }
    for proof in &proofs {
        match &proof.failed_by {
            None => {
                let says = proof.says.get(lang);
                let words = lang.pick(
                    format!("line {}: nothing that was tried makes this fail: {says}", proof.line),
                    format!("第 {} 行：试过的改动都不能使它落空：{says}", proof.line),
                );
                indented(&words, look, &mut lines);
            }
            Some(change) if !settings.quiet => {
                let words = format!("{} ← {}", proof.says.get(lang), change.get(lang));
                let mut line = Line::new();
                line.to(4).push_until(look, Ink::Dim, &words, look.width);
                lines.push(line);
            }
            Some(_) => {}
        }
    }
    out::print(lang, &join(&lines, look))?;
    Ok(fine)
}

fn failures(judged: &[Judged], look: &crate::view::Look) -> Vec<Line> {
    let mut lines = Vec::new();
    for judged in judged.iter().filter(|judged| !judged.held) {
        let place = if judged.line == 0 {
            String::new()
        } else {
            look.lang.pick(format!("line {}: ", judged.line), format!("第 {} 行：", judged.line))
        };
        let text = format!("{place}{} — {}", judged.says.get(look.lang), judged.found.get(look.lang));
        indented(&text, look, &mut lines);
    }
    lines
}

fn indented(text: &str, look: &crate::view::Look, lines: &mut Vec<Line>) {
    shown(text, Ink::Bad, look, lines);
}

fn shown(text: &str, ink: Ink, look: &crate::view::Look, lines: &mut Vec<Line>) {
    for part in text.lines().flat_map(|text| look.wrap(text, look.width - 4)) {
        let mut line = Line::new();
        line.to(4).push(look, ink, &part);
        lines.push(line);
    }
}

/// Whether no option changes the run.
fn is_as_written(loaded: &Loaded) -> bool {
    loaded.setup.set.is_empty() && loaded.setup.options.faults.is_empty()
}

/// The questions that the run never asks, or has no answer to. They are about the run as it is written: with something
/// changed by an option nobody asks them.
fn unanswered(loaded: &Loaded, trace: &Trace) -> Vec<Text> {
    let setup = &loaded.setup;
    if !is_as_written(loaded) {
        return Vec::new();
    }
    let rerun = |variation: &Variation| walk::rerun(setup, variation);
    let examiner = Examiner::new(&loaded.plan, trace, &rerun);
    let why = |question: &Question| {
        let why = examiner.solve(question, setup.options.seed).err()?;
        let (line, number) = (question.line, question.number);
        Some(Text::new(
            format!("line {line}: question {number} has no answer: {}", why.en),
            format!("第 {line} 行：第 {number} 题没有答案：{}", why.zh),
        ))
    };
    loaded.plan.questions.iter().filter_map(why).collect()
}

/// The scenario with each knob at its ends: what an expectation may need in order to fail.
fn variants(loaded: &Loaded) -> Vec<(Text, Plan)> {
    let mut variants = Vec::new();
    for knob in &loaded.plan.knobs {
        let values: Vec<String> = match &knob.kind {
            KnobKind::Integer { min, max } => vec![min.to_string(), max.to_string()],
            KnobKind::Time { min, max } => vec![min.to_string(), max.to_string()],
            KnobKind::Choice(words) => words.clone(),
        };
        for value in values.into_iter().filter(|value| *value != knob.value) {
            let Ok(plan) = loaded.setup.scenario.plan(&[(knob.name.clone(), value.clone())]) else {
                continue;
            };
            variants
                .push((Text::new(format!("{}={value}", knob.name), format!("{}={value}", knob.name)), plan));
        }
    }
    variants
}
