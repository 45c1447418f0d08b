//! Questions answered from a trace or from reruns, choices offered, answers graded.

mod calls;
mod causes;
mod choices;
mod fields;
mod grading;
mod measured;
mod states;
mod variations;

use super::judge::rendered;
use super::seen::{Seen, look};
use crate::clock::{Draws, Instant, entity};
use crate::lang::Text;
use crate::link::{FramePattern, Matcher};
use crate::scenario::{Place, Plan, Question, Variation, Wanted};
use crate::trace::{Fate, RecordId, Trace};
use choices::{deal, offered};
pub use grading::{Grade, Kind, letter};

/// When a question is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// Before this record is shown.
    Before(RecordId),
    /// When the whole run has been seen.
    End,
}

/// How a question is answered, with the right answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// By words that are typed.
    Words {
        /// Every way to say the right answer, the best first.
        right: Vec<Text>,
        /// What counts as the same.
        kind: Kind,
    },
    /// By choosing one of these.
    Choice {
        /// What there is to choose from.
        options: Vec<Text>,
        /// The place of the right one.
        right: usize,
    },
    /// By putting these in order.
    Order {
        /// The things, shuffled.
        items: Vec<Text>,
        /// Their places, in the right order.
        right: Vec<usize>,
    },
}

/// A question with its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solved {
    /// The question's number, from 1.
    pub number: u32,
    /// When it is asked.
    pub moment: Moment,
    /// How it is answered.
    pub form: Form,
    /// The record that proves the answer; `None` where only another run does.
    pub proof: Option<RecordId>,
    /// What to change so that the answer shows itself, where only another run does.
    pub change: Option<Variation>,
}

/// The right answer as it was found.
struct Found {
    /// Every way to say it, the best first.
    right: Vec<Text>,
    kind: Kind,
    /// Answers of the same sort that are not right, the most tempting first; some may be right after all.
    others: Vec<Text>,
    proof: Option<RecordId>,
}

/// Runs the scenario again with one thing changed; `None` where that cannot be.
pub type Rerun<'a> = &'a dyn Fn(&Variation) -> Option<(Plan, Trace)>;

/// A question with all that the run says about it; the seed only deals the choices.
pub struct Finding {
    number: u32,
    /// What its draws are keyed by: the lesson and the number, so that each question has its own luck.
    entity: u64,
    moment: Moment,
    proof: Option<RecordId>,
    change: Option<Variation>,
    matter: Matter,
}

/// What there is to be answered.
enum Matter {
    /// Words, or a choice of such.
    Answer { found: Found, choices: bool },
    /// These lines in this order.
    Order(Vec<Text>),
    /// One of these.
    OneOf { options: Vec<Text>, right: usize },
}

impl Finding {
    /// The question as that seed puts it: which wrong choices are offered, and in which order everything stands.
    ///
    /// # Errors
    /// There is nothing else to choose from.
    pub fn dealt(&self, seed: u64) -> Result<Solved, Text> {
        let draws = Draws::new(seed);
        let (number, entity) = (self.number, self.entity);
        let form = match &self.matter {
            Matter::Answer { found, choices: true } => offered(&draws, entity, found)?,
            Matter::Answer { found, choices: false } => {
                Form::Words { right: found.right.clone(), kind: found.kind }
            }
            Matter::Order(lines) => {
                let shuffled = choices::shuffled(&draws, entity, lines.len());
                let items = shuffled.iter().filter_map(|place| lines.get(*place).cloned()).collect();
                let right =
                    (0..lines.len()).filter_map(|nth| shuffled.iter().position(|place| *place == nth));
                Form::Order { items, right: right.collect() }
            }
            Matter::OneOf { options, right } => {
                let (options, right) = deal(&draws, entity, options.clone(), *right);
                Form::Choice { options, right }
            }
        };
        Ok(Solved { number, moment: self.moment, form, proof: self.proof, change: self.change.clone() })
    }
}

/// Who knows the answers to a run's questions.
pub struct Examiner<'a> {
    plan: &'a Plan,
    trace: &'a Trace,
    seen: Vec<Seen<'a>>,
    rerun: Rerun<'a>,
}

