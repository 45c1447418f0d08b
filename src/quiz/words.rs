//! The words of papers and keys.

use super::item::{Item, Proof};
use super::paper::Paper;
use crate::lang::Lang;

/// What a paper says beside its questions, in one language.
pub(super) struct Words<'a> {
    paper: &'a Paper,
    lang: Lang,
}

impl<'a> Words<'a> {
    pub(super) fn of(paper: &'a Paper) -> Words<'a> {
        Words { paper, lang: paper.lang }
    }

    pub(super) fn title(&self) -> &'static str {
        self.lang.pick("Questions on TCP and UDP", "TCP 与 UDP 练习题")
    }

    pub(super) fn key_title(&self) -> &'static str {
        self.lang.pick("Answer key", "参考答案")
    }

    /// The seed and how many questions there are.
    pub(super) fn facts(&self) -> String {
        let (seed, count) = (self.paper.seed, self.paper.count());
        self.lang.pick(format!("Seed {seed} · {count} questions"), format!("种子 {seed} · 共 {count} 题"))
    }

    /// Where the paper comes from.
    pub(super) fn origin(&self) -> String {
        let (version, command) = (&self.paper.version, &self.paper.command);
        self.lang.pick(format!("wirewalk {version}: {command}"), format!("wirewalk {version}：{command}"))
    }

    /// A word with a line to write on.
    pub(super) fn blank(&self, word: &str, cells: usize) -> String {
        let line = "_".repeat(cells);
        self.lang.pick(format!("{word}: {line}"), format!("{word}：{line}"))
    }

    pub(super) fn name(&self) -> &'static str {
        self.lang.pick("Name", "姓名")
    }

    pub(super) fn date(&self) -> &'static str {
        self.lang.pick("Date", "日期")
    }

    pub(super) fn answer(&self) -> &'static str {
        self.lang.pick("Answer", "答案")
    }

    /// How answers are handed in.
    pub(super) fn hand_in(&self) -> &'static str {
        self.lang.pick(
            "Hand in a table (CSV) with one line for each answer. Of a choice give the letter, of an order the letters one after the other; everything else in a word or a number. A time needs its unit unless it is in seconds.",
            "把答案交成一张表（CSV），每个答案一行。选择题写字母，排序题依次写出字母，其余写一个词或一个数。时间若不以秒为单位，要写单位。",
        )
    }

    /// What such a table looks like.
    pub(super) fn example(&self) -> String {
        let id = self.paper.chapters.iter().flat_map(|chapter| &chapter.items).next();
        let id = id.map_or("three-way-handshake/1", |item| item.id.as_str());
        let (header, learner) =
            self.lang.pick(("learner,seed,question,answer", "Anna"), ("学生,种子,题号,答案", "李明"));
        format!("{header}\n{learner},{},{id},…", self.paper.seed)
    }

    pub(super) fn so_far(&self) -> &'static str {
        self.lang.pick("So far on the wire:", "到此为止线路上的帧：")
    }

    pub(super) fn look(&self) -> &'static str {
        self.lang.pick("To see it:", "查看：")
    }

    /// The right answer in full.
    pub(super) fn right(&self, item: &Item) -> String {
        item.solved.right_in_full().get(self.lang).to_owned()
    }

    /// What proves it: the record, and why.
    pub(super) fn proof(&self, proof: &Proof) -> String {
        let lang = self.lang;
        let Some(mut words) = proof.happened(lang) else {
            return lang.pick("Run with it, the expectation fails.", "带上它运行，期望就会落空。").to_owned();
        };
        let told = proof.told(lang);
        if !told.why.is_empty() {
            words.push_str(&lang.pick(format!(" — {}", told.why), format!("——{}", told.why)));
        }
        if !proof.cite.is_empty() {
            words.push_str(&lang.pick(format!(" ({})", proof.cite), format!("（{}）", proof.cite)));
        }
        words
    }
}
