//! Variables and queues over time as a table for spreadsheets (RFC 4180): one row for each change.

use crate::host::Protocol;
use crate::trace::{Endpoint, Event, Trace};
use ::csv::{Terminator, Writer, WriterBuilder};

/// The columns.
pub const COLUMNS: [&str; 5] = ["at_ns", "host", "endpoint", "variable", "value"];

/// The table. A variable that ceased has an empty value; queues are variables named `queue.half-open` and so on.
pub fn csv(trace: &Trace) -> Result<Vec<u8>, ::csv::Error> {
    let mut table = empty();
    table.write_record(COLUMNS)?;
    rows(&mut table, None, trace)?;
    finished(table)
}

/// The same of several runs, with the run's name in a column before the others.
pub fn csv_of_runs<'a>(runs: impl Iterator<Item = (&'a str, &'a Trace)>) -> Result<Vec<u8>, ::csv::Error> {
    let mut table = empty();
    table.write_record(std::iter::once("run").chain(COLUMNS))?;
    for (name, trace) in runs {
        rows(&mut table, Some(name), trace)?;
    }
    finished(table)
}

/// Rows being written.
type Table = Writer<Vec<u8>>;

fn empty() -> Table {
    WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new())
}

fn finished(table: Table) -> Result<Vec<u8>, ::csv::Error> {
    table.into_inner().map_err(|error| ::csv::Error::from(error.into_error()))
}

fn rows(table: &mut Table, run: Option<&str>, trace: &Trace) -> Result<(), ::csv::Error> {
    for record in &trace.records {
        let at = record.at.as_nanos().to_string();
        let mut row = |of: &Endpoint, variable: &str, value: &str| {
            let cells = [at.as_str(), trace.host_name(of.host), &words(of), variable, value];
            table.write_record(run.into_iter().chain(cells))
        };
        match &record.event {
            Event::Variables { endpoint, changes } => {
                for change in changes {
                    let value = change.after.map(|value| value.to_string()).unwrap_or_default();
                    row(trace.endpoint(*endpoint), change.variable, &value)?;
                }
            }
            Event::Queue { endpoint, queue, length, .. } => {
                row(trace.endpoint(*endpoint), &format!("queue.{queue}"), &length.to_string())?;
            }
            _ => {}
        }
    }
    Ok(())
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
