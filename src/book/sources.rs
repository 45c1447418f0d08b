//! The chapters as written, with what they include.

use crate::lang::Lang;
use rust_embed::Embed;
use std::borrow::Cow;

/// The documents; the book's own folder has the chapters. A debug build reads them anew each time.
#[derive(Embed)]
#[folder = "docs/"]
#[include = "*.md"]
#[include = "book/*/src/*.md"]
#[include = "book/*/src/*/*.md"]
struct Documents;

/// A document that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}: no such document")]
pub struct Lost(pub String);

/// What stands before and behind the path of an included document.
const INCLUDE: [&str; 2] = ["{{#include ", "}}"];

/// A chapter of the book in that language, by its path below `src/`, with what it includes in its place.
///
/// An include is mdBook's: `{{#include ../../../json.md}}`, alone on its line; `../../../conformance.md:5:` leaves out
/// what stands before line 5.
///
/// # Errors
/// The chapter, or what it includes, is not there.
pub fn chapter(lang: Lang, path: &str) -> Result<String, Lost> {
    let place = format!("book/{}/src/{path}", lang);
    let text = document(&place)?;
    let mut made = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let wanted = line.trim_end().strip_prefix(INCLUDE[0]).and_then(|rest| rest.strip_suffix(INCLUDE[1]));
        match wanted {
            Some(wanted) => made.push_str(&included(&place, wanted)?),
            None => made.push_str(line),
        }
    }
    Ok(made)
}

/// What an include stands for.
fn included(from: &str, wanted: &str) -> Result<String, Lost> {
    let (path, first) = match wanted.split_once(':') {
        Some((path, lines)) => (path, lines.trim_end_matches(':').parse().unwrap_or(1)),
        None => (wanted, 1usize),
    };
    let text = document(&joined(from, path))?;
    let mut made: String = text.split_inclusive('\n').skip(first.saturating_sub(1)).collect();
    if !made.ends_with('\n') {
        made.push('\n');
    }
    Ok(made)
}

/// The place that a relative path leads to, from the document at `from`.
fn joined(from: &str, path: &str) -> String {
    let mut place: Vec<&str> = from.split('/').collect();
    place.pop();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                place.pop();
            }
            part => place.push(part),
        }
    }
    place.join("/")
}

/// A document below `docs/`.
fn document(place: &str) -> Result<String, Lost> {
    let file = Documents::get(place).ok_or_else(|| Lost(place.to_owned()))?;
    Ok(match file.data {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_followed_from_the_document_that_names_it() {
        assert_eq!(joined("book/en/src/json.md", "../../../json.md"), "json.md");
        assert_eq!(joined("lessons/udp.md", "../glossary.md"), "glossary.md");
        assert_eq!(joined("a.md", "./b.md"), "b.md");
    }

    #[test]
    fn an_include_brings_the_document_from_that_line_on() {
        let whole = document("conformance.md").unwrap();
        let from_fifth = included("book/en/src/conformance.md", "../../../conformance.md:5:").unwrap();
        assert!(whole.ends_with(&from_fifth) && whole.lines().nth(4) == from_fifth.lines().next());
        let lost = included("book/en/src/x.md", "../nothing.md").unwrap_err();
        assert_eq!(lost.to_string(), "book/en/nothing.md: no such document");
    }
}