impl<'a> Examiner<'a> {
    /// For this run of the plan.
    pub fn new(plan: &'a Plan, trace: &'a Trace, rerun: Rerun<'a>) -> Examiner<'a> {
        Examiner { plan, trace, seen: look(trace), rerun }
    }

    /// The question with its answer, as that seed puts it.
    ///
    /// # Errors
    /// Why this run does not ask it, or has no answer to it.
    pub fn solve(&self, question: &Question, seed: u64) -> Result<Solved, Text> {
        self.find(question)?.dealt(seed)
    }

    /// The question with its answer.
    ///
    /// # Errors
    /// Why this run does not ask it, or has no answer to it.
    pub fn find(&self, question: &Question) -> Result<Finding, Text> {
        let number = question.number;
        let entity = entity(self.plan.name.bytes().chain(number.to_be_bytes()));
        let end =
            |matter, proof, change| Finding { number, entity, moment: Moment::End, proof, change, matter };
        match &question.wanted {
            Wanted::Order(patterns) => {
                let (lines, first) = self.order(patterns)?;
                Ok(end(Matter::Order(lines), Some(first), None))
            }
            Wanted::Which { fails, among } => {
                let right = variations::failing(self, *fails, among)?;
                let options = among.iter().map(|variation| plain(variation.flags())).collect();
                let change = among.get(right).cloned();
                Ok(end(Matter::OneOf { options, right }, None, change))
            }
            Wanted::Why(pattern, cause) => {
                let cause = causes::cause(self, *pattern, *cause)?;
                let moment = self.moment(question, Some(cause.record))?;
                let proof = cause.found.proof;
                let matter = Matter::Answer { found: cause.found, choices: true };
                Ok(Finding { number, entity, moment, proof, change: None, matter })
            }
            Wanted::Field(_) | Wanted::State(_) | Wanted::Returns { .. } | Wanted::Measure(_) => {
                let (found, shows) = self.found(question)?;
                let moment = self.moment(question, shows)?;
                let proof = found.proof;
                let matter = Matter::Answer { found, choices: question.choices };
                Ok(Finding { number, entity, moment, proof, change: None, matter })
            }
        }
    }

    /// The answer, and the record that shows it as the run goes by, if one does.
    fn found(&self, question: &Question) -> Result<(Found, Option<RecordId>), Text> {
        match (&question.wanted, question.place) {
            (Wanted::Field(name), Some(Place::Before(pattern))) => {
                let frame = self.frame(pattern)?;
                fields::field(self.plan, frame, &self.seen, name).map(|found| (found, None)).ok_or_else(
                    || Text::new(format!("that frame has no {name}"), format!("这一帧没有 {name}")),
                )
            }
            (Wanted::State(host), Some(Place::After(pattern))) => {
                let frame = self.frame(pattern)?;
                Ok((states::state(self.trace, frame, *host), None))
            }
            (Wanted::Returns { host, call, nth }, _) => calls::returns(self.trace, *host, call, *nth),
            (Wanted::Measure(quantity), _) => {
                measured::measured(self.trace, &self.seen, quantity).map(|found| (found, None))
            }
            (
                Wanted::Field(_)
                | Wanted::State(_)
                | Wanted::Why(..)
                | Wanted::Order(_)
                | Wanted::Which { .. },
                _,
            ) => Err(Text::new("it has no place in the run", "它在运行中没有位置")),
        }
    }

    /// When the question is asked, whose answer this record shows, if one does.
    fn moment(&self, question: &Question, shows: Option<RecordId>) -> Result<Moment, Text> {
        let record = match question.place {
            Some(Place::Before(pattern)) => Some(self.frame(pattern)?.frame.record.id),
            Some(Place::After(pattern)) => Some(arrival(self.frame(pattern)?)),
            None => shows,
        };
        Ok(record.map_or(Moment::End, Moment::Before))
    }

    /// The first frame of the pattern.
    fn frame(&self, pattern: FramePattern) -> Result<&Seen<'a>, Text> {
        let mut matcher = Matcher::new(pattern);
        let fits = |seen: &&Seen<'_>| {
            seen.packet.as_ref().is_some_and(|packet| matcher.matches(seen.frame.heading(), packet))
        };
        self.seen
            .iter()
            .find(fits)
            .ok_or_else(|| Text::new("such a frame was never sent", "从未发送过这样的帧"))
    }

    /// The frames in the order sent, and the first of them.
    fn order(&self, patterns: &[FramePattern]) -> Result<(Vec<Text>, RecordId), Text> {
        let mut frames: Vec<&Seen<'_>> =
            patterns.iter().map(|pattern| self.frame(*pattern)).collect::<Result<_, _>>()?;
        frames.sort_by_key(|frame| frame.frame.record.id);
        let lines: Vec<Text> =
            frames.iter().map(|frame| plain(rendered(self.plan, self.trace, frame))).collect();
        for (place, line) in lines.iter().enumerate() {
            if lines[..place].contains(line) {
                return Err(Text::new(
                    format!("two of the frames look the same: {}", line.en),
                    format!("其中有两帧看起来一样：{}", line.zh),
                ));
            }
        }
        let first = frames.first().map(|frame| frame.frame.record.id);
        let first = first.ok_or_else(|| Text::new("it lists no frame", "没有列出任何帧"))?;
        Ok((lines, first))
    }

    /// The frames before a moment, each as expectations write it: what a learner knows who is asked then.
    pub fn so_far(&self, moment: Moment) -> Vec<(Instant, String)> {
        let Moment::Before(record) = moment else { return Vec::new() };
        let before = self.seen.iter().filter(|seen| seen.frame.record.id < record);
        before.map(|seen| (seen.frame.at, rendered(self.plan, self.trace, seen))).collect()
    }
}

/// The record of a frame's arrival; of its loss, where it was lost; of its sending, where it is still under way.
fn arrival(seen: &Seen<'_>) -> RecordId {
    let lost = seen.frame.fates.iter().find_map(|fate| match fate {
        Fate::Lost { record, .. } => Some(record.id),
        Fate::Arrived { .. } => None,
    });
    seen.frame.arrival().map(|record| record.id).or(lost).unwrap_or(seen.frame.record.id)
}

/// The same in both languages.
fn plain(text: impl Into<String>) -> Text {
    let text = text.into();
    Text::new(text.clone(), text)
}
