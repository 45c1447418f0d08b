//! Papers and keys as Markdown.

use super::item::Item;
use super::paper::{Chapter, Paper};
use super::words::Words;
use std::fmt::Write as _;

/// The paper.
pub(super) fn sheet(paper: &Paper) -> String {
    let words = Words::of(paper);
    let mut text = format!("# {}\n\n{}\n\n", words.title(), words.facts());
    let _ = writeln!(text, "{} {}\n", words.blank(words.name(), 20), words.blank(words.date(), 12));
    let _ = writeln!(text, "{}\n\n```\n{}\n```\n", words.hand_in(), words.example());
    for (first, chapter) in paper.numbered() {
        heading(&mut text, chapter, paper);
        block(&mut text, &chapter.setting);
        if !chapter.so_far().is_empty() {
            let _ = writeln!(text, "{}\n", words.so_far());
            block(&mut text, chapter.so_far());
        }
        for (nth, item) in chapter.items.iter().enumerate() {
            question(&mut text, first + nth, item, paper);
            let _ = writeln!(text, "{}\n", words.blank(words.answer(), 20));
        }
    }
    let _ = writeln!(text, "---\n\n{}", escaped(&words.origin()));
    text
}

/// The key.
pub(super) fn key(paper: &Paper) -> String {
    let words = Words::of(paper);
    let mut text = format!("# {}\n\n{}\n\n", words.key_title(), words.facts());
    for (first, chapter) in paper.numbered() {
        heading(&mut text, chapter, paper);
        for (nth, item) in chapter.items.iter().enumerate() {
            question(&mut text, first + nth, item, paper);
            let _ = writeln!(text, "**{}**\n", escaped(&words.right(item)));
            let _ = writeln!(text, "{}\n", escaped(&words.proof(&item.proof)));
            let _ = writeln!(text, "{} `{}`\n", words.look(), item.proof.command);
        }
    }
    let _ = writeln!(text, "---\n\n{}", escaped(&words.origin()));
    text
}

fn heading(text: &mut String, chapter: &Chapter, paper: &Paper) {
    let title = escaped(chapter.title.get(paper.lang));
    let _ = writeln!(text, "## {title} ({})\n", escaped(&chapter.name));
}

fn question(text: &mut String, number: usize, item: &Item, paper: &Paper) {
    let ask = escaped(item.ask.get(paper.lang));
    let _ = writeln!(text, "**{number}.** [{}] {ask}\n", escaped(&item.id));
    let options = item.solved.options();
    for (letter, option) in &options {
        let _ = writeln!(text, "- {letter}  {}", escaped(option.get(paper.lang)));
    }
    if !options.is_empty() {
        text.push('\n');
    }
}

/// Lines as they are.
fn block(text: &mut String, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    // No line of a program may end the block.
    let ticks = lines.iter().map(|line| line.chars().take_while(|letter| *letter == '`').count()).max();
    let fence = "`".repeat(ticks.unwrap_or(0).max(2) + 1);
    let _ = writeln!(text, "{fence}\n{}\n{fence}\n", lines.join("\n"));
}

/// Words that no Markdown takes for its own signs; what stands between backticks stays code.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut code = false;
    for letter in text.chars() {
        if letter == '`' {
            code = !code;
        } else if !code && matches!(letter, '\\' | '*' | '_' | '<' | '>' | '[' | ']' | '|' | '#' | '~') {
            escaped.push('\\');
        }
        escaped.push(if letter.is_control() { ' ' } else { letter });
    }
    escaped
}
