//! When the congestion window begins, grows, rests and begins anew (RFC 5681, RFC 6928, RFC 2861).

use super::bench::{Bench, seg, with_options};
use super::duo::{CLIENT, Duo};
use crate::clock::Span;
use crate::tcp::{Profile, Reason, State};
use crate::wire::TcpOption;

fn profiles() -> [Profile; 2] {
    [Profile::rfc9293(), Profile::linux()]
}

/// A connection in that state whose peer announced that MSS.
fn with_mss(profile: Profile, mss: u16) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(16);
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(mss)]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    bench
}

#[test]
fn linux_begins_with_ten_segments_and_rfc_5681_with_two_to_four_by_their_size() {
    for (mss, rfc) in [(536, 4), (1095, 4), (1096, 3), (1460, 3)] {
        assert_eq!(with_mss(Profile::rfc9293(), mss).variable("cwnd"), Some(rfc), "MSS {mss}");
        assert_eq!(with_mss(Profile::linux(), mss).variable("cwnd"), Some(10), "MSS {mss}");
    }
}

#[test]
fn no_more_than_the_initial_window_goes_at_first() {
    for (profile, segments) in profiles().into_iter().zip([3, 10]) {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 40_000]);
        assert_eq!(bench.sent.len(), segments);
        assert!(bench.notes.contains(&Reason::HeldByCongestion));
    }
}

#[test]
fn a_lost_syn_makes_the_first_window_one_segment_by_the_rfc_and_two_losses_do_in_linux() {
    for (profile, after) in profiles().into_iter().zip([[3, 1, 1], [10, 10, 1]]) {
        for (losses, expected) in after.into_iter().enumerate() {
            let mut duo = Duo::new(profile.clone());
            duo.lose.extend(0..losses);
            duo.listen(80, 16);
            let c = duo.connect(40_000, 80);
            duo.run(Span::secs(20));
            assert_eq!(duo.state(CLIENT, c), State::Established);
            let variables = duo.stacks[CLIENT].variables(crate::tcp::Owner::Conn(c));
            let window = variables.into_iter().find(|(name, _)| *name == "cwnd").map(|(_, value)| value);
            assert_eq!(window, Some(expected), "{} after {losses} losses", profile.name);
        }
    }
}

#[test]
fn one_acknowledgment_of_two_segments_opens_the_window_by_two_in_linux_and_by_one_by_the_rfc() {
    for (profile, expected) in profiles().into_iter().zip([4, 12]) {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 40_000]);
        bench.hand(&seg("A", 1, 2921, ""));
        assert_eq!(bench.variable("cwnd"), Some(expected));
    }
}

#[test]
fn a_window_that_is_not_used_up_does_not_grow() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::Established);
        let before = bench.variable("cwnd");
        for round in 1..50 {
            bench.write(&[7; 100]);
            bench.wait(Span::millis(10));
            bench.hand(&seg("A", 1, 1 + 100 * round, ""));
        }
        assert_eq!(bench.variable("cwnd"), before);
    }
}

#[test]
fn above_the_threshold_only_a_full_window_lets_it_grow() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[7; 14_600]);
    for _ in 0..3 {
        bench.hand(&seg("A", 1, 1, ""));
    }
    bench.hand(&seg("A", 1, 14_601, ""));
    let [window, threshold] = ["cwnd", "ssthresh"].map(|name| bench.variable(name).unwrap());
    bench.hand(&seg("A", 1, 14_601, ""));
    let mut next = 14_601;
    // Most of the window, but not all of it, in many round trips.
    for _ in 0..20 {
        bench.write(&vec![7; (threshold as usize - 1) * 1460]);
        next += (threshold as i32 - 1) * 1460;
        bench.hand(&seg("A", 1, next, ""));
    }
    assert!(bench.variable("cwnd").unwrap() <= window.max(threshold));
}

/// A connection whose window has grown to forty segments, everything acknowledged.
pub(super) fn grown(profile: Profile) -> Bench {
    let mut bench = Bench::at(profile, State::Established);
    let mut acked = 1;
    bench.write(&[7; 200_000]);
    while bench.variable("cwnd").unwrap() < 40 {
        bench.wait(Span::millis(5));
        acked += 1460;
        bench.hand(&seg("A", 1, acked, ""));
    }
    while bench.variable("in-flight") != Some(0) {
        acked = (acked + 1460).min(200_001);
        bench.hand(&seg("A", 1, acked, ""));
    }
    bench.forget_past();
    bench
}

#[test]
fn after_an_idle_time_longer_than_the_rto_the_window_begins_anew() {
    let mut bench = grown(Profile::rfc9293());
    bench.wait(Span::millis(1100));
    bench.write(&[7; 40_000]);
    assert_eq!(bench.sent.len(), 3, "the restart window is the initial one");
    assert!(bench.notes.contains(&Reason::RestartAfterIdle));
}

#[test]
fn linux_halves_the_window_for_each_rto_of_idleness_and_remembers_where_it_was() {
    let mut bench = grown(Profile::linux());
    let window = bench.variable("cwnd").unwrap();
    let rto = Span::micros(bench.variable("rto").unwrap());
    bench.wait(rto + rto / 2);
    bench.write(&[7; 10]);
    assert_eq!(bench.variable("cwnd"), Some(window / 2), "one RTO and a half");
    // There was no threshold: none is remembered.
    assert_eq!(bench.variable("ssthresh"), None);
    let mut bench = grown(Profile::linux());
    bench.wait(Span::secs(60));
    bench.write(&[7; 10]);
    assert_eq!(bench.variable("cwnd"), Some(10), "never below the initial window");
}

#[test]
fn a_short_pause_or_the_setting_keeps_the_window() {
    for profile in profiles() {
        let mut off = profile.clone();
        off.set("tcp_slow_start_after_idle", 0).unwrap();
        for (profile, pause) in [(profile, Span::millis(100)), (off, Span::secs(60))] {
            let mut bench = grown(profile);
            let window = bench.variable("cwnd");
            bench.wait(pause);
            bench.write(&[7; 10]);
            assert_eq!(bench.variable("cwnd"), window);
        }
    }
}
