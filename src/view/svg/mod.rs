//! Drawings as SVG: standing alone in a file, or inside a page that brings the colours.
//!
//! Nothing here knows a protocol: it draws the layouts that the text views draw too.

mod canvas;
mod panel;
mod plot;
mod routes;
mod screen;
mod sequence;
mod states;
mod theme;

pub use canvas::{CELL, STYLE, Standing, class, escaped};
pub use plot::{panels, plot, queues, sequence_time};
pub use screen::{Run, screen};
pub use sequence::sequence;
pub use states::states;
pub use theme::{Theme, themed};
