//! Statements and expressions.

use std::ops::Range;

/// A statement with its place in the script.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it does.
    pub kind: Kind,
    /// Where it stands.
    pub span: Range<usize>,
}

/// What a statement does.
#[derive(Clone, Debug, PartialEq)]
pub enum Kind {
    /// `assert condition, message`.
    Assert(Expression, Option<Expression>),
    /// `print …`, of either Python.
    Print(Vec<Expression>),
    /// `a = b = value`, `(a, b) = value`.
    Assign(Vec<Expression>, Expression),
    /// `a += value`.
    Augment(Expression, Operator, Expression),
    /// An expression by itself.
    Bare(Expression),
    /// `if`, any `elif`, and what `else` has.
    If(Vec<(Expression, Vec<Statement>)>, Vec<Statement>),
    /// `for name in values:`.
    For(Expression, Expression, Vec<Statement>),
    /// `while condition:`.
    While(Expression, Vec<Statement>),
    /// `pass`, and imports of what is there anyway.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// A statement this evaluator does not have, by its first word.
    Unsupported(String),
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    /// `/`: a fraction, as Python 3 has it.
    Divide,
    /// `//`.
    Floor,
    Remainder,
    Power,
    BitAnd,
    BitOr,
    BitXor,
    Left,
    Right,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Is,
    IsNot,
}

/// An expression with its place in the script.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// What it is.
    pub kind: ExpressionKind,
    /// Where it stands.
    pub span: Range<usize>,
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A number, a text, `True`, `None`.
    Literal(super::Value),
    /// A name.
    Name(String),
    /// `-a`, `~a`, `+a`.
    Sign(char, Box<Expression>),
    /// `not a`.
    Not(Box<Expression>),
    /// `a and b`.
    And(Box<Expression>, Box<Expression>),
    /// `a or b`.
    Or(Box<Expression>, Box<Expression>),
    /// Two values and what is between them.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// `a < b <= c`.
    Compare(Box<Expression>, Vec<(Operator, Expression)>),
    /// `a if condition else b`.
    Choice(Box<[Expression; 3]>),
    /// `f(a, b)`; a method has its object as the first part of the name's expression.
    Call(Box<Expression>, Vec<Expression>),
    /// `a.name`.
    Member(Box<Expression>, String),
    /// `a[b]`.
    Item(Box<Expression>, Box<Expression>),
    /// `a[b:c]`.
    Slice(Box<Expression>, Option<Box<Expression>>, Option<Box<Expression>>),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `(a, b)`.
    Tuple(Vec<Expression>),
}
