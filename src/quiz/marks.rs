//! What a class answered, graded: a table of learners, of questions, and of what was wrong.

use super::answers::{Line, Sheet};
use super::harmless::harmless;
use super::item::Lesson;
use super::mistakes::Mistakes;
use crate::lang::{Lang, Text};
use crate::report::{Examiner, Finding, Grade, Solved};
use crate::scenario::{Diagnostic, Variation, nearest};
use crate::walk;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

/// A class's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marks {
    /// The report: a table (RFC 4180).
    pub report: Vec<u8>,
    /// Papers handed in: a learner with a seed.
    pub papers: usize,
    /// Questions on all of them.
    pub answers: usize,
    /// Right answers.
    pub right: usize,
}

/// Why a class was not graded.
#[derive(Debug)]
pub enum CannotMark {
    /// Everything that is wrong with the table: its lines, and questions that there are not or that have no answer.
    Malformed(Mistakes),
    /// A lesson that is wrong itself.
    Lesson(Vec<Diagnostic>),
}

/// One paper: who, and which.
type Paper = (String, u64);

/// What one answer was worth.
struct Graded<'a> {
    line: &'a Line,
    /// The right answer, where it was not given.
    wrong: Option<Text>,
}

/// Grades what was handed in. A paper's questions are all those to which anybody has handed in an answer with the same seed:
/// who leaves one out has not answered it.
///
/// # Errors
/// Every mistake of the table; lessons with mistakes.
pub fn mark(sheet: &Sheet, lessons: &[Lesson], lang: Lang) -> Result<Marks, CannotMark> {
    let mut mistakes = sheet.mistakes.clone();
    let questions = findings(sheet, lessons, &mut mistakes).map_err(CannotMark::Lesson)?;
    let mut graded: BTreeMap<(&str, u64, &str), Graded<'_>> = BTreeMap::new();
    let mut papers: Vec<Paper> = Vec::new();
    let mut known: BTreeSet<Paper> = BTreeSet::new();
    let mut of_seed: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    let mut dealt: BTreeMap<(&str, u64), Solved> = BTreeMap::new();
    for line in &sheet.lines {
        let id = line.question.as_str();
        let Some(finding) = questions.get(id) else { continue };
        let solved = match dealt.entry((id, line.seed)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(empty) => match finding.dealt(line.seed) {
                Ok(solved) => empty.insert(solved),
                Err(why) => {
                    mistakes.add(line.line, why);
                    continue;
                }
            },
        };
        let missing = match solved.grade(&line.answer) {
            Grade::Right => None,
            Grade::Wrong(right) => Some(right),
        };
        let paper = (line.learner.clone(), line.seed);
        if known.insert(paper.clone()) {
            papers.push(paper);
        }
        of_seed.entry(line.seed).or_default().insert(id);
        graded.insert((&line.learner, line.seed, id), Graded { line, wrong: missing });
    }
    if !mistakes.is_empty() {
        return Err(CannotMark::Malformed(mistakes));
    }
    let result = Report { papers: &papers, of_seed: &of_seed, graded: &graded, dealt: &dealt };
    let answers = papers.iter().map(|(_, seed)| of_seed.get(seed).map_or(0, BTreeSet::len)).sum();
    let right = graded.values().filter(|graded| graded.wrong.is_none()).count();
    // Writing into memory fails never.
    let report = result.table(lang).unwrap_or_default();
    Ok(Marks { report, papers: papers.len(), answers, right })
}

/// The answers to all questions that are named, each lesson run once; where there is none, every line that names it is told.
fn findings(
    sheet: &Sheet,
    lessons: &[Lesson],
    mistakes: &mut Mistakes,
) -> Result<BTreeMap<String, Finding>, Vec<Diagnostic>> {
    let mut needed: BTreeMap<usize, Vec<(u32, &String)>> = BTreeMap::new();
    let mut wrong: Vec<(&String, Text)> = Vec::new();
    for id in sheet.questions.keys() {
        match place(id, lessons) {
            Ok((lesson, number)) => needed.entry(lesson).or_default().push((number, id)),
            Err(what) => wrong.push((id, what)),
        }
    }
    let mut found = BTreeMap::new();
    for (place, numbers) in needed {
        let Some(lesson) = lessons.get(place) else { continue };
        let (plan, trace) = lesson.setup.run()?;
        let rerun = |variation: &Variation| walk::rerun(&lesson.setup, variation);
        let examiner = Examiner::new(&plan, &trace, &rerun);
        for (number, id) in numbers {
            let question = plan.questions.iter().find(|question| question.number == number);
            match question.map(|question| examiner.find(question)) {
                Some(Ok(finding)) => {
                    found.insert(id.clone(), finding);
                }
                Some(Err(what)) => wrong.push((id, what)),
                None => wrong.push((id, no_such_number(lesson, plan.questions.len()))),
            }
        }
    }
    for (id, what) in wrong {
        for line in sheet.questions.get(id).into_iter().flatten() {
            mistakes.add(*line, what.clone());
        }
    }
    Ok(found)
}

/// The name of the lesson and the number of the question in an id such as `lost-syn/2`. A question has one id only, so
/// neither `lost-syn/02` nor `lost-syn/+2` is one: two ids would be two questions.
pub(super) fn parts(id: &str) -> Option<(&str, u32)> {
    let (name, digits) = id.rsplit_once('/')?;
    let number = digits.parse::<u32>().ok()?;
    (number.to_string() == digits).then_some((name, number))
}

