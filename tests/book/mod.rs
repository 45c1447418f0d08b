//! The book: both languages have the same chapters, each is whole, everything it shows is what the program makes, every
//! link leads somewhere, and mdBook builds it.

mod blocks;
mod links;
mod written;

use std::path::{Path, PathBuf};
use wirewalk::book::{self, Chapter, Entry};
use wirewalk::lang::Lang;

pub const BOTH: [Lang; 2] = [Lang::En, Lang::Zh];

/// The crate's folder.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Where the chapters of that language lie.
pub fn folder(lang: Lang) -> PathBuf {
    root().join(format!("docs/book/{lang}/src"))
}

/// Every file below a folder that ends so, relative to it, in order.
pub fn files(folder: &Path, ending: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for entry in std::fs::read_dir(inner).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|found| found == ending) {
                found.push(path.strip_prefix(folder).unwrap().display().to_string());
            }
        }
    }
    found.sort();
    found
}

#[test]
fn both_books_have_the_same_chapters_in_the_same_order() {
    let shape = |lang| -> Vec<Option<(String, usize)>> {
        let shape = |entry| match entry {
            Entry::Part(_) => None,
            Entry::Chapter(Chapter { path, depth, .. }) => Some((path, depth)),
        };
        book::summary(lang).unwrap().into_iter().map(shape).collect()
    };
    assert_eq!(shape(Lang::En), shape(Lang::Zh));
    for lang in BOTH {
        let mut listed: Vec<String> =
            book::chapters(lang).unwrap().into_iter().map(|chapter| chapter.path).collect();
        listed.push("SUMMARY.md".to_owned());
        listed.sort();
        assert_eq!(
            files(&folder(lang), "md"),
            listed,
            "{lang}: a chapter that is not in SUMMARY.md, or lies nowhere"
        );
    }
}

/// Headings of a chapter, by their depth.
fn headings(text: &str) -> Vec<usize> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        fenced ^= line.starts_with("```");
        let depth = line.chars().take_while(|c| *c == '#').count();
        if !fenced && depth > 0 && line[depth..].starts_with(' ') {
            found.push(depth);
        }
    }
    found
}

#[test]
fn every_chapter_is_whole_in_both_languages() {
    for chapter in book::chapters(Lang::En).unwrap() {
        let [en, zh] = BOTH.map(|lang| book::chapter(lang, &chapter.path).unwrap());
        assert_eq!(headings(&en), headings(&zh), "{}: other headings", chapter.path);
        assert_eq!(headings(&en).first(), Some(&1), "{}: begins with its title", chapter.path);
        let words = en.split_whitespace().count();
        assert!(words >= 150, "{}: {words} words are no chapter", chapter.path);
        let chinese = zh.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count();
        assert!(chinese >= 150, "{}: {chinese} Chinese characters are no chapter", chapter.path);
        for unfinished in ["TODO", "FIXME", "TBD", "待补"] {
            assert!(!en.contains(unfinished) && !zh.contains(unfinished), "{}: {unfinished}", chapter.path);
        }
    }
}

/// Rank and room of each row of the chapter on the architecture.
fn rooms(text: &str) -> Vec<String> {
    let rows = text.lines().filter(|line| line.starts_with("| ") && line.contains("/` |"));
    rows.map(|row| row.split('|').take(3).collect::<String>()).collect()
}

#[test]
fn both_books_know_the_same_rooms() {
    let [en, zh] = BOTH.map(|lang| rooms(&book::chapter(lang, "architecture.md").unwrap()));
    assert!(en.len() > 25, "{en:?}");
    assert_eq!(en, zh);
}
