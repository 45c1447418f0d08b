//! The machine: its layers composed.

use super::{EndpointKey, HostConfig, HostEffect, Outcome};
use crate::clock::Instant;
use crate::mib::Counters;
use crate::socket::{Call, Errno, Fd, ProcessId, Return};
use crate::tcp::State;
use bytes::Bytes;

/// One machine with its card, its stacks, its sockets and the calls its processes wait in.
#[derive(Clone, Debug)]
pub struct Host {
    config: HostConfig,
    counters: Counters,
}

impl Host {
    /// A host just booted.
    pub fn new(config: HostConfig) -> Host {
        Host { config, counters: Counters::default() }
    }

    /// What it was made of.
    pub fn config(&self) -> &HostConfig {
        &self.config
    }

    /// A frame came up from the card. Effects are appended to `fx` in order. Any octets will do; none panics.
    pub fn receive(&mut self, _now: Instant, _frame: &Bytes, _fx: &mut Vec<HostEffect>) {}

    /// Everything due by `now` happens.
    pub fn on_timer(&mut self, _now: Instant, _fx: &mut Vec<HostEffect>) {}

    /// When [`Host::on_timer`] wants to be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        None
    }

    /// A process makes a call. A process makes one call at a time: one that waits in a call makes no other.
    pub fn call(
        &mut self,
        _now: Instant,
        _pid: ProcessId,
        _call: &Call,
        _fx: &mut Vec<HostEffect>,
    ) -> Outcome {
        Outcome::Returned(Return::Failed(Errno::EINVAL))
    }

    /// The kernel forgets this socket without a word, as a reboot does: no frame, no call returns.
    pub fn forget(&mut self, _pid: ProcessId, _fd: Fd) {}

    /// A process started that shares the descriptors of `parent`, as a thread does; without a parent its table is empty.
    pub fn process_started(&mut self, _pid: ProcessId, _parent: Option<ProcessId>) {}

    /// A process ended: its descriptors are closed as `exit` does, in ascending order, unless another still shares them.
    pub fn process_ended(&mut self, _now: Instant, _pid: ProcessId, _fx: &mut Vec<HostEffect>) {}

    /// All TCP endpoints with their states, ordered by endpoint: listeners, half-open entries (SYN-RECEIVED) and TIME-WAIT
    /// entries included.
    pub fn states(&self) -> Vec<(EndpointKey, State)> {
        Vec::new()
    }

    /// The variables of every endpoint, in a stable order of endpoints and a fixed order of variables.
    pub fn variables(&self) -> Vec<(EndpointKey, Vec<(&'static str, u64)>)> {
        Vec::new()
    }

    /// How many connections wait in accept queues, over all listeners.
    pub fn accept_queue(&self) -> usize {
        0
    }

    /// The counters since boot.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }
}
