//! Whole transfers between two stacks: what reordering, late and lost segments do, and what is found out afterwards.

use super::super::duo::{CLIENT, Duo, SERVER};
use super::*;
use crate::tcp::{ConnId, Owner};

/// A transfer over a wire of 20 ms each way.
struct Transfer {
    duo: Duo,
    client: ConnId,
    server: ConnId,
    /// The crossing number of the first segment of text.
    first: usize,
    got: usize,
}

impl Transfer {
    fn new(profile: Profile, settings: &[(&str, i64)]) -> Transfer {
        let mut duo = Duo::new(with(with(profile, &[("tcp_initial_cwnd", 10)]), settings));
        duo.delay = Span::millis(20);
        let listener = duo.listen(80, 4);
        let client = duo.connect(40_000, 80);
        duo.run(Span::millis(100));
        let server = duo.on(SERVER, |stack, _, fx| stack.accept(listener, fx)).unwrap();
        let first = duo.crossed.len();
        Transfer { duo, client, server, first, got: 0 }
    }

    /// So many segments are written, then time passes.
    fn send(&mut self, segments: usize, time: Span) {
        self.duo.send(CLIENT, self.client, &vec![7; segments * 1448]);
        self.pass(time);
    }

    fn pass(&mut self, time: Span) {
        for _ in 0..time.as_millis() / 5 {
            self.duo.run(Span::millis(5));
            self.got += self.duo.recv_some(SERVER, self.server).len();
        }
    }

