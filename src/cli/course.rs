//! `course`: orders through the catalogue, and the way of one learner through them.

use super::args::{CourseArgs, CourseCommand, DiagramOptions, RunOptions, ShowArgs};
use super::load::{self, mistakes};
use super::out::{self, Exit, Failure};
use super::settings::Settings;
use super::{kept, show, step};
use crate::course::{Course, Progress, courses};
use crate::lang::Text;
use crate::scenario::{self, nearest};
use crate::view::{Ink, Line, join};
use crate::walk::Walk;
use serde::Serialize;
use std::io::BufRead;

/// Lists them, opens a lesson, puts down what is done.
pub fn course(arguments: &CourseArgs, settings: &Settings) -> Result<Exit, Failure> {
    let courses = courses().map_err(|diagnostics| mistakes(&diagnostics, settings))?;
    if let (Some(name), Some(_)) = (&arguments.course, &arguments.command) {
        return Err(Failure::Usage(settings.lang().pick(
            format!("`{name}` before next, done or reset: a course is named behind it (course next {name})"),
            format!("`{name}` 写在了 next、done 或 reset 前面：课程名要写在后面（course next {name}）"),
        )));
    }
    match &arguments.command {
        None => list(arguments, &courses, settings),
        Some(CourseCommand::Next(next)) => open_next(next.course.as_deref(), &courses, settings),
        Some(CourseCommand::Done(done)) => put_down(&done.lessons, &courses, settings),
        Some(CourseCommand::Reset(reset)) => forget(&reset.lessons, settings),
    }
}

/// The course of that name; without one the course somebody is in, or the first.
fn chosen<'c>(
    name: Option<&str>,
    progress: &Progress,
    courses: &'c [Course],
    settings: &Settings,
) -> Result<&'c Course, Failure> {
    let named = |name: &str| courses.iter().find(|course| course.name == name);
    let lang = settings.lang();
    let Some(name) = name else {
        let current = progress.course.as_deref().and_then(named);
        return current.or(courses.first()).ok_or_else(|| Failure::Usage(String::new()));
    };
    named(name).ok_or_else(|| {
        let names: Vec<&str> = courses.iter().map(|course| course.name.as_str()).collect();
        let near = nearest(name, names.iter().copied());
        let known = if near.is_empty() { names } else { near }.join(lang.pick(", ", "、"));
        Failure::Usage(lang.pick(
            format!("there is no course “{name}”; there is: {known}"),
            format!("没有“{name}”这门课程；有：{known}"),
        ))
    })
}

fn tell(trouble: Option<&Text>, settings: &Settings) {
    if let Some(trouble) = trouble {
        let lang = settings.lang();
        out::say(&format!("{}{}\n", lang.pick("warning: ", "警告："), trouble.get(lang)));
    }
}

#[derive(Serialize)]
struct Document {
    schema: u32,
    file: Option<String>,
    trouble: Option<Text>,
    current: String,
    courses: Vec<Told>,
}

#[derive(Serialize)]
struct Told {
    name: String,
    title: Text,
    about: Text,
    done: usize,
    next: Option<String>,
    lessons: Vec<Item>,
}

#[derive(Serialize)]
struct Item {
    name: String,
    done: bool,
}

fn list(arguments: &CourseArgs, courses: &[Course], settings: &Settings) -> Result<Exit, Failure> {
    let kept = kept::read();
    let progress = &kept.progress;
    let wanted = arguments.course.as_deref();
    let course = chosen(wanted, progress, courses, settings)?;
    if arguments.json {
        let shown = courses.iter().filter(|other| wanted.is_none() || other.name == course.name);
        let document = Document {
            schema: 1,
            file: kept.path.as_ref().map(|path| path.display().to_string()),
            trouble: kept.trouble.clone(),
            current: course.name.clone(),
            courses: shown.map(|course| told(course, progress)).collect(),
        };
        out::print(settings.lang(), &super::json(&document)?)?;
        return Ok(Exit::Fine);
    }
    tell(kept.trouble.as_ref(), settings);
    let look = &settings.look;
    let mut lines = Vec::new();
    if wanted.is_none() {
        overview(courses, progress, settings, &mut lines);
    }
    one(course, progress, settings, &mut lines)?;
    out::print(look.lang, &join(&lines, look))?;
    Ok(Exit::Fine)
}

