//! Statements and expressions.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Statements, one after the other.
pub type Block = Vec<Statement>;

/// A statement with the comments that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its line in the text, from 0.
    pub line: usize,
    /// Its words, without comment.
    pub words: String,
    /// Comment lines above it, without their `#`; an empty line is `None`.
    pub above: Vec<Option<String>>,
    /// The comment behind it, without its `#`.
    pub beside: Option<String>,
    /// What it does.
    pub does: Does,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum Does {
    /// `sleep 20ms`
    Sleep(Expr),
    /// `repeat 3:`
    Repeat(Expr, Block),
    /// `while …:`
    While(Expr, Block),
    /// `for s in ready:`
    For(String, Expr, Block),
    /// `fork as child:`
    Fork(Block),
    /// `if …:`, its `elif`s, and its `else`, which has no condition.
    If(Vec<(Option<Expr>, Block)>),
    /// `try:`, the errors of `except`, and what is done then.
    Guard(Block, Vec<String>, Block),
    /// `break`
    Break,
    /// `continue`
    Continue,
    /// `def name(a, b):`
    Define(String, Vec<String>, Block),
    /// `return a, b`
    Return(Vec<Expr>),
    /// `when …`, and the block behind it.
    Wait(Wait, Block),
    /// `every 200ms for 8s as visitor:`
    Every {
        /// From one to the next.
        each: Expr,
        /// For how long.
        total: Expr,
        /// What the processes are called.
        name: String,
        /// What each does.
        block: Block,
    },
    /// `observe "after close"`
    Observe(String),
    /// A statement that no program can carry out: `inject`, `flood`, `unplug`, `plug`, `arp`, `forget`.
    ByHand(&'static str),
    /// A call, an assignment, a comparison.
    Value {
        /// The names before `=`.
        targets: Vec<String>,
        /// What is computed, or compared.
        value: Expr,
        /// Whether `try` stands before it.
        attempt: bool,
        /// What is said behind it.
        outcome: Outcome,
    },
}

/// What must come of a call.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Nothing is said.
    Plain,
    /// `succeeds`
    Succeeds,
    /// `fails ECONNREFUSED or EPIPE`
    Fails(Vec<String>),
}

/// What `when` waits for.
#[derive(Clone, Debug, PartialEq)]
pub enum Wait {
    /// `server LISTEN 2`: host, state, how many.
    State(String, String, u32),
    /// `server bound 7`, `server bound "@chat"`: host, and port or name.
    Bound(String, Expr),
    /// `server listening "/tmp/chat"`
    Listening(String, Expr),
    /// `accept_queue server 4`
    AcceptQueue(String, u32),
    /// `client ended`
    Ended(String),
    /// `time 3s`
    Time(Expr),
    /// A pattern of frames, in the program's words.
    Frame(String),
}

/// Whose address.
#[derive(Clone, Debug, PartialEq)]
pub enum Address {
    /// `*`
    Any,
    /// `[*]`
    Any6,
    /// A host by its name, or `localhost`.
    Host(String),
    /// The same in brackets: its IPv6 address.
    Host6(String),
    /// As it is.
    V4(Ipv4Addr),
    /// As it is, with the number of an interface.
    V6(Ipv6Addr, u32),
}

/// A sign between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sign {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `%`
    Modulo,
    /// `|`, between flags.
    Pipe,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `and`
    And,
    /// `or`
    Or,
}

/// A value, a call, a condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// Octets.
    Text(Vec<u8>),
    /// A whole number.
    Number(i64),
    /// A time, nanoseconds.
    Time(i64),
    /// A variable, a constant, an error's name.
    Name(String),
    /// An address; some have no port.
    Address(Address, Option<u16>),
    /// A call of a socket function, of a value's function, of a program's own.
    Call(String, Vec<Expr>),
    /// `data.icmp.type`
    Field(Box<Expr>, String, String),
    /// `[l, c]`
    List(Vec<Expr>),
    /// `data[0]`
    Octet(Box<Expr>, Box<Expr>),
    /// `data[1:4]`
    Slice(Box<Expr>, Option<Box<Expr>>, Option<Box<Expr>>),
    /// Two values joined or compared.
    Joined(Box<Expr>, Sign, Box<Expr>),
    /// `not x`
    Not(Box<Expr>),
    /// `-x`
    Negative(Box<Expr>),
}

impl Expr {
    /// Calls `see` with this expression and all inside it.
    pub fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Expr)) {
        see(self);
        match self {
            Expr::Text(_) | Expr::Number(_) | Expr::Time(_) | Expr::Name(_) | Expr::Address(..) => {}
            Expr::Call(_, given) | Expr::List(given) => given.iter().for_each(|inner| inner.walk(see)),
            Expr::Field(inner, ..) | Expr::Not(inner) | Expr::Negative(inner) => inner.walk(see),
            Expr::Octet(data, place) => {
                data.walk(see);
                place.walk(see);
            }
            Expr::Slice(data, from, to) => {
                data.walk(see);
                from.iter().chain(to).for_each(|inner| inner.walk(see));
            }
            Expr::Joined(left, _, right) => {
                left.walk(see);
                right.walk(see);
            }
        }
    }
}

impl Statement {
    /// The blocks inside it.
    pub fn blocks(&self) -> Vec<&Block> {
        match &self.does {
            Does::Repeat(_, block)
            | Does::While(_, block)
            | Does::For(_, _, block)
            | Does::Fork(block)
            | Does::Define(_, _, block)
            | Does::Wait(_, block)
            | Does::Every { block, .. } => vec![block],
            Does::If(branches) => branches.iter().map(|(_, block)| block).collect(),
            Does::Guard(block, _, then) => vec![block, then],
            Does::Sleep(_)
            | Does::Break
            | Does::Continue
            | Does::Return(_)
            | Does::Observe(_)
            | Does::ByHand(_)
            | Does::Value { .. } => Vec::new(),
        }
    }

    /// The expressions of the statement itself, those of its blocks not.
    pub fn expressions(&self) -> Vec<&Expr> {
        match &self.does {
            Does::Sleep(value) | Does::Repeat(value, _) | Does::While(value, _) | Does::For(_, value, _) => {
                vec![value]
            }
            Does::If(branches) => branches.iter().filter_map(|(condition, _)| condition.as_ref()).collect(),
            Does::Return(values) => values.iter().collect(),
            Does::Wait(Wait::Bound(_, value) | Wait::Listening(_, value) | Wait::Time(value), _) => {
                vec![value]
            }
            Does::Every { each, total, .. } => vec![each, total],
            Does::Value { value, .. } => vec![value],
            Does::Guard(..)
            | Does::Fork(_)
            | Does::Break
            | Does::Continue
            | Does::Define(..)
            | Does::Wait(..)
            | Does::Observe(_)
            | Does::ByHand(_) => Vec::new(),
        }
    }

    /// Calls `see` with this statement and all inside it, in the order of the text.
    pub fn walk<'a>(&'a self, see: &mut impl FnMut(&'a Statement)) {
        see(self);
        for block in self.blocks() {
            for statement in block {
                statement.walk(see);
            }
        }
    }
}
