//! Segments that arrive: every step of RFC 9293 section 3.10.7, state by state.

use super::bench::{Bench, seg, with_options};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State, StreamError};
use crate::wire::TcpOption;

const SYNCHRONIZED: [State; 6] =
    [State::Established, State::FinWait1, State::FinWait2, State::CloseWait, State::Closing, State::LastAck];

fn both(state: State) -> [Bench; 2] {
    [Bench::at(Profile::rfc9293(), state), Bench::at(Profile::linux(), state)]
}

/// The peer's next sequence number in a state of the bench.
fn next(state: State) -> i32 {
    if matches!(state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait) { 2 } else { 1 }
}

#[test]
fn nothing_there_answers_an_ack_with_its_number_and_all_else_with_zero() {
    for mut bench in both(State::Closed) {
        assert_eq!(bench.hand(&seg("A", 5, 77, "")), ["R 77 +0"]);
        assert_eq!(bench.hand(&seg("S", 5, 0, "")), ["RA zero 6 +0"]);
        assert_eq!(bench.hand(&seg("F", 5, 0, "abc")), ["RA zero 9 +0"]);
        assert!(bench.hand(&seg("R", 5, 0, "")).is_empty());
        assert!(bench.hand(&seg("RA", 5, 3, "")).is_empty());
        assert_eq!(bench.count(Counter::OutRsts), 3);
    }
}

#[test]
fn a_listener_takes_syn_and_resets_ack_and_ignores_the_rest() {
    for mut bench in both(State::Listen) {
        assert!(bench.hand(&seg("R", 0, 0, "")).is_empty());
        assert!(bench.hand(&seg("F", 0, 0, "")).is_empty());
        assert!(bench.hand(&seg("FPU", 0, 0, "")).is_empty());
        assert_eq!(bench.hand(&seg("A", 0, 7, "")), ["R 7 +0"]);
        assert_eq!(bench.hand(&seg("SA", 0, 7, "")), ["R 7 +0"]);
        assert_eq!(bench.state(), State::Listen);
        assert_eq!(bench.hand(&seg("S", 0, 0, "")), ["SA 0 1 +0"]);
        assert_eq!(bench.state(), State::SynReceived);
    }
}

#[test]
fn a_syn_ack_of_something_else_in_syn_sent_is_reset() {
    for mut bench in both(State::SynSent) {
        assert_eq!(bench.hand(&seg("SA", 0, 0, "")), ["R 0 +0"]);
        assert_eq!(bench.hand(&seg("SA", 0, 2, "")), ["R 2 +0"]);
        assert_eq!(bench.state(), State::SynSent);
    }
}

#[test]
fn a_reset_in_syn_sent_counts_only_with_the_right_ack() {
    for mut bench in both(State::SynSent) {
        assert!(bench.hand(&seg("R", 0, 0, "")).is_empty());
        assert!(bench.hand(&seg("RA", 0, 9, "")).is_empty());
        assert_eq!(bench.state(), State::SynSent);
        bench.hand(&seg("RA", 0, 1, ""));
        assert_eq!(bench.state(), State::Closed);
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::Refused));
    }
}

#[test]
fn a_segment_that_is_neither_syn_nor_reset_is_dropped_in_syn_sent() {
    for mut bench in both(State::SynSent) {
        assert!(bench.hand(&seg("A", 0, 1, "")).is_empty());
        assert!(bench.hand(&seg("F", 0, 0, "")).is_empty());
        assert_eq!(bench.state(), State::SynSent);
    }
}

#[test]
fn a_syn_ack_opens_and_is_acknowledged() {
    for mut bench in both(State::SynSent) {
        assert_eq!(bench.hand(&seg("SA", 0, 1, "")), ["A 1 1 +0"]);
        assert_eq!(bench.edges, [(State::SynSent, State::Established)]);
    }
}

#[test]
fn text_on_a_syn_ack_is_taken_by_the_rfc_and_must_come_again_for_linux() {
    let mut rfc = Bench::at(Profile::rfc9293(), State::SynSent);
    assert_eq!(rfc.hand(&seg("SA", 0, 1, "hi")), ["A 1 3 +0"]);
    assert_eq!(rfc.read(), b"hi");
    let mut linux = Bench::at(Profile::linux(), State::SynSent);
    assert_eq!(linux.hand(&seg("SA", 0, 1, "hi")), ["A 1 1 +0"]);
    assert!(linux.read().is_empty());
}

