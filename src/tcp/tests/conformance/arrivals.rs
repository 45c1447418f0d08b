//! RFC 9293 section 3.10.7, a segment arrives; and RFC 5961.

use super::super::bench::{Bench, seg, with_options};
use super::{both, carrying, offering, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnOptions, Profile, Reason, State, StreamError};
use crate::wire::TcpOption;

const SYNCHRONIZED: [State; 6] =
    [State::Established, State::FinWait1, State::FinWait2, State::CloseWait, State::Closing, State::LastAck];

/// The peer's next sequence number in a state of the bench.
fn next(state: State) -> i32 {
    if matches!(state, State::CloseWait | State::Closing | State::LastAck | State::TimeWait) { 2 } else { 1 }
}

/// What a bare ACK of ours says in that state.
fn bare_ack(bench: &Bench, state: State) -> String {
    let nxt = bench.variable("snd.nxt").unwrap() - 5000;
    format!("A {nxt} {} +0", next(state))
}

#[test]
fn in_every_synchronized_state_an_unacceptable_segment_is_answered_by_an_ack_with_the_next_numbers() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            let expected = bare_ack(&bench, state);
            for segment in [
                seg("A", -5, 1, ""),
                seg("PA", -10, 1, "old"),
                seg("FA", -10, 1, ""),
                seg("A", 900_000, 1, ""),
                seg("PA", 900_000, 1, "far"),
                seg("FPA", 900_000, 1, "far"),
            ] {
                assert_eq!(bench.hand(&segment).join(", "), expected, "{state}: {segment:?}");
            }
            assert_eq!(bench.state(), state);
            assert!(bench.read().is_empty());
        }
    }
}

#[test]
fn an_unacceptable_segment_does_nothing_else() {
    for mut bench in both(State::Established) {
        bench.write(b"hello");
        let window = bench.variable("snd.wnd");
        bench.hand(&offering(seg("A", 900_000, 6, ""), 7));
        bench.hand(&offering(seg("PA", -100, 6, "old"), 7));
        assert_eq!(bench.variable("snd.una"), Some(5001), "its acknowledgment does not count");
        assert_eq!(bench.variable("snd.wnd"), window, "nor does its window");
    }
}

#[test]
fn the_edges_of_the_window_are_exact() {
    for mut bench in both(State::Established) {
        let room = bench.variable("rcv.wnd").unwrap() as i32;
        // The last octet of the window is taken, the one after it is not.
        bench.hand(&seg("PA", room, 1, "z"));
        assert_eq!(bench.count(Counter::TCPOFOQueue), 1);
        bench.hand(&seg("PA", room + 1, 1, "y"));
        assert_eq!(bench.count(Counter::TCPOFOQueue), 1, "one octet beyond the window");
        bench.hand(&seg("PA", 1, 1, "a"));
        assert_eq!(bench.read(), b"a");
    }
}

#[test]
fn what_came_before_is_cut_off_the_front_and_what_does_not_fit_off_the_end() {
    for mut bench in both(State::Established) {
        bench.hand(&seg("PA", 1, 1, "abcd"));
        bench.hand(&seg("PA", 3, 1, "cdefg"));
        assert_eq!(bench.read(), b"abcdefg");
        let room = bench.variable("rcv.wnd").unwrap() as usize;
        // Where nothing waits to be read Linux takes such a segment whole.
        let taken = room + if bench.stack.profile().accept_from_last_offer { 500 } else { 0 };
        bench.hand(&carrying(seg("PA", 8, 1, ""), room + 500));
        assert_eq!(bench.read().len(), taken);
        assert_eq!(bench.variable("rcv.nxt"), Some(900_008 + taken as u64));
    }
}

/// An endpoint whose receive buffer is full; the next number expected.
fn full(profile: Profile) -> (Bench, i32) {
    let mut bench = Bench::new(profile);
    bench.listen(4);
    let mut options = ConnOptions::of(bench.stack.profile());
    options.receive_buffer = Some(bench.stack.profile().kept_receive_buffer(4380));
    let listener = bench.listener.unwrap();
    bench.stack.set_listener_options(listener, &options);
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    let mut edge = 1;
    while bench.variable("rcv.wnd") != Some(0) {
        let room = bench.variable("rcv.wnd").unwrap().min(1460) as usize;
        bench.hand(&carrying(seg("PA", edge, 1, ""), room));
        edge += room as i32;
        bench.wait(Span::secs(1));
        assert!(edge < 50_000, "the window never closes");
    }
    bench.forget_past();
    (bench, edge)
}

