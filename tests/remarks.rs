//! Patterns that mean other frames than they seem to: `check` remarks on them, and no lesson has one.

mod common;

use std::process::Command;
use wirewalk::report::{self, Loose};
use wirewalk::scenario::{Plan, Scenario};
use wirewalk::sim;

/// A question and an answer, each acknowledged by itself; then the close. Frames 5, 7 and 9 are ACKs without text of
/// the client, the server, the client.
const TALK: &str = r#"
title = { en = "Talk", zh = "对话" }
lesson = { en = "A question and an answer.", zh = "一问一答。" }
[host.client]
program = '''
  when server LISTEN
  s = socket(tcp)
  connect(s, server:80)
  send(s, "question")
  recv(s, 100) == "answer"
  sleep 100ms
  close(s)
'''
[host.server]
program = '''
  l = socket(tcp)
  bind(l, *:80)
  listen(l, 1)
  c = accept(l)
  recv(c, 100) == "question"
  send(c, "answer")
  recv(c, 100) == ""
  close(c)
'''
"#;

fn loose_in(plan: &Plan) -> Vec<Loose> {
    report::loose(plan, &sim::run(plan, &sim::Options::default()))
}

/// What is loose in the talk with this expectation or question at its end.
fn loose_with(more: &str) -> Vec<Loose> {
    loose_in(&common::plan(&format!("{TALK}{more}")))
}

fn expecting(comparison: &str) -> String {
    format!("[[expect]]\nsays = {{ en = \"it holds\", zh = \"成立\" }}\nthat = \"{comparison}\"\n")
}

fn asking(keys: &str) -> String {
    format!("[[question]]\nask = {{ en = \"What?\", zh = \"什么？\" }}\n{keys}\n")
}

#[test]
fn no_built_in_lesson_has_a_pattern_that_means_other_frames_than_it_seems_to() {
    let found: Vec<_> = common::builtin_plans()
        .iter()
        .flat_map(|(name, plan)| {
            loose_in(plan).into_iter().map(move |loose| format!("{name} line {}", loose.line))
        })
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn where_a_counts_frames_with_text_the_pattern_is_remarked_upon() {
    // The client sends an ACK, the question, an ACK of the answer, and one of the server's FIN.
    for (more, means, alone) in [
        (expecting("count(client > server A) == 4"), 4, 3),
        (expecting("octets(client > server A) > 4"), 4, 3),
        (expecting("lost(client > server A) == 0"), 4, 3),
        (expecting("time(client > server A #2) > 0s"), 1, 1),
        (expecting("gap(client > server A, 2) < 1s"), 2, 2),
        (asking("before = \"client > server A #2\"\nanswer = \"frame.tcp.ack\""), 1, 1),
        (asking("after = \"client > server A #4\"\nanswer = \"state(server)\""), 1, 0),
        (asking("answer = \"why(client > server A #3)\""), 1, 1),
        (asking("answer = \"count(client > server A #2-3)\""), 2, 2),
        (asking("order = [\"client > server S\", \"server > client SA\", \"client > server A #2\"]"), 1, 1),
    ] {
        let found = loose_with(&more);
        let [loose] = &found[..] else { panic!("{more}: {found:?}") };
        assert_eq!((loose.means.len(), loose.alone.len()), (means, alone), "{more}: {loose:?}");
        assert_eq!(loose.question.is_some(), more.contains("[[question]]"), "{more}");
    }
    let among = "which = [\"--drop client > server A #2\", \"--drop client > server FA\"]\nfails = 1";
    let which = expecting("count(client > server PA) == 1") + &asking(among);
    assert_eq!(loose_with(&which).len(), 1, "{which}");
}

#[test]
fn where_it_means_the_same_frames_or_says_which_it_means_nothing_is_remarked() {
    for more in [
        // The first is the handshake's, whatever comes later.
        expecting("time(client > server A #1) > 0s"),
        asking("before = \"client > server A\"\nanswer = \"frame.tcp.ack\""),
        expecting("count(client > server ack) == 3"),
        expecting("count(client > server data) == 1"),
        expecting("count(client > server PA) == 1"),
        expecting("count(client > server FA) == 1"),
        asking("before = \"client > server ack #2\"\nanswer = \"frame.tcp.ack\""),
    ] {
        assert_eq!(loose_with(&more), [], "{more}");
    }
}

#[test]
fn check_says_which_frames_it_means_and_what_to_write_in_both_languages_and_holds_all_the_same() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("talk.toml");
    let question = asking("before = \"client > server A #2\"\nanswer = \"frame.tcp.len\"");
    let text = format!("{TALK}{question}");
    assert!(Scenario::parse("talk.toml", &text).is_ok());
    std::fs::write(&path, &text).expect("written");
    let check = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
        let output =
            command.arg("check").arg(&path).args(more).env("LC_ALL", "C.UTF-8").output().expect("it runs");
        assert_eq!(output.status.code(), Some(0), "{more:?}");
        String::from_utf8(output.stdout).expect("UTF-8").split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let line = text.lines().position(|line| line == "[[question]]").expect("it is there") + 1;
    let english = check(&["--lang", "en"]);
    for part in [
        &*format!("remark: line {line}: question 1: `client > server A #2` counts ACKs with text too"),
        "means frame 4; `client > server ack #2`, those without, means frame ",
        "Write `ack` for those without text, `data` or PA for those with it",
    ] {
        assert!(english.contains(part), "{part}: {english}");
    }
    let chinese = check(&["--lang", "zh", "--width", "200"]);
    assert!(chinese.contains(&format!("提示：第 {line} 行：第 1 题：`client > server A #2`")), "{chinese}");
    assert!(chinese.contains("只要不带数据的，写 `ack`；只要带数据的，写 `data` 或 PA"), "{chinese}");
    assert!(!check(&["--lang", "en", "--quiet"]).contains("remark"));
    // With something changed it is another run.
    assert!(!check(&["--lang", "en", "--drop", "client > server S #1"]).contains("remark"));
}
