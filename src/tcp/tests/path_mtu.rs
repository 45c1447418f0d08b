//! A path MTU that nobody reports (RFC 4821), and what is told of a path to all who use it (RFC 1191). What the linux profile
//! must do was seen on Linux 6.18: 1024, 512 and 256 octets after tcp_retries1, probes of 1282, 1391, 1445, 1472, 1486 and
//! 1493 over a path of 1500, and of 1282, 1172, 1226, 1198, 1211 and 1204 over one of 1200.

use super::bench::{Bench, OURS, local, peer, seg};
use super::duo::{CLIENT, Crossing, Duo, SERVER};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnId, IcmpKind, Owner, Profile, Reason, State};
use crate::wire::{Flags, Segment, TcpOption};

fn profiles(settings: &[(&str, i64)]) -> [Profile; 2] {
    [Profile::rfc9293(), Profile::linux()].map(|mut profile| {
        for (name, value) in settings {
            profile.set(name, *value).unwrap();
        }
        profile
    })
}

/// The search on from the beginning, ten segments to begin with and no timestamps.
const SEARCHING: [(&str, i64); 3] = [("tcp_mtu_probing", 2), ("tcp_timestamps", 0), ("tcp_initial_cwnd", 10)];

/// Octets of text of every segment sent.
fn lengths(bench: &Bench) -> Vec<usize> {
    bench.sent.iter().map(|(_, segment, _)| segment.payload.len()).collect()
}

/// Octets of the packets that were probes, and whether they were lost.
fn probes(crossed: &[Crossing]) -> Vec<(usize, bool)> {
    let probes = crossed.iter().filter(|crossing| crossing.why == Reason::ProbeMtu);
    probes.map(|crossing| (40 + crossing.segment.payload.len(), crossing.lost)).collect()
}

/// Writes and reads so often 40,000 octets.
fn pour(duo: &mut Duo, client: ConnId, server: ConnId, times: usize) {
    for _ in 0..times {
        let mut left = 40_000;
        for _ in 0..2_000 {
            if left > 0 && duo.stacks[CLIENT].writable(client) {
                left -= duo.send(CLIENT, client, &vec![7; left]);
            }
            duo.run(Span::millis(20));
            duo.recv_some(SERVER, server);
            if left == 0 && duo.stacks[CLIENT].unacknowledged_octets(client) == 0 {
                break;
            }
        }
        assert_eq!((left, duo.stacks[CLIENT].unacknowledged_octets(client)), (0, 0), "it got stuck");
    }
}

fn variable(duo: &Duo, client: ConnId, name: &str) -> Option<u64> {
    let variables = duo.stacks[CLIENT].variables(Owner::Conn(client));
    variables.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A connection over a path on which larger packets vanish.
fn over(profile: Profile, narrow: usize) -> (Duo, ConnId, ConnId) {
    let mut duo = Duo::new(profile);
    duo.narrow = narrow;
    let (client, server) = duo.open();
    (duo, client, server)
}

#[test]
fn large_segments_that_vanish_are_tried_smaller_after_r1_and_by_default_only_by_the_rfc() {
    let rfc = Profile::rfc9293();
    let [_, linux] = profiles(&[("tcp_mtu_probing", 1)]);
    for (profile, whole, floor) in [(rfc, 4, 28), (linux, 5, 48)] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 1460]);
        bench.wait(Span::secs(900));
        let lengths = lengths(&bench);
        assert!(lengths[..whole].iter().all(|len| *len == 1460), "{lengths:?}");
        assert_eq!(lengths[whole..whole + 5], [1024, 512, 256, 128, 64]);
        assert!(lengths[whole + 6..].iter().all(|len| *len == floor), "{lengths:?}");
        assert!(lengths.len() > whole + 6 && bench.notes.contains(&Reason::BlackHoleSuspected));
    }
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[7; 1460]);
    bench.wait(Span::secs(60));
    assert!(bench.sent.len() > 7 && lengths(&bench).iter().all(|len| *len == 1460));
}

