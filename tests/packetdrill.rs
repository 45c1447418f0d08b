//! Every script under `tests/drill/`, on the model and on this machine's kernel. Its own program, because a user namespace must
//! be entered before there is a second thread. Where namespaces are forbidden the kernel's half is skipped, loudly, and in CI it
//! fails instead.

use libtest_mimic::{Arguments, Failed, Trial};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use wirewalk::drill::{Exam, Settings, Simulated, Verdict};
use wirewalk::lang::Lang;
use wirewalk::packetdrill::Script;

/// Scripts that are right and that the model does not pass, each with the reason.
const KERNEL_ONLY: &str = "tests/drill/kernel-only.csv";
/// How far from its time something may happen: what scheduling and a clock of 250 Hz cost on a busy machine. It is the same on
/// the model, so that one script means one thing.
const TOLERANCE: &str = "14000";
/// Scripts at once on the kernel: nearly all their time is waiting.
#[cfg(target_os = "linux")]
const AT_ONCE: usize = 8;

type Result<T = ()> = std::result::Result<T, Failed>;

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    let scripts = scripts();
    let known = kernel_only();
    let mut trials = vec![
        Trial::test("every_script_begins_with_what_it_shows", {
            let scripts = scripts.clone();
            move || every_script_says_what_it_shows(&scripts)
        }),
        Trial::test("what_the_model_does_not_pass_is_a_script_with_a_reason", {
            let (scripts, known) = (scripts.clone(), known.clone());
            move || reasons_are_of_scripts(&scripts, &known)
        }),
    ];
    for path in scripts.clone() {
        let why = known.get(&name_of(&path)).cloned();
        trials.push(Trial::test(format!("{}_on_the_model", name_of(&path)), move || {
            on_the_model(&path, why.as_deref())
        }));
    }
    match add_live(&mut trials, &scripts, &mut arguments) {
        Ok(()) => libtest_mimic::run(&arguments, trials).exit_code(),
        Err(stop) => stop,
    }
}

/// Adds the kernel's half.
#[cfg(target_os = "linux")]
fn add_live(
    trials: &mut Vec<Trial>,
    scripts: &[PathBuf],
    arguments: &mut Arguments,
) -> std::result::Result<(), ExitCode> {
    if !arguments.list
        && let Err(why) = wirewalk::live::enter()
    {
        eprintln!("SKIPPED on the kernel: {why}\n{}", why.remedy.en);
        return if std::env::var_os("CI").is_some() { Err(ExitCode::FAILURE) } else { Ok(()) };
    }
    arguments.test_threads.get_or_insert(AT_ONCE);
    let mut veth: BTreeSet<String> = scripts.iter().map(|path| topic_of(path)).collect();
    for path in scripts {
        let mut add = |ending: &str, medium: Option<wirewalk::live::Medium>| {
            let (name, path) = (format!("{}_on_the_kernel{ending}", name_of(path)), path.clone());
            trials.push(Trial::test(name, move || on_the_kernel(&path, medium)));
        };
        add("", None);
        // Where there is no TUN it is veth by itself: one of every topic tries it everywhere.
        if veth.remove(&topic_of(path)) {
            add("_over_veth", Some(wirewalk::live::Medium::Veth));
        }
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn add_live(_: &mut Vec<Trial>, _: &[PathBuf], _: &mut Arguments) -> std::result::Result<(), ExitCode> {
    eprintln!("SKIPPED on the kernel: the live side needs Linux");
    Ok(())
}

fn root() -> &'static Path {
    Path::new("tests/drill")
}

/// All scripts, those of a topic together.
fn scripts() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "pkt") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// `opening/active`.
fn name_of(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).with_extension("").display().to_string()
}

/// The folder it lies in.
#[cfg(target_os = "linux")]
fn topic_of(path: &Path) -> String {
    path.parent().unwrap_or(root()).display().to_string()
}

fn kernel_only() -> BTreeMap<String, String> {
    let mut rows = csv::Reader::from_path(KERNEL_ONLY).unwrap();
    rows.records()
        .map(|row| {
            let row = row.unwrap();
            (row[0].to_owned(), row[1].to_owned())
        })
        .collect()
}

fn every_script_says_what_it_shows(scripts: &[PathBuf]) -> Result {
    let mut sentences = BTreeSet::new();
    for path in scripts {
        let text = fs::read_to_string(path)?;
        let first = text.lines().next().unwrap_or_default();
        let sentence = first.strip_prefix("// ").unwrap_or_default();
        if sentence.len() < 20 || !sentences.insert(sentence.to_owned()) {
            return Err(format!("{}: `{first}` does not say what it alone shows", path.display()).into());
        }
    }
    Ok(())
}

