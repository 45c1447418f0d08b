//! Opening.

use super::super::bench::{Bench, local, peer, seg, with_options};
use super::super::duo::{CLIENT, Duo, SERVER};
use super::{both, each, profiles};
use crate::clock::{Instant, Span};
use crate::tcp::{ConnOptions, EndpointView, Profile, Stack, State};
use crate::wire::{Segment, Seq, TcpOption};

/// Seconds at which a SYN to a black hole goes, and when it is given up.
fn syns(profile: Profile) -> (Vec<u64>, u64) {
    let mut duo = Duo::new(profile);
    duo.deaf[SERVER] = true;
    let client = duo.connect(40_000, 80);
    let mut seconds = 0;
    while duo.state(CLIENT, client) != State::Closed {
        duo.run(Span::secs(1));
        seconds += 1;
    }
    (duo.crossed.iter().map(|crossing| crossing.at.as_millis() / 1000).collect(), seconds)
}

#[test]
fn the_rfc_doubles_the_wait_for_each_syn_and_linux_begins_with_four_even_ones() {
    let [(rfc, over), (linux, sooner)] = each(profiles(&[]), syns);
    assert_eq!(rfc, [0, 1, 3, 7, 15, 31, 63, 123]);
    assert_eq!(linux, [0, 1, 2, 3, 4, 5, 7, 11, 19, 35, 67]);
    assert_eq!((over, sooner), (183, 131));
}

#[test]
fn the_first_syn_is_repeated_after_one_second() {
    for mut bench in both(State::SynSent) {
        assert!(bench.wait(Span::millis(999)).is_empty());
        assert_eq!(bench.wait(Span::millis(1)), ["S 0 +0"]);
    }
}

#[test]
fn a_syn_ack_is_repeated_for_three_minutes_by_the_rfc_and_for_one_in_linux() {
    let life = each(profiles(&[]), |profile| {
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&seg("S", 0, 0, ""));
        let mut seconds = 0;
        while bench.half_open() > 0 {
            bench.wait(Span::secs(1));
            seconds += 1;
        }
        seconds
    });
    assert_eq!(life, [183, 63]);
}

/// The RTO of a connection, in ms, whose SYN had to be sent twice.
fn rto_after_a_lost_syn(profile: Profile, stamped: bool) -> u64 {
    let mut bench = Bench::at(profile, State::SynSent);
    bench.wait(Span::secs(1));
    bench.wait(Span::millis(30));
    let stamps = bench.sent.last().unwrap().1.options.iter().find_map(|option| match option {
        TcpOption::Timestamps { value, .. } => Some(value),
        _ => None,
    });
    let mut answer = with_options(seg("SA", 0, 1, ""), [TcpOption::Mss(1460)]);
    if stamped {
        let echo = stamps.unwrap();
        answer = with_options(seg("SA", 0, 1, ""), [TcpOption::Timestamps { value: 9, echo }]);
    }
    bench.hand(&answer);
    assert_eq!(bench.state(), State::Established);
    bench.write(b"x");
    let sent = bench.sent.len();
    let start = bench.now;
    while bench.sent.len() == sent {
        bench.wait(Span::millis(1));
    }
    (bench.now - start).as_millis()
}

#[test]
fn after_a_lost_syn_three_seconds_are_waited_unless_timestamps_measured() {
    assert_eq!(each(profiles(&[]), |profile| rto_after_a_lost_syn(profile, false)), [3000, 3000]);
    assert_eq!(each(profiles(&[]), |profile| rto_after_a_lost_syn(profile, true)), [1000, 232]);
}

