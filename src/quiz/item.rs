//! A question as it is asked, with the answer and what proves it.

use crate::clock::Instant;
use crate::lang::{Lang, Text};
use crate::report::{Examiner, Moment, Solved};
use crate::scenario::{Diagnostic, Plan, Variation};
use crate::trace::{RecordId, Trace};
use crate::view::{Look, proved};
use crate::walk::{self, Setup, Step};

/// A lesson whose questions are asked.
#[derive(Clone, Debug)]
pub struct Lesson {
    /// Its name, or its file, as the command line has it.
    pub name: String,
    /// The lesson, and how it is run.
    pub setup: Setup,
}

/// What proves an answer, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What happened.
    pub what: String,
    /// Why; may be empty.
    pub why: String,
}

/// What proves an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The record; `None` where only another run shows it.
    pub record: Option<(RecordId, Instant)>,
    /// The record in English.
    pub en: Told,
    /// And in Chinese.
    pub zh: Told,
    /// The RFC section of the reason; may be empty.
    pub cite: String,
    /// The command that shows it.
    pub command: String,
}

/// A question as it is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// What it is called for ever: `three-way-handshake/2`.
    pub id: String,
    /// The question.
    pub ask: Text,
    /// How it is answered, and the answer.
    pub solved: Solved,
    /// The frames that were sent before it is asked, as expectations write them.
    pub so_far: Vec<String>,
    /// What proves the answer.
    pub proof: Proof,
}

/// A question that the run never asks, or has no answer to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What it is called.
    pub id: String,
    /// Why it has no answer.
    pub why: Text,
}

impl Lesson {
    /// How many questions it has.
    pub fn questions(&self) -> u32 {
        self.setup.scenario.default_plan().questions.len() as u32
    }
    /// What its question of that number is called.
    pub fn id(&self, number: u32) -> String {
        format!("{}/{number}", self.name)
    }
    /// Its title.
    pub fn title(&self) -> &Text {
        &self.setup.scenario.default_plan().title
    }
}

impl Proof {
    /// The record in that language.
    pub fn told(&self, lang: Lang) -> &Told {
        lang.pick(&self.en, &self.zh)
    }

    /// The record with its number, its time, and what happened; `None` where only another run shows it.
    pub fn happened(&self, lang: Lang) -> Option<String> {
        let (RecordId(number), at) = self.record?;
        let what = &self.told(lang).what;
        Some(
            lang.pick(
                format!("record {number}, {at} s: {what}"),
                format!("第 {number} 条记录，{at} s：{what}"),
            ),
        )
    }
}

/// These questions of the lesson, in the order in which its run comes to them, as the seed puts them; and those of them that
/// have no answer.
///
/// # Errors
/// As [`Setup::plan`].
pub fn items(
    lesson: &Lesson,
    numbers: &[u32],
    seed: u64,
) -> Result<(Vec<Item>, Vec<Unanswered>), Vec<Diagnostic>> {
    let (plan, trace) = lesson.setup.run()?;
    let rerun = |variation: &Variation| walk::rerun(&lesson.setup, variation);
    let examiner = Examiner::new(&plan, &trace, &rerun);
    let prover = Prover::new(lesson, &plan, &trace);
    let (mut items, mut unanswered) = (Vec::new(), Vec::new());
    for question in plan.questions.iter().filter(|question| numbers.contains(&question.number)) {
        let id = lesson.id(question.number);
        match examiner.solve(question, seed) {
            Ok(solved) => {
                let so_far = examiner.so_far(solved.moment);
                let so_far = so_far.into_iter().map(|(at, line)| format!("{at} s  {line}")).collect();
                let proof = prover.proof(&solved);
                items.push(Item { id, ask: question.ask.clone(), solved, so_far, proof });
            }
            Err(why) => unanswered.push(Unanswered { id, why }),
        }
    }
    items.sort_by_key(|item| match item.solved.moment {
        Moment::Before(record) => (record.0, item.solved.number),
        Moment::End => (u32::MAX, item.solved.number),
    });
    Ok((items, unanswered))
}

/// Finds what proves the answers of one run.
struct Prover<'a> {
    lesson: &'a Lesson,
    trace: &'a Trace,
    steps: Vec<Step>,
    looks: [Look; 2],
}

impl<'a> Prover<'a> {
    fn new(lesson: &'a Lesson, plan: &Plan, trace: &'a Trace) -> Prover<'a> {
        let absolute = plan.chooses_numbers();
        let look = |lang| Look { lang, absolute, color: false, ..Look::default() };
        Prover { lesson, trace, steps: walk::steps(trace), looks: [look(Lang::En), look(Lang::Zh)] }
    }

    fn proof(&self, solved: &Solved) -> Proof {
        let name = &self.lesson.name;
        let Some(record) = solved.proof.and_then(|id| self.trace.records.get(id.0 as usize)) else {
            let flags =
                solved.change.as_ref().map(|change| format!(" {}", change.flags())).unwrap_or_default();
            let command = format!("wirewalk run {name}{flags}");
            return Proof {
                record: None,
                en: Told::default(),
                zh: Told::default(),
                cite: String::new(),
                command,
            };
        };
        let step = self.steps.partition_point(|step| step.last < record.id) + 1;
        let [en, zh] = self.looks.each_ref().map(|look| proved(self.trace, record, look));
        Proof {
            record: Some((record.id, record.at)),
            cite: en.cite,
            en: Told { what: en.what, why: en.why },
            zh: Told { what: zh.what, why: zh.why },
            command: format!("wirewalk step {name} --at {step}"),
        }
    }
}
