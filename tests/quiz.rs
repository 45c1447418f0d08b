//! `quiz` as a user meets it: what it asks where, and how it ends.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use wirewalk::view::Look;

fn wirewalk(arguments: &[&str], input: &[u8], folder: &Path) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_wirewalk"))
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "en_US.UTF-8")
        .env_remove("LC_MESSAGES")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the binary runs");
    // Who has enough does not read on.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    child.wait_with_output().expect("it ends")
}

fn run(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = wirewalk(arguments, input.as_bytes(), folder.path());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// The questions with their right answers, as the document has them.
fn answers(arguments: &[&str]) -> Vec<(String, String)> {
    let (_, document, _) = run(&[arguments, &["--json"]].concat(), "");
    let document: serde_json::Value = serde_json::from_str(&document).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let questions = document["questions"].as_array().unwrap();
    questions.iter().map(|question| (text(&question["id"]), text(&question["right"]["en"]))).collect()
}

const LESSON: [&str; 2] = ["quiz", "three-way-handshake"];

#[test]
fn who_answers_everything_right_ends_with_zero_and_who_does_not_with_one() {
    let all = answers(&LESSON);
    let typed: String = all.iter().map(|(_, right)| format!("{right}\n")).collect();
    let (code, out, _) = run(&LESSON, &typed);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.ends_with(&format!("{0} of {0} answers right\n", all.len())), "{out}");
    let (code, out, _) = run(&LESSON, "nonsense\n");
    assert_eq!(code, Some(1));
    assert!(
        out.contains("✗ it is ") && out.contains("look: wirewalk step three-way-handshake --at "),
        "{out}"
    );
}

#[test]
fn end_of_input_and_q_end_quietly_with_the_result_so_far() {
    for input in ["", "q\n", "\nq\n", "?\n"] {
        let (code, out, error) = run(&LESSON, input);
        assert_eq!((code, error.as_str()), (Some(0), ""), "{input:?}");
        assert!(out.contains("no answers given"), "{out}");
    }
}

#[test]
fn hostile_input_is_answered_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let mut input = vec![b'x'; 1 << 20];
    input.extend(b"\n\xff\xfe\x00\x1b[2J\n");
    let output = wirewalk(&LESSON, &input, folder.path());
    assert_eq!(output.status.code(), Some(1));
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(!out.contains('\u{1b}') && out.contains("0 of 2 answers right"), "{out}");
}

#[test]
fn what_is_asked_fits_80_columns_in_both_languages() {
    let look = Look::default();
    for lang in ["en", "zh"] {
        let typed = "?\n".to_owned() + &"x\n".repeat(40);
        let (_, out, _) = run(&["quiz", "--topic", "handshake", "--count", "30", "--lang", lang], &typed);
        for line in out.lines() {
            assert!(look.text_width(line) <= 80, "{lang}: {line}");
        }
    }
}

#[test]
fn the_document_is_alone_on_standard_output_and_the_questions_are_beside_it() {
    let (code, out, error) = run(&[LESSON[0], LESSON[1], "--json"], "1\n");
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!((code, document["schema"].as_u64()), (Some(0), Some(1)), "{out}");
    assert_eq!(document["questions"][0]["outcome"], "right");
    assert_eq!(document["questions"][1]["outcome"], "unasked");
    assert!(error.contains("1/7"), "{error}");
}

#[test]
fn the_key_of_a_paper_handed_in_is_all_right() {
    let folder = tempfile::tempdir().unwrap();
    for (seed, lang) in [("1", "en"), ("2", "zh")] {
        let paper = ["quiz", "--topic", "handshake", "--seed", seed, "--lang", lang, "--sheet"];
        let files = ["-o", "paper.html", "--key", "key.csv"];
        let output = wirewalk(&[&paper[..], &files[..]].concat(), b"", folder.path());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(0), 0));
        assert!(std::fs::read_to_string(folder.path().join("paper.html")).unwrap().ends_with("</html>\n"));
        let output = wirewalk(&["quiz", "--grade", "key.csv", "-o", "report.csv"], b"", folder.path());
        assert_eq!(String::from_utf8(output.stdout).unwrap(), "1 paper, 10 of 10 answers right\n");
    }
}

