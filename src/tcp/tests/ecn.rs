//! Explicit congestion notification (RFC 3168).

use super::bench::{Bench, local, peer, seg, with_options};
use super::duo::Duo;
use crate::clock::Span;
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Segment, TcpOption};

pub(super) fn asking() -> Profile {
    let mut profile = Profile::linux();
    profile.set("tcp_ecn", 1).unwrap();
    profile
}

/// A server's connection with a peer that asked for ECN.
pub(super) fn agreed(profile: Profile) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listen(16);
    bench.hand(&with_options(seg("SEC", 0, 0, ""), [TcpOption::Mss(1460)]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    bench.forget_past();
    bench
}

fn marked(bench: &mut Bench, segment: &Segment) -> Vec<String> {
    let before = bench.sent.len();
    bench.run(|stack, now, fx| stack.on_marked_segment(now, peer().ip(), local().ip(), segment, fx));
    bench.shown(before)
}

/// The flags of everything sent, without the ACK and the P.
fn flags(bench: &Bench) -> Vec<String> {
    let letters = |segment: &Segment| segment.flags.to_string().replace(['A', 'P'], "");
    bench.sent.iter().map(|(_, segment, _)| letters(segment)).collect()
}

#[test]
fn who_asks_and_who_agrees_is_the_settings() {
    // Setting of the client, setting of the server, flags of the SYN and of the SYN-ACK beyond their own.
    for (client, server, syn, answer) in [
        (1, 2, true, true),
        (1, 1, true, true),
        (1, 0, true, false),
        (2, 2, false, false),
        (0, 1, false, false),
    ] {
        let mut duo = Duo::new(Profile::linux());
        for (stack, value) in duo.stacks.iter_mut().zip([client, server]) {
            stack.profile_mut().set("tcp_ecn", value).unwrap();
        }
        duo.open();
        let has = |place: usize, letter: char| duo.crossed[place].segment.flags.to_string().contains(letter);
        assert_eq!([has(0, 'E'), has(0, 'C')], [syn, syn], "SYN, {client} and {server}");
        assert_eq!([has(1, 'E'), has(1, 'C')], [answer, false], "SYN-ACK, {client} and {server}");
    }
}

#[test]
fn a_syn_that_has_to_go_again_asks_no_more() {
    let mut bench = Bench::at(asking(), State::SynSent);
    bench.wait(Span::millis(1500));
    assert_eq!(flags(&bench), ["S"]);
}

#[test]
fn new_data_may_be_marked_but_no_acknowledgment_and_no_retransmission() {
    let mut bench = agreed(Profile::linux());
    bench.write(b"new");
    bench.wait(Span::millis(300));
    bench.hand(&seg("PA", 1, 4, "theirs"));
    bench.wait(Span::millis(300));
    let told: Vec<(usize, bool)> =
        bench.sent.iter().map(|(_, s, _)| s.payload.len()).zip(bench.ects.iter().copied()).collect();
    assert_eq!(told, [(3, true), (3, false), (0, false)]);
    let mut plain = Bench::at(Profile::linux(), State::Established);
    plain.write(b"new");
    assert_eq!(plain.ects, [false], "the peer did not ask for it");
}

#[test]
fn a_mark_is_echoed_at_once_and_in_every_acknowledgment_until_the_peer_says_cwr() {
    let mut bench = agreed(Profile::linux());
    marked(&mut bench, &seg("PA", 1, 1, "one"));
    bench.hand(&seg("PA", 4, 1, "two"));
    bench.wait(Span::millis(300));
    assert_eq!(flags(&bench), ["E", "E"]);
    assert!(bench.notes.contains(&Reason::EcnMarked));
    bench.hand(&seg("PAC", 7, 1, "three"));
    bench.wait(Span::millis(300));
    assert_eq!(flags(&bench).last().map(String::as_str), Some(""), "CWR ends it");
}

#[test]
fn a_mark_on_a_connection_without_ecn_is_not_echoed() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    marked(&mut bench, &seg("PA", 1, 1, "one"));
    bench.wait(Span::millis(300));
    assert_eq!(flags(&bench), [""]);
}

