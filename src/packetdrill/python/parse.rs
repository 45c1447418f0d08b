//! From words to statements.

use super::Value;
use super::lex::{self, Token, Word};
use super::syntax::{Expression, ExpressionKind, Kind, Operator, Statement};
use crate::packetdrill::mistakes::{Mistake, Read};
use std::ops::Range;

/// How deep expressions and blocks may stand in one another.
const DEEPEST: usize = 48;
/// How many operators, calls and indices one statement may join: each stands in the one before it.
const MOST_JOINED: usize = 200;

/// The statements of `code`, which begins at octet `base` of the script.
pub(in crate::packetdrill) fn parse(code: &str, base: usize) -> Read<Vec<Statement>> {
    let tokens = lex::words(code, base)?;
    let end = base + code.len();
    let mut parser = Parser { tokens: &tokens, at: 0, end, depth: 0, joined: 0 };
    let mut statements = Vec::new();
    while parser.at < tokens.len() {
        parser.statement(&mut statements)?;
    }
    Ok(statements)
}

struct Parser<'a, 't> {
    tokens: &'t [Token<'a>],
    at: usize,
    end: usize,
    depth: usize,
    /// Operators, calls and indices of this statement so far.
    joined: usize,
}

/// Operators between values, from those that bind least; within a level from left to right.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("|", Operator::BitOr)],
    &[("^", Operator::BitXor)],
    &[("&", Operator::BitAnd)],
    &[("<<", Operator::Left), (">>", Operator::Right)],
    &[("+", Operator::Add), ("-", Operator::Subtract)],
    &[
        ("*", Operator::Multiply),
        ("//", Operator::Floor),
        ("/", Operator::Divide),
        ("%", Operator::Remainder),
    ],
];

const COMPARISONS: [(&str, Operator); 7] = [
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<>", Operator::NotEqual),
    ("<=", Operator::LessOrEqual),
    (">=", Operator::GreaterOrEqual),
    ("<", Operator::Less),
    (">", Operator::Greater),
];

const AUGMENTED: [(&str, Operator); 12] = [
    ("+=", Operator::Add),
    ("-=", Operator::Subtract),
    ("*=", Operator::Multiply),
    ("/=", Operator::Divide),
    ("//=", Operator::Floor),
    ("%=", Operator::Remainder),
    ("**=", Operator::Power),
    ("&=", Operator::BitAnd),
    ("|=", Operator::BitOr),
    ("^=", Operator::BitXor),
    ("<<=", Operator::Left),
    (">>=", Operator::Right),
];

