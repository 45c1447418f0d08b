//! The screen as a picture, for documents: what a terminal would show now, cell for cell.

use super::app::App;
use super::draw::draw;
use crate::view::svg;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};

/// The screen as SVG; `description` is for whoever cannot see it.
pub fn picture(app: &App, description: &str) -> String {
    let (width, height) = app.size;
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(drawn) = terminal.draw(|frame| draw(app, frame));
    let runs = runs(drawn.buffer, &app.look);
    let title = app.walk().trace().meta.title.get(app.look.lang);
    svg::screen((width.into(), height.into()), &runs, [title, description], &app.look)
}

/// Cells that look alike, put together; characters two cells wide apart from the others, as fonts differ about them.
fn runs(buffer: &Buffer, look: &crate::view::Look) -> Vec<svg::Run> {
    let mut runs: Vec<svg::Run> = Vec::new();
    let area = buffer.area;
    for y in area.top()..area.bottom() {
        let mut wide_before = false;
        let mut x = area.left();
        while x < area.right() {
            let cell = &buffer[(x, y)];
            let columns = look.text_width(cell.symbol()).max(1);
            let place = (usize::from(y - area.top()), usize::from(x - area.left()));
            let (class, reversed) = (class(cell), cell.modifier.contains(Modifier::REVERSED));
            let wide = columns > 1;
            match runs.last_mut() {
                Some(run)
                    if run.place.0 == place.0
                        && run.class == class
                        && run.reversed == reversed
                        && wide == wide_before =>
                {
                    run.text.push_str(cell.symbol());
                    run.columns += columns;
                }
                _ => runs.push(svg::Run { place, columns, text: cell.symbol().to_owned(), class, reversed }),
            }
            wide_before = wide;
            x += columns as u16;
        }
    }
    runs
}

/// The classes of a drawing that come nearest to how a terminal shows the cell.
fn class(cell: &Cell) -> String {
    let color = match cell.fg {
        Color::Green | Color::LightGreen => "good",
        Color::Cyan | Color::LightCyan => "data",
        Color::Blue | Color::LightBlue => "ack",
        Color::Magenta | Color::LightMagenta => "fin",
        Color::Red | Color::LightRed => "bad",
        Color::Yellow | Color::LightYellow => "warn",
        Color::DarkGray => "dim",
        _ => "plain",
    };
    if cell.modifier.contains(Modifier::BOLD) { format!("{color} heading") } else { color.to_owned() }
}