#[test]
fn an_echo_shrinks_the_window_once_per_window_of_data_and_the_next_new_segment_says_cwr() {
    let mut profile = Profile::rfc9293();
    profile.set("tcp_initial_cwnd", 10).unwrap();
    let mut bench = agreed(profile);
    bench.write(&[7; 14_600]);
    bench.hand(&seg("AE", 1, 1461, ""));
    assert_eq!((bench.variable("cwnd"), bench.variable("ssthresh")), (Some(5), Some(5)));
    assert!(bench.notes.contains(&Reason::EcnEcho));
    bench.hand(&seg("AE", 1, 2921, ""));
    bench.hand(&seg("AE", 1, 14_601, ""));
    assert_eq!(bench.variable("cwnd"), Some(5), "still the same window of data");
    bench.forget_past();
    bench.write(&[7; 2920]);
    assert_eq!(flags(&bench), ["C", ""]);
    bench.hand(&seg("AE", 1, 17_521, ""));
    assert_eq!(bench.variable("cwnd"), Some(2), "a window later it counts again");
    assert_eq!(bench.count(crate::mib::Counter::RetransSegs), 0);
}

#[test]
fn after_an_echo_the_kernel_sends_one_segment_for_two_that_arrive_and_the_rfc_waits() {
    // Ten are on their way and ten wait; the window is halved by the first acknowledgment.
    let sent_after_each = |profile: Profile| {
        let mut bench = agreed(Profile { loss_base: crate::tcp::LossBase::Window, ..profile });
        bench.write(&[7; 29_200]);
        bench.forget_past();
        let told = |ack: i32| {
            bench.hand(&seg("AE", 1, 1 + 1460 * ack, ""));
            flags(&bench).len()
        };
        (1..=10).map(told).collect::<Vec<usize>>()
    };
    assert_eq!(sent_after_each(Profile::linux()), [1, 1, 2, 2, 3, 3, 4, 4, 4, 5]);
    let mut rfc = Profile::rfc9293();
    rfc.set("tcp_initial_cwnd", 10).unwrap();
    assert_eq!(sent_after_each(rfc), [0, 0, 0, 0, 0, 1, 2, 3, 4, 5]);
}

#[test]
fn what_is_acknowledged_beyond_the_echo_ends_the_reduction() {
    let mut bench = agreed(Profile::linux());
    bench.write(&[7; 29_200]);
    bench.hand(&seg("AE", 1, 1461, ""));
    for ack in 2..=10 {
        bench.hand(&seg("A", 1, 1 + 1460 * ack, ""));
    }
    bench.hand(&seg("A", 1, 1 + 1460 * 11, ""));
    assert_eq!((bench.variable("cwnd"), bench.variable("ssthresh")), (Some(5), Some(5)));
    for ack in 12..=16 {
        bench.hand(&seg("A", 1, 1 + 1460 * ack, ""));
    }
    assert_eq!(bench.variable("cwnd"), Some(6), "congestion avoidance goes on from there");
}

#[test]
fn an_echo_on_a_connection_without_ecn_means_nothing() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[7; 14_600]);
    let window = bench.variable("cwnd");
    bench.hand(&seg("AE", 1, 1461, ""));
    assert!(bench.variable("cwnd") >= window);
    assert_eq!(bench.variable("ssthresh"), None);
}

#[test]
fn marks_shrink_the_window_to_two_segments_and_no_further() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = agreed(profile);
        let mut next = 1;
        for _ in 0..8 {
            bench.write(&[7; 1460]);
            bench.wait(Span::millis(10));
            next += 1460;
            bench.hand(&seg("AE", 1, next, ""));
        }
        assert_eq!(bench.variable("cwnd"), Some(2), "{}", bench.stack.profile().name);
    }
}

/// The same in either profile.
fn both() -> [Bench; 2] {
    [Profile::rfc9293(), Profile::linux()].map(|mut profile| {
        profile.set("tcp_initial_cwnd", 10).unwrap();
        agreed(profile)
    })
}

/// A connection of ours whose SYN asked, answered by a SYN-ACK with these flags.
fn answered(letters: &str) -> Bench {
    let mut bench = Bench::at(asking(), State::SynSent);
    bench.hand(&with_options(seg(letters, 0, 1, ""), [TcpOption::Mss(1460)]));
    assert_eq!(bench.state(), State::Established);
    bench.forget_past();
    bench
}

