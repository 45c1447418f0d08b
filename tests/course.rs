//! `course`: the order of lessons, and a file of progress that survives what happens to files.

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

struct Learner {
    home: tempfile::TempDir,
}

impl Learner {
    fn new() -> Learner {
        Learner { home: tempfile::tempdir().unwrap() }
    }
    fn file(&self) -> PathBuf {
        self.home.path().join("wirewalk/progress.json")
    }
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
        command.args(["--lang", "en"]).args(arguments).stdin(Stdio::null());
        command.env("XDG_DATA_HOME", self.home.path());
        command
    }
    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
    /// What it prints; it must end well.
    fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {error}");
        String::from_utf8(output.stdout).unwrap()
    }
    fn write(&self, octets: &[u8]) {
        fs::create_dir_all(self.file().parent().unwrap()).unwrap();
        fs::write(self.file(), octets).unwrap();
    }
    fn done(&self) -> Vec<String> {
        let document: Value = serde_json::from_str(&self.says(&["course", "all", "--json"])).unwrap();
        let lessons = document["courses"][0]["lessons"].as_array().unwrap().clone();
        let done = lessons.iter().filter(|lesson| lesson["done"] == true);
        done.map(|lesson| lesson["name"].as_str().unwrap().to_owned()).collect()
    }
    fn beside(&self) -> Vec<String> {
        let folder = fs::read_dir(self.file().parent().unwrap()).unwrap();
        let mut names: Vec<String> =
            folder.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

fn error(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn options_may_stand_before_the_word_next_and_a_course_may_not() {
    let learner = Learner::new();
    let lesson = learner.says(&["course", "next", "first-hour"]);
    assert_eq!(learner.says(&["course", "--lang", "en", "--width", "80", "next", "first-hour"]), lesson);
    let wrong = learner.run(&["course", "first-hour", "next"]);
    assert_eq!(wrong.status.code(), Some(2));
    assert!(error(&wrong).contains("course next first-hour"), "{}", error(&wrong));
}

#[test]
fn a_lesson_put_down_as_done_is_kept_and_the_next_one_comes() {
    let learner = Learner::new();
    assert!(learner.says(&["course", "next"]).contains("TCP is a phone call"));
    assert!(!learner.file().exists(), "looking writes nothing");
    let said = learner.says(&["course", "done", "call-and-letter"]);
    assert!(said.contains("1 of 10") && said.contains("next: three-way-handshake"), "{said}");
    assert_eq!(learner.done(), ["call-and-letter"]);
    assert!(learner.says(&["course", "next"]).contains("The three-way handshake"));
    assert_eq!(learner.beside(), ["progress.json", "progress.lock"]);
}

#[test]
fn the_course_that_was_named_last_goes_on() {
    let learner = Learner::new();
    learner.says(&["course", "next", "frames"]);
    assert!(learner.says(&["course", "done", "encapsulation"]).contains("From the cable upwards: 1 of 18"));
    let document: Value = serde_json::from_str(&learner.says(&["course", "--json"])).unwrap();
    assert_eq!(document["current"], "frames");
    assert_eq!(document["file"], learner.file().display().to_string());
    assert_eq!(document["trouble"], Value::Null);
}

#[test]
fn a_walk_to_the_last_step_counts_for_whoever_has_begun_and_writes_nothing_for_others() {
    let walk = |learner: &Learner, typed: &str| {
        let mut command = learner.command(&["step", "three-way-handshake", "--plain"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
        assert!(child.wait().unwrap().success());
    };
    let to_the_end = "n\n\n".repeat(60);
    let stranger = Learner::new();
    walk(&stranger, &to_the_end);
    assert!(!stranger.file().exists());
    let learner = Learner::new();
    learner.says(&["course", "done", "call-and-letter"]);
    walk(&learner, "n\nq\n");
    assert_eq!(learner.done(), ["call-and-letter"]);
    walk(&learner, &to_the_end);
    assert_eq!(learner.done(), ["call-and-letter", "three-way-handshake"]);
}

#[test]
fn a_damaged_file_is_told_and_put_aside_before_anything_is_written() {
    let large = vec![b'x'; 2 << 20];
    let damaged: [&[u8]; 6] = [
        b"",
        b"{\"schema\":1,",
        b"{\"schema\":1,\"done\":\"all\"}",
        b"{\"schema\":9}",
        b"\xff\xfe\x00",
        &large,
    ];
    for octets in damaged {
        let learner = Learner::new();
        learner.write(octets);
        let output = learner.run(&["course"]);
        assert!(output.status.success() && error(&output).contains("warning: "), "{}", error(&output));
        assert_eq!(fs::read(learner.file()).unwrap(), octets, "looking changes nothing");
        let output = learner.run(&["course", "done", "arp"]);
        assert!(output.status.success() && error(&output).contains("progress.damaged-1.json"));
        assert_eq!(learner.beside(), ["progress.damaged-1.json", "progress.json", "progress.lock"]);
        assert_eq!(fs::read(learner.file().with_file_name("progress.damaged-1.json")).unwrap(), octets);
        assert_eq!(learner.done(), ["arp"]);
        // A second damage gets a name of its own.
        learner.write(octets);
        assert!(learner.run(&["course", "reset"]).status.success());
        assert!(learner.beside().contains(&"progress.damaged-2.json".to_owned()));
    }
}

#[test]
fn lessons_of_another_version_are_kept() {
    let learner = Learner::new();
    learner.write(b"{\"schema\":1,\"course\":\"of-tomorrow\",\"done\":[\"arp\",\"of-tomorrow\"]}");
    assert!(learner.says(&["course"]).contains("A first hour"));
    learner.says(&["course", "done", "dns"]);
    let kept = fs::read_to_string(learner.file()).unwrap();
    assert!(kept.contains("\"of-tomorrow\""), "{kept}");
    learner.says(&["course", "reset", "arp"]);
    assert_eq!(learner.done(), ["dns"]);
    learner.says(&["course", "reset"]);
    assert_eq!(learner.done(), [""; 0]);
}

#[test]
fn where_nothing_can_be_kept_it_is_said_and_the_lesson_is_shown_all_the_same() {
    let learner = Learner::new();
    fs::create_dir_all(learner.file()).unwrap();
    let output = learner.run(&["course", "next"]);
    assert!(output.status.success() && error(&output).contains("directory"), "{}", error(&output));
    assert!(String::from_utf8_lossy(&output.stdout).contains("TCP is a phone call"));
    let output = learner.run(&["course", "done", "arp"]);
    assert_eq!(output.status.code(), Some(2), "{}", error(&output));
    assert!(learner.file().is_dir());
    // Where the folder itself is a file, or cannot be made.
    let home = tempfile::NamedTempFile::new().unwrap();
    for place in [home.path(), Path::new("/proc/self/nowhere")] {
        let run =
            |arguments: &[&str]| learner.command(arguments).env("XDG_DATA_HOME", place).output().unwrap();
        assert!(run(&["course", "next", "frames"]).status.success());
        let output = run(&["course", "done", "arp"]);
        assert!(!output.status.success() && !error(&output).is_empty());
    }
}

#[test]
fn without_a_home_the_courses_are_still_listed() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wirewalk"));
    let output = command.arg("course").env_clear().stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{}", error(&output));
}

#[test]
fn what_many_put_down_at_once_is_all_kept() {
    let learner = Learner::new();
    let lessons = ["arp", "dns", "dhcp", "nat", "ping", "chat", "sack", "ecn", "time-wait", "half-close"];
    let children: Vec<_> = lessons
        .map(|lesson| learner.command(&["course", "done", lesson]).stdout(Stdio::null()).spawn().unwrap())
        .into();
    for mut child in children {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(learner.done().len(), lessons.len());
    assert_eq!(learner.beside(), ["progress.json", "progress.lock"]);
}

#[test]
fn a_wrong_name_gets_the_nearest() {
    let learner = Learner::new();
    for (arguments, near) in [
        (["course", "first-huor"].as_slice(), "first-hour"),
        (&["course", "next", "frame"], "frames"),
        (&["course", "done", "four-way-clsoe"], "four-way-close"),
        (&["course", "reset", "four-way-clsoe"], "four-way-close"),
    ] {
        let output = learner.run(arguments);
        assert_eq!(output.status.code(), Some(2));
        assert!(error(&output).contains(near), "{}", error(&output));
    }
    assert!(!learner.file().exists());
}
