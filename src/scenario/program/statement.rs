//! One statement of a program: which it is, and what must come of it.

use super::compile::{Compiler, Header, Type};
use super::op::{Expected, Slot, Test, Then, ValueForm};
use super::{CallForm, Op, Value};
use crate::scenario::compare::{errno, peek_sign, sign};
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::Word;
use crate::scenario::number::{number, time, whole};
use crate::scenario::source::{Mistake, Parse};
use crate::scenario::{Compare, Number, limits};
use crate::socket::Errno;
use std::ops::Range;
use std::sync::Arc;

/// Words that begin a statement.
pub(in crate::scenario) const STATEMENTS: [&str; 12] = [
    "sleep", "repeat", "while", "when", "every", "observe", "inject", "flood", "unplug", "plug", "forget",
    "try",
];

/// Python's words that this language does without, and what to write.
const FOREIGN: [(&str, &str, &str); 14] = [
    ("for", "repeat 3: … makes rounds", "循环写 repeat 3: ……"),
    (
        "if",
        "write what must hold: recv(c, 9) == \"x\"; `try` lets a call fail",
        "直接写应当成立的比较：recv(c, 9) == \"x\"；允许失败用 `try`",
    ),
    ("else", "there is no `if` here", "这里没有 `if`"),
    ("elif", "there is no `if` here", "这里没有 `if`"),
    ("def", "there are no functions; a host may have several programs", "没有函数；一台主机可以有多个程序"),
    ("import", "everything is already there", "无需导入，全都已经可用"),
    ("from", "everything is already there", "无需导入，全都已经可用"),
    ("print", "`wirewalk run` shows every call", "`wirewalk run` 会显示每个调用"),
    ("return", "the program ends with its last line", "程序在最后一行结束"),
    ("break", "give `while` the condition that ends the loop", "把结束条件写在 `while` 里"),
    ("continue", "give `while` the condition that ends the loop", "把结束条件写在 `while` 里"),
    ("assert", "a comparison is already an expectation", "比较本身就是断言"),
    ("with", "close sockets with close(s)", "用 close(s) 关闭套接字"),
    ("class", "there are no classes", "没有类"),
];

