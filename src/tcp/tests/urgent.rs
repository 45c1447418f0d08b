//! Urgent data. What the linux profile must do was seen on Linux 6.18.44.

use super::bench::{Bench, seg};
use crate::clock::Span;
use crate::tcp::{ConnOptions, Profile, Reason, State, StreamError};
use crate::wire::Segment;
use bytes::Bytes;

const AGAIN: Result<u8, StreamError> = Err(StreamError::WouldBlock);
const NONE: Result<u8, StreamError> = Err(StreamError::NothingUrgent);

/// A segment from the peer with URG and this pointer.
fn urg(letters: &str, seq: i32, text: &'static str, pointer: u16) -> Segment {
    Segment { urgent: pointer, ..seg(letters, seq, 1, text) }
}

impl Bench {
    fn write_urgent(&mut self, data: &[u8]) {
        let c = self.conn.unwrap();
        self.run(|stack, now, fx| stack.send_urgent(now, c, &Bytes::copy_from_slice(data), fx)).unwrap();
    }

    fn out_of_band(&mut self) -> Result<u8, StreamError> {
        self.stack.recv_urgent(self.conn.unwrap())
    }

    fn at_mark(&self) -> bool {
        self.stack.at_mark(self.conn.unwrap())
    }

    fn read_text(&mut self) -> String {
        String::from_utf8(self.read()).unwrap()
    }

    fn keep_inline(&mut self) {
        let c = self.conn.unwrap();
        let options = ConnOptions { urgent_inline: true, ..*self.stack.options(c).unwrap() };
        self.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
    }

    /// Flags and urgent pointer of what was sent from the `from`th on.
    fn pointers(&self, from: usize) -> Vec<(String, u16)> {
        let tell = |(_, segment, _): &(_, Segment, _)| (segment.flags.to_string(), segment.urgent);
        self.sent[from..].iter().map(tell).collect()
    }
}

fn established() -> Bench {
    Bench::at(Profile::linux(), State::Established)
}

#[test]
fn the_urgent_pointer_points_past_the_last_urgent_octet() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write_urgent(b"abc");
        assert_eq!(bench.pointers(0), [("PUA".to_owned(), 3)]);
        bench.hand(&seg("A", 1, 4, ""));
        bench.write(b"xy");
        assert_eq!(bench.pointers(1), [("PA".to_owned(), 0)], "urgency ends with the acknowledgment");
    }
}

#[test]
fn every_segment_before_the_mark_carries_the_pointer() {
    let mut bench = established();
    bench.write_urgent(&[7; 4001]);
    let expected = [("UA".to_owned(), 4001), ("UA".to_owned(), 2541), ("PUA".to_owned(), 1081)];
    assert_eq!(bench.pointers(0), expected);
}

#[test]
fn a_mark_too_far_ahead_is_announced_as_far_as_the_field_reaches() {
    let mut bench = established();
    bench.write_urgent(&[7; 100_000]);
    assert_eq!(bench.pointers(0)[0], ("UA".to_owned(), u16::MAX));
}

#[test]
fn urgent_data_does_not_wait_for_nagle_in_the_kernel_but_does_by_the_rfc() {
    for (profile, sent) in [(Profile::linux(), 2), (Profile::rfc9293(), 1)] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(b"ab");
        bench.write_urgent(b"c");
        assert_eq!(bench.sent.len(), sent);
    }
}

#[test]
fn a_retransmission_carries_the_pointer_too() {
    let mut bench = established();
    bench.write(b"ab");
    bench.write_urgent(b"c");
    bench.wait(Span::millis(205));
    assert_eq!(bench.pointers(2), [("PUA".to_owned(), 3)]);
}

#[test]
fn probes_carry_the_pointer_past_a_closed_window() {
    let mut bench = established();
    bench.hand(&Segment { window: 0, ..seg("A", 1, 1, "") });
    bench.write_urgent(b"abc");
    bench.wait(Span::millis(250));
    assert_eq!(bench.shown(0), ["UA 1 1 +0", "UA 0 1 +0"]);
    assert_eq!(bench.pointers(0), [("UA".to_owned(), 3), ("UA".to_owned(), 4)]);
    bench.hand(&seg("A", 1, 1, ""));
    assert_eq!(bench.pointers(2), [("PUA".to_owned(), 3)]);
}

#[test]
fn the_last_urgent_octet_is_out_of_band_and_reading_stops_before_it() {
    let mut bench = established();
    bench.hand(&urg("PAU", 1, "hello!", 6));
    assert!(bench.notes.contains(&Reason::UrgentAnnounced));
    assert_eq!(bench.read_text(), "hello");
    assert!(bench.at_mark());
    assert_eq!(bench.stack.readable_octets(bench.conn.unwrap()), 0);
    assert_eq!((bench.out_of_band(), bench.out_of_band()), (Ok(b'!'), NONE));
    bench.hand(&seg("PA", 7, 1, "after"));
    assert_eq!(bench.read_text(), "after");
    assert!(!bench.at_mark());
}

