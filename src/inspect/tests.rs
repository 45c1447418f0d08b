//! What is concluded from segments made by hand.

use super::connection::Connection;
use super::glance::{Glance, Tcp};
use super::*;
use crate::tcp::State;
use crate::trace::Protocol;
use crate::wire::{Flags, SackBlocks, Seq};

/// A segment: direction, flags, SEQ, ACK, octets of data, window.
type Line = (char, &'static str, u32, u32, u32, u16);

const OPENING: [Line; 3] =
    [('>', "S", 1000, 0, 0, 100), ('<', "SA", 5000, 1001, 0, 100), ('>', "A", 1001, 5001, 0, 100)];

fn glance(line: &Line) -> Glance {
    let (direction, flags, seq, ack, data, window) = *line;
    let [client, server] = ["10.0.0.1:40000", "10.0.0.2:80"].map(|end| end.parse().unwrap());
    let (source, destination) = if direction == '>' { (client, server) } else { (server, client) };
    let flags = Flags::from_letters(flags).unwrap();
    let tcp =
        Tcp { seq: Seq(seq), ack: Seq(ack), flags, window, data, scale: None, sack: SackBlocks::default() };
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

/// The same acknowledgment with blocks of SACK.
fn glance_with_sack(line: &Line, blocks: &[(u32, u32)]) -> Glance {
    let mut glance = glance(line);
    let blocks: Vec<_> = blocks.iter().map(|(low, high)| (Seq(*low), Seq(*high))).collect();
    glance.tcp.as_mut().unwrap().sack = SackBlocks::new(&blocks).unwrap();
    glance
}

/// A segment or acknowledgment with its time, milliseconds, and its SACK blocks.
type Sacked = (u64, Line, &'static [(u32, u32)]);

/// An opening whose answer comes after `there` and whose third segment comes `back` after that, milliseconds; then these
/// segments from 1000 ms on: what is found of the last.
fn found_last(there: u64, back: u64, more: &[Sacked]) -> Option<Finding> {
    let opening = [(0, OPENING[0]), (there, OPENING[1]), (there + back, OPENING[2])];
    let opening = opening.map(|(ms, line)| (ms, line, &[][..]));
    let mut connection = Connection::new(1, &glance(&OPENING[0]), 1, 0);
    let mut found = None;
    for (number, (ms, line, blocks)) in opening.iter().chain(more).enumerate() {
        let glance = glance_with_sack(line, blocks);
        found = connection.see(&glance, number as u64, ms * 1_000_000, &mut Vec::new()).1.finding;
    }
    found
}

/// Four segments of which the first is lost, sent at 1000 ms.
fn four() -> [Sacked; 4] {
    [0, 10, 20, 30].map(|octets| (1000, data(1001 + octets, 10), &[][..]))
}

#[test]
fn sack_blocks_ask_as_duplicate_acknowledgments_do() {
    use Finding::{FastRetransmission, Retransmission, Timeout};
    let after = |acks: &[Sacked], last: u64| {
        let again = (last, data(1001, 10), &[][..]);
        found_last(10, 10, &[&four()[..], acks, &[again]].concat())
    };
    // The window moves with each, so that none is a duplicate by RFC 5681 section 2; each tells of something further.
    let window = |window: u16| ('<', "A", 5001, 1001, 0, window);
    let told: [Sacked; 3] = [
        (1600, window(990), &[(1011, 1021)]),
        (1600, window(980), &[(1021, 1031), (1011, 1021)]),
        (1600, window(970), &[(1031, 1041), (1011, 1031)]),
    ];
    assert_eq!(after(&told, 1601), Some(FastRetransmission));
    assert_eq!(after(&told[..2], 1601), Some(Timeout), "two are too few, and it was silent");
    // One that tells of more than two segments says as much; one that tells the same again says nothing.
    assert_eq!(after(&[(1600, window(990), &[(1011, 1041)])], 1601), Some(FastRetransmission));
    let same = (1100, window(990), &[(1011, 1021)][..]);
    assert_eq!(after(&[same; 3], 1101), Some(Retransmission));
    // What came twice (RFC 2883) asks for nothing, above or below the acknowledgment.
    let twice = [(1100, window(990), &[(991, 1001)][..]), (1100, window(980), &[(1011, 1012), (1011, 1021)])];
    assert_eq!(after(&[twice[0], twice[1], twice[1]], 1101), Some(Retransmission));
}

#[test]
fn behind_a_long_queue_a_fast_retransmission_is_no_time_out() {
    use Finding::{FastRetransmission, Retransmission, Timeout};
    // All was sent long ago; acknowledgments still come in, the last of them three times, and what is missing goes again.
    let asked = |ms: u64| {
        let acks =
            [(ms - 100, ack(1001)), (ms, ack(1011)), (ms, ack(1011)), (ms, ack(1011)), (ms, ack(1011))];
        acks.map(|(ms, line)| (ms, line, &[][..]))
    };
    let again = |ms: u64| [(ms, data(1011, 10), &[][..])];
    let at_the_sender = |ms: u64| found_last(20, 0, &[&four()[..], &asked(1600), &again(ms)].concat());
    let at_the_receiver = |ms: u64| found_last(0, 20, &[&four()[..], &asked(1600), &again(ms)].concat());
    assert_eq!(at_the_sender(1600), Some(FastRetransmission));
    assert_eq!(at_the_receiver(1640), Some(FastRetransmission));
    // At the sender nothing delays its answer; at the receiver a queue may, and then nobody can tell.
    assert_eq!(at_the_sender(1850), Some(Timeout));
    assert_eq!(at_the_receiver(1850), Some(Retransmission));
    // An acknowledgment of something new starts the timer anew: what goes again soon after it was not the timer's.
    let new: Sacked = (1600, ack(1011), &[]);
    assert_eq!(found_last(20, 0, &[&four()[..], &[new], &again(1700)].concat()), Some(Retransmission));
    assert_eq!(found_last(20, 0, &[&four()[..], &[new], &again(1801)].concat()), Some(Timeout));
    // A timer never waits less than a round trip.
    assert_eq!(found_last(600, 0, &[&four()[..], &[new], &again(2000)].concat()), Some(Retransmission));
    assert_eq!(found_last(600, 0, &[&four()[..], &[new], &again(2300)].concat()), Some(Timeout));
}

#[test]
fn what_went_again_fast_and_goes_once_more_after_silence_is_a_timers() {
    use Finding::{FastRetransmission, Retransmission, Timeout};
    let three: [Sacked; 4] = [1001, 1001, 1001, 1001].map(|number| (1020, ack(number), &[][..]));
    let fast: Sacked = (1021, data(1001, 10), &[]);
    let after = |back: u64, more: &[Sacked]| {
        found_last(20 - back, back, &[&four()[..], &three, &[fast], more].concat())
    };
    assert_eq!(after(0, &[]), Some(FastRetransmission));
    assert_eq!(after(0, &[(1300, data(1001, 10), &[])]), Some(Timeout));
    assert_eq!(after(20, &[(1300, data(1001, 10), &[])]), Some(Timeout), "the same once more, wherever seen");
    // Another hole of the same repair: near its sender its silence is a timer's, far from it a queue may have made it.
    let hole: [Sacked; 2] = [(1030, ack(1011), &[]), (1300, data(1011, 10), &[])];
    assert_eq!(after(0, &hole), Some(Timeout));
    assert_eq!(after(20, &hole), Some(Retransmission));
    assert_eq!(after(0, &[hole[0], (1031, data(1011, 10), &[])]), Some(FastRetransmission));
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
