//! What stands beside the diagram at each step: states, variables, queues, calls.

use super::document::{Ref, Sentence, Step, Tables, Value, Values};
use super::tables::Texts;
use crate::lang::Lang;
use crate::trace::{EndpointId, Event, Record, Snapshot, Trace};
use crate::view::{Look, call_words, place, queue_title, variable_words};
use std::collections::BTreeMap;

/// Endpoints that a step shows at most: those that something happened to last.
const MOST: usize = 8;
/// Moments told one from the other before one is told whole: whoever looks one up goes back no further.
const CHAIN: usize = 24;

/// Walks a trace from its beginning and knows what holds.
pub struct Panes<'a> {
    trace: &'a Trace,
    /// Relative and absolute numbers.
    looks: [&'a Look; 2],
    now: Snapshot,
    /// The endpoints that something happened to, the latest last.
    latest: Vec<EndpointId>,
    /// What was last told of each endpoint's variables.
    told: BTreeMap<EndpointId, Told>,
}

/// An endpoint's variables as told last.
#[derive(Default)]
struct Told {
    place: Ref,
    values: BTreeMap<&'static str, Value>,
    /// Whether something changed since.
    stale: bool,
    /// Since how many moments nothing was told whole.
    chain: usize,
}

impl<'a> Panes<'a> {
    /// Before the first record.
    pub fn new(trace: &'a Trace, looks: &'a [Look; 4]) -> Panes<'a> {
        let looks = [&looks[0], &looks[2]];
        Panes { trace, looks, now: Snapshot::default(), latest: Vec::new(), told: BTreeMap::new() }
    }

    /// Takes the next record into account.
    pub fn apply(&mut self, record: &Record) {
        self.now.apply(record.host, record.id, &record.event);
        let endpoint = match &record.event {
            Event::Variables { endpoint, .. } => {
                if let Some(told) = self.told.get_mut(endpoint) {
                    told.stale = true;
                }
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
    pub fn show(&mut self, step: &mut Step, tables: &mut Tables) {
        let alive = |endpoint: &&EndpointId| {
            self.now.states.contains_key(endpoint) || self.now.variables.contains_key(endpoint)
        };
        let living: Vec<EndpointId> = self.latest.iter().filter(alive).copied().collect();
        step.hidden = living.len().saturating_sub(MOST);
        let mut shown = living[step.hidden..].to_vec();
        shown.sort_unstable();
        let state = |endpoint: &EndpointId| Some((endpoint.0, self.now.states.get(endpoint)?.name()));
        step.states = tables.states.keep(shown.iter().filter_map(state).collect());
        step.values = shown.iter().filter_map(|endpoint| self.tell(*endpoint, tables)).collect();
        let near = |endpoint: &EndpointId| self.latest.iter().rev().take(MOST).any(|known| known == endpoint);
        let mut queues = Vec::new();
        for ((endpoint, queue), (length, limit)) in &self.now.queues {
            if near(endpoint) {
                let [en, zh] = [Lang::En, Lang::Zh].map(|lang| queue_title(queue, lang));
                queues.push((endpoint.0, tables.texts.keep(en, zh), *length, *limit));
            }
        }
        step.queues = tables.queues.keep(queues);
        let mut calls = Vec::new();
        for (process, call) in self.now.calling.iter().take(MOST) {
            let started = self.trace.record(*call);
            let Event::CallStarted { call: called, .. } = &started.event else { continue };
            let words = call_words(self.trace, called);
            let words = tables.texts.keep(words.as_str(), words.as_str());
            let waits = self.now.blocked.contains_key(process);
            calls.push((process.0, words, started.at.as_nanos(), waits));
        }
        step.calls = tables.calls.keep(calls);
    }

    /// Where the endpoint's variables stand as they are; told from where they stood last.
    fn tell(&mut self, endpoint: EndpointId, tables: &mut Tables) -> Option<Ref> {
        let values = self.now.variables.get(&endpoint)?;
        let known = self.told.get(&endpoint);
        if let Some(told) = known.filter(|told| !told.stale) {
            return Some(told.place);
        }
        let bases = self.now.bases(endpoint);
        let words = |(name, value): &(&'static str, u64)| {
            let [relative, absolute] = self.looks.map(|look| variable_words(name, *value, bases, look));
            let same = relative == absolute;
            (*name, if same { Value::Same(relative) } else { Value::Counted(relative, absolute) })
        };
        let now: BTreeMap<&'static str, Value> = values.iter().map(words).collect();
        let base = known.filter(|told| told.chain < CHAIN);
        let before = base.map(|told| &told.values);
        let is_new = |name: &str, value: &Value| before.and_then(|before| before.get(name)) != Some(value);
        // In the order of the stack's table, which is the order in which people read them.
        let mut changes: Vec<(Ref, Option<Value>)> = Vec::new();
        for (name, _) in values {
            if let Some(value) = now.get(name).filter(|value| is_new(name, value)) {
                changes.push((tables.names.keep(name), Some(value.clone())));
            }
        }
        let gone = before.into_iter().flatten().filter(|(name, _)| !now.contains_key(*name));
        changes.extend(gone.map(|(name, _)| (tables.names.keep(name), None)));
        let (from, chain) = (base.map(|told| told.place), base.map_or(0, |told| told.chain + 1));
        let place = tables.values.keep(Values(endpoint.0, from, changes));
        self.told.insert(endpoint, Told { place, values: now, stale: false, chain });
        Some(place)
    }
}

/// All endpoints of a trace: host, own place, the peer's.
pub fn endpoints(trace: &Trace) -> Vec<(usize, String, String)> {
    let endpoint = |known: &crate::trace::Endpoint| {
        let remote = known.remote.map_or_else(String::new, |remote| place(trace, remote));
        (known.host.index(), place(trace, known.local), remote)
    };
    trace.endpoints.iter().map(endpoint).collect()
}

/// A sentence for a step of which no other record tells: a queue grew or shrank, a variable changed, something was counted.
pub fn silent(trace: &Trace, records: &[Record], texts: &mut Texts) -> Option<Sentence> {
    let (en, zh) = records.iter().rev().find_map(|record| match &record.event {
        Event::Queue { endpoint, queue, length, limit } => {
            let host = trace.host_name(trace.endpoint(*endpoint).host);
            let [en, zh] = [Lang::En, Lang::Zh].map(|lang| queue_title(queue, lang));
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
