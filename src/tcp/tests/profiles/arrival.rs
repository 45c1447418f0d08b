//! Segments that arrive.

use super::super::bench::{Bench, seg, with_options};
use super::{both, each, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnOptions, Profile, Reason, State};
use crate::wire::{Segment, TcpOption};

fn stamped(segment: Segment, value: u32) -> Segment {
    with_options(segment, [TcpOption::Timestamps { value, echo: 0 }])
}

/// A connection with timestamps; the last TSval was 1010.
fn with_timestamps(profile: Profile) -> Bench {
    let mut bench = Bench::at(profile, State::Listen);
    bench.hand(&stamped(seg("S", 0, 0, ""), 1000));
    bench.hand(&stamped(seg("A", 1, 1, ""), 1010));
    bench.accept();
    bench.forget_past();
    bench
}

#[test]
fn the_host_sends_ten_challenges_in_five_seconds_by_the_rfc_and_linux_any_number() {
    let [rfc, linux] = both(State::Established)
        .map(|mut bench| (0..60).map(|_| bench.hand(&seg("R", 100, 0, "")).len()).sum::<usize>());
    assert_eq!((rfc, linux), (10, 60));
}

#[test]
fn one_answer_in_half_a_second_goes_to_what_is_invalid() {
    for profile in profiles(&[("tcp_invalid_ratelimit", 500)]) {
        for invalid in [seg("R", 100, 0, ""), seg("A", -100, 1, ""), seg("S", 100, 0, "")] {
            let mut bench = Bench::at(profile.clone(), State::Established);
            let answers: Vec<usize> = (0..40)
                .map(|_| {
                    let answers = bench.hand(&invalid).len();
                    bench.wait(Span::millis(30));
                    answers
                })
                .collect();
            let at: Vec<usize> = (0..40).filter(|n| answers[*n] > 0).map(|n| n * 30).collect();
            assert_eq!(at, [0, 510, 1020]);
        }
    }
}

#[test]
fn an_acknowledgment_of_what_was_before_the_connection_is_challenged() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 100]);
        bench.hand(&seg("A", 1, 101, ""));
        assert!(bench.hand(&seg("A", 1, 51, "")).is_empty());
        assert_eq!(bench.hand(&seg("A", 1, -100_000, "")), ["A 101 1 +0"]);
        assert_eq!(bench.count(Counter::TCPChallengeACK), 1);
    }
    // Ten octets before the first: within the largest window, so RFC 5961 lets it pass, but it cannot ever have been.
    let [rfc, linux] = both(State::Established).map(|mut bench| {
        bench.write(&[1; 100]);
        bench.hand(&seg("A", 1, 101, ""));
        bench.hand(&seg("A", 1, -10, "")).len()
    });
    assert_eq!((rfc, linux), (0, 1));
}

#[test]
fn an_acknowledgment_of_what_was_never_sent_is_challenged() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("A", 1, 1000, "")), ["A 1 1 +0"]);
        assert!(bench.notes.is_empty() && bench.sent[0].2 == Reason::ChallengeAck);
    }
}

#[test]
fn linux_heeds_a_segment_between_its_last_offer_and_the_next_octet() {
    let unacknowledged = each(profiles(&[]), |profile| {
        let mut bench = Bench::at(profile, State::Established);
        // Quick acknowledgments come first: use them up.
        for n in 0..30 {
            bench.hand(&seg("PA", 1 + n, 1, "x"));
            bench.wait(Span::millis(100));
        }
        bench.write(b"ours");
        bench.forget_past();
        assert!(bench.hand(&seg("PA", 31, 1, "yyyy")).is_empty(), "this one's ACK is held back");
        bench.hand(&seg("A", 31, 5, ""));
        bench.wait(Span::secs(3)).iter().filter(|sent| sent.ends_with(" +4")).count()
    });
    assert!(unacknowledged[0] > 0, "the RFC answers it, does not heed it, and has to send again");
    assert_eq!(unacknowledged[1], 0);
}

#[test]
fn an_old_timestamp_does_not_save_from_a_reset() {
    for profile in profiles(&[]) {
        let mut bench = with_timestamps(profile);
        assert!(bench.hand(&stamped(seg("R", 1, 0, ""), 1)).is_empty());
        assert_eq!(bench.edges, [(State::Established, State::Closed)]);
    }
}

