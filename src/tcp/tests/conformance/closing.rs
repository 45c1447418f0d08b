//! RFC 9293 sections 3.6, 3.10.4 and 3.10.5: CLOSE, ABORT, TIME-WAIT; and RFC 6191.

use super::super::bench::{Bench, local, peer, seg};
use super::{at_time, both, opened, profiles};
use crate::clock::Span;
use crate::tcp::{ConnOptions, Profile, Reason, State, StreamError};
use crate::wire::TcpOption;
use bytes::Bytes;

fn shutdown(bench: &mut Bench) {
    let c = bench.conn.unwrap();
    bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
}

#[test]
fn what_was_written_before_close_goes_before_the_fin() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 20_000]);
        bench.close();
        assert_eq!(bench.edges, [(State::Established, State::FinWait1)]);
        let mut acknowledged = 1;
        while acknowledged < 20_001 {
            assert!(!bench.sent.iter().any(|(_, segment, _)| {
                segment.flags.has(crate::wire::Flags::FIN) && segment.end_of_text() < 25_001
            }));
            acknowledged = (acknowledged + 2920).min(20_001);
            bench.hand(&seg("A", 1, acknowledged, ""));
        }
        let (_, last, _) = bench.sent.last().unwrap();
        assert!(last.flags.has(crate::wire::Flags::FIN));
        assert_eq!(last.end_of_text(), 25_001);
        let c = bench.conn.unwrap();
        let late = bench.run(|stack, now, fx| stack.send(now, c, &Bytes::from_static(b"x"), fx));
        assert_eq!(late, Err(StreamError::Broken));
    }
}

trait EndOfText {
    fn end_of_text(&self) -> u32;
}

impl EndOfText for crate::wire::Segment {
    fn end_of_text(&self) -> u32 {
        self.seq.0 + self.payload.len() as u32
    }
}

#[test]
fn closing_after_the_peer_sends_a_fin_and_waits_for_its_ack() {
    for mut bench in both(State::CloseWait) {
        bench.close();
        assert_eq!(bench.shown(0), ["FA 1 2 +0"]);
        assert_eq!(bench.edges, [(State::CloseWait, State::LastAck)]);
        bench.hand(&seg("A", 2, 2, ""));
        assert_eq!(bench.edges.last(), Some(&(State::LastAck, State::Closed)));
    }
}

#[test]
fn abort_sends_a_reset_at_snd_nxt_and_leaves_nothing_behind() {
    let states = [State::Established, State::FinWait1, State::FinWait2, State::CloseWait];
    for state in states {
        for mut bench in both(state) {
            if matches!(state, State::Established | State::CloseWait) {
                bench.write(b"hello");
            }
            let next = bench.variable("snd.nxt").unwrap() - 5000;
            bench.forget_past();
            let c = bench.conn.unwrap();
            bench.run(|stack, now, fx| stack.abort(now, c, fx));
            let irs = if state == State::CloseWait { 2 } else { 1 };
            assert_eq!(bench.shown(0), [format!("RA {next} {irs} +0")], "{state}");
            assert_eq!(bench.edges, [(state, State::Closed)]);
            assert!(bench.stack.endpoints().all(|endpoint| endpoint.remote.is_none()));
            assert!(bench.wait(Span::secs(1000)).is_empty());
        }
    }
}

#[test]
fn after_an_abort_the_pair_is_free_at_once() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.abort(now, c, fx));
        assert!(bench.stack.pair_free(bench.now, local(), peer(), false));
        assert_eq!(bench.hand(&seg("S", 9000, 0, "")).len(), 1);
        assert_eq!(bench.state(), State::SynReceived);
    }
}

#[test]
fn closing_with_data_unread_and_data_after_close_give_a_reset() {
    for mut bench in both(State::Established) {
        bench.hand(&seg("PA", 1, 1, "unread"));
        bench.forget_past();
        bench.close();
        assert_eq!(bench.shown(0), ["RA 1 7 +0"]);
    }
    for mut bench in both(State::Established) {
        bench.close();
        bench.forget_past();
        let sent = bench.hand(&seg("PA", 1, 1, "late"));
        assert_eq!(sent, ["R 1 +0"]);
        assert_eq!(bench.edges.last(), Some(&(State::FinWait1, State::Closed)));
    }
}

#[test]
fn after_closing_its_own_half_a_user_still_receives() {
    for mut bench in both(State::FinWait2) {
        bench.hand(&seg("PA", 1, 2, "still"));
        assert_eq!(bench.read(), b"still");
        assert_eq!(bench.state(), State::FinWait2);
    }
}

