//! A `Trace` from a capture: a chosen connection, or some frames of all.

use super::finding::Finding;
use super::gather::Gather;
use super::names;
use super::survey::{Survey, survey};
use super::writer::{Writer, meta, title};
use crate::capture::{Broken, Capture};
use crate::trace::{Recorder, Trace};
use std::io::{Read, Seek};

/// The most frames of a trace.
pub const MOST_FRAMES: usize = 100_000;

/// What of the capture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The connection of that number, from 1.
    Connection(u64),
    /// The frames from one number to another, counted from 1, both included; they are read as if the capture began there.
    Frames {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The same frames, but what came before them is known: the capture is read from its beginning.
    Within {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The first frames.
    All,
}

/// A trace from a capture.
#[derive(Clone, Debug)]
pub struct Rebuilt {
    /// What happened, as far as it shows.
    pub trace: Trace,
    /// What is remarkable about each frame, in the order of the trace's frames.
    pub findings: Vec<Option<Finding>>,
    /// Frames of the choice that are beyond [`MOST_FRAMES`].
    pub beyond: u64,
    /// Frames between no two IP addresses: nothing is drawn for them.
    pub without_address: u64,
    /// Frames that are further hops of packets drawn already.
    pub hops: u64,
    /// Why the file could not be read to its end.
    pub broken: Option<Broken>,
}

/// Why there is no trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotRebuilt {
    /// The file is no capture.
    Broken(Broken),
    /// There is no connection of that number; how many there are.
    NoSuchConnection(u64),
}

/// Reads the capture in one pass and rebuilds what was chosen; `file` is its name.
///
/// # Errors
/// The input is no capture, or has no such connection.
pub fn rebuild(input: impl Read, file: &str, choice: Choice) -> Result<Rebuilt, NotRebuilt> {
    let capture = Capture::open(input).map_err(NotRebuilt::Broken)?;
    read(capture, Gather::new(choice, None), None, file)
}

/// A capture that was read once and can be read again, only where it is needed.
#[derive(Debug)]
pub struct Opened<R> {
    input: R,
    file: String,
    survey: Survey,
}

impl<R: Read + Seek> Opened<R> {
    /// Reads it to its end, or as far as it can be read; `file` is its name.
    ///
    /// # Errors
    /// The input is no capture at all.
    pub fn open(mut input: R, file: &str) -> Result<Opened<R>, Broken> {
        let survey = survey(&mut input)?;
        Ok(Opened { input, file: file.to_owned(), survey })
    }

    /// The input back.
    pub fn into_input(self) -> R {
        self.input
    }

    /// What it holds.
    pub fn survey(&self) -> &Survey {
        &self.survey
    }

    /// Reads again what was chosen: from the mark before its first frame to its last.
    ///
    /// # Errors
    /// The capture has no such connection, or can no longer be read.
    pub fn rebuild(&mut self, choice: Choice) -> Result<Rebuilt, NotRebuilt> {
        let (gather, first, last) = match choice {
            Choice::Connection(number) => {
                let place = number.checked_sub(1).map(|place| place as usize);
                let connection = place.and_then(|place| self.survey.connections.get(place));
                let count = self.survey.connections.len() as u64;
                let connection = connection.ok_or(NotRebuilt::NoSuchConnection(count))?;
                let only = Some((connection.flow(), number));
                (Gather::new(choice, only), connection.first_frame, connection.last_frame)
            }
            Choice::Frames { from, to } => (Gather::new(choice, None), from, to),
            Choice::Within { to, .. } => (Gather::new(choice, None), 1, to),
            Choice::All => (Gather::new(choice, None), 1, u64::MAX),
        };
        let capture = match self.survey.marks.before(first) {
            Some(mark) => Capture::resume(&mut self.input, mark),
            None => self
                .input
                .rewind()
                .map_err(|error| Broken::unreadable(0, &error))
                .and_then(|()| Capture::open(&mut self.input)),
        };
        let mut rebuilt =
            read(capture.map_err(NotRebuilt::Broken)?, gather, Some((first, last)), &self.file)?;
        rebuilt.broken = self.survey.broken.clone().or(rebuilt.broken);
        Ok(rebuilt)
    }
}

/// Reads the frames that are wanted and makes a trace of them.
fn read<R: Read>(
    mut capture: Capture<R>,
    mut gather: Gather,
    wanted: Option<(u64, u64)>,
    file: &str,
) -> Result<Rebuilt, NotRebuilt> {
    let (first, last) = wanted.unwrap_or((1, u64::MAX));
    let mut broken = None;
    loop {
        match capture.next_packet() {
            Ok(Some(found)) => {
                let number = found.number;
                if number >= first && number <= last {
                    gather.take(&found);
                }
                if number >= last || gather.is_over_at(number) {
                    break;
                }
            }
            Ok(None) => break,
            Err(error) => {
                broken = Some(error);
                break;
            }
        }
    }
    let closed = gather.finish().map_err(NotRebuilt::NoSuchConnection)?;
    let chosen = closed.chosen.and_then(|place| closed.connections.get(place));
    let Gather { kept, hosts: (mut hosts, places), beyond, without_address, hops, .. } = gather;
    names::give(&mut hosts, &places);
    let recorder = Recorder::new(meta(title(chosen, kept.len(), file), file, hosts));
    let writer = Writer { recorder, hosts: places, kept: &kept, connections: &closed.connections };
    let findings = kept.iter().map(|frame| frame.remark.finding).collect();
    let trace = writer.write(closed.crossings);
    Ok(Rebuilt { trace, findings, beyond, without_address, hops, broken })
}
