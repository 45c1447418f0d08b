//! A walk as a page: the document that holds every step of every branch in both languages, and what shows it in a browser.
//!
//! Everything a learner may see is computed here; the page itself only looks things up, so that a step is an index.

mod assets;
mod author;
mod branches;
mod diagram;
mod document;
mod drawings;
mod frames;
mod panes;
mod standalone;
mod tables;

pub use assets::{Asset, assets};
pub use author::{document, document_until};
pub use document::{Document, SCHEMA};
pub use standalone::standalone;
