//! What somebody has done, as it is kept between two evenings.

use crate::lang::Text;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The version of the file.
const SCHEMA: u32 = 1;

/// The lessons done, and the course somebody is in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The course somebody is in.
    pub course: Option<String>,
    done: BTreeSet<String>,
}

/// Why what was kept cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Damage {
    /// More octets than any progress has.
    TooLarge,
    /// No JSON, or not such a document: what the reader said.
    NotProgress(String),
    /// Another version of this program wrote it.
    Version(u32),
}

impl Damage {
    /// In words.
    pub fn words(&self) -> Text {
        match self {
            Damage::TooLarge => Text::new("it is far too large", "文件太大"),
            Damage::NotProgress(why) => Text::new(
                format!("it cannot be read as progress ({why})"),
                format!("内容不是学习进度（{why}）"),
            ),
            Damage::Version(version) => Text::new(
                format!("another version of wirewalk wrote it (schema {version})"),
                format!("是另一个版本的 wirewalk 写的（schema {version}）"),
            ),
        }
    }
}

/// The document.
#[derive(Serialize, Deserialize)]
struct Document {
    schema: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    course: Option<String>,
    #[serde(default)]
    done: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Version {
    schema: u32,
}

impl Progress {
    /// The most octets that are read.
    pub const MOST: usize = 1 << 18;

    /// Reads what was kept. Lessons that this program does not know are kept as well: a later one may.
    ///
    /// # Errors
    /// It is something else.
    pub fn read(octets: &[u8]) -> Result<Progress, Damage> {
        if octets.len() > Progress::MOST {
            return Err(Damage::TooLarge);
        }
        let wrong =
            |error: serde_json::Error| Damage::NotProgress(format!("{}:{}", error.line(), error.column()));
        let version: Version = serde_json::from_slice(octets).map_err(wrong)?;
        if version.schema != SCHEMA {
            return Err(Damage::Version(version.schema));
        }
        let document: Document = serde_json::from_slice(octets).map_err(wrong)?;
        Ok(Progress { course: document.course, done: document.done })
    }

    /// As it is kept.
    ///
    /// # Errors
    /// None that is known: names are text.
    pub fn write(&self) -> Result<Vec<u8>, serde_json::Error> {
        let document = Document { schema: SCHEMA, course: self.course.clone(), done: self.done.clone() };
        let mut octets = serde_json::to_vec_pretty(&document)?;
        octets.push(b'\n');
        Ok(octets)
    }

    /// Whether that lesson is done.
    pub fn has_done(&self, lesson: &str) -> bool {
        self.done.contains(lesson)
    }
    /// The lesson is done; whether that is new.
    pub fn mark(&mut self, lesson: &str) -> bool {
        self.done.insert(lesson.to_owned())
    }
    /// The lesson is not done; whether it was.
    pub fn unmark(&mut self, lesson: &str) -> bool {
        self.done.remove(lesson)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_again() {
        let mut progress = Progress { course: Some("first-hour".to_owned()), ..Progress::default() };
        assert!(progress.mark("four-way-close") && !progress.mark("four-way-close"));
        progress.mark("a-lesson-of-tomorrow");
        assert_eq!(Progress::read(&progress.write().unwrap()), Ok(progress.clone()));
        assert!(progress.unmark("four-way-close") && !progress.has_done("four-way-close"));
    }

    #[test]
    fn what_is_no_progress_is_said_to_be_damaged_and_never_panics() {
        let wrong: [&[u8]; 8] = [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"{\"schema\":\"one\"}",
            b"{\"schema\":1,\"done\":7}",
            b"{\"schema\":1,\"done\":[[]]}",
        ];
        for octets in wrong {
            assert!(matches!(Progress::read(octets), Err(Damage::NotProgress(_))), "{octets:?}");
        }
        assert_eq!(Progress::read(b"{\"schema\":2,\"done\":{}}"), Err(Damage::Version(2)));
        assert_eq!(Progress::read(&vec![b' '; Progress::MOST + 1]), Err(Damage::TooLarge));
        let deep = [vec![b'['; 100_000], vec![b']'; 100_000]].concat();
        assert!(Progress::read(&deep).is_err());
        assert_eq!(Progress::read(b"{\"schema\":1}"), Ok(Progress::default()));
    }
}
