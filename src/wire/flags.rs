//! The eight TCP control flags (RFC 9293 section 3.1).

use std::fmt;
use std::ops::{BitOr, BitOrAssign};

/// A set of TCP control flags, as the header's octet 13.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Flags(pub u8);

impl Flags {
    /// No flag.
    pub const NONE: Flags = Flags(0);
    /// No more data from the sender.
    pub const FIN: Flags = Flags(0x01);
    /// Synchronize sequence numbers.
    pub const SYN: Flags = Flags(0x02);
    /// Reset the connection.
    pub const RST: Flags = Flags(0x04);
    /// Push function.
    pub const PSH: Flags = Flags(0x08);
    /// The acknowledgment field is significant.
    pub const ACK: Flags = Flags(0x10);
    /// The urgent pointer is significant.
    pub const URG: Flags = Flags(0x20);
    /// ECN echo (RFC 3168).
    pub const ECE: Flags = Flags(0x40);
    /// Congestion window reduced (RFC 3168).
    pub const CWR: Flags = Flags(0x80);

    /// Letters in display order with their flags.
    pub const LETTERS: [(char, Flags); 8] = [
        ('S', Flags::SYN),
        ('F', Flags::FIN),
        ('R', Flags::RST),
        ('P', Flags::PSH),
        ('U', Flags::URG),
        ('E', Flags::ECE),
        ('C', Flags::CWR),
        ('A', Flags::ACK),
    ];

    /// Whether every flag of `other` is set.
    pub const fn has(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }
    /// The flags of `self` without those of `other`.
    pub const fn without(self, other: Flags) -> Flags {
        Flags(self.0 & !other.0)
    }
    /// The flags spelled by letters as shown on screen (`SA`, `FA`, `PA`, `R`); `None` at an unknown or repeated letter.
    pub fn from_letters(text: &str) -> Option<Flags> {
        let mut flags = Flags::NONE;
        for letter in text.chars() {
            let (_, flag) = Flags::LETTERS.into_iter().find(|(known, _)| *known == letter)?;
            if flags.has(flag) {
                return None;
            }
            flags |= flag;
        }
        (flags != Flags::NONE).then_some(flags)
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}
impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}
/// Letters, most telling first: `S`, `SA`, `A`, `PA`, `FA`, `R`, `RA`; `-` for none.
impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters: String = Flags::LETTERS
            .into_iter()
            .filter(|(_, flag)| self.has(*flag))
            .map(|(letter, _)| letter)
            .collect();
        f.pad(if letters.is_empty() { "-" } else { &letters })
    }
}
