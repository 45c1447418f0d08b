//! RFC 7323: window scale, timestamps, PAWS.

use super::super::bench::{Bench, THEIRS, seg, with_options};
use super::{at_time, carrying, conversation, following, offering, opened, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, State};
use crate::wire::{Flags, TcpOption};

const STAMPED: [TcpOption; 2] = [TcpOption::Mss(1460), TcpOption::Timestamps { value: 999, echo: 0 }];

/// TSval and TSecr of the last segment sent.
fn stamp(bench: &Bench) -> Option<(u32, u32)> {
    bench.sent.last().unwrap().1.options.iter().find_map(|option| match option {
        TcpOption::Timestamps { value, echo } => Some((value, echo)),
        _ => None,
    })
}

fn has_scale(options: impl IntoIterator<Item = TcpOption>) -> bool {
    options.into_iter().any(|option| matches!(option, TcpOption::WindowScale(_)))
}

#[test]
fn windows_are_scaled_only_if_both_syns_say_so() {
    for profile in following() {
        for (offered, scaled) in [(Some(3), true), (None, false)] {
            let options = [Some(TcpOption::Mss(1460)), offered.map(TcpOption::WindowScale)];
            let mut bench = Bench::new(profile.clone());
            bench.listen(4);
            bench.hand(&with_options(seg("S", 0, 0, ""), options.into_iter().flatten()));
            assert_eq!(has_scale(bench.sent[0].1.options.iter()), scaled);
            // The window of the SYN-ACK is never scaled.
            assert!(bench.sent[0].1.window >= 60_000);
            bench.hand(&seg("A", 1, 1, ""));
            bench.accept();
            bench.hand(&offering(seg("A", 1, 1, ""), 100));
            assert_eq!(bench.variable("snd.wnd"), Some(if scaled { 800 } else { 100 }));
            bench.write(b"x");
            let window = bench.sent.last().unwrap().1.window;
            assert_eq!(window < 2000, scaled, "ours goes out shifted as well: {window}");
        }
        let mut off = profile;
        off.set("tcp_window_scaling", 0).unwrap();
        let mut bench = opened(off, &[TcpOption::Mss(1460), TcpOption::WindowScale(3)]);
        bench.hand(&offering(seg("A", 1, 1, ""), 100));
        assert_eq!(bench.variable("snd.wnd"), Some(100));
    }
}

#[test]
fn the_window_of_a_syn_counts_as_it_stands() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        let options = [TcpOption::Mss(1460), TcpOption::WindowScale(7)];
        bench.hand(&with_options(offering(seg("SA", 0, 1, ""), 5000), options));
        assert_eq!(bench.variable("snd.wnd"), Some(5000));
        bench.hand(&offering(seg("A", 1, 1, ""), 5000));
        assert_eq!(bench.variable("snd.wnd"), Some(5000 << 7));
    }
}

#[test]
fn a_shift_above_fourteen_counts_as_fourteen() {
    for profile in following() {
        for shift in [14, 15, 100, 255] {
            let mut bench = opened(profile.clone(), &[TcpOption::WindowScale(shift)]);
            bench.hand(&offering(seg("A", 1, 1, ""), 2));
            assert_eq!(bench.variable("snd.wnd"), Some(2 << 14), "{shift}");
        }
    }
}

#[test]
fn window_scale_outside_a_syn_is_ignored() {
    for profile in following() {
        let mut bench = opened(profile, &[TcpOption::Mss(1460), TcpOption::WindowScale(2)]);
        bench.hand(&with_options(offering(seg("A", 1, 1, ""), 100), [TcpOption::WindowScale(9)]));
        assert_eq!(bench.variable("snd.wnd"), Some(400));
        bench.hand(&offering(seg("A", 1, 1, ""), 100));
        assert_eq!(bench.variable("snd.wnd"), Some(400));
    }
}

#[test]
fn a_syn_offers_scale_and_timestamps_and_its_answer_only_what_came() {
    for profile in profiles() {
        let active = Bench::at(profile.clone(), State::Closed);
        drop(active);
        let duo = conversation(profile.clone());
        let syn = &duo.crossed[0].segment;
        assert!(has_scale(syn.options.iter()));
        let echo = syn.options.iter().find_map(|option| match option {
            TcpOption::Timestamps { echo, .. } => Some(echo),
            _ => None,
        });
        assert_eq!(echo, Some(0), "nothing to echo without ACK");
        let mut bench = Bench::new(profile);
        bench.listen(4);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        assert_eq!(stamp(&bench), None);
    }
}

#[test]
fn once_agreed_every_segment_but_a_reset_carries_timestamps() {
    for profile in profiles() {
        for crossing in &conversation(profile).crossed {
            let there = crossing.segment.options.iter().any(|o| matches!(o, TcpOption::Timestamps { .. }));
            assert!(there || crossing.segment.flags.has(Flags::RST), "{crossing:?}");
        }
    }
}

