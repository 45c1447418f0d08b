//! Reports of the network, and the path MTU. What the linux profile must do was seen on Linux 6.18.44.

use super::bench::{Bench, OURS, local, peer, seg, with_options};
use crate::clock::Span;
use crate::mib::Counter;
use crate::tcp::{IcmpKind, Profile, Reason, State, StreamError};
use crate::wire::TcpOption;

const STATES: [State; 7] = [
    State::Established,
    State::FinWait1,
    State::FinWait2,
    State::CloseWait,
    State::Closing,
    State::LastAck,
    State::SynReceived,
];

fn unreachable(code: u8) -> IcmpKind {
    IcmpKind::Unreachable { code, next_hop_mtu: 0 }
}

fn too_big(mtu: u16) -> IcmpKind {
    IcmpKind::Unreachable { code: 4, next_hop_mtu: mtu }
}

impl Bench {
    /// The network reports on a segment of ours, its number relative to our ISN.
    fn report(&mut self, kind: IcmpKind, seq: u32) -> Vec<String> {
        let before = self.sent.len();
        self.run(|stack, now, fx| stack.on_icmp(now, local(), peer(), OURS + seq, kind, fx));
        self.shown(before)
    }

    fn so_error(&mut self) -> Option<StreamError> {
        self.stack.error_or_report(self.conn.unwrap())
    }

    /// Lengths of what was sent from the `from`th on.
    fn lengths(&self, from: usize) -> Vec<usize> {
        self.sent[from..].iter().map(|(_, segment, _)| segment.payload.len()).collect()
    }
}

#[test]
fn a_narrower_path_shrinks_the_window_in_octets_with_its_segments() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::open_with(profile, [TcpOption::Mss(1460)]);
        bench.write(&[7; 14_600]);
        assert_eq!(bench.sent.len(), 10);
        bench.report(too_big(1000), 1);
        assert_eq!(bench.variable("cwnd"), Some(10));
        bench.wait(Span::secs(2));
        let again = bench.lengths(10);
        assert!(again.iter().all(|len| *len <= 960), "{again:?}");
        let at_once: usize = again.iter().take(10).sum();
        assert!(at_once <= 9600, "no burst of more small segments: {at_once}");
    }
}

fn next_number(bench: &Bench) -> u32 {
    (bench.variable("snd.nxt").unwrap() as u32).wrapping_sub(OURS.0)
}

#[test]
fn a_soft_error_ends_no_open_connection_in_either_profile() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        for state in STATES.into_iter().filter(|state| *state != State::SynReceived) {
            for kind in [
                unreachable(0),
                unreachable(1),
                unreachable(5),
                IcmpKind::TimeExceeded { code: 0 },
                IcmpKind::ParameterProblem,
            ] {
                let mut bench = Bench::at(profile.clone(), state);
                let seq = next_number(&bench);
                assert!(bench.report(kind, seq).is_empty());
                assert_eq!(bench.state(), state, "{} {kind:?}", profile.name);
                assert_eq!(bench.notes, [Reason::SoftError]);
            }
        }
    }
}

#[test]
fn a_soft_error_can_be_asked_for_once_and_names_what_happened() {
    for (kind, error) in [
        (unreachable(0), StreamError::NetworkUnreachable),
        (unreachable(1), StreamError::HostUnreachable),
        (unreachable(5), StreamError::SourceRouteFailed),
        (unreachable(7), StreamError::HostDown),
        (unreachable(8), StreamError::HostUnknown),
        (unreachable(11), StreamError::NetworkUnreachable),
        (unreachable(13), StreamError::HostUnreachable),
        (IcmpKind::TimeExceeded { code: 0 }, StreamError::HostUnreachable),
        (IcmpKind::ParameterProblem, StreamError::Protocol),
    ] {
        let mut bench = Bench::at(Profile::linux(), State::Established);
        bench.report(kind, 1);
        assert_eq!(bench.so_error(), Some(error));
        assert_eq!(bench.so_error(), None);
    }
}

