//! The book: `docs/book/en` and `docs/book/zh`, mdBook's sources, kept in the binary; the chapters that are written from
//! the lessons; the whole of it as pages that open from disk; the archive that a class without a network needs.

mod class;
mod html;
mod lessons;
mod sources;
mod summary;

pub use class::{File, Paper, Wanted, Wrong, count, files};
pub use html::{anchors, pages};
pub use lessons::{index, named, picture, topic};
pub use sources::{Lost, chapter};
pub use summary::{Chapter, Entry, chapters, summary};
