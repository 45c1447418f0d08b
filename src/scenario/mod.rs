//! Scenario files: parse, check, lower to a [`Plan`]; the scripted processes as data. Runs nothing.

mod action;
mod expect;
mod plan;

pub use action::{Action, Answer, Condition, Flood, Hand};
pub use expect::{Compare, Expectation, ExpectedPacket, Number, Predicate, Quantity};
pub use plan::{
    Fault, FaultEffect, HostPlan, Ipv4Block, Knob, KnobKind, Limits, LiveMode, LivePlan, Plan, ProcessPlan,
    ProfileName, Question, WirePlan,
};

/// A checked program (replaced by `program.rs`).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Program {}
