//! What is told: reasons, counters, variables, timers. A wrong word here changes no segment and would teach something false.

use super::super::bench::{Bench, local, peer, seg, with_options};
use super::super::conformance::{at_time, both, eager, offering, opened, profiles, set};
use super::super::recovery::{plain, probing, sacking};
use super::last_report;
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Flags, TcpOption};

const SACK: [TcpOption; 2] = [TcpOption::Mss(1460), TcpOption::SackPermitted];

fn told(bench: &Bench, why: Reason) -> usize {
    bench.notes.iter().filter(|told| **told == why).count()
}

fn in_from_now(bench: &Bench, timer: &str) -> Option<u64> {
    bench.variable(timer).map(|at| at - bench.now.as_micros())
}

#[test]
fn why_data_waits_is_told_once_and_rightly() {
    for mut bench in eager() {
        for _ in 0..5 {
            bench.write(b"small");
        }
        assert_eq!(told(&bench, Reason::HeldByNagle), 1);
        bench.hand(&offering(seg("A", 1, 26, ""), 0));
        bench.hand(&offering(seg("A", 1, 6, ""), 0));
        assert_eq!((told(&bench, Reason::HeldByWindow), told(&bench, Reason::HeldBySillyWindow)), (1, 0));
    }
}

#[test]
fn a_fin_is_told_as_one_when_it_goes_and_when_it_goes_again() {
    for mut bench in both(State::Established) {
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
        bench.wait(Span::millis(1100));
        assert_eq!([bench.sent[0].2, bench.sent[1].2], [Reason::SendFin, Reason::RetransmitFin]);
    }
}

#[test]
fn only_new_segments_count_as_original_and_a_lone_fin_is_one() {
    for mut bench in eager() {
        bench.write(&[1; 3000]);
        let c = bench.conn.unwrap();
        bench.hand(&seg("A", 1, 2921, ""));
        bench.hand(&seg("A", 1, 3001, ""));
        bench.run(|stack, now, fx| stack.shutdown_write(now, c, fx)).unwrap();
        bench.wait(Span::secs(10));
        assert_eq!(bench.count(Counter::TCPOrigDataSent), 4);
        assert!(bench.count(Counter::RetransSegs) > 1);
    }
}

#[test]
fn old_text_is_answered_as_a_duplicate_and_reported_and_counted() {
    for profile in profiles() {
        let mut bench = opened(profile, &SACK);
        bench.hand(&seg("PA", 1, 1, "abc"));
        bench.wait(Span::secs(1));
        bench.forget_past();
        bench.hand(&seg("PA", 1, 1, "abc"));
        assert_eq!(bench.sent[0].2, Reason::AckDuplicate);
        assert_eq!((last_report(&bench), bench.count(Counter::TCPDSACKOldSent)), (vec![(1, 4)], 1));
    }
}

#[test]
fn a_block_covers_the_fin_that_waits_and_what_came_last_is_told_before_the_rest() {
    for profile in profiles() {
        let mut bench = opened(profile, &SACK);
        bench.hand(&seg("A", 11, 1, "abc"));
        bench.hand(&seg("FA", 21, 1, "xyz"));
        assert_eq!(last_report(&bench), [(21, 25), (11, 14)]);
        bench.hand(&seg("A", 11, 1, "abc"));
        let place = |start| last_report(&bench).iter().position(|block| block.0 == start);
        assert!(place(11) < place(21), "{:?}", last_report(&bench));
    }
}

#[test]
fn a_reset_reports_no_blocks() {
    for profile in profiles() {
        let mut bench = opened(profile, &SACK);
        bench.hand(&seg("A", 11, 1, "abc"));
        let c = bench.conn.unwrap();
        bench.run(|stack, now, fx| stack.abort(now, c, fx));
        assert!(bench.sent.last().unwrap().1.flags.has(Flags::RST));
        assert!(last_report(&bench).is_empty());
    }
}

#[test]
fn timers_of_a_held_segment_stop_when_it_goes() {
    for (profile, timer) in profiles().into_iter().zip(["timer.override", "timer.persist"]) {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(b"x");
        bench.hand(&offering(seg("A", 1, 2, ""), 10));
        bench.write(&[1; 1460]);
        assert!(bench.variable(timer).is_some(), "{timer}");
        bench.hand(&seg("A", 1, 2, ""));
        assert_eq!(["timer.override", "timer.persist"].map(|name| bench.variable(name)), [None, None]);
    }
}

#[test]
fn a_window_that_opens_too_little_begins_the_probes_of_linux_anew() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(b"x");
    let shut = offering(seg("A", 1, 2, ""), 0);
    bench.hand(&shut);
    bench.write(&[1; 1460]);
    for _ in 0..5 {
        bench.wait(Span::secs(2));
        bench.hand(&shut);
    }
    bench.hand(&offering(seg("A", 1, 2, ""), 10));
    assert_eq!(in_from_now(&bench, "timer.persist"), bench.variable("rto"));
}

#[test]
fn a_probes_octet_that_was_turned_away_goes_again_as_soon_as_the_window_opens() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    bench.write(b"x");
    bench.hand(&offering(seg("A", 1, 2, ""), 0));
    bench.write(&[1; 100]);
    assert_eq!(bench.wait(Span::secs(1)), ["A 2 1 +1"]);
    let sent = bench.hand(&seg("A", 1, 2, ""));
    assert_eq!(sent.first().map(String::as_str), Some("A 2 1 +1"));
    assert_eq!(bench.variable("timer.persist"), None);
}

#[test]
fn blocks_on_an_acknowledgment_that_came_late_are_news_too() {
    let mut bench = sacking(Profile::linux());
    bench.fill(10);
    bench.ack(2, &[]);
    assert_eq!(bench.ack(1, &[(3, 6)]), [2]);
}

