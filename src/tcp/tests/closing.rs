//! Closing, with all its variants.

use super::duo::{CLIENT, Duo, SERVER};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, State, StreamError};
use bytes::Bytes;

fn with_data_first() -> (Duo, crate::tcp::ConnId, crate::tcp::ConnId, usize) {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    duo.send(CLIENT, client, b"hello");
    duo.run(Span::millis(5));
    assert_eq!(duo.recv(SERVER, server), b"hello");
    duo.send(SERVER, server, b"world!");
    duo.run(Span::millis(100));
    assert_eq!(duo.recv(CLIENT, client), b"world!");
    let from = duo.crossed.len();
    (duo, client, server, from)
}

#[test]
fn a_slow_passive_close_makes_four_segments() {
    let (mut duo, client, server, from) = with_data_first();
    duo.close(CLIENT, client);
    duo.run(Span::millis(60));
    assert_eq!(duo.state(SERVER, server), State::CloseWait);
    duo.close(SERVER, server);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(from), ["C FA 6 7 +0", "S A 7 7 +0", "S FA 7 7 +0", "C A 7 8 +0"]);
    assert_eq!(duo.states(CLIENT), [State::TimeWait]);
    assert_eq!(duo.states(SERVER), [State::Listen]);
}

#[test]
fn a_quick_passive_close_makes_three_segments() {
    let (mut duo, client, server, from) = with_data_first();
    duo.close(CLIENT, client);
    duo.run(Span::millis(30));
    duo.close(SERVER, server);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(from), ["C FA 6 7 +0", "S FA 7 7 +0", "C A 7 8 +0"]);
}

#[test]
fn the_rfc_acknowledges_a_fin_at_once() {
    let mut duo = Duo::new(Profile::rfc9293());
    let (client, server) = duo.open();
    duo.close(CLIENT, client);
    duo.run(Span::millis(3));
    duo.close(SERVER, server);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(3), ["C FA 1 1 +0", "S A 1 2 +0", "S FA 1 2 +0", "C A 2 2 +0"]);
    duo.run(Span::secs(239));
    assert_eq!(duo.states(CLIENT), [State::TimeWait]);
    duo.run(Span::secs(2));
    assert_eq!(duo.states(CLIENT), []);
}

#[test]
fn time_wait_lasts_sixty_seconds_on_linux() {
    let (mut duo, client, server, _) = with_data_first();
    duo.close(CLIENT, client);
    duo.close(SERVER, server);
    duo.run(Span::secs(59));
    assert!(duo.states(CLIENT).contains(&State::TimeWait));
    duo.run(Span::secs(2));
    assert_eq!(duo.states(CLIENT), []);
}

#[test]
fn after_a_half_close_data_still_flows_the_other_way() {
    let (mut duo, client, server, from) = with_data_first();
    duo.on(CLIENT, |stack, now, fx| stack.shutdown_write(now, client, fx)).unwrap();
    duo.run(Span::millis(70));
    assert_eq!((duo.state(CLIENT, client), duo.state(SERVER, server)), (State::FinWait2, State::CloseWait));
    assert_eq!(duo.recv(SERVER, server), b"");
    let refused = duo.on(CLIENT, |stack, now, fx| stack.send(now, client, &Bytes::from_static(b"x"), fx));
    assert_eq!(refused, Err(StreamError::Broken));
    duo.send(SERVER, server, b"resp0");
    duo.run(Span::millis(60));
    assert_eq!(duo.recv(CLIENT, client), b"resp0");
    duo.close(SERVER, server);
    duo.run(Span::millis(60));
    assert_eq!(duo.recv(CLIENT, client), b"");
    assert_eq!(
        duo.shown(from),
        ["C FA 6 7 +0", "S A 7 7 +0", "S PA 7 7 +5", "C A 7 12 +0", "S FA 12 7 +0", "C A 7 13 +0"]
    );
}

#[test]
fn crossing_fins_meet_in_closing() {
    let (mut duo, client, server, from) = with_data_first();
    duo.close(CLIENT, client);
    duo.close(SERVER, server);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(from), ["C FA 6 7 +0", "S FA 7 6 +0", "S A 8 7 +0", "C A 7 8 +0"]);
    assert_eq!(duo.states(CLIENT), [State::TimeWait]);
    assert_eq!(duo.states(SERVER), [State::Listen, State::TimeWait]);
    let closing = duo.edges.iter().filter(|edge| edge.3 == State::Closing).count();
    assert_eq!(closing, 2);
}

