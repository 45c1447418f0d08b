//! `explain`: what a term, an errno, a flag, a state means, and which lessons show it.

use super::args::ExplainArgs;
use super::explain_page::page;
use super::load::mistakes;
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use crate::glossary::{Entry, Found, Glossary, Rfc, RfcQuery, Shown, Source, Topic, fold, glossary, sources};
use crate::scenario::nearest;
use crate::view::join;
use serde::Serialize;

/// Explains it.
pub fn explain(arguments: &ExplainArgs, settings: &Settings) -> Result<Exit, Failure> {
    let glossary = glossary();
    let asked = arguments.term.join(" ");
    if arguments.topic.is_none()
        && let Some(claim) = crate::claims::find(&asked)
    {
        return super::claims::explain(claim, arguments.json, settings);
    }
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
    let lines = page(&answer, &settings.look, &lessons);
    out::print(lang, &join(&lines, &settings.look))?;
    Ok(Exit::Fine)
}

/// What is to be told.
pub(super) enum Answer {
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
            // A number that is nothing else may be a document's.
            Found::Nothing => match RfcQuery::parse(&format!("rfc {asked}")) {
                Some(query) if glossary.rfc(query.number).is_some() => {
                    Answer::document(glossary, query, settings)
                }
                _ => Err(unknown(glossary, asked, settings)),
            },
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
            None => {
                let topics: Vec<&str> = glossary.topics.iter().map(|topic| topic.name.as_str()).collect();
                Err(super::list::no_such_topic(name, &topics, settings))
            }
        }
    }

    pub(super) fn everything(glossary: &'static Glossary) -> Answer {
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

/// Nothing has that name.
fn unknown(glossary: &Glossary, asked: &str, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let known: Vec<(String, &str, &Entry)> = glossary
        .entries
        .iter()
        .flat_map(|entry| entry.own_names().map(move |name| (fold(name), name, entry)))
        .collect();
    let mut near: Vec<(&str, &Entry)> = Vec::new();
    for folded in nearest(&fold(asked), known.iter().map(|(folded, _, _)| folded.as_str())) {
        let found = known.iter().find(|(name, _, _)| name == folded).map(|(_, name, entry)| (*name, *entry));
        near.extend(found.filter(|(_, entry)| near.iter().all(|(_, other)| other.key() != entry.key())));
    }
    let names: Vec<&str> = near.into_iter().map(|(name, _)| name).collect();
    let shown = settings.look.fit(asked, 40);
    let mut text = lang
        .pick(format!("error: the glossary does not have “{shown}”"), format!("错误：词汇表里没有“{shown}”"));
    if !names.is_empty() {
        let names = names.join(lang.pick(", ", "、"));
        text.push_str(&lang.pick(format!("; near to it: {names}"), format!("；相近的有：{names}")));
    }
    text.push_str(lang.pick("\n`wirewalk explain` lists all terms\n", "\n`wirewalk explain` 列出全部词条\n"));
    Failure::Usage(text)
}

/// Nothing in the glossary rests on that document or section.
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
    let others = match known {
        true => sections_of(glossary, number),
        false => nearest(&number.to_string(), numbers.iter().map(String::as_str)),
    };
    if !others.is_empty() {
        let others = others.join(lang.pick(", ", "、"));
        text.push_str(&lang.pick(format!("; there are: {others}"), format!("；有：{others}")));
    }
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
