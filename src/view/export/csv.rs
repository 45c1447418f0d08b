//! Variables and queues over time as a table for spreadsheets (RFC 4180): one row for each change.

use crate::host::Protocol;
use crate::trace::{Endpoint, Event, Trace};
use ::csv::{Terminator, WriterBuilder};

/// The columns.
pub const COLUMNS: [&str; 5] = ["at_ns", "host", "endpoint", "variable", "value"];

/// The table. A variable that ceased has an empty value; queues are variables named `queue.half-open` and so on.
pub fn csv(trace: &Trace) -> Result<Vec<u8>, ::csv::Error> {
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    table.write_record(COLUMNS)?;
    for record in &trace.records {
        let at = record.at.as_nanos().to_string();
        match &record.event {
            Event::Variables { endpoint, changes } => {
                let info = trace.endpoint(*endpoint);
                let (host, endpoint) = (trace.host_name(info.host), words(info));
                for change in changes {
                    let value = change.after.map(|value| value.to_string()).unwrap_or_default();
                    table.write_record([&at, host, &endpoint, change.variable, &value])?;
                }
            }
            Event::Queue { endpoint, queue, length, .. } => {
                let info = trace.endpoint(*endpoint);
                let (name, length) = (format!("queue.{queue}"), length.to_string());
                table.write_record([&at, trace.host_name(info.host), &words(info), &name, &length])?;
            }
            _ => {}
        }
    }
    table.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
}

/// `tcp 10.0.0.1:49152 10.0.0.2:8080`; of a listener only its own end.
fn words(endpoint: &Endpoint) -> String {
    let protocol = match endpoint.protocol {
        Protocol::Tcp => "tcp",
        Protocol::Udp => "udp",
    };
    match endpoint.remote {
        Some(remote) => format!("{protocol} {} {remote}", endpoint.local),
        None => format!("{protocol} {}", endpoint.local),
    }
}
