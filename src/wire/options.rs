//! TCP options as they lie on the wire (RFC 9293 section 3.1): up to 40 octets, kept exactly, read one by one.

use super::Seq;
use std::fmt;
use std::ops::Deref;

/// Octets that the options of one segment can fill: the data offset reaches 60, the fixed header takes 20.
pub const MAX_OPTIONS: usize = 40;

/// The experiment identifier of Fast Open within kind 254 (RFC 7413 section 4.1.1, RFC 6994).
const FAST_OPEN_MAGIC: [u8; 2] = [0xf9, 0x89];

/// The options of one segment, in wire order, NOPs included. Holds the octets themselves, so that whatever
/// arrives (unknown kinds, illegal lengths) is kept and shown as it was; nothing is allocated.
#[derive(Clone, Copy)]
pub struct TcpOptions {
    /// Octets in use; those beyond are zero.
    len: u8,
    octets: [u8; MAX_OPTIONS],
}

/// One TCP option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TcpOption {
    /// Kind 0: the list ends here; what follows is padding.
    EndOfList,
    /// Kind 1.
    Nop,
    /// Kind 2: largest segment the sender of this option takes, octets (RFC 9293 section 3.7.1).
    Mss(u16),
    /// Kind 3: shift count as on the wire; above 14 counts as 14 (RFC 7323 section 2.3).
    WindowScale(u8),
    /// Kind 4 (RFC 2018 section 2).
    SackPermitted,
    /// Kind 5: blocks (left edge, right edge), one to four (RFC 2018 section 3).
    Sack(SackBlocks),
    /// Kind 8: TSval and TSecr (RFC 7323 section 3).
    Timestamps {
        /// TSval.
        value: u32,
        /// TSecr.
        echo: u32,
    },
    /// Kind 28: how long the sender of this option leaves data unacknowledged (RFC 5482 section 3).
    UserTimeout {
        /// The G bit: the value is minutes, otherwise seconds.
        minutes: bool,
        /// Fifteen bits; 0 is to be ignored.
        value: u16,
    },
    /// Kind 34, and kind 254 with the magic number that was in use before it: a Fast Open cookie of 4 to 16 octets, an even
    /// number of them; empty it asks for one (RFC 7413 section 4.1.1).
    FastOpen {
        /// The cookie.
        cookie: OptionData,
        /// Kind 254 (RFC 6994).
        experimental: bool,
    },
    /// Any other kind, or a known one with a length it never has: to be skipped (RFC 9293 MUST-6).
    Unknown {
        /// Option kind.
        kind: u8,
        /// The octets after kind and length.
        data: OptionData,
    },
    /// A length below 2 or beyond the header's end (RFC 9293 MUST-7): nothing after it can be read, so it is the last.
    Malformed {
        /// Option kind.
        kind: u8,
        /// The illegal length; `None` if the header ends before it.
        length: Option<u8>,
    },
}

/// The blocks of a SACK option, at most four. Reads as a slice of (left edge, right edge).
#[derive(Clone, Copy, Default)]
pub struct SackBlocks {
    count: u8,
    blocks: [(Seq, Seq); 4],
}

/// The data octets of an option, at most 38. Reads as a slice.
#[derive(Clone, Copy)]
pub struct OptionData {
    len: u8,
    octets: [u8; MAX_OPTIONS - 2],
}

/// The options no longer fit in the header's 40 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("TCP options take at most 40 octets")]
pub struct NoRoom;

impl TcpOptions {
    /// No option.
    pub const fn new() -> TcpOptions {
        TcpOptions { len: 0, octets: [0; MAX_OPTIONS] }
    }

    /// The options that are these octets, as found in a header.
    ///
    /// # Errors
    /// More than 40 octets do not fit.
    pub fn from_octets(octets: &[u8]) -> Result<TcpOptions, NoRoom> {
        let mut options = TcpOptions::new();
        // Nearly all segments carry the timestamps and nothing else: a copy of known length is made at once.
        if let Ok(twelve) = <&[u8; 12]>::try_from(octets) {
            options.octets[..12].copy_from_slice(twelve);
            options.len = 12;
            return Ok(options);
        }
        options.octets.get_mut(..octets.len()).ok_or(NoRoom)?.copy_from_slice(octets);
        options.len = octets.len() as u8;
        Ok(options)
    }

