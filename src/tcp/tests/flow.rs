//! Data, acknowledgments, loss and recovery.

use super::bench::{Bench, seg};
use super::duo::{CLIENT, Duo, SERVER};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnOptions, Profile, Reason, State, StreamError};
use crate::wire::Flags;

/// Milliseconds between consecutive segments sent.
fn gaps(bench: &Bench) -> Vec<u64> {
    bench.sent.windows(2).map(|pair| (pair[1].0 - pair[0].0).as_millis()).collect()
}

#[test]
fn data_goes_with_psh_at_the_end_of_each_write() {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    let data: Vec<u8> = (0..4000u32).map(|n| n as u8).collect();
    duo.send(CLIENT, client, &data);
    duo.run(Span::millis(20));
    let pushed: Vec<(usize, bool)> = duo.crossed[3..]
        .iter()
        .filter(|crossing| crossing.from == CLIENT)
        .map(|crossing| (crossing.segment.payload.len(), crossing.segment.flags.has(Flags::PSH)))
        .collect();
    assert_eq!(pushed, [(1448, false), (1448, false), (1104, true)]);
    assert_eq!(duo.recv(SERVER, server), data);
}

#[test]
fn the_retransmission_timer_doubles_and_data_is_given_up_by_time() {
    for (retries, sent) in [(1, 3), (2, 4), (3, 5), (5, 6), (6, 7)] {
        let mut profile = Profile::linux();
        profile.set("tcp_retries2", retries).unwrap();
        let mut bench = Bench::at(profile, State::Established);
        bench.write(b"hello");
        bench.wait(Span::secs(200));
        let times = gaps(&bench);
        let doubling: Vec<u64> = (0..times.len()).map(|n| 204 << n).collect();
        assert_eq!(times, doubling, "tcp_retries2={retries}");
        assert_eq!(bench.sent.len(), sent, "tcp_retries2={retries}");
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
        assert!(
            bench.sent.iter().all(|(_, segment, _)| !segment.flags.has(Flags::RST)),
            "no RST when giving up"
        );
        assert_eq!(bench.count(Counter::TCPAbortOnTimeout), 1);
    }
}

#[test]
fn six_retries_take_seven_transmissions_as_measured() {
    let mut profile = Profile::linux();
    profile.set("tcp_retries2", 6).unwrap();
    let mut bench = Bench::at(profile, State::Established);
    bench.write(b"hello");
    bench.wait(Span::secs(60));
    assert_eq!(gaps(&bench), [204, 408, 816, 1632, 3264, 6528]);
    assert_eq!(bench.count(Counter::TCPTimeouts), 7);
    assert_eq!(bench.count(Counter::RetransSegs), 6);
}

#[test]
fn the_rfc_counts_retransmissions_and_waits_a_second() {
    let mut profile = Profile::rfc9293();
    profile.set("tcp_retries2", 3).unwrap();
    let mut bench = Bench::at(profile, State::Established);
    bench.write(b"hello");
    bench.wait(Span::secs(60));
    assert_eq!(gaps(&bench), [1000, 2000, 4000]);
    assert_eq!(bench.state(), State::Listen);
}

#[test]
fn small_segments_that_were_lost_go_again_as_one() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    let c = bench.conn.unwrap();
    let options = ConnOptions { no_delay: true, ..*bench.stack.options(c).unwrap() };
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
    bench.write(b"aaaa");
    bench.write(b"bbbb");
    assert_eq!(bench.shown(0), ["PA 1 1 +4", "PA 5 1 +4"]);
    assert_eq!(bench.wait(Span::millis(205)), ["PA 1 1 +8"]);
    assert!(bench.hand(&seg("A", 1, 9, "")).is_empty());
    assert!(bench.wait(Span::secs(5)).is_empty());
}

#[test]
fn karn_takes_no_sample_from_what_went_twice_and_keeps_the_backed_off_timer() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(b"one");
    bench.wait(Span::millis(250));
    bench.hand(&seg("A", 1, 4, ""));
    assert!(bench.notes.contains(&Reason::KarnNoSample));
    assert_eq!(bench.variable("rto"), Some(408_000));
    bench.write(b"two");
    bench.wait(Span::millis(10));
    bench.hand(&seg("A", 1, 7, ""));
    assert!(bench.variable("rto").unwrap() < 250_000);
}

