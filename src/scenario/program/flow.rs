//! Blocks that are run again, left out, or guarded: `repeat`, `while`, `if`, `try`.

use super::Op;
use super::compile::{Compiler, Header, Loop};
use super::lines::Line;
use super::op::{Expected, Slot, Then, ValueForm};
use crate::scenario::compare::errno;
use crate::scenario::cursor::Cursor;
use crate::scenario::lex::words;
use crate::scenario::source::{Mistake, Parse};
use crate::socket::Errno;
use std::ops::Range;
use std::sync::Arc;

impl Compiler<'_> {
    /// `repeat N:` and its block.
    pub fn repeat(
        &mut self,
        rounds: u32,
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        words: Arc<str>,
        depth: usize,
    ) {
        let counter = self.counters;
        self.counters += 1;
        self.ops.push(Op::Count { counter, rounds });
        let skip = (rounds == 0).then(|| self.jump());
        let to = self.ops.len();
        self.loops.push(Loop::default());
        self.block(lines, at, inner, depth);
        let around = self.loops.pop().unwrap_or_default();
        let next = self.ops.len();
        self.lead(&around.continues, next);
        self.ops.push(Op::Again { counter, to, line: words });
        let end = self.ops.len();
        self.lead(&around.breaks, end);
        self.lead(skip.as_slice(), end);
    }

    /// `while …:` and its block; its condition begins at `top`.
    pub fn while_loop(
        &mut self,
        (top, fails): (usize, Vec<usize>),
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        line: Line<'_>,
        depth: usize,
    ) {
        let body = self.ops.len();
        self.loops.push(Loop::default());
        self.block(lines, at, inner, depth);
        let around = self.loops.pop().unwrap_or_default();
        self.ops.push(Op::Jump(top));
        let end = self.ops.len();
        self.lead(&fails, end);
        self.lead(&around.breaks, end);
        self.lead(&around.continues, top);
        if !self.can_end(top, body) {
            let span = line.start..line.start + line.text.len();
            self.scene.report(
                Mistake::new(
                    span,
                    "this loop makes no call: nothing can end it",
                    "这个循环里没有任何调用，无法结束",
                )
                .help("call something in its condition or its block", "在条件或语句块里进行调用"),
            );
        }
    }

    /// Whether anything in the loop from `top` on, whose block begins at `body`, can change its condition or leave it.
    fn can_end(&self, top: usize, body: usize) -> bool {
        let end = self.ops.len();
        let returning = |at: usize| self.returns.as_ref().is_some_and(|returns| returns.jumps.contains(&at));
        let read: Vec<Slot> = self.ops[top..body].iter().flat_map(Op::reads).collect();
        self.ops[top..].iter().enumerate().any(|(offset, op)| match op {
            Op::Jump(to) => top + offset >= body && (*to >= end || returning(top + offset)),
            Op::Keep { slot, .. } => top + offset >= body && read.contains(slot),
            other => other.is_action(),
        })
    }

    /// The blocks of `if`, its `elif`s and its `else`.
    pub fn branches(
        &mut self,
        mut fails: Vec<usize>,
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        line: Line<'_>,
        depth: usize,
    ) {
        self.block(lines, at, inner, depth);
        let mut ends = Vec::new();
        while let Some(next) = following(lines, *at, line.indent, &["elif", "else"]) {
            ends.push(self.jump());
            let here = self.ops.len();
            self.lead(&fails, here);
            fails.clear();
            *at += 1;
            let last = next.text.starts_with("else");
            match self.alternative(next, last) {
                Ok(open) => fails = open,
                Err(mistake) => self.scene.report(*mistake),
            }
            self.inner_block(lines, at, next, depth);
            if last {
                break;
            }
        }
        let end = self.ops.len();
        self.lead(&fails, end);
        self.lead(&ends, end);
    }

    /// `elif …:`, `else:`
    fn alternative(&mut self, line: Line<'_>, last: bool) -> Parse<Vec<usize>> {
        let tokens = words(line.text, line.start)?;
        let end = tokens.last().map_or(line.start, |token| token.span.end);
        self.line = line.text.get(..end - line.start).unwrap_or_default().into();
        let mut cursor = Cursor::new(&tokens, end);
        cursor.advance();
        let fails = if last { Vec::new() } else { self.decision(&mut cursor)? };
        cursor.expect_sign(":")?;
        cursor.expect_end()?;
        Ok(fails)
    }

    /// `try:`, its block, and the block of `except ERROR:`.
    pub fn guarded(
        &mut self,
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        line: Line<'_>,
        depth: usize,
    ) {
        let first = self.ops.len();
        self.block(lines, at, inner, depth);
        let Some(next) = following(lines, *at, line.indent, &["except"]) else {
            let span = line.start..line.start + line.text.len();
            self.scene.report(
                Mistake::new(span, "`try:` needs an `except` behind its block", "`try:` 的语句块后面要有 `except`")
                    .help(
                        "except EAGAIN: … says what to do then; `try connect(…)` on one line ends the program quietly",
                        "用 except EAGAIN: …… 写明这时怎么办；写在一行的 `try connect(…)` 失败时安静地结束程序",
                    ),
            );
            return;
        };
        *at += 1;
        let over = self.jump();
        let here = self.ops.len();
        match self.excepted(next) {
            Ok(errnos) => {
                for op in &mut self.ops[first..over] {
                    if let Op::Call { then, .. } = op {
                        then.rescue.extend(errnos.iter().map(|errno| (*errno, here)));
                    }
                }
            }
            Err(mistake) => self.scene.report(*mistake),
        }
        self.inner_block(lines, at, next, depth);
        let end = self.ops.len();
        self.lead(&[over], end);
    }

    /// `except EAGAIN:`, `except EAGAIN or ECONNREFUSED:`
    fn excepted(&mut self, line: Line<'_>) -> Parse<Vec<Errno>> {
        let tokens = words(line.text, line.start)?;
        let end = tokens.last().map_or(line.start, |token| token.span.end);
        let mut cursor = Cursor::new(&tokens, end);
        cursor.advance();
        let mut errnos = vec![errno(&mut cursor)?];
        while cursor.keyword("or") {
            errnos.push(errno(&mut cursor)?);
        }
        cursor.expect_sign(":")?;
        cursor.expect_end()?;
        Ok(errnos)
    }

    /// The block that must follow the line.
    fn inner_block(&mut self, lines: &[Line<'_>], at: &mut usize, line: Line<'_>, depth: usize) {
        match lines.get(*at).filter(|next| next.indent > line.indent).map(|next| next.indent) {
            Some(inner) => self.block(lines, at, inner, depth),
            None => {
                let end = line.start + line.text.len();
                self.scene.report(Mistake::new(
                    end..end,
                    "an indented block must follow",
                    "后面要有缩进的语句块",
                ));
            }
        }
    }

    /// `break`, `continue`
    pub fn leave(&mut self, word: &str, at: Range<usize>) -> Parse<Header> {
        if self.loops.is_empty() {
            return Err(Box::new(Mistake::new(
                at,
                format!("`{word}` belongs into a loop"),
                format!("`{word}` 只能写在循环里"),
            )));
        }
        let jump = self.jump();
        if let Some(around) = self.loops.last_mut() {
            if word == "break" { around.breaks.push(jump) } else { around.continues.push(jump) }
        }
        Ok(Header::None)
    }
}