    /// Appends `option`. A [`TcpOption::Malformed`] is written as kind and illegal length.
    ///
    /// # Errors
    /// Nothing is appended if it does not fit.
    pub fn push(&mut self, option: TcpOption) -> Result<(), NoRoom> {
        let before = usize::from(self.len);
        let written = self.write(option);
        if written.is_err() {
            self.octets[before..].fill(0);
            self.len = before as u8;
        }
        written
    }

    /// Appends as much of `option` as fits.
    fn write(&mut self, option: TcpOption) -> Result<(), NoRoom> {
        match option {
            TcpOption::EndOfList => self.append(&[0]),
            TcpOption::Nop => self.append(&[1]),
            TcpOption::Mss(mss) => {
                let [high, low] = mss.to_be_bytes();
                self.append(&[2, 4, high, low])
            }
            TcpOption::WindowScale(shift) => self.append(&[3, 3, shift]),
            TcpOption::SackPermitted => self.append(&[4, 2]),
            TcpOption::Sack(blocks) => {
                self.append(&[5, 2 + 8 * blocks.count])?;
                for (left, right) in blocks.iter() {
                    self.append(&left.0.to_be_bytes())?;
                    self.append(&right.0.to_be_bytes())?;
                }
                Ok(())
            }
            TcpOption::Timestamps { value, echo } => {
                self.append(&[8, 10])?;
                self.append(&value.to_be_bytes())?;
                self.append(&echo.to_be_bytes())
            }
            TcpOption::UserTimeout { minutes, value } => {
                let [high, low] = (value & 0x7fff | u16::from(minutes) << 15).to_be_bytes();
                self.append(&[28, 4, high, low])
            }
            TcpOption::FastOpen { cookie, experimental } => {
                let magic: &[u8] = if experimental { &FAST_OPEN_MAGIC } else { &[] };
                let kind = if experimental { 254 } else { 34 };
                self.append(&[kind, 2 + magic.len() as u8 + cookie.len])?;
                self.append(magic)?;
                self.append(&cookie)
            }
            TcpOption::Unknown { kind, data } => {
                self.append(&[kind, 2 + data.len])?;
                self.append(&data)
            }
            TcpOption::Malformed { kind, length } => {
                self.append(&[kind])?;
                length.map_or(Ok(()), |length| self.append(&[length]))
            }
        }
    }

    /// TSval and TSecr alone, after two NOPs (RFC 7323 appendix A): what nearly all segments carry.
    pub fn timestamps(value: u32, echo: u32) -> TcpOptions {
        let mut options = TcpOptions::new();
        options.octets[..4].copy_from_slice(&[1, 1, 8, 10]);
        options.octets[4..8].copy_from_slice(&value.to_be_bytes());
        options.octets[8..12].copy_from_slice(&echo.to_be_bytes());
        options.len = 12;
        options
    }

    /// TSval and TSecr, if these are just such options.
    pub fn only_timestamps(&self) -> Option<(u32, u32)> {
        match *self.octets() {
            [1, 1, 8, 10, a, b, c, d, e, f, g, h] => {
                Some((u32::from_be_bytes([a, b, c, d]), u32::from_be_bytes([e, f, g, h])))
            }
            _ => None,
        }
    }

    /// The options one by one, as far as they can be read.
    pub fn iter(&self) -> OptionIter<'_> {
        OptionIter { rest: self.octets(), at: 0 }
    }

    /// The octets in use, without the padding to a whole word.
    pub fn octets(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }

    /// The octets with padding to a whole number of 32-bit words, as the header carries them.
    pub fn padded(&self) -> &[u8] {
        &self.octets[..usize::from(self.len).next_multiple_of(4)]
    }

    /// Whether there is no option.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    fn append(&mut self, octets: &[u8]) -> Result<(), NoRoom> {
        let start = usize::from(self.len);
        self.octets.get_mut(start..start + octets.len()).ok_or(NoRoom)?.copy_from_slice(octets);
        self.len += octets.len() as u8;
        Ok(())
    }
}

/// Reads the options of a header one by one; made by [`TcpOptions::iter`].
#[derive(Clone, Debug)]
pub struct OptionIter<'a> {
    rest: &'a [u8],
    at: usize,
}

impl OptionIter<'_> {
    /// Where the next option begins, in octets after the fixed header.
    pub fn position(&self) -> usize {
        self.at
    }

    fn step(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
        self.at += octets;
    }
}

