//! Socket calls: who calls what, who waits and for how long, what comes back; and who waits for whom at the end.

use super::calls_text::{result_words, span};
use super::lanes_text::{decimals, time};
use super::sentence::WORTH_SAYING;
use super::sequence::rounded;
use super::{Ink, Line, Look, heading};
use crate::socket::{Call, ProcessId, Return};
use crate::trace::{Event, RecordId, Trace};

/// Calls listed one by one.
const MOST: usize = 400;

/// The view.
pub fn view(trace: &Trace, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut lines = heading::heading(trace, look);
    let decimals = decimals(trace.records.iter().map(|record| record.at));
    let times = 1 + time(trace.end(), decimals).len().max(6);
    let names =
        trace.meta.processes.iter().map(|process| look.text_width(&who(trace, process))).max().unwrap_or(7);
    let names = names.min(20);
    let mut shown = 0;
    let mut hidden = 0;
    for record in &trace.records {
        let Some((process, ink, words, note)) = told_call(trace, record, look) else { continue };
        if shown == MOST {
            hidden += 1;
            continue;
        }
        shown += 1;
        let mut line = Line::new();
        line.push_right(look, Ink::Dim, &time(record.at, decimals), times).to(times + 2);
        let name =
            trace.meta.processes.get(process.index()).map(|process| who(trace, process)).unwrap_or_default();
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
    if let Some(last) = trace.records.last() {
        let still = waiting(trace, last.id, lang.pick("still waiting at the end", "到最后仍在等待"), look);
        if !still.is_empty() {
            lines.push(Line::new());
            lines.extend(still);
        }
    }
    lines
}

/// A process by its host's name, and its own where that differs.
pub fn who(trace: &Trace, process: &crate::trace::ProcessInfo) -> String {
    let host = trace.host_name(process.host);
    if host == process.name { host.to_owned() } else { format!("{host}/{}", process.name) }
}

/// Who calls, in which colour, the call's words, and a remark on it.
pub type ToldCall = (ProcessId, Ink, String, String);

/// A record about a call in words; `None` for any other.
pub fn told_call(trace: &Trace, record: &crate::trace::Record, look: &Look) -> Option<ToldCall> {
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
            if waited >= WORTH_SAYING {
                let waited = span(rounded(waited));
                let after = lang.pick(format!("after {waited}"), format!("等了 {waited}"));
                note = if note.is_empty() { after } else { format!("{note}; {after}") };
            }
            let (ink, value) = match result {
                Return::Failed(_) => (Ink::Error, "-1".to_owned()),
                result => (Ink::Call, result_words(trace, *call, result, look)),
            };
            Some((*process, ink, format!("{text} = {value}"), note))
        }
        Event::Checked { process, text, held, required, actual } => {
            let (ink, verdict) = if !required {
                let outcome = lang.pick(format!("{actual} (only noted)"), format!("{actual}（仅记录）"));
                (if *held { Ink::Plain } else { Ink::Warn }, outcome)
            } else if *held {
                (Ink::Good, lang.pick("✓ as the program expects", "✓ 与程序预期相符").to_owned())
            } else {
                (Ink::Bad, lang.pick(format!("✗ but: {actual}"), format!("✗ 实际：{actual}")))
            };
            Some((*process, ink, text.clone(), verdict))
        }
        Event::Forked { process, child } => {
            let name = trace.meta.processes.get(child.index()).map_or("?", |child| child.name.as_str());
            let words = lang.pick(format!("forks: {name}"), format!("fork：{name}"));
            Some((*process, Ink::Call, words, String::new()))
        }
        Event::ProcessEnded { process } => {
            Some((*process, Ink::Dim, lang.pick("ends", "结束").to_owned(), String::new()))
        }
        _ => None,
    }
}

/// Who waits right after that record, for what and for whom, below that title; circles are named. Empty if nobody does.
pub fn waiting(trace: &Trace, after: RecordId, title: &str, look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let graph = trace.wait_for(after);
    if graph.waiting.is_empty() {
        return Vec::new();
    }
    let name = |process: ProcessId| {
        trace.meta.processes.get(process.index()).map(|process| who(trace, process)).unwrap_or_default()
    };
    let names = |list: &[ProcessId]| list.iter().map(|process| name(*process)).collect::<Vec<_>>().join(", ");
    let mut lines = vec![Line::of(look, Ink::Heading, title)];
    for waiting in graph.waiting.iter().take(MOST) {
        let Event::CallStarted { call, text, .. } = &trace.record(waiting.call).event else { continue };
        let mut words = format!("{}  {text}  {}", name(waiting.process), waits_for(call, look));
        if !waiting.on.is_empty() {
            let on = names(&waiting.on);
            words.push_str(&lang.pick(format!(", which is up to {on}"), format!("，取决于 {on}")));
        }
        for (at, text) in look.wrap(&words, look.width - 4).iter().enumerate() {
            let mut line = Line::new();
            line.to(if at == 0 { 2 } else { 4 }).push(look, Ink::Call, text);
            lines.push(line);
        }
    }
    for circle in &graph.cycles {
        let circle = names(circle);
        let text = lang.pick(
            format!("deadlock: {circle} wait for each other, and nobody will ever begin"),
            format!("死锁：{circle} 互相等待，谁也不会先动"),
        );
        lines.extend(look.wrap(&text, look.width).iter().map(|text| Line::of(look, Ink::Bad, text)));
    }
    lines
}

fn waits_for(call: &Call, look: &Look) -> &'static str {
    let lang = look.lang;
    match call {
        Call::Accept { .. } => lang.pick("for a connection", "等一个连接"),
        Call::Connect { .. } => lang.pick("for an answer to its SYN", "等对 SYN 的回答"),
        Call::Recv { .. } | Call::RecvFrom { .. } | Call::Receive { .. } => lang.pick("for data", "等数据"),
        Call::PollUrgent { .. } => lang.pick("for urgent data", "等紧急数据"),
        Call::Select { .. } => lang.pick("for any of these", "等其中任何一个"),
        Call::Send { .. } | Call::SendWith { .. } | Call::SendUrgent { .. } | Call::SendTo { .. } => {
            lang.pick("for room", "等缓存空间")
        }
        Call::Close { .. } => lang.pick("for its data to be acknowledged", "等数据得到确认"),
        Call::Socket { .. }
        | Call::Bind { .. }
        | Call::Listen { .. }
        | Call::Shutdown { .. }
        | Call::RecvUrgent { .. }
        | Call::AtMark { .. }
        | Call::Local(_)
        | Call::Configure { .. }
        | Call::Disconnect { .. }
        | Call::GetSockName { .. }
        | Call::GetPeerName { .. }
        | Call::SetOption { .. }
        | Call::GetOption { .. }
        | Call::SetBlocking { .. }
        | Call::GetTimeout { .. }
        | Call::SetTimeout { .. } => "",
    }
}
