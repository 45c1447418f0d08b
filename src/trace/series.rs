//! Values over time: queues, variables, counters.

use super::{EndpointId, Event, RecordId, Trace};
use crate::clock::Instant;
use crate::link::HostId;
use crate::mib::{Counter, Counters};
use std::collections::BTreeSet;

/// One queue's length over the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueSeries {
    /// Whose.
    pub endpoint: EndpointId,
    /// `half-open`, `accept`, `receive`, `send`, or `wire`: frames at the host's card.
    pub queue: &'static str,
    /// When it changed, its length from then on, and how many fit.
    pub points: Vec<(Instant, u64, Option<u64>)>,
}

impl QueueSeries {
    /// The greatest length.
    pub fn max(&self) -> u64 {
        self.points.iter().map(|(_, length, _)| *length).max().unwrap_or(0)
    }
    /// The length at the end.
    pub fn last(&self) -> u64 {
        self.points.last().map_or(0, |(_, length, _)| *length)
    }
    /// The length at that moment; 0 before the first change.
    pub fn at(&self, moment: Instant) -> u64 {
        let after = self.points.partition_point(|(at, _, _)| *at <= moment);
        after.checked_sub(1).map_or(0, |index| self.points[index].1)
    }
}

impl Trace {
    /// Every queue that ever changed, by endpoint and name, in order of first change.
    pub fn queues(&self) -> Vec<QueueSeries> {
        let mut all: Vec<QueueSeries> = Vec::new();
        for record in &self.records {
            let Event::Queue { endpoint, queue, length, limit } = &record.event else { continue };
            let known = all.iter().position(|series| series.endpoint == *endpoint && series.queue == *queue);
            let place = known.unwrap_or_else(|| {
                all.push(QueueSeries { endpoint: *endpoint, queue, points: Vec::new() });
                all.len() - 1
            });
            all[place].points.push((record.at, *length, *limit));
        }
        all
    }

    /// Each change of that queue at the host: where, by which record, and its length from then on. What waits to be read or
    /// sent on a stream is told by its connection's variables, all else by records of its own.
    pub fn lengths(&self, host: HostId, queue: &str) -> Vec<(EndpointId, RecordId, u64)> {
        let variable = match queue {
            "receive" => Some("receive-queue"),
            "send" => Some("send-queue"),
            _ => None,
        };
        let mut told = Vec::new();
        let mut of_streams = Vec::new();
        for record in &self.records {
            match &record.event {
                Event::Queue { endpoint, queue: name, length, .. } if *name == queue => {
                    told.push((*endpoint, record.id, *length));
                }
                Event::Variables { endpoint, changes } => {
                    let own = changes.iter().filter(|change| Some(change.variable) == variable);
                    of_streams.extend(own.map(|change| (*endpoint, record.id, change.after.unwrap_or(0))));
                }
                _ => {}
            }
        }
        let others: BTreeSet<EndpointId> = told.iter().map(|(endpoint, ..)| *endpoint).collect();
        of_streams.retain(|(endpoint, ..)| !others.contains(endpoint));
        told.append(&mut of_streams);
        told.retain(|(endpoint, ..)| self.endpoint(*endpoint).host == host);
        told.sort_by_key(|(_, record, _)| *record);
        told
    }

    /// One variable of one endpoint over the run: when it changed and to what; `None`: it ceased.
    pub fn variable(&self, of: EndpointId, variable: &str) -> Vec<(Instant, Option<u64>)> {
        let mut points = Vec::new();
        for record in &self.records {
            let Event::Variables { endpoint, changes } = &record.event else { continue };
            if *endpoint == of {
                points
                    .extend(changes.iter().filter(|c| c.variable == variable).map(|c| (record.at, c.after)));
            }
        }
        points
    }

    /// The host's counters at the end.
    pub fn counters(&self, host: HostId) -> Counters {
        let mut counters = Counters::default();
        for record in &self.records {
            if let Event::Counted { counter, by } = &record.event
                && record.host == Some(host)
            {
                counters.add(*counter, *by);
            }
        }
        counters
    }

    /// One of the host's counters at the end.
    pub fn counter(&self, host: HostId, counter: Counter) -> u64 {
        self.counters(host).get(counter)
    }

    /// When the run ended: the time of its last record.
    pub fn end(&self) -> Instant {
        self.records.last().map_or(Instant::ZERO, |record| record.at)
    }
}