/// The line at `at`, if it is indented so and begins with one of these words.
fn following<'a>(lines: &[Line<'a>], at: usize, indent: usize, begins: &[&str]) -> Option<Line<'a>> {
    let next = lines.get(at)?;
    let word = next.text.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
    (next.indent == indent && begins.contains(&word)).then_some(*next)
}

impl Then {
    /// What must come of a call, and where its results go.
    pub fn new(expected: Expected, attempt: bool, keep: [Option<Slot>; 2]) -> Then {
        Then { expected, attempt, keep, rescue: Vec::new() }
    }
    /// Where a condition that does not hold goes on.
    pub fn leave_at(&mut self, place: usize) {
        if let Expected::Branch(_, otherwise) = &mut self.expected {
            *otherwise = place;
        }
    }
}

impl Op {
    /// Whether it asks something of the runner.
    fn is_action(&self) -> bool {
        match self {
            Op::Branch { .. }
            | Op::Keep { .. }
            | Op::Count { .. }
            | Op::Again { .. }
            | Op::NoReturn { .. }
            | Op::Jump(_) => false,
            Op::Call { .. }
            | Op::Check { .. }
            | Op::Refused { .. }
            | Op::Sleep(_)
            | Op::Wait(_)
            | Op::Inject(_)
            | Op::Arp(_)
            | Op::Flood(_)
            | Op::Link { .. }
            | Op::Forget(_)
            | Op::Observe(_)
            | Op::Fork { .. }
            | Op::Spawn { .. } => true,
        }
    }

    /// The variables that a condition or an assignment reads.
    fn reads(&self) -> Vec<Slot> {
        let of = |value: &ValueForm| match value {
            ValueForm::Fixed(_) => Vec::new(),
            ValueForm::Variable(slot) => vec![*slot],
            ValueForm::Computed(formula) => formula.slots(),
        };
        match self {
            Op::Branch { left, test, .. } => [vec![*left], of(&test.right)].concat(),
            Op::Keep { value, .. } => of(value),
            _ => Vec::new(),
        }
    }
}
