//! The user timeout option (RFC 5482), where tcp_uto is set. Linux 6.18 was seen to send none and to heed none.

use super::bench::{Bench, seg, with_options};
use super::duo::{CLIENT, Duo, SERVER};
use crate::clock::Span;
use crate::tcp::{ConnOptions, Keepalive, Profile, Reason, State};
use crate::wire::{Segment, TcpOption};

const MSS: TcpOption = TcpOption::Mss(1460);

fn seconds(value: u16) -> TcpOption {
    TcpOption::UserTimeout { minutes: false, value }
}

fn minutes(value: u16) -> TcpOption {
    TcpOption::UserTimeout { minutes: true, value }
}

fn enabled() -> Profile {
    let mut profile = Profile::rfc9293();
    profile.set("tcp_uto", 1).unwrap();
    profile
}

/// The user timeout that a segment tells.
fn told(segment: &Segment) -> Option<TcpOption> {
    segment.options.iter().find(|option| matches!(option, TcpOption::UserTimeout { .. }))
}

/// Of every segment sent.
fn all_told(bench: &Bench) -> Vec<Option<TcpOption>> {
    bench.sent.iter().map(|(_, segment, _)| told(segment)).collect()
}

fn set(bench: &mut Bench, change: impl FnOnce(&mut ConnOptions)) {
    let c = bench.conn.unwrap();
    let mut options = *bench.stack.options(c).unwrap();
    change(&mut options);
    bench.run(|stack, now, fx| stack.set_options(now, c, &options, fx));
}

/// An open connection that has told its timeout already.
fn open() -> Bench {
    let mut bench = Bench::at(enabled(), State::Established);
    bench.write(b"x");
    bench.hand(&seg("A", 1, 2, ""));
    bench.forget_past();
    bench
}

/// The user timeout in use, s.
fn in_use(bench: &Bench) -> Option<u64> {
    bench.variable("user-timeout").map(|micros| micros / 1_000_000)
}

#[test]
fn it_is_told_on_the_syn_and_on_the_first_segment_after_it_and_then_no_more() {
    let mut bench = Bench::new(enabled());
    bench.listen(16);
    bench.hand(&with_options(seg("S", 0, 0, ""), [MSS]));
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    bench.write(b"one");
    bench.hand(&seg("A", 1, 4, ""));
    bench.write(b"two");
    assert_eq!(all_told(&bench), [Some(seconds(300)), Some(seconds(300)), None]);

    let mut duo = Duo::new(enabled());
    duo.open();
    let told: Vec<_> = duo.crossed.iter().map(|crossing| told(&crossing.segment)).collect();
    assert_eq!(told, [Some(seconds(300)); 3], "SYN, SYN-ACK and the ACK of that");
}

#[test]
fn a_full_segment_that_tells_it_still_fits_the_path() {
    let mut bench = Bench::at(enabled(), State::Established);
    bench.write(&[7; 2920]);
    assert!(told(&bench.sent[0].1).is_some());
    assert_eq!(bench.sent[0].1.payload.len(), 1456);
}

#[test]
fn what_the_peer_tells_is_adopted_if_it_is_longer_and_ours_is_told_again() {
    for (option, adopted) in
        [(seconds(200), 300), (seconds(400), 400), (minutes(10), 600), (minutes(120), 3_600)]
    {
        let mut bench = open();
        assert_eq!(in_use(&bench), None);
        bench.hand(&with_options(seg("A", 1, 2, ""), [option]));
        assert_eq!(in_use(&bench), Some(adopted), "{option:?}");
        assert_eq!(bench.notes, [Reason::UserTimeoutAdopted]);
        bench.write(b"y");
        bench.hand(&seg("A", 1, 3, ""));
        // The same again changes nothing.
        bench.hand(&with_options(seg("A", 1, 3, ""), [option]));
        bench.write(b"z");
        assert_eq!(all_told(&bench), [Some(seconds(300)), None]);
    }
}

#[test]
fn the_adopted_timeout_decides_when_the_connection_is_given_up() {
    for (option, seconds) in [(seconds(300), 300), (minutes(10), 600)] {
        let mut bench = open();
        bench.hand(&with_options(seg("A", 1, 2, ""), [option]));
        bench.write(b"y");
        // The first retransmission goes after a second; from then on it counts.
        bench.wait(Span::secs(seconds));
        assert_eq!(bench.state(), State::Established, "{seconds}");
        bench.wait(Span::secs(2));
        let state = bench.stack.state(bench.conn.unwrap());
        assert_eq!(state, State::Closed, "{seconds}");
    }
}

