//! Closing and TIME-WAIT.

use super::super::bench::{Bench, OURS, seg, with_options};
use super::super::duo::{CLIENT, Duo, SERVER};
use super::{both, each, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Segment, TcpOption};

/// Seconds until nothing is left of the endpoint, at most `limit`.
fn life(bench: &mut Bench, limit: u64) -> Option<u64> {
    (0..limit).find(|_| {
        bench.wait(Span::secs(1));
        bench.stack.endpoints().all(|endpoint| endpoint.remote.is_none())
    })
}

#[test]
fn time_wait_lasts_four_minutes_by_the_rfc_and_one_in_linux() {
    let [rfc, linux] = both(State::TimeWait).map(|mut bench| life(&mut bench, 1000));
    assert_eq!((rfc, linux), (Some(239), Some(59)));
}

#[test]
fn an_orphan_stays_in_fin_wait_2_for_ever_by_the_rfc_and_a_minute_in_linux() {
    let [rfc, linux] = both(State::Established).map(|mut bench| {
        bench.close();
        bench.hand(&seg("A", 1, 2, ""));
        assert_eq!(bench.state(), State::FinWait2);
        life(&mut bench, 5000)
    });
    assert_eq!((rfc, linux), (None, Some(59)));
}

#[test]
fn a_newer_syn_reopens_time_wait_and_linux_leaves_a_step_in_the_numbers() {
    let [rfc, linux] = both(State::TimeWait).map(|mut bench| bench.hand(&seg("S", 5000, 0, "")));
    assert_eq!((rfc, linux), (vec!["SA 3 5001 +0".to_owned()], vec!["SA 65539 5001 +0".to_owned()]));
}

#[test]
fn a_newer_timestamp_reopens_time_wait_even_with_a_smaller_number() {
    for profile in profiles(&[]) {
        let stamped = |segment, value| with_options(segment, [TcpOption::Timestamps { value, echo: 0 }]);
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&stamped(seg("S", 0, 0, ""), 1000));
        bench.hand(&stamped(seg("A", 1, 1, ""), 1001));
        bench.accept();
        bench.close();
        bench.hand(&stamped(seg("FA", 1, 2, ""), 1002));
        assert_eq!(bench.state(), State::TimeWait);
        let answer = bench.hand(&stamped(seg("S", -5000, 0, ""), 2000));
        assert!(answer[0].starts_with("SA ") && answer[0].ends_with(" -4999 +0"), "{answer:?}");
    }
}

#[test]
fn an_old_syn_in_time_wait_is_dropped_by_the_rfc_and_acknowledged_in_linux_within_the_limit() {
    let [rfc, linux] = profiles(&[("tcp_invalid_ratelimit", 500)]);
    let mut silent = Bench::at(rfc, State::TimeWait);
    assert!(silent.hand(&seg("S", -100, 0, "")).is_empty());
    assert_eq!((silent.state(), silent.notes.last()), (State::TimeWait, Some(&Reason::DropOldSyn)));
    let mut bench = Bench::at(linux, State::TimeWait);
    let old = seg("S", -100, 0, "");
    assert_eq!(bench.hand(&old), ["A 2 2 +0"]);
    assert!(bench.hand(&old).is_empty());
    bench.wait(Span::millis(500));
    assert_eq!(bench.hand(&old), ["A 2 2 +0"]);
    assert_eq!(bench.state(), State::TimeWait);
}

#[test]
fn a_reset_ends_time_wait_unless_the_setting_is_on() {
    for (setting, after) in [(0, State::Listen), (1, State::TimeWait)] {
        for profile in profiles(&[("tcp_rfc1337", setting)]) {
            let mut bench = Bench::at(profile, State::TimeWait);
            assert!(bench.hand(&seg("R", 2, 0, "")).is_empty());
            assert_eq!(bench.state(), after, "tcp_rfc1337 {setting}");
        }
    }
}

#[test]
fn unread_data_and_data_after_close_reset_in_both_profiles() {
    for mut bench in both(State::Established) {
        bench.hand(&seg("PA", 1, 1, "unread"));
        let sent = bench.sent.len();
        bench.close();
        assert_eq!(bench.shown(sent), ["RA 1 7 +0"]);
    }
    for mut bench in both(State::Established) {
        bench.close();
        assert_eq!(bench.hand(&seg("PA", 1, 2, "late")), ["R 2 +0"]);
    }
}

#[test]
fn an_orphan_is_tried_eight_times_in_linux_and_as_long_as_any_by_the_rfc() {
    let resent = |profile: Profile| {
        let mut duo = Duo::new(profile);
        let (client, _) = duo.open();
        duo.deaf[SERVER] = true;
        duo.close(CLIENT, client);
        duo.run(Span::secs(3000));
        duo.crossed.len() - 4
    };
    assert_eq!(each(profiles(&[]), resent), [15, 8]);
}

#[test]
fn an_abort_leaves_nothing_behind() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.close(now, c, Some(Span::ZERO), fx));
        assert_eq!(bench.shown(0), ["RA 1 1 +0"]);
        assert_eq!(bench.edges, [(State::Established, State::Closed)]);
    }
}

#[test]
fn who_finds_time_wait_full_is_closed_at_once() {
    for profile in profiles(&[("tcp_max_tw_buckets", 1)]) {
        let mut bench = Bench::at(profile, State::TimeWait);
        let first = bench.stack.endpoints().filter(|endpoint| endpoint.state == State::TimeWait).count();
        assert_eq!(first, 1);
        let from = |letters, seq, ack| Segment { source_port: 7000, ..seg(letters, seq, ack, "") };
        bench.hand(&from("S", 0, 0));
        let own = (bench.sent.last().unwrap().1.seq - OURS) as i32;
        bench.hand(&from("A", 1, own + 1));
        bench.accept();
        bench.close();
        bench.forget_past();
        assert_eq!(bench.hand(&from("FA", 1, own + 2)).len(), 1, "the FIN is acknowledged all the same");
        assert_eq!((bench.count(Counter::TCPTimeWaitOverflow), bench.count(Counter::TW)), (1, 0));
        assert_eq!(bench.edges.last(), Some(&(State::TimeWait, State::Closed)));
        let left = bench.stack.endpoints().filter(|endpoint| endpoint.state == State::TimeWait).count();
        assert_eq!(left, 1);
    }
    let room = each(profiles(&[]), |profile| profile.settings.tcp_max_tw_buckets);
    assert_eq!(room, [i64::from(i32::MAX), 262_144]);
}
