//! Domain names in messages (RFC 1035 sections 3.1 and 4.1.4).

use super::reading::Read;
use crate::lang::Text;

/// Most octets of a name, with the lengths (RFC 1035 section 2.3.4).
const LONGEST: usize = 255;

/// A name that was read.
pub(super) struct Name {
    /// As people write it.
    pub text: String,
    /// Octets it takes at its place: up to its end, or to its pointer.
    pub len: usize,
    /// Where its pointer leads to, if it has one.
    pub pointer: Option<usize>,
}

/// Reads the name at `at` of `message`. Pointers lead back, always further: there is no loop.
pub(super) fn read(message: &[u8], at: usize) -> Read<Name> {
    let mut text = String::new();
    let mut place = at;
    let mut before = at;
    let mut len = None;
    let mut pointer = None;
    let mut octets = 0;
    loop {
        let length = usize::from(*message.get(place).ok_or_else(cut)?);
        match length {
            0 => {
                let len = len.unwrap_or_else(|| place + 1 - at);
                return Ok(Name { text: if text.is_empty() { ".".to_owned() } else { text }, len, pointer });
            }
            1..=63 => {
                let label = message.get(place + 1..place + 1 + length).ok_or_else(cut)?;
                octets += length + 1;
                if octets > LONGEST {
                    return Err(Text::new(
                        "a name in it is longer than 255 octets",
                        "其中有域名超过 255 字节",
                    ));
                }
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(&label.escape_ascii().to_string());
                place += 1 + length;
            }
            192..=255 => {
                let low = usize::from(*message.get(place + 1).ok_or_else(cut)?);
                let to = (length & 0x3f) << 8 | low;
                len.get_or_insert(place + 2 - at);
                pointer.get_or_insert(to);
                if to >= before {
                    return Err(Text::new(
                        "a pointer in a name does not lead back",
                        "其中域名的指针没有指向前面",
                    ));
                }
                before = to;
                place = to;
            }
            _ => {
                return Err(Text::new(
                    "a label begins with neither 00 nor 11",
                    "其中有标号的最高两位不是 00 也不是 11",
                ));
            }
        }
    }
}

fn cut() -> Text {
    Text::new("a name in it has no end", "其中有域名没有结束")
}
