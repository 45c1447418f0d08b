//! How long timers ran: never shorter than in the simulator but for one tick of the kernel's clock, and at most an eighth
//! and 60 ms longer.

use super::frames::{Pairs, describe};
use super::side::Side;
use super::tally::{Finding, Subject, Tally};
use crate::clock::{Instant, Span};
use crate::lang::Text;
use crate::socket::{Errno, Return};
use crate::trace::{CallRun, Event, RecordId, Trace};
use std::collections::BTreeMap;

/// One tick of a kernel built with HZ=250, as most are. A kernel arms its timers by the tick that was, and a processor that
/// was away notices a tick late: by so much two timers that follow each other may seem closer than they are.
const TICK: Span = Span::millis(4);

/// A process whose call returns must still be given a processor.
const SCHEDULED: Span = Span::millis(250);

/// How many frames back the last one of the same flow is looked for.
const RECENT: usize = 2_000;

/// Whether a live timer that should run for `due` may have run for `came`.
pub(in crate::report) fn in_time(due: Span, came: Span) -> bool {
    came + TICK >= due && came <= latest(due)
}

/// The latest that a timer that should run for `due` may run out, live.
pub(super) fn latest(due: Span) -> Span {
    due + due / 8 + Span::millis(60)
}

/// Compares the times of frames that timers sent, and of calls that timers ended.
pub(super) fn compare(simulated: &Side<'_>, live: &Side<'_>, pairs: &Pairs, tally: &mut Tally) {
    let partner: BTreeMap<usize, usize> =
        pairs.iter().filter_map(|(one, other)| Some(((*one)?, (*other)?))).collect();
    for (one, other) in &partner {
        if !by_timer(simulated.trace, simulated.seen[*one].frame.record.id) {
            continue;
        }
        let Some(reference) = reference(simulated, *one) else { continue };
        let Some(live_reference) = partner.get(&reference.place).copied() else { continue };
        let moment = |side: &Side<'_>, place: usize| -> Option<Instant> {
            let frame = &side.seen.get(place)?.frame;
            if reference.arrival { frame.arrived_at() } else { Some(frame.at) }
        };
        let (Some(from), Some(live_from)) =
            (moment(simulated, reference.place), moment(live, live_reference))
        else {
            continue;
        };
        let due = simulated.seen[*one].frame.at.since(from);
        let came = live.seen[*other].frame.at.since(live_from);
        tally.check(in_time(due, came), || {
            let text = describe(simulated, *one);
            Finding::new(
                Subject::Timer,
                Text::new(format!("time before {text}"), format!("{text} 之前的时间")),
                format!("{}…{}", milliseconds(due), milliseconds(latest(due))),
                milliseconds(came),
            )
            .at(Some(*one), Some(*other))
        });
    }
}

/// Compares how long a call waited that a timer ended.
pub(super) fn compare_call(one: &CallRun<'_>, other: &CallRun<'_>, text: &str, tally: &mut Tally) {
    let ended_by_timer = matches!(one.result(), Some(Return::Failed(Errno::ETIMEDOUT | Errno::EAGAIN)))
        && one.blocked.is_some();
    let (Some(ended), Some(live_ended)) = (one.returned, other.returned) else { return };
    if !ended_by_timer || one.result() != other.result() {
        return;
    }
    let due = ended.at.since(one.at());
    let came = live_ended.at.since(other.at());
    tally.check(in_time(due, came.min(latest(due))) && came <= latest(due) + SCHEDULED, || {
        Finding::new(
            Subject::Timer,
            Text::new(format!("time in {text}"), format!("{text} 用的时间")),
            format!("{}…{}", milliseconds(due), milliseconds(latest(due) + SCHEDULED)),
            milliseconds(came),
        )
    });
}

fn milliseconds(span: Span) -> String {
    format!("{}.{:03}ms", span.as_micros() / 1_000, span.as_micros() % 1_000)
}

/// Whether a timer brought the frame about: of its causes, the nearest that is an event of its own is one that ran out.
fn by_timer(trace: &Trace, frame: RecordId) -> bool {
    trace
        .why(frame)
        .into_iter()
        .skip(1)
        .find_map(|record| match &record.event {
            Event::TimerFired { .. } => Some(true),
            Event::FrameArrived { .. } | Event::CallStarted { .. } | Event::FrameSent { .. } => Some(false),
            _ => None,
        })
        .unwrap_or(false)
}

/// What a timer is measured from.
struct Reference {
    /// A frame of the same flow.
    place: usize,
    /// Whether its arrival counts, or its sending.
    arrival: bool,
}

/// The last time the same segment was sent; if this is the first time, the last thing its sender sent or received in the
/// flow.
fn reference(side: &Side<'_>, place: usize) -> Option<Reference> {
    let this = &side.seen[place];
    let before = side.seen.get(..place)?;
    let recent = before.len().saturating_sub(RECENT);
    let same = before.iter().skip(recent).rposition(|other| {
        other.flow == this.flow
            && other.frame.from == this.frame.from
            && other.label() == this.label()
            && other.relative.map(|relative| (relative.seq, relative.ack))
                == this.relative.map(|relative| (relative.seq, relative.ack))
            && other.text().len() == this.text().len()
    });
    let last = before
        .iter()
        .enumerate()
        .skip(recent)
        .filter(|(_, other)| other.flow == this.flow)
        .filter_map(|(place, other)| {
            let arrival = other.frame.from != this.frame.from;
            let at = if arrival { other.frame.arrived_at()? } else { other.frame.at };
            (at <= this.frame.at).then_some((at, place, arrival))
        })
        .max_by_key(|(at, place, _)| (*at, *place));
    match same {
        Some(place) => Some(Reference { place: recent + place, arrival: false }),
        None => last.map(|(_, place, arrival)| Reference { place, arrival }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timer_is_at_most_a_tick_early_and_an_eighth_and_sixty_milliseconds_late() {
        let due = Span::secs(1);
        assert!(in_time(due, due) && in_time(due, Span::millis(996)) && in_time(due, Span::millis(1_185)));
        assert!(!in_time(due, Span::nanos(995_999_999)));
        assert!(!in_time(due, Span::nanos(1_185_000_001)));
    }

    #[test]
    fn a_timer_of_one_tick_may_end_with_the_very_next() {
        assert!(in_time(TICK, Span::ZERO) && !in_time(TICK, Span::millis(65)));
        assert!(!in_time(Span::millis(8), Span::millis(3)));
    }
}
