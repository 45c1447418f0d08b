//! `explain`: what a term, an errno, a flag, a state means, and which lessons show it.

use super::args::ExplainArgs;
use super::load::mistakes;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::glossary::{Entry, Found, Glossary, Rfc, RfcQuery, Shown, Source, Topic, fold, glossary, sources};
use crate::lang::Lang;
use crate::scenario::nearest;
use crate::view::{Ink, Line, Look, join};
use serde::Serialize;

/// Cells of the column in which sources, relatives and lessons are headed.
const HEADED: usize = 9;
/// The longest title in a list.
const TITLE: usize = 30;

/// Explains it.
pub fn explain(arguments: &ExplainArgs, settings: &Settings) -> Result<Exit, Failure> {
    let glossary = glossary();
    let asked = arguments.term.join(" ");
    let answer = match &arguments.topic {
        Some(name) => Answer::topic(glossary, name, settings)?,
        None if arguments.term.is_empty() => Answer::everything(glossary),
        None => match RfcQuery::parse(&asked) {
            Some(query) => Answer::document(glossary, query, settings)?,
            None => Answer::term(glossary, &asked, settings)?,
        },
    };
    let lessons = sources().map_err(|diagnostics| mistakes(&diagnostics, settings))?;
    let lang = settings.lang();
    if arguments.json {
        let asked = (!arguments.term.is_empty()).then_some(asked.as_str());
        out::print(lang, &super::json(&answer.as_json(asked, glossary, &lessons))?)?;
        return Ok(Exit::Fine);
    }
    let page = Page { look: &settings.look, glossary, lessons: &lessons, lines: Vec::new() };
    out::print(lang, &join(&page.write(&answer), &settings.look))?;
    Ok(Exit::Fine)
}

/// What is to be told.
enum Answer {
    /// One term; others share its name.
    Term(&'static Entry, Vec<&'static Entry>),
    /// A name with several meanings.
    Meanings(Vec<&'static Entry>),
    /// A document, and the terms that rest on it.
    Document(RfcQuery, &'static Rfc, Vec<&'static Entry>),
    /// A topic.
    Topic(&'static Topic, Vec<&'static Entry>),
    /// All terms.
    Everything(Vec<&'static Entry>),
}

impl Answer {
    fn term(glossary: &'static Glossary, asked: &str, settings: &Settings) -> Result<Answer, Failure> {
        match glossary.find(asked) {
            Found::One(entry, sharing) => Ok(Answer::Term(entry, sharing)),
            Found::Several(meanings) => Ok(Answer::Meanings(meanings)),
            Found::Nothing => Err(unknown(glossary, asked, settings)),
        }
    }

    fn document(
        glossary: &'static Glossary,
        query: RfcQuery,
        settings: &Settings,
    ) -> Result<Answer, Failure> {
        let resting = glossary.resting_on(&query);
        match (glossary.rfc(query.number), resting.is_empty()) {
            (Some(rfc), false) => Ok(Answer::Document(query, rfc, resting)),
            (rfc, _) => Err(no_such_document(glossary, &query, rfc.is_some(), settings)),
        }
    }

    fn topic(glossary: &'static Glossary, name: &str, settings: &Settings) -> Result<Answer, Failure> {
        match glossary.topic(name) {
            Some(topic) => Ok(Answer::Topic(topic, glossary.of_topic(&topic.name).collect())),
            None => Err(no_such_topic(glossary, name, settings)),
        }
    }

    fn everything(glossary: &'static Glossary) -> Answer {
        Answer::Everything(glossary.entries.iter().collect())
    }

    fn entries(&self) -> Vec<&'static Entry> {
        match self {
            Answer::Term(entry, _) => vec![entry],
            Answer::Meanings(entries)
            | Answer::Document(_, _, entries)
            | Answer::Topic(_, entries)
            | Answer::Everything(entries) => entries.clone(),
        }
    }

    fn as_json<'a>(&self, asked: Option<&'a str>, glossary: &Glossary, lessons: &[Source]) -> Document<'a> {
        let entries = self.entries();
        let told = |topic: &&Topic| entries.iter().any(|entry| entry.topic == topic.name);
        Document {
            schema: 1,
            query: asked,
            topics: glossary.topics.iter().filter(told).cloned().collect(),
            rfc: match self {
                Answer::Document(_, rfc, _) => Some((*rfc).clone()),
                _ => None,
            },
            entries: entries.iter().map(|entry| Item { entry, lessons: entry.lessons(lessons) }).collect(),
        }
    }
}

