//! Whether a scenario hangs on a tie.

use super::{Options, Ties, run};
use crate::lang::Text;
use crate::mib::Counter;
use crate::scenario::Plan;
use crate::trace::{Event, Record, Trace};
use std::collections::BTreeMap;

/// What a scenario that hangs on a tie does differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TieDependence {
    /// The first thing that happens in only one of the two orders.
    pub what: Text,
}

/// Runs the plan twice, simultaneous events of different hosts taken once by ascending and once by descending
/// number of the host, so that every two of them change places. `None` if the same things happen at the same times on the same hosts; otherwise the first that does
/// not: an outcome that hangs on a tie is the scenario's mistake.
pub fn tie_dependent(plan: &Plan, options: &Options) -> Option<TieDependence> {
    let with = |ties| run(plan, &Options { ties, ..options.clone() });
    let (one, other) = (with(Ties::LowestFirst), with(Ties::HighestFirst));
    let difference = first_difference(&one, &other)?;
    let at = difference.at;
    Some(TieDependence {
        what: Text::new(
            format!(
                "hosts act at the same moment, and only in one of the two orders this happens at {at} s: {}",
                difference.line
            ),
            format!("几台主机同时动作，只有按其中一种先后次序，{at} 秒处才会发生：{}", difference.line),
        ),
    })
}

struct Difference {
    at: crate::clock::Instant,
    line: String,
}

/// What happened, by time and host, without the order among simultaneous records.
type Happenings = BTreeMap<(crate::clock::Instant, String), i64>;

fn first_difference(one: &Trace, other: &Trace) -> Option<Difference> {
    let mut balance = Happenings::new();
    count(one, 1, &mut balance);
    count(other, -1, &mut balance);
    let ((at, line), _) = balance.into_iter().find(|(_, count)| *count != 0)?;
    Some(Difference { at, line })
}

fn count(trace: &Trace, by: i64, balance: &mut Happenings) {
    let frames = trace.frames();
    let mut next_frame = frames.iter().peekable();
    let mut frame_lines = BTreeMap::new();
    for record in &trace.records {
        let frame = next_frame.next_if(|frame| frame.record.id == record.id);
        let line = match &record.event {
            // Other records are named by what they say, not by their numbers, which depend on the order.
            Event::FrameArrived { sent, .. } => format!("receives {}", named(&frame_lines, *sent)),
            Event::FrameLost { sent, .. } => format!("loses {}", named(&frame_lines, *sent)),
            Event::FrameDropped { why, .. } => format!("drops: {}", why.sentence(crate::lang::Lang::En)),
            // Two steps of one moment may pass through other values in between, and a call may wait for no time
            // at all; where they end up is compared below.
            Event::Variables { .. }
            | Event::Counted { .. }
            | Event::Queue { .. }
            | Event::CallBlocked { .. } => continue,
            _ => line_of(trace, record, frame),
        };
        if frame.is_some() {
            frame_lines.insert(record.id, line.clone());
        }
        let host = record.host.map_or("-", |host| trace.host_name(host));
        *balance.entry((record.at, format!("{host} {line}"))).or_default() += by;
    }
    for (index, host) in trace.meta.hosts.iter().enumerate() {
        let counters = trace.counters(crate::link::HostId(index as u16));
        for counter in Counter::ALL {
            let line = format!("{} {counter} = {}", host.name, counters.get(*counter));
            *balance.entry((trace.end(), line)).or_default() += by;
        }
    }
}

fn named(lines: &BTreeMap<crate::trace::RecordId, String>, sent: crate::trace::RecordId) -> &str {
    lines.get(&sent).map_or("?", String::as_str)
}

/// The record's words, with a process called by its name: numbers are given in the order of starting.
fn line_of(trace: &Trace, record: &Record, frame: Option<&crate::trace::Frame>) -> String {
    let line = trace.content_line(record, frame);
    let process = match &record.event {
        Event::CallStarted { process, .. }
        | Event::CallBlocked { process, .. }
        | Event::CallReturned { process, .. }
        | Event::Checked { process, .. }
        | Event::Forked { process, .. }
        | Event::ProcessEnded { process } => *process,
        _ => return line,
    };
    let number = format!("process {} ", process.0);
    let name = trace.meta.processes.get(process.index()).map_or("?", |process| &process.name);
    line.replacen(&number, &format!("{name} "), 1)
}
