//! Numbers read off a trace, and compared.

use super::{Finding, echoes, fates, number_text, programs};
use crate::clock::Instant;
use crate::lang::Text;
use crate::link::{Direction, FramePattern, HostId, Matcher};
use crate::mib::Counter;
use crate::report::seen::Seen;
use crate::report::sockets::{Delivered, deliveries};
use crate::scenario::{Compare, Number, Quantity};
use crate::socket::{Errno, Return};
use crate::trace::Trace;
use crate::wire::MIN_FRAME;
use std::collections::BTreeMap;

/// Whether the quantity compares to the number as asked.
pub(super) fn holds(
    trace: &Trace,
    seen: &[Seen<'_>],
    quantity: &Quantity,
    how: Compare,
    number: Number,
) -> Finding {
    let came = measure(trace, seen, quantity)?;
    let (left, right) = same_kind(came, number)?;
    if how.holds(&left, &right) { Ok(()) } else { Err(instead(came)) }
}

/// Whether the quantity lies between the two numbers, both included.
pub(super) fn within(
    trace: &Trace,
    seen: &[Seen<'_>],
    quantity: &Quantity,
    low: Number,
    high: Number,
) -> Finding {
    let came = measure(trace, seen, quantity)?;
    let (least, value) = same_kind(low, came)?;
    let (_, most) = same_kind(came, high)?;
    if (least..=most).contains(&value) { Ok(()) } else { Err(instead(came)) }
}

/// Both as plain numbers; an error if one is a count and the other a time.
fn same_kind(left: Number, right: Number) -> Result<(u64, u64), Text> {
    match (left, right) {
        (Number::Count(left), Number::Count(right)) => Ok((left, right)),
        (Number::Time(left), Number::Time(right)) => Ok((left.as_nanos(), right.as_nanos())),
        (Number::Count(_), Number::Time(_)) | (Number::Time(_), Number::Count(_)) => {
            Err(Text::new("a count is compared with a time", "把个数与时间相比"))
        }
    }
}

fn instead(came: Number) -> Text {
    let came = number_text(came);
    Text::new(format!("it is {came}"), format!("实际是 {came}"))
}

/// The quantity's value; why there is none, if what it names never happened.
pub(in crate::report) fn measure(
    trace: &Trace,
    seen: &[Seen<'_>],
    quantity: &Quantity,
) -> Result<Number, Text> {
    match quantity {
        Quantity::Count(pattern) => Ok(count(matching(seen, *pattern).len())),
        Quantity::Lost(pattern) => {
            let frames = matching(seen, *pattern);
            if frames.is_empty() {
                return Err(no_frame());
            }
            Ok(count(frames.iter().filter(|frame| frame.lost()).count()))
        }
        Quantity::Octets(pattern) => {
            let frames = matching(seen, *pattern);
            if frames.is_empty() {
                return Err(no_frame());
            }
            // A card fills up what a capture before it saw shorter.
            Ok(count(frames.iter().map(|seen| seen.frame.bytes.len().max(MIN_FRAME)).sum()))
        }
        Quantity::Time(pattern) => {
            let first = matching(seen, *pattern).first().map(|frame| frame.frame.at);
            first.map(|at| Number::Time(at.since(Instant::ZERO))).ok_or_else(no_frame)
        }
        Quantity::Gap(pattern, nth) => gap(seen, *pattern, *nth),
        Quantity::Advance(pattern, nth) => advance(seen, *pattern, *nth),
        Quantity::RoundTrip(direction, nth) => echoes::round_trip(trace, seen, *direction, *nth),
        Quantity::Counter(host, counter) => Ok(Number::Count(counted(trace, *host, *counter))),
        Quantity::Queue { host, queue, max } => queue_length(trace, *host, queue, *max),
        Quantity::Calls { host, call, errno } => calls(trace, *host, call, *errno),
        Quantity::Bytes(direction) => {
            Ok(Number::Count(delivered(trace, *direction).map(|delivery| delivery.octets.len() as u64).sum()))
        }
        Quantity::Datagrams(direction) => {
            Ok(count(delivered(trace, *direction).filter(|delivery| delivery.datagram).count()))
        }
        Quantity::Processes { host, prefix, ok } => processes(trace, *host, prefix, *ok),
        Quantity::End => Ok(Number::Time(trace.end().since(Instant::ZERO))),
    }
}

fn count(n: usize) -> Number {
    Number::Count(n as u64)
}

fn no_frame() -> Text {
    Text::new("no such frame was ever sent", "从未发送过这样的帧")
}

/// The frames sent that the pattern means.
pub(in crate::report) fn matching<'s, 'a>(seen: &'s [Seen<'a>], pattern: FramePattern) -> Vec<&'s Seen<'a>> {
    let mut matcher = Matcher::new(pattern);
    seen.iter()
        .filter(|seen| {
            let Some(packet) = &seen.packet else { return false };
            matcher.matches(seen.frame.heading(), packet)
        })
        .collect()
}

fn gap(seen: &[Seen<'_>], pattern: FramePattern, nth: u32) -> Result<Number, Text> {
    let (before, at) = two(&matching(seen, pattern), nth)?;
    Ok(Number::Time(at.frame.at.since(before.frame.at)))
}

fn advance(seen: &[Seen<'_>], pattern: FramePattern, nth: u32) -> Result<Number, Text> {
    let segments: Vec<_> =
        matching(seen, pattern).into_iter().filter_map(|seen| seen.packet.as_ref()?.tcp()).collect();
    let (before, at) = two(&segments, nth)?;
    Ok(Number::Count(u64::from(at.seq - before.seq)))
}

/// The one before the n-th, and that one.
fn two<T: Copy>(all: &[T], nth: u32) -> Result<(T, T), Text> {
    let last = usize::try_from(nth).ok().and_then(|nth| nth.checked_sub(1));
    let pair = last.and_then(|last| Some((*all.get(last.checked_sub(1)?)?, *all.get(last)?)));
    pair.ok_or_else(|| {
        Text::new(
            format!("only {} such frames were sent, so there are no two up to number {nth}", all.len()),
            format!("这样的帧只发送了 {} 个，到第 {nth} 个为止凑不成两个", all.len()),
        )
    })
}

fn counted(trace: &Trace, host: HostId, counter: Counter) -> u64 {
    trace.counter(host, counter)
}

fn queue_length(trace: &Trace, host: HostId, queue: &str, max: bool) -> Result<Number, Text> {
    if !trace.endpoints.iter().any(|endpoint| endpoint.host == host) {
        let name = trace.host_name(host);
        return Err(Text::new(
            format!("{name} never had a socket, so it has no {queue} queue"),
            format!("{name} 从未有过套接字，没有 {queue} 队列"),
        ));
    }
    let lengths = trace.lengths(host, queue);
    Ok(Number::Count(if max {
        lengths.iter().map(|(_, _, length)| *length).max().unwrap_or(0)
    } else {
        let last: BTreeMap<_, u64> = lengths.into_iter().map(|(of, _, length)| (of, length)).collect();
        last.values().sum()
    }))
}

fn calls(trace: &Trace, host: HostId, name: &str, errno: Option<Errno>) -> Result<Number, Text> {
    let all = trace.calls();
    let made: Vec<_> = all.iter().filter(|run| run.host == Some(host) && run.call.name() == name).collect();
    if made.is_empty() {
        let host = trace.host_name(host);
        return Err(Text::new(format!("{host} never called {name}"), format!("{host} 从未调用 {name}")));
    }
    let meant = made.iter().filter(|run| match (run.result(), errno) {
        (Some(Return::Failed(came)), Some(errno)) => *came == errno,
        (Some(Return::Failed(_)), None) | (None, _) => false,
        (Some(_), expected) => expected.is_none(),
    });
    Ok(count(meant.count()))
}

fn delivered(trace: &Trace, direction: Direction) -> impl Iterator<Item = Delivered> {
    deliveries(trace).into_iter().filter(move |delivery| {
        direction.to.is_none_or(|to| delivery.to == to)
            && direction.from.is_none_or(|from| delivery.from.is_none_or(|sender| sender == from))
    })
}

fn processes(trace: &Trace, host: HostId, prefix: &str, ok: bool) -> Result<Number, Text> {
    let named = programs::named(trace, host, prefix);
    if named.is_empty() {
        let host = trace.host_name(host);
        return Err(Text::new(
            format!("{host} has no process whose name begins with {prefix:?}"),
            format!("{host} 没有名字以 {prefix:?} 开头的进程"),
        ));
    }
    let fates = fates(trace);
    let fared_well = |process: &crate::socket::ProcessId| {
        fates.get(process.index()).is_some_and(|fate| fate.ended && fate.failed.is_empty())
    };
    Ok(count(named.iter().filter(|process| fared_well(process) == ok).count()))
}
