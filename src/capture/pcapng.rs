//! The pcapng format (draft-ietf-opsawg-pcapng), as a stream of blocks: a section header, interfaces, packets.
//! Little-endian; times in nanoseconds.

use std::io::{self, Write};

const SECTION_HEADER: u32 = 0x0a0d_0d0a;
const INTERFACE_DESCRIPTION: u32 = 1;
const ENHANCED_PACKET: u32 = 6;

/// Link type of frames that begin with an Ethernet header.
const ETHERNET: u16 = 1;

const END_OF_OPTIONS: u16 = 0;
const COMMENT: u16 = 1;

/// Octets an option can hold.
const MAX_OPTION: usize = u16::MAX as usize;

/// What is said about the whole file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Section<'a> {
    /// What was captured, in words.
    pub comment: &'a str,
    /// The system it was captured on.
    pub system: &'a str,
    /// The program that wrote the file.
    pub application: &'a str,
}

/// An interface packets were captured on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interface<'a> {
    /// Its name, such as `lo`.
    pub name: &'a str,
    /// What it is, in words.
    pub description: &'a str,
}

/// Writes a capture, block by block; nothing is held back, so give it a buffered `out`.
#[derive(Debug)]
pub struct Writer<W> {
    out: W,
    interfaces: u32,
    block: Vec<u8>,
}

impl<W: Write> Writer<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// What `out` says.
    pub fn new(out: W, section: Section<'_>) -> io::Result<Writer<W>> {
        let mut writer = Writer { out, interfaces: 0, block: Vec::new() };
        writer.put(&0x1a2b_3c4d_u32.to_le_bytes());
        writer.put(&1u16.to_le_bytes());
        writer.put(&0u16.to_le_bytes());
        // Length of the section: not known beforehand.
        writer.put(&u64::MAX.to_le_bytes());
        writer.text(COMMENT, section.comment);
        writer.text(3, section.system);
        writer.text(4, section.application);
        writer.end_options();
        writer.finish_block(SECTION_HEADER)?;
        Ok(writer)
    }

    /// Adds an interface; the answer is its number for [`Writer::packet`].
    ///
    /// # Errors
    /// What `out` says.
    pub fn interface(&mut self, interface: Interface<'_>) -> io::Result<u32> {
        self.put(&ETHERNET.to_le_bytes());
        self.put(&0u16.to_le_bytes());
        // No limit to the length of packets.
        self.put(&0u32.to_le_bytes());
        self.text(2, interface.name);
        self.text(3, interface.description);
        // Time stamps count 10^-9 s.
        self.option(9, &[9]);
        self.end_options();
        self.finish_block(INTERFACE_DESCRIPTION)?;
        self.interfaces += 1;
        Ok(self.interfaces - 1)
    }

    /// Adds a packet: when it was seen (nanoseconds since 1970), all of it, and a comment (UTF-8; none if empty; cut
    /// at 65535 octets).
    ///
    /// # Errors
    /// What `out` says; [`io::ErrorKind::InvalidInput`] if the interface has not been added.
    pub fn packet(&mut self, interface: u32, at_ns: u64, frame: &[u8], comment: &str) -> io::Result<()> {
        if interface >= self.interfaces {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "no such interface in this capture"));
        }
        let len = u32::try_from(frame.len())
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "a packet of 4 GiB or more"))?;
        self.put(&interface.to_le_bytes());
        self.put(&((at_ns >> 32) as u32).to_le_bytes());
        self.put(&(at_ns as u32).to_le_bytes());
        self.put(&len.to_le_bytes());
        self.put(&len.to_le_bytes());
        self.put(frame);
        self.pad();
        if !comment.is_empty() {
            self.text(COMMENT, comment);
            self.end_options();
        }
        self.finish_block(ENHANCED_PACKET)
    }

    /// Passes on to the system what is still held back.
    ///
    /// # Errors
    /// What `out` says.
    pub fn finish(mut self) -> io::Result<W> {
        self.out.flush()?;
        Ok(self.out)
    }

    fn put(&mut self, octets: &[u8]) {
        self.block.extend_from_slice(octets);
    }

    fn pad(&mut self) {
        self.block.resize(self.block.len().next_multiple_of(4), 0);
    }

    fn option(&mut self, code: u16, value: &[u8]) {
        self.put(&code.to_le_bytes());
        self.put(&(value.len() as u16).to_le_bytes());
        self.put(value);
        self.pad();
    }

    fn text(&mut self, code: u16, text: &str) {
        if !text.is_empty() {
            self.option(code, &text.as_bytes()[..text.floor_char_boundary(MAX_OPTION)]);
        }
    }

    fn end_options(&mut self) {
        self.option(END_OF_OPTIONS, &[]);
    }

    /// Writes the block gathered so far, with its type before and its length on both sides.
    fn finish_block(&mut self, kind: u32) -> io::Result<()> {
        let len = (self.block.len() as u32 + 12).to_le_bytes();
        self.out.write_all(&kind.to_le_bytes())?;
        self.out.write_all(&len)?;
        self.out.write_all(&self.block)?;
        self.out.write_all(&len)?;
        self.block.clear();
        Ok(())
    }
}
