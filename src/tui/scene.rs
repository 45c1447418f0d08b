//! What is drawn of one branch in one language, made once: the rows of its diagram and the sentences of its steps.

use crate::trace::RecordId;
use crate::view::{Line, Look, Sentence, Teller, diagram, draw_rows};
use crate::walk::Branch;

/// What is drawn of one branch.
#[derive(Clone, Debug)]
pub struct Scene {
    /// The names of the lanes.
    pub heading: Vec<Line>,
    /// The lines of the diagram, the record each begins to be shown at, and the frame it draws.
    pub lines: Vec<Drawn>,
    /// The sentences of each step.
    pub told: Vec<Vec<Sentence>>,
}

/// A line of the diagram.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// The first record it tells of, or that of a line above.
    pub record: RecordId,
    /// The sending of the frame whose arrow is on it.
    pub arrow: Option<RecordId>,
    /// The line.
    pub line: Line,
}

impl Scene {
    /// Of that branch, its diagram that wide.
    pub fn of(branch: &Branch, look: &Look, width: usize) -> Scene {
        let look = &Look { width: width.max(Look::NARROWEST), ..look.clone() };
        let diagram = diagram(&branch.trace, look);
        let drawn = draw_rows(&diagram, look);
        let mut lines = Vec::new();
        let mut record = RecordId(0);
        for (row, drawn) in diagram.rows.iter().zip(drawn.rows) {
            record = row.record.unwrap_or(record).max(record);
            let arrow = row.arrow.as_ref().map(|arrow| arrow.record);
            lines.extend(drawn.into_iter().map(|line| Drawn { record, arrow, line }));
        }
        let teller = Teller::new(&branch.trace, look);
        let tell = |step: usize| teller.tell_all(branch.records(step)).into_iter().map(|(_, told)| told);
        let told = (0..branch.steps.len()).map(|step| tell(step).collect()).collect();
        Scene { heading: drawn.heading, lines, told }
    }

    /// How many lines of the diagram are there once that record has happened.
    pub fn grown(&self, record: RecordId) -> usize {
        self.lines.partition_point(|drawn| drawn.record <= record)
    }
}
