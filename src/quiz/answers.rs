//! The answers of a class, read from a table (RFC 4180): one line for each answer, or one for each learner.

use crate::lang::Text;
use csv::{ByteRecord, ReaderBuilder};
use std::collections::BTreeMap;
use std::io::Read;

/// Octets that a table may have.
const FILE: u64 = 8 << 20;
/// Lines.
const LINES: usize = 200_000;
/// Octets of one cell.
const CELL: usize = 1_024;
/// Columns of one line.
const COLUMNS: usize = 1_024;
/// Mistakes that are told at once.
const TOLD: usize = 20;

/// The columns as both languages name them.
const LEARNER: [&str; 2] = ["learner", "学生"];
const SEED: [&str; 2] = ["seed", "种子"];
const QUESTION: [&str; 2] = ["question", "题号"];
const ANSWER: [&str; 2] = ["answer", "答案"];

/// One answer of one learner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it stands, from 1.
    pub line: u64,
    /// Who gave it.
    pub learner: String,
    /// The seed of the paper.
    pub seed: u64,
    /// The question's id.
    pub question: String,
    /// What was answered; empty if nothing was.
    pub answer: String,
}

/// Everything that was handed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sheet {
    /// The answers, in the order of the table.
    pub lines: Vec<Line>,
}

/// A line that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Where it stands, from 1; 0 for the table as a whole.
    pub line: u64,
    /// What is wrong with it.
    pub what: Text,
}

impl Malformed {
    pub(super) fn new(line: u64, en: impl Into<String>, zh: impl Into<String>) -> Malformed {
        Malformed { line, what: Text::new(en, zh) }
    }
}

/// Where the columns are.
enum Columns {
    /// One answer in each line.
    Long { learner: usize, seed: usize, question: usize, answer: usize },
    /// One learner in each line: the columns of questions, each with its id.
    Wide { learner: usize, seed: usize, questions: Vec<(usize, String)> },
}

/// Reads a table of answers, in bounded memory.
///
/// # Errors
/// Every line that is malformed, the first 20 of them.
pub fn read(input: impl Read) -> Result<Sheet, Vec<Malformed>> {
    let mut input = input.take(FILE + 1);
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(&mut input);
    let mut reading =
        Reading { columns: None, sheet: Sheet::default(), wrong: Vec::new(), seen: BTreeMap::new() };
    let mut record = ByteRecord::new();
    loop {
        let next = reader.position().line();
        match reader.read_byte_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(error) => {
                let why = error.to_string();
                reading.wrong.push(Malformed::new(next, why.clone(), why));
                break;
            }
        }
        let line = record.position().map_or(next, csv::Position::line);
        if reading.sheet.lines.len() > LINES {
            let (en, zh) = (format!("more than {LINES} answers"), format!("超过 {LINES} 个答案"));
            reading.wrong.push(Malformed::new(line, en, zh));
            break;
        }
        reading.take(line, &record);
        if reading.wrong.len() >= TOLD {
            break;
        }
    }
    if reader.position().byte() > FILE {
        let mib = FILE >> 20;
        reading.wrong.push(Malformed::new(
            0,
            format!("a table has at most {mib} MiB"),
            format!("表格最多 {mib} MiB"),
        ));
    }
    if reading.columns.is_none() && reading.wrong.is_empty() {
        reading.wrong.push(Malformed::new(0, "the table is empty", "表格是空的"));
    }
    if reading.wrong.is_empty() { Ok(reading.sheet) } else { Err(reading.wrong) }
}

/// What has been read so far.
struct Reading {
    columns: Option<Columns>,
    sheet: Sheet,
    wrong: Vec<Malformed>,
    /// In which line a learner's answer to a question of a paper stands.
    seen: BTreeMap<(String, u64, String), u64>,
}

