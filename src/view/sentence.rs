//! One record as a plain sentence, with the reason and where that is written.

use super::brief::brief;
use super::calls_text::{call_words, place, result_words, span};
use super::sequence::rounded;
use super::states::event_words;
use super::{Ink, Look};
use crate::clock::Span;
use crate::host::Reason;
use crate::link::{HostId, mark_ce};
use crate::socket::{Call, ProcessId, Return};
use crate::tcp::State;
use crate::trace::{EndpointId, Event, Frame, Record, RecordId, Stop, Trace};
use bytes::Bytes;
use std::collections::BTreeMap;

/// A call that took less did not wait: it is only a real machine that takes time at all.
pub const WORTH_SAYING: Span = Span::millis(1);

/// A record as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sentence {
    /// What happened.
    pub what: String,
    /// Why; empty where nobody says.
    pub why: String,
    /// Where that is written; may be empty.
    pub cite: String,
    /// Its colour.
    pub ink: Ink,
}

/// Makes sentences of the records of one trace.
pub struct Teller<'a> {
    trace: &'a Trace,
    look: &'a Look,
    frames: BTreeMap<RecordId, Frame<'a>>,
    outcomes: Outcomes,
}

impl<'a> Teller<'a> {
    /// For that trace.
    pub fn new(trace: &'a Trace, look: &'a Look) -> Teller<'a> {
        let frames = trace.frames().into_iter().map(|frame| (frame.record.id, frame)).collect();
        Teller { trace, look, frames, outcomes: outcomes(trace) }
    }

    /// The records as sentences, with the first record of each; what a process only prepares is one sentence.
    pub fn tell_all(&self, records: &[Record]) -> Vec<(RecordId, Sentence)> {
        let mut told: Vec<(RecordId, Sentence)> = Vec::new();
        let mut preparing: Option<ProcessId> = None;
        for record in records {
            let Some(sentence) = self.tell(record) else { continue };
            let prepared = match &record.event {
                Event::CallStarted { process, call, .. } => match self.outcomes.get(&record.id) {
                    Some((false, result)) if is_preparation(call) && !matches!(result, Return::Failed(_)) => {
                        Some((*process, call_words(self.trace, call)))
                    }
                    _ => None,
                },
                _ => None,
            };
            let Some((process, words)) = prepared else {
                preparing = None;
                told.push((record.id, sentence));
                continue;
            };
            match told.last_mut() {
                Some((_, last)) if preparing == Some(process) => {
                    last.what.push_str(", ");
                    last.what.push_str(&words);
                }
                _ => {
                    let who = self.who(process);
                    let lang = self.look.lang;
                    let what = lang.pick(format!("{who} calls {words}"), format!("{who} 调用 {words}"));
                    told.push((record.id, plain(what, Ink::Call)));
                }
            }
            preparing = Some(process);
        }
        told
    }

    /// The frame that this record sent.
    pub fn frame(&self, sent: RecordId) -> Option<&Frame<'a>> {
        self.frames.get(&sent)
    }

    /// The record's host, for a sentence to begin with.
    pub fn host(&self, record: &Record) -> &'a str {
        record.host.map_or(self.look.lang.pick("the wire", "线路"), |host| self.trace.host_name(host))
    }

    /// The record as a sentence; `None` for bookkeeping that other records tell better.
    pub fn tell(&self, record: &Record) -> Option<Sentence> {
        let lang = self.look.lang;
        let host = self.host(record);
        match &record.event {
            Event::FrameSent { to, why, .. } => self.sent(record.id, host, *to, why.as_ref()),
            Event::FrameArrived { sent, changed } => self.arrived(*sent, host, changed.as_ref()),
            Event::FrameLost { sent, why } => {
                let label = brief(self.frames.get(sent)?, self.look).label;
                let what = lang.pick(format!("{label} is lost on the way"), format!("{label} 在途中丢失"));
                Some(with_reason(what, Some(why), Ink::Lost, self.look))
            }
            Event::FrameDropped { why, .. } => {
                let what = lang.pick(format!("{host} does not take it"), format!("{host} 没有接受它"));
                Some(with_reason(what, Some(why), Ink::Lost, self.look))
            }
            Event::StateChanged { endpoint, from, to, section } => {
                Some(self.state_changed(host, *endpoint, *from, *to, section))
            }
            Event::CallStarted { process, call, .. } => Some(self.called(record.id, *process, call)),
            Event::CallReturned { process, call, result } => self.came_back(record, *process, *call, result),
            Event::Checked { process, text, held, required, actual } => {
                let who = self.who(*process);
                let what = if !required {
                    lang.pick(format!("{who} tries {text}: {actual}"), format!("{who} 试做 {text}：{actual}"))
                } else if *held {
                    lang.pick(
                        format!("{who} finds what it expects: {text}"),
                        format!("{who} 得到了预期的结果：{text}"),
                    )
                } else {
                    lang.pick(
                        format!("{who} expected {text}, but found {actual}"),
                        format!("{who} 预期 {text}，实际 {actual}"),
                    )
                };
                Some(plain(what, if *held { Ink::Plain } else { Ink::Bad }))
            }
            Event::Forked { process, child } => {
                let (who, child) = (self.who(*process), self.who(*child));
                let words = lang.pick(
                    format!("{who} starts a copy of itself, {child}, which has the same sockets"),
                    format!("{who} 启动自己的副本 {child}，它拥有同样的套接字"),
                );
                Some(plain(words, Ink::Call))
            }
            Event::ProcessEnded { process } => {
                let who = self.who(*process);
                Some(plain(lang.pick(format!("{who}'s program ends"), format!("{who} 的程序结束")), Ink::Dim))
            }
            Event::TimerFired { timer, .. } => {
                let timer = timer_name(timer, self.look);
                Some(plain(
                    lang.pick(format!("{host}: the {timer} timer runs out"), format!("{host}：{timer}到时")),
                    Ink::Warn,
                ))
            }
            Event::Noted { why, .. } => {
                let sentence = why.sentence(lang);
                let words = sentence.trim_end_matches(['.', '。']);
                let what = lang.pick(format!("{host}: {words}"), format!("{host}：{words}"));
                Some(Sentence { what, why: String::new(), cite: why.section().to_owned(), ink: Ink::Plain })
            }

            Event::LinkChanged { up, next: Some(next) } => {
                let next = self.trace.host_name(*next);
                let what = match up {
                    true => lang.pick(
                        format!("{host}: the link to {next} is up again"),
                        format!("{host}：到 {next} 的链路重新接通"),
                    ),
                    false => lang.pick(
                        format!("{host}: the link to {next} is down"),
                        format!("{host}：到 {next} 的链路断开"),
                    ),
                };
                Some(plain(what, Ink::Lost))
            }
            Event::LinkChanged { up, next: None } => Some(plain(
                if *up {
                    lang.pick(format!("{host} is back on the wire"), format!("{host} 重新接上线路"))
                } else {
                    lang.pick(format!("{host} is taken off the wire"), format!("{host} 从线路上断开"))
                },
                Ink::Lost,
            )),
            Event::StatesObserved { label, states } => Some(self.observed(host, label, states)),
            Event::Stopped(stop) => Some(plain(stopped(stop, self.look), Ink::Dim)),
            Event::CallBlocked { .. }
            | Event::Variables { .. }
            | Event::Queue { .. }
            | Event::Counted { .. } => None,
        }
    }

    fn sent(&self, id: RecordId, host: &str, to: Option<HostId>, why: Option<&Reason>) -> Option<Sentence> {
        let lang = self.look.lang;
        let words = brief(self.frames.get(&id)?, self.look);
        let to = to.map_or(lang.pick("everybody", "所有站点"), |to| self.trace.host_name(to));
        let label = words.label;
        let what = lang.pick(format!("{host} sends {label} to {to}"), format!("{host} 向 {to} 发送 {label}"));
        Some(with_reason(what, why, words.kind.ink(), self.look))
    }

    fn arrived(&self, sent: RecordId, host: &str, changed: Option<&Bytes>) -> Option<Sentence> {
        let lang = self.look.lang;
        let frame = self.frames.get(&sent)?;
        let words = brief(frame, self.look);
        let label = words.label;
        let what = if changed.is_some_and(|changed| mark_ce(frame.bytes) == *changed) {
            lang.pick(
                format!("{host} receives {label}, marked: congestion (CE)"),
                format!("{host} 收到 {label}，带拥塞标记（CE）"),
            )
        } else if changed.is_some() {
            lang.pick(format!("{host} receives {label}, damaged"), format!("{host} 收到受损的 {label}"))
        } else {
            lang.pick(format!("{host} receives {label}"), format!("{host} 收到 {label}"))
        };
        Some(plain(what, words.kind.ink()))
    }

    /// A call begins: told with its result where it did not have to wait.
    fn called(&self, id: RecordId, process: ProcessId, call: &Call) -> Sentence {
        let who = self.who(process);
        let words = call_words(self.trace, call);
        match self.outcomes.get(&id) {
            Some((false, result)) => self.returned(id, (&who, &words), Span::ZERO, result),
            Some((true, _)) | None => {
                let what = self
                    .look
                    .lang
                    .pick(format!("{who} calls {words} and waits"), format!("{who} 调用 {words}，开始等待"));
                plain(what, Ink::Call)
            }
        }
    }

    /// A call returns: told where it had to wait.
    fn came_back(
        &self,
        record: &Record,
        process: ProcessId,
        call: RecordId,
        result: &Return,
    ) -> Option<Sentence> {
        let (true, _) = self.outcomes.get(&call)? else { return None };
        let started = self.trace.record(call);
        let Event::CallStarted { call: called, .. } = &started.event else { return None };
        let words = call_words(self.trace, called);
        Some(self.returned(call, (&self.who(process), &words), record.at.since(started.at), result))
    }

    fn observed(&self, host: &str, label: &str, states: &[(EndpointId, State)]) -> Sentence {
        let lang = self.look.lang;
        let list: Vec<String> = states
            .iter()
            .map(|(endpoint, state)| {
                format!("{} {state}", place(self.trace, self.trace.endpoint(*endpoint).local))
            })
            .collect();
        let list = if list.is_empty() {
            lang.pick("no endpoint", "没有端点").to_owned()
        } else {
            list.join(", ")
        };
        plain(
            lang.pick(format!("{host} at “{label}”: {list}"), format!("{host}，“{label}”时：{list}")),
            Ink::Plain,
        )
    }

    /// A process by its host's name, and its own where that differs.
    pub fn who(&self, process: ProcessId) -> String {
        let Some(info) = self.trace.meta.processes.get(process.index()) else { return String::new() };
        let host = self.trace.host_name(info.host);
        if host == info.name { host.to_owned() } else { format!("{host}/{}", info.name) }
    }

    fn state_changed(
        &self,
        host: &str,
        endpoint: EndpointId,
        from: State,
        to: State,
        section: &str,
    ) -> Sentence {
        let lang = self.look.lang;
        let local = self.trace.endpoint(endpoint).local;
        let what = lang.pick(
            format!("{host}: port {} goes from {from} to {to}", local.port()),
            format!("{host}：端口 {} 从 {from} 进入 {to}", local.port()),
        );
        let why = event_words(from, to, section, self.look);
        Sentence { what, why, cite: section.to_owned(), ink: Ink::State }
    }

    fn returned(
        &self,
        started: RecordId,
        (who, call): (&str, &str),
        waited: Span,
        result: &Return,
    ) -> Sentence {
        let lang = self.look.lang;
        let after = if waited < WORTH_SAYING {
            String::new()
        } else {
            let waited = span(rounded(waited));
            lang.pick(format!(" after {waited}"), format!("（等了 {waited}）"))
        };
        let result_text = result_words(self.trace, started, result, self.look);
        match result {
            Return::Failed(errno) => Sentence {
                what: lang.pick(
                    format!("{who}: {call} fails with {}{after}", errno.name()),
                    format!("{who}：{call} 失败，{}{after}", errno.name()),
                ),
                why: errno.meaning(lang).to_owned(),
                cite: String::new(),
                ink: Ink::Error,
            },
            Return::Done
            | Return::Descriptor(_)
            | Return::Accepted(..)
            | Return::Sent(_)
            | Return::Number(_)
            | Return::Timeout(_)
            | Return::Ready(..)
            | Return::Received(_)
            | Return::ReceivedFrom(..)
            | Return::Local(_)
            | Return::Message(_)
            | Return::Address(_)
            | Return::Value(_) => plain(
                lang.pick(
                    format!("{who}: {call} returns {result_text}{after}"),
                    format!("{who}：{call} 返回 {result_text}{after}"),
                ),
                Ink::Call,
            ),
        }
    }
}

