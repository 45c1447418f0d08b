//! A window that slides over a file: what is looked at is in memory, what was looked at is gone.

use super::error::{Broken, Trouble};
use std::io::{ErrorKind, Read};

/// How much is read at a time.
const PIECE: usize = 256 * 1024;

/// The octets of the input that are in memory. Memory grows only as octets really come, whatever a length claims.
#[derive(Debug)]
pub struct Window<R> {
    input: R,
    octets: Vec<u8>,
    start: usize,
    end: usize,
    /// Place of `start` in the file.
    offset: u64,
    ended: bool,
}

impl<R: Read> Window<R> {
    /// Nothing read yet.
    pub fn new(input: R) -> Window<R> {
        Window::at(input, 0)
    }

    /// Nothing read yet of an input that stands at that place of the file.
    pub fn at(input: R, offset: u64) -> Window<R> {
        Window { input, octets: Vec::new(), start: 0, end: 0, offset, ended: false }
    }

    /// Where in the file the window begins.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What is in it.
    pub fn octets(&self) -> &[u8] {
        &self.octets[self.start..self.end]
    }

    /// How much memory it takes.
    #[cfg(test)]
    pub fn capacity(&self) -> usize {
        self.octets.capacity()
    }

    /// Gets so many octets into the window, or all there are; says how many are in it.
    pub fn fill(&mut self, wanted: usize) -> Result<usize, Broken> {
        while self.end - self.start < wanted && !self.ended {
            if self.start > 0 && self.octets.len() - self.end < PIECE / 2 {
                self.octets.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            if self.octets.len() - self.end < PIECE / 2 {
                self.octets.resize(self.end + PIECE, 0);
            }
            match self.input.read(&mut self.octets[self.end..]) {
                Ok(0) => self.ended = true,
                Ok(read) => self.end += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => {
                    let at = self.offset + (self.end - self.start) as u64;
                    return Err(Broken::unreadable(at, &error));
                }
            }
        }
        Ok(self.end - self.start)
    }

    /// Gets exactly so many octets into the window.
    pub fn need(&mut self, wanted: usize) -> Result<&[u8], Broken> {
        let have = self.fill(wanted)?;
        if have < wanted {
            let trouble = Trouble::Cut { need: wanted as u64, have: have as u64 };
            return Err(Broken { at: self.offset, trouble });
        }
        Ok(&self.octets[self.start..self.start + wanted])
    }

    /// Slides over octets that are in the window.
    pub fn pass(&mut self, octets: usize) {
        let octets = octets.min(self.end - self.start);
        self.start += octets;
        self.offset += octets as u64;
    }

    /// Slides over octets whether they are in the window or not.
    pub fn skip(&mut self, octets: u64) -> Result<(), Broken> {
        let (mut left, at) = (octets, self.offset);
        while left > 0 {
            let have = self.fill(1)? as u64;
            if have == 0 {
                return Err(Broken { at, trouble: Trouble::Cut { need: octets, have: octets - left } });
            }
            let step = have.min(left);
            self.pass(step as usize);
            left -= step;
        }
        Ok(())
    }
}
