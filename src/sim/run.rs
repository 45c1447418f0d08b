//! From beginning to end.

use super::Options;
use crate::link::HostId;
use crate::scenario::{Fault, Plan};
use crate::trace::{Event, Meta, RecordId, Recorder, Source, Stop, Trace};

/// Runs the plan in virtual time. The same plan and options give the same trace to the last byte.
pub fn run(plan: &Plan, options: &Options) -> Trace {
    let mut recorder = Recorder::new(Meta {
        scenario: plan.name.clone(),
        title: plan.title.clone(),
        profile: String::new(),
        seed: options.seed,
        source: Source::Simulated,
        hosts: Vec::new(),
        processes: Vec::new(),
    });
    recorder.push(crate::clock::Instant::ZERO, None::<HostId>, None, Event::Stopped(Stop::Finished));
    recorder.finish()
}

/// A run with further faults, and where it parts from the run without them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The run with the further faults.
    pub trace: Trace,
    /// The first record that differs from the run without them; `None` if none does.
    pub parts_at: Option<RecordId>,
}

/// Runs the plan again from zero with further faults.
pub fn branch(plan: &Plan, options: &Options, faults: &[Fault]) -> Branch {
    let base = run(plan, options);
    let mut changed = options.clone();
    changed.faults.splice(0..0, faults.iter().cloned());
    let trace = run(plan, &changed);
    let parts = base.records.iter().zip(&trace.records).position(|(one, other)| one != other);
    Branch { trace, parts_at: parts.map(|place| RecordId(place as u32)) }
}
