//! A mistake in a script, at its place.

use crate::lang::Text;
use std::ops::Range;

/// What is wrong where, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mistake {
    pub span: Range<usize>,
    pub message: Text,
    pub help: Option<Text>,
}

/// What readers return.
pub(super) type Read<T> = Result<T, Box<Mistake>>;

impl Mistake {
    pub fn new(span: Range<usize>, en: impl Into<String>, zh: impl Into<String>) -> Box<Mistake> {
        Box::new(Mistake { span, message: Text::new(en, zh), help: None })
    }

    /// With what would be right.
    pub fn help(mut self: Box<Self>, en: impl Into<String>, zh: impl Into<String>) -> Box<Mistake> {
        self.help = Some(Text::new(en, zh));
        self
    }
}
