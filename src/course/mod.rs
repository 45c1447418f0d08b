//! Orders through the catalogue, and how far somebody has come. Reads and writes no files: what is kept comes in as octets
//! and goes out as octets.

mod progress;

pub use progress::{Damage, Progress};

use crate::lang::Text;
use crate::scenario::{self, Diagnostic};
use serde::Deserialize;

/// The course that holds every lesson.
pub const ALL: &str = "all";

/// An order through the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Course {
    /// Its name on the command line.
    pub name: String,
    /// Its title.
    pub title: Text,
    /// For whom it is, and what is in it.
    pub about: Text,
    /// Its lessons, in order.
    pub lessons: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    course: Vec<Course>,
}

/// All courses; the first one is for those who begin, the last one has every lesson.
///
/// # Errors
/// A scenario has mistakes; tests hold that none has.
///
/// # Panics
/// Never: a test holds that the embedded file can be read.
pub fn courses() -> Result<Vec<Course>, Vec<Diagnostic>> {
    let file: File = match toml::from_str(include_str!("courses.toml")) {
        Ok(file) => file,
        Err(error) => unreachable!("the embedded courses: {error}"),
    };
    let mut courses = file.course;
    let everything = scenario::catalog()?.scenarios;
    courses.push(Course {
        name: ALL.to_owned(),
        title: Text::new("The whole catalogue", "全部课程"),
        about: Text::new(
            "Every lesson there is, in the order in which they build on each other.",
            "现有的每一课，按由浅入深的顺序。",
        ),
        lessons: everything.iter().map(|lesson| lesson.name.to_owned()).collect(),
    });
    Ok(courses)
}

impl Course {
    /// Its first lesson that is not done.
    pub fn next(&self, progress: &Progress) -> Option<&str> {
        self.lessons.iter().map(String::as_str).find(|name| !progress.has_done(name))
    }
    /// How many of its lessons are done.
    pub fn done(&self, progress: &Progress) -> usize {
        self.lessons.iter().filter(|name| progress.has_done(name)).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_course_has_lessons_that_exist_none_twice_and_words_in_both_languages() {
        let courses = courses().unwrap();
        let han = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        for course in &courses {
            assert!(course.lessons.len() >= 8, "{}", course.name);
            let once: BTreeSet<&String> = course.lessons.iter().collect();
            assert_eq!(once.len(), course.lessons.len(), "{} has a lesson twice", course.name);
            for lesson in &course.lessons {
                assert!(scenario::find(lesson).is_ok_and(|found| found.name == lesson), "{lesson}");
            }
            for text in [&course.title, &course.about] {
                assert!(han(&text.zh) && !han(&text.en) && !text.en.is_empty(), "{}", course.name);
            }
            // The words of the command line are not names of courses.
            assert!(!["next", "done", "reset", "help"].contains(&course.name.as_str()));
        }
        let names: BTreeSet<&str> = courses.iter().map(|course| course.name.as_str()).collect();
        assert_eq!(names.len(), courses.len());
        assert_eq!(courses.last().unwrap().lessons.len(), scenario::builtins().len());
    }

    #[test]
    fn the_next_lesson_is_the_first_that_is_not_done() {
        let courses = courses().unwrap();
        let first = &courses[0];
        let mut progress = Progress::default();
        assert_eq!(first.next(&progress), Some(first.lessons[0].as_str()));
        progress.mark(&first.lessons[0]);
        progress.mark(&first.lessons[2]);
        assert_eq!((first.next(&progress), first.done(&progress)), (Some(first.lessons[1].as_str()), 2));
        for lesson in &first.lessons {
            progress.mark(lesson);
        }
        assert_eq!((first.next(&progress), first.done(&progress)), (None, first.lessons.len()));
    }
}
