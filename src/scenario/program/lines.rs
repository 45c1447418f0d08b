//! A program's lines and how far they are indented.

use crate::scenario::source::{Mistake, Piece};

/// A line that says something.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line<'a> {
    /// Columns before its first word.
    pub indent: usize,
    /// From its first word on, comment included.
    pub text: &'a str,
    /// Where that stands in the piece.
    pub start: usize,
}

/// The lines of a program, without empty ones and those that are all comment. Tabs are mistakes.
pub(super) fn lines<'a>(piece: &'a Piece, mistakes: &mut Vec<Mistake>) -> Vec<Line<'a>> {
    let mut found = Vec::new();
    let mut base = 0;
    for whole in piece.text.split_inclusive('\n') {
        let text = whole.trim();
        let before = whole.len() - whole.trim_start().len();
        if !text.is_empty() && !text.starts_with('#') {
            let blank = whole.get(..before).unwrap_or_default();
            if blank.chars().any(|c| c != ' ') {
                let at = base..base + before;
                mistakes.push(
                    Mistake::new(at, "indentation is made of spaces", "缩进要用空格")
                        .help("no tabs, no wide spaces", "不要用制表符或全角空格"),
                );
            }
            found.push(Line { indent: blank.chars().count(), text, start: base + before });
        }
        base += whole.len();
    }
    found
}

/// The text with the indentation that all its lines share taken away, and without empty lines around it.
pub(super) fn dedent(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let indent = |line: &&str| line.len() - line.trim_start().len();
    let shared = lines.iter().filter(|line| !line.is_empty()).map(indent).min().unwrap_or(0);
    let cut: Vec<&str> = lines.iter().map(|line| line.get(shared..).unwrap_or_default()).collect();
    cut.join("\n").trim_matches('\n').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_empty_lines_say_nothing() {
        let piece = Piece::whole("\n  # first\n  close(s)\n\n    send(s, \"x\")  # then\n");
        let found = lines(&piece, &mut Vec::new());
        let shape: Vec<(usize, &str)> = found.iter().map(|line| (line.indent, line.text)).collect();
        assert_eq!(shape, [(2, "close(s)"), (4, "send(s, \"x\")  # then")]);
        assert_eq!(&piece.text[found[1].start..found[1].start + 4], "send");
    }

    #[test]
    fn tabs_are_mistakes() {
        let mut mistakes = Vec::new();
        lines(&Piece::whole("a\n\tb\n"), &mut mistakes);
        assert_eq!(mistakes.len(), 1);
        assert_eq!(mistakes[0].span, 2..3);
    }

    #[test]
    fn dedent_keeps_the_blocks() {
        assert_eq!(dedent("\n  a:\n    b\n\n  c\n"), "a:\n  b\n\nc");
    }
}
