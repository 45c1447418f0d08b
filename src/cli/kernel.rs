//! The live side, where there is one; where not, what is missing.

use super::args::ModeArg;
use super::load::Loaded;
use super::out::Failure;
use super::settings::Settings;
use crate::trace::Trace;

/// What comes of one live run.
pub enum Live {
    /// It ran.
    Ran {
        /// What the kernel did, boxed because it is large.
        trace: Box<Trace>,
        /// Why it proves nothing, if it does not.
        inconclusive: Vec<crate::lang::Text>,
        /// What was done otherwise than the plan says.
        notes: Vec<crate::lang::Text>,
    },
    /// The scenario says why there is no live side.
    Impossible(crate::lang::Text),
    /// The kernel refused a step.
    Refused(crate::lang::Text),
}

/// The real kernel instead of the simulation, for `export --live` and `step --live`.
pub fn run_one(loaded: &Loaded, wanted: Wanted, settings: &Settings) -> Result<Trace, Failure> {
    enter(settings)?;
    let plan = loaded.plan_with_losses();
    match run(&plan, wanted, settings)? {
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

/// How a live run is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// How the hosts are joined.
    pub mode: Option<ModeArg>,
    /// Whether to wait for what takes a minute.
    pub slow: bool,
    /// Seed of the wire's faults.
    pub seed: u64,
}

#[cfg(target_os = "linux")]
pub use linux::{enter, run};

#[cfg(target_os = "linux")]
mod linux {
    use super::{Failure, Live, ModeArg, Settings, Wanted};
    use crate::live;
    use crate::scenario::{LiveMode, Plan};

    /// Moves this process into a user namespace of its own; to be called while it has one thread.
    pub fn enter(settings: &Settings) -> Result<(), Failure> {
        live::enter().map_err(|unavailable| forbidden(&unavailable, settings))
    }

    fn forbidden(unavailable: &live::Unavailable, settings: &Settings) -> Failure {
        let lang = settings.lang();
        Failure::Unable(format!(
            "{}{}\n{}\n",
            lang.pick("error: ", "错误："),
            unavailable.what.get(lang),
            unavailable.remedy.get(lang)
        ))
    }

    /// Runs the plan on the kernel.
    pub fn run(plan: &Plan, wanted: Wanted, settings: &Settings) -> Result<Live, Failure> {
        let mode = wanted.mode.map(|mode| match mode {
            ModeArg::Loopback => LiveMode::Loopback,
            ModeArg::Wire => LiveMode::Wire,
        });
        let options = live::Options { mode, slow: wanted.slow, seed: wanted.seed, bound: None };
        match live::run(plan, &options) {
            Ok(outcome) => Ok(Live::Ran {
                trace: Box::new(outcome.trace),
                inconclusive: outcome.inconclusive,
                notes: outcome.notes,
            }),
            Err(live::Error::Unavailable(unavailable)) => Err(forbidden(&unavailable, settings)),
            Err(live::Error::Impossible(why)) => Ok(Live::Impossible(why)),
            Err(live::Error::Kernel(why)) => Ok(Live::Refused(why)),
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{enter, run};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Failure, Live, Settings, Wanted};
    use crate::scenario::Plan;

    /// There is no live side here.
    pub fn enter(settings: &Settings) -> Result<(), Failure> {
        Err(Failure::Unable(
            settings.lang().pick(
                "the live side needs Linux: its namespaces and its kernel are what is compared with; \
             everything simulated works here"
                    .to_owned(),
                "真实一侧需要 Linux：对照的正是它的命名空间与内核；凡是模拟的，这里都能做".to_owned(),
            ),
        ))
    }

    /// Never reached: [`enter`] comes first.
    pub fn run(_plan: &Plan, _wanted: Wanted, settings: &Settings) -> Result<Live, Failure> {
        enter(settings).map(|()| Live::Impossible(crate::lang::Text::default()))
    }
}
