//! From a program's text to its operations: lines, blocks, variables.

use super::functions::{Function, Home, LIBRARY, Returns, collect};
use super::lines::{Line, dedent};
use super::op::{Serial, Slot};
use super::{Op, Program, Written};
use crate::clock::Span;
use crate::link::{FramePattern, HostId};
use crate::scenario::cursor::{Cursor, Scene};
use crate::scenario::lex::words;
use crate::scenario::limits;
use crate::scenario::source::{Mistake, Parse, Piece};
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// What kind of value a variable holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Type {
    Socket,
    Data,
    Number,
    Address,
    /// An option's value: a number, `off`, or an error's name.
    Setting,
    /// A list of sockets.
    Sockets,
    /// How long calls wait at most: a time, or `none`.
    Patience,
    /// `socket` itself, without parentheses: no socket was made.
    Class,
    /// What `makefile` gave: a socket, and what was read of it beyond the last line.
    File,
    /// Given a value by a line with a mistake: fits everywhere.
    Unknown,
}

/// What the programs of a scenario do, for checks that need all of them.
#[derive(Clone, Debug, Default)]
pub(in crate::scenario) struct Deeds {
    /// Whether a TCP socket is made, or a segment by hand.
    pub tcp: bool,
    /// Whether a UDP socket is made.
    pub udp: bool,
    /// Whether a socket of AF_INET6 is made.
    pub ipv6: bool,
    /// Whether a raw socket is made.
    pub raw: bool,
    /// Whether a local socket is made.
    pub local: bool,
    /// Processes that `every` starts.
    pub spawned: u64,
    /// Patterns of frames that are waited for; places count within the piece.
    pub awaited: Vec<(FramePattern, Range<usize>)>,
}

/// A variable of a program.
#[derive(Clone, Debug)]
pub(super) struct Variable {
    /// Empty for what is computed on the way.
    pub name: String,
    pub kind: Type,
    /// Which call of a function it belongs to; 0 is the program itself.
    pub scope: usize,
}

/// Compiles the program in `piece`, of a process on `host`; `functions` are those of the whole file. Mistakes are left with
/// `scene`.
pub(in crate::scenario) fn compile(
    piece: &Piece,
    functions: Option<&Piece>,
    host: HostId,
    scene: &mut Scene,
    deeds: &mut Deeds,
) -> Program {
    let library = Piece::whole(LIBRARY);
    let mut known = Vec::new();
    collect(&library, Home::Library, scene, &mut known);
    if let Some(functions) = functions {
        // What is wrong with them is told once, not with every program.
        let before = std::mem::take(&mut scene.mistakes);
        collect(functions, Home::File, scene, &mut known);
        scene.mistakes = before;
    }
    let lines = collect(piece, Home::Program, scene, &mut known);
    let actor = scene.facts(host).is_some_and(|facts| facts.actor);
    let mut compiler = Compiler {
        piece: Rc::new(piece.clone()),
        host,
        actor,
        scene,
        deeds,
        ops: Vec::new(),
        variables: Vec::new(),
        counters: 0,
        spawned: false,
        files: Vec::new(),
        far: None,
        functions: known,
        scope: 0,
        inlined: 0,
        calling: Vec::new(),
        returns: None,
        loops: Vec::new(),
        line: "".into(),
    };
    let mut at = 0;
    if let Some(first) = lines.first() {
        compiler.block(&lines, &mut at, first.indent, 0);
    }
    compiler.check_called();
    let source = dedent(&piece.text);
    Program::new(compiler.ops, names(&compiler.variables), compiler.counters, &source)
        .written_as(Written::of(piece), functions.map(Written::of))
}

fn names(variables: &[Variable]) -> Vec<String> {
    variables.iter().map(|variable| variable.name.clone()).collect()
}