impl Iterator for OptionIter<'_> {
    type Item = TcpOption;

    fn next(&mut self) -> Option<TcpOption> {
        let (&kind, after) = self.rest.split_first()?;
        let (option, octets) = match kind {
            0 => (TcpOption::EndOfList, self.rest.len()),
            1 => (TcpOption::Nop, 1),
            _ => match after.first() {
                None => (TcpOption::Malformed { kind, length: None }, 1),
                Some(&length) => match self.rest.get(2..usize::from(length)) {
                    Some(data) => (read_option(kind, data), usize::from(length)),
                    None => (TcpOption::Malformed { kind, length: Some(length) }, self.rest.len()),
                },
            },
        };
        self.step(octets);
        Some(option)
    }
}

fn read_option(kind: u8, data: &[u8]) -> TcpOption {
    match (kind, data) {
        (2, &[high, low]) => TcpOption::Mss(u16::from_be_bytes([high, low])),
        (3, &[shift]) => TcpOption::WindowScale(shift),
        (4, &[]) => TcpOption::SackPermitted,
        (5, blocks) if (8..=32).contains(&blocks.len()) && blocks.len() % 8 == 0 => {
            TcpOption::Sack(blocks.chunks_exact(8).map(|b| (seq_at(b, 0), seq_at(b, 4))).collect())
        }
        (8, &[a, b, c, d, e, f, g, h]) => TcpOption::Timestamps {
            value: u32::from_be_bytes([a, b, c, d]),
            echo: u32::from_be_bytes([e, f, g, h]),
        },
        (28, &[high, low]) => {
            let field = u16::from_be_bytes([high, low]);
            TcpOption::UserTimeout { minutes: field >> 15 == 1, value: field & 0x7fff }
        }
        (34, cookie) if is_cookie(cookie) => {
            TcpOption::FastOpen { cookie: kept(cookie), experimental: false }
        }
        (254, data) => match data.strip_prefix(&FAST_OPEN_MAGIC) {
            Some(cookie) if is_cookie(cookie) => {
                TcpOption::FastOpen { cookie: kept(cookie), experimental: true }
            }
            Some(_) | None => TcpOption::Unknown { kind, data: kept(data) },
        },
        _ => TcpOption::Unknown { kind, data: kept(data) },
    }
}

/// Whether so many octets can be a Fast Open cookie, or ask for one.
fn is_cookie(data: &[u8]) -> bool {
    data.is_empty() || (4..=16).contains(&data.len()) && data.len().is_multiple_of(2)
}

fn kept(data: &[u8]) -> OptionData {
    OptionData::new(data).unwrap_or_default()
}

fn seq_at(octets: &[u8], at: usize) -> Seq {
    Seq(octets.get(at..at + 4).and_then(|word| word.try_into().ok()).map_or(0, u32::from_be_bytes))
}

impl Default for TcpOptions {
    fn default() -> TcpOptions {
        TcpOptions::new()
    }
}

/// Equal on the wire: padding to a whole word makes no difference.
impl PartialEq for TcpOptions {
    fn eq(&self, other: &TcpOptions) -> bool {
        self.padded() == other.padded()
    }
}
impl Eq for TcpOptions {}

/// Takes as many options as fit in 40 octets; from the first that does not, the rest is left out.
impl FromIterator<TcpOption> for TcpOptions {
    fn from_iter<I: IntoIterator<Item = TcpOption>>(options: I) -> TcpOptions {
        let mut all = TcpOptions::new();
        all.extend(options);
        all
    }
}

/// Takes as many more as fit.
impl Extend<TcpOption> for TcpOptions {
    fn extend<I: IntoIterator<Item = TcpOption>>(&mut self, options: I) {
        for option in options {
            if self.push(option).is_err() {
                break;
            }
        }
    }
}

impl<const N: usize> From<[TcpOption; N]> for TcpOptions {
    fn from(options: [TcpOption; N]) -> TcpOptions {
        options.into_iter().collect()
    }
}

impl From<Vec<TcpOption>> for TcpOptions {
    fn from(options: Vec<TcpOption>) -> TcpOptions {
        options.into_iter().collect()
    }
}

impl<'a> IntoIterator for &'a TcpOptions {
    type Item = TcpOption;
    type IntoIter = OptionIter<'a>;
    fn into_iter(self) -> OptionIter<'a> {
        self.iter()
    }
}

impl fmt::Debug for TcpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl SackBlocks {
    /// These blocks; `None` if there are more than four.
    pub fn new(blocks: &[(Seq, Seq)]) -> Option<SackBlocks> {
        (blocks.len() <= 4).then(|| blocks.iter().copied().collect())
    }
}

