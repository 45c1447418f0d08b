//! What a run notes while it goes on, from many threads; put in order of time at its end.

use super::kernel::now_ns;
use crate::clock::Instant;
use crate::host::Protocol;
use crate::link::HostId;
use crate::trace::{Endpoint, EndpointId, Event, Meta, RecordId, Recorder, Trace};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A record before its place is known. Record numbers in its event are places in the log, endpoint numbers places in
/// the log's table.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// CLOCK_REALTIME, nanoseconds.
    pub at_ns: u64,
    /// On which host.
    pub host: Option<HostId>,
    /// The entry that brought it about.
    pub cause: Option<RecordId>,
    /// What happened.
    pub event: Event,
}

/// The log of one run.
#[derive(Debug)]
pub(super) struct Log {
    start_ns: AtomicU64,
    inside: Mutex<Inside>,
}

#[derive(Debug, Default)]
struct Inside {
    entries: Vec<Entry>,
    /// What the entries hold beside themselves.
    octets: u64,
    endpoints: Vec<Endpoint>,
    numbers: HashMap<Endpoint, EndpointId>,
    /// UDP sockets that connect() has tied to a peer.
    tied: HashMap<(HostId, SocketAddr), SocketAddr>,
    last_ns: u64,
}

impl Log {
    /// An empty log of a run that begins now, or at [`Log::begin`].
    pub(super) fn new() -> Log {
        Log { start_ns: AtomicU64::new(now_ns()), inside: Mutex::default() }
    }

    /// The run begins now.
    pub(super) fn begin(&self) {
        self.start_ns.store(now_ns(), Ordering::SeqCst);
    }

