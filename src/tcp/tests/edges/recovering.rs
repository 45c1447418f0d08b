//! Loss: what goes again, when, and what it does to window and threshold.

use super::super::bench::{Bench, OURS, seg, with_options};
use super::super::conformance::{opened, profiles, set};
use super::super::recovery::{plain, probing, s, sacking};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State};
use crate::wire::TcpOption;

const NONE: [i32; 0] = [];

fn timer(bench: &Bench, name: &str) -> Option<u64> {
    bench.variable(name)
}

fn in_from_now(bench: &Bench, name: &str) -> Option<u64> {
    timer(bench, name).map(|at| at - bench.now.as_micros())
}

#[test]
fn limited_transmit_lets_two_segments_out_also_where_recovery_may_not_begin() {
    let mut bench = plain(Profile::rfc9293());
    bench.fill(10);
    for _ in 0..3 {
        bench.ack(0, &[]);
    }
    bench.ack(10, &[]);
    bench.fill(20);
    let more: Vec<usize> = (0..5).map(|_| bench.ack(10, &[]).len()).collect();
    assert_eq!(more, [1, 1, 0, 0, 0]);
}

#[test]
fn a_partial_acknowledgment_sends_the_next_hole_however_small_the_window() {
    let mut bench = plain(Profile::rfc9293());
    bench.fill(30);
    assert_eq!([bench.ack(0, &[]), bench.ack(0, &[]), bench.ack(0, &[])], [[10], [11], [0]]);
    assert_eq!(bench.ack(4, &[]), [4]);
}

#[test]
fn fast_retransmission_begins_the_timer_anew() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(10);
        for _ in 0..3 {
            bench.ack(0, &[]);
        }
        assert_eq!(in_from_now(&bench, "timer.retransmission"), bench.variable("rto"));
    }
}

#[test]
fn the_time_until_giving_up_begins_with_the_loss_at_hand() {
    let mut profile = Profile::linux();
    profile.set("tcp_retries2", 3).unwrap();
    let mut bench = Bench::at(profile, State::Established);
    bench.write(b"one");
    bench.wait(Span::millis(250));
    bench.hand(&seg("A", 1, 4, ""));
    bench.wait(Span::secs(100));
    bench.forget_past();
    bench.write(b"two");
    bench.wait(Span::millis(500));
    assert_eq!(bench.sent.len(), 2, "the loss of long ago does not count");
    assert_eq!(bench.state(), State::Established);
}

#[test]
fn while_new_data_is_the_test_nothing_that_counts_as_lost_goes() {
    let mut bench = plain(Profile::linux());
    bench.fill(11);
    assert_eq!(bench.time_out(), [0]);
    // Two may be on their way, but there is only one new segment.
    assert_eq!((bench.ack(1, &[]), bench.window()), (vec![10], 2));
}

#[test]
fn the_threshold_sinks_with_the_first_time_out_only() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(10);
        bench.wait(Span::secs(20));
        assert!(bench.variable("timeouts") >= Some(4));
        assert_eq!(bench.variable("ssthresh"), Some(5));
    }
}

#[test]
fn a_time_out_in_fast_recovery_lowers_linux_threshold_no_further() {
    let mut bench = plain(Profile::linux());
    bench.fill(10);
    for _ in 0..3 {
        bench.ack(0, &[]);
    }
    assert_eq!(bench.variable("ssthresh"), Some(5));
    bench.time_out();
    assert_eq!((bench.variable("ssthresh"), bench.variable("timeouts")), (Some(5), Some(1)));
}

#[test]
fn a_duplicate_of_before_the_recovery_undoes_nothing() {
    for (reported, undone) in [((0, 1), false), ((2, 3), true)] {
        let mut bench = sacking(Profile::linux());
        bench.fill(10);
        bench.ack(2, &[]);
        assert_eq!(bench.ack(2, &[(3, 6)]), [2]);
        bench.ack(6, &[]);
        bench.ack(6, &[reported]);
        assert_eq!(bench.notes.contains(&Reason::RecoveryUndone), undone, "{reported:?}");
    }
}

