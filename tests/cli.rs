//! The program as a user meets it: what it prints where, and how it ends.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn wirewalk(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    command.args(arguments).env_remove("LC_MESSAGES").env_remove("NO_COLOR").env("LC_ALL", "en_US.UTF-8");
    command
}

fn output(arguments: &[&str]) -> Output {
    wirewalk(arguments).stdin(Stdio::null()).output().expect("the binary runs")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn documents_run_as_written() {
    trycmd::TestCases::new().env("LC_ALL", "en_US.UTF-8").env("LC_MESSAGES", "").case("tests/cmd/*.trycmd");
}

#[test]
fn an_unknown_scenario_is_bad_usage_and_the_nearest_names_are_given() {
    let output = output(&["run", "three-way-handshak"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("three-way-handshake"), "{}", text(&output.stderr));
}

#[test]
fn unknown_options_are_told_in_both_languages() {
    let english = output(&["run", "x", "--viw", "log"]);
    assert_eq!(english.status.code(), Some(2));
    assert!(text(&english.stderr).contains("--viw"));
    let chinese = output(&["run", "x", "--viw", "log", "--lang", "zh"]);
    assert_eq!(chinese.status.code(), Some(2));
    assert!(text(&chinese.stderr).contains("没有“--viw”这个选项"), "{}", text(&chinese.stderr));
}

#[test]
fn a_missing_file_is_bad_input() {
    let output = output(&["run", "./no-such-file.toml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no-such-file.toml"));
}

#[test]
fn the_system_s_words_are_told_in_both_languages() {
    for (path, en, zh) in [
        ("./no-such-file.toml", "no such file or directory", "没有这个文件或目录"),
        (".", "this is a directory, a file is wanted", "这是目录，应为文件"),
    ] {
        assert!(text(&output(&["run", path]).stderr).contains(en));
        let chinese = text(&output(&["run", path, "--lang", "zh"]).stderr);
        assert!(chinese.contains(zh) && !chinese.contains("os error"), "{chinese}");
    }
}

/// A file of nothing but mistakes is bad input like any other: told to its end, and not at endless length.
#[test]
fn a_file_full_of_mistakes_is_told_to_its_end_and_briefly() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for sign in ["[", "\0", "a = \n", "{", "\"", "x = ["] {
        let path = folder.path().join("mistakes.toml");
        std::fs::write(&path, sign.repeat(40_000 / sign.len())).expect("written");
        let output = output(&["run", path.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(2), "{sign:?}");
        let told = text(&output.stderr);
        assert!((1..=100).contains(&told.matches("error:").count()), "{sign:?}: {told}");
    }
}

#[test]
fn colour_only_where_it_is_wanted() {
    let run = |arguments: &[&str]| text(&output(arguments).stdout);
    assert!(!run(&["states"]).contains('\u{1b}'));
    assert!(run(&["states", "--color", "always"]).contains('\u{1b}'));
    let quiet =
        wirewalk(&["states", "--color", "auto"]).env("NO_COLOR", "1").env("CLICOLOR_FORCE", "1").output();
    assert!(!text(&quiet.expect("runs").stdout).contains('\u{1b}'));
}

#[test]
fn the_locale_chooses_the_language_and_lang_overrides_it() {
    let zh = wirewalk(&["list"]).env("LC_ALL", "zh_CN.UTF-8").output().expect("runs");
    assert!(text(&zh.stdout).contains("建立连接"));
    let en = wirewalk(&["list", "--lang", "en"]).env("LC_ALL", "zh_CN.UTF-8").output().expect("runs");
    assert!(!text(&en.stdout).contains("建立连接"));
}

#[test]
fn a_reader_that_goes_away_ends_the_program_quietly() {
    let mut child = wirewalk(&["run", "syn-flood", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let mut out = child.stdout.take().expect("a pipe");
    let mut first = [0u8; 64];
    out.read_exact(&mut first).expect("something is printed");
    drop(out);
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
    assert!(output.status.code().is_some(), "ended by a signal");
}

#[test]
fn a_full_disk_is_an_error_and_said() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("opens");
    let output = wirewalk(&["list"]).stdout(full).stderr(Stdio::piped()).spawn().expect("runs");
    let output = output.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("standard output"));
}

#[test]
fn an_export_is_written_whole_or_not_at_all() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("walk.pcapng");
    let name = path.to_str().expect("a plain name");
    let written = output(&["export", "three-way-handshake", "--format", "pcapng", "-o", name]);
    assert_eq!(written.status.code(), Some(0), "{}", text(&written.stderr));
    assert!(written.stdout.is_empty());
    let bytes = std::fs::read(&path).expect("the file is there");
    assert_eq!(bytes[..4], [0x0a, 0x0d, 0x0d, 0x0a]);
    let piped = output(&["export", "three-way-handshake", "--format", "pcapng", "-o", "-"]);
    assert_eq!(piped.stdout, bytes);
    let nowhere = folder.path().join("no/such/folder.pcapng");
    let failed = output(&[
        "export",
        "three-way-handshake",
        "--format",
        "pcapng",
        "-o",
        nowhere.to_str().expect("a name"),
    ]);
    assert_ne!(failed.status.code(), Some(0));
    assert_eq!(std::fs::read_dir(folder.path()).expect("listed").count(), 1);
}

#[test]
fn a_new_scenario_checks_and_an_existing_file_is_left_alone() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for lang in ["en", "zh"] {
        let path = folder.path().join(format!("{lang}.toml"));
        let name = path.to_str().expect("a plain name");
        assert_eq!(output(&["new", name, "--lang", lang]).status.code(), Some(0));
        let checked = output(&["check", name, "--lang", lang]);
        assert_eq!(checked.status.code(), Some(0), "{}{}", text(&checked.stdout), text(&checked.stderr));
        let before = std::fs::read(&path).expect("read");
        assert_eq!(output(&["new", name]).status.code(), Some(2));
        assert_eq!(std::fs::read(&path).expect("read"), before);
    }
}

