//! A checked program: operations with jumps, which [`super::Process`] executes one action at a time.

mod address;
mod alter;
mod arp;
mod bare;
mod by_hand;
mod calls;
mod compile;
mod condition;
mod expression;
mod flow;
mod fork;
mod formula;
mod functions;
mod kind;
mod lines;
mod links;
mod op;
mod origin;
mod packet;
mod refused;
mod remark;
mod sets;
mod sides;
mod statement;

pub use arp::ArpHand;
#[cfg(test)]
pub(super) use calls::names as call_names;
pub(super) use compile::{Deeds, compile};
#[cfg(test)]
pub(super) use expression::names as function_names;
pub(super) use formula::{Formula, Sheet, Trouble};
pub(super) use functions::{LIBRARY, uncalled, written};
pub use op::Value;
pub(super) use op::{AddressForm, CallForm, Expected, LocalForm, Op, Serial, Test, Then, ValueForm};
pub use origin::Written;
pub use remark::{SourceLine, comment_in};
#[cfg(test)]
pub(super) use statement::STATEMENTS;

use crate::lang::Lang;
use std::fmt;
use std::sync::Arc;

/// A checked program. Every variable it reads has been given a value of the right type earlier in the text,
/// every host it names exists, and every address can be reached.
#[derive(Clone)]
pub struct Program {
    /// What to do, in order; jumps are places in here.
    pub(super) ops: Arc<[Op]>,
    /// Names of the variables, by slot.
    pub(super) variables: Arc<[String]>,
    /// How many loops count.
    pub(super) counters: usize,
    /// The text, knobs filled in, indentation of the file removed.
    source: Arc<str>,
    /// The same with its places in the file.
    own: Written,
    /// The functions of the whole file.
    functions: Written,
}

/// What it does and how it reads; where that stands in its file is nothing to it.
impl PartialEq for Program {
    fn eq(&self, other: &Program) -> bool {
        let said = |program: &Program| {
            (Arc::clone(&program.variables), program.counters, Arc::clone(&program.source))
        };
        self.ops == other.ops && said(self) == said(other)
    }
}

impl Program {
    /// Puts a program together.
    pub(super) fn new(ops: Vec<Op>, variables: Vec<String>, counters: usize, source: &str) -> Program {
        Program {
            ops: ops.into(),
            variables: variables.into(),
            counters,
            source: source.into(),
            own: Written::default(),
            functions: Written::default(),
        }
    }

    /// The program's text with the knobs' values filled in, for people.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The same line by line, comments in one language.
    pub fn source_lines(&self, lang: Lang) -> Vec<SourceLine<'_>> {
        remark::source_lines(&self.source, lang)
    }

    /// Whether the program, or a process it starts, takes a host off the wire or puts it back.
    pub fn pulls_plugs(&self) -> bool {
        self.ops.iter().any(|op| match op {
            Op::Link { .. } | Op::Arp(_) => true,
            Op::Spawn { program, .. } | Op::Fork { program, .. } => program.pulls_plugs(),
            _ => false,
        })
    }

    /// Whether the program, or a process it starts, makes a raw socket.
    pub fn makes_raw_sockets(&self) -> bool {
        self.ops.iter().any(|op| match op {
            Op::Call { call: CallForm::Socket(_, crate::socket::Kind::Raw, _), .. } => true,
            Op::Spawn { program, .. } | Op::Fork { program, .. } => program.makes_raw_sockets(),
            _ => false,
        })
    }

    /// Whether the program, or a process it starts, sends segments made by hand that bear a timestamp: whoever runs it must
    /// know the latest of every connection.
    pub fn forges_timestamps(&self) -> bool {
        self.ops.iter().any(|op| match op {
            Op::Inject(hand) => hand.bears_timestamp(),
            Op::Spawn { program, .. } => program.forges_timestamps(),
            _ => false,
        })
    }

    /// The patterns of frames that the program, or a process it starts, waits for: whoever runs it must count
    /// their matches from the start of the run.
    pub fn frame_patterns(&self) -> Vec<crate::link::FramePattern> {
        let mut patterns = Vec::new();
        for op in self.ops.iter() {
            match op {
                Op::Wait(super::Condition::Frame(pattern)) => patterns.push(*pattern),
                Op::Spawn { program, .. } | Op::Fork { program, .. } => {
                    patterns.extend(program.frame_patterns())
                }
                _ => {}
            }
        }
        patterns
    }

    /// The floods it sends, in the order of its text.
    pub fn floods(&self) -> Vec<&super::Flood> {
        self.ops
            .iter()
            .flat_map(|op| match op {
                Op::Flood(flood) => vec![flood],
                Op::Spawn { program, .. } | Op::Fork { program, .. } => program.floods(),
                _ => Vec::new(),
            })
            .collect()
    }

    /// How many connections it makes its host forget: once for each such statement.
    pub fn forgets(&self) -> u64 {
        self.ops
            .iter()
            .map(|op| match op {
                Op::Forget(_) => 1,
                Op::Spawn { program, .. } | Op::Fork { program, .. } => program.forgets(),
                _ => 0,
            })
            .sum()
    }
}

impl Default for Program {
    fn default() -> Program {
        Program::new(Vec::new(), Vec::new(), 0, "")
    }
}

/// The text only: the operations follow from it.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Program").field(&self.source).finish()
    }
}
