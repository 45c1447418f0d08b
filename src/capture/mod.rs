//! Captures: pcapng written, with a comment on every packet that says why it was sent. Knows no network.

mod classifier;
mod conversation;
mod export;
mod pcapng;
mod purpose;

pub use classifier::Classifier;
pub use export::{comment, export, export_with};
pub use pcapng::{Interface, Section, Writer};
pub use purpose::{Piggyback, Purpose};

#[cfg(test)]
mod tests;
