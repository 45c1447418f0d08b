//! How much of a run is kept.

/// How much a run records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Nothing but the end; nothing is allocated per frame.
    Off,
    /// Queues and counters only: no frames, no variables.
    Events,
    /// Everything: frames, states, calls, variables, queues, counters. Generated load still leaves only
    /// queues and counters.
    #[default]
    Full,
}