#[test]
fn only_an_echo_older_than_the_retransmission_proves_that_the_original_arrived() {
    for (older, undone) in [(0, false), (1, true)] {
        let stamp = |value, echo| [TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value, echo }];
        let syn = [TcpOption::Mss(1460), TcpOption::Timestamps { value: 1000, echo: 0 }];
        let mut bench = opened(Profile::linux(), &syn);
        bench.write(&[1; 5000]);
        bench.wait(Span::millis(1100));
        let sent = bench.sent.iter().find(|(_, _, why)| *why == Reason::RetransmitData).unwrap();
        let value = sent.1.options.iter().find_map(|option| match option {
            TcpOption::Timestamps { value, .. } => Some(value),
            _ => None,
        });
        let echo = value.unwrap().wrapping_sub(older);
        bench.hand(&with_options(seg("A", 1, 1449, ""), stamp(1001, echo)));
        assert_eq!(bench.notes.contains(&Reason::RecoveryUndone), undone, "{older} ms older");
    }
}

#[test]
fn once_something_came_late_three_segments_held_prove_no_loss_before_a_quarter_of_a_round_trip() {
    for late in [false, true] {
        let mut bench = sacking(Profile::linux());
        bench.fill(20);
        bench.ack(1, &[]);
        if late {
            assert!(!bench.ack(1, &[(2, 3)]).contains(&1));
        }
        bench.ack(3, &[]);
        let at_once = bench.ack(3, &[(4, 7)]).contains(&3);
        assert_eq!(at_once, !late);
        let from = bench.sent.len();
        bench.wait(Span::millis(15));
        let sent = bench.sent[from..].iter().any(|(_, segment, _)| segment.seq == OURS + s(3) as u32);
        assert_eq!(sent, late, "then it goes");
    }
}

#[test]
fn a_tail_is_probed_after_two_round_trips_and_a_lone_segment_no_later_than_the_time_out() {
    let mut bench = probing();
    bench.write(&[7; 4380]);
    let srtt = bench.variable("srtt").unwrap();
    let slack = bench.stack.profile().recovery.timer_slack.as_micros();
    assert_eq!(in_from_now(&bench, "timer.loss-probe"), Some(2 * srtt + slack));
    let mut profile = Profile::linux();
    profile.set("tcp_early_retrans", 3).unwrap();
    let mut bench = sacking(profile);
    bench.write(b"x");
    assert!(bench.variable("rto").unwrap() < 2 * srtt + 200_000);
    assert_eq!(in_from_now(&bench, "timer.loss-probe"), bench.variable("rto"));
}

#[test]
fn a_lone_segment_leaves_the_peer_the_time_to_delay_its_acknowledgment() {
    let mut profile = Profile::linux();
    profile.set("tcp_early_retrans", 3).unwrap();
    profile.set("tcp_rto_min_us", 1_000_000).unwrap();
    let mut bench = sacking(profile);
    bench.write(b"x");
    let srtt = bench.variable("srtt").unwrap();
    // Linux reckons with its least time-out: here the time-out itself comes before that.
    let rto = bench.variable("rto").unwrap();
    assert_eq!(in_from_now(&bench, "timer.loss-probe"), Some((2 * srtt + 1_000_000).min(rto)));
}

#[test]
fn an_unanswered_probe_is_followed_by_no_other() {
    let mut bench = probing();
    bench.fill(4);
    bench.wait(Span::millis(100));
    assert_eq!(bench.sent.last().unwrap().2, Reason::ProbeTail);
    assert_eq!(bench.ack(4, &[]), NONE);
    let probes = bench.count(Counter::TCPLossProbes);
    bench.wait(Span::millis(100));
    assert_eq!(bench.count(Counter::TCPLossProbes), probes);
    bench.ack(8, &[]);
    bench.fill(3);
    bench.ack(9, &[]);
    assert!(timer(&bench, "timer.loss-probe").is_some(), "once it is answered the next may come");
}

#[test]
fn small_segments_that_go_again_as_one_leave_no_more_duplicates_than_segments() {
    for profile in profiles() {
        let mut bench = plain(profile);
        set(&mut bench, |options| options.no_delay = true);
        for _ in 0..6 {
            bench.write(b"0123456789");
        }
        bench.wait(Span::millis(6));
        let sent: Vec<String> = (0..3).flat_map(|_| bench.hand(&seg("A", 1, 1, ""))).collect();
        assert_eq!(sent, ["PA 1 1 +60"]);
        assert_eq!(bench.variable("in-flight"), Some(1));
        bench.hand(&seg("A", 1, 61, ""));
        assert_eq!(bench.wait(Span::secs(5)), Vec::<String>::new());
    }
}
