//! RFC 4987, what helps a listener against a flood of SYNs and what it costs; and the secret of RFC 6528.

use super::super::bench::{Bench, seg, with_options};
use super::profiles;
use crate::clock::{Instant, Span};
use crate::tcp::{ConnOptions, Effect, Effects, Profile, Stack, State};
use crate::wire::{Seq, TcpOption};

fn set(mut profile: Profile, settings: &[(&str, i64)]) -> Profile {
    for (name, value) in settings {
        profile.set(name, *value).unwrap();
    }
    profile
}

#[test]
fn a_shorter_stay_in_syn_received_loses_a_peer_that_is_slow() {
    for profile in profiles() {
        for (retries, in_time) in [(5, true), (0, false)] {
            let profile = set(profile.clone(), &[("tcp_synack_retries", retries)]);
            let mut bench = Bench::at(profile, State::Listen);
            bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
            bench.wait(Span::millis(2500));
            let answer = bench.hand(&seg("A", 1, 1, ""));
            assert_eq!(bench.state() == State::Established, in_time, "{retries}: {answer:?}");
        }
    }
}

#[test]
fn a_server_that_sent_a_cookie_knows_nothing_when_the_final_ack_is_lost() {
    for profile in profiles() {
        let mut bench = Bench::at(set(profile, &[("tcp_syncookies", 2)]), State::Listen);
        assert_eq!(bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)])).len(), 1);
        assert_eq!((bench.half_open(), bench.stack.next_deadline()), (0, None));
        assert!(bench.wait(Span::secs(300)).is_empty(), "the SYN-ACK never goes again");
    }
}

#[test]
fn entries_of_the_syn_queue_are_bounded_and_a_client_gets_in_when_one_ends() {
    for profile in profiles() {
        let profile = set(profile, &[("tcp_syncookies", 0), ("tcp_synack_retries", 1)]);
        let mut bench = Bench::at(profile, State::Listen);
        for n in 0..500 {
            bench.flood(n);
        }
        assert!(bench.half_open() <= 17);
        assert!(bench.hand(&seg("S", 0, 0, "")).is_empty());
        bench.wait(Span::secs(10));
        assert_eq!(bench.half_open(), 0);
        assert_eq!(bench.hand(&seg("S", 0, 0, "")).len(), 1);
    }
}

#[test]
fn every_bit_of_the_128_of_the_secret_matters() {
    for profile in profiles() {
        let isn = |secret: [u8; 16]| -> Seq {
            let mut stack = Stack::new(profile.clone(), secret);
            let mut fx = Effects::new();
            let (from, to) = (super::super::bench::local(), super::super::bench::peer());
            stack.connect(Instant::ZERO, from, to, &ConnOptions::of(&profile), &mut fx).unwrap();
            let sent = fx.drain().find_map(|effect| match effect {
                Effect::Send { segment, .. } => Some(segment.seq),
                _ => None,
            });
            sent.unwrap()
        };
        let plain = isn([7; 16]);
        for bit in 0..128 {
            let mut secret = [7; 16];
            secret[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(isn(secret), plain, "bit {bit}");
        }
    }
}
