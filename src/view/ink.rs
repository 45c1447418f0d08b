//! Lines of coloured text, measured in cells. Colour says what a thing is; the words say it too.

use super::Look;
use colored::{Color, Colorize};

/// What a piece of text means; its colour follows from that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Ink {
    /// Ordinary text.
    #[default]
    Plain,
    /// A title.
    Heading,
    /// Times, lanes, rulers.
    Dim,
    /// A SYN or SYN-ACK.
    Syn,
    /// A segment with text, a datagram.
    Data,
    /// A bare acknowledgment.
    Ack,
    /// A FIN.
    Fin,
    /// A RST.
    Rst,
    /// Something lost or dropped.
    Lost,
    /// ARP and ICMP: the network's own talk.
    Control,
    /// A state.
    State,
    /// A call or its return.
    Call,
    /// An errno.
    Error,
    /// Held, same.
    Good,
    /// Did not hold, different.
    Bad,
    /// Explained, or worth a second look.
    Warn,
}

impl Ink {
    /// That of a packet with these flags (or of that protocol) and so many octets of data.
    pub fn of_packet(label: &str, len: u32) -> Ink {
        if label.contains('R') {
            Ink::Rst
        } else if label.contains('S') {
            Ink::Syn
        } else if label.contains('F') {
            Ink::Fin
        } else if len > 0 || label == "udp" {
            Ink::Data
        } else if label == "icmp" || label == "arp" {
            Ink::Control
        } else {
            Ink::Ack
        }
    }

    /// The terminal colour, and whether it is bold.
    pub const fn color(self) -> (Option<Color>, bool) {
        match self {
            Ink::Plain => (None, false),
            Ink::Heading => (None, true),
            Ink::Dim => (Some(Color::BrightBlack), false),
            Ink::Syn => (Some(Color::Green), false),
            Ink::Data => (Some(Color::Cyan), false),
            Ink::Ack => (Some(Color::Blue), false),
            Ink::Fin => (Some(Color::Magenta), false),
            Ink::Rst => (Some(Color::Red), true),
            Ink::Lost => (Some(Color::Red), false),
            Ink::Control => (Some(Color::Yellow), false),
            Ink::State => (None, true),
            Ink::Call => (Some(Color::Cyan), false),
            Ink::Error => (Some(Color::Red), false),
            Ink::Good => (Some(Color::Green), true),
            Ink::Bad => (Some(Color::Red), true),
            Ink::Warn => (Some(Color::Yellow), true),
        }
    }

    /// `text` in this colour, as escape codes.
    pub fn paint(self, text: &str) -> String {
        let (color, bold) = self.color();
        let mut painted = text.normal();
        if let Some(color) = color {
            painted = painted.color(color);
        }
        if bold {
            painted = painted.bold();
        }
        painted.to_string()
    }
}

/// One line being written from left to right.
#[derive(Clone, Debug, Default)]
pub struct Line {
    pieces: Vec<(Ink, String)>,
    width: usize,
}

impl Line {
    /// An empty line.
    pub fn new() -> Line {
        Line::default()
    }

    /// A line of one piece.
    pub fn of(look: &Look, ink: Ink, text: &str) -> Line {
        let mut line = Line::new();
        line.push(look, ink, text);
        line
    }

    /// Its pieces from left to right, for whoever draws them other than as a string.
    pub fn pieces(&self) -> impl Iterator<Item = (Ink, &str)> {
        self.pieces.iter().map(|(ink, text)| (*ink, text.as_str()))
    }

    /// Appends the pieces of another line.
    pub fn append(&mut self, other: &Line) -> &mut Line {
        self.pieces.extend(other.pieces.iter().cloned());
        self.width += other.width;
        self
    }

    /// Cells taken so far.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Appends `text` as it is.
    pub fn push(&mut self, look: &Look, ink: Ink, text: &str) -> &mut Line {
        let text = look.clean(text);
        self.width += look.text_width(&text);
        if !text.is_empty() {
            self.pieces.push((ink, text.into_owned()));
        }
        self
    }

    /// Appends as much of `text` as fits before the column `end`.
    pub fn push_until(&mut self, look: &Look, ink: Ink, text: &str, end: usize) -> &mut Line {
        let fitted = look.fit(text, end.saturating_sub(self.width));
        self.push(look, ink, &fitted)
    }

    /// Appends `text` so that it ends at the column `end`, cut if need be.
    pub fn push_right(&mut self, look: &Look, ink: Ink, text: &str, end: usize) -> &mut Line {
        let fitted = look.fit(text, end.saturating_sub(self.width));
        self.to(end - look.text_width(&fitted).min(end));
        self.push(look, ink, &fitted)
    }

    /// Fills with spaces up to the column.
    pub fn to(&mut self, column: usize) -> &mut Line {
        if column > self.width {
            self.pieces.push((Ink::Plain, " ".repeat(column - self.width)));
            self.width = column;
        }
        self
    }

    /// The line's text, without trailing spaces or the newline.
    pub fn text(&self, look: &Look) -> String {
        let mut end = self.pieces.len();
        while end > 0 && self.pieces[end - 1].1.trim_end().is_empty() {
            end -= 1;
        }
        let mut text = String::new();
        for (at, (ink, piece)) in self.pieces[..end].iter().enumerate() {
            let piece = if at + 1 == end { piece.trim_end() } else { piece };
            let piece = &piece.replace('\u{a0}', " ");
            if look.color && *ink != Ink::Plain {
                text.push_str(&ink.paint(piece));
            } else {
                text.push_str(piece);
            }
        }
        text
    }
}

/// Lines joined, each ended by a newline.
pub fn join(lines: &[Line], look: &Look) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&line.text(look));
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_cells_in_chinese_too() {
        let look = Look::default();
        let mut line = Line::new();
        line.push(&look, Ink::Plain, "服务器").to(10).push(&look, Ink::Dim, "|");
        assert_eq!(line.text(&look), "服务器    |");
        assert_eq!(line.width(), 11);
    }

    #[test]
    fn right_aligned_text_ends_at_its_column() {
        let look = Look::default();
        let mut line = Line::new();
        line.push(&look, Ink::Dim, "1.0").push_right(&look, Ink::State, "SYN-SENT", 20);
        assert_eq!(line.text(&look), "1.0         SYN-SENT");
    }

    #[test]
    fn without_colour_there_is_no_escape_code_and_with_it_the_same_words() {
        let plain = Look::default();
        let colored = Look { color: true, ..Look::default() };
        colored::control::set_override(true);
        let line = Line::of(&plain, Ink::Rst, "RST");
        assert_eq!(line.text(&plain), "RST");
        assert!(line.text(&colored).contains("\u{1b}[") && line.text(&colored).contains("RST"));
    }
}
