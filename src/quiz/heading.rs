//! The first line of a table of answers: which column is what.

use super::marks;
use crate::lang::Text;

/// The columns as both languages name them.
const LEARNER: [&str; 2] = ["learner", "学生"];
const SEED: [&str; 2] = ["seed", "种子"];
const QUESTION: [&str; 2] = ["question", "题号"];
const ANSWER: [&str; 2] = ["answer", "答案"];

/// Where the columns are.
pub(super) struct Columns {
    learner: usize,
    seed: usize,
    answers: Answers,
    /// How many there are.
    count: usize,
}

/// The columns of questions and answers.
enum Answers {
    /// One answer in each line.
    Long { question: usize, answer: usize },
    /// One learner in each line: the columns of questions, each with its id.
    Wide(Vec<(usize, String)>),
}

/// What the first line of a table is.
pub(super) struct Heading {
    /// The columns, if enough is said to read on.
    pub columns: Option<Columns>,
    /// Whether the line is an answer already: the heading was left out.
    pub is_answer: bool,
    /// Everything that is wrong with it.
    pub wrong: Vec<Text>,
}

impl Columns {
    /// Cells of a line.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The questions that stand in the heading.
    pub(super) fn questions(&self) -> &[(usize, String)] {
        match &self.answers {
            Answers::Long { .. } => &[],
            Answers::Wide(questions) => questions,
        }
    }

    /// The question that the line itself names.
    pub(super) fn question<'a>(&self, cells: &'a [String]) -> Option<&'a String> {
        match &self.answers {
            Answers::Long { question, .. } => cells.get(*question),
            Answers::Wide(_) => None,
        }
    }

    /// The questions that a line answers, with the answers.
    pub(super) fn answers(&self, cells: &[String]) -> Vec<(String, String)> {
        let cell = |at: &usize| cells.get(*at).cloned().unwrap_or_default();
        match &self.answers {
            Answers::Long { question, answer } => vec![(cell(question), cell(answer))],
            Answers::Wide(questions) => questions.iter().map(|(at, id)| (id.clone(), cell(at))).collect(),
        }
    }

    /// Who answers, and the seed of the paper as it was typed.
    pub(super) fn paper<'a>(&self, cells: &'a [String]) -> (&'a str, &'a str) {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        (cell(self.learner), cell(self.seed))
    }
}

/// Reads the first line.
pub(super) fn heading(cells: &[String]) -> Heading {
    let [learners, seeds, questions, answers] =
        [LEARNER, SEED, QUESTION, ANSWER].map(|names| named(cells, names));
    let (Some(learner), Some(seed)) = (learners.first().copied(), seeds.first().copied()) else {
        return none(cells);
    };
    let mut wrong = Vec::new();
    for (names, places) in [LEARNER, SEED].into_iter().zip([&learners, &seeds]) {
        if places.len() > 1 {
            wrong.push(twice(names[0], names[1]));
        }
    }
    let others = (0..cells.len()).filter(|place| !learners.contains(place) && !seeds.contains(place));
    let others = others.filter_map(|place| Some((place, cells.get(place)?.as_str())));
    let columns = if let (Some(question), Some(answer)) = (questions.first(), answers.first()) {
        let (question, answer) = (*question, *answer);
        for (place, name) in others.filter(|(place, _)| *place != question && *place != answer) {
            wrong.push(Text::new(
                format!(
                    "column {} (“{name}”) is neither learner, seed, question nor answer: remove it",
                    place + 1
                ),
                format!("第 {} 列（“{name}”）不是 学生、种子、题号、答案 之一：请删去", place + 1),
            ));
        }
        Some(Answers::Long { question, answer })
    } else {
        wide(others, &mut wrong).map(Answers::Wide)
    };
    let count = cells.len();
    let columns = columns.map(|answers| Columns { learner, seed, answers, count });
    Heading { columns, is_answer: false, wrong }
}

/// The columns that are all questions.
fn wide<'a>(
    others: impl Iterator<Item = (usize, &'a str)>,
    wrong: &mut Vec<Text>,
) -> Option<Vec<(usize, String)>> {
    let mut ids: Vec<(usize, String)> = Vec::new();
    for (place, name) in others {
        if name.is_empty() {
            wrong.push(Text::new(
                format!("column {} has no name: write its question there, or remove it", place + 1),
                format!("第 {} 列没有列名：请写上题号，或者删去这一列", place + 1),
            ));
        } else if ids.iter().any(|(_, id)| id == name) {
            wrong.push(twice(name, name));
        } else {
            ids.push((place, name.to_owned()));
        }
    }
    if ids.is_empty() {
        wrong.push(Text::new(
            "it names no question: add the columns question,answer or one column for each question",
            "没有任何题目：请加上 题号,答案 两列，或者每题一列",
        ));
        return None;
    }
    Some(ids)
}

/// A first line that is no heading.
fn none(cells: &[String]) -> Heading {
    if let [_, _, id, _] = cells
        && marks::parts(id).is_some()
    {
        let what = Text::new(
            "the heading is missing: begin the table with the line learner,seed,question,answer",
            "缺少表头：表格的第一行应为 学生,种子,题号,答案",
        );
        let answers = Answers::Long { question: 2, answer: 3 };
        let columns = Some(Columns { learner: 0, seed: 1, answers, count: 4 });
        return Heading { columns, is_answer: true, wrong: vec![what] };
    }
    let what = match cells {
        [one] if one.contains([';', '\t', '；', '，']) => Text::new(
            "the cells are not separated by commas: save the table as “CSV (comma delimited)”",
            "各格之间不是英文逗号：保存时请选“CSV（逗号分隔）”",
        ),
        _ => Text::new(
            "the first line is learner,seed,question,answer — or learner,seed and one column for each question",
            "第一行应为 学生,种子,题号,答案，或者 学生,种子 之后每题一列",
        ),
    };
    Heading { columns: None, is_answer: false, wrong: vec![what] }
}

/// What is wrong with a table without any line.
pub(super) fn empty() -> Text {
    Text::new(
        "the table is empty: it begins with the line learner,seed,question,answer",
        "表格是空的：第一行应为 学生,种子,题号,答案",
    )
}

/// What is wrong with a line of too many cells, or too few.
pub(super) fn other_count(has: usize, wanted: usize) -> Text {
    if has > wanted {
        return Text::new(
            format!(
                "{has} cells, and the heading has {wanted}: an answer with a comma stands in \"quotation marks\""
            ),
            format!("有 {has} 格，而表头有 {wanted} 格：含逗号的答案要写在英文双引号里"),
        );
    }
    Text::new(
        format!("{has} cells, and the heading has {wanted}: an answer left out still has its comma"),
        format!("有 {has} 格，而表头有 {wanted} 格：没有作答也要留下逗号"),
    )
}

/// The places of a column.
fn named(cells: &[String], names: [&str; 2]) -> Vec<usize> {
    let is = |cell: &String| names.iter().any(|name| cell.eq_ignore_ascii_case(name));
    (0..cells.len()).filter(|place| cells.get(*place).is_some_and(is)).collect()
}

/// A column that stands there more than once.
fn twice(en: &str, zh: &str) -> Text {
    Text::new(
        format!("the column “{en}” stands there more than once: keep one of them"),
        format!("“{zh}”这一列出现了不止一次：只留一个"),
    )
}
