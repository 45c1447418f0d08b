//! A learner's place in a run and in its branches.

use super::branch::{Branch, Change};
use super::setup::Setup;
use super::steps::{self, Step};
use crate::lang::Text;
use crate::link::{Direction, FramePattern, What, Which};
use crate::report::{self, Grade};
use crate::scenario::{Diagnostic, Plan, Question};
use crate::trace::{Frame, RecordId, Trace};
use std::collections::BTreeSet;

/// How many branches a walk keeps: each holds a whole trace.
const BRANCHES: usize = 16;

/// A walk through a run and the branches grown from it.
#[derive(Clone, Debug)]
pub struct Walk {
    /// How to run it again; `None` for what happened once: a live run, a capture.
    setups: Option<Vec<Setup>>,
    branches: Vec<Branch>,
    branch: usize,
    at: usize,
    asked: BTreeSet<usize>,
    /// Right answers, and answers.
    score: (u32, u32),
}

/// A question that comes before the next step.
#[derive(Clone, Debug, PartialEq)]
pub struct Asked {
    /// Its number in the scenario.
    pub number: usize,
    /// The question.
    pub question: Question,
}

/// Why a branch cannot grow.
#[derive(Clone, Debug)]
pub enum CannotBranch {
    /// It happened once and cannot be run again.
    NotSimulated,
    /// Too many are kept already; the most.
    TooMany(usize),
    /// The knob does not exist, or not with this value.
    Mistakes(Vec<Diagnostic>),
}

impl CannotBranch {
    /// What to tell the learner; diagnostics are told by whoever shows them.
    pub fn words(&self) -> Text {
        match self {
            CannotBranch::NotSimulated => Text::new(
                "this happened once and cannot be run again; a simulated run can",
                "这是实际发生过的一次，不能重来；模拟的运行才可以",
            ),
            CannotBranch::TooMany(most) => {
                Text::new(format!("{most} branches are kept, no more"), format!("最多保留 {most} 条分支"))
            }
            CannotBranch::Mistakes(diagnostics) => {
                let line = |lang| diagnostics.first().map_or(String::new(), |first| first.line(lang));
                Text::new(line(crate::lang::Lang::En), line(crate::lang::Lang::Zh))
            }
        }
    }
}

impl Walk {
    /// Simulates the scenario and stands at its first step.
    ///
    /// # Errors
    /// As [`Setup::plan`].
    pub fn simulated(setup: Setup) -> Result<Walk, Vec<Diagnostic>> {
        let (plan, trace) = setup.run()?;
        Ok(Walk { setups: Some(vec![setup]), ..Walk::over(Some(plan), trace) })
    }

    /// Through what happened once: a live run with its plan, a capture without.
    pub fn over(plan: Option<Plan>, trace: Trace) -> Walk {
        Walk {
            setups: None,
            branches: vec![Branch::root(plan, trace)],
            branch: 0,
            at: 0,
            asked: BTreeSet::new(),
            score: (0, 0),
        }
    }

