//! Calls against calls: each process's own, in program order.

use super::roles::Roles;
use super::tally::{Finding, Subject, Tally};
use super::{frames::excerpt, timers};
use crate::lang::Text;
use crate::link::HostId;
use crate::socket::{Call, Fd, ProcessId, Return};
use crate::trace::{CallRun, Event, Protocol, Sockets, Trace};
use std::collections::BTreeMap;

/// One step of a process as both runs can show it.
struct Step<'a> {
    /// The program's words.
    text: String,
    /// What it returned.
    result: String,
    /// Octets received from a stream, in all the receive calls that this step stands for.
    stream: Option<Vec<u8>>,
    /// The call; of several, the first.
    run: CallRun<'a>,
}

/// Who a process is: host, name, and which of those with the same name.
type Who = (HostId, String, usize);

/// Compares the calls and the checks of every process.
pub(super) fn compare(simulated: &Trace, live: &Trace, roles: &Roles, tally: &mut Tally) {
    let (lefts, rights) = (processes(simulated), processes(live));
    let (left_steps, right_steps) = (steps(simulated, roles), steps(live, roles));
    let nothing = Vec::new();
    for (who, process) in &lefts {
        let Some(other) = rights.get(who) else {
            tally.check(false, || {
                let what = Text::new(format!("process {}", who.1), format!("进程 {}", who.1));
                Finding::new(Subject::Call, what, "started", "never started")
            });
            continue;
        };
        let one = left_steps.get(process).unwrap_or(&nothing);
        let other_steps = right_steps.get(other).unwrap_or(&nothing);
        compare_steps(&who.1, one, other_steps, tally);
        compare_checks(&who.1, &checks(simulated, *process), &checks(live, *other), tally);
    }
    for who in rights.keys().filter(|who| !lefts.contains_key(*who)) {
        tally.check(false, || {
            let what = Text::new(format!("process {}", who.1), format!("进程 {}", who.1));
            Finding::new(Subject::Call, what, "never started", "started")
        });
    }
}

fn processes(trace: &Trace) -> BTreeMap<Who, ProcessId> {
    let mut count: BTreeMap<(HostId, String), usize> = BTreeMap::new();
    let mut processes = BTreeMap::new();
    for (number, info) in (0_u32..).zip(&trace.meta.processes) {
        let nth = count.entry((info.host, info.name.clone())).or_default();
        processes.insert((info.host, info.name.clone(), *nth), ProcessId(number));
        *nth += 1;
    }
    processes
}

fn compare_steps(who: &str, left: &[Step<'_>], right: &[Step<'_>], tally: &mut Tally) {
    for place in 0..left.len().max(right.len()) {
        let what = |text: &str| {
            Text::new(
                format!("{who}, call {}: {text}", place + 1),
                format!("{who} 的第 {} 个调用：{text}", place + 1),
            )
        };
        let (one, other) = match (left.get(place), right.get(place)) {
            (Some(one), Some(other)) => (one, other),
            (one, other) => {
                let text = |step: Option<&Step<'_>>| {
                    step.map_or_else(|| "-".to_owned(), |step| format!("{} = {}", step.text, step.result))
                };
                tally.check(false, || Finding::new(Subject::Call, what("made"), text(one), text(other)));
                return;
            }
        };
        if one.text != other.text {
            tally.check(false, || {
                Finding::new(Subject::Call, what("made"), one.text.clone(), other.text.clone())
            });
            // From here on the two programs have gone different ways.
            return;
        }
        tally.check(one.result == other.result, || {
            Finding::new(Subject::Call, what(&one.text), one.result.clone(), other.result.clone())
        });
        if let (Some(stream), Some(live)) = (&one.stream, &other.stream) {
            tally.check(stream == live, || {
                Finding::new(Subject::Octets, what(&one.text), excerpt(stream), excerpt(live))
            });
        }
        timers::compare_call(&one.run, &other.run, &format!("{who}: {}", one.text), tally);
    }
}

