//! A record as what proves an answer.

use super::{Look, Teller, changes};
use crate::lang::Lang;
use crate::trace::{Event, Record, Trace};

/// What proves an answer, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proved {
    /// What happened.
    pub what: String,
    /// Why; may be empty.
    pub why: String,
    /// The RFC section of the reason; may be empty.
    pub cite: String,
}

/// The record as a sentence, with the section of its reason; where it has none, as what it changed.
pub fn proved(trace: &Trace, record: &Record, look: &Look) -> Proved {
    let teller = Teller::new(trace, look);
    // A call that returns at once is told where it is made.
    let sentence = teller.tell(record).or_else(|| match &record.event {
        Event::CallReturned { call, .. } => teller.tell(trace.record(*call)),
        _ => None,
    });
    if let Some(sentence) = sentence {
        return Proved { what: sentence.what, why: sentence.why, cite: sentence.cite };
    }
    let words = changes(trace, std::slice::from_ref(record), look).join("  ");
    let what = match record.host.map(|host| trace.host_name(host)).filter(|host| !host.is_empty()) {
        None => words,
        Some(host) => look.lang.pick(format!("{host}: {words}"), format!("{host}：{words}")),
    };
    Proved { what, ..Proved::default() }
}

/// What happened, with the record's number and its time.
pub fn happened(record: &Record, what: &str, lang: Lang) -> String {
    let (number, at) = (record.id.0, record.at);
    lang.pick(format!("record {number}, {at} s: {what}"), format!("第 {number} 条记录，{at} s：{what}"))
}
