//! Scenario files: parse, check, lower to a [`Plan`]; the scripted processes as data. Runs nothing.

mod action;
mod builtin;
mod catalog;
mod compare;
mod cursor;
mod diagnostic;
mod expect;
mod file;
#[cfg(test)]
mod file_tests;
mod keys;
#[cfg(test)]
mod language_tests;
mod lex;
mod library;
pub mod limits;
#[cfg(test)]
mod link_tests;
mod link_words;
mod lower;
mod nearest;
mod number;
mod packets;
mod pattern;
mod plan;
mod process;
#[cfg(test)]
mod process_tests;
mod program;
mod question;
mod reader;
mod repair;
mod schema;
#[cfg(test)]
mod sets_tests;
mod shared_wire;
mod source;
pub mod syntax;
mod template;
mod toml_words;
mod topology;

pub use action::{Action, Answer, Condition, Flood, Hand};
pub use catalog::{Catalog, Lesson, Topic, catalog, topic_title};
pub use diagnostic::Diagnostic;
pub use expect::{Compare, Expectation, ExpectedPacket, Number, Predicate, Quantity};
pub use file::Scenario;
pub use library::{Builtin, builtins, find};
pub use nearest::nearest;
pub use pattern::parse_pattern;
pub use plan::{
    CardPlan, DownTime, Fault, FaultEffect, HostPlan, Ipv4Block, Ipv6Net, Knob, KnobKind, Limits, LinkPlan,
    LiveMode, LivePlan, NatPlan, Plan, ProcessPlan, ProfileName, Route6Plan, RoutePlan, TreePlan, WirePlan,
};
pub use process::Process;
pub use program::{ArpHand, Program, SourceLine, Value, Written, comment_in};
pub use question::{Cause, Place, Question, Variation, Wanted};
pub use schema::schema;
pub use shared_wire::SharedWire;
pub use template::template;
pub use topology::Topology;