#[test]
fn reading_goes_on_behind_the_mark() {
    let mut bench = established();
    bench.hand(&urg("PAU", 1, "abXcd", 3));
    assert_eq!((bench.read_text().as_str(), bench.at_mark()), ("ab", true));
    assert_eq!((bench.read_text().as_str(), bench.at_mark()), ("cd", false));
    assert_eq!(bench.out_of_band(), NONE, "whoever reads past the mark has lost the octet");
}

#[test]
fn an_urgent_octet_can_be_announced_before_it_comes() {
    let mut bench = established();
    assert_eq!(bench.out_of_band(), NONE);
    bench.hand(&urg("AU", 1, "", 3));
    assert_eq!(bench.out_of_band(), AGAIN);
    bench.hand(&seg("PA", 1, 1, "abXcd"));
    assert_eq!(bench.out_of_band(), Ok(b'X'));
    assert_eq!(bench.read_text(), "ab");
}

#[test]
fn an_urgent_octet_beyond_a_gap_is_there_at_once() {
    let mut bench = established();
    bench.hand(&urg("PAU", 3, "cdE", 3));
    assert_eq!(bench.out_of_band(), Ok(b'E'));
    assert_eq!(bench.read_text(), "");
    bench.hand(&seg("PA", 1, 1, "ab"));
    assert_eq!((bench.out_of_band(), bench.read_text().as_str(), bench.at_mark()), (NONE, "abcd", true));
}

#[test]
fn a_newer_mark_takes_the_place_of_an_older_one_whose_octet_becomes_plain() {
    let mut bench = established();
    bench.hand(&urg("PAU", 1, "aX", 2));
    bench.hand(&urg("PAU", 3, "bY", 2));
    assert_eq!((bench.read_text().as_str(), bench.at_mark()), ("aXb", true));
    assert_eq!(bench.out_of_band(), Ok(b'Y'));
    assert_eq!(bench.read_text(), "");
}

#[test]
fn a_pointer_to_what_has_come_before_tells_nothing() {
    let mut bench = established();
    bench.hand(&seg("PA", 1, 1, "abX"));
    bench.hand(&urg("AU", 4, "", 0));
    bench.hand(&urg("PAU", 1, "abX", 3));
    assert_eq!(bench.read_text(), "abX");
    assert_eq!(bench.notes.iter().filter(|note| **note == Reason::UrgentAnnounced).count(), 1);
}

#[test]
fn a_pointer_of_zero_is_one_in_the_kernel_and_nothing_by_the_rfc() {
    let mut linux = established();
    linux.hand(&urg("PAU", 1, "qrs", 0));
    assert_eq!(linux.out_of_band(), Ok(b'q'));
    let mut rfc = Bench::at(Profile::rfc9293(), State::Established);
    rfc.hand(&urg("PAU", 1, "qrs", 0));
    assert!(!rfc.notes.contains(&Reason::UrgentAnnounced));
    assert_eq!(rfc.read_text(), "qrs");
}

#[test]
fn inline_the_octet_stays_in_the_stream_and_the_mark_is_before_it() {
    let mut bench = established();
    bench.keep_inline();
    bench.hand(&urg("PAU", 1, "abXcd", 3));
    assert_eq!(bench.out_of_band(), NONE);
    assert_eq!((bench.read_text().as_str(), bench.at_mark()), ("ab", true));
    assert_eq!((bench.read_text().as_str(), bench.at_mark()), ("Xcd", false));
}

#[test]
fn urgent_data_of_any_length_stays_in_the_stream_by_the_rfc_and_all_but_the_last_octet_in_the_kernel() {
    for (profile, text) in [(Profile::rfc9293(), "cdefgh"), (Profile::linux(), "cde")] {
        let mut bench = Bench::at(profile, State::Established);
        let c = bench.conn.unwrap();
        bench.hand(&urg("PAU", 1, "abcdefgh", 6));
        assert_eq!(bench.stack.urgent_left(c), 6);
        bench.run(|stack, now, fx| stack.recv(now, c, 2, fx)).unwrap();
        assert_eq!(bench.stack.urgent_left(c), 4, "the user learns how much urgent data is left");
        assert_eq!(bench.read_text(), text);
    }
}

#[test]
fn an_urgent_octet_that_nobody_fetched_counts_as_unread_at_close() {
    let mut bench = established();
    bench.hand(&urg("PAU", 1, "X", 1));
    bench.close();
    assert_eq!(bench.shown(bench.sent.len() - 1), ["RA 1 2 +0"]);
}

#[test]
fn snd_up_never_falls_behind_snd_una() {
    let mut bench = established();
    bench.write_urgent(b"x");
    bench.hand(&seg("A", 1, 2, ""));
    for _ in 0..3 {
        bench.write(b"yz");
        let end = bench.variable("snd.nxt").unwrap() as u32;
        let mut ack = seg("A", 1, 1, "");
        ack.ack = crate::wire::Seq(end);
        bench.hand(&ack);
        let block = bench.stack.block(bench.conn.unwrap()).unwrap();
        assert_eq!(block.snd.up, block.snd.una, "a SND.UP left behind would one day lie ahead");
    }
}
