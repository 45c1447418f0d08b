//! What stands on either side of a comparison.

use super::compile::{Compiler, Type};
use super::expression::value_form;
use super::op::{Slot, Test, ValueForm};
use super::statement::STATEMENTS;
use super::{CallForm, Value};
use crate::scenario::compare::{errno, peek_sign, sign};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::number::number;
use crate::scenario::source::{Mistake, Parse};
use crate::scenario::{Compare, Number};
use std::ops::Range;
use std::sync::Arc;

/// What stands on the left of a comparison.
pub(super) enum Left {
    Variable { slot: Slot, kind: Type, length: bool },
    Call { call: CallForm, text: Arc<str>, kinds: (Option<Type>, Option<Type>), length: bool },
}

impl Compiler<'_> {
    /// A comparison with a value of the kind.
    pub fn test(&mut self, cursor: &mut Cursor<'_>, kind: Type, length: bool) -> Parse<Test> {
        let at = cursor.span();
        let how = sign(cursor)?;
        let kind = if length { Type::Number } else { kind };
        let ordered = matches!(kind, Type::Number | Type::Setting | Type::Unknown);
        if !ordered && !matches!(how, Compare::Equal | Compare::NotEqual) {
            let (en, zh) = kind.words();
            self.scene.report(
                Mistake::new(
                    at,
                    format!("{en} is equal or not, neither less nor greater"),
                    format!("{zh}只能比较相等与否，没有大小"),
                )
                .help("len(data) is a number", "len(data) 才是数"),
            );
        }
        let right = self.right_side(cursor, kind)?;
        Ok(Test { length, how, right })
    }

    fn right_side(&mut self, cursor: &mut Cursor<'_>, kind: Type) -> Parse<ValueForm> {
        if let (Type::Setting | Type::Unknown, Some(Word::Name(name))) = (kind, cursor.peek())
            && self.find(name).is_some()
        {
            let at = cursor.span();
            cursor.advance();
            return Ok(ValueForm::Variable(self.variable(name, &[kind, Type::Number], at)));
        }
        match kind {
            Type::Data => self.data(cursor).map(value_form),
            Type::Number => self.amount(cursor, 0..=u64::MAX, "a number", "数字").map(value_form),
            Type::Address => {
                let term = self.address_term(cursor)?;
                if !matches!(term.kind, Type::Address | Type::Unknown) {
                    return Err(Box::new(Mistake::new(
                        term.span,
                        "an address is wanted here",
                        "这里应是地址",
                    )));
                }
                Ok(value_form(term.formula))
            }
            Type::Setting => self.setting(cursor).map(ValueForm::Fixed),
            Type::Patience => self.timeout(cursor).map(|time| ValueForm::Fixed(Value::Patience(time))),
            Type::Sockets => self.list(cursor).map(|term| value_form(term.formula)),
            Type::Socket | Type::Class | Type::File => {
                let at = cursor.span();
                match cursor.peek() {
                    Some(Word::Name(name)) if self.find(name).is_some() => {
                        cursor.advance();
                        Ok(ValueForm::Variable(self.variable(name, &[Type::Socket], at)))
                    }
                    _ => Err(cursor.expected(
                        "another socket: its number means nothing",
                        "另一个套接字：套接字编号没有意义",
                    )),
                }
            }
            Type::Unknown => match cursor.peek() {
                Some(Word::Text(_)) => self.data(cursor).map(value_form),
                Some(Word::Name(_)) => self.setting(cursor).map(ValueForm::Fixed),
                _ => Ok(ValueForm::Fixed(Value::Number(self.count(cursor)?))),
            },
        }
    }

    /// `off`, an error's name, or a number.
    fn setting(&mut self, cursor: &mut Cursor<'_>) -> Parse<Value> {
        if cursor.keyword("off") {
            return Ok(Value::Off);
        }
        match cursor.peek() {
            Some(Word::Name(name)) if !matches!(*name, "min" | "max") => errno(cursor).map(Value::Error),
            _ => self.count(cursor).map(Value::Number),
        }
    }

    fn count(&mut self, cursor: &mut Cursor<'_>) -> Parse<i64> {
        match number(cursor, self.scene)? {
            (Number::Count(count), _) => Ok(i64::try_from(count).unwrap_or(i64::MAX)),
            (Number::Time(_), span) => Err(Box::new(Mistake::new(
                span,
                "a number is wanted here, not a time",
                "这里要的是数，不是时间",
            ))),
        }
    }

    /// A variable, a call, or the length of one.
    pub fn left_side(&mut self, cursor: &mut Cursor<'_>) -> Parse<Left> {
        if self.starts_expression(cursor) {
            let term = self.term(cursor)?;
            let (slot, kind) = self.settle(term);
            return Ok(Left::Variable { slot, kind, length: false });
        }
        if cursor.is_name("len") && matches!(cursor.peek_at(1), Some(Word::Sign("("))) {
            cursor.advance();
            cursor.advance();
            let mut left = self.left_side(cursor)?;
            cursor.expect_sign(")")?;
            match &mut left {
                Left::Variable { kind: Type::Data | Type::Unknown, length, .. }
                | Left::Call { kinds: (Some(Type::Data), _), length, .. } => *length = true,
                Left::Variable { .. } | Left::Call { .. } => {
                    return Err(cursor.expected(
                        "data inside len(…): only data has a length",
                        "len(…) 里应是数据：只有数据才有长度",
                    ));
                }
            }
            return Ok(left);
        }
        let span = cursor.span();
        let (name, _) = cursor.expect_name("a call or a variable", "调用或变量")?;
        if cursor.is_sign(".") {
            return Err(self.method(name, cursor, span));
        }
        if !cursor.is_sign("(") {
            if self.find(name).is_none() && peek_sign(cursor).is_none() {
                let mistake = Mistake::new(
                    span,
                    format!("`{name}` begins no statement"),
                    format!("没有以 `{name}` 开头的语句"),
                );
                return Err(Box::new(
                    mistake.known(name, STATEMENTS.into_iter().chain(super::calls::names())),
                ));
            }
            let slot = self.variable(name, &Type::ALL, span);
            let kind = self.variables.get(slot).map_or(Type::Unknown, |known| known.kind);
            return Ok(Left::Variable { slot, kind, length: false });
        }
        let (call, kinds) = self.call(name, span.clone(), cursor)?;
        let text = self.words_since(cursor, span.start);
        Ok(Left::Call { call, text, kinds, length: false })
    }

    /// Whether what comes next is computed, and no call, variable or length of one alone.
    fn starts_expression(&self, cursor: &Cursor<'_>) -> bool {
        match (cursor.peek(), cursor.peek_at(1)) {
            (Some(Word::Text(_) | Word::Number(_) | Word::Sign("(" | "-")), _) => true,
            (Some(Word::Name(name)), Some(Word::Sign("[" | "+" | "-" | "*" | "/" | "%"))) => {
                self.find(name).is_some()
            }
            (Some(Word::Name(name)), Some(Word::Sign("."))) => {
                self.find(name).is_some() && matches!(cursor.peek_at(3), Some(Word::Sign(".")))
            }
            (Some(Word::Name("len")), Some(Word::Sign("("))) => {
                let alone = match (cursor.peek_at(2), cursor.peek_at(3)) {
                    (Some(Word::Name(_)), Some(Word::Sign(")"))) => true,
                    (Some(Word::Name(name)), Some(Word::Sign("("))) => {
                        !self.is_value(name)
                            && closing(cursor, 3)
                                .is_some_and(|end| matches!(cursor.peek_at(end + 1), Some(Word::Sign(")"))))
                    }
                    _ => false,
                };
                !alone || goes_on(cursor, 1)
            }
            (Some(Word::Name(name)), Some(Word::Sign("("))) => self.is_value(name) || goes_on(cursor, 1),
            _ => false,
        }
    }

    /// `s.send(…)`: how it is written here.
    fn method(&self, object: &str, cursor: &mut Cursor<'_>, span: Range<usize>) -> Box<Mistake> {
        cursor.advance();
        let name = match cursor.peek() {
            Some(Word::Name(name)) => *name,
            _ => "send",
        };
        cursor.advance();
        let mistake = Mistake::new(
            cursor.since(span.start),
            "calls take their socket as the first argument",
            "调用的第一个参数才是套接字",
        );
        let (en, zh) = if object == "socket" {
            ("socket(tcp) or socket(udp)".to_owned(), "socket(tcp) 或 socket(udp)".to_owned())
        } else {
            let empty = cursor.is_sign("(") && matches!(cursor.peek_at(1), Some(Word::Sign(")")));
            let written = if empty { format!("{name}({object})") } else { format!("{name}({object}, …)") };
            (written.clone(), written)
        };
        Box::new(mistake.help(format!("write {en}"), format!("写作 {zh}")))
    }
}

