//! What a page asks for: a run with everything that makes it what it is, and the branches grown from it.

use super::limits;
use super::refusal::Refusal;
use crate::lang::Text;
use crate::scenario::{self, Diagnostic, Scenario};
use crate::walk::{CannotBranch, Change, Setup, Walk, loss};
use crate::world::Halt;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A run: one of the built-in scenarios, or a scenario's text.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Ask {
    /// The name of a built-in scenario.
    pub scenario: Option<String>,
    /// The text of a scenario file.
    pub source: Option<String>,
    /// `rfc9293` or `linux`.
    pub profile: Option<String>,
    /// Seed of all chance.
    pub seed: Option<u64>,
    /// Knobs with their values.
    pub set: BTreeMap<String, Setting>,
    /// Patterns of frames that are lost in all branches.
    pub drop: Vec<String>,
    /// What grows from the run as it is, and from each other.
    pub branches: Vec<AskBranch>,
}

/// A knob's value, as the command line would write it.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Setting {
    /// A number.
    Number(i64),
    /// Anything else: `2s`, `cubic`.
    Text(String),
}

/// A branch: what is changed, all of it at once.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AskBranch {
    /// The branch it grows from; 0 is the run as it is.
    pub parent: usize,
    /// What is lost in it.
    pub drop: Option<Lost>,
    /// The knobs that are turned in it.
    pub set: BTreeMap<String, Setting>,
    /// All chance anew.
    pub seed: Option<u64>,
    /// What a learner calls it.
    pub name: Option<String>,
}

/// What is lost.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Lost {
    /// The parent's frame of this number, from 1.
    Frame(usize),
    /// The frames of this pattern.
    Pattern(String),
}

impl Setting {
    fn words(&self) -> String {
        match self {
            Setting::Number(number) => number.to_string(),
            Setting::Text(text) => text.clone(),
        }
    }
}

impl Ask {
    /// The scenario that is asked for.
    ///
    /// # Errors
    /// No such scenario, or one with mistakes.
    pub fn scenario(&self) -> Result<Scenario, Refusal> {
        match (&self.scenario, &self.source) {
            (Some(name), None) => {
                let builtin = scenario::find(name).map_err(|near| unknown(name, &near))?;
                builtin.scenario().map_err(Refusal::mistakes)
            }
            (None, Some(source)) => parse(source),
            (None, None) | (Some(_), Some(_)) => Err(Refusal::unclear(
                "either `scenario` or `source` is wanted",
                "`scenario` 与 `source` 应恰有一个",
            )),
        }
    }

    /// How to run it, within the bounds of a page.
    ///
    /// # Errors
    /// As [`Ask::scenario`], and knobs and patterns that do not fit.
    pub fn setup(&self, halt: &Halt) -> Result<Setup, Refusal> {
        if self.branches.len() >= limits::BRANCHES {
            return Err(Refusal::cannot(CannotBranch::TooMany(limits::BRANCHES).words()));
        }
        let mut setup = Setup::new(self.scenario()?);
        setup.set = self.set.iter().map(|(key, value)| (key.clone(), value.words())).collect();
        if let Some(profile) = &self.profile {
            setup.set.push(("profile".to_owned(), profile.clone()));
        }
        setup.options.seed = self.seed.unwrap_or(setup.options.seed);
        setup.options.halt = halt.clone();
        let plan = setup.plan().map_err(Refusal::mistakes)?;
        setup.options.limits = Some(limits::of_run(plan.limits, self.branches.len() + 1));
        for text in &self.drop {
            let pattern = plan.pattern(text).map_err(|mistake| Refusal::mistakes(vec![*mistake]))?;
            setup.options.faults.push(loss(pattern));
        }
        Ok(setup)
    }

