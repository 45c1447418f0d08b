//! Comments: their author's in the language asked for, else what a call does.

use super::literal;
use super::words::explanation;
use super::writer::Writer;
use crate::scenario::comment_in;
use crate::scenario::syntax::{Expr, Statement};

impl Writer<'_> {
    /// The comments above a statement: its author's, else what its call does, where it is used first.
    pub fn comments(&mut self, statement: &Statement) {
        self.own_comments(statement);
        let beside = statement.beside.as_deref().and_then(|comment| self.half(comment)).is_some();
        for name in named_calls(statement) {
            let Some(words) = explanation(&name) else { continue };
            if self.explained.insert(name) && !beside {
                let words = words.get(self.setting.lang).to_owned();
                self.comment(&words);
            }
        }
    }

    /// The lines above it that its author wrote in the language asked for.
    pub fn own_comments(&mut self, statement: &Statement) {
        for line in &statement.above {
            match line {
                None if self.lines.last().is_some_and(|line| !line.is_empty()) => self.line(""),
                Some(text) => {
                    if let Some(half) = self.half(text) {
                        self.comment(half);
                    }
                }
                None => {}
            }
        }
    }

    /// The half of a comment that is in the language asked for: `the end | 结束`.
    pub fn half<'c>(&self, comment: &'c str) -> Option<&'c str> {
        let half = comment_in(comment, self.setting.lang);
        Some(half).filter(|half| !half.is_empty() && (*half != comment || self.speaks(comment)))
    }

    /// Whether a comment is in the language asked for.
    fn speaks(&self, comment: &str) -> bool {
        let chinese = comment.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
        let letters = comment.chars().any(char::is_alphabetic);
        !letters || chinese == (self.setting.lang == crate::lang::Lang::Zh)
    }

    /// The comment behind a statement, as it stands there.
    pub fn beside(&self, statement: &Statement) -> String {
        let comment = statement.beside.as_deref().and_then(|comment| self.half(comment));
        comment.map_or_else(String::new, |comment| format!("  # {}", literal::comment(comment)))
    }
}

/// The calls and options that a statement names, in order.
fn named_calls(statement: &Statement) -> Vec<String> {
    let mut found = Vec::new();
    for value in statement.expressions() {
        value.walk(&mut |value| {
            if let Expr::Call(name, given) = value {
                match given.get(1) {
                    Some(Expr::Name(option)) if name == "setsockopt" => found.push(option.clone()),
                    _ => found.push(name.clone()),
                }
            }
        });
    }
    found
}
