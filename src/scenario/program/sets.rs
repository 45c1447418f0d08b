//! Lists of sockets, as `select` wants and gives them: `[l, c]`, `append`, `remove`, `for s in ready:`.

use super::compile::{Compiler, Header, Loop, Type};
use super::expression::Term;
use super::formula::{Formula, Function, Sheet, Sign, Trouble};
use super::lines::Line;
use super::op::{Slot, Test, ValueForm};
use super::sides::closing_bracket;
use super::{CallForm, Op, Value};
use crate::scenario::Compare;
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::number::time;
use crate::scenario::source::{Mistake, Parse};
use crate::socket::Fd;
use std::ops::Range;
use std::sync::Arc;

/// Words that change a list.
pub(super) const CHANGES: [&str; 2] = ["append", "remove"];

impl Compiler<'_> {
    /// Whether a list in brackets comes next, and no IPv6 address.
    pub fn starts_list(&self, cursor: &Cursor<'_>) -> bool {
        cursor.is_sign("[")
            && closing_bracket(cursor)
                .is_some_and(|end| !matches!(cursor.peek_at(end + 1), Some(Word::Sign(":"))))
    }

    /// `[l, c]`, `[]`, or a variable that holds a list.
    pub fn list(&mut self, cursor: &mut Cursor<'_>) -> Parse<Term> {
        let start = cursor.span().start;
        if !cursor.is_sign("[") {
            let (name, span) = cursor.expect_name("a list of sockets: [l, c]", "套接字列表：[l, c]")?;
            let formula = Formula::Variable(self.variable(name, &[Type::Sockets], span.clone()));
            return Ok(Term { formula, kind: Type::Sockets, span });
        }
        cursor.advance();
        let mut members = Vec::new();
        while !cursor.is_sign("]") {
            members.push(Formula::Variable(self.socket(cursor)?));
            if !cursor.sign(",") {
                break;
            }
        }
        cursor.expect_sign("]")?;
        let formula = if members.is_empty() {
            Formula::Fixed(Value::Sockets(Vec::new()))
        } else {
            Formula::Function(Function::Sockets, members)
        };
        Ok(Term { formula, kind: Type::Sockets, span: cursor.since(start) })
    }

    /// `select(readers, writers, 1s)`, behind the `(`.
    pub fn select_of(&mut self, given: usize, cursor: &mut Cursor<'_>) -> Parse<CallForm> {
        let read = self.list(cursor)?.formula;
        cursor.expect_sign(",")?;
        let write = self.list(cursor)?.formula;
        let mut limit = None;
        if given > 2 {
            cursor.expect_sign(",")?;
            limit = if cursor.keyword("none") || cursor.keyword("None") {
                None
            } else {
                Some(time(cursor, self.scene)?)
            };
        }
        Ok(CallForm::Select(read, write, limit))
    }

    /// `append(list, s)`, `remove(list, s)`: the list changes.
    pub fn change_list(&mut self, word: &str, cursor: &mut Cursor<'_>) -> Parse<()> {
        cursor.expect_sign("(")?;
        let (name, span) = cursor.expect_name("a list of sockets", "套接字列表")?;
        let list = self.variable(name, &[Type::Sockets], span);
        cursor.expect_sign(",")?;
        let member = self.socket(cursor)?;
        cursor.expect_sign(")")?;
        let function = if word == "append" { Function::With } else { Function::Without };
        let formula = Formula::Function(function, vec![Formula::Variable(list), Formula::Variable(member)]);
        let line = self.statement_words();
        self.ops.push(Op::Keep { slot: list, value: ValueForm::Computed(formula), line });
        Ok(())
    }

    /// `NAME in LIST:`, behind `for`.
    pub fn for_header(&mut self, cursor: &mut Cursor<'_>) -> Parse<Header> {
        let (name, span) = cursor.expect_name("a name for each socket", "每个套接字的名字")?;
        cursor.expect_keyword("in")?;
        let known = match cursor.peek() {
            Some(Word::Name(list)) => self.find(list).is_some(),
            _ => cursor.is_sign("["),
        };
        if !known {
            let mistake = Mistake::new(
                cursor.span(),
                "`for` goes through a list of sockets",
                "`for` 只能逐个取出列表里的套接字",
            );
            return Err(Box::new(mistake.help("repeat 3: … makes rounds", "循环写 repeat 3: ……")));
        }
        let term = self.list(cursor)?;
        cursor.expect_sign(":")?;
        // The rounds go through the list as it was at the beginning, whatever happens to it.
        let list = self.hidden(Type::Sockets);
        let line = self.statement_words();
        self.ops.push(Op::Keep { slot: list, value: super::expression::value_form(term.formula), line });
        Ok(Header::For { item: self.declare(name, Type::Socket, span), list })
    }

    /// `for s in list:` and its block.
    pub fn for_each(
        &mut self,
        (item, list): (Slot, Slot),
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        words: Arc<str>,
        depth: usize,
    ) {
        let place = self.hidden(Type::Number);
        let keep = |slot, value| Op::Keep { slot, value, line: words.clone() };
        let number = |n| Formula::Fixed(Value::Number(n));
        self.ops.push(keep(place, ValueForm::Fixed(Value::Number(0))));
        let top = self.ops.len();
        let count = Formula::Function(Function::Count, vec![Formula::Variable(list)]);
        let test = Test { length: false, how: Compare::Less, right: ValueForm::Computed(count) };
        self.ops.push(Op::Branch { left: place, test, otherwise: 0, line: words.clone() });
        let nth = Formula::Function(Function::Nth, vec![Formula::Variable(list), Formula::Variable(place)]);
        self.ops.push(keep(item, ValueForm::Computed(nth)));
        let next = Formula::Joined(Box::new(Formula::Variable(place)), Sign::Plus, Box::new(number(1)));
        self.ops.push(keep(place, ValueForm::Computed(next)));
        self.loops.push(Loop::default());
        self.block(lines, at, inner, depth);
        let around = self.loops.pop().unwrap_or_default();
        self.ops.push(Op::Jump(top));
        let end = self.ops.len();
        self.lead(&[top], end);
        self.lead(&around.breaks, end);
        self.lead(&around.continues, top);
    }

    /// `f = makefile(s)`: the same socket, read by lines.
    pub fn make_file(&mut self, cursor: &mut Cursor<'_>, targets: &[(&str, Range<usize>)]) -> Parse<()> {
        let start = cursor.span();
        cursor.advance();
        cursor.expect_sign("(")?;
        let socket = self.socket(cursor)?;
        cursor.expect_sign(")")?;
        let [(name, span)] = targets else {
            return Err(Box::new(Mistake::new(
                start,
                "`makefile` gives one file: f = makefile(s)",
                "`makefile` 返回一个文件：f = makefile(s)",
            )));
        };
        let line = self.statement_words();
        let file = self.declare(name, Type::File, span.clone());
        self.ops.push(Op::Keep { slot: file, value: ValueForm::Variable(socket), line: line.clone() });
        let known = self.files.iter().find(|(known, _)| *known == file).map(|(_, rest)| *rest);
        let rest = known.unwrap_or_else(|| self.hidden(Type::Data));
        if known.is_none() {
            self.files.push((file, rest));
        }
        let nothing = ValueForm::Fixed(Value::Data(bytes::Bytes::new()));
        self.ops.push(Op::Keep { slot: rest, value: nothing, line });
        Ok(())
    }

    /// `readline(f)`, from its name on: the next line with its end; "" at the end of the stream.
    pub fn read_line(&mut self, cursor: &mut Cursor<'_>) -> Parse<Term> {
        let start = cursor.span().start;
        cursor.advance();
        cursor.expect_sign("(")?;
        let (name, span) = cursor.expect_name("a file", "文件")?;
        let file = self.variable(name, &[Type::File], span.clone());
        cursor.expect_sign(")")?;
        let whole = cursor.since(start);
        let Some(rest) = self.files.iter().find(|(known, _)| *known == file).map(|(_, rest)| *rest) else {
            let mistake = Mistake::new(
                span,
                "no file was made here: what it has read too much is kept where it was made",
                "这里没有创建过文件：多读的部分只保存在创建它的地方",
            );
            return Err(Box::new(mistake.help("f = makefile(s)", "f = makefile(s)")));
        };
        let given = vec![
            Term { formula: Formula::Variable(file), kind: Type::Socket, span: whole.clone() },
            Term { formula: Formula::Variable(rest), kind: Type::Data, span: whole.clone() },
        ];
        let [(line, kind), (left, _)] = self.put_library("line_of_file", given, &whole)[..] else {
            return Err(cursor.expected("a file", "文件"));
        };
        let words = self.statement_words();
        self.ops.push(Op::Keep { slot: rest, value: ValueForm::Variable(left), line: words });
        Ok(Term { formula: Formula::Variable(line), kind, span: whole })
    }
}

