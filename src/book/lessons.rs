//! The chapters that are written from the lessons: an index, and for each topic what its lessons say, with the
//! sequence diagram of each.

use crate::lang::Lang;
use crate::scenario::{self, Lesson, Plan};
use crate::sim;
use crate::view::{Look, svg};
use std::fmt::Write;

/// What stands at the head of a chapter that nobody should edit.
fn generated(lang: Lang) -> &'static str {
    lang.pick("<!-- Generated from the scenarios. -->\n\n", "<!-- 由场景文件生成。 -->\n\n")
}

/// The index of all lessons, topic by topic: `lessons.md`.
pub fn index(lang: Lang, catalog: &scenario::Catalog) -> String {
    let mut made = generated(lang).to_owned();
    let count = catalog.scenarios.len();
    made.push_str(&lang.pick(
        format!(
            "# The lessons\n\nThere are {count} lessons in {} topics, each topic building on those before it. Every one is a scenario that \
             runs in the simulator, and nearly all of them on the kernel of your own machine too. The claims are the sentences \
             that learners are usually told; the [list of claims](claims.md) says which of them hold.\n\n\
             `wirewalk list` prints this list, `wirewalk show NAME` one lesson, `wirewalk step NAME` walks through it.\n",
            catalog.topics.len()
        ),
        format!(
            "# 课程\n\n共 {count} 课，分 {} 个主题，后面的主题以前面的为基础。每一课都是一个场景，能在模拟器里运行，绝大多数还能在你自己机器的内核上运行。\
             编号是初学者常听到的一条条说法，[说法一览](claims.md)讲明哪些对，哪些不对。\n\n\
             `wirewalk list` 列出这张表，`wirewalk show 名字` 显示一课，`wirewalk step 名字` 一步一步走过它。\n",
            catalog.topics.len()
        ),
    ));
    for topic in &catalog.topics {
        let (name, title) = (topic.name, topic.title.get(lang));
        write!(made, "\n## [{title}](lessons/{name}.md)\n\n").unwrap_or_default();
        made.push_str(lang.pick(
            "| lesson | what it is about | claims | beside the kernel |\n| --- | --- | --- | --- |\n",
            "| 名字 | 内容 | 说法 | 与内核对照 |\n| --- | --- | --- | --- |\n",
        ));
        for lesson in of(catalog, name) {
            let kernel = match lesson.live {
                true => lang.pick("yes", "能"),
                false => lang.pick("no", "不能"),
            };
            let link = format!("[`{0}`](lessons/{name}.md#{0})", lesson.name);
            let (title, claims) = (markdown(lesson.title.get(lang)), lesson.claims.join(", "));
            writeln!(made, "| {link} | {title} | {claims} | {kernel} |").unwrap_or_default();
        }
    }
    made
}

fn of<'c>(catalog: &'c scenario::Catalog, topic: &str) -> impl Iterator<Item = &'c Lesson> {
    catalog.scenarios.iter().filter(move |lesson| lesson.topic == topic)
}

/// The lessons of a topic: `lessons/TOPIC.md`.
pub fn topic(lang: Lang, catalog: &scenario::Catalog, topic: &str) -> String {
    let title = scenario::topic_title(topic);
    let mut made = format!("{}# {}\n", generated(lang), markdown(title.get(lang)));
    for lesson in of(catalog, topic) {
        let Some(plan) = plan(lesson.name) else { continue };
        one(&mut made, lang, lesson, &plan);
    }
    made
}

/// A lesson: its title, what it rests on, what it says, what must come of it, its picture.
fn one(made: &mut String, lang: Lang, lesson: &Lesson, plan: &Plan) {
    let Lesson { name, claims, cites, .. } = lesson;
    let title = markdown(lesson.title.get(lang));
    let mut about = vec![format!("`{name}`")];
    about.extend(claims.iter().cloned());
    about.extend(cites.iter().cloned());
    let about = about.join(" · ");
    write!(made, "\n<a id=\"{name}\"></a>\n\n## {title}\n\n{about}\n").unwrap_or_default();
    for paragraph in lesson.lesson.get(lang).split("\n\n") {
        let paragraph = lang.unwrapped(paragraph);
        write!(made, "\n{}\n", markdown(&paragraph)).unwrap_or_default();
    }
    if let Some(why) = &lesson.impossible {
        let why = markdown(why.get(lang));
        let sentence = lang.pick(
            format!("There is no run on the kernel beside it: {why}."),
            format!("旁边没有内核的运行：{why}。"),
        );
        write!(made, "\n{sentence}\n").unwrap_or_default();
    }
    write!(made, "\n{}\n\n", lang.pick("What must come of it:", "应当得到：")).unwrap_or_default();
    let mut before = None;
    for expectation in &plan.expectations {
        // Several conditions of one sentence follow one another; it is told once.
        if before.replace(&expectation.says) == Some(&expectation.says) {
            continue;
        }
        let (text, cite) = (markdown(expectation.says.get(lang)), &expectation.cite);
        let cite = if cite.is_empty() { String::new() } else { format!(" ({cite})") };
        writeln!(made, "- {text}{cite}").unwrap_or_default();
    }
    let alt =
        lang.pick(format!("The sequence diagram of {name}: {title}"), format!("{name} 的时序图：{title}"));
    write!(made, "\n![{alt}](../pictures/{name}.svg)\n").unwrap_or_default();
    if !plan.questions.is_empty() {
        let count = plan.questions.len();
        let sentence = lang.pick(
            format!(
                "`wirewalk step {name}` walks through it and asks {count} question{}.",
                if count == 1 { "" } else { "s" }
            ),
            format!("`wirewalk step {name}` 一步一步走过它，路上提 {count} 个问题。"),
        );
        write!(made, "\n{sentence}\n").unwrap_or_default();
    }
}

fn plan(name: &str) -> Option<Plan> {
    Some(scenario::find(name).ok()?.scenario().ok()?.default_plan().clone())
}

/// Whether there is a lesson of that name.
pub fn named(name: &str) -> bool {
    scenario::builtins().iter().any(|builtin| builtin.name == name)
}

/// The sequence diagram of a built-in lesson, as `export --format svg` draws it; none if there is no such lesson.
pub fn picture(name: &str, lang: Lang) -> Option<String> {
    let plan = plan(name)?;
    let trace = sim::run(&plan, &sim::Options::default());
    let look = Look { lang, color: true, absolute: plan.chooses_numbers(), ..Look::default() };
    Some(svg::sequence(&trace, &look, svg::Standing::Alone))
}

/// Words of a lesson as Markdown: what stands between back ticks stays code, the rest has no meaning of its own.
fn markdown(words: &str) -> String {
    let mut made = String::with_capacity(words.len());
    for (place, part) in words.split('`').enumerate() {
        if place % 2 == 1 {
            write!(made, "`{part}`").unwrap_or_default();
            continue;
        }
        for character in part.chars() {
            if matches!(character, '\\' | '*' | '_' | '<' | '[' | ']' | '|' | '#' | '~') {
                made.push('\\');
            }
            made.push(character);
        }
    }
    // A number and a dot, or a dash, at the beginning would begin a list.
    let listed = made.starts_with(['-', '+'])
        || made.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(". ");
    if listed { format!("&#8203;{made}") } else { made }
}
