//! How long processes waited for their turn on a processor after what they waited for had come. A run in which that took too
//! long shows the machine's load, not the protocol.

use crate::clock::{Instant, Span};
use crate::socket::{Call, Errno, Return};
use crate::trace::{Event, RecordId, Trace};
use std::collections::BTreeMap;

/// The longest time between the arrival of a frame and the return of a call that had waited for it, or that a call to send
/// took though it did not have to wait: its burst was torn apart.
pub(super) fn waking(trace: &Trace) -> Span {
    let mut arrived: BTreeMap<usize, Instant> = BTreeMap::new();
    let mut blocked: BTreeMap<RecordId, Instant> = BTreeMap::new();
    let mut sending: BTreeMap<RecordId, Instant> = BTreeMap::new();
    let mut longest = Span::ZERO;
    for record in &trace.records {
        match (&record.event, record.host) {
            (Event::FrameArrived { .. }, Some(host)) => {
                arrived.insert(host.index(), record.at);
            }
            (Event::CallStarted { call: Call::Send { .. }, .. }, _) => {
                sending.insert(record.id, record.at);
            }
            (Event::CallBlocked { call, .. }, _) => {
                sending.remove(call);
                blocked.insert(*call, record.at);
            }
            (Event::CallReturned { call, .. }, _) if sending.contains_key(call) => {
                longest = longest.max(sending.remove(call).map_or(Span::ZERO, |since| record.at - since));
            }
            (Event::CallReturned { call, result, .. }, Some(host)) if !by_timer(trace, *call, result) => {
                let since = blocked.remove(call);
                let came = arrived.get(&host.index()).copied();
                // Without a frame since it began to wait, something else woke it.
                if let (Some(since), Some(came)) = (since, came)
                    && came >= since
                {
                    longest = longest.max(record.at - came);
                }
            }
            _ => {}
        }
    }
    longest
}

/// Whether a timer ended the call, not a frame.
fn by_timer(trace: &Trace, started: RecordId, result: &Return) -> bool {
    match result {
        Return::Failed(errno) => matches!(errno, Errno::EAGAIN | Errno::ETIMEDOUT | Errno::EHOSTUNREACH),
        Return::Ready(read, write) => read.is_empty() && write.is_empty(),
        // One that may wait takes all, unless its time is over.
        Return::Sent(taken) => match &trace.record(started).event {
            Event::CallStarted { call, .. } => call.data().is_some_and(|data| *taken < data.len()),
            _ => false,
        },
        _ => false,
    }
}