#[test]
fn a_lesson_named_with_its_topic_is_the_same_lesson() {
    let folder = tempfile::tempdir().unwrap();
    let paper = |names: &[&str]| {
        let names = [&["quiz", "--sheet", "--key", "key.csv"], names].concat();
        let output = wirewalk(&names, b"", folder.path());
        assert_eq!(output.status.code(), Some(0));
        (String::from_utf8(output.stdout).unwrap(), std::fs::read(folder.path().join("key.csv")).unwrap())
    };
    let questions = |(paper, key): &(String, Vec<u8>)| (paper.matches("\n**").count(), key.clone());
    let bare = paper(&["lost-syn"]);
    assert_eq!(questions(&paper(&["handshake/lost-syn"])), questions(&bare));
    assert_eq!(
        questions(&paper(&["lost-syn", "handshake/lost-syn"])),
        questions(&bare),
        "none is asked twice"
    );
    let output = wirewalk(&["quiz", "--grade", "key.csv"], b"", folder.path());
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn no_file_of_a_class_is_written_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let ends = |arguments: &[&str], says: &str| {
        let output = wirewalk(arguments, b"", folder.path());
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
        assert!(error.contains(says), "{arguments:?}: {error}");
    };
    ends(
        &["quiz", "lost-syn", "--sheet", "-o", "a.md", "--key", "./a.md"],
        "the key would replace the paper",
    );
    ends(&["quiz", "lost-syn", "--sheet", "--key", "-"], "the key needs a file");
    ends(&["quiz", "lost-syn", "-o", "answers.md"], "-o is the file for a paper");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was written");
    let answers = "learner,seed,question,answer\nAnna,1,lost-syn/1,1\n";
    std::fs::write(folder.path().join("answers.csv"), answers).unwrap();
    for report in ["answers.csv", "./answers.csv"] {
        ends(&["quiz", "--grade", "answers.csv", "-o", report], "the report would replace the answers");
    }
    assert_eq!(std::fs::read_to_string(folder.path().join("answers.csv")).unwrap(), answers);
}

#[test]
fn a_malformed_table_is_bad_input_all_of_it_is_told_at_once_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("answers.csv"),
        "learner,seed,question,answer\nAnna,x,lost-syn/1,1\nBob,1,lost-sin/1,1\n,1,lost-syn/1,1\n",
    )
    .unwrap();
    for (lang, wanted) in [
        (
            "en",
            [
                "answers.csv:2: “x”",
                "answers.csv:3: there is no lesson “lost-sin”; near to it: lost-syn",
                "answers.csv:4: it names no learner",
                "3 mistakes; nothing was written",
            ],
        ),
        (
            "zh",
            [
                "answers.csv:2：“x”",
                "answers.csv:3：没有名为“lost-sin”的课；相近的有：lost-syn",
                "answers.csv:4：没有写学生",
                "共 3 处错误；没有写出任何文件",
            ],
        ),
    ] {
        let arguments = ["quiz", "--grade", "answers.csv", "-o", "report.csv", "--lang", lang];
        let output = wirewalk(&arguments, b"", folder.path());
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
        let error = String::from_utf8(output.stderr).unwrap();
        for wanted in wanted {
            assert!(error.contains(wanted), "{wanted}: {error}");
        }
        assert!(!folder.path().join("report.csv").exists());
    }
}

#[test]
fn step_begins_where_it_is_told_to() {
    let (code, out, _) = run(&["step", "--plain", "three-way-handshake", "--at", "3"], "q\n");
    assert!(code == Some(0) && out.contains("[3/"), "{out}");
    let (code, _, error) = run(&["step", "--plain", "three-way-handshake", "--at", "999"], "q\n");
    assert_eq!(code, Some(2));
    assert!(error.contains("--at 999: it has "), "{error}");
}

#[test]
fn step_asks_what_belongs_before_the_step_it_begins_at() {
    for (lang, question, right) in [
        ("en", "? What is the ICMP type of an echo request?", "✓ right"),
        ("zh", "? ICMP 回送请求的类型是什么？", "✓ 对了"),
    ] {
        let (code, out, _) = run(&["step", "--plain", "ping", "--lang", lang], "8\nq\n");
        let places =
            [question, right, "[1/"].map(|words| out.find(words).unwrap_or_else(|| panic!("{words}: {out}")));
        assert!(code == Some(0) && places.is_sorted(), "{out}");
        let (_, out, _) = run(&["step", "--plain", "ping", "--lang", lang, "--at", "1"], "");
        assert!(out.contains(question), "{out}");
        let (_, out, _) = run(&["step", "--plain", "ping", "--lang", lang, "--at", "2"], "");
        assert!(!out.contains(question), "{out}");
    }
    // The question that stands before a later step, too: it is asked there, and what follows is walked.
    let (_, out, _) = run(&["step", "--plain", "lost-syn-ack", "--at", "4"], "0\nq\n");
    let places = ["✓ right", "[4/"].map(|words| out.find(words).unwrap_or_else(|| panic!("{words}: {out}")));
    assert!(places.is_sorted() && out.ends_with("1 of 1 answers right\n"), "{out}");
}

#[test]
fn a_paper_and_its_key_are_written_both_or_neither_and_never_into_one_file() {
    let folder = tempfile::tempdir().unwrap();
    let sheet = ["quiz", "lost-syn", "--sheet"];
    let left = || std::fs::read_dir(folder.path()).unwrap().count();
    for files in [
        ["-o", "paper.md", "--key", "none/key.csv"],
        ["-o", "none/paper.md", "--key", "key.csv"],
        ["-o", "paper.md", "--key", "./paper.md"],
        ["-o", "-", "--key", "-"],
        ["-o", "-", "--key", "none/key.csv"],
    ] {
        let output = wirewalk(&[&sheet[..], &files[..]].concat(), b"", folder.path());
        assert_eq!((output.status.code(), output.stdout.len(), left()), (Some(2), 0, 0), "{files:?}");
    }
}
