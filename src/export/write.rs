//! The octets of a run.

use super::{Format, Part};
use crate::capture;
use crate::report::{self, Judged};
use crate::scenario::Plan;
use crate::trace::{self, Trace};
use crate::view::{self, Look, svg};
use std::io;

/// A run and what people call it.
pub type Named<'a> = (&'a str, &'a Trace);

/// The run in that format. `part` is one of the format's own; without one it is the first. `beside` are further runs, for
/// what lays them beside each other ([`Format::overlays`]).
///
/// # Errors
/// What the writers of the formats find; a trace from a run has always been written.
pub fn write(
    format: Format,
    part: Option<Part>,
    plan: &Plan,
    run: Named<'_>,
    beside: &[Named<'_>],
    look: &Look,
) -> io::Result<Vec<u8>> {
    let trace = run.1;
    let walks = || view::walked(trace).0;
    let runs = || std::iter::once(run).chain(beside.iter().copied());
    let text = match (format, part) {
        (Format::Pcapng, _) => {
            let mut octets = Vec::new();
            capture::export(trace, look.lang, &mut octets)?;
            return Ok(octets);
        }
        (Format::Csv, _) if beside.is_empty() => return view::export::csv(trace).map_err(io::Error::other),
        (Format::Csv, _) => return view::export::csv_of_runs(runs()).map_err(io::Error::other),
        (Format::Json, _) => json(trace, &report::judge(plan, trace)),
        (Format::Svg, part) => drawing(part, &runs().collect::<Vec<_>>(), look),
        (Format::Mermaid, Some(Part::States)) => view::export::states_mermaid(&walks(), look),
        (Format::Mermaid, _) => view::export::sequence_mermaid(trace, look),
        (Format::Dot, Some(Part::States)) => view::export::states_dot(&walks(), look.lang),
        (Format::Dot, Some(Part::WaitFor)) => view::export::wait_for_dot(trace, look),
        (Format::Dot, _) => view::export::topology_dot(&trace.meta, Some(plan), look.lang),
    };
    Ok(text.into_bytes())
}

/// The document of `run --json`.
pub fn json(trace: &Trace, judged: &[Judged]) -> String {
    let held = |judged: &Judged| trace::Judged {
        text: judged.says.clone(),
        held: judged.held,
        found: judged.found.clone(),
    };
    trace::to_json(trace, &judged.iter().map(held).collect::<Vec<_>>())
}

/// A drawing in a file of its own: curves of all runs, all else of the first.
fn drawing(part: Option<Part>, runs: &[Named<'_>], look: &Look) -> String {
    let standing = svg::Standing::Alone;
    let trace = runs[0].1;
    match part {
        Some(Part::States) => svg::states(Some(trace), look, standing),
        Some(Part::Plot) => svg::plot(runs, look, standing),
        Some(Part::Queues) => svg::queues(runs, look, standing),
        Some(Part::SequenceTime) => svg::sequence_time(runs, look, standing),
        None | Some(Part::Sequence | Part::Topology | Part::WaitFor) => svg::sequence(trace, look, standing),
    }
}