    /// Every branch, the first run first.
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }
    /// The number of the branch one stands in.
    pub fn branch(&self) -> usize {
        self.branch
    }
    /// The branch one stands in.
    pub fn here(&self) -> &Branch {
        &self.branches[self.branch]
    }
    /// Its trace.
    pub fn trace(&self) -> &Trace {
        &self.here().trace
    }
    /// Its plan.
    pub fn plan(&self) -> Option<&Plan> {
        self.here().plan.as_ref()
    }
    /// Its steps.
    pub fn steps(&self) -> &[Step] {
        &self.here().steps
    }
    /// The place of the present step, from 0.
    pub fn at(&self) -> usize {
        self.at
    }
    /// The present step; `None` if nothing happens at all.
    pub fn step(&self) -> Option<&Step> {
        self.steps().get(self.at)
    }

    /// Goes to a step; whether there is one.
    pub fn go_to(&mut self, step: usize) -> bool {
        let there = step < self.steps().len();
        if there {
            self.at = step;
        }
        there
    }
    /// One step forward; whether there was one.
    pub fn forward(&mut self) -> bool {
        self.go_to(self.at + 1)
    }
    /// One step back; whether there was one.
    pub fn back(&mut self) -> bool {
        self.at.checked_sub(1).is_some_and(|at| self.go_to(at))
    }
    /// The next step about the present one's flow; about any flow if the present step is about none.
    pub fn next_of_flow(&self) -> Option<usize> {
        let here = self.step().and_then(|step| step.flow);
        let later = self.steps().iter().enumerate().skip(self.at + 1);
        later
            .filter_map(|(at, step)| step.flow.map(|flow| (at, flow)))
            .find(|(_, flow)| here.is_none_or(|here| here == *flow))
            .map(|(at, _)| at)
    }
    /// The step that holds a record.
    pub fn holding(&self, record: RecordId) -> Option<usize> {
        steps::holding(self.steps(), record)
    }

    /// The frame that a step is about, among the trace's frames.
    pub fn frame<'t>(&self, frames: &'t [Frame<'t>], step: &Step) -> Option<&'t Frame<'t>> {
        let place = frames.binary_search_by_key(&step.frame?, |frame| frame.record.id).ok()?;
        frames.get(place)
    }

    /// The pattern that fits the frame of this sending and no other.
    pub fn pattern(&self, sent: RecordId) -> Option<FramePattern> {
        let frames = self.trace().frames();
        let place = frames.binary_search_by_key(&sent, |frame| frame.record.id).ok()?;
        let frame = &frames[place];
        let same =
            frames[..place].iter().filter(|other| other.from == frame.from && other.to == frame.to).count();
        Some(FramePattern {
            direction: Direction { from: frame.from, to: frame.to },
            what: What::Any,
            which: Which::Nth(same as u32 + 1),
        })
    }

    /// Runs everything again with one thing changed, keeps the branch and stands where it parts from the run left.
    /// A change that changes nothing leaves the learner at the same step, in the new branch.
    ///
    /// # Errors
    /// A run that cannot be repeated, too many branches, a knob that does not exist.
    pub fn grow(&mut self, change: Change) -> Result<&Branch, CannotBranch> {
        let setups = self.setups.as_mut().ok_or(CannotBranch::NotSimulated)?;
        if self.branches.len() >= BRANCHES {
            return Err(CannotBranch::TooMany(BRANCHES));
        }
        let setup = setups[self.branch].with(&change);
        let (plan, trace) = setup.run().map_err(CannotBranch::Mistakes)?;
        setups.push(setup);
        let branch = Branch::grown(self.branch, &self.branches[self.branch], change, plan, trace);
        let last = branch.steps.len().saturating_sub(1);
        self.at = branch.parts_at.unwrap_or(self.at).min(last);
        self.branch = self.branches.len();
        self.branches.push(branch);
        Ok(self.here())
    }

    /// Goes over into another branch: at the same step where both are still the same, else where they part.
    /// Whether there is one.
    pub fn switch(&mut self, branch: usize) -> bool {
        let Some(other) = self.branches.get(branch) else { return false };
        let parting = self.parting(self.branch, branch);
        let last = other.steps.len().saturating_sub(1);
        self.at = parting.map_or(self.at, |parting| self.at.min(parting)).min(last);
        self.branch = branch;
        true
    }

    /// The step at which two branches part; `None` for one and the same.
    pub fn parting(&self, one: usize, other: usize) -> Option<usize> {
        let ancestors = |from: usize| {
            std::iter::successors(Some((from, usize::MAX)), |(branch, least)| {
                let branch = self.branches.get(*branch)?;
                Some((branch.parent?, branch.parts_at.unwrap_or(usize::MAX).min(*least)))
            })
            .collect::<Vec<_>>()
        };
        let others = ancestors(other);
        let parting = ancestors(one).into_iter().find_map(|(branch, least)| {
            let (_, other_least) = others.iter().find(|(known, _)| *known == branch)?;
            Some(least.min(*other_least))
        })?;
        (parting != usize::MAX).then_some(parting)
    }

    /// The questions that are asked on the way to a step and have not been asked yet. They count as asked from now on.
    pub fn ask_before(&mut self, step: usize) -> Vec<Asked> {
        let here = self.here();
        let due = here.questions.iter().filter(|(at, number)| *at == step && !self.asked.contains(number));
        let due: Vec<Asked> = due
            .filter_map(|(_, number)| {
                Some(Asked { number: *number, question: here.question(*number)?.clone() })
            })
            .collect();
        self.asked.extend(due.iter().map(|asked| asked.number));
        due
    }

    /// Grades an answer, and keeps the score.
    pub fn answer(&mut self, question: &Question, typed: &str) -> Grade {
        let Some(plan) = self.plan() else { return Grade::NeverAsked };
        let grade = report::grade(plan, self.trace(), question, typed);
        if grade != Grade::NeverAsked {
            self.score.0 += u32::from(grade == Grade::Right);
            self.score.1 += 1;
        }
        grade
    }

    /// How many answers were right, of how many.
    pub fn score(&self) -> (u32, u32) {
        self.score
    }
}
