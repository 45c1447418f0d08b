//! Timers and giving up.

use super::super::bench::{Bench, OURS, local, peer, seg};
use super::{both, each, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{IcmpKind, State, StreamError};

/// Lets time pass until the connection is over, at most `limit` seconds. Returns tenths of a second.
fn until_over(bench: &mut Bench, limit: u64) -> Option<u64> {
    (1..=limit * 10).find(|_| {
        bench.wait(Span::millis(100));
        bench.state() != State::Established
    })
}

/// Milliseconds between segments sent.
fn gaps(bench: &Bench) -> Vec<u64> {
    bench.sent.windows(2).map(|pair| (pair[1].0 - pair[0].0).as_millis()).collect()
}

#[test]
fn the_gaps_double_up_to_one_minute_by_the_rfc_and_up_to_two_in_linux() {
    let greatest = both(State::Established).map(|mut bench| {
        bench.write(b"hello");
        bench.wait(Span::secs(2000));
        gaps(&bench).into_iter().max()
    });
    assert_eq!(greatest, [Some(60_000), Some(120_000)]);
}

#[test]
fn data_is_given_up_after_924_seconds_in_linux_and_after_fifteen_resends_by_the_rfc() {
    let [rfc, linux] = both(State::Established).map(|mut bench| {
        bench.write(b"hello");
        let over = until_over(&mut bench, 3000).unwrap();
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
        (over / 10, bench.sent.len() - 1)
    });
    assert!(rfc.0 > 100 && rfc.1 == 15, "{rfc:?}");
    assert!((924..1000).contains(&linux.0) && linux.1 == 15, "{linux:?}");
}

#[test]
fn the_user_timeout_gives_up_sooner_than_any_count() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        let mut options = *bench.stack.options(c).unwrap();
        assert_eq!(options.user_timeout, None);
        options.user_timeout = Some(Span::secs(4));
        bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
        bench.write(b"hello");
        // It runs from the first resend on.
        let over = until_over(&mut bench, 100).unwrap();
        assert!((40..=50).contains(&over), "{over}");
        assert_eq!(bench.stack.error(c), Some(StreamError::TimedOut));
    }
}

#[test]
fn nobody_is_probed_who_did_not_ask_for_it() {
    for mut bench in both(State::Established) {
        assert!(bench.wait(Span::secs(100_000)).is_empty());
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn keepalive_begins_after_two_hours_and_probes_nine_times() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        let mut options = *bench.stack.options(c).unwrap();
        options.keepalive.on = true;
        bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
        assert!(bench.wait(Span::secs(7199)).is_empty());
        let sent = bench.wait(Span::secs(2000));
        assert_eq!(sent, [vec!["A 0 1 +0"; 9], vec!["RA 1 1 +0"]].concat());
        assert_eq!(&gaps(&bench)[..2], [75_000, 75_000]);
    }
}

#[test]
fn a_user_timeout_goes_before_the_count_of_keepalive_probes() {
    for (timeout, probes) in [(3_500, 3), (500, 1), (20_000, 19)] {
        for mut bench in both(State::Established) {
            let c = bench.conn.unwrap();
            let mut options = *bench.stack.options(c).unwrap();
            options.keepalive.on = true;
            options.keepalive.idle = Span::secs(1);
            options.keepalive.interval = Span::secs(1);
            options.keepalive.count = 2;
            options.user_timeout = Some(Span::millis(timeout));
            bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
            bench.wait(Span::secs(60));
            assert_eq!(bench.count(Counter::TCPKeepAlive), probes, "user timeout {timeout} ms");
            assert_ne!(bench.state(), State::Established);
        }
    }
}

#[test]
fn a_closed_window_is_probed_with_an_octet_by_the_rfc_and_with_nothing_by_linux() {
    let probes = each(profiles(&[]), |profile| {
        let mut bench = Bench::at(profile, State::Established);
        let mut closed = seg("A", 1, 1, "");
        closed.window = 0;
        bench.hand(&closed);
        bench.write(b"waiting");
        bench.wait(Span::millis(2500));
        bench.shown(0)[0].clone()
    });
    assert_eq!(probes, ["A 1 1 +1", "A 0 1 +0"]);
}

/// Seconds that a closed window is waited for, the peer answering each probe; `None` if longer than 3000.
fn patience(bench: &mut Bench) -> Option<u64> {
    let mut closed = seg("A", 1, 1, "");
    closed.window = 0;
    bench.hand(&closed);
    bench.write(b"waiting");
    (1..30_000u64)
        .find(|_| {
            if !bench.wait(Span::millis(100)).is_empty() {
                bench.hand(&closed);
            }
            bench.state() == State::Listen
        })
        .map(|tenths| tenths / 10)
}

#[test]
fn a_closed_window_is_waited_for_for_ever_by_the_rfc_and_in_linux_not_beyond_the_user_timeout() {
    let patience = both(State::Established).map(|mut bench| {
        let c = bench.conn.unwrap();
        let mut options = *bench.stack.options(c).unwrap();
        options.user_timeout = Some(Span::secs(10));
        bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
        patience(&mut bench)
    });
    assert_eq!(patience[0], None);
    assert!(patience[1].is_some_and(|seconds| (10..20).contains(&seconds)), "{patience:?}");
    assert_eq!(both(State::Established).map(|mut bench| self::patience(&mut bench)), [None, None]);
}

#[test]
fn an_orphan_before_a_closed_window_ends_in_linux_when_its_wait_has_become_the_greatest() {
    let patience = both(State::Established).map(|mut bench| {
        let mut closed = seg("A", 1, 1, "");
        closed.window = 0;
        bench.hand(&closed);
        bench.write(b"waiting");
        bench.close();
        (1..30_000u64)
            .find(|_| {
                if !bench.wait(Span::millis(100)).is_empty() {
                    bench.hand(&closed);
                }
                bench.state() == State::Listen
            })
            .map(|tenths| tenths / 10)
    });
    assert_eq!(patience[0], None);
    // 0.2 s doubling: ten waits until the next would be 120 s, and that one.
    assert!(patience[1].is_some_and(|seconds| (200..340).contains(&seconds)), "{patience:?}");
}

#[test]
fn an_unreachable_peer_takes_one_doubling_back_in_linux_only() {
    let report = |code| IcmpKind::Unreachable { code, next_hop_mtu: 0 };
    let waits = |code| {
        both(State::Established).map(|mut bench| {
            bench.write(b"hello");
            while bench.sent.len() < 4 {
                bench.wait(Span::millis(4));
            }
            let at = bench.sent[3].0;
            let (local, peer) = (local(), peer());
            bench.run(|stack, now, fx| stack.on_icmp(now, local, peer, OURS + 1, report(code), fx));
            while bench.sent.len() < 5 {
                bench.wait(Span::millis(4));
            }
            (bench.sent[4].0 - at).as_millis()
        })
    };
    assert_eq!(waits(1), [8000, 816]);
    assert_eq!(waits(0), [8000, 816]);
    assert_eq!(waits(13), [8000, 1632], "an administrator's ban is no lack of a way");
}
