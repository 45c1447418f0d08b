//! RFC 2018 and RFC 2883, the receiving side: what SACK blocks tell, and that a segment came twice.

use super::super::bench::{Bench, THEIRS, seg};
use super::{at_time, opened, profiles};
use crate::clock::Span;
use crate::tcp::State;
use crate::wire::TcpOption;

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
