//! One branch of the document: its steps with their stories, its diagram, its verdicts and questions.

use super::document::{Branch, Proof, Question, Step, Tables, Verdict, Way};
use super::panes::{self, Panes};
use super::tables::Texts;
use super::{diagram, frames};
use crate::lang::Lang;
use crate::report::{self, AnswerKind, Form, Solved};
use crate::trace::{Event, Record, RecordId, Trace};
use crate::view::svg;
use crate::view::{self, Look, Teller};
use crate::walk;
use crate::world::Halt;

/// Steps that a document holds of one branch at most; nobody walks further.
const MOST_STEPS: usize = 3_000;

/// The branches, each with what it has other than its parent.
pub fn branches(all: &[walk::Branch], halt: &Halt, tables: &mut Tables) -> Vec<Branch> {
    let numbers = (0..all.len()).take_while(|_| !halt.raised());
    let mut written: Vec<Branch> = numbers.map(|number| branch(all, number, halt, tables)).collect();
    for number in (0..written.len()).rev() {
        let (before, after) = written.split_at_mut(number);
        let Some(branch) = after.first_mut() else { continue };
        // Whole lists are compared: parents come first, and are shortened after what grew from them.
        let Some(parent) = branch.parent.and_then(|parent| before.get(parent)) else { continue };
        let steps = same(&parent.steps, &branch.steps);
        let frames = same(&parent.frames, &branch.frames);
        branch.shared = (steps, frames);
        branch.steps.drain(..steps);
        branch.frames.drain(..frames);
    }
    written
}

/// How many things at the beginning are the same.
fn same<T: PartialEq>(one: &[T], other: &[T]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one == other).count()
}

fn branch(all: &[walk::Branch], number: usize, halt: &Halt, tables: &mut Tables) -> Branch {
    let branch = &all[number];
    let trace = &branch.trace;
    let looks = looks();
    let parent = branch.parent.and_then(|parent| all.get(parent));
    let mut panes = Panes::new(trace, &looks);
    let steps = steps(branch, &looks, &mut panes, tables);
    let (sheets, drawn) = diagram::sheets(branch, &looks, MOST_STEPS, halt, &mut tables.texts);
    let (frames, more_frames) = frames::frames(branch, &looks, MOST_STEPS, tables);
    Branch {
        name: branch.name(),
        title: branch.words(),
        parent: branch.parent,
        parts_at: branch.parts_at,
        drops: parent.and_then(|parent| dropped(&parent.trace, trace)),
        shared: (0, 0),
        more_steps: branch.steps.len() - steps.len(),
        steps,
        endpoints: panes::endpoints(trace),
        frames,
        more_frames,
        sheets,
        drawn,
        walked: walked(branch),
        expectations: verdicts(branch, &mut tables.texts),
        questions: questions(branch, &looks, &mut tables.texts),
    }
}

/// English and Chinese with relative numbers, both with absolute ones.
fn looks() -> [Look; 4] {
    let look = |lang, absolute| Look { lang, absolute, ..Look::default() };
    [look(Lang::En, false), look(Lang::Zh, false), look(Lang::En, true), look(Lang::Zh, true)]
}

/// The ways through the state diagram, each step of them with the walk's step that it belongs to.
fn walked(branch: &walk::Branch) -> Vec<Way> {
    let at = |record: RecordId| branch.steps.partition_point(|step| step.last < record);
    let way = |walked: view::Walked| {
        let steps = walked.steps.iter().map(|step| (at(step.record), step.to.name()));
        (walked.who, walked.start.name(), steps.collect())
    };
    view::walked(&branch.trace).0.into_iter().map(way).collect()
}

/// The first frame that is lost here and not there.
fn dropped(parent: &Trace, child: &Trace) -> Option<usize> {
    let (there, here) = (parent.frames(), child.frames());
    let lost = there.iter().zip(&here).find(|(one, other)| one.lost().is_none() && other.lost().is_some());
    lost.map(|(_, frame)| frame.number)
}

