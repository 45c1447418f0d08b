//! One statement of a program: which it is, and what must come of it.

use super::Op;
use super::compile::{Compiler, Header, Type};
use super::expression::value_form;
use super::links;
use super::op::{Expected, Slot, Then, ValueForm};
use super::refused::ends_in_type_error;
use super::sets::CHANGES;
use super::sides::{Left, closing, goes_on};
use crate::scenario::compare::{errno, peek_sign};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::limits;
use crate::scenario::number::{time, whole};
use crate::scenario::source::{Mistake, Parse};
use crate::socket::Errno;
use std::ops::Range;

/// Words that begin a statement.
pub(in crate::scenario) const STATEMENTS: [&str; 23] = [
    "sleep", "repeat", "while", "if", "elif", "else", "break", "continue", "when", "every", "observe",
    "inject", "arp", "flood", "unplug", "plug", "forget", "try", "except", "def", "return", "for", "fork",
];

/// Python's words that this language does without, and what to write.
const FOREIGN: [(&str, &str, &str); 8] = [
    ("import", "everything is already there", "无需导入，全都已经可用"),
    ("from", "everything is already there", "无需导入，全都已经可用"),
    ("print", "`wirewalk run` shows every call", "`wirewalk run` 会显示每个调用"),
    ("pass", "leave the block out", "不需要时去掉这个语句块"),
    ("assert", "a comparison is already an expectation", "比较本身就是断言"),
    ("with", "close sockets with close(s)", "用 close(s) 关闭套接字"),
    ("class", "there are no classes", "没有类"),
    ("lambda", "write a function: def name(data): …", "写成函数：def 名字(data): ……"),
];

/// Words that a parenthesis may follow without making a call of them.
const BEFORE_VALUES: [&str; 6] = ["inject", "flood", "if", "elif", "while", "return"];

