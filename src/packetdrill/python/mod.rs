//! The part of Python that scripts write between `%{` and `}%`: assertions over `tcp_info`, small computations, prints.

mod evaluate;
mod format;
mod functions;
mod lex;
mod parse;
mod syntax;
#[cfg(test)]
mod tests;
mod value;

pub use evaluate::{Environment, Failure};
pub(super) use parse::parse;
pub use syntax::{Expression, Operator, Statement};
pub use value::Value;
