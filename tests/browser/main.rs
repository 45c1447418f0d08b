//! The pages in a real browser, which the tests drive as a person does: the program's server, and exported files opened
//! from disk. Each test has a fresh browser, and none may hear it complain.
//!
//! Needs `chromium` and `chromedriver`; for accessibility and types also `npm`, which fetches what `package-lock.json`
//! pins. A machine without them is told what was skipped; with `CI` set nothing may be skipped.

mod accessible;
mod child;
mod desk;
mod exported;
mod ground;
mod hostile;
mod lesson;
mod machine;
mod panes;
mod questions;
mod speed;
mod spoken;
mod tab;
mod types;

use ground::Ground;
use libtest_mimic::{Arguments, Failed, Trial};
use std::io::Write;
use std::process::ExitCode;
use std::sync::Arc;

/// A test in a browser.
pub type InBrowser = (&'static str, fn(&Ground));

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let (ground, packages) =
        if arguments.list { (None, None) } else { (Ground::new().map(Arc::new), machine::packages()) };
    let (no_browser, no_packages) = ("chromium and chromedriver", "npm and its registry");
    let in_browser = |(name, test): &InBrowser, needs_packages: bool| match &ground {
        None => absent(name, no_browser),
        Some(_) if needs_packages && packages.is_none() => absent(name, no_packages),
        Some(ground) => {
            let (ground, test) = (Arc::clone(ground), *test);
            Trial::test(*name, move || {
                test(&ground);
                Ok(())
            })
        }
    };
    let tests = [
        exported::TESTS,
        panes::TESTS,
        questions::TESTS,
        spoken::TESTS,
        lesson::TESTS,
        desk::TESTS,
        hostile::TESTS,
    ]
    .concat();
    let mut trials: Vec<Trial> = tests.iter().map(|test| in_browser(test, false)).collect();
    let judged = accessible::TESTS.iter().chain(questions::JUDGED);
    trials.extend(judged.map(|test| in_browser(test, true)));
    trials.push(match packages {
        Some(packages) => Trial::test(types::NAME, move || types::test(packages)),
        None => absent(types::NAME, no_packages),
    });
    if !arguments.list {
        say_what_is_skipped(ground.is_some(), packages.is_some());
    }
    let mut conclusions = vec![libtest_mimic::run(&arguments, trials)];
    // What is measured is measured alone.
    let alone = Arguments { test_threads: Some(1), ..arguments };
    let trials = speed::TESTS.iter().map(|test| in_browser(test, false)).collect();
    conclusions.push(libtest_mimic::run(&alone, trials));
    // Not `exit`, which would leave the driver running.
    drop(ground);
    if conclusions.iter().any(libtest_mimic::Conclusion::has_failed) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// One loud line.
fn say_what_is_skipped(browser: bool, packages: bool) {
    let mut missing = Vec::new();
    if !browser {
        missing.push("no chromium or no chromedriver, so no page was opened");
    }
    if !packages {
        missing.push("no npm or no registry, so neither accessibility nor the modules' types were judged");
    }
    if !missing.is_empty() {
        let _ = writeln!(std::io::stderr(), "\nSKIPPED: {}\n", missing.join("; "));
    }
}

/// A test that this machine cannot run: ignored, but a failure where nothing may be skipped.
fn absent(name: &str, needs: &'static str) -> Trial {
    let strict = machine::strict();
    Trial::test(name, move || Err(Failed::from(format!("this needs {needs}")))).with_ignored_flag(!strict)
}
