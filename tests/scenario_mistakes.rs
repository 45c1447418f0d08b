//! Every mistake of a scenario file is reported at its place, all of them at once, in both languages.

use std::path::{Path, PathBuf};
use wirewalk::lang::Lang;
use wirewalk::scenario::{Diagnostic, Scenario};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenario")
}

fn mistakes(name: &str) -> Vec<Diagnostic> {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    Scenario::parse(name, &text).expect_err("the file is full of mistakes")
}

/// Compares with the file, or writes it if UPDATE is set.
fn golden(name: &str, rendered: &str) {
    let path = folder().join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, rendered).unwrap();
    }
    let wanted = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(wanted == rendered, "{name} differs (UPDATE=1 writes it):\n{rendered}");
}

#[test]
fn a_file_full_of_mistakes_gets_them_all_listed_in_one_go() {
    let found = mistakes("broken.toml");
    assert!(found.len() >= 20, "only {} were found", found.len());
    for (lang, name) in [(Lang::En, "broken.en.txt"), (Lang::Zh, "broken.zh.txt")] {
        let rendered: Vec<String> = found.iter().map(|diagnostic| diagnostic.render(lang, false)).collect();
        golden(name, &rendered.join("\n"));
    }
}

#[test]
fn mistakes_come_in_the_order_of_the_text_and_none_twice() {
    let found = mistakes("broken.toml");
    for pair in found.windows(2) {
        assert!(
            (pair[0].line, pair[0].column) <= (pair[1].line, pair[1].column),
            "{} before {}",
            pair[0],
            pair[1]
        );
        assert!(pair[0] != pair[1], "{} twice", pair[0]);
    }
}

#[test]
fn every_message_is_there_in_both_languages() {
    let has_chinese = |text: &str| text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    for diagnostic in mistakes("broken.toml") {
        assert!(!has_chinese(&diagnostic.message.en.replace(['，', '（'], "")), "{}", diagnostic.message.en);
        assert!(has_chinese(&diagnostic.message.zh), "{}", diagnostic.message.zh);
        if let Some(help) = &diagnostic.help {
            assert!(!help.en.is_empty() && !help.zh.is_empty(), "{diagnostic}");
        }
    }
}

#[test]
fn toml_that_cannot_be_read_is_reported_in_both_languages_and_the_rest_is_still_checked() {
    let found = mistakes("bad-toml.toml");
    assert!(found.len() >= 10, "only {} were found", found.len());
    for (lang, name) in [(Lang::En, "bad-toml.en.txt"), (Lang::Zh, "bad-toml.zh.txt")] {
        let rendered: Vec<String> = found.iter().map(|diagnostic| diagnostic.render(lang, false)).collect();
        golden(name, &rendered.join("\n"));
    }
}
