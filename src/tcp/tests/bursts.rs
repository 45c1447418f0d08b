//! Sending to a card that segments: where PSH stands, how much goes at once, what waits.

use super::bench::{Bench, seg, with_options};
use crate::clock::Span;
use crate::tcp::{ConnOptions, Profile, Reason, SendFlags, State, StreamError};
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

/// An open connection with these options.
fn with(change: impl FnOnce(&mut ConnOptions)) -> Bench {
    let mut bench = Bench::at(offloading(&[]), State::Established);
    set(&mut bench, change);
    bench
}

fn set(bench: &mut Bench, change: impl FnOnce(&mut ConnOptions)) {
    let c = bench.conn.unwrap();
    let mut options = *bench.stack.options(c).unwrap();
    change(&mut options);
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
}

fn send(bench: &mut Bench, octets: usize, flags: SendFlags) -> Result<usize, StreamError> {
    let c = bench.conn.unwrap();
    let data = vec![7; octets].into();
    bench.run(|stack, now, fx| stack.send_with(now, c, &data, flags, fx))
}

#[test]
fn a_cork_lets_whole_segments_go_and_holds_the_rest_until_it_is_taken_away_or_a_probe_is_due() {
    let mut bench = with(|options| options.cork = true);
    bench.write(&[1; 1500]);
    assert_eq!(bench.shown(0), ["A 1 1 +1460"]);
    set(&mut bench, |options| options.cork = false);
    assert_eq!(bench.shown(1), ["PA 1461 1 +40"]);
    let mut bench = with(|options| options.cork = true);
    bench.write(&[1; 10]);
    assert_eq!(bench.wait(Span::millis(250)), ["PA 1 1 +10"]);
}

#[test]
fn msg_more_leaves_psh_to_the_call_that_ends_the_message() {
    let mut bench = with(|_| ());
    let more = SendFlags { more: true, ..SendFlags::default() };
    assert_eq!(send(&mut bench, 1470, more), Ok(1470));
    assert_eq!(bench.shown(0), ["A 1 1 +1460"]);
    assert_eq!(send(&mut bench, 20, SendFlags::default()), Ok(20));
    assert_eq!(bench.shown(1), ["PA 1461 1 +30"]);
}

#[test]
fn what_msg_eor_ended_shares_no_segment_with_what_comes_after_it_not_even_when_it_goes_again() {
    let mut bench = with(|options| options.no_delay = true);
    let record = SendFlags { end_of_record: true, ..SendFlags::default() };
    for octets in [100, 200] {
        send(&mut bench, octets, record).unwrap();
    }
    assert_eq!(bench.shown(0), ["PA 1 1 +100", "PA 101 1 +200"]);
    let again = bench.wait(Span::secs(2));
    assert_eq!(again.first().map(String::as_str), Some("PA 1 1 +100"), "{again:?}");
}

#[test]
fn a_send_buffer_takes_bursts_until_less_than_nothing_is_free_and_tells_of_room_at_a_third() {
    let mut bench = with(|options| options.send_buffer = Some(42_000));
    let c = bench.conn.unwrap();
    // Half the window of 64240 is the size of a burst.
    assert_eq!(send(&mut bench, 200_000, SendFlags::default()), Ok(32_120 + 14_600));
    assert_eq!(send(&mut bench, 1, SendFlags::default()), Err(StreamError::WouldBlock));
    bench.hand(&seg("A", 1, 14_601, ""));
    assert!(!bench.stack.writable(c));
    bench.hand(&seg("A", 1, 29_201, ""));
    assert!(bench.stack.writable(c));
}

#[test]
fn a_write_waits_while_as_much_as_tcp_notsent_lowat_is_unsent() {
    let mut bench = with(|options| options.unsent_low = 2000);
    let usual = SendFlags::default();
    assert_eq!(send(&mut bench, 14_600, usual), Ok(14_600));
    assert!(
        send(&mut bench, 1, usual).is_ok()
            && send(&mut bench, 3000, SendFlags { end_of_record: true, ..usual }).is_ok()
    );
    assert_eq!(send(&mut bench, 1, usual), Err(StreamError::WouldBlock));
}
