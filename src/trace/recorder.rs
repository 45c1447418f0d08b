//! Writing a trace: whoever runs something hands its records to a [`Recorder`]; consumers that cannot wait
//! for the end are [`Sink`]s.

use super::{Endpoint, EndpointId, Event, Meta, ProcessInfo, Record, RecordId, Trace};
use crate::clock::Instant;
use crate::link::HostId;
use crate::socket::ProcessId;
use std::collections::HashMap;

/// Something that takes the records of a run one by one, in order: a growing [`Trace`], an export that streams.
pub trait Sink {
    /// The endpoint of that number was seen for the first time; it comes before any record that names it.
    fn endpoint(&mut self, id: EndpointId, endpoint: &Endpoint);
    /// The next record.
    fn record(&mut self, record: Record);
}

impl Sink for Trace {
    fn endpoint(&mut self, id: EndpointId, endpoint: &Endpoint) {
        debug_assert_eq!(id.0 as usize, self.endpoints.len());
        self.endpoints.push(endpoint.clone());
    }
    fn record(&mut self, record: Record) {
        debug_assert_eq!(record.id.0 as usize, self.records.len());
        self.records.push(record);
    }
}

/// Builds a trace: numbers records and endpoints.
#[derive(Clone, Debug)]
pub struct Recorder {
    meta: Meta,
    endpoints: Vec<Endpoint>,
    numbers: HashMap<Endpoint, EndpointId>,
    records: Vec<Record>,
    /// What these records hold beside themselves.
    octets: u64,
    /// Records and endpoints already handed to a sink.
    records_gone: u32,
    endpoints_gone: usize,
}

impl Recorder {
    /// An empty trace of the run that `meta` describes.
    pub fn new(meta: Meta) -> Recorder {
        Recorder {
            meta,
            endpoints: Vec::new(),
            numbers: HashMap::new(),
            records: Vec::new(),
            octets: 0,
            records_gone: 0,
            endpoints_gone: 0,
        }
    }

    /// What holds for the whole run.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The endpoint's number, given at its first use.
    pub fn endpoint(&mut self, endpoint: Endpoint) -> EndpointId {
        if let Some(id) = self.numbers.get(&endpoint) {
            return *id;
        }
        let id = EndpointId(self.endpoints.len() as u32);
        self.endpoints.push(endpoint.clone());
        self.numbers.insert(endpoint, id);
        id
    }

    /// A process that started after the run began.
    pub fn process(&mut self, process: ProcessInfo) -> ProcessId {
        self.meta.processes.push(process);
        ProcessId(self.meta.processes.len() as u32 - 1)
    }

    /// Appends a record and gives its number.
    pub fn push(
        &mut self,
        at: Instant,
        host: Option<HostId>,
        cause: Option<RecordId>,
        event: Event,
    ) -> RecordId {
        let id = RecordId(self.len());
        self.octets += event.octets() as u64;
        self.records.push(Record { id, at, host, cause, event });
        id
    }

    /// Records so far, those already handed on included.
    pub fn len(&self) -> u32 {
        self.records_gone + self.records.len() as u32
    }

    /// Octets that the records not yet handed on hold beside themselves.
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Whether nothing has been recorded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The records not yet handed on.
    pub fn pending(&self) -> &[Record] {
        &self.records
    }

    /// Hands everything recorded since the last time to `sink`, and forgets it.
    pub fn drain(&mut self, sink: &mut dyn Sink) {
        for (index, endpoint) in self.endpoints.iter().enumerate().skip(self.endpoints_gone) {
            sink.endpoint(EndpointId(index as u32), endpoint);
        }
        self.endpoints_gone = self.endpoints.len();
        self.records_gone += self.records.len() as u32;
        self.octets = 0;
        for record in self.records.drain(..) {
            sink.record(record);
        }
    }

    /// The whole trace; of a recorder that was drained, what came after.
    pub fn finish(self) -> Trace {
        Trace { meta: self.meta, endpoints: self.endpoints, records: self.records }
    }
}
