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
    for path in scripts.to_vec() {
        let name = format!("{}_on_the_kernel", name_of(&path));
        trials.push(Trial::test(name, move || on_the_kernel(&path)));
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

#[cfg(target_os = "linux")]
fn on_the_kernel(path: &Path) -> Result {
    let (script, settings) = read(path)?;
    let folder = fs::canonicalize(path.parent().unwrap_or(root()))?;
    // A thread of its own has a network namespace of its own.
    let run = move || -> std::io::Result<Option<String>> {
        let kernel = wirewalk::drill::Kernel::around(&settings, folder)?;
        let (verdict, _) = Exam::new(&script, settings, kernel).run();
        Ok(complaint(&verdict, &script))
    };
    match std::thread::spawn(run).join() {
        Ok(Ok(None)) => Ok(()),
        Ok(Ok(Some(complaint))) => Err(complaint.into()),
        Ok(Err(error)) => Err(format!("no namespace: {error}").into()),
        Err(_) => Err("the run panicked".into()),
    }
}
