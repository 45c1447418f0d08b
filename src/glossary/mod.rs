//! The glossary: what a word of networking means, what a learner sees of it, what is usually believed of it, and which
//! lessons show it. The entries are data (`entries/*.toml`, one file for each topic); this room finds and ranks them.

mod entry;
mod lookup;
mod rfc;
mod shown;

pub use entry::{Entry, Number, Topic};
pub use lookup::{Found, fold};
pub use rfc::{Rfc, RfcQuery};
pub use shown::{Shown, Source, sources};

use crate::lang::Lang;
use std::sync::OnceLock;

/// The files of the entries, in the order of the topics.
const FILES: &[&str] = &[
    include_str!("entries/states.toml"),
    include_str!("entries/flags.toml"),
    include_str!("entries/connection.toml"),
    include_str!("entries/queues.toml"),
    include_str!("entries/reliability.toml"),
    include_str!("entries/timers.toml"),
    include_str!("entries/congestion.toml"),
    include_str!("entries/tcp-header.toml"),
    include_str!("entries/tcp-options.toml"),
    include_str!("entries/udp.toml"),
    include_str!("entries/ip.toml"),
    include_str!("entries/ipv6.toml"),
    include_str!("entries/icmp.toml"),
    include_str!("entries/link.toml"),
    include_str!("entries/network.toml"),
    include_str!("entries/applications.toml"),
    include_str!("entries/calls.toml"),
    include_str!("entries/socket-options.toml"),
    include_str!("entries/errors.toml"),
    include_str!("entries/local.toml"),
    include_str!("entries/python.toml"),
    include_str!("entries/settings.toml"),
    include_str!("entries/tools.toml"),
];

/// The whole glossary.
#[derive(Clone, Debug)]
pub struct Glossary {
    /// The topics in their order.
    pub topics: Vec<Topic>,
    /// The entries: topic after topic, within a topic in the order in which they build on each other.
    pub entries: Vec<Entry>,
    /// The documents that entries cite, by number.
    pub rfcs: Vec<Rfc>,
}

/// The glossary, read once.
///
/// # Panics
/// Never: a test holds that the embedded files can be read.
pub fn glossary() -> &'static Glossary {
    static GLOSSARY: OnceLock<Glossary> = OnceLock::new();
    GLOSSARY.get_or_init(|| match read() {
        Ok(glossary) => glossary,
        Err(error) => unreachable!("the embedded glossary: {error}"),
    })
}

fn read() -> Result<Glossary, String> {
    let mut glossary = Glossary { topics: Vec::new(), entries: Vec::new(), rfcs: rfc::read()? };
    for text in FILES {
        let (topic, entries) = entry::read(text)?;
        glossary.topics.push(topic);
        glossary.entries.extend(entries);
    }
    Ok(glossary)
}

impl Glossary {
    /// The entries of a topic, in their order.
    pub fn of_topic<'g>(&'g self, topic: &'g str) -> impl Iterator<Item = &'g Entry> {
        self.entries.iter().filter(move |entry| entry.topic == topic)
    }

    /// The entry with that name, if one entry alone is meant by it.
    pub fn named(&self, name: &str) -> Option<&Entry> {
        match self.find(name) {
            Found::One(entry, _) => Some(entry),
            Found::Nothing | Found::Several(_) => None,
        }
    }

    /// Every name, to look for what somebody may have meant.
    pub fn all_names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().flat_map(|entry| entry.own_names().chain(entry.also.iter().map(String::as_str)))
    }

    /// The topic of that name.
    pub fn topic(&self, name: &str) -> Option<&Topic> {
        let wanted = fold(name);
        self.topics.iter().find(|topic| {
            [topic.name.as_str(), topic.title.get(Lang::En), topic.title.get(Lang::Zh)]
                .iter()
                .any(|known| fold(known) == wanted)
        })
    }
}
