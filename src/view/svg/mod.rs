//! Drawings as SVG: standing alone in a file, or inside a page that brings the colours.
//!
//! Nothing here knows a protocol: it draws the layouts that the text views draw too.

mod canvas;
mod sequence;

pub use canvas::{CELL, STYLE, Standing, class};
pub use sequence::sequence;
