//! From beginning to end.

use super::Options;
use crate::scenario::Plan;
use crate::trace::{Meta, Sink, Trace};
use crate::world::World;

/// Runs the plan in virtual time. The same plan and options give the same trace to the last byte.
pub fn run(plan: &Plan, options: &Options) -> Trace {
    let mut world = World::new(plan, options);
    while world.step().is_some() {}
    world.into_trace()
}

/// What holds for the whole of such a run, before it begins.
pub fn meta(plan: &Plan, options: &Options) -> Meta {
    World::new(plan, options).recorder().meta().clone()
}

/// Runs the plan and hands each record to `sink` as it comes into being; none is kept.
pub fn run_into(plan: &Plan, options: &Options, sink: &mut dyn Sink) {
    let mut world = World::new(plan, options);
    while world.step().is_some() {
        world.drain(sink);
    }
}