#[test]
fn the_third_duplicate_acknowledgment_sends_the_missing_segment_at_once() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[7; 14_600]);
    assert_eq!(bench.sent.len(), 10);
    bench.wait(Span::millis(20));
    assert!(bench.hand(&seg("A", 1, 1, "")).is_empty());
    assert!(bench.hand(&seg("A", 1, 1, "")).is_empty());
    assert_eq!(bench.hand(&seg("A", 1, 1, "")), ["A 1 1 +1460"]);
    assert_eq!(bench.count(Counter::TCPFastRetrans), 1);
    assert_eq!(bench.variable("ssthresh"), Some(5));
    bench.hand(&seg("A", 1, 14_601, ""));
    assert!(bench.wait(Span::secs(2)).is_empty());
}

#[test]
fn after_a_time_out_all_that_was_lost_goes_again_in_slow_start() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[7; 5840]);
    assert_eq!(bench.wait(Span::millis(205)), ["A 1 1 +1460"]);
    assert_eq!(bench.hand(&seg("A", 1, 1461, "")), ["A 1461 1 +1460", "A 2921 1 +1460"]);
    bench.hand(&seg("A", 1, 4381, ""));
    bench.hand(&seg("A", 1, 5841, ""));
    assert!(bench.wait(Span::secs(3)).is_empty());
}

#[test]
fn ten_segments_go_before_the_first_acknowledgment_and_two_for_each_after() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[1; 60_000]);
    assert_eq!(bench.sent.len(), 10);
    assert_eq!(bench.hand(&seg("A", 1, 1461, "")).len(), 2);
    assert_eq!(bench.hand(&seg("A", 1, 2921, "")).len(), 2);
}

#[test]
fn quick_acknowledgments_come_first_and_then_40_ms_delay() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    let text: &'static str = "x";
    for n in 1..=16 {
        assert_eq!(bench.hand(&seg("PA", n, 1, text)), [format!("A 1 {} +0", n + 1)], "segment {n}");
        bench.wait(Span::millis(100));
    }
    assert!(bench.hand(&seg("PA", 17, 1, text)).is_empty());
    assert!(bench.wait(Span::millis(39)).is_empty());
    assert_eq!(bench.wait(Span::millis(2)), ["A 1 18 +0"]);
    assert_eq!(bench.count(Counter::DelayedACKs), 1);
}

#[test]
fn an_answer_carries_the_acknowledgment_and_makes_the_connection_interactive() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    assert_eq!(bench.hand(&seg("PA", 1, 1, "ask")), ["A 1 4 +0"]);
    bench.read();
    bench.write(b"answer");
    bench.wait(Span::millis(30));
    bench.hand(&seg("A", 4, 7, ""));
    let from = bench.sent.len();
    assert!(bench.hand(&seg("PA", 4, 7, "ask")).is_empty());
    bench.read();
    bench.write(b"answer");
    assert_eq!(bench.shown(from), ["PA 7 7 +6"]);
    bench.hand(&seg("A", 7, 13, ""));
    // Then a question without an answer: delayed once, and the next at once.
    assert!(bench.hand(&seg("PA", 7, 13, "ask")).is_empty());
    assert_eq!(bench.wait(Span::millis(41)), ["A 13 10 +0"]);
    bench.wait(Span::millis(100));
    assert_eq!(bench.hand(&seg("PA", 10, 13, "ask")).len(), 1);
}

#[test]
fn the_rfc_acknowledges_every_second_full_segment_or_after_a_delay() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    let full: &'static str = Box::leak("f".repeat(1460).into_boxed_str());
    assert!(bench.hand(&seg("A", 1, 1, full)).is_empty());
    assert_eq!(bench.hand(&seg("A", 1461, 1, full)), ["A 1 2921 +0"]);
    assert!(bench.hand(&seg("A", 2921, 1, full)).is_empty());
    assert_eq!(bench.wait(Span::millis(500)), ["A 1 4381 +0"]);
}

#[test]
fn nagle_holds_small_writes_until_the_first_is_acknowledged() {
    for profile in [Profile::linux(), Profile::rfc9293()] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(b"0000000000");
        bench.write(b"1111111111");
        bench.write(b"2222222222");
        assert_eq!(bench.shown(0), ["PA 1 1 +10"]);
        assert!(bench.notes.contains(&Reason::HeldByNagle));
        assert_eq!(bench.hand(&seg("A", 1, 11, "")), ["PA 11 1 +20"]);
    }
}