#[test]
fn small_segments_that_vanish_are_no_sign_of_a_black_hole() {
    for profile in profiles(&[("tcp_mtu_probing", 1)]) {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(b"hello");
        bench.wait(Span::secs(20));
        assert!(bench.sent.len() > 4 && lengths(&bench).iter().all(|len| *len == 5));
    }
}

#[test]
fn over_a_path_that_swallows_large_packets_everything_arrives_all_the_same() {
    for profile in profiles(&[("tcp_mtu_probing", 1)]) {
        let (mut duo, client, server) = over(profile, 1300);
        pour(&mut duo, client, server, 1);
        let arrived = duo.crossed.iter().filter(|crossing| crossing.from == CLIENT && !crossing.lost);
        assert!(arrived.map(|crossing| crossing.segment.payload.len()).max() >= Some(1_012));
    }
    let (mut duo, client, server) = over(Profile::linux(), 1300);
    duo.send(CLIENT, client, &[7; 2_000]);
    duo.run(Span::secs(60));
    assert!(duo.recv_some(SERVER, server).is_empty(), "tcp_mtu_probing is 0 by default");
}

#[test]
fn probes_halve_the_distance_until_it_is_less_than_eight_octets() {
    for profile in profiles(&SEARCHING) {
        let (mut duo, client, server) = over(profile, 1500);
        pour(&mut duo, client, server, 6);
        let sizes: Vec<usize> = probes(&duo.crossed).iter().map(|(size, _)| *size).collect();
        assert_eq!(sizes, [1282, 1391, 1445, 1472, 1486, 1493]);
        assert_eq!(duo.counters[CLIENT].get(Counter::TCPMTUPSuccess), 6);
        let others = duo.crossed.iter().filter(|crossing| crossing.why == Reason::SendData);
        let sizes: Vec<usize> = others.map(|crossing| 40 + crossing.segment.payload.len()).collect();
        assert_eq!(sizes[..10], [1064; 10], "no more than is known to get through");
        assert_eq!(sizes.iter().max(), Some(&1493));
        let known = |size: &usize| [1064, 1282, 1391, 1445, 1472, 1486, 1493].contains(size);
        assert!(sizes.iter().filter(|size| **size > 1064).all(|size| known(size) || *size < 1493));
    }
}

#[test]
fn a_lost_probe_is_no_congestion_and_nothing_larger_is_tried() {
    for profile in profiles(&SEARCHING) {
        let (mut duo, client, server) = over(profile, 1200);
        pour(&mut duo, client, server, 8);
        let expected = [(1282, true), (1172, false), (1226, true), (1198, false), (1211, true), (1204, true)];
        assert_eq!(probes(&duo.crossed), expected);
        assert_eq!(duo.counters[CLIENT].get(Counter::TCPMTUPFail), 4);
        assert_eq!(duo.counters[CLIENT].get(Counter::TCPTimeouts), 0);
        assert_eq!(variable(&duo, client, "ssthresh"), None, "no congestion was seen");
        let again = duo.crossed.iter().filter(|crossing| crossing.why == Reason::RetransmitLost);
        let again: Vec<usize> = again.map(|crossing| crossing.segment.payload.len()).take(2).collect();
        assert_eq!(again, [1024, 218], "in segments that get through");
    }
}

#[test]
fn a_loss_beside_the_probe_is_congestion_and_tells_nothing_about_the_size() {
    for profile in profiles(&SEARCHING) {
        let (mut duo, client, server) = over(profile, 1500);
        pour(&mut duo, client, server, 1);
        let probe = duo.crossed.iter().position(|crossing| crossing.why == Reason::ProbeMtu).unwrap();
        let profile = duo.stacks[CLIENT].profile().clone();
        // Once more, and the segment behind the probe does not arrive.
        let (mut duo, client, server) = over(profile, 1500);
        duo.lose = vec![probe + 1];
        pour(&mut duo, client, server, 1);
        assert_eq!(duo.counters[CLIENT].get(Counter::TCPMTUPFail), 0);
        assert!(variable(&duo, client, "ssthresh").is_some(), "that was congestion");
    }
}

