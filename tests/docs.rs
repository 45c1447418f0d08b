//! The documents that show tables or output are what the program really says.
//! `UPDATE=1 cargo test --test docs` writes the generated ones anew.

mod book;

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt::Write as _;
use std::path::Path;
use wirewalk::glossary::{Entry, Source, glossary, sources};
use wirewalk::lang::Lang;
use wirewalk::scenario::{self, builtins};
use wirewalk::tui::{self, App, Event};
use wirewalk::view::{Look, svg};
use wirewalk::walk::{Setup, Walk};

/// Compares a generated document with the one in the repository, or writes it.
pub(crate) fn hold(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "{path} is not what the program makes: UPDATE=1 cargo test --test docs writes it");
}

#[test]
fn the_list_of_lessons_is_generated_from_the_scenarios() {
    let mut made = String::from(
        "# Lessons · 课程\n\nGenerated from the scenario files. `wirewalk show NAME` prints a lesson, `wirewalk run NAME` runs it.\n",
    );
    let mut topic = "";
    for builtin in builtins() {
        let scenario = builtin.scenario().unwrap_or_else(|_| panic!("{} has mistakes", builtin.path()));
        let plan = scenario.default_plan();
        if topic != builtin.topic {
            topic = builtin.topic;
            write!(made, "\n## {topic}\n\n| name | lesson | 课程 | claims | kernel |\n| --- | --- | --- | --- | --- |\n").unwrap();
        }
        let kernel = match &plan.live.impossible {
            Some(why) => format!("no: {}", why.get(Lang::En)),
            None => "yes".to_owned(),
        };
        writeln!(
            made,
            "| [`{}`](../{}) | {} | {} | {} | {kernel} |",
            builtin.name,
            builtin.path(),
            plan.title.get(Lang::En),
            plan.title.get(Lang::Zh),
            plan.claims.join(", "),
        )
        .unwrap();
    }
    hold("docs/lessons.md", &made);
}

#[test]
fn the_readme_shows_what_the_program_prints() {
    trycmd::TestCases::new().env("LC_ALL", "en_US.UTF-8").case("README.md").case("README.zh.md");
}

/// A lesson as it is walked from the command line.
fn walk(name: &str) -> Walk {
    let scenario = scenario::find(name).expect("built in").scenario().expect("without mistakes");
    Walk::simulated(Setup::new(scenario)).expect("default knobs")
}

/// The pictures of the README: each is what the program draws today, octet for octet.
#[test]
fn the_readme_s_pictures_are_what_the_program_draws() {
    for lang in [Lang::En, Lang::Zh] {
        let look = Look { lang, color: true, ..Look::default() };
        let path = |name: &str| format!("docs/pictures/{name}.{lang}.svg");
        hold(&path("step"), &step(look.clone()));
        let drawn = svg::sequence(walk("lost-syn-ack").trace(), &look, svg::Standing::Alone);
        hold(&path("sequence"), &drawn);
        let readme = lang.pick("README.md", "README.zh.md");
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(readme)).unwrap();
        for name in ["step", "sequence"] {
            assert!(text.contains(&path(name)), "{readme} does not show {}", path(name));
        }
    }
}

/// The full-screen stepper where the SYN goes again, with what is told of it.
fn step(look: Look) -> String {
    let lang = look.lang;
    let mut app = App::new(walk("lost-syn-ack"), look, 80, 24);
    let again = app.walk().trace().frames()[2].record.id;
    let step = app.walk().holding(again).expect("a step sends it");
    let keys = format!("g{}\n", step + 1);
    while app.walk().at() != step {
        // Questions on the way are put off.
        for key in keys.chars().chain(['\u{1b}']) {
            let code = match key {
                '\n' => KeyCode::Enter,
                '\u{1b}' => KeyCode::Esc,
                key => KeyCode::Char(key),
            };
            app.update(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)));
        }
    }
    app.update(Event::Key(KeyEvent::new(KeyCode::Char('6'), KeyModifiers::NONE)));
    let described = lang.pick(
        "wirewalk step: the sequence diagram as far as the repeated SYN, below it why that is sent",
        "wirewalk step：画到重传 SYN 为止的时序图，下面讲为什么重传",
    );
    tui::picture(&app, described)
}

