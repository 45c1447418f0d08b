//! RFC 9293 sections 3.8.1, 3.8.3 and 3.10.8, and RFC 6298: time-outs.

use super::super::bench::{Bench, seg};
use super::super::duo::{CLIENT, Duo, SERVER};
use super::{both, eager, lengths, opened, profiles, set};
use crate::clock::Span;
use crate::tcp::{Profile, State, StreamError};
use crate::wire::TcpOption;

/// Milliseconds between consecutive segments sent.
fn gaps(bench: &Bench) -> Vec<u64> {
    bench.sent.windows(2).map(|pair| (pair[1].0 - pair[0].0).as_millis()).collect()
}

fn millis(bench: &Bench, variable: &str) -> u64 {
    bench.variable(variable).unwrap() / 1000
}

/// A write that is acknowledged after `time`.
fn round_trip(bench: &mut Bench, number: i32, time: Span) {
    bench.write(b"x");
    bench.wait(time);
    bench.hand(&seg("A", 1, number + 1, ""));
}

#[test]
fn before_any_sample_the_time_out_is_one_second() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        assert!(bench.wait(Span::millis(999)).is_empty());
        assert_eq!(bench.wait(Span::millis(2)), ["S 0 +0"]);
    }
}

#[test]
fn the_time_out_follows_the_formula_sample_by_sample() {
    let mut bench = Bench::at(Profile::rfc9293(), State::SynSent);
    bench.wait(Span::millis(800));
    bench.hand(&seg("SA", 0, 1, ""));
    let state = |bench: &Bench| ["srtt", "rttvar", "rto"].map(|name| millis(bench, name));
    assert_eq!(state(&bench), [800, 400, 2400], "R, R/2, R + 4 R/2");
    round_trip(&mut bench, 1, Span::millis(1600));
    // RTTVAR first, from the old SRTT: 3/4 400 + 1/4 |800 - 1600|; then SRTT: 7/8 800 + 1/8 1600.
    assert_eq!(state(&bench), [900, 500, 2900]);
    round_trip(&mut bench, 2, Span::millis(900));
    assert_eq!(state(&bench), [900, 375, 2400]);
}

#[test]
fn linux_takes_falling_times_for_an_eighth_and_keeps_the_variance_at_200_ms_or_more() {
    let mut bench = Bench::at(Profile::linux(), State::SynSent);
    bench.wait(Span::millis(800));
    bench.hand(&seg("SA", 0, 1, ""));
    let state = |bench: &Bench| ["srtt", "rto"].map(|name| millis(bench, name));
    assert_eq!(state(&bench), [800, 2400], "as the formula has it");
    round_trip(&mut bench, 1, Span::millis(1600));
    assert_eq!(state(&bench), [900, 2900], "the variance from the old smoothed time, then that");
    round_trip(&mut bench, 2, Span::millis(100));
    assert_eq!(state(&bench), [800, 2840], "the formula would give 3100");
    for n in 3..200 {
        round_trip(&mut bench, n, Span::millis(10));
    }
    let [srtt, rto] = state(&bench);
    assert!((10..12).contains(&srtt) && (210..=216).contains(&rto), "{srtt} {rto}");
}

#[test]
fn a_variance_of_nothing_counts_as_one_tick_and_the_sum_as_a_second_at_least() {
    let mut bench = Bench::at(Profile::rfc9293(), State::SynSent);
    bench.wait(Span::millis(999));
    bench.hand(&seg("SA", 0, 1, ""));
    for n in 1..120 {
        round_trip(&mut bench, n, Span::millis(999));
    }
    assert_eq!(millis(&bench, "rttvar"), 0);
    assert_eq!(millis(&bench, "rto"), 1000, "999 ms and the granularity of 1 ms");
    for n in 120..200 {
        round_trip(&mut bench, n, Span::millis(10));
    }
    assert_eq!(millis(&bench, "rto"), 1000);
}