#[test]
fn a_segment_without_the_agreed_timestamps_is_dropped_by_the_rfc_and_taken_by_linux() {
    for (profile, taken) in [(Profile::rfc9293(), false), (Profile::linux(), true)] {
        let mut bench = opened(profile, &STAMPED);
        let sent = bench.hand(&seg("PA", 1, 1, "bare"));
        assert_eq!((bench.read() == b"bare", !sent.is_empty()), (taken, taken));
        assert_eq!(bench.state(), State::Established, "never a reason to abort");
        // A reset needs none.
        let next = if taken { 5 } else { 1 };
        bench.hand(&seg("R", next, 0, ""));
        assert_eq!(bench.state(), State::Listen);
    }
}

#[test]
fn timestamps_nobody_agreed_on_are_ignored() {
    for profile in profiles() {
        let mut bench = opened(profile, &[TcpOption::Mss(1460)]);
        bench.hand(&at_time(seg("PA", 1, 1, "new"), 5000));
        bench.hand(&at_time(seg("PA", 4, 1, "er"), 10));
        assert_eq!(bench.read(), b"newer");
        bench.write(b"x");
        assert_eq!(stamp(&bench), None);
    }
}

#[test]
fn an_older_timestamp_is_answered_and_dropped_wherever_the_segment_lies() {
    for profile in profiles() {
        // In Linux one tick does not count.
        let old = 1999 - profile.timestamps_may_lag;
        let mut bench = opened(profile, &STAMPED);
        bench.hand(&at_time(seg("PA", 1, 1, "new"), 2000));
        bench.wait(Span::secs(1));
        bench.forget_past();
        assert_eq!(bench.hand(&at_time(seg("PA", 4, 1, "old"), old)), ["A 1 4 +0"]);
        assert_eq!(bench.hand(&at_time(seg("PA", 900_000, 1, "old"), 1500)), ["A 1 4 +0"]);
        assert_eq!(bench.count(Counter::PAWSEstab), 2, "before its number is looked at");
        assert_eq!(bench.read(), b"new");
        bench.hand(&at_time(seg("PA", 4, 1, "next"), 2000));
        assert_eq!(bench.read(), b"next", "the same timestamp is not older");
    }
}

#[test]
fn timestamps_are_compared_around_the_wrap() {
    for profile in profiles() {
        let late = u32::MAX - 10;
        let options = [TcpOption::Mss(1460), TcpOption::Timestamps { value: late, echo: 0 }];
        let mut bench = Bench::new(profile);
        bench.listen(4);
        bench.hand(&with_options(seg("S", 0, 0, ""), options));
        bench.hand(&at_time(seg("A", 1, 1, ""), late));
        bench.accept();
        bench.hand(&at_time(seg("PA", 1, 1, "abc"), 5));
        assert_eq!(bench.read(), b"abc", "5 comes after 2^32 - 11");
        bench.hand(&at_time(seg("PA", 4, 1, "def"), late));
        assert!(bench.read().is_empty());
    }
}

#[test]
fn a_reset_with_an_old_timestamp_still_resets() {
    for profile in profiles() {
        let mut bench = opened(profile, &STAMPED);
        bench.hand(&at_time(seg("PA", 1, 1, "new"), 2000));
        bench.hand(&at_time(seg("R", 4, 0, ""), 5));
        assert_eq!(bench.edges.last(), Some(&(State::Established, State::Closed)));
    }
}

#[test]
fn the_echo_is_of_the_earliest_segment_not_yet_acknowledged() {
    let mut bench = opened(Profile::rfc9293(), &STAMPED);
    assert!(bench.hand(&at_time(carrying(seg("A", 1, 1, ""), 1448), 1100)).is_empty());
    assert_eq!(bench.hand(&at_time(carrying(seg("A", 1449, 1, ""), 1448), 1200)).len(), 1);
    assert_eq!(stamp(&bench).unwrap().1, 1100);
}

#[test]
fn the_echo_is_of_the_segment_that_fills_the_hole_and_not_of_those_beyond_it() {
    for profile in profiles() {
        let mut bench = opened(profile, &STAMPED);
        bench.hand(&at_time(seg("PA", 4, 1, "def"), 1300));
        assert_eq!(stamp(&bench).unwrap().1, 1000, "out of order: TS.Recent stays");
        bench.hand(&at_time(seg("PA", 1, 1, "abc"), 1250));
        assert_eq!(stamp(&bench).unwrap().1, 1250);
    }
}

#[test]
fn only_an_ack_that_moves_something_gives_a_sample() {
    for profile in profiles() {
        let mut bench = opened(profile, &STAMPED);
        bench.write(b"x");
        let (value, _) = stamp(&bench).unwrap();
        let before = bench.variable("srtt");
        bench.wait(Span::millis(150));
        let answer =
            |ack| with_options(seg("A", 1, ack, ""), [TcpOption::Timestamps { value: 1001, echo: value }]);
        bench.hand(&answer(1));
        assert_eq!(bench.variable("srtt"), before);
        bench.hand(&answer(2));
        assert_ne!(bench.variable("srtt"), before);
    }
}

