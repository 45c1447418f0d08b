//! What a scenario asks its reader, as values. Answered and graded in `report/`.

use super::Quantity;
use crate::lang::Text;
use crate::link::{FramePattern, HostId};

/// Where on the way through the run a question is asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Place {
    /// Before this frame is sent.
    Before(FramePattern),
    /// When this frame arrives, before it is told what comes of that.
    After(FramePattern),
}

/// What of a frame's fate a question asks the cause of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// `why(P)`: why it was sent.
    Sent,
    /// `why(P, lost)`: what it was lost by.
    Lost,
    /// `why(P, dropped)`: why its receiver did nothing with it.
    Dropped,
}

/// One thing changed about a run, as the command line writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Variation {
    /// `--set KEY=VALUE`.
    Set(String, String),
    /// `--drop PATTERN`; the words are the pattern's own.
    Drop(FramePattern, String),
}

impl Variation {
    /// As the command line writes it.
    pub fn flags(&self) -> String {
        match self {
            Variation::Set(key, value) => format!("--set {key}={value}"),
            Variation::Drop(_, words) => format!("--drop '{words}'"),
        }
    }
}

/// What a question asks for. The engine finds the answer in the trace, or by running the scenario again.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// `frame.tcp.ack`: a field of the frame that the question is asked before.
    Field(&'static str),
    /// `state(server)`: in which state that host's end of the frame's connection is, right after the frame has arrived.
    State(HostId),
    /// `returns(client, connect #1)`: what the n-th call of that name on that host gives.
    Returns {
        /// Where.
        host: HostId,
        /// The call's name.
        call: &'static str,
        /// Which of them, from 1, in the order in which they are made.
        nth: u32,
    },
    /// Any quantity that expectations compare.
    Measure(Quantity),
    /// `why(PATTERN)`: the cause, among others.
    Why(FramePattern, Cause),
    /// These frames, to be put in the order sent.
    Order(Vec<FramePattern>),
    /// Which of these changes makes an expectation fail.
    Which {
        /// The number of the `[[expect]]`, from 1 in the order of the file.
        fails: u32,
        /// The changes; exactly one of them does.
        among: Vec<Variation>,
    },
}

/// A question of the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Its number, from 1 in the order of the file.
    pub number: u32,
    /// Where it is asked; without a place, where its answer shows itself.
    pub place: Option<Place>,
    /// The question.
    pub ask: Text,
    /// What it asks for.
    pub wanted: Wanted,
    /// Whether several answers are offered to choose from, where they would be typed otherwise.
    pub choices: bool,
    /// Line in the scenario file.
    pub line: u32,
}
