//! Broken and hostile captures: whatever the octets are, there is an answer, bounded in time and memory.

use super::{Frames, common, pcapng};
use bytes::Bytes;
use std::io::Cursor;
use std::net::Ipv4Addr;
use wirewalk::capture::{self, Capture};
use wirewalk::inspect::{Choice, Ending, Handshake, Opened, rebuild, survey};
use wirewalk::lang::Lang;
use wirewalk::sim;
use wirewalk::trace::{Event, Trace, to_json};
use wirewalk::view::{Look, VIEWS, render};
use wirewalk::wire::{self, Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, Transport};

/// A lesson's export.
fn lesson(name: &str) -> (Trace, Vec<u8>) {
    let (_, plan) =
        common::builtin_plans().into_iter().find(|(known, _)| *known == name).expect("it is there");
    let trace = sim::run(&plan, &sim::Options::default());
    let mut file = Vec::new();
    capture::export(&trace, Lang::En, &mut file).expect("written");
    (trace, file)
}

/// The same frames in the older format, in either byte order, stamped in nanoseconds or microseconds.
fn pcap(trace: &Trace, big: bool, nanos: bool) -> Vec<u8> {
    let mut file = Vec::new();
    let mut put = |value: u32| file.extend(if big { value.to_be_bytes() } else { value.to_le_bytes() });
    put(if nanos { 0xa1b2_3c4d } else { 0xa1b2_c3d4 });
    put(if big { 0x0002_0004 } else { 0x0004_0002 });
    for value in [0, 0, 65_535, 1] {
        put(value);
    }
    for frame in trace.frames() {
        let at = frame.at.as_nanos();
        let fraction = (at % 1_000_000_000) as u32;
        let mut put = |value: u32| file.extend(if big { value.to_be_bytes() } else { value.to_le_bytes() });
        for value in [(at / 1_000_000_000) as u32, if nanos { fraction } else { fraction / 1000 }] {
            put(value);
        }
        put(frame.bytes.len() as u32);
        put(frame.bytes.len() as u32);
        file.extend_from_slice(frame.bytes);
    }
    file
}

/// Whatever the octets are: an answer, and one that holds together.
fn examine(file: &[u8]) {
    let survey = match survey(file) {
        Ok(survey) => survey,
        Err(broken) => {
            assert!(broken.at <= file.len() as u64, "{broken}");
            return;
        }
    };
    assert!(survey.packets <= file.len() as u64 / 16);
    if let Some(broken) = &survey.broken {
        assert!(broken.at <= file.len() as u64, "{broken}");
        assert!(!broken.sentence(Lang::Zh).is_empty());
    }
    let frames: u64 =
        survey.connections.iter().flat_map(|connection| &connection.halves).map(|half| half.frames).sum();
    assert!(frames + survey.others <= survey.packets);
    let mut opened = Opened::open(Cursor::new(file), "any").expect("it was one just now");
    for choice in [Choice::All, Choice::Connection(1), Choice::Frames { from: 2, to: 9 }] {
        let again = opened.rebuild(choice);
        let once = rebuild(file, "any", choice);
        match (again, once) {
            (Ok(again), Ok(once)) => {
                assert_eq!(again.trace, once.trace);
                let times = again.trace.records.windows(2).all(|pair| pair[0].at <= pair[1].at);
                assert!(times, "a trace goes forward");
                let references = again.trace.records.iter().all(|record| match record.event {
                    Event::FrameArrived { sent, .. } => sent < record.id,
                    _ => true,
                });
                assert!(references);
            }
            (again, once) => assert_eq!(again.err(), once.err()),
        }
    }
}

/// Numbers that look random and are the same in every run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