#[test]
fn closing_with_unread_data_resets() {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    duo.send(CLIENT, client, b"unread");
    duo.run(Span::millis(60));
    duo.close(SERVER, server);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(3), ["C PA 1 1 +6", "S A 1 7 +0", "S RA 1 7 +0"]);
    let recv = |duo: &mut Duo| duo.on(CLIENT, |stack, now, fx| stack.recv(now, client, 10, fx));
    assert_eq!(recv(&mut duo), Err(StreamError::Reset));
    assert_eq!(recv(&mut duo), Ok(bytes::Bytes::new()));
    let send = duo.on(CLIENT, |stack, now, fx| stack.send(now, client, &Bytes::from_static(b"x"), fx));
    assert_eq!(send, Err(StreamError::Broken));
    assert_eq!(duo.count(SERVER, Counter::TCPAbortOnClose), 1);
    assert_eq!(duo.count(SERVER, Counter::EstabResets) + duo.count(CLIENT, Counter::EstabResets), 2);
}

#[test]
fn linger_zero_resets_but_what_was_queued_can_be_read() {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    duo.send(CLIENT, client, b"lost?");
    duo.run(Span::millis(20));
    duo.on(CLIENT, |stack, now, fx| stack.close(now, client, Some(Span::ZERO), fx));
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(3), ["C PA 1 1 +5", "S A 1 6 +0", "C RA 6 1 +0"]);
    assert_eq!(duo.recv(SERVER, server), b"lost?");
    let recv = |duo: &mut Duo| duo.on(SERVER, |stack, now, fx| stack.recv(now, server, 10, fx));
    assert_eq!(recv(&mut duo), Err(StreamError::Reset));
    assert_eq!(recv(&mut duo), Ok(bytes::Bytes::new()));
    assert_eq!(duo.count(CLIENT, Counter::TCPAbortOnData), 1);
}

#[test]
fn writing_after_the_peer_closed_works_once() {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    duo.close(SERVER, server);
    duo.run(Span::millis(60));
    assert_eq!(duo.state(CLIENT, client), State::CloseWait);
    assert_eq!(duo.send(CLIENT, client, b"one"), 3);
    duo.run(Span::millis(10));
    assert_eq!(duo.shown(3), ["S FA 1 1 +0", "C A 1 2 +0", "C PA 1 2 +3", "S R 2 +0"]);
    for _ in 0..2 {
        let send = duo.on(CLIENT, |stack, now, fx| stack.send(now, client, &Bytes::from_static(b"x"), fx));
        assert_eq!(send, Err(StreamError::Broken));
    }
    assert_eq!(duo.recv(CLIENT, client), b"");
    assert_eq!(duo.stacks[CLIENT].error(client), None);
}

#[test]
fn an_orphan_leaves_fin_wait_2_after_tcp_fin_timeout() {
    let mut duo = Duo::linux();
    let (client, server) = duo.open();
    duo.close(CLIENT, client);
    duo.run(Span::secs(59));
    assert_eq!(duo.states(CLIENT), [State::FinWait2]);
    duo.run(Span::secs(2));
    assert_eq!(duo.states(CLIENT), []);
    assert_eq!(duo.state(SERVER, server), State::CloseWait);
}

#[test]
fn with_shutdown_alone_fin_wait_2_has_no_limit() {
    let mut duo = Duo::linux();
    let (client, _) = duo.open();
    duo.on(CLIENT, |stack, now, fx| stack.shutdown_write(now, client, fx)).unwrap();
    duo.run(Span::secs(1000));
    assert_eq!(duo.state(CLIENT, client), State::FinWait2);
}

#[test]
fn a_fin_to_a_vanished_peer_is_given_up_after_the_orphan_retries() {
    let mut duo = Duo::linux();
    let (client, _) = duo.open();
    duo.deaf[SERVER] = true;
    duo.close(CLIENT, client);
    duo.run(Span::secs(150));
    // 0.2 s doubling: eight retransmissions, then the time of eight doublings is over.
    assert_eq!(duo.crossed.len() - 3, 9);
    assert_eq!(duo.states(CLIENT), []);
}

#[test]
fn connections_that_are_over_leave_nothing_behind() {
    let mut duo = Duo::linux();
    let listener = duo.listen(80, 16);
    for port in 40_000..40_100 {
        let client = duo.connect(port, 80);
        duo.run(Span::millis(10));
        let server = duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
        let (first, second) = if port % 2 == 0 { (CLIENT, SERVER) } else { (SERVER, CLIENT) };
        let conns = [client, server];
        duo.close(first, conns[first]);
        duo.run(Span::millis(100));
        duo.close(second, conns[second]);
        duo.run(Span::millis(10));
        assert_eq!(duo.state(first, conns[first]), State::Closed, "the block is gone");
        for stack in &duo.stacks {
            stack.check_deep();
        }
    }
    assert_eq!(
        [CLIENT, SERVER].map(|host| duo.stacks[host].entries()),
        [50, 50],
        "one waits, the other is gone"
    );
    duo.run(Span::secs(61));
    assert_eq!([CLIENT, SERVER].map(|host| duo.stacks[host].entries()), [0, 0]);
    assert_eq!(duo.states(SERVER), [State::Listen]);
}
