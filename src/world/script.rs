//! The scripted processes: data that the world asks for their next action.

use crate::clock::{Instant, Span};
use crate::link::{FramePattern, Heading, HostId, Matcher};
use crate::scenario::{Condition, Plan, Process, ProcessPlan};
use crate::socket::{ProcessId, Return};
use crate::trace::RecordId;
use crate::wire::Packet;
use std::collections::VecDeque;

/// What a process is at.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Doing {
    /// It goes on at a moment that is on the agenda.
    Soon,
    /// It waits in the call that this record began.
    InCall(Option<RecordId>),
    /// It waits for a condition.
    Waiting(Condition),
    /// It is over.
    Ended,
}

/// A process of the world.
#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) script: Process,
    pub(super) host: HostId,
    pub(super) doing: Doing,
    /// The record that let it go on last.
    pub(super) last: Option<RecordId>,
    /// Whether it started with the run.
    pub(super) initial: bool,
    /// What its calls returned that waited, and when, if it is driven from outside.
    pub(super) returns: Option<VecDeque<(Instant, Return)>>,
}

/// A pattern that some program waits for, and whether it has been seen.
#[derive(Clone, Debug)]
pub(super) struct Watch {
    pattern: FramePattern,
    matcher: Matcher,
    seen: bool,
}

/// All processes.
#[derive(Clone, Debug)]
pub(super) struct Scripts {
    pub(super) running: Vec<Running>,
    /// Those that wait for a condition, longest first.
    pub(super) waiting: Vec<ProcessId>,
    watches: Vec<Watch>,
    /// Ports that programs have bound so far.
    pub(super) bound: Vec<(HostId, u16)>,
}

impl Scripts {
    pub(super) fn new(plan: &Plan) -> Scripts {
        let mut scripts =
            Scripts { running: Vec::new(), waiting: Vec::new(), watches: Vec::new(), bound: Vec::new() };
        for process in &plan.processes {
            scripts.add(process, true, None);
            // Patterns count from the start of the run, long before a program comes to wait for them.
            for pattern in process.program.frame_patterns() {
                if scripts.watches.iter().all(|watch| watch.pattern != pattern) {
                    let matcher = Matcher::new(pattern);
                    scripts.watches.push(Watch { pattern, matcher, seen: false });
                }
            }
        }
        scripts
    }

    pub(super) fn add(
        &mut self,
        plan: &ProcessPlan,
        initial: bool,
        cause: Option<RecordId>,
    ) -> (ProcessId, HostId) {
        let id = ProcessId(self.running.len() as u32);
        let (script, host) = (Process::new(plan), plan.host);
        self.running.push(Running { script, host, doing: Doing::Soon, last: cause, initial, returns: None });
        (id, host)
    }

    pub(super) fn get_mut(&mut self, process: ProcessId) -> &mut Running {
        &mut self.running[process.index()]
    }

    /// Whether any program waits for frames.
    pub(super) fn watching(&self) -> bool {
        !self.watches.is_empty()
    }

    /// A frame was sent.
    pub(super) fn watch(&mut self, heading: Heading, packet: &Packet) {
        for watch in &mut self.watches {
            watch.seen |= watch.matcher.matches(heading, packet);
        }
    }

    pub(super) fn seen(&self, pattern: &FramePattern) -> bool {
        self.watches.iter().any(|watch| watch.pattern == *pattern && watch.seen)
    }

    /// Whether all processes of the host that started with the run are over.
    pub(super) fn ended(&self, host: HostId) -> bool {
        self.running
            .iter()
            .filter(|process| process.host == host && process.initial)
            .all(|process| process.doing == Doing::Ended)
    }

    /// Whether some process is not over.
    pub(super) fn any_left(&self) -> bool {
        self.running.iter().any(|process| process.doing != Doing::Ended)
    }
}

/// When a wait for a time of the run is over.
pub(super) fn moment(span: Span) -> Instant {
    Instant::ZERO + span
}
