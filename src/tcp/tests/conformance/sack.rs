//! RFC 2018 and RFC 2883, the receiving side: what SACK blocks tell, and that a segment came twice.

use super::super::bench::{Bench, THEIRS, seg, with_options};
use super::{at_time, carrying, opened, profiles};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{Reason, State};
use crate::wire::TcpOption;

/// Sequence numbers from and to.
type Blocks = &'static [(u32, u32)];
type Pieces = &'static [(i32, i32)];

const PERMITTED: [TcpOption; 2] = [TcpOption::Mss(1460), TcpOption::SackPermitted];

/// The blocks of the last segment sent, relative to the peer's ISN.
fn blocks(bench: &Bench) -> Vec<(u32, u32)> {
    let (_, last, _) = bench.sent.last().unwrap();
    let found = last.options.iter().find_map(|option| match option {
        TcpOption::Sack(blocks) => {
            Some(blocks.iter().map(|(from, to)| (*from - THEIRS, *to - THEIRS)).collect())
        }
        _ => None,
    });
    found.unwrap_or_default()
}

fn both() -> [Bench; 2] {
    profiles().map(|profile| opened(profile, &PERMITTED))
}

#[test]
fn a_syn_permits_sack_unless_switched_off() {
    for profile in profiles() {
        for (setting, there) in [(1, true), (0, false)] {
            let mut profile = profile.clone();
            profile.set("tcp_sack", setting).unwrap();
            let mut bench = Bench::new(profile);
            bench.listen(4);
            bench.hand(&super::with_options(seg("S", 0, 0, ""), PERMITTED));
            let found = bench.sent[0].1.options.iter().any(|option| option == TcpOption::SackPermitted);
            assert_eq!(found, there);
        }
    }
}

#[test]
fn without_permission_no_blocks_are_sent() {
    for profile in profiles() {
        let mut bench = opened(profile, &[TcpOption::Mss(1460)]);
        bench.hand(&seg("PA", 10, 1, "xyz"));
        bench.hand(&seg("PA", 20, 1, "xyz"));
        assert_eq!(bench.sent.len(), 2);
        assert!(blocks(&bench).is_empty());
    }
}

#[test]
fn each_segment_out_of_order_is_acknowledged_with_its_own_block_first() {
    for mut bench in both() {
        let cases: [(i32, &[(u32, u32)]); 5] = [
            (11, &[(11, 16)]),
            (31, &[(31, 36), (11, 16)]),
            (21, &[(21, 26), (31, 36), (11, 16)]),
            (16, &[(11, 26), (31, 36)]),
            (41, &[(41, 46), (11, 26), (31, 36)]),
        ];
        for (seq, expected) in cases {
            assert_eq!(bench.hand(&seg("PA", seq, 1, "abcde")), ["A 1 1 +0"]);
            assert_eq!(blocks(&bench), expected, "after {seq}");
        }
    }
}

#[test]
fn as_many_blocks_as_fit_are_told_four_without_timestamps_and_three_with() {
    for profile in profiles() {
        let stamp = TcpOption::Timestamps { value: 999, echo: 0 };
        for stamped in [false, true] {
            let options: Vec<_> = PERMITTED.into_iter().chain(stamped.then_some(stamp)).collect();
            let mut bench = opened(profile.clone(), &options);
            for n in 1..=6 {
                let piece = seg("PA", n * 10, 1, "abc");
                bench.hand(&if stamped { at_time(piece, 1000) } else { piece });
            }
            let all = [(60, 63), (50, 53), (40, 43), (30, 33)];
            assert_eq!(blocks(&bench), all[..if stamped { 3 } else { 4 }]);
        }
    }
}

#[test]
fn blocks_go_with_every_acknowledgment_until_the_gap_is_filled() {
    for mut bench in both() {
        bench.hand(&seg("PA", 11, 1, "klmno"));
        bench.write(b"data");
        assert_eq!(blocks(&bench), [(11, 16)], "with data too");
        bench.hand(&seg("PA", 1, 1, "abc"));
        assert_eq!(blocks(&bench), [(11, 16)], "part of the gap");
        bench.hand(&seg("PA", 4, 1, "defghij"));
        assert!(blocks(&bench).is_empty());
        assert_eq!(bench.read(), b"abcdefghijklmno");
    }
}

#[test]
fn what_was_told_is_kept_until_it_can_be_delivered() {
    for mut bench in both() {
        for n in (1..200).rev() {
            bench.hand(&seg("PA", n * 5 + 1, 1, "abcde"));
        }
        assert_eq!(blocks(&bench)[0], (6, 1001));
        bench.wait(Span::secs(3600));
        bench.hand(&seg("PA", 1, 1, "abcde"));
        assert_eq!(bench.read().len(), 1000, "nothing that was reported was thrown away");
    }
}

#[test]
fn a_segment_that_came_before_is_told_first_exactly_and_once() {
    for mut bench in both() {
        bench.hand(&seg("PA", 1, 1, "abcdefghij"));
        bench.hand(&seg("PA", 21, 1, "uvwxy"));
        bench.hand(&seg("PA", 3, 1, "cdef"));
        assert_eq!(blocks(&bench), [(3, 7), (21, 26)], "the duplicate, then what is held");
        bench.hand(&seg("PA", 31, 1, "z"));
        assert_eq!(blocks(&bench), [(31, 32), (21, 26)], "told once");
    }
}

