//! Which lessons show a term: found from the lessons themselves, never written down.
//!
//! A lesson shows a term when one of the term's names stands in its title, its text, its programs and expectations, or when
//! it rests on the very section that defines the term. What weighs most comes first; lessons of the same weight stay in the
//! catalogue's order.

use super::Entry;
use crate::lang::Text;
use crate::scenario::{self, Diagnostic};

/// At most so many lessons are named.
const MOST: usize = 5;
/// A name in the title, or the lesson's own name.
const TITLE: u32 = 12;
/// A section that both cite.
const SECTION: u32 = 4;
/// A name in the programs or expectations; doubled where it stands there often.
const BODY: u32 = 3;
/// From so many times on it stands there often.
const OFTEN: usize = 3;
/// A paragraph of the text with the name in it; at most three count.
const PARAGRAPH: u32 = 2;
/// Below this a lesson only touches the term.
const LEAST: u32 = 3;

/// A lesson as far as terms are looked for in it.
#[derive(Clone, Debug)]
pub struct Source {
    /// The scenario's name.
    pub name: &'static str,
    /// Its title.
    pub title: Text,
    /// Its text.
    pub text: Text,
    /// Programs, expectations and all else of its file that is not text.
    pub body: String,
    /// The sections it rests on.
    pub cites: Vec<String>,
}

/// A lesson that shows a term.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Shown {
    /// The scenario's name.
    pub name: &'static str,
    /// Its title.
    pub title: Text,
}

/// The built-in lessons, in the catalogue's order.
///
/// # Errors
/// A scenario has mistakes; tests hold that none has.
pub fn sources() -> Result<Vec<Source>, Vec<Diagnostic>> {
    let catalog = scenario::catalog()?;
    let source = |lesson: scenario::Lesson| {
        let file = scenario::find(lesson.name).map_or("", |builtin| builtin.text);
        let mut cites = lesson.cites;
        let quoted = file.lines().filter_map(|line| line.strip_prefix("cite = \"")?.split('"').next());
        cites.extend(quoted.map(str::to_owned));
        Source { name: lesson.name, title: lesson.title, text: lesson.lesson, body: body(file), cites }
    };
    Ok(catalog.scenarios.into_iter().map(source).collect())
}

/// The lines of a scenario's file after its text.
fn body(file: &str) -> String {
    let mut quotes = 0;
    let after_text = |line: &&str| {
        let inside = quotes < 4;
        quotes += line.matches("\"\"\"").count();
        !inside
    };
    let lesson = file.lines().skip_while(|line| *line != "[lesson]");
    // Titles of knobs and expectations are words for people; they weigh too little to be told apart.
    lesson.filter(after_text).collect::<Vec<_>>().join("\n")
}

impl Entry {
    /// The lessons that show it, those that show it best first.
    pub fn lessons(&self, sources: &[Source]) -> Vec<Shown> {
        let words: Vec<Word> = self.sought().map(Word::new).collect();
        let mut weighed: Vec<(u32, &Source)> =
            sources.iter().map(|source| (self.weight(&words, source), source)).collect();
        let best = weighed.iter().map(|(weight, _)| *weight).max().unwrap_or(0);
        weighed.retain(|(weight, _)| *weight >= LEAST.max(best / 5));
        weighed.sort_by_key(|(weight, _)| u32::MAX - weight);
        let shown = |(_, source): (u32, &Source)| Shown { name: source.name, title: source.title.clone() };
        weighed.into_iter().take(MOST).map(shown).collect()
    }

    /// The words by which it is looked for.
    fn sought(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.seek {
            Some(seek) => Box::new(seek.iter().map(String::as_str)),
            // Flags in one or two letters stand in every program and drawing.
            None => Box::new(
                self.own_names().filter(|name| name.len() > 2 || Some(*name) == self.symbol.as_deref()),
            ),
        }
    }

