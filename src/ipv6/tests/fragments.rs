//! Packets cut at their sender and put together again (RFC 8200 section 4.5, RFC 5722, RFC 6946).

use super::*;
use crate::ipv6::reason::FragmentReason;
use crate::wire::Extension;

fn pieces(octets: usize, mtu: u16) -> Vec<Ipv6Packet> {
    let whole = Ipv6Packet { source: at("2001:db8::2"), ..datagram("2001:db8::1", octets) };
    fragment::cut(&whole, 77, mtu)
}

fn place(packet: &Ipv6Packet) -> (u16, bool) {
    packet.fragment().map(|(offset, more, _)| (offset, more)).expect("a fragment")
}

/// The same fragment elsewhere.
fn moved(packet: &Ipv6Packet, offset: u16, more: bool) -> Ipv6Packet {
    let header = Extension::Fragment { offset, more, identification: 77 };
    Ipv6Packet { extensions: vec![header], ..packet.clone() }
}

fn acquainted() -> Lan {
    let mut lan = Lan::pair(Profile::rfc());
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    lan.forget();
    lan
}

fn parameter(lan: &Lan) -> Option<(u8, u32)> {
    lan.messages(0).into_iter().find_map(|message| match message {
        Icmpv6Message::ParameterProblem { code, pointer, .. } => Some((code, pointer)),
        _ => None,
    })
}

#[test]
fn what_is_too_large_is_cut_at_its_sender_into_pieces_that_fit_and_never_overlap() {
    let mut lan = acquainted();
    lan.ping(0, "2001:db8::2", 4000);
    lan.pass(Span::millis(20));
    let sent: Vec<Ipv6Packet> =
        lan.packets().into_iter().filter(|(_, node, _)| *node == 0).map(|(_, _, packet)| packet).collect();
    assert_eq!(sent.iter().map(Ipv6Packet::len).collect::<Vec<_>>(), [1496, 1496, 1160]);
    let mut next = 0;
    for piece in &sent {
        let (offset, _) = place(piece);
        assert_eq!(usize::from(offset) * 8, next);
        next += piece.transport.len();
    }
    assert_eq!((next, place(&sent[2]).1), (4008, false));
    let back = lan.packets().into_iter().filter(|(_, node, _)| *node == 1).count();
    assert_eq!(back, 3, "the answer is as large");
}

#[test]
fn pieces_come_together_in_any_order_and_twice_changes_nothing() {
    let cut = pieces(3000, 1500);
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
        let mut lan = acquainted();
        for place in order {
            lan.inject(0, cut[place].clone());
            if lan.up.is_empty() {
                lan.inject(0, cut[place].clone());
            }
        }
        let [(0, whole)] = &lan.up[..] else { panic!("{:?}", lan.dropped(0)) };
        assert_eq!(whole.transport, datagram("2001:db8::1", 3000).transport);
        assert!(whole.extensions.is_empty());
    }
}

#[test]
fn a_packet_of_1500_octets_comes_together() {
    let mut lan = acquainted();
    for piece in pieces(1452, 1280) {
        lan.inject(0, piece);
    }
    assert_eq!(lan.up.iter().map(|(_, packet)| packet.len()).collect::<Vec<_>>(), [1500]);
}

#[test]
fn fragments_that_overlap_throw_all_of_their_packet_away_in_silence() {
    let cut = pieces(3000, 1500);
    let (offset, _) = place(&cut[1]);
    for (near, more) in [(offset - 1, true), (offset + 1, true), (offset, false)] {
        let mut lan = acquainted();
        lan.inject(0, cut[0].clone());
        lan.inject(0, cut[1].clone());
        let mut other = moved(&cut[1], near, more);
        if near == offset {
            other.transport = Transport::Other { protocol: 17, payload: vec![9; 800].into() };
        }
        lan.inject(0, other);
        assert_eq!(lan.dropped(0), [Reason::Fragment(FragmentReason::FragmentOverlaps)]);
        lan.inject(0, cut[2].clone());
        assert!(lan.up.is_empty() && lan.frames.is_empty(), "nobody is told");
    }
}

#[test]
fn an_atomic_fragment_waits_for_nothing() {
    let mut lan = acquainted();
    lan.inject(0, pieces(3000, 1500)[0].clone());
    let header = Extension::Fragment { offset: 0, more: false, identification: 77 };
    let whole =
        Ipv6Packet { source: at("2001:db8::2"), extensions: vec![header], ..datagram("2001:db8::1", 10) };
    lan.inject(0, whole);
    assert_eq!(lan.up.len(), 1, "though others with its identification wait");
    assert!(lan.noted(0).contains(&Reason::Fragment(FragmentReason::AtomicFragment)));
}

#[test]
fn after_sixty_seconds_what_came_is_thrown_away_and_the_sender_told_if_the_first_is_there() {
    for (first, tells) in [(0, true), (1, false)] {
        let mut lan = acquainted();
        lan.inject(0, pieces(3000, 1500)[first].clone());
        lan.pass(Span::millis(59_999));
        assert!(lan.dropped(0).is_empty());
        lan.pass(Span::millis(1));
        assert_eq!(lan.dropped(0), [Reason::Fragment(FragmentReason::ReassemblyTimeout)]);
        let told = lan
            .messages(0)
            .iter()
            .any(|message| matches!(message, Icmpv6Message::TimeExceeded { code: 1, .. }));
        assert_eq!(told, tells);
    }
}

#[test]
fn a_middle_piece_of_an_odd_length_is_told_to_its_sender() {
    let mut lan = acquainted();
    let mut piece = pieces(3000, 1500)[0].clone();
    piece.transport = Transport::Other { protocol: 17, payload: vec![0; 13].into() };
    lan.inject(0, piece);
    assert_eq!(
        (lan.dropped(0), parameter(&lan)),
        (vec![Reason::Fragment(FragmentReason::FragmentInvalid)], Some((0, 4)))
    );
}

#[test]
fn a_piece_that_reaches_beyond_65535_octets_is_told_to_its_sender() {
    let mut lan = acquainted();
    lan.inject(0, moved(&pieces(3000, 1500)[1], 8191, false));
    assert_eq!(
        (lan.dropped(0), parameter(&lan)),
        (vec![Reason::Fragment(FragmentReason::FragmentInvalid)], Some((0, 42)))
    );
}

#[test]
fn a_first_piece_without_all_headers_is_told_to_its_sender() {
    let mut lan = acquainted();
    let mut piece = moved(&pieces(3000, 1500)[0], 0, true);
    piece.transport = Transport::Other { protocol: 6, payload: vec![0; 16].into() };
    lan.inject(0, piece);
    assert_eq!(
        (lan.dropped(0), parameter(&lan)),
        (vec![Reason::Fragment(FragmentReason::FragmentHeadless)], Some((3, 0)))
    );
}

#[test]
fn fragments_within_fragments_lead_nowhere() {
    let mut lan = acquainted();
    let inner = pieces(1000, 600);
    let outer = Ipv6Packet { source: at("2001:db8::2"), ..inner[0].clone() };
    // The first piece as octets behind another fragment header.
    let octets = wire::build_ipv6(&outer).slice(40..);
    for (from, to) in [(0, 200), (200, octets.len())] {
        let header =
            Extension::Fragment { offset: (from / 8) as u16, more: to < octets.len(), identification: 5 };
        let transport = Transport::Other { protocol: 44, payload: octets.slice(from..to) };
        lan.inject(0, Ipv6Packet { extensions: vec![header], transport, ..outer.clone() });
    }
    assert_eq!(lan.dropped(0), [Reason::Fragment(FragmentReason::FragmentInvalid)]);
}
