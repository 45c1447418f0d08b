//! The sequence diagram as the page draws it: the one layout that every face draws, with its texts in the table.

use super::document::{Row, Sheet};
use super::frames;
use super::tables::Texts;
use crate::trace::RecordId;
use crate::view::lanes::{Across, Beside, Diagram, Part, Row as Laid};
use crate::view::svg::class;
use crate::view::{Look, Scale, decimals, diagram};
use crate::walk;
use crate::world::Halt;

/// The diagram of the branch by step, then on a linear scale, and which sheet each look draws of either. Looks differ in
/// words and not in what stands where, so that as a rule all of them share one sheet. As far as it came when the sign was raised.
pub fn sheets(
    branch: &walk::Branch,
    looks: &[Look; 4],
    most_steps: usize,
    halt: &Halt,
    texts: &mut Texts,
) -> (Vec<Sheet>, [[usize; 4]; 2]) {
    let numbers = frames::numbers(&branch.trace);
    let mut sheets = Vec::new();
    let mut drawn = [[0; 4]; 2];
    for (scale, drawn) in [Scale::Steps, Scale::Linear].into_iter().zip(&mut drawn) {
        let mut laid = Vec::new();
        for look in looks {
            // A long run's takes seconds each.
            if halt.raised() {
                break;
            }
            laid.push(diagram(&branch.trace, &Look { scale, ..look.clone() }));
        }
        let Ok(laid) = <[Diagram; 4]>::try_from(laid) else { break };
        let mut sheet = |of: [&Diagram; 4]| {
            let mut drawn = Drawn { branch, numbers: &numbers, texts, step: 0 };
            let rows = (0..of[0].rows.len()).map(|row| drawn.row(of.map(|one| &one.rows[row])));
            let rows = rows.filter(|row| row.step < most_steps).collect();
            let lanes = of[0].lanes.iter().map(|lane| (lane.name.clone(), lane.address.clone()));
            let decimals = decimals(of[0].rows.iter().map(|row| row.at));
            sheets.push(Sheet { lanes: lanes.collect(), decimals, rows });
            sheets.len() - 1
        };
        *drawn = match laid.iter().all(|one| same_shape(&laid[0], one)) {
            true => [sheet(laid.each_ref()); 4],
            false => laid.each_ref().map(|one| sheet([one; 4])),
        };
    }
    (sheets, drawn)
}

/// Whether two diagrams differ in words only.
fn same_shape(one: &Diagram, other: &Diagram) -> bool {
    let asides = |row: &Laid| {
        row.asides.iter().map(|aside| aside.as_ref().map(|aside| aside.what)).collect::<Vec<_>>()
    };
    let arrow = |row: &Laid| row.arrow.as_ref().map(|arrow| (arrow.from, arrow.to, arrow.part, arrow.record));
    let kind = |row: &Laid| row.across.as_ref().map(std::mem::discriminant);
    let row = |(one, other): (&Laid, &Laid)| {
        (one.at, one.record) == (other.at, other.record)
            && asides(one) == asides(other)
            && arrow(one) == arrow(other)
            && kind(one) == kind(other)
    };
    one.lanes == other.lanes
        && one.rows.len() == other.rows.len()
        && one.rows.iter().zip(&other.rows).all(row)
}

/// Rows being written.
struct Drawn<'a> {
    branch: &'a walk::Branch,
    numbers: &'a [RecordId],
    texts: &'a mut Texts,
    /// The step of the last row.
    step: usize,
}

impl Drawn<'_> {
    /// One row in all its looks.
    fn row(&mut self, looks: [&Laid; 4]) -> Row {
        let [row, ..] = looks;
        // A row may begin with something of the step before its arrow's: it is shown when all of it has happened.
        let drawn = row.arrow.as_ref().map(|arrow| arrow.record);
        if let Some(record) = row.record.max(drawn) {
            // Rows are shown from the top: none before the one above it.
            self.step = self.step.max(self.branch.steps.partition_point(|step| step.last < record));
        }
        let arrow = row.arrow.as_ref().map(|arrow| {
            let label =
                looks.map(|row| row.arrow.as_ref().map_or_else(String::new, |arrow| arrow.label.clone()));
            let part = match arrow.part {
                Part::Whole => "whole",
                Part::Lost => "lost",
                Part::Leaves => "leaves",
                Part::Arrives => "arrives",
            };
            let number = frames::number(self.numbers, arrow.record).unwrap_or_default();
            (arrow.from, arrow.to, class(arrow.kind.ink()), part, self.texts.keep_four(label), number)
        });
        let mut asides = Vec::new();
        for (lane, aside) in row.asides.iter().enumerate() {
            let Some(aside) = aside else { continue };
            let words = looks
                .map(|row| row.asides[lane].as_ref().map_or_else(String::new, |aside| aside.text.clone()));
            asides.push((lane, class(Beside::ink(aside.what)), self.texts.keep_four(words)));
        }
        let words = looks.map(|row| match &row.across {
            Some(Across::Quiet(text) | Across::Summary(text) | Across::Remark(text)) => text.clone(),
            None => String::new(),
        });
        let across = row.across.as_ref().map(|across| match across {
            Across::Quiet(_) => "quiet",
            Across::Summary(_) => "summary",
            Across::Remark(_) => "remark",
        });
        let across = across.map(|kind| (kind, self.texts.keep_four(words)));
        Row { step: self.step, at_ns: row.at.as_nanos(), arrow, asides, across }
    }
}