#[test]
fn a_timeout_that_the_user_chose_stays_whatever_the_peer_tells_but_it_is_shown() {
    let mut bench = open();
    set(&mut bench, |options| options.user_timeout = Some(Span::secs(20)));
    bench.hand(&with_options(seg("A", 1, 2, ""), [minutes(30)]));
    assert_eq!(in_use(&bench), Some(20));
    assert_eq!(bench.variable("user-timeout.peer"), Some(1_800_000_000));
    assert_eq!(bench.notes, [Reason::UserTimeoutTold]);
    bench.write(b"y");
    assert_eq!(all_told(&bench), [Some(seconds(20))], "the peer hears of the new one");
    set(&mut bench, |options| options.user_timeout = None);
    assert_eq!(in_use(&bench), Some(1_800), "now what the peer told counts");
}

#[test]
fn zero_is_never_told_and_never_heard() {
    let mut bench = open();
    bench.hand(&with_options(seg("A", 1, 2, ""), [seconds(0)]));
    bench.hand(&with_options(seg("A", 1, 2, ""), [minutes(0)]));
    assert_eq!((in_use(&bench), bench.variable("user-timeout.peer")), (None, None));
    set(&mut bench, |options| options.user_timeout = Some(Span::millis(1)));
    bench.write(b"y");
    assert_eq!(all_told(&bench), [Some(seconds(1))]);
}

#[test]
fn before_the_connection_is_open_the_usual_limits_hold() {
    let mut duo = Duo::new(enabled());
    duo.deaf[SERVER] = true;
    let client = duo.on(CLIENT, |stack, now, fx| {
        let options = ConnOptions { user_timeout: Some(Span::secs(2)), ..ConnOptions::of(stack.profile()) };
        let (local, remote) = (super::duo::address(CLIENT, 40_000), super::duo::address(SERVER, 80));
        stack.connect(now, local, remote, &options, fx).unwrap()
    });
    duo.run(Span::secs(60));
    assert_eq!(duo.state(CLIENT, client), State::SynSent);
    assert!(duo.crossed.iter().all(|crossing| told(&crossing.segment) == Some(seconds(2))));
}

#[test]
fn nothing_rests_on_it_where_the_peer_never_tells_or_never_hears() {
    let mut bench = open();
    bench.write(b"y");
    bench.wait(Span::secs(301));
    assert_eq!(bench.state(), State::Established, "R2 holds as ever");
    // The segment that told it is lost: the connection goes on, and each side keeps its own.
    let mut duo = Duo::new(enabled());
    duo.lose = vec![0, 1, 2];
    let (client, server) = (duo.listen(80, 16), duo.connect(40_000, 80));
    duo.run(Span::secs(20));
    assert_eq!(duo.state(CLIENT, server), State::Established);
    assert!(duo.on(SERVER, |stack, _, fx| stack.accept(client, fx)).is_some());
}

#[test]
fn keepalive_waits_longer_than_the_user_timeout() {
    let mut bench = open();
    bench.hand(&with_options(seg("A", 1, 2, ""), [minutes(10)]));
    let keepalive = Keepalive { on: true, idle: Span::secs(60), interval: Span::secs(10), count: 3 };
    set(&mut bench, |options| options.keepalive = keepalive);
    let probes = |bench: &Bench| bench.sent.iter().filter(|(.., why)| *why == Reason::ProbeKeepalive).count();
    bench.wait(Span::secs(600));
    assert_eq!(probes(&bench), 0);
    bench.wait(Span::secs(2));
    assert_eq!(probes(&bench), 1);
}

#[test]
fn without_the_setting_none_is_told_or_heeded_in_either_profile() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Established);
        bench.hand(&with_options(seg("A", 1, 1, ""), [minutes(10)]));
        set(&mut bench, |options| options.user_timeout = Some(Span::secs(20)));
        bench.write(b"y");
        assert_eq!(all_told(&bench), [None]);
        assert!(bench.notes.iter().all(|note| *note != Reason::UserTimeoutAdopted));
        assert_eq!(bench.variable("user-timeout.peer"), None);
    }
}
