//! What the network reports.

use super::super::bench::{Bench, OURS, local, peer, seg};
use super::both;
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{IcmpKind, State};

/// The network reports on a segment of ours, its number relative to our ISN.
fn report(bench: &mut Bench, kind: IcmpKind, number: i32) -> usize {
    let before = bench.sent.len();
    let seq = OURS + number as u32;
    bench.run(|stack, now, fx| stack.on_icmp(now, local(), peer(), seq, kind, fx));
    bench.sent.len() - before
}

/// Length of the next segment of text.
fn next_length(bench: &mut Bench) -> usize {
    let before = bench.sent.len();
    bench.write(&[7; 1460]);
    bench.sent[before].1.payload.len()
}

#[test]
fn a_report_of_what_is_not_on_its_way_is_not_believed() {
    let too_big = IcmpKind::Unreachable { code: 4, next_hop_mtu: 1000 };
    for mut bench in both(State::Established) {
        bench.write(&[7; 1460]);
        assert_eq!(report(&mut bench, too_big, -4999), 0);
        assert_eq!(bench.count(Counter::OutOfWindowIcmps), 1);
        assert!(report(&mut bench, too_big, 1) > 0, "this one names a segment that is");
    }
}

#[test]
fn source_quench_does_nothing_in_either_profile() {
    for state in [State::SynSent, State::Established] {
        for mut bench in both(state) {
            let window = bench.variable("cwnd");
            assert_eq!(report(&mut bench, IcmpKind::SourceQuench, 0), 0);
            assert_eq!((bench.state(), bench.variable("cwnd")), (state, window));
        }
    }
}

#[test]
fn a_smaller_path_mtu_is_forgotten_after_ten_minutes() {
    for mut bench in both(State::Established) {
        bench.write(&[7; 1460]);
        report(&mut bench, IcmpKind::Unreachable { code: 4, next_hop_mtu: 1000 }, 1);
        bench.hand(&seg("A", 1, 1461, ""));
        bench.wait(Span::secs(599));
        assert_eq!(next_length(&mut bench), 960);
        for acknowledged in [1461 + 960, 2921] {
            bench.hand(&seg("A", 1, acknowledged, ""));
        }
        bench.wait(Span::secs(1));
        assert_eq!(next_length(&mut bench), 1460);
    }
}