#[test]
fn with_nodelay_each_write_goes_at_once() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    let c = bench.conn.unwrap();
    let options = ConnOptions { no_delay: true, ..*bench.stack.options(c).unwrap() };
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
    for _ in 0..3 {
        bench.write(b"0123456789");
    }
    assert_eq!(bench.shown(0), ["PA 1 1 +10", "PA 11 1 +10", "PA 21 1 +10"]);
}

#[test]
fn a_closed_window_is_probed_empty_by_linux_at_doubling_gaps() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[5; 100]);
    let mut shut = seg("A", 1, 101, "");
    shut.window = 0;
    bench.hand(&shut);
    bench.write(&[6; 200]);
    bench.forget_past();
    for wait in [204u64, 408, 816, 1632, 3264] {
        assert!(bench.wait(Span::millis(wait - 1)).is_empty(), "{wait}");
        assert_eq!(bench.wait(Span::millis(1)), ["A 100 1 +0"], "{wait}");
        bench.hand(&shut);
    }
    assert_eq!(bench.count(Counter::TCPWinProbe), 5);
    let mut open = seg("A", 1, 101, "");
    open.window = 1000;
    assert_eq!(bench.hand(&open), ["PA 101 1 +200"]);
}

#[test]
fn the_rfc_probes_a_closed_window_with_one_octet() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    bench.write(&[5; 100]);
    let mut shut = seg("A", 1, 101, "");
    shut.window = 0;
    bench.hand(&shut);
    bench.write(&[6; 200]);
    assert_eq!(bench.wait(Span::millis(1000)), ["A 101 1 +1"]);
    bench.hand(&shut);
    assert_eq!(bench.wait(Span::millis(2000)), ["A 101 1 +1"]);
    // The octet gets in, and the window opens.
    assert_eq!(bench.hand(&seg("A", 1, 102, "")), ["PA 102 1 +199"]);
}

#[test]
fn a_peer_that_answers_no_window_probe_is_given_up() {
    let mut profile = Profile::linux();
    profile.set("tcp_retries2", 3).unwrap();
    let mut bench = Bench::at(profile, State::Established);
    bench.write(&[5; 100]);
    let mut shut = seg("A", 1, 101, "");
    shut.window = 0;
    bench.hand(&shut);
    bench.write(b"more");
    bench.forget_past();
    assert_eq!(bench.wait(Span::secs(60)).len(), 3);
    assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
}

fn keepalive(bench: &mut Bench) {
    let c = bench.conn.unwrap();
    let mut options = *bench.stack.options(c).unwrap();
    options.keepalive.on = true;
    options.keepalive.idle = Span::secs(1);
    options.keepalive.interval = Span::secs(1);
    options.keepalive.count = 3;
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
}

#[test]
fn keepalive_probes_a_vanished_peer_three_times_and_then_resets() {
    for profile in [Profile::linux(), Profile::rfc9293()] {
        let mut bench = Bench::at(profile, State::Established);
        keepalive(&mut bench);
        assert!(bench.wait(Span::millis(999)).is_empty());
        let probe = ["A 0 1 +0"];
        assert_eq!(bench.wait(Span::secs(1)), probe);
        assert_eq!(bench.wait(Span::secs(1)), probe);
        assert_eq!(bench.wait(Span::secs(1)), probe);
        assert_eq!(bench.wait(Span::secs(1)), ["RA 1 1 +0"]);
        assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::TimedOut));
        assert_eq!(bench.count(Counter::TCPKeepAlive), 3);
        assert_eq!(bench.count(Counter::OutRsts), 1);
        assert_eq!(bench.count(Counter::TCPAbortOnTimeout), 1);
    }
}

#[test]
fn a_peer_that_answers_keeps_the_connection() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    keepalive(&mut bench);
    for _ in 0..20 {
        assert_eq!(bench.wait(Span::secs(1)), ["A 0 1 +0"]);
        bench.hand(&seg("A", 1, 1, ""));
    }
    assert_eq!(bench.state(), State::Established);
}

