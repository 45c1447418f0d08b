//! The layers while they are being read.

use super::{Field, Layer};
use crate::lang::Text;
use crate::wire::ParseError;
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

    /// Notes what is wrong with the layer begun last.
    pub fn flaw(&mut self, flaw: ParseError) {
        if let Some(layer) = self.layers.last_mut() {
            layer.flaw = Some(flaw);
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

/// Octets in hexadecimal, without spaces.
pub(super) fn hex(octets: &[u8]) -> String {
    octets.iter().fold(String::with_capacity(octets.len() * 2), |mut text, octet| {
        let _ = write!(text, "{octet:02x}");
        text
    })
}