#[test]
fn what_went_twice_gives_no_sample() {
    for mut bench in both(State::Established) {
        round_trip(&mut bench, 1, Span::millis(50));
        let before = bench.variable("srtt");
        bench.write(b"x");
        bench.wait(Span::millis(1500));
        assert!(bench.sent.len() >= 3, "sent again");
        bench.hand(&seg("A", 1, 3, ""));
        assert_eq!(bench.variable("srtt"), before);
    }
}

#[test]
fn the_backed_off_time_out_stays_until_something_can_be_measured() {
    for mut bench in both(State::Established) {
        bench.write(b"x");
        let rto = millis(&bench, "rto");
        bench.wait(Span::millis(rto + 1));
        assert_eq!(millis(&bench, "rto"), 2 * rto);
        bench.hand(&seg("A", 1, 2, ""));
        assert_eq!(millis(&bench, "rto"), 2 * rto);
        bench.write(b"x");
        bench.wait(Span::millis(20));
        bench.hand(&seg("A", 1, 3, ""));
        assert!(millis(&bench, "rto") <= rto + 20);
    }
}

#[test]
fn every_new_ack_is_a_sample_when_nothing_went_twice() {
    for mut bench in both(State::Established) {
        let mut before = 0;
        for n in 1..20 {
            round_trip(&mut bench, n, Span::millis(20 * n as u64));
            let srtt = bench.variable("srtt").unwrap();
            assert!(srtt > before || n == 1, "round trip {n}");
            before = srtt;
        }
    }
}

#[test]
fn the_time_out_doubles_each_time_up_to_a_bound_of_a_minute_or_more() {
    for mut bench in both(State::Established) {
        bench.write(b"hello");
        let rto = millis(&bench, "rto");
        let bound = bench.stack.profile().rto_max().as_millis();
        assert!(bound >= 60_000);
        bench.wait(Span::secs(800));
        for (n, gap) in gaps(&bench).into_iter().enumerate() {
            assert_eq!(gap, (rto << n).min(bound), "retransmission {}", n + 1);
        }
        assert!(gaps(&bench).len() > 9);
    }
}

#[test]
fn the_oldest_segment_goes_again_and_alone() {
    for mut bench in eager() {
        bench.write(&[1; 5840]);
        assert_eq!(lengths(&bench), [1460; 4]);
        let rto = bench.variable("rto").unwrap();
        assert!(bench.wait(Span::micros(rto) - Span::millis(1)).is_empty(), "never before one time-out");
        assert_eq!(bench.wait(Span::millis(1)), ["A 1 1 +1460"]);
        assert!(bench.variable("timer.retransmission").is_some(), "and the timer runs again");
    }
}

#[test]
fn the_timer_starts_with_data_begins_anew_with_new_acks_and_stops_when_all_is_acknowledged() {
    for mut bench in both(State::Established) {
        let due = |bench: &Bench| bench.variable("timer.retransmission");
        assert_eq!(due(&bench), None);
        bench.write(&[1; 2920]);
        let first = due(&bench).unwrap();
        assert_eq!(first, bench.now.as_micros() + bench.variable("rto").unwrap());
        bench.wait(Span::millis(100));
        bench.write(&[1; 1460]);
        assert_eq!(due(&bench), Some(first), "more data does not move it");
        bench.hand(&seg("A", 1, 1461, ""));
        assert_eq!(due(&bench), Some(bench.now.as_micros() + bench.variable("rto").unwrap()));
        bench.hand(&seg("A", 1, 4381, ""));
        assert_eq!(due(&bench), None);
    }
}

#[test]
fn after_a_lost_syn_data_waits_three_seconds_for_its_acknowledgment() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        bench.wait(Span::millis(1100));
        bench.hand(&seg("SA", 0, 1, ""));
        assert_eq!(millis(&bench, "rto"), 3000);
        bench.forget_past();
        bench.write(b"hello");
        assert!(bench.wait(Span::millis(2999)).is_empty());
        assert_eq!(bench.wait(Span::millis(2)).len(), 1);
    }
}