/// The document of `--json`.
#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    query: Option<&'a str>,
    topics: Vec<Topic>,
    rfc: Option<Rfc>,
    entries: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    #[serde(flatten)]
    entry: &'static Entry,
    lessons: Vec<Shown>,
}

/// The page as lines.
struct Page<'a> {
    look: &'a Look,
    glossary: &'static Glossary,
    lessons: &'a [Source],
    lines: Vec<Line>,
}

impl Page<'_> {
    fn write(mut self, answer: &Answer) -> Vec<Line> {
        match answer {
            Answer::Term(entry, sharing) => {
                self.term(entry);
                self.sharing(sharing);
            }
            Answer::Meanings(entries) => {
                self.heading(self.look.lang.pick("Several meanings", "有几个意思"));
                self.list(entries);
            }
            Answer::Document(query, rfc, entries) => self.document(query, rfc, entries),
            Answer::Topic(topic, entries) => {
                self.heading(topic.title.get(self.look.lang));
                self.list(entries);
            }
            Answer::Everything(_) => self.everything(),
        }
        self.lines
    }

    fn heading(&mut self, words: &str) {
        self.lines.push(Line::of(self.look, Ink::Heading, words));
    }

    fn text(&mut self, ink: Ink, text: &str, indent: usize) {
        for part in self.look.wrap(text, self.look.width - indent) {
            let mut line = Line::new();
            line.to(indent).push(self.look, ink, &part);
            self.lines.push(line);
        }
    }

    fn term(&mut self, entry: &Entry) {
        let look = self.look;
        self.title(entry);
        let names = names_in(entry, look.lang);
        if !names.is_empty() {
            let called = look.lang.pick("also: ", "又名：");
            self.text(Ink::Dim, &format!("{called}{}", names.join(look.lang.pick(", ", "、"))), 0);
        }
        self.lines.push(Line::new());
        self.text(Ink::Plain, entry.says.get(look.lang), 0);
        self.lines.push(Line::new());
        self.headed(look.lang.pick("rests on", "依据"), Ink::Plain, &entry.cites);
        let related = entry.related.iter().map(|name| self.title_of(name)).collect::<Vec<_>>();
        self.headed(look.lang.pick("see also", "参见"), Ink::Plain, &related);
        self.shown(entry);
    }

    /// Its symbol, what that means in this language, and in the other one; its numbers at the right.
    fn title(&mut self, entry: &Entry) {
        let look = self.look;
        let (own, other) = match look.lang {
            Lang::En => (&entry.term.en, &entry.term.zh),
            Lang::Zh => (&entry.term.zh, &entry.term.en),
        };
        let mut line = Line::new();
        if let Some(symbol) = entry.symbol.as_deref().filter(|symbol| symbol != own) {
            line.push(look, Ink::Heading, symbol).push(look, Ink::Plain, "  ");
            line.push(look, Ink::Plain, own);
        } else {
            line.push(look, Ink::Heading, own);
        }
        let mut said = vec![];
        if other != own {
            said.push(other.clone());
        }
        said.extend(
            entry.numbers.iter().map(|number| format!("{} {}", kind(&number.kind, look.lang), number.value)),
        );
        let said = said.join(" · ");
        // What does not fit beside the title goes below it.
        if line.width() + 2 + look.text_width(&said) <= look.width {
            line.push_right(look, Ink::Dim, &said, look.width);
            self.lines.push(line);
        } else {
            self.lines.push(line);
            self.text(Ink::Dim, &said, 0);
        }
    }

    fn title_of(&self, name: &str) -> String {
        self.glossary.named(name).map_or(name, |entry| entry.title(self.look.lang)).to_owned()
    }

    /// A row of things with its heading; broken between them only.
    fn headed(&mut self, heading: &str, ink: Ink, things: &[String]) {
        let look = self.look;
        let mut line = Line::new();
        line.push(look, Ink::Dim, heading).to(HEADED);
        let comma = look.lang.pick(", ", "、");
        for (at, thing) in things.iter().enumerate() {
            let last = at + 1 == things.len();
            let needed = look.text_width(thing) + if last { 0 } else { look.text_width(comma.trim_end()) };
            if line.width() > HEADED && line.width() + needed > look.width {
                self.lines.push(std::mem::take(&mut line));
                line.to(HEADED);
            }
            line.push_until(look, ink, thing, look.width);
            if !last {
                line.push(look, Ink::Plain, comma);
            }
        }
        self.lines.push(line);
    }

    fn shown(&mut self, entry: &Entry) {
        let look = self.look;
        let shown = entry.lessons(self.lessons);
        let width = shown.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
        for (at, lesson) in shown.iter().enumerate() {
            let mut line = Line::new();
            let heading = if at == 0 { look.lang.pick("lessons", "课程") } else { "" };
            line.push(look, Ink::Dim, heading).to(HEADED).push(look, Ink::Call, lesson.name);
            line.to(HEADED + width + 2);
            line.push_until(look, Ink::Plain, lesson.title.get(look.lang), look.width);
            self.lines.push(line);
        }
        if let Some(first) = shown.first() {
            self.lines.push(Line::new());
            self.lines.push(Line::of(look, Ink::Dim, &format!("wirewalk show {}", first.name)));
        }
    }

    fn sharing(&mut self, sharing: &[&Entry]) {
        if sharing.is_empty() {
            return;
        }
        self.lines.push(Line::new());
        self.heading(self.look.lang.pick("The word also stands for", "这个词还可以指"));
        self.list(sharing);
    }

    /// A line for each: its title and how it begins.
    fn list(&mut self, entries: &[&Entry]) {
        let look = self.look;
        let titles = entries.iter().map(|entry| look.text_width(entry.title(look.lang)));
        let width = titles.max().unwrap_or(0).min(TITLE);
        for entry in entries {
            let mut line = Line::new();
            line.to(2).push_until(look, Ink::Call, entry.title(look.lang), width + 2).to(width + 4);
            line.push_until(look, Ink::Plain, &gloss(entry, look.lang), look.width);
            self.lines.push(line);
        }
    }

    fn document(&mut self, query: &RfcQuery, rfc: &Rfc, entries: &[&Entry]) {
        let look = self.look;
        let mut line = Line::of(look, Ink::Heading, &format!("RFC {}", rfc.number));
        if let Some(section) = &query.section {
            let words = look.lang.pick(format!(" section {section}"), format!(" 第 {section} 节"));
            line.push(look, Ink::Heading, &words);
        }
        line.push_right(look, Ink::Dim, &rfc.year.to_string(), look.width);
        self.lines.push(line);
        self.text(Ink::Plain, rfc.title.get(look.lang), 0);
        self.lines.push(Line::new());
        self.heading(look.lang.pick("Terms that rest on it", "以它为依据的词条"));
        self.list(entries);
        let cited = |source: &&Source| source.cites.iter().any(|cite| query.covers(cite));
        let lessons: Vec<&Source> = self.lessons.iter().filter(cited).collect();
        if lessons.is_empty() {
            return;
        }
        self.lines.push(Line::new());
        self.heading(look.lang.pick("Lessons that rest on it", "以它为依据的课程"));
        let width = lessons.iter().map(|lesson| lesson.name.len()).max().unwrap_or(0);
        for lesson in lessons {
            let mut line = Line::new();
            line.to(2).push(look, Ink::Call, lesson.name).to(width + 4);
            line.push_until(look, Ink::Plain, lesson.title.get(look.lang), look.width);
            self.lines.push(line);
        }
    }

    /// All terms, by topic.
    fn everything(&mut self) {
        let look = self.look;
        let glossary = self.glossary;
        for topic in &glossary.topics {
            let words = topic.title.get(look.lang);
            let mut line = Line::of(look, Ink::Heading, words);
            line.push(look, Ink::Dim, &format!("  {}", topic.name));
            self.lines.push(line);
            let titles: Vec<String> =
                glossary.of_topic(&topic.name).map(|entry| entry.title(look.lang).to_owned()).collect();
            self.row(&titles);
            self.lines.push(Line::new());
        }
        let count = glossary.entries.len();
        self.text(
            Ink::Dim,
            &look.lang.pick(
                format!("{count} terms; `wirewalk explain TERM` explains one, `--topic T` lists a topic"),
                format!("共 {count} 个词条；wirewalk explain 词 解释一个，--topic 主题 列出一个主题"),
            ),
            0,
        );
    }

    /// Titles one behind the other, broken between them only.
    fn row(&mut self, titles: &[String]) {
        let look = self.look;
        let gap = "  ";
        let mut line = Line::new();
        line.to(2);
        for title in titles {
            if line.width() > 2 && line.width() + look.text_width(title) > look.width {
                self.lines.push(std::mem::take(&mut line));
                line.to(2);
            }
            line.push_until(look, Ink::Plain, title, look.width).push(look, Ink::Plain, gap);
        }
        self.lines.push(line);
    }
}

