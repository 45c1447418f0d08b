//! A listener's queues: limits, overflow, pruning, eviction, cookies.

use super::bench::{Bench, OURS, THEIRS, local, peer, seg, with_options};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, State};
use crate::wire::{Flags, TcpOption};

fn linux(settings: &[(&str, i64)]) -> Profile {
    let mut profile = Profile::linux();
    for (name, value) in settings {
        profile.set(name, *value).unwrap();
    }
    profile
}

fn flooded(profile: Profile, backlog: u32, syns: u32) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(backlog);
    for n in 0..syns {
        bench.flood(n);
    }
    bench
}

#[test]
fn half_open_connections_are_limited_exactly_as_measured() {
    for backlog in [5u32, 8, 16, 64, 128, 512] {
        for max in [16i64, 64, 100, 128, 256, 2048] {
            let bench = flooded(linux(&[("tcp_syncookies", 0), ("tcp_max_syn_backlog", max)]), backlog, 700);
            let by_backlog = backlog as usize + 1;
            let by_reserve = (max - max / 4 + 1) as usize;
            let expected = by_backlog.min(by_reserve);
            assert_eq!(bench.half_open(), expected, "listen({backlog}), tcp_max_syn_backlog={max}");
            let queues = bench.stack.queues(bench.listener.unwrap()).unwrap();
            assert_eq!(queues.half_open_limit, expected);
            let dropped = 700 - expected as u64;
            assert_eq!(bench.count(Counter::ListenDrops), dropped);
            let full = if by_backlog <= by_reserve { dropped } else { 0 };
            assert_eq!(
                bench.count(Counter::TCPReqQFullDrop),
                full,
                "listen({backlog}), tcp_max_syn_backlog={max}"
            );
        }
    }
}

#[test]
fn somaxconn_bounds_the_backlog() {
    let profile = linux(&[("tcp_syncookies", 0), ("somaxconn", 64), ("tcp_max_syn_backlog", 2048)]);
    assert_eq!(flooded(profile, 128, 300).half_open(), 65);
}

#[test]
fn with_cookies_the_excess_is_answered_without_state() {
    for (backlog, entries) in [(5, 6), (16, 17), (128, 129)] {
        let bench = flooded(linux(&[("tcp_max_syn_backlog", 16)]), backlog, 300);
        assert_eq!(bench.half_open(), entries);
        let cookies = 300 - entries as u64;
        assert_eq!(bench.count(Counter::SyncookiesSent), cookies);
        assert_eq!(bench.count(Counter::TCPReqQFullDoCookies), cookies);
        assert_eq!(bench.count(Counter::ListenDrops), 0);
    }
    let always = flooded(linux(&[("tcp_syncookies", 2)]), 16, 300);
    assert_eq!((always.half_open(), always.count(Counter::SyncookiesSent)), (0, 300));
}

#[test]
fn a_real_client_gets_in_by_cookie_while_the_flood_lasts() {
    let mut bench = flooded(linux(&[]), 16, 300);
    let sent = bench.sent.len();
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
    let cookie = bench.sent[sent].1.seq;
    let mut ack = seg("A", 1, 0, "");
    ack.ack = cookie + 1;
    bench.hand(&ack);
    assert_eq!(bench.count(Counter::SyncookiesRecv), 1);
    assert_eq!(bench.count(Counter::PassiveOpens), 1);
    assert_eq!(bench.state(), State::Established);
    assert_eq!(bench.edges.last(), Some(&(State::Listen, State::Established)));
    bench.accept();
    let mut text = seg("PA", 1, 0, "hello");
    text.ack = cookie + 1;
    bench.hand(&text);
    assert_eq!(bench.read(), b"hello");
}

#[test]
fn a_cookie_keeps_scale_and_sack_only_with_timestamps() {
    let kinds = |options: &[TcpOption]| {
        let mut bench = Bench::new(linux(&[("tcp_syncookies", 2)]));
        bench.listen(16);
        bench.hand(&with_options(seg("S", 0, 0, ""), options.iter().copied()));
        let options: Vec<TcpOption> = bench.sent[0].1.options.iter().collect();
        (options, bench.sent[0].1.window)
    };
    let rest = [TcpOption::Mss(1460), TcpOption::SackPermitted, TcpOption::WindowScale(7)];
    let (without, window) = kinds(&rest);
    assert_eq!((without, window), (vec![TcpOption::Mss(1460)], 64_240));
    let stamped: Vec<_> = rest.into_iter().chain([TcpOption::Timestamps { value: 9, echo: 0 }]).collect();
    let (with, window) = kinds(&stamped);
    assert_eq!(window, 65_160);
    assert!(with.contains(&TcpOption::SackPermitted) && with.contains(&TcpOption::WindowScale(7)));
}