#[test]
fn flipped_cut_doubled_and_swapped_files_have_an_answer() {
    let mut files = Vec::new();
    for name in ["four-way-close", "udp-no-listener"] {
        let (trace, file) = lesson(name);
        files.extend([file, pcap(&trace, false, true), pcap(&trace, true, false), pcap(&trace, true, true)]);
    }
    for seed in 1..=400 {
        let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut file = files[numbers.below(files.len())].clone();
        for _ in 0..=numbers.below(8) {
            let (from, len) = (numbers.below(file.len()), numbers.below(80));
            let to = (from + len).min(file.len());
            match numbers.below(6) {
                0 => file.truncate(from.max(1)),
                1 => file[from] ^= 1 << numbers.below(8),
                2 => file[from] = [0, 1, 0x7f, 0x80, 0xff][numbers.below(5)],
                3 => {
                    let piece = file[from..to].to_vec();
                    let at = numbers.below(file.len());
                    file.splice(at..at, piece);
                }
                4 => drop(file.drain(from..to)),
                _ => file[from..to].reverse(),
            }
            if file.is_empty() {
                file.push(0);
            }
        }
        examine(&file);
    }
}

#[test]
fn every_view_of_a_garbled_capture_is_drawn_in_both_languages() {
    let (_, file) = lesson("sack");
    let mut drawn = 0;
    for seed in 1..=12 {
        let mut numbers = Numbers(0x2545_f491_4f6c_dd1d_u64.wrapping_mul(seed));
        let mut file = file.clone();
        // Behind the headers of the file, so that something is left to be drawn.
        for _ in 0..40 {
            let at = 400 + numbers.below(file.len() - 400);
            file[at] ^= 1 << numbers.below(8);
        }
        let Ok(rebuilt) = rebuild(file.as_slice(), "garbled", Choice::All) else { continue };
        for view in VIEWS {
            for lang in [Lang::En, Lang::Zh] {
                let look = Look { lang, ..Look::default() };
                for line in render(view.name, &rebuilt.trace, &look).lines() {
                    assert!(look.text_width(line) <= 80, "seed {seed}, {}: {line}", view.key);
                }
            }
        }
        assert!(to_json(&rebuilt.trace, &[]).len() > 100);
        drawn += u32::from(rebuilt.findings.len() > 5);
    }
    assert!(drawn >= 4, "{drawn} of 12 left something to be drawn");
}

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

fn segment(forward: bool, port: u16, flags: &str, seq: u32, ack: u32, data: &'static [u8]) -> Bytes {
    let segment = Segment {
        source_port: if forward { port } else { 80 },
        destination_port: if forward { 80 } else { port },
        seq: Seq(seq),
        ack: Seq(ack),
        flags: Flags::from_letters(flags).expect("flags"),
        window: 1000,
        payload: Bytes::from_static(data),
        ..Segment::default()
    };
    let ends = if forward { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
    let packet = Ipv4Packet::new(ends.0, ends.1, Transport::Tcp(segment));
    wire::build(&Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), packet))
}

/// An opening between these numbers.
fn opening(port: u16, isn: u32, at: u64) -> Frames {
    vec![
        (at, segment(true, port, "S", isn, 0, b"")),
        (at + 1, segment(false, port, "SA", 500, isn + 1, b"")),
        (at + 2, segment(true, port, "A", isn + 1, 501, b"")),
    ]
}

#[test]
fn time_that_goes_backwards_moves_no_trace_backwards() {
    let mut frames = opening(4000, 100, 9_000_000_000);
    frames.extend([
        (3_000_000_000, segment(true, 4000, "PA", 101, 501, b"hello")),
        (1, segment(false, 4000, "A", 501, 106, b"")),
        (9_500_000_000, segment(true, 4000, "FA", 106, 501, b"")),
    ]);
    let file = pcapng(&frames);
    examine(&file);
    let seen = survey(file.as_slice()).expect("a capture");
    assert_eq!(seen.span, Some((1, 9_500_000_000)));
    assert_eq!((seen.connections.len(), seen.connections[0].latest), (1, 9_500_000_000));
    assert_eq!(seen.connections[0].halves[0].retransmissions, 0);
}