/// A program being compiled.
pub(super) struct Compiler<'a> {
    pub piece: Rc<Piece>,
    pub host: HostId,
    pub actor: bool,
    pub scene: &'a mut Scene,
    pub deeds: &'a mut Deeds,
    pub ops: Vec<Op>,
    pub variables: Vec<Variable>,
    pub counters: usize,
    /// Whether this is the block of an `every` or of a `fork`.
    pub spawned: bool,
    /// Where each file keeps what was read of it too much, by the file's place.
    pub files: Vec<(Slot, Slot)>,
    /// An address nobody has, which is a mistake unless the call is meant to fail.
    pub far: Option<Mistake>,
    pub functions: Vec<Rc<Function<'a>>>,
    /// Which call of a function is being put in its place; 0 is none.
    pub scope: usize,
    /// How many have been put in their places.
    pub inlined: usize,
    /// The functions being put in their places, the innermost last.
    pub calling: Vec<usize>,
    /// What the innermost of them has returned.
    pub returns: Option<Returns>,
    /// The loops around, the innermost last.
    pub loops: Vec<Loop>,
    /// The statement being compiled, in the program's words.
    pub line: Arc<str>,
}

/// The jumps of a loop whose places are still open.
#[derive(Default)]
pub(super) struct Loop {
    /// `break`: behind it.
    pub breaks: Vec<usize>,
    /// `continue`: to its next round.
    pub continues: Vec<usize>,
}

/// A statement that a block must or may follow.
pub(super) enum Header {
    /// A plain statement.
    None,
    /// `when …:`, whose block just follows.
    Plain,
    /// `repeat N:`
    Repeat(u32),
    /// `while …:`, whose condition is already there: where that begins, and the jumps of one that does not hold.
    While { top: usize, fails: Vec<usize> },
    /// `if …:`, whose condition is already there: the jumps of one that does not hold.
    If { fails: Vec<usize> },
    /// `try:`
    Try,
    /// `every … for … as NAME:`
    Every { name: String, each: Span, total: Span },
    /// `fork as NAME:`
    Fork { name: String },
    /// `for NAME in LIST:`
    For { item: Slot, list: Slot },
}