#[test]
fn duplicates_are_not_told_where_that_is_switched_off() {
    for profile in profiles() {
        let mut profile = profile;
        profile.set("tcp_dsack", 0).unwrap();
        let mut bench = opened(profile, &PERMITTED);
        bench.hand(&seg("PA", 1, 1, "abc"));
        bench.wait(Span::secs(1));
        assert_eq!(bench.hand(&seg("PA", 1, 1, "abc")).len(), 1);
        assert!(blocks(&bench).is_empty());
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn what_came_twice_too_early_is_told_first_and_then_the_block_that_holds_it() {
    // As Linux 6.18 was seen to report it: from, to, whether some of it came before, blocks, segments covered.
    let cases: [(i32, i32, bool, Blocks, u64); 8] = [
        (11, 21, false, &[(11, 21)], 0),
        (11, 21, true, &[(11, 21), (11, 21)], 1),
        (13, 17, true, &[(13, 17), (11, 21)], 1),
        (5, 15, true, &[(11, 15), (5, 21)], 0),
        (18, 28, true, &[(18, 21), (5, 28)], 0),
        (40, 45, false, &[(40, 45), (5, 28)], 0),
        (30, 50, true, &[(40, 45), (30, 50), (5, 28)], 1),
        (20, 35, true, &[(20, 28), (5, 50)], 0),
    ];
    for mut bench in both() {
        for (from, to, again, expected, covered) in cases {
            bench.forget_past();
            bench.hand(&carrying(seg("PA", from, 1, ""), (to - from) as usize));
            assert_eq!(blocks(&bench), expected, "{from} to {to}");
            assert_eq!(bench.count(Counter::TCPDSACKOfoSent), u64::from(again), "{from} to {to}");
            assert_eq!(bench.count(Counter::TCPOFOMerge), covered, "{from} to {to}");
        }
    }
}

#[test]
fn of_a_segment_that_is_partly_new_only_the_octets_that_came_before_are_told() {
    // What comes, and the block it is reported by.
    let cases: [(Pieces, (u32, u32)); 4] = [
        (&[(1, 11), (5, 15)], (5, 11)),
        (&[(1, 11), (30, 40), (10, 35)], (10, 11)),
        (&[(10, 15), (18, 30), (1, 20)], (10, 15)),
        (&[(10, 15), (1, 31)], (10, 15)),
    ];
    for profile in profiles() {
        for (pieces, expected) in cases {
            let mut bench = opened(profile.clone(), &PERMITTED);
            for (from, to) in pieces {
                bench.forget_past();
                bench.hand(&carrying(seg("PA", *from, 1, ""), (to - from) as usize));
            }
            bench.wait(Span::secs(1));
            assert_eq!(blocks(&bench), [expected], "{pieces:?}");
            assert_eq!(bench.count(Counter::TCPDSACKOldSent), 1);
        }
    }
}

#[test]
fn an_old_segment_with_an_old_timestamp_is_reported_as_well() {
    for profile in profiles() {
        let stamp = TcpOption::Timestamps { value: 999, echo: 0 };
        let mut bench = opened(profile, &[PERMITTED[0], PERMITTED[1], stamp]);
        bench.hand(&at_time(seg("PA", 1, 1, "abc"), 2000));
        bench.wait(Span::secs(1));
        bench.hand(&at_time(seg("PA", 1, 1, "abc"), 1500));
        assert_eq!(blocks(&bench), [(1, 4)]);
        assert_eq!((bench.count(Counter::PAWSEstab), bench.count(Counter::TCPDSACKOldSent)), (1, 1));
    }
}

#[test]
fn a_block_below_the_acknowledgment_it_came_with_is_a_duplicate_whatever_was_acknowledged_since() {
    for profile in profiles() {
        let mut bench = Bench::open_with(profile, PERMITTED);
        bench.write(&[1; 5 * 1460]);
        bench.hand(&seg("A", 1, 4381, ""));
        bench.forget_past();
        // An old acknowledgment, overtaken: its block lies above its number, though below SND.UNA.
        let block = |from: u32, to: u32| {
            [(super::super::bench::OURS + from, super::super::bench::OURS + to)].into_iter().collect()
        };
        bench.hand(&with_options(seg("A", 1, 1461, ""), [TcpOption::Sack(block(2921, 4381))]));
        assert!(!bench.notes.contains(&Reason::DuplicateReported), "{:?}", bench.notes);
        bench.hand(&with_options(seg("A", 1, 4381, ""), [TcpOption::Sack(block(1, 1461))]));
        assert!(bench.notes.contains(&Reason::DuplicateReported));
    }
}

#[test]
fn reports_take_nothing_from_congestion_control() {
    for profile in profiles() {
        let thresholds = [true, false].map(|sack| {
            let options = PERMITTED.into_iter().take(1 + usize::from(sack));
            let mut bench = Bench::open_with(profile.clone(), options);
            bench.write(&vec![1; 10 * 1460]);
            for n in 2..5 {
                let held = (super::super::bench::OURS + 1461, super::super::bench::OURS + n * 1460 + 1);
                let report = sack.then(|| TcpOption::Sack([held].into_iter().collect()));
                bench.hand(&with_options(seg("A", 1, 1, ""), report));
            }
            assert!(bench.shown(10).contains(&"A 1 1 +1460".to_owned()), "sent again");
            bench.variable("ssthresh")
        });
        assert_eq!(thresholds, [Some(5), Some(5)], "half of ten, with reports as without");
    }
}