impl Reading {
    fn take(&mut self, line: u64, record: &ByteRecord) {
        let cells = match cells(record) {
            Ok(cells) => cells,
            Err(what) => return self.wrong.push(Malformed { line, what }),
        };
        if cells.iter().all(String::is_empty) {
            return;
        }
        let Some(columns) = &self.columns else {
            match columns(&cells) {
                Ok(found) => self.columns = Some(found),
                Err(what) => self.wrong.push(Malformed { line, what }),
            }
            // A wrong heading makes all that follows wrong.
            if self.columns.is_none() {
                self.columns = Some(Columns::Wide { learner: 0, seed: 0, questions: Vec::new() });
            }
            return;
        };
        let (wanted, learner, seed, answers) = match columns {
            Columns::Long { learner, seed, question, answer } => {
                let cell = |at: &usize| cells.get(*at).cloned().unwrap_or_default();
                (4, *learner, *seed, vec![(cell(question), cell(answer))])
            }
            Columns::Wide { questions, .. } if questions.is_empty() => return,
            Columns::Wide { learner, seed, questions } => {
                let answer =
                    |(at, id): &(usize, String)| (id.clone(), cells.get(*at).cloned().unwrap_or_default());
                (questions.len() + 2, *learner, *seed, questions.iter().map(answer).collect())
            }
        };
        if cells.len() != wanted {
            let has = cells.len();
            return self.wrong.push(Malformed::new(
                line,
                format!("{has} cells, and the heading has {wanted}"),
                format!("有 {has} 格，而表头有 {wanted} 格"),
            ));
        }
        let learner = cells.get(learner).cloned().unwrap_or_default();
        if learner.is_empty() {
            return self.wrong.push(Malformed::new(line, "it names no learner", "没有写学生"));
        }
        let seed_text = cells.get(seed).cloned().unwrap_or_default();
        let Ok(seed) = seed_text.parse::<u64>() else {
            return self.wrong.push(Malformed::new(
                line,
                format!("“{seed_text}” is no seed: a whole number, as the paper states it"),
                format!("“{seed_text}”不是种子：应为卷面上的整数"),
            ));
        };
        for (question, answer) in answers {
            self.keep(Line { line, learner: learner.clone(), seed, question, answer });
        }
    }

    fn keep(&mut self, line: Line) {
        let known = (line.learner.clone(), line.seed, line.question.clone());
        if let Some(before) = self.seen.insert(known, line.line) {
            let Line { learner, question, .. } = &line;
            self.wrong.push(Malformed::new(
                line.line,
                format!("{learner} has answered {question} in line {before} already"),
                format!("{learner} 在第 {before} 行已经答过 {question}"),
            ));
            return;
        }
        self.sheet.lines.push(line);
    }
}

/// The cells of a line as text, without the spaces around them.
fn cells(record: &ByteRecord) -> Result<Vec<String>, Text> {
    if record.len() > COLUMNS {
        return Err(Text::new(format!("more than {COLUMNS} cells"), format!("超过 {COLUMNS} 格")));
    }
    let mut cells = Vec::with_capacity(record.len());
    for (place, cell) in record.iter().enumerate() {
        let at = place + 1;
        if cell.len() > CELL || cell.contains(&b'\n') {
            return Err(Text::new(
                format!("cell {at} is too long: is a quotation mark left open?"),
                format!("第 {at} 格太长：是不是少了右引号？"),
            ));
        }
        let text = std::str::from_utf8(cell)
            .map_err(|_| Text::new(format!("cell {at} is not UTF-8"), format!("第 {at} 格不是 UTF-8")))?;
        cells.push(text.trim_start_matches('\u{feff}').trim().to_owned());
    }
    Ok(cells)
}

/// What the heading says.
fn columns(cells: &[String]) -> Result<Columns, Text> {
    let named = |names: [&str; 2]| {
        cells.iter().position(|cell| names.iter().any(|name| cell.eq_ignore_ascii_case(name)))
    };
    let (Some(learner), Some(seed)) = (named(LEARNER), named(SEED)) else {
        return Err(Text::new(
            "the first line is learner,seed,question,answer — or learner,seed and one column for each question",
            "第一行应为 学生,种子,题号,答案，或者 学生,种子 之后每题一列",
        ));
    };
    if let (Some(question), Some(answer)) = (named(QUESTION), named(ANSWER)) {
        if cells.len() != 4 {
            return Err(Text::new("the heading has other columns too", "表头还有别的列"));
        }
        return Ok(Columns::Long { learner, seed, question, answer });
    }
    let questions: Vec<(usize, String)> =
        cells.iter().cloned().enumerate().filter(|(place, _)| *place != learner && *place != seed).collect();
    if questions.is_empty() {
        return Err(Text::new("the heading names no question", "表头没有任何题目"));
    }
    Ok(Columns::Wide { learner, seed, questions })
}
