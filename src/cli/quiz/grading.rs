//! The answers of a class.

use super::super::args::QuizArgs;
use super::super::load;
use super::super::out::{self, Exit, Failure};
use super::super::settings::Settings;
use super::super::whole::write_whole;
use super::papers::BOM;
use super::{all, named};
use crate::quiz::{self, CannotMark, Malformed, Marks};
use std::path::Path;

/// Grades them and writes the report.
pub fn grade(arguments: &QuizArgs, answers: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let name = answers.display().to_string();
    let malformed = |wrong: Vec<Malformed>| told(&name, &wrong, settings);
    let sheet = if answers == Path::new("-") {
        quiz::read(std::io::stdin().lock()).map_err(malformed)?
    } else {
        let file = std::fs::File::open(answers).map_err(|error| Failure::io(name.clone(), error))?;
        quiz::read(file).map_err(malformed)?
    };
    let mut lessons = all(settings)?;
    lessons.extend(named(&arguments.scenarios, settings)?);
    let marks = quiz::mark(&sheet, &lessons, lang).map_err(|cannot| match cannot {
        CannotMark::Malformed(wrong) => malformed(wrong),
        CannotMark::Lesson(wrong) => load::mistakes(&wrong, settings),
    })?;
    match &arguments.output {
        Some(path) if path != Path::new("-") => {
            write_whole(path, &[BOM, &marks.report].concat())?;
            out::print(lang, &summary(&marks, settings))?;
        }
        Some(_) | None => out::print_bytes(lang, &marks.report)?,
    }
    Ok(Exit::Fine)
}

fn summary(marks: &Marks, settings: &Settings) -> String {
    let Marks { papers, answers, right, .. } = marks;
    settings.lang().pick(
        format!("{papers} papers, {right} of {answers} answers right\n"),
        format!("{papers} 份试卷，{answers} 题中答对 {right} 题\n"),
    )
}

/// Every malformed line at its place.
fn told(name: &str, wrong: &[Malformed], settings: &Settings) -> Failure {
    let lang = settings.lang();
    let mut text = String::new();
    for malformed in wrong {
        let what = settings.look.clean(malformed.what.get(lang));
        let place = match malformed.line {
            0 => name.to_owned(),
            line => format!("{name}:{line}"),
        };
        text.push_str(&lang.pick(format!("error: {place}: {what}\n"), format!("错误：{place}：{what}\n")));
    }
    text.push_str(lang.pick("nothing was written\n", "没有写出任何文件\n"));
    Failure::Usage(text)
}
