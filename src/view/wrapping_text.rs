//! The wrappings of a frame drawn as text: OSI's seven layers and the Internet's beside them, a bar for each header; and its
//! octets, each with the number of the layer it belongs to.

use super::wrapping::{FCS, GAP, LAYERS, PREAMBLE, Wrap, Wrapping};
use super::{Ink, Line, Look};
use crate::wire::Layer;

/// Where the Internet's layers stand, and where the bars begin.
const INTERNET: usize = 18;
const BARS: usize = 31;
/// Cells for the size at the right, with its unit.
const SIZE: usize = 14;
/// Octets in a row of the dump, and rows at most.
const ROW: usize = 16;
const MOST_ROWS: usize = 8;

/// The colour of what belongs to that OSI layer.
pub fn ink_of(osi: u8) -> Ink {
    match osi {
        7 => Ink::Data,
        4 => Ink::Syn,
        3 => Ink::Ack,
        2 => Ink::Control,
        _ => Ink::Plain,
    }
}

/// Which OSI layer the octet belongs to.
pub fn osi_of(layers: &[Layer], octet: usize) -> u8 {
    let holds = |layer: &&Layer| (layer.start..layer.end).contains(&octet);
    layers.iter().rev().find(holds).map_or(2, |layer| layer.osi)
}

/// The table of layers, from the application down to the wire.
pub fn table(wrapping: &Wrapping, octets: &[u8], look: &Look) -> Vec<Line> {
    let lang = look.lang;
    let mut head = Line::new();
    head.to(2).push(look, Ink::Dim, "OSI").to(INTERNET).push(look, Ink::Dim, "TCP/IP").to(BARS);
    let ways = lang.pick("↓ wrapped up   ↑ unwrapped", "↓ 发送时逐层封装 ↑ 接收时逐层解封");
    head.push_until(look, Ink::Dim, ways, look.width - SIZE);
    head.push_right(look, Ink::Dim, lang.pick("octets", "字节"), look.width);
    let bars = Bars::new(wrapping, octets, look);
    let mut lines = vec![head];
    for (osi, name, internet) in LAYERS {
        let mut line = Line::new();
        let [name, internet] = [name, internet].map(|[en, zh]| lang.pick(en, zh));
        line.to(2).push(look, Ink::Plain, &format!("{osi} {name}")).to(INTERNET);
        line.push(look, Ink::Plain, internet);
        let size = match osi {
            1 => {
                wire(&mut line, wrapping, look);
                Some(wrapping.on_the_wire())
            }
            7 => {
                bars.data(&mut line);
                (!wrapping.data.is_empty()).then_some(wrapping.data.len())
            }
            5 | 6 => {
                let none = lang.pick("no header here", "此处没有首部");
                line.to(BARS).push(look, Ink::Dim, none);
                None
            }
            _ => {
                bars.headers(&mut line, osi);
                wrapping.octets(osi)
            }
        };
        if let Some(size) = size {
            let words = format!("{} {size}", wrapping.unit(osi, lang));
            line.push_right(look, Ink::Heading, &words, look.width);
        }
        lines.push(line);
    }
    lines
}

/// What the wire adds.
fn wire(line: &mut Line, wrapping: &Wrapping, look: &Look) {
    let lang = look.lang;
    let (frame, filled) = (wrapping.frame, wrapping.filled());
    let padding = match filled {
        0 => String::new(),
        _ => lang.pick(format!(" + padding {filled}"), format!(" + 填充 {filled}")),
    };
    let words = lang.pick(
        format!("preamble {PREAMBLE} + {frame}{padding} + FCS {FCS} + gap {GAP}"),
        format!("前导码 {PREAMBLE} + {frame}{padding} + FCS {FCS} + 间隔 {GAP}"),
    );
    line.to(INTERNET + 2).push_until(look, Ink::Dim, &words, look.width - 9);
}

/// How much a bar says of a header.
#[derive(Clone, Copy)]
enum Words {
    /// `Ethernet 14`.
    Whole,
    /// `Eth 14`.
    Short,
    /// The same, and what they carry as a number.
    Counted,
    /// `14`.
    Bare,
}

struct Bars<'a> {
    wrapping: &'a Wrapping,
    look: &'a Look,
    words: Words,
    /// What the innermost bar says.
    inmost: String,
    padding: String,
}

