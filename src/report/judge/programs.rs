//! What became of processes: their own checks are expectations too.

use super::Judged;
use crate::lang::Text;
use crate::link::HostId;
use crate::socket::ProcessId;
use crate::trace::{Event, Trace};

/// How one process fared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::report) struct ProcessFate {
    /// Whether its program came to its end.
    pub(in crate::report) ended: bool,
    /// The checks that did not hold.
    pub(in crate::report) failed: Vec<Failed>,
}

/// A check that did not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::report) struct Failed {
    /// The program's words.
    pub(in crate::report) text: String,
    /// What came instead.
    pub(in crate::report) actual: String,
    /// Whether it had to hold; not so after `try`.
    pub(in crate::report) required: bool,
}

/// How each process of the trace fared, by [`ProcessId`].
pub(in crate::report) fn fates(trace: &Trace) -> Vec<ProcessFate> {
    let mut fates = vec![ProcessFate::default(); trace.meta.processes.len()];
    for record in &trace.records {
        match &record.event {
            Event::Checked { process, text, held: false, required, actual } => {
                if let Some(fate) = fates.get_mut(process.index()) {
                    fate.failed.push(Failed {
                        text: text.clone(),
                        actual: actual.clone(),
                        required: *required,
                    });
                }
            }
            Event::ProcessEnded { process } => {
                if let Some(fate) = fates.get_mut(process.index()) {
                    fate.ended = true;
                }
            }
            _ => {}
        }
    }
    fates
}

/// The failed checks that had to hold.
pub(super) fn failures(trace: &Trace) -> Vec<Judged> {
    let mut failures = Vec::new();
    for (info, fate) in trace.meta.processes.iter().zip(fates(trace)) {
        for Failed { text, actual, .. } in fate.failed.into_iter().filter(|failed| failed.required) {
            failures.push(Judged {
                expectation: None,
                says: Text::new(format!("{}: {text}", info.name), format!("{}：{text}", info.name)),
                cite: String::new(),
                held: false,
                found: Text::new(format!("came {actual}"), format!("得到的是 {actual}")),
                line: 0,
            });
        }
    }
    failures
}

/// The processes of that host whose names begin with `prefix`.
pub(super) fn named(trace: &Trace, on: HostId, prefix: &str) -> Vec<ProcessId> {
    trace
        .meta
        .processes
        .iter()
        .enumerate()
        .filter(|(_, info)| info.host == on && info.name.starts_with(prefix))
        .filter_map(|(index, _)| u32::try_from(index).ok().map(ProcessId))
        .collect()
}
