//! What a live run is asked for, and what it gives back.

use super::Unavailable;
use crate::clock::Span;
use crate::lang::Text;
use crate::scenario::{LiveMode, Plan};
use crate::trace::Trace;

/// Forged segments per second that a live flood sends at most; a faster one is slowed down to this.
pub const FLOOD_PER_SECOND: u64 = 20_000;

/// Forged segments that a live flood sends at most, altogether.
pub const FLOOD_TOTAL: u64 = 200_000;

/// What is asked of a live run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How the hosts are joined; `None` chooses by what the plan needs (see [`choose_mode`]).
    pub mode: Option<LiveMode>,
    /// Whether to wait for what takes a minute of real time (the end of TIME-WAIT); otherwise the run ends at the plan's
    /// `quick_until`.
    pub slow: bool,
    /// Seed of the wire's random faults, the same as the simulated run's.
    pub seed: u64,
    /// Longest real time of the run; `None` derives it from the plan.
    pub bound: Option<Span>,
}

/// A live run.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// What the kernel did.
    pub trace: Trace,
    /// Why the trace proves nothing, if it does not: frames lost by the capture, a wait that never ended, a clock that was set.
    pub inconclusive: Vec<Text>,
    /// What was done otherwise than the plan says, honestly: a flood slowed down, for instance.
    pub notes: Vec<Text>,
}

/// Why there is no live run.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// This machine forbids it; says what to change.
    #[error("{0}")]
    Unavailable(#[from] Unavailable),
    /// The scenario says why there is no live side.
    #[error("{}", .0.en)]
    Impossible(Text),
    /// The kernel refused a step that it should have allowed.
    #[error("{}", .0.en)]
    Kernel(Text),
}

/// How the plan's hosts are to be joined: loopback where it can stand for the plan's wire, otherwise a wire of our own.
pub fn choose_mode(plan: &Plan) -> LiveMode {
    if let Some(mode) = plan.live.mode {
        return mode;
    }
    let wire = &plan.wire;
    if wire.delay_given || wire.rate.is_some() || wire.arp || !plan.faults.is_empty() {
        LiveMode::Wire
    } else {
        LiveMode::Loopback
    }
}