/// By the record where each call begins: whether it had to wait, and what it gave.
pub type Outcomes = BTreeMap<RecordId, (bool, Return)>;

/// What each call gave, and whether it had to wait for that: some time passed and it blocked.
pub fn outcomes(trace: &Trace) -> Outcomes {
    let calls = trace.calls();
    let waited = |call: &crate::trace::CallRun<'_>| {
        call.blocked.is_some() && call.returned.is_some_and(|returned| returned.at > call.started.at)
    };
    calls.iter().filter_map(|call| Some((call.started.id, (waited(call), call.result()?.clone())))).collect()
}

/// A call that only makes ready.
pub fn is_preparation(call: &Call) -> bool {
    matches!(
        call,
        Call::Socket { .. }
            | Call::Bind { .. }
            | Call::Listen { .. }
            | Call::SetOption { .. }
            | Call::SetBlocking { .. }
            | Call::SetTimeout { .. }
    )
}

fn plain(what: String, ink: Ink) -> Sentence {
    Sentence { what, why: String::new(), cite: String::new(), ink }
}

fn with_reason(what: String, why: Option<&Reason>, ink: Ink, look: &Look) -> Sentence {
    let (why, cite) = why.map(|why| (why.sentence(look.lang), why.section().to_owned())).unwrap_or_default();
    Sentence { what, why, cite, ink }
}

