//! One kind of trace for whatever ran: the simulator, the real kernel, an imported capture.
//! Records with id, time, place, cause and content; queries over them; their stable text and JSON form. Draws nothing.

mod record;

pub use record::{
    Change, Endpoint, EndpointId, Event, HostInfo, Meta, ProcessInfo, Protocol, Record, RecordId, Source,
    Stop, Trace,
};
