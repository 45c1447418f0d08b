//! Loss and recovery. What the linux profile sends here the kernel was seen to send (Linux 6.18.44, no timestamps,
//! MSS 1460, segments 4 ms apart); `S(n)` is where the segment number n begins.

mod newreno;
mod rack;
mod sack;
mod tail;
mod undo;

use super::bench::{Bench, OURS, seg, with_options};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Seq, TcpOption};

const MSS: i32 = 1460;

/// Where segment `n` begins, from 0.
pub(super) fn s(n: i32) -> i32 {
    1 + n * MSS
}

pub(super) fn plain(profile: Profile) -> Bench {
    Bench::open_with(profile, [TcpOption::Mss(1460)])
}

pub(super) fn sacking(profile: Profile) -> Bench {
    Bench::open_with(profile, [TcpOption::Mss(1460), TcpOption::SackPermitted])
}

/// The numbers of the segments sent since, by their place.
pub(super) fn numbers(shown: &[String]) -> Vec<i32> {
    let number = |line: &String| (line.split(' ').nth(1).unwrap().parse::<i32>().unwrap() - 1) / MSS;
    shown.iter().map(number).collect()
}

impl Bench {
    /// So many full segments are written, and 6 ms pass. Returns which go.
    pub(super) fn fill(&mut self, segments: usize) -> Vec<i32> {
        let from = self.sent.len();
        self.write(&vec![7; segments * MSS as usize]);
        self.wait(Span::millis(6));
        numbers(&self.shown(from))
    }

    /// All before segment `n` is acknowledged, 4 ms later; `blocks` of segments are held. Returns which segments go.
    pub(super) fn ack(&mut self, n: i32, blocks: &[(i32, i32)]) -> Vec<i32> {
        self.ack_after(4, n, blocks)
    }

    /// The same so many milliseconds later.
    fn ack_after(&mut self, ms: u64, n: i32, blocks: &[(i32, i32)]) -> Vec<i32> {
        self.wait(Span::millis(ms));
        let at = |n: i32| Seq(OURS.0.wrapping_add(s(n) as u32));
        let list: Vec<(Seq, Seq)> = blocks.iter().map(|(from, to)| (at(*from), at(*to))).collect();
        let options = (!list.is_empty()).then(|| TcpOption::Sack(list.into_iter().collect()));
        numbers(&self.hand(&with_options(seg("A", 1, s(n), ""), options)))
    }

    pub(super) fn window(&self) -> u64 {
        self.variable("cwnd").unwrap()
    }

    pub(super) fn time_out(&mut self) -> Vec<i32> {
        let sent = self.wait(Span::millis(400));
        numbers(&sent)
    }
}

const NONE: [i32; 0] = [];

fn profiles() -> [Profile; 2] {
    [Profile::rfc9293(), Profile::linux()]
}

/// The profile with settings of its own.
fn with(mut profile: Profile, settings: &[(&str, i64)]) -> Profile {
    for (name, value) in settings {
        profile.set(name, *value).unwrap();
    }
    profile
}

#[test]
fn without_sack_linux_reckons_with_duplicates_and_reduces_in_proportion() {
    let mut bench = plain(Profile::linux());
    assert_eq!(bench.fill(30).len(), 10);
    assert_eq!(bench.ack(0, &[]), [10], "limited transmit");
    assert_eq!(bench.ack(0, &[]), [11]);
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![0], 9));
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![], 8));
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![12], 8));
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![], 7));
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![13], 7));
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![], 6));
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![], 5));
    assert_eq!((bench.ack(4, &[]), bench.window()), (vec![4, 14], 5));
    assert_eq!(bench.ack(4, &[]), [15]);
    assert_eq!(bench.ack(10, &[]), [10, 16]);
    assert_eq!(bench.ack(11, &[]), [11, 17]);
    assert_eq!(bench.ack(12, &[]), NONE, "the end of recovery itself proves nothing without SACK");
}

