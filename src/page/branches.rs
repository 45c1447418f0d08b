//! One branch of the document: its steps with their stories, its diagram, its verdicts and questions.

use super::document::{Branch, Question, Step, Verdict};
use super::frames;
use super::panes::{self, Panes};
use super::texts::Texts;
use crate::lang::{Lang, Text};
use crate::report;
use crate::scenario::Plan;
use crate::trace::{Event, RecordId, Trace};
use crate::view::svg::{self, Standing};
use crate::view::{Look, Teller};
use crate::walk;

/// Steps that a document holds of one branch at most; nobody walks further.
const MOST_STEPS: usize = 3_000;

/// The branch of that number.
pub fn branch(all: &[walk::Branch], number: usize, texts: &mut Texts) -> Branch {
    let branch = &all[number];
    let trace = &branch.trace;
    let looks = looks(branch.plan.as_ref());
    let parent = branch.parent.and_then(|parent| all.get(parent));
    let mut panes = Panes::new(trace, &looks);
    let steps = steps(branch, &looks, &mut panes, texts);
    let (endpoints, shelf) = panes.finish();
    let [en, zh] = looks.each_ref().map(|look| {
        let drawn = svg::sequence(trace, look, Standing::InPage);
        with_steps(&drawn, branch, &frames::numbers(trace))
    });
    let (frames, more_frames) = frames::frames(branch, &looks, texts);
    Branch {
        name: branch.name(),
        title: branch.title(),
        parent: branch.parent,
        parts_at: branch.parts_at,
        drops: parent.and_then(|parent| dropped(&parent.trace, trace)),
        more_steps: branch.steps.len() - steps.len(),
        steps,
        endpoints,
        shelf,
        frames,
        more_frames,
        diagram: Text::new(en, zh),
        expectations: verdicts(branch, texts),
        questions: questions(branch, texts),
    }
}

/// English and Chinese; a lesson that chooses the initial numbers is about the numbers on the wire.
fn looks(plan: Option<&Plan>) -> [Look; 2] {
    let absolute = plan.is_some_and(|plan| plan.hosts.iter().any(|host| host.isn.is_some()));
    [Lang::En, Lang::Zh].map(|lang| Look { lang, absolute, ..Look::default() })
}

/// The first frame that is lost here and not there.
fn dropped(parent: &Trace, child: &Trace) -> Option<usize> {
    let (there, here) = (parent.frames(), child.frames());
    let lost = there.iter().zip(&here).find(|(one, other)| one.lost().is_none() && other.lost().is_some());
    lost.map(|(_, frame)| frame.number)
}

fn steps(branch: &walk::Branch, looks: &[Look; 2], panes: &mut Panes<'_>, texts: &mut Texts) -> Vec<Step> {
    let tellers = looks.each_ref().map(|look| Teller::new(&branch.trace, look));
    let numbers = frames::numbers(&branch.trace);
    let shown = branch.steps.iter().enumerate().take(MOST_STEPS);
    let step = |(place, step): (usize, &walk::Step)| {
        let records = branch.records(place);
        let [en, zh] = tellers.each_ref().map(|teller| teller.tell_all(records));
        let told: Vec<RecordId> = en.iter().map(|(record, _)| *record).collect();
        let story = en.into_iter().zip(zh).map(|((_, en), (_, zh))| {
            let what = texts.keep(en.what, zh.what);
            (what, texts.keep(en.why, zh.why), en.cite, svg::class(en.ink))
        });
        let mut story: Vec<_> = story.collect();
        records.iter().for_each(|record| panes.apply(record));
        if story.is_empty() {
            story.extend(panes::silent(&branch.trace, records, texts));
        }
        let mut step = Step {
            at_ns: step.at.as_nanos(),
            time: step.at.to_string(),
            host: step.host.map(crate::link::HostId::index),
            record: step.last.0,
            frame: step.frame.and_then(|sent| frames::number(&numbers, sent)),
            lead: lead(&branch.trace, &told),
            story,
            states: Vec::new(),
            variables: Vec::new(),
            queues: Vec::new(),
            calls: Vec::new(),
            hidden: 0,
        };
        panes.show(&mut step, texts);
        step
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

fn questions(branch: &walk::Branch, texts: &mut Texts) -> Vec<Question> {
    let Some(plan) = &branch.plan else { return Vec::new() };
    let asked = branch.questions.iter().filter_map(|(step, number)| Some((*step, branch.question(*number)?)));
    let question = |(step, question): (usize, &crate::scenario::Question)| Question {
        step,
        ask: texts.text(&question.ask),
        answers: report::answers(plan, &branch.trace, question),
        letters: question.answer == "frame.tcp.flags",
    };
    let mut questions: Vec<Question> =
        asked.map(question).filter(|question| !question.answers.is_empty()).collect();
    questions.sort_by_key(|question| question.step);
    questions
}

/// The drawing with the step beside each row's record, and with numbers of frames instead of records of sending.
fn with_steps(svg: &str, branch: &walk::Branch, numbers: &[RecordId]) -> String {
    let mut text = String::with_capacity(svg.len() + svg.len() / 8);
    let mut rest = svg;
    // In text no quotation mark stands as such, so that this cannot be found in somebody's words.
    while let Some(start) = rest.find(" data-") {
        let (before, attribute) = rest.split_at(start);
        text.push_str(before);
        let mut parts = attribute.splitn(3, '"');
        let (name, value) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        rest = parts.next().unwrap_or_default();
        let Ok(record) = value.parse().map(RecordId) else { continue };
        let step = branch.steps.partition_point(|step| step.last < record);
        match name {
            " data-frame=" => {
                let number = frames::number(numbers, record).unwrap_or_default();
                text.push_str(&format!(" data-frame=\"{number}\" data-step=\"{step}\""));
            }
            _ => text.push_str(&format!(" data-step=\"{step}\"")),
        }
    }
    text.push_str(rest);
    text
}
