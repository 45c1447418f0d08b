//! Socket calls: who calls what, who waits and for how long, what comes back; and who waits for whom at the end.

use super::calls_text::{result_words, span};
use super::lanes_text::{decimals, time};
use super::sequence::rounded;
use super::{Ink, Line, Look, heading};
use crate::link::HostId;
use crate::socket::{Call, ProcessId, Return};
use crate::trace::{Event, Trace};
use petgraph::graphmap::DiGraphMap;

/// Calls listed one by one.
const MOST: usize = 400;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = heading::heading(trace, look);
    let decimals = decimals(trace.records.iter().map(|record| record.at));
    let times = 1 + time(trace.end(), decimals).len().max(6);
    let names = trace.meta.processes.iter().map(|process| look.text_width(&who(trace, process))).max().unwrap_or(7);
    let names = names.min(20);
    let mut shown = 0;
    let mut hidden = 0;
    for record in &trace.records {
        let Some((process, ink, words, note)) = words(trace, record, look) else { continue };
        if shown == MOST {
            hidden += 1;
            continue;
        }
        shown += 1;
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &time(record.at, decimals), times).to(times + 2);
        let name = trace.meta.processes.get(process.index()).map(|process| who(trace, process)).unwrap_or_default();
        line.push_until(look, Ink::Heading, &name, times + 2 + names).to(times + 4 + names);
        let start = line.width();
        let wrapped = look.wrap(&words, look.width - start);
        for (at, text) in wrapped.iter().enumerate() {
            if at > 0 {
                lines.push(std::mem::take(&mut line));
                line.to(start + 2);
            }
            line.push_until(look, ink, text, look.width);
        }
        if !note.is_empty() {
            if line.width() + 2 + look.text_width(&look.clean(&note)) > look.width {
                lines.push(std::mem::take(&mut line));
                line.to(start);
            }
            line.push(look, Ink::Plain, "  ").push_until(look, Ink::Dim, &note, look.width);
        }
        lines.push(line);
    }
    if hidden > 0 {
        let text = lang.pick(format!("… and {hidden} more"), format!("… 此外还有 {hidden} 条"));
        lines.push(Line::of(look, Ink::Dim, &text));
    }
    lines.extend(waiting(trace, look));
    lines
}

fn who(trace: &Trace, process: &crate::trace::ProcessInfo) -> String {
    let host = trace.host_name(process.host);
    if host == process.name { host.to_owned() } else { format!("{host}/{}", process.name) }
}

type Words = (ProcessId, Ink, String, String);

fn words(trace: &Trace, record: &crate::trace::Record, look: &Look) -> Option<Words> {
    let lang = look.lang;
    match &record.event {
        Event::CallBlocked { process, call } => {
            let Event::CallStarted { text, .. } = &trace.record(*call).event else { return None };
            let note = lang.pick("waits", "等待").to_owned();
            Some((*process, Ink::Call, format!("{text} …"), note))
        }
        Event::CallReturned { process, call, result } => {
            let started = trace.record(*call);
            let Event::CallStarted { text, .. } = &started.event else { return None };
            let waited = record.at.since(started.at);
            let mut note = String::new();
            if let Return::Failed(errno) = result {
                note = format!("{} {}: {}", errno.value(), errno.name(), errno.meaning(lang));
            } else if let Return::Accepted(_, peer) = result {
                note = lang.pick(format!("from {peer}"), format!("来自 {peer}"));
            }
            if waited.as_nanos() > 0 {
                let waited = span(rounded(waited));
                let after = lang.pick(format!("after {waited}"), format!("等了 {waited}"));
                note = if note.is_empty() { after } else { format!("{note}; {after}") };
            }
            let (ink, value) = match result {
                Return::Failed(_) => (Ink::Error, "-1".to_owned()),
                result => (Ink::Call, result_words(trace, result, look)),
            };
            Some((*process, ink, format!("{text} = {value}"), note))
        }
        Event::Checked { process, text, held, actual } => {
            let (ink, verdict) = if *held {
                (Ink::Good, lang.pick("✓ as the program expects", "✓ 与程序预期相符").to_owned())
            } else {
                (Ink::Bad, lang.pick(format!("✗ but: {actual}"), format!("✗ 实际：{actual}")))
            };
            Some((*process, ink, text.clone(), verdict))
        }
        Event::ProcessEnded { process } => {
            Some((*process, Ink::Dim, lang.pick("ends", "结束").to_owned(), String::new()))
        }
        _ => None,
    }
}

/// Who still waits at the end, for what and for whom; circles are named.
fn waiting(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let calls = trace.calls();
    let blocked: Vec<_> = calls.iter().filter(|call| call.returned.is_none() && call.blocked.is_some()).collect();
    if blocked.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::new(), Line::of(look, Ink::Heading, lang.pick("still waiting at the end", "到最后仍在等待"))];
    let mut graph: DiGraphMap<ProcessId, ()> = DiGraphMap::new();
    for call in &blocked {
        let process = trace.meta.processes.get(call.process.index());
        let name = process.map(|process| who(trace, process)).unwrap_or_default();
        let mut line = Line::new();
        line.push(look, Ink::Plain, "  ").push(look, Ink::Heading, &name).push(look, Ink::Plain, "  ");
        line.push_until(look, Ink::Call, call.text, look.width.saturating_sub(20).max(line.width() + 10));
        line.push(look, Ink::Plain, "  ").push_until(look, Ink::Dim, waits_for(call.call, look), look.width);
        lines.push(line);
        for other in &blocked {
            let elsewhere = process.map(|process| process.host) != other.host;
            if elsewhere && needs_the_peer(call.call) && needs_the_peer(other.call) {
                graph.add_edge(call.process, other.process, ());
            }
        }
    }
    for circle in petgraph::algo::tarjan_scc(&graph).into_iter().filter(|circle| circle.len() > 1) {
        let hosts: Vec<HostId> = circle
            .iter()
            .filter_map(|process| trace.meta.processes.get(process.index()).map(|process| process.host))
            .collect();
        let names: Vec<&str> = hosts.iter().map(|host| trace.host_name(*host)).collect();
        let names = names.join(lang.pick(" and ", " 与 "));
        let text = lang.pick(
            format!("  {names} wait for each other: nobody will ever send"),
            format!("  {names} 互相等待：谁也不会先发"),
        );
        lines.extend(look.wrap(&text, look.width).iter().map(|text| Line::of(look, Ink::Bad, text)));
    }
    lines
}

fn needs_the_peer(call: &Call) -> bool {
    matches!(call, Call::Recv { .. } | Call::RecvFrom { .. })
}

fn waits_for(call: &Call, look: &Look) -> &'static str {
    let lang = look.lang;
    match call {
        Call::Accept { .. } => lang.pick("for a connection", "等一个连接"),
        Call::Connect { .. } => lang.pick("for an answer to its SYN", "等对 SYN 的回答"),
        Call::Recv { .. } | Call::RecvFrom { .. } => lang.pick("for data", "等数据"),
        Call::Send { .. } | Call::SendTo { .. } => lang.pick("for room", "等缓存空间"),
        Call::Close { .. } => lang.pick("for its data to be acknowledged", "等数据得到确认"),
        Call::Socket { .. }
        | Call::Bind { .. }
        | Call::Listen { .. }
        | Call::Shutdown { .. }
        | Call::GetSockName { .. }
        | Call::GetPeerName { .. }
        | Call::SetOption { .. }
        | Call::GetOption { .. }
        | Call::SetBlocking { .. }
        | Call::SetTimeout { .. } => "",
    }
}
