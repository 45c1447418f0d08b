//! A place among the words of a script.

use super::lex::{Token, Word};
use super::mistakes::{Mistake, Read};
use std::ops::Range;

/// The words, and how many of them have been read.
pub(super) struct Cursor<'a, 't> {
    tokens: &'t [Token<'a>],
    at: usize,
    source: &'a str,
}

impl<'a, 't> Cursor<'a, 't> {
    pub fn new(tokens: &'t [Token<'a>], source: &'a str) -> Cursor<'a, 't> {
        Cursor { tokens, at: 0, source }
    }

    pub fn peek(&self) -> Option<&'t Word<'a>> {
        self.ahead(0)
    }
    pub fn ahead(&self, by: usize) -> Option<&'t Word<'a>> {
        self.tokens.get(self.at + by).map(|token| &token.word)
    }
    pub fn advance(&mut self) -> Option<&'t Token<'a>> {
        let token = self.tokens.get(self.at);
        self.at += usize::from(token.is_some());
        token
    }
    pub fn is_over(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Where the next word stands; the script's end behind the last.
    pub fn here(&self) -> Range<usize> {
        let end = self.source.len();
        self.tokens.get(self.at).map_or(end..end, |token| token.span.clone())
    }
    /// From `start` to the end of the word read last.
    pub fn since(&self, start: usize) -> Range<usize> {
        let end = self.at.checked_sub(1).map_or(start, |last| self.tokens[last].span.end);
        start..end.max(start)
    }

    /// The next word as it was written.
    pub fn text(&self) -> &'a str {
        self.source.get(self.here()).unwrap_or_default()
    }

    pub fn is_sign(&self, sign: char) -> bool {
        self.peek() == Some(&Word::Sign(sign))
    }
    pub fn is_name(&self, name: &str) -> bool {
        self.peek() == Some(&Word::Name(name))
    }
    /// Reads the sign if it comes next.
    pub fn take_sign(&mut self, sign: char) -> bool {
        let is = self.is_sign(sign);
        self.at += usize::from(is);
        is
    }
    /// Reads the name if it comes next.
    pub fn take_name(&mut self, name: &str) -> bool {
        let is = self.is_name(name);
        self.at += usize::from(is);
        is
    }

    /// The sign, which must come next.
    pub fn sign(&mut self, sign: char) -> Read<()> {
        if self.take_sign(sign) {
            return Ok(());
        }
        Err(self.wanted(&format!("`{sign}`"), &format!("`{sign}`")))
    }
    /// A whole number between the two bounds, decimal or hexadecimal.
    pub fn number(&mut self, low: i64, high: i64) -> Read<i64> {
        let span = self.here();
        let number = match self.peek() {
            Some(Word::Integer(number) | Word::Hex(number)) => *number,
            _ => return Err(self.wanted("a whole number", "一个整数")),
        };
        self.at += 1;
        if (low..=high).contains(&number) {
            return Ok(number);
        }
        Err(Mistake::new(span, format!("{number} is out of range"), format!("{number} 超出范围"))
            .help(format!("from {low} to {high}"), format!("范围是 {low} 到 {high}")))
    }
    /// A name, whatever it is.
    pub fn name(&mut self) -> Read<&'a str> {
        match self.peek() {
            Some(Word::Name(name)) => {
                self.at += 1;
                Ok(name)
            }
            _ => Err(self.wanted("a name", "一个名字")),
        }
    }

    /// Something else should stand here.
    pub fn wanted(&self, en: &str, zh: &str) -> Box<Mistake> {
        if self.is_over() {
            return Mistake::new(
                self.here(),
                format!("the script ends where {en} should stand"),
                format!("脚本到这里就结束了，这里应当是{zh}"),
            );
        }
        Mistake::new(self.here(), format!("{en} should stand here"), format!("这里应当是{zh}"))
    }
}
