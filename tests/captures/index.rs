//! What is read again by index is what a single pass gives.

use super::{Frames, common, pcapng};
use std::io::{Cursor, Read, Seek, SeekFrom};
use wirewalk::capture;
use wirewalk::inspect::{Choice, NotRebuilt, Opened, rebuild};
use wirewalk::lang::Lang;
use wirewalk::sim;

/// Counts what is read of it.
struct Counted<'a> {
    file: Cursor<&'a [u8]>,
    read: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let octets = self.file.read(into)?;
        self.read += octets as u64;
        Ok(octets)
    }
}

impl Seek for Counted<'_> {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

/// All lessons one after another in one file, again and again, each in a section of its own, until it has many packets.
fn long() -> Vec<u8> {
    let mut lessons = Vec::new();
    for (name, plan) in common::builtin_plans() {
        // Those that end on themselves before the next begins.
        if ["four-way-close", "udp-echo", "connection-refused", "sack", "time-wait"].contains(&name) {
            let trace = sim::run(&plan, &sim::Options::default());
            capture::export(&trace, Lang::En, &mut lessons).expect("written");
        }
    }
    let mut file = lessons.clone();
    while file.len() < 6_000_000 {
        file.extend_from_slice(&lessons);
    }
    file
}

#[test]
fn every_connection_read_by_index_is_as_in_a_single_pass() {
    let file = long();
    let mut opened = Opened::open(Cursor::new(&file), "long").expect("a capture");
    assert!(opened.survey().marks.len() > 5, "{}", opened.survey().marks.len());
    let count = opened.survey().connections.len() as u64;
    assert!(count > 100);
    for number in [1, 2, 3, count / 3, count / 2, count / 2 + 1, count / 2 + 2, count - 2, count - 1, count] {
        let choice = Choice::Connection(number);
        let (again, once) = (opened.rebuild(choice), rebuild(file.as_slice(), "long", choice));
        let (again, once) = (again.expect("it is there"), once.expect("it is there"));
        assert_eq!(again.trace, once.trace, "connection {number}");
        assert_eq!((again.findings, again.broken), (once.findings, once.broken));
    }
    for choice in [Choice::Connection(0), Choice::Connection(count + 1)] {
        assert_eq!(opened.rebuild(choice).err(), Some(NotRebuilt::NoSuchConnection(count)));
    }
}

#[test]
fn a_range_of_frames_is_those_frames_and_reads_little_of_the_file() {
    let file = long();
    let mut opened = Opened::open(Counted { file: Cursor::new(&file), read: 0 }, "long").expect("a capture");
    let packets = opened.survey().packets;
    for (from, to) in [(1, 20), (packets / 2, packets / 2 + 50), (packets - 3, packets), (7, 7)] {
        let choice = Choice::Frames { from, to };
        let again = opened.rebuild(choice).expect("they are there").trace;
        assert_eq!(again.frames().len() as u64, to - from + 1);
        assert_eq!(again, rebuild(file.as_slice(), "long", choice).expect("they are there").trace);
    }
    let reader = Counted { file: Cursor::new(&file), read: 0 };
    let mut opened = Opened::open(reader, "long").expect("a capture");
    opened.rebuild(Choice::Frames { from: packets - 3, to: packets }).expect("they are there");
    let read = opened.into_input().read;
    assert!(read < file.len() as u64 + 1_000_000, "{read} of {}", file.len());
}

#[test]
fn more_frames_than_are_shown_are_counted() {
    let (_, plan) = common::builtin_plans().into_iter().find(|(name, _)| *name == "udp-echo").expect("there");
    let trace = sim::run(&plan, &sim::Options::default());
    let frame = trace.frames()[0].bytes.clone();
    let frames: Frames = (0..100_200).map(|at| (at * 1000, frame.clone())).collect();
    let file = pcapng(&frames);
    let mut opened = Opened::open(Cursor::new(&file), "many").expect("a capture");
    for choice in [Choice::All, Choice::Connection(1), Choice::Frames { from: 1, to: u64::MAX }] {
        let rebuilt = opened.rebuild(choice).expect("it is there");
        assert_eq!((rebuilt.findings.len(), rebuilt.beyond), (100_000, 200), "{choice:?}");
    }
}
