//! The end of a connection, and what comes after.

use super::super::bench::{Bench, local, peer, seg, with_options};
use super::super::conformance::{both, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnOptions, Owner, Profile, State};
use crate::wire::TcpOption;

#[test]
fn the_fin_for_an_orphan_begins_a_whole_time_wait() {
    let mut bench = Bench::at(Profile::linux(), State::FinWait2);
    bench.close();
    bench.wait(Span::secs(50));
    assert_eq!(bench.hand(&seg("FA", 1, 2, "")), ["A 2 2 +0"]);
    bench.wait(Span::secs(59));
    assert_eq!(bench.state(), State::TimeWait);
    bench.wait(Span::secs(2));
    assert_eq!(bench.state(), State::Listen);
}

#[test]
fn whoever_waits_for_data_is_woken_when_reading_is_shut_down() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.shutdown_read(now, c, fx)).unwrap();
        assert!(bench.woken.contains(&Owner::Conn(c)));
        assert!(bench.stack.readable(c));
    }
}

#[test]
fn a_connection_that_takes_the_place_of_its_time_wait_numbers_beyond_it() {
    for profile in profiles() {
        let stamp = |value, echo| TcpOption::Timestamps { value, echo };
        let mut bench = Bench::at(profile, State::SynSent);
        let connect = |bench: &mut Bench| {
            bench.run(|stack, now, fx| {
                let options = ConnOptions::of(stack.profile());
                stack.connect(now, local(), peer(), &options, fx).unwrap()
            })
        };
        let answer = with_options(seg("SA", 0, 1, ""), [TcpOption::Mss(1460), stamp(1000, 1)]);
        bench.hand(&answer);
        bench.close();
        bench.hand(&with_options(seg("FA", 1, 2, ""), [stamp(1001, 1)]));
        assert_eq!(bench.state(), State::TimeWait);
        bench.forget_past();
        connect(&mut bench);
        assert_eq!(bench.shown(0), [format!("S {} +0", 2 + 65_537)]);
        assert_eq!(bench.count(Counter::TWRecycled), 1);
    }
}

#[test]
fn every_segment_that_comes_is_counted_wanted_or_not() {
    for mut bench in both(State::Established) {
        for segment in [seg("A", 1, 1, ""), seg("PA", 1, 1, "x"), seg("R", 77_777, 1, ""), seg("", 1, 1, "")]
        {
            bench.hand(&segment);
        }
        assert_eq!(bench.count(Counter::InSegs), 4);
    }
}
