//! What is drawn of one branch in one language, made once: the rows of its diagram and the sentences of its steps. Lines are
//! made of those rows only that are to be seen.

use crate::trace::RecordId;
use crate::view::lanes::Diagram;
use crate::view::{Drawing, Line, Look, Sentence, Teller, whole_diagram};
use crate::walk::Branch;
use std::collections::BTreeMap;

/// A diagram needs that many cells at least.
const NARROWEST: usize = 34;

/// What is drawn of one branch.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The names of the lanes.
    pub heading: Vec<Line>,
    diagram: Diagram,
    drawing: Drawing,
    /// For each row of the diagram, the record it begins to be shown at: its own, or that of a row above.
    begins: Vec<RecordId>,
    /// The sentences of each step.
    pub told: Vec<Vec<Sentence>>,
    /// For the sending of each frame that was passed on that of the one it was.
    pub passed_on: BTreeMap<RecordId, RecordId>,
}

/// A line of the diagram.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The first record it tells of, or that of a line above.
    pub record: RecordId,
    /// The sending of the frame whose arrow is on it.
    pub arrow: Option<RecordId>,
    /// Nothing is on it but the lanes: time passes.
    pub bare: bool,
    /// The line.
    pub line: Line,
}

impl Scene {
    /// Of that branch, its diagram that wide.
    pub fn of(branch: &Branch, look: &Look, width: usize) -> Scene {
        let look = &Look { width: width.max(NARROWEST), ..look.clone() };
        let diagram = whole_diagram(&branch.trace, look);
        let drawing = Drawing::new(&diagram, look);
        let heading = drawing.heading(&diagram);
        let mut record = RecordId(0);
        let mut begins = Vec::with_capacity(diagram.rows.len());
        for row in &diagram.rows {
            record = row.record.unwrap_or(record).max(record);
            begins.push(record);
        }
        let teller = Teller::new(&branch.trace, look);
        let tell = |step: usize| teller.tell_all(branch.records(step)).into_iter().map(|(_, told)| told);
        let told = (0..branch.steps.len()).map(|step| tell(step).collect()).collect();
        let passed_on = branch.trace.passed_on();
        Scene { heading, diagram, drawing, begins, told, passed_on }
    }

    /// The last lines, so many at most, of the diagram as it is once that record has happened.
    pub fn grown(&self, record: RecordId, room: usize) -> Vec<Drawn> {
        let end = self.begins.partition_point(|begins| *begins <= record);
        // A row is a line at least.
        let from = end.saturating_sub(room);
        let mut lines = Vec::new();
        for (row, drawn) in (from..end).zip(self.drawing.rows(&self.diagram, from..end)) {
            let arrow = self.diagram.rows[row].arrow.as_ref().map(|arrow| arrow.record);
            let (record, bare) = (self.begins[row], self.diagram.rows[row].is_bare());
            lines.extend(drawn.into_iter().map(|line| Drawn { record, arrow, bare, line }));
        }
        lines.split_off(lines.len().saturating_sub(room))
    }
}
