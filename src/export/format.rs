//! Formats, and parts of a run.

use serde::Deserialize;

/// What a run is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// Packets, each with a comment that says why it was sent.
    Pcapng,
    /// A drawing, light, dark and for print.
    Svg,
    /// The document of `run --json`.
    Json,
    /// Variables and queues over time, as a table.
    Csv,
    /// A diagram for forges and wikis.
    Mermaid,
    /// A graph for Graphviz.
    Dot,
}

/// What of a run is drawn.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// Frames between the hosts.
    Sequence,
    /// The state diagram with both ends' ways.
    States,
    /// Windows, round trips, octets under way, throughput, queues over time.
    Plot,
    /// Queues over time.
    Queues,
    /// Each segment at its time and number.
    SequenceTime,
    /// The hosts and their wire.
    Topology,
    /// Who waits for whom at the end.
    WaitFor,
}

impl Format {
    /// What it can draw, what it draws by itself first; none where it takes all of a run.
    pub fn parts(self) -> &'static [Part] {
        match self {
            Format::Svg => &[Part::Sequence, Part::States, Part::Plot, Part::Queues, Part::SequenceTime],
            Format::Mermaid => &[Part::Sequence, Part::States],
            Format::Dot => &[Part::Topology, Part::States, Part::WaitFor],
            Format::Pcapng | Format::Json | Format::Csv => &[],
        }
    }

    /// Whether it can draw that; every format can write what it writes by itself.
    pub fn draws(self, part: Option<Part>) -> bool {
        part.is_none_or(|part| self.parts().contains(&part))
    }

    /// Whether it lays several runs beside each other, when that part is drawn.
    pub fn overlays(self, part: Option<Part>) -> bool {
        match self {
            Format::Csv => true,
            Format::Svg => matches!(part, Some(Part::Plot | Part::Queues | Part::SequenceTime)),
            Format::Pcapng | Format::Json | Format::Mermaid | Format::Dot => false,
        }
    }

    /// The ending of its files.
    pub fn ending(self) -> &'static str {
        match self {
            Format::Pcapng => "pcapng",
            Format::Svg => "svg",
            Format::Json => "json",
            Format::Csv => "csv",
            Format::Mermaid => "mmd",
            Format::Dot => "dot",
        }
    }

    /// What browsers and mail call it.
    pub fn mime(self) -> &'static str {
        match self {
            Format::Pcapng => "application/octet-stream",
            Format::Svg => "image/svg+xml",
            Format::Json => "application/json",
            Format::Csv => "text/csv; charset=utf-8",
            Format::Mermaid | Format::Dot => "text/plain; charset=utf-8",
        }
    }
}

impl Part {
    /// As the command line and addresses write it.
    pub fn name(self) -> &'static str {
        match self {
            Part::Sequence => "sequence",
            Part::States => "states",
            Part::Plot => "plot",
            Part::Queues => "queues",
            Part::SequenceTime => "sequence-time",
            Part::Topology => "topology",
            Part::WaitFor => "wait-for",
        }
    }
}
