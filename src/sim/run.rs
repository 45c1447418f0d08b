//! From beginning to end.

use super::Options;
use crate::scenario::{Fault, Plan};
use crate::trace::{RecordId, Sink, Trace};
use crate::world::World;

/// Runs the plan in virtual time. The same plan and options give the same trace to the last byte.
pub fn run(plan: &Plan, options: &Options) -> Trace {
    let mut world = World::new(plan, options);
    while world.step().is_some() {}
    world.into_trace()
}

/// Runs the plan and hands each record to `sink` as it comes into being; none is kept.
pub fn run_into(plan: &Plan, options: &Options, sink: &mut dyn Sink) {
    let mut world = World::new(plan, options);
    while world.step().is_some() {
        world.drain(sink);
    }
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
