//! Losses told by time (RFC 8985 sections 6 and 9), in both profiles with tcp_recovery on.

use super::super::bench::{seg, with_options};
use super::*;

/// With SACK and RACK, without tail loss probes.
fn racking(profile: Profile) -> Bench {
    sacking(with(profile, &[("tcp_recovery", 1)]))
}

/// The same, after the peer was seen to get segments out of order: 0 came after 1. Two are acknowledged.
fn reordering(profile: Profile) -> Bench {
    let mut bench = racking(profile);
    bench.fill(30);
    bench.ack(0, &[(1, 2)]);
    bench.ack_after(1, 2, &[]);
    bench
}

#[test]
fn without_sack_nothing_is_told_by_time() {
    for profile in profiles() {
        let mut bench = plain(with(profile, &[("tcp_recovery", 1), ("tcp_early_retrans", 3)]));
        bench.fill(4);
        bench.ack(2, &[]);
        bench.ack(2, &[]);
        assert_eq!(bench.variable("timer.reorder"), None);
        assert!(bench.wait(Span::millis(150)).is_empty());
    }
}

#[test]
fn two_held_wait_for_a_quarter_of_the_least_round_trip() {
    for (profile, slack) in profiles().into_iter().zip([0, 2000]) {
        let mut bench = racking(profile);
        bench.fill(10);
        assert_eq!(bench.ack(0, &[(2, 4)]), NONE);
        let sent = bench.sent[0].0;
        let due = sent + Span::micros(10_000 + 2500 + slack);
        assert_eq!(bench.variable("timer.reorder"), Some(due.as_micros()));
        assert_eq!(numbers(&bench.wait(Span::millis(30)))[0], 0);
        assert_eq!(bench.sent[10].0, due);
    }
}

#[test]
fn while_nothing_was_reordered_three_held_are_proof_at_once() {
    for profile in profiles() {
        let mut bench = racking(profile);
        bench.fill(10);
        assert_eq!(bench.ack(0, &[(2, 5)])[0], 0);
        let mut bench = sacking(with(bench.stack.profile().clone(), &[("tcp_recovery", 1 + 4)]));
        bench.fill(10);
        assert_eq!(bench.ack(0, &[(2, 5)]), NONE, "unless the setting says that a number proves nothing");
        assert_eq!(numbers(&bench.wait(Span::millis(30)))[0], 0, "time does");
    }
}

#[test]
fn once_something_came_late_not_even_many_held_are_proof_before_their_time() {
    for profile in profiles() {
        let mut bench = reordering(profile);
        bench.forget_past();
        let before = bench.now;
        // Three blocks, seven segments: RFC 6675 would take 2 for lost twice over.
        bench.ack_after(0, 2, &[(3, 4), (5, 6), (7, 10)]);
        assert!(!numbers(&bench.shown(0)).contains(&2), "{:?}", bench.shown(0));
        assert!(bench.variable("timer.reorder").is_some());
        bench.wait(Span::millis(30));
        let again =
            bench.sent.iter().zip(bench.shown(0)).find(|(_, shown)| numbers(&[shown.to_string()]) == [2]);
        assert!(again.is_some_and(|((at, ..), _)| *at > before), "but later it goes");
    }
}

#[test]
fn in_recovery_what_came_late_no_longer_waits_when_nothing_else_ever_did() {
    for profile in profiles() {
        let mut bench = racking(profile);
        bench.fill(30);
        bench.ack(0, &[(1, 4)]);
        // 4 is a hole as well, and what was sent with it has arrived: no waiting.
        assert!(bench.ack(0, &[(5, 6), (1, 4)]).contains(&4) || bench.variable("timer.reorder").is_none());
    }
}

#[test]
fn reported_duplicates_widen_the_window_unless_the_setting_says_it_stays() {
    for profile in profiles() {
        let mut dues = Vec::new();
        for (setting, reported) in [(1, false), (1, true), (3, true)] {
            let mut bench = sacking(with(profile.clone(), &[("tcp_recovery", setting)]));
            bench.fill(30);
            bench.ack(0, &[(1, 2)]);
            bench.ack_after(1, 2, &[]);
            bench.ack_after(0, 2, if reported { &[(0, 1)] } else { &[] });
            bench.ack_after(0, 2, &[(3, 4)]);
            dues.push(bench.variable("timer.reorder").unwrap());
        }
        // The least round trip was 10 ms: a quarter more for the round with a duplicate. Linux believes no report of
        // what it never sent again.
        let more = if profile.recovery.states { 0 } else { 2500 };
        assert_eq!([dues[1] - dues[0], dues[2] - dues[0]], [more, 0], "{}", profile.name);
    }
}

