//! What a trace proves: expectations judged on it, a simulated trace compared with a live one, differences
//! explained by named rules, questions graded. Draws nothing, runs nothing.

mod compare;
mod judge;
mod line;
mod loose;
mod questions;
mod rules;
mod seen;
mod self_test;
mod sockets;

pub use compare::{Comparison, Difference, Mark, Row, StateLine, Verdict, compare};
pub use judge::{Judged, grouped, judge};
pub use line::PacketLine;
pub use loose::{Loose, loose};
pub use questions::{Examiner, Finding, Form, Grade, Kind as AnswerKind, Moment, Rerun, Solved, letter};
pub use rules::{Applies, RULES, Rule};
pub use self_test::{Proof, self_test};

#[cfg(test)]
mod tests;