#[test]
fn with_a_closed_window_only_an_empty_segment_at_the_next_number_is_acceptable() {
    for profile in profiles() {
        let (mut bench, edge) = full(profile);
        bench.write(b"hello");
        for seq in [edge - 1, edge + 1, edge + 100] {
            assert_eq!(bench.hand(&seg("A", seq, 6, "")), [format!("A 6 {edge} +0")], "{}", seq - edge);
        }
        assert!(bench.hand(&seg("A", edge, 6, "")).is_empty());
    }
}

#[test]
fn with_a_closed_window_a_valid_acknowledgment_is_taken_off_a_segment_that_is_not_acceptable() {
    for profile in profiles() {
        let (mut bench, edge) = full(profile);
        bench.write(b"hello");
        for (ack, una) in [(7, 5001), (1, 5001), (4, 5004), (6, 5006)] {
            bench.hand(&seg("A", edge - 1, ack, ""));
            assert_eq!(bench.variable("snd.una"), Some(una));
        }
    }
}

#[test]
fn with_a_closed_window_text_is_answered_and_dropped() {
    for profile in profiles() {
        let (mut bench, edge) = full(profile);
        for seq in [edge, edge + 1] {
            assert_eq!(bench.hand(&seg("PA", seq, 1, "more")), [format!("A 1 {edge} +0")]);
        }
        assert_eq!(bench.variable("rcv.nxt"), Some(900_000 + edge as u64));
        assert_eq!(bench.read().len() as i32, edge - 1);
    }
}

#[test]
fn the_exact_reset_signals_the_user_and_flushes_what_was_to_be_sent() {
    for state in [State::Established, State::FinWait1, State::FinWait2, State::CloseWait] {
        for mut bench in both(state) {
            if matches!(state, State::Established | State::CloseWait) {
                bench.write(b"never acknowledged");
            }
            bench.forget_past();
            assert!(bench.hand(&seg("R", next(state), 0, "")).is_empty());
            assert_eq!(bench.edges, [(state, State::Closed)]);
            let c = bench.conn.unwrap();
            let broken = state == State::CloseWait && bench.stack.profile().name == "linux";
            let expected = if broken { StreamError::Broken } else { StreamError::Reset };
            assert_eq!(bench.stack.error(c), Some(expected));
            assert_eq!(bench.stack.unacknowledged_octets(c), 0);
            assert!(bench.wait(Span::secs(500)).is_empty(), "nothing goes again");
        }
    }
}

#[test]
fn the_exact_reset_ends_closing_last_ack_and_time_wait() {
    for state in [State::Closing, State::LastAck, State::TimeWait] {
        for mut bench in both(state) {
            assert!(bench.hand(&seg("R", 2, 0, "")).is_empty());
            assert_eq!(bench.edges, [(state, State::Closed)]);
        }
    }
}

#[test]
fn a_reset_that_carries_text_counts_as_one() {
    for mut bench in both(State::Established) {
        bench.hand(&seg("R", 1, 0, "this is why"));
        assert_eq!(bench.edges, [(State::Established, State::Closed)]);
        assert!(bench.read().is_empty());
    }
}

#[test]
fn resets_are_taken_one_octet_exactly_and_challenged_everywhere_else_in_the_window() {
    for mut bench in both(State::Established) {
        let room = bench.variable("rcv.wnd").unwrap() as i32;
        for (seq, answers) in [(-1, 0), (0, 0), (2, 1), (100, 1), (room, 1), (room + 2, 0), (900_000, 0)] {
            let sent = bench.hand(&seg("R", seq, 0, ""));
            assert_eq!(sent.len(), answers, "SEG.SEQ = IRS + {seq}");
            assert!(sent.iter().all(|line| line == "A 1 1 +0"));
            assert_eq!(bench.state(), State::Established);
        }
        bench.hand(&seg("R", 1, 0, ""));
        assert_eq!(bench.edges, [(State::Established, State::Closed)]);
    }
}

