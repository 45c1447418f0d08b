//! What is concluded from segments made by hand.

use super::connection::Connection;
use super::glance::{Glance, Tcp};
use super::*;
use crate::tcp::State;
use crate::trace::Protocol;
use crate::wire::{Flags, Seq};

/// A segment: direction, flags, SEQ, ACK, octets of data, window.
type Line = (char, &'static str, u32, u32, u32, u16);

const OPENING: [Line; 3] =
    [('>', "S", 1000, 0, 0, 100), ('<', "SA", 5000, 1001, 0, 100), ('>', "A", 1001, 5001, 0, 100)];

fn glance(line: &Line) -> Glance {
    let (direction, flags, seq, ack, data, window) = *line;
    let [client, server] = ["10.0.0.1:40000", "10.0.0.2:80"].map(|end| end.parse().unwrap());
    let (source, destination) = if direction == '>' { (client, server) } else { (server, client) };
    let flags = Flags::from_letters(flags).unwrap();
    let tcp = Tcp { seq: Seq(seq), ack: Seq(ack), flags, window, data };
    Glance { protocol: Protocol::Tcp, source, destination, data, tcp: Some(tcp) }
}

/// The connection after these segments, what was found in each, and every crossing by its end and frame.
fn follow(lines: &[Line]) -> (Connection, Vec<Option<Finding>>, Vec<Crossing>) {
    let mut connection = Connection::new(1, &glance(&lines[0]), 1, 0);
    let mut known = Vec::new();
    let see = |(at, line): (usize, &Line)| connection.see(&glance(line), at as u64, 0, &mut known).1;
    let findings = lines.iter().enumerate().map(see).collect();
    connection.finish(&mut known);
    known.sort_by_key(|crossing| (crossing.end, crossing.frame));
    (connection, findings, known)
}

fn after_opening(more: &[Line]) -> (Connection, Vec<Option<Finding>>, Vec<Crossing>) {
    let (connection, findings, known) = follow(&[&OPENING, more].concat());
    (connection, findings[3..].to_vec(), known)
}

/// Where each end came at which frame, and how sure.
fn path(known: &[Crossing], end: usize) -> Vec<(u64, State, Belief)> {
    let of_end = known.iter().filter(|crossing| crossing.end == end);
    of_end.map(|crossing| (crossing.frame, crossing.edge.to, crossing.belief)).collect()
}

use Belief::{Inferred, Seen};

#[test]
fn the_opening_is_seen_but_for_its_last_step() {
    let (connection, findings, known) = follow(&OPENING);
    assert_eq!(findings, [None, None, None]);
    assert_eq!(connection.handshake(), Handshake::Whole);
    assert_eq!(path(&known, 0), [(0, State::SynSent, Seen), (1, State::Established, Seen)]);
    assert_eq!(path(&known, 1), [(0, State::SynReceived, Seen), (2, State::Established, Inferred)]);
}

#[test]
fn a_server_that_repeats_its_syn_ack_had_not_got_the_answer() {
    let lines = [&OPENING[..], &[('<', "SA", 5000, 1001, 0, 100), ('>', "A", 1001, 5001, 0, 100)]].concat();
    let (_, findings, known) = follow(&lines);
    assert_eq!(findings[3], Some(Finding::Retransmission));
    assert_eq!(path(&known, 1), [(0, State::SynReceived, Seen), (4, State::Established, Inferred)]);
}

#[test]
fn a_close_is_seen_as_far_as_it_shows() {
    let (connection, _, known) = after_opening(&[
        ('>', "FA", 1001, 5001, 0, 100),
        ('<', "A", 5001, 1002, 0, 100),
        ('<', "FA", 5001, 1002, 0, 100),
        ('>', "A", 1002, 5002, 0, 100),
    ]);
    assert_eq!(
        path(&known, 0)[2..],
        [(3, State::FinWait1, Seen), (4, State::FinWait2, Seen), (5, State::TimeWait, Seen)]
    );
    assert_eq!(
        path(&known, 1)[1..],
        [
            (2, State::Established, Seen),
            (3, State::CloseWait, Seen),
            (5, State::LastAck, Seen),
            (6, State::Closed, Inferred)
        ]
    );
    assert_eq!(connection.states(), [Some((State::TimeWait, Seen)), Some((State::Closed, Inferred))]);
}

#[test]
fn fins_that_cross_lead_through_closing() {
    let (_, _, known) = after_opening(&[
        ('>', "FA", 1001, 5001, 0, 100),
        ('<', "FA", 5001, 1001, 0, 100),
        ('>', "A", 1002, 5002, 0, 100),
        ('<', "A", 5002, 1002, 0, 100),
    ]);
    assert_eq!(
        path(&known, 0)[2..],
        [(3, State::FinWait1, Seen), (4, State::Closing, Seen), (6, State::TimeWait, Inferred)]
    );
}

#[test]
fn a_reset_closes_both_unless_its_sender_speaks_on() {
    let reset = ('<', "R", 5001, 0, 0, 0);
    let (connection, findings, _) = after_opening(&[reset]);
    assert_eq!(findings, [Some(Finding::Reset)]);
    assert_eq!(connection.states(), [Some((State::Closed, Inferred)), Some((State::Closed, Seen))]);
    let (connection, ..) = after_opening(&[reset, ('<', "PA", 5001, 1001, 5, 100)]);
    assert_eq!(connection.states(), [Some((State::Established, Seen)); 2]);
}

#[test]
fn what_comes_again_late_or_out_of_order_is_told_apart() {
    let data = |seq: u32, len: u32| ('>', "PA", seq, 5001, len, 100);
    let ack = |ack: u32| ('<', "A", 5001, ack, 0, 100);
    let (connection, findings, _) =
        after_opening(&[data(1001, 10), data(1021, 10), data(1011, 10), ack(1031), data(1021, 10)]);
    assert_eq!(
        findings,
        [None, Some(Finding::AfterGap), Some(Finding::OutOfOrder), None, Some(Finding::Retransmission)]
    );
    let half = &connection.halves[0];
    assert_eq!((half.octets, half.retransmissions, half.out_of_order), (30, 1, 1));
    let (_, findings, _) = after_opening(&[
        data(1001, 10),
        ack(1011),
        data(1021, 10),
        ack(1011),
        ack(1011),
        ack(1011),
        data(1011, 10),
    ]);
    let again = Some(Finding::DuplicateAck);
    assert_eq!(findings[3..], [again, again, again, Some(Finding::UnseenOriginal)]);
}

#[test]
fn zero_windows_their_probes_and_keepalives_are_told_apart() {
    let (connection, findings, _) = after_opening(&[
        ('>', "PA", 1001, 5001, 10, 100),
        ('<', "A", 5001, 1011, 0, 0),
        ('>', "A", 1010, 5001, 0, 100),
        ('<', "A", 5001, 1011, 0, 50),
        ('>', "A", 1010, 5001, 0, 100),
    ]);
    let found = [None, Some(Finding::ZeroWindow), Some(Finding::WindowProbe), None, Some(Finding::Keepalive)];
    assert_eq!(findings, found);
    assert_eq!(connection.halves[1].zero_windows, 1);
}

#[test]
fn a_capture_that_begins_in_the_middle_says_so() {
    let (connection, ..) = follow(&[('<', "PA", 5001, 1001, 5, 100), ('>', "A", 1001, 5006, 0, 100)]);
    assert_eq!(connection.handshake(), Handshake::Unseen);
    assert_eq!(connection.states(), [Some((State::Established, Inferred)); 2]);
}