#[test]
fn without_sack_linux_sends_the_next_hole_when_its_share_allows() {
    let mut bench = plain(Profile::linux());
    bench.fill(10);
    assert_eq!([bench.ack(0, &[]), bench.ack(0, &[])], [NONE, NONE]);
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![0], 7));
    assert_eq!((bench.ack(2, &[]), bench.window()), (vec![], 5));
    assert_eq!(bench.ack(2, &[]), [2]);
    assert_eq!(bench.sent.last().unwrap().2, Reason::RetransmitPartial);
    assert_eq!(bench.ack(2, &[]), NONE);
    assert_eq!(bench.ack(3, &[]), [3]);
    assert_eq!((bench.ack(10, &[]), bench.window()), (vec![], 5));
    assert_eq!(bench.fill(10), [10, 11, 12, 13, 14]);
}

#[test]
fn with_sack_linux_sends_what_is_missing_and_new_data_in_proportion() {
    let mut bench = sacking(Profile::linux());
    bench.fill(30);
    let mut went = Vec::new();
    for held in 2..=10 {
        went.push((bench.ack(0, &[(1, held)]), bench.window()));
    }
    let kernel: [(&[i32], u64); 9] =
        [(&[10], 10), (&[11], 10), (&[0], 9), (&[], 8), (&[12], 8), (&[], 7), (&[13], 7), (&[], 6), (&[], 5)];
    assert_eq!(went, kernel.map(|(sent, window)| (sent.to_vec(), window)));
    assert_eq!(bench.variable("ssthresh"), Some(5));
}

#[test]
fn new_reno_inflates_by_duplicates_and_deflates_by_partial_acknowledgments() {
    let mut bench = plain(Profile::rfc9293());
    bench.fill(30);
    assert_eq!([bench.ack(0, &[]), bench.ack(0, &[])], [[10], [11]], "limited transmit");
    // Ten of the twelve count: what limited transmit added does not.
    assert_eq!((bench.ack(0, &[]), bench.window()), (vec![0], 8));
    assert_eq!(bench.variable("ssthresh"), Some(5));
    let inflated: Vec<u64> = (0..4)
        .map(|_| {
            assert_eq!(bench.ack(0, &[]), NONE);
            bench.window()
        })
        .collect();
    assert_eq!(inflated, [9, 10, 11, 12]);
    assert_eq!(bench.ack(0, &[]), [12]);
    // A partial acknowledgment of four takes back three.
    assert_eq!((bench.ack(4, &[]), bench.window()), (vec![4, 13], 10));
    assert_eq!(bench.sent[bench.sent.len() - 2].2, Reason::RetransmitPartial);
    bench.ack(12, &[]);
    assert_eq!(bench.window(), 3, "the smaller of the threshold and what is on its way, and one");
}

#[test]
fn only_the_first_partial_acknowledgment_restarts_the_timer() {
    let deadline = |bench: &Bench| bench.variable("timer.retransmission").unwrap();
    let mut bench = plain(Profile::rfc9293());
    bench.fill(10);
    for _ in 0..3 {
        bench.ack(0, &[]);
    }
    let before = deadline(&bench);
    bench.ack(2, &[]);
    let first = deadline(&bench);
    assert!(first > before);
    bench.ack(4, &[]);
    assert_eq!(deadline(&bench), first);
}

#[test]
fn late_duplicates_after_a_recovery_start_no_other() {
    let mut bench = plain(Profile::rfc9293());
    bench.fill(10);
    for _ in 0..3 {
        bench.ack(0, &[]);
    }
    bench.ack(10, &[]);
    bench.fill(3);
    let again = bench.count(Counter::TCPFastRetrans);
    for _ in 0..5 {
        bench.ack(10, &[]);
    }
    assert_eq!(bench.count(Counter::TCPFastRetrans), again);
}

