//! A numbered paper, and its key.

use super::item::Item;
use super::{html, markdown};
use crate::lang::{Lang, Text};

/// The questions of one lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Chapter {
    /// The lesson's name.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// Its hosts, programs and knobs, line by line, in the paper's language.
    pub setting: Vec<String>,
    /// The questions.
    pub items: Vec<Item>,
}

/// A paper.
#[derive(Clone, Debug, PartialEq)]
pub struct Paper {
    /// The seed that drew it.
    pub seed: u64,
    /// Its language.
    pub lang: Lang,
    /// The program's version.
    pub version: String,
    /// The command that makes it again.
    pub command: String,
    /// Its questions, by lesson.
    pub chapters: Vec<Chapter>,
}

/// How a paper or a key is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Markdown.
    Markdown,
    /// One HTML file that needs no network.
    Html,
}

impl Chapter {
    /// The frames that a reader of the paper may see: those before the first of its questions, as any later one would give
    /// answers away.
    pub fn so_far(&self) -> &[String] {
        const LINES: usize = 12;
        let shortest = self.items.iter().map(|item| &item.so_far).min_by_key(|lines| lines.len());
        let lines = shortest.map_or(&[][..], Vec::as_slice);
        &lines[lines.len().saturating_sub(LINES)..]
    }
}

impl Paper {
    /// How many questions it has.
    pub fn count(&self) -> usize {
        self.chapters.iter().map(|chapter| chapter.items.len()).sum()
    }

    /// The chapters, each with the number of its first question.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (usize, &Chapter)> {
        let mut next = 1;
        self.chapters.iter().map(move |chapter| {
            let first = next;
            next += chapter.items.len();
            (first, chapter)
        })
    }

    /// The paper.
    pub fn sheet(&self, format: Format) -> String {
        match format {
            Format::Markdown => markdown::sheet(self),
            Format::Html => html::sheet(self),
        }
    }

    /// Its key.
    pub fn key(&self, format: Format) -> String {
        match format {
            Format::Markdown => markdown::key(self),
            Format::Html => html::key(self),
        }
    }

    /// Its key as a table of answers, as a learner would hand it in who knows everything.
    pub fn key_table(&self) -> Vec<u8> {
        let mut table = csv::Writer::from_writer(Vec::new());
        let learner = self.lang.pick("key", "参考答案");
        let header =
            self.lang.pick(["learner", "seed", "question", "answer"], ["学生", "种子", "题号", "答案"]);
        // Writing into memory fails never.
        let _ = table.write_record(header);
        for item in self.chapters.iter().flat_map(|chapter| &chapter.items) {
            let right = item.solved.right();
            let _ = table.write_record([learner, &self.seed.to_string(), &item.id, right.get(self.lang)]);
        }
        table.into_inner().unwrap_or_default()
    }
}
