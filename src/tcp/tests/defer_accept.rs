//! A listener that waits for data (TCP_DEFER_ACCEPT), as seen on Linux 6.18.44.

use super::bench::{Bench, seg};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnOptions, Profile, Reason, State};

/// A listener of that profile with so many seconds of TCP_DEFER_ACCEPT, and a SYN that has been answered.
fn half_open(profile: Profile, seconds: u32) -> Bench {
    let mut bench = Bench::at(profile, State::Listen);
    let options = ConnOptions {
        defer_accept: bench.stack.profile().defer_periods(seconds),
        ..ConnOptions::of(bench.stack.profile())
    };
    let listener = bench.listener.unwrap();
    bench.stack.set_listener_options(listener, &options);
    assert_eq!(bench.hand(&seg("S", 0, 0, "")), ["SA 0 1 +0"]);
    bench
}

#[test]
fn a_bare_final_ack_makes_no_connection_and_data_does() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = half_open(profile, 1);
        for _ in 0..2 {
            assert!(bench.hand(&seg("A", 1, 1, "")).is_empty());
        }
        assert_eq!((bench.half_open(), bench.count(Counter::TCPDeferAcceptDrop)), (1, 2));
        assert!(bench.notes.contains(&Reason::DropDeferredAck));
        bench.hand(&seg("PA", 1, 1, "hi"));
        bench.accept();
        assert_eq!(bench.read(), b"hi");
    }
}

#[test]
fn a_fin_counts_as_data() {
    let mut bench = half_open(Profile::linux(), 5);
    bench.hand(&seg("A", 1, 1, ""));
    bench.hand(&seg("FA", 1, 1, ""));
    assert_eq!(bench.half_open(), 0);
}

#[test]
fn who_acknowledged_is_asked_again_only_at_the_end_and_then_a_bare_ack_is_enough() {
    for (seconds, again_after) in [(1, 1), (3, 3), (5, 7)] {
        let mut bench = half_open(Profile::linux(), seconds);
        bench.hand(&seg("A", 1, 1, ""));
        assert!(bench.wait(Span::millis(again_after * 1000 - 1)).is_empty(), "{seconds}");
        assert_eq!(bench.wait(Span::millis(2)), ["SA 0 1 +0"], "{seconds}");
        bench.hand(&seg("A", 1, 1, ""));
        assert_eq!(bench.half_open(), 0, "{seconds}");
        bench.accept();
    }
}

#[test]
fn who_never_answered_is_asked_as_ever() {
    let mut bench = half_open(Profile::linux(), 30);
    assert_eq!(bench.wait(Span::secs(8)).len(), 3);
}

#[test]
fn seconds_become_whole_syn_ack_periods() {
    let profile = Profile::linux();
    let told = |seconds| profile.defer_time(profile.defer_periods(seconds)).as_millis() / 1000;
    assert_eq!([0, 1, 2, 3, 4, 5, 8].map(told), [0, 1, 3, 3, 7, 7, 15]);
}
