//! `wirewalk drill` over many scripts: lines, table, JSON, and how it ends.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::{Command, Output};

fn drill(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    command.arg("drill").args(arguments).env("LC_ALL", "en_US.UTF-8").env_remove("LC_MESSAGES");
    command.output().expect("the binary runs")
}

fn text(octets: &[u8]) -> String {
    String::from_utf8(octets.to_vec()).expect("UTF-8")
}

fn scripts() -> Vec<String> {
    ["endless", "pass", "unsupported", "wrong"].map(|name| format!("tests/cmd/scripts/{name}.pkt")).to_vec()
}

fn named(names: &[String]) -> Vec<&str> {
    names.iter().map(String::as_str).collect()
}

#[test]
fn many_scripts_have_a_line_each_and_a_table_of_what_is_missing() {
    let scripts = scripts();
    let output = drill(&named(&scripts));
    assert_eq!(output.status.code(), Some(1), "a script fails");
    let said = text(&output.stdout);
    let lines: Vec<&str> = said.lines().take(4).collect();
    for (line, wanted) in
        lines.iter().zip(["✗ endless.pkt", "✓ pass.pkt", "- unsupported.pkt", "✗ wrong.pkt"])
    {
        assert!(line.starts_with(wanted), "{line}");
    }
    assert!(said.contains("1  TCP MD5 signatures  unsupported"), "{said}");
    assert_eq!(said.matches("what happened around it").count(), 2, "each failure at length: {said}");
    assert!(said.lines().all(|line| unicode_width::UnicodeWidthStr::width(line) <= 80), "{said}");
}

#[test]
fn a_folder_stands_for_the_scripts_below_it_and_one_that_is_broken_outweighs_the_others() {
    let output = drill(&["tests/cmd/scripts", "--lang", "zh"]);
    assert_eq!(output.status.code(), Some(2));
    let (said, complained) = (text(&output.stdout), text(&output.stderr));
    for wanted in ["✗ wrong.pkt", "✓ pass.pkt", "! broken.pkt", "脚本有误", "未支持的，按缺什么计"]
    {
        assert!(said.contains(wanted), "{wanted}: {said}");
    }
    assert!(complained.contains("broken.pkt:4:4") && complained.contains("garbled.pkt:3:6"), "{complained}");
}

#[test]
fn nothing_but_passes_is_zero_and_what_is_not_modelled_is_no_pass() {
    let passes = "tests/cmd/scripts/pass.pkt";
    assert_eq!(drill(&[passes, passes]).status.code(), Some(0));
    let both = drill(&["tests/cmd/scripts/pass.pkt", "tests/cmd/scripts/unsupported.pkt"]);
    assert_eq!(both.status.code(), Some(4));
}

#[test]
fn the_same_scripts_give_the_same_words_however_many_run_at_once() {
    let told = |jobs: &str| {
        let said = text(&drill(&["tests/drill", "--jobs", jobs]).stdout);
        let timeless = |line: &&str| !line.ends_with(" s");
        said.lines().filter(timeless).map(str::to_owned).collect::<Vec<String>>()
    };
    assert_eq!(told("1"), told("4"));
}

#[test]
fn json_is_what_its_document_says() {
    let output = drill(&["--json", "tests/cmd/scripts"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    let document: Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    assert_eq!((&document["schema"], &document["against"]), (&1.into(), &"model".into()));
    let paper = std::fs::read_to_string("docs/json.md").unwrap();
    let paper = paper.split("## `drill --json`").nth(1).unwrap().split("\n## ").next().unwrap();
    let mut keys = BTreeSet::new();
    collect(&document, &mut keys);
    for key in keys {
        assert!(
            paper.contains(&format!("`{key}`")) || paper.contains(&format!("\"{key}\"")),
            "`{key}` is not in docs/json.md"
        );
    }
    let results = document["results"].as_array().unwrap();
    let find =
        |name: &str| results.iter().find(|one| one["script"].as_str().unwrap().ends_with(name)).unwrap();
    assert_eq!(find("pass.pkt")["verdict"], "pass");
    assert_eq!(find("pass.pkt")["printed"][0], "congestion window 10");
    let wrong = &find("wrong.pkt")["problems"][0];
    assert_eq!(
        (&wrong["line"], &wrong["kind"], &wrong["at_ns"]),
        (&10.into(), &"packet".into(), &200_000_000.into())
    );
    assert_eq!(wrong["fields"][0]["expected"], "901");
    assert_eq!(find("unsupported.pkt")["problems"][0]["missing"], "TCP MD5 signatures");
    assert_eq!(find("broken.pkt")["problems"].as_array().unwrap().len(), 2);
    for kind in results.iter().filter_map(|one| one["problems"].as_array()).flatten() {
        assert!(paper.contains(&format!("`{}`", kind["kind"].as_str().unwrap())), "{kind}");
    }
}

fn collect(value: &Value, keys: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                keys.insert(key.clone());
                collect(value, keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The kernel's half; where the machine forbids it, it says so with 3.
#[test]
fn the_same_script_passes_on_the_kernel_and_every_view_can_draw_it() {
    let output = drill(&["--live", "--tolerance_usecs=14000", "--view", "log", "tests/cmd/scripts/pass.pkt"]);
    if output.status.code() == Some(3) {
        assert!(std::env::var_os("CI").is_none(), "no live run in CI: {}", text(&output.stderr));
        eprintln!("SKIPPED: this machine allows no live run: {}", text(&output.stderr));
        return;
    }
    let said = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{said}{}", text(&output.stderr));
    assert!(said.contains("kernel ") && said.contains("script > stack PA 1 ack 1 len 1000"), "{said}");
    let wrong = drill(&["--live", "--tolerance_usecs=14000", "tests/cmd/scripts/wrong.pkt"]);
    assert_eq!(wrong.status.code(), Some(1));
    assert!(
        text(&wrong.stdout).contains("acknowledgment number   901        1001"),
        "{}",
        text(&wrong.stdout)
    );
}
