//! A learner's place in a run and in its branches.

use super::branch::{Branch, Change};
use super::questions::Asked;
use super::setup::Setup;
use super::steps::{self, Step};
use crate::lang::Text;
use crate::link::{Direction, FramePattern, What, Which};
use crate::report::{Grade, Solved};
use crate::scenario::{Diagnostic, Plan};
use crate::trace::{Event, Frame, Record, RecordId, Trace};
use std::collections::BTreeSet;

/// How many branches a walk keeps: each holds a whole trace.
const BRANCHES: usize = 16;

/// A walk through a run and the branches grown from it.
#[derive(Clone, Debug)]
pub struct Walk {
    /// For each branch, how to run it again; `None` for what happened once: a live run, a capture.
    setups: Vec<Option<Setup>>,
    branches: Vec<Branch>,
    branch: usize,
    at: usize,
    /// Whether it was at a last step once.
    finished: bool,
    asked: BTreeSet<u32>,
    /// Right answers, and answers.
    score: (u32, u32),
}

/// Why a branch cannot grow.
#[derive(Clone, Debug)]
pub enum CannotBranch {
    /// It happened once and cannot be run again.
    NotSimulated,
    /// It happened once; the simulation of the same is the branch of this place.
    OnlyFrom(usize),
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
            CannotBranch::OnlyFrom(simulated) => {
                let branch = simulated + 1;
                Text::new(
                    format!("what the kernel did cannot be run again; branch {branch}, the simulation, can"),
                    format!("内核做过的不能重来；第 {branch} 条分支是模拟，可以"),
                )
            }
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
        Ok(Walk::of(setup, plan, trace))
    }

    /// Through what a setup gave: its plan and its trace.
    pub fn of(setup: Setup, plan: Plan, trace: Trace) -> Walk {
        let first = Branch::root(Some(plan), trace, Some(&setup));
        Walk::from(Some(setup), first)
    }

    /// Through what happened once: a live run with its plan, a capture without.
    pub fn over(plan: Option<Plan>, trace: Trace) -> Walk {
        Walk::from(None, Branch::root(plan, trace, None))
    }

    fn from(setup: Option<Setup>, first: Branch) -> Walk {
        Walk {
            setups: vec![setup],
            branches: vec![first],
            branch: 0,
            at: 0,
            finished: false,
            asked: BTreeSet::new(),
            score: (0, 0),
        }
    }

    /// Beside what happened once, the simulation of the same: a first run of its own, whose branches can grow.
    ///
    /// # Errors
    /// As [`Setup::plan`].
    pub fn beside(mut self, setup: Setup) -> Result<Walk, Vec<Diagnostic>> {
        let (plan, trace) = setup.run()?;
        self.branches.push(Branch::root(Some(plan), trace, Some(&setup)));
        self.setups.push(Some(setup));
        Ok(self)
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
    /// Whether it was at its last step once, or has no other.
    pub fn finished(&self) -> bool {
        self.finished || self.steps().len() <= 1
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
            self.finished |= step + 1 == self.steps().len();
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

    /// How the present branch is run again.
    ///
    /// # Errors
    /// Why no branch can grow from it.
    pub fn can_grow(&self) -> Result<&Setup, CannotBranch> {
        let Some(setup) = &self.setups[self.branch] else {
            return Err(match self.setups.iter().position(Option::is_some) {
                Some(simulated) => CannotBranch::OnlyFrom(simulated),
                None => CannotBranch::NotSimulated,
            });
        };
        if self.branches.len() >= BRANCHES {
            return Err(CannotBranch::TooMany(BRANCHES));
        }
        Ok(setup)
    }

    /// Runs everything again with one thing changed, keeps the branch and stands where it parts from the run left.
    /// A change that changes nothing leaves the learner at the same step, in the new branch.
    ///
    /// # Errors
    /// A run that cannot be repeated, too many branches, a knob that does not exist.
    pub fn grow(&mut self, change: Change) -> Result<&Branch, CannotBranch> {
        let setup = self.can_grow()?.with(&change);
        let (plan, trace) = setup.run().map_err(CannotBranch::Mistakes)?;
        self.setups.push(Some(setup));
        let branch = Branch::grown(self.branch, &self.branches[self.branch], change, plan, trace);
        let last = branch.steps.len().saturating_sub(1);
        self.at = branch.parts_at.unwrap_or(self.at).min(last);
        self.branch = self.branches.len();
        self.branches.push(branch);
        Ok(self.here())
    }

    /// Goes over into another branch: at the same step where both are still the same, else where they part; between two
    /// first runs, to where as many frames have been sent and have arrived. Whether there is such a branch.
    pub fn switch(&mut self, branch: usize) -> bool {
        let Some(other) = self.branches.get(branch) else { return false };
        let last = other.steps.len().saturating_sub(1);
        let at = if self.related(self.branch, branch) {
            self.parting(self.branch, branch).map_or(self.at, |parting| self.at.min(parting))
        } else {
            self.as_far(other)
        };
        self.at = at.min(last);
        self.branch = branch;
        true
    }

    /// The step of another run at which as many frames have been sent and have arrived.
    fn as_far(&self, other: &Branch) -> usize {
        let moves =
            |record: &&Record| matches!(record.event, Event::FrameSent { .. } | Event::FrameArrived { .. });
        let Some(step) = self.step() else { return 0 };
        let moved = self.trace().records[..=step.last.0 as usize].iter().filter(moves).count();
        let Some(before) = moved.checked_sub(1) else { return 0 };
        let same = other.trace.records.iter().filter(moves).nth(before);
        let last = other.steps.len().saturating_sub(1);
        same.and_then(|record| steps::holding(&other.steps, record.id)).unwrap_or(last)
    }

    /// Whether two branches grew from one first run.
    pub fn related(&self, one: usize, other: usize) -> bool {
        let root = |from: usize| {
            std::iter::successors(Some(from), |branch| self.branches.get(*branch)?.parent).last()
        };
        root(one) == root(other)
    }

    /// The step at which two branches part; `None` if they are the same.
    pub fn parting(&self, one: usize, other: usize) -> Option<usize> {
        let [one, other] = [self.branches.get(one)?, self.branches.get(other)?];
        let record = one.trace.parts_from(&other.trace)?;
        let places = [one, other].map(|branch| steps::holding(&branch.steps, record));
        Some(places.into_iter().flatten().min().unwrap_or(one.steps.len().min(other.steps.len())))
    }

    /// Gives a branch a name; nothing but spaces gives back the name it has by itself.
    pub fn rename(&mut self, branch: usize, name: &str) {
        let name = name.trim();
        if let Some(branch) = self.branches.get_mut(branch) {
            branch.label = (!name.is_empty()).then(|| name.to_owned());
        }
    }

    /// Forgets a branch; those that grew from it hang on its parent from then on. First runs stay: whether it was one that
    /// could go. Who stood in it stands in its parent then, where the two parted.
    pub fn remove(&mut self, branch: usize) -> bool {
        let Some(parent) = self.branches.get(branch).and_then(|gone| gone.parent) else { return false };
        if self.branch == branch {
            self.switch(parent);
        }
        self.setups.remove(branch);
        self.branches.remove(branch);
        for place in 0..self.branches.len() {
            let Some(grew_from) = self.branches[place].parent else { continue };
            if grew_from == branch {
                let (before, from) = self.branches.split_at_mut(place);
                // A parent is always older than what grew from it.
                from[0].parts_from(&before[parent]);
                from[0].parent = Some(parent);
            } else if grew_from > branch {
                self.branches[place].parent = Some(grew_from - 1);
            }
        }
        if self.branch > branch {
            self.branch -= 1;
        }
        true
    }

    /// The questions that are asked on the way to a step and have not been asked yet; the number of steps stands for the end
    /// of the way. They count as asked from now on.
    pub fn ask_before(&mut self, step: usize) -> Vec<Asked> {
        let here = self.here();
        let due = |asked: &&Asked| asked.step == step && !self.asked.contains(&asked.number);
        let due: Vec<Asked> = here.questions.iter().filter(due).cloned().collect();
        self.asked.extend(due.iter().map(|asked| asked.number));
        due
    }

    /// Grades an answer, and keeps the score.
    pub fn answer(&mut self, solved: &Solved, typed: &str) -> Grade {
        let grade = solved.grade(typed);
        self.score.0 += u32::from(grade == Grade::Right);
        self.score.1 += 1;
        grade
    }

    /// How many answers were right, of how many.
    pub fn score(&self) -> (u32, u32) {
        self.score
    }
}
