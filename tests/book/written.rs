//! The chapters that are made, not written: lessons with their pictures, and the command line.

use super::{BOTH, files, folder, root};
use crate::hold;
use std::fmt::Write as _;
use std::process::Command;
use wirewalk::book;
use wirewalk::lang::Lang;
use wirewalk::report::RULES;
use wirewalk::scenario::{self, Flood};

#[test]
fn the_chapters_on_the_lessons_are_made_from_the_scenarios() {
    let catalog = scenario::catalog().expect("no scenario has mistakes");
    for lang in BOTH {
        let place = |name: &str| format!("docs/book/{lang}/src/{name}");
        hold(&place("lessons.md"), &book::index(lang, &catalog));
        for topic in &catalog.topics {
            let made = book::topic(lang, &catalog, topic.name);
            hold(&place(&format!("lessons/{}.md", topic.name)), &made);
        }
        let topics = catalog.topics.iter().map(|topic| format!("lessons/{}.md", topic.name));
        only(lang, "lessons", "md", topics.collect());
        let listed = catalog.topics.iter().map(|topic| {
            let title = topic.title.get(lang);
            format!("  - [{title}](lessons/{}.md)\n", topic.name)
        });
        in_the_summary(lang, &listed.collect::<String>());
    }
}

#[test]
fn every_lesson_s_picture_is_what_the_program_draws() {
    let catalog = scenario::catalog().expect("no scenario has mistakes");
    for lang in BOTH {
        let mut drawn = Vec::new();
        for lesson in &catalog.scenarios {
            let picture = book::picture(lesson.name, lang).expect("a built-in lesson");
            let place = format!("pictures/{}.svg", lesson.name);
            hold(&format!("docs/book/{lang}/src/{place}"), &picture);
            drawn.push(place);
        }
        only(lang, "pictures", "svg", drawn);
    }
}

/// The list of claims, whose links lead to the lessons of the book here.
#[test]
fn the_chapter_on_claims_is_the_document_with_links_into_the_book() {
    for lang in BOTH {
        let path = lang.pick("docs/claims.md", "docs/claims.zh.md");
        let text = std::fs::read_to_string(root().join(path)).unwrap();
        let mut parts = text.split("](../scenarios/");
        let mut made = parts.next().unwrap().to_owned();
        for part in parts {
            let (place, rest) = part.split_once(".toml)").expect("the link of a lesson");
            let (topic, name) = place.split_once('/').expect("a topic and a name");
            write!(made, "](lessons/{topic}.md#{name}){rest}").unwrap();
        }
        hold(&format!("docs/book/{lang}/src/claims.md"), &made);
    }
}

/// The rules that explain differences, in the chapter on checking; and the bounds of a live flood in that on floods.
#[test]
fn the_rules_and_bounds_of_live_runs_are_those_of_the_program() {
    for lang in BOTH {
        let head = lang.pick(
            "| rule | what differs, and why | where that is written |",
            "| 规则 | 什么不同，为什么 | 依据 |",
        );
        let mut table = format!("{head}\n| --- | --- | --- |\n");
        for rule in RULES {
            writeln!(table, "| `{}` | {} | {} |", rule.name, rule.sentence(lang), rule.cite).unwrap();
        }
        let path = format!("docs/book/{lang}/src/checked.md");
        let kept = std::fs::read_to_string(root().join(&path)).unwrap();
        let (before, rest) = kept.split_once("<!-- rules -->\n").expect("a place for the rules");
        let (_, after) = rest.split_once("<!-- end -->").expect("its end");
        hold(&path, &format!("{before}<!-- rules -->\n{table}<!-- end -->{after}"));
        let floods = book::chapter(lang, "floods.md").unwrap().replace(',', "");
        for bound in [Flood::LIVE_PER_SECOND, Flood::LIVE_TOTAL] {
            assert!(floods.contains(&format!(" {bound} ")), "{lang}: a live flood is bounded by {bound}");
        }
    }
}

/// No file of that kind lies in the folder but these; what was left behind goes with `UPDATE=1`.
fn only(lang: Lang, inner: &str, ending: &str, known: Vec<String>) {
    for file in files(&folder(lang).join(inner), ending) {
        let place = format!("{inner}/{file}");
        if known.contains(&place) {
            continue;
        }
        assert!(std::env::var_os("UPDATE").is_some(), "{lang}: {place} belongs to no lesson any more");
        std::fs::remove_file(folder(lang).join(place)).unwrap();
    }
}

/// The table of contents lists the topics in their order.
fn in_the_summary(lang: Lang, listed: &str) {
    let kept = std::fs::read_to_string(folder(lang).join("SUMMARY.md")).unwrap();
    let mut made = String::new();
    let mut put = false;
    for line in kept.split_inclusive('\n') {
        if line.starts_with("  - [") && line.contains("](lessons/") {
            continue;
        }
        made.push_str(line);
        if line.contains("](lessons.md)") {
            made.push_str(listed);
            put = true;
        }
    }
    assert!(put, "{lang}: SUMMARY.md has no chapter lessons.md");
    hold(&format!("docs/book/{lang}/src/SUMMARY.md"), &made);
}

/// What the program prints.
fn printed(lang: Lang, arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_wirewalk"))
        .args(["--lang", &lang.to_string(), "--color", "never"])
        .args(arguments)
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).expect("text")
}

/// The names of the commands, as the help lists them.
fn commands() -> Vec<String> {
    let help = printed(Lang::En, &["help"]);
    let (_, rest) = help.split_once("\nCommands:\n").expect("a list of commands");
    let (list, _) = rest.split_once("\n\n").expect("its end");
    let named = list.lines().filter_map(|line| line.strip_prefix("  "));
    let named = named.filter(|line| !line.starts_with(' ')).filter_map(|line| line.split_whitespace().next());
    named.map(str::to_owned).collect()
}

#[test]
fn the_chapter_on_the_command_line_is_its_help() {
    let commands = commands();
    assert!(commands.len() > 15, "{commands:?}");
    for lang in BOTH {
        let mut made = lang
            .pick(
                "<!-- Generated from the program's help. -->\n\n# The command line\n\n\
                 `wirewalk` is one program with many commands. Results go to standard output, everything else to standard error; \
                 files are written whole or not at all. What its [exit codes](exit-codes.md) mean and what [`--json`](json.md) prints \
                 stands in chapters of their own. `wirewalk help COMMAND` prints what stands here.\n\n",
                "<!-- 由程序的帮助生成。 -->\n\n# 命令行\n\n\
                 `wirewalk` 是一个程序，有许多命令。结果写到标准输出，其余的话写到标准错误；文件要么写全，要么不写。\
                 [退出码](exit-codes.md)的含义和 [`--json`](json.md) 的输出另有专章。`wirewalk help 命令` 显示的就是这里的内容。\n\n",
            )
            .to_owned();
        let help = |arguments: &[&str]| printed(lang, arguments).trim_end().to_owned();
        write!(made, "```text\n{}\n```\n", help(&["help"])).unwrap();
        for command in &commands {
            write!(made, "\n## wirewalk {command}\n\n```text\n{}\n```\n", help(&["help", command])).unwrap();
        }
        hold(&format!("docs/book/{lang}/src/command-line.md"), &made);
    }
}
