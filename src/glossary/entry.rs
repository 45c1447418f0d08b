//! An entry, and how a file of them is read.

use crate::lang::{Lang, Text};
use serde::{Deserialize, Serialize};

/// A topic of the glossary.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Topic {
    /// Its name on the command line.
    pub name: String,
    /// Its words.
    pub title: Text,
}

/// A number that stands for a term: an errno, a port, an option's kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Number {
    /// Of what kind, such as `errno`, `port`, `TCP option`.
    pub kind: String,
    /// As people write it: `104`, `0x0800`, `3/4`.
    pub value: String,
}

/// What the glossary says of one term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// How every language writes it, if it is a constant, a call or a protocol: `ECONNRESET`, `bind()`, `TCP`.
    pub symbol: Option<String>,
    /// The term.
    pub term: Text,
    /// The topic it belongs to.
    pub topic: String,
    /// Other names that no other term has, of both languages.
    pub names: Vec<String>,
    /// Names that it shares with other terms.
    pub also: Vec<String>,
    /// Numbers that stand for it.
    pub numbers: Vec<Number>,
    /// What it is, what a learner sees of it, what is wrongly believed of it.
    pub says: Text,
    /// Sections of RFCs, manual pages, kernel settings, standards.
    pub cites: Vec<String>,
    /// Terms to read next.
    pub related: Vec<String>,
    /// The fields of a frame (`tcp.ack`) that it explains.
    pub fields: Vec<String>,
    /// The words by which lessons that show it are found, if its names are too common for that.
    #[serde(skip)]
    pub seek: Option<Vec<String>>,
}

impl Entry {
    /// How the entry is referred to: its symbol, else the English term.
    pub fn key(&self) -> &str {
        self.symbol.as_deref().unwrap_or(&self.term.en)
    }

    /// How it is called in that language.
    pub fn title(&self, lang: Lang) -> &str {
        self.symbol.as_deref().unwrap_or_else(|| self.term.get(lang))
    }

    /// The names that no other entry has: symbol, terms, names.
    pub fn own_names(&self) -> impl Iterator<Item = &str> {
        let terms = [self.term.en.as_str(), self.term.zh.as_str()];
        let symbol = self.symbol.as_deref().into_iter();
        symbol.chain(terms).chain(self.names.iter().map(String::as_str))
    }

    /// Its first sentence in that language.
    pub fn first_sentence(&self, lang: Lang) -> &str {
        let text = self.says.get(lang);
        let end = match lang {
            Lang::En => text.find(". ").map(|at| at + 1),
            Lang::Zh => text.find('。').map(|at| at + '。'.len_utf8()),
        };
        &text[..end.unwrap_or(text.len())]
    }
}

/// A file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    topic: Topic,
    entry: Vec<Written>,
}

/// An entry as it is written: both texts stand under their language's name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    symbol: Option<String>,
    term: Text,
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    numbers: Vec<String>,
    en: String,
    zh: String,
    cites: Vec<String>,
    related: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    seek: Option<Vec<String>>,
}

/// Reads a file of entries.
pub(super) fn read(text: &str) -> Result<(Topic, Vec<Entry>), String> {
    let file: File = toml::from_str(text).map_err(|error| error.to_string())?;
    let topic = &file.topic.name;
    let entries = file.entry.into_iter().map(|written| finished(written, topic)).collect::<Result<_, _>>()?;
    Ok((file.topic, entries))
}

fn finished(written: Written, topic: &str) -> Result<Entry, String> {
    let number = |text: String| match text.rsplit_once(' ') {
        Some((kind, value)) => Ok(Number { kind: kind.to_owned(), value: value.to_owned() }),
        None => Err(format!("“{text}” is no number of a kind")),
    };
    Ok(Entry {
        symbol: written.symbol,
        term: written.term,
        topic: topic.to_owned(),
        names: written.names,
        also: written.also,
        numbers: written.numbers.into_iter().map(number).collect::<Result<_, _>>()?,
        says: Text::new(written.en.trim(), written.zh.trim()),
        cites: written.cites,
        related: written.related,
        fields: written.fields,
        seek: written.seek,
    })
}
