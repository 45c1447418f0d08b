//! How to run a plan.

use super::Halt;
use crate::clock::Span;
use crate::scenario::Fault;
use crate::scenario::{Limits, ProfileName};
use crate::trace::Level;

/// How to run a plan. The default is what `wirewalk run` does without options.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Seed of all chance: random faults, initial sequence numbers, ephemeral ports, cookies.
    pub seed: u64,
    /// How much is recorded.
    pub level: Level,
    /// Instead of the plan's profile.
    pub profile: Option<ProfileName>,
    /// The run ends here at the latest; the plan's own end still counts.
    pub until: Option<Span>,
    /// Further faults; they are tried before those of the plan.
    pub faults: Vec<Fault>,
    /// Instead of the plan's limits.
    pub limits: Option<Limits>,
    /// In which order simultaneous events of different hosts are taken.
    pub ties: Ties,
    /// Ends the run as soon as it is raised.
    pub halt: Halt,
}

/// In which order simultaneous events are taken. What one host brings about always keeps its order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ties {
    /// As they came about.
    #[default]
    AsTheyCame,
    /// Those that the host with the lowest number brought about go first.
    LowestFirst,
    /// Those that the host with the highest number brought about go first.
    HighestFirst,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            seed: 1,
            level: Level::Full,
            profile: None,
            until: None,
            faults: Vec::new(),
            limits: None,
            ties: Ties::AsTheyCame,
            halt: Halt::default(),
        }
    }
}
