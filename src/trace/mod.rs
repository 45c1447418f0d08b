//! One kind of trace for whatever ran: the simulator, the real kernel, an imported capture.
//! Records with id, time, place, cause and content; queries over them; their stable text and JSON form. Draws nothing.

mod calls;
mod causes;
mod frames;
mod journeys;
mod json;
mod level;
mod numbering;
mod paths;
mod record;
mod recorder;
mod series;
mod snapshot;
mod sockets;
mod text;
mod wait_for;

pub use calls::CallRun;
pub use frames::{Content, Fate, Flow, Frame};
pub use json::{Judged, to_json};
pub use level::Level;
pub use numbering::{Numbering, Relative};
pub use paths::Path;
pub use record::{
    Change, Endpoint, EndpointId, Event, HostInfo, Meta, ProcessInfo, Protocol, Record, RecordId, Source,
    Stop, Trace,
};
pub use recorder::{Recorder, Sink};
pub use series::QueueSeries;
pub use snapshot::Snapshot;
pub use sockets::{SocketInfo, Sockets};
pub use wait_for::{WaitFor, Waiting};

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