/// The keys of the stepper as its own help lists them.
#[test]
fn the_keys_are_those_of_the_stepper() {
    let mut made = String::from(
        "# The stepper · 走步器\n\nGenerated from the program. `wirewalk step NAME` walks through a lesson, `wirewalk step --live NAME` through what the real kernel \
         does, with the simulation as its second branch, and `wirewalk inspect FILE --step` through a capture. 80 by 24 is enough; below 72 columns \
         one pane is shown at a time, down to 40 by 12. `--plain`, and wherever there is no terminal, it walks line by line; `?` lists the commands there.\n\n\
         由程序生成。`wirewalk step NAME` 走一课，`wirewalk step --live NAME` 走真实内核所做的（第二条分支是模拟），`wirewalk inspect FILE --step` 走捕获文件。\
         80×24 足够；窄于 72 列时一次只显示一个窗格，最小 40×12。`--plain`，或没有终端时，逐行走；那里用 `?` 列出命令。\n\n\
         | key | | 键的作用 |\n| --- | --- | --- |\n",
    );
    for [key, en, zh] in wirewalk::tui::keys() {
        writeln!(made, "| `{key}` | {en} | {zh} |").unwrap();
    }
    hold("docs/stepper.md", &made);
}

/// What the model does not have, with a script that shows it.
#[derive(serde::Deserialize)]
struct Differences {
    difference: Vec<Row>,
}

#[derive(serde::Deserialize)]
struct Row {
    missing: String,
    what: wirewalk::lang::Text,
    why: wirewalk::lang::Text,
    script: String,
}

fn differences() -> Vec<Row> {
    let text = include_str!("../docs/packetdrill/differences.toml");
    toml::from_str::<Differences>(text).expect("rows").difference
}

#[test]
fn what_the_model_is_said_to_lack_it_lacks() {
    use wirewalk::drill::{ProblemKind, Settings, Verdict, mistakes, simulate};
    for row in differences() {
        let open =
            "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n+0 bind(3, ..., ...) = 0\n+0 listen(3, 1) = 0\n";
        let text = format!("{open}{}+1 close(3) = 0\n", row.script);
        let script = wirewalk::packetdrill::Script::parse("row.pkt", &text).expect("it can be read");
        let settings = Settings::of(&script, &[]).expect("settings");
        assert!(mistakes(&script, &settings).is_empty(), "{text}");
        let until = wirewalk::clock::Span::secs(60);
        let ran = simulate(&script, &settings, Default::default(), until, Box::new(|_| None)).expect("runs");
        match ran.verdict {
            Verdict::Unsupported(problem) => assert_eq!(problem.kind, ProblemKind::Unsupported(row.missing)),
            other => panic!("{}: {other:?}: the model has learnt it, the row goes", row.missing),
        }
    }
}

#[test]
fn the_page_on_packetdrill_has_a_row_for_whatever_differs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut kernel_only = csv::Reader::from_path(root.join("tests/drill/kernel-only.csv")).unwrap();
    let kernel_only: Vec<csv::StringRecord> = kernel_only.records().map(|row| row.unwrap()).collect();
    for (lang, path) in [(Lang::En, "docs/packetdrill.md"), (Lang::Zh, "docs/packetdrill.zh.md")] {
        let mut table = lang
            .pick(
                "| told as | what | why |\n| --- | --- | --- |\n",
                "| 判为 | 什么 | 为什么 |\n| --- | --- | --- |\n",
            )
            .to_owned();
        for row in differences() {
            let missing = row.missing.trim_matches('`');
            writeln!(table, "| `{missing}` | {} | {} |", row.what.get(lang), row.why.get(lang)).unwrap();
        }
        for row in &kernel_only {
            let (script, why) = (&row[0], lang.pick(&row[1], &row[2]));
            writeln!(table, "| `tests/drill/{script}.pkt` | | {why} |").unwrap();
        }
        let kept = std::fs::read_to_string(root.join(path)).unwrap();
        let (before, rest) = kept.split_once("<!-- differences -->\n").expect("a place for the rows");
        let (_, after) = rest.split_once("<!-- end -->").expect("its end");
        let made = format!("{before}<!-- differences -->\n{table}<!-- end -->{after}");
        hold(path, &made);
    }
}

