//! The mouse: the wheel walks, a click on a row goes there, a click on a tab opens its pane.

use super::app::App;
use super::draw;
use super::mode::Mode;
use super::panes::Pane;
use ratatui::crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::{Position, Rect};

impl App {
    pub(super) fn mouse(&mut self, mouse: MouseEvent) {
        if self.mode != Mode::Walking {
            return;
        }
        let layout = self.layout();
        let at = Position::new(mouse.column, mouse.row);
        let over = |rect: Rect| rect.contains(at);
        match mouse.kind {
            MouseEventKind::ScrollDown if over(layout.pane) => self.down(1),
            MouseEventKind::ScrollUp if over(layout.pane) => self.up(1),
            MouseEventKind::ScrollDown => {
                self.message = None;
                self.forward();
            }
            MouseEventKind::ScrollUp => {
                self.message = None;
                self.back();
            }
            MouseEventKind::Down(MouseButton::Left) if over(layout.tabs) => {
                let tabs = draw::tabs(self).1;
                let hit =
                    tabs.iter().position(|(from, to)| (*from..*to).contains(&usize::from(mouse.column)));
                if let Some(pane) = hit.and_then(|tab| Pane::ALL.get(tab)) {
                    self.choose(*pane);
                }
            }
            MouseEventKind::Down(MouseButton::Left) if over(layout.diagram) => {
                let row = usize::from(mouse.row - layout.diagram.top());
                if let Some(step) = draw::step_of_row(self, row) {
                    self.message = None;
                    self.turn(step);
                }
            }
            _ => {}
        }
    }
}
