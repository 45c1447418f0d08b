//! Sending to a card that segments: where PSH stands, how much goes at once, what waits.

use super::bench::{Bench, seg, with_options};
use crate::clock::Span;
use crate::tcp::{Profile, Reason, State};
use crate::wire::TcpOption;

fn offloading(settings: &[(&str, i64)]) -> Profile {
    let mut profile = Profile::linux();
    profile.set("gso_max_segs", 65_535).unwrap();
    for (name, value) in settings {
        profile.set(name, *value).unwrap();
    }
    profile
}

/// Where PSH stands, segment by segment.
fn pushes(shown: &[String]) -> String {
    shown.iter().map(|segment| if segment.starts_with("PA") { 'P' } else { '.' }).collect()
}

#[test]
fn without_offload_psh_stands_only_where_the_write_ends() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[1; 4 * 1460]);
    assert_eq!(pushes(&bench.shown(0)), "...P");
}

#[test]
fn a_burst_takes_half_the_congestion_window_at_most_and_its_last_segment_pushes() {
    let mut bench = Bench::at(offloading(&[]), State::Established);
    bench.write(&[1; 20 * 1460]);
    assert_eq!(pushes(&bench.shown(0)), "....P....P");
}

#[test]
fn tcp_min_tso_segs_is_the_size_of_a_burst_on_a_long_path() {
    for (least, expected) in [(1, ".........P"), (3, "..P..P..PP"), (100, "....P....P")] {
        let mut bench = Bench::at(offloading(&[("tcp_min_tso_segs", least)]), State::SynSent);
        bench.wait(Span::millis(500));
        bench.hand(&with_options(seg("SA", 0, 1, ""), [TcpOption::Mss(1460)]));
        bench.write(&[1; 10 * 1460]);
        let shown = bench.shown(0);
        let data: Vec<String> = shown.into_iter().filter(|segment| !segment.ends_with("+0")).collect();
        assert_eq!(pushes(&data), expected, "{least}");
    }
}

#[test]
fn a_small_burst_waits_when_an_acknowledgment_is_about_to_come_and_goes_once_the_window_is_a_third_open() {
    let mut bench = Bench::at(offloading(&[]), State::Established);
    bench.write(&[1; 40 * 1460]);
    let before = bench.sent.len();
    bench.wait(Span::millis(2));
    bench.hand(&seg("A", 1, 1461, ""));
    let first = bench.sent.len();
    assert!(first > before, "what was sent long ago lets nothing wait");
    assert!(bench.hand(&seg("A", 1, 2 * 1460 + 1, "")).is_empty());
    assert!(bench.notes.contains(&Reason::HeldForBurst));
    assert!(!bench.hand(&seg("A", 1, 4 * 1460 + 1, "")).is_empty());
}

#[test]
fn a_write_joins_what_waits_and_takes_its_psh_away() {
    let mut bench = Bench::at(offloading(&[]), State::Established);
    bench.write(&[1; 100]);
    bench.write(&[2; 1000]);
    bench.write(&[3; 1000]);
    assert_eq!(bench.shown(0), ["PA 1 1 +100", "A 101 1 +1460"], "no PSH where the second write ended");
    assert_eq!(bench.hand(&seg("A", 1, 1561, "")), ["PA 1561 1 +540"]);
}