#[test]
fn a_forged_or_stale_cookie_is_reset_and_counted_only_after_an_overflow() {
    let mut calm = Bench::new(linux(&[]));
    calm.listen(16);
    assert_eq!(calm.hand(&seg("A", 1, 1, "")), ["R 1 +0"]);
    assert_eq!(calm.count(Counter::SyncookiesFailed), 0);

    let mut bench = flooded(linux(&[]), 16, 40);
    assert_eq!(bench.hand(&seg("A", 1, 1, "")), ["R 1 +0"]);
    assert_eq!(bench.count(Counter::SyncookiesFailed), 1);

    let sent = bench.sent.len();
    bench.hand(&seg("S", 0, 0, ""));
    let cookie = bench.sent[sent].1.seq;
    bench.wait(Span::secs(119));
    let mut late = seg("A", 1, 0, "");
    late.ack = cookie + 1;
    let answer = bench.hand(&late);
    assert_eq!(answer.len(), 1);
    assert!(answer[0].starts_with("R "), "{answer:?}");
    assert_eq!(bench.count(Counter::SyncookiesFailed), 2);
}

#[test]
fn the_accept_queue_holds_one_more_than_the_backlog_and_then_syns_are_dropped_silently() {
    for (backlog, held) in [(0u32, 1usize), (1, 2), (3, 4), (5, 6)] {
        let mut bench = Bench::new(linux(&[]));
        bench.listen(backlog);
        let mut answered = 0;
        for n in 0..9u16 {
            let mut syn = seg("S", 0, 0, "");
            syn.source_port = 7000 + n;
            if let Some(answer) = bench.hand(&syn).first() {
                assert!(answer.starts_with("SA "));
                answered += 1;
                let mut ack = seg("A", 1, 0, "");
                ack.source_port = 7000 + n;
                ack.ack = bench.sent.last().unwrap().1.seq + 1;
                bench.hand(&ack);
            }
        }
        assert_eq!(answered, held);
        let queues = bench.stack.queues(bench.listener.unwrap()).unwrap();
        assert_eq!((queues.accept, queues.accept_limit), (held, held));
        assert_eq!(bench.count(Counter::ListenOverflows), 9 - held as u64);
        assert_eq!(bench.count(Counter::ListenDrops), 9 - held as u64);
    }
}

#[test]
fn a_full_accept_queue_ignores_the_final_ack_or_resets_as_told() {
    for (abort, answer) in [(0, None), (1, Some("R 1 +0"))] {
        let mut bench = Bench::new(linux(&[("tcp_syncookies", 0), ("tcp_abort_on_overflow", abort)]));
        bench.listen(1);
        let ports = [11u16, 12, 13];
        let mut numbers = Vec::new();
        for port in ports {
            let mut syn = seg("S", 0, 0, "");
            syn.source_port = port;
            if bench.hand(&syn).is_empty() {
                continue;
            }
            numbers.push((port, bench.sent.last().unwrap().1.seq));
        }
        assert_eq!(numbers.len(), 2);
        // One gets in by hand beforehand, so that only one place is left.
        let hand_over = |bench: &mut Bench, (port, iss): (u16, crate::wire::Seq)| {
            let mut ack = seg("A", 1, 0, "");
            ack.source_port = port;
            ack.ack = iss + 1;
            bench.hand(&ack)
        };
        assert!(hand_over(&mut bench, numbers[0]).is_empty());
        let mut syn = seg("S", 0, 0, "");
        syn.source_port = 14;
        bench.hand(&syn);
        let third = (14, bench.sent.last().unwrap().1.seq);
        assert!(hand_over(&mut bench, numbers[1]).is_empty());
        bench.forget_past();
        let shown = hand_over(&mut bench, third);
        assert_eq!(bench.count(Counter::ListenOverflows), 1);
        assert_eq!(bench.count(Counter::ListenDrops), 1);
        match answer {
            None => {
                assert!(shown.is_empty());
                assert_eq!(bench.half_open(), 1);
                // The SYN-ACK comes again, and once someone was accepted the ACK counts.
                assert_eq!(bench.wait(Span::millis(1500)).len(), 1);
                bench.accept();
                hand_over(&mut bench, third);
                assert_eq!(bench.half_open(), 0);
            }
            Some(_) => {
                assert_eq!(shown.len(), 1);
                assert!(shown[0].starts_with("R "));
                assert_eq!(bench.half_open(), 0);
            }
        }
    }
}

