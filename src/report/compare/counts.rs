//! Counters and queues.

use super::side::Side;
use super::tally::{Finding, Subject, Tally};
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::link::HostId;
use crate::mib::Counter;
use crate::scenario::Plan;
use crate::tcp::State;
use crate::trace::{EndpointId, Event, QueueSeries, Trace};

/// A kernel's queues are looked at now and then: a peak shorter than this may pass unseen.
const SEEN_FOR_SURE: Span = Span::millis(100);

/// How long a queue must not have changed for its last length to be compared.
const STANDS_STILL: Span = Span::millis(500);

/// Every counter's rise: host by host, or summed up where all hosts share one kernel's counters. `acks` are the frames of
/// either run that only acknowledge bursts: how many there are is not compared, so they do not count here either.
pub(super) fn compare_counters(
    plan: &Plan,
    (left_side, right_side): (&Side<'_>, &Side<'_>),
    acks: &[Vec<usize>; 2],
    tally: &mut Tally,
) {
    let (simulated, live) = (left_side.trace, right_side.trace);
    let bursts = acks.iter().any(|acks| !acks.is_empty());
    let shared = live
        .records
        .iter()
        .any(|record| matches!(record.event, Event::Counted { .. }) && record.host.is_none())
        || matches!(&live.meta.source, crate::trace::Source::Live { mode, .. } if *mode == "loopback");
    for counter in Counter::ALL {
        // Whether an ACK was delayed is not compared where ACKs are not.
        if bursts && matches!(counter, Counter::DelayedACKs | Counter::DelayedACKLost) {
            continue;
        }
        if shared {
            let left = total(simulated, *counter).saturating_sub(aside(left_side, &acks[0], None, *counter));
            let right = total(live, *counter).saturating_sub(aside(right_side, &acks[1], None, *counter));
            check(None, *counter, left, right, "", tally);
            continue;
        }
        for (index, host) in (0_u16..).zip(&plan.hosts) {
            // A kernel's switch counts what it hears too; the simulated one has no stack to do so.
            if !host.has_stack() {
                continue;
            }
            let id = HostId(index);
            let left = of_host(simulated, id, *counter).saturating_sub(aside(
                left_side,
                &acks[0],
                Some(id),
                *counter,
            ));
            let right =
                of_host(live, id, *counter).saturating_sub(aside(right_side, &acks[1], Some(id), *counter));
            check(Some(id), *counter, left, right, &host.name, tally);
        }
    }
}

/// How many of these ACKs the counter counts, on one host or on all.
fn aside(side: &Side<'_>, acks: &[usize], host: Option<HostId>, counter: Counter) -> u64 {
    let is = |other: Option<HostId>| host.is_none() || host == other;
    let counts = |place: &&usize| {
        let Some(seen) = side.seen.get(**place) else { return false };
        match counter {
            Counter::OutSegs => is(seen.frame.from),
            Counter::InSegs => is(seen.frame.to) && !seen.lost(),
            _ => false,
        }
    };
    acks.iter().filter(counts).count() as u64
}

fn check(host: Option<HostId>, counter: Counter, left: u64, right: u64, name: &str, tally: &mut Tally) {
    tally.check(left == right, || {
        let of = if name.is_empty() { String::new() } else { format!("{name}.") };
        let what = Text::new(format!("{of}{counter}"), format!("{of}{counter}"));
        Finding::numbers(Subject::Counter(host, counter), what, left, right)
    });
}

fn total(trace: &Trace, wanted: Counter) -> u64 {
    rises(trace, wanted).map(|(_, by)| by).sum()
}

fn of_host(trace: &Trace, host: HostId, wanted: Counter) -> u64 {
    rises(trace, wanted).filter(|(of, _)| *of == Some(host)).map(|(_, by)| by).sum()
}

fn rises(trace: &Trace, wanted: Counter) -> impl Iterator<Item = (Option<HostId>, u64)> + '_ {
    trace.records.iter().filter_map(move |record| match &record.event {
        Event::Counted { counter, by } if *counter == wanted => Some((record.host, *by)),
        _ => None,
    })
}