fn no_such_number(lesson: &Lesson, count: usize) -> Text {
    let name = &lesson.name;
    match count {
        0 => Text::new(format!("{name} asks nothing"), format!("{name} 没有题目")),
        1 => Text::new(format!("{name} has one question: {name}/1"), format!("{name} 只有一题：{name}/1")),
        _ => Text::new(
            format!("{name} has {count} questions: {name}/1 to {name}/{count}"),
            format!("{name} 有 {count} 题：{name}/1 到 {name}/{count}"),
        ),
    }
}

/// The lesson and the number that an id names.
fn place(id: &str, lessons: &[Lesson]) -> Result<(usize, u32), Text> {
    if id.is_empty() {
        return Err(Text::new(
            "it names no question: such as three-way-handshake/2",
            "没有写题号：应如 three-way-handshake/2",
        ));
    }
    let Some((name, number)) = parts(id) else {
        return Err(Text::new(
            format!("“{id}” is no question: such as three-way-handshake/2"),
            format!("“{id}”不是题号：应如 three-way-handshake/2"),
        ));
    };
    lessons.iter().position(|lesson| lesson.name == name).map(|lesson| (lesson, number)).ok_or_else(|| {
        let near = nearest(name, lessons.iter().map(|lesson| lesson.name.as_str()));
        match near.first() {
            Some(near) => Text::new(
                format!("there is no lesson “{name}”; near to it: {near}"),
                format!("没有名为“{name}”的课；相近的有：{near}"),
            ),
            None => Text::new(
                format!("there is no lesson “{name}”; `wirewalk list` names them all"),
                format!("没有名为“{name}”的课；`wirewalk list` 列出全部"),
            ),
        }
    })
}

/// Everything that the table tells.
struct Report<'a> {
    papers: &'a [Paper],
    of_seed: &'a BTreeMap<u64, BTreeSet<&'a str>>,
    graded: &'a BTreeMap<(&'a str, u64, &'a str), Graded<'a>>,
    dealt: &'a BTreeMap<(&'a str, u64), Solved>,
}

impl Report<'_> {
    fn table(&self, lang: Lang) -> Result<Vec<u8>, csv::Error> {
        let mut table = csv::Writer::from_writer(Vec::new());
        table.write_record(lang.pick(
            ["row", "learner", "seed", "question", "answer", "right answer", "right", "of", "share"],
            ["行", "学生", "种子", "题号", "答案", "正确答案", "答对", "总数", "比例"],
        ))?;
        self.learners(&mut table, lang)?;
        self.questions(&mut table, lang)?;
        self.wrong(&mut table, lang)?;
        table.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    fn learners(&self, table: &mut csv::Writer<Vec<u8>>, lang: Lang) -> Result<(), csv::Error> {
        for (learner, seed) in self.papers {
            let asked = self.of_seed.get(seed);
            let of = asked.map_or(0, BTreeSet::len);
            let right = asked.into_iter().flatten().filter(|id| self.is_right(learner, *seed, id)).count();
            let row = lang.pick("learner", "学生");
            let cells: [&str; 9] = [
                row,
                &harmless(learner),
                &seed.to_string(),
                "",
                "",
                "",
                &right.to_string(),
                &of.to_string(),
                &share(right, of),
            ];
            table.write_record(cells)?;
        }
        Ok(())
    }

    /// The hardest first.
    fn questions(&self, table: &mut csv::Writer<Vec<u8>>, lang: Lang) -> Result<(), csv::Error> {
        let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (learner, seed) in self.papers {
            for id in self.of_seed.get(seed).into_iter().flatten() {
                let count = counts.entry(id).or_default();
                count.0 += usize::from(self.is_right(learner, *seed, id));
                count.1 += 1;
            }
        }
        let mut rows: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
        // Shares compared without fractions.
        rows.sort_by(|(a, (right, of)), (b, (other, other_of))| {
            (right * other_of).cmp(&(other * of)).then_with(|| a.cmp(b))
        });
        for (id, (right, of)) in rows {
            let row = lang.pick("question", "题目");
            let cells: [&str; 9] =
                [row, "", "", &harmless(id), "", "", &right.to_string(), &of.to_string(), &share(right, of)];
            table.write_record(cells)?;
        }
        Ok(())
    }

    /// What each learner had wrong, or left out.
    fn wrong(&self, table: &mut csv::Writer<Vec<u8>>, lang: Lang) -> Result<(), csv::Error> {
        for (learner, seed) in self.papers {
            for id in self.of_seed.get(seed).into_iter().flatten() {
                let (answer, right) = match self.graded.get(&(learner, *seed, id)) {
                    Some(Graded { wrong: None, .. }) => continue,
                    Some(Graded { line, wrong: Some(right) }) => (line.answer.as_str(), right.clone()),
                    None => {
                        let solved = self.dealt.get(&(*id, *seed));
                        ("", solved.map(Solved::right_in_full).unwrap_or_default())
                    }
                };
                let row = lang.pick("wrong", "答错");
                let cells: [&str; 9] = [
                    row,
                    &harmless(learner),
                    &seed.to_string(),
                    &harmless(id),
                    &harmless(answer),
                    &harmless(right.get(lang)),
                    "",
                    "",
                    "",
                ];
                table.write_record(cells)?;
            }
        }
        Ok(())
    }

    fn is_right(&self, learner: &str, seed: u64, id: &str) -> bool {
        self.graded.get(&(learner, seed, id)).is_some_and(|graded| graded.wrong.is_none())
    }
}

/// A share in hundredths, with one digit behind the point.
fn share(right: usize, of: usize) -> String {
    let thousandths = (right * 1_000 + of / 2).checked_div(of).unwrap_or(0);
    format!("{}.{}%", thousandths / 10, thousandths % 10)
}