/// What a list says behind a title: what a symbol means, then how the entry begins.
fn gloss(entry: &Entry, lang: Lang) -> String {
    match entry.symbol {
        Some(_) => entry.term.get(lang).to_owned(),
        None => entry.first_sentence(lang).to_owned(),
    }
}

/// Its other names in that language; constants and abbreviations belong to both.
fn names_in(entry: &Entry, lang: Lang) -> Vec<&str> {
    let chinese = |name: &str| name.chars().any(|c| ('\u{2e80}'..='\u{9fff}').contains(&c));
    let plain_english = |name: &str| {
        let words = || name.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty());
        words().count() > 1 && words().any(|word| word.chars().all(|c| c.is_ascii_lowercase()))
            || words().all(|word| word.chars().all(|c| c.is_ascii_lowercase()))
                && !name.contains(['_', '(', '.', '/'])
    };
    let wanted = |name: &&str| match lang {
        Lang::En => !chinese(name),
        Lang::Zh => chinese(name) || !plain_english(name),
    };
    entry.names.iter().chain(&entry.also).map(String::as_str).filter(wanted).collect()
}

/// The kind of a number in that language.
fn kind(kind: &str, lang: Lang) -> &str {
    match (lang, kind) {
        (Lang::Zh, "port") => "端口",
        (Lang::Zh, "protocol") => "协议号",
        (Lang::Zh, "TCP option") => "TCP 选项",
        _ => kind,
    }
}