    /// The run with its branches.
    ///
    /// # Errors
    /// As [`Ask::setup`], and branches that cannot grow.
    pub fn walk(&self, halt: &Halt) -> Result<Walk, Refusal> {
        let mut walk = Walk::simulated(self.setup(halt)?).map_err(Refusal::mistakes)?;
        wanted(halt)?;
        for branch in &self.branches {
            if !walk.switch(branch.parent) {
                let parent = branch.parent;
                return Err(Refusal::unclear(
                    format!("a branch grows from branch {parent}, which there is not"),
                    format!("有分支要从第 {parent} 条分支长出，可是没有那一条"),
                ));
            }
            let change = branch.change(&walk)?;
            walk.grow(change).map_err(|why| match why {
                CannotBranch::Mistakes(mistakes) => Refusal::mistakes(mistakes),
                CannotBranch::NotSimulated | CannotBranch::TooMany(_) | CannotBranch::OnlyFrom(_) => {
                    Refusal::cannot(why.words())
                }
            })?;
            wanted(halt)?;
            if let Some(name) = &branch.name {
                walk.rename(walk.branch(), name);
            }
        }
        walk.switch(0);
        Ok(walk)
    }
}

/// Nobody waits for what is half a run, nor for what would be made of it.
///
/// # Errors
/// The sign is raised.
pub fn wanted(halt: &Halt) -> Result<(), Refusal> {
    if halt.raised() { Err(Refusal::unwanted()) } else { Ok(()) }
}

impl AskBranch {
    /// What is changed in it.
    fn change(&self, walk: &Walk) -> Result<Change, Refusal> {
        let mut changes = Vec::new();
        if let Some(lost) = &self.drop {
            changes.push(lost.change(walk)?);
        }
        changes.extend(self.set.iter().map(|(key, value)| Change::Set(key.clone(), value.words())));
        changes.extend(self.seed.map(Change::Seed));
        match changes.len() {
            0 => Err(Refusal::unclear(
                "a branch changes something: `drop`, `set` or `seed`",
                "一条分支总要改点什么：`drop`、`set` 或 `seed`",
            )),
            1 => Ok(changes.remove(0)),
            _ => Ok(Change::Several(changes)),
        }
    }
}

impl Lost {
    fn change(&self, walk: &Walk) -> Result<Change, Refusal> {
        let pattern = match self {
            Lost::Frame(number) => {
                let frames = walk.trace().frames();
                let frame = number.checked_sub(1).and_then(|place| frames.get(place));
                frame.and_then(|frame| walk.pattern(frame.record.id)).ok_or_else(|| {
                    let count = frames.len();
                    Refusal::cannot(Text::new(
                        format!("there is no frame {number}; this branch has {count}"),
                        format!("没有第 {number} 帧；这条分支共有 {count} 帧"),
                    ))
                })?
            }
            Lost::Pattern(text) => {
                let plan = walk.plan().ok_or_else(|| Refusal::cannot(CannotBranch::NotSimulated.words()))?;
                plan.pattern(text).map_err(|mistake| Refusal::mistakes(vec![*mistake]))?
            }
        };
        Ok(Change::Drop(pattern))
    }
}

/// The scenario in that text; it names no file and reads none.
///
/// # Errors
/// Every mistake in it.
pub fn parse(source: &str) -> Result<Scenario, Refusal> {
    if source.len() > scenario::limits::FILE {
        return Err(Refusal::cannot(Text::new(
            "a scenario file has at most 256 KiB",
            "场景文件最多 256 KiB",
        )));
    }
    Scenario::parse("scenario.toml", source).map_err(Refusal::mistakes)
}

/// Every mistake in that text.
///
/// # Errors
/// It is longer than a scenario may be.
pub fn mistakes(source: &str) -> Result<Vec<Diagnostic>, Refusal> {
    match parse(source) {
        Ok(_) => Ok(Vec::new()),
        Err(refusal) => refusal.into_mistakes(),
    }
}

fn unknown(name: &str, near: &[&str]) -> Refusal {
    let mut words = Text::new(format!("there is no scenario “{name}”"), format!("没有名为“{name}”的场景"));
    if !near.is_empty() {
        words.en.push_str(&format!("; near to it: {}", near.join(", ")));
        words.zh.push_str(&format!("；相近的有：{}", near.join("、")));
    }
    Refusal::cannot(words)
}
