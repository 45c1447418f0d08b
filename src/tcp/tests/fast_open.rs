//! Fast Open (RFC 7413) in both profiles; what the kernel does was seen on Linux 6.18.44 over a TUN.

use super::bench::{Bench, local, peer, seg, with_options};
use super::duo::{CLIENT, Crossing, Duo, SERVER, address};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnId, ConnOptions, ListenerId, Profile, Reason, State, StreamError};
use crate::wire::{OptionData, Segment, TcpOption};
use bytes::Bytes;
use std::net::IpAddr;

fn both() -> [Profile; 2] {
    [Profile::rfc9293(), Profile::linux()].map(|mut profile| {
        profile.set("tcp_fastopen", 3).unwrap();
        profile
    })
}

fn shows(cookie: &[u8]) -> TcpOption {
    TcpOption::FastOpen { cookie: OptionData::new(cookie).unwrap(), experimental: false }
}

fn cookie_of(segment: &Segment) -> Option<Vec<u8>> {
    segment.options.iter().find_map(|option| match option {
        TcpOption::FastOpen { cookie, .. } => Some(cookie.to_vec()),
        _ => None,
    })
}

/// A listener that takes so many SYNs with data at a time.
fn listening(profile: Profile, most: u32) -> Bench {
    let mut bench = Bench::new(profile);
    bench.listener = Some(bench.run(|stack, now, fx| {
        let options = ConnOptions { fast_open: most, ..ConnOptions::of(stack.profile()) };
        stack.listen(now, local(), 16, &options, fx)
    }));
    bench
}

fn syn(options: impl IntoIterator<Item = TcpOption>, text: &'static str) -> Segment {
    with_options(seg("S", 0, 0, text), [TcpOption::Mss(1460)].into_iter().chain(options))
}

/// The same from another port, with another initial number.
fn from_port(port: u16, segment: Segment) -> Segment {
    Segment { source_port: port, ..segment }
}

/// The cookie that the listener gives to the peer's host.
fn granted(bench: &mut Bench) -> Vec<u8> {
    bench.hand(&from_port(5000, syn([shows(&[])], "")));
    let (_, answer, why) = bench.sent.last().unwrap().clone();
    assert_eq!(why, Reason::AnswerSynGranting);
    bench.hand(&from_port(5000, seg("R", 1, 1, "")));
    bench.forget_past();
    bench.stack.set_next_isn(super::bench::OURS);
    cookie_of(&answer).unwrap()
}

/// A listener, and a connection that a SYN with `hello` has opened.
fn opened_early(profile: Profile, most: u32) -> (Bench, Vec<u8>) {
    let mut bench = listening(profile, most);
    let cookie = granted(&mut bench);
    bench.hand(&syn([shows(&cookie)], "hello"));
    (bench, cookie)
}

#[test]
fn a_listener_gives_no_cookie_and_takes_no_data_unless_the_program_wants_it() {
    for profile in both() {
        let mut off = profile.clone();
        off.set("tcp_fastopen", 1).unwrap();
        for (profile, most, gives) in [(profile.clone(), 0, false), (profile, 5, true), (off, 5, false)] {
            let mut bench = listening(profile, most);
            assert_eq!(bench.hand(&syn([shows(&[])], "hello")), ["SA 0 1 +0"]);
            assert_eq!(cookie_of(&bench.sent[0].1).is_some(), gives);
            assert_eq!(bench.count(Counter::TCPFastOpenCookieReqd), 1);
        }
    }
}

