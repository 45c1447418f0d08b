//! Questions asked line by line, and graded at once.

use super::super::args::QuizArgs;
use super::super::out::{self, Exit, Failure};
use super::super::settings::Settings;
use super::super::{load, show};
use super::{Chosen, chosen};
use crate::lang::{Lang, Text};
use crate::quiz::{self, Item, Lesson};
use crate::report::{AnswerKind, Form, Grade};
use crate::view::{self, Ink, Line, Look, join};
use serde::Serialize;
use std::io::{self, BufRead, IsTerminal, Read};

/// Octets of an answer; what is longer is none.
const ANSWER: u64 = 4_096;

/// Frames shown before a question.
const FRAMES: usize = 6;

/// What became of a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Outcome {
    Right,
    Wrong,
    Skipped,
    Unasked,
}

/// A question that has been asked, or would have been.
struct Asked {
    lesson: String,
    title: Text,
    item: Item,
    answer: Option<String>,
    outcome: Outcome,
}

/// Asks.
pub fn ask(arguments: &QuizArgs, settings: &Settings) -> Result<Exit, Failure> {
    let Chosen { lessons, drawn } = chosen(arguments, settings)?;
    let total = drawn.iter().map(|drawn| drawn.numbers.len()).sum();
    let mut sitting = Sitting {
        look: settings.look.clone(),
        settings,
        terminal: io::stdin().is_terminal(),
        json: arguments.json,
        total,
        asked: Vec::new(),
        left: false,
    };
    let mut input = io::stdin().lock();
    for drawn in &drawn {
        let Some(lesson) = lessons.get(drawn.lesson) else { continue };
        // A document has all questions; who reads along has enough when they have left.
        if sitting.left && !arguments.json {
            break;
        }
        let items = quiz::items(lesson, &drawn.numbers, arguments.seed);
        let (items, unanswered) = items.map_err(|wrong| load::mistakes(&wrong, settings))?;
        for unanswered in unanswered {
            sitting.total -= 1;
            let (id, why) = (&unanswered.id, unanswered.why.get(settings.lang()));
            out::say(&settings.lang().pick(format!("{id}: {why}\n"), format!("{id}：{why}\n")));
        }
        sitting.lesson(lesson, items, &mut input)?;
    }
    sitting.end(arguments.seed)
}

/// A learner and the questions.
struct Sitting<'a> {
    look: Look,
    settings: &'a Settings,
    /// Whether somebody types at a terminal.
    terminal: bool,
    /// Whether the result is one document: then everything else goes to standard error.
    json: bool,
    total: usize,
    asked: Vec<Asked>,
    /// Whether the learner has left, or nothing more comes.
    left: bool,
}

