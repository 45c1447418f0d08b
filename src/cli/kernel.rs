//! The live side as commands ask for it.

use super::args::ModeArg;
use super::load::Loaded;
use super::out::Failure;
use super::settings::Settings;
use crate::beside::{self, Live, Unavailable, Wanted};
use crate::scenario::LiveMode;
use crate::trace::Trace;

/// The real kernel instead of the simulation, for `export --live` and `step --live`.
pub fn run_one(loaded: &Loaded, wanted: &Wanted, settings: &Settings) -> Result<Trace, Failure> {
    enter(settings)?;
    let plan = loaded.plan_with_losses();
    match beside::run(&plan, wanted).map_err(|unavailable| forbidden(&unavailable, settings))? {
        Live::Ran { trace, inconclusive, notes } => {
            for word in notes.iter().chain(&inconclusive) {
                if !settings.quiet {
                    super::out::say(&format!("{}\n", word.get(settings.lang())));
                }
            }
            Ok(*trace)
        }
        Live::Impossible(why) | Live::Refused(why) => {
            Err(Failure::Unable(why.get(settings.lang()).to_owned()))
        }
    }
}

/// How a live run is wanted on the command line.
pub fn wanted(mode: Option<ModeArg>, slow: bool, seed: u64) -> Wanted {
    let mode = mode.map(|mode| match mode {
        ModeArg::Loopback => LiveMode::Loopback,
        ModeArg::Wire => LiveMode::Wire,
    });
    Wanted { mode, slow, seed, ..Wanted::default() }
}

/// Moves this process into a user namespace of its own; to be called while it has one thread.
pub fn enter(settings: &Settings) -> Result<(), Failure> {
    beside::enter().map_err(|unavailable| forbidden(&unavailable, settings))
}

/// What is missing, and what to change.
pub fn forbidden(unavailable: &Unavailable, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let (what, remedy) = (unavailable.what.get(lang), unavailable.remedy.get(lang));
    if remedy.is_empty() {
        return Failure::Unable(what.to_owned());
    }
    Failure::Unable(format!("{}{what}\n{remedy}\n", lang.pick("error: ", "错误：")))
}