fn unknown(glossary: &Glossary, asked: &str, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let folded: Vec<(String, &Entry)> = glossary
        .entries
        .iter()
        .flat_map(|entry| entry.own_names().map(move |name| (fold(name), entry)))
        .collect();
    let near = nearest(&fold(asked), folded.iter().map(|(name, _)| name.as_str()));
    let mut titles: Vec<&str> = Vec::new();
    for name in near {
        let entry = folded.iter().find(|(known, _)| known == name).map(|(_, entry)| *entry);
        titles.extend(entry.map(|entry| entry.title(lang)).filter(|title| !titles.contains(title)));
    }
    let shown = settings.look.fit(asked, 40);
    let mut text = lang
        .pick(format!("error: the glossary does not have “{shown}”"), format!("错误：词汇表里没有“{shown}”"));
    if !titles.is_empty() {
        let names = titles.join(lang.pick(", ", "、"));
        text.push_str(&lang.pick(format!("; near to it: {names}"), format!("；相近的有：{names}")));
    }
    text.push_str(lang.pick("\n`wirewalk explain` lists all terms\n", "\nwirewalk explain 列出全部词条\n"));
    Failure::Usage(text)
}

fn no_such_document(glossary: &Glossary, query: &RfcQuery, known: bool, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let number = query.number;
    let section = query.section.as_deref().unwrap_or("");
    let mut text = match known {
        true => lang.pick(
            format!("error: no term of the glossary rests on RFC {number} {section}"),
            format!("错误：没有词条以 RFC {number} 第 {section} 节为依据"),
        ),
        false => lang.pick(
            format!("error: no term of the glossary rests on RFC {number}"),
            format!("错误：没有词条以 RFC {number} 为依据"),
        ),
    };
    let numbers: Vec<String> = glossary.rfcs.iter().map(|rfc| rfc.number.to_string()).collect();
    let sections: Vec<&str> = match known {
        true => sections_of(glossary, number),
        false => numbers.iter().map(String::as_str).collect(),
    };
    let list = sections.join(lang.pick(", ", "、"));
    text.push_str(&lang.pick(format!("; there are: {list}\n"), format!("；有：{list}\n")));
    let mut wrapped = settings.look.wrap(&text, settings.look.width).join("\n");
    wrapped.push('\n');
    Failure::Usage(wrapped)
}

/// The sections of that document that entries cite.
fn sections_of(glossary: &Glossary, number: u32) -> Vec<&str> {
    let prefix = format!("RFC {number} ");
    let cites = glossary.entries.iter().flat_map(|entry| &entry.cites);
    let mut sections: Vec<&str> = cites.filter_map(|cite| cite.strip_prefix(prefix.as_str())).collect();
    sections.sort_unstable();
    sections.dedup();
    sections
}

fn no_such_topic(glossary: &Glossary, topic: &str, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let names: Vec<&str> = glossary.topics.iter().map(|topic| topic.name.as_str()).collect();
    let near = nearest(topic, names.iter().copied());
    let known = if near.is_empty() { names.join(", ") } else { near.join(", ") };
    let text = lang.pick(
        format!("error: there is no topic “{topic}”; there is: {known}"),
        format!("错误：没有“{topic}”这个主题；有：{known}"),
    );
    let mut wrapped = settings.look.wrap(&text, settings.look.width).join("\n");
    wrapped.push('\n');
    Failure::Usage(wrapped)
}
