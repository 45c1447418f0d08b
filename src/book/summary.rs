//! The table of contents: mdBook's `SUMMARY.md`.

use super::sources::{Lost, chapter};
use crate::lang::Lang;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

/// A line of the table of contents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// The title of a part.
    Part(String),
    /// A chapter.
    Chapter(Chapter),
}

/// A chapter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chapter {
    /// Its path below `src/`, such as `lessons/udp.md`.
    pub path: String,
    /// Its title in the table of contents.
    pub title: String,
    /// How deep it stands: 0 before and behind the numbered chapters, 1 for those, 2 below one of them.
    pub depth: usize,
}

/// The table of contents of the book in that language.
///
/// # Errors
/// `SUMMARY.md` is not there.
pub fn summary(lang: Lang) -> Result<Vec<Entry>, Lost> {
    Ok(parse(&chapter(lang, "SUMMARY.md")?))
}

/// The chapters alone, in their order.
///
/// # Errors
/// `SUMMARY.md` is not there.
pub fn chapters(lang: Lang) -> Result<Vec<Chapter>, Lost> {
    let chapters = summary(lang)?.into_iter().filter_map(|entry| match entry {
        Entry::Chapter(chapter) => Some(chapter),
        Entry::Part(_) => None,
    });
    Ok(chapters.collect())
}

fn parse(text: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let (mut depth, mut words, mut path) = (0, String::new(), String::new());
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::List(_)) => depth += 1,
            Event::End(TagEnd::List(_)) => depth -= 1,
            Event::Start(Tag::Heading { .. }) => words.clear(),
            Event::End(TagEnd::Heading(_)) => entries.push(Entry::Part(words.clone())),
            Event::Start(Tag::Link { dest_url, .. }) => {
                words.clear();
                path = dest_url.into_string();
            }
            Event::End(TagEnd::Link) => {
                let (path, title) = (std::mem::take(&mut path), words.clone());
                entries.push(Entry::Chapter(Chapter { path, title, depth }));
            }
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            _ => {}
        }
    }
    // The first heading is the title of the list itself.
    if matches!(entries.first(), Some(Entry::Part(_))) {
        entries.remove(0);
    }
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_chapters_are_found_with_their_depth() {
        let found = parse(
            "# Summary\n\n[Before](a.md)\n\n# Part\n\n- [One](b.md)\n  - [Two `x`](c/d.md)\n- [Three](e.md)\n",
        );
        let chapter = |path: &str, title: &str, depth| {
            Entry::Chapter(Chapter { path: path.into(), title: title.into(), depth })
        };
        let wanted = [
            chapter("a.md", "Before", 0),
            Entry::Part("Part".into()),
            chapter("b.md", "One", 1),
            chapter("c/d.md", "Two x", 2),
            chapter("e.md", "Three", 1),
        ];
        assert_eq!(found, wanted);
    }
}
