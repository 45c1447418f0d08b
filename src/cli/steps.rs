//! A trace cut into the steps a learner walks: what happens at one moment on one host, from what set it off.

use crate::clock::Instant;
use crate::link::{HostId, Matcher};
use crate::scenario::{Plan, Question};
use crate::trace::{Event, RecordId, Trace};
use crate::wire::{Checksums, parse_with};

/// One step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// When.
    pub at: Instant,
    /// Where; `None` on the wire.
    pub host: Option<HostId>,
    /// The first record.
    pub first: RecordId,
    /// The last record.
    pub last: RecordId,
    /// The frame it begins with or sends, if any: the first [`Event::FrameSent`] in it, or that of the frame which arrives.
    pub frame: Option<RecordId>,
}

/// The steps of a trace; those of which nothing is to be told are part of the step before.
pub fn steps(trace: &Trace) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for record in &trace.records {
        let begins = matches!(
            record.event,
            Event::FrameArrived { .. }
                | Event::TimerFired { .. }
                | Event::LinkChanged { .. }
                | Event::StatesObserved { .. }
                | Event::Stopped(_)
        );
        let tells = !matches!(
            record.event,
            Event::Variables { .. } | Event::Queue { .. } | Event::Counted { .. } | Event::FrameLost { .. }
        );
        let frame = match &record.event {
            Event::FrameSent { .. } => Some(record.id),
            Event::FrameArrived { sent, .. } | Event::FrameLost { sent, .. } => Some(*sent),
            _ => None,
        };
        match steps.last_mut() {
            Some(step)
                if step.at == record.at
                    && !begins
                    && (step.host == record.host || record.host.is_none() || !tells) =>
            {
                step.last = record.id;
                step.frame = step.frame.or(frame);
            }
            Some(step) if !tells && step.at == record.at => step.last = record.id,
            _ => steps.push(Step {
                at: record.at,
                host: record.host,
                first: record.id,
                last: record.id,
                frame,
            }),
        }
    }
    steps
}

/// The step that sends a frame.
pub fn sending(steps: &[Step], frame: RecordId) -> Option<usize> {
    steps.iter().position(|step| step.first <= frame && frame <= step.last)
}

/// For each question, the step that shows the frame it is asked before.
pub fn questions<'a>(plan: &'a Plan, trace: &Trace, steps: &[Step]) -> Vec<(usize, &'a Question)> {
    let mut found = Vec::new();
    for question in &plan.questions {
        let mut matcher = Matcher::new(question.before);
        let asked = trace.records.iter().find(|record| match &record.event {
            Event::FrameSent { frame, to, .. } => parse_with(frame, Checksums::Ignore)
                .is_ok_and(|packet| matcher.matches(record.host, *to, &packet)),
            _ => false,
        });
        if let Some(step) = asked.and_then(|record| sending(steps, record.id)) {
            found.push((step, question));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scenario, sim};

    fn walk(name: &str) -> (Plan, Trace) {
        let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
        let plan = scenario.default_plan().clone();
        let trace = sim::run(&plan, &sim::Options::default());
        (plan, trace)
    }

    #[test]
    fn every_record_is_in_exactly_one_step() {
        for builtin in scenario::builtins() {
            let (_, trace) = walk(builtin.name);
            let mut next = 0;
            for step in steps(&trace) {
                assert_eq!(step.first.0, next, "{}", builtin.name);
                assert!(step.last >= step.first);
                next = step.last.0 + 1;
            }
            assert_eq!(next as usize, trace.records.len(), "{}", builtin.name);
        }
    }

    #[test]
    fn every_question_of_every_scenario_is_asked_and_has_an_answer() {
        for builtin in scenario::builtins() {
            let (plan, trace) = walk(builtin.name);
            let steps = steps(&trace);
            assert_eq!(questions(&plan, &trace, &steps).len(), plan.questions.len(), "{}", builtin.name);
            for question in &plan.questions {
                assert!(crate::report::answer(&plan, &trace, question).is_some(), "{}", question.ask.en);
            }
        }
    }
}
