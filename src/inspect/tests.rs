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
    let tcp = Tcp { seq: Seq(seq), ack: Seq(ack), flags, window, data, scale: None };
    Glance { protocol: Protocol::Tcp, source, destination, data, tcp: Some(tcp) }
}

/// The connection after these segments, all at one moment: what was found in each, every crossing by its end and frame.
fn follow(lines: &[Line]) -> (Connection, Vec<Option<Finding>>, Vec<Crossing>) {
    let (connection, remarks, known) = follow_at(&lines.iter().map(|line| (0, *line)).collect::<Vec<_>>());
    (connection, remarks.into_iter().map(|remark| remark.finding).collect(), known)
}

/// The same of segments with their times, milliseconds.
fn follow_at(lines: &[(u64, Line)]) -> (Connection, Vec<Remark>, Vec<Crossing>) {
    let mut connection = Connection::new(1, &glance(&lines[0].1), 1, lines[0].0 * 1_000_000);
    let mut known = Vec::new();
    let see = |(at, (ms, line)): (usize, &(u64, Line))| {
        connection.see(&glance(line), at as u64, ms * 1_000_000, &mut known).1
    };
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
        [None, Some(Finding::AfterGap), Some(Finding::OutOfOrder), None, Some(Finding::Spurious)]
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

/// An opening that takes 20 ms, then these segments.
fn timed(more: &[(u64, Line)]) -> (Connection, Vec<Option<Finding>>) {
    let opening = [(0, OPENING[0]), (10, OPENING[1]), (20, OPENING[2])];
    let (connection, remarks, _) = follow_at(&[&opening[..], more].concat());
    (connection, remarks[3..].iter().map(|remark| remark.finding).collect())
}

fn data(seq: u32, len: u32) -> Line {
    ('>', "PA", seq, 5001, len, 1000)
}

fn ack(ack: u32) -> Line {
    ('<', "A", 5001, ack, 0, 1000)
}

#[test]
fn what_goes_again_says_why() {
    use Finding::{DuplicateAck, FastRetransmission, Spurious, Timeout};
    let again = Some(DuplicateAck);
    // After three duplicate acknowledgments; and a second hole of the same repair.
    let (_, found) = timed(&[
        (30, data(1001, 10)),
        (30, data(1011, 10)),
        (30, data(1021, 10)),
        (30, data(1031, 10)),
        (40, ack(1011)),
        (40, ack(1011)),
        (40, ack(1011)),
        (40, ack(1011)),
        (41, data(1011, 10)),
        (42, data(1021, 10)),
    ]);
    assert_eq!(found[5..], [again, again, again, Some(FastRetransmission), Some(FastRetransmission)]);
    // After silence, and what follows it at once.
    let (connection, found) = timed(&[
        (30, data(1001, 10)),
        (30, data(1011, 10)),
        (250, data(1001, 10)),
        (250, data(1011, 10)),
        (260, ack(1021)),
        (260, data(1001, 10)),
    ]);
    assert_eq!(found[2..], [Some(Timeout), Some(Timeout), None, Some(Spurious)]);
    let half = &connection.halves[0];
    assert_eq!((half.retransmissions, half.timeouts, half.spurious, half.octets), (3, 2, 1, 20));
    // Soon, and nobody asked: nothing tells why.
    let (_, found) = timed(&[(30, data(1001, 10)), (50, data(1001, 10))]);
    assert_eq!(found[1], Some(Finding::Retransmission));
}

#[test]
fn what_fills_a_gap_was_overtaken_or_sent_again_by_how_long_it_took() {
    let (_, found) = timed(&[(30, data(1001, 10)), (31, data(1021, 10)), (32, data(1011, 10))]);
    assert_eq!(found[2], Some(Finding::OutOfOrder));
    let (_, found) = timed(&[(30, data(1001, 10)), (31, data(1021, 10)), (60, data(1011, 10))]);
    assert_eq!(found[2], Some(Finding::UnseenOriginal), "longer than the opening took");
    assert!(!Finding::UnseenOriginal.is_certain() && Finding::Spurious.is_certain());
}

#[test]
fn octets_that_are_acknowledged_and_were_never_seen_are_counted_once() {
    let lines = [
        (30, data(1001, 10)),
        (31, data(1031, 10)),
        (40, ack(1041)),
        (41, ack(1061)),
        (42, data(1061, 10)),
        (43, ack(1071)),
    ];
    let opening = [(0, OPENING[0]), (10, OPENING[1]), (20, OPENING[2])];
    let (connection, remarks, _) = follow_at(&[&opening[..], &lines].concat());
    let unseen: Vec<_> = remarks[3..].iter().map(|remark| remark.uncaptured).collect();
    assert_eq!(unseen, [None, None, Some((Seq(1011), 20)), Some((Seq(1041), 20)), None, None]);
    assert_eq!(remarks[5].finding, Some(Finding::AckOfUnseen));
    assert_eq!(connection.halves[0].uncaptured, 40);
    // An acknowledgment far beyond the window was forged, and nothing follows from it.
    let (connection, found) = timed(&[(30, data(1001, 10)), (31, ack(900_000)), (32, data(1011, 10))]);
    assert_eq!(found, [None, None, None]);
    assert_eq!(connection.halves[0].uncaptured, 0);
}

#[test]
fn a_window_is_full_at_its_last_octet_and_only_if_its_scale_is_known() {
    let (connection, found) = timed(&[(30, data(1001, 60)), (30, data(1061, 40)), (40, ack(1101))]);
    assert_eq!(found, [None, Some(Finding::WindowFull), None]);
    assert_eq!(connection.halves[0].windows_filled, 1);
    let (_, remarks, _) =
        follow_at(&[(0, ('<', "A", 5001, 1001, 0, 100)), (1, ('>', "A", 1001, 5001, 100, 100))]);
    assert_eq!(remarks[1].finding, None);
}

#[test]
fn every_ending_has_its_name() {
    let end = |lines: &[Line]| follow(lines).0.ending();
    let syn = OPENING[0];
    assert_eq!(end(&[syn, syn, syn]), Ending::NoAnswer(3));
    assert_eq!(end(&[syn, ('<', "RA", 0, 1001, 0, 0)]), Ending::Refused);
    assert_eq!(end(&OPENING), Ending::Open);
    let after = |more: &[Line]| end(&[&OPENING, more].concat());
    assert_eq!(after(&[('<', "R", 5001, 0, 0, 0)]), Ending::Reset { by: 1, after_fin: false });
    let fin = ('>', "FA", 1001, 5001, 0, 100);
    assert_eq!(after(&[fin]), Ending::HalfClosed(0));
    assert_eq!(after(&[fin, ('<', "RA", 5001, 1002, 0, 0)]), Ending::Reset { by: 1, after_fin: true });
    assert_eq!(after(&[fin, ('<', "FA", 5001, 1002, 0, 100)]), Ending::Closed);
}

#[test]
fn connections_beyond_those_that_are_followed_are_turned_away_and_the_others_go_on() {
    let mut table = survey::Table::with_room_for(1_000);
    let mut known = Vec::new();
    let mut turned_away = 0;
    for round in 0..3 {
        for number in 0..3_000_u16 {
            let mut syn = glance(&OPENING[0]);
            syn.source.set_port(1_000 + number);
            turned_away += u32::from(table.see(&syn, u64::from(number), round, &mut known).is_none());
        }
    }
    assert_eq!((table.connections.len(), turned_away), (1_000, 6_000));
    assert!(table.connections.iter().all(|connection| connection.ending() == Ending::NoAnswer(3)));
    assert!(size_of::<Connection>() <= 600, "{} octets each", size_of::<Connection>());
}
