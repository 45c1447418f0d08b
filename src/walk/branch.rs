//! One of several runs that share their beginning.

use super::steps::{self, Step};
use crate::link::{FramePattern, HostId, What, Which};
use crate::scenario::{Plan, Question};
use crate::trace::{Record, Trace};

/// What a branch has that the run it grew from has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These frames are lost.
    Drop(FramePattern),
    /// This knob has this value.
    Set(String, String),
    /// All chance falls otherwise.
    Seed(u64),
}

/// A run with its steps.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The branch it grew from; `None` for the first.
    pub parent: Option<usize>,
    /// What is changed there.
    pub change: Option<Change>,
    /// What ran; `None` for a capture.
    pub plan: Option<Plan>,
    /// The run.
    pub trace: Trace,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The first step that differs from the parent's, in both; `None` if none does.
    pub parts_at: Option<usize>,
    /// For each question that is asked in this run, the step it is asked before.
    pub questions: Vec<(usize, usize)>,
}

impl Branch {
    /// The first run.
    pub fn root(plan: Option<Plan>, trace: Trace) -> Branch {
        let steps = steps::steps(&trace);
        let questions = plan.as_ref().map_or_else(Vec::new, |plan| steps::questions(plan, &trace, &steps));
        Branch { parent: None, change: None, plan, trace, steps, parts_at: None, questions }
    }

    /// A run that grew from another.
    pub fn grown(parent: usize, from: &Branch, change: Change, plan: Plan, trace: Trace) -> Branch {
        let mut branch = Branch::root(Some(plan), trace);
        branch.parent = Some(parent);
        branch.change = Some(change);
        branch.parts_at = (from.trace.parts_from(&branch.trace))
            .map(|record| steps::holding(&branch.steps, record).unwrap_or(branch.steps.len()));
        branch
    }

    /// Its name: what is changed, as people write it (`client > server #3 lost`, `backlog=2`); `None` for the first.
    pub fn name(&self) -> Option<String> {
        Some(match self.change.as_ref()? {
            Change::Drop(pattern) => format!("--drop '{}'", pattern_words(pattern, self.plan.as_ref()?)),
            Change::Set(key, value) => format!("--set {key}={value}"),
            Change::Seed(seed) => format!("--seed {seed}"),
        })
    }

    /// The question of that number.
    pub fn question(&self, number: usize) -> Option<&Question> {
        self.plan.as_ref()?.questions.get(number)
    }

    /// The records of a step.
    pub fn records(&self, step: usize) -> &[Record] {
        self.steps
            .get(step)
            .map_or(&[], |step| &self.trace.records[step.first.0 as usize..=step.last.0 as usize])
    }
}

/// A pattern as people write it: `server > client SA #1`.
pub fn pattern_words(pattern: &FramePattern, plan: &Plan) -> String {
    let name = |host: Option<HostId>| {
        host.and_then(|host| plan.hosts.get(host.index())).map_or("*", |host| host.name.as_str())
    };
    let direction = pattern.direction;
    let mut words = format!("{} > {}", name(direction.from), name(direction.to));
    match pattern.what {
        What::Any => {}
        What::Tcp(flags) => words.push_str(&format!(" {flags}")),
        What::Data => words.push_str(" data"),
        What::AnyTcp => words.push_str(" tcp"),
        What::Udp => words.push_str(" udp"),
        What::Icmp => words.push_str(" icmp"),
        What::Arp => words.push_str(" arp"),
    }
    match pattern.which {
        Which::Every => {}
        Which::Nth(n) => words.push_str(&format!(" #{n}")),
        Which::Range(first, last) => words.push_str(&format!(" #{first}-{last}")),
        Which::From(first) => words.push_str(&format!(" #{first}-")),
    }
    words
}
