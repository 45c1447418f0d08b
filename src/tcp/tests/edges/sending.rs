//! What is sent, how much of it, and when it counts as arrived.

use super::super::bench::{Bench, OURS, seg, with_options};
use super::super::conformance::{carrying, eager, lengths, offering, opened, profiles, set};
use super::super::recovery::{plain, sacking};
use crate::clock::Span;
use crate::tcp::{Profile, Reason, State};
use crate::wire::TcpOption;

/// Established with a peer that offers this window on its SYN; ten segments may go at once.
fn offered(mut profile: Profile, window: u16) -> Bench {
    profile.set("tcp_initial_cwnd", 10).unwrap();
    let mut bench = Bench::new(profile);
    bench.listen(4);
    bench.hand(&offering(with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]), window));
    bench.hand(&offering(seg("A", 1, 1, ""), window));
    bench.accept();
    bench.forget_past();
    bench
}

#[test]
fn not_one_octet_goes_beyond_the_window_that_the_peer_offers() {
    for profile in profiles() {
        for more in [0, 1, 1460] {
            let mut bench = offered(profile.clone(), 2920);
            set(&mut bench, |options| options.no_delay = true);
            bench.write(&vec![1; 2920 + more]);
            assert_eq!(lengths(&bench), [1460, 1460], "{more} octets too many");
        }
    }
}

#[test]
fn what_fits_into_half_of_the_largest_window_goes_and_less_is_held() {
    // Offered at first, the largest window, what is usable at last, and whether it goes.
    for (largest, usable, goes) in [(2000, 1000, true), (2000, 999, false), (2800, 1000, false)] {
        let mut bench = offered(Profile::rfc9293(), 1000);
        bench.write(&[1; 1000]);
        bench.hand(&offering(seg("A", 1, 1001, ""), largest));
        bench.hand(&offering(carrying(seg("A", 1, 1001, ""), 1), usable));
        bench.forget_past();
        bench.write(&[2; 1460]);
        assert_eq!(!bench.sent.is_empty(), goes, "{usable} of {largest}");
        assert!(goes || bench.notes.contains(&Reason::HeldBySillyWindow));
    }
}

#[test]
fn linux_fills_no_segment_beyond_half_of_the_largest_window() {
    for (window, lengths_of) in [(1000u16, [500, 500]), (600, [300, 300])] {
        let mut bench = offered(Profile::linux(), window);
        bench.write(&[1; 2000]);
        assert_eq!(lengths(&bench), lengths_of, "window {window}");
    }
    let mut bench = offered(Profile::linux(), 536);
    bench.write(&[1; 2000]);
    assert_eq!(lengths(&bench), [536], "a window so small is filled at once");
}

#[test]
fn the_round_trip_is_that_of_the_oldest_segment_acknowledged() {
    for mut bench in eager() {
        set(&mut bench, |options| options.no_delay = true);
        bench.write(b"one");
        bench.wait(Span::millis(100));
        bench.write(b"two");
        bench.wait(Span::millis(100));
        let before = bench.variable("srtt").unwrap_or(200_000);
        bench.hand(&seg("A", 1, 7, ""));
        assert_eq!(bench.variable("srtt"), Some((before * 7 + 200_000) / 8));
    }
}

#[test]
fn an_echo_of_zero_measures_nothing() {
    for profile in profiles() {
        let stamps = |echo| [TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value: 1001, echo }];
        let mut bench =
            opened(profile, &[TcpOption::Mss(1460), TcpOption::Timestamps { value: 1000, echo: 0 }]);
        bench.write(b"hello");
        bench.wait(Span::millis(1100));
        let before = bench.variable("srtt");
        bench.hand(&with_options(seg("A", 1, 6, ""), stamps(0)));
        assert_eq!(bench.variable("srtt"), before);
        assert!(bench.notes.contains(&Reason::KarnNoSample));
    }
}

#[test]
fn acknowledgments_that_move_the_window_are_no_duplicates() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(10);
        // Linux takes no smaller window from the same numbers: there they grow.
        for n in 1..=5 {
            bench.hand(&offering(seg("A", 1, 1, ""), 65_500 + n));
        }
        assert_eq!(bench.variable("duplicate-acks"), None);
        assert!(bench.notes.iter().all(|why| *why != Reason::FastRetransmit));
        assert_eq!(bench.sent.len(), 10);
    }
}

#[test]
fn with_sack_an_acknowledgment_without_a_new_block_is_no_duplicate() {
    for profile in profiles() {
        let mut bench = sacking(profile);
        bench.fill(10);
        for _ in 0..5 {
            assert!(bench.ack(0, &[]).is_empty());
        }
        assert_eq!(bench.variable("duplicate-acks"), None);
        bench.ack(0, &[(1, 2)]);
        for _ in 0..5 {
            assert!(bench.ack(0, &[(1, 2)]).is_empty(), "told already");
        }
        assert_eq!(bench.variable("duplicate-acks"), Some(1));
    }
}

#[test]
fn whatever_is_sent_in_its_life_a_connection_numbers_it_on_across_the_wrap() {
    for mut profile in profiles() {
        profile.set("tcp_initial_cwnd", 10).unwrap();
        let mut bench = Bench::new(profile);
        bench.stack.set_next_isn(crate::wire::Seq(u32::MAX - 2000));
        bench.listen(4);
        let shift = (u32::MAX - 2000).wrapping_sub(OURS.0) as i32;
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, shift.wrapping_add(1), ""));
        bench.accept();
        bench.forget_past();
        bench.write(&[1; 4380]);
        assert_eq!(lengths(&bench), [1460; 3]);
        let acked = |octets: i32| seg("A", 1, shift.wrapping_add(1 + octets), "");
        for octets in [1460, 2920, 4380] {
            bench.hand(&acked(octets));
        }
        assert_eq!(bench.stack.unacknowledged_octets(bench.conn.unwrap()), 0);
        bench.hand(&acked(1460));
        assert_eq!(bench.notes.last(), Some(&Reason::DropOldAck));
        assert_eq!(bench.state(), State::Established);
    }
}
