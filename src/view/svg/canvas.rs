//! A sheet to draw on: shapes and text by class, never by colour; the colours stand in one style sheet.

use super::super::{Ink, Look};
use std::fmt::Write;

/// Pixels that one cell of text takes at the size of [`STYLE`]; a Chinese character takes two cells.
pub const CELL: f64 = 7.3;
/// Pixels from one line of text to the next.
pub const LINE: f64 = 17.0;

/// Where a drawing stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// In a file of its own: it brings its style sheet, light, dark and for print.
    Alone,
    /// In a page, whose style sheet is [`STYLE`] too.
    InPage,
}

/// The style sheet of every drawing. Meaning never hangs on colour alone: each class has its words or its shape too.
pub const STYLE: &str = include_str!("style.css");

/// The class that gives a piece of text or a line its colour.
pub fn class(ink: Ink) -> &'static str {
    match ink {
        Ink::Plain => "plain",
        Ink::Heading => "heading",
        Ink::Dim => "dim",
        Ink::Syn => "syn",
        Ink::Data => "data",
        Ink::Ack => "ack",
        Ink::Fin => "fin",
        Ink::Rst => "rst",
        Ink::Lost => "lost",
        Ink::Control => "control",
        Ink::State => "state",
        Ink::Call => "call",
        Ink::Error => "error",
        Ink::Good => "good",
        Ink::Bad => "bad",
        Ink::Warn => "warn",
    }
}

/// `text` for use inside an element or an attribute.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // XML 1.0 knows no other control characters.
            character if character.is_control() => safe.push(' '),
            character => safe.push(character),
        }
    }
    safe
}

/// Which end of a text its place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A drawing being written.
pub struct Canvas {
    body: String,
    open: usize,
}

impl Canvas {
    /// An empty sheet.
    pub fn new() -> Canvas {
        Canvas { body: String::new(), open: 0 }
    }

    /// Begins a group; `attributes` are written as they are.
    pub fn group(&mut self, class: &str, attributes: &[(&str, String)]) -> &mut Canvas {
        let _ = write!(self.body, "<g class=\"{class}\"");
        for (name, value) in attributes {
            let _ = write!(self.body, " {name}=\"{}\"", escaped(value));
        }
        self.body.push('>');
        self.open += 1;
        self
    }

    /// Ends the group begun last.
    pub fn end(&mut self) -> &mut Canvas {
        debug_assert!(self.open > 0, "no group is open");
        self.open -= 1;
        self.body.push_str("</g>\n");
        self
    }

    /// What a group is, told by a pointer resting on it and to a screen reader.
    pub fn title(&mut self, text: &str) -> &mut Canvas {
        let _ = write!(self.body, "<title>{}</title>", escaped(text));
        self
    }

    /// A line.
    pub fn line(&mut self, class: &str, [x1, y1]: [f64; 2], [x2, y2]: [f64; 2]) -> &mut Canvas {
        let _ = write!(
            self.body,
            "<line class=\"{class}\" x1=\"{}\" y1=\"{}\" x2=\"{}\" y2=\"{}\"/>",
            short(x1),
            short(y1),
            short(x2),
            short(y2)
        );
        self
    }

    /// A rectangle by its upper left corner and its size; `radius` rounds its corners.
    pub fn rect(
        &mut self,
        class: &str,
        [x, y]: [f64; 2],
        [width, height]: [f64; 2],
        radius: f64,
    ) -> &mut Canvas {
        let _ = write!(
            self.body,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\"/>",
            short(x),
            short(y),
            short(width),
            short(height),
            short(radius)
        );
        self
    }

    /// A circle by its middle.
    pub fn circle(&mut self, class: &str, [x, y]: [f64; 2], radius: f64) -> &mut Canvas {
        let (x, y, r) = (short(x), short(y), short(radius));
        let _ = write!(self.body, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>");
        self
    }

    /// A line through several points, or the shape they enclose.
    pub fn path(&mut self, class: &str, points: &[[f64; 2]], closed: bool) -> &mut Canvas {
        self.paths(class, &[points], closed)
    }

    /// Several such lines as one: thousands of small ones would make a large file.
    pub fn paths(&mut self, class: &str, lines: &[impl AsRef<[[f64; 2]]>], closed: bool) -> &mut Canvas {
        let _ = write!(self.body, "<path class=\"{class}\" d=\"");
        for line in lines {
            let mut before: Option<[f64; 2]> = None;
            for [x, y] in line.as_ref().iter().map(|[x, y]| [short(*x), short(*y)]) {
                let _ = match before {
                    None => write!(self.body, "M{x} {y}"),
                    Some([_, same]) if same == y => write!(self.body, "H{x}"),
                    Some([same, _]) if same == x => write!(self.body, "V{y}"),
                    Some(_) => write!(self.body, "L{x} {y}"),
                };
                before = Some([x, y]);
            }
            if closed {
                self.body.push('Z');
            }
        }
        self.body.push_str("\"/>");
        self
    }

    /// A line of text; the place is on its base line.
    pub fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) -> &mut Canvas {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => " text-anchor=\"middle\"",
            Anchor::End => " text-anchor=\"end\"",
        };
        let (x, y) = (short(x), short(y));
        let _ =
            write!(self.body, "<text class=\"{class}\" x=\"{x}\" y=\"{y}\"{anchor}>{}</text>", escaped(text));
        self
    }

    /// Text on a screen of cells: as wide as its cells are, whatever the font makes of it.
    pub fn cells(&mut self, class: &str, [x, y]: [f64; 2], text: &str, width: f64) -> &mut Canvas {
        let (x, y, width, text) = (short(x), short(y), short(width), escaped(text));
        let _ = write!(
            self.body,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" textLength=\"{width}\">{text}</text>"
        );
        self
    }

    /// Everything of another sheet, on top.
    pub fn append(&mut self, other: Canvas) -> &mut Canvas {
        self.body.push_str(&other.body);
        self.open += other.open;
        self
    }

    /// The whole document. `kind` becomes a class; title and description are for whoever cannot see it.
    pub fn document(
        self,
        kind: &str,
        [width, height]: [f64; 2],
        [title, description]: [&str; 2],
        look: &Look,
        standing: Standing,
    ) -> String {
        debug_assert_eq!(self.open, 0, "every group is ended");
        let (width, height) = (width.ceil(), height.ceil());
        let lang = look.lang.pick("en", "zh-CN");
        let (title, description) = (escaped(title), escaped(description));
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"ww {kind}\" lang=\"{lang}\" role=\"img\" \
             viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n<title>{title}</title>\n<desc>{description}</desc>\n"
        );
        if standing == Standing::Alone {
            let _ = writeln!(text, "<style>\n{STYLE}</style>");
            let _ = writeln!(text, "<rect class=\"sheet\" width=\"{width}\" height=\"{height}\"/>");
        }
        text.push_str(&self.body);
        text.push_str("</svg>\n");
        text
    }
}

/// A length with at most one decimal: files stay small, and nobody sees a tenth of a pixel.
fn short(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}
