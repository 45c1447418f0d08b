//! The layers while they are being read.

use super::application::Found;
use super::{Field, Layer};
use crate::lang::Text;
use crate::wire::{Checksum, Flaw, Header, ParseError};
use std::fmt::Write;
use std::ops::Range;

/// A place in the two models of layers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Link,
    Internet,
    Transport,
    Application,
}

impl Level {
    fn osi(self) -> (u8, Text) {
        match self {
            Level::Link => (2, Text::new("data link", "数据链路层")),
            Level::Internet => (3, Text::new("network", "网络层")),
            Level::Transport => (4, Text::new("transport", "运输层")),
            Level::Application => (7, Text::new("application", "应用层")),
        }
    }

    fn tcpip(self) -> Text {
        match self {
            Level::Link => Text::new("link", "网络接口层"),
            Level::Internet => Text::new("internet", "网际层"),
            Level::Transport => Text::new("transport", "运输层"),
            Level::Application => Text::new("application", "应用层"),
        }
    }
}

/// What a checksum field is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sum {
    /// It is right.
    Right(u16),
    /// It is not what the octets give.
    Wrong { found: u16, expected: u16 },
    /// It holds the sum of the pseudo-header alone: the kernel left the rest to a card that never saw the frame.
    Unfinished { found: u16, expected: u16 },
    /// The sender made none.
    Absent,
}

impl Sum {
    /// Judges the field that holds `found`, given the `sum` over all octets with the field among them.
    pub fn of(sum: Checksum, found: u16) -> Sum {
        if sum.sum() == 0xffff {
            Sum::Right(found)
        } else {
            Sum::Wrong { found, expected: sum.without(found).finish() }
        }
    }

    /// The same for a checksum that also covers a pseudo-header.
    pub fn with_pseudo_header(pseudo: Checksum, octets: &[u8], found: u16) -> Sum {
        match Sum::of(pseudo.over(octets), found) {
            Sum::Wrong { found, expected } if found == pseudo.sum() => Sum::Unfinished { found, expected },
            sum => sum,
        }
    }
}

/// Layers read so far, and the frame they are read from.
pub(super) struct Draft<'a> {
    pub frame: &'a [u8],
    layers: Vec<Layer>,
}

