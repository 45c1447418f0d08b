//! Writes the document of a walk.

use super::document::{Document, Host, Knob, Range, SCHEMA, Tables};
use super::{branches, drawings};
use crate::lang::Text;
use crate::scenario::{KnobKind, Plan, topic_title};
use crate::trace::Source;
use crate::walk::Walk;
use crate::world::Halt;

/// The document of the walk with all its branches, in both languages.
pub fn document(walk: &Walk) -> Document {
    document_until(walk, &Halt::default())
}

/// The same, as far as it came when the sign was raised; whoever raises it wants none of it.
pub fn document_until(walk: &Walk, halt: &Halt) -> Document {
    let mut tables = Tables::default();
    let all = walk.branches();
    let branches = branches::branches(all, halt, &mut tables);
    let plots = drawings::plots(all, halt, &mut tables.paths);
    let state_diagram = drawings::states(&mut tables.paths);
    // The first branch is the run as it is; every walk has one.
    let root = &all[0];
    let meta = &root.trace.meta;
    let plan = root.plan.as_ref();
    let hosts = meta.hosts.iter().map(|host| Host {
        name: host.name.clone(),
        address: if host.kind.has_stack() { host.address.to_string() } else { String::new() },
        mac: host.mac.to_string(),
        actor: host.actor,
    });
    let knobs = plan.map_or(&[][..], |plan| &plan.knobs).iter().map(|knob| Knob {
        name: knob.name.clone(),
        means: knob.means.clone(),
        default: knob.default.clone(),
        value: knob.value.clone(),
        range: range(&knob.kind),
    });
    Document {
        schema: SCHEMA,
        scenario: meta.scenario.clone(),
        topic: plan.map_or_else(Text::default, |plan| topic_title(&plan.topic)),
        title: meta.title.clone(),
        lesson: plan.map_or_else(Text::default, |plan| plan.lesson.clone()),
        cites: plan.map_or_else(Vec::new, |plan| plan.cites.clone()),
        source: match meta.source {
            Source::Simulated => "simulated",
            Source::Live { .. } => "live",
            Source::Captured { .. } => "captured",
        },
        profile: meta.profile.clone(),
        seed: meta.seed,
        hosts: hosts.collect(),
        processes: meta.processes.iter().map(|known| (known.host.index(), known.name.clone())).collect(),
        knobs: knobs.collect(),
        // A lesson that chooses the initial numbers is about the numbers on the wire.
        absolute: plan.is_some_and(Plan::chooses_numbers),
        plots,
        state_diagram,
        tables,
        branches,
    }
}

fn range(kind: &KnobKind) -> Range {
    match kind {
        KnobKind::Integer { min, max } => Range::Integer { min: *min, max: *max },
        KnobKind::Time { min, max } => Range::Time { min: min.to_string(), max: max.to_string() },
        KnobKind::Choice(choice) => Range::Choice { choice: choice.clone() },
    }
}
