//! RFC 9293 sections 3.4, 3.5, 3.7.1 and 3.10.1: initial sequence numbers, handshakes, the MSS, OPEN.

use super::super::bench::{Bench, OURS, local, peer, seg, with_options};
use super::super::duo::{CLIENT, Duo, SERVER};
use super::{at_time, lengths, opened, profiles};
use crate::clock::{Instant, Span};
use crate::tcp::{ConnOptions, Effect, Effects, Profile, Stack, State, StreamError};
use crate::wire::{Claim, Flags, Seq, TcpOption};
use std::net::SocketAddr;

/// The ISN of a connection from this port, opened then, by a host with this secret.
fn isn(profile: &Profile, secret: u8, at: Span, port: u16) -> Seq {
    let mut stack = Stack::new(profile.clone(), [secret; 16]);
    let mut fx = Effects::new();
    let options = ConnOptions::of(profile);
    let from = SocketAddr::new(local().ip(), port);
    stack.connect(Instant::ZERO + at, from, peer(), &options, &mut fx).unwrap();
    let syn = fx.drain().find_map(|effect| match effect {
        Effect::Send { segment, .. } => Some(segment.seq),
        _ => None,
    });
    syn.unwrap()
}

#[test]
fn the_isn_clock_ticks_every_4_us_and_on_linux_every_64_ns() {
    for (profile, ticks) in [(Profile::rfc9293(), 250_000), (Profile::linux(), 15_625_000)] {
        let [first, later] = [3, 4].map(|second| isn(&profile, 1, Span::secs(second), 5000));
        assert_eq!(later - first, ticks);
        assert_eq!(first, isn(&profile, 1, Span::secs(3), 5000), "the same secret gives the same number");
    }
}

#[test]
fn isns_of_other_pairs_or_other_secrets_have_nothing_to_do_with_each_other() {
    for profile in profiles() {
        for (secret, port) in [(1, 5001), (1, 5002), (2, 5000), (3, 5000)] {
            let here = isn(&profile, 1, Span::secs(3), 5000);
            let there = isn(&profile, secret, Span::secs(3), port);
            let apart = (there - here).min(here - there);
            assert!(apart > 1 << 20, "{secret} {port}: only {apart} apart");
        }
    }
}

#[test]
fn a_pair_used_again_begins_beyond_all_it_used_before() {
    for profile in profiles() {
        let first = isn(&profile, 1, Span::secs(3), 5000);
        for second in [4, 60, 120] {
            assert!(isn(&profile, 1, Span::secs(second), 5000).after(first));
        }
    }
}

#[test]
fn a_reset_sends_a_passive_open_back_to_listen_and_an_active_one_to_closed() {
    for profile in profiles() {
        let mut passive = Bench::at(profile.clone(), State::Listen);
        passive.hand(&seg("S", 0, 0, ""));
        assert_eq!(passive.state(), State::SynReceived);
        assert!(passive.hand(&seg("R", 1, 0, "")).is_empty());
        assert_eq!(passive.edges.last(), Some(&(State::SynReceived, State::Listen)));
        assert_eq!(passive.state(), State::Listen);
        let listener = passive.listener.unwrap();
        assert!(passive.run(|stack, _, fx| stack.accept(listener, fx)).is_none(), "nobody is told");

        let mut active = Bench::at(profile, State::SynReceived);
        assert!(active.hand(&seg("R", 1, 0, "")).is_empty());
        assert_eq!(active.edges, [(State::SynReceived, State::Closed)]);
        assert_eq!(active.stack.error(active.conn.unwrap()), Some(StreamError::Refused));
    }
}

#[test]
fn the_end_of_the_stream_and_a_reset_are_told_apart() {
    for profile in profiles() {
        let mut orderly = Bench::at(profile.clone(), State::Established);
        orderly.hand(&seg("FA", 1, 1, ""));
        let c = orderly.conn.unwrap();
        let end = orderly.run(|stack, now, fx| stack.recv(now, c, 100, fx));
        assert_eq!(end.map(|data| data.len()), Ok(0));

        let mut aborted = Bench::at(profile, State::Established);
        aborted.hand(&seg("R", 1, 0, ""));
        let c = aborted.conn.unwrap();
        let end = aborted.run(|stack, now, fx| stack.recv(now, c, 100, fx));
        assert_eq!(end.map(|data| data.len()), Err(StreamError::Reset));
    }
}

#[test]
fn the_mss_announced_is_the_mtu_less_forty() {
    for profile in profiles() {
        for (mtu, mss) in [(1500, 1460), (576, 536), (9000, 8960), (1280, 1240)] {
            let mut active = Bench::new(profile.clone());
            active.stack.set_mtu(mtu);
            active.run(|stack, now, fx| {
                let options = ConnOptions::of(stack.profile());
                stack.connect(now, local(), peer(), &options, fx).unwrap()
            });
            let mut passive = Bench::new(profile.clone());
            passive.stack.set_mtu(mtu);
            passive.listen(4);
            passive.hand(&seg("S", 0, 0, ""));
            for bench in [active, passive] {
                assert!(bench.sent[0].1.flags.has(Flags::SYN));
                let offered = bench.sent[0].1.options.iter().find(|o| matches!(o, TcpOption::Mss(_)));
                assert_eq!(offered, Some(TcpOption::Mss(mss)), "MTU {mtu}");
            }
        }
    }
}

