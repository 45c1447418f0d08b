//! The answers of a class.

use super::super::args::QuizArgs;
use super::super::load;
use super::super::out::{self, Exit, Failure};
use super::super::settings::Settings;
use super::super::whole::{is_same_file, write_whole};
use super::papers::BOM;
use super::{all, named};
use crate::quiz::{self, CannotMark, Marks, Mistakes};
use std::path::Path;

/// Grades them and writes the report.
pub fn grade(arguments: &QuizArgs, answers: &Path, settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let name = answers.display().to_string();
    let failed = |error| Failure::io(name.clone(), error);
    if arguments.output.as_deref().is_some_and(|output| is_same_file(output, answers)) {
        return Err(Failure::Usage(
            lang.pick(
                "the report would replace the answers: name another file",
                "成绩报告会盖掉学生的答案：请写另一个文件",
            )
            .to_owned(),
        ));
    }
    let sheet = if answers == Path::new("-") {
        quiz::read(std::io::stdin().lock()).map_err(failed)?
    } else {
        quiz::read(std::fs::File::open(answers).map_err(failed)?).map_err(failed)?
    };
    let mut lessons = all(settings)?;
    lessons.extend(named(&arguments.scenarios, settings)?);
    let marks = quiz::mark(&sheet, &lessons, lang).map_err(|cannot| match cannot {
        CannotMark::Malformed(mistakes) => told(&name, &mistakes, settings),
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
    let word = if *papers == 1 { "paper" } else { "papers" };
    settings.lang().pick(
        format!("{papers} {word}, {right} of {answers} answers right\n"),
        format!("{papers} 份试卷，{answers} 题中答对 {right} 题\n"),
    )
}

/// Every mistake at its line, those of the lines themselves and those of the questions they name.
fn told(name: &str, mistakes: &Mistakes, settings: &Settings) -> Failure {
    let lang = settings.lang();
    let mut text = String::new();
    for malformed in &mistakes.told {
        let what = settings.look.clean(malformed.what.get(lang));
        let place = match malformed.line {
            0 => name.to_owned(),
            line => format!("{name}:{line}"),
        };
        let line = lang.pick(format!("error: {place}: {what}"), format!("错误：{place}：{what}"));
        text.push_str(&settings.look.hanging(&line));
    }
    if mistakes.more > 0 {
        let more = mistakes.more;
        text.push_str(&lang.pick(format!("and {more} more\n"), format!("另有 {more} 处\n")));
    }
    let count = mistakes.count();
    let word = if count == 1 { "mistake" } else { "mistakes" };
    text.push_str(&lang.pick(
        format!("{count} {word}; nothing was written\n"),
        format!("共 {count} 处错误；没有写出任何文件\n"),
    ));
    Failure::Usage(text)
}
