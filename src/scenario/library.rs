//! The scenarios that come with the program.

use super::builtin::BUILTIN;
use super::nearest::nearest;
use super::{Diagnostic, Scenario};

/// A scenario embedded in the binary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Builtin {
    /// The folder it lies in.
    pub topic: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The file's text.
    pub text: &'static str,
}

impl Builtin {
    /// Its path below the folder `scenarios`.
    pub fn path(&self) -> String {
        format!("scenarios/{}/{}.toml", self.topic, self.name)
    }
    /// Parses it.
    pub fn scenario(&self) -> Result<Scenario, Vec<Diagnostic>> {
        Scenario::parse(&self.path(), self.text)
    }
}

/// All embedded scenarios, ordered by topic and name.
pub fn builtins() -> &'static [Builtin] {
    BUILTIN
}

/// The embedded scenario of that name (or `topic/name`), else the nearest names.
pub fn find(name: &str) -> Result<&'static Builtin, Vec<&'static str>> {
    let bare = name.rsplit('/').next().unwrap_or(name);
    BUILTIN
        .iter()
        .find(|builtin| builtin.name == name || format!("{}/{}", builtin.topic, builtin.name) == name)
        .ok_or_else(|| nearest(bare, BUILTIN.iter().map(|builtin| builtin.name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Lang;
    use std::fmt::Write;
    use std::path::{Path, PathBuf};

    fn files() -> Vec<(String, String, PathBuf)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
        let entries = |folder: &Path| -> Vec<PathBuf> {
            let read =
                std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
            let mut paths: Vec<PathBuf> = read.map(|entry| entry.unwrap().path()).collect();
            paths.sort();
            paths
        };
        let part = |path: &Path| path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut found = Vec::new();
        for topic in entries(&root).into_iter().filter(|path| path.is_dir()) {
            for file in entries(&topic)
                .into_iter()
                .filter(|path| path.extension().is_some_and(|ending| ending == "toml"))
            {
                found.push((part(&topic), part(&file), file));
            }
        }
        found
    }

    #[test]
    fn the_embedded_scenarios_are_those_of_the_directory() {
        let mut wanted = "//! The scenarios embedded in the binary.\n\
             // Written by the test `the_embedded_scenarios_are_those_of_the_directory` with UPDATE=1.\n\n\
             use super::Builtin;\n\n\
             /// All of them, ordered by topic and name.\n\
             #[rustfmt::skip]\n\
             pub(super) const BUILTIN: &[Builtin] = &[\n"
            .to_owned();
        for (topic, name, _) in files() {
            writeln!(
                wanted,
                "    Builtin {{ topic: \"{topic}\", name: \"{name}\", text: include_str!(\"../../scenarios/{topic}/{name}.toml\") }},"
            )
            .unwrap();
        }
        wanted.push_str("];\n");
        let table = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/scenario/builtin.rs");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&table, &wanted).unwrap();
        }
        let present = std::fs::read_to_string(&table).unwrap();
        assert!(
            present == wanted,
            "run the test with UPDATE=1 in the environment: src/scenario/builtin.rs is not what scenarios/ holds"
        );
    }

    #[test]
    fn every_scenario_of_the_directory_can_be_read() {
        let mut wrong = String::new();
        for (_, _, path) in files() {
            let text = std::fs::read_to_string(&path).unwrap();
            for diagnostic in Scenario::parse(&path.to_string_lossy(), &text).err().unwrap_or_default() {
                wrong.push_str(&diagnostic.render(Lang::En, false));
            }
        }
        assert!(wrong.is_empty(), "\n{wrong}");
    }

    #[test]
    fn every_comment_in_a_program_is_in_both_languages() {
        for builtin in builtins() {
            let scenario = builtin.scenario().unwrap();
            for process in &scenario.default_plan().processes {
                let lines = |lang| process.program.source_lines(lang);
                for (en, zh) in lines(Lang::En).iter().zip(lines(Lang::Zh)) {
                    let told =
                        en.comment != zh.comment || en.comment.is_none_or(|comment| !has_words(comment));
                    assert!(told, "{}: write `# {} | 中文`", builtin.name, en.comment.unwrap_or_default());
                }
            }
        }
    }

    fn has_words(comment: &str) -> bool {
        comment.contains(|c: char| c.is_ascii_alphabetic())
    }

    #[test]
    fn a_name_is_found_with_and_without_its_topic_and_a_wrong_one_gets_the_nearest() {
        assert_eq!(find("three-way-handshake").unwrap().topic, "handshake");
        assert_eq!(find("handshake/three-way-handshake").unwrap().name, "three-way-handshake");
        assert_eq!(find("three-way-handshak").unwrap_err(), ["three-way-handshake"]);
        assert_eq!(find("handshake/defer-acecpt").unwrap_err(), ["defer-accept"]);
        assert!(find("zzzzzz").unwrap_err().is_empty());
    }
}