#[test]
fn segments_are_no_longer_than_the_peers_mss_and_536_if_it_names_none() {
    let cases: [(&[TcpOption], usize); 5] = [
        (&[], 536),
        (&[TcpOption::Mss(536)], 536),
        (&[TcpOption::Mss(1000)], 1000),
        (&[TcpOption::Mss(1460)], 1460),
        (&[TcpOption::Mss(9000)], 1460),
    ];
    for (options, longest) in cases {
        for profile in profiles() {
            let mut bench = opened(profile, options);
            bench.write(&[1; 4000]);
            assert_eq!(lengths(&bench)[0], longest, "{options:?}");
            assert!(lengths(&bench).iter().all(|length| *length <= longest));
        }
    }
}

#[test]
fn the_octets_of_timestamps_come_out_of_the_segment() {
    for profile in profiles() {
        let stamp = TcpOption::Timestamps { value: 999, echo: 0 };
        let mut bench = opened(profile, &[TcpOption::Mss(1460), stamp]);
        bench.write(&[1; 4000]);
        assert_eq!(lengths(&bench)[..2], [1448, 1448]);
    }
}

#[test]
fn a_passive_open_leaves_the_connections_of_its_port_alone() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(b"before");
        let listener = bench.listener.unwrap();
        bench.run(|stack, now, fx| stack.close_listener(now, listener, fx));
        let before = bench.stack.variables(crate::tcp::Owner::Conn(bench.conn.unwrap()));
        bench.listen(4);
        assert_eq!(bench.stack.variables(crate::tcp::Owner::Conn(bench.conn.unwrap())), before);
        bench.hand(&seg("PA", 1, 7, "still here"));
        assert_eq!(bench.read(), b"still here");
        assert_eq!(bench.half_open(), 0);
    }
}

#[test]
fn one_can_listen_where_others_are_in_syn_sent_or_syn_received() {
    for profile in profiles() {
        for state in [State::SynSent, State::SynReceived] {
            let mut bench = Bench::new(profile.clone());
            let c = bench.run(|stack, now, fx| {
                let options = ConnOptions { reuse_address: true, ..ConnOptions::of(stack.profile()) };
                stack.connect(now, local(), peer(), &options, fx).unwrap()
            });
            if state == State::SynReceived {
                bench.hand(&seg("S", 0, 0, ""));
            }
            assert_eq!(bench.stack.state(c), state);
            assert_eq!(bench.stack.bind_conflict(Claim { local: local(), v6_only: false }, true), None);
            bench.listen(4);
            bench.flood(1);
            assert_eq!(bench.half_open(), 1);
            assert_eq!(bench.stack.state(c), state);
        }
    }
}

#[test]
fn text_on_a_syn_is_not_lost() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::Listen);
        let answer = bench.hand(&seg("S", 0, 0, "early"));
        assert_eq!(answer, ["SA 0 1 +0"], "the SYN alone is acknowledged, so the text comes again");
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        bench.hand(&seg("PA", 1, 1, "early"));
        assert_eq!(bench.read(), b"early");
    }
}

#[test]
fn a_crossed_syn_is_answered_with_the_same_isn() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        assert_eq!(bench.hand(&seg("S", 0, 0, "")), ["SA 0 1 +0"]);
        assert_eq!(bench.sent[0].1.seq, OURS);
        assert_eq!(bench.edges, [(State::SynSent, State::SynReceived)]);
        bench.hand(&seg("A", 1, 1, ""));
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn the_final_ack_sets_the_send_window() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&super::offering(seg("A", 1, 1, ""), 777));
        bench.accept();
        assert_eq!(bench.variable("snd.wnd"), Some(777));
        assert_eq!(bench.variable("snd.una"), Some(u64::from((OURS + 1).0)));
    }
}

#[test]
fn a_peer_that_forgot_the_connection_is_told_by_reset() {
    for profile in profiles() {
        let mut duo = Duo::new(profile);
        let (client, server) = duo.open();
        duo.stacks[SERVER].forget(server);
        duo.send(CLIENT, client, b"are you there?");
        duo.run(Span::millis(10));
        assert_eq!(duo.shown(3), ["C PA 1 1 +14", "S R 1 +0"]);
        assert_eq!(duo.state(CLIENT, client), State::Closed);
        assert_eq!(duo.stacks[CLIENT].error(client), Some(StreamError::Reset));
    }
}

#[test]
fn a_reset_is_never_answered_by_a_reset() {
    for profile in profiles() {
        for state in State::ALL {
            let mut bench = Bench::at(profile.clone(), state);
            for letters in ["R", "RA", "RP", "RAF", "RSA", "RS"] {
                for (seq, ack) in [(0, 0), (1, 1), (2, 2), (50, 1), (-9000, 7), (1, 999)] {
                    let sent = bench.hand(&seg(letters, seq, ack, ""));
                    let reset = sent.iter().any(|line| line.starts_with('R'));
                    assert!(!reset, "{state}: {letters} {seq} {ack}: {sent:?}");
                }
            }
        }
    }
}

#[test]
fn a_timestamp_later_than_all_before_opens_time_wait_anew() {
    for profile in profiles() {
        let stamp = TcpOption::Timestamps { value: 999, echo: 0 };
        let mut bench = opened(profile, &[TcpOption::Mss(1460), stamp]);
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
        bench.hand(&at_time(seg("FA", 1, 2, ""), 1001));
        assert_eq!(bench.state(), State::TimeWait);
        // Even with a number from before: the timestamp tells that it is new.
        let sent = bench.hand(&at_time(seg("S", -500, 0, ""), 1002));
        assert_eq!(sent.len(), 1);
        assert!(sent[0].starts_with("SA "), "{sent:?}");
        assert_eq!(bench.state(), State::SynReceived);
    }
}