#[test]
fn an_acknowledgment_of_something_else_in_syn_received_is_reset() {
    for mut bench in both(State::SynReceived) {
        assert_eq!(bench.hand(&seg("A", 1, 5, "")), ["R 5 +0"]);
        assert_eq!(bench.state(), State::SynReceived);
        bench.hand(&seg("A", 1, 1, ""));
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn a_reset_in_syn_received_of_an_active_open_refuses() {
    for mut bench in both(State::SynReceived) {
        bench.hand(&seg("R", 1, 0, ""));
        assert_eq!(bench.state(), State::Closed);
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::Refused));
    }
}

#[test]
fn the_exact_reset_ends_every_synchronized_state() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            assert!(bench.hand(&seg("R", next(state), 0, "")).is_empty());
            assert_eq!(bench.edges, [(state, State::Closed)]);
        }
    }
}

#[test]
fn a_reset_in_the_window_but_not_exact_is_challenged() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            let seq = next(state);
            let sent = bench.hand(&seg("R", seq + 100, 0, ""));
            assert_eq!(sent.len(), 1, "{state}");
            assert!(sent[0].starts_with("A "), "{state}: {sent:?}");
            assert_eq!(bench.count(Counter::TCPChallengeACK), 1);
            assert_eq!(bench.state(), state);
        }
    }
}

#[test]
fn a_reset_outside_the_window_is_ignored() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            assert!(bench.hand(&seg("R", -50_000, 0, "")).is_empty());
            assert_eq!(bench.state(), state);
            assert!(bench.notes.contains(&Reason::DropUnacceptableReset));
        }
    }
}

#[test]
fn linux_takes_a_reset_one_before_the_next_in_close_wait() {
    for state in [State::CloseWait, State::Closing, State::LastAck] {
        let mut bench = Bench::at(Profile::linux(), state);
        bench.hand(&seg("R", 1, 0, ""));
        assert_eq!(bench.edges, [(state, State::Closed)]);
        let mut strict = Bench::at(Profile::rfc9293(), state);
        strict.hand(&seg("R", 1, 0, ""));
        assert_eq!(strict.state(), state);
    }
}

#[test]
fn a_syn_in_a_synchronized_state_is_challenged() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            for seq in [0, next(state), 5000, -70_000] {
                let sent = bench.hand(&seg("S", seq, 0, ""));
                assert_eq!(sent.len(), 1, "{state} {seq}: {sent:?}");
                assert!(sent[0].starts_with("A "));
            }
            assert_eq!(bench.state(), state);
            assert_eq!(bench.count(Counter::TCPSYNChallenge), 4);
        }
    }
}

#[test]
fn the_host_sends_only_so_many_challenges() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    let sent: usize = (0..30).map(|_| bench.hand(&seg("S", 0, 0, "")).len()).sum();
    assert_eq!(sent, 10);
    bench.wait(Span::secs(5));
    assert_eq!(bench.hand(&seg("S", 0, 0, "")).len(), 1);
}

#[test]
fn the_invalid_rate_limit_holds_per_connection() {
    let mut profile = Profile::linux();
    profile.set("tcp_invalid_ratelimit", 500).unwrap();
    let mut bench = Bench::at(profile, State::Established);
    assert_eq!(bench.hand(&seg("A", 0, 1, "")).len(), 1);
    assert_eq!(bench.hand(&seg("A", 0, 1, "")).len(), 0);
    bench.wait(Span::millis(500));
    assert_eq!(bench.hand(&seg("A", 0, 1, "")).len(), 1);
}

#[test]
fn a_segment_without_ack_is_dropped() {
    for mut bench in both(State::Established) {
        assert!(bench.hand(&seg("P", 1, 0, "text")).is_empty());
        assert!(bench.notes.contains(&Reason::DropNoAck));
        assert!(bench.read().is_empty());
    }
}

#[test]
fn an_ack_of_data_never_sent_is_challenged_and_its_text_dropped() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("PA", 1, 5001, "text")), ["A 1 1 +0"]);
        assert_eq!(bench.count(Counter::TCPChallengeACK), 1);
        assert!(bench.read().is_empty());
    }
}

#[test]
fn an_old_ack_is_ignored_but_its_text_is_taken() {
    for mut bench in both(State::Established) {
        bench.write(b"0123456789");
        bench.hand(&seg("A", 1, 11, ""));
        bench.hand(&seg("PA", 1, 1, "text"));
        assert_eq!(bench.read(), b"text");
    }
}

#[test]
fn a_keepalive_probe_is_answered() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("A", 0, 1, "")), ["A 1 1 +0"]);
        bench.wait(Span::secs(1));
        assert_eq!(bench.hand(&seg("A", 0, 1, "")), ["A 1 1 +0"]);
    }
}

#[test]
fn text_beyond_the_window_is_answered_and_dropped() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("PA", 900_001, 1, "far")), ["A 1 1 +0"]);
        assert_eq!(bench.count(Counter::BeyondWindow), 1);
    }
}