impl Sheet<'_> {
    /// What a function of sockets gives.
    pub(super) fn of_sockets(&mut self, function: Function, given: &[Formula]) -> Result<Value, Trouble> {
        let first = given.first().ok_or(Trouble::Unset)?;
        let second = given.get(1).ok_or(Trouble::Unset);
        Ok(match function {
            Function::FileNo => Value::Number(i64::from(self.socket(first)?.0)),
            Function::Sockets => {
                let all: Result<Vec<Fd>, Trouble> = given.iter().map(|one| self.socket(one)).collect();
                Value::Sockets(all?)
            }
            Function::With => {
                let mut list = self.sockets(first)?;
                list.push(self.socket(second?)?);
                Value::Sockets(list)
            }
            Function::Without => {
                let (mut list, gone) = (self.sockets(first)?, self.socket(second?)?);
                let place = list.iter().position(|fd| *fd == gone).ok_or(Trouble::Value)?;
                list.remove(place);
                Value::Sockets(list)
            }
            Function::Contains => {
                let (list, sought) = (self.sockets(first)?, self.socket(second?)?);
                Value::Number(i64::from(list.contains(&sought)))
            }
            Function::Count => Value::Number(self.sockets(first)?.len() as i64),
            _ => {
                let (list, place) = (self.sockets(first)?, self.amount(second?, u64::from(u32::MAX))?);
                Value::Socket(*list.get(place).ok_or(Trouble::Index)?)
            }
        })
    }

    fn socket(&mut self, formula: &Formula) -> Result<Fd, Trouble> {
        match self.value(formula)? {
            Value::Socket(fd) => Ok(fd),
            _ => Err(Trouble::Unset),
        }
    }

    /// The formula's value, which is a list of sockets.
    pub fn sockets(&mut self, formula: &Formula) -> Result<Vec<Fd>, Trouble> {
        match self.value(formula)? {
            Value::Sockets(list) => {
                self.octets = self.octets.saturating_add(list.len() * size_of::<Fd>());
                Ok(list)
            }
            _ => Err(Trouble::Unset),
        }
    }
}