fn told(course: &Course, progress: &Progress) -> Told {
    let item = |name: &String| Item { name: name.clone(), done: progress.has_done(name) };
    Told {
        name: course.name.clone(),
        title: course.title.clone(),
        about: course.about.clone(),
        done: course.done(progress),
        next: course.next(progress).map(str::to_owned),
        lessons: course.lessons.iter().map(item).collect(),
    }
}

/// All courses with how far one has come.
fn overview(courses: &[Course], progress: &Progress, settings: &Settings, lines: &mut Vec<Line>) {
    let look = &settings.look;
    let width = courses.iter().map(|course| course.name.len()).max().unwrap_or(0);
    lines.push(Line::of(look, Ink::Heading, look.lang.pick("Courses", "课程")));
    for course in courses {
        let count = format!("{}/{}", course.done(progress), course.lessons.len());
        let mut line = Line::new();
        line.to(2).push(look, Ink::Call, &course.name).to(width + 4);
        line.push_until(look, Ink::Plain, course.title.get(look.lang), look.width - count.len() - 1);
        line.push_right(look, Ink::Dim, &count, look.width);
        lines.push(line);
    }
    lines.push(Line::new());
}

/// One course, lesson by lesson.
fn one(
    course: &Course,
    progress: &Progress,
    settings: &Settings,
    lines: &mut Vec<Line>,
) -> Result<(), Failure> {
    let look = &settings.look;
    let lang = look.lang;
    let text = |text: &str, ink: Ink, lines: &mut Vec<Line>| {
        lines.extend(look.wrap(text, look.width).iter().map(|text| Line::of(look, ink, text)));
    };
    let mut title = Line::of(look, Ink::Heading, course.title.get(lang));
    title.push(look, Ink::Dim, &format!("  {}", course.name));
    lines.push(title);
    text(course.about.get(lang), Ink::Plain, lines);
    lines.push(Line::new());
    let catalog = scenario::catalog().map_err(|diagnostics| mistakes(&diagnostics, settings))?;
    let width = course.lessons.iter().map(String::len).max().unwrap_or(0);
    let next = course.next(progress);
    for name in &course.lessons {
        let mut line = Line::new();
        line.to(2);
        if progress.has_done(name) {
            line.push(look, Ink::Good, "✓");
        } else if next == Some(name) {
            line.push(look, Ink::Heading, "→");
        }
        line.to(4).push(look, Ink::Call, name).to(width + 6);
        if let Some(lesson) = catalog.scenarios.iter().find(|lesson| lesson.name == name) {
            line.push_until(look, Ink::Plain, lesson.title.get(lang), look.width);
        }
        lines.push(line);
    }
    lines.push(Line::new());
    let more = match next {
        Some(_) => lang.pick(
            format!(
                "`wirewalk course next {0}` opens the next lesson. A lesson is done when you have walked to its last step, or when you say so: `wirewalk course done NAME`.",
                course.name
            ),
            format!(
                "wirewalk course next {0} 打开下一课。走到最后一步，这一课就算学完；也可以自己记下：wirewalk course done 课名。",
                course.name
            ),
        ),
        None => lang.pick("All of it is done.", "这门课程已经全部学完。").to_owned(),
    };
    text(&more, Ink::Dim, lines);
    Ok(())
}

fn open_next(name: Option<&str>, courses: &[Course], settings: &Settings) -> Result<Exit, Failure> {
    let kept = kept::read();
    tell(kept.trouble.as_ref(), settings);
    let course = chosen(name, &kept.progress, courses, settings)?;
    let lang = settings.lang();
    // Whoever names a course is in it from now on.
    if name.is_some() && kept.progress.course.as_deref() != Some(course.name.as_str()) {
        let course = course.name.clone();
        tell_failed(kept::change(lang, |progress| progress.course = Some(course)), settings);
    }
    let Some(lesson) = course.next(&kept.progress) else {
        let title = course.title.get(lang);
        let text = lang.pick(
            format!("“{title}” is done, all of it. `wirewalk course` lists the others.\n"),
            format!("“{title}”已经全部学完。wirewalk course 列出其他课程。\n"),
        );
        out::print(lang, &text)?;
        return Ok(Exit::Fine);
    };
    if !step::full_screen() {
        show::show(&ShowArgs { scenario: lesson.to_owned() }, settings)?;
        let text = lang.pick(
            format!("wirewalk course done {lesson}   puts it down as done\n"),
            format!("wirewalk course done {lesson}   记为学完\n"),
        );
        out::print(lang, &text)?;
        return Ok(Exit::Fine);
    }
    show::text(lesson, settings)?;
    out::print(lang, lang.pick("Enter walks through it, q leaves > ", "回车开始走，q 离开 > "))?;
    let mut typed = String::new();
    let stdin = std::io::stdin().lock().read_line(&mut typed);
    if stdin.map_err(|error| Failure::io("stdin", error))? == 0 || typed.trim().eq_ignore_ascii_case("q") {
        return Ok(Exit::Fine);
    }
    let loaded = load::load(lesson, &RunOptions { seed: 1, ..RunOptions::default() }, settings)?;
    let look = settings.diagram(DiagramOptions::default(), loaded.plan.chooses_numbers());
    let walk = Walk::simulated(loaded.setup).map_err(|diagnostics| mistakes(&diagnostics, settings))?;
    if step::walk_through(walk, look, false)?.finished() {
        return put_down(&[lesson.to_owned()], courses, settings);
    }
    let text = lang.pick(
        format!("{lesson} is not done: you left before its last step\n"),
        format!("{lesson} 还没学完：没有走到最后一步\n"),
    );
    out::print(lang, &text)?;
    Ok(Exit::Fine)
}