#[test]
fn text_too_early_is_kept_and_told_at_once() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("PA", 5, 1, "efgh")), ["A 1 1 +0"]);
        assert_eq!(bench.count(Counter::TCPOFOQueue), 1);
        assert_eq!(bench.hand(&seg("PA", 1, 1, "abcd")), ["A 1 9 +0"]);
        assert_eq!(bench.read(), b"abcdefgh");
    }
}

#[test]
fn text_that_came_before_is_acknowledged_again() {
    for mut bench in both(State::Established) {
        bench.hand(&seg("PA", 1, 1, "abcd"));
        bench.wait(Span::secs(1));
        assert_eq!(bench.hand(&seg("PA", 1, 1, "abcd")), ["A 1 5 +0"]);
        assert_eq!(
            bench.hand(&seg("PA", 3, 1, "cdef")).len(),
            usize::from(bench.stack.profile().name == "linux")
        );
        assert_eq!(bench.read(), b"abcdef");
    }
}

#[test]
fn sack_blocks_tell_what_came_too_early_and_what_came_twice() {
    let mut bench = Bench::new(Profile::linux());
    bench.listen(4);
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460), TcpOption::SackPermitted]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    let blocks = |bench: &Bench| {
        let (_, last, _) = bench.sent.last().unwrap();
        last.options.iter().find_map(|option| match option {
            TcpOption::Sack(blocks) => Some(
                blocks
                    .iter()
                    .map(|(from, to)| (*from - super::bench::THEIRS, *to - super::bench::THEIRS))
                    .collect(),
            ),
            _ => None,
        })
    };
    bench.hand(&seg("PA", 11, 1, "klmno"));
    assert_eq!(blocks(&bench), Some(vec![(11, 16)]));
    bench.hand(&seg("PA", 21, 1, "u"));
    assert_eq!(blocks(&bench), Some(vec![(21, 22), (11, 16)]));
    bench.hand(&seg("PA", 1, 1, "abcdefghij"));
    assert_eq!(blocks(&bench), Some(vec![(21, 22)]));
    bench.hand(&seg("PA", 1, 1, "abcdefghij"));
    assert_eq!(blocks(&bench), Some(vec![(1, 11), (21, 22)]));
}

#[test]
fn an_old_timestamp_is_answered_and_its_text_dropped() {
    let mut bench = Bench::new(Profile::linux());
    bench.listen(4);
    let stamped = |segment, value| {
        with_options(segment, [TcpOption::Nop, TcpOption::Nop, TcpOption::Timestamps { value, echo: 0 }])
    };
    bench.hand(&stamped(seg("S", 0, 0, ""), 1000));
    bench.hand(&stamped(seg("A", 1, 1, ""), 1001));
    bench.accept();
    bench.hand(&stamped(seg("PA", 1, 1, "new"), 1010));
    bench.forget_past();
    assert_eq!(bench.hand(&stamped(seg("PA", 4, 1, "old"), 1005)), ["A 1 4 +0"]);
    assert_eq!(bench.count(Counter::PAWSEstab), 1);
    assert_eq!(bench.read(), b"new");
}

#[test]
fn a_fin_moves_each_state_as_the_diagram_says() {
    let moves = [
        (State::Established, State::CloseWait),
        (State::FinWait1, State::Closing),
        (State::FinWait2, State::TimeWait),
    ];
    for (from, to) in moves {
        for mut bench in both(from) {
            let ack = if from == State::FinWait2 { 2 } else { 1 };
            bench.hand(&seg("FA", 1, ack, ""));
            assert_eq!(bench.edges, [(from, to)]);
        }
    }
}

#[test]
fn one_segment_can_cross_two_edges() {
    for mut bench in both(State::FinWait1) {
        assert_eq!(bench.hand(&seg("FA", 1, 2, "")), ["A 2 2 +0"]);
        assert_eq!(bench.edges, [(State::FinWait1, State::FinWait2), (State::FinWait2, State::TimeWait)]);
    }
}

#[test]
fn an_acknowledgment_of_our_fin_moves_each_state_as_the_diagram_says() {
    let moves = [
        (State::FinWait1, State::FinWait2),
        (State::Closing, State::TimeWait),
        (State::LastAck, State::Closed),
    ];
    for (from, to) in moves {
        for mut bench in both(from) {
            assert!(bench.hand(&seg("A", next(from), 2, "")).is_empty());
            assert_eq!(bench.edges, [(from, to)]);
        }
    }
}

#[test]
fn a_fin_too_early_waits_for_the_text_before_it() {
    for mut bench in both(State::Established) {
        bench.hand(&seg("FA", 5, 1, ""));
        assert_eq!(bench.state(), State::Established);
        bench.hand(&seg("PA", 1, 1, "abcd"));
        assert_eq!(bench.state(), State::CloseWait);
        assert_eq!(bench.read(), b"abcd");
    }
}

