//! Duplicate acknowledgments behind a hole: one for each segment, or three and then one for many (Linux 6.18.44).

use super::bench::{Bench, seg, with_options};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason};
use crate::wire::{Segment, TcpOption};
use bytes::Bytes;

/// The `n`th thousand octets of the peer.
fn thousand(n: i32) -> Segment {
    Segment { payload: Bytes::from(vec![7; 1000]), ..seg("A", 1 + 1000 * n, 1, "") }
}

/// A receiver 40 ms away that has read twenty of them, so that nothing is acknowledged more quickly than usual.
fn receiver(profile: Profile, sack: bool) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(16);
    let mut offered = vec![TcpOption::Mss(1460)];
    offered.extend(sack.then_some(TcpOption::SackPermitted));
    bench.hand(&with_options(seg("S", 0, 0, ""), offered));
    bench.wait(Span::millis(40));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    for n in 0..20 {
        bench.hand(&thousand(n));
        bench.wait(Span::millis(1));
    }
    bench.read();
    bench.wait(Span::millis(60));
    bench.forget_past();
    bench
}

/// The linux profile with the kernel's own setting.
fn linux() -> Profile {
    let mut linux = Profile::linux();
    linux.set("tcp_comp_sack_nr", 44).unwrap();
    linux
}

/// How many acknowledgments the segments from the `from`th on call forth at once, when that one is missing.
fn behind_a_hole(bench: &mut Bench, from: i32, segments: i32) -> usize {
    (1..=segments).map(|n| bench.hand(&thousand(from + n)).len()).sum()
}

#[test]
fn the_rfc_acknowledges_each_segment_behind_a_hole_and_linux_three_and_then_one_for_many() {
    for (profile, at_once, later) in [(Profile::rfc9293(), 30, 0), (linux(), 3, 1)] {
        let mut bench = receiver(profile, true);
        assert_eq!(behind_a_hole(&mut bench, 20, 30), at_once);
        assert_eq!(bench.wait(Span::millis(2)).len(), later);
        assert_eq!(bench.count(Counter::TCPAckCompressed), later as u64 * 26);
        assert_eq!(bench.hand(&thousand(20)), ["A 1 51001 +0"], "a filled gap is told at once");
    }
}

#[test]
fn what_was_held_back_goes_after_a_millisecond_or_a_twentieth_of_the_round_trip() {
    let mut bench = receiver(linux(), true);
    behind_a_hole(&mut bench, 20, 5);
    assert!(bench.wait(Span::micros(999)).is_empty());
    assert_eq!(bench.wait(Span::micros(2)), ["A 1 20001 +0"]);
    assert_eq!(bench.sent.last().unwrap().2, Reason::AckCompressed);
    let blocks: Vec<TcpOption> = bench.sent.last().unwrap().1.options.iter().collect();
    assert!(blocks.iter().any(|option| matches!(option, TcpOption::Sack(_))), "{blocks:?}");
    let mut profile = linux();
    profile.set("tcp_comp_sack_delay_ns", 1_000_000_000).unwrap();
    let mut bench = receiver(profile, true);
    behind_a_hole(&mut bench, 20, 5);
    assert!(bench.wait(Span::micros(1_990)).is_empty(), "40 ms / 20");
    assert_eq!(bench.wait(Span::micros(20)).len(), 1);
}

#[test]
fn no_more_than_the_setting_says_are_made_one() {
    for (most, expected) in [(0, 30), (5, 3 + 4), (44, 3)] {
        let mut profile = Profile::linux();
        profile.set("tcp_comp_sack_nr", most).unwrap();
        let mut bench = receiver(profile, true);
        assert_eq!(behind_a_hole(&mut bench, 20, 30), expected, "{most}");
    }
}

#[test]
fn without_sack_every_duplicate_goes_at_once() {
    let mut bench = receiver(linux(), false);
    assert_eq!(behind_a_hole(&mut bench, 20, 30), 30);
}

#[test]
fn a_connection_that_is_acknowledged_quickly_holds_nothing_back() {
    let mut bench = Bench::new(linux());
    bench.listen(16);
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460), TcpOption::SackPermitted]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    bench.hand(&thousand(0));
    assert_eq!(behind_a_hole(&mut bench, 1, 10), 10);
}

#[test]
fn when_more_is_in_order_the_count_begins_anew() {
    let mut bench = receiver(linux(), true);
    behind_a_hole(&mut bench, 20, 10);
    bench.wait(Span::millis(5));
    // Two holes: the first is filled, the second remains.
    bench.hand(&thousand(32));
    bench.wait(Span::millis(5));
    bench.hand(&thousand(20));
    assert_eq!(behind_a_hole(&mut bench, 32, 10), 3);
}
