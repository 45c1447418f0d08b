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