#[test]
fn a_challenged_peer_that_knows_nothing_ends_the_connection_with_its_reset() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("S", 5000, 0, "")), ["A 1 1 +0"]);
        // The peer that restarted answers the challenge with the number it acknowledged.
        bench.hand(&seg("R", 1, 0, ""));
        assert_eq!(bench.edges, [(State::Established, State::Closed)]);
    }
}

#[test]
fn a_syn_that_is_challenged_leaves_nothing_behind() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            let before = ["rcv.nxt", "snd.una", "snd.wnd", "irs"].map(|name| bench.variable(name));
            for seq in [0, next(state), 500, -70_000] {
                let sent = bench.hand(&offering(seg("S", seq, 0, "text"), 3));
                assert_eq!(sent, [bare_ack(&bench, state)], "{state}");
            }
            assert_eq!(["rcv.nxt", "snd.una", "snd.wnd", "irs"].map(|name| bench.variable(name)), before);
            assert!(bench.read().is_empty());
        }
    }
}

#[test]
fn challenges_are_limited_and_the_limit_can_be_set() {
    for profile in profiles() {
        for limit in [1, 3, 20] {
            let mut profile = profile.clone();
            profile.set("tcp_challenge_ack_limit", limit).unwrap();
            let mut bench = Bench::at(profile, State::Established);
            let sent: usize = (0..100).map(|_| bench.hand(&seg("R", 50, 0, "")).len()).sum();
            // Where the limit is drawn it lies between half of it and one and a half.
            let drawn = bench.stack.profile().challenge_limit_drawn;
            let least = if drawn { (limit + 1) / 2 } else { limit };
            let most = if drawn { least + limit - 1 } else { limit };
            assert!((least..=most).contains(&(sent as i64)), "{sent} for {limit}");
            assert!(bench.notes.contains(&Reason::ChallengeWithheld));
            bench.wait(bench.stack.profile().challenge_period);
            assert_eq!(bench.hand(&seg("R", 50, 0, "")).len(), 1);
        }
    }
}

#[test]
fn without_ack_nothing_is_taken_in_any_synchronized_state() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            for letters in ["", "P", "F", "FP", "U"] {
                assert!(bench.hand(&seg(letters, next(state), 0, "text")).is_empty(), "{state} {letters}");
            }
            assert_eq!(bench.state(), state);
            assert!(bench.read().is_empty());
        }
    }
}

#[test]
fn in_a_passive_syn_received_only_the_right_ack_opens() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&seg("S", 0, 0, ""));
        for ack in [-5, 0, 2, 900] {
            let expected = format!("R {ack} +0");
            assert_eq!(bench.hand(&seg("A", 1, ack, "")), [expected]);
            assert_eq!(bench.state(), State::SynReceived);
        }
        assert!(bench.hand(&seg("A", 1, 1, "")).is_empty());
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn an_ack_of_what_was_never_sent_is_answered_and_dropped_in_every_state() {
    for state in SYNCHRONIZED {
        for mut bench in both(state) {
            let expected = bare_ack(&bench, state);
            for ack in [3, 100, 1 << 30] {
                assert_eq!(bench.hand(&seg("PA", next(state), ack, "text")).join(", "), expected, "{state}");
            }
            assert_eq!(bench.state(), state);
            assert!(bench.read().is_empty());
        }
    }
}

#[test]
fn an_ack_older_than_the_largest_window_is_challenged_and_its_text_dropped() {
    for mut bench in both(State::Established) {
        // 64 240 octets is the largest window the peer offered.
        assert_eq!(bench.hand(&seg("PA", 1, 1 - 64_241, "evil")), ["A 1 1 +0"]);
        assert_eq!(bench.count(Counter::TCPChallengeACK), 1);
        assert!(bench.read().is_empty());
    }
    let mut edge = Bench::at(Profile::rfc9293(), State::Established);
    edge.hand(&seg("PA", 1, 1 - 64_240, "late"));
    assert_eq!(edge.count(Counter::TCPChallengeACK), 0);
    assert_eq!(edge.read(), b"late");
}

