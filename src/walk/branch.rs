//! One of several runs that share their beginning.

use super::questions::{self, Asked};
use super::setup::Setup;
use super::steps::{self, Step};
use crate::lang::Text;
use crate::link::{FramePattern, HostId, What, Which};
use crate::scenario::{Plan, Variation};
use crate::trace::{Record, Source, Trace};

/// What a branch has that the run it grew from has not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// These frames are lost.
    Drop(FramePattern),
    /// This knob has this value.
    Set(String, String),
    /// All chance falls otherwise.
    Seed(u64),
    /// All of these at once.
    Several(Vec<Change>),
}

impl Change {
    /// As the command line writes it.
    pub fn flags(&self, plan: &Plan) -> String {
        match self {
            Change::Drop(pattern) => format!("--drop '{}'", pattern_words(pattern, plan)),
            Change::Set(key, value) => format!("--set {key}={value}"),
            Change::Seed(seed) => format!("--seed {seed}"),
            Change::Several(all) => all.iter().map(|change| change.flags(plan)).collect::<Vec<_>>().join(" "),
        }
    }

    /// In words.
    pub fn words(&self, plan: &Plan) -> Text {
        match self {
            Change::Drop(pattern) => {
                let words = pattern_words(pattern, plan);
                Text::new(format!("{words} is lost"), format!("丢掉 {words}"))
            }
            Change::Set(key, value) => Text::new(format!("{key} = {value}"), format!("{key} = {value}")),
            Change::Seed(seed) => {
                Text::new(format!("all chance anew, seed {seed}"), format!("随机重来，种子 {seed}"))
            }
            Change::Several(all) => {
                let (en, zh): (Vec<String>, Vec<String>) =
                    all.iter().map(|change| change.words(plan)).map(|words| (words.en, words.zh)).unzip();
                Text::new(en.join(", "), zh.join("，"))
            }
        }
    }
}

impl From<Variation> for Change {
    fn from(variation: Variation) -> Change {
        match variation {
            Variation::Set(key, value) => Change::Set(key, value),
            Variation::Drop(pattern, _) => Change::Drop(pattern),
        }
    }
}

/// A run with its steps.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The branch it grew from; `None` for the first.
    pub parent: Option<usize>,
    /// What is changed there.
    pub change: Option<Change>,
    /// What a person calls it, instead of what is changed.
    pub label: Option<String>,
    /// What ran; `None` for a capture.
    pub plan: Option<Plan>,
    /// The run.
    pub trace: Trace,
    /// Its steps.
    pub steps: Vec<Step>,
    /// The first step that differs from the parent's, in both; `None` if none does.
    pub parts_at: Option<usize>,
    /// The questions that this run asks, in the order of the steps.
    pub questions: Vec<Asked>,
}

impl Branch {
    /// The first run; the setup is how it is run again with something changed, where it can be.
    pub fn root(plan: Option<Plan>, trace: Trace, setup: Option<&Setup>) -> Branch {
        let steps = steps::steps(&trace);
        let asked = |plan| questions::asked(plan, &trace, &steps, setup);
        let questions = plan.as_ref().map_or_else(Vec::new, asked);
        Branch { parent: None, change: None, label: None, plan, trace, steps, parts_at: None, questions }
    }

    /// A run that grew from another.
    pub fn grown(parent: usize, from: &Branch, change: Change, plan: Plan, trace: Trace) -> Branch {
        let mut branch = Branch::root(Some(plan), trace, None);
        branch.parent = Some(parent);
        branch.change = Some(change);
        branch.parts_from(from);
        branch
    }

    /// Its name: as a person gave it, else what is changed, as people write it (`client > server #3 lost`, `backlog=2`);
    /// `None` for a first run without a name.
    pub fn name(&self) -> Option<String> {
        self.label.clone().or_else(|| self.change_words())
    }

    /// What is changed, as people write it; `None` for a first run.
    pub fn change_words(&self) -> Option<String> {
        Some(self.change.as_ref()?.flags(self.plan.as_ref()?))
    }

