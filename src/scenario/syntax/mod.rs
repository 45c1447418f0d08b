//! A program's text as a tree, for those who say it in another language. It is read from a program that has been checked:
//! what the compiler would refuse is refused here too, but without a word why.

mod expression;
mod read;
mod tree;

pub use read::{Unreadable, library, read};
pub use tree::{Address, Block, Does, Expr, Outcome, Sign, Statement, Wait};
