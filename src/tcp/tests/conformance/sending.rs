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

#[test]
fn in_a_long_write_the_rfc_pushes_its_end_and_linux_every_half_window_as_well() {
    // What Linux 6.18 was seen to push, writing at once what its buffer took.
    let cases: [(u16, usize, &[u64]); 4] = [
        (64_240, 30_000, &[30_000]),
        (64_240, 100_000, &[33_580, 67_160, 100_000]),
        (20_000, 40_000, &[10_220, 20_440, 30_660, 40_000]),
        (8000, 14_600, &[4380, 8760, 13_140, 14_600]),
    ];
    for (window, octets, linux) in cases {
        for (mut bench, expected) in eager().into_iter().zip([&[octets as u64][..], linux]) {
            // A peer whose window was never larger.
            let small = |segment| offering(segment, window);
            bench.conn = None;
            bench.hand(&small(seg("R", 1, 0, "")));
            bench.stack.set_next_isn(super::super::bench::OURS);
            bench.hand(&super::with_options(small(seg("S", 0, 0, "")), [crate::wire::TcpOption::Mss(1460)]));
            bench.hand(&small(seg("A", 1, 1, "")));
            bench.accept();
            bench.forget_past();
            bench.write(&vec![1; octets]);
            while bench.sent.len() * 1460 < octets {
                let next = (bench.variable("snd.nxt").unwrap() - 5000) as i32;
                assert!(!bench.hand(&small(seg("A", 1, next, ""))).is_empty());
            }
            let ends = |segment: &crate::wire::Segment| {
                u64::from(segment.seq - super::super::bench::OURS) - 1 + segment.payload.len() as u64
            };
            let pushed = bench.sent.iter().filter(|(_, segment, _)| segment.flags.has(Flags::PSH));
            let pushed: Vec<u64> = pushed.map(|(_, segment, _)| ends(segment)).collect();
            assert_eq!(pushed, expected, "{octets} octets, window {window}");
        }
    }
}

#[test]
fn successive_writes_that_go_together_are_pushed_once() {
    for mut bench in both(State::Established) {
        bench.write(b"x");
        for _ in 0..30 {
            bench.write(&[7; 100]);
        }
        bench.hand(&seg("A", 1, 2, ""));
        assert_eq!(bench.shown(1)[0], "A 2 1 +1460", "ends of writes within it show nowhere");
    }
}

#[test]
fn the_code_point_can_be_set_and_changed_and_every_segment_carries_it() {
    for profile in super::profiles() {
        let mut bench = super::super::bench::Bench::new(profile);
        bench.listen(4);
        let listener = bench.listener.unwrap();
        let options =
            crate::tcp::ConnOptions { dscp: 46, ..crate::tcp::ConnOptions::of(bench.stack.profile()) };
        bench.stack.set_listener_options(listener, &options);
        bench.hand(&super::with_options(seg("S", 0, 0, ""), [crate::wire::TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 500_000, 1, ""));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        bench.write(b"one");
        assert_eq!(bench.dscps, [46, 46, 46], "SYN-ACK, an ACK of the half-open, data");
        set(&mut bench, |options| options.dscp = 8);
        bench.forget_past();
        bench.hand(&seg("A", 1, 4, ""));
        bench.write(b"two");
        bench.close();
        bench.hand(&seg("FA", 1, 8, ""));
        assert_eq!(bench.state(), State::TimeWait);
        bench.hand(&seg("FA", 1, 8, ""));
        assert!(bench.dscps.len() >= 4 && bench.dscps.iter().all(|dscp| *dscp == 8), "{:?}", bench.dscps);
    }
}
