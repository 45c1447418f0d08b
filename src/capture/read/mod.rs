//! Captures of others read: pcap and pcapng, both byte orders, one packet at a time, in bounded memory.
//! Whatever the octets are, the answer is a packet, the end, or what is wrong and where.

mod clock;
mod error;
mod link;
mod ng;
mod order;
mod pcap;
#[cfg(test)]
mod tests;
mod window;

pub use error::{Broken, Trouble};
pub use link::{Network, network};

use std::io::{Read, Seek, SeekFrom};
use window::Window;

/// The longest packet, or block that holds one, octets.
const LONGEST: u32 = 16 << 20;

/// A capture that is being read.
#[derive(Debug)]
pub struct Capture<R> {
    window: Window<R>,
    format: Format,
    /// Octets of the window that the packet given last stands in.
    passed: usize,
    packets: u64,
    latest: u64,
    over: bool,
}

#[derive(Clone, Debug)]
enum Format {
    Pcap(pcap::Header),
    Ng(ng::Section),
}

/// A packet as it stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// Its number in the file, from 1.
    pub number: u64,
    /// Where in the file it stands.
    pub offset: u64,
    /// When, nanoseconds since 1970. A packet without a time has that of the one before it.
    pub at: u64,
    /// What its first octets are: a LINKTYPE.
    pub link: u16,
    /// The octets that were kept.
    pub octets: &'a [u8],
    /// How many it had on the wire.
    pub original: u32,
    /// The number of the interface it was captured on; 0 where the file tells of none.
    pub interface: u32,
    /// Whether the capture was made on several interfaces.
    pub of_several: bool,
}

/// A place in a capture before a packet, from which it can be read on.
#[derive(Clone, Debug)]
pub struct Mark {
    offset: u64,
    packets: u64,
    latest: u64,
    format: Format,
}

impl Mark {
    /// Packets before it.
    pub fn packets(&self) -> u64 {
        self.packets
    }
}

/// Where a packet stands in the window.
struct Place {
    offset: u64,
    at: Option<u64>,
    link: u16,
    start: usize,
    len: usize,
    original: u32,
    /// Octets from the window's beginning to where the next begins.
    block: usize,
    interface: u32,
    of_several: bool,
}

impl<R: Read + Seek> Capture<R> {
    /// Reads on from a mark that was made in the same capture.
    ///
    /// # Errors
    /// The input cannot be read from there.
    pub fn resume(mut input: R, mark: &Mark) -> Result<Capture<R>, Broken> {
        let Mark { offset, packets, latest, ref format } = *mark;
        input.seek(SeekFrom::Start(offset)).map_err(|error| Broken::unreadable(offset, &error))?;
        let window = Window::at(input, offset);
        Ok(Capture { window, format: format.clone(), passed: 0, packets, latest, over: false })
    }
}

impl<R: Read> Capture<R> {
    /// Begins to read.
    ///
    /// # Errors
    /// The input is no capture, or cannot be read.
    pub fn open(input: R) -> Result<Capture<R>, Broken> {
        let mut window = Window::new(input);
        if window.fill(4)? == 0 {
            return Err(Broken { at: 0, trouble: Trouble::Empty });
        }
        let first = window.need(4)?;
        let magic = [first[0], first[1], first[2], first[3]];
        let format = if magic == ng::SECTION {
            Format::Ng(ng::Section::none_yet())
        } else if let Some(header) = pcap::header(magic, &mut window) {
            Format::Pcap(header?)
        } else {
            let trouble = match magic {
                [0x1f, 0x8b, ..] => Trouble::Compressed("gzip"),
                [0x28, 0xb5, 0x2f, 0xfd] => Trouble::Compressed("zstd"),
                [0xfd, b'7', b'z', b'X'] => Trouble::Compressed("xz"),
                [b'B', b'Z', b'h', b'1'..=b'9'] => Trouble::Compressed("bzip2"),
                [0x04, 0x22, 0x4d, 0x18] => Trouble::Compressed("LZ4"),
                _ => Trouble::NotACapture(magic),
            };
            return Err(Broken { at: 0, trouble });
        };
        Ok(Capture { window, format, passed: 0, packets: 0, latest: 0, over: false })
    }

    /// The next packet; `None` at the end, and after an error.
    ///
    /// # Errors
    /// What is wrong with the file, and where. What was given before stands.
    pub fn next_packet(&mut self) -> Result<Option<Found<'_>>, Broken> {
        if self.over {
            return Ok(None);
        }
        self.window.pass(std::mem::take(&mut self.passed));
        let found = match &mut self.format {
            Format::Pcap(header) => pcap::next(header, &mut self.window),
            Format::Ng(section) => section.next(&mut self.window),
        };
        let place = match found {
            Ok(Some(place)) => place,
            Ok(None) => {
                self.over = true;
                return Ok(None);
            }
            Err(broken) => {
                self.over = true;
                return Err(broken);
            }
        };
        self.passed = place.block;
        self.packets += 1;
        self.latest = place.at.unwrap_or(self.latest);
        let octets = self.window.octets().get(place.start..place.start + place.len).unwrap_or_default();
        Ok(Some(Found {
            number: self.packets,
            offset: place.offset,
            at: self.latest,
            link: place.link,
            octets,
            original: place.original,
            interface: place.interface,
            of_several: place.of_several,
        }))
    }

    /// The place before the packet that comes next.
    pub fn mark(&self) -> Mark {
        let offset = self.window.offset() + self.passed as u64;
        Mark { offset, packets: self.packets, latest: self.latest, format: self.format.clone() }
    }

    /// Packets given so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }
}
