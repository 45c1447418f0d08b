//! RFC 9293 section 3.8.6: windows that shrink, close, open a little, and what goes around them.

use super::super::bench::{Bench, seg, with_options};
use super::{both, carrying, eager, lengths, offering, profiles};
use crate::clock::Span;
use crate::tcp::{ConnOptions, Profile, Reason, State};
use crate::wire::TcpOption;

/// A connection with a receive buffer of so many octets.
fn with_buffer(profile: Profile, octets: u32) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(4);
    let listener = bench.listener.unwrap();
    let mut options = ConnOptions::of(bench.stack.profile());
    options.receive_buffer = Some(bench.stack.profile().kept_receive_buffer(octets));
    bench.stack.set_listener_options(listener, &options);
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    bench
}

/// Sends text until the window is closed. Returns the next sequence number.
fn fill(bench: &mut Bench) -> i32 {
    let mut next = 1;
    while bench.variable("rcv.wnd") != Some(0) {
        let room = bench.variable("rcv.wnd").unwrap().min(1460) as usize;
        bench.hand(&carrying(seg("PA", next, 1, ""), room));
        next += room as i32;
        bench.wait(Span::secs(1));
        assert!(next < 100_000, "the window never closes");
    }
    bench.forget_past();
    next
}

/// Data waits before a closed window.
fn shut_out(profile: Profile) -> Bench {
    let mut bench = Bench::at(profile, State::Established);
    bench.write(&[5; 100]);
    bench.hand(&offering(seg("A", 1, 101, ""), 0));
    bench.write(&[6; 5000]);
    bench.forget_past();
    bench
}

#[test]
fn a_window_that_shrinks_below_what_was_sent_stops_new_data_and_breaks_nothing() {
    for mut bench in eager() {
        bench.write(&[1; 14_600]);
        assert_eq!(bench.sent.len(), 10);
        bench.forget_past();
        assert!(bench.hand(&offering(seg("A", 1, 1461, ""), 1460)).is_empty());
        bench.write(&[2; 5000]);
        assert!(bench.sent.is_empty(), "no new data beyond the window");
        // What was sent goes again, the oldest first.
        let again = bench.wait(Span::secs(2));
        assert_eq!(again[0], "A 1461 1 +1460");
        assert!(again.iter().all(|line| line == "A 1461 1 +1460"), "{again:?}");
        bench.hand(&seg("A", 1, 14_601, ""));
        assert_eq!(bench.state(), State::Established);
        assert!(bench.sent.last().unwrap().1.payload.starts_with(&[2]));
    }
}

#[test]
fn a_window_that_shrinks_to_nothing_is_probed() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 2920]);
        bench.forget_past();
        assert!(bench.hand(&offering(seg("A", 1, 1, ""), 0)).is_empty());
        let probes = bench.wait(Span::secs(10));
        assert!(probes.len() >= 2, "{probes:?}");
        assert_eq!(bench.hand(&seg("A", 1, 2921, "")), [""; 0]);
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn a_closed_window_is_probed_first_after_one_time_out_and_then_at_doubling_gaps() {
    for profile in profiles() {
        let mut bench = shut_out(profile);
        let rto = bench.variable("rto").unwrap();
        let start = bench.now;
        bench.wait(Span::micros(rto * 31));
        let at: Vec<u64> = bench.sent.iter().map(|(at, ..)| (*at - start).as_micros() / rto).collect();
        assert_eq!(at, [1, 3, 7, 15, 31]);
    }
}

#[test]
fn as_long_as_probes_are_answered_a_closed_window_lasts_for_ever() {
    for profile in profiles() {
        let mut bench = shut_out(profile);
        let end = bench.now + Span::secs(6 * 3600);
        let mut probes = 0;
        while bench.now < end {
            let sent = bench.wait(Span::secs(1)).len();
            if sent > 0 {
                probes += sent;
                bench.hand(&offering(seg("A", 1, 101, ""), 0));
            }
        }
        assert_eq!(bench.state(), State::Established);
        assert!(probes > 100, "{probes}");
        let gap = bench.stack.profile().rto_max();
        assert!(!bench.wait(gap).is_empty(), "and it goes on");
    }
}

