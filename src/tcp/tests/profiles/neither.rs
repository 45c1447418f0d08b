//! What neither profile does, though some stack might.

use super::super::bench::{Bench, local, peer, seg};
use super::{both, profiles};
use crate::clock::{Instant, Span};
use crate::tcp::{ConnOptions, State};
use crate::wire::{Segment, TcpOption, TcpOptions};

#[test]
fn the_user_is_told_nothing_until_the_connection_is_given_up() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        bench.write(b"hello");
        while bench.state() == State::Established {
            assert_eq!(bench.stack.error(c), None);
            bench.wait(Span::secs(1));
        }
        assert!(bench.stack.error(c).is_some());
    }
}

#[test]
fn the_window_uses_all_sixteen_bits() {
    for mut bench in both(State::Listen) {
        bench.hand(&seg("S", 0, 0, ""));
        assert!(bench.sent[0].1.window > 32_767, "{}", bench.sent[0].1.window);
    }
}

#[test]
fn a_new_host_sends_its_first_syn_at_once() {
    for profile in profiles(&[]) {
        let mut bench = Bench::new(profile);
        bench.now = Instant::ZERO;
        bench.run(|stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.connect(now, local(), peer(), &options, fx).unwrap()
        });
        assert_eq!(bench.shown(0), ["S 0 +0"]);
    }
}

#[test]
fn both_profiles_begin_with_reno() {
    for profile in profiles(&[]) {
        assert_eq!(profile.congestion_control, "reno");
    }
}

#[test]
fn a_user_timeout_or_a_fast_open_cookie_of_the_peer_changes_nothing() {
    for octets in [[28, 4, 0x80, 5], [34, 2, 1, 1]] {
        for mut bench in both(State::Listen) {
            let options = TcpOptions::from_octets(&octets).unwrap();
            assert_eq!(bench.hand(&Segment { options, ..seg("S", 0, 0, "") }), ["SA 0 1 +0"]);
            let unknown = |it: TcpOption| matches!(it, TcpOption::Unknown { .. });
            assert!(!bench.sent[0].1.options.iter().any(unknown));
            bench.hand(&seg("A", 1, 1, ""));
            bench.accept();
            assert_eq!(bench.stack.options(bench.conn.unwrap()).unwrap().user_timeout, None);
        }
    }
}

#[test]
fn what_r1_starts_shows_in_no_segment() {
    let sent = |r1: i64| {
        profiles(&[("tcp_retries1", r1), ("tcp_retries2", 5)]).map(|profile| {
            let mut bench = super::super::bench::Bench::at(profile, State::Established);
            bench.write(b"hello");
            bench.wait(Span::secs(200));
            assert_ne!(bench.state(), State::Established, "given up");
            let begin = bench.sent[0].0;
            bench.sent.iter().map(|(at, ..)| *at - begin).collect::<Vec<Span>>()
        })
    };
    assert_eq!(sent(0), sent(10));
    assert_eq!(sent(0).map(|times| times.len()), [6, 6]);
}