fn steps(branch: &walk::Branch, looks: &[Look; 4], panes: &mut Panes<'_>, tables: &mut Tables) -> Vec<Step> {
    let tellers = looks.each_ref().map(|look| Teller::new(&branch.trace, look));
    let numbers = frames::numbers(&branch.trace);
    let shown = branch.steps.iter().enumerate().take(MOST_STEPS);
    let step = |(place, step): (usize, &walk::Step)| {
        let records = branch.records(place);
        let told = tellers.each_ref().map(|teller| teller.tell_all(records));
        let mut story = Vec::new();
        for (at, (_, sentence)) in told[0].iter().enumerate() {
            let [what, why] = [
                told.each_ref()
                    .map(|told| told.get(at).map_or_else(String::new, |(_, told)| told.what.clone())),
                told.each_ref()
                    .map(|told| told.get(at).map_or_else(String::new, |(_, told)| told.why.clone())),
            ];
            let what = tables.texts.keep_four(what);
            let why = tables.texts.keep_four(why);
            story.push(tables.sentences.keep((what, why, sentence.cite.clone(), svg::class(sentence.ink))));
        }
        records.iter().for_each(|record| panes.apply(record));
        if story.is_empty() {
            let silent = panes::silent(&branch.trace, records, &mut tables.texts);
            story.extend(silent.map(|silent| tables.sentences.keep(silent)));
        }
        let told: Vec<RecordId> = told[0].iter().map(|(record, _)| *record).collect();
        let mut written = Step {
            at_ns: step.at.as_nanos(),
            host: step.host.map(crate::link::HostId::index),
            record: step.last.0,
            frame: step.frame.and_then(|sent| frames::number(&numbers, sent)),
            lead: lead(&branch.trace, &told),
            story,
            ..Step::default()
        };
        panes.show(&mut written, tables);
        written
    };
    shown.map(step).collect()
}

/// Which of the sentences about these records tells the step: where a program calls and a frame goes out because of
/// that, the frame; else the first.
fn lead(trace: &Trace, told: &[RecordId]) -> usize {
    let event = |record: &RecordId| &trace.record(*record).event;
    match told.first().map(event) {
        Some(Event::CallStarted { .. }) => {
            told.iter().position(|record| matches!(event(record), Event::FrameSent { .. })).unwrap_or(0)
        }
        _ => 0,
    }
}

fn verdicts(branch: &walk::Branch, texts: &mut Texts) -> Vec<Verdict> {
    let Some(plan) = &branch.plan else { return Vec::new() };
    let judged = report::grouped(&report::judge(plan, &branch.trace));
    let verdict = |judged: report::Judged| Verdict {
        says: texts.text(&judged.says),
        cite: judged.cite,
        held: judged.held,
        found: texts.text(&judged.found),
    };
    judged.into_iter().map(verdict).collect()
}

fn questions(branch: &walk::Branch, looks: &[Look; 4], texts: &mut Texts) -> Vec<Question> {
    let question = |asked: &walk::Asked| {
        let (kind, time_ns) = match &asked.solved.form {
            Form::Choice { .. } => ("choice", None),
            Form::Order { .. } => ("order", None),
            Form::Words { kind: AnswerKind::Word, .. } => ("word", None),
            Form::Words { kind: AnswerKind::Number, .. } => ("number", None),
            Form::Words { kind: AnswerKind::Flags, .. } => ("flags", None),
            Form::Words { kind: AnswerKind::Time(right), .. } => ("time", Some(right.as_nanos())),
        };
        Question {
            step: asked.step.min(MOST_STEPS),
            ask: texts.text(&asked.ask),
            kind,
            answers: answers(&asked.solved),
            right: texts.text(&asked.solved.right_in_full()),
            options: asked.solved.options().iter().map(|(_, option)| texts.text(option)).collect(),
            time_ns,
            proof: proof(branch, &asked.solved, looks, texts),
        }
    };
    branch.questions.iter().map(question).collect()
}

/// What proves the answer: a record, or the change of which another run shows it.
fn proof(branch: &walk::Branch, solved: &Solved, looks: &[Look; 4], texts: &mut Texts) -> Proof {
    let trace = &branch.trace;
    let change = solved.change.as_ref().map(|change| change.flags());
    let Some(record) = solved.proof.and_then(|id| trace.records.get(id.0 as usize)) else {
        return Proof { what: None, why: None, cite: String::new(), step: None, change };
    };
    let told = looks.each_ref().map(|look| view::proved(trace, record, look));
    let each = |part: fn(&view::Proved, &Look, &Record) -> String| {
        std::array::from_fn(|at| part(&told[at], &looks[at], record))
    };
    let what = texts.keep_four(each(|told, look, record| view::happened(record, &told.what, look.lang)));
    let why = texts.keep_four(each(|told, _, _| told.why.clone()));
    let step = branch.steps.partition_point(|step| step.last < record.id);
    let step = Some(step).filter(|step| *step < branch.steps.len().min(MOST_STEPS));
    let cite = told[0].cite.clone();
    Proof { what: Some(what), why: Some(why), cite, step, change: None }
}

/// Every way to say the right answer, in both languages.
fn answers(solved: &Solved) -> Vec<String> {
    let said = match &solved.form {
        Form::Words { right, .. } => right.clone(),
        Form::Choice { .. } | Form::Order { .. } => vec![solved.right()],
    };
    let mut answers = Vec::new();
    for text in said.into_iter().flat_map(|said| [said.en, said.zh]) {
        if !answers.contains(&text) {
            answers.push(text);
        }
    }
    answers
}
