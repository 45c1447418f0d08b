//! Half-open connections: what opens them, what they answer, who makes room.

use super::super::bench::{Bench, seg, with_options};
use super::super::conformance::{at_time, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State};
use crate::wire::TcpOption;

/// A listener that answered the peer's SYN, which carried these options.
fn half_open(profile: Profile, options: &[TcpOption]) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(4);
    bench.hand(&with_options(seg("S", 0, 0, ""), options.iter().copied()));
    bench.forget_past();
    bench
}

/// Of the flood's hosts, those that have an entry.
fn entries(bench: &Bench) -> Vec<u8> {
    let remotes = bench.stack.endpoints().filter_map(|endpoint| endpoint.remote);
    let host = |ip| match ip {
        std::net::IpAddr::V4(ip) => ip.octets()[3],
        std::net::IpAddr::V6(_) => u8::MAX,
    };
    let mut hosts: Vec<u8> = remotes.map(|remote| host(remote.ip())).collect();
    hosts.sort_unstable();
    hosts
}

#[test]
fn when_the_queue_is_full_the_oldest_makes_room_and_that_is_told() {
    let mut profile = Profile::linux();
    profile.set("tcp_syncookies", 0).unwrap();
    profile.set("tcp_evict_oldest", 1).unwrap();
    let mut bench = Bench::new(profile);
    bench.listen(2);
    for n in 0..5 {
        bench.flood(n);
    }
    assert_eq!(entries(&bench), [2, 3, 4]);
    assert_eq!(bench.notes.iter().filter(|why| **why == Reason::HalfOpenEvicted).count(), 2);
}

#[test]
fn a_final_ack_with_an_older_timestamp_opens_nothing() {
    for profile in profiles() {
        let stamp = TcpOption::Timestamps { value: 1000, echo: 0 };
        let mut bench = half_open(profile, &[TcpOption::Mss(1460), stamp]);
        assert_eq!(bench.hand(&at_time(seg("A", 1, 1, ""), 999)), ["A 1 1 +0"]);
        assert_eq!((bench.state(), bench.half_open()), (State::SynReceived, 1));
        bench.hand(&at_time(seg("A", 1, 1, ""), 1000));
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn a_repeated_syn_begins_linux_timer_anew() {
    let mut bench = half_open(Profile::linux(), &[TcpOption::Mss(1460)]);
    bench.wait(Span::millis(500));
    assert_eq!(bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)])), ["SA 0 1 +0"]);
    assert!(bench.wait(Span::millis(999)).is_empty());
    assert_eq!(bench.wait(Span::millis(1)), ["SA 0 1 +0"]);
}

#[test]
fn what_lies_in_the_window_opens_the_connection_and_what_begins_at_its_edge_does_not() {
    // Number before the edge, text, and whether it opens in the RFC and in Linux.
    for (before, text, rfc, linux) in
        [(1, "z", true, true), (0, "z", false, false), (0, "", false, true), (-1, "", false, false)]
    {
        for (profile, opens) in profiles().into_iter().zip([rfc, linux]) {
            let mut bench = half_open(profile, &[TcpOption::Mss(1460)]);
            let window = i32::from({
                bench.wait(Span::secs(2));
                bench.sent.last().unwrap().1.window
            });
            bench.forget_past();
            bench.hand(&seg("A", 1 + window - before, 1, text));
            let state = if opens { State::Established } else { State::SynReceived };
            assert_eq!(bench.state(), state, "{}: {before} {text:?}", bench.stack.profile().name);
        }
    }
}

#[test]
fn a_half_open_connection_shares_the_hosts_limit_of_challenges() {
    // Linux draws how many it is at each period.
    let mut profile = Profile::rfc9293();
    profile.set("tcp_challenge_ack_limit", 2).unwrap();
    let mut bench = half_open(profile, &[TcpOption::Mss(1460)]);
    let answers: usize = (0..5).map(|_| bench.hand(&seg("R", 100, 0, "")).len()).sum();
    assert_eq!((answers, bench.count(Counter::TCPChallengeACK)), (2, 2));
    assert!(bench.notes.contains(&Reason::ChallengeWithheld));
}

#[test]
fn a_syn_ack_that_went_twice_measures_no_round_trip() {
    for (wait, measured) in [(Span::millis(100), true), (Span::millis(1100), false)] {
        for profile in profiles() {
            let mut bench = half_open(profile, &[TcpOption::Mss(1460)]);
            bench.wait(wait);
            bench.hand(&seg("A", 1, 1, ""));
            bench.accept();
            assert_eq!(bench.variable("srtt").is_some(), measured);
        }
    }
}
