//! Quantities of the expectations' language, asked for.

use super::choices::span_words;
use super::{Found, Kind, plain};
use crate::lang::Text;
use crate::link::{FramePattern, HostId};
use crate::report::judge::{matching, measure};
use crate::report::seen::Seen;
use crate::scenario::{Number, Quantity};
use crate::socket::Return;
use crate::trace::{Event, RecordId, Trace};

/// The quantity's value.
pub(super) fn measured(trace: &Trace, seen: &[Seen<'_>], quantity: &Quantity) -> Result<Found, Text> {
    let value = measure(trace, seen, quantity)?;
    let (right, kind) = match value {
        Number::Count(count) => (plain(count.to_string()), Kind::Number),
        Number::Time(span) => (plain(span_words(span)), Kind::Time(span)),
    };
    let proof = proof(trace, seen, quantity);
    Ok(Found { right: vec![right], kind, others: others(trace, seen, quantity), proof })
}

/// The record at which the value shows itself.
fn proof(trace: &Trace, seen: &[Seen<'_>], quantity: &Quantity) -> Option<RecordId> {
    let last = |pattern: &FramePattern| matching(seen, *pattern).last().map(|seen| seen.frame.record.id);
    match quantity {
        Quantity::Count(pattern) | Quantity::Lost(pattern) | Quantity::Octets(pattern) => last(pattern),
        Quantity::Time(pattern) => matching(seen, *pattern).first().map(|seen| seen.frame.record.id),
        Quantity::Gap(pattern, nth) | Quantity::Advance(pattern, nth) => {
            let place = usize::try_from(*nth).ok()?.checked_sub(1)?;
            matching(seen, *pattern).get(place).map(|seen| seen.frame.record.id)
        }
        Quantity::Counter(host, wanted) => find_last(
            trace,
            *host,
            |event| matches!(event, Event::Counted { counter, .. } if counter == wanted),
        ),
        Quantity::Queue { host, queue, max } => longest(trace, *host, queue, *max),
        Quantity::Calls { host, call, .. } => trace
            .calls()
            .iter()
            .rfind(|run| run.host == Some(*host) && run.call.name() == *call)
            .and_then(|run| run.returned)
            .map(|record| record.id),
        Quantity::Bytes(direction) | Quantity::Datagrams(direction) => direction.to.and_then(|host| {
            find_last(trace, host, |event| {
                matches!(
                    event,
                    Event::CallReturned {
                        result: Return::Received(_) | Return::ReceivedFrom(..) | Return::Message(_),
                        ..
                    }
                )
            })
        }),
        Quantity::RoundTrip(..) | Quantity::Processes { .. } | Quantity::End => {
            trace.records.last().map(|record| record.id)
        }
    }
}

/// The last such record of the host.
fn find_last(trace: &Trace, host: HostId, fits: impl Fn(&Event) -> bool) -> Option<RecordId> {
    let fits = |record: &&crate::trace::Record| record.host == Some(host) && fits(&record.event);
    trace.records.iter().rev().find(fits).map(|record| record.id)
}

/// The record at which the queue is longest for the first time, or the last that changes it.
fn longest(trace: &Trace, host: HostId, name: &str, max: bool) -> Option<RecordId> {
    let lengths = trace.lengths(host, name).into_iter().map(|(_, record, length)| (record, length));
    let mut best: Option<(RecordId, u64)> = None;
    for (id, length) in lengths {
        if best.is_none_or(|(_, most)| !max || length > most) {
            best = Some((id, length));
        }
    }
    best.map(|(id, _)| id)
}

/// The same of the frames beside the one that is meant.
fn beside(trace: &Trace, seen: &[Seen<'_>], nth: u32, of: impl Fn(u32) -> Quantity) -> Vec<Number> {
    let beside = [nth.checked_sub(1), nth.checked_add(1), nth.checked_add(2)];
    let others = beside.into_iter().flatten().filter(|nth| *nth >= 2);
    others.filter_map(|nth| measure(trace, seen, &of(nth)).ok()).collect()
}

/// What one may take for the answer: times of the other frames, and the gaps beside the one that is meant.
fn others(trace: &Trace, seen: &[Seen<'_>], quantity: &Quantity) -> Vec<Text> {
    let values: Vec<Number> = match quantity {
        Quantity::Gap(pattern, nth) => beside(trace, seen, *nth, |nth| Quantity::Gap(*pattern, nth)),
        Quantity::Advance(pattern, nth) => beside(trace, seen, *nth, |nth| Quantity::Advance(*pattern, nth)),
        Quantity::Time(pattern) => {
            let start = crate::clock::Instant::ZERO;
            let every = FramePattern { which: crate::link::Which::Every, ..*pattern };
            matching(seen, every)
                .iter()
                .take(8)
                .map(|seen| Number::Time(seen.frame.at.since(start)))
                .collect()
        }
        Quantity::Queue { host, queue, max } => {
            let other = Quantity::Queue { host: *host, queue, max: !max };
            measure(trace, seen, &other).into_iter().collect()
        }
        Quantity::Count(pattern) => measure(trace, seen, &Quantity::Lost(*pattern)).into_iter().collect(),
        Quantity::Lost(pattern) => measure(trace, seen, &Quantity::Count(*pattern)).into_iter().collect(),
        Quantity::Octets(_)
        | Quantity::RoundTrip(..)
        | Quantity::Counter(..)
        | Quantity::Calls { .. }
        | Quantity::Bytes(_)
        | Quantity::Datagrams(_)
        | Quantity::Processes { .. }
        | Quantity::End => Vec::new(),
    };
    let words = |number: Number| match number {
        Number::Count(count) => plain(count.to_string()),
        Number::Time(span) => plain(span_words(span)),
    };
    values.into_iter().map(words).collect()
}
