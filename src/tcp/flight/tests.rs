//! The scoreboard, mark by mark.

use super::*;

const MSS: u32 = 100;

/// `count` segments of [`MSS`] octets, from near the wrap of the sequence space.
fn flight(count: u32) -> (Flight, Seq) {
    let start = Seq(u32::MAX - 250);
    let mut flight = Flight::default();
    for n in 0..count {
        flight.push(Sent::new(start + n * MSS, start + (n + 1) * MSS, Instant::ZERO));
    }
    (flight, start)
}

fn sack(flight: &mut Flight, from: Seq, to: Seq) -> u32 {
    let mut count = 0;
    flight.sack(from, to, |_| count += 1);
    count
}

#[test]
fn a_block_told_again_tells_nothing_new() {
    let (mut flight, start) = flight(10);
    assert_eq!(sack(&mut flight, start + 200, start + 400), 2);
    assert_eq!(sack(&mut flight, start + 200, start + 400), 0);
    assert_eq!(sack(&mut flight, start + 100, start + 600), 3);
    assert_eq!((flight.sacked(), flight.pipe()), (5, 5));
    flight.check_deep(start, start + 1000);
}

#[test]
fn a_segment_counts_as_held_only_when_all_of_it_is() {
    let (mut flight, start) = flight(4);
    assert_eq!(sack(&mut flight, start + 150, start + 250), 0);
    assert_eq!(sack(&mut flight, start + 250, start + 300), 1);
    assert_eq!(sack(&mut flight, start + 100, start + 150), 1);
    flight.check_deep(start, start + 400);
}

#[test]
fn what_lies_below_three_blocks_is_lost_and_below_two_small_ones_not() {
    let (mut flight, start) = flight(10);
    sack(&mut flight, start + 200, start + 300);
    sack(&mut flight, start + 400, start + 500);
    assert_eq!(flight.mark_by_blocks(MSS), 0);
    sack(&mut flight, start + 600, start + 700);
    assert_eq!(flight.mark_by_blocks(MSS), 2);
    assert_eq!(flight.next_lost(), Some(start));
    assert_eq!((flight.lost(), flight.pipe()), (2, 5));
    flight.check_deep(start, start + 1000);
}

#[test]
fn three_separate_blocks_are_enough_however_small() {
    let (mut flight, start) = flight(5);
    for octet in [150, 250] {
        sack(&mut flight, start + octet, start + octet + 1);
    }
    assert_eq!(flight.mark_by_blocks(MSS), 0);
    sack(&mut flight, start + 350, start + 351);
    assert_eq!(flight.mark_by_blocks(MSS), 2, "what begins before the lowest of the three");
}

#[test]
fn what_lies_below_more_than_two_full_segments_is_lost() {
    let (mut flight, start) = flight(5);
    sack(&mut flight, start + 100, start + 300);
    assert_eq!(flight.mark_by_blocks(MSS), 0);
    sack(&mut flight, start + 300, start + 400);
    assert_eq!(flight.mark_by_blocks(MSS), 1);
    flight.went_again(Instant::from_nanos(5), start, start + 100, true);
    assert_eq!((flight.pipe(), flight.next_lost()), (2, None));
    assert_eq!(flight.mark_by_blocks(MSS), 0, "a segment is judged once");
}

#[test]
fn what_went_before_what_arrived_is_lost_when_its_time_has_passed() {
    let at = |ms| Instant::ZERO + Span::millis(ms);
    let start = Seq(7);
    let mut flight = Flight { timed: true, ..Flight::default() };
    for n in 0..4u32 {
        flight.push(Sent::new(start + n * MSS, start + (n + 1) * MSS, at(u64::from(n))));
    }
    sack(&mut flight, start + 200, start + 300);
    let latest = 3;
    let found = |segments, due| Found { segments, copy: None, due };
    assert_eq!(flight.mark_by_time(latest, Span::millis(10), at(9)), found(0, Some(at(10))));
    assert_eq!(flight.mark_by_time(latest, Span::millis(10), at(10)), found(1, Some(at(11))));
    assert_eq!(flight.mark_by_time(latest, Span::millis(10), at(11)), found(1, None));
    // A copy can be lost as well, once something sent after it has arrived.
    flight.went_again(at(12), start, start + 100, true);
    let again = flight.mark_by_time(6, Span::millis(1), at(20));
    assert_eq!(again, Found { segments: 2, copy: Some(at(12)), due: None });
    assert_eq!(flight.next_lost(), Some(start));
    flight.check_deep(start, start + 400);
}

#[test]
fn what_went_in_one_moment_is_told_apart_by_its_order() {
    let start = Seq(7);
    let mut flight = Flight { timed: true, ..Flight::default() };
    for n in 0..3 {
        flight.push(Sent::new(start + n * MSS, start + (n + 1) * MSS, Instant::ZERO));
    }
    flight.mark_lost(start);
    flight.went_again(Instant::ZERO, start, start + 100, true);
    let now = Instant::ZERO + Span::secs(1);
    // The third went before the copy of the first, though its numbers are higher.
    assert_eq!(flight.mark_by_time(3, Span::ZERO, now).segments, 1);
    assert_eq!(flight.next_lost(), Some(start + 100));
    flight.check_deep(start, start + 300);
}

#[test]
fn small_segments_sent_again_as_one_become_one_and_one_cut_becomes_two() {
    let (mut flight, start) = flight(4);
    flight.lose_all(None);
    flight.went_again(Instant::from_nanos(5), start, start + 250, true);
    assert_eq!((flight.len(), flight.pipe(), flight.lost()), (3, 1, 3));
    flight.check_deep(start, start + 400);
    flight.went_again(Instant::from_nanos(6), start, start + 50, true);
    assert_eq!(flight.len(), 4);
    flight.check_deep(start, start + 400);
}

#[test]
fn an_acknowledgment_clears_blocks_and_marks_below_it() {
    let (mut flight, start) = flight(6);
    sack(&mut flight, start + 100, start + 300);
    sack(&mut flight, start + 400, start + 500);
    let mut taken = 0;
    while flight.take_acknowledged(start + 350).is_some() {
        taken += 1;
    }
    assert_eq!((taken, flight.sacked()), (3, 1));
    assert_eq!(flight.next_hole(start + 350, start + 500), Some(start + 350));
    flight.check_deep(start + 350, start + 600);
}

#[test]
fn holes_are_found_without_walking_over_what_the_peer_holds() {
    let (mut flight, start) = flight(10);
    sack(&mut flight, start + 100, start + 800);
    sack(&mut flight, start + 900, start + 1000);
    assert_eq!(flight.next_hole(start + 100, start + 1000), Some(start + 800));
    assert_eq!(flight.last_hole(), Some(start + 800));
    assert_eq!(flight.whole_until(start, 250, start + 1000), start + 100);
}
