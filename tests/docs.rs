//! The documents that show tables or output are what the program really says.
//! `UPDATE=1 cargo test --test docs` writes the generated ones anew.

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt::Write as _;
use std::path::Path;
use wirewalk::lang::Lang;
use wirewalk::scenario::{self, builtins};
use wirewalk::tui::{self, App, Event};
use wirewalk::view::{Look, svg};
use wirewalk::walk::{Setup, Walk};

/// Compares a generated document with the one in the repository, or writes it.
fn hold(path: &str, made: &str) {
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
