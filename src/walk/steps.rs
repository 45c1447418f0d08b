//! A trace cut into the steps a learner walks: what happens at one moment on one host, from what set it off.

use crate::clock::{Instant, Span};
use crate::link::HostId;
use crate::trace::{Event, Flow, Record, RecordId, Source, Trace};

/// One step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// The flow that frame belongs to.
    pub flow: Option<Flow>,
}

/// What a real machine does within this time, one thing after another, is one step: nothing there takes no time at all.
const AT_ONCE: Span = Span::millis(1);

/// The steps of a trace; those of which nothing is to be told are part of the step before.
pub fn steps(trace: &Trace) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    let real = !matches!(trace.meta.source, Source::Simulated);
    let at_once = |step: &Step, record: &Record| match real {
        true => {
            let another = matches!(record.event, Event::FrameSent { .. }) && step.frame.is_some();
            !another && record.at.since(step.at) < AT_ONCE
        }
        false => step.at == record.at,
    };
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
                if at_once(step, record)
                    && !begins
                    && (step.host == record.host || record.host.is_none() || !tells) =>
            {
                step.last = record.id;
                step.frame = step.frame.or(frame);
            }
            Some(step) if !tells && at_once(step, record) => step.last = record.id,
            _ => steps.push(Step {
                at: record.at,
                host: record.host,
                first: record.id,
                last: record.id,
                frame,
                flow: None,
            }),
        }
    }
    let frames = trace.frames();
    for step in &mut steps {
        let place =
            step.frame.and_then(|sent| frames.binary_search_by_key(&sent, |frame| frame.record.id).ok());
        step.flow = place.and_then(|place| frames[place].flow());
    }
    steps
}

/// The step that holds a record.
pub fn holding(steps: &[Step], record: RecordId) -> Option<usize> {
    let place = steps.partition_point(|step| step.last < record);
    (place < steps.len()).then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{scenario, sim};

    #[test]
    fn every_record_is_in_exactly_one_step() {
        for builtin in scenario::builtins() {
            let scenario = builtin.scenario().expect("without mistakes");
            let trace = sim::run(scenario.default_plan(), &sim::Options::default());
            let steps = steps(&trace);
            let mut next = 0;
            for (place, step) in steps.iter().enumerate() {
                assert_eq!(step.first.0, next, "{}", builtin.name);
                assert!(step.last >= step.first);
                assert_eq!(holding(&steps, step.first), Some(place));
                assert_eq!(holding(&steps, step.last), Some(place));
                next = step.last.0 + 1;
            }
            assert_eq!(next as usize, trace.records.len(), "{}", builtin.name);
            assert_eq!(holding(&steps, RecordId(next)), None);
        }
    }

    #[test]
    fn what_a_real_machine_does_within_a_moment_is_one_step_but_each_frame_has_its_own() {
        let builtin = scenario::find("four-way-close").expect("built in");
        let scenario = builtin.scenario().expect("without mistakes");
        let mut trace = sim::run(scenario.default_plan(), &sim::Options::default());
        let simulated = steps(&trace).len();
        trace.meta.source = Source::Live { kernel: "6.0".to_owned(), mode: "wire" };
        for record in &mut trace.records {
            record.at += Span::nanos(u64::from(record.id.0) * 100);
        }
        let live = steps(&trace);
        let frames = trace.frames().len();
        assert!(live.len() <= simulated + frames, "{} steps, simulated {simulated}", live.len());
        for step in &live {
            let records = &trace.records[step.first.0 as usize..=step.last.0 as usize];
            let sent =
                records.iter().filter(|record| matches!(record.event, Event::FrameSent { .. })).count();
            assert!(sent <= 1, "{sent} frames in the step at {}", step.at);
        }
    }
}
