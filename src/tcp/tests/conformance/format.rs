//! RFC 9293 sections 3.1 and 3.2: the header, its window and its options.

use super::super::bench::{Bench, seg, with_options};
use super::{carrying, conversation, eager, following, lengths, offering, opened, profiles};
use crate::tcp::State;
use crate::wire::{Flags, Segment, TcpOption, TcpOptions};

#[test]
fn a_window_above_half_its_range_is_large_and_not_negative() {
    for mut bench in eager() {
        for window in [0x7fff, 0x8000, 0xffff] {
            bench.hand(&offering(seg("A", 1, 1, ""), window));
            assert_eq!(bench.variable("snd.wnd"), Some(u64::from(window)));
        }
        bench.write(&[1; 14_600]);
        assert_eq!(lengths(&bench), [1460; 10]);
    }
}

#[test]
fn a_scaled_window_of_a_gigabyte_is_kept_whole() {
    for profile in profiles() {
        let mut bench = opened(profile, &[TcpOption::Mss(1460), TcpOption::WindowScale(14)]);
        bench.hand(&offering(seg("A", 1, 1, ""), u16::MAX));
        assert_eq!(bench.variable("snd.wnd"), Some(65_535 << 14));
    }
}

#[test]
fn the_three_options_everybody_knows_are_read_in_any_order() {
    let lists: [&[TcpOption]; 4] = [
        &[TcpOption::Mss(700)],
        &[TcpOption::Nop, TcpOption::Mss(700), TcpOption::EndOfList],
        &[TcpOption::Nop, TcpOption::Nop, TcpOption::Nop, TcpOption::Mss(700)],
        &[TcpOption::Mss(700), TcpOption::EndOfList],
    ];
    for list in lists {
        for profile in profiles() {
            let mut bench = opened(profile, list);
            bench.write(&[1; 3000]);
            assert_eq!(lengths(&bench)[..2], [700, 700], "{list:?}");
        }
    }
}

#[test]
fn what_stands_after_the_end_of_the_list_is_not_read() {
    for profile in profiles() {
        let mut bench = opened(profile, &[TcpOption::Mss(700), TcpOption::EndOfList, TcpOption::Mss(300)]);
        bench.write(&[1; 3000]);
        assert_eq!(lengths(&bench)[0], 700);
    }
}

/// A SYN whose options are these octets.
fn syn_of(octets: &[u8]) -> Segment {
    Segment { options: TcpOptions::from_octets(octets).unwrap(), ..seg("S", 0, 0, "") }
}

#[test]
fn an_option_nobody_knows_is_skipped_by_its_length_on_any_segment() {
    for profile in profiles() {
        let mut bench = Bench::new(profile);
        bench.listen(4);
        let sent = bench.hand(&syn_of(&[200, 6, 2, 4, 9, 9, 2, 4, 2, 188]));
        assert_eq!(sent, ["SA 0 1 +0"]);
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        let strange = TcpOptions::from_octets(&[1, 1, 200, 6, 8, 10, 1, 2]).unwrap();
        bench.hand(&Segment { options: strange, ..seg("PA", 1, 1, "text") });
        assert_eq!(bench.read(), b"text");
        bench.forget_past();
        bench.write(&[1; 3000]);
        assert_eq!(
            lengths(&bench)[0],
            700,
            "the MSS after the unknown option counts, the one inside does not"
        );
    }
}

#[test]
fn an_illegal_length_of_an_option_hurts_nobody() {
    let lists: [&[u8]; 6] =
        [&[2, 0], &[2, 1, 5, 180], &[2, 40, 5, 180], &[3], &[254, 0, 0, 0], &[8, 10, 0, 0, 0]];
    for list in lists {
        for profile in profiles() {
            let mut bench = Bench::new(profile);
            bench.listen(4);
            assert_eq!(bench.hand(&syn_of(list)), ["SA 0 1 +0"], "{list:?}");
            bench.hand(&seg("A", 1, 1, ""));
            bench.accept();
            let options = TcpOptions::from_octets(list).unwrap();
            bench.hand(&Segment { options, ..seg("PA", 1, 1, "text") });
            assert_eq!(bench.read(), b"text", "{list:?}");
        }
    }
}