#[test]
fn any_other_kind_of_syn_or_answer_means_that_ecn_is_not_used() {
    for (letters, agrees) in [("S", false), ("SE", false), ("SC", false), ("SEC", true)] {
        for profile in [Profile::rfc9293(), Profile::linux()] {
            let mut bench = Bench::new(profile);
            bench.listen(4);
            bench.hand(&with_options(seg(letters, 0, 0, ""), [TcpOption::Mss(1460)]));
            let flags = bench.sent[0].1.flags.to_string();
            assert_eq!((flags.contains('E'), flags.contains('C')), (agrees, false), "{letters}");
            assert_eq!(bench.ects, [false], "a SYN-ACK may never be marked");
            bench.hand(&seg("A", 1, 1, ""));
            bench.accept();
            bench.write(b"x");
            assert_eq!(bench.ects.last(), Some(&agrees), "{letters}");
        }
    }
    for (letters, agreed) in [("SA", false), ("SAE", true), ("SAC", false), ("SAEC", false)] {
        let mut bench = answered(letters);
        bench.write(b"x");
        assert_eq!(bench.ects, [agreed], "{letters}");
    }
}

#[test]
fn a_syn_that_asks_may_not_be_marked() {
    let mut bench = Bench::new(asking());
    bench.run(|stack, now, fx| {
        let options = crate::tcp::ConnOptions::of(stack.profile());
        stack.connect(now, local(), peer(), &options, fx).unwrap()
    });
    assert_eq!(bench.sent[0].1.flags.to_string(), "SEC");
    assert_eq!(bench.ects, [false]);
}

#[test]
fn what_goes_again_says_no_cwr_and_may_not_be_marked() {
    for mut bench in both() {
        bench.write(&[7; 2920]);
        bench.hand(&seg("AE", 1, 1461, ""));
        assert!(bench.notes.contains(&Reason::EcnEcho));
        bench.forget_past();
        bench.wait(Span::millis(1100));
        assert!(!bench.sent.is_empty(), "sent again");
        assert!(flags(&bench).iter().all(String::is_empty), "{:?}", flags(&bench));
        assert!(bench.ects.iter().all(|ect| !ect));
    }
}

#[test]
fn an_echo_does_not_hold_the_next_segment_back_when_the_window_is_one() {
    for mut bench in both() {
        bench.write(&[7; 2920]);
        bench.wait(Span::millis(1100));
        assert_eq!(bench.variable("cwnd"), Some(1), "after a time-out");
        assert!(!bench.hand(&seg("AE", 1, 1461, "")).is_empty());
    }
}

#[test]
fn a_mark_on_what_lies_outside_the_window_is_not_echoed() {
    for mut bench in both() {
        marked(&mut bench, &seg("PA", 900_000, 1, "far"));
        marked(&mut bench, &seg("PA", -100, 1, "old"));
        bench.hand(&seg("PA", 1, 1, "good"));
        bench.wait(Span::millis(300));
        assert!(bench.sent.len() >= 2 && flags(&bench).iter().all(String::is_empty), "{:?}", flags(&bench));
    }
}

#[test]
fn a_probe_of_a_closed_window_may_not_be_marked_and_says_no_cwr() {
    for mut bench in both() {
        bench.write(&[7; 1460]);
        bench.hand(&Segment { window: 0, ..seg("AE", 1, 1461, "") });
        bench.write(&[7; 100]);
        bench.forget_past();
        bench.wait(Span::secs(5));
        assert!(bench.sent.len() >= 2, "probes");
        assert!(flags(&bench).iter().all(String::is_empty), "{:?}", flags(&bench));
        assert!(bench.ects.iter().all(|ect| !ect));
    }
}

#[test]
fn a_marked_probe_of_a_closed_window_is_echoed() {
    // Linux turns the probe away before it looks at the mark.
    for (profile, echo) in [(Profile::rfc9293(), "E"), (Profile::linux(), "")] {
        let mut bench = Bench::new(profile);
        bench.listen(16);
        let mut options = crate::tcp::ConnOptions::of(bench.stack.profile());
        options.receive_buffer = Some(bench.stack.profile().kept_receive_buffer(2920));
        let listener = bench.listener.unwrap();
        bench.stack.set_listener_options(listener, &options);
        bench.hand(&with_options(seg("SEC", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        let mut next = 1;
        while bench.variable("rcv.wnd") != Some(0) {
            let room = bench.variable("rcv.wnd").unwrap().min(1460) as usize;
            bench.hand(&Segment { payload: vec![7; room].into(), ..seg("PA", next, 1, "") });
            bench.wait(Span::secs(1));
            next += room as i32;
        }
        bench.forget_past();
        marked(&mut bench, &seg("A", next, 1, "y"));
        bench.wait(Span::millis(300));
        assert_eq!(flags(&bench).last().map(String::as_str), Some(echo));
    }
}
