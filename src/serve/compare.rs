//! A run beside the real kernel: the verdict, and the frames of both side by side.

use super::api::{answer, json};
use super::ask::Ask;
use super::body::Asked;
use super::limits;
use super::refusal::Refusal;
use super::routes::Shop;
use crate::beside::{self, Compared, Unavailable, Wanted};
use crate::clock::Span;
use crate::lang::Text;
use crate::report::{self, Mark, PacketLine};
use crate::scenario::Plan;
use crate::sim;
use crate::trace::Trace;
use crate::view::{Ink, svg};
use crate::world::Halt;
use axum::extract::State;
use axum::response::Response;
use serde::Serialize;

/// The document of `compare --json` for one scenario, with what stands side by side.
#[derive(Serialize)]
struct Document<'a, R: Serialize> {
    schema: u32,
    title: &'a Text,
    kernel: &'a str,
    mode: Option<&'a str>,
    notes: &'a [Text],
    results: [Whole<'a, R>; 1],
}

#[derive(Serialize)]
struct Whole<'a, R: Serialize> {
    #[serde(flatten)]
    result: R,
    rows: Vec<Row<'a>>,
    lines: Vec<Line<'a>>,
    footnotes: &'a [Text],
}

/// Both sides of a frame.
#[derive(Serialize)]
struct Row<'a> {
    simulated: Option<Side>,
    live: Option<Side>,
    mark: &'static str,
    footnote: Option<u32>,
    note: Option<&'a Text>,
}

/// A frame in a few words, and the class of its colour.
#[derive(Serialize)]
struct Side {
    text: String,
    class: &'static str,
}

/// What was compared besides frames.
#[derive(Serialize)]
struct Line<'a> {
    text: &'a Text,
    mark: &'static str,
    footnote: Option<u32>,
}

/// Compares a run, without its branches, with the real kernel.
pub async fn compare(State(shop): State<Shop>, Asked(ask): Asked<Ask>) -> Result<Response, Refusal> {
    shop.kernel.map_err(|unavailable| cannot(&unavailable))?;
    let octets = shop.live.run(move |halt| {
        let setup = Ask { branches: Vec::new(), ..ask }.setup(halt)?;
        let mut plan = setup.plan().map_err(Refusal::mistakes)?;
        plan.faults.splice(0..0, setup.options.faults.iter().cloned());
        plan.limits = limits::of_run(plan.limits, 1);
        let mut options = setup.options;
        options.faults.clear();
        let compared = both(&plan, &options, halt)?;
        answer(&document(&plan, &compared))
    });
    Ok(json(octets.await?))
}

fn both(plan: &Plan, options: &sim::Options, halt: &Halt) -> Result<Compared, Refusal> {
    let wanted = Wanted {
        seed: options.seed,
        bound: Some(Span::secs(limits::LIVE_TIME.as_secs())),
        halt: halt.clone(),
        ..Wanted::default()
    };
    beside::compare(plan, options, &wanted).map_err(|unavailable| cannot(&unavailable))
}

/// What this machine lacks, and what to change.
fn cannot(unavailable: &Unavailable) -> Refusal {
    let join = |what: &str, remedy: &str, between| {
        if remedy.is_empty() { what.to_owned() } else { format!("{what}{between}{remedy}") }
    };
    let (what, remedy) = (&unavailable.what, &unavailable.remedy);
    Refusal::not_here(Text::new(join(&what.en, &remedy.en, "; "), join(&what.zh, &remedy.zh, "；")))
}

fn document<'a>(plan: &'a Plan, compared: &'a Compared) -> impl Serialize + use<'a> {
    let Compared { comparison, simulated, ms, .. } = compared;
    let kernel = compared.kernel();
    let row = |row: &'a report::Row| {
        let (mark, footnote) = mark(row.mark);
        let side = |line: &Option<PacketLine>| line.as_ref().map(|line| side(line, simulated));
        Row {
            simulated: side(&row.simulated),
            live: side(&row.live),
            mark,
            footnote,
            note: row.note.as_ref(),
        }
    };
    let line = |line: &'a report::StateLine| {
        let (mark, footnote) = mark(line.mark);
        Line { text: &line.text, mark, footnote }
    };
    let whole = Whole {
        result: comparison.json(&plan.name, ms[0], ms[1]),
        rows: comparison.rows.iter().map(row).collect(),
        lines: comparison.lines.iter().map(line).collect(),
        footnotes: &comparison.footnotes,
    };
    Document {
        schema: 1,
        title: &plan.title,
        kernel: kernel.map_or("", |(release, _)| release),
        mode: kernel.map(|(_, mode)| mode),
        notes: &compared.notes,
        results: [whole],
    }
}

fn side(line: &PacketLine, simulated: &Trace) -> Side {
    let lost = if line.lost { " ✗" } else { "" };
    let text = format!("{}  {}{lost}", line.direction(&simulated.meta.hosts), line.words());
    let ink = if line.lost { Ink::Lost } else { Ink::of_packet(&line.label, line.len) };
    Side { text, class: svg::class(ink) }
}

fn mark(mark: Mark) -> (&'static str, Option<u32>) {
    match mark {
        Mark::Same => ("same", None),
        Mark::Explained(footnote) => ("explained", Some(footnote)),
        Mark::Different => ("different", None),
        Mark::Aside => ("aside", None),
    }
}