#[test]
fn options_need_not_begin_on_a_word() {
    for profile in following() {
        let mut bench = Bench::new(profile);
        bench.listen(4);
        // Window scale at octet 0, MSS at octet 3, SACK-permitted at octet 7.
        bench.hand(&syn_of(&[3, 3, 5, 2, 4, 2, 188, 4, 2]));
        let answer: Vec<TcpOption> = bench.sent[0].1.options.iter().collect();
        assert!(answer.contains(&TcpOption::SackPermitted), "{answer:?}");
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        bench.hand(&offering(seg("A", 1, 1, ""), 1000));
        assert_eq!(bench.variable("snd.wnd"), Some(32_000));
        assert_eq!(bench.variable("snd.mss"), Some(700));
    }
}

#[test]
fn mss_scale_and_sack_permitted_are_sent_with_syn_alone() {
    for profile in profiles() {
        let duo = conversation(profile);
        for crossing in &duo.crossed {
            let syn = crossing.segment.flags.has(Flags::SYN);
            let of_syn = |option: TcpOption| {
                matches!(option, TcpOption::Mss(_) | TcpOption::WindowScale(_) | TcpOption::SackPermitted)
            };
            let found = crossing.segment.options.iter().filter(|option| of_syn(*option)).count();
            assert_eq!(found, if syn { 3 } else { 0 }, "{crossing:?}");
        }
    }
}

#[test]
fn no_segment_is_urgent_by_itself() {
    for profile in profiles() {
        let duo = conversation(profile);
        for crossing in &duo.crossed {
            assert!(!crossing.segment.flags.has(Flags::URG));
            assert_eq!(crossing.segment.urgent, 0);
        }
    }
}

#[test]
fn what_is_sent_has_lengths_in_its_options_and_zeros_after_them() {
    for profile in profiles() {
        for crossing in &conversation(profile).crossed {
            let octets = crossing.segment.options.padded();
            assert_eq!(octets.len() % 4, 0);
            let mut at = 0;
            while at < octets.len() {
                match octets[at] {
                    0 => {
                        assert!(octets[at..].iter().all(|octet| *octet == 0));
                        break;
                    }
                    1 => at += 1,
                    kind => {
                        let expected = match kind {
                            2 => 4,
                            3 => 3,
                            4 => 2,
                            8 => 10,
                            other => panic!("option {other} was not negotiated"),
                        };
                        assert_eq!(octets[at + 1], expected);
                        at += usize::from(expected);
                    }
                }
            }
        }
    }
}

#[test]
fn odd_options_are_padded_with_zeros() {
    let odd = with_options(seg("S", 0, 0, ""), [TcpOption::WindowScale(7)]);
    assert_eq!(odd.options.padded(), [3, 3, 7, 0]);
    let longer = with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460), TcpOption::SackPermitted]);
    assert_eq!(longer.options.padded(), [2, 4, 5, 180, 4, 2, 0, 0]);
}

#[test]
fn a_reset_counts_while_the_window_is_closed() {
    for profile in profiles() {
        let mut bench = Bench::new(profile);
        bench.listen(4);
        let listener = bench.listener.unwrap();
        let mut options = crate::tcp::ConnOptions::of(bench.stack.profile());
        options.receive_buffer = Some(bench.stack.profile().kept_receive_buffer(2920));
        bench.stack.set_listener_options(listener, &options);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        let mut end = 1;
        while bench.variable("rcv.wnd") != Some(0) {
            let room = bench.variable("rcv.wnd").unwrap().min(1460) as usize;
            bench.hand(&carrying(seg("PA", end, 1, ""), room));
            end += room as i32;
            bench.wait(crate::clock::Span::secs(1));
            assert!(end < 20_000, "the window never closes");
        }
        assert!(bench.hand(&seg("R", end - 1, 0, "")).is_empty());
        assert_eq!(bench.state(), State::Established);
        assert!(bench.hand(&seg("R", end, 0, "")).is_empty());
        assert_eq!(bench.edges.last(), Some(&(State::Established, State::Closed)));
    }
}
