//! Whatever a lesson or a document tells its reader to type is typed here, and must end as the text says: well, or, where
//! the sign ✗ follows, with an expectation that fails.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use wirewalk::lang::Lang;
use wirewalk::scenario;

/// A command as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Typed {
    /// After `wirewalk`.
    words: Vec<String>,
    /// Whether an expectation is meant to fail.
    fails: bool,
}

/// The commands of a text: what stands in backticks and begins with `wirewalk `.
fn commands(text: &str) -> Vec<Typed> {
    let parts: Vec<&str> = text.split('`').collect();
    let inside =
        |at: usize| (at % 2 == 1).then(|| parts[at].split_whitespace().collect::<Vec<_>>().join(" "));
    let typed = |at: usize| {
        let command = inside(at)?;
        let words = shlex::split(command.strip_prefix("wirewalk ")?);
        let words = words.unwrap_or_else(|| panic!("a quote is left open in `{command}`"));
        let fails = parts.get(at + 1).is_some_and(|after| after.trim_start().starts_with('✗'));
        Some(Typed { words, fails })
    };
    (0..parts.len()).filter_map(typed).collect()
}

/// All lessons with their commands in both languages.
fn lessons() -> Vec<(&'static str, [Vec<Typed>; 2])> {
    let catalog = scenario::catalog().expect("without mistakes");
    let both = |lesson: &scenario::Lesson| {
        [Lang::En, Lang::Zh].map(|lang| {
            let mut found = commands(lesson.lesson.get(lang));
            found.sort();
            found
        })
    };
    catalog.scenarios.iter().map(|lesson| (lesson.name, both(lesson))).collect()
}

#[test]
fn every_lesson_offers_something_to_try_the_same_in_both_languages() {
    for (name, [en, zh]) in lessons() {
        assert!(!en.is_empty(), "{name} offers no command in backticks to try");
        assert_eq!(en, zh, "{name} offers something else in Chinese");
        let own = en.iter().any(|typed| typed.words.iter().any(|word| word == name));
        assert!(own || name == "spanning-tree", "{name} offers nothing of itself to try");
    }
}

#[test]
fn what_a_lesson_says_to_try_ends_as_it_says() {
    let all: BTreeSet<Typed> = lessons().into_iter().flat_map(|(_, [en, _])| en).collect();
    assert!(all.len() >= 80, "{}", all.len());
    run(&all.into_iter().collect::<Vec<_>>());
}

#[test]
fn what_the_documents_say_to_type_can_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = BTreeSet::new();
    for path in documents(root) {
        let text = std::fs::read_to_string(&path).expect("a document");
        // Blocks of code are run elsewhere, with what they print.
        let prose: Vec<&str> = text.split("```").step_by(2).collect();
        all.extend(prose.into_iter().flat_map(commands));
    }
    // What stands for something else is capital: NAME, FILE, KEY=VALUE; `[…]` and `…` are no words either.
    let meant = |word: &String| {
        let bare = word.trim_start_matches('-');
        let capital = bare.len() > 1 && bare.chars().all(|c| c.is_ascii_uppercase() || "|=-_".contains(c));
        let chinese = word.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        capital || chinese || word.contains(['…', '[', '|', '<'])
    };
    all.retain(|typed| !typed.words.iter().any(meant));
    assert!(all.len() >= 15, "{}", all.len());
    run(&all.into_iter().map(quick).collect::<Vec<_>>());
}

fn documents(root: &Path) -> Vec<PathBuf> {
    let mut found = vec![root.join("README.md"), root.join("README.zh.md"), root.join("CHANGELOG.md")];
    let mut folders = vec![root.join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path())
        {
            if entry.is_dir() {
                folders.push(entry);
            } else if entry.extension().is_some_and(|ending| ending == "md") {
                found.push(entry);
            }
        }
    }
    found
}

/// Of what takes long, waits, needs the kernel or writes files, only whether it can be understood is tried.
fn quick(mut typed: Typed) -> Typed {
    let harmless =
        ["run", "show", "list", "explain", "states", "step", "doctor", "schema", "man", "help", "course"];
    let first = typed.words.first().map(String::as_str).unwrap_or_default();
    let live = typed.words.iter().any(|word| word == "--live");
    let writes = ["next", "done", "reset"].map(str::to_owned);
    if !harmless.contains(&first)
        || live
        || first == "doctor"
        || typed.words.iter().any(|word| word.ends_with(".toml"))
        || typed.words.len() == 1
        || typed.words.iter().any(|word| writes.contains(word))
    {
        typed.words.push("--help".to_owned());
        typed.fails = false;
    }
    typed
}

/// Runs them, two at a time, and tells of all that end otherwise.
fn run(all: &[Typed]) {
    let home = tempfile::tempdir().expect("a scratch folder");
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(typed) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(why) = ends_as_it_should(typed, home.path()) {
                        wrong.lock().expect("no panic").push(why);
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("no panic");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

fn ends_as_it_should(typed: &Typed, home: &Path) -> Result<(), String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    command.args(&typed.words).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    command.env("XDG_DATA_HOME", home).env("LC_ALL", "en_US.UTF-8").current_dir(env!("CARGO_MANIFEST_DIR"));
    let output = command.output().map_err(|error| error.to_string())?;
    let code = output.status.code();
    // Where namespaces are forbidden nothing live can be tried; CI has them.
    let forbidden = code == Some(3) && std::env::var_os("CI").is_none();
    if code == Some(i32::from(typed.fails)) || forbidden {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "`wirewalk {}` ended with {code:?}, not {}: {said}",
        typed.words.join(" "),
        i32::from(typed.fails)
    ))
}
