//! `quiz`: questions of lessons asked and graded, printed on paper, and the answers of a class.

mod asking;
mod grading;
mod papers;

pub use papers::by_topic;

use super::args::QuizArgs;
use super::load;
use super::out::{Exit, Failure};
use super::settings::Settings;
use crate::quiz::{self, Drawn, Lesson};
use crate::scenario::{self, Builtin};
use crate::walk::Setup;

/// Questions that are asked where nobody says how many, and no lesson is named.
const COUNT: usize = 10;

/// Asks, prints or grades.
pub fn quiz(arguments: &QuizArgs, settings: &Settings) -> Result<Exit, Failure> {
    if arguments.output.is_some() && arguments.grade.is_none() && !arguments.sheet {
        return Err(Failure::Usage(
            settings
                .lang()
                .pick(
                    "-o is the file for a paper (--sheet) or a report (--grade); questions that are asked write none",
                    "-o 指定试卷（--sheet）或成绩报告（--grade）的文件；直接提问不写文件",
                )
                .to_owned(),
        ));
    }
    match &arguments.grade {
        Some(answers) => grading::grade(arguments, answers, settings),
        None if arguments.sheet => papers::papers(arguments, settings),
        None => asking::ask(arguments, settings),
    }
}

/// What is asked of what.
struct Chosen {
    lessons: Vec<Lesson>,
    drawn: Vec<Drawn>,
}

/// The lessons and the questions that the arguments choose.
fn chosen(arguments: &QuizArgs, settings: &Settings) -> Result<Chosen, Failure> {
    let lessons = match (&arguments.topic, &arguments.scenarios[..]) {
        (Some(topic), _) => of_topic(topic, settings)?,
        (None, []) => all(settings)?,
        (None, names) => named(names, settings)?,
    };
    let count = arguments.count.map(|count| count as usize);
    let count = count.or_else(|| arguments.scenarios.is_empty().then_some(COUNT));
    let drawn = quiz::drawn(&lessons, arguments.seed, count);
    if drawn.is_empty() {
        return Err(Failure::Usage(
            settings.lang().pick("nothing is asked there", "那里没有题目").to_owned(),
        ));
    }
    Ok(Chosen { lessons, drawn })
}

/// Every built-in lesson.
fn all(settings: &Settings) -> Result<Vec<Lesson>, Failure> {
    scenario::builtins().iter().map(|builtin| lesson(builtin, settings)).collect()
}

fn of_topic(topic: &str, settings: &Settings) -> Result<Vec<Lesson>, Failure> {
    let catalog = scenario::catalog().map_err(|wrong| load::mistakes(&wrong, settings))?;
    let topics: Vec<&str> = catalog.topics.iter().map(|topic| topic.name).collect();
    if !topics.contains(&topic) {
        return Err(super::list::no_such_topic(topic, &topics, settings));
    }
    let of_topic = scenario::builtins().iter().filter(|builtin| builtin.topic == topic);
    of_topic.map(|builtin| lesson(builtin, settings)).collect()
}

fn lesson(builtin: &Builtin, settings: &Settings) -> Result<Lesson, Failure> {
    let scenario = builtin.scenario().map_err(|wrong| load::mistakes(&wrong, settings))?;
    Ok(Lesson { name: builtin.name.to_owned(), setup: Setup::new(scenario) })
}

/// Lessons by name or file, none twice. A built-in one is called by its name alone, also where its topic was written before
/// it: its questions have one id each.
fn named(names: &[String], settings: &Settings) -> Result<Vec<Lesson>, Failure> {
    let mut lessons: Vec<Lesson> = Vec::new();
    for name in names {
        let name = scenario::find(name).map_or(name.as_str(), |builtin| builtin.name);
        if lessons.iter().all(|lesson| lesson.name != name) {
            let setup = Setup::new(load::scenario(name, settings)?);
            lessons.push(Lesson { name: name.to_owned(), setup });
        }
    }
    Ok(lessons)
}
