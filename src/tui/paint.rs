//! Lines put into cells. What is two cells wide takes two cells, or is left out where only one is free: nothing ever
//! reaches beyond its place, and no half of a character remains.

use crate::view::{Ink, Line, Look};
use colored::Color as Named;
use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};
use unicode_width::UnicodeWidthChar;

/// Puts a line into the row `y` of `area`, from its left edge, cut at its right edge.
pub fn line(buffer: &mut Buffer, area: Rect, y: u16, line: &Line, look: &Look) {
    styled(buffer, area, y, line, look, Modifier::empty());
}

/// The same, with something added to every cell's style.
pub fn styled(buffer: &mut Buffer, area: Rect, y: u16, line: &Line, look: &Look, added: Modifier) {
    let area = area.intersection(buffer.area);
    if y < area.top() || y >= area.bottom() {
        return;
    }
    let mut x = area.left();
    for (ink, text) in line.pieces() {
        let style = style(ink, look).add_modifier(added);
        for character in text.chars() {
            let character = if character == '\u{a0}' { ' ' } else { character };
            let width = look.char_width(character) as u16;
            if width == 0 {
                continue;
            }
            if x + width > area.right() {
                return;
            }
            put(buffer, x, y, character, width, style);
            x += width;
        }
    }
}

/// Puts one character of that many cells.
fn put(buffer: &mut Buffer, x: u16, y: u16, character: char, width: u16, style: Style) {
    let mut octets = [0; 4];
    buffer[(x, y)].set_symbol(character.encode_utf8(&mut octets)).set_style(style);
    for beside in x + 1..x + width {
        let cell = &mut buffer[(beside, y)];
        cell.reset();
        cell.set_style(style);
        // The terminal draws this character wider than Unicode has it: what lies under its second half is not ours.
        if character.width() == Some(1) {
            cell.set_diff_option(CellDiffOption::Skip);
        }
    }
}

/// The colour of the ink; without colours only weight is left, and the words.
pub fn style(ink: Ink, look: &Look) -> Style {
    let (named, bold) = ink.color();
    let mut style = Style::new();
    if look.color
        && let Some(named) = named
    {
        style = style.fg(color(named));
    }
    if bold {
        style = style.add_modifier(Modifier::BOLD);
    }
    style
}

/// One of the sixteen colours every terminal has.
fn color(named: Named) -> Color {
    match named {
        Named::Black => Color::Black,
        Named::Red => Color::Red,
        Named::Green => Color::Green,
        Named::Yellow => Color::Yellow,
        Named::Blue => Color::Blue,
        Named::Magenta => Color::Magenta,
        Named::Cyan => Color::Cyan,
        Named::White => Color::Gray,
        Named::BrightBlack => Color::DarkGray,
        Named::BrightRed => Color::LightRed,
        Named::BrightGreen => Color::LightGreen,
        Named::BrightYellow => Color::LightYellow,
        Named::BrightBlue => Color::LightBlue,
        Named::BrightMagenta => Color::LightMagenta,
        Named::BrightCyan => Color::LightCyan,
        Named::BrightWhite => Color::White,
        Named::AnsiColor(_) | Named::TrueColor { .. } => Color::Reset,
    }
}