#[test]
fn a_probe_whose_fate_is_not_told_goes_again_in_the_same_size() {
    for profile in profiles(&SEARCHING) {
        let mut duo = Duo::new(profile);
        let (client, server) = duo.open();
        pour(&mut duo, client, server, 1);
        let first = probes(&duo.crossed).len();
        // The probe and all behind it are lost: only the time-out tells, and not of what.
        duo.deaf[SERVER] = true;
        duo.send(CLIENT, client, &[7; 10_000]);
        let outstanding = probes(&duo.crossed)[first..].to_vec();
        assert_eq!(outstanding.len(), 1);
        duo.run(Span::millis(100));
        duo.deaf[SERVER] = false;
        duo.run(Span::secs(10));
        duo.recv_some(SERVER, server);
        pour(&mut duo, client, server, 6);
        assert_eq!(probes(&duo.crossed)[first + 1].0, outstanding[0].0);
        assert_eq!(duo.counters[CLIENT].get(Counter::TCPMTUPFail), 0);
    }
}

#[test]
fn a_probe_waits_for_a_calm_connection_with_room_for_it_and_for_what_would_tell_of_its_loss() {
    let probes_with = |window: u16, octets: usize, cwnd: i64, hole: bool| {
        profiles(&SEARCHING).map(|mut profile| {
            profile.set("tcp_initial_cwnd", cwnd).unwrap();
            // As of a connection that was opened from here.
            profile.accepted_search_from_whole = false;
            let options = [TcpOption::Mss(1460), TcpOption::SackPermitted];
            let mut bench = Bench::at(profile.clone(), State::Listen);
            bench.hand(&super::bench::with_options(seg("S", 0, 0, ""), options));
            bench.hand(&Segment { window, ..seg("A", 1, 1, "") });
            bench.accept();
            if hole {
                bench.hand(&Segment { window, ..seg("A", 3, 1, "late") });
            }
            bench.write(&vec![7; octets]);
            bench.sent.iter().filter(|(_, _, why)| *why == Reason::ProbeMtu).count()
        })
    };
    // 1242 octets and four segments of 1024.
    assert_eq!(probes_with(64_000, 5_338, 20, false), [1, 1]);
    assert_eq!(probes_with(64_000, 5_337, 20, false), [0, 0], "too little to send");
    assert_eq!(probes_with(5_338, 16_000, 20, false), [1, 1]);
    assert_eq!(probes_with(5_337, 16_000, 20, false), [0, 0], "too small a window");
    assert_eq!(probes_with(64_000, 16_000, 11, false), [1, 1]);
    assert_eq!(probes_with(64_000, 16_000, 10, false), [0, 0], "too small a congestion window");
    assert_eq!(probes_with(64_000, 16_000, 20, true), [0, 0], "there is a hole to report");
}

#[test]
fn ten_minutes_after_the_search_it_begins_again_from_what_it_found() {
    for profile in profiles(&SEARCHING) {
        let (mut duo, client, server) = over(profile, 1200);
        pour(&mut duo, client, server, 8);
        let found = probes(&duo.crossed).len();
        duo.narrow = 1500;
        duo.run(Span::secs(590));
        pour(&mut duo, client, server, 2);
        assert_eq!(probes(&duo.crossed).len(), found, "not yet");
        duo.run(Span::secs(10));
        pour(&mut duo, client, server, 2);
        assert_eq!(probes(&duo.crossed)[found..][..2], [(1349, false), (1424, false)]);
    }
}