#[test]
fn a_window_opened_a_little_lets_no_tiny_segment_out() {
    for profile in profiles() {
        let mut bench = shut_out(profile);
        assert!(bench.hand(&offering(seg("A", 1, 101, ""), 10)).is_empty());
        assert!(bench.wait(Span::millis(150)).is_empty());
        let sent = bench.hand(&offering(seg("A", 1, 101, ""), 4000));
        assert_eq!(sent[0], "A 101 1 +1460");
    }
}

#[test]
fn reading_a_little_does_not_open_a_closed_window() {
    for profile in profiles() {
        let mut bench = with_buffer(profile, 8760);
        fill(&mut bench);
        let c = bench.conn.unwrap();
        for _ in 0..20 {
            bench.run(|stack, now, fx| stack.recv(now, c, 10, fx)).unwrap();
            assert!(bench.sent.is_empty(), "a silly window update");
        }
        bench.read();
        assert_eq!(bench.sent.len(), 1);
        assert!(bench.sent[0].1.window >= 1460);
    }
}

#[test]
fn who_never_reads_keeps_the_window_closed_and_still_answers_probes() {
    for profile in profiles() {
        let mut bench = with_buffer(profile, 8760);
        let next = fill(&mut bench);
        for _ in 0..50 {
            bench.wait(Span::secs(60));
            for probe in [seg("A", next - 1, 1, ""), seg("A", next, 1, "y")] {
                let answer = bench.hand(&probe);
                assert_eq!(answer, [format!("A 1 {next} +0")]);
                assert_eq!(bench.sent.last().unwrap().1.window, 0);
            }
        }
        assert_eq!(bench.state(), State::Established);
        assert_eq!(bench.read().len() as i32, next - 1, "the probes' octets were not taken in");
    }
}

#[test]
fn the_right_edge_of_the_window_never_moves_left() {
    for profile in profiles() {
        for read in [0usize, 1, 700, 5000] {
            let mut bench = with_buffer(profile.clone(), 20_000);
            let (mut next, mut edge) = (1i32, 0u32);
            let c = bench.conn.unwrap();
            for _ in 0..60 {
                let room = bench.variable("rcv.wnd").unwrap().min(1000) as usize;
                let before = bench.sent.len();
                bench.hand(&carrying(seg("PA", next, 1, ""), room));
                next += room as i32;
                bench.wait(Span::millis(300));
                if read > 0 {
                    let _ = bench.run(|stack, now, fx| stack.recv(now, c, read, fx));
                }
                for (_, segment, _) in &bench.sent[before..] {
                    let right = segment.ack.0 + u32::from(segment.window);
                    assert!(right >= edge, "{edge} became {right}");
                    edge = right;
                }
            }
        }
    }
}

#[test]
fn a_shrunken_window_is_no_reason_to_give_up() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 2920]);
        // The peer takes back its offer and answers all that comes with the window it has.
        let answer = offering(seg("A", 1, 1, ""), 0);
        bench.hand(&answer);
        let end = bench.now + Span::secs(4 * 3600);
        while bench.now < end {
            if !bench.wait(Span::secs(1)).is_empty() {
                bench.hand(&answer);
            }
        }
        assert_eq!(bench.state(), State::Established);
        let from = bench.sent.len();
        bench.hand(&seg("A", 1, 1, ""));
        bench.wait(Span::secs(300));
        assert!(bench.sent.len() > from, "once the window opens the data goes again");
    }
}

#[test]
fn what_lies_before_a_shrunken_edge_goes_again() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 2920]);
        bench.hand(&offering(seg("A", 1, 1, ""), 1460));
        bench.forget_past();
        bench.wait(Span::secs(2));
        assert_eq!(lengths(&bench)[0], 1460);
        assert_eq!(bench.shown(0)[0], "A 1 1 +1460");
    }
}

