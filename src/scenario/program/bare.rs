//! A program's lines without what they expect: for who is asked what comes of them.

use super::calls::names as call_names;
use super::remark::SourceLine;
use super::statement::STATEMENTS;
use crate::scenario::lex::{Token, Word, words};

/// What stands first where a comparison decides something instead of expecting it.
const DECIDING: [&str; 9] = ["while", "if", "elif", "when", "for", "except", "return", "every", "fork"];

/// What compares.
const COMPARISONS: [&str; 6] = ["==", "!=", "<", "<=", ">", ">="];

impl<'a> SourceLine<'a> {
    /// The line without what it expects, and then without its comment, which may tell the same; `None` if it does nothing
    /// but expect.
    pub fn bare(self) -> Option<SourceLine<'a>> {
        let Ok(tokens) = words(self.code, 0) else { return Some(self) };
        match expectation(&tokens) {
            Expects::Nothing => Some(self),
            Expects::From(end) => {
                Some(SourceLine { code: self.code.get(..end).unwrap_or(self.code), comment: None, ..self })
            }
            Expects::All => None,
        }
    }
}

/// What of a line is an expectation.
enum Expects {
    /// None of it.
    Nothing,
    /// What stands behind that octet.
    From(usize),
    /// All of it.
    All,
}

fn expectation(tokens: &[Token<'_>]) -> Expects {
    let name = |at: usize| match tokens.get(at).map(|token| &token.word) {
        Some(Word::Name(name)) => Some(*name),
        _ => None,
    };
    let sign = |at: usize, wanted: &str| matches!(tokens.get(at).map(|token| &token.word), Some(Word::Sign(found)) if *found == wanted);
    if name(0).is_some_and(|first| DECIDING.contains(&first)) {
        return Expects::Nothing;
    }
    let assigned = (0..tokens.len()).find(|at| sign(*at, "=")).map_or(0, |at| at + 1);
    let start = if name(assigned) == Some("try") { assigned + 1 } else { assigned };
    let call =
        name(start).is_some_and(|call| call_names().any(|known| known == call)) && sign(start + 1, "(");
    if !call {
        let compares = (start..tokens.len()).any(|at| COMPARISONS.iter().any(|known| sign(at, known)));
        // `inject(a > b …)` and the like have a direction in their parentheses.
        return if compares && assigned == 0 && !does_something(name(0)) {
            Expects::All
        } else {
            Expects::Nothing
        };
    }
    let mut depth = 0usize;
    for at in start + 1..tokens.len() {
        depth = if sign(at, "(") {
            depth + 1
        } else if sign(at, ")") {
            depth - 1
        } else {
            depth
        };
        if depth == 0 {
            let behind = tokens.len() > at + 1;
            return if behind { Expects::From(tokens[at].span.end) } else { Expects::Nothing };
        }
    }
    Expects::Nothing
}

/// Whether a statement of that name does something, whatever signs it has.
fn does_something(name: Option<&str>) -> bool {
    name.is_some_and(|name| STATEMENTS.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::super::remark::source_lines;
    use crate::lang::Lang;

    fn bare(text: &str) -> Option<String> {
        source_lines(text, Lang::En).remove(0).bare().map(|line| line.code.to_owned())
    }

    #[test]
    fn what_a_call_is_to_give_is_left_out_and_the_call_stays() {
        for (line, left) in [
            ("  connect(s, server:81) fails ECONNREFUSED or ETIMEDOUT", "  connect(s, server:81)"),
            ("recv(c, 1024) == \"(hello)\"", "recv(c, 1024)"),
            ("connect(s, server:80) succeeds", "connect(s, server:80)"),
            ("send(s, \"x\" * (n + 1)) == 5", "send(s, \"x\" * (n + 1))"),
            ("n = send(s, \"hello\")", "n = send(s, \"hello\")"),
            ("try connect(s, server:80)", "try connect(s, server:80)"),
        ] {
            assert_eq!(bare(line).as_deref(), Some(left));
        }
    }

    #[test]
    fn a_comparison_alone_goes_and_one_that_decides_stays() {
        for line in ["data == \"hello\"", "n < 1000", "len(data) == 5"] {
            assert_eq!(bare(line), None, "{line}");
        }
        for line in [
            "while recv(c, 1024) != \"\":",
            "if n == 1:",
            "when client > server FA",
            "inject(client > server R seq 1)",
            "sleep 20ms",
            "def name(text):",
            "data = recv(s, 10)",
        ] {
            assert_eq!(bare(line).as_deref(), Some(line));
        }
    }

    #[test]
    fn the_comment_of_an_expectation_goes_with_it() {
        let line = source_lines("recv(c, 9) == \"\"  # the end", Lang::En)[0].bare().unwrap();
        assert_eq!(line.comment, None);
        let line = source_lines("close(c)  # the end", Lang::En)[0].bare().unwrap();
        assert_eq!(line.comment, Some("the end"));
    }
}