/// Takes the first four.
impl FromIterator<(Seq, Seq)> for SackBlocks {
    fn from_iter<I: IntoIterator<Item = (Seq, Seq)>>(blocks: I) -> SackBlocks {
        let mut all = SackBlocks::default();
        for (place, block) in all.blocks.iter_mut().zip(blocks) {
            *place = block;
            all.count += 1;
        }
        all
    }
}

impl Deref for SackBlocks {
    type Target = [(Seq, Seq)];
    fn deref(&self) -> &[(Seq, Seq)] {
        &self.blocks[..usize::from(self.count)]
    }
}
impl PartialEq for SackBlocks {
    fn eq(&self, other: &SackBlocks) -> bool {
        **self == **other
    }
}
impl Eq for SackBlocks {}
impl fmt::Debug for SackBlocks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl OptionData {
    /// These octets; `None` if there are more than 38.
    pub fn new(data: &[u8]) -> Option<OptionData> {
        let mut octets = [0; MAX_OPTIONS - 2];
        octets.get_mut(..data.len())?.copy_from_slice(data);
        Some(OptionData { len: data.len() as u8, octets })
    }
}

impl Default for OptionData {
    fn default() -> OptionData {
        OptionData { len: 0, octets: [0; MAX_OPTIONS - 2] }
    }
}
impl Deref for OptionData {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        &self.octets[..usize::from(self.len)]
    }
}
impl PartialEq for OptionData {
    fn eq(&self, other: &OptionData) -> bool {
        **self == **other
    }
}
impl Eq for OptionData {}
impl fmt::Debug for OptionData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_come_out_as_they_went_in() {
        let written = [
            TcpOption::Mss(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { value: 7, echo: 9 },
            TcpOption::Nop,
            TcpOption::WindowScale(7),
        ];
        let options = TcpOptions::from(written);
        assert_eq!(options.octets().len(), 20);
        assert_eq!(options.iter().collect::<Vec<_>>(), written);
    }

    #[test]
    fn timestamps_alone_are_read_and_written_as_among_others() {
        let alone = TcpOptions::timestamps(7, 9);
        let stamps = TcpOption::Timestamps { value: 7, echo: 9 };
        assert_eq!(alone.octets(), TcpOptions::from([TcpOption::Nop, TcpOption::Nop, stamps]).octets());
        assert_eq!(alone.only_timestamps(), Some((7, 9)));
        assert_eq!(TcpOptions::from_octets(alone.octets()).unwrap().iter().nth(2), Some(stamps));
        assert_eq!(TcpOptions::from([stamps, TcpOption::Nop, TcpOption::Nop]).only_timestamps(), None);
    }

    #[test]
    fn padding_makes_no_difference() {
        let short = TcpOptions::from([TcpOption::SackPermitted]);
        assert_eq!(short.padded(), [4, 2, 0, 0]);
        assert_eq!(short, TcpOptions::from([TcpOption::SackPermitted, TcpOption::EndOfList]));
        assert_ne!(short, TcpOptions::from([TcpOption::SackPermitted, TcpOption::Nop]));
    }

    #[test]
    fn an_unknown_kind_is_skipped() {
        let options = TcpOptions::from_octets(&[77, 4, 0xaa, 0xbb, 2, 4, 5, 0xb4]).unwrap();
        let seen: Vec<_> = options.iter().collect();
        let data = OptionData::new(&[0xaa, 0xbb]).unwrap();
        assert_eq!(seen, [TcpOption::Unknown { kind: 77, data }, TcpOption::Mss(1460)]);
    }

    #[test]
    fn a_known_kind_of_the_wrong_length_is_skipped() {
        let options = TcpOptions::from_octets(&[2, 3, 5, 3, 3, 7, 1, 0]).unwrap();
        let seen: Vec<_> = options.iter().collect();
        let odd = TcpOption::Unknown { kind: 2, data: OptionData::new(&[5]).unwrap() };
        assert_eq!(seen, [odd, TcpOption::WindowScale(7), TcpOption::Nop, TcpOption::EndOfList]);
    }

    #[test]
    fn a_sack_option_has_one_to_four_whole_blocks() {
        for data in [0, 7, 9, 33] {
            let mut octets = vec![5, 2 + data as u8];
            octets.resize(2 + data, 0);
            let option = TcpOptions::from_octets(&octets).unwrap().iter().next();
            assert!(matches!(option, Some(TcpOption::Unknown { kind: 5, .. })), "{data}: {option:?}");
        }
    }

