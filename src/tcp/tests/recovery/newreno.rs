//! Recovery without SACK, and what every recovery does to the window (RFC 5681, RFC 6582).

use super::super::bench::seg;
use super::super::duo::{CLIENT, Duo, SERVER};
use super::*;

fn duplicates(bench: &mut Bench, n: i32, count: usize) -> Vec<i32> {
    (0..count).flat_map(|_| bench.ack(n, &[])).collect()
}

#[test]
fn the_first_loss_is_recovered_wherever_the_numbers_begin() {
    for profile in profiles() {
        for isn in [0, 1, 0x7fff_ffff, 0x8000_0000, u32::MAX - 3000] {
            let mut duo = Duo::new(with(profile.clone(), &[("tcp_sack", 0), ("tcp_initial_cwnd", 10)]));
            duo.stacks[CLIENT].set_next_isn(Seq(isn));
            let (client, server) = duo.open();
            duo.lose.push(duo.crossed.len());
            duo.send(CLIENT, client, &[7; 10_000]);
            duo.run(Span::millis(50));
            assert_eq!(duo.recv(SERVER, server).len(), 10_000, "{} from {isn}", profile.name);
            assert_eq!(duo.count(CLIENT, Counter::TCPTimeouts), 0);
        }
    }
}

#[test]
fn recovery_lasts_until_all_that_was_sent_before_it_began_is_acknowledged() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(30);
        assert_eq!(duplicates(&mut bench, 0, 3), [10, 11, 0]);
        let before = bench.sent.len();
        assert_eq!(bench.ack(11, &[])[0], 11, "what limited transmit sent belongs to it");
        assert_eq!(bench.sent[before].2, Reason::RetransmitPartial);
        bench.ack(12, &[]);
        let copies = bench.count(Counter::TCPFastRetrans);
        bench.ack(13, &[]);
        assert_eq!(bench.count(Counter::TCPFastRetrans), copies, "the end of it is no partial one");
    }
}

#[test]
fn when_all_is_acknowledged_the_window_is_at_the_threshold() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(30);
        duplicates(&mut bench, 0, 12);
        assert_eq!(bench.variable("ssthresh"), Some(5));
        bench.ack(12, &[]);
        let whole = bench.window();
        assert!((3..=5).contains(&whole), "{whole}: no more than the threshold");
        bench.ack(13, &[]);
        assert!((3..=6).contains(&bench.window()), "{}", bench.window());
    }
}

#[test]
fn every_partial_acknowledgment_restarts_the_timer_in_linux() {
    let deadline = |bench: &Bench| bench.variable("timer.retransmission").unwrap();
    let mut bench = plain(Profile::linux());
    bench.fill(10);
    duplicates(&mut bench, 0, 3);
    let mut before = deadline(&bench);
    for n in [2, 4, 6] {
        bench.ack(n, &[]);
        assert!(deadline(&bench) > before, "{n}");
        before = deadline(&bench);
    }
}

#[test]
fn a_time_out_ends_fast_recovery_and_duplicates_of_what_it_sends_start_no_other() {
    for profile in profiles() {
        let mut bench = plain(profile.clone());
        bench.fill(10);
        duplicates(&mut bench, 0, 5);
        time_out_and_duplicates(&mut bench);
        let mut bench = sacking(profile);
        bench.fill(10);
        for held in 3..=6 {
            bench.ack(0, &[(2, held)]);
        }
        time_out_and_duplicates(&mut bench);
    }
}

fn time_out_and_duplicates(bench: &mut Bench) {
    let copies = bench.count(Counter::TCPFastRetrans);
    let rto = bench.variable("rto").unwrap();
    bench.wait(Span::micros(rto) + Span::millis(30));
    assert_eq!(bench.window(), 1);
    let threshold = bench.variable("ssthresh");
    for n in [1, 1, 1, 1, 1, 7, 7, 7, 7, 7] {
        bench.ack(n, &[]);
    }
    assert_eq!(bench.count(Counter::TCPFastRetrans), copies);
    assert_eq!(bench.variable("ssthresh"), threshold, "no other recovery");
}

#[test]
fn a_loss_in_each_of_two_windows_reduces_twice() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(40);
        duplicates(&mut bench, 0, 11);
        let first = bench.variable("ssthresh").unwrap();
        bench.ack(12, &[]);
        bench.ack(13, &[]);
        duplicates(&mut bench, 13, 5);
        let second = bench.variable("ssthresh").unwrap();
        assert!(second < first, "{second} after {first}");
    }
}

#[test]
fn a_lost_copy_lowers_the_window_twice_and_by_the_rfc_the_threshold_too() {
    for (profile, thresholds) in profiles().into_iter().zip([[5, 4], [5, 5]]) {
        let mut bench = plain(profile);
        bench.fill(30);
        duplicates(&mut bench, 0, 3);
        assert_eq!(bench.variable("ssthresh"), Some(thresholds[0]));
        bench.ack(4, &[]);
        bench.wait(Span::millis(1500));
        assert_eq!((bench.window(), bench.variable("ssthresh")), (1, Some(thresholds[1])));
    }
}

#[test]
fn limited_transmit_leaves_the_window_as_it_is() {
    for profile in profiles() {
        let mut bench = plain(profile.clone());
        bench.fill(30);
        assert_eq!((bench.ack(0, &[]), bench.window()), (vec![10], 10));
        assert_eq!((bench.ack(0, &[]), bench.window()), (vec![11], 10));
        let mut bench = sacking(profile);
        bench.fill(30);
        assert_eq!((bench.ack(0, &[(1, 2)]), bench.window()), (vec![10], 10));
        assert_eq!((bench.ack(0, &[(1, 3)]), bench.window()), (vec![11], 10));
    }
}

#[test]
fn with_sack_a_duplicate_that_tells_nothing_new_lets_nothing_out() {
    for profile in profiles() {
        let mut bench = sacking(profile);
        bench.fill(30);
        for _ in 0..5 {
            assert_eq!(bench.ack(0, &[]), NONE);
        }
        assert_eq!(bench.ack(0, &[(1, 2)]), [10]);
        assert_eq!(bench.ack(0, &[(1, 2)]), NONE, "told before");
    }
}

#[test]
fn the_threshold_is_unbounded_at_first() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(200);
        for n in 1..=30 {
            bench.ack(n, &[]);
        }
        assert_eq!((bench.variable("ssthresh"), bench.window()), (None, 40), "slow start goes on");
    }
}

#[test]
fn part_of_a_segment_acknowledged_opens_nothing_and_the_whole_of_it_one() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(30);
        for octets in (100..1460).step_by(100) {
            bench.wait(Span::millis(1));
            bench.hand(&seg("A", 1, 1 + octets, ""));
            assert_eq!(bench.window(), 10, "{octets} octets");
        }
        bench.hand(&seg("A", 1, 1461, ""));
        assert_eq!(bench.window(), 11);
    }
}

#[test]
fn an_acknowledgment_of_more_begins_the_count_of_duplicates_anew() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(10);
        for n in 0..4 {
            assert_eq!(duplicates(&mut bench, n, 2), NONE);
            assert_eq!(bench.variable("duplicate-acks"), Some(2));
            bench.ack(n + 1, &[]);
            assert_eq!(bench.variable("duplicate-acks"), None);
        }
        assert_eq!(bench.count(Counter::TCPFastRetrans), 0);
        assert_eq!(duplicates(&mut bench, 4, 3), [4]);
    }
}