#[test]
fn a_size_that_was_raised_and_vanishes_is_given_up_again() {
    for profile in profiles(&SEARCHING) {
        let (mut duo, client, server) = over(profile, 1500);
        pour(&mut duo, client, server, 6);
        duo.narrow = 1100;
        pour(&mut duo, client, server, 1);
        assert!(duo.notes.contains(&(CLIENT, Reason::BlackHoleSuspected)));
    }
}

/// The network reports that segment `seq` of ours, relative to our ISN, was too big.
fn report(bench: &mut Bench, mtu: u16, seq: u32) {
    let kind = IcmpKind::Unreachable { code: 4, next_hop_mtu: mtu };
    bench.run(|stack, now, fx| stack.on_icmp(now, local(), peer(), OURS + seq, kind, fx));
}

#[test]
fn nothing_larger_is_tried_than_a_router_told() {
    for profile in profiles(&SEARCHING) {
        let mut bench = Bench::open_with(profile, [TcpOption::Mss(1460)]);
        bench.write(&[7; 1000]);
        report(&mut bench, 1300, 1);
        let mut acked = 0;
        for _ in 0..40 {
            bench.write(&[7; 16_000]);
            while bench.variable("in-flight") != Some(0) {
                acked += 1_000;
                let most = bench.variable("snd.nxt").unwrap() as u32 - OURS.0;
                acked = acked.min(most as i32);
                bench.hand(&seg("A", 1, acked, ""));
            }
        }
        let sizes: Vec<usize> = bench.sent.iter().map(|(_, segment, _)| 40 + segment.payload.len()).collect();
        let largest = sizes.iter().max().unwrap();
        assert!((1293..=1300).contains(largest), "{largest}");
    }
}

#[test]
fn what_a_search_found_is_the_connections_own_and_the_next_one_begins_from_1024() {
    for profile in profiles(&SEARCHING) {
        let (mut duo, client, server) = over(profile, 1500);
        pour(&mut duo, client, server, 6);
        let next = duo.connect(40_001, 80);
        duo.run(Span::millis(10));
        let from = duo.crossed.len();
        duo.send(CLIENT, next, &[7; 4_000]);
        assert_eq!(duo.crossed[from].segment.payload.len(), 1024);
    }
}

#[test]
fn every_packet_says_that_it_must_not_be_cut_up_unless_linux_was_told_less_than_552() {
    for (profile, told, df) in [
        (Profile::rfc9293(), 1400, true),
        (Profile::rfc9293(), 300, true),
        (Profile::rfc9293(), 20, true),
        (Profile::linux(), 1400, true),
        (Profile::linux(), 552, true),
        (Profile::linux(), 551, false),
        (Profile::linux(), 0, false),
    ] {
        let mut bench = Bench::open_with(profile, [TcpOption::Mss(1460)]);
        bench.write(&[7; 2920]);
        assert_eq!(bench.dfs, [true, true]);
        report(&mut bench, told, 1);
        assert!(bench.dfs.len() > 3);
        assert!(bench.dfs[2..].iter().all(|set| *set == df), "{told}: {:?}", bench.dfs);
    }
}

#[test]
fn a_router_tells_one_connection_and_all_to_that_host_listen() {
    for profile in profiles(&[]) {
        let mut bench = Bench::open_with(profile, [TcpOption::Mss(1460)]);
        let first = bench.conn;
        let from = |segment: Segment| Segment { source_port: 6001, ..segment };
        bench.stack.set_next_isn(OURS);
        let mss = super::bench::with_options(from(seg("S", 0, 0, "")), [TcpOption::Mss(1460)]);
        bench.hand(&mss);
        bench.hand(&from(seg("A", 1, 1, "")));
        bench.accept();
        let other = std::mem::replace(&mut bench.conn, first);
        bench.write(&[7; 1460]);
        report(&mut bench, 1000, 1);
        let sent = bench.sent.len();
        bench.conn = other;
        bench.write(&[7; 1460]);
        assert_eq!(bench.sent[sent].1.payload.len(), 960);
        assert_eq!(bench.sent[sent].1.destination_port, 6001);
    }
}

