//! RFC 9293 section 3.8.4: keep-alives.

use super::super::bench::{Bench, seg};
use super::{both, set};
use crate::clock::Span;
use crate::tcp::{Keepalive, Profile, State, StreamError};

fn switch_on(bench: &mut Bench, idle: u64, interval: u64, count: u32) {
    set(bench, |options| {
        let (idle, interval) = (Span::secs(idle), Span::secs(interval));
        options.keepalive = Keepalive { on: true, idle, interval, count };
    });
}

const PROBE: [&str; 1] = ["A 0 1 +0"];

#[test]
fn unless_switched_on_an_idle_connection_stays_silent_for_days() {
    for mut bench in both(State::Established) {
        assert!(bench.wait(Span::secs(3 * 24 * 3600)).is_empty());
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn keepalive_is_switched_per_connection() {
    for mut bench in both(State::Established) {
        switch_on(&mut bench, 10, 5, 3);
        bench.wait(Span::secs(3));
        set(&mut bench, |options| options.keepalive.on = false);
        assert!(bench.wait(Span::secs(3600)).is_empty());
        set(&mut bench, |options| options.keepalive.on = true);
        assert_eq!(bench.wait(Span::secs(11)).first().map(String::as_str), Some(PROBE[0]));
    }
}

#[test]
fn the_first_probe_comes_after_the_interval_chosen_and_has_no_data() {
    for idle in [1, 10, 3000] {
        for mut bench in both(State::Established) {
            switch_on(&mut bench, idle, 5, 3);
            assert!(bench.wait(Span::secs(idle) - Span::millis(1)).is_empty());
            assert_eq!(bench.wait(Span::millis(2)), PROBE, "SND.NXT - 1, nothing else");
        }
    }
}

#[test]
fn by_default_the_interval_is_two_hours() {
    for mut bench in both(State::Established) {
        set(&mut bench, |options| options.keepalive.on = true);
        assert!(bench.wait(Span::secs(7199)).is_empty());
        assert_eq!(bench.wait(Span::secs(2)), PROBE);
    }
}

#[test]
fn whatever_comes_begins_the_interval_anew() {
    for mut bench in both(State::Established) {
        switch_on(&mut bench, 10, 5, 3);
        for n in 0..5 {
            bench.wait(Span::secs(6));
            bench.hand(&seg("PA", n + 1, 1, "x"));
            bench.wait(Span::secs(1));
            bench.forget_past();
        }
        assert!(bench.wait(Span::millis(8900)).is_empty());
        assert_eq!(bench.wait(Span::millis(200)), ["A 0 6 +0"]);
    }
}

#[test]
fn no_probe_goes_while_data_is_on_its_way() {
    for mut bench in both(State::Established) {
        switch_on(&mut bench, 1, 1, 3);
        bench.write(b"hello");
        let sent = bench.wait(Span::secs(20));
        assert!(sent.iter().all(|line| line == "PA 1 1 +5"), "{sent:?}");
    }
}

#[test]
fn one_probe_without_an_answer_is_not_death() {
    for mut bench in both(State::Established) {
        switch_on(&mut bench, 10, 5, 3);
        assert_eq!(bench.wait(Span::secs(11)), PROBE);
        assert_eq!(bench.wait(Span::secs(5)), PROBE);
        bench.hand(&seg("A", 1, 1, ""));
        bench.wait(Span::secs(4));
        assert_eq!(bench.state(), State::Established);
        bench.hand(&seg("PA", 1, 1, "alive"));
        assert_eq!(bench.read(), b"alive");
    }
}

#[test]
fn after_the_last_probe_the_user_is_told() {
    for mut bench in both(State::Established) {
        switch_on(&mut bench, 10, 5, 3);
        bench.wait(Span::secs(24));
        assert_eq!(bench.state(), State::Established);
        bench.wait(Span::secs(2));
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
    }
}

#[test]
fn a_probe_is_answered() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Established);
        for probe in [seg("A", 0, 1, ""), seg("A", 0, 1, "g")] {
            bench.wait(Span::secs(1));
            assert_eq!(bench.hand(&probe), ["A 1 1 +0"]);
        }
        assert!(bench.read().is_empty());
    }
}