    fn variable(&self, name: &str) -> Option<u64> {
        let variables = self.duo.stacks[CLIENT].variables(Owner::Conn(self.client));
        variables.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    fn count(&self, counter: Counter) -> u64 {
        self.duo.count(CLIENT, counter)
    }

    fn noted(&self, reason: Reason) -> bool {
        self.duo.notes.contains(&(CLIENT, reason))
    }

    /// Which segments of text the client sent from the `from`th crossing on, and why.
    fn texts(&self, from: usize) -> Vec<(Span, Reason)> {
        let texts = self.duo.crossed[from..].iter();
        let texts = texts.filter(|crossing| crossing.from == CLIENT && !crossing.segment.payload.is_empty());
        texts.map(|crossing| (crossing.at - crate::clock::Instant::ZERO, crossing.why)).collect()
    }
}

/// Ten segments, the first of which takes 12 ms longer than the others.
fn one_late(profile: Profile, settings: &[(&str, i64)]) -> Transfer {
    let mut transfer = Transfer::new(profile, settings);
    transfer.duo.late.push((transfer.first, Span::millis(12)));
    transfer.send(10, Span::millis(300));
    assert_eq!(transfer.got, 14_480);
    assert!(transfer.count(Counter::TCPFastRetrans) > 0, "three held: it was taken for lost");
    transfer
}

#[test]
fn timestamps_tell_that_what_was_late_was_not_lost_and_linux_undoes() {
    // Duplicates are not reported: only the echo can tell.
    let settings = [("tcp_timestamps", 1), ("tcp_dsack", 0)];
    let linux = one_late(Profile::linux(), &settings);
    assert!(linux.noted(Reason::RecoveryUndone));
    assert_eq!(linux.variable("ssthresh"), None);
    assert!(linux.variable("cwnd").unwrap() >= 10);
    let rfc = one_late(Profile::rfc9293(), &settings);
    assert!(!rfc.noted(Reason::RecoveryUndone));
    assert_eq!(rfc.variable("ssthresh"), Some(5));
    let blind = one_late(Profile::linux(), &[("tcp_timestamps", 0), ("tcp_dsack", 0)]);
    assert_eq!((blind.noted(Reason::RecoveryUndone), blind.variable("ssthresh")), (false, Some(5)));
}

#[test]
fn a_reported_duplicate_tells_that_what_was_late_was_not_lost_and_linux_undoes() {
    let settings = [("tcp_timestamps", 0), ("tcp_dsack", 1)];
    let linux = one_late(Profile::linux(), &settings);
    assert!(linux.noted(Reason::DuplicateReported) && linux.noted(Reason::RecoveryUndone));
    assert_eq!(linux.variable("ssthresh"), None);
    let rfc = one_late(Profile::rfc9293(), &settings);
    assert!(!rfc.noted(Reason::RecoveryUndone) && rfc.variable("ssthresh").is_some());
}

#[test]
fn a_real_loss_is_not_undone() {
    for timestamps in [0, 1] {
        let mut transfer = Transfer::new(Profile::linux(), &[("tcp_timestamps", timestamps)]);
        transfer.duo.lose.push(transfer.first);
        transfer.send(10, Span::millis(300));
        assert_eq!(transfer.got, 14_480);
        assert!(!transfer.noted(Reason::RecoveryUndone));
        assert_eq!(transfer.variable("ssthresh"), Some(5));
    }
}

#[test]
fn after_reordering_was_seen_a_late_segment_is_waited_for() {
    for profile in profiles() {
        let mut transfer = Transfer::new(profile, &[("tcp_recovery", 1), ("tcp_timestamps", 0)]);
        // Two held are no proof: the first comes late and shows that the path reorders.
        transfer.duo.late.push((transfer.first, Span::millis(4)));
        transfer.send(3, Span::millis(300));
        assert_eq!(transfer.count(Counter::TCPFastRetrans), 0);
        let next = transfer.duo.crossed.len();
        transfer.duo.late.push((next, Span::millis(8)));
        transfer.send(6, Span::millis(300));
        assert_eq!(transfer.count(Counter::TCPFastRetrans), 0, "8 ms are less than a quarter of 40");
        let next = transfer.duo.crossed.len();
        transfer.duo.late.push((next, Span::millis(30)));
        transfer.send(6, Span::millis(300));
        assert_eq!(transfer.count(Counter::TCPFastRetrans), 1, "30 ms are more");
    }
}

#[test]
fn each_report_of_a_needless_copy_makes_it_wait_longer() {
    for (setting, copies) in [(1, 1), (3, 2)] {
        let mut transfer =
            Transfer::new(Profile::linux(), &[("tcp_recovery", setting), ("tcp_timestamps", 0)]);
        // Four segments held, and more than a quarter of the round trip and the clock's ticks.
        for late in [4, 19, 19] {
            transfer.duo.late.push((transfer.duo.crossed.len(), Span::millis(late)));
            let segments = if late == 4 { 3 } else { 6 };
            transfer.send(segments, Span::millis(300));
        }
        assert_eq!(transfer.count(Counter::TCPFastRetrans), copies, "tcp_recovery {setting}");
    }
}

#[test]
fn a_delay_that_looked_like_a_loss_of_all_is_found_out_without_timestamps() {
    for (frto, undone) in [(2, true), (0, false)] {
        let settings = [("tcp_timestamps", 0), ("tcp_sack", 0), ("tcp_frto", frto)];
        let mut transfer = Transfer::new(Profile::linux(), &settings);
        let first = transfer.first;
        transfer.duo.late.extend((first..first + 10).map(|number| (number, Span::millis(230))));
        transfer.send(25, Span::secs(2));
        assert_eq!(transfer.got, 25 * 1448);
        assert!(transfer.count(Counter::TCPTimeouts) >= 1);
        assert_eq!(transfer.noted(Reason::RecoveryUndone), undone, "tcp_frto {frto}");
        assert_eq!(transfer.variable("ssthresh").is_none(), undone);
    }
}

#[test]
fn a_real_loss_of_all_is_not_undone_by_it() {
    for sack in [0, 1] {
        let settings = [("tcp_timestamps", 0), ("tcp_sack", sack)];
        let mut transfer = Transfer::new(Profile::linux(), &settings);
        let first = transfer.first;
        transfer.duo.lose.extend(first..first + 10);
        transfer.send(25, Span::secs(4));
        assert_eq!(transfer.got, 25 * 1448);
        assert!(!transfer.noted(Reason::RecoveryUndone));
        assert_eq!(transfer.variable("ssthresh"), Some(5));
    }
}

#[test]
fn a_lost_tail_is_repaired_by_a_probe_before_any_time_out() {
    for profile in profiles() {
        for (probes, longest) in [(3, 240), (0, 3000)] {
            let settings = [("tcp_early_retrans", probes), ("tcp_recovery", 1)];
            let mut transfer = Transfer::new(profile.clone(), &settings);
            // The last two of six: the probe brings the last and shows that the other is missing.
            transfer.duo.lose.extend([transfer.first + 4, transfer.first + 5]);
            let begin = transfer.duo.now;
            transfer.duo.send(CLIENT, transfer.client, &vec![7; 6 * 1448]);
            while transfer.got < 6 * 1448 {
                transfer.pass(Span::millis(5));
                assert!(
                    transfer.duo.now - begin < Span::millis(longest),
                    "{:?}",
                    transfer.duo.shown(transfer.first)
                );
            }
            transfer.pass(Span::millis(60));
            let by_probe = (transfer.count(Counter::TCPLossProbes), transfer.count(Counter::TCPTimeouts));
            assert_eq!(by_probe, if probes == 3 { (1, 0) } else { (0, 1) });
            assert!(transfer.variable("ssthresh").is_some());
        }
    }
}

#[test]
fn limited_transmit_saves_a_small_window_from_the_time_out() {
    for profile in profiles() {
        // Four segments may go: one is lost, two more duplicates are needed than three segments give.
        for (segments, time_outs) in [(3, 1), (8, 0)] {
            let settings = [("tcp_initial_cwnd", 3), ("tcp_sack", 0), ("tcp_timestamps", 0)];
            let mut transfer = Transfer::new(profile.clone(), &settings);
            transfer.duo.lose.push(transfer.first);
            transfer.send(segments, Span::secs(3));
            assert_eq!(transfer.got, segments * 1448);
            assert_eq!(transfer.count(Counter::TCPTimeouts), time_outs, "{segments} segments");
        }
    }
}

#[test]
fn in_recovery_linux_sends_no_more_than_arrives_and_half_as_much_in_all() {
    let mut transfer =
        Transfer::new(Profile::linux(), &[("tcp_initial_cwnd", 30), ("tcp_wmem_default", 200_000)]);
    transfer.duo.lose.push(transfer.first);
    transfer.duo.send(CLIENT, transfer.client, &vec![7; 80 * 1448]);
    transfer.pass(Span::millis(45));
    // Thirty went; the acknowledgments of 29 came together, one after the other.
    let from = transfer.first + 30;
    let sent: Vec<Reason> = transfer.texts(from).into_iter().map(|(_, why)| why).collect();
    // Two by limited transmit, and of what the other 27 let out at most half of the whole window.
    assert!((14..=17).contains(&sent.len()), "{} segments", sent.len());
    assert_eq!(sent.iter().filter(|why| **why == Reason::FastRetransmit).count(), 1);
    let acks = transfer.duo.crossed[from..].iter().filter(|crossing| crossing.from == SERVER).count();
    assert!(sent.len() <= acks, "{} for {acks} acknowledgments", sent.len());
    assert_eq!(transfer.variable("ssthresh"), Some(15));
    transfer.pass(Span::millis(45));
    assert_eq!(transfer.variable("cwnd"), Some(15), "the threshold in the end");
}

#[test]
fn after_a_rest_the_first_burst_is_small_again() {
    for (profile, burst) in profiles().into_iter().zip([10, 10]) {
        for (setting, restarted) in [(1, true), (0, false)] {
            let settings = [("tcp_slow_start_after_idle", setting), ("tcp_wmem_default", 200_000)];
            let mut transfer = Transfer::new(profile.clone(), &settings);
            for _ in 0..3 {
                transfer.send(60, Span::millis(300));
            }
            let grown = transfer.variable("cwnd").unwrap();
            assert!(grown > 30, "{grown}");
            transfer.pass(Span::secs(20));
            let from = transfer.duo.crossed.len();
            transfer.send(60, Span::millis(10));
            let first = transfer.texts(from).len();
            assert_eq!(first == burst, restarted, "{first} of {grown}");
        }
    }
}

#[test]
fn a_sender_with_little_to_say_earns_no_large_window() {
    for profile in profiles() {
        let mut transfer = Transfer::new(profile, &[]);
        for _ in 0..60 {
            transfer.send(2, Span::millis(60));
        }
        assert_eq!(transfer.variable("cwnd"), Some(10), "nothing was learnt of more than two segments");
    }
}