    #[test]
    fn a_fast_open_cookie_is_empty_or_has_an_even_number_of_octets_from_4_to_16() {
        for len in 0..=20_u8 {
            let cookie: Vec<u8> = (0..len).collect();
            let octets = [&[34, 2 + len], &cookie[..]].concat();
            let read = TcpOptions::from_octets(&octets).unwrap();
            let option = read.iter().next().unwrap();
            let good = [0, 4, 6, 8, 10, 12, 14, 16].contains(&len);
            assert_eq!(matches!(option, TcpOption::FastOpen { .. }), good, "{len}: {option:?}");
            let old = [&[254, 4 + len, 0xf9, 0x89], &cookie[..]].concat();
            let old = TcpOptions::from_octets(&old).unwrap().iter().next().unwrap();
            assert_eq!(matches!(old, TcpOption::FastOpen { experimental: true, .. }), good, "{len}: {old:?}");
            if good {
                assert_eq!(TcpOptions::from([option]).octets(), octets);
            }
        }
        let other = TcpOptions::from_octets(&[254, 4, 0xf9, 0x88]).unwrap().iter().next();
        assert!(matches!(other, Some(TcpOption::Unknown { kind: 254, .. })));
    }

    #[test]
    fn a_user_timeout_is_fifteen_bits_of_seconds_or_of_minutes() {
        for (octets, minutes, value) in
            [([28, 4, 0, 100], false, 100), ([28, 4, 0x80, 2], true, 2), ([28, 4, 0xff, 0xff], true, 0x7fff)]
        {
            let options = TcpOptions::from_octets(&octets).unwrap();
            let option = TcpOption::UserTimeout { minutes, value };
            assert_eq!(options.iter().collect::<Vec<_>>(), [option]);
            assert_eq!(TcpOptions::from([option]).octets(), octets);
        }
        let long = TcpOptions::from_octets(&[28, 5, 0, 1, 1]).unwrap().iter().next();
        assert!(matches!(long, Some(TcpOption::Unknown { kind: 28, .. })));
    }

    #[test]
    fn nothing_is_read_after_the_end_of_the_list() {
        let options = TcpOptions::from_octets(&[1, 0, 3, 3, 7, 1, 1, 1]).unwrap();
        assert_eq!(options.iter().collect::<Vec<_>>(), [TcpOption::Nop, TcpOption::EndOfList]);
    }

    #[test]
    fn an_illegal_length_ends_the_reading() {
        for (octets, length) in [
            (&[1, 2, 0, 0][..], Some(0)),
            (&[1, 2, 1, 0], Some(1)),
            (&[1, 2, 4, 5], Some(4)),
            (&[1, 1, 1, 2], None),
        ] {
            let options = TcpOptions::from_octets(octets).unwrap();
            let last = options.iter().last();
            assert_eq!(last, Some(TcpOption::Malformed { kind: 2, length }), "{octets:?}");
        }
    }

    #[test]
    fn what_does_not_fit_is_refused_and_changes_nothing() {
        let mut options: TcpOptions = [TcpOption::Timestamps { value: 1, echo: 2 }; 3].into();
        options.push(TcpOption::Timestamps { value: 1, echo: 2 }).unwrap();
        let full = options;
        assert_eq!(options.push(TcpOption::Nop), Err(NoRoom));
        assert_eq!(options, full);
        assert_eq!(TcpOptions::from_octets(&[1; 41]), Err(NoRoom));
    }

    #[test]
    fn the_iterator_knows_where_it_is() {
        let options = TcpOptions::from([TcpOption::Mss(1), TcpOption::Nop, TcpOption::WindowScale(2)]);
        let mut iter = options.iter();
        let mut places = Vec::new();
        loop {
            let at = iter.position();
            if iter.next().is_none() {
                break;
            }
            places.push(at);
        }
        assert_eq!(places, [0, 4, 5]);
    }

    #[test]
    fn sack_blocks_are_at_most_four() {
        let block = (Seq(1), Seq(2));
        assert!(SackBlocks::new(&[block; 5]).is_none());
        let options = TcpOptions::from([TcpOption::Sack(SackBlocks::new(&[block; 4]).unwrap())]);
        let Some(TcpOption::Sack(blocks)) = options.iter().next() else { panic!("{options:?}") };
        assert_eq!(&*blocks, &[block; 4]);
    }
}