#[test]
fn the_window_is_taken_from_the_newest_segment_only() {
    for mut bench in both(State::Established) {
        bench.write(b"hello");
        bench.hand(&offering(seg("PA", 1, 6, "abcd"), 9000));
        assert_eq!(bench.variable("snd.wnd"), Some(9000));
        // An older segment that comes late, with text that is partly new, does not speak for the present.
        bench.hand(&offering(seg("PA", 3, 6, "cdef"), 8000));
        assert_eq!(bench.variable("snd.wnd"), Some(8000), "newer number");
        bench.hand(&offering(seg("PA", 2, 6, "bcdefg"), 100));
        assert_eq!(bench.variable("snd.wnd"), Some(8000), "older number");
        bench.hand(&offering(seg("A", 8, 5, ""), 200));
        assert_eq!(bench.variable("snd.wnd"), Some(8000), "older acknowledgment");
        bench.hand(&offering(seg("A", 8, 6, ""), 300));
        assert_eq!(bench.variable("snd.wnd"), Some(300), "the same again, newly offered");
    }
}

#[test]
fn a_fin_is_consumed_acknowledged_and_told() {
    for mut bench in both(State::Established) {
        let sent = bench.hand(&seg("FPA", 1, 1, "bye"));
        let later = bench.wait(Span::millis(500));
        assert_eq!([sent, later].concat(), ["A 1 5 +0"]);
        assert_eq!(bench.edges, [(State::Established, State::CloseWait)]);
        assert_eq!(bench.read(), b"bye");
        let c = bench.conn.unwrap();
        let end = bench.run(|stack, now, fx| stack.recv(now, c, 10, fx));
        assert_eq!(end.map(|data| data.len()), Ok(0));
    }
}

#[test]
fn a_fin_where_nothing_is_synchronized_is_not_processed() {
    for state in [State::Closed, State::Listen, State::SynSent] {
        for mut bench in both(state) {
            bench.hand(&seg("F", 0, 0, ""));
            bench.hand(&seg("FP", 1, 0, "text"));
            assert_eq!(bench.state(), state);
            assert!(bench.edges.is_empty());
        }
    }
}

#[test]
fn after_the_peers_fin_no_text_reaches_the_user() {
    for state in [State::CloseWait, State::Closing, State::LastAck] {
        let mut bench = Bench::at(Profile::rfc9293(), state);
        assert!(bench.hand(&seg("PA", 2, 1, "late")).is_empty(), "{state}");
        assert!(bench.read().is_empty());
        assert_eq!(bench.state(), state);
        assert_eq!(bench.variable("rcv.nxt"), Some(900_002));
    }
    for mut bench in both(State::CloseWait) {
        bench.hand(&seg("PA", 2, 1, "late"));
        assert!(bench.read().is_empty());
    }
}

#[test]
fn text_out_of_order_is_held_and_each_piece_acknowledged_at_once() {
    for mut bench in both(State::Established) {
        assert_eq!(bench.hand(&seg("PA", 7, 1, "ghi")), ["A 1 1 +0"]);
        assert_eq!(bench.hand(&seg("PA", 4, 1, "def")), ["A 1 1 +0"]);
        assert!(bench.read().is_empty());
        assert_eq!(bench.hand(&seg("PA", 1, 1, "abc")), ["A 1 10 +0"], "the gap is filled");
        assert_eq!(bench.read(), b"abcdefghi");
    }
}

#[test]
fn the_peers_fin_again_in_time_wait_is_acknowledged_and_begins_2_msl_anew() {
    for mut bench in both(State::TimeWait) {
        let whole = bench.stack.profile().time_wait;
        bench.wait(whole - Span::secs(1));
        assert_eq!(bench.hand(&seg("FA", 1, 2, "")), ["A 2 2 +0"]);
        bench.wait(whole - Span::secs(1));
        assert_eq!(bench.state(), State::TimeWait);
        bench.wait(Span::secs(2));
        assert_eq!(bench.edges.last(), Some(&(State::TimeWait, State::Closed)));
    }
}