/// The greatest length of each host's half-open and accept queues. A length that the simulated queue held long enough
/// must have been seen; a greater one than it ever had must not.
pub(super) fn compare_queues(simulated: &Side<'_>, live: &Side<'_>, tally: &mut Tally) {
    for (index, host) in (0_u16..).zip(&simulated.trace.meta.hosts) {
        let id = HostId(index);
        for queue in ["half-open", "accept"] {
            let left = of_queue(simulated.trace, id, queue);
            let right = of_queue(live.trace, id, queue);
            if left.is_empty() && right.is_empty() {
                continue;
            }
            let end = simulated.trace.end();
            let most = left.iter().map(QueueSeries::max).max().unwrap_or(0);
            let held = left.iter().map(|series| held(series, end)).max().unwrap_or(0);
            let came = right.iter().map(QueueSeries::max).max().unwrap_or(0);
            tally.check((held..=most).contains(&came), || {
                let what = Text::new(
                    format!("most in the {queue} queue of {}", host.name),
                    format!("{} 的 {queue} 队列最长时", host.name),
                );
                Finding::numbers(Subject::Queue(id, queue), what, most, came)
            });
            compare_last(&left, &right, (simulated.trace, live.trace), (id, queue), tally);
        }
    }
}

/// A queue that stood still for a while before either run ended ends at the same length in both. Only while its listener
/// is there can a kernel be asked for it.
fn compare_last(
    left: &[QueueSeries],
    right: &[QueueSeries],
    traces: (&Trace, &Trace),
    (host, queue): (HostId, &'static str),
    tally: &mut Tally,
) {
    let end = traces.0.end().min(traces.1.end());
    let stands = |all: &[QueueSeries]| {
        all.iter().flat_map(|series| &series.points).all(|(at, _, _)| *at + STANDS_STILL <= end || *at > end)
    };
    let at_end = |all: &[QueueSeries]| all.iter().map(|series| series.at(end)).sum::<u64>();
    let listens = right.iter().all(|series| listens_at_the_end(traces.1, series.endpoint));
    if !stands(left) || !stands(right) || !listens {
        return;
    }
    let (one, other) = (at_end(left), at_end(right));
    tally.check(one == other, || {
        let name = traces.0.host_name(host);
        let what = Text::new(
            format!("last length of the {queue} queue of {name}"),
            format!("{name} 的 {queue} 队列最后的长度"),
        );
        Finding::numbers(Subject::Field, what, one, other)
    });
}

/// Whether the last look at the kernel's endpoints found this one in LISTEN.
fn listens_at_the_end(live: &Trace, listener: EndpointId) -> bool {
    let wanted = live.endpoint(listener);
    let last = live.records.iter().rev().find_map(|record| match &record.event {
        Event::StatesObserved { states, .. } if record.host == Some(wanted.host) => Some(states),
        _ => None,
    });
    last.is_some_and(|states| {
        states.iter().any(|(endpoint, state)| {
            *state == State::Listen && live.endpoint(*endpoint).local.port() == wanted.local.port()
        })
    })
}

fn of_queue(trace: &Trace, host: HostId, queue: &str) -> Vec<QueueSeries> {
    trace
        .queues()
        .into_iter()
        .filter(|series| series.queue == queue && trace.endpoint(series.endpoint).host == host)
        .collect()
}

/// The greatest length that the queue did not fall below for as long as [`SEEN_FOR_SURE`].
fn held(series: &QueueSeries, end: Instant) -> u64 {
    let mut best = 0;
    for (start, (at, length, _)) in series.points.iter().enumerate() {
        if *length <= best {
            continue;
        }
        let falls = series.points.iter().skip(start + 1).find(|(_, later, _)| later < length);
        let until = falls.map_or(end, |(at, _, _)| *at);
        if until.since(*at) >= SEEN_FOR_SURE {
            best = *length;
        }
    }
    best
}
