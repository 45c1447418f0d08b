//! What is taken in, and what is said about it.

use super::super::bench::{Bench, seg, with_options};
use super::super::conformance::{both, carrying, eager, offering, profiles, set};
use super::{fill_up, last_report, opened, with_buffer};
use crate::clock::Span;
use crate::tcp::{Profile, State};
use crate::wire::TcpOption;

/// Whether the acknowledgment of the five octets on their way counted.
fn counted(bench: &Bench) -> bool {
    bench.variable("snd.una") == Some(5006)
}

#[test]
fn the_acknowledgment_of_a_segment_counts_only_if_the_segment_is_acceptable_to_the_octet() {
    // Number after the edge of the window, text, and whether RFC 9293 and whether Linux takes it.
    for (beyond, text, rfc, linux) in
        [(-1, "z", true, true), (0, "z", false, true), (0, "", false, true), (1, "z", false, false)]
    {
        for (profile, taken) in profiles().into_iter().zip([rfc, linux]) {
            let mut bench = Bench::at(profile, State::Established);
            bench.write(b"hello");
            let edge = 1 + bench.variable("rcv.wnd").unwrap() as i32;
            bench.hand(&seg("A", edge + beyond, 6, text));
            assert_eq!(counted(&bench), taken, "{}: {beyond} {text:?}", bench.stack.profile().name);
        }
    }
}

#[test]
fn the_acknowledgment_on_text_that_is_all_old_does_not_count_in_the_rfc() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    bench.hand(&seg("PA", 1, 1, "abc"));
    bench.write(b"hello");
    bench.hand(&seg("PA", 1, 6, "abc"));
    assert!(!counted(&bench));
    bench.hand(&seg("PA", 1, 6, "abcd"));
    assert!(counted(&bench), "one octet of it is new");
}

#[test]
fn the_acknowledgment_on_a_probe_of_a_closed_window_counts() {
    for profile in profiles() {
        let mut bench = with_buffer(profile, 4380, &[TcpOption::Mss(1460)]);
        let edge = fill_up(&mut bench);
        bench.write(b"hello");
        bench.hand(&seg("A", edge, 6, "?"));
        assert!(counted(&bench));
    }
}

#[test]
fn a_fin_behind_text_that_did_not_fit_waits_until_the_text_has_come() {
    for mut bench in both(State::Established) {
        let room = bench.variable("rcv.wnd").unwrap() as usize;
        bench.hand(&carrying(seg("FA", 1, 1, ""), room + 5));
        if bench.stack.profile().accept_from_last_offer {
            assert_eq!((bench.read().len(), bench.state()), (room + 5, State::CloseWait), "taken whole");
            continue;
        }
        assert_eq!(bench.state(), State::Established);
        assert_eq!(bench.read().len(), room);
        bench.hand(&carrying(seg("FA", 1 + room as i32, 1, ""), 5));
        assert_eq!((bench.read().len(), bench.state()), (5, State::CloseWait));
    }
}

#[test]
fn a_duplicate_is_reported_no_further_than_what_has_come() {
    let sack = [TcpOption::Mss(1460), TcpOption::SackPermitted];
    let mut bench = with_buffer(Profile::rfc9293(), 4380, &sack);
    let edge = fill_up(&mut bench);
    bench.hand(&carrying(seg("A", edge - 10, 1, ""), 20));
    assert_eq!(last_report(&bench), [(edge as u32 - 10, edge as u32)]);
}

#[test]
fn old_text_is_answered_however_often_and_empty_segments_only_within_the_limit() {
    for mut profile in profiles() {
        profile.set("tcp_invalid_ratelimit", 500).unwrap();
        let mut bench = Bench::at(profile, State::Established);
        bench.hand(&seg("PA", 1, 1, "abc"));
        bench.wait(Span::secs(1));
        for _ in 0..5 {
            assert_eq!(bench.hand(&seg("PA", -90_000, 1, "old")), ["A 1 4 +0"]);
        }
        let answers: usize = (0..5).map(|_| bench.hand(&seg("A", -90_000, 1, "")).len()).sum();
        assert_eq!(answers, 1);
    }
}

#[test]
fn the_offered_window_grows_to_all_that_the_buffer_gives() {
    // Of 2304 octets of memory 1460 are text, so that Linux has 82944 octets of window in 131072 of memory; it offered no
    // more than this before it saw that the user reads faster than it thought.
    for (profile, all) in profiles().into_iter().zip([131_072, 81_536]) {
        let mut bench = opened(profile, &[TcpOption::Mss(1460), TcpOption::WindowScale(7)]);
        for n in 0..201 {
            bench.hand(&carrying(seg("PA", 1 + n * 1460, 1, ""), 1460));
            bench.read();
        }
        bench.wait(Span::secs(1));
        let scale = 7;
        let offered = bench.sent.iter().map(|(_, segment, _)| u32::from(segment.window) << scale).max();
        assert_eq!(offered, Some(all), "{}", bench.stack.profile().name);
    }
}

