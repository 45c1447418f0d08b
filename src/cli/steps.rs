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
