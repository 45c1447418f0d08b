//! The layout model of a sequence diagram: lanes, and rows from top to bottom. It knows nothing of cells or pixels;
//! `lanes_text.rs` draws it as text.

use super::Ink;
use super::brief::Kind;
use crate::clock::Instant;
use crate::trace::RecordId;

/// A sequence diagram.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagram {
    /// The lanes from left to right.
    pub lanes: Vec<Lane>,
    /// The rows from top to bottom.
    pub rows: Vec<Row>,
}

/// A host's lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The host's name.
    pub name: String,
    /// Its address, with the port if it uses only one.
    pub address: String,
}

/// One row: one thing that happens.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// When.
    pub at: Instant,
    /// The arrow, if one is on this row.
    pub arrow: Option<Arrow>,
    /// What stands beside each lane.
    pub asides: Vec<Option<Aside>>,
    /// Instead of all that: words across the diagram.
    pub across: Option<Across>,
    /// The lane whose calls on this row only prepare: further ones join them.
    pub preparing: Option<usize>,
    /// The connection it is about, by its port, where there are several.
    pub flow: Option<u16>,
    /// The first record it tells of: whoever shows a run up to some record shows the rows up to there.
    pub record: Option<RecordId>,
}

/// A frame on its way.
#[derive(Clone, Debug, PartialEq)]
pub struct Arrow {
    /// Lane it leaves.
    pub from: usize,
    /// Lane it is meant for.
    pub to: usize,
    /// Its kind.
    pub kind: Kind,
    /// Its words.
    pub label: String,
    /// The same with ever fewer words, for drawings that have no room for all.
    pub shorter: Vec<String>,
    /// What becomes of it on this row.
    pub part: Part,
    /// Its sending.
    pub record: RecordId,
}

/// Which part of a frame's way a row shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it, to its arrival.
    Whole,
    /// Its end: it is lost.
    Lost,
    /// It leaves; its arrival is a later row, because another frame crosses it.
    Leaves,
    /// It arrives.
    Arrives,
}

/// What stands beside a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// What kind of thing.
    pub what: Beside,
    /// Its words.
    pub text: String,
    /// Fewer words, where those do not fit on one line.
    pub short: Option<String>,
}

/// What kind of thing stands beside a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Beside {
    /// A state was entered.
    State,
    /// A call begins or returns.
    Call,
    /// A call failed, or a check of a program did.
    Error,
    /// A remark on the arrow of this row, or on the host.
    Note,
    /// Something was lost, dropped, given up.
    Trouble,
}

impl Beside {
    /// Its colour.
    pub fn ink(self) -> Ink {
        match self {
            Beside::State => Ink::State,
            Beside::Call => Ink::Call,
            Beside::Error => Ink::Error,
            Beside::Note => Ink::Plain,
            Beside::Trouble => Ink::Lost,
        }
    }
}

/// Words across the diagram.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Across {
    /// Nothing happens for a while.
    Quiet(String),
    /// Many frames, summed up.
    Summary(String),
    /// A remark below what it is about.
    Remark(String),
}

impl Row {
    /// A row with nothing on it yet.
    pub fn empty(at: Instant, lanes: usize) -> Row {
        Row {
            at,
            arrow: None,
            asides: vec![None; lanes],
            across: None,
            preparing: None,
            flow: None,
            record: None,
        }
    }

    /// A row with words beside one lane.
    pub fn beside(at: Instant, lanes: usize, lane: usize, what: Beside, text: String) -> Row {
        let mut row = Row::empty(at, lanes);
        row.asides[lane] = Some(Aside { what, text, short: None });
        row
    }

    /// Whether nothing is on it: on a linear scale time passes so.
    pub fn is_bare(&self) -> bool {
        self.arrow.is_none() && self.across.is_none() && self.asides.iter().all(Option::is_none)
    }

    /// A row of words across the diagram.
    pub fn across(at: Instant, lanes: usize, across: Across) -> Row {
        Row { across: Some(across), ..Row::empty(at, lanes) }
    }
}

impl Diagram {
    /// Puts a state that a host enters as it sends onto the row of the frame it sends (or that arrives there), where that row has room.
    pub fn join_states_with_arrows(&mut self) {
        let mut joined: Vec<Row> = Vec::with_capacity(self.rows.len());
        for row in self.rows.drain(..) {
            match joined.last_mut() {
                Some(last) if can_join(last, &row) => {
                    last.arrow = last.arrow.take().or(row.arrow);
                    for (slot, aside) in last.asides.iter_mut().zip(row.asides) {
                        if aside.is_some() {
                            *slot = aside;
                        }
                    }
                }
                _ => joined.push(row),
            }
        }
        self.rows = joined;
    }

    /// Puts rows that say the same again and again together: `recv(2048) = 100 B ×9`.
    pub fn count_repetitions(&mut self) {
        let mut counted: Vec<Row> = Vec::with_capacity(self.rows.len());
        let mut times = 1;
        for row in self.rows.drain(..) {
            if let (Some(last), Some((lane, aside))) = (counted.last_mut(), only_words(&row))
                && let Some((last_lane, last_aside)) = only_words(last)
                && lane == last_lane
                && row.flow == last.flow
                && aside.what == Beside::Call
                && last_aside.what == aside.what
                && repeats(&last_aside.text, &aside.text, times)
            {
                times += 1;
                last.asides[lane] =
                    Some(Aside { what: aside.what, text: format!("{} ×{times}", aside.text), short: None });
                continue;
            }
            times = 1;
            counted.push(row);
        }
        self.rows = counted;
    }
}

fn repeats(last: &str, text: &str, times: u32) -> bool {
    if times == 1 { last == text } else { last.strip_suffix(&format!(" ×{times}")) == Some(text) }
}

/// The lane and words of a row that holds nothing else.
fn only_words(row: &Row) -> Option<(usize, &Aside)> {
    let mut asides =
        row.asides.iter().enumerate().filter_map(|(lane, aside)| aside.as_ref().map(|aside| (lane, aside)));
    let first = asides.next()?;
    (row.arrow.is_none() && row.across.is_none() && asides.next().is_none()).then_some(first)
}

fn can_join(one: &Row, other: &Row) -> bool {
    if one.flow != other.flow || one.at != other.at || one.across.is_some() || other.across.is_some() {
        return false;
    }
    let free = one.asides.iter().zip(&other.asides).all(|(one, other)| one.is_none() || other.is_none());
    let (arrow, words) = match (&one.arrow, &other.arrow) {
        (Some(arrow), None) => (arrow, other),
        (None, Some(arrow)) => (arrow, one),
        (Some(_), Some(_)) => return false,
        // Two states of different hosts at the same moment share a line.
        (None, None) => {
            let only_states =
                |row: &Row| row.asides.iter().flatten().all(|aside| aside.what == Beside::State);
            return free && only_states(one) && only_states(other);
        }
    };
    let lane = match arrow.part {
        Part::Arrives => arrow.to,
        Part::Whole | Part::Lost | Part::Leaves => arrow.from,
    };
    let states = words.asides.iter().enumerate().all(|(at, aside)| match aside {
        Some(aside) => at == lane && matches!(aside.what, Beside::State | Beside::Note),
        None => true,
    });
    free && states
}