fn tell_failed(changed: Result<kept::Changed, Failure>, settings: &Settings) -> Option<kept::Changed> {
    let lang = settings.lang();
    match changed {
        Ok(changed) => {
            tell_aside(&changed, settings);
            Some(changed)
        }
        Err(failure) => {
            let why = failure.words(lang);
            tell(
                Some(&Text::new(format!("progress is not kept: {why}"), format!("学习进度没有保存：{why}"))),
                settings,
            );
            None
        }
    }
}

fn tell_aside(changed: &kept::Changed, settings: &Settings) {
    if let Some(aside) = &changed.aside {
        let aside = aside.display();
        let text =
            Text::new(format!("the damaged file is now {aside}"), format!("损坏的文件已另存为 {aside}"));
        tell(Some(&text), settings);
    }
}

/// The lessons' own names; the first that is none is the mistake.
fn known(lessons: &[String], settings: &Settings) -> Result<Vec<&'static str>, Failure> {
    let name = |lesson: &String| match scenario::find(lesson) {
        Ok(builtin) => Ok(builtin.name),
        Err(nearest) => Err(Failure::Usage(load::unknown(lesson, &nearest, settings))),
    };
    lessons.iter().map(name).collect()
}

fn put_down(lessons: &[String], courses: &[Course], settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let names = known(lessons, settings)?;
    let changed = kept::change(lang, |progress| {
        for name in &names {
            progress.mark(name);
        }
    })?;
    tell_aside(&changed, settings);
    let progress = &changed.progress;
    let course = chosen(None, progress, courses, settings)?;
    let (title, done, all) = (course.title.get(lang), course.done(progress), course.lessons.len());
    let names = names.join(lang.pick(", ", "、"));
    let mut text = lang.pick(
        format!("done: {names}. {title}: {done} of {all}"),
        format!("学完：{names}。{title}：{all} 课中的 {done} 课"),
    );
    text.push_str(&match course.next(progress) {
        Some(next) => lang.pick(format!("; next: {next}\n"), format!("；下一课：{next}\n")),
        None => lang.pick("; that was the last one\n", "；全部学完\n").to_owned(),
    });
    out::print(lang, &text)?;
    Ok(Exit::Fine)
}

fn forget(lessons: &[String], settings: &Settings) -> Result<Exit, Failure> {
    let lang = settings.lang();
    let names = known(lessons, settings)?;
    let changed = kept::change(lang, |progress| match names.as_slice() {
        [] => *progress = Progress::default(),
        names => names.iter().for_each(|name| {
            progress.unmark(name);
        }),
    })?;
    tell_aside(&changed, settings);
    let text = match names.is_empty() {
        true => lang.pick("all progress is forgotten\n", "学习进度已全部清除\n").to_owned(),
        false => {
            let names = names.join(lang.pick(", ", "、"));
            lang.pick(format!("not done any more: {names}\n"), format!("不再算学完：{names}\n"))
        }
    };
    out::print(lang, &text)?;
    Ok(Exit::Fine)
}

/// A built-in lesson was walked to its end by `step`: it is done for whoever has begun a course.
pub fn walked(name: &str, settings: &Settings) {
    let Ok(builtin) = scenario::find(name) else { return };
    let kept = kept::read();
    if kept.begun && !kept.progress.has_done(builtin.name) {
        tell_failed(
            kept::change(settings.lang(), |progress| {
                progress.mark(builtin.name);
            }),
            settings,
        );
    }
}