#[test]
fn text_after_the_peers_fin_is_not_delivered() {
    for mut bench in both(State::CloseWait) {
        bench.hand(&seg("PA", 2, 1, "late"));
        assert!(bench.read().is_empty());
        assert!(bench.notes.contains(&Reason::DropTextAfterFin));
    }
}

#[test]
fn text_for_a_closed_socket_is_reset() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Established);
        bench.close();
        bench.hand(&seg("A", 1, 2, ""));
        assert_eq!(bench.state(), State::FinWait2);
        assert_eq!(bench.hand(&seg("PA", 1, 2, "data")), ["R 2 +0"]);
        assert_eq!(bench.edges.last(), Some(&(State::FinWait2, State::Closed)));
        let small = bench.stack.profile().name == "linux";
        assert_eq!(
            bench.count(Counter::TCPAbortOnData),
            u64::from(!small),
            "the kernel's small entries do not count it"
        );
    }
}

#[test]
fn an_urgent_pointer_moves_rcv_up_and_hurts_nobody() {
    for mut bench in both(State::Established) {
        let mut segment = seg("PUA", 1, 1, "x");
        segment.urgent = u16::MAX;
        bench.hand(&segment);
        assert_eq!(bench.read(), b"x");
    }
}

#[test]
fn what_happens_in_time_wait() {
    let mut bench = Bench::at(Profile::linux(), State::TimeWait);
    // The peer's FIN again, text, an old SYN: each is acknowledged.
    assert_eq!(bench.hand(&seg("FA", 1, 2, "")), ["A 2 2 +0"]);
    assert_eq!(bench.hand(&seg("PA", 2, 2, "data")), ["A 2 2 +0"]);
    assert_eq!(bench.hand(&seg("S", -100, 0, "")), ["A 2 2 +0"]);
    // A FIN begins the wait anew.
    bench.wait(Span::secs(59));
    bench.hand(&seg("FA", 1, 2, ""));
    bench.wait(Span::secs(59));
    assert_eq!(bench.state(), State::TimeWait);
    // A newer SYN opens the connection anew, beyond all old numbers.
    assert_eq!(bench.hand(&seg("S", 1000, 0, "")), ["SA 65539 1001 +0"]);
    assert_eq!(bench.state(), State::SynReceived);
    assert_eq!(bench.edges, [(State::TimeWait, State::SynReceived)]);
}

#[test]
fn an_exact_reset_kills_time_wait_unless_rfc_1337_is_heeded() {
    let mut bench = Bench::at(Profile::linux(), State::TimeWait);
    bench.hand(&seg("R", 50, 0, ""));
    assert_eq!(bench.state(), State::TimeWait);
    bench.hand(&seg("R", 2, 0, ""));
    assert_eq!(bench.edges, [(State::TimeWait, State::Closed)]);
    let mut profile = Profile::linux();
    profile.set("tcp_rfc1337", 1).unwrap();
    let mut safe = Bench::at(profile, State::TimeWait);
    safe.hand(&seg("R", 2, 0, ""));
    assert_eq!(safe.state(), State::TimeWait);
}

#[test]
fn a_repeated_syn_gets_syn_ack_from_linux_and_a_bare_ack_by_the_rfc() {
    for (profile, answer) in [(Profile::linux(), "SA 0 1 +0"), (Profile::rfc9293(), "A 1 1 +0")] {
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&seg("S", 0, 0, ""));
        assert_eq!(bench.hand(&seg("S", 0, 0, "")), [answer]);
    }
}

#[test]
fn another_syn_in_the_window_of_a_half_open_connection_ends_it() {
    let mut linux = Bench::at(Profile::linux(), State::Listen);
    linux.hand(&seg("S", 0, 0, ""));
    assert_eq!(linux.hand(&seg("S", 50, 0, "")), ["RA zero 51 +0"]);
    assert_eq!(linux.state(), State::Listen);
    let mut rfc = Bench::at(Profile::rfc9293(), State::Listen);
    rfc.hand(&seg("S", 0, 0, ""));
    assert!(rfc.hand(&seg("S", 50, 0, "")).is_empty());
    assert_eq!(rfc.edges.last(), Some(&(State::SynReceived, State::Listen)));
}

#[test]
fn a_reset_of_a_half_open_connection_returns_to_listen() {
    for mut bench in both(State::Listen) {
        bench.hand(&seg("S", 0, 0, ""));
        bench.hand(&seg("R", 1, 0, ""));
        assert_eq!(bench.half_open(), 0);
        assert_eq!(bench.count(Counter::AttemptFails), 1);
    }
}