#[test]
fn who_closes_first_waits_2_msl_and_then_the_pair_is_free() {
    for (profile, seconds) in [(Profile::rfc9293(), 240), (Profile::linux(), 60)] {
        let mut bench = Bench::at(profile, State::TimeWait);
        bench.wait(Span::secs(seconds) - Span::millis(1));
        assert_eq!(bench.state(), State::TimeWait);
        assert!(!bench.stack.pair_free(bench.now, local(), peer(), false));
        bench.wait(Span::millis(1));
        assert_eq!(bench.edges, [(State::TimeWait, State::Closed)]);
        assert!(bench.notes.contains(&Reason::TimeWaitOver));
        assert!(bench.stack.pair_free(bench.now, local(), peer(), false));
        let opened = bench.run(|stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.connect(now, local(), peer(), &options, fx).is_ok()
        });
        assert!(opened);
    }
}

/// In TIME-WAIT after a connection with or without timestamps, the last TSval being 1001, the peer's FIN number 1.
fn waiting(profile: Profile, stamped: bool) -> Bench {
    let stamp = TcpOption::Timestamps { value: 999, echo: 0 };
    let options = [TcpOption::Mss(1460), stamp];
    let mut bench = opened(profile, if stamped { &options } else { &options[..1] });
    shutdown(&mut bench);
    let fin = seg("FA", 1, 2, "");
    bench.hand(&if stamped { at_time(fin, 1001) } else { fin });
    assert_eq!(bench.state(), State::TimeWait);
    bench.forget_past();
    bench
}

#[test]
fn a_syn_in_time_wait_opens_anew_if_its_number_or_its_timestamp_is_later() {
    // Timestamps before, TSval of the SYN, its number, and whether it is let in.
    let cases = [
        (true, Some(1002), -500, true),
        (true, Some(1002), 500, true),
        (true, Some(1001), 500, true),
        (true, Some(1001), -500, false),
        (true, None, 500, true),
        (true, None, -500, false),
        (true, Some(900), 500, false),
        (true, Some(900), -500, false),
        (false, None, 3, true),
        (false, None, 500, true),
        (false, None, -500, false),
        (false, Some(5), 500, true),
        (false, Some(5), -500, false),
    ];
    for (stamped, value, seq, let_in) in cases {
        for profile in profiles() {
            let mut bench = waiting(profile, stamped);
            let syn = seg("S", seq, 0, "");
            let sent = bench.hand(&match value {
                Some(value) => at_time(syn, value),
                None => syn,
            });
            let case = format!("{stamped} {value:?} {seq}: {sent:?}");
            // RFC 6191 takes a timestamp where there was none before as proof, and is silent otherwise.
            let by_rfc = bench.stack.profile().name == "rfc9293";
            let let_in = let_in || (by_rfc && !stamped && value.is_some());
            assert_eq!(sent.first().is_some_and(|sent| sent.starts_with("SA ")), let_in, "{case}");
            assert_eq!(sent.is_empty(), by_rfc && !let_in, "{case}");
            let then = if let_in { State::SynReceived } else { State::TimeWait };
            assert_eq!(bench.state(), then, "{case}");
        }
    }
}

#[test]
fn a_connection_opened_anew_begins_beyond_all_that_the_old_one_sent() {
    for (profile, step) in [(Profile::rfc9293(), 1), (Profile::linux(), 65_537)] {
        let mut bench = waiting(profile, false);
        bench.hand(&seg("S", 500, 0, ""));
        let (_, answer, _) = bench.sent.last().unwrap();
        assert_eq!(answer.seq.0, 5002 + step);
    }
}

#[test]
fn rfc_1337_is_heeded_where_it_is_asked_for() {
    for profile in profiles() {
        for (setting, then) in [(0, State::Listen), (1, State::TimeWait)] {
            let mut profile = profile.clone();
            profile.set("tcp_rfc1337", setting).unwrap();
            let mut bench = waiting(profile, false);
            bench.hand(&seg("R", 2, 0, ""));
            assert_eq!(bench.state(), then);
        }
    }
}

#[test]
fn an_old_segment_in_time_wait_ends_it_only_by_the_peers_exact_reset() {
    for profile in profiles() {
        let mut bench = waiting(profile, false);
        assert_eq!(bench.hand(&seg("PA", -50, 1, "old")), ["A 2 2 +0"]);
        // A peer that knows nothing of the connection answers that ACK with the number it acknowledged.
        bench.hand(&seg("R", 50, 0, ""));
        assert_eq!(bench.state(), State::TimeWait);
        bench.hand(&seg("R", 2, 0, ""));
        assert_eq!(bench.state(), State::Listen, "the hazard that RFC 1337 describes");
    }
}
