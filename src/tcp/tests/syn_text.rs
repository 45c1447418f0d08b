//! Text and FIN on a SYN, and options that are odd. What the linux profile must do was seen on Linux 6.18.44.

use super::bench::{Bench, seg};
use crate::tcp::{Profile, Reason, State};
use crate::wire::{Segment, TcpOption, TcpOptions};

#[test]
fn text_on_a_syn_waits_until_the_connection_is_open_by_the_rfc() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Listen);
    assert_eq!(bench.hand(&seg("S", 0, 0, "hello")), ["SA 0 1 +0"], "the text is not acknowledged yet");
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    assert_eq!(bench.read(), b"hello");
    assert_eq!(bench.variable("rcv.nxt"), Some(u64::from((super::bench::THEIRS + 6).0)));
}

#[test]
fn text_on_a_syn_must_come_again_in_the_kernel() {
    let mut bench = Bench::at(Profile::linux(), State::Listen);
    assert_eq!(bench.hand(&seg("S", 0, 0, "hello")), ["SA 0 1 +0"]);
    bench.hand(&seg("A", 1, 1, ""));
    bench.accept();
    assert!(bench.read().is_empty());
    bench.hand(&seg("PA", 1, 1, "hello"));
    assert_eq!(bench.read(), b"hello");
}

#[test]
fn text_on_a_syn_that_comes_again_is_read_once() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Listen);
    bench.hand(&seg("S", 0, 0, "hello"));
    bench.hand(&seg("PA", 1, 1, "hello, world"));
    bench.accept();
    assert_eq!(bench.read(), b"hello, world");
}

#[test]
fn a_fin_on_a_syn_closes_the_peers_side_once_open_by_the_rfc() {
    let mut bench = Bench::at(Profile::rfc9293(), State::Listen);
    assert_eq!(bench.hand(&seg("SF", 0, 0, "bye")), ["SA 0 1 +0"]);
    assert_eq!(bench.hand(&seg("A", 1, 1, "")), ["A 1 5 +0"]);
    bench.accept();
    assert_eq!((bench.read(), bench.state()), (b"bye".to_vec(), State::CloseWait));
}

#[test]
fn a_syn_with_fin_is_dropped_by_the_kernels_listener() {
    let mut bench = Bench::at(Profile::linux(), State::Listen);
    assert!(bench.hand(&seg("SF", 0, 0, "")).is_empty());
    assert_eq!((bench.notes.as_slice(), bench.half_open()), ([Reason::DropListenSynFin].as_slice(), 0));
}

#[test]
fn text_on_a_crossed_syn_waits_by_the_rfc_and_is_lost_in_the_kernel() {
    for (profile, text) in [(Profile::rfc9293(), "abc"), (Profile::linux(), "")] {
        let mut bench = Bench::at(profile, State::SynSent);
        assert_eq!(bench.hand(&seg("S", 0, 0, "abc")), ["SA 0 1 +0"]);
        bench.hand(&seg("A", 1, 1, ""));
        assert_eq!((bench.state(), bench.read()), (State::Established, text.as_bytes().to_vec()));
    }
}

/// The options of the SYN-ACK that answers a SYN with these option octets.
fn answer(profile: Profile, octets: &[u8]) -> Vec<TcpOption> {
    let mut bench = Bench::at(profile, State::Listen);
    let options = TcpOptions::from_octets(octets).unwrap();
    assert_eq!(bench.hand(&Segment { options, ..seg("S", 0, 0, "") }), ["SA 0 1 +0"]);
    bench.sent[0].1.options.iter().filter(|option| *option != TcpOption::Nop).collect()
}

#[test]
fn unknown_options_are_skipped_and_what_follows_a_malformed_one_is_not_read() {
    let mss = TcpOption::Mss(1460);
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let answer = |octets: &[u8]| answer(profile.clone(), octets);
        assert_eq!(answer(&[0xfd, 4, 1, 1, 4, 2, 1, 1]), [mss, TcpOption::SackPermitted], "unknown");
        assert_eq!(answer(&[0xfd, 0, 0, 0, 4, 2, 1, 1]), [mss], "length 0");
        assert_eq!(answer(&[0xfd, 0x20, 1, 1, 4, 2, 1, 1]), [mss], "beyond the header");
        assert_eq!(answer(&[2, 3, 5, 1, 4, 2, 1, 1]), [mss, TcpOption::SackPermitted], "MSS of 3 octets");
        assert_eq!(answer(&[0, 1, 1, 1, 4, 2, 1, 1]), [mss], "after the end of the list");
        assert_eq!(answer(&[4, 2, 0x1c, 4, 0, 30, 1, 1]), [mss, TcpOption::SackPermitted], "user timeout");
    }
}

#[test]
fn a_window_scale_above_fourteen_counts_as_fourteen() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Listen);
        let options = TcpOptions::from([TcpOption::Mss(1460), TcpOption::WindowScale(200)]);
        bench.hand(&Segment { options, ..seg("S", 0, 0, "") });
        bench.hand(&Segment { window: 3, ..seg("A", 1, 1, "") });
        bench.accept();
        assert_eq!(bench.variable("snd.wnd"), Some(3 << 14));
    }
}