#[test]
fn the_same_ports_again_are_another_connection_and_say_so() {
    let mut frames = opening(4000, 100, 0);
    frames.push((10, segment(true, 4000, "R", 101, 0, b"")));
    frames.extend(opening(4000, 70_000, 1_000));
    frames.extend(opening(4001, 5, 2_000));
    frames.push((3_000, segment(true, 4000, "FA", 70_001, 501, b"")));
    let file = pcapng(&frames);
    examine(&file);
    let seen = survey(file.as_slice()).expect("a capture");
    let told: Vec<_> =
        seen.connections.iter().map(|c| (c.after, c.ending(), c.first_frame, c.last_frame)).collect();
    assert_eq!(
        told,
        [
            (None, Ending::Reset { by: 0, after_fin: false }, 1, 4),
            (Some(1), Ending::HalfClosed(0), 5, 11),
            (None, Ending::Open, 8, 10),
        ]
    );
    // Each is read again by itself.
    let mut opened = Opened::open(Cursor::new(&file), "again").expect("a capture");
    for (number, frames) in [(1, 4), (2, 4), (3, 3)] {
        let rebuilt = opened.rebuild(Choice::Connection(number)).expect("it is there");
        assert_eq!(rebuilt.findings.len(), frames, "connection {number}");
    }
}

#[test]
fn an_opening_that_is_missing_or_torn_is_told() {
    let whole = opening(4000, 100, 0);
    let data = (3, segment(true, 4000, "PA", 101, 501, b"hello"));
    for (kept, told) in [
        (&[0, 1, 2][..], Handshake::Whole),
        (&[0, 1], Handshake::Part),
        (&[0], Handshake::Part),
        (&[1, 2], Handshake::Part),
        (&[2], Handshake::Unseen),
        (&[], Handshake::Unseen),
    ] {
        let mut frames: Frames = kept.iter().map(|at| whole[*at].clone()).collect();
        if kept.len() != 2 || kept[1] == 2 {
            frames.push(data.clone());
        }
        let file = pcapng(&frames);
        examine(&file);
        let seen = survey(file.as_slice()).expect("a capture");
        // Data of the client acknowledges the SYN-ACK as well as the bare third segment does.
        let told = if kept == [0] { Handshake::Part } else { told };
        assert_eq!(seen.connections[0].handshake(), told, "{kept:?}");
        assert_eq!(seen.connections[0].ends[0].port(), 4000, "{kept:?}");
    }
}

#[test]
fn overlapping_fragments_and_lying_lengths_are_counted_apart() {
    let datagram = wire::build(&Packet::ipv4(
        MacAddr::of_host(1),
        MacAddr::of_host(2),
        Ipv4Packet::new(CLIENT, SERVER, Transport::Other { protocol: 17, payload: vec![7; 64].into() }),
    ));
    let fragment = |offset: u16, more: bool| {
        let mut octets = datagram.to_vec();
        octets[20..22].copy_from_slice(&(offset | u16::from(more) << 13).to_be_bytes());
        wire::repair_checksums(&Bytes::from(octets))
    };
    let lying = |place: usize, value: u8| {
        let mut octets = datagram.to_vec();
        octets[place] = value;
        Bytes::from(octets)
    };
    let mut frames: Frames = (0..200).map(|at| (at, fragment((at % 7) as u16, at % 3 != 0))).collect();
    // Total length, header length, version; a frame with nothing in it.
    for (place, value) in [(16, 0xff), (17, 3), (14, 0x41), (14, 0x4f), (14, 0x00)] {
        frames.push((300, lying(place, value)));
    }
    frames.push((301, Bytes::new()));
    let file = pcapng(&frames);
    examine(&file);
    let seen = survey(file.as_slice()).expect("a capture");
    assert!(seen.others >= 170, "{}", seen.others);
    assert_eq!(seen.unknown_links.values().sum::<u64>(), 1);
    assert_eq!(seen.broken, None);
}

#[test]
fn compressed_files_are_refused_by_name() {
    for (magic, name) in [
        (&[0x1f, 0x8b, 8, 0][..], "gzip"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "zstd"),
        (&[0xfd, b'7', b'z', b'X'], "xz"),
        (b"BZh9", "bzip2"),
        (&[4, 0x22, 0x4d, 0x18], "LZ4"),
    ] {
        let broken = Capture::open(magic).expect_err("it is refused");
        for lang in [Lang::En, Lang::Zh] {
            assert!(broken.sentence(lang).contains(name), "{}", broken.sentence(lang));
        }
    }
}
