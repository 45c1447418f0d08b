//! What is agreed on when a connection opens: by SYN, SYN-ACK and cookie.

use super::super::bench::{Bench, OURS, seg, with_options};
use super::super::conformance::{offering, profiles};
use super::super::ecn::{agreed, asking};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Flags, Segment, TcpOption};

#[test]
fn a_syn_ack_says_nothing_of_an_option_that_is_switched_off() {
    let offered = [
        ("tcp_timestamps", TcpOption::Timestamps { value: 7, echo: 0 }),
        ("tcp_window_scaling", TcpOption::WindowScale(3)),
        ("tcp_sack", TcpOption::SackPermitted),
    ];
    for (setting, option) in offered {
        for value in [0, 1] {
            for mut profile in profiles() {
                profile.set(setting, value).unwrap();
                let mut bench = Bench::new(profile);
                bench.listen(4);
                bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460), option]));
                let same =
                    |other: &TcpOption| std::mem::discriminant(other) == std::mem::discriminant(&option);
                let answered = bench.sent[0].1.options.iter().any(|other| same(&other));
                assert_eq!(answered, value == 1, "{setting} = {value}");
            }
        }
    }
}

#[test]
fn a_syn_ack_that_reflects_both_flags_agrees_to_no_ecn() {
    for (letters, on) in [("SAE", true), ("SAEC", false), ("SA", false)] {
        let mut bench = Bench::at(asking(), State::SynSent);
        bench.hand(&with_options(seg(letters, 0, 1, ""), [TcpOption::Mss(1460)]));
        bench.forget_past();
        bench.write(b"hello");
        assert_eq!(bench.ects, [on], "{letters}");
    }
}

#[test]
fn a_probe_of_a_closed_window_may_not_be_marked() {
    let mut bench = agreed(Profile::rfc9293());
    bench.write(b"hello");
    bench.hand(&offering(seg("A", 1, 6, ""), 0));
    bench.write(b"more");
    bench.forget_past();
    bench.wait(Span::secs(5));
    assert_eq!(bench.sent[0].2, Reason::ProbeWindow);
    assert!(bench.ects.iter().all(|ect| !ect));
}

/// A listener without room, and the cookie it answered this SYN with.
fn baked(profile: Profile) -> (Bench, Segment) {
    let mut bench = Bench::new(profile);
    bench.listen(1);
    for n in 0..10 {
        bench.flood(n);
    }
    bench.forget_past();
    bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
    assert_eq!(bench.sent[0].2, Reason::AnswerWithCookie);
    let ack = bench.sent[0].1.seq + 1;
    bench.forget_past();
    (bench, Segment { ack, ..seg("A", 1, 0, "") })
}

#[test]
fn a_cookie_is_looked_at_for_two_periods_after_the_overflow_and_then_it_is_an_ack_like_any_other() {
    let mut profile = Profile::linux();
    profile.set("tcp_synack_retries", 0).unwrap();
    let (mut bench, ack) = baked(profile.clone());
    bench.hand(&ack);
    assert_eq!(bench.count(Counter::SyncookiesRecv), 1);
    for (periods, failed) in [(2, 1), (3, 0)] {
        let (mut bench, ack) = baked(profile.clone());
        bench.wait(bench.stack.profile().cookie_period * periods);
        bench.forget_past();
        bench.hand(&ack);
        assert!(bench.sent[0].1.flags.has(Flags::RST));
        assert_eq!(bench.count(Counter::SyncookiesFailed), failed, "after {periods} periods");
        assert_ne!(bench.sent[0].1.seq, OURS);
    }
}
