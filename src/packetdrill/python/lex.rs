//! Words of Python, with the lines' indentation as words of their own.

use crate::packetdrill::mistakes::{Mistake, Read};
use std::ops::Range;

/// A kind of word.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word<'a> {
    Name(&'a str),
    Integer(i128),
    Float(f64),
    Text(String),
    Sign(&'static str),
    /// A line's end, where no parenthesis is open.
    NewLine,
    /// The next line stands further in.
    Indent,
    /// The next line stands further out, once for each block that ends.
    Dedent,
}

/// A word and its place in the script.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token<'a> {
    pub word: Word<'a>,
    pub span: Range<usize>,
}

/// Signs, longer ones before their beginnings.
const SIGNS: [&str; 44] = [
    "**=", "//=", ">>=", "<<=", "==", "!=", "<>", "<=", ">=", "<<", ">>", "**", "//", "+=", "-=", "*=", "/=",
    "%=", "&=", "|=", "^=", "+", "-", "*", "/", "%", "<", ">", "=", "(", ")", "[", "]", "{", "}", ",", ":",
    ".", ";", "&", "|", "^", "~", "@",
];

/// The words of `code`, which begins at octet `base` of the script.
pub(super) fn words(code: &str, base: usize) -> Read<Vec<Token<'_>>> {
    let mut lexer = Lexer { code, base, at: 0, open: 0, levels: vec![0], tokens: Vec::new() };
    lexer.all()?;
    Ok(lexer.tokens)
}

