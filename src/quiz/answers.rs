//! The answers of a class, read from a table (RFC 4180): one line for each answer, or one for each learner.

use super::heading::{self, Columns, Heading};
use super::mistakes::Mistakes;
use crate::lang::Text;
use csv::{ByteRecord, ReaderBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};

/// Octets that a table may have.
const FILE: u64 = 8 << 20;
/// Answers.
const LINES: usize = 200_000;
/// Octets of one cell.
const CELL: usize = 1_024;
/// Columns of one line.
const COLUMNS: usize = 1_024;
/// Quotation marks left open, behind which reading goes on in the next line.
const OPEN: usize = 20;

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
    /// The questions that are named, each with the lines that name it: of a column its heading's, else the answers'.
    pub questions: BTreeMap<String, BTreeSet<u64>>,
    /// What is wrong with the lines themselves. Whether there are such questions only [`mark`](super::mark) knows, which tells
    /// both.
    pub mistakes: Mistakes,
}

/// Reads a table of answers, in bounded memory.
///
/// # Errors
/// Those of reading. What is wrong with the table stands in the sheet.
pub fn read(input: impl Read) -> io::Result<Sheet> {
    let mut octets = Vec::new();
    input.take(FILE + 1).read_to_end(&mut octets)?;
    let too_large = octets.len() as u64 > FILE;
    if too_large {
        octets.truncate(FILE as usize);
    }
    let mut reading = Reading::default();
    reading.table(&octets);
    if too_large {
        let mib = FILE >> 20;
        let what = Text::new(
            format!("a table has at most {mib} MiB: hand in several"),
            format!("表格最多 {mib} MiB：请分成几张"),
        );
        reading.sheet.mistakes.add(0, what);
    }
    if reading.columns.is_none() && reading.sheet.mistakes.is_empty() {
        reading.sheet.mistakes.add(0, heading::empty());
    }
    Ok(reading.sheet)
}

/// What has been read so far.
#[derive(Default)]
struct Reading {
    columns: Option<Columns>,
    sheet: Sheet,
    /// In which line a learner's answer to a question of a paper stands.
    seen: BTreeMap<(String, u64, String), u64>,
}

/// Whether reading goes on.
enum On {
    Next,
    /// Behind the physical line, as a quotation mark that it left open took what follows.
    Anew,
    Never,
}

impl Reading {
    fn table(&mut self, octets: &[u8]) {
        let mut place = Place { octets, at: 0, line: 1 };
        let (mut start, mut open) = (0, 0);
        let mut record = ByteRecord::new();
        'anew: loop {
            let rest = octets.get(start..).unwrap_or_default();
            let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(rest);
            while let Ok(true) = reader.read_byte_record(&mut record) {
                let at = record.position().map_or(0, |position| position.byte() as usize);
                let line = place.line_of(start + at);
                match self.take(line, &record) {
                    On::Next => {}
                    On::Anew if open < OPEN => {
                        open += 1;
                        start = place.behind_line();
                        continue 'anew;
                    }
                    On::Anew | On::Never => return,
                }
            }
            return;
        }
    }

    fn wrong(&mut self, line: u64, what: Text) {
        self.sheet.mistakes.add(line, what);
    }

    fn take(&mut self, line: u64, record: &ByteRecord) -> On {
        let cells = match cells(record) {
            Ok(cells) => cells,
            Err((what, on)) => {
                self.wrong(line, what);
                // Without its heading a table says nothing.
                return if self.columns.is_none() { On::Never } else { on };
            }
        };
        if cells.iter().all(String::is_empty) {
            return On::Next;
        }
        if self.columns.is_none() { self.heading(line, &cells) } else { self.answered(line, &cells) }
    }

    fn answered(&mut self, line: u64, cells: &[String]) -> On {
        let Some(columns) = &self.columns else { return On::Never };
        let (wanted, has) = (columns.count(), cells.len());
        let (learner, seed) = columns.paper(cells);
        let answers = columns.answers(cells);
        let question = columns.question(cells).cloned();
        let mistakes = &mut self.sheet.mistakes;
        if has != wanted {
            // Which cell is which nobody knows.
            mistakes.add(line, heading::other_count(has, wanted));
            return On::Next;
        }
        if let Some(question) = question {
            self.sheet.questions.entry(question).or_default().insert(line);
        }
        if learner.is_empty() {
            mistakes.add(
                line,
                Text::new("it names no learner: write who answered", "没有写学生：请写上是谁答的"),
            );
        }
        let Ok(number) = seed.parse::<u64>() else {
            let what = Text::new(
                format!("“{seed}” is no seed: a whole number, stated on the paper"),
                format!("“{seed}”不是种子：应为卷面上的整数"),
            );
            mistakes.add(line, what);
            return On::Next;
        };
        if learner.is_empty() {
            return On::Next;
        }
        let learner = learner.to_owned();
        for (question, answer) in answers {
            self.keep(Line { line, learner: learner.clone(), seed: number, question, answer });
        }
        if self.sheet.lines.len() > LINES {
            let (en, zh) = (
                format!("more than {LINES} answers: hand in several tables"),
                format!("超过 {LINES} 个答案：请分成几张表"),
            );
            self.wrong(line, Text::new(en, zh));
            return On::Never;
        }
        On::Next
    }

    fn heading(&mut self, line: u64, cells: &[String]) -> On {
        let Heading { columns, is_answer, wrong } = heading::heading(cells);
        for what in wrong {
            self.wrong(line, what);
        }
        let Some(columns) = columns else { return On::Never };
        for (_, id) in columns.questions() {
            self.sheet.questions.entry(id.clone()).or_default().insert(line);
        }
        self.columns = Some(columns);
        if is_answer { self.answered(line, cells) } else { On::Next }
    }

    fn keep(&mut self, line: Line) {
        let known = (line.learner.clone(), line.seed, line.question.clone());
        if let Some(before) = self.seen.get(&known) {
            let Line { learner, question, .. } = &line;
            let what = Text::new(
                format!("{learner} has answered {question} in line {before} already: keep one of them"),
                format!("{learner} 在第 {before} 行已经答过 {question}：只留一个"),
            );
            return self.wrong(line.line, what);
        }
        self.seen.insert(known, line.line);
        self.sheet.lines.push(line);
    }
}