    /// When the run began, CLOCK_REALTIME.
    pub(super) fn start_ns(&self) -> u64 {
        self.start_ns.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes something that happened at `at_ns`.
    pub(super) fn note_at(
        &self,
        at_ns: u64,
        host: Option<HostId>,
        cause: Option<RecordId>,
        event: Event,
    ) -> RecordId {
        let mut inside = self.lock();
        inside.last_ns = inside.last_ns.max(at_ns);
        inside.octets += event.octets() as u64;
        inside.entries.push(Entry { at_ns, host, cause, event });
        RecordId(inside.entries.len() as u32 - 1)
    }

    /// How many entries there are, and the octets they hold beside themselves.
    pub(super) fn size(&self) -> (u64, u64) {
        let inside = self.lock();
        (inside.entries.len() as u64, inside.octets)
    }

    /// Notes something that happens now.
    pub(super) fn note(&self, host: Option<HostId>, cause: Option<RecordId>, event: Event) -> RecordId {
        self.note_at(now_ns(), host, cause, event)
    }

    /// The number of an endpoint.
    pub(super) fn endpoint(&self, endpoint: Endpoint) -> EndpointId {
        let mut inside = self.lock();
        inside.endpoint(endpoint)
    }

    /// The number of the endpoint that sends from `local` to `remote`.
    pub(super) fn sender(
        &self,
        host: HostId,
        protocol: Protocol,
        local: SocketAddr,
        remote: SocketAddr,
    ) -> EndpointId {
        let mut inside = self.lock();
        let remote = match protocol {
            Protocol::Tcp => Some(remote),
            Protocol::Udp => inside.tied.get(&(host, local)).copied(),
        };
        inside.endpoint(Endpoint { host, protocol, local, remote })
    }

    /// connect() has tied a UDP socket to a peer.
    pub(super) fn tie(&self, host: HostId, local: SocketAddr, remote: SocketAddr) {
        self.lock().tied.insert((host, local), remote);
    }

    /// When something last happened.
    pub(super) fn last_ns(&self) -> u64 {
        self.lock().last_ns.max(self.start_ns())
    }

    /// Shows the entries from place `from` on to `look`, and gives the place to go on from.
    pub(super) fn read_from(&self, from: usize, mut look: impl FnMut(usize, &Entry)) -> usize {
        let inside = self.lock();
        for (place, entry) in inside.entries.iter().enumerate().skip(from) {
            look(place, entry);
        }
        inside.entries.len()
    }

    /// The trace up to `end_ns`: everything in order of time, numbered anew. What came later is the run's own clearing up.
    pub(super) fn finish(&self, meta: Meta, end_ns: u64) -> Trace {
        let mut inside = self.lock();
        let entries = std::mem::take(&mut inside.entries);
        // What the end cut off has no cause in the trace either: causes come before what they cause.
        let mut order: Vec<usize> = (0..entries.len()).collect();
        // Stable: what has the same time stays in the order it was noted in. Nothing precedes its cause, even where
        // two clocks of the kernel differ by a hair.
        let times = times_after_causes(&entries);
        order.retain(|place| times[*place] <= end_ns);
        order.sort_by_key(|place| times[*place]);
        let mut numbers = vec![RecordId(0); entries.len()];
        for (number, place) in order.iter().enumerate() {
            numbers[*place] = RecordId(number as u32);
        }
        let mut recorder = Recorder::new(meta);
        for place in order {
            let Entry { host, cause, mut event, .. } = entries[place].clone();
            let renumbered = |id: RecordId| numbers.get(id.0 as usize).copied().unwrap_or(id);
            if let Some(id) = event.reference_mut() {
                *id = renumbered(*id);
            }
            for_each_endpoint(&mut event, |id| {
                if let Some(endpoint) = inside.endpoints.get(id.0 as usize) {
                    *id = recorder.endpoint(endpoint.clone());
                }
            });
            let at = Instant::from_nanos(times[place].saturating_sub(self.start_ns()));
            recorder.push(at, host, cause.map(renumbered), event);
        }
        recorder.finish()
    }
}

impl Inside {
    fn endpoint(&mut self, endpoint: Endpoint) -> EndpointId {
        if let Some(id) = self.numbers.get(&endpoint) {
            return *id;
        }
        let id = EndpointId(self.endpoints.len() as u32);
        self.endpoints.push(endpoint.clone());
        self.numbers.insert(endpoint, id);
        id
    }
}

/// Each entry's time, not before that of its cause. Causes come earlier in the log than what they cause.
fn times_after_causes(entries: &[Entry]) -> Vec<u64> {
    let mut times: Vec<u64> = Vec::with_capacity(entries.len());
    for entry in entries {
        let after = entry.cause.and_then(|cause| times.get(cause.0 as usize)).copied().unwrap_or(0);
        times.push(entry.at_ns.max(after));
    }
    times
}

/// Every number of an endpoint in the event.
fn for_each_endpoint(event: &mut Event, mut change: impl FnMut(&mut EndpointId)) {
    match event {
        Event::FrameSent { endpoint, .. }
        | Event::TimerFired { endpoint, .. }
        | Event::Noted { endpoint, .. } => endpoint.iter_mut().for_each(change),
        Event::StateChanged { endpoint, .. }
        | Event::Variables { endpoint, .. }
        | Event::Queue { endpoint, .. } => change(endpoint),
        Event::StatesObserved { states, .. } => {
            states.iter_mut().for_each(|(endpoint, _)| change(endpoint));
        }
        Event::FrameArrived { .. }
        | Event::FrameLost { .. }
        | Event::FrameDropped { .. }
        | Event::CallStarted { .. }
        | Event::CallBlocked { .. }
        | Event::CallReturned { .. }
        | Event::Checked { .. }
        | Event::Forked { .. }
        | Event::ProcessEnded { .. }
        | Event::Counted { .. }
        | Event::LinkChanged { .. }
        | Event::Stopped(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Text;
    use crate::socket::ProcessId;
    use crate::trace::Source;

    fn meta() -> Meta {
        Meta {
            scenario: String::new(),
            title: Text::default(),
            profile: String::new(),
            seed: 0,
            source: Source::Live { kernel: String::new(), mode: "loopback" },
            hosts: Vec::new(),
            processes: Vec::new(),
        }
    }

    #[test]
    fn records_come_out_in_order_of_time_with_their_references() {
        let log = Log::new();
        let start = log.start_ns();
        let late = log.note_at(start + 30, None, None, Event::LinkChanged { up: true, next: None });
        let sent = log.note_at(
            start + 10,
            None,
            None,
            Event::FrameSent { frame: bytes::Bytes::new(), to: None, next: None, endpoint: None, why: None },
        );
        // The arrival's clock was read too early.
        log.note_at(start + 5, None, Some(sent), Event::FrameArrived { sent, changed: None });
        log.note_at(start + 101, None, Some(sent), Event::FrameArrived { sent, changed: None });
        let process = ProcessId(0);
        log.note_at(start + 20, None, Some(late), Event::ProcessEnded { process });
        let trace = log.finish(meta(), start + 100);
        let times: Vec<u64> = trace.records.iter().map(|record| record.at.as_nanos()).collect();
        assert_eq!(times, [10, 10, 30, 30]);
        assert_eq!(trace.records[1].event, Event::FrameArrived { sent: RecordId(0), changed: None });
        assert_eq!(trace.records[1].cause, Some(RecordId(0)));
        assert_eq!(trace.records[3].cause, Some(RecordId(2)));
    }
}