#[test]
fn a_hard_error_ends_an_open_connection_by_the_rfc_and_not_in_the_kernel() {
    for code in [2, 3] {
        for state in STATES {
            let mut bench = Bench::at(Profile::rfc9293(), state);
            let seq = next_number(&bench);
            bench.report(unreachable(code), seq);
            assert!(bench.notes.contains(&Reason::Unreachable), "{state} {code}");
            assert!(!bench.stack.endpoints().any(|endpoint| endpoint.remote == Some(peer())));
        }
        let mut bench = Bench::at(Profile::linux(), State::Established);
        bench.report(unreachable(code), 1);
        assert_eq!(bench.state(), State::Established);
    }
}

#[test]
fn a_soft_error_ends_an_attempt_to_connect_only_in_the_kernel() {
    for kind in [unreachable(0), unreachable(1), unreachable(5), IcmpKind::TimeExceeded { code: 0 }] {
        let mut rfc = Bench::at(Profile::rfc9293(), State::SynSent);
        rfc.report(kind, 0);
        assert_eq!(rfc.state(), State::SynSent, "MUST-56: {kind:?}");
        let mut linux = Bench::at(Profile::linux(), State::SynSent);
        linux.report(kind, 0);
        assert_eq!(linux.state(), State::Closed, "{kind:?}");
    }
}

#[test]
fn an_attempt_that_times_out_after_a_soft_error_tells_that_error() {
    let mut bench = Bench::at(Profile::rfc9293(), State::SynSent);
    bench.report(unreachable(1), 0);
    bench.wait(Span::secs(400));
    assert_eq!(bench.stack.error(bench.conn.unwrap()), Some(StreamError::HostUnreachable));
}

#[test]
fn source_quench_is_ignored() {
    let profiles = [Profile::rfc9293(), Profile::linux()];
    for (profile, state) in profiles.into_iter().zip([State::Established, State::SynSent]) {
        let mut bench = Bench::at(profile, state);
        let window = bench.variable("cwnd");
        assert!(bench.report(IcmpKind::SourceQuench, 0).is_empty());
        assert_eq!((bench.state(), bench.variable("cwnd")), (state, window));
        assert_eq!(bench.notes, [Reason::SourceQuenchIgnored]);
        assert_eq!(bench.so_error(), None);
    }
}

#[test]
fn a_fragment_that_waited_too_long_ends_no_attempt() {
    let mut bench = Bench::at(Profile::linux(), State::SynSent);
    bench.report(IcmpKind::TimeExceeded { code: 1 }, 0);
    assert_eq!(bench.state(), State::SynSent);
}

#[test]
fn a_report_must_quote_a_segment_on_its_way() {
    for (seq, believed) in [(u32::MAX - 99, false), (0, false), (1, true), (6, true), (7, false)] {
        for (profile, told) in
            [(Profile::rfc9293(), Reason::Unreachable), (Profile::linux(), Reason::SoftError)]
        {
            let mut bench = Bench::at(profile, State::Established);
            bench.write(b"hello");
            bench.report(unreachable(3), seq);
            assert_eq!(bench.notes.contains(&told), believed, "{seq}");
            assert_eq!(bench.count(Counter::OutOfWindowIcmps), u64::from(!believed), "{seq}");
        }
    }
}

#[test]
fn a_half_open_connection_is_given_up_when_its_peer_cannot_be_reached() {
    let half_open = |profile: Profile, kind, seq| {
        let mut bench = Bench::at(profile, State::Listen);
        bench.hand(&seg("S", 0, 0, ""));
        bench.report(kind, seq);
        bench.half_open()
    };
    assert_eq!(half_open(Profile::linux(), unreachable(1), 0), 0);
    assert_eq!(half_open(Profile::linux(), unreachable(3), 0), 1);
    assert_eq!(half_open(Profile::linux(), unreachable(1), 1), 1);
    assert_eq!(half_open(Profile::linux(), IcmpKind::TimeExceeded { code: 0 }, 0), 0);
    assert_eq!(half_open(Profile::linux(), IcmpKind::TimeExceeded { code: 1 }, 0), 1);
    assert_eq!(half_open(Profile::linux(), IcmpKind::ParameterProblem, 0), 0);
    assert_eq!(half_open(Profile::rfc9293(), unreachable(1), 0), 1);
    assert_eq!(half_open(Profile::rfc9293(), unreachable(3), 0), 0);
}

