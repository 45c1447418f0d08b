//! Opening.

use super::duo::{CLIENT, Duo, SERVER, address};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{ConnOptions, Profile, Reason, State, StreamError};
use crate::wire::{Flags, TcpOption};

#[test]
fn three_segments_open_a_connection() {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    assert_eq!(duo.shown(0), ["C S 0 +0", "S SA 0 1 +0", "C A 1 1 +0"]);
    let why: Vec<Reason> = duo.crossed.iter().map(|crossing| crossing.why).collect();
    assert_eq!(why, [Reason::OpenActively, Reason::AnswerSyn, Reason::CompleteHandshake]);
    assert_eq!(duo.crossed[1].segment.seq.0, 7_654_321);
    assert_eq!(duo.crossed[1].segment.ack.0, 1_234_568);
    assert_eq!(duo.crossed[2].segment.ack.0, 7_654_322);
    assert_eq!(
        (duo.state(CLIENT, client), duo.state(SERVER, server)),
        (State::Established, State::Established)
    );
    assert_eq!(duo.count(SERVER, Counter::PassiveOpens), 1);
    assert_eq!(duo.count(CLIENT, Counter::ActiveOpens), 1);
}

#[test]
fn the_windows_of_the_handshake_are_the_kernels() {
    let mut duo = Duo::linux();
    duo.open();
    let windows: Vec<u16> = duo.crossed.iter().map(|crossing| crossing.segment.window).collect();
    assert_eq!(windows, [64_240, 65_160, 502]);
    let options: Vec<TcpOption> = duo.crossed[0].segment.options.iter().collect();
    assert!(matches!(
        options[..],
        [
            TcpOption::Mss(1460),
            TcpOption::SackPermitted,
            TcpOption::Timestamps { echo: 0, .. },
            TcpOption::Nop,
            TcpOption::WindowScale(7)
        ]
    ));
}

#[test]
fn without_timestamps_the_syn_ack_offers_64240() {
    let mut profile = Profile::linux();
    profile.set("tcp_timestamps", 0).unwrap();
    let mut duo = Duo::new(profile);
    duo.open();
    let windows: Vec<u16> = duo.crossed.iter().map(|crossing| crossing.segment.window).collect();
    assert_eq!(windows, [64_240, 64_240, 502]);
}

#[test]
fn a_closed_port_answers_with_reset_and_the_peer_is_refused() {
    let mut duo = Duo::linux();
    let client = duo.connect(40_000, 81);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(0), ["C S 0 +0", "S RA zero 1 +0"]);
    assert_eq!(duo.stacks[CLIENT].error(client), Some(StreamError::Refused));
    assert_eq!(duo.stacks[CLIENT].error(client), None);
    assert_eq!(duo.count(CLIENT, Counter::AttemptFails), 1);
    assert_eq!(duo.count(SERVER, Counter::OutRsts), 1);
}

#[test]
fn a_lost_syn_ack_comes_again_when_the_syn_does() {
    let mut duo = Duo::linux();
    duo.delay = Span::millis(10);
    duo.lose = vec![1];
    duo.listen(80, 16);
    duo.connect(40_000, 80);
    duo.run(Span::secs(3));
    let shown = duo.shown(0);
    assert_eq!(shown[..3], ["C S 0 +0", "S SA 0 1 +0 lost", "C S 0 +0"]);
    assert_eq!(duo.count(CLIENT, Counter::TCPSynRetrans), 1);
    assert!(duo.states(SERVER).contains(&State::Established));
}

#[test]
fn syn_goes_four_times_at_even_gaps_and_then_the_gaps_double() {
    let mut duo = Duo::linux();
    duo.deaf[SERVER] = true;
    let client = duo.connect(40_000, 80);
    duo.run(Span::secs(200));
    let at: Vec<u64> = duo.crossed.iter().map(|crossing| crossing.at.as_millis() / 1000).collect();
    assert_eq!(at, [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    assert_eq!(duo.stacks[CLIENT].error(client), Some(StreamError::TimedOut));
    assert_eq!(duo.count(CLIENT, Counter::TCPTimeouts), 11);
}

#[test]
fn syn_retries_end_by_time_as_measured() {
    for (linear, retries, sent, seconds) in [(0, 6, 7, 127), (4, 2, 6, 7), (0, 2, 3, 7), (1, 3, 5, 16)] {
        let mut profile = Profile::linux();
        profile.set("tcp_syn_linear_timeouts", linear).unwrap();
        profile.set("tcp_syn_retries", retries).unwrap();
        let mut duo = Duo::new(profile);
        duo.deaf[SERVER] = true;
        let client = duo.connect(40_000, 80);
        duo.run(Span::millis(seconds * 1000 - 1));
        assert_eq!(duo.state(CLIENT, client), State::SynSent, "{linear} {retries}");
        duo.run(Span::millis(2));
        assert_eq!(duo.state(CLIENT, client), State::Closed, "{linear} {retries}");
        assert_eq!(duo.crossed.len(), sent, "{linear} {retries}");
    }
}

#[test]
fn the_rfc_gives_a_syn_at_least_three_minutes() {
    let mut duo = Duo::new(Profile::rfc9293());
    duo.deaf[SERVER] = true;
    let client = duo.connect(40_000, 80);
    duo.run(Span::secs(180));
    assert_eq!(duo.state(CLIENT, client), State::SynSent);
    duo.run(Span::secs(60));
    assert_eq!(duo.state(CLIENT, client), State::Closed);
}

#[test]
fn crossing_syns_open_one_connection() {
    for profile in [Profile::linux(), Profile::rfc9293()] {
        let mut duo = Duo::new(profile);
        let a = duo.connect(7, 7);
        let b = duo.on(SERVER, |stack, now, fx| {
            let options = ConnOptions::of(stack.profile());
            stack.connect(now, address(SERVER, 7), address(CLIENT, 7), &options, fx).unwrap()
        });
        duo.run(Span::millis(900));
        assert_eq!((duo.state(CLIENT, a), duo.state(SERVER, b)), (State::Established, State::Established));
        assert_eq!(duo.shown(0)[..4], ["C S 0 +0", "S S 0 +0", "S SA 0 1 +0", "C SA 0 1 +0"]);
        let passed: Vec<_> = duo.edges.iter().filter(|edge| edge.0 == CLIENT).map(|edge| edge.3).collect();
        assert_eq!(passed, [State::SynSent, State::SynReceived, State::Established]);
        duo.send(CLIENT, a, b"over");
        duo.run(Span::millis(900));
        assert_eq!(duo.recv(SERVER, b), b"over");
    }
}

#[test]
fn a_repeated_syn_ack_is_answered_with_a_challenge() {
    let mut duo = Duo::linux();
    duo.lose = vec![2];
    duo.listen(80, 16);
    duo.connect(40_000, 80);
    duo.run(Span::millis(1500));
    assert_eq!(duo.shown(0), ["C S 0 +0", "S SA 0 1 +0", "C A 1 1 +0 lost", "S SA 0 1 +0", "C A 1 1 +0"]);
    assert_eq!(duo.count(CLIENT, Counter::TCPChallengeACK), 1);
    assert_eq!(duo.count(CLIENT, Counter::TCPSYNChallenge), 1);
    assert!(duo.states(SERVER).contains(&State::Established));
    assert!(duo.crossed[4].segment.flags == Flags::ACK);
}