struct Lexer<'a> {
    code: &'a str,
    base: usize,
    at: usize,
    /// Parentheses that are open.
    open: usize,
    /// Columns of the blocks that are open.
    levels: Vec<usize>,
    tokens: Vec<Token<'a>>,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.code.get(self.at..).unwrap_or_default()
    }
    fn place(&self, from: usize) -> Range<usize> {
        self.base + from..self.base + self.at
    }
    fn push(&mut self, word: Word<'a>, from: usize) {
        let span = self.place(from);
        self.tokens.push(Token { word, span });
    }

    fn all(&mut self) -> Read<()> {
        // The first line begins behind the bracket, wherever that stands.
        let mut first = true;
        loop {
            if !self.line_start(first)? {
                break;
            }
            first = false;
            self.line()?;
        }
        let end = self.at;
        for _ in 1..self.levels.len() {
            self.push(Word::Dedent, end);
        }
        Ok(())
    }

    /// Reads a line's indentation; false at the end.
    fn line_start(&mut self, first: bool) -> Read<bool> {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r']).len();
            let column = rest[..blank].chars().map(|c| if c == '\t' { 8 } else { 1 }).sum();
            let content = &rest[blank..];
            if content.is_empty() {
                self.at = self.code.len();
                return Ok(false);
            }
            if content.starts_with('\n') {
                self.at += blank + 1;
                continue;
            }
            if content.starts_with('#') {
                self.at += blank + content.find('\n').unwrap_or(content.len());
                continue;
            }
            self.at += blank;
            let anything = !self.tokens.is_empty();
            if first || !anything {
                self.levels = vec![column];
                return Ok(true);
            }
            return self.indent(column).map(|()| true);
        }
    }

    fn indent(&mut self, column: usize) -> Read<()> {
        let at = self.at;
        let level = self.levels.last().copied().unwrap_or_default();
        // A snippet that begins right behind its bracket says nothing of where its second line stands.
        if self.levels.len() == 1 && !self.expects_block() && column != level {
            self.levels = vec![column];
            return Ok(());
        }
        if column > level {
            self.levels.push(column);
            self.push(Word::Indent, at);
            return Ok(());
        }
        while self.levels.last().is_some_and(|level| column < *level) && self.levels.len() > 1 {
            self.levels.pop();
            self.push(Word::Dedent, at);
        }
        if self.levels.len() > 1 && self.levels.last() != Some(&column) {
            return Err(Mistake::new(
                self.place(at.saturating_sub(1)),
                "this line's indentation fits no block",
                "这一行的缩进和任何代码块都对不上",
            ));
        }
        Ok(())
    }

    /// Whether the last line opened a block.
    fn expects_block(&self) -> bool {
        let mut words = self.tokens.iter().rev().map(|token| &token.word);
        words.next() == Some(&Word::NewLine) && words.next() == Some(&Word::Sign(":"))
    }

    fn line(&mut self) -> Read<()> {
        loop {
            let rest = self.rest();
            let Some(c) = rest.chars().next() else {
                self.push(Word::NewLine, self.at);
                return Ok(());
            };
            let start = self.at;
            match c {
                '\n' => {
                    self.at += 1;
                    if self.open == 0 {
                        self.push(Word::NewLine, start);
                        return Ok(());
                    }
                }
                '\\' if rest[1..].trim_start_matches('\r').starts_with('\n') => {
                    self.at += rest.find('\n').unwrap_or(0) + 1;
                }
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                c if c.is_whitespace() => self.at += c.len_utf8(),
                _ => {
                    let word = self.word(c)?;
                    match word {
                        Word::Sign("(" | "[" | "{") => self.open += 1,
                        Word::Sign(")" | "]" | "}") => self.open = self.open.saturating_sub(1),
                        _ => {}
                    }
                    self.push(word, start);
                }
            }
        }
    }

    fn word(&mut self, first: char) -> Read<Word<'a>> {
        let rest = self.rest();
        if first == '"' || first == '\'' {
            return self.text(first);
        }
        if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            return self.number();
        }
        if first.is_alphabetic() || first == '_' {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.at += len;
            return Ok(Word::Name(&rest[..len]));
        }
        match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            Some(sign) => {
                self.at += sign.len();
                Ok(Word::Sign(sign))
            }
            None => {
                let start = self.at;
                self.at += first.len_utf8();
                Err(Mistake::new(
                    self.place(start),
                    format!("`{first}` has no meaning in Python"),
                    format!("`{first}` 在 Python 里没有意义"),
                ))
            }
        }
    }

    fn number(&mut self) -> Read<Word<'a>> {
        let start = self.at;
        let rest = self.rest();
        let wrong = |lexer: &Lexer<'_>| {
            Mistake::new(lexer.place(start), "this number cannot be read", "这个数读不懂")
        };
        if let Some(digits) = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")) {
            let len = digits.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(digits.len());
            self.at += 2 + len;
            return i128::from_str_radix(&digits[..len], 16).map(Word::Integer).map_err(|_| wrong(self));
        }
        let mut len = 0;
        let octets = rest.as_bytes();
        let mut float = false;
        while let Some(octet) = octets.get(len) {
            match octet {
                b'0'..=b'9' | b'_' => {}
                b'.' if !float => float = true,
                b'e' | b'E' if matches!(octets.get(len + 1), Some(b'0'..=b'9' | b'-' | b'+')) => {
                    float = true;
                    len += 1;
                }
                _ => break,
            }
            len += 1;
        }
        self.at += len;
        let text = rest[..len].replace('_', "");
        // Python 2's long integers.
        self.at += usize::from(!float && self.rest().starts_with(['L', 'l']));
        if float {
            return text.parse().map(Word::Float).map_err(|_| wrong(self));
        }
        text.parse().map(Word::Integer).map_err(|_| wrong(self))
    }

    fn text(&mut self, quote: char) -> Read<Word<'a>> {
        let start = self.at;
        let rest = self.rest();
        let triple: String = [quote; 3].iter().collect();
        let (open, close) = if rest.starts_with(&triple) { (3, triple) } else { (1, quote.to_string()) };
        let mut text = String::new();
        let mut at = open;
        loop {
            let left = rest.get(at..).unwrap_or_default();
            if left.starts_with(&close) {
                self.at += at + close.len();
                return Ok(Word::Text(text));
            }
            let mut chars = left.chars();
            match chars.next() {
                None | Some('\n') if open == 1 => break,
                None => break,
                Some('\\') => {
                    let escaped = chars.next().unwrap_or('\\');
                    text.push(match escaped {
                        'n' => '\n',
                        't' => '\t',
                        other => other,
                    });
                    at += 1 + escaped.len_utf8();
                }
                Some(c) => {
                    text.push(c);
                    at += c.len_utf8();
                }
            }
        }
        self.at += open;
        Err(Mistake::new(self.place(start), "this text has no closing quote", "这段文字缺少右引号"))
    }
}