#[test]
fn the_isn_clock_ticks_each_four_microseconds_by_the_rfc_and_each_64_nanoseconds_in_linux() {
    let steps = each(profiles(&[]), |profile| {
        let syn_at = |seconds| {
            let mut bench = Bench::new(profile.clone());
            // Without the number that the bench chooses.
            bench.stack = Stack::new(profile.clone(), [9; 16]);
            bench.now = Instant::ZERO + Span::secs(seconds);
            bench.run(|stack, now, fx| {
                let options = ConnOptions::of(stack.profile());
                stack.connect(now, local(), peer(), &options, fx).unwrap()
            });
            bench.sent[0].1.seq
        };
        syn_at(2) - syn_at(1)
    });
    assert_eq!(steps, [250_000, 15_625_000]);
}

/// Lengths of the segments that 200 octets make for a peer with that MSS.
fn segments_for(profile: Profile, mss: &[TcpOption]) -> Vec<usize> {
    let mut bench = Bench::at(profile, State::Listen);
    bench.hand(&with_options(seg("S", 0, 0, ""), mss.iter().copied()));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    let c = bench.conn.unwrap();
    let mut options = *bench.stack.options(c).unwrap();
    options.no_delay = true;
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
    bench.forget_past();
    bench.write(&[7; 110]);
    bench.sent.iter().map(|(_, segment, _)| segment.payload.len()).collect()
}

#[test]
fn the_rfc_takes_the_peers_mss_as_it_is_and_linux_none_below_48() {
    let [rfc, linux] = each(profiles(&[]), |profile| segments_for(profile, &[TcpOption::Mss(20)]));
    assert_eq!(rfc[..2], [20, 20]);
    assert_eq!(linux, [48, 48, 14]);
    let [rfc, linux] = each(profiles(&[]), |profile| segments_for(profile, &[TcpOption::Mss(60)]));
    assert_eq!((rfc, linux), (vec![60, 50], vec![60, 50]));
    let [rfc, linux] = each(profiles(&[]), |profile| segments_for(profile, &[]));
    assert_eq!((rfc, linux), (vec![110], vec![110]));
}

/// Opens connections from ports 1 up while the listener's queues let it, without accepting; then one more whose SYN came in
/// time, but whose final ACK finds the accept queue full. Returns its state.
fn one_too_many(profile: Profile) -> State {
    let mut bench = Bench::new(profile);
    bench.listen(2);
    let places = bench.stack.queues(bench.listener.unwrap()).unwrap().accept_limit as u16;
    let from = |port, mut segment: Segment| {
        segment.source_port = port;
        segment
    };
    let mut numbers = Vec::new();
    for port in 1..=places + 1 {
        if port > 2 {
            // Only now: not more may be half-open at a time.
            let number: Seq = numbers[usize::from(port) - 3];
            bench.hand(&from(port - 2, Segment { ack: number + 1, ..seg("A", 1, 0, "") }));
        }
        bench.hand(&from(port, seg("S", 0, 0, "")));
        numbers.push(bench.sent.last().unwrap().1.seq);
    }
    for port in [places, places + 1] {
        let number = numbers[usize::from(port) - 1];
        bench.hand(&from(port, Segment { ack: number + 1, ..seg("A", 1, 0, "") }));
    }
    let last = |endpoint: &EndpointView| endpoint.remote.is_some_and(|it| it.port() == places + 1);
    bench.stack.endpoints().find(last).map_or(State::Closed, |endpoint| endpoint.state)
}

#[test]
fn a_full_accept_queue_hinders_nobody_by_the_rfc_and_makes_linux_deaf_to_the_final_ack() {
    let opened = each(profiles(&[("tcp_syncookies", 0)]), one_too_many);
    assert_eq!(opened, [State::Established, State::SynReceived]);
}

#[test]
fn cookies_are_for_need_in_linux_and_never_by_the_rfc() {
    let answered = each(profiles(&[]), |profile| {
        let mut bench = Bench::new(profile);
        bench.listen(4);
        (0..20).for_each(|n| bench.flood(n));
        (bench.half_open(), bench.sent.len())
    });
    assert_eq!(answered, [(4, 4), (5, 20)]);
}
