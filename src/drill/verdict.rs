//! What came of a script.

use super::outbound::Difference;
use crate::clock::Span;
use crate::lang::{Lang, Text};
use crate::scenario::Diagnostic;
use std::ops::Range;

/// Why a script did not run to its end.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// Where in the script.
    pub span: Range<usize>,
    /// What.
    pub kind: ProblemKind,
}

/// What stood in a script's way.
#[derive(Clone, Debug, PartialEq)]
pub enum ProblemKind {
    /// Something that is not modelled: never counted as a pass.
    Unsupported(String),
    /// The script itself asks for what cannot be.
    Wrong(Text),
    /// A packet that differs from the one expected.
    Packet {
        /// The fields that differ.
        differs: Vec<Difference>,
        /// When it was sent.
        at: Span,
        /// The packet that came, as scripts write it.
        found: String,
    },
    /// A packet that was expected, and none came.
    NoPacket {
        /// How long was waited.
        until: Span,
    },
    /// Something happened too early or too late.
    Time {
        /// What.
        what: Text,
        /// When it should have, at the earliest and latest.
        expected: (Span, Span),
        /// When it did.
        found: Span,
    },
    /// A call returned something else.
    Call {
        /// What of it.
        what: Text,
        /// As the script says.
        expected: String,
        /// As it was.
        found: String,
    },
    /// A call that should have returned by then, and did not.
    StillBlocked,
    /// An assertion.
    Assertion {
        /// The values in it.
        found: String,
    },
    /// The run reached its stated end.
    Limit(Span),
    /// The stack did more than a run may.
    Exhausted {
        /// Of what.
        what: Text,
        /// When.
        at: Span,
    },
}

impl Problem {
    /// Something that is not modelled.
    pub fn unsupported(span: Range<usize>, what: &str) -> Problem {
        Problem { span, kind: ProblemKind::Unsupported(what.to_owned()) }
    }

    /// The script asks for what cannot be.
    pub fn wrong(span: Range<usize>, en: impl Into<String>, zh: impl Into<String>) -> Problem {
        Problem { span, kind: ProblemKind::Wrong(Text::new(en, zh)) }
    }

    /// In one sentence.
    pub fn message(&self) -> Text {
        let both = |write: &dyn Fn(Lang) -> String| Text::new(write(Lang::En), write(Lang::Zh));
        match &self.kind {
            ProblemKind::Unsupported(what) => {
                Text::new(format!("not modelled: {what}"), format!("没有模拟：{what}"))
            }
            ProblemKind::Wrong(text) => text.clone(),
            ProblemKind::Packet { differs, at, .. } => both(&|lang| packet(differs, *at, lang)),
            ProblemKind::NoPacket { until } => Text::new(
                format!("no packet was sent by {}", seconds(*until)),
                format!("到 {} 为止没有发出报文", seconds(*until)),
            ),
            ProblemKind::Time { what, expected: (from, to), found } => both(&|lang| {
                let (what, from, to, found) = (what.get(lang), seconds(*from), seconds(*to), seconds(*found));
                lang.pick(
                    format!("{what} at {found}, expected between {from} and {to}"),
                    format!("{what}发生在 {found}，应当在 {from} 到 {to} 之间"),
                )
            }),
            ProblemKind::Call { what, expected, found } => both(&|lang| {
                let what = what.get(lang);
                lang.pick(
                    format!("{what}: expected {expected}, found {found}"),
                    format!("{what}：应当是 {expected}，实际是 {found}"),
                )
            }),
            ProblemKind::StillBlocked => {
                Text::new("this call has not returned by then", "到这时这个调用还没有返回")
            }
            ProblemKind::Assertion { found } => {
                Text::new(format!("the assertion does not hold: {found}"), format!("断言不成立：{found}"))
            }
            ProblemKind::Limit(limit) => Text::new(
                format!("the script had not ended by {} and was stopped here", seconds(*limit)),
                format!("到 {} 脚本仍未结束，在此停止", seconds(*limit)),
            ),
            ProblemKind::Exhausted { what, at } => {
                let at = seconds(*at);
                Text::new(
                    format!("the run was stopped here at {at}: {}", what.en),
                    format!("运行到 {at} 在此停止：{}", what.zh),
                )
            }
        }
    }

    /// The same with a shorter sentence, for those who show a packet's fields beside it.
    pub fn headed(&self, script: &crate::packetdrill::Script) -> Diagnostic {
        let message = match &self.kind {
            ProblemKind::Packet { at, .. } => Text::new(
                format!("the packet sent at {} differs", seconds(*at)),
                format!("{} 发出的报文不同", seconds(*at)),
            ),
            _ => self.message(),
        };
        Diagnostic::new(&script.name, &script.source, self.span.clone(), message, None)
    }

    /// The sentence with its place in the script.
    pub fn diagnostic(&self, script: &crate::packetdrill::Script) -> Diagnostic {
        Diagnostic::new(&script.name, &script.source, self.span.clone(), self.message(), None)
    }
}

fn packet(differs: &[Difference], at: Span, lang: Lang) -> String {
    let fields: Vec<String> = differs
        .iter()
        .map(|one| {
            let (field, expected, found) = (one.field.get(lang), &one.expected, &one.found);
            lang.pick(
                format!("{field} expected {expected}, found {found}"),
                format!("{field}应当是 {expected}，实际是 {found}"),
            )
        })
        .collect();
    let fields = fields.join(lang.pick("; ", "；"));
    lang.pick(
        format!("the packet sent at {} differs: {fields}", seconds(at)),
        format!("{} 发出的报文不同：{fields}", seconds(at)),
    )
}

/// Seconds to the microsecond, as scripts write them.
pub fn seconds(span: Span) -> String {
    let micros = span.as_micros();
    format!("{}.{:06}s", micros / 1_000_000, micros % 1_000_000)
}

/// What came of a script.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// Everything was as it says.
    Pass,
    /// Something was not.
    Fail(Problem),
    /// Something of it is not modelled.
    Unsupported(Problem),
}

impl Verdict {
    /// `pass`, `fail`, `unsupported`.
    pub fn name(&self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail(_) => "fail",
            Verdict::Unsupported(_) => "unsupported",
        }
    }
}

impl From<Result<(), Problem>> for Verdict {
    fn from(result: Result<(), Problem>) -> Verdict {
        match result {
            Ok(()) => Verdict::Pass,
            Err(problem @ Problem { kind: ProblemKind::Unsupported(_), .. }) => Verdict::Unsupported(problem),
            Err(problem) => Verdict::Fail(problem),
        }
    }
}