impl Parser<'_, '_> {
    fn here(&self) -> Range<usize> {
        self.tokens.get(self.at).map_or(self.end..self.end, |token| token.span.clone())
    }
    fn since(&self, start: usize) -> Range<usize> {
        let end = self.at.checked_sub(1).map_or(start, |last| self.tokens[last].span.end);
        start..end.max(start)
    }
    fn is(&self, sign: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token { word: Word::Sign(found), .. }) if *found == sign)
    }
    fn is_name(&self, name: &str) -> bool {
        matches!(self.tokens.get(self.at), Some(Token { word: Word::Name(found), .. }) if *found == name)
    }
    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        self.at += usize::from(is);
        is
    }
    fn take_name(&mut self, name: &str) -> bool {
        let is = self.is_name(name);
        self.at += usize::from(is);
        is
    }
    fn wanted(&self, en: &str, zh: &str) -> Box<Mistake> {
        Mistake::new(
            self.here(),
            format!("{en} should stand here (Python)"),
            format!("这里应当是{zh}（Python）"),
        )
    }
    fn sign(&mut self, sign: &str) -> Read<()> {
        if self.take(sign) { Ok(()) } else { Err(self.wanted(&format!("`{sign}`"), &format!("`{sign}`"))) }
    }
    fn ends_line(&self) -> bool {
        matches!(
            self.tokens.get(self.at).map(|token| &token.word),
            None | Some(Word::NewLine | Word::Sign(";"))
        )
    }
    fn deeper(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Mistake::new(self.here(), "this code is nested too deeply", "这段代码嵌套太深"));
        }
        Ok(())
    }

    fn join(&mut self) -> Read<()> {
        self.joined += 1;
        if self.joined > MOST_JOINED {
            return Err(Mistake::new(self.here(), "this expression is too long", "这个表达式太长"));
        }
        Ok(())
    }

    /// One statement, or all of one line.
    fn statement(&mut self, into: &mut Vec<Statement>) -> Read<()> {
        if matches!(self.tokens.get(self.at), Some(Token { word: Word::NewLine, .. })) || self.is(";") {
            self.at += 1;
            return Ok(());
        }
        self.joined = 0;
        let start = self.here().start;
        let kind = if self.take_name("if") {
            self.branches()?
        } else if self.take_name("while") {
            let condition = self.expression()?;
            Kind::While(condition, self.block()?)
        } else if self.take_name("for") {
            let target = self.targets()?;
            if !self.take_name("in") {
                return Err(self.wanted("`in`", "`in`"));
            }
            let values = self.expressions()?;
            Kind::For(target, values, self.block()?)
        } else if let Some(word) = self.unsupported() {
            self.skip_statement();
            Kind::Unsupported(word)
        } else {
            let kind = self.simple()?;
            if !self.ends_line() {
                return Err(self.wanted("the end of the line", "行尾"));
            }
            self.at += usize::from(self.at < self.tokens.len());
            kind
        };
        into.push(Statement { kind, span: self.since(start) });
        Ok(())
    }

    fn unsupported(&self) -> Option<String> {
        const WORDS: [&str; 10] =
            ["def", "class", "try", "with", "return", "raise", "lambda", "global", "del", "exec"];
        WORDS.into_iter().find(|word| self.is_name(word)).map(str::to_owned)
    }

    /// Goes behind a statement that is not understood, and the block under it.
    fn skip_statement(&mut self) {
        while !self.ends_line() {
            self.at += 1;
        }
        self.at += usize::from(self.at < self.tokens.len());
        let mut depth = 0;
        while let Some(token) = self.tokens.get(self.at) {
            match token.word {
                Word::Indent => depth += 1,
                Word::Dedent => depth -= 1,
                _ if depth == 0 => return,
                _ => {}
            }
            self.at += 1;
            if depth < 0 {
                return;
            }
        }
    }

    fn branches(&mut self) -> Read<Kind> {
        let mut branches = Vec::new();
        loop {
            let condition = self.expression()?;
            branches.push((condition, self.block()?));
            if self.take_name("elif") {
                continue;
            }
            let otherwise = if self.take_name("else") { self.block()? } else { Vec::new() };
            return Ok(Kind::If(branches, otherwise));
        }
    }

    /// What follows a colon: the rest of the line, or the lines further in.
    fn block(&mut self) -> Read<Vec<Statement>> {
        self.sign(":")?;
        self.deeper()?;
        let mut statements = Vec::new();
        if !matches!(self.tokens.get(self.at), Some(Token { word: Word::NewLine, .. })) {
            loop {
                self.statement(&mut statements)?;
                let ended = self.at.checked_sub(1).and_then(|last| self.tokens.get(last));
                if !matches!(ended, Some(Token { word: Word::Sign(";"), .. })) {
                    break;
                }
            }
            self.depth -= 1;
            return Ok(statements);
        }
        self.at += 1;
        if !matches!(self.tokens.get(self.at), Some(Token { word: Word::Indent, .. })) {
            return Err(self.wanted("an indented line", "缩进的一行"));
        }
        self.at += 1;
        while let Some(token) = self.tokens.get(self.at) {
            if token.word == Word::Dedent {
                self.at += 1;
                break;
            }
            self.statement(&mut statements)?;
        }
        self.depth -= 1;
        Ok(statements)
    }

    fn simple(&mut self) -> Read<Kind> {
        if self.take_name("assert") {
            let condition = self.expression()?;
            let message = if self.take(",") { Some(self.expression()?) } else { None };
            return Ok(Kind::Assert(condition, message));
        }
        if self.take_name("print") {
            return self.print();
        }
        for (word, kind) in [("pass", Kind::Pass), ("break", Kind::Break), ("continue", Kind::Continue)] {
            if self.take_name(word) {
                return Ok(kind);
            }
        }
        if self.is_name("import") || self.is_name("from") {
            while !self.ends_line() {
                self.at += 1;
            }
            return Ok(Kind::Pass);
        }
        let first = self.expressions()?;
        for (sign, operator) in AUGMENTED {
            if self.take(sign) {
                return Ok(Kind::Augment(first, operator, self.expressions()?));
            }
        }
        let mut parts = vec![first];
        while self.take("=") {
            parts.push(self.expressions()?);
        }
        let value = parts.pop();
        match value {
            Some(value) if parts.is_empty() => Ok(Kind::Bare(value)),
            Some(value) => Ok(Kind::Assign(parts, value)),
            None => Ok(Kind::Pass),
        }
    }

    /// `print(a, b)`, `print a, b`, `print >> file, a`.
    fn print(&mut self) -> Read<Kind> {
        if self.take(">>") {
            self.expression()?;
            self.take(",");
        }
        let mut values = Vec::new();
        while !self.ends_line() {
            values.push(self.expression()?);
            if !self.take(",") {
                break;
            }
        }
        // Python 3's: the parentheses are a call's, and what stands in them are its values.
        if let [Expression { kind: ExpressionKind::Tuple(inner), .. }] = &values[..] {
            return Ok(Kind::Print(inner.clone()));
        }
        Ok(Kind::Print(values))
    }

    /// One or several expressions with commas between them, which are then a tuple.
    fn expressions(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let first = self.expression()?;
        if !self.is(",") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.take(",") {
            if self.ends_line() || self.is(")") || self.is("=") || self.is(":") {
                break;
            }
            all.push(self.expression()?);
        }
        Ok(Expression { kind: ExpressionKind::Tuple(all), span: self.since(start) })
    }

    /// What a `for` assigns to: names, no comparison.
    fn targets(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let first = self.level(0)?;
        if !self.is(",") {
            return Ok(first);
        }
        let mut all = vec![first];
        while self.take(",") {
            all.push(self.level(0)?);
        }
        Ok(Expression { kind: ExpressionKind::Tuple(all), span: self.since(start) })
    }

    fn expression(&mut self) -> Read<Expression> {
        self.deeper()?;
        let start = self.here().start;
        let value = self.or()?;
        let made = if self.take_name("if") {
            let condition = self.or()?;
            if !self.take_name("else") {
                return Err(self.wanted("`else`", "`else`"));
            }
            let otherwise = self.expression()?;
            let parts = Box::new([condition, value, otherwise]);
            Expression { kind: ExpressionKind::Choice(parts), span: self.since(start) }
        } else {
            value
        };
        self.depth -= 1;
        Ok(made)
    }

    fn or(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let mut left = self.and()?;
        while self.take_name("or") {
            self.join()?;
            let right = self.and()?;
            let kind = ExpressionKind::Or(Box::new(left), Box::new(right));
            left = Expression { kind, span: self.since(start) };
        }
        Ok(left)
    }

    fn and(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let mut left = self.not()?;
        while self.take_name("and") {
            self.join()?;
            let right = self.not()?;
            let kind = ExpressionKind::And(Box::new(left), Box::new(right));
            left = Expression { kind, span: self.since(start) };
        }
        Ok(left)
    }

    fn not(&mut self) -> Read<Expression> {
        let start = self.here().start;
        if self.take_name("not") {
            self.deeper()?;
            let inner = self.not()?;
            self.depth -= 1;
            return Ok(Expression { kind: ExpressionKind::Not(Box::new(inner)), span: self.since(start) });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let first = self.level(0)?;
        let mut rest = Vec::new();
        while let Some(operator) = self.comparison_sign() {
            rest.push((operator, self.level(0)?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expression { kind: ExpressionKind::Compare(Box::new(first), rest), span: self.since(start) })
    }

    fn comparison_sign(&mut self) -> Option<Operator> {
        for (sign, operator) in COMPARISONS {
            if self.take(sign) {
                return Some(operator);
            }
        }
        if self.take_name("in") {
            return Some(Operator::In);
        }
        if self.take_name("is") {
            return Some(if self.take_name("not") { Operator::IsNot } else { Operator::Is });
        }
        if self.is_name("not") {
            self.at += 1;
            if self.take_name("in") {
                return Some(Operator::NotIn);
            }
            self.at -= 1;
        }
        None
    }

    fn level(&mut self, level: usize) -> Read<Expression> {
        let Some(operators) = LEVELS.get(level) else { return self.signed() };
        let start = self.here().start;
        let mut left = self.level(level + 1)?;
        while let Some((_, operator)) = operators.iter().find(|(sign, _)| self.is(sign)) {
            self.at += 1;
            self.join()?;
            let right = self.level(level + 1)?;
            let kind = ExpressionKind::Binary(*operator, Box::new(left), Box::new(right));
            left = Expression { kind, span: self.since(start) };
        }
        Ok(left)
    }

    fn signed(&mut self) -> Read<Expression> {
        let start = self.here().start;
        for (text, sign) in [("-", '-'), ("+", '+'), ("~", '~')] {
            if self.take(text) {
                self.deeper()?;
                let inner = self.signed()?;
                self.depth -= 1;
                let kind = ExpressionKind::Sign(sign, Box::new(inner));
                return Ok(Expression { kind, span: self.since(start) });
            }
        }
        let base = self.trailing()?;
        if self.take("**") {
            self.deeper()?;
            let power = self.signed()?;
            self.depth -= 1;
            let kind = ExpressionKind::Binary(Operator::Power, Box::new(base), Box::new(power));
            return Ok(Expression { kind, span: self.since(start) });
        }
        Ok(base)
    }

    /// A value with what follows it: calls, members, items.
    fn trailing(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let mut value = self.atom()?;
        loop {
            let kind = if self.take("(") {
                ExpressionKind::Call(Box::new(value), self.until(")")?)
            } else if self.take(".") {
                let name = self.name()?;
                ExpressionKind::Member(Box::new(value), name)
            } else if self.take("[") {
                self.item(value)?
            } else {
                return Ok(value);
            };
            self.join()?;
            value = Expression { kind, span: self.since(start) };
        }
    }

    fn item(&mut self, value: Expression) -> Read<ExpressionKind> {
        let from = if self.is(":") { None } else { Some(Box::new(self.expression()?)) };
        if !self.take(":") {
            self.sign("]")?;
            return match from {
                Some(index) => Ok(ExpressionKind::Item(Box::new(value), index)),
                None => Err(self.wanted("an index", "一个下标")),
            };
        }
        let to = if self.is("]") { None } else { Some(Box::new(self.expression()?)) };
        self.sign("]")?;
        Ok(ExpressionKind::Slice(Box::new(value), from, to))
    }

    fn name(&mut self) -> Read<String> {
        match self.tokens.get(self.at).map(|token| &token.word) {
            Some(Word::Name(name)) => {
                self.at += 1;
                Ok((*name).to_owned())
            }
            _ => Err(self.wanted("a name", "一个名字")),
        }
    }

    /// Expressions up to the closing sign; `name = value` counts as its value.
    fn until(&mut self, close: &str) -> Read<Vec<Expression>> {
        let mut values = Vec::new();
        loop {
            if self.take(close) {
                return Ok(values);
            }
            let value = self.expression()?;
            values.push(if self.take("=") { self.expression()? } else { value });
            if !self.take(",") {
                self.sign(close)?;
                return Ok(values);
            }
        }
    }

    fn atom(&mut self) -> Read<Expression> {
        let start = self.here().start;
        let Some(token) = self.tokens.get(self.at) else { return Err(self.wanted("a value", "一个值")) };
        let kind = match &token.word {
            Word::Integer(number) => ExpressionKind::Literal(Value::Integer(*number)),
            Word::Float(number) => ExpressionKind::Literal(Value::Float(*number)),
            Word::Text(_) => return Ok(self.texts()),
            Word::Name("True") => ExpressionKind::Literal(Value::Bool(true)),
            Word::Name("False") => ExpressionKind::Literal(Value::Bool(false)),
            Word::Name("None") => ExpressionKind::Literal(Value::None),
            Word::Name(name) => ExpressionKind::Name((*name).to_owned()),
            Word::Sign("(") => return self.parenthesis(),
            Word::Sign("[") => {
                self.at += 1;
                let items = self.until("]")?;
                return Ok(Expression { kind: ExpressionKind::List(items), span: self.since(start) });
            }
            Word::Sign(_) | Word::NewLine | Word::Indent | Word::Dedent => {
                return Err(self.wanted("a value", "一个值"));
            }
        };
        self.at += 1;
        Ok(Expression { kind, span: self.since(start) })
    }

    fn texts(&mut self) -> Expression {
        let start = self.here().start;
        let mut text = String::new();
        while let Some(Token { word: Word::Text(more), .. }) = self.tokens.get(self.at) {
            text.push_str(more);
            self.at += 1;
        }
        Expression { kind: ExpressionKind::Literal(Value::Text(text)), span: self.since(start) }
    }

    fn parenthesis(&mut self) -> Read<Expression> {
        let start = self.here().start;
        self.at += 1;
        if self.take(")") {
            return Ok(Expression { kind: ExpressionKind::Tuple(Vec::new()), span: self.since(start) });
        }
        let inner = self.expressions()?;
        self.sign(")")?;
        Ok(Expression { kind: inner.kind, span: self.since(start) })
    }
}
