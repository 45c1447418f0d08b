//! What the chapters show of a terminal: every ```` ```console ```` block holds commands, each with what it prints.

use super::{BOTH, folder, root};
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use wirewalk::book;
use wirewalk::lang::Lang;
use wirewalk::view::Look;

/// The word behind `console` of a block whose commands run on the real kernel: times and the kernel's version in it
/// differ from machine to machine.
const LIVE: &str = "console,live";

/// A chapter cut into pieces: text as it stands, and blocks of a terminal.
enum Piece {
    Text(String),
    Block { opening: String, inside: String },
}

fn pieces(text: &str) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut plain = String::new();
    let mut lines = text.split_inclusive('\n');
    while let Some(line) = lines.next() {
        if !line.starts_with("```console") {
            plain.push_str(line);
            continue;
        }
        found.push(Piece::Text(std::mem::take(&mut plain)));
        let inside: String = lines.by_ref().take_while(|line| line.trim_end() != "```").collect();
        found.push(Piece::Block { opening: line.to_owned(), inside });
    }
    found.push(Piece::Text(plain));
    found
}

/// The block as it comes out today: each command runs, one after the other, in the same scratch folder.
fn carried_out(inside: &str, lang: Lang, scratch: &Path) -> String {
    let mut made = String::new();
    for command in inside.lines().filter_map(|line| line.strip_prefix("$ ")) {
        let program = Path::new(env!("CARGO_BIN_EXE_wirewalk")).parent().unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let output = Command::new("sh")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(scratch)
            .env("PATH", format!("{}:{path}", program.display()))
            .env("LC_ALL", lang.pick("en_US.UTF-8", "zh_CN.UTF-8"))
            .env("HOME", scratch)
            .env_remove("XDG_DATA_HOME")
            .env_remove("NO_COLOR")
            .output()
            .expect("a shell runs");
        let printed = String::from_utf8(output.stdout).expect("text");
        write!(made, "$ {command}\n{printed}").unwrap();
        if !printed.is_empty() && !printed.ends_with('\n') {
            made.push('\n');
        }
    }
    made
}

/// What two machines may print differently beside the kernel: how long it took, which version it is, and how far that
/// moved what follows in the line.
fn alike(printed: &str) -> String {
    let mut made = String::new();
    for word in printed.split([' ', '\n']).filter(|word| !word.is_empty()) {
        let number = |word: &str| {
            word.trim_end_matches(['，', ',', '。']).chars().all(|c| c.is_ascii_digit() || c == '.')
        };
        let version = word.contains('.') && word.chars().next().is_some_and(|c| c.is_ascii_digit());
        made.push_str(if number(word) || version { "0" } else { word });
        made.push(' ');
    }
    made
}

#[test]
fn what_the_book_shows_of_a_terminal_is_what_the_program_prints() {
    let update = std::env::var_os("UPDATE").is_some();
    let mut blocks = 0;
    let mut wrong = String::new();
    for lang in BOTH {
        for chapter in book::chapters(lang).unwrap() {
            // A chapter that is another document has its own test.
            let path = folder(lang).join(&chapter.path);
            let text = std::fs::read_to_string(&path).unwrap();
            let scratch = tempfile::tempdir().unwrap();
            let mut made = String::new();
            for piece in pieces(&text) {
                match piece {
                    Piece::Text(text) => made.push_str(&text),
                    Piece::Block { opening, inside } => {
                        blocks += 1;
                        let today = carried_out(&inside, lang, scratch.path());
                        let same =
                            opening.trim_end() == format!("```{LIVE}") && alike(&today) == alike(&inside);
                        let shown = if same { &inside } else { &today };
                        writeln!(made, "{opening}{shown}```").unwrap();
                        if shown != &inside {
                            let place = path.strip_prefix(root()).unwrap().display();
                            write!(wrong, "{place}\n{today}").unwrap();
                        }
                    }
                }
            }
            if update && made != text {
                std::fs::write(&path, made).unwrap();
            }
        }
    }
    assert!(blocks >= 20, "only {blocks} blocks found");
    assert!(
        update || wrong.is_empty(),
        "UPDATE=1 cargo test --test docs writes what is printed now:\n{wrong}"
    );
}

#[test]
fn both_books_show_the_same_commands() {
    for chapter in book::chapters(Lang::En).unwrap() {
        let [en, zh] = BOTH.map(|lang| {
            let text = std::fs::read_to_string(folder(lang).join(&chapter.path)).unwrap();
            let blocks = pieces(&text).into_iter().filter_map(|piece| match piece {
                Piece::Block { inside, .. } => Some(inside),
                Piece::Text(_) => None,
            });
            let commands = |inside: String| inside.lines().filter(|line| line.starts_with("$ ")).count();
            blocks.map(commands).collect::<Vec<_>>()
        });
        assert_eq!(en, zh, "{}", chapter.path);
    }
}

#[test]
fn what_the_book_shows_of_a_terminal_fits_80_columns() {
    let look = Look::default();
    for lang in BOTH {
        for chapter in book::chapters(lang).unwrap() {
            // A chapter that is another document has its own tests.
            let text = std::fs::read_to_string(folder(lang).join(&chapter.path)).unwrap();
            let (mut fenced, mut paper) = (false, false);
            for line in text.lines() {
                if line.starts_with("```") {
                    paper = false;
                    fenced = !fenced && (line.starts_with("```console") || line.starts_with("```text"));
                } else if fenced && line.starts_with("$ ") {
                    // A paper is Markdown: its paragraphs are lines.
                    paper = line.contains("--sheet");
                } else if fenced && !paper {
                    assert!(look.text_width(line) <= 80, "{lang} {}: {line}", chapter.path);
                }
            }
        }
    }
}
