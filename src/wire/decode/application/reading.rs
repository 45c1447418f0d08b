//! A message being read: a place in its octets, and the fields found so far.

use crate::lang::Text;
use std::ops::Range;

/// Whether the octets can be read so; if not, why: "…, but {why}".
pub(super) type Read<T = ()> = Result<T, Text>;

/// A field that was found. Places count from the frame's first octet.
#[derive(Clone, Debug)]
pub(in crate::wire::decode) struct Found {
    pub key: &'static str,
    pub name: Text,
    pub place: Range<usize>,
    pub bits: Option<Range<u8>>,
    pub value: String,
    pub meaning: Text,
    pub cite: &'static str,
}

/// A message's octets, and where the reading is.
pub(super) struct Reading<'a> {
    octets: &'a [u8],
    /// Where the message begins in the frame.
    start: usize,
    /// The next octet.
    at: usize,
    found: Vec<Found>,
}

impl<'a> Reading<'a> {
    pub fn new(octets: &'a [u8], start: usize) -> Reading<'a> {
        Reading { octets, start, at: 0, found: Vec::new() }
    }
    pub fn into_found(self) -> Vec<Found> {
        self.found
    }
    /// The whole message.
    pub fn octets(&self) -> &'a [u8] {
        self.octets
    }
    /// Which octet comes next.
    pub fn at(&self) -> usize {
        self.at
    }
    /// What has not been read yet.
    pub fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }
    pub fn is_done(&self) -> bool {
        self.at >= self.octets.len()
    }

    /// The next `len` octets, which are passed.
    pub fn take(&mut self, len: usize) -> Read<&'a [u8]> {
        let taken = self.rest().get(..len).ok_or_else(|| short(self.octets.len()))?;
        self.at += len;
        Ok(taken)
    }
    pub fn u8(&mut self) -> Read<u8> {
        self.take(1).map(|octets| octets[0])
    }
    pub fn u16(&mut self) -> Read<u16> {
        self.take(2).map(|octets| u16::from_be_bytes([octets[0], octets[1]]))
    }
    pub fn u32(&mut self) -> Read<u32> {
        self.take(4).map(|octets| octets.iter().fold(0, |value, octet| value << 8 | u32::from(*octet)))
    }
    /// A field of the last `len` octets read.
    pub fn field(
        &mut self,
        key: &'static str,
        name: Text,
        len: usize,
        value: impl ToString,
        meaning: Text,
        cite: &'static str,
    ) {
        let end = self.start + self.at;
        let place = end - len.min(self.at)..end;
        self.found.push(Found { key, name, place, bits: None, value: value.to_string(), meaning, cite });
    }

    /// A field of some bits of the last two octets read.
    pub fn bits(
        &mut self,
        key: &'static str,
        name: Text,
        bits: Range<u8>,
        value: impl ToString,
        meaning: Text,
        cite: &'static str,
    ) {
        let end = self.start + self.at;
        let place = end - 2.min(self.at)..end;
        let bits = Some(bits);
        self.found.push(Found { key, name, place, bits, value: value.to_string(), meaning, cite });
    }
}

/// The message ends before its fields do.
fn short(len: usize) -> Text {
    Text::new(
        format!("its {len} octets end before the message does"),
        format!("只有 {len} 个字节，报文还没有完"),
    )
}
