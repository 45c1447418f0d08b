//! Patterns that mean other frames than they seem to: `A` is every segment whose only flag is ACK, with text or without,
//! and who writes `A #2` often has the second bare acknowledgment in mind.

use super::judge::matching;
use super::seen::{self, Seen};
use crate::link::{FramePattern, What};
use crate::scenario::{Expectation, Place, Plan, Predicate, Quantity, Question, Variation, Wanted};
use crate::trace::Trace;
use crate::wire::Flags;

/// A pattern with `A` that would mean other frames if it left out those with text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loose {
    /// Line in the scenario file of the expectation or question.
    pub line: u32,
    /// The question's number; `None` of an expectation.
    pub question: Option<u32>,
    /// The pattern.
    pub pattern: FramePattern,
    /// The frames that it means, by their numbers.
    pub means: Vec<usize>,
    /// The frames that it would mean with `ack` for `A`.
    pub alone: Vec<usize>,
}

impl Loose {
    /// The pattern with `ack` for `A`.
    pub fn strict(&self) -> FramePattern {
        FramePattern { what: What::BareAck, ..self.pattern }
    }
}

/// Which of the matching frames count.
#[derive(Clone, Copy)]
enum Use {
    First,
    All,
    /// That one, from 1, and the one before it.
    Two(u32),
}

/// The patterns of the plan's expectations and questions that mean other frames of this run than they seem to.
pub fn loose(plan: &Plan, trace: &Trace) -> Vec<Loose> {
    let seen = seen::look(trace);
    let expected = plan.expectations.iter().flat_map(|expectation| {
        let used = of_expectation(expectation);
        used.into_iter().map(|used| (expectation.line, None, used))
    });
    let asked = plan.questions.iter().flat_map(|question| {
        let used = of_question(question);
        used.into_iter().map(|used| (question.line, Some(question.number), used))
    });
    let mut found = Vec::new();
    for (line, question, (pattern, used)) in expected.chain(asked) {
        if pattern.what != What::Tcp(Flags::ACK) {
            continue;
        }
        let strict = FramePattern { what: What::BareAck, ..pattern };
        let (means, alone) = (used.of(&seen, pattern), used.of(&seen, strict));
        if means != alone {
            found.push(Loose { line, question, pattern, means, alone });
        }
    }
    found
}

impl Use {
    /// The numbers of the frames of that pattern that count.
    fn of(self, seen: &[Seen<'_>], pattern: FramePattern) -> Vec<usize> {
        let numbers = matching(seen, pattern).into_iter().map(|seen| seen.frame.number);
        match self {
            Use::First => numbers.take(1).collect(),
            Use::All => numbers.collect(),
            Use::Two(nth) => numbers.skip((nth as usize).saturating_sub(2)).take(2).collect(),
        }
    }
}

fn of_expectation(expectation: &Expectation) -> Vec<(FramePattern, Use)> {
    match &expectation.predicate {
        Predicate::Compare { quantity, .. } | Predicate::Within { quantity, .. } => {
            of_quantity(quantity).into_iter().collect()
        }
        // Each line of theirs says what the frame is, its length too.
        Predicate::PacketsExactly(_) | Predicate::PacketsInOrder(_) | Predicate::States { .. } => Vec::new(),
    }
}

fn of_quantity(quantity: &Quantity) -> Option<(FramePattern, Use)> {
    match quantity {
        Quantity::Count(pattern) | Quantity::Lost(pattern) | Quantity::Octets(pattern) => {
            Some((*pattern, Use::All))
        }
        Quantity::Time(pattern) => Some((*pattern, Use::First)),
        Quantity::Gap(pattern, nth) | Quantity::Advance(pattern, nth) => Some((*pattern, Use::Two(*nth))),
        Quantity::RoundTrip(..)
        | Quantity::Counter(..)
        | Quantity::Queue { .. }
        | Quantity::Calls { .. }
        | Quantity::Bytes(_)
        | Quantity::Datagrams(_)
        | Quantity::Processes { .. }
        | Quantity::End => None,
    }
}

fn of_question(question: &Question) -> Vec<(FramePattern, Use)> {
    let place = question.place.map(|place| match place {
        Place::Before(pattern) | Place::After(pattern) => (pattern, Use::First),
    });
    let wanted: Vec<(FramePattern, Use)> = match &question.wanted {
        Wanted::Field(_) | Wanted::State(_) | Wanted::Returns { .. } => Vec::new(),
        Wanted::Measure(quantity) => of_quantity(quantity).into_iter().collect(),
        Wanted::Why(pattern, _) => vec![(*pattern, Use::First)],
        Wanted::Order(patterns) => patterns.iter().map(|pattern| (*pattern, Use::First)).collect(),
        Wanted::Which { among, .. } => among.iter().filter_map(of_variation).collect(),
    };
    place.into_iter().chain(wanted).collect()
}

fn of_variation(variation: &Variation) -> Option<(FramePattern, Use)> {
    match variation {
        Variation::Drop(pattern, _) => Some((*pattern, Use::All)),
        Variation::Set(..) => None,
    }
}