#[test]
fn mistakes_of_a_file_come_with_line_and_caret_all_at_once() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("wrong.toml");
    std::fs::write(
        &path,
        "title = { en = \"x\", zh = \"x\" }\nlesson = { en = \"x\", zh = \"x\" }\ntypo = 1\n[wire]\ndelay = \"-3ms\"\n[host.client]\nprogram = \"frobnicate()\"\n",
    )
    .expect("written");
    let output = output(&["check", path.to_str().expect("a name")]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    for wanted in ["typo", "-3ms", "frobnicate", "wrong.toml:3", "^"] {
        assert!(said.contains(wanted), "{wanted} is missing in:\n{said}");
    }
}

#[test]
fn a_walk_line_by_line_goes_forward_and_back_and_ends_with_its_input() {
    let mut child = wirewalk(&["step", "--plain", "lost-syn-ack"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    let script = "n\nn\np\nN\nwhy\nlayers\nvars\ng 3\nnonsense\ndrop\n?\n";
    child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    assert!(said.contains("[2/") && said.contains("[3/"), "{said}");
}

#[test]
fn the_same_run_prints_the_same_bytes() {
    let one = output(&["run", "lost-syn-ack", "--json"]);
    let other = output(&["run", "lost-syn-ack", "--json"]);
    assert_eq!(one.status.code(), Some(0));
    assert_eq!(one.stdout, other.stdout);
    let document: serde_json::Value = serde_json::from_slice(&one.stdout).expect("one JSON document");
    assert_eq!(document["schema"], 1);
    assert_eq!(document["scenario"], "lost-syn-ack");
    let records = document["records"].as_array().expect("records");
    assert!(records.iter().enumerate().all(|(at, record)| record["id"] == at));
    assert!(document["expectations"].as_array().expect("expectations").iter().all(|one| one["held"] == true));
}

#[test]
fn the_list_as_json_names_every_scenario() {
    let output = output(&["list", "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON document");
    let names: std::collections::BTreeSet<&str> = document["scenarios"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|scenario| scenario["name"].as_str())
        .collect();
    let known = wirewalk::scenario::builtins().iter().map(|builtin| builtin.name).collect();
    assert_eq!(names, known);
}

#[test]
fn a_failed_expectation_is_exit_1_and_says_what_was_found() {
    let output = output(&["run", "three-way-handshake", "--drop", "client > server S"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains('✗'));
}

#[test]
fn completions_the_manual_the_schema_and_dot_are_what_they_claim() {
    assert!(text(&output(&["completions", "bash"]).stdout).contains("complete -F"));
    assert!(text(&output(&["man"]).stdout).contains(".TH wirewalk"));
    let schema: serde_json::Value = serde_json::from_slice(&output(&["schema"]).stdout).expect("JSON");
    assert!(schema["$schema"].is_string());
    assert!(text(&output(&["states", "--format", "dot"]).stdout).starts_with("digraph"));
}

#[test]
fn branches_asked_for_lie_over_the_run_in_plots_and_tables() {
    let export = |format: &[&str]| {
        let run = ["export", "sack", "--with-drop", "server > client #4", "-o", "-"];
        output(&[&run[..], format].concat())
    };
    let table = export(&["--format", "csv"]);
    let mut reader = csv::Reader::from_reader(table.stdout.as_slice());
    assert_eq!(reader.headers().expect("a table")[0], *"run");
    let runs: std::collections::BTreeSet<String> =
        reader.records().map(|row| row.expect("a row")[0].to_owned()).collect();
    assert_eq!(
        runs.iter().map(String::as_str).collect::<Vec<_>>(),
        ["as it is", "server > client #4 is lost"]
    );
    for of in ["plot", "sequence-time"] {
        let drawing = text(&export(&["--format", "svg", "--of", of]).stdout);
        assert!(drawing.contains("curve s0") && drawing.contains("curve s1"), "{of}: two runs");
        assert!(drawing.contains("server &gt; client #4 is lost:"), "{of}: each with its name");
    }
    let elsewhere = export(&["--format", "mermaid"]);
    assert_eq!(elsewhere.status.code(), Some(2));
    assert!(text(&elsewhere.stderr).contains("--with-drop"), "{}", text(&elsewhere.stderr));
}

/// What `step --plain` says to these lines.
fn walked(arguments: &[&str], typed: &str) -> Output {
    let mut child = wirewalk(&[&["step", "--plain"], arguments].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    child.stdin.take().expect("a pipe").write_all(typed.as_bytes()).expect("written");
    child.wait_with_output().expect("it ends")
}

#[test]
fn branches_are_named_and_forgotten_line_by_line() {
    let output = walked(&["three-way-handshake"], "g 2\nd\nname no SYN\nforget 1\nforget 2\nabs\nq\n");
    let said = text(&output.stdout);
    assert!(said.contains("▸ 2  no SYN (--drop 'client > server #1'), parts from 1 at step"), "{said}");
    assert!(said.contains("forget and the number of a branch that grew from another"), "{said}");
    let after = said.rsplit("forget 2").next().unwrap_or_default();
    assert!(after.contains("▸ 1  the run as written") && !after.contains("no SYN"), "{said}");
    assert!(after.contains("client sends S 0 to server"), "relative on request: {said}");
}

#[test]
fn what_the_kernel_did_is_walked_beside_the_simulation() {
    let output = walked(&["--live", "three-way-handshake"], "b\nset backlog=3\nb 2\nq\n");
    if output.status.code() == Some(3) {
        eprintln!("SKIPPED: this machine allows no live run: {}", text(&output.stderr));
        return;
    }
    let said = text(&output.stdout);
    assert!(said.contains("▸ 1  on the kernel ") && said.contains("  2  the run as written"), "{said}");
    assert!(
        said.contains("what the kernel did cannot be run again; branch 2, the simulation, can"),
        "{said}"
    );
}