    /// What it is called in a list: its name, or what kind of run it is.
    pub fn title(&self) -> Text {
        if let Some(name) = self.name() {
            return Text::new(name.clone(), name);
        }
        match &self.trace.meta.source {
            Source::Simulated => Text::new("the run as written", "原来的运行"),
            Source::Live { kernel, .. } => {
                let kernel = kernel.split(['-', '+']).next().unwrap_or_default();
                Text::new(format!("on the kernel {kernel}"), format!("在内核 {kernel} 上"))
            }
            Source::Captured { file } => Text::new(file.clone(), file.clone()),
        }
    }

    /// Its name, where it comes from, and where it parts.
    pub fn growth(&self) -> Text {
        let Text { en, zh } = self.title();
        let Some(parent) = self.parent.map(|parent| parent + 1) else { return Text { en, zh } };
        // A name says nothing of what is changed.
        let change = self.label.as_ref().and_then(|_| self.change_words());
        let en = change.as_ref().map_or(en.clone(), |change| format!("{en} ({change})"));
        let zh = change.map_or(zh.clone(), |change| format!("{zh}（{change}）"));
        match self.parts_at.map(|at| at + 1) {
            Some(step) => Text::new(
                format!("{en}, parts from {parent} at step {step}"),
                format!("{zh}，在第 {step} 步与 {parent} 分开"),
            ),
            None => Text::new(format!("{en}, the same as {parent}"), format!("{zh}，与 {parent} 相同")),
        }
    }

    /// How the run parts from the one it grew from, which may be another than before.
    pub(super) fn parts_from(&mut self, from: &Branch) {
        self.parts_at = (from.trace.parts_from(&self.trace))
            .map(|record| steps::holding(&self.steps, record).unwrap_or(self.steps.len()));
    }

    /// What is changed, in words of people and not of the command line; its name where it was given one.
    pub fn words(&self) -> Text {
        match (&self.label, &self.change, &self.plan) {
            (Some(label), ..) => Text::new(label.clone(), label.clone()),
            (None, Some(change), Some(plan)) => change.words(plan),
            (None, None, _) if self.parent.is_none() => Text::new("as it is", "原样"),
            (None, ..) => self.title(),
        }
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
        What::BareAck => words.push_str(" ack"),
        What::Data => words.push_str(" data"),
        What::AnyTcp => words.push_str(" tcp"),
        What::Udp => words.push_str(" udp"),
        What::Icmp => words.push_str(" icmp"),
        What::Arp => words.push_str(" arp"),
        What::Ip6 => words.push_str(" ip6"),
        What::Icmp6 => words.push_str(" icmp6"),
        What::NeighbourDiscovery => words.push_str(" nd"),
        What::Tree => words.push_str(" stp"),
    }
    match pattern.which {
        Which::Every => {}
        Which::Nth(n) => words.push_str(&format!(" #{n}")),
        Which::Range(first, last) => words.push_str(&format!(" #{first}-{last}")),
        Which::From(first) => words.push_str(&format!(" #{first}-")),
    }
    words
}

/// What a fault does, in words: `loses server > client SA #1`.
pub fn fault_words(fault: &crate::scenario::Fault, plan: &Plan, lang: crate::lang::Lang) -> String {
    use crate::scenario::FaultEffect;
    let pattern = pattern_words(&fault.pattern, plan);
    let mut words = match &fault.effect {
        FaultEffect::Drop => lang.pick(format!("loses {pattern}"), format!("丢失 {pattern}")),
        FaultEffect::Delay(by) => {
            lang.pick(format!("delays {pattern} by {by}"), format!("{pattern} 延迟 {by}"))
        }
        FaultEffect::Duplicate(_) => lang.pick(format!("doubles {pattern}"), format!("{pattern} 重复一份")),
        FaultEffect::Mark => {
            lang.pick(format!("marks {pattern} with CE"), format!("给 {pattern} 打上拥塞标记 CE"))
        }
        FaultEffect::Corrupt => lang.pick(format!("damages {pattern}"), format!("损坏 {pattern}")),
    };
    if fault.per_million < 1_000_000 {
        let percent = f64::from(fault.per_million) / 10_000.0;
        words.push_str(&lang.pick(format!(" with {percent} % probability"), format!("，概率 {percent}%")));
    }
    words
}