impl<'a> Compiler<'a> {
    /// Compiles the lines at `indent`, from `at` until one is indented less.
    pub fn block(&mut self, lines: &[Line<'_>], at: &mut usize, indent: usize, depth: usize) {
        while let Some(line) = lines.get(*at) {
            if line.indent < indent {
                return;
            }
            if line.indent > indent {
                let span = line.start..line.start + line.text.len();
                self.scene.report(
                    Mistake::new(
                        span,
                        "this line is indented, but no block begins before it",
                        "这一行缩进了，但前面没有开始语句块",
                    )
                    .help("blocks follow a line that ends in `:`", "语句块跟在以 `:` 结尾的行之后"),
                );
            }
            *at += 1;
            self.line(lines, at, *line, depth);
        }
    }

    /// Compiles one line, and its block if it has one.
    fn line(&mut self, lines: &[Line<'_>], at: &mut usize, line: Line<'_>, depth: usize) {
        let header = self.header(line);
        let inner = lines.get(*at).filter(|next| next.indent > line.indent).map(|next| next.indent);
        let failed = header.is_err();
        let header = match header {
            Ok(header) => header,
            Err(mistake) => {
                self.scene.report(*mistake);
                // What belongs to its block, or follows it, is right all the same.
                match line.text.split(' ').next() {
                    Some("if") => Header::If { fails: Vec::new() },
                    Some("while" | "repeat") => Header::Repeat(1),
                    _ => Header::Plain,
                }
            }
        };
        if matches!(header, Header::None) {
            return;
        }
        let Some(inner) = inner else {
            if !failed {
                let end = line.start + line.text.len();
                self.scene.report(Mistake::new(
                    end..end,
                    "an indented block must follow",
                    "后面要有缩进的语句块",
                ));
            }
            return;
        };
        if depth >= limits::BLOCKS {
            self.scene.report(Mistake::new(
                line.start..line.start + line.text.len(),
                "blocks are nested too deep",
                "语句块嵌套太深",
            ));
            while lines.get(*at).is_some_and(|next| next.indent > line.indent) {
                *at += 1;
            }
            return;
        }
        self.body(header, lines, at, inner, line, depth + 1);
    }

    /// Compiles a header's block.
    fn body(
        &mut self,
        header: Header,
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        line: Line<'_>,
        depth: usize,
    ) {
        let words: Arc<str> = line.text.trim_end_matches(':').into();
        match header {
            Header::None | Header::Plain => self.block(lines, at, inner, depth),
            Header::Repeat(rounds) => self.repeat(rounds, lines, at, inner, words, depth),
            Header::While { top, fails } => self.while_loop((top, fails), lines, at, inner, line, depth),
            Header::If { fails } => self.branches(fails, lines, at, inner, line, depth),
            Header::Try => self.guarded(lines, at, inner, line, depth),
            Header::For { item, list } => self.for_each((item, list), lines, at, inner, words, depth),
            Header::Fork { name } => {
                let line = self.statement_words();
                let known = self.variables.clone();
                let program = self.inner_program(lines, at, inner, depth, known);
                self.ops.push(Op::Fork { name: name.into(), program, line });
            }
            Header::Every { name, each, total } => {
                let program = self.inner_program(lines, at, inner, depth, Vec::new());
                self.every(&name, each, total, program);
            }
        }
    }

    /// Compiles a block as a program of its own, which knows these variables.
    fn inner_program(
        &mut self,
        lines: &[Line<'_>],
        at: &mut usize,
        inner: usize,
        depth: usize,
        known: Vec<Variable>,
    ) -> Program {
        let first = *at;
        let outer_ops = std::mem::take(&mut self.ops);
        let outer_variables = std::mem::replace(&mut self.variables, known);
        let outer_counters = std::mem::take(&mut self.counters);
        let outer_spawned = std::mem::replace(&mut self.spawned, true);
        let outer_loops = std::mem::take(&mut self.loops);
        let outer_returns = std::mem::take(&mut self.returns);
        let outer_files = self.files.clone();
        self.block(lines, at, inner, depth);
        self.files = outer_files;
        self.returns = outer_returns;
        self.loops = outer_loops;
        self.spawned = outer_spawned;
        let ops = std::mem::replace(&mut self.ops, outer_ops);
        let variables = std::mem::replace(&mut self.variables, outer_variables);
        let counters = std::mem::replace(&mut self.counters, outer_counters);
        let begin = lines.get(first).map_or(0, |first| first.start);
        let end = lines.get(*at).map_or(self.piece.text.len(), |next| next.start);
        let begin = self.piece.text.get(..begin).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let source = dedent(self.piece.text.get(begin..end).unwrap_or_default());
        Program::new(ops, names(&variables), counters, &source)
    }

    /// Starts `program` at 0, `each`, 2 `each`… before `total`; goes on at `total`.
    fn every(&mut self, name: &str, each: Span, total: Span, program: Program) {
        let each_ns = each.as_nanos().max(1);
        let starts = total.as_nanos().div_ceil(each_ns).min(limits::SPAWNED);
        let name: Arc<str> = name.into();
        if let Some(before_last) = starts.checked_sub(1).filter(|rounds| *rounds > 0) {
            let rounds = before_last as u32;
            let counter = self.counters;
            self.counters += 1;
            self.ops.push(Op::Count { counter, rounds });
            let to = self.ops.len();
            let serial = Serial::Counted { counter, total: rounds };
            self.ops.push(Op::Spawn { name: name.clone(), serial, program: program.clone() });
            self.ops.push(Op::Sleep(each));
            self.ops.push(Op::Again { counter, to, line: "every".into() });
        }
        if starts > 0 {
            self.ops.push(Op::Spawn { name, serial: Serial::Fixed(starts as u32), program });
            self.ops.push(Op::Sleep(total.saturating_sub(each * (starts - 1))));
        }
    }

    /// Reads one line up to its `:`; plain statements are compiled whole.
    pub fn header(&mut self, line: Line<'_>) -> Parse<Header> {
        let tokens = words(line.text, line.start)?;
        let end = tokens.last().map_or(line.start, |token| token.span.end);
        self.line = line.text.get(..end - line.start).unwrap_or_default().into();
        let mut cursor = Cursor::new(&tokens, end);
        self.far = None;
        let header = self.statement(&mut cursor)?;
        cursor.expect_end()?;
        Ok(header)
    }

    /// The place of the variable of that name, made if need be; another type than before is reported.
    pub fn declare(&mut self, name: &str, kind: Type, span: Range<usize>) -> Slot {
        if let Some(slot) = self.find(name) {
            let before = self.variables[slot].kind;
            if before != kind && before != Type::Unknown && kind != Type::Unknown {
                self.scene.report(
                    Mistake::new(
                        span,
                        format!(
                            "`{name}` held {} before, and would hold {} now",
                            before.words().0,
                            kind.words().0
                        ),
                        format!("`{name}` 原来是{}，现在却要存{}", before.words().1, kind.words().1),
                    )
                    .help("use another name", "请换一个名字"),
                );
            }
            return slot;
        }
        self.variables.push(Variable { name: name.to_owned(), kind, scope: self.scope });
        self.variables.len() - 1
    }

    /// The place of the variable of that name, if it has a value by now.
    pub fn find(&self, name: &str) -> Option<Slot> {
        self.variables.iter().position(|known| known.name == name && known.scope == self.scope)
    }

    /// A place for what is computed on the way.
    pub fn hidden(&mut self, kind: Type) -> Slot {
        self.variables.push(Variable { name: String::new(), kind, scope: self.scope });
        self.variables.len() - 1
    }

    /// The statement being compiled, in the program's words.
    pub fn statement_words(&self) -> Arc<str> {
        self.line.clone()
    }

    /// The place of a variable of one of these types. One that is not there, or is of another type, is reported.
    pub fn variable(&mut self, name: &str, kinds: &[Type], span: Range<usize>) -> Slot {
        let wanted = kinds.first().copied().unwrap_or(Type::Unknown).words();
        match self.find(name) {
            None => {
                let mistake =
                    Mistake::new(span, format!("`{name}` has no value yet"), format!("`{name}` 还没有值"));
                let fitting = self.variables.iter().filter(|known| {
                    known.scope == self.scope && !known.name.is_empty() && kinds.contains(&known.kind)
                });
                let mut mistake = mistake.known(name, fitting.map(|known| known.name.as_str()));
                if mistake.help.is_none() && kinds.first() == Some(&Type::Socket) {
                    mistake = mistake.help(
                        format!("make a socket first: {name} = socket(tcp)"),
                        format!("先创建套接字：{name} = socket(tcp)"),
                    );
                }
                self.scene.report(mistake);
                self.declare(name, Type::Unknown, 0..0)
            }
            Some(slot) => {
                let kind = self.variables[slot].kind;
                if kind != Type::Unknown && !kinds.contains(&kind) {
                    let mut mistake = Mistake::new(
                        span,
                        format!("`{name}` is {}, not {}", kind.words().0, wanted.0),
                        format!("`{name}` 是{}，不是{}", kind.words().1, wanted.1),
                    );
                    if kind == Type::Class {
                        mistake = mistake.help(
                            format!("with parentheses: {name} = socket(tcp)"),
                            format!("要加括号：{name} = socket(tcp)"),
                        );
                    }
                    self.scene.report(mistake);
                }
                slot
            }
        }
    }

    /// The words from `start` up to what was read last.
    pub fn words_since(&self, cursor: &Cursor<'_>, start: usize) -> Arc<str> {
        self.piece.text.get(cursor.since(start)).unwrap_or_default().into()
    }
}

impl Type {
    /// What a variable may hold.
    pub const ALL: [Type; 7] =
        [Type::Data, Type::Number, Type::Address, Type::Setting, Type::Socket, Type::Sockets, Type::Patience];

    /// With its article, for messages.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Type::Socket => ("a socket", "套接字"),
            Type::Data => ("data", "数据"),
            Type::Number => ("a number", "数"),
            Type::Address => ("an address", "地址"),
            Type::Setting => ("an option's value", "选项的值"),
            Type::Patience => ("a time", "时间"),
            Type::Sockets => ("a list of sockets", "套接字列表"),
            Type::Class => ("`socket` itself, which was not called", "没有被调用的 `socket` 本身"),
            Type::File => ("a file", "文件"),
            Type::Unknown => ("something", "某个值"),
        }
    }
}