fn reasons_are_of_scripts(scripts: &[PathBuf], known: &BTreeMap<String, String>) -> Result {
    let names: BTreeSet<String> = scripts.iter().map(|path| name_of(path)).collect();
    match known.iter().find(|(name, why)| !names.contains(*name) || why.len() < 10) {
        Some((name, _)) => Err(format!("{name}: no such script, or no reason").into()),
        None => Ok(()),
    }
}

fn read(path: &Path) -> Result<(Script, Settings)> {
    let text = fs::read_to_string(path)?;
    let shown = |mistakes: &[wirewalk::scenario::Diagnostic]| {
        mistakes.iter().map(|mistake| mistake.line(Lang::En)).collect::<Vec<_>>().join("\n")
    };
    let script = Script::parse_with(&path.display().to_string(), &text, &[]).map_err(|m| shown(&m))?;
    let tolerance = [("tolerance_usecs".to_owned(), Some(TOLERANCE.to_owned()))];
    let settings = Settings::of(&script, &tolerance).map_err(|m| shown(&m))?;
    Ok((script, settings))
}

/// `None` is a pass.
fn complaint(verdict: &Verdict, script: &Script) -> Option<String> {
    match verdict {
        Verdict::Pass => None,
        Verdict::Fail(problem) | Verdict::Unsupported(problem) => {
            Some(format!("{}: {}", verdict.name(), problem.diagnostic(script).line(Lang::En)))
        }
    }
}

fn on_the_model(path: &Path, why_not: Option<&str>) -> Result {
    let (script, settings) = read(path)?;
    let folder = path.parent().unwrap_or(root()).to_owned();
    let files = Box::new(move |name: &str| fs::read_to_string(folder.join(name)).ok());
    let stack = Simulated::new(&settings, &Default::default(), files)?;
    let (verdict, _) = Exam::new(&script, settings, stack).run();
    match (complaint(&verdict, &script), why_not) {
        (None, None) | (Some(_), Some(_)) => Ok(()),
        (Some(complaint), None) => Err(complaint.into()),
        (None, Some(why)) => Err(format!("it passes, and {KERNEL_ONLY} says why it could not: {why}").into()),
    }
}

/// A run that fails although the machine kept the runner from its work for longer than half the tolerance proves nothing: it is
/// repeated. The runner measures that itself; a run that was not disturbed is never repeated, whatever its verdict.
#[cfg(target_os = "linux")]
const DISTURBED_RUNS: usize = 8;

#[cfg(target_os = "linux")]
fn on_the_kernel(path: &Path, medium: Option<wirewalk::live::Medium>) -> Result {
    let mut last = String::new();
    for _ in 0..DISTURBED_RUNS {
        let (complaint, disturbed) = once_on_the_kernel(path, medium)?;
        match complaint {
            None => return Ok(()),
            Some(complaint) if !disturbed => return Err(complaint.into()),
            Some(complaint) => last = complaint,
        }
    }
    Err(format!("inconclusive, the machine was too busy {DISTURBED_RUNS} times; at last: {last}").into())
}

/// What there is to complain of, and whether the run was disturbed.
#[cfg(target_os = "linux")]
fn once_on_the_kernel(path: &Path, medium: Option<wirewalk::live::Medium>) -> Result<(Option<String>, bool)> {
    let (script, settings) = read(path)?;
    let folder = fs::canonicalize(path.parent().unwrap_or(root()))?;
    let tolerance = settings.tolerance;
    // A thread of its own has a network namespace of its own.
    let run = move || -> std::io::Result<(Option<String>, bool)> {
        let kernel = wirewalk::drill::Kernel::over(&settings, folder, medium)?;
        let (verdict, kernel) = Exam::new(&script, settings, kernel).run();
        let disturbed = kernel.held_up() + kernel.held_up() > tolerance || kernel.unseen() > 0;
        let complaint = complaint(&verdict, &script);
        Ok((
            complaint.map(|what| format!("{what} (held up for {} µs)", kernel.held_up().as_micros())),
            disturbed,
        ))
    };
    match std::thread::spawn(run).join() {
        Ok(Ok(result)) => Ok(result),
        Ok(Err(error)) => Err(format!("no namespace: {error}").into()),
        Err(_) => Err("the run panicked".into()),
    }
}
