//! The archive for a class that has no network: what is in it, file by file.
//!
//! It holds the program, a page for each lesson, the book in both languages, and a start page
//! that leads to all of it. Nothing in it points outside, and the same program makes the same bytes each time.

mod readme;
mod start;

use super::html;
use super::lessons;
use super::sources::Lost;
use super::summary;
use crate::lang::Lang;
use crate::page;
use crate::scenario::{self, Catalog, Diagnostic};
use crate::walk::{Setup, Walk};

/// The folder of the papers.
const SHEETS: &str = "sheets";

/// The folder of their keys.
const TEACHER: &str = "teacher";

/// What is wanted of the archive.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// The name that the program has in it: `wirewalk`, or `wirewalk.exe`.
    pub program: String,
    /// Papers with questions, and their keys.
    pub papers: Vec<Paper>,
    /// Whether the folder `teacher/`, in which the keys are, is among the files.
    pub teacher: bool,
}

/// A paper of one topic in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paper {
    /// The topic.
    pub topic: &'static str,
    /// The language.
    pub lang: Lang,
    /// The paper, a page.
    pub sheet: String,
    /// Its key, a page.
    pub key: String,
}

impl Paper {
    /// Where it lies in that folder.
    fn path(&self, folder: &str) -> String {
        format!("{folder}/{}/{}.html", self.lang, self.topic)
    }
}

/// A file of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the archive's folder, with `/`.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl File {
    fn new(path: impl Into<String>, text: impl Into<String>) -> File {
        File { path: path.into(), bytes: text.into().into_bytes() }
    }
}

/// What can go wrong while the files are made. None of it does in a program whose tests passed.
#[derive(Debug, thiserror::Error)]
pub enum Wrong<E> {
    /// A chapter of the book is missing.
    #[error(transparent)]
    Lost(#[from] Lost),
    /// A lesson has mistakes.
    #[error("a built-in scenario has mistakes")]
    Mistakes(Vec<Diagnostic>),
    /// A page could not be written as JSON.
    #[error(transparent)]
    Page(#[from] serde_json::Error),
    /// Whoever takes the files could not.
    #[error("the file could not be taken")]
    Taking(E),
}

/// Makes the files one after another and hands each to `take`: the program itself is not among them.
///
/// # Errors
/// What `take` returns, and what [`Wrong`] lists.
pub fn files<E>(wanted: &Wanted, mut take: impl FnMut(File) -> Result<(), E>) -> Result<(), Wrong<E>> {
    let catalog = scenario::catalog().map_err(Wrong::Mistakes)?;
    let mut take = |file: File| take(file).map_err(Wrong::Taking);
    take(File::new("README.txt", readme::readme(wanted, &catalog)))?;
    take(File::new("index.html", start::start(wanted, &catalog)))?;
    take(File::new("LICENSE-MIT", include_str!("../../../LICENSE-MIT")))?;
    take(File::new("LICENSE-APACHE", include_str!("../../../LICENSE-APACHE")))?;
    for paper in &wanted.papers {
        take(File::new(paper.path(SHEETS), paper.sheet.as_str()))?;
        if wanted.teacher {
            take(File::new(paper.path(TEACHER), paper.key.as_str()))?;
        }
    }
    if wanted.teacher {
        take(File::new(format!("{TEACHER}/index.html"), start::teacher(wanted, &catalog)))?;
    }
    for lesson in &catalog.scenarios {
        take(File::new(lesson_path(lesson.name), lesson_page(lesson.name)?))?;
    }
    for lang in [Lang::En, Lang::Zh] {
        book(lang, &catalog, &mut take)?;
    }
    Ok(())
}

/// How many files that will be, the program counted.
///
/// # Errors
/// As [`files`].
pub fn count<E>(wanted: &Wanted) -> Result<usize, Wrong<E>> {
    let lessons = scenario::catalog().map_err(Wrong::Mistakes)?.scenarios.len();
    let chapters = summary::chapters(Lang::En)?.len() + summary::chapters(Lang::Zh)?.len();
    // A page and two pictures of each lesson; the program, the start, the text, two licences.
    let papers = wanted.papers.len();
    let keys = if wanted.teacher { papers + 1 } else { 0 };
    Ok(3 * lessons + chapters + 5 + papers + keys)
}

/// Where a lesson's page lies.
fn lesson_path(name: &str) -> String {
    format!("lessons/{name}.html")
}

/// A lesson as a page to walk through.
fn lesson_page<E>(name: &str) -> Result<String, Wrong<E>> {
    let scenario = match scenario::find(name) {
        Ok(builtin) => builtin.scenario().map_err(Wrong::Mistakes)?,
        Err(_) => return Err(Wrong::Lost(Lost(name.to_owned()))),
    };
    let walk = Walk::simulated(Setup::new(scenario)).map_err(Wrong::Mistakes)?;
    Ok(page::standalone(&page::document(&walk), Lang::En)?)
}

/// The book in that language, with its pictures.
fn book<E>(
    lang: Lang,
    catalog: &Catalog,
    take: &mut impl FnMut(File) -> Result<(), Wrong<E>>,
) -> Result<(), Wrong<E>> {
    let lesson =
        |name: &str| lessons::named(name).then(|| format!("../../{}#lang={lang}", lesson_path(name)));
    for (path, text) in html::pages(lang, &lesson)? {
        take(File::new(format!("book/{lang}/{path}"), text))?;
    }
    for lesson in &catalog.scenarios {
        let Some(picture) = lessons::picture(lesson.name, lang) else { continue };
        take(File::new(format!("book/{lang}/pictures/{}.svg", lesson.name), picture))?;
    }
    Ok(())
}