impl Sitting<'_> {
    fn print(&self, text: &str) -> Result<(), Failure> {
        if self.json {
            out::say(text);
            return Ok(());
        }
        out::print(self.look.lang, text)
    }

    fn say(&self, lines: &[Line]) -> Result<(), Failure> {
        self.print(&join(lines, &self.look))
    }

    fn say_text(&self, ink: Ink, text: &str, indent: usize) -> Result<(), Failure> {
        let mut lines = Vec::new();
        for part in self.look.wrap(text, self.look.width - indent) {
            let mut line = Line::new();
            line.to(indent).push(&self.look, ink, &part);
            lines.push(line);
        }
        self.say(&lines)
    }

    /// The questions of one lesson.
    fn lesson(&mut self, lesson: &Lesson, items: Vec<Item>, input: &mut impl BufRead) -> Result<(), Failure> {
        if !self.left && !items.is_empty() {
            let mut line = Line::of(&self.look, Ink::Heading, lesson.title().get(self.look.lang));
            line.push(&self.look, Ink::Dim, &format!("  {}", lesson.name));
            self.say(&[line])?;
        }
        let mut told = 0;
        for item in items {
            let mut asked = Asked {
                lesson: lesson.name.clone(),
                title: lesson.title().clone(),
                item,
                answer: None,
                outcome: Outcome::Unasked,
            };
            if !self.left {
                told = self.show(&asked.item, told)?;
                self.question(lesson, &mut asked, input)?;
            }
            self.asked.push(asked);
        }
        Ok(())
    }

    /// What the learner may know, and the question; how many frames are told by then.
    fn show(&self, item: &Item, told: usize) -> Result<usize, Failure> {
        let look = &self.look;
        let mut lines = vec![Line::new()];
        let fresh = item.so_far.get(told..).unwrap_or_default();
        let left_out = fresh.len().saturating_sub(FRAMES);
        if left_out > 0 {
            let words = look.lang.pick(format!("({left_out} frames)"), format!("（{left_out} 帧）"));
            let mut line = Line::new();
            line.to(2).push(look, Ink::Dim, &words);
            lines.push(line);
        }
        for frame in fresh.iter().skip(left_out) {
            let mut line = Line::new();
            line.to(2).push_until(look, Ink::Plain, frame, look.width);
            lines.push(line);
        }
        self.say(&lines)?;
        let place = self.asked.len() + 1;
        let words = format!("{place}/{}  {}", self.total, item.ask.get(look.lang));
        self.say_text(Ink::Warn, &words, 0)?;
        self.say(&view::options(&item.solved.options(), look))?;
        Ok(item.so_far.len())
    }

    fn question(
        &mut self,
        lesson: &Lesson,
        asked: &mut Asked,
        input: &mut impl BufRead,
    ) -> Result<(), Failure> {
        loop {
            let prompt = self.look.lang.pick(
                "answer (? hosts and programs, Enter skips, q leaves) > ",
                "答案（? 看主机和程序，回车跳过，q 离开）> ",
            );
            self.print(prompt)?;
            let Some(typed) = line(input)? else {
                self.print("\n")?;
                self.left = true;
                return Ok(());
            };
            self.echo(&typed)?;
            match typed.trim() {
                "" => {
                    asked.outcome = Outcome::Skipped;
                    return Ok(());
                }
                "q" | "Q" => {
                    self.left = true;
                    return Ok(());
                }
                "?" | "？" => self.setting(lesson)?,
                answer => {
                    asked.answer = Some(answer.to_owned());
                    return self.grade(asked, answer);
                }
            }
        }
    }

    /// What a terminal shows while it is typed, a transcript has to be told.
    fn echo(&self, typed: &str) -> Result<(), Failure> {
        if self.terminal {
            return Ok(());
        }
        self.print(&format!("{}\n", self.look.clean(typed.trim_end())))
    }

    fn setting(&self, lesson: &Lesson) -> Result<(), Failure> {
        let plan = lesson.setup.plan().map_err(|wrong| load::mistakes(&wrong, self.settings))?;
        self.say(&show::setting(&plan, &lesson.name, self.settings))
    }

    fn grade(&self, asked: &mut Asked, answer: &str) -> Result<(), Failure> {
        let lang = self.look.lang;
        match asked.item.solved.grade(answer) {
            Grade::Right => {
                asked.outcome = Outcome::Right;
                self.say_text(Ink::Good, lang.pick("✓ right", "✓ 对了"), 0)
            }
            Grade::Wrong(right) => {
                asked.outcome = Outcome::Wrong;
                let right = right.get(lang);
                self.say_text(
                    Ink::Bad,
                    &lang.pick(format!("✗ it is {right}"), format!("✗ 应为 {right}")),
                    0,
                )?;
                self.prove(&asked.item)
            }
        }
    }

    /// The record that proves the right answer, and where to see it.
    fn prove(&self, item: &Item) -> Result<(), Failure> {
        let (lang, proof) = (self.look.lang, &item.proof);
        let told = proof.told(lang);
        if let Some(words) = proof.happened(lang) {
            self.say_text(Ink::Plain, &words, 2)?;
        }
        let why = match (told.why.as_str(), proof.cite.as_str()) {
            ("", cite) => cite.to_owned(),
            (why, "") => why.to_owned(),
            (why, cite) => lang.pick(format!("{why} ({cite})"), format!("{why}（{cite}）")),
        };
        if !why.is_empty() {
            self.say_text(Ink::Dim, &why, 4)?;
        }
        let command = &proof.command;
        let look = lang.pick(format!("look: {command}"), format!("查看：{command}"));
        self.say_text(Ink::Call, &look, 2)
    }

    /// The result.
    fn end(&self, seed: u64) -> Result<Exit, Failure> {
        let count = |wanted| self.asked.iter().filter(|asked| asked.outcome == wanted).count();
        let (right, wrong, skipped) = (count(Outcome::Right), count(Outcome::Wrong), count(Outcome::Skipped));
        let exit = if wrong == 0 { Exit::Fine } else { Exit::Failed };
        if self.json {
            let document = Document {
                schema: 1,
                seed,
                right,
                wrong,
                skipped,
                questions: self.asked.iter().map(Asked::document).collect(),
            };
            out::print(self.look.lang, &super::super::json(&document)?)?;
            return Ok(exit);
        }
        let lang: Lang = self.look.lang;
        let given = right + wrong;
        let mut words = match given {
            0 => lang.pick("no answers given", "没有作答").to_owned(),
            _ => lang.pick(format!("{right} of {given} answers right"), format!("{given} 题答对 {right} 题")),
        };
        if skipped > 0 {
            words.push_str(&lang.pick(format!(", {skipped} skipped"), format!("，跳过 {skipped} 题")));
        }
        self.say(&[Line::new()])?;
        self.say_text(Ink::Heading, &words, 0)?;
        Ok(exit)
    }
}