/// The calls of each process in program order, receive calls on one stream that follow each other taken together: where a
/// stream is cut into pieces is no property of TCP.
fn steps<'a>(trace: &'a Trace, roles: &Roles) -> BTreeMap<ProcessId, Vec<Step<'a>>> {
    let mut streams: BTreeMap<(ProcessId, crate::trace::RecordId), bool> = BTreeMap::new();
    let mut sockets = Sockets::new();
    for record in &trace.records {
        if let Event::CallStarted {
            process, call: Call::Recv { fd, .. } | Call::RecvFrom { fd, .. }, ..
        } = &record.event
        {
            let tcp =
                sockets.get(trace, *process, *fd).is_some_and(|socket| socket.protocol == Protocol::Tcp);
            streams.insert((*process, record.id), tcp);
        }
        sockets.apply(trace, record.id);
    }
    let mut all: BTreeMap<ProcessId, Vec<Step<'a>>> = BTreeMap::new();
    for run in trace.calls() {
        let steps = all.entry(run.process).or_default();
        let on_stream = streams.get(&(run.process, run.started.id)).copied().unwrap_or(false);
        let octets = match run.result() {
            Some(Return::Received(octets) | Return::ReceivedFrom(octets, _))
                if on_stream && !octets.is_empty() =>
            {
                Some(octets.to_vec())
            }
            _ => None,
        };
        if let (Some(octets), Some(last)) = (&octets, steps.last_mut())
            && let Some(stream) = &mut last.stream
            && last.run.call.fd() == run.call.fd()
        {
            stream.extend_from_slice(octets);
            continue;
        }
        let result = match &octets {
            Some(_) => "octets".to_owned(),
            None => result_text(trace, roles, run.call, run.result()),
        };
        steps.push(Step { text: run.text.to_owned(), result, stream: octets, run });
    }
    all
}

/// A result in terms both runs share: descriptors by kind, addresses by role, how much of a partial send went out left open.
fn result_text(trace: &Trace, roles: &Roles, call: &Call, result: Option<&Return>) -> String {
    let asked = match call {
        Call::Send { data, .. } | Call::SendTo { data, .. } => data.len(),
        _ => 0,
    };
    match result {
        None => "never returned".to_owned(),
        Some(Return::Done) => "0".to_owned(),
        Some(Return::Descriptor(Fd(_))) => "a descriptor".to_owned(),
        Some(Return::Accepted(Fd(_), peer)) => format!("a connection from {}", roles.end(trace, *peer)),
        Some(Return::Sent(octets)) if *octets == asked => format!("all {octets} octets"),
        Some(Return::Sent(0)) => "0 octets".to_owned(),
        Some(Return::Sent(_)) => "some of the octets".to_owned(),
        Some(Return::Received(octets)) if octets.is_empty() => "\"\"".to_owned(),
        Some(Return::Received(octets)) => excerpt(octets),
        Some(Return::ReceivedFrom(octets, peer)) => {
            format!("{} from {}", excerpt(octets), roles.end(trace, *peer))
        }
        Some(Return::Address(address)) => roles.end(trace, *address),
        Some(Return::Value(option)) => format!("{option:?}"),
        Some(Return::Failed(errno)) => errno.name().to_owned(),
    }
}

type Check<'a> = (&'a str, bool, &'a str);

fn checks(trace: &Trace, of: ProcessId) -> Vec<Check<'_>> {
    trace
        .records
        .iter()
        .filter_map(|record| match &record.event {
            Event::Checked { process, text, held, actual, .. } if *process == of => {
                Some((text.as_str(), *held, actual.as_str()))
            }
            _ => None,
        })
        .collect()
}

fn compare_checks(who: &str, left: &[Check<'_>], right: &[Check<'_>], tally: &mut Tally) {
    for place in 0..left.len().max(right.len()) {
        let (one, other) = (left.get(place), right.get(place));
        let outcome = |check: Option<&Check<'_>>| check.map(|(text, held, _)| ((*text).to_owned(), *held));
        tally.check(outcome(one) == outcome(other), || {
            let text = |check: Option<&Check<'_>>| match check {
                None => "not reached".to_owned(),
                Some((_, true, _)) => "holds".to_owned(),
                Some((_, false, actual)) => format!("does not hold: {actual}"),
            };
            let said = one.or(other).map_or("", |(text, _, _)| *text);
            let what = Text::new(format!("{who} checks {said}"), format!("{who} 检查 {said}"));
            Finding::new(Subject::Check, what, text(one), text(other))
        });
    }
}
