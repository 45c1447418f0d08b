//! The live side, where there is one; where not, what is missing.

use crate::clock::Span;
use crate::lang::Text;
use crate::scenario::LiveMode;
use crate::trace::Trace;
use crate::world::Halt;

/// What comes of one live run.
#[derive(Clone, Debug)]
pub enum Live {
    /// It ran.
    Ran {
        /// What the kernel did, boxed because it is large.
        trace: Box<Trace>,
        /// Why it proves nothing, if it does not.
        inconclusive: Vec<Text>,
        /// What was done otherwise than the plan says.
        notes: Vec<Text>,
    },
    /// The scenario says why there is no live side.
    Impossible(Text),
    /// The kernel refused a step.
    Refused(Text),
}

/// Why this machine has no live side, and what to change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unavailable {
    /// What is missing.
    pub what: Text,
    /// What to change; nothing can be changed where it is empty.
    pub remedy: Text,
}

/// How a live run is wanted.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// How the hosts are joined; `None` chooses by what the plan needs.
    pub mode: Option<LiveMode>,
    /// Whether to wait for what takes a minute.
    pub slow: bool,
    /// Seed of the wire's faults.
    pub seed: u64,
    /// Longest real time; `None` derives it from the plan.
    pub bound: Option<Span>,
    /// Ends the run as soon as it is raised.
    pub halt: Halt,
}

#[cfg(target_os = "linux")]
pub use linux::{enter, run};

#[cfg(target_os = "linux")]
mod linux {
    use super::{Live, Unavailable, Wanted};
    use crate::live;
    use crate::scenario::Plan;

    impl From<live::Unavailable> for Unavailable {
        fn from(unavailable: live::Unavailable) -> Unavailable {
            Unavailable { what: unavailable.what, remedy: unavailable.remedy }
        }
    }

    /// Moves this process into a user namespace of its own; to be called while it has one thread.
    ///
    /// # Errors
    /// The machine forbids it.
    pub fn enter() -> Result<(), Unavailable> {
        live::enter().map_err(Unavailable::from)
    }

    /// Runs the plan on the kernel.
    ///
    /// # Errors
    /// The machine forbids it.
    pub fn run(plan: &Plan, wanted: &Wanted) -> Result<Live, Unavailable> {
        let Wanted { mode, slow, seed, bound, halt } = wanted.clone();
        match live::run(plan, &live::Options { mode, slow, seed, bound, halt }) {
            Ok(outcome) => Ok(Live::Ran {
                trace: Box::new(outcome.trace),
                inconclusive: outcome.inconclusive,
                notes: outcome.notes,
            }),
            Err(live::Error::Unavailable(unavailable)) => Err(unavailable.into()),
            Err(live::Error::Impossible(why)) => Ok(Live::Impossible(why)),
            Err(live::Error::Kernel(why)) => Ok(Live::Refused(why)),
        }
    }
}

#[cfg(not(target_os = "linux"))]
pub use elsewhere::{enter, run};

#[cfg(not(target_os = "linux"))]
mod elsewhere {
    use super::{Live, Unavailable, Wanted};
    use crate::lang::Text;
    use crate::scenario::Plan;

    /// There is no live side here.
    ///
    /// # Errors
    /// Always.
    pub fn enter() -> Result<(), Unavailable> {
        let what = Text::new(
            "the live side needs Linux: its namespaces and its kernel are what is compared with; everything \
             simulated works here",
            "真实一侧需要 Linux：对照的正是它的命名空间与内核；凡是模拟的，这里都能做",
        );
        Err(Unavailable { what, remedy: Text::default() })
    }

    /// There is no live side here.
    ///
    /// # Errors
    /// Always.
    pub fn run(_plan: &Plan, _wanted: &Wanted) -> Result<Live, Unavailable> {
        enter().map(|()| Live::Impossible(Text::default()))
    }
}