/// The next line, of which no more than a bounded part is kept; `None` at the end.
fn line(input: &mut impl BufRead) -> Result<Option<String>, Failure> {
    let failed = |error| Failure::io("stdin", error);
    let mut octets = Vec::new();
    let read = input.by_ref().take(ANSWER).read_until(b'\n', &mut octets).map_err(failed)?;
    if read == 0 {
        return Ok(None);
    }
    if octets.last() != Some(&b'\n') {
        // The rest of an endless line is let go by.
        loop {
            let buffer = input.fill_buf().map_err(failed)?;
            let end = buffer.iter().position(|octet| *octet == b'\n');
            let used = end.map_or(buffer.len(), |end| end + 1);
            let over = buffer.is_empty() || end.is_some();
            input.consume(used);
            if over {
                break;
            }
        }
    }
    Ok(Some(String::from_utf8_lossy(&octets).into_owned()))
}

/// The result as JSON.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    seed: u64,
    right: usize,
    wrong: usize,
    skipped: usize,
    questions: Vec<QuestionDocument<'a>>,
}

#[derive(Serialize)]
struct QuestionDocument<'a> {
    id: &'a str,
    lesson: &'a str,
    title: &'a Text,
    ask: &'a Text,
    kind: &'static str,
    options: Vec<OptionDocument>,
    answer: Option<&'a str>,
    outcome: Outcome,
    right: Text,
    proof: ProofDocument<'a>,
}

#[derive(Serialize)]
struct OptionDocument {
    letter: char,
    text: Text,
}

#[derive(Serialize)]
struct ProofDocument<'a> {
    record: Option<u32>,
    at_ns: Option<u64>,
    what: Text,
    why: Text,
    cite: &'a str,
    command: &'a str,
}

impl Asked {
    fn document(&self) -> QuestionDocument<'_> {
        let kind = match &self.item.solved.form {
            Form::Choice { .. } => "choice",
            Form::Order { .. } => "order",
            Form::Words { kind: AnswerKind::Word, .. } => "word",
            Form::Words { kind: AnswerKind::Number, .. } => "number",
            Form::Words { kind: AnswerKind::Flags, .. } => "flags",
            Form::Words { kind: AnswerKind::Time(_), .. } => "time",
        };
        let options = self.item.solved.options();
        let proof = &self.item.proof;
        QuestionDocument {
            id: &self.item.id,
            lesson: &self.lesson,
            title: &self.title,
            ask: &self.item.ask,
            kind,
            options: options.into_iter().map(|(letter, text)| OptionDocument { letter, text }).collect(),
            answer: self.answer.as_deref(),
            outcome: self.outcome,
            right: self.item.solved.right(),
            proof: ProofDocument {
                record: proof.record.map(|(record, _)| record.0),
                at_ns: proof.record.map(|(_, at)| at.as_nanos()),
                what: Text::new(proof.en.what.clone(), proof.zh.what.clone()),
                why: Text::new(proof.en.why.clone(), proof.zh.why.clone()),
                cite: &proof.cite,
                command: &proof.command,
            },
        }
    }
}