/// Windows told while the user reads so many octets at a time from a full buffer of `octets`.
fn told(profile: Profile, octets: u32, reads: &[usize]) -> Vec<Option<u16>> {
    let mut bench = with_buffer(profile, octets);
    fill(&mut bench);
    let c = bench.conn.unwrap();
    let read = |len: &usize| {
        let before = bench.sent.len();
        bench.run(|stack, now, fx| stack.recv(now, c, *len, fx)).unwrap();
        bench.sent.get(before).map(|(_, segment, _)| segment.window)
    };
    reads.iter().map(read).collect()
}

#[test]
fn a_closed_window_opens_by_a_segment_or_half_the_buffer_by_the_rfc_and_in_whole_segments_in_linux() {
    let [rfc, linux] = profiles();
    let reads = [100, 1000, 359, 1, 1459, 1, 1460];
    assert_eq!(
        told(rfc.clone(), 8760, &reads),
        [None, None, None, Some(1460), None, Some(2920), None],
        "then it is more than half of what was told"
    );
    assert_eq!(told(rfc, 2000, &[459, 1, 1000]), [None, Some(1000), Some(2000)], "half of 2000");
    // As Linux 6.18 was seen to do it.
    let reads = [100, 1000, 500, 1460, 1460, 1460, 1460];
    assert_eq!(told(linux, 8760, &reads), [None, None, Some(1460), Some(2920), None, Some(5840), None]);
}

#[test]
fn the_right_edge_rests_until_it_can_move_by_a_segment_by_the_rfc() {
    let [rfc, _] = profiles();
    let mut bench = with_buffer(rfc, 20_000);
    let c = bench.conn.unwrap();
    let (mut next, mut edges) = (1, std::collections::BTreeSet::new());
    for _ in 0..40 {
        bench.hand(&carrying(seg("PA", next, 1, ""), 100));
        next += 100;
        bench.run(|stack, now, fx| stack.recv(now, c, 100, fx)).unwrap();
        bench.wait(Span::millis(300));
        let (_, last, _) = bench.sent.last().unwrap();
        edges.insert(last.ack.0 + u32::from(last.window));
    }
    let edges: Vec<u32> = edges.into_iter().collect();
    assert!(edges.windows(2).all(|pair| pair[1] - pair[0] >= 1460), "{edges:?}");
    assert!((2..=4).contains(&edges.len()), "4000 octets make two or three steps: {edges:?}");
}

#[test]
fn what_came_too_early_lies_within_the_window_and_takes_none_of_it_by_the_rfc() {
    let [rfc, _] = profiles();
    let mut bench = with_buffer(rfc, 8000);
    bench.hand(&carrying(seg("A", 4001, 1, ""), 1460));
    let (_, last, _) = bench.sent.last().unwrap();
    assert_eq!((last.ack.0 - super::super::bench::THEIRS.0, last.window), (1, 7300));
}

/// Data waits before a closed window of a peer whose window was never larger than `largest`.
fn shut_out_by(profile: Profile, largest: u16) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(4);
    bench.hand(&with_options(offering(seg("S", 0, 0, ""), largest), [TcpOption::Mss(1460)]));
    bench.hand(&offering(seg("A", 1, 1, ""), largest));
    bench.accept();
    bench.write(&[5; 100]);
    bench.hand(&offering(seg("A", 1, 101, ""), 0));
    bench.write(&[6; 5000]);
    bench.forget_past();
    bench
}

#[test]
fn half_of_the_largest_window_is_enough_to_send_and_less_waits_for_the_override_time_out() {
    for profile in profiles() {
        let mut bench = shut_out_by(profile.clone(), 2000);
        let sent = bench.hand(&offering(seg("A", 1, 101, ""), 1000));
        assert_eq!(sent, ["A 101 1 +1000"], "{}", profile.name);
        let mut bench = shut_out_by(profile, 2000);
        assert!(bench.hand(&offering(seg("A", 1, 101, ""), 999)).is_empty());
        assert!(bench.notes.contains(&Reason::HeldBySillyWindow));
        // Half a second by the RFC; Linux leaves it to the timer that probes closed windows.
        let after = bench.stack.profile().silly_window_override.unwrap_or(Span::millis(204));
        assert!(bench.wait(after - Span::millis(10)).is_empty());
        assert_eq!(bench.wait(Span::millis(20)), ["A 101 1 +999"]);
    }
}