#[test]
fn a_packet_too_big_makes_segments_smaller_and_what_was_lost_goes_again_at_once() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 2920]);
        let from = bench.sent.len();
        let window = bench.variable("cwnd");
        bench.report(too_big(1400), 1);
        // Each segment goes in two pieces, as the kernel was seen to cut them, as far as the window allows.
        let pieces = bench.lengths(from);
        let allowed = window.map_or(0, |window| window as usize).min(4);
        assert_eq!(pieces, [1360, 100, 1360, 100][..allowed]);
        assert_eq!(bench.variable("cwnd"), window, "no congestion was seen");
        let from = bench.sent.len();
        bench.hand(&seg("A", 1, 2921, ""));
        bench.write(&[8; 2720]);
        assert_eq!(bench.lengths(from), [1360, 1360]);
        assert!(bench.sent.iter().skip(3).all(|(_, segment, _)| segment.payload.len() <= 1360));
    }
}

#[test]
fn the_path_mtu_is_never_below_68_by_the_rfc_and_552_in_the_kernel() {
    for (profile, told, mss) in [
        (Profile::rfc9293(), 20, 28),
        (Profile::rfc9293(), 0, 1452),
        (Profile::linux(), 300, 512),
        (Profile::linux(), 0, 512),
        (Profile::linux(), 600, 560),
    ] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 1400]);
        bench.hand(&seg("A", 1, 1401, ""));
        bench.write(&[7; 1460]);
        let from = bench.sent.len();
        bench.report(too_big(told), 1401);
        assert_eq!(bench.lengths(from)[0], mss, "{told}");
    }
}

#[test]
fn a_larger_path_mtu_than_known_changes_nothing() {
    for profile in [Profile::rfc9293(), Profile::linux()] {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 1460]);
        bench.report(too_big(1000), 1);
        for told in [1000, 1400, 9000] {
            assert!(bench.report(too_big(told), 1).is_empty(), "{told}");
        }
        assert_eq!(bench.notes.last(), Some(&Reason::IcmpIgnored));
    }
}

#[test]
fn the_next_connection_to_that_host_knows_the_path_mtu_for_ten_minutes() {
    let cases = [(1, 960), (599, 960), (600, 1460)];
    let all = cases.into_iter().flat_map(|case| [(Profile::rfc9293(), case), (Profile::linux(), case)]);
    for (profile, (later, mss)) in all {
        let mut bench = Bench::at(profile, State::Established);
        bench.write(&[7; 1460]);
        bench.report(too_big(1000), 1);
        bench.hand(&seg("A", 1, 1461, ""));
        bench.hand(&seg("R", 1, 0, ""));
        bench.wait(Span::secs(later));
        bench.stack.set_next_isn(OURS);
        bench.hand(&with_options(seg("S", 0, 0, ""), [TcpOption::Mss(1460)]));
        bench.hand(&seg("A", 1, 1, ""));
        bench.accept();
        let from = bench.sent.len();
        bench.write(&[7; 3000]);
        assert_eq!(bench.lengths(from)[0], mss, "{later} s later");
    }
}

#[test]
fn after_ten_minutes_a_connection_tries_full_segments_again() {
    let mut bench = Bench::at(Profile::linux(), State::Established);
    bench.write(&[7; 1460]);
    bench.report(too_big(1000), 1);
    bench.hand(&seg("A", 1, 1461, ""));
    bench.wait(Span::secs(600));
    let from = bench.sent.len();
    bench.write(&[8; 1460]);
    assert_eq!(bench.lengths(from), [1460]);
    assert!(bench.notes.contains(&Reason::PathMtuForgotten));
}