/// The timer's name for people.
pub fn timer_name(timer: &str, look: &Look) -> String {
    let zh = match timer {
        "retransmission" => "重传计时器",
        "delayed-ack" => "延迟确认计时器",
        "persist" => "持续计时器",
        "keepalive" => "保活计时器",
        "override" => "糊涂窗口计时器",
        "fin-wait-2" => "FIN-WAIT-2 计时器",
        "time-wait" => "时间等待计时器",
        "compressed-ack" => "合并确认计时器",
        "linger" => "延迟关闭计时器",
        "arp" => "ARP 计时器",
        "neighbour" => "邻居发现计时器",
        "reassembly" => "分片重组计时器",
        other => return look.lang.pick(other.to_owned(), format!("{other} 计时器")),
    };
    look.lang.pick(timer, zh).to_owned()
}

/// Why the run ended.
pub fn stopped(stop: &Stop, look: &Look) -> String {
    let lang = look.lang;
    match stop {
        Stop::Finished => lang.pick("the run is over", "运行结束").to_owned(),
        Stop::Until => lang.pick("the run ends here, as asked", "按要求到此为止").to_owned(),
        Stop::Limit(limit) => {
            lang.pick(format!("the run is stopped at its limit: {limit}"), format!("到达限额而停：{limit}"))
        }
        Stop::Deadlock => lang
            .pick(
                "every process waits for ever and no timer runs: nothing more can happen",
                "所有进程都在永远等待，也没有计时器在走：不会再发生什么",
            )
            .to_owned(),
    }
}
