//! Calls against calls: each process's own, in program order.

use super::roles::Roles;
use super::tally::{Finding, Shown, Subject, Tally};
use super::{frames::excerpt, timers};
use crate::lang::Text;
use crate::link::HostId;
use crate::socket::{Call, Fd, LocalReturn, Message, ProcessId, Return};
use crate::trace::{CallRun, Event, Protocol, Sockets, Trace};
use bytes::Bytes;
use std::collections::BTreeMap;

/// One step of a process as both runs can show it.
struct Step<'a> {
    /// The program's words.
    text: String,
    /// What it returned.
    result: Text,
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
                Finding::new(Subject::Call, what, started(true), started(false))
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
            Finding::new(Subject::Call, what, started(false), started(true))
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
                let text = |step: Option<&Step<'_>>| match step {
                    None => Text::new("-", "-"),
                    Some(Step { text, result, .. }) => {
                        Text::new(format!("{text} = {}", result.en), format!("{text} = {}", result.zh))
                    }
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
            Some(_) => Text::new("octets", "字节"),
            None => result_text(trace, roles, run.call, run.result()),
        };
        steps.push(Step { text: run.text.to_owned(), result, stream: octets, run });
    }
    all
}

/// A result in terms both runs share: descriptors by kind, addresses by role, how much of a partial send went out left open.
fn result_text(trace: &Trace, roles: &Roles, call: &Call, result: Option<&Return>) -> Text {
    let asked = match call {
        Call::Send { data, .. }
        | Call::SendWith { data, .. }
        | Call::SendUrgent { data, .. }
        | Call::SendTo { data, .. } => data.len(),
        _ => 0,
    };
    match result {
        None => Text::new("never returned", "没有返回"),
        Some(Return::Done) => "0".shown(),
        Some(Return::Descriptor(Fd(_))) => Text::new("a descriptor", "一个描述符"),
        Some(Return::Accepted(Fd(_), peer)) => {
            let peer = roles.end(trace, *peer);
            Text::new(format!("a connection from {peer}"), format!("来自 {peer} 的连接"))
        }
        Some(Return::Sent(octets)) if *octets == asked => octets.to_string().shown(),
        Some(Return::Sent(0)) => "0".shown(),
        Some(Return::Sent(_)) => Text::new("some of the octets", "其中一部分字节"),
        Some(Return::Received(octets)) if octets.is_empty() => "\"\"".shown(),
        Some(Return::Received(octets)) => excerpt(&settled(octets)).shown(),
        Some(Return::ReceivedFrom(octets, peer)) => {
            let (octets, peer) = (excerpt(&settled(octets)), roles.end(trace, *peer));
            Text::new(format!("{octets} from {peer}"), format!("{octets}，来自 {peer}"))
        }
        Some(Return::Message(message)) => message_text(trace, roles, message),
        Some(Return::Address(address)) => roles.end(trace, *address).shown(),
        Some(Return::Number(number)) => number.to_string().shown(),
        Some(Return::Timeout(time)) => {
            time.map_or_else(|| "none".to_owned(), |time| time.to_string()).shown()
        }
        Some(Return::Ready(read, write)) => {
            let list = |fds: &[Fd]| fds.iter().map(Fd::to_string).collect::<Vec<_>>().join(", ");
            format!("[{}], [{}]", list(read), list(write)).shown()
        }
        Some(Return::Value(option)) => format!("{option:?}").shown(),
        Some(Return::Local(LocalReturn::Pair(..))) => Text::new("two descriptors", "两个描述符"),
        Some(Return::Local(LocalReturn::Accepted(_, peer))) => {
            Text::new(format!("a connection from {peer}"), format!("来自 {peer} 的连接"))
        }
        Some(Return::Local(LocalReturn::ReceivedFrom(octets, from))) => {
            let octets = excerpt(octets);
            Text::new(format!("{octets} from {from}"), format!("{octets}，来自 {from}"))
        }
        Some(Return::Local(LocalReturn::Name(name))) => name.to_string().shown(),
        Some(Return::Failed(errno)) => errno.name().shown(),
    }
}

fn message_text(trace: &Trace, roles: &Roles, message: &Message) -> Text {
    let what = match &message.error {
        Some(error) => format!("{error}: {}", excerpt(&message.data)),
        None if message.wanted.whole => format!("{} of {}", excerpt(&message.data), message.length),
        None => excerpt(&message.data),
    };
    match message.address.map(|address| roles.end(trace, address)) {
        Some(end) => Text::new(format!("{what}; {end}"), format!("{what}；{end}")),
        None => what.shown(),
    }
}

/// What a raw socket was given, without what its sender is free to choose: the identification, which hosts count up from
/// anywhere, and the header's checksum, which follows it. All other data stays as it is.
fn settled(octets: &Bytes) -> Bytes {
    let is_packet = octets.first().is_some_and(|first| first >> 4 == 4)
        && crate::wire::parse_ipv4_shell(octets, 0).is_ok_and(|packet| packet.len() == octets.len());
    if !is_packet {
        return octets.clone();
    }
    let mut settled = octets.to_vec();
    settled[4..6].fill(0);
    settled[10..12].fill(0);
    settled.into()
}

fn started(it: bool) -> Text {
    if it { Text::new("started", "已启动") } else { Text::new("never started", "从未启动") }
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
                None => Text::new("not reached", "没有执行到"),
                Some((_, true, _)) => Text::new("holds", "成立"),
                Some((_, false, actual)) => {
                    Text::new(format!("does not hold: {actual}"), format!("不成立：{actual}"))
                }
            };
            let said = one.or(other).map_or("", |(text, _, _)| *text);
            let what = Text::new(format!("{who} checks {said}"), format!("{who} 检查 {said}"));
            Finding::new(Subject::Check, what, text(one), text(other))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{icmp_echo, ipv4_packet};

    #[test]
    fn of_a_whole_packet_only_what_its_sender_may_choose_is_left_out() {
        let packet = ipv4_packet([10, 0, 0, 1].into(), [10, 0, 0, 2].into(), 1, &icmp_echo(1, 2, b"hello"));
        let mut other = packet.to_vec();
        other[5] = 7;
        other[10..12].copy_from_slice(&[0, 0]);
        let sum = crate::wire::checksum(&other[..20]).to_be_bytes();
        other[10..12].copy_from_slice(&sum);
        assert_eq!(settled(&packet), settled(&other.clone().into()), "another identification");
        other[8] -= 1;
        assert_ne!(settled(&packet), settled(&other.clone().into()), "another time to live");
        let text = Bytes::from_static(b"Every good boy does fine, and more of that");
        assert_eq!(settled(&text), text);
        for len in 0..packet.len() {
            assert_eq!(settled(&packet.slice(..len)), packet.slice(..len), "no whole packet");
        }
    }
}
