//! Expressions, with the strength of the signs as in Python.

use super::{Address, Expr, Sign};
use crate::scenario::lex::{Token, Word};

/// How deep parentheses may go; a checked program goes less deep.
const DEPTH: usize = 64;

/// Words that are being read.
pub(super) struct Words<'a, 't> {
    tokens: &'a [Token<'t>],
    at: usize,
    depth: usize,
    /// Inside `[…]`, where a `:` parts a slice and begins no port.
    slicing: bool,
}

/// A reading, or nothing where the words make no sense.
type Read<T> = Option<T>;

impl<'a, 't> Words<'a, 't> {
    pub fn new(tokens: &'a [Token<'t>]) -> Words<'a, 't> {
        Words { tokens, at: 0, depth: 0, slicing: false }
    }

    pub fn peek(&self, ahead: usize) -> Option<&'a Word<'t>> {
        self.tokens.get(self.at + ahead).map(|token| &token.word)
    }
    pub fn skip(&mut self) {
        self.at += 1;
    }
    pub fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }
    pub fn is_sign(&self, ahead: usize, sign: &str) -> bool {
        matches!(self.peek(ahead), Some(Word::Sign(found)) if *found == sign)
    }
    pub fn sign(&mut self, sign: &str) -> bool {
        let found = self.is_sign(0, sign);
        self.at += usize::from(found);
        found
    }
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(0), Some(Word::Name(found)) if *found == word)
    }
    pub fn word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }
    pub fn name(&mut self) -> Read<String> {
        let Some(Word::Name(name)) = self.peek(0) else { return None };
        self.at += 1;
        Some((*name).to_owned())
    }
    /// A whole number, if one comes next.
    pub fn count(&mut self) -> Option<u32> {
        match self.expression()? {
            Expr::Number(count) => u32::try_from(count).ok(),
            _ => None,
        }
    }

    /// An expression of any kind, conditions too.
    pub fn expression(&mut self) -> Read<Expr> {
        if self.depth > DEPTH {
            return None;
        }
        self.depth += 1;
        let read = self.either();
        self.depth -= 1;
        read
    }

    fn either(&mut self) -> Read<Expr> {
        let mut left = self.both()?;
        while self.word("or") {
            left = joined(left, Sign::Or, self.both()?);
        }
        Some(left)
    }

    fn both(&mut self) -> Read<Expr> {
        let mut left = self.negation()?;
        while self.word("and") {
            left = joined(left, Sign::And, self.negation()?);
        }
        Some(left)
    }

    fn negation(&mut self) -> Read<Expr> {
        if self.is_word("not") {
            self.skip();
            if self.depth > DEPTH {
                return None;
            }
            self.depth += 1;
            let inner = self.negation();
            self.depth -= 1;
            return Some(Expr::Not(Box::new(inner?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Read<Expr> {
        let left = self.flags()?;
        let sign = match self.peek(0) {
            Some(Word::Sign("==")) => Sign::Equal,
            Some(Word::Sign("!=")) => Sign::NotEqual,
            Some(Word::Sign("<")) => Sign::Less,
            Some(Word::Sign("<=")) => Sign::AtMost,
            Some(Word::Sign(">")) => Sign::Greater,
            Some(Word::Sign(">=")) => Sign::AtLeast,
            Some(Word::Name("in")) => Sign::In,
            Some(Word::Name("not")) if matches!(self.peek(1), Some(Word::Name("in"))) => {
                self.skip();
                Sign::NotIn
            }
            _ => return Some(left),
        };
        self.skip();
        Some(joined(left, sign, self.flags()?))
    }

    fn flags(&mut self) -> Read<Expr> {
        let mut left = self.sum()?;
        while self.sign("|") {
            left = joined(left, Sign::Pipe, self.sum()?);
        }
        Some(left)
    }

    fn sum(&mut self) -> Read<Expr> {
        let mut left = self.product()?;
        loop {
            let sign = match self.peek(0) {
                Some(Word::Sign("+")) => Sign::Plus,
                Some(Word::Sign("-")) => Sign::Minus,
                _ => return Some(left),
            };
            self.skip();
            left = joined(left, sign, self.product()?);
        }
    }

    fn product(&mut self) -> Read<Expr> {
        let mut left = self.postfix()?;
        loop {
            let sign = match self.peek(0) {
                Some(Word::Sign("*")) => Sign::Times,
                Some(Word::Sign("/")) => Sign::Over,
                Some(Word::Sign("%")) => Sign::Modulo,
                _ => return Some(left),
            };
            self.skip();
            if sign == Sign::Over {
                self.sign("/");
            }
            left = joined(left, sign, self.postfix()?);
        }
    }

    fn postfix(&mut self) -> Read<Expr> {
        let mut value = self.primary()?;
        if self.is_sign(0, ".") {
            self.skip();
            let layer = self.name()?;
            if !self.sign(".") {
                return None;
            }
            value = Expr::Field(Box::new(value), layer, self.name()?);
        }
        while matches!(
            value,
            Expr::Name(_) | Expr::Text(_) | Expr::Call(..) | Expr::Slice(..) | Expr::Joined(..)
        ) && self.sign("[")
        {
            let outer = std::mem::replace(&mut self.slicing, true);
            let place = self.place(value);
            self.slicing = outer;
            value = place?;
        }
        Some(value)
    }

    /// `0]`, `1:4]`, behind the `[`.
    fn place(&mut self, data: Expr) -> Read<Expr> {
        let data = Box::new(data);
        let from = if self.is_sign(0, ":") { None } else { Some(Box::new(self.expression()?)) };
        let value = if self.sign(":") {
            let to = if self.is_sign(0, "]") { None } else { Some(Box::new(self.expression()?)) };
            Expr::Slice(data, from, to)
        } else {
            Expr::Octet(data, from?)
        };
        self.sign("]").then_some(value)
    }

    fn primary(&mut self) -> Read<Expr> {
        let word = self.peek(0)?;
        match word {
            Word::Text(text) => {
                self.skip();
                Some(Expr::Text(text.clone()))
            }
            Word::Number(text) => {
                self.skip();
                amount(text)
            }
            Word::Address(address) => {
                self.skip();
                let port = self.port()?;
                Some(Expr::Address(Address::V4((*address)?), port))
            }
            Word::Bracketed(read) => {
                self.skip();
                let (address, zone) = (*read)?;
                let port = self.port()?;
                Some(Expr::Address(Address::V6(address, zone), port))
            }
            Word::Sign("(") => {
                self.skip();
                let outer = std::mem::replace(&mut self.slicing, false);
                let inner = self.expression();
                self.slicing = outer;
                let inner = inner?;
                self.sign(")").then_some(inner)
            }
            Word::Sign("-") => {
                self.skip();
                if self.depth > DEPTH {
                    return None;
                }
                self.depth += 1;
                let inner = self.postfix();
                self.depth -= 1;
                Some(Expr::Negative(Box::new(inner?)))
            }
            Word::Sign("*") => {
                self.skip();
                let port = self.port()?;
                Some(Expr::Address(Address::Any, port))
            }
            Word::Sign("[") if self.slicing || !(self.is_sign(2, "]") && self.is_sign(3, ":")) => {
                self.skip();
                let outer = std::mem::replace(&mut self.slicing, false);
                let given = self.items("]");
                self.slicing = outer;
                Some(Expr::List(given?))
            }
            Word::Sign("[") => {
                self.skip();
                let whose = if self.sign("*") { Address::Any6 } else { Address::Host6(self.name()?) };
                if !self.sign("]") {
                    return None;
                }
                let port = self.port()?;
                Some(Expr::Address(whose, port))
            }
            Word::Name(name) => {
                self.skip();
                self.named(name)
            }
            Word::Sign(_) => None,
        }
    }

    fn named(&mut self, name: &str) -> Read<Expr> {
        if self.sign("(") {
            let outer = std::mem::replace(&mut self.slicing, false);
            let given = self.items(")");
            self.slicing = outer;
            return Some(Expr::Call(name.to_owned(), given?));
        }
        if !self.slicing && self.is_sign(0, ":") && matches!(self.peek(1), Some(Word::Number(_))) {
            let port = self.port()?;
            return Some(Expr::Address(Address::Host(name.to_owned()), port));
        }
        Some(Expr::Name(name.to_owned()))
    }

    /// Expressions with commas between them, up to that sign.
    fn items(&mut self, end: &str) -> Read<Vec<Expr>> {
        let mut given = Vec::new();
        while !self.is_sign(0, end) {
            given.push(self.expression()?);
            if !self.sign(",") {
                break;
            }
        }
        self.sign(end).then_some(given)
    }

    /// `:8080`, if it comes next; nothing at all where what follows the colon is no port.
    fn port(&mut self) -> Read<Option<u16>> {
        if self.slicing || !(self.is_sign(0, ":") && matches!(self.peek(1), Some(Word::Number(_)))) {
            return Some(None);
        }
        self.skip();
        let Some(Word::Number(text)) = self.peek(0) else { return None };
        self.skip();
        match amount(text)? {
            Expr::Number(port) => u16::try_from(port).ok().map(Some),
            _ => None,
        }
    }
}

fn joined(left: Expr, sign: Sign, right: Expr) -> Expr {
    Expr::Joined(Box::new(left), sign, Box::new(right))
}

/// `10`, `100k`, `0x1f`, `1_000`, `2.5s`.
fn amount(text: &str) -> Option<Expr> {
    let text: String = text.chars().filter(|c| *c != '_').collect();
    if let Some(digits) = text.strip_prefix("0x") {
        return i64::from_str_radix(digits, 16).ok().map(Expr::Number);
    }
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let (whole, parts) = digits.split_once('.').unwrap_or((digits, ""));
    let (scale, time) = crate::scenario::number::unit(unit)?;
    let mut value = whole.parse::<i128>().ok()?.checked_mul(scale)?;
    let mut place = scale;
    for digit in parts.bytes() {
        place /= 10;
        value += i128::from(digit - b'0') * place;
    }
    let value = i64::try_from(value).ok()?;
    Some(if time { Expr::Time(value) } else { Expr::Number(value) })
}
