//! Both runs end where the quick comparison ends.

use crate::clock::{Instant, Span};
use crate::trace::{Event, Record, RecordId, Trace};

/// The simulated trace up to and including `until`.
pub(super) fn simulated(trace: &Trace, until: Span) -> Trace {
    let end = Instant::ZERO + until;
    keep(trace, |record| record.at <= end)
}

/// The live trace up to `until`; what is read once, when the run is over, stays.
pub(super) fn live(trace: &Trace, until: Span) -> Trace {
    let end = Instant::ZERO + until;
    keep(trace, |record| record.at <= end || read_at_the_end(&record.event))
}

/// Whether the kernel was asked for it, rather than its happening.
fn read_at_the_end(event: &Event) -> bool {
    match event {
        Event::Counted { .. }
        | Event::StatesObserved { .. }
        | Event::Queue { .. }
        | Event::Stopped(_)
        | Event::StateChanged { .. }
        | Event::Variables { .. } => true,
        Event::FrameSent { .. }
        | Event::FrameArrived { .. }
        | Event::FrameLost { .. }
        | Event::FrameDropped { .. }
        | Event::CallStarted { .. }
        | Event::CallBlocked { .. }
        | Event::CallReturned { .. }
        | Event::Checked { .. }
        | Event::Forked { .. }
        | Event::ProcessEnded { .. }
        | Event::TimerFired { .. }
        | Event::Noted { .. }
        | Event::LinkChanged { .. } => false,
    }
}

/// The trace with only these records, numbered anew. A record that refers to one that goes, goes as well.
fn keep(trace: &Trace, wanted: impl Fn(&Record) -> bool) -> Trace {
    let mut new_number: Vec<Option<RecordId>> = vec![None; trace.records.len()];
    let mut records: Vec<Record> = Vec::new();
    for record in &trace.records {
        if !wanted(record) {
            continue;
        }
        let renumbered = |id: RecordId| new_number.get(id.0 as usize).copied().flatten();
        let mut event = record.event.clone();
        if let Some(reference) = event.reference_mut() {
            match renumbered(*reference) {
                Some(number) => *reference = number,
                None => continue,
            }
        }
        let number = RecordId(records.len() as u32);
        let cause = record.cause.and_then(renumbered);
        records.push(Record { id: number, at: record.at, host: record.host, cause, event });
        new_number[record.id.0 as usize] = Some(number);
    }
    Trace { meta: trace.meta.clone(), endpoints: trace.endpoints.clone(), records }
}