impl<'a> Bars<'a> {
    /// With as many words as there is room for.
    fn new(wrapping: &'a Wrapping, octets: &[u8], look: &'a Look) -> Bars<'a> {
        let lang = look.lang;
        let octets = octets.get(wrapping.data.clone()).unwrap_or_default();
        let content = wrapping.content.as_ref().map_or("", |name| name.get(lang));
        let plain = wrapping.content.as_ref().is_none_or(|name| name.en == "Data");
        let inmost = match (std::str::from_utf8(octets), plain) {
            _ if octets.is_empty() => lang.pick("nothing", "无").to_owned(),
            (_, false) => content.to_owned(),
            (Ok(text), true) if text.chars().count() <= 9 && !text.contains(char::is_control) => {
                format!("\"{text}\"")
            }
            _ => octets.len().to_string(),
        };
        let padding = match wrapping.padding {
            0 => String::new(),
            padding => lang.pick(format!("padding {padding}"), format!("填充 {padding}")),
        };
        let mut bars = Bars { wrapping, look, words: Words::Whole, inmost, padding };
        for words in [Words::Whole, Words::Short, Words::Counted, Words::Bare] {
            bars.words = words;
            if matches!(words, Words::Counted) {
                bars.inmost = wrapping.data.len().to_string();
                bars.padding = bars.padding.replacen("padding", "pad", 1).replacen("填充", "填", 1);
            }
            if bars.end() <= look.width - SIZE {
                break;
            }
        }
        bars
    }

    fn word(&self, wrap: &Wrap) -> String {
        let (name, octets) = (wrap.name.get(self.look.lang), wrap.header.len());
        let short = match wrap.name.en.as_str() {
            "Ethernet" => "Eth",
            _ => name,
        };
        match self.words {
            Words::Whole => format!("{name} {octets}"),
            Words::Short | Words::Counted => format!("{short} {octets}"),
            Words::Bare => octets.to_string(),
        }
    }

    /// Cells of a bar with these words, the line before it included.
    fn cells(&self, words: &str) -> usize {
        self.look.text_width("│") + self.look.text_width(words)
    }

    /// Where the innermost bar begins.
    fn inmost_at(&self) -> usize {
        BARS + self.wrapping.wraps.iter().map(|wrap| self.cells(&self.word(wrap))).sum::<usize>()
    }

    /// Where the innermost bar ends; behind it comes the padding.
    fn inmost_end(&self) -> usize {
        let least = if matches!(self.words, Words::Counted) { 6 } else { 8 };
        let room = if self.is_bare() { 0 } else { self.cells(&self.inmost).max(least) };
        self.inmost_at() + room
    }

    /// Whether nothing is in the innermost header that could be: it speaks for itself.
    fn is_bare(&self) -> bool {
        self.wrapping.data.is_empty() && self.wrapping.at(4).next().is_none()
    }

    /// Where the outermost bar ends.
    fn end(&self) -> usize {
        let padding = if self.padding.is_empty() { 0 } else { self.cells(&self.padding) };
        self.inmost_end() + padding + self.look.text_width("│")
    }

    fn border(&self, line: &mut Line, at: usize) {
        line.to(at).push(self.look, Ink::Dim, "│");
    }

    fn middle(&self, line: &mut Line, end: usize, ink: Ink, words: &str) {
        let room = end.saturating_sub(line.width());
        let words = self.look.fit(words, room);
        let indent = (room - self.look.text_width(&words).min(room)) / 2;
        line.to(line.width() + indent).push(self.look, ink, &words);
    }

    /// The bar of what the program sent.
    fn data(&self, line: &mut Line) {
        if self.is_bare() {
            line.to(BARS).push(self.look, Ink::Dim, self.look.lang.pick("not involved", "不涉及"));
            return;
        }
        self.border(line, self.inmost_at());
        self.middle(line, self.inmost_end(), ink_of(7), &self.inmost);
        self.border(line, self.inmost_end());
    }

    /// The bars of a layer: its headers, what they carry, at the lowest the padding.
    fn headers(&self, line: &mut Line, osi: u8) {
        if self.wrapping.at(osi).next().is_none() {
            let words = match self.wrapping.content {
                // What is in a fragment only shows when it is whole again.
                Some(_) if osi == 4 && !self.wrapping.is_message() => {
                    self.look.lang.pick("not to be read here", "此处无法解读")
                }
                _ => self.look.lang.pick("not involved", "不涉及"),
            };
            line.to(BARS).push(self.look, Ink::Dim, words);
            return;
        }
        let mut at = BARS;
        for wrap in &self.wrapping.wraps {
            let words = self.word(wrap);
            if wrap.osi == osi {
                self.border(line, at);
                line.push(self.look, ink_of(osi), &words);
            }
            at += self.cells(&words);
            if wrap.osi > osi {
                at -= self.cells(&words);
                break;
            }
        }
        self.border(line, at);
        if at < self.inmost_end() {
            let inside = self.wrapping.inside(osi).unwrap_or(0);
            self.middle(line, self.inmost_end(), Ink::Plain, &inside.to_string());
            self.border(line, self.inmost_end());
        }
        if osi == 2 && !self.padding.is_empty() {
            line.push(self.look, ink_of(2), &self.padding).push(self.look, Ink::Dim, "│");
        }
    }
}

/// The octets in rows, behind each row the number of the OSI layer that each belongs to.
pub fn dump(layers: &[Layer], octets: &[u8], look: &Look) -> Vec<Line> {
    let mut lines = Vec::new();
    for (row, chunk) in octets.chunks(ROW).enumerate().take(MOST_ROWS) {
        let mut line = Line::new();
        line.to(2).push(look, Ink::Dim, &format!("{:02x}", row * ROW)).to(4);
        let mut marks: Vec<(u8, String)> = Vec::new();
        for (at, octet) in chunk.iter().enumerate() {
            let osi = osi_of(layers, row * ROW + at);
            let gap = if at == ROW / 2 { "  " } else { " " };
            line.push(look, ink_of(osi), &format!("{gap}{octet:02x}"));
            match marks.last_mut().filter(|(last, _)| *last == osi) {
                Some((_, digits)) => digits.push_str(&osi.to_string()),
                None => marks.push((osi, osi.to_string())),
            }
        }
        line.to(4 + ROW * 3 + 3);
        for (osi, digits) in marks {
            line.push(look, ink_of(osi), &digits);
        }
        lines.push(line);
    }
    let rest = octets.len().saturating_sub(ROW * MOST_ROWS);
    if rest > 0 {
        let words = look.lang.pick(format!("… and {rest} more octets"), format!("… 此外还有 {rest} 字节"));
        let mut line = Line::new();
        line.to(5).push(look, Ink::Dim, &words);
        lines.push(line);
    }
    lines
}
