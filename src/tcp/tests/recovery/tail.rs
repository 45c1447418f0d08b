//! Tail loss probes (RFC 8985 section 7), in both profiles.

use super::*;

/// With probes, and as many segments on their way, the peer's acknowledgments taking 10 ms.
fn probing_with(profile: Profile, segments: usize) -> Bench {
    let mut bench = sacking(with(profile, &[("tcp_recovery", 1), ("tcp_early_retrans", 3)]));
    bench.fill(segments);
    bench
}

fn probes(bench: &Bench) -> u64 {
    bench.count(Counter::TCPLossProbes)
}

fn timer(bench: &Bench, name: &str) -> Option<u64> {
    bench.variable(name).map(|at| at - bench.now.as_micros())
}

#[test]
fn the_probe_timer_waits_two_round_trips_from_what_was_sent_or_acknowledged_last() {
    for (profile, slack) in profiles().into_iter().zip([0, 2000]) {
        let mut bench = probing_with(profile, 4);
        assert_eq!(timer(&bench, "timer.loss-probe"), Some(2 * 20_000 + slack - 6000), "sent 6 ms ago");
        bench.ack(2, &[]);
        let srtt = bench.variable("srtt").unwrap();
        assert_eq!(timer(&bench, "timer.loss-probe"), Some(2 * srtt + slack));
        bench.fill(1);
        assert_eq!(
            timer(&bench, "timer.loss-probe"),
            Some(2 * srtt + slack - 6000),
            "new data begins it anew"
        );
        bench.ack(5, &[]);
        assert_eq!(timer(&bench, "timer.loss-probe"), None);
    }
}

#[test]
fn in_recovery_no_probe_timer_runs() {
    for profile in profiles() {
        let mut bench = probing_with(profile, 10);
        bench.ack(0, &[(1, 4)]);
        assert_eq!(bench.variable("timer.loss-probe"), None);
        bench.ack(2, &[(3, 4)]);
        assert_eq!(bench.variable("timer.loss-probe"), None);
    }
}

#[test]
fn a_lone_segment_is_given_the_time_of_a_delayed_acknowledgment_but_no_longer_than_the_time_out() {
    for profile in profiles() {
        let mut bench = probing_with(profile, 1);
        let wait = 240.min(bench.variable("rto").unwrap() / 1000);
        assert_eq!(wait < 240, bench.stack.profile().name == "linux");
        bench.wait(Span::millis(wait - 7));
        assert_eq!(probes(&bench), 0);
        bench.wait(Span::millis(1));
        assert_eq!(probes(&bench), 1, "{}", bench.stack.profile().name);
        assert_eq!(bench.count(Counter::TCPTimeouts), 0);
    }
}

#[test]
fn before_any_round_trip_is_known_it_waits_a_second() {
    for (profile, sent) in profiles().into_iter().zip([0, 1]) {
        let profile = with(profile, &[("tcp_recovery", 1), ("tcp_early_retrans", 3)]);
        let mut bench = Bench::at(profile, State::SynSent);
        bench.wait(Span::millis(1100));
        let options = [TcpOption::Mss(1460), TcpOption::SackPermitted];
        bench.hand(&with_options(seg("SA", 0, 1, ""), options));
        assert_eq!(bench.variable("srtt"), None);
        bench.write(&[7; 100]);
        assert_eq!(timer(&bench, "timer.loss-probe"), Some(1_000_000));
        bench.wait(Span::millis(1001));
        // By the RFC a probe needs a round trip measured before it.
        assert_eq!(probes(&bench), sent);
        assert_eq!(bench.variable("timer.loss-probe"), None);
    }
}

#[test]
fn one_probe_goes_and_the_retransmission_timer_begins_anew() {
    for profile in profiles() {
        let mut bench = probing_with(profile, 4);
        bench.ack(2, &[]);
        let from = bench.sent.len();
        bench.wait(Span::millis(60));
        assert_eq!(numbers(&bench.shown(from)), [3], "the last one");
        let (at, rto) = (bench.sent[from].0.as_micros(), bench.variable("rto").unwrap());
        assert_eq!(bench.variable("timer.retransmission"), Some(at + rto));
        assert_eq!(bench.variable("timer.loss-probe"), None);
        bench.fill(1);
        bench.wait(Span::millis(100));
        assert_eq!(probes(&bench), 1, "while the probe is not answered");
    }
}

#[test]
fn by_the_rfc_the_next_probe_needs_a_round_trip_measured_since() {
    for (profile, second) in profiles().into_iter().zip([0, 1]) {
        let mut bench = probing_with(profile, 4);
        bench.ack(2, &[]);
        bench.wait(Span::millis(60));
        // The answer to a copy measures nothing; a duplicate is reported, so that no loss is taken for granted.
        bench.ack(4, &[(3, 4)]);
        bench.forget_past();
        bench.fill(2);
        bench.wait(Span::millis(60));
        assert_eq!(probes(&bench), second, "{}", bench.stack.profile().name);
    }
}

#[test]
fn new_data_is_the_probe_where_the_window_takes_it() {
    for profile in profiles() {
        let mut bench = probing_with(profile, 20);
        bench.ack(2, &[]);
        let next = bench.variable("snd.nxt").unwrap();
        let from = bench.sent.len();
        bench.wait(Span::millis(60));
        assert_eq!(bench.sent[from].1.seq, Seq(next as u32));
        assert_eq!((bench.sent[from].2, probes(&bench)), (Reason::SendData, 1));
    }
}

#[test]
fn a_probe_answered_without_a_word_of_duplicates_was_a_loss_repaired() {
    for profile in profiles() {
        for (reported, reduced) in [(false, true), (true, false)] {
            let mut bench = probing_with(profile.clone(), 4);
            bench.ack(2, &[]);
            bench.wait(Span::millis(60));
            bench.ack(4, &[]);
            if reported {
                bench.ack(4, &[(3, 4)]);
            }
            bench.fill(2);
            bench.ack(5, &[]);
            assert_eq!(bench.variable("ssthresh").is_some(), reduced, "{}", profile.name);
        }
    }
}

#[test]
fn the_three_timers_run_side_by_side_and_the_first_acts() {
    for profile in profiles() {
        let mut bench = probing_with(profile, 10);
        let one = bench.stack.profile().recovery.states;
        let retransmission = bench.sent[0].0.as_micros() + bench.variable("rto").unwrap();
        assert!(bench.variable("timer.loss-probe").unwrap() <= retransmission);
        // Linux has one timer for all three.
        let beside = (!one).then_some(retransmission);
        assert_eq!(bench.variable("timer.retransmission"), beside);
        bench.ack(0, &[(2, 4)]);
        assert!(bench.variable("timer.reorder").unwrap() < retransmission);
        assert_eq!(bench.variable("timer.retransmission"), beside);
        bench.wait(Span::millis(40));
        assert_eq!(bench.variable("timer.reorder"), None);
        assert!(bench.variable("timer.retransmission").unwrap() > retransmission, "put off by what went");
    }
}