/// A place in the table whose line is known: they are asked for from front to back.
struct Place<'a> {
    octets: &'a [u8],
    at: usize,
    line: u64,
}

impl Place<'_> {
    /// The line, from 1, of the record that begins there or behind the empty lines that do.
    fn line_of(&mut self, record: usize) -> u64 {
        while let Some(octet) = self.octets.get(self.at) {
            let ends = self.ends_line();
            if self.at >= record && !matches!(octet, b'\r' | b'\n') {
                break;
            }
            self.line += u64::from(ends);
            self.at += 1;
        }
        self.line
    }

    /// Whether the octet ends a line: a line feed, or a carriage return without one.
    fn ends_line(&self) -> bool {
        match self.octets.get(self.at) {
            Some(b'\n') => true,
            Some(b'\r') => self.octets.get(self.at + 1) != Some(&b'\n'),
            Some(_) | None => false,
        }
    }

    /// Where the next line begins.
    fn behind_line(&self) -> usize {
        let rest = self.octets.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|octet| matches!(octet, b'\r' | b'\n'));
        self.at + end.map_or(rest.len(), |end| end + 1)
    }
}

/// The cells of a line as text, without the spaces around them.
fn cells(record: &ByteRecord) -> Result<Vec<String>, (Text, On)> {
    if let Some(place) =
        record.iter().position(|cell| cell.iter().any(|octet| matches!(octet, b'\r' | b'\n')))
    {
        let at = place + 1;
        let what = Text::new(
            format!("cell {at} goes on in the next line: is a quotation mark left open?"),
            format!("第 {at} 格延续到下一行：是不是少了右引号？"),
        );
        return Err((what, On::Anew));
    }
    if record.len() > COLUMNS {
        let what = Text::new(
            format!("more than {COLUMNS} cells: hand in several tables"),
            format!("超过 {COLUMNS} 格：请分成几张表"),
        );
        return Err((what, On::Next));
    }
    let mut cells = Vec::with_capacity(record.len());
    for (place, cell) in record.iter().enumerate() {
        let at = place + 1;
        if cell.len() > CELL {
            let what = Text::new(
                format!("cell {at} is too long: at most {CELL} octets"),
                format!("第 {at} 格太长：最多 {CELL} 字节"),
            );
            return Err((what, On::Next));
        }
        let text = std::str::from_utf8(cell).map_err(|_| {
            let what = Text::new(
                format!("cell {at} is not UTF-8: save the table as “CSV UTF-8”"),
                format!("第 {at} 格不是 UTF-8：保存时请选“CSV UTF-8”"),
            );
            (what, On::Next)
        })?;
        cells.push(text.trim_start_matches('\u{feff}').trim().to_owned());
    }
    Ok(cells)
}
