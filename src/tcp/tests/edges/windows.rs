//! The congestion window: how it begins, when it begins anew.

use super::super::bench::{Bench, seg, with_options};
use super::super::conformance::profiles;
use super::super::congestion::grown;
use super::super::recovery::sacking;
use crate::clock::Span;
use crate::tcp::Profile;
use crate::wire::{Seq, TcpOption};

/// The window of a grown connection that was idle for just `rtos` time-outs and `more`, before that and after.
fn idle(profile: Profile, rtos: u64, more: Span) -> (u64, u64) {
    let mut bench = grown(profile);
    bench.write(b"x");
    let next = bench.variable("snd.nxt").unwrap() as i32 - 5000;
    bench.hand(&seg("A", 1, next, ""));
    let window = bench.variable("cwnd").unwrap();
    bench.wait(Span::micros(bench.variable("rto").unwrap()) * rtos + more);
    bench.write(b"y");
    (window, bench.variable("cwnd").unwrap())
}

#[test]
fn only_an_idle_time_longer_than_the_time_out_begins_the_window_anew() {
    let (window, kept) = idle(Profile::rfc9293(), 1, Span::ZERO);
    assert_eq!(kept, window);
    assert_eq!(idle(Profile::rfc9293(), 1, Span::nanos(1)).1, 3);
}

#[test]
fn linux_halves_the_window_for_each_whole_time_out_that_is_over() {
    let mut profile = Profile::linux();
    profile.set("tcp_initial_cwnd", 2).unwrap();
    for (rtos, more, halvings) in
        [(1, Span::ZERO, 0), (1, Span::nanos(1), 1), (2, Span::ZERO, 1), (2, Span::nanos(1), 2)]
    {
        let (window, left) = idle(profile.clone(), rtos, more);
        assert_eq!(left, window >> halvings, "{rtos} time-outs and {more}");
    }
}

#[test]
fn the_acknowledgment_of_the_syn_opens_nothing() {
    for mut profile in profiles() {
        profile.set("tcp_initial_cwnd", 1).unwrap();
        let mut bench = Bench::new(profile);
        bench.listen(4);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        assert_eq!(bench.variable("cwnd"), Some(1));
    }
}

#[test]
fn a_block_beyond_what_was_ever_sent_is_believed_in_nothing() {
    for profile in profiles() {
        let mut bench = sacking(profile);
        assert_eq!(bench.fill(6).len(), 6);
        let beyond = Seq(5000 + 1 + 7 * 1460);
        let block = TcpOption::Sack([(Seq(5000 + 1 + 1460), beyond)].into_iter().collect());
        for _ in 0..4 {
            assert!(bench.hand(&with_options(seg("A", 1, 1, ""), [block])).is_empty());
        }
        assert_eq!(bench.variable("duplicate-acks"), None);
    }
}
