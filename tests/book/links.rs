//! Links and anchors: of the book, of the other documents, of the READMEs.

use super::{BOTH, files, folder, root};
use std::collections::BTreeMap;
use std::path::{Component, Path, PathBuf};
use wirewalk::book;

/// The documents of the repository by their paths, with the text that a reader of them sees.
fn documents() -> BTreeMap<PathBuf, String> {
    let mut found = BTreeMap::new();
    let mut paths: Vec<String> =
        files(&root().join("docs"), "md").into_iter().map(|p| format!("docs/{p}")).collect();
    paths.extend(["README.md", "README.zh.md", "CHANGELOG.md"].map(str::to_owned));
    for path in paths {
        let text = std::fs::read_to_string(root().join(&path)).unwrap();
        found.insert(PathBuf::from(path), text);
    }
    for lang in BOTH {
        for chapter in book::chapters(lang).unwrap() {
            let path = folder(lang).strip_prefix(root()).unwrap().join(&chapter.path);
            found.insert(path, book::chapter(lang, &chapter.path).unwrap());
        }
    }
    found
}

/// The place a relative link leads to.
fn followed(from: &Path, link: &str) -> PathBuf {
    let mut place: Vec<Component<'_>> = from.parent().unwrap().components().collect();
    for part in Path::new(link).components() {
        match part {
            Component::ParentDir => {
                place.pop();
            }
            Component::CurDir => {}
            part => place.push(part),
        }
    }
    place.iter().collect()
}

#[test]
fn every_link_and_every_anchor_leads_somewhere() {
    let documents = documents();
    let anchors: BTreeMap<&Path, Vec<String>> =
        documents.iter().map(|(path, text)| (path.as_path(), book::anchors(text).0)).collect();
    let mut broken = Vec::new();
    let mut followed_links = 0;
    for (path, text) in &documents {
        for link in book::anchors(text).1 {
            if link.starts_with("https://") || link.starts_with("http://") {
                continue;
            }
            followed_links += 1;
            let (target, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let place = if target.is_empty() { path.clone() } else { followed(path, target) };
            let known = anchors.get(place.as_path());
            let there = known.is_some() || root().join(&place).exists();
            let named = anchor.is_empty() || known.is_some_and(|ids| ids.iter().any(|id| id == anchor));
            if !there || !named {
                broken.push(format!("{}: {link}", path.display()));
            }
        }
    }
    assert!(followed_links > 1000, "only {followed_links} links found");
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A chapter is read as a page of the built book, where only the book's own files lie.
#[test]
fn no_chapter_links_to_what_is_not_in_the_book() {
    let documents = documents();
    let mut outside = Vec::new();
    for lang in BOTH {
        let book = folder(lang).strip_prefix(root()).unwrap().to_owned();
        for chapter in book::chapters(lang).unwrap() {
            let path = book.join(&chapter.path);
            for link in book::anchors(&documents[&path]).1 {
                let target = link.split('#').next().unwrap();
                if !target.contains("://") && !followed(&path, target).starts_with(&book) {
                    outside.push(format!("{}: {link}", path.display()));
                }
            }
        }
    }
    assert!(outside.is_empty(), "{}", outside.join("\n"));
}