#[test]
fn the_timestamp_clock_ticks_every_millisecond() {
    for profile in profiles() {
        let mut bench = opened(profile, &STAMPED);
        bench.write(b"x");
        let (first, _) = stamp(&bench).unwrap();
        bench.hand(&at_time(seg("A", 1, 2, ""), 1001));
        bench.wait(Span::secs(100));
        bench.write(b"y");
        assert_eq!(stamp(&bench).unwrap().0.wrapping_sub(first), 100_000);
    }
}

#[test]
fn each_pair_of_sockets_has_its_own_offset_unless_told_otherwise() {
    for profile in profiles() {
        for (setting, apart) in [(1, true), (2, false)] {
            let mut profile = profile.clone();
            profile.set("tcp_timestamps", setting).unwrap();
            let mut bench = Bench::new(profile);
            bench.listen(4);
            let values: Vec<u32> = [6000, 6001, 6002]
                .into_iter()
                .map(|port| {
                    let mut syn = with_options(seg("S", 0, 0, ""), STAMPED);
                    syn.source_port = port;
                    bench.hand(&syn);
                    stamp(&bench).unwrap().0
                })
                .collect();
            let near = |a: u32, b: u32| a.wrapping_sub(b).min(b.wrapping_sub(a)) < 100_000;
            assert_eq!(!near(values[0], values[1]) && !near(values[1], values[2]), apart);
        }
    }
}

#[test]
fn what_lies_in_a_window_once_offered_stays_acceptable() {
    for profile in profiles() {
        let mut bench = opened(profile, &[TcpOption::Mss(1460), TcpOption::WindowScale(0)]);
        bench.write(b"x");
        let (_, told, _) = bench.sent.last().unwrap();
        // The edge as the peer computes it from the scaled window.
        let shift = 7;
        let edge = (told.ack - THEIRS) + (u32::from(told.window) << shift);
        bench.hand(&seg("PA", edge as i32 - 1, 2, "z"));
        assert_eq!(bench.count(Counter::TCPOFOQueue), 1, "the last octet offered");
        for n in 0..20 {
            bench.hand(&carrying(seg("PA", n * 999 + 1, 2, ""), 999));
            let (_, told, _) = bench.sent.last().unwrap();
            let now = (told.ack - THEIRS) + (u32::from(told.window) << shift);
            assert!(now >= edge, "rounding never takes an octet back: {edge} to {now}");
        }
    }
}

#[test]
fn a_reset_that_answers_a_timestamp_echoes_it_by_the_rfc_and_carries_none_in_linux() {
    let expected = [Some((0, 77)), None];
    for (profile, expected) in profiles().into_iter().zip(expected) {
        for segment in [seg("A", 1, 1, ""), seg("S", 1, 0, ""), seg("PA", 1, 1, "text")] {
            let mut bench = Bench::new(profile.clone());
            bench.hand(&at_time(segment.clone(), 77));
            assert!(bench.sent[0].1.flags.has(Flags::RST));
            assert_eq!(stamp(&bench), expected, "{segment:?}");
            bench.hand(&segment);
            assert_eq!(stamp(&bench), None, "nothing to echo");
        }
    }
}

#[test]
fn without_the_ack_flag_the_echo_of_a_timestamp_means_nothing() {
    for profile in profiles() {
        for (letters, measured) in [("S", false), ("SA", true)] {
            let mut bench = Bench::at(profile.clone(), State::SynSent);
            // The SYN goes again, so that only an echo could tell the round trip.
            bench.wait(Span::millis(1500));
            let (value, _) = stamp(&bench).unwrap();
            let echo = [TcpOption::Mss(1460), TcpOption::Timestamps { value: 7, echo: value }];
            bench.hand(&with_options(seg(letters, 0, 1, ""), echo));
            assert_eq!(bench.variable("srtt").is_some_and(|srtt| srtt > 0), measured, "{letters}");
        }
    }
}

#[test]
fn in_linux_too_a_delayed_acknowledgment_echoes_the_earliest_timestamp() {
    let mut bench = opened(Profile::linux(), &STAMPED);
    let mut next = 1;
    for n in 0..16 {
        bench.hand(&at_time(carrying(seg("PA", next, 1, ""), 100), 1100 + n));
        next += 100;
        bench.wait(Span::millis(150));
        bench.read();
    }
    bench.forget_past();
    assert!(bench.hand(&at_time(carrying(seg("PA", next, 1, ""), 100), 2000)).is_empty());
    assert!(bench.hand(&at_time(carrying(seg("PA", next + 100, 1, ""), 100), 2001)).is_empty());
    assert_eq!(bench.wait(Span::millis(300)).len(), 1);
    assert_eq!(stamp(&bench).unwrap().1, 2000);
}
