//! A trace in the formats of other tools: tables, Graphviz, Mermaid. Each is one file and one function.

mod csv;
mod dot;
mod mermaid;

pub use csv::{COLUMNS, csv, csv_of_runs};
pub use dot::{states as states_dot, topology as topology_dot, wait_for as wait_for_dot};
pub use mermaid::{sequence as sequence_mermaid, states as states_mermaid};
