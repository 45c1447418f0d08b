//! How time runs down a sequence diagram: by steps, with a word where nothing happens for long, or linear, with rows of
//! nothing where time passes, so that a row is a span of time.

use super::calls_text::span;
use super::figures::round_step;
use super::lanes::{Across, Diagram, Row};
use super::sequence::rounded;
use super::{Look, Scale};
use crate::clock::{Instant, Span};

/// Rows that a diagram takes at least on a linear scale, where it has fewer that say something.
const ROWS: u64 = 60;

/// A pause from this on is said.
const QUIET: Span = Span::secs(1);

/// Pauses said or shown, as the scale has it.
pub fn apply(diagram: &mut Diagram, look: &Look) {
    match look.scale {
        Scale::Steps => say_pauses(diagram, look),
        Scale::Linear => stretch(diagram, look),
    }
}

/// A row of words wherever nothing happens for long.
fn say_pauses(diagram: &mut Diagram, look: &Look) {
    let mut rows: Vec<Row> = Vec::with_capacity(diagram.rows.len());
    for row in diagram.rows.drain(..) {
        if let Some(last) = rows.last() {
            let pause = row.at.since(last.at);
            if pause >= QUIET {
                let pause = span(rounded(pause));
                let text = look.lang.pick(format!("{pause} of quiet"), format!("静默 {pause}"));
                let mut quiet = Row::across(last.at, last.asides.len(), Across::Quiet(text));
                quiet.record = row.record;
                rows.push(quiet);
            }
        }
        rows.push(row);
    }
    diagram.rows = rows;
}

/// Puts empty rows between the others in proportion to time. What happens within one row's time still has a row for each
/// thing; the time lost by that is made up for in the next pause.
fn stretch(diagram: &mut Diagram, look: &Look) {
    let (Some(first), Some(last)) = (diagram.rows.first(), diagram.rows.last()) else { return };
    let (from, until) = (first.at, last.at.max(first.at));
    let wanted = ROWS.max(diagram.rows.len() as u64);
    let unit = round_step(until.since(from).as_nanos().max(1), wanted);
    let place = |at: Instant| (at.since(from).as_nanos() + unit / 2) / unit;
    let lanes = diagram.lanes.len();
    let mut rows: Vec<Row> = Vec::with_capacity(diagram.rows.len() + wanted as usize);
    let words = span(Span::nanos(unit));
    let text = look.lang.pick(format!("(one row is {words})"), format!("（一行为 {words}）"));
    let mut remark = Row::across(from, lanes, Across::Remark(text));
    remark.record = first.record;
    // The next free place on the scale.
    let mut next = 0;
    for row in diagram.rows.drain(..) {
        let wanted = place(row.at.max(from));
        while next < wanted {
            let mut pause = Row::empty(from + Span::nanos(unit * next), lanes);
            pause.record = row.record;
            rows.push(pause);
            next += 1;
        }
        next += 1;
        rows.push(row);
    }
    rows.insert(0, remark);
    diagram.rows = rows;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::lanes::{Beside, Lane};

    fn diagram(times: &[u64]) -> Diagram {
        let lane = |name: &str| Lane { name: name.to_owned(), address: String::new() };
        let row =
            |ms: &u64| Row::beside(Instant::ZERO + Span::millis(*ms), 2, 0, Beside::Note, format!("at {ms}"));
        Diagram { lanes: vec![lane("a"), lane("b")], rows: times.iter().map(row).collect() }
    }

    /// The rows that say something, and how many rows lie between.
    fn gaps(times: &[u64]) -> Vec<usize> {
        let mut diagram = diagram(times);
        stretch(&mut diagram, &Look::default());
        let said: Vec<usize> = (1..diagram.rows.len()).filter(|at| !diagram.rows[*at].is_bare()).collect();
        said.windows(2).map(|pair| pair[1] - pair[0]).collect()
    }

    #[test]
    fn pauses_are_as_long_as_they_last() {
        assert_eq!(gaps(&[0, 10, 30, 60]), [10, 20, 30]);
    }

    #[test]
    fn what_happens_at_once_takes_a_row_each_and_the_next_pause_makes_up_for_it() {
        assert_eq!(gaps(&[0, 0, 0, 60]), [1, 1, 58]);
        assert_eq!(gaps(&[0, 20, 20, 20, 20, 60]), [20, 1, 1, 1, 37]);
    }

    #[test]
    fn nothing_and_one_moment_have_a_scale_too() {
        assert!(gaps(&[]).is_empty());
        assert_eq!(gaps(&[5, 5]), [1]);
    }
}