#[test]
fn with_sack_recovery_keeps_the_pipe_at_half_the_window() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(30);
    assert_eq!([bench.ack(0, &[(1, 2)]), bench.ack(0, &[(1, 3)])], [[10], [11]], "limited transmit");
    assert_eq!((bench.ack(0, &[(1, 4)]), bench.window()), (vec![0], 5));
    // Twelve sent, one lost and sent again: nothing new goes before only four are on their way.
    for held in 5..=8 {
        assert_eq!(bench.ack(0, &[(1, held)]), NONE, "{held}");
    }
    assert_eq!(bench.ack(0, &[(1, 9)]), [12]);
    assert_eq!(bench.ack(0, &[(1, 10)]), [13]);
    assert_eq!(bench.window(), 5);
}

#[test]
fn three_separate_blocks_in_one_acknowledgment_are_enough() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(10);
    assert_eq!(bench.ack(0, &[(1, 2), (3, 4), (5, 6)]), [0]);
    assert_eq!(bench.sent.last().unwrap().2, Reason::FastRetransmit);
}

#[test]
fn the_lowest_hole_goes_first_and_what_the_peer_holds_never() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(10);
    let mut again = Vec::new();
    for blocks in [&[(1, 2)][..], &[(3, 4), (1, 2)], &[(5, 10), (3, 4), (1, 2)]] {
        again.extend(bench.ack(0, blocks));
    }
    assert_eq!(again, [0, 2, 4]);
    assert_eq!(bench.sent.last().unwrap().2, Reason::RetransmitHole);
}

#[test]
fn a_hole_not_yet_lost_goes_when_there_is_nothing_new_and_the_end_once() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(10);
    for held in 7..=9 {
        bench.ack(0, &[(1, 5)]);
        bench.ack(0, &[(6, held), (1, 5)]);
    }
    // 5 lies below two segments held: not lost by the rule, but nothing else is left. 9 is the end.
    let reasons: Vec<Reason> = bench.sent[10..].iter().map(|(_, _, why)| *why).collect();
    assert_eq!(numbers(&bench.shown(10)), [0, 5, 9]);
    assert_eq!(reasons, [Reason::FastRetransmit, Reason::RetransmitHole, Reason::RetransmitRescue]);
    assert_eq!(bench.ack(1, &[(6, 9), (1, 5)]), NONE, "one rescue in each recovery");
}

#[test]
fn after_a_time_out_the_rfc_forgets_what_the_peer_held_and_linux_does_not() {
    let mut again = Vec::new();
    for mut profile in [Profile::rfc9293(), Profile::linux()] {
        profile.set("tcp_rto_min_us", 300_000).unwrap();
        let mut bench = sacking(profile);
        bench.fill(6);
        bench.ack(0, &[(2, 4)]);
        bench.forget_past();
        bench.wait(Span::millis(400));
        bench.ack(1, &[]);
        bench.ack(2, &[]);
        again.push(numbers(&bench.shown(0)));
    }
    assert_eq!(again, [vec![0, 1, 2, 3, 4], vec![0, 0, 1, 4]], "linux tries the first before, by time");
}

#[test]
fn the_peer_that_threw_away_what_it_held_gets_it_again() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = sacking(profile);
        bench.fill(4);
        bench.ack(0, &[(1, 3)]);
        bench.ack(1, &[]);
        bench.forget_past();
        bench.wait(Span::secs(2));
        assert_eq!(numbers(&bench.shown(0))[0], 1);
        assert_eq!(bench.ack(2, &[])[0], 2);
    }
}

#[test]
fn a_spurious_time_out_is_found_by_new_data_and_undone() {
    let mut bench = plain(Profile::linux());
    bench.fill(30);
    assert_eq!(bench.time_out(), [0]);
    assert_eq!((bench.ack(1, &[]), bench.window()), (vec![10, 11], 2));
    assert_eq!((bench.ack(2, &[]), bench.window()), (vec![12], 11));
    assert_eq!(bench.variable("ssthresh"), None);
    assert_eq!((bench.ack(3, &[]), bench.window()), (vec![13, 14], 12));
    assert!(bench.notes.contains(&Reason::RecoveryUndone));
}