#[test]
fn nothing_goes_again_because_a_path_mtu_was_forgotten() {
    for mut profile in profiles(&[("tcp_retries2", 1)]) {
        profile.rto_min = Span::secs(2_000);
        profile.rto_initial = Span::secs(2_000);
        profile.settings.tcp_rto_min_us = 2_000_000_000;
        profile.settings.tcp_rto_max_ms = 4_000_000;
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 1460]);
        report(&mut bench, 1000, 1);
        bench.wait(Span::secs(599));
        let sent = bench.sent.len();
        bench.wait(Span::secs(300));
        bench.hand(&seg("A", 1, 961, ""));
        assert!(bench.notes.contains(&Reason::PathMtuForgotten), "{:?}", bench.notes);
        let again = bench.sent[sent..].iter().filter(|(_, segment, _)| segment.flags.has(Flags::ACK));
        assert!(again.clone().all(|(_, segment, _)| segment.seq == OURS + 961), "{again:?}");
    }
}

#[test]
fn a_probe_counts_for_two_its_loss_gives_one_back_and_its_success_keeps_the_octets_of_the_window() {
    for mut profile in profiles(&SEARCHING) {
        profile.set("tcp_initial_cwnd", 20).unwrap();
        // As of a connection that was opened from here.
        profile.accepted_search_from_whole = false;
        let mut sent = Bench::at(profile.clone(), State::Listen);
        let options = [TcpOption::Mss(1460), TcpOption::SackPermitted];
        sent.hand(&super::bench::with_options(seg("S", 0, 0, ""), options));
        sent.hand(&seg("A", 1, 1, ""));
        sent.accept();
        sent.write(&[7; 5_338]);
        assert_eq!(sent.variable("cwnd"), Some(19));
        let blocks = [(OURS + 1_243, OURS + 5_339)].into_iter().collect();
        sent.hand(&super::bench::with_options(seg("A", 1, 1, ""), [TcpOption::Sack(blocks)]));
        assert_eq!((sent.count(Counter::TCPMTUPFail), sent.variable("cwnd")), (1, Some(20)));

        let mut arrived = Bench::at(profile, State::Listen);
        arrived.hand(&super::bench::with_options(seg("S", 0, 0, ""), options));
        arrived.hand(&seg("A", 1, 1, ""));
        arrived.accept();
        arrived.write(&[7; 5_338]);
        arrived.hand(&seg("A", 1, 1_243, ""));
        // 19 times 1064 octets are 15 times 1282.
        assert_eq!((arrived.count(Counter::TCPMTUPSuccess), arrived.variable("cwnd")), (1, Some(15)));
    }
}

#[test]
fn what_a_listener_opened_sends_whole_segments_until_a_probe_arrived_and_by_the_rfc_does_not() {
    for (profile, before) in profiles(&SEARCHING).into_iter().zip([1024, 1460]) {
        let mut bench = Bench::at(profile, State::Listen);
        let options = [TcpOption::Mss(1460), TcpOption::SackPermitted];
        bench.hand(&super::bench::with_options(seg("S", 0, 0, ""), options));
        bench.hand(&Segment { window: 64_000, ..seg("A", 1, 1, "") });
        bench.accept();
        bench.write(&[7; 60_000]);
        let first = lengths(&bench);
        assert_eq!(first[1..], [before; 10], "the SYN-ACK and ten segments");
        bench.hand(&Segment { window: 64_000, ..seg("A", 1, 1 + before as i32, "") });
        assert_eq!(lengths(&bench)[11], 1242, "a probe, half way to 1500");
        let probed = 1 + 10 * before as i32 + 1242;
        let sent = bench.sent.len();
        bench.hand(&Segment { window: 64_000, ..seg("A", 1, probed, "") });
        let now = &lengths(&bench)[sent..];
        assert!(!now.is_empty() && now.iter().all(|len| [1242, 1351].contains(len)), "{now:?}");
    }
}
