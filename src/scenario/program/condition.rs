//! Conditions of `if` and `while`: comparisons joined by `and`, `or`, `not`. What decides is not looked at further, as in Python.

use super::compile::{Compiler, Type};
use super::formula::{Formula, Function};
use super::op::{Expected, Test, Then, ValueForm};
use super::sides::Left;
use super::{Op, Value};
use crate::scenario::Compare;
use crate::scenario::compare::peek_sign;
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::source::{Mistake, Parse};

/// Jumps whose places are still open.
pub(super) type Jumps = Vec<usize>;

/// How deep `not` may go.
const DEPTH: usize = 32;

impl Compiler<'_> {
    /// Compiles a condition. One that holds goes on behind it; the jumps of one that does not are returned.
    pub fn decision(&mut self, cursor: &mut Cursor<'_>) -> Parse<Jumps> {
        let mut holds = Jumps::new();
        loop {
            let fails = self.both(cursor)?;
            if !cursor.keyword("or") {
                let here = self.ops.len();
                self.lead(&holds, here);
                return Ok(fails);
            }
            holds.push(self.jump());
            let here = self.ops.len();
            self.lead(&fails, here);
        }
    }

    fn both(&mut self, cursor: &mut Cursor<'_>) -> Parse<Jumps> {
        let mut fails = self.negated(cursor, 0)?;
        while cursor.keyword("and") {
            fails.extend(self.negated(cursor, 0)?);
        }
        Ok(fails)
    }

    fn negated(&mut self, cursor: &mut Cursor<'_>, depth: usize) -> Parse<Jumps> {
        if depth > DEPTH {
            return Err(Box::new(Mistake::new(cursor.span(), "too many `not`", "`not` 太多")));
        }
        if !cursor.keyword("not") {
            return self.simple(cursor);
        }
        let fails = self.negated(cursor, depth + 1)?;
        let out = self.jump();
        let here = self.ops.len();
        self.lead(&fails, here);
        Ok(vec![out])
    }

    /// `true`, `call(…) == value`, `x in data`, or a value alone: a number but 0 and data but "" hold.
    fn simple(&mut self, cursor: &mut Cursor<'_>) -> Parse<Jumps> {
        let start = cursor.span().start;
        for (word, holds) in [("true", true), ("True", true), ("false", false), ("False", false)] {
            if cursor.keyword(word) {
                return Ok(if holds { Jumps::new() } else { vec![self.jump()] });
            }
        }
        let left = self.left_side(cursor)?;
        if let Left::Call { call, text, kinds, length, .. } = left {
            let test = self.test(cursor, kinds.0.unwrap_or(Type::Number), length)?;
            let line = self.words_since(cursor, start);
            let then = Then::new(Expected::Branch(test, 0), false, [None, None]);
            self.ops.push(Op::Call { call, text, line, then });
            self.settle_far(false);
            return Ok(vec![self.ops.len() - 1]);
        }
        let Left::Variable { slot, kind, length } = left else { return Ok(Jumps::new()) };
        if cursor.is_name("in")
            || (cursor.is_name("not") && matches!(cursor.peek_at(1), Some(Word::Name("in"))))
        {
            return self.within(cursor, slot, kind);
        }
        let test = match peek_sign(cursor) {
            Some(_) => self.test(cursor, kind, length)?,
            None if cursor.is_sign("=") => self.test(cursor, kind, length)?,
            None => {
                let nothing = match kind {
                    Type::Data if !length => Value::Data(bytes::Bytes::new()),
                    Type::Number | Type::Data | Type::Unknown => Value::Number(0),
                    Type::Sockets => Value::Sockets(Vec::new()),
                    Type::Socket
                    | Type::Class
                    | Type::File
                    | Type::Address
                    | Type::Setting
                    | Type::Patience => {
                        return Err(
                            cursor.expected("a comparison (== != < <= > >=)", "比较符号（== != < <= > >=）")
                        );
                    }
                };
                Test { length, how: Compare::NotEqual, right: ValueForm::Fixed(nothing) }
            }
        };
        let line = self.words_since(cursor, start);
        self.ops.push(Op::Branch { left: slot, test, otherwise: 0, line });
        Ok(vec![self.ops.len() - 1])
    }

    /// `x in data`, `x not in data`, `s in list`, behind the `x`.
    fn within(&mut self, cursor: &mut Cursor<'_>, sought: usize, kind: Type) -> Parse<Jumps> {
        let how = if cursor.keyword("not") { Compare::Less } else { Compare::AtLeast };
        cursor.advance();
        if kind == Type::Socket {
            let how = if how == Compare::Less { Compare::Equal } else { Compare::NotEqual };
            let list = self.list(cursor)?.formula;
            let formula = Formula::Function(Function::Contains, vec![list, Formula::Variable(sought)]);
            return Ok(self.decided(formula, how));
        }
        if !matches!(kind, Type::Data | Type::Unknown) {
            let (en, zh) = kind.words();
            self.scene.report(Mistake::new(
                cursor.since(cursor.span().start),
                format!("{en} cannot be in data"),
                format!("{zh}不会出现在数据里"),
            ));
        }
        let data = self.term_of(cursor, &[Type::Data])?;
        let formula = Formula::Function(Function::Find, vec![data.formula, Formula::Variable(sought)]);
        Ok(self.decided(formula, how))
    }

    /// Computes the number, and compares it with 0.
    fn decided(&mut self, formula: Formula, how: Compare) -> Jumps {
        let line = self.statement_words();
        let left = self.hidden(Type::Number);
        self.ops.push(Op::Keep { slot: left, value: ValueForm::Computed(formula), line: line.clone() });
        let test = Test { length: false, how, right: ValueForm::Fixed(Value::Number(0)) };
        self.ops.push(Op::Branch { left, test, otherwise: 0, line });
        vec![self.ops.len() - 1]
    }

    /// A jump to a place that is not known yet.
    pub fn jump(&mut self) -> usize {
        self.ops.push(Op::Jump(0));
        self.ops.len() - 1
    }

    /// Lets these jumps lead to `place`.
    pub fn lead(&mut self, jumps: &[usize], place: usize) {
        for jump in jumps {
            match self.ops.get_mut(*jump) {
                Some(Op::Branch { otherwise, .. }) => *otherwise = place,
                Some(Op::Call { then, .. }) => then.leave_at(place),
                Some(Op::Jump(to)) => *to = place,
                Some(_) | None => {}
            }
        }
    }
}