impl<'a> Draft<'a> {
    pub fn new(frame: &'a [u8]) -> Draft<'a> {
        Draft { frame, layers: Vec::new() }
    }

    pub fn finish(self) -> Vec<Layer> {
        self.layers
    }

    /// Begins a layer that reaches from `start` to `end`, cut at the frame's end.
    pub fn layer(&mut self, name: Text, level: Level, start: usize, end: usize) {
        let (osi, osi_name) = level.osi();
        let end = end.min(self.frame.len());
        let start = start.min(end);
        let tcpip = level.tcpip();
        self.layers.push(Layer { name, osi, osi_name, tcpip, start, end, fields: Vec::new(), flaw: None });
    }

    /// Notes what is wrong with the layer begun last; of several flaws, the first noted stays.
    pub fn flaw(&mut self, flaw: ParseError) {
        if let Some(layer) = self.layers.last_mut() {
            layer.flaw.get_or_insert(flaw);
        }
    }

    /// Adds a field of whole octets to the layer begun last.
    pub fn field(
        &mut self,
        key: &'static str,
        name: Text,
        bytes: Range<usize>,
        value: impl ToString,
        meaning: Text,
        cite: &'static str,
    ) {
        self.push(Field {
            key,
            name,
            bytes,
            bits: None,
            raw: String::new(),
            value: value.to_string(),
            meaning,
            cite,
        });
    }

    /// Adds a field of some bits of the octets at `bytes`.
    pub fn bits(
        &mut self,
        key: &'static str,
        name: Text,
        (bytes, bits): (Range<usize>, Range<u8>),
        value: impl ToString,
        meaning: Text,
        cite: &'static str,
    ) {
        let bits = Some(bits);
        self.push(Field {
            key,
            name,
            bytes,
            bits,
            raw: String::new(),
            value: value.to_string(),
            meaning,
            cite,
        });
    }

    /// Adds a checksum field, and a flaw if it is wrong.
    pub fn checksum(
        &mut self,
        key: &'static str,
        name: Text,
        header: Header,
        at: usize,
        sum: Sum,
        cite: &'static str,
    ) {
        let (value, meaning) = match sum {
            Sum::Right(found) => (found, Text::new("right", "正确")),
            Sum::Absent => (0, Text::new("the sender made none", "发送方未计算检验和")),
            Sum::Wrong { found, expected } => {
                self.flaw(ParseError { header, at, flaw: Flaw::Checksum { found, expected } });
                let wrong = Text::new(
                    format!("wrong: the octets give 0x{expected:04x}"),
                    format!("错误：按内容计算应为 0x{expected:04x}"),
                );
                (found, wrong)
            }
            Sum::Unfinished { found, expected } => (
                found,
                Text::new(
                    format!("unfinished: left to a card that never saw it; would be 0x{expected:04x}"),
                    format!("未完成：留给网卡计算，但未经过网卡；应为 0x{expected:04x}"),
                ),
            ),
        };
        self.field(key, name, at..at + 2, format!("0x{value:04x}"), meaning, cite);
    }

    /// Adds a layer of data from `start` to `end`, if there is any.
    pub fn data(&mut self, start: usize, end: usize, note: Option<Text>) {
        let end = end.min(self.frame.len());
        if start >= end {
            return;
        }
        self.layer(Text::new("Data", "数据"), Level::Application, start, end);
        let meaning = note.unwrap_or_else(|| Text::new("what the program sent", "应用进程发送的内容"));
        let value = readable(self.octets(start..end));
        self.field("data", Text::new("data", "数据"), start..end, value, meaning, "");
    }

    /// Adds a layer of an application's message, with the fields found in it.
    pub fn application(&mut self, name: &str, start: usize, end: usize, found: Vec<Found>) {
        self.layer(Text::new(name, name), Level::Application, start, end);
        for Found { key, name, place, bits, value, meaning, cite } in found {
            self.push(Field { key, name, bytes: place, bits, raw: String::new(), value, meaning, cite });
        }
    }

    /// Adds the zeros (or whatever they are) that fill the frame up from `start`.
    pub fn padding(&mut self, start: usize) {
        let end = self.frame.len();
        if start >= end {
            return;
        }
        self.layer(Text::new("Padding", "填充"), Level::Link, start, end);
        let n = end - start;
        let meaning = Text::new(
            "fills the frame to 60 octets, the least Ethernet carries",
            "把帧补足到以太网的最短长度 60 字节",
        );
        self.field("eth.padding", Text::new("padding", "填充"), start..end, n, meaning, "RFC 894");
    }

    fn push(&mut self, mut field: Field) {
        field.raw = hex(self.octets(field.bytes.clone()));
        if let Some(layer) = self.layers.last_mut() {
            layer.fields.push(field);
        }
    }

    /// The octets at that place, as far as they are there.
    pub fn octets(&self, place: Range<usize>) -> &'a [u8] {
        let end = place.end.min(self.frame.len());
        self.frame.get(place.start.min(end)..end).unwrap_or_default()
    }

    /// The octet at that place; 0 beyond the end.
    pub fn u8(&self, at: usize) -> u8 {
        self.frame.get(at).copied().unwrap_or_default()
    }

    /// The 16-bit word at that place.
    pub fn u16(&self, at: usize) -> u16 {
        u16::from_be_bytes([self.u8(at), self.u8(at + 1)])
    }

    /// The 32-bit word at that place.
    pub fn u32(&self, at: usize) -> u32 {
        u32::from(self.u16(at)) << 16 | u32::from(self.u16(at + 2))
    }
}

/// The beginning of some data as text; what cannot be printed is shown escaped.
pub(super) fn readable(octets: &[u8]) -> String {
    const SHOWN: usize = 64;
    let mut text = String::new();
    for chunk in octets.get(..SHOWN).unwrap_or(octets).utf8_chunks() {
        text.extend(chunk.valid().chars().flat_map(|c| match c {
            '\'' | '"' => c.to_string().chars().collect::<Vec<_>>(),
            c if c.is_control() || c == '\\' => c.escape_default().collect(),
            c => vec![c],
        }));
        for octet in chunk.invalid() {
            let _ = write!(text, "\\x{octet:02x}");
        }
    }
    if octets.len() > SHOWN {
        text.push('…');
    }
    text
}

/// Octets in hexadecimal, without spaces.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