#[test]
fn the_page_on_packetdrill_shows_what_the_program_prints() {
    trycmd::TestCases::new()
        .env("LC_ALL", "en_US.UTF-8")
        .case("docs/packetdrill.md")
        .case("docs/packetdrill.zh.md");
}
/// Where an entry stands in the glossary's document.
fn anchor(entry: &Entry) -> String {
    let plain: String = entry.key().to_lowercase().chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    let call = if entry.key().ends_with("()") { "-call" } else { "" };
    format!("{}-{plain}{call}", entry.topic)
}

fn linked(entry: &Entry, lang: Lang) -> String {
    format!("[{}](#{})", entry.title(lang), anchor(entry))
}

/// One entry of the glossary as Markdown.
fn entry_in_words(entry: &Entry, lang: Lang, lessons: &[Source]) -> String {
    let pick = |en: &'static str, zh: &'static str| lang.pick(en, zh);
    let comma = pick(", ", "、");
    let mut made = format!("<a id=\"{}\"></a>\n\n", anchor(entry));
    match &entry.symbol {
        Some(symbol) if symbol != entry.term.get(lang) => {
            write!(made, "### `{symbol}` {}", entry.term.get(lang)).unwrap();
        }
        _ => write!(made, "### {}", entry.term.get(lang)).unwrap(),
    }
    let numbers = entry.numbers.iter().map(|number| format!("{} {}", number.kind, number.value));
    let mut said = vec![entry.term.get(lang.pick(Lang::Zh, Lang::En)).to_owned()];
    said.extend(entry.names.iter().chain(&entry.also).cloned());
    said.extend(numbers);
    write!(made, "\n\n*{}*\n\n{}\n\n", said.join(" · "), entry.says.get(lang)).unwrap();
    write!(made, "{}{}", pick("Rests on: ", "依据："), entry.cites.join(comma)).unwrap();
    let related = entry.related.iter().map(|name| linked(glossary().named(name).expect("an entry"), lang));
    let related = related.collect::<Vec<_>>().join(comma);
    write!(made, "{}{related}", pick(". See also: ", "。参见：")).unwrap();
    let shown = entry.lessons(lessons);
    if !shown.is_empty() {
        let link = |name: &str| {
            let lesson = scenario::find(name).expect("a built-in lesson");
            format!("[`{name}`](lessons/{}.md#{name})", lesson.topic)
        };
        let shown: Vec<String> = shown.iter().map(|lesson| link(lesson.name)).collect();
        write!(made, "{}{}", pick(". Lessons: ", "。课程："), shown.join(comma)).unwrap();
    }
    made.push_str(pick(".\n\n", "。\n\n"));
    made
}

/// The glossary as a document, in each language.
#[test]
fn the_glossary_is_generated_from_its_entries() {
    let lessons = sources().expect("without mistakes");
    for lang in [Lang::En, Lang::Zh] {
        let count = glossary().entries.len();
        let mut made = lang.pick(
            format!("# Glossary\n\nGenerated from the program, {count} terms. `wirewalk explain TERM` shows one; which lessons show it is found from the lessons.\n"),
            format!("# 词汇表\n\n由程序生成，共 {count} 个词条。`wirewalk explain 词` 显示一个；哪些课程演示它，是从课程里找出来的。\n"),
        );
        for topic in &glossary().topics {
            write!(made, "\n- [{}](#{})", topic.title.get(lang), topic.name).unwrap();
        }
        made.push_str("\n\n");
        for topic in &glossary().topics {
            write!(made, "<a id=\"{}\"></a>\n\n## {}\n\n", topic.name, topic.title.get(lang)).unwrap();
            for entry in glossary().of_topic(&topic.name) {
                made.push_str(&entry_in_words(entry, lang, &lessons));
            }
        }
        let made = format!("{}\n", made.trim_end());
        for id in made.split("](#").skip(1).filter_map(|rest| rest.split(')').next()) {
            assert_eq!(made.matches(&format!("<a id=\"{id}\"></a>")).count(), 1, "{id}");
        }
        hold(&format!("docs/book/{lang}/src/glossary.md"), &made);
    }
}
