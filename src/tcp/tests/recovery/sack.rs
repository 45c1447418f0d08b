//! Recovery with SACK, losses told by blocks (RFC 6675); what linux does in the same place.

use super::super::bench::{seg, with_options};
use super::*;
use crate::wire::Segment;

fn block(from: i32, to: i32) -> (Seq, Seq) {
    let at = |n: i32| Seq(OURS.0.wrapping_add(s(n) as u32));
    (at(from), at(to))
}

fn telling(segment: Segment, blocks: &[(i32, i32)]) -> Segment {
    let list = blocks.iter().map(|(from, to)| block(*from, *to)).collect();
    with_options(segment, [TcpOption::Sack(list)])
}

#[test]
fn an_acknowledgment_with_new_blocks_is_a_duplicate_whatever_else_it_carries() {
    for profile in profiles() {
        let mut bench = sacking(profile);
        bench.fill(30);
        let wider = Segment { window: 65_000, ..seg("A", 1, s(0), "") };
        bench.hand(&telling(wider, &[(1, 2)]));
        assert_eq!(bench.variable("duplicate-acks"), Some(1), "with another window");
        bench.hand(&telling(seg("PA", 1, s(0), "text"), &[(1, 3)]));
        assert_eq!(bench.variable("duplicate-acks"), Some(2), "with text");
        bench.hand(&seg("A", 5, s(0), ""));
        bench.hand(&telling(seg("A", 5, s(0), ""), &[(1, 3)]));
        assert_eq!(bench.variable("duplicate-acks"), Some(2), "without new blocks it is none");
    }
}

#[test]
fn even_an_old_acknowledgment_brings_its_blocks() {
    for profile in profiles() {
        let mut bench = sacking(profile);
        bench.fill(30);
        bench.ack(2, &[]);
        bench.wait(Span::millis(30));
        let before = bench.sent.len();
        bench.hand(&telling(seg("A", 1, s(1), ""), &[(3, 4), (5, 6), (7, 8)]));
        assert_eq!(numbers(&bench.shown(before))[0], 2, "three blocks above it");
    }
}

#[test]
fn recovery_begins_with_half_of_what_is_on_its_way_at_once_by_the_rfc_and_by_and_by_in_linux() {
    for (profile, window) in profiles().into_iter().zip([5, 9]) {
        let mut bench = sacking(profile);
        bench.fill(30);
        for held in 2..=4 {
            bench.ack(0, &[(1, held)]);
        }
        assert_eq!((bench.window(), bench.variable("ssthresh")), (window, Some(5)));
    }
}

#[test]
fn recovery_ends_where_it_was_to_end_and_what_is_held_beyond_stays_known() {
    for profile in profiles() {
        let mut bench = sacking(profile);
        bench.fill(30);
        for held in 2..=10 {
            bench.ack(0, &[(1, held)]);
        }
        bench.ack(0, &[(13, 14), (1, 12)]);
        bench.ack(12, &[(13, 14)]);
        assert_eq!(bench.window(), 5, "recovery is over");
        bench.forget_past();
        bench.wait(Span::millis(30));
        // Nothing is told of 13 any more, and yet it never goes again.
        for n in 12..20 {
            bench.ack(n, &[]);
        }
        bench.wait(Span::secs(3));
        assert!(!numbers(&bench.shown(0)).contains(&13), "{:?}", bench.shown(0));
    }
}

#[test]
fn cubic_lowers_window_and_threshold_to_seven_tenths_when_recovery_begins() {
    for (mut profile, at_once) in profiles().into_iter().zip([7, 9]) {
        profile.congestion_control = "cubic";
        let mut bench = sacking(profile);
        bench.fill(30);
        for held in 2..=4 {
            bench.ack(0, &[(1, held)]);
        }
        assert_eq!((bench.window(), bench.variable("ssthresh")), (at_once, Some(7)));
        for held in 5..=10 {
            bench.ack(0, &[(1, held)]);
        }
        assert_eq!(bench.window(), 7);
    }
}

#[test]
fn the_rescue_does_not_keep_earlier_holes_from_going() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(10);
    for held in 2..=4 {
        bench.ack(0, &[(1, held)]);
    }
    // Nothing new and no hole below what is held: the end goes, to be on the safe side.
    assert_eq!(bench.ack(0, &[(1, 6)]), NONE);
    assert_eq!(bench.ack(0, &[(1, 7)]), [9]);
    assert_eq!(bench.sent.last().unwrap().2, Reason::RetransmitRescue);
    assert_eq!(bench.ack(0, &[(8, 9), (1, 7)]), [7], "below the rescued one");
}

#[test]
fn linux_leaves_holes_that_are_not_lost_and_the_end_to_its_timers() {
    let mut bench = sacking(Profile::linux());
    bench.fill(10);
    for held in 2..=4 {
        bench.ack(0, &[(1, held)]);
    }
    assert_eq!(bench.ack(0, &[(1, 6)]), NONE);
    assert_eq!(bench.ack(0, &[(1, 7)]), NONE);
    assert_eq!(numbers(&bench.shown(10)), [0]);
}