#[test]
fn a_silent_peer_is_given_up_at_r2_and_not_before_a_hundred_seconds() {
    for mut bench in both(State::Established) {
        bench.write(b"hello");
        bench.wait(Span::secs(100));
        assert_eq!(bench.state(), State::Established);
        assert!(bench.sent.len() > 3, "R1 is three retransmissions at least");
        bench.wait(Span::secs(1500));
        assert_eq!(bench.state(), State::Listen);
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
    }
}

#[test]
fn r2_is_set_per_connection_and_can_be_as_good_as_infinite() {
    for mut bench in both(State::Established) {
        set(&mut bench, |options| options.user_timeout = Some(Span::secs(400 * 24 * 3600)));
        bench.write(b"hello");
        bench.wait(Span::secs(24 * 3600));
        assert_eq!(bench.state(), State::Established);
        bench.hand(&seg("A", 1, 6, ""));
        bench.write(b"again");
        assert_eq!(bench.sent.last().unwrap().1.payload, "again");
    }
    for mut bench in both(State::Established) {
        set(&mut bench, |options| options.user_timeout = Some(Span::secs(5)));
        bench.write(b"hello");
        bench.wait(Span::secs(4));
        assert_eq!(bench.state(), State::Established);
        bench.wait(Span::secs(2));
        assert_eq!(bench.state(), State::Listen);
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
    }
}

#[test]
fn a_user_timeout_ends_every_state_with_data_on_its_way() {
    for state in [State::Established, State::CloseWait, State::FinWait1, State::Closing, State::LastAck] {
        for profile in profiles() {
            let opening = if matches!(state, State::FinWait1) { State::Established } else { state };
            let begin = match opening {
                State::Closing => State::Established,
                State::LastAck => State::CloseWait,
                other => other,
            };
            let mut bench = Bench::at(profile, begin);
            set(&mut bench, |options| options.user_timeout = Some(Span::secs(5)));
            bench.write(b"hello");
            let c = bench.conn.unwrap();
            if state != begin {
                bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
            }
            if state == State::Closing {
                bench.hand(&seg("FA", 1, 1, ""));
            }
            assert_eq!(bench.stack.state(c), state);
            bench.wait(Span::secs(8));
            assert_eq!(bench.stack.state(c), State::Closed, "{state}");
            assert_eq!(bench.stack.error(c), Some(StreamError::TimedOut), "{state}");
        }
    }
}

#[test]
fn a_syn_without_an_answer_goes_again_and_in_the_end_the_user_is_told() {
    for profile in profiles() {
        let mut duo = Duo::new(profile);
        duo.deaf[SERVER] = true;
        let client = duo.connect(40_000, 80);
        duo.run(Span::secs(60));
        assert!(duo.crossed.len() >= 4);
        assert_eq!(duo.state(CLIENT, client), State::SynSent);
        duo.run(Span::secs(400));
        assert_eq!(duo.stacks[CLIENT].error(client), Some(StreamError::TimedOut));
    }
}

#[test]
fn with_timestamps_even_what_went_twice_gives_a_sample() {
    for profile in profiles() {
        let stamp = TcpOption::Timestamps { value: 999, echo: 0 };
        let mut bench = opened(profile, &[TcpOption::Mss(1460), stamp]);
        bench.write(b"x");
        bench.wait(Span::millis(1500));
        assert!(bench.sent.len() >= 2);
        let value = bench.sent.last().unwrap().1.options.iter().find_map(|option| match option {
            TcpOption::Timestamps { value, .. } => Some(value),
            _ => None,
        });
        let option = TcpOption::Timestamps { value: 2000, echo: value.unwrap() };
        let before = bench.variable("srtt");
        bench.wait(Span::millis(30));
        bench.hand(&super::super::bench::with_options(seg("A", 1, 2, ""), [option]));
        assert_ne!(bench.variable("srtt"), before);
    }
}