#[test]
fn syn_acks_go_at_1_3_7_15_and_31_seconds_and_the_entry_ends_at_63() {
    let mut bench = Bench::new(linux(&[]));
    bench.listen(16);
    let start = bench.now;
    bench.hand(&seg("S", 0, 0, ""));
    bench.wait(Span::millis(62_999));
    let at: Vec<u64> = bench.sent.iter().map(|(at, ..)| (*at - start).as_millis() / 1000).collect();
    assert_eq!(at, [0, 1, 3, 7, 15, 31]);
    assert_eq!(bench.half_open(), 1);
    bench.wait(Span::millis(2));
    assert_eq!(bench.half_open(), 0);
    assert_eq!(bench.count(Counter::TCPSynRetrans), 5);
    assert_eq!(bench.count(Counter::TCPTimeouts), 6);
    assert_eq!(bench.edges.last(), Some(&(State::SynReceived, State::Closed)));
}

#[test]
fn old_entries_die_early_while_the_queue_is_over_half_full() {
    let mut bench = flooded(linux(&[("tcp_syncookies", 0), ("tcp_max_syn_backlog", 2048)]), 128, 400);
    assert_eq!(bench.half_open(), 129);
    bench.wait(Span::millis(6_900));
    assert_eq!(bench.half_open(), 129);
    bench.wait(Span::millis(200));
    assert_eq!(bench.half_open(), 64);
    bench.wait(Span::secs(55));
    assert_eq!(bench.half_open(), 64);
    bench.wait(Span::secs(2));
    assert_eq!(bench.half_open(), 0);
    assert_eq!(bench.count(Counter::TCPTimeouts), 579);
    assert_eq!(bench.count(Counter::TCPSynRetrans), 450);
}

#[test]
fn eviction_lets_the_newest_in_at_the_expense_of_the_oldest() {
    let mut bench = flooded(linux(&[("tcp_syncookies", 0), ("tcp_evict_oldest", 1)]), 16, 100);
    assert_eq!(bench.half_open(), 17);
    assert_eq!(bench.count(Counter::ListenDrops), 0);
    assert_eq!(bench.hand(&seg("S", 0, 0, "")).len(), 1);
    assert_eq!(bench.half_open(), 17);
    assert_eq!(bench.edges.iter().filter(|edge| **edge == (State::SynReceived, State::Closed)).count(), 84);
}

#[test]
fn closing_a_listener_resets_whom_nobody_accepted_and_forgets_the_half_open() {
    let mut bench = Bench::at(Profile::linux(), State::Listen);
    bench.hand(&seg("S", 0, 0, ""));
    bench.hand(&seg("A", 1, 1, ""));
    bench.flood(1);
    let sent = bench.sent.len();
    let listener = bench.listener.unwrap();
    bench.run(|stack, now, fx| stack.close_listener(now, listener, fx));
    assert_eq!(bench.shown(sent), ["RA 1 1 +0"]);
    assert_eq!(bench.stack.endpoints().count(), 0);
    assert_eq!(bench.hand(&seg("S", 0, 0, "")), ["RA zero 1 +0"]);
    assert!(bench.stack.next_deadline().is_none());
}

#[test]
fn a_listener_of_the_very_address_goes_before_one_of_any() {
    let mut bench = Bench::new(Profile::linux());
    bench.run(|stack, now, fx| {
        let options = crate::tcp::ConnOptions::of(stack.profile());
        stack.listen(now, "0.0.0.0:80".parse().unwrap(), 4, &options, fx)
    });
    bench.listen(4);
    bench.hand(&seg("S", 0, 0, ""));
    assert_eq!(bench.half_open(), 1);
    assert_eq!((local().port(), peer().port(), OURS.0, THEIRS.0), (80, 6000, 5_000, 900_000));
    assert_eq!(bench.sent[0].1.flags, Flags::SYN | Flags::ACK);
}

#[test]
fn the_rfc_profile_takes_the_backlog_as_it_is() {
    assert_eq!(flooded(Profile::rfc9293(), 16, 100).half_open(), 16);
}
