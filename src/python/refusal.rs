//! Why a scenario cannot be said in Python.

use crate::lang::Text;
use std::ops::Range;

/// What no plain program can do, and where it stands.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .what.en)]
pub struct Refusal {
    /// Octets of the scenario file it is about; empty where it is about the file as a whole.
    pub place: Range<usize>,
    /// What stands in the way.
    pub what: Text,
    /// Why, or what can be had instead.
    pub why: Text,
}

impl Refusal {
    /// Something at that place.
    pub fn new(place: Range<usize>, what: Text, why: Text) -> Refusal {
        Refusal { place, what, why }
    }

    /// What stands in the way, as a sentence.
    pub fn words(&self) -> Text {
        let Text { en, zh } = &self.what;
        Text::new(
            format!("cannot be written as a Python program: {en}"),
            format!("无法写成 Python 程序：{zh}"),
        )
    }
}
