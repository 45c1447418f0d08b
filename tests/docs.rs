//! The documents that show tables or output are what the program really says.
//! `UPDATE=1 cargo test --test docs` writes the generated ones anew.

use std::fmt::Write as _;
use std::path::Path;
use wirewalk::lang::Lang;
use wirewalk::scenario::builtins;

/// Compares a generated document with the one in the repository, or writes it.
fn hold(path: &str, made: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, made).unwrap();
        return;
    }
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(kept == made, "{path} is not what the scenarios say: UPDATE=1 cargo test --test docs writes it");
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
