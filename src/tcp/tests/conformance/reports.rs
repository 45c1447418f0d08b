//! RFC 9293 section 3.9.2.2: what the network reports goes to the connection it is about, and to its user.

use super::super::bench::{Bench, OURS, local, peer, seg, with_options};
use super::{both, profiles};
use crate::clock::Span;
use crate::tcp::{IcmpKind, Profile, Reason, State, StreamError};
use crate::wire::{Segment, TcpOption};
use std::net::SocketAddr;

fn unreachable(code: u8) -> IcmpKind {
    IcmpKind::Unreachable { code, next_hop_mtu: 0 }
}

fn report(bench: &mut Bench, kind: IcmpKind, seq: u32) {
    bench.run(|stack, now, fx| stack.on_icmp(now, local(), peer(), OURS + seq, kind, fx));
}

#[test]
fn a_report_reaches_the_connection_it_quotes_and_no_other() {
    for profile in profiles() {
        let mut bench = Bench::at(profile, State::Established);
        let first = bench.conn.unwrap();
        let other = SocketAddr::new(peer().ip(), 6001);
        let from_other = |segment: Segment| Segment { source_port: other.port(), ..segment };
        bench.stack.set_next_isn(OURS);
        bench.hand(&with_options(from_other(seg("S", 0, 0, "")), [TcpOption::Mss(1460)]));
        bench.hand(&from_other(seg("A", 1, 1, "")));
        bench.accept();
        let second = bench.conn.unwrap();
        assert_ne!(first, second);
        bench.run(|stack, now, fx| stack.on_icmp(now, local(), other, OURS + 1, unreachable(1), fx));
        assert_eq!(bench.stack.error_or_report(first), None);
        assert_eq!(bench.stack.error_or_report(second), Some(StreamError::HostUnreachable));
    }
}

#[test]
fn source_quench_changes_nothing() {
    for mut bench in both(State::Established) {
        bench.write(&[1; 2000]);
        let before = ["cwnd", "snd.nxt", "rto"].map(|name| bench.variable(name));
        report(&mut bench, IcmpKind::SourceQuench, 1);
        assert_eq!(["cwnd", "snd.nxt", "rto"].map(|name| bench.variable(name)), before);
        assert_eq!(bench.notes.last(), Some(&Reason::SourceQuenchIgnored));
        assert_eq!(bench.stack.error_or_report(bench.conn.unwrap()), None);
    }
}

#[test]
fn soft_errors_can_be_asked_for_and_data_still_flows() {
    let kinds = [
        (unreachable(0), StreamError::NetworkUnreachable),
        (unreachable(1), StreamError::HostUnreachable),
        (unreachable(5), StreamError::SourceRouteFailed),
        (IcmpKind::TimeExceeded { code: 0 }, StreamError::HostUnreachable),
        (IcmpKind::ParameterProblem, StreamError::Protocol),
    ];
    for (kind, error) in kinds {
        for mut bench in both(State::Established) {
            bench.write(b"hello");
            report(&mut bench, kind, 1);
            assert_eq!(bench.state(), State::Established, "{kind:?}");
            assert_eq!(bench.stack.error_or_report(bench.conn.unwrap()), Some(error), "{kind:?}");
            bench.hand(&seg("PA", 1, 6, "still here"));
            assert_eq!(bench.read(), b"still here");
        }
    }
}

#[test]
fn hard_errors_abort_by_the_rfc_even_before_the_connection_is_open() {
    for code in [2, 3] {
        for state in [State::SynSent, State::Established] {
            let mut bench = Bench::at(Profile::rfc9293(), state);
            bench.run(|_, _, _| ());
            let next = bench.variable("snd.nxt").unwrap() as u32 - OURS.0;
            report(&mut bench, unreachable(code), next - u32::from(state == State::SynSent));
            assert_eq!(bench.stack.state(bench.conn.unwrap()), State::Closed, "{state} {code}");
            assert!(bench.wait(Span::secs(300)).is_empty());
        }
    }
}

#[test]
fn the_user_is_told_between_r1_and_r2_by_the_rfc_and_in_linux_only_at_the_end() {
    for (mut bench, told) in both(State::Established).into_iter().zip([true, false]) {
        bench.write(b"hello");
        while bench.sent.len() < 3 {
            bench.wait(Span::millis(100));
        }
        let c = bench.conn.unwrap();
        assert_eq!(bench.stack.error_or_report(c), None, "two retransmissions are nothing yet");
        while bench.sent.len() < 4 {
            bench.wait(Span::millis(100));
        }
        assert_eq!(bench.notes.contains(&Reason::ExcessiveRetransmission), told);
        assert_eq!(bench.stack.error_or_report(c), told.then_some(StreamError::TimedOut));
        assert_eq!(bench.state(), State::Established, "told, not ended");
        bench.hand(&seg("PA", 1, 6, "still here"));
        assert_eq!(bench.read(), b"still here");
    }
}

#[test]
fn the_user_is_told_of_reports_of_the_network_of_trouble_and_of_urgent_data() {
    for (mut bench, trouble) in both(State::Established).into_iter().zip([true, false]) {
        let c = bench.conn.unwrap();
        bench.write(b"hello");
        report(&mut bench, unreachable(1), 1);
        assert_eq!(bench.stack.error_or_report(c), Some(StreamError::HostUnreachable), "ICMP");
        while bench.sent.len() < 4 {
            bench.wait(Span::millis(100));
        }
        assert_eq!(bench.stack.error_or_report(c).is_some(), trouble, "retransmissions");
        bench.hand(&Segment { urgent: 2, ..seg("UA", 1, 6, "ab") });
        assert!(bench.notes.contains(&Reason::UrgentAnnounced), "urgent data");
    }
}
