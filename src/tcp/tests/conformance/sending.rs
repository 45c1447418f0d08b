//! RFC 9293 sections 3.7.4, 3.8.6.3 and 3.9.1.2: SEND, PUSH, Nagle, and when to acknowledge.

use super::super::bench::{THEIRS, seg};
use super::{both, carrying, eager, lengths, offering, set};
use crate::clock::Span;
use crate::tcp::{Reason, State};
use crate::wire::Flags;

#[test]
fn a_small_write_on_an_idle_connection_goes_at_once() {
    for mut bench in both(State::Established) {
        bench.write(b"x");
        assert_eq!(bench.shown(0), ["PA 1 1 +1"]);
    }
}

#[test]
fn the_last_segment_of_a_write_is_pushed_and_the_full_ones_before_are_not() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 3 * 1460]);
        assert_eq!(bench.shown(0), ["A 1 1 +1460", "A 1461 1 +1460", "PA 2921 1 +1460"]);
    }
}

#[test]
fn without_nodelay_the_second_small_write_waits_and_with_it_goes() {
    for mut bench in both(State::Established) {
        bench.write(b"one");
        bench.write(b"two");
        assert_eq!(bench.shown(0), ["PA 1 1 +3"]);
        assert!(bench.notes.contains(&Reason::HeldByNagle));
        assert_eq!(bench.hand(&seg("A", 1, 4, "")), ["PA 4 1 +3"]);
    }
    for mut bench in both(State::Established) {
        set(&mut bench, |options| options.no_delay = true);
        bench.write(b"one");
        bench.write(b"two");
        assert_eq!(bench.shown(0), ["PA 1 1 +3", "PA 4 1 +3"]);
    }
}

#[test]
fn turning_nodelay_on_lets_go_what_waited() {
    for mut bench in both(State::Established) {
        bench.write(b"one");
        bench.write(b"two");
        set(&mut bench, |options| options.no_delay = true);
        assert_eq!(bench.shown(0), ["PA 1 1 +3", "PA 4 1 +3"]);
    }
}

#[test]
fn writes_that_had_to_wait_go_as_one_segment_with_one_push() {
    for mut bench in both(State::Established) {
        bench.write(b"first");
        for _ in 0..20 {
            bench.write(b"0123456789");
        }
        let from = bench.sent.len();
        bench.hand(&seg("A", 1, 6, ""));
        assert_eq!(bench.shown(from), ["PA 6 1 +200"]);
    }
}

#[test]
fn as_much_as_possible_goes_in_full_segments() {
    for mut bench in both(State::Established) {
        for _ in 0..100 {
            bench.write(&[1; 146]);
        }
        for n in 1..=10 {
            bench.hand(&seg("A", 1, n * 1460 + 1, ""));
            bench.hand(&seg("A", 1, (bench.variable("snd.nxt").unwrap() - 5000) as i32, ""));
        }
        let lengths = lengths(&bench);
        assert_eq!(lengths.iter().sum::<usize>(), 14_600);
        let full = lengths.iter().filter(|length| **length == 1460).count();
        assert!(full >= 9 && lengths.len() <= 12, "{lengths:?}");
    }
}

#[test]
fn an_acknowledgment_waits_less_than_half_a_second() {
    for mut bench in both(State::Established) {
        let mut next = 1;
        for _ in 0..40 {
            let before = bench.sent.len();
            bench.hand(&carrying(seg("PA", next, 1, ""), 100));
            next += 100;
            bench.wait(Span::millis(499));
            let acks = bench.shown(before);
            assert_eq!(acks, [format!("A 1 {next} +0")]);
        }
    }
}

#[test]
fn an_acknowledgment_is_delayed_when_nothing_urges_it() {
    for mut bench in both(State::Established) {
        // The kernel acknowledges the first segments of a connection at once.
        let mut next = 1;
        for _ in 0..16 {
            bench.hand(&carrying(seg("PA", next, 1, ""), 100));
            next += 100;
            bench.wait(Span::millis(150));
        }
        assert!(bench.hand(&carrying(seg("PA", next, 1, ""), 100)).is_empty());
        assert_eq!(bench.wait(Span::millis(500)), [format!("A 1 {} +0", next + 100)]);
    }
}

#[test]
fn every_second_full_segment_is_acknowledged_at_once() {
    for mut bench in both(State::Established) {
        let mut next = 1;
        for n in 0..60 {
            let sent = bench.hand(&carrying(seg("A", next, 1, ""), 1460));
            next += 1460;
            assert!(sent.len() <= 1, "at most one acknowledgment for one segment");
            let told = bench.sent.last().map_or(1, |(_, segment, _)| (segment.ack - THEIRS) as i32);
            assert!(next - told < 2 * 1460, "segment {n}: {} octets wait", next - told);
            bench.read();
        }
    }
}

#[test]
fn in_a_burst_there_are_fewer_acknowledgments_than_segments() {
    for mut bench in both(State::Established) {
        let mut next = 1;
        for _ in 0..60 {
            bench.hand(&carrying(seg("A", next, 1, ""), 1460));
            next += 1460;
            bench.read();
        }
        bench.wait(Span::millis(500));
        assert!(bench.sent.len() <= 50, "{} for 60", bench.sent.len());
        assert_eq!(bench.sent.last().unwrap().1.ack.0, 900_000 + next as u32);
    }
}

#[test]
fn data_is_never_beyond_the_window_nor_the_congestion_window() {
    for window in [0u16, 100, 1460, 5000, 14_600, 65_535] {
        for mut bench in eager() {
            bench.hand(&offering(seg("A", 1, 1, ""), window));
            bench.forget_past();
            bench.write(&[1; 60_000]);
            let octets: usize = lengths(&bench).iter().sum();
            assert!(octets <= usize::from(window) && octets <= 14_600, "{octets} octets into {window}");
            assert!(window < 1460 || octets >= usize::from(window.min(14_600)) / 1460 * 1460);
        }
    }
}

#[test]
fn text_rides_with_an_acknowledgment() {
    for mut bench in both(State::Established) {
        bench.write(b"x");
        assert!(bench.sent[0].1.flags.has(Flags::ACK));
    }
}