#[test]
fn a_closed_window_opens_for_a_full_segment_and_in_linux_for_a_sixteenth_of_the_buffer() {
    // Octets of buffer, and how many the user must have read in the RFC and in Linux, where memory is free again when all
    // of a segment was read.
    for (buffer, needed) in [(4380u32, [1460usize, 1460]), (64_000, [1460, 3 * 1460])] {
        for (profile, needed) in profiles().into_iter().zip(needed) {
            let memory = profile.window_rule == crate::tcp::WindowRule::Grows;
            let mut bench = with_buffer(profile, buffer, &[TcpOption::Mss(1460)]);
            let held = fill_up(&mut bench) as usize - 1;
            let c = bench.conn.unwrap();
            let mut read = if memory { 0 } else { buffer as usize - held };
            while bench.sent.is_empty() {
                read += bench.run(|stack, now, fx| stack.recv(now, c, 20, fx)).unwrap().len();
            }
            let enough = needed..needed + 20;
            assert!(enough.contains(&read), "{}: {read} of {buffer}", bench.stack.profile().name);
        }
    }
}

#[test]
fn after_a_silence_longer_than_the_time_out_linux_acknowledges_at_once_again() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    let mut next = 1;
    let mut answered = |bench: &mut Bench, silence| {
        bench.wait(silence);
        next += 1;
        !bench.hand(&seg("PA", next - 1, 1, "x")).is_empty()
    };
    for _ in 0..16 {
        assert!(answered(&mut bench, Span::millis(100)));
    }
    assert!(!answered(&mut bench, Span::millis(100)));
    assert!(answered(&mut bench, Span::millis(500)));
}

#[test]
fn a_peer_without_mss_option_gets_536_octets() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        bench.hand(&seg("SA", 0, 1, ""));
        bench.forget_past();
        bench.write(&[1; 1000]);
        assert_eq!(bench.sent[0].1.payload.len(), 536);
    }
}

#[test]
fn a_connection_inherits_keepalive_and_begins_it_at_once_and_stops_it_when_it_is_switched_off() {
    for profile in profiles() {
        let mut bench = Bench::new(profile);
        bench.listen(4);
        let mut wishes = crate::tcp::ConnOptions::of(bench.stack.profile());
        wishes.keepalive.on = true;
        wishes.keepalive.idle = Span::secs(5);
        let listener = bench.listener.unwrap();
        bench.stack.set_listener_options(listener, &wishes);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        bench.forget_past();
        assert_eq!(bench.wait(Span::secs(5)), ["A 0 1 +0"]);
        set(&mut bench, |options| options.keepalive.on = false);
        assert_eq!(bench.variable("timer.keepalive"), None, "nothing is left to wait for");
    }
}

#[test]
fn the_window_update_variables_tell_the_segment_that_brought_the_window() {
    for mut bench in eager() {
        bench.write(b"hello");
        bench.hand(&seg("PA", 1, 3, "abc"));
        bench.hand(&offering(seg("A", 4, 6, ""), 3000));
        let told = ["snd.wnd", "snd.wl1", "snd.wl2"].map(|name| bench.variable(name).unwrap());
        assert_eq!(told, [3000, 900_004, 5006]);
    }
}

#[test]
fn two_closed_windows_do_not_answer_each_other_for_ever() {
    use super::super::duo::{CLIENT, Duo, SERVER};
    for profile in profiles() {
        let mut duo = Duo::new(profile);
        let (client, server) = duo.open();
        for (host, c) in [(CLIENT, client), (SERVER, server)] {
            // More than the other, which never reads, takes in.
            duo.send(host, c, &[1; 300_000]);
        }
        duo.run(Span::secs(1000));
        let from = duo.crossed.len();
        duo.run(Span::secs(1000));
        let later = duo.crossed.len() - from;
        assert!((1..200).contains(&later), "{later} segments while nothing can move: {:?}", duo.edges.last());
        let mut got = [0, 0];
        for _ in 0..200 {
            for (place, (host, c)) in [(CLIENT, client), (SERVER, server)].into_iter().enumerate() {
                got[place] += duo.recv_some(host, c).len();
            }
            duo.run(Span::secs(10));
        }
        assert_eq!(got, [300_000, 300_000]);
    }
}
