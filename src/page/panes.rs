//! What stands beside the diagram at each step: states, variables, queues, calls.

use super::document::{Endpoint, Sentence, Shelved, Step};
use super::texts::Texts;
use crate::trace::{EndpointId, Event, Record, Snapshot, Trace};
use crate::view::{Look, call_words, place, variable_words};
use std::collections::BTreeMap;

/// Endpoints that a step shows at most: those that something happened to last.
const MOST: usize = 8;

/// Walks a trace from its beginning and knows what holds.
pub struct Panes<'a> {
    trace: &'a Trace,
    look: &'a Look,
    now: Snapshot,
    /// The endpoints that something happened to, the latest last.
    latest: Vec<EndpointId>,
    /// The names of each endpoint's variables, as they came.
    names: BTreeMap<EndpointId, Vec<&'static str>>,
    /// Each endpoint's present place on the shelf; none after a change.
    shelved: BTreeMap<EndpointId, usize>,
    shelf: Vec<Shelved>,
}

impl<'a> Panes<'a> {
    /// Before the first record.
    pub fn new(trace: &'a Trace, looks: &'a [Look; 2]) -> Panes<'a> {
        Panes {
            trace,
            look: &looks[0],
            now: Snapshot::default(),
            latest: Vec::new(),
            names: BTreeMap::new(),
            shelved: BTreeMap::new(),
            shelf: Vec::new(),
        }
    }

    /// Takes the next record into account.
    pub fn apply(&mut self, record: &Record) {
        self.now.apply(record.host, record.id, &record.event);
        let endpoint = match &record.event {
            Event::Variables { endpoint, changes } => {
                let names = self.names.entry(*endpoint).or_default();
                for change in changes {
                    if !names.contains(&change.variable) {
                        names.push(change.variable);
                    }
                }
                self.shelved.remove(endpoint);
                *endpoint
            }
            Event::StateChanged { endpoint, .. } | Event::Queue { endpoint, .. } => *endpoint,
            _ => return,
        };
        if self.latest.last() != Some(&endpoint) {
            self.latest.retain(|known| *known != endpoint);
            self.latest.push(endpoint);
        }
    }

    /// Writes what holds now into the step.
    pub fn show(&mut self, step: &mut Step, texts: &mut Texts) {
        let alive = |endpoint: &&EndpointId| {
            self.now.states.contains_key(endpoint) || self.now.variables.contains_key(endpoint)
        };
        let living: Vec<EndpointId> = self.latest.iter().filter(alive).copied().collect();
        step.hidden = living.len().saturating_sub(MOST);
        let mut shown = living[step.hidden..].to_vec();
        shown.sort_unstable();
        for endpoint in &shown {
            if let Some(state) = self.now.states.get(endpoint) {
                step.states.push((endpoint.0, state.name()));
            }
            step.variables.extend(self.shelve(*endpoint));
        }
        let queues =
            self.now.queues.iter().filter(|((endpoint, _), _)| {
                self.latest.iter().rev().take(MOST).any(|known| known == endpoint)
            });
        for ((endpoint, queue), (length, limit)) in queues {
            let [en, zh] = queue_name(queue);
            step.queues.push((endpoint.0, texts.keep(en, zh), *length, *limit));
        }
        for (process, call) in self.now.calling.iter().take(MOST) {
            let started = self.trace.record(*call);
            let Event::CallStarted { call: called, .. } = &started.event else { continue };
            let words = call_words(self.trace, called);
            let words = texts.keep(words.as_str(), words.as_str());
            let waits = self.now.blocked.contains_key(process);
            step.calls.push((process.0, words, started.at.as_nanos(), waits));
        }
    }

    /// The endpoint's variables as they are, on the shelf.
    fn shelve(&mut self, endpoint: EndpointId) -> Option<usize> {
        let values = self.now.variables.get(&endpoint)?;
        if let Some(place) = self.shelved.get(&endpoint) {
            return Some(*place);
        }
        let bases = self.now.bases(endpoint);
        let names = self.names.get(&endpoint)?;
        let shown = names.iter().map(|name| {
            let (_, value) = values.iter().find(|(known, _)| known == name)?;
            Some(variable_words(name, *value, bases, self.look))
        });
        self.shelf.push(Shelved(endpoint.0, shown.collect()));
        self.shelved.insert(endpoint, self.shelf.len() - 1);
        Some(self.shelf.len() - 1)
    }

    /// All endpoints with the names of their variables, and the shelf.
    pub fn finish(self) -> (Vec<Endpoint>, Vec<Shelved>) {
        let endpoint = |(number, known): (usize, &crate::trace::Endpoint)| Endpoint {
            host: known.host.index(),
            local: place(self.trace, known.local),
            remote: known.remote.map_or_else(String::new, |remote| place(self.trace, remote)),
            variables: self.names.get(&EndpointId(number as u32)).cloned().unwrap_or_default(),
        };
        (self.trace.endpoints.iter().enumerate().map(endpoint).collect(), self.shelf)
    }
}

/// A sentence for a step of which no other record tells: a queue grew or shrank, a variable changed, something was counted.
pub fn silent(trace: &Trace, records: &[Record], texts: &mut Texts) -> Option<Sentence> {
    let (en, zh) = records.iter().rev().find_map(|record| match &record.event {
        Event::Queue { endpoint, queue, length, limit } => {
            let host = trace.host_name(trace.endpoint(*endpoint).host);
            let [en, zh] = queue_name(queue);
            let of = limit.map_or_else(String::new, |limit| format!("/{limit}"));
            Some((format!("{host}: {en}: {length}{of}"), format!("{host}：{zh}：{length}{of}")))
        }
        Event::Variables { endpoint, changes } => {
            let host = trace.host_name(trace.endpoint(*endpoint).host);
            let names: Vec<&str> = changes.iter().map(|change| change.variable).collect();
            let names = names.join(", ");
            Some((format!("{host}: {names} changes"), format!("{host}：{names} 变了")))
        }
        Event::Counted { counter, .. } => {
            Some((format!("{counter} is counted"), format!("计数器 {counter} 加一")))
        }
        _ => None,
    })?;
    Some((texts.keep(en, zh), 0, String::new(), "dim"))
}

/// A queue's name for people.
fn queue_name(queue: &'static str) -> [&'static str; 2] {
    match queue {
        "half-open" => ["half-open connections", "半连接队列"],
        "accept" => ["waiting for accept", "全连接队列"],
        "receive" => ["octets to be received", "接收缓存（字节）"],
        "send" => ["octets to be sent", "发送缓存（字节）"],
        "wire" => ["frames at the card", "网卡处等待的帧"],
        other => [other, other],
    }
}