#[test]
fn text_without_the_agreed_timestamps_is_dropped_by_the_rfc_and_taken_by_linux() {
    let got = each(profiles(&[]), |profile| {
        let mut bench = with_timestamps(profile);
        bench.hand(&seg("PA", 1, 1, "hello"));
        bench.read()
    });
    assert_eq!(got, [b"".to_vec(), b"hello".to_vec()]);
}

#[test]
fn timestamps_begin_anywhere_and_without_an_offset_if_told() {
    let clocks = |profile: Profile| {
        [6001, 6002].map(|port| {
            let mut bench = Bench::at(profile.clone(), State::Listen);
            let mut syn = stamped(seg("S", 0, 0, ""), 1000);
            syn.source_port = port;
            bench.hand(&syn);
            let options = bench.sent.last().unwrap().1.options.iter().collect::<Vec<_>>();
            options
                .iter()
                .find_map(|option| match option {
                    TcpOption::Timestamps { value, .. } => Some(*value),
                    _ => None,
                })
                .unwrap()
        })
    };
    for [first, second] in each(profiles(&[]), clocks) {
        assert!(first.abs_diff(second) > 10_000, "{first} {second}");
    }
    for [first, second] in each(profiles(&[("tcp_timestamps", 2)]), clocks) {
        assert_eq!(first, second);
    }
}

#[test]
fn a_reset_at_the_edge_of_what_came_too_early_ends_the_connection_in_linux_only() {
    let held = |profile: Profile| {
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460), TcpOption::SackPermitted]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        bench.hand(&seg("PA", 101, 1, "held back"));
        bench.hand(&seg("PA", 301, 1, "farther"));
        bench.forget_past();
        bench
    };
    let state_after = |seq: i32| {
        each(profiles(&[]), |profile| {
            let mut bench = held(profile);
            let answers = bench.hand(&seg("R", seq, 0, "")).len();
            (answers, bench.state() == State::Established)
        })
    };
    assert_eq!(state_after(308), [(1, true), (0, false)]);
    assert_eq!(state_after(1), [(0, false), (0, false)]);
    for elsewhere in [101, 110, 301, 307, 309] {
        assert_eq!(state_after(elsewhere), [(1, true), (1, true)], "{elsewhere}");
    }
}

#[test]
fn a_reset_echoes_the_timestamp_it_answers_by_the_rfc_only() {
    let options = each(profiles(&[]), |profile| {
        let mut bench = Bench::at(profile, State::Closed);
        bench.hand(&stamped(seg("A", 5, 77, ""), 4711));
        bench.sent[0].1.options.iter().collect::<Vec<_>>()
    });
    let echo = TcpOption::Timestamps { value: 0, echo: 4711 };
    assert_eq!(options, [vec![TcpOption::Nop, TcpOption::Nop, echo], vec![]]);
    // A RST of one's own accord carries them in both.
    for profile in profiles(&[]) {
        let mut bench = with_timestamps(profile);
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.abort(now, c, fx));
        let told = bench.sent[0].1.options.iter().any(|it| matches!(it, TcpOption::Timestamps { .. }));
        assert!(told);
    }
}

#[test]
fn a_buffer_that_holds_more_than_it_may_closes_the_window_at_once_in_linux_and_never_by_the_rfc() {
    let edges = each(profiles(&[]), |profile| {
        let mut bench = Bench::at(profile, State::Established);
        let thousand = |n: i32| Segment { payload: vec![7; 1000].into(), ..seg("PA", 1 + 1000 * n, 1, "") };
        // After the last of them no page of memory is left in reserve: the next segment has to ask.
        for n in 0..21 {
            bench.hand(&thousand(n));
        }

        let c = bench.conn.unwrap();
        let options = ConnOptions { receive_buffer: Some(2304), ..*bench.stack.options(c).unwrap() };
        bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
        bench.forget_past();
        bench.hand(&thousand(21));
        bench.wait(Span::millis(300));
        let (_, last, _) = bench.sent.last().unwrap();
        let refused = bench.notes.contains(&Reason::DropBufferFull);
        let acknowledged = last.ack.0.wrapping_sub(bench.variable("irs").unwrap() as u32);
        let seen = (acknowledged, last.window > 0, refused);
        // When the user has read all there is room again.
        bench.read();
        bench.hand(&thousand(21));
        bench.wait(Span::millis(300));
        assert_eq!(bench.variable("rcv.nxt").unwrap() as u32, bench.variable("irs").unwrap() as u32 + 22_001);
        seen
    });
    assert_eq!(edges, [(22_001, true, false), (21_001, false, true)]);
}