#[test]
fn a_real_time_out_shows_by_duplicates_of_the_new_data() {
    let mut bench = plain(Profile::linux());
    bench.fill(30);
    assert_eq!(bench.time_out(), [0]);
    assert_eq!(bench.ack(1, &[]), [10, 11]);
    assert_eq!(bench.ack(1, &[]), [1]);
    assert_eq!(bench.ack(1, &[]), [2]);
    assert_eq!((bench.ack(2, &[]), bench.window()), (vec![], 3));
}

#[test]
fn with_sack_a_real_time_out_shows_by_blocks_of_the_new_data() {
    let mut bench = sacking(Profile::linux());
    bench.fill(30);
    assert_eq!(bench.time_out(), [0]);
    assert_eq!(bench.ack(1, &[]), [10, 11]);
    assert_eq!(bench.ack(1, &[(10, 11)]), [1]);
    assert_eq!(bench.ack(1, &[(10, 12)]), [2]);
    assert_eq!((bench.ack(2, &[(10, 12)]), bench.window()), (vec![3, 4], 3));
}

#[test]
fn without_f_rto_what_was_lost_goes_again_in_slow_start() {
    let mut profile = Profile::linux();
    profile.set("tcp_frto", 0).unwrap();
    let mut bench = plain(profile);
    bench.fill(30);
    assert_eq!(bench.time_out(), [0]);
    assert_eq!(bench.ack(1, &[]), [1, 2]);
    assert_eq!(bench.ack(3, &[]), [3, 4, 5, 6]);
}

#[test]
fn a_recovery_whose_copy_came_twice_is_undone() {
    let mut bench = sacking(Profile::linux());
    bench.fill(30);
    for held in 2..=4 {
        bench.ack(0, &[(1, held)]);
    }
    assert_eq!((bench.ack(6, &[]), bench.window()), (vec![12], 7));
    assert_eq!((bench.ack(6, &[(0, 1)]), bench.window()), (vec![13, 14, 15], 10));
    assert_eq!(bench.variable("ssthresh"), None);
    assert_eq!((bench.ack(8, &[]), bench.window()), (vec![16, 17, 18, 19], 12));
}

#[test]
fn the_rfc_undoes_nothing_by_itself() {
    let mut bench = sacking(Profile::rfc9293());
    bench.fill(30);
    for held in 2..=4 {
        bench.ack(0, &[(1, held)]);
    }
    bench.ack(6, &[]);
    bench.ack(6, &[(0, 1)]);
    assert_eq!(bench.variable("ssthresh"), Some(5));
    assert_eq!(bench.state(), State::Established);
}

#[test]
fn what_went_before_a_copy_that_arrived_is_lost_by_time() {
    let mut bench = sacking(Profile::linux());
    bench.fill(30);
    for held in 2..=10 {
        bench.ack(0, &[(1, held)]);
    }
    // The copy of 0 has arrived; 10 and 11 went before it and have not.
    assert_eq!(bench.ack(10, &[]), [10, 11, 14]);
    assert_eq!((bench.ack(11, &[]), bench.window()), (vec![15], 5));
    assert_eq!((bench.ack(12, &[]), bench.window()), (vec![16], 5));
}

#[test]
fn two_holes_are_filled_as_the_kernel_fills_them() {
    let mut bench = sacking(Profile::linux());
    bench.fill(30);
    let mut went = Vec::new();
    for blocks in [&[(1, 2)][..], &[(3, 4), (1, 2)], &[(3, 5), (1, 2)], &[(3, 6), (1, 2)], &[(3, 7), (1, 2)]]
    {
        went.push(bench.ack(0, blocks));
    }
    assert_eq!(went, [vec![10], vec![11], vec![0], vec![], vec![2]]);
    assert_eq!(bench.ack(2, &[(3, 7)]), [7, 8]);
    assert_eq!((bench.ack(7, &[]), bench.window()), (vec![9, 10], 4));
}