/// How far ahead the parenthesis is that closes the one so far ahead.
pub(super) fn closing(cursor: &Cursor<'_>, open: usize) -> Option<usize> {
    closing_of(cursor, open, ["(", ")"])
}

/// How far ahead the bracket is that closes the one right here.
pub(super) fn closing_bracket(cursor: &Cursor<'_>) -> Option<usize> {
    closing_of(cursor, 0, ["[", "]"])
}

/// How far ahead the sign is that closes what is opened so far ahead.
fn closing_of(cursor: &Cursor<'_>, open: usize, [opens, closes]: [&str; 2]) -> Option<usize> {
    let mut depth = 0_usize;
    let mut ahead = open;
    while let Some(word) = cursor.peek_at(ahead) {
        match word {
            Word::Sign(sign) if *sign == opens => depth += 1,
            Word::Sign(sign) if *sign == closes => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(ahead);
                }
            }
            _ => {}
        }
        ahead += 1;
    }
    None
}

/// Whether an expression goes on behind the parenthesis that closes the one so far ahead.
pub(super) fn goes_on(cursor: &Cursor<'_>, open: usize) -> bool {
    closing(cursor, open).is_some_and(|end| {
        matches!(cursor.peek_at(end + 1), Some(Word::Sign("[" | "+" | "-" | "*" | "/" | "%")))
    })
}
