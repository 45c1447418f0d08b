//! Socket calls of a trace from start to return.

use super::{Event, Record, Trace};
use crate::clock::Instant;
use crate::link::HostId;
use crate::socket::{Call, ProcessId, Return};

/// One call.
#[derive(Clone, Debug, PartialEq)]
pub struct CallRun<'a> {
    /// Who called.
    pub process: ProcessId,
    /// On which host.
    pub host: Option<HostId>,
    /// The call.
    pub call: &'a Call,
    /// The program's own words.
    pub text: &'a str,
    /// The record of its start.
    pub started: &'a Record,
    /// The record that it blocked.
    pub blocked: Option<&'a Record>,
    /// The record of its return; `None` if it never came back.
    pub returned: Option<&'a Record>,
}

impl<'a> CallRun<'a> {
    /// What it gave.
    pub fn result(&self) -> Option<&'a Return> {
        match &self.returned?.event {
            Event::CallReturned { result, .. } => Some(result),
            _ => None,
        }
    }
    /// When it began.
    pub fn at(&self) -> Instant {
        self.started.at
    }
}

impl Trace {
    /// Every call, in the order they began.
    pub fn calls(&self) -> Vec<CallRun<'_>> {
        let mut calls: Vec<CallRun<'_>> = Vec::new();
        let mut place_of = vec![usize::MAX; self.records.len()];
        for record in &self.records {
            match &record.event {
                Event::CallStarted { process, call, text } => {
                    place_of[record.id.0 as usize] = calls.len();
                    calls.push(CallRun {
                        process: *process,
                        host: record.host,
                        call,
                        text,
                        started: record,
                        blocked: None,
                        returned: None,
                    });
                }
                Event::CallBlocked { call, .. } | Event::CallReturned { call, .. } => {
                    let Some(place) = place_of.get(call.0 as usize) else { continue };
                    let Some(run) = calls.get_mut(*place) else { continue };
                    if matches!(record.event, Event::CallBlocked { .. }) {
                        run.blocked = Some(record);
                    } else {
                        run.returned = Some(record);
                    }
                }
                _ => {}
            }
        }
        calls
    }
}
