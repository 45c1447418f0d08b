//! A walk on a whole screen: the diagram that grows step by step, panes beneath it, keys and mouse.
//!
//! [`App`] is a pure model: `update` takes what was typed, `draw` paints what is. Only `terminal.rs` touches a terminal.

mod app;
mod asking;
mod branching;
mod draw;
mod keys;
mod layout;
mod mode;
mod paint;
mod panes;
mod picture;
mod pointer;
mod scene;
mod search;
mod shown;
mod signals;
mod terminal;
mod typing;
mod why;

pub use app::{App, Effect, Event};
pub use draw::draw;
pub use keys::table as keys;
pub use picture::picture;
pub use terminal::walk;
