//! Statements and blocks.

use super::lifetimes::{closed_at, lost_again, made_socket};
use super::literal;
use super::writer::{Inside, Made, Need, Writer};
use crate::lang::Text;
use crate::scenario::syntax::{Does, Expr, Outcome, Sign, Statement};

/// How many `with` may be inside each other.
const DEEPEST_WITH: usize = 3;

impl Writer<'_> {
    /// Statements, one after the other.
    pub fn block(&mut self, block: &[Statement], places: &[std::ops::Range<usize>]) -> Made<()> {
        let mut at = 0;
        while let Some(statement) = block.get(at) {
            self.place = places.get(statement.line).cloned().unwrap_or_default();
            at += 1;
            if let Some(end) = closed_at(block, at - 1)
                && self.with < DEEPEST_WITH
            {
                self.with_block(statement, &block[at..end], block.get(end), places)?;
                at = end + 1;
                continue;
            }
            self.statement(statement, places)?;
            if let Some(name) = made_socket(statement)
                && lost_again(block, at - 1, name, self.again)
            {
                self.keep(name);
            }
        }
        Ok(())
    }

    /// A socket that is closed at the end of the same block.
    fn with_block(
        &mut self,
        made: &Statement,
        inside: &[Statement],
        close: Option<&Statement>,
        places: &[std::ops::Range<usize>],
    ) -> Made<()> {
        let Does::Value { targets, value, .. } = &made.does else { return Ok(()) };
        let Some(name) = targets.first() else { return Ok(()) };
        self.comments(made);
        let variable = literal::name(name);
        let call = self.value(value)?;
        let beside = self.beside(made);
        if matches!(value, Expr::Call(call, _) if call == "accept") {
            let peer = targets.get(1).map_or("_".to_owned(), |peer| literal::name(peer));
            self.addresses.extend(targets.get(1).cloned());
            self.line(format!("{variable}, {peer} = {call}{beside}"));
            self.line(format!("with {variable}:"));
        } else {
            self.line(format!("with {call} as {variable}:{beside}"));
        }
        self.with += 1;
        self.indent += 1;
        self.block(inside, places)?;
        if let Some(close) = close {
            self.place = places.get(close.line).cloned().unwrap_or_default();
            self.own_comments(close);
            if let Some(comment) = close.beside.as_deref().and_then(|comment| self.half(comment)) {
                self.comment(comment);
            }
        }
        self.close_file(name);
        let words = self
            .pick(format!("the end of this block closes {variable}"), format!("语句块结束时关闭 {variable}"));
        self.comment(&words);
        self.indent -= 1;
        self.with -= 1;
        if let Some(close) = close {
            self.tell(close);
        }
        Ok(())
    }

    /// Closes the file that was made of the socket, if there is one.
    fn close_file(&mut self, socket: &str) {
        if let Some(file) = self.files.remove(socket) {
            let file = literal::name(&file);
            self.line(format!("{file}.close()"));
        }
    }

    /// Python closes a socket that no variable holds any more; the scenario's programs do not.
    fn keep(&mut self, name: &str) {
        self.needs.insert(Need::Kept);
        self.line(format!("kept.append({})", literal::name(name)));
    }

    fn statement(&mut self, statement: &Statement, places: &[std::ops::Range<usize>]) -> Made<()> {
        if matches!(statement.does, Does::Define(..)) {
            return Ok(());
        }
        self.comments(statement);
        match &statement.does {
            Does::Sleep(time) => {
                self.needs.insert(Need::Time);
                let time = self.value(time)?;
                let beside = self.beside(statement);
                self.line(format!("time.sleep({time}){beside}"));
            }
            Does::Repeat(rounds, block) => {
                let rounds = self.value(rounds)?;
                self.head(format!("for _ in range({rounds}):"), statement);
                self.rounds(block, places)?;
            }
            Does::While(condition, block) => {
                let condition = self.value(condition)?;
                self.head(format!("while {condition}:"), statement);
                self.rounds(block, places)?;
            }
            Does::For(name, list, block) => {
                let list = self.value(list)?;
                self.head(format!("for {} in {list}:", literal::name(name)), statement);
                self.rounds(block, places)?;
            }
            Does::Fork(block) => self.fork(statement, block, places)?,
            Does::If(branches) => self.branches(statement, branches, places)?,
            Does::Guard(block, errors, then) => self.guard(statement, block, errors, then, places)?,
            Does::Break => self.head("break".to_owned(), statement),
            Does::Continue => self.head("continue".to_owned(), statement),
            Does::Return(values) => {
                let values = self.list(values)?;
                self.head(format!("return {values}").trim_end().to_owned(), statement);
            }
            Does::Define(..) => {}
            Does::Wait(wait, block) => {
                self.wait(wait, statement)?;
                self.block(block, places)?;
            }
            Does::Every { each, total, name, block } => {
                self.every(each, total, name, block, statement, places)?;
            }
            Does::Observe(label) => self.observe(label),
            Does::ByHand(word) => return Err(self.by_hand(word)),
            Does::Value { targets, value, attempt, outcome } => {
                self.call_or_value(statement, targets, value, *attempt, outcome)?;
                self.tell(statement);
            }
        }
        Ok(())
    }

    fn head(&mut self, line: String, statement: &Statement) {
        let beside = self.beside(statement);
        self.line(line + &beside);
    }

    /// A block that is indented; it must say something.
    pub fn inner(&mut self, block: &[Statement], places: &[std::ops::Range<usize>]) -> Made<()> {
        self.indent += 1;
        let before = self.lines.len();
        self.block(block, places)?;
        let says = |line: &String| !line.trim_start().starts_with('#') && !line.trim().is_empty();
        if !self.lines[before..].iter().any(says) {
            self.line("pass");
        }
        self.indent -= 1;
        Ok(())
    }

    /// `fork as …:`: a copy of the process, with copies of its variables and of its descriptors.
    fn fork(
        &mut self,
        statement: &Statement,
        block: &[Statement],
        places: &[std::ops::Range<usize>],
    ) -> Made<()> {
        self.needs.extend([Need::Os, Need::Sys]);
        self.line("sys.stdout.flush()");
        self.head("if os.fork() == 0:".to_owned(), statement);
        self.inner(block, places)?;
        self.indent += 1;
        self.line("sys.stdout.flush()");
        let status = if self.needs.contains(&Need::Expect) { "1 if wrong else 0" } else { "0" };
        self.line(format!("os._exit({status})"));
        self.indent -= 1;
        Ok(())
    }

    /// The block of a loop.
    fn rounds(&mut self, block: &[Statement], places: &[std::ops::Range<usize>]) -> Made<()> {
        let outer = std::mem::replace(&mut self.again, true);
        let made = self.inner(block, places);
        self.again = outer;
        made
    }

    fn branches(
        &mut self,
        statement: &Statement,
        branches: &[(Option<Expr>, Vec<Statement>)],
        places: &[std::ops::Range<usize>],
    ) -> Made<()> {
        for (at, (condition, block)) in branches.iter().enumerate() {
            let head = match condition {
                Some(condition) => {
                    let word = if at == 0 { "if" } else { "elif" };
                    format!("{word} {}:", self.value(condition)?)
                }
                None => "else:".to_owned(),
            };
            if at == 0 {
                self.head(head, statement)
            } else {
                self.line(head)
            }
            self.inner(block, places)?;
        }
        Ok(())
    }

    fn guard(
        &mut self,
        statement: &Statement,
        block: &[Statement],
        errors: &[String],
        then: &[Statement],
        places: &[std::ops::Range<usize>],
    ) -> Made<()> {
        self.head("try:".to_owned(), statement);
        self.inner(block, places)?;
        self.needs.extend([Need::NameOf, Need::Errno]);
        self.line("except OSError as error:");
        self.indent += 1;
        let names: Vec<String> = errors.iter().map(|error| literal::text(error)).collect();
        self.line(format!("if name_of(error) not in ({},):", names.join(", ")));
        self.indent += 1;
        self.line("raise");
        self.indent -= 2;
        self.inner(then, places)
    }

    /// `x = …`, `f(…)`, `f(…) == …`, `f(…) fails …`
    fn call_or_value(
        &mut self,
        statement: &Statement,
        targets: &[String],
        value: &Expr,
        attempt: bool,
        outcome: &Outcome,
    ) -> Made<()> {
        let said = literal::text(&statement.words);
        if self.setting.left_out.contains(&statement.words) {
            let words = &statement.words;
            let words = self.pick(
                format!("left out: {words} (nothing is lost here, and nothing late)"),
                format!("略去：{words}（这里什么都不会丢失，也不会迟到）"),
            );
            self.comment(&words);
            return Ok(());
        }
        match (outcome, attempt) {
            (Outcome::Fails(errors), _) => self.failing(statement, value, errors, &said),
            (_, true) => self.attempt(statement, targets, value),
            (Outcome::Succeeds, false) => {
                self.assignment(statement, targets, value)?;
                self.expect("True", &said, "None");
                Ok(())
            }
            (Outcome::Plain, false) if targets.is_empty() && is_comparison(value) => {
                let (seen, holds) = self.comparison(value)?;
                let beside = self.beside(statement);
                if let Some(seen) = seen {
                    self.line(format!("seen = {seen}{beside}"));
                    self.expect(&holds, &said, "seen");
                } else {
                    let seen = self.left_of(value)?;
                    self.needs.insert(Need::Expect);
                    self.line(format!("expect({holds}, {said}, {seen}){beside}"));
                }
                Ok(())
            }
            (Outcome::Plain, false) => {
                if let Expr::Call(call, given) = value
                    && let ("close", Some(Expr::Name(socket))) = (call.as_str(), given.first())
                {
                    self.close_file(socket);
                }
                self.assignment(statement, targets, value)
            }
        }
    }

    /// What a comparison computes first, if calls are in it, and the comparison with what was computed.
    fn comparison(&mut self, value: &Expr) -> Made<(Option<String>, String)> {
        let Expr::Joined(left, sign, right) = value else { return Ok((None, self.value(value)?)) };
        // Said twice, a call would be made twice.
        if !is_computed(left) {
            return Ok((None, self.value(value)?));
        }
        let odd = matches!(&**left, Expr::Call(name, _)
            if matches!(name.as_str(), "getsockopt" | "getpeername" | "getsockname"));
        let first = match &**left {
            Expr::Call(name, _) if name == "recvfrom" => format!("{}[0]", self.value(left)?),
            Expr::Call(name, given) if name == "sendall" => {
                // Python's sendall says nothing: it has taken everything.
                let call = self.value(left)?;
                self.line(&call);
                let data = given.get(1).map_or(Ok(String::new()), |data| self.value(data))?;
                format!("len({data})")
            }
            _ => self.value(left)?,
        };
        if odd {
            let whole = self.value(value)?;
            return match whole.strip_prefix(first.as_str()) {
                Some(rest) => Ok((Some(first), format!("seen{rest}"))),
                None => Ok((None, whole)),
            };
        }
        let seen = Expr::Name("seen".to_owned());
        let joined = Expr::Joined(Box::new(seen), *sign, right.clone());
        // `seen` is ours: the scenario's own variable of that name has another.
        let holds = self.value(&joined)?.replacen(&literal::name("seen"), "seen", 1);
        Ok((Some(first), holds))
    }

    /// The left side of a comparison that calls nothing.
    fn left_of(&mut self, value: &Expr) -> Made<String> {
        match value {
            Expr::Joined(left, ..) => self.value(left),
            other => self.value(other),
        }
    }

    fn expect(&mut self, holds: &str, said: &str, seen: &str) {
        self.needs.insert(Need::Expect);
        self.line(format!("expect({holds}, {said}, {seen})"));
    }

    /// A call that must fail.
    fn failing(&mut self, statement: &Statement, value: &Expr, errors: &[String], said: &str) -> Made<()> {
        // Python itself refuses the call before anybody is asked.
        let refused = errors.iter().all(|error| crate::socket::Errno::from_name(error).is_none());
        self.failing = true;
        let call = self.value(value);
        self.failing = false;
        let call = call?;
        let beside = self.beside(statement);
        self.line("try:");
        self.line(format!("    {call}{beside}"));
        self.line("    failure = \"0\"");
        if refused {
            self.line("except TypeError:");
            self.line("    failure = \"TypeError\"");
        } else {
            self.needs.extend([Need::NameOf, Need::Errno]);
            self.line("except OSError as error:");
            self.line("    failure = name_of(error)");
        }
        let names: Vec<String> = errors.iter().map(|error| literal::text(error)).collect();
        let holds = match names.as_slice() {
            [name] => format!("failure == {name}"),
            _ => format!("failure in ({})", names.join(", ")),
        };
        self.expect(&holds, said, "failure");
        Ok(())
    }

    /// `try …`: a failure ends the program quietly.
    fn attempt(&mut self, statement: &Statement, targets: &[String], value: &Expr) -> Made<()> {
        self.needs.extend([Need::NameOf, Need::Errno]);
        self.line("try:");
        self.indent += 1;
        let compared = if targets.is_empty() && is_comparison(value) {
            let (seen, holds) = self.comparison(value)?;
            if let Some(seen) = seen {
                let beside = self.beside(statement);
                self.line(format!("seen = {seen}{beside}"));
            } else {
                self.line("pass");
            }
            Some(holds)
        } else {
            self.assignment(statement, targets, value)?;
            None
        };
        self.indent -= 1;
        self.line("except OSError as error:");
        self.indent += 1;
        let said = literal::text(&format!("{}:", statement.words));
        self.line(format!("print({said}, name_of(error))"));
        self.leave();
        self.indent -= 1;
        if let Some(holds) = compared {
            self.line(format!("if not ({holds}):"));
            self.indent += 1;
            self.leave();
            self.indent -= 1;
        }
        Ok(())
    }

    /// Ends the program.
    fn leave(&mut self) {
        match self.inside {
            Inside::Process => self.line("return"),
            Inside::Function => {
                self.needs.insert(Need::Sys);
                self.line("sys.exit()");
            }
        }
    }

    fn assignment(&mut self, statement: &Statement, targets: &[String], value: &Expr) -> Made<()> {
        let made = self.value(value)?;
        let call = match value {
            Expr::Call(name, _) => name.as_str(),
            _ => "",
        };
        let beside = self.beside(statement);
        let names: Vec<String> = targets.iter().map(|name| literal::name(name)).collect();
        if matches!(call, "getsockname" | "getpeername") {
            self.addresses.extend(targets.first().cloned());
        }
        if let (Expr::Call(_, given), "makefile", [file]) = (value, call, targets)
            && let Some(Expr::Name(socket)) = given.first()
        {
            self.files.insert(socket.clone(), file.clone());
        }
        if matches!(call, "accept" | "recvfrom") {
            self.addresses.extend(targets.get(1).cloned());
        }
        let line = match (names.as_slice(), call) {
            ([], _) => made,
            // The class itself, where the lesson's bug is to forget the parentheses.
            ([one], _) if matches!(value, Expr::Name(name) if name == "socket") => {
                format!("{one} = socket.socket")
            }
            ([one], "accept") => format!("{one}, _ = {made}"),
            ([one], "recvfrom") => format!("{one}, _ = {made}"),
            ([one], "sendall") => {
                self.line(&made);
                let Expr::Call(_, given) = value else { return Ok(()) };
                let data = given.get(1).map_or(Ok(String::new()), |data| self.value(data))?;
                format!("{one} = len({data})")
            }
            ([one], "select") => format!("{one}, _, _ = {made}"),
            ([one, other], "select") => format!("{one}, {other}, _ = {made}"),
            (several, "split") => format!("{} = {made}, {})", several.join(", "), several.len()),
            (several, _) => format!("{} = {made}", several.join(", ")),
        };
        self.line(line + &beside);
        Ok(())
    }

    fn observe(&mut self, label: &str) {
        let words = self.pick("now look at the sockets: ss -tan", "此时查看套接字：ss -tan");
        self.comment(words);
        self.line(format!("print({})", literal::text(&format!("-- {label}"))));
    }

    fn by_hand(&self, word: &str) -> super::Refusal {
        let (en, zh) = match word {
            "inject" => (
                "a program cannot send segments made by hand: that needs a raw socket, and so a privilege (root)",
                "程序不能发送手工构造的报文段：那需要原始套接字，也就需要特权（root）",
            ),
            "flood" => (
                "a program cannot send forged segments, and nobody should try that outside of a simulation",
                "程序不能发送伪造的报文段，也不应在模拟之外尝试",
            ),
            "forget" => (
                "a program cannot make its kernel lose a connection without a word: that needs a privilege (root)",
                "程序不能让内核不声不响地丢掉一条连接：那需要特权（root）",
            ),
            _ => (
                "a program cannot pull a plug: on one machine there is no cable",
                "程序不能拔掉网线：在一台机器上没有网线",
            ),
        };
        self.refuse(Text::new(format!("`{word}`"), format!("`{word}`")), Text::new(en, zh))
    }

    /// Tells the other programs, where one of them waits for what this statement sends.
    pub fn tell(&mut self, statement: &Statement) {
        let mut calls = Vec::new();
        for value in statement.expressions() {
            value.walk(&mut |value| calls.extend(matches!(value, Expr::Call(..)).then_some(())));
        }
        if calls.is_empty() {
            return;
        }
        let tells = self.setting.tells.get(self.process);
        let notes: Vec<String> = tells
            .into_iter()
            .flatten()
            .filter(|(call, _)| contains_call(&statement.words, call))
            .flat_map(|(_, notes)| notes.iter().cloned())
            .collect();
        for note in notes {
            self.needs.insert(Need::Meeting);
            self.line(format!("meeting.tell({})", literal::text(&note)));
        }
    }
}

/// Whether the statement's words hold this call.
fn contains_call(words: &str, call: &str) -> bool {
    words
        .match_indices(call)
        .any(|(at, _)| at == 0 || !words[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

fn is_comparison(value: &Expr) -> bool {
    matches!(
        value,
        Expr::Joined(
            _,
            Sign::Equal | Sign::NotEqual | Sign::Less | Sign::AtMost | Sign::Greater | Sign::AtLeast,
            _
        )
    )
}

/// Whether a call of any kind is inside: of a socket, of a function.
fn is_computed(value: &Expr) -> bool {
    let mut found = false;
    value.walk(&mut |value| found |= matches!(value, Expr::Call(..)));
    found
}

/// Whether a socket call is inside.
pub fn calls(value: &Expr) -> bool {
    let mut found = false;
    value.walk(&mut |value| {
        found |= matches!(value, Expr::Call(name, _) if super::calls::is_socket_call(name));
    });
    found
}