    fn weight(&self, words: &[Word], source: &Source) -> u32 {
        let any = |text: &str| words.iter().any(|word| word.times(text) > 0);
        let name = source.name.replace('-', " ");
        let mut weight = 0;
        if any(&source.title.en) || any(&source.title.zh) || any(&name) || any(source.name) {
            weight += TITLE;
        }
        let paragraphs = |text: &str| text.split("\n\n").filter(|paragraph| any(paragraph)).count();
        let told = paragraphs(&source.text.en).max(paragraphs(&source.text.zh)).min(3);
        weight += PARAGRAPH * u32::try_from(told).unwrap_or(0);
        match words.iter().map(|word| word.times(&source.body)).sum::<usize>() {
            0 => {}
            1..OFTEN => weight += BODY,
            _ => weight += 2 * BODY,
        }
        // A section by itself is a sign for what has no word of its own, such as a field of a header; a whole document
        // speaks of too much.
        let wordless = words.is_empty() || !self.fields.is_empty();
        let section = |cite: &str| super::rfc::parts(cite).is_some_and(|(_, section)| !section.is_empty());
        let rests = |cite: &String| source.cites.contains(cite) && (weight > 0 || wordless && section(cite));
        weight + if self.cites.iter().any(rests) { SECTION } else { 0 }
    }
}

/// A word that is looked for.
struct Word {
    text: String,
    kind: Kind,
}

/// How it is compared.
#[derive(PartialEq)]
enum Kind {
    /// Chinese: wherever it stands.
    Chinese,
    /// A constant, a state, a flag: in its own case, `_` and `-` alike.
    Constant,
    /// A call: with its bracket.
    Call,
    /// A plain word or phrase: in any case, in the plural too.
    Phrase,
}

impl Word {
    fn new(name: &str) -> Word {
        let kind = if !name.is_ascii() {
            Kind::Chinese
        } else if name.ends_with("()") {
            Kind::Call
        } else if name.contains(|c: char| c.is_ascii_lowercase()) {
            Kind::Phrase
        } else {
            Kind::Constant
        };
        let text = match kind {
            Kind::Chinese => name.to_owned(),
            Kind::Constant => name.replace('_', "-"),
            Kind::Call => name.trim_end_matches(')').to_owned(),
            Kind::Phrase => name.to_lowercase(),
        };
        Word { text, kind }
    }

    /// How often it stands in the text.
    fn times(&self, text: &str) -> usize {
        if self.text.is_empty() {
            return 0;
        }
        let text = match self.kind {
            Kind::Chinese | Kind::Call => text.to_owned(),
            Kind::Constant => text.replace('_', "-"),
            Kind::Phrase => text.to_lowercase(),
        };
        text.match_indices(&self.text).filter(|(at, _)| self.stands_alone(&text, *at)).count()
    }

    /// Whether what was found at that place is the whole word.
    fn stands_alone(&self, text: &str, at: usize) -> bool {
        if self.kind == Kind::Chinese {
            return true;
        }
        let joins = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        let before = text[..at].chars().next_back().is_some_and(joins);
        let rest = &text[at + self.text.len()..];
        let rest = rest.strip_prefix('s').unwrap_or(rest);
        let after = self.kind != Kind::Call && rest.chars().next().is_some_and(joins);
        !before && !after
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_found_whole_in_its_own_way() {
        let times = |word: &str, text: &str| Word::new(word).times(text);
        assert_eq!(times("SYN", "a SYN, two SYNs, a SYN-ACK and SYN-SENT, syn"), 2);
        assert_eq!(times("TIME-WAIT", "TIME_WAIT and TIME-WAIT"), 2);
        assert_eq!(times("bind()", "bind(s, *:80), rebind(x), to bind"), 1);
        assert_eq!(times("window", "Windows, a window. windowed"), 2);
        assert_eq!(times("半连接", "半连接队列里的半连接"), 2);
        assert_eq!(times("", "anything"), 0);
    }

    #[test]
    fn of_a_file_only_what_is_no_text_counts_as_its_body() {
        let file = "title = 1\n[lesson]\nen = \"\"\"\nabout FIN\n\"\"\"\nzh = \"\"\"\n讲 FIN\n\"\"\"\n[host.a]\nsend";
        assert_eq!(body(file), "[host.a]\nsend");
    }
}