#[test]
fn a_time_out_forgets_the_duplicates_before_it() {
    for profile in profiles() {
        let mut bench = plain(profile);
        bench.fill(10);
        bench.ack(0, &[]);
        bench.ack(0, &[]);
        assert_eq!(bench.variable("duplicate-acks"), Some(2));
        bench.wait(Span::millis(1500));
        assert_eq!(bench.variable("duplicate-acks"), None);
    }
}

#[test]
fn a_rescue_counts_as_a_fast_retransmission() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(10);
    for held in 7..=9 {
        bench.ack(0, &[(1, 5)]);
        bench.ack(0, &[(6, held), (1, 5)]);
    }
    let rescued = bench.sent.iter().filter(|(_, _, why)| *why == Reason::RetransmitRescue).count();
    assert_eq!((rescued, bench.count(Counter::TCPFastRetrans)), (1, 3));
}

#[test]
fn after_a_tail_probe_the_retransmission_timer_begins_anew() {
    let mut bench = probing();
    bench.fill(4);
    while bench.sent.last().unwrap().2 != Reason::ProbeTail {
        bench.wait(Span::millis(1));
    }
    let since = bench.now - bench.sent.last().unwrap().0;
    assert_eq!(
        in_from_now(&bench, "timer.retransmission"),
        Some(bench.variable("rto").unwrap() - since.as_micros())
    );
}

#[test]
fn an_opening_that_gets_no_answer_is_told_as_one() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        bench.wait(Span::secs(2000));
        assert_eq!((told(&bench, Reason::SynGivenUp), told(&bench, Reason::GivenUp)), (1, 0));
    }
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynReceived);
        bench.wait(Span::millis(1100));
        assert_eq!(bench.sent[0].2, Reason::RetransmitSynAck);
    }
}

#[test]
fn crossed_syns_begin_the_timer_anew() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::SynSent);
        bench.wait(Span::millis(500));
        bench.hand(&seg("S", 0, 0, ""));
        assert_eq!(in_from_now(&bench, "timer.retransmission"), bench.variable("rto"));
    }
}

#[test]
fn a_syn_offers_only_what_is_switched_on() {
    let all = [("tcp_timestamps", 1), ("tcp_sack", 1), ("tcp_window_scaling", 1)];
    for off in 0..4 {
        for mut profile in profiles() {
            for (place, (name, value)) in all.into_iter().enumerate() {
                profile.set(name, if place == off { 0 } else { value }).unwrap();
            }
            let mut bench = Bench::new(profile);
            let options = crate::tcp::ConnOptions::of(bench.stack.profile());
            bench.run(|stack, now, fx| stack.connect(now, local(), peer(), &options, fx)).unwrap();
            let kinds = |option: TcpOption| match option {
                TcpOption::Timestamps { .. } => Some(0),
                TcpOption::SackPermitted => Some(1),
                TcpOption::WindowScale(_) => Some(2),
                _ => None,
            };
            let mut offered: Vec<usize> = bench.sent[0].1.options.iter().filter_map(kinds).collect();
            offered.sort_unstable();
            assert_eq!(offered, (0..3).filter(|place| *place != off).collect::<Vec<_>>());
        }
    }
}

#[test]
fn the_send_buffer_takes_just_what_it_was_given() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    set(&mut bench, |options| options.send_buffer = Some(1000));
    let c = bench.conn.unwrap();
    let taken = bench.run(|stack, now, fx| stack.send(now, c, &vec![1; 5000].into(), fx));
    assert_eq!(taken, Ok(1000));
}

#[test]
fn a_time_wait_gives_way_to_an_ephemeral_port_after_a_second_and_not_before() {
    for (wait, free) in [(1000, false), (1001, true)] {
        let mut profile = Profile::linux();
        profile.set("tcp_tw_reuse", 1).unwrap();
        let stamp = TcpOption::Timestamps { value: 1000, echo: 0 };
        let mut bench = opened(profile, &[TcpOption::Mss(1460), stamp]);
        bench.close();
        bench.hand(&at_time(seg("FA", 1, 2, ""), 1001));
        assert_eq!(bench.state(), State::TimeWait);
        bench.wait(Span::millis(wait));
        assert_eq!(bench.stack.pair_free(bench.now, local(), peer(), true), free);
        assert!(bench.stack.pair_free(bench.now, local(), peer(), false), "a port that was asked for is");
    }
}

#[test]
fn an_orphan_left_in_fin_wait_2_by_its_user_ends_by_time() {
    let mut bench = Bench::at(Profile::linux(), State::FinWait2);
    bench.wait(Span::secs(500));
    assert_eq!(bench.state(), State::FinWait2, "as long as the user holds it");
    bench.close();
    bench.wait(Span::secs(59));
    assert_eq!(bench.state(), State::FinWait2);
    bench.wait(Span::secs(2));
    assert_eq!(bench.state(), State::Listen);
    assert_eq!(told(&bench, Reason::FinWait2Over), 1);
    bench.hand(&with_options(seg("FA", 1, 2, ""), []));
}

#[test]
fn once_a_probes_octet_is_acknowledged_nothing_is_probed_any_more() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Established);
    bench.write(b"x");
    bench.hand(&offering(seg("A", 1, 2, ""), 0));
    bench.write(&[1; 100]);
    assert_eq!(bench.wait(Span::secs(1)), ["A 2 1 +1"]);
    assert_eq!(bench.hand(&seg("A", 1, 3, "")), ["PA 3 1 +99"]);
    assert_eq!(bench.variable("timer.persist"), None);
}