impl Compiler<'_> {
    /// Compiles the statement at the cursor.
    pub fn statement(&mut self, cursor: &mut Cursor<'_>) -> Parse<Header> {
        let start = cursor.span();
        let Some(Word::Name(first)) = cursor.peek() else {
            return Err(cursor.expected("a statement", "语句"));
        };
        let call = matches!(cursor.peek_at(1), Some(Word::Sign("(")));
        let assigned = matches!(cursor.peek_at(1), Some(Word::Sign("=" | ",")));
        let parenthesised = matches!(*first, "inject" | "flood");
        if !assigned && (!call || parenthesised) && STATEMENTS.contains(first) {
            cursor.advance();
            return self.keyword(first, cursor, start);
        }
        if call && matches!(*first, "sleep" | "repeat" | "observe" | "forget" | "plug" | "unplug") {
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
            "while" => return self.while_header(cursor),
            "when" => return self.when(cursor),
            "every" => return self.every_header(cursor),
            "observe" => {
                let label = self.label(cursor)?;
                self.not_for_actors(at, "observe");
                self.ops.push(Op::Observe(label));
            }
            "inject" => self.inject(cursor, at)?,
            "flood" => self.flood(cursor, at)?,
            "unplug" | "plug" => {
                let host = cursor.expect_host(self.scene)?.unwrap_or(self.host);
                self.ops.push(Op::Link { host, up: word == "plug" });
            }
            "forget" => {
                let socket = self.socket(cursor)?;
                self.ops.push(Op::Forget(socket));
            }
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

    /// `while CALL == VALUE:`, `while data != "":`, `while true:`.
    fn while_header(&mut self, cursor: &mut Cursor<'_>) -> Parse<Header> {
        let top = self.ops.len();
        let start = cursor.span().start;
        if cursor.keyword("true") || cursor.keyword("True") {
            cursor.expect_sign(":")?;
            return Ok(Header::While { top });
        }
        let left = self.left_side(cursor)?;
        let test = self.test(cursor, left.kind(), left.length())?;
        let line = self.words_since(cursor, start);
        cursor.expect_sign(":")?;
        match left {
            Left::Variable { slot, .. } => self.ops.push(Op::Branch { left: slot, test, otherwise: 0, line }),
            Left::Call { call, text, .. } => {
                let then = Then { expected: Expected::Branch(test, 0), attempt: false, keep: [None, None] };
                self.ops.push(Op::Call { call, text, line, then });
                self.settle_far(false);
            }
        }
        Ok(Header::While { top })
    }

    /// An assignment, a call, or a comparison; `try` was read before it if `attempt`.
    fn expression(&mut self, cursor: &mut Cursor<'_>, start: usize, attempt: bool) -> Parse<Header> {
        let targets = targets(cursor);
        let read = self.assignment_or_call(cursor, start, attempt, &targets);
        if read.is_err() {
            for (name, span) in &targets {
                if !self.variables.iter().any(|(known, _)| known == name) {
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
        match self.left_side(cursor)? {
            Left::Variable { slot, kind, length } => {
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
                self.ops.push(Op::Call { call, text, line, then: Then { expected, attempt, keep: kept } });
            }
        }
        Ok(())
    }

    /// Whether a call comes next, and not a variable or a value.
    fn starts_call(&self, cursor: &Cursor<'_>) -> bool {
        let name = matches!(cursor.peek(), Some(Word::Name(name)) if !matches!(*name, "min" | "max"));
        name && matches!(cursor.peek_at(1), Some(Word::Sign("(" | ".")))
    }

    /// `big = "x" * 1000`, `to = server:8080`, `n = 5`.
    fn keep_value(&mut self, cursor: &mut Cursor<'_>, targets: &[(&str, Range<usize>)]) -> Parse<()> {
        let [(name, span)] = targets else {
            return Err(cursor.expected(
                "a call that gives two values (accept, recvfrom)",
                "返回两个值的调用（accept、recvfrom）",
            ));
        };
        let (kind, value) = match (cursor.peek(), cursor.peek_at(1)) {
            (Some(Word::Text(_)), _) => (Type::Data, ValueForm::Data(self.data(cursor)?)),
            (Some(Word::Name(_) | Word::Address(_)), Some(Word::Sign(":"))) => {
                let form = self.address(cursor, true)?;
                let value = match form {
                    super::AddressForm::Fixed(address) => ValueForm::Fixed(Value::Address(address)),
                    super::AddressForm::Variable(slot) => ValueForm::Variable(slot),
                };
                (Type::Address, value)
            }
            (Some(Word::Name(other)), _) if !matches!(*other, "min" | "max") => {
                let known = self.variables.iter().find(|(known, _)| known == other).map(|(_, kind)| *kind);
                match known {
                    Some(Type::Data) => (Type::Data, ValueForm::Data(self.data(cursor)?)),
                    _ => {
                        let at = cursor.span();
                        cursor.advance();
                        let any = [known.unwrap_or(Type::Unknown)];
                        (any[0], ValueForm::Variable(self.variable(other, &any, at)))
                    }
                }
            }
            _ => (Type::Number, ValueForm::Fixed(Value::Number(self.count(cursor)?))),
        };
        let slot = self.declare(name, kind, span.clone());
        self.ops.push(Op::Keep { slot, value });
        Ok(())
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

    /// A comparison with a value of the kind.
    fn test(&mut self, cursor: &mut Cursor<'_>, kind: Type, length: bool) -> Parse<Test> {
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
        if let (Type::Number | Type::Setting | Type::Unknown, Some(Word::Name(name))) = (kind, cursor.peek())
            && self.variables.iter().any(|(known, _)| known == name)
        {
            let at = cursor.span();
            cursor.advance();
            return Ok(ValueForm::Variable(self.variable(name, &[kind, Type::Number], at)));
        }
        match kind {
            Type::Data => Ok(ValueForm::Data(self.data(cursor)?)),
            Type::Number => Ok(ValueForm::Fixed(Value::Number(self.count(cursor)?))),
            Type::Address => Ok(match self.address(cursor, true)? {
                super::AddressForm::Fixed(address) => ValueForm::Fixed(Value::Address(address)),
                super::AddressForm::Variable(slot) => ValueForm::Variable(slot),
            }),
            Type::Setting => self.setting(cursor).map(ValueForm::Fixed),
            Type::Socket => Err(cursor
                .expected("no comparison: a socket's number means nothing", "不做比较：套接字编号没有意义")),
            Type::Unknown => match cursor.peek() {
                Some(Word::Text(_)) => Ok(ValueForm::Data(self.data(cursor)?)),
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

    /// A variable, a call, or the length of one.
    fn left_side(&mut self, cursor: &mut Cursor<'_>) -> Parse<Left> {
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
            let kept = self.variables.iter().any(|(known, _)| known == name);
            if !kept && peek_sign(cursor).is_none() {
                let mistake = Mistake::new(
                    span,
                    format!("`{name}` begins no statement"),
                    format!("没有以 `{name}` 开头的语句"),
                );
                return Err(Box::new(
                    mistake.known(name, STATEMENTS.into_iter().chain(super::calls::names())),
                ));
            }
            let any = [Type::Data, Type::Number, Type::Address, Type::Setting, Type::Socket];
            let slot = self.variable(name, &any, span);
            let kind = self.variables.get(slot).map_or(Type::Unknown, |(_, kind)| *kind);
            return Ok(Left::Variable { slot, kind, length: false });
        }
        let (call, kinds) = self.call(name, span.clone(), cursor)?;
        let text = self.words_since(cursor, span.start);
        Ok(Left::Call { call, text, kinds, length: false })
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

    /// Reports an address nobody has, unless the call is meant to fail.
    fn settle_far(&mut self, excused: bool) {
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

/// What stands on the left of a comparison.
enum Left {
    Variable { slot: Slot, kind: Type, length: bool },
    Call { call: CallForm, text: Arc<str>, kinds: (Option<Type>, Option<Type>), length: bool },
}

impl Left {
    fn kind(&self) -> Type {
        match self {
            Left::Variable { kind, .. } => *kind,
            Left::Call { kinds, .. } => kinds.0.unwrap_or(Type::Number),
        }
    }
    fn length(&self) -> bool {
        match self {
            Left::Variable { length, .. } | Left::Call { length, .. } => *length,
        }
    }
}

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
        if found.len() == 2 || !ahead.sign(",") {
            return Vec::new();
        }
    }
    *cursor = ahead;
    found
}
