//! Timestamps: PAWS, and what they allow in TIME-WAIT.

use super::bench::{Bench, seg, with_options};
use crate::clock::Span;
use crate::tcp::{Profile, Reason, State, TimeWaitSyn};
use crate::wire::{Segment, TcpOption};

fn stamped(segment: Segment, value: u32) -> Segment {
    with_options(segment, [TcpOption::Mss(1460), TcpOption::Timestamps { value, echo: 1 }])
}

/// An established connection with timestamps; TS.Recent is 1000.
fn established(profile: Profile) -> Bench {
    let mut bench = Bench::at(profile, State::Listen);
    bench.hand(&stamped(seg("S", 0, 0, ""), 1000));
    bench.hand(&stamped(seg("A", 1, 1, ""), 1000));
    bench.accept();
    bench.forget_past();
    bench
}

/// A connection in TIME-WAIT, RCV.NXT 2; with timestamps TS.Recent is 1000.
fn time_wait(profile: Profile, stamps: bool) -> Bench {
    if !stamps {
        return Bench::at(profile, State::TimeWait);
    }
    let mut bench = established(profile);
    let c = bench.conn.unwrap();
    bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
    bench.hand(&stamped(seg("FA", 1, 2, ""), 1000));
    assert_eq!(bench.state(), State::TimeWait);
    bench.forget_past();
    bench
}

#[test]
fn an_older_timestamp_is_dropped_and_answered_but_a_reset_is_exempt() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let old = 999 - profile.timestamps_may_lag;
        let mut bench = established(profile);
        assert_eq!(bench.hand(&stamped(seg("PA", 1, 1, "x"), old)), ["A 1 1 +0"]);
        assert_eq!(bench.notes, [Reason::DropOldTimestamp]);
        assert!(bench.read().is_empty());
        bench.hand(&stamped(seg("R", 1, 0, ""), old));
        assert!(bench.notes.contains(&Reason::PeerReset), "RFC 7323 5.2: a RST must not be subject to PAWS");
    }
}

#[test]
fn after_24_days_of_silence_any_timestamp_is_believed() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        for (days, believed) in [(23, false), (25, true)] {
            let mut bench = established(profile.clone());
            bench.wait(Span::secs(days * 86_400));
            bench.hand(&stamped(seg("PA", 1, 1, "x"), 999 - profile.timestamps_may_lag));
            assert_eq!(!bench.read().is_empty(), believed, "{} after {days} days", profile.name);
        }
    }
}

#[test]
fn ts_recent_comes_only_from_a_segment_that_spans_what_was_acknowledged_last() {
    let mut bench = established(Profile::rfc9293());
    bench.hand(&stamped(seg("PA", 5, 1, "x"), 5000));
    let echo = |segment: &Segment| {
        segment.options.iter().find_map(|option| match option {
            TcpOption::Timestamps { echo, .. } => Some(echo),
            _ => None,
        })
    };
    assert_eq!(echo(&bench.sent.last().unwrap().1), Some(1000), "RFC 7323 4.3");
    bench.hand(&stamped(seg("PA", 1, 1, "abcd"), 2000));
    assert_eq!(echo(&bench.sent.last().unwrap().1), Some(2000));
}

/// What a SYN does in TIME-WAIT: `opened`, `answered` with an ACK, or `dropped`.
fn syn(profile: &Profile, stamps: bool, seq: i32, value: Option<u32>) -> &'static str {
    let mut bench = time_wait(profile.clone(), stamps);
    let plain = seg("S", seq, 0, "");
    let segment = match value {
        Some(value) => stamped(plain, value),
        None => with_options(plain, [TcpOption::Mss(1460)]),
    };
    let sent = bench.hand(&segment);
    match (bench.state(), sent.first().map(|sent| &sent[..2])) {
        (State::SynReceived, Some("SA")) => "opened",
        (State::TimeWait, Some("A ")) => "answered",
        (State::TimeWait, None) => "dropped",
        other => panic!("{other:?}"),
    }
}

#[test]
fn rfc_6191_opens_time_wait_anew_for_what_cannot_be_old_and_drops_the_rest_in_silence() {
    let rfc = Profile::rfc9293();
    for (stamps, seq, value, what) in [
        (true, 1, Some(1001), "opened"),
        (true, 3, Some(1000), "opened"),
        (true, 2, Some(1000), "dropped"),
        (true, 3, Some(999), "dropped"),
        (true, 3, None, "opened"),
        (true, 1, None, "dropped"),
        (false, 1, Some(5), "opened"),
        (false, 3, None, "opened"),
        (false, 1, None, "dropped"),
    ] {
        assert_eq!(syn(&rfc, stamps, seq, value), what, "{stamps} {seq} {value:?}");
    }
}

#[test]
fn linux_answers_what_may_be_old_and_never_trusts_a_timestamp_alone_that_is_new_to_it() {
    for (stamps, seq, value, what) in [
        (true, 1, Some(1001), "opened"),
        (true, 3, Some(1000), "opened"),
        (true, 1, Some(1000), "answered"),
        (true, 3, Some(999), "answered"),
        (false, 1, Some(5), "answered"),
        (false, 3, None, "opened"),
        (false, 1, None, "answered"),
    ] {
        assert_eq!(syn(&Profile::linux(), stamps, seq, value), what, "{stamps} {seq} {value:?}");
    }
}

#[test]
fn a_stack_may_refuse_to_open_time_wait_anew() {
    let strict = Profile { time_wait_syn: TimeWaitSyn::Never, ..Profile::rfc9293() };
    assert_eq!(syn(&strict, true, 3, Some(2000)), "answered");
    assert_eq!(syn(&strict, false, 3, None), "answered");
}
