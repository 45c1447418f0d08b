//! Questions on paper, with their key.

use super::super::args::{QuizArgs, SheetFormat};
use super::super::out::{self, Exit, Failure};
use super::super::settings::Settings;
use super::super::whole::{is_same_file, write_both_whole, write_whole};
use super::super::{load, show};
use super::{Chosen, chosen, of_topic};
use crate::book;
use crate::lang::Lang;
use crate::quiz::{self, Chapter, Format, Paper};
use crate::scenario;
use crate::view::Look;
use std::path::Path;

/// What a spreadsheet wants before text that is not ASCII.
pub(super) const BOM: &[u8] = "\u{feff}".as_bytes();

/// Writes the paper and, if asked for, its key.
pub fn papers(arguments: &QuizArgs, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    // `-` is standard output, where the paper goes unless told otherwise.
    let output = arguments.output.as_deref().filter(|path| *path != Path::new("-"));
    let key = arguments.key.as_deref();
    if let (Some(key), Some(output)) = (key, output)
        && is_same_file(key, output)
    {
        return Err(Failure::Usage(
            lang.pick("the key would replace the paper: name two files", "答案会盖掉试卷：请写两个文件")
                .to_owned(),
        ));
    }
    if key == Some(Path::new("-")) {
        return Err(Failure::Usage(
            lang.pick(
                "the key needs a file: standard output is the paper's",
                "答案要写进文件：标准输出留给试卷",
            )
            .to_owned(),
        ));
    }
    let paper = paper(arguments, settings)?;
    let format = match arguments.format {
        Some(SheetFormat::Md) => Format::Markdown,
        Some(SheetFormat::Html) => Format::Html,
        None => output.and_then(by_ending).unwrap_or(Format::Markdown),
    };
    let sheet = paper.sheet(format);
    let key_octets = key.map(|path| match ending(path).as_deref() {
        Some("csv") => [BOM, &paper.key_table()].concat(),
        _ => paper.key(by_ending(path).unwrap_or(format)).into_bytes(),
    });
    match (output, key.zip(key_octets)) {
        (Some(path), None) => write_whole(path, sheet.as_bytes())?,
        (Some(path), Some((beside, key))) => write_both_whole((path, sheet.as_bytes()), (beside, &key))?,
        (None, None) => out::print(lang, &sheet)?,
        (None, Some((beside, key))) => {
            // A key that cannot be written is told before anything is printed.
            write_whole(beside, &key)?;
            out::print(lang, &sheet)?;
        }
    }
    Ok(Exit::Fine)
}

/// A paper of each topic that has questions, with its key, in both languages: for `class`.
pub fn by_topic(seed: u64, settings: &Settings) -> Result<Vec<book::Paper>, Failure> {
    let catalog = scenario::catalog().map_err(|wrong| load::mistakes(&wrong, settings))?;
    let mut papers = Vec::new();
    for lang in [Lang::En, Lang::Zh] {
        let settings = Settings { look: Look { lang, ..Look::default() }, ..settings.clone() };
        for topic in catalog.topics.iter().map(|topic| topic.name) {
            let arguments = QuizArgs { topic: Some(topic.to_owned()), seed, ..QuizArgs::default() };
            if of_topic(topic, &settings)?.iter().all(|lesson| lesson.questions() == 0) {
                continue;
            }
            let paper = paper(&arguments, &settings)?;
            let (sheet, key) = (paper.sheet(Format::Html), paper.key(Format::Html));
            papers.push(book::Paper { topic, lang, sheet, key });
        }
    }
    Ok(papers)
}

fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase)
}

fn by_ending(path: &Path) -> Option<Format> {
    match ending(path)?.as_str() {
        "html" | "htm" => Some(Format::Html),
        "md" | "markdown" => Some(Format::Markdown),
        _ => None,
    }
}

fn paper(arguments: &QuizArgs, settings: &Settings) -> Result<Paper, Failure> {
    let Chosen { lessons, drawn } = chosen(arguments, settings)?;
    let look = Look { color: false, ..settings.look.clone() };
    let plain = Settings { look: look.clone(), ..settings.clone() };
    let mut chapters = Vec::new();
    for drawn in &drawn {
        let Some(lesson) = lessons.get(drawn.lesson) else { continue };
        let failed = |wrong: Vec<crate::scenario::Diagnostic>| load::mistakes(&wrong, settings);
        let (items, unanswered) = quiz::items(lesson, &drawn.numbers, arguments.seed).map_err(failed)?;
        if let Some(unanswered) = unanswered.first() {
            let (id, why) = (&unanswered.id, unanswered.why.get(settings.lang()));
            return Err(Failure::Usage(settings.lang().pick(format!("{id}: {why}"), format!("{id}：{why}"))));
        }
        let plan = lesson.setup.plan().map_err(failed)?;
        let lines = show::setting(&plan, &lesson.name, &plain);
        let mut setting: Vec<String> =
            lines.iter().map(|line| line.text(&look).trim_end().to_owned()).collect();
        while setting.last().is_some_and(String::is_empty) {
            setting.pop();
        }
        chapters.push(Chapter { name: lesson.name.clone(), title: lesson.title().clone(), setting, items });
    }
    Ok(Paper {
        seed: arguments.seed,
        lang: settings.lang(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        command: command(arguments),
        chapters,
    })
}

/// The command that makes the same paper again.
fn command(arguments: &QuizArgs) -> String {
    let mut words = vec!["wirewalk quiz".to_owned()];
    words.extend(arguments.scenarios.iter().cloned());
    words.extend(arguments.topic.iter().map(|topic| format!("--topic {topic}")));
    words.extend(arguments.count.map(|count| format!("--count {count}")));
    words.push(format!("--seed {} --sheet", arguments.seed));
    words.join(" ")
}
