//! Timers and giving up.

use super::super::bench::{Bench, seg};
use super::{both, each, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{State, StreamError};

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