impl Compiler<'_> {
    /// Compiles the statement at the cursor.
    pub fn statement(&mut self, cursor: &mut Cursor<'_>) -> Parse<Header> {
        let start = cursor.span();
        let Some(Word::Name(first)) = cursor.peek() else {
            return Err(cursor.expected("a statement", "语句"));
        };
        let call = matches!(cursor.peek_at(1), Some(Word::Sign("(")));
        if call && CHANGES.contains(first) && !self.is_function(first) {
            cursor.advance();
            return self.change_list(first, cursor).map(|()| Header::None);
        }
        let assigned = matches!(cursor.peek_at(1), Some(Word::Sign("=" | ",")));
        let parenthesised = BEFORE_VALUES.contains(first);
        if !assigned && (!call || parenthesised) && STATEMENTS.contains(first) {
            cursor.advance();
            return self.keyword(first, cursor, start);
        }
        if call && matches!(*first, "sleep" | "repeat" | "observe" | "forget" | "plug" | "unplug" | "arp") {
            let mistake = Mistake::new(
                cursor.span(),
                format!("`{first}` takes no parentheses"),
                format!("`{first}` 不用括号"),
            );
            return Err(Box::new(mistake.help(format!("write {first} …"), format!("写作 {first} ……"))));
        }
        if let Some((_, en, zh)) = FOREIGN.iter().find(|(word, _, _)| word == first)
            && !assigned
        {
            let mistake = Mistake::new(
                start,
                format!("`{first}` is not part of this language"),
                format!("这种语言里没有 `{first}`"),
            );
            return Err(Box::new(mistake.help(*en, *zh)));
        }
        self.expression(cursor, start.start, false)
    }

    fn keyword(&mut self, word: &str, cursor: &mut Cursor<'_>, at: Range<usize>) -> Parse<Header> {
        match word {
            "sleep" => {
                let span = time(cursor, self.scene)?;
                self.ops.push(Op::Sleep(span));
            }
            "repeat" => {
                let rounds =
                    whole(cursor, self.scene, 0..=limits::ROUNDS, "the number of rounds", "循环次数")?;
                cursor.expect_sign(":")?;
                return Ok(Header::Repeat(rounds as u32));
            }
            "while" => {
                let top = self.ops.len();
                let fails = self.decision(cursor)?;
                cursor.expect_sign(":")?;
                return Ok(Header::While { top, fails });
            }
            "if" => {
                let fails = self.decision(cursor)?;
                cursor.expect_sign(":")?;
                return Ok(Header::If { fails });
            }
            "elif" | "else" | "except" => {
                let before = if word == "except" { "try" } else { "if" };
                let mistake = Mistake::new(
                    at,
                    format!("`{word}` has no `{before}` before it"),
                    format!("`{word}` 前面没有对应的 `{before}`"),
                );
                return Err(Box::new(mistake.help(
                    format!("it stands right behind the block of `{before}`, with the same indentation"),
                    format!("它紧跟在 `{before}` 的语句块之后，缩进相同"),
                )));
            }
            "break" | "continue" => return self.leave(word, at),
            "return" => self.return_from(cursor, at)?,
            "def" => {
                let mistake = Mistake::new(
                    at,
                    "a function stands at the left margin of the program",
                    "函数要写在程序最左边，不能写在语句块里",
                );
                return Err(Box::new(mistake));
            }
            "for" => return self.for_header(cursor),
            "fork" => return self.fork_header(cursor, at),
            "when" => return self.when(cursor),
            "every" => return self.every_header(cursor),
            "observe" => {
                let label = self.label(cursor)?;
                self.not_for_actors(at, "observe");
                self.ops.push(Op::Observe(label));
            }
            "inject" => self.inject(cursor, at)?,
            "arp" => self.arp(cursor)?,
            "flood" => self.flood(cursor, at)?,
            "unplug" | "plug" => {
                let link = links::link(cursor, self.scene, self.host, word)?;
                self.ops.push(link);
            }
            "forget" => {
                let socket = self.socket(cursor)?;
                self.ops.push(Op::Forget(socket));
            }
            "try" if cursor.sign(":") => return Ok(Header::Try),
            "try" => return self.expression(cursor, at.start, true),
            _ => {}
        }
        Ok(Header::None)
    }

    fn label(&mut self, cursor: &mut Cursor<'_>) -> Parse<String> {
        let Some(Word::Text(text)) = cursor.peek() else {
            return Err(cursor.expected("a label in quotes", "引号中的标签"));
        };
        cursor.advance();
        Ok(String::from_utf8_lossy(text).into_owned())
    }

    fn every_header(&mut self, cursor: &mut Cursor<'_>) -> Parse<Header> {
        let start = cursor.span().start;
        let each = time(cursor, self.scene)?;
        cursor.expect_keyword("for")?;
        let total = time(cursor, self.scene)?;
        let span = cursor.since(start);
        cursor.expect_keyword("as")?;
        let (name, _) = cursor.expect_name("a name for the processes", "这些进程的名字")?;
        cursor.expect_sign(":")?;
        if each.as_nanos() == 0 {
            self.scene.report(Mistake::new(
                span.clone(),
                "the time between two processes is zero",
                "相邻进程的间隔为零",
            ));
        }
        let starts = total.as_nanos().div_ceil(each.as_nanos().max(1));
        self.deeds.spawned = self.deeds.spawned.saturating_add(starts);
        if starts > limits::SPAWNED {
            self.scene.report(
                Mistake::new(
                    span,
                    format!("this starts {starts} processes"),
                    format!("这会启动 {starts} 个进程"),
                )
                .help(
                    format!("at most {} in a scenario", limits::SPAWNED),
                    format!("一个场景最多 {} 个", limits::SPAWNED),
                ),
            );
        }
        Ok(Header::Every { name: name.to_owned(), each, total })
    }

    /// An assignment, a call, or a comparison; `try` was read before it if `attempt`.
    fn expression(&mut self, cursor: &mut Cursor<'_>, start: usize, attempt: bool) -> Parse<Header> {
        if !attempt && ends_in_type_error(cursor) {
            return self.refused(cursor, start).map(|()| Header::None);
        }
        let targets = targets(cursor);
        let read = self.assignment_or_call(cursor, start, attempt, &targets);
        if read.is_err() {
            for (name, span) in &targets {
                if self.find(name).is_none() {
                    self.declare(name, Type::Unknown, span.clone());
                }
            }
        }
        read.map(|()| Header::None)
    }

    fn assignment_or_call(
        &mut self,
        cursor: &mut Cursor<'_>,
        start: usize,
        attempt: bool,
        targets: &[(&str, Range<usize>)],
    ) -> Parse<()> {
        if !targets.is_empty() && !self.starts_call(cursor) {
            return self.keep_value(cursor, targets);
        }
        if targets.is_empty()
            && let (Some(Word::Name(name)), Some(Word::Sign("("))) = (cursor.peek(), cursor.peek_at(1))
            && self.is_function(name)
            && closing(cursor, 1).is_some_and(|end| cursor.peek_at(end + 1).is_none())
        {
            let span = cursor.span();
            cursor.advance();
            return self.invoke(name, span, cursor).map(drop);
        }
        match self.left_side(cursor)? {
            Left::Variable { slot, kind, length } => {
                if !targets.is_empty() {
                    return Err(cursor.expected("a value", "值"));
                }
                let test = self.test(cursor, kind, length)?;
                let line = self.words_since(cursor, start);
                self.ops.push(Op::Check { left: slot, test, attempt, line });
            }
            Left::Call { call, text, kinds, length } => {
                let kept = self.targets_of(targets, kinds, &text)?;
                let expected = self.outcome(cursor, kinds.0, length)?;
                if attempt && matches!(expected, Expected::Failure(_) | Expected::SuccessSaid) {
                    let span = cursor.since(start);
                    self.scene.report(Mistake::new(
                        span,
                        "`try` says that it may fail: nothing more to say",
                        "`try` 已表示允许失败，不必再写",
                    ));
                }
                self.settle_far(attempt || matches!(expected, Expected::Failure(_)));
                let line = self.words_since(cursor, start);
                self.ops.push(Op::Call { call, text, line, then: Then::new(expected, attempt, kept) });
            }
        }
        Ok(())
    }

    /// Whether a socket call comes next that is no part of a larger expression, or something that looks like one.
    fn starts_call(&self, cursor: &Cursor<'_>) -> bool {
        let (Some(Word::Name(name)), Some(Word::Sign(sign))) = (cursor.peek(), cursor.peek_at(1)) else {
            return false;
        };
        match *sign {
            "." => true,
            "(" => !self.is_value(name) && !goes_on(cursor, 1),
            _ => false,
        }
    }

    /// Whether that is a function of values, or one of the program's own.
    pub fn is_value(&self, name: &str) -> bool {
        matches!(name, "split" | "readline" | "makefile")
            || super::expression::names().any(|known| known == name)
            || self.is_function(name)
    }

    /// `big = "x" * 1000`, `to = server:8080`, `n = 5`, `line, rest = split(data, "\n")`, `x, y = f(z)`.
    fn keep_value(&mut self, cursor: &mut Cursor<'_>, targets: &[(&str, Range<usize>)]) -> Parse<()> {
        if cursor.is_name("split") && matches!(cursor.peek_at(1), Some(Word::Sign("("))) {
            return self.split(cursor, targets);
        }
        if cursor.is_name("makefile") && matches!(cursor.peek_at(1), Some(Word::Sign("("))) {
            return self.make_file(cursor, targets);
        }
        if cursor.is_name("socket") && cursor.peek_at(1).is_none() && self.find("socket").is_none() {
            return self.keep_class(cursor, targets);
        }
        let line = self.statement_words();
        let [(name, span)] = targets else {
            return self.keep_several(cursor, targets);
        };
        let term = match (cursor.peek(), cursor.peek_at(1)) {
            _ if self.starts_list(cursor) => self.list(cursor)?,
            (Some(Word::Bracketed(_) | Word::Sign("[")), _)
            | (Some(Word::Name(_) | Word::Address(_)), Some(Word::Sign(":"))) => self.address_term(cursor)?,
            (Some(Word::Name(_) | Word::Number(_) | Word::Text(_) | Word::Sign("(" | "-")), _) => {
                self.term(cursor)?
            }
            _ => return Err(cursor.expected("a value", "值")),
        };
        let slot = self.declare(name, term.kind, span.clone());
        self.ops.push(Op::Keep { slot, value: value_form(term.formula), line });
        Ok(())
    }

    /// `x, y = f(z)`
    fn keep_several(&mut self, cursor: &mut Cursor<'_>, targets: &[(&str, Range<usize>)]) -> Parse<()> {
        let span = cursor.span();
        let name = match (cursor.peek(), cursor.peek_at(1)) {
            (Some(Word::Name(name)), Some(Word::Sign("("))) if self.is_function(name) => *name,
            _ => {
                return Err(cursor.expected(
                    "something that gives several values (accept, recvfrom, split, a function)",
                    "返回多个值的写法（accept、recvfrom、split、函数）",
                ));
            }
        };
        cursor.advance();
        let given = self.invoke(name, span.clone(), cursor)?;
        if given.len() != targets.len() {
            let (wanted, given) = (targets.len(), given.len());
            return Err(Box::new(Mistake::new(
                cursor.since(span.start),
                format!("`{name}` returns {given} values, and here are {wanted} names"),
                format!("`{name}` 返回 {given} 个值，这里却有 {wanted} 个名字"),
            )));
        }
        let line = self.statement_words();
        for ((name, span), (from, kind)) in targets.iter().zip(given) {
            let slot = self.declare(name, kind, span.clone());
            self.ops.push(Op::Keep { slot, value: ValueForm::Variable(from), line: line.clone() });
        }
        Ok(())
    }

    /// Where the results go; more targets than results are reported.
    fn targets_of(
        &mut self,
        targets: &[(&str, Range<usize>)],
        kinds: (Option<Type>, Option<Type>),
        text: &str,
    ) -> Parse<[Option<Slot>; 2]> {
        let mut kept = [None, None];
        for (at, ((name, span), kind)) in targets.iter().zip([kinds.0, kinds.1]).enumerate() {
            let Some(kind) = kind else {
                let (en, zh) = if at == 0 {
                    (format!("`{text}` gives nothing to keep"), format!("`{text}` 不返回值"))
                } else {
                    (format!("`{text}` gives one value, not two"), format!("`{text}` 只返回一个值"))
                };
                return Err(Box::new(Mistake::new(span.clone(), en, zh)));
            };
            kept[at] = Some(self.declare(name, kind, span.clone()));
        }
        Ok(kept)
    }

    /// `fails …`, `succeeds`, a comparison, or nothing.
    fn outcome(&mut self, cursor: &mut Cursor<'_>, kind: Option<Type>, length: bool) -> Parse<Expected> {
        if cursor.keyword("fails") {
            let mut errnos: Vec<Errno> = vec![errno(cursor)?];
            while cursor.keyword("or") {
                errnos.push(errno(cursor)?);
            }
            return Ok(Expected::Failure(errnos));
        }
        if cursor.keyword("succeeds") {
            return Ok(Expected::SuccessSaid);
        }
        if length || peek_sign(cursor).is_some() {
            return Ok(Expected::Value(self.test(cursor, kind.unwrap_or(Type::Number), length)?));
        }
        if cursor.is_done() {
            return Ok(Expected::Success);
        }
        Err(cursor.expected(
            "`fails ERROR`, `succeeds`, a comparison or the line's end",
            "`fails 错误名`、`succeeds`、比较，或行尾",
        ))
    }

    /// Reports an address nobody has, unless the call is meant to fail.
    pub fn settle_far(&mut self, excused: bool) {
        if let Some(mistake) = self.far.take()
            && !excused
        {
            self.scene.report(mistake);
        }
    }

    /// Reports what a host without TCP/IP cannot do.
    pub fn not_for_actors(&mut self, span: Range<usize>, what: &str) {
        if self.actor {
            self.scene.report(
                Mistake::new(
                    span,
                    format!("an actor has no TCP/IP of its own: `{what}` is not for it"),
                    format!("演员主机没有自己的 TCP/IP，不能用 `{what}`"),
                )
                .help(
                    "it injects and floods; or take `actor` away",
                    "它只能 inject 和 flood；或者去掉 `actor`",
                ),
            );
        }
    }
}

/// Most names before a `=`.
const TARGETS: usize = 8;

/// `c =`, `data, sender =`: read if they come next.
fn targets<'t>(cursor: &mut Cursor<'t>) -> Vec<(&'t str, Range<usize>)> {
    let mut ahead = cursor.clone();
    let mut found = Vec::new();
    loop {
        let span = ahead.span();
        let Some(Word::Name(name)) = ahead.peek() else { return Vec::new() };
        found.push((*name, span));
        ahead.advance();
        if ahead.sign("=") {
            break;
        }
        if found.len() == TARGETS || !ahead.sign(",") {
            return Vec::new();
        }
    }
    *cursor = ahead;
    found
}