#[test]
fn a_copy_acknowledged_sooner_than_any_round_trip_is_the_original() {
    for profile in profiles() {
        let mut bench = racking(profile);
        bench.fill(30);
        for held in 2..=4 {
            bench.ack(0, &[(1, held)]);
        }
        // 10 and 11 went before the copy of 0; its acknowledgment comes after 4 ms of at least 10.
        let went = bench.ack(4, &[]);
        assert!(!went.contains(&10) && !went.contains(&11), "{went:?}");
        assert_eq!(bench.variable("timer.reorder"), None);
    }
}

#[test]
fn by_the_rfc_an_older_timestamp_tells_the_original_too() {
    let stamp = |value, echo| TcpOption::Timestamps { value, echo };
    for (older, lost) in [(true, false), (false, true)] {
        let profile = with(Profile::rfc9293(), &[("tcp_recovery", 1)]);
        let mut bench = Bench::new(with(profile, &[("tcp_initial_cwnd", 10)]));
        bench.listen(4);
        let options = [TcpOption::Mss(1460), TcpOption::SackPermitted, stamp(1000, 0)];
        bench.hand(&with_options(seg("S", 0, 0, ""), options));
        bench.wait(Span::millis(20));
        bench.hand(&with_options(seg("A", 1, 1, ""), [stamp(1000, 0)]));
        bench.accept();
        bench.forget_past();
        bench.write(&vec![7; 30 * 1448]);
        bench.wait(Span::millis(6));
        let stamps = |bench: &Bench, n: usize| {
            bench.sent[n].1.options.iter().find_map(|option| match option {
                TcpOption::Timestamps { value, .. } => Some(value),
                _ => None,
            })
        };
        let original = stamps(&bench, 0).unwrap();
        let at = |n: u32| OURS + 1 + n * 1448;
        let hand = |bench: &mut Bench, una: u32, held: Option<(u32, u32)>, echo: u32| {
            let sack = held.map(|(from, to)| TcpOption::Sack([(at(from), at(to))].into_iter().collect()));
            let options = [stamp(1001, echo)].into_iter().chain(sack);
            bench.hand(&with_options(seg("A", 1, 1 + una as i32 * 1448, ""), options));
        };
        for held in 2..=4 {
            bench.wait(Span::millis(4));
            hand(&mut bench, 0, Some((1, held)), original);
        }
        let copy = bench.sent.iter().rposition(|(_, _, why)| *why == Reason::FastRetransmit).unwrap();
        let echo = if older { original } else { stamps(&bench, copy).unwrap() };
        bench.wait(Span::millis(40));
        bench.forget_past();
        hand(&mut bench, 10, None, echo);
        bench.wait(Span::millis(15));
        assert_eq!(
            bench.sent.iter().any(|(_, segment, _)| segment.seq == at(10)),
            lost,
            "10 went before the copy: lost only if the copy arrived"
        );
    }
}

#[test]
fn at_a_time_out_only_what_is_late_counts_as_lost() {
    for profile in profiles() {
        let mut bench = racking(with(profile, &[("tcp_frto", 0)]));
        bench.fill(2);
        let rto = Span::micros(bench.variable("rto").unwrap());
        bench.wait(rto - Span::millis(16));
        bench.fill(1);
        bench.forget_past();
        assert_eq!(numbers(&bench.wait(Span::millis(15))), [0], "the time-out");
        assert_eq!(bench.ack_after(1, 1, &[]), [1]);
        assert_eq!(bench.ack_after(1, 2, &[]), NONE, "2 has not had its time");
        assert_eq!(bench.ack_after(1, 3, &[]), NONE);
        assert_eq!(bench.variable("in-flight"), Some(0));
    }
}

#[test]
fn what_is_lost_all_at_once_goes_only_as_the_window_allows() {
    for (profile, most) in profiles().into_iter().zip([5, 3]) {
        let mut bench = racking(profile);
        bench.fill(10);
        let went = bench.ack(0, &[(7, 10)]);
        assert_eq!(went, (0..most).collect::<Vec<_>>());
        assert!(bench.window() <= 5, "the threshold");
    }
}

#[test]
fn a_lost_copy_is_another_congestion_where_the_window_does_not_shrink_in_proportion() {
    for (profile, thresholds) in profiles().into_iter().zip([[5, 2], [5, 5]]) {
        let mut bench = racking(profile);
        bench.fill(30);
        for held in 2..=4 {
            bench.ack(0, &[(1, held)]);
        }
        assert_eq!(bench.variable("ssthresh"), Some(thresholds[0]));
        for held in 5..=10 {
            bench.ack(0, &[(1, held)]);
        }
        bench.wait(Span::millis(10));
        // What went after the copy has arrived, the copy has not.
        let newest = numbers(&bench.shown(0)).into_iter().max().unwrap();
        let went = bench.ack(0, &[(newest, newest + 1), (1, 10)]);
        let later = bench.wait(Span::millis(20));
        assert!(went.contains(&0) || numbers(&later).contains(&0), "{went:?} {later:?}");
        assert_eq!(bench.variable("ssthresh"), Some(thresholds[1]));
    }
}