#[test]
fn a_peer_that_rebooted_resets_at_the_first_probe() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    keepalive(&mut bench);
    bench.wait(Span::secs(1));
    bench.hand(&seg("R", 1, 0, ""));
    assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::Reset));
}

#[test]
fn no_keepalive_probe_goes_while_data_is_unacknowledged() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    keepalive(&mut bench);
    bench.write(b"hello");
    bench.wait(Span::secs(5));
    assert_eq!(bench.count(Counter::TCPKeepAlive), 0);
    assert!(bench.sent.iter().all(|(_, segment, _)| segment.payload.len() == 5));
}

#[test]
fn by_default_keepalive_waits_two_hours_and_gives_up_after_nine_probes() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    let c = bench.conn.unwrap();
    let mut options = *bench.stack.options(c).unwrap();
    options.keepalive.on = true;
    let start = bench.now;
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
    bench.wait(Span::secs(9000));
    let at: Vec<u64> = bench.sent.iter().map(|(at, ..)| (*at - start).as_millis() / 1000).collect();
    assert_eq!(at, [7200, 7275, 7350, 7425, 7500, 7575, 7650, 7725, 7800, 7875]);
    assert!(bench.sent[9].1.flags.has(Flags::RST));
}

#[test]
fn a_full_receive_buffer_closes_the_window_and_reading_opens_it() {
    let mut duo = Duo::linux();
    let listener = duo.listen(80, 4);
    duo.on(SERVER, |stack, _, _| {
        let mut options = ConnOptions::of(stack.profile());
        options.receive_buffer = Some(stack.profile().kept_receive_buffer(4096));
        stack.set_listener_options(listener, &options);
    });
    let client = duo.connect(40_000, 80);
    duo.run(Span::millis(10));
    let server = duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
    assert_eq!(duo.crossed[1].segment.window, 2896);
    duo.send(CLIENT, client, &[3; 20_000]);
    duo.run(Span::millis(500));
    assert!(duo.crossed.iter().any(|crossing| crossing.from == SERVER && crossing.segment.window == 0));
    let mut got = Vec::new();
    for _ in 0..200 {
        got.extend(duo.recv_some(SERVER, server));
        duo.run(Span::millis(300));
    }
    assert_eq!(got, [3; 20_000]);
    let turns = [Counter::TCPToZeroWindowAdv, Counter::TCPFromZeroWindowAdv]
        .map(|counter| duo.count(SERVER, counter));
    assert!(turns[0] > 0 && turns[0] - turns[1] <= 1, "{turns:?}");
}

#[test]
fn every_octet_arrives_whatever_is_lost() {
    for profile in [Profile::linux(), Profile::rfc9293()] {
        for seed in 0..12usize {
            let mut duo = Duo::new(profile.clone());
            let (client, server) = duo.open();
            duo.lose = (0..60).map(|n| 4 + (n * 7 + seed * 13 + n * n * seed) % 90).collect();
            let data: Vec<u8> = (0..50_000usize).map(|n| (n * 31 + seed) as u8).collect();
            assert_eq!(duo.send(CLIENT, client, &data), data.len());
            // Not closed: what nobody owns is given up after 102 s without progress. A lost acknowledgment makes the
            // echo of a timestamp old and the RTO long, so that few retransmissions fit into that.
            duo.on(CLIENT, |stack, now, fx| stack.shutdown_write(now, client, fx)).unwrap();
            let mut got = Vec::new();
            for _ in 0..9000 {
                duo.run(Span::secs(1));
                got.extend(duo.recv_some(SERVER, server));
                if duo.state(SERVER, server) == State::CloseWait && got.len() == data.len() {
                    break;
                }
            }
            assert!(got == data, "{}: seed {seed}: {} of {} octets", profile.name, got.len(), data.len());
            assert_eq!(duo.state(SERVER, server), State::CloseWait);
        }
    }
}

#[test]
fn the_same_run_twice_is_the_same() {
    let once = || {
        let mut duo = Duo::linux();
        let (client, server) = duo.open();
        duo.lose = vec![5, 9];
        duo.send(CLIENT, client, &[1; 30_000]);
        duo.run(Span::secs(2));
        duo.close(CLIENT, client);
        duo.close(SERVER, server);
        duo.run(Span::secs(2));
        (duo.shown(0), duo.stacks)
    };
    assert_eq!(once(), once());
}