#[test]
fn two_segments_held_start_the_timer_for_reordering_and_then_recovery() {
    let mut bench = sacking(Profile::linux());
    bench.fill(10);
    assert_eq!(bench.ack(0, &[(2, 4)]), NONE);
    let times = bench.wait(Span::millis(100));
    assert_eq!(numbers(&times), [0]);
    assert_eq!(bench.sent.last().unwrap().2, Reason::FastRetransmit);
    // The round trip, a quarter of the least one, and two ticks of 4 ms of the kernel's clock.
    assert_eq!(bench.sent[10].0 - bench.sent[0].0, Span::micros(10_000 + 2500 + 2000));
}

#[test]
fn without_rack_two_segments_held_prove_nothing() {
    let mut profile = Profile::rfc9293();
    profile.set("tcp_recovery", 0).unwrap();
    let mut bench = sacking(profile);
    bench.fill(10);
    bench.ack(0, &[(2, 4)]);
    assert!(bench.wait(Span::millis(150)).is_empty());
}

#[test]
fn without_sack_neither_rack_nor_probes_are_used() {
    let mut profile = Profile::linux();
    profile.set("tcp_early_retrans", 3).unwrap();
    let mut bench = plain(profile);
    bench.fill(4);
    bench.ack(2, &[]);
    assert!(bench.wait(Span::millis(150)).is_empty());
    assert_eq!(bench.count(Counter::TCPLossProbes), 0);
}

pub(super) fn probing() -> Bench {
    let mut profile = Profile::linux();
    profile.set("tcp_early_retrans", 3).unwrap();
    let mut bench = sacking(profile);
    bench.fill(4);
    bench.ack(2, &[]);
    bench
}

#[test]
fn an_unanswered_tail_is_probed_with_its_last_segment_after_two_round_trips() {
    let mut bench = probing();
    let from = bench.sent.len();
    bench.wait(Span::millis(60));
    assert_eq!(numbers(&bench.shown(from)), [3]);
    assert_eq!(bench.sent[from].2, Reason::ProbeTail);
    assert_eq!(bench.count(Counter::TCPLossProbes), 1);
    assert_eq!(bench.wait(Span::millis(100)).len(), 0, "one probe");
}

#[test]
fn a_probe_that_repaired_a_loss_reduces_the_window_and_one_reported_twice_does_not() {
    for (reported, window) in [(false, Some(5)), (true, None)] {
        let mut bench = probing();
        bench.wait(Span::millis(60));
        bench.ack(4, &[]);
        assert_eq!(bench.variable("ssthresh"), None, "nothing is known before more is acknowledged");
        if reported {
            bench.ack(4, &[(3, 4)]);
        }
        bench.fill(2);
        bench.ack(5, &[]);
        assert_eq!(bench.variable("ssthresh"), window);
    }
}

#[test]
fn the_answer_to_a_probe_shows_the_hole_before_it() {
    let mut bench = probing();
    bench.wait(Span::millis(60));
    let mut again = bench.ack(2, &[(3, 4)]);
    let later = bench.wait(Span::millis(50));
    again.extend(numbers(&later));
    assert_eq!(again, [2]);
}

#[test]
fn a_probe_is_new_data_when_there_is_some() {
    let mut profile = Profile::linux();
    profile.set("tcp_early_retrans", 3).unwrap();
    let mut bench = sacking(profile);
    bench.fill(20);
    bench.ack(2, &[]);
    let from = bench.sent.len();
    bench.wait(Span::millis(60));
    assert_eq!(numbers(&bench.shown(from)), [14]);
    assert_eq!(bench.sent[from].2, Reason::SendData);
}