#[test]
fn a_good_cookie_lets_the_data_in_and_the_syn_ack_acknowledges_it() {
    for profile in both() {
        let (mut bench, _) = opened_early(profile, 5);
        assert_eq!(bench.shown(0), ["SA 0 6 +0"]);
        assert_eq!(bench.sent[0].2, Reason::AnswerSynEarly);
        assert_eq!(cookie_of(&bench.sent[0].1), None);
        assert_eq!(bench.state(), State::SynReceived);
        bench.accept();
        assert_eq!(bench.read(), b"hello");
        assert_eq!((bench.count(Counter::TCPFastOpenPassive), bench.count(Counter::PassiveOpens)), (1, 1));
        assert_eq!(bench.hand(&seg("A", 6, 1, "")), [""; 0]);
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn the_server_may_answer_before_the_last_ack_within_its_initial_window() {
    for (profile, segments) in both().into_iter().zip([3, 10]) {
        let (mut bench, _) = opened_early(profile, 5);
        bench.accept();
        bench.forget_past();
        bench.write(&[7; 30_000]);
        assert_eq!(bench.sent.len(), segments);
        assert!(bench.sent.iter().all(|(_, segment, _)| segment.payload.len() == 1460));
    }
}

#[test]
fn a_wrong_cookie_means_the_usual_handshake_and_a_new_cookie() {
    for profile in both() {
        let mut bench = listening(profile, 5);
        let cookie = granted(&mut bench);
        assert_eq!(bench.hand(&syn([shows(b"12345678")], "hello")), ["SA 0 1 +0"]);
        assert_eq!(cookie_of(&bench.sent[0].1), Some(cookie));
        assert_eq!(bench.count(Counter::TCPFastOpenPassiveFail), 1);
        assert!(bench.notes.contains(&Reason::FastOpenCookieWrong));
    }
}

#[test]
fn a_cookie_is_good_only_at_the_address_it_was_given_to() {
    for profile in both() {
        let mut bench = listening(profile, 5);
        let cookie = granted(&mut bench);
        let other = IpAddr::from([10, 0, 0, 77]);
        let segment = syn([shows(&cookie)], "hello");
        bench.run(|stack, now, fx| stack.on_segment(now, other, local().ip(), &segment, fx));
        assert_eq!(bench.shown(0), ["SA 0 1 +0"]);
        assert_ne!(cookie_of(&bench.sent[0].1), Some(cookie));
    }
}

#[test]
fn a_cookie_dies_by_the_rfc_and_not_in_the_kernel() {
    for (profile, dies) in both().into_iter().zip([true, false]) {
        let mut bench = listening(profile, 5);
        let cookie = granted(&mut bench);
        bench.wait(Span::secs(86_400));
        bench.hand(&from_port(5001, syn([shows(&cookie)], "hello")));
        // Still good, but where it dies a new one comes along.
        assert_eq!(bench.sent[0].2, Reason::AnswerSynEarly);
        assert_eq!(cookie_of(&bench.sent[0].1).is_some(), dies);
        bench.wait(Span::secs(86_400));
        bench.forget_past();
        bench.hand(&from_port(5002, syn([shows(&cookie)], "hello")));
        assert_eq!(bench.sent[0].2 == Reason::AnswerSynGranting, dies);
    }
}

#[test]
fn options_of_an_illegal_length_and_options_without_syn_are_ignored() {
    for profile in both() {
        for len in [2, 3, 5, 7, 9, 15, 17] {
            let mut bench = listening(profile.clone(), 5);
            let data = OptionData::new(&[1; 17][..len]).unwrap();
            bench.hand(&syn([TcpOption::Unknown { kind: 34, data }], "hello"));
            assert_eq!(bench.shown(0), ["SA 0 1 +0"]);
            assert_eq!(cookie_of(&bench.sent[0].1), None, "{len}");
            assert_eq!(bench.count(Counter::TCPFastOpenPassiveFail), 0);
        }
        let mut bench = Bench::at(profile, State::Established);
        let answered = bench.hand(&with_options(seg("A", 1, 1, "x"), [shows(&[])]));
        assert!(bench.sent.iter().all(|(_, segment, _)| cookie_of(segment).is_none()), "{answered:?}");
        assert_eq!(bench.read(), b"x");
    }
}

#[test]
fn only_so_many_requests_may_be_pending_and_one_that_was_reset_counts_for_a_minute() {
    for profile in both() {
        let (mut bench, cookie) = opened_early(profile, 1);
        bench.accept();
        bench.forget_past();
        let again = from_port(5001, syn([shows(&cookie)], "hello"));
        bench.hand(&again);
        assert_eq!(bench.sent[0].2, Reason::AnswerSyn, "the queue is full");
        assert_eq!(bench.count(Counter::TCPFastOpenListenOverflow), 1);
        bench.hand(&from_port(5001, seg("R", 1, 1, "")));
        bench.hand(&seg("R", 6, 1, ""));
        assert_eq!(bench.count(Counter::AttemptFails), 3);
        let c = bench.conn.unwrap();
        let end = bench.run(|stack, now, fx| stack.recv(now, c, 9, fx));
        assert_eq!(end.unwrap(), "hello".as_bytes());
        assert_eq!(bench.run(|stack, now, fx| stack.recv(now, c, 9, fx)), Err(StreamError::Reset));
        for (wait, why) in [(59, Reason::AnswerSyn), (2, Reason::AnswerSynEarly)] {
            bench.wait(Span::secs(wait));
            bench.forget_past();
            let port = 5002 + wait as u16;
            bench.hand(&from_port(port, syn([shows(&cookie)], "hello")));
            assert_eq!(bench.sent[0].2, why, "after {wait} s");
        }
    }
}

#[test]
fn a_client_that_answers_makes_room_for_the_next() {
    for profile in both() {
        let (mut bench, cookie) = opened_early(profile, 1);
        bench.hand(&seg("A", 6, 1, ""));
        bench.forget_past();
        bench.hand(&from_port(5001, syn([shows(&cookie)], "hello")));
        assert_eq!(bench.sent[0].2, Reason::AnswerSynEarly);
    }
}

#[test]
fn a_syn_that_comes_again_is_answered_as_elsewhere_and_its_data_is_not_delivered_twice() {
    for (profile, answer) in both().into_iter().zip(["A 1 6 +0", "SA 0 6 +0"]) {
        let (mut bench, cookie) = opened_early(profile, 5);
        let answers = bench.hand(&syn([shows(&cookie)], "hello"));
        assert_eq!(answers, [answer]);
        bench.hand(&seg("A", 6, 1, ""));
        bench.accept();
        assert_eq!(bench.read(), b"hello");
    }
}

#[test]
fn the_syn_ack_goes_again_once_more_than_others_in_the_kernel_and_then_it_is_over() {
    for (mut profile, again) in both().into_iter().zip([1, 2]) {
        profile.set("tcp_synack_retries", 1).unwrap();
        let (mut bench, _) = opened_early(profile, 5);
        bench.accept();
        bench.write(b"early");
        bench.forget_past();
        bench.wait(Span::secs(20));
        assert_eq!(bench.shown(0), vec!["SA 0 6 +0"; again]);
        assert!(bench.sent.iter().all(|(_, segment, _)| cookie_of(segment).is_none()));
        assert_eq!(bench.state(), State::Listen);
        assert_eq!(bench.count(Counter::TCPAbortOnTimeout), 1);
    }
}

#[test]
fn what_went_before_a_lost_syn_ack_goes_again_once_the_client_answers() {
    for (profile, patience) in both().into_iter().zip([1500, 3500]) {
        let (mut bench, _) = opened_early(profile, 5);
        bench.accept();
        bench.write(b"early");
        bench.wait(Span::millis(patience));
        bench.forget_past();
        assert_eq!(bench.hand(&seg("A", 6, 1, "")), ["PA 1 6 +5"]);
    }
}

#[test]
fn the_kernel_waits_a_whole_time_out_for_text_behind_a_syn_ack_that_was_lost_but_once() {
    let [_, linux] = both();
    let (mut bench, _) = opened_early(linux, 5);
    bench.accept();
    bench.write(b"early");
    bench.wait(Span::millis(1500));
    bench.forget_past();
    assert_eq!(bench.hand(&seg("A", 6, 1, "")), Vec::<String>::new());
    bench.wait(Span::millis(2999));
    assert_eq!(bench.shown(0), Vec::<String>::new());
    bench.wait(Span::millis(1));
    assert_eq!(bench.shown(0), ["PA 1 6 +5"]);
}

#[test]
fn closing_before_the_last_ack_sends_the_fin_at_once() {
    for profile in both() {
        let (mut bench, _) = opened_early(profile, 5);
        bench.accept();
        bench.read();
        bench.forget_past();
        bench.close();
        assert_eq!(bench.shown(0), ["FA 1 6 +0"]);
        bench.hand(&seg("A", 6, 1, ""));
        bench.hand(&seg("A", 6, 2, ""));
        assert_eq!(bench.state(), State::FinWait2);
    }
}

/// Two hosts; the server listens and gives cookies.
fn pair(profile: Profile) -> (Duo, ListenerId) {
    let mut duo = Duo::new(profile);
    let listener = duo.on(SERVER, |stack, now, fx| {
        let options = ConnOptions { fast_open: 16, ..ConnOptions::of(stack.profile()) };
        stack.listen(now, address(SERVER, 80), 16, &options, fx)
    });
    (duo, listener)
}

/// Connects with `data`. Returns the connection and how much of it was on the SYN.
fn connect_with(duo: &mut Duo, port: u16, data: &[u8]) -> (ConnId, usize) {
    duo.on(CLIENT, |stack, now, fx| {
        let options = ConnOptions::of(stack.profile());
        let (from, to) = (address(CLIENT, port), address(SERVER, 80));
        stack.connect_with(now, from, to, &options, &Bytes::copy_from_slice(data), fx).unwrap()
    })
}

/// The cookie is fetched by a first connection.
fn acquainted(profile: Profile) -> (Duo, ListenerId) {
    let (mut duo, listener) = pair(profile);
    let (c, taken) = connect_with(&mut duo, 40_000, b"hello");
    assert_eq!(taken, 0);
    duo.run(Span::millis(400));
    duo.close(CLIENT, c);
    duo.run(Span::secs(2));
    (duo, listener)
}

fn syns(crossed: &[Crossing]) -> Vec<(Option<usize>, usize)> {
    let syns = crossed
        .iter()
        .filter(|crossing| crossing.from == CLIENT && crossing.segment.flags.has(crate::wire::Flags::SYN));
    syns.map(|c| (cookie_of(&c.segment).map(|cookie| cookie.len()), c.segment.payload.len())).collect()
}

#[test]
fn a_client_first_asks_for_a_cookie_and_sends_data_on_the_syn_only_with_one() {
    for profile in both() {
        let (mut duo, listener) = acquainted(profile);
        assert_eq!(syns(&duo.crossed), [(Some(0), 0)]);
        assert!(duo.notes.contains(&(CLIENT, Reason::FastOpenCookieKept)));
        let from = duo.crossed.len();
        let (c, taken) = connect_with(&mut duo, 40_001, b"hello");
        assert_eq!(taken, 5);
        duo.run(Span::millis(100));
        assert_eq!(syns(&duo.crossed[from..]), [(Some(8), 5)]);
        assert_eq!(duo.crossed[from + 1].why, Reason::AnswerSynEarly);
        assert_eq!(duo.crossed[from + 2].why, Reason::CompleteHandshake);
        assert_eq!(duo.crossed.len(), from + 3);
        assert_eq!(
            (duo.count(CLIENT, Counter::TCPFastOpenActive), duo.state(CLIENT, c)),
            (1, State::Established)
        );
        duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
        let s = duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
        assert_eq!(duo.recv(SERVER, s), b"hello");
    }
}

#[test]
fn a_syn_carries_no_more_than_the_cached_mss_allows() {
    for profile in both() {
        let (mut duo, _) = acquainted(profile);
        assert_eq!(connect_with(&mut duo, 40_001, &[1; 9000]).1, 1420);
        let (mut small, _) = pair(both()[0].clone());
        small.stacks[SERVER].set_mtu(1040);
        connect_with(&mut small, 40_000, b"");
        small.run(Span::millis(400));
        assert_eq!(connect_with(&mut small, 40_001, &[1; 9000]).1, 960);
    }
}

#[test]
fn data_that_the_syn_ack_leaves_out_goes_with_the_first_ack() {
    for profile in both() {
        let (mut duo, _) = acquainted(profile);
        // The server has forgotten its cookies.
        duo.stacks[SERVER].profile_mut().set("tcp_fastopen", 1).unwrap();
        let from = duo.crossed.len();
        connect_with(&mut duo, 40_001, b"hello");
        duo.run(Span::millis(2));
        assert_eq!(syns(&duo.crossed[from..]), [(Some(8), 5)]);
        let (third, why) = (&duo.crossed[from + 2].segment, duo.crossed[from + 2].why);
        assert_eq!((why, third.payload.len()), (Reason::RetransmitSynText, 5));
        assert_eq!(duo.count(CLIENT, Counter::TCPFastOpenActiveFail), 1);
        assert_eq!(duo.count(CLIENT, Counter::RetransSegs), 1);
    }
}

#[test]
fn a_syn_that_goes_again_carries_neither_cookie_nor_data() {
    for profile in both() {
        let (mut duo, listener) = acquainted(profile);
        let from = duo.crossed.len();
        duo.lose = vec![from];
        let (c, _) = connect_with(&mut duo, 40_001, b"hello");
        duo.run(Span::millis(1500));
        assert_eq!(syns(&duo.crossed[from..]), [(Some(8), 5), (None, 0)]);
        assert_eq!(duo.state(CLIENT, c), State::Established);
        duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
        let s = duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
        assert_eq!(duo.recv(SERVER, s), b"hello");
        assert_eq!(duo.count(CLIENT, Counter::TCPFastOpenActiveFail), 1);
    }
}

#[test]
fn a_request_that_goes_again_asks_no_more() {
    for profile in both() {
        let (mut duo, _) = pair(profile);
        duo.lose = vec![0];
        connect_with(&mut duo, 40_000, b"hello");
        duo.run(Span::millis(1500));
        assert_eq!(syns(&duo.crossed), [(Some(0), 0), (None, 0)]);
    }
}

#[test]
fn after_a_failure_the_rfc_leaves_that_server_alone_for_a_while_and_the_kernel_does_not() {
    for (profile, tries) in both().into_iter().zip([false, true]) {
        let (mut duo, _) = acquainted(profile);
        duo.lose = vec![duo.crossed.len()];
        connect_with(&mut duo, 40_001, b"hello");
        duo.run(Span::secs(5));
        let from = duo.crossed.len();
        let (_, taken) = connect_with(&mut duo, 40_002, b"hello");
        assert_eq!((taken == 5, syns(&duo.crossed[from..])[0].0.is_some()), (tries, tries));
        duo.run(Span::secs(600));
        assert_eq!(connect_with(&mut duo, 40_003, b"hello").1, 5);
    }
}

#[test]
fn a_server_that_never_answers_is_remembered_by_the_rfc() {
    for (mut profile, tries) in both().into_iter().zip([false, true]) {
        profile.set("tcp_syn_retries", 1).unwrap();
        let (mut duo, _) = acquainted(profile);
        duo.deaf[SERVER] = true;
        connect_with(&mut duo, 40_001, b"hello");
        duo.run(Span::secs(200));
        assert_eq!(connect_with(&mut duo, 40_002, b"hello").1 == 5, tries);
    }
}

#[test]
fn a_server_without_cookies_is_asked_by_the_old_option_the_next_time_in_the_kernel_alone() {
    for (profile, kinds) in both().into_iter().zip([vec![false], vec![false, true, false]]) {
        let mut duo = Duo::new(profile);
        duo.listen(80, 16);
        for port in 0..3 {
            connect_with(&mut duo, 40_000 + port, b"");
            duo.run(Span::secs(1));
        }
        let asked =
            duo.crossed.iter().flat_map(|crossing| crossing.segment.options.iter().collect::<Vec<_>>());
        let asked: Vec<bool> = asked
            .filter_map(|option| match option {
                TcpOption::FastOpen { experimental, .. } => Some(experimental),
                _ => None,
            })
            .collect();
        assert_eq!(asked, kinds);
    }
}

#[test]
fn without_cookies_on_either_side_the_first_syn_carries_data() {
    for mut profile in both() {
        profile.set("tcp_fastopen", 0x605 | 2).unwrap();
        let mut duo = Duo::new(profile);
        duo.listen(80, 16);
        assert_eq!(connect_with(&mut duo, 40_000, b"hello").1, 5);
        duo.run(Span::millis(100));
        assert_eq!(syns(&duo.crossed), [(None, 5)]);
        assert_eq!(duo.crossed[1].why, Reason::AnswerSynEarly);
    }
}

#[test]
fn a_connect_that_is_not_by_fast_open_says_nothing_of_it() {
    for profile in both() {
        let (mut duo, _) = acquainted(profile);
        let from = duo.crossed.len();
        duo.connect(40_001, 80);
        duo.run(Span::millis(100));
        assert_eq!(syns(&duo.crossed[from..]), [(None, 0)]);
        assert_eq!(cookie_of(&duo.crossed[from + 1].segment), None);
    }
}

#[test]
fn the_hosts_own_port_plays_no_part() {
    // Whoever knows the host knows all its servers: a cookie is the address's, not the port's.
    let [_, profile] = both();
    let mut bench = listening(profile, 5);
    let cookie = granted(&mut bench);
    bench.hand(&from_port(peer().port() + 1, syn([shows(&cookie)], "hello")));
    assert_eq!(bench.sent[0].2, Reason::AnswerSynEarly);
}
