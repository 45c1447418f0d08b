//! Where everything stands on the screen.

use super::panes::Pane;
use crate::view::Look;
use ratatui::layout::Rect;

/// The parts of the screen, from top to bottom; a part without room has no height.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Title, step, branch.
    pub title: Rect,
    /// The names of the lanes and the rows of the diagram.
    pub diagram: Rect,
    /// What happens now, in one line.
    pub now: Rect,
    /// The names of the panes.
    pub tabs: Rect,
    /// The pane chosen.
    pub pane: Rect,
    /// What is typed, what was said, or the keys.
    pub last: Rect,
}

/// Below this width there is room for one pane at a time, the diagram being one of them.
const ONE: u16 = Look::NARROWEST as u16;
/// From this width on, the panes stand beside the diagram: each half is as wide as views need to be.
const BESIDE: u16 = 2 * 74 + 1;

impl Layout {
    /// For a screen of that size, with that pane; `whole` gives the pane the diagram's room too.
    pub fn of(width: u16, height: u16, pane: Pane, whole: bool) -> Layout {
        let mut top = 0;
        let mut left = height;
        let mut take = |wanted: u16| {
            let taken = wanted.min(left);
            let rect = Rect::new(0, top, width, taken);
            top += taken;
            left -= taken;
            rect
        };
        // The last line and the title are there first.
        let title = take(u16::from(height >= 4));
        let last = u16::from(height >= 2);
        let body = height - title.height - last;
        let none = Rect::new(0, title.bottom(), width, 0);
        if whole {
            let (diagram, now, tabs) = (none, none, none);
            let pane = take(body);
            return Layout { title, diagram, now, tabs, pane, last: take(last) };
        }
        let frame = if body >= 8 { 2 } else { u16::from(body >= 4) };
        let inner = body - frame;
        if width >= BESIDE && pane != Pane::Diagram {
            let now = take(u16::from(frame == 2));
            let tabs = take(u16::from(frame >= 1));
            let both = take(inner);
            let half = width / 2;
            let diagram = Rect { width: half, ..both };
            let pane = Rect { x: half + 1, width: width - half - 1, ..both };
            return Layout { title, diagram, now, tabs, pane, last: take(last) };
        }
        // Below each other, the diagram a little larger.
        let below = match pane {
            Pane::Diagram => 0,
            _ if width < ONE => inner,
            _ if inner < 4 => inner / 2,
            _ => inner / 2 - u16::from(inner.is_multiple_of(2) && inner > 8),
        };
        let diagram = take(inner - below);
        let now = take(u16::from(frame == 2));
        let tabs = take(u16::from(frame >= 1));
        let pane = take(below);
        Layout { title, diagram, now, tabs, pane, last: take(last) }
    }
}
