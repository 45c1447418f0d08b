//! Drawings that a document carries as they are: plots of all branches, the state diagram.

use super::tables::Table;
use crate::lang::{Lang, Text};
use crate::trace::Trace;
use crate::view::Look;
use crate::view::svg::{self, Standing};
use crate::walk;
use crate::world::Halt;

/// Lines shorter than this are not worth a place in the table.
const SHORT: usize = 24;

/// Curves of every branch over each other: titles and drawings; none once the sign is raised.
pub fn plots(branches: &[walk::Branch], halt: &Halt, paths: &mut Table<String>) -> Vec<(Text, Text)> {
    if halt.raised() {
        return Vec::new();
    }
    let mut drawn = [Lang::En, Lang::Zh].map(|lang| {
        let names: Vec<String> = branches.iter().map(|branch| branch.words().get(lang).to_owned()).collect();
        let runs: Vec<(&str, &Trace)> =
            names.iter().zip(branches).map(|(name, branch)| (name.as_str(), &branch.trace)).collect();
        let panels = svg::panels(&runs, &Look { lang, ..Look::default() }).into_iter();
        panels.map(|(title, drawing)| (title, lines_kept(&drawing, paths))).collect::<Vec<_>>().into_iter()
    });
    let [en, zh] = &mut drawn;
    en.zip(zh)
        .map(|((en, en_drawing), (zh, zh_drawing))| (Text::new(en, zh), Text::new(en_drawing, zh_drawing)))
        .collect()
}

/// The state diagram without a run.
pub fn states(paths: &mut Table<String>) -> Text {
    let [en, zh] = [Lang::En, Lang::Zh].map(|lang| {
        let drawing = svg::states(None, &Look { lang, ..Look::default() }, Standing::InPage);
        lines_kept(&drawing, paths)
    });
    Text::new(en, zh)
}

/// The drawing with its long lines in the table: in both languages they are the same.
fn lines_kept(drawing: &str, paths: &mut Table<String>) -> String {
    let mut text = String::with_capacity(drawing.len() / 2);
    let mut rest = drawing;
    while let Some((before, line)) = rest.split_once(" d=\"") {
        let (line, after) = line.split_once('"').unwrap_or((line, ""));
        text.push_str(before);
        match line.len() {
            ..SHORT => text.push_str(&format!(" d=\"{line}\"")),
            _ => text.push_str(&format!(" d=\"@{}\"", paths.keep(line.to_owned()))),
        }
        rest = after;
    }
    text.push_str(rest);
    text
}
