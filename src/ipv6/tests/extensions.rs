//! Extension headers in order (RFC 8200 section 4).

use super::*;
use crate::ipv6::reason::PacketReason;
use crate::wire::{Extension, NO_NEXT_HEADER};

fn with(extensions: Vec<Extension>) -> Ipv6Packet {
    Ipv6Packet { extensions, ..datagram("2001:db8::1", 3).by_two() }
}

fn hop(options: &'static [u8]) -> Extension {
    Extension::HopByHop(Bytes::from_static(options))
}

fn destination(options: &'static [u8]) -> Extension {
    Extension::DestinationOptions(Bytes::from_static(options))
}

const PADDING: &[u8] = &[1, 4, 0, 0, 0, 0];

fn routing(kind: u8, segments_left: u8) -> Extension {
    Extension::Routing { kind, segments_left, data: vec![0; 20].into() }
}

/// What becomes of a packet: whether it comes up, why it was dropped, and the parameter problem that is told.
fn fate(packet: Ipv6Packet) -> (bool, Vec<Reason>, Option<(u8, u32)>) {
    let mut lan = Lan::pair(Profile::rfc());
    lan.ping(0, "2001:db8::2", 8);
    lan.pass(Span::millis(10));
    lan.forget();
    lan.inject(0, packet);
    let told = lan.messages(0).into_iter().find_map(|message| match message {
        Icmpv6Message::ParameterProblem { code, pointer, .. } => Some((code, pointer)),
        _ => None,
    });
    (!lan.up.is_empty(), lan.dropped(0), told)
}

#[test]
fn headers_are_taken_in_any_order_and_number_with_hop_by_hop_options_first() {
    let atomic = Extension::Fragment { offset: 0, more: false, identification: 9 };
    for extensions in [
        vec![hop(PADDING), destination(PADDING), routing(0, 0), atomic.clone(), destination(PADDING)],
        vec![destination(PADDING), destination(PADDING), routing(7, 0), destination(PADDING)],
        vec![routing(4, 0), routing(4, 0), atomic],
    ] {
        assert_eq!(fate(with(extensions)), (true, vec![], None));
    }
}

#[test]
fn hop_by_hop_options_anywhere_else_are_an_unknown_header() {
    let (up, why, told) = fate(with(vec![destination(PADDING), hop(PADDING)]));
    assert_eq!((up, why), (false, vec![Reason::Packet(PacketReason::HopByHopNotFirst)]));
    assert_eq!(told, Some((1, 40)), "code 1, at the number in the header before it");
}

#[test]
fn an_unknown_option_does_what_its_two_highest_bits_say() {
    for (kind, comes, tells) in
        [(0x3e, true, false), (0x7e, false, false), (0xbe, false, true), (0xfe, false, true)]
    {
        let options = Bytes::copy_from_slice(&[0, kind, 2, 0, 0, 0]);
        for header in [Extension::HopByHop(options.clone()), Extension::DestinationOptions(options.clone())] {
            let (up, why, told) = fate(with(vec![header]));
            assert_eq!(up, comes, "{kind:#x}");
            assert_eq!(
                why,
                if comes { vec![] } else { vec![Reason::Packet(PacketReason::UnknownOption { kind })] }
            );
            assert_eq!(told, tells.then_some((2, 43)), "code 2, at the option");
        }
    }
}

#[test]
fn of_what_went_to_a_group_only_the_third_kind_of_option_is_told() {
    for (kind, tells) in [(0xbe, true), (0xfe, false)] {
        let header = Extension::DestinationOptions(Bytes::copy_from_slice(&[kind, 4, 0, 0, 0, 0]));
        let packet = Ipv6Packet { destination: address::ALL_NODES, ..with(vec![header]) };
        let (up, why, told) = fate(packet);
        assert_eq!((up, why), (false, vec![Reason::Packet(PacketReason::UnknownOption { kind })]));
        assert_eq!(told.is_some(), tells);
    }
}

#[test]
fn options_that_reach_beyond_their_header_are_dropped() {
    for options in [&[1, 5, 0, 0, 0, 0][..], &[0, 0, 0, 0, 0, 7]] {
        let header = Extension::DestinationOptions(Bytes::copy_from_slice(options));
        assert_eq!(
            fate(with(vec![header])),
            (false, vec![Reason::Packet(PacketReason::OptionsMalformed)], None)
        );
    }
}

#[test]
fn a_routing_header_with_nodes_left_is_refused_whatever_its_type() {
    for kind in [0, 2, 4, 9] {
        let (up, why, told) = fate(with(vec![routing(kind, 1)]));
        assert_eq!((up, why), (false, vec![Reason::Packet(PacketReason::RoutingRefused { kind })]));
        assert_eq!(told, Some((0, 42)), "code 0, at the routing type");
    }
}

#[test]
fn a_jumbogram_is_refused_as_an_option_not_known() {
    let (up, why, told) = fate(with(vec![hop(&[0xc2, 4, 0, 1, 0x11, 0x70])]));
    assert_eq!((up, why, told), (false, vec![Reason::Packet(PacketReason::Jumbogram)], Some((2, 42))));
}

#[test]
fn an_unknown_next_header_is_told_with_its_place_and_none_at_all_is_not() {
    let other = |protocol| Ipv6Packet {
        transport: Transport::Other { protocol, payload: vec![0; 8].into() },
        ..with(vec![destination(PADDING)])
    };
    assert_eq!(
        fate(other(250)),
        (false, vec![Reason::Packet(PacketReason::UnknownNextHeader { number: 250 })], Some((1, 40)))
    );
    let nothing = Reason::Packet(PacketReason::UnknownNextHeader { number: NO_NEXT_HEADER });
    assert_eq!(fate(other(NO_NEXT_HEADER)), (false, vec![nothing], None));
}

#[test]
fn a_hop_limit_of_zero_does_not_matter_to_the_one_it_is_for() {
    assert_eq!(fate(Ipv6Packet { hop_limit: 0, ..with(vec![]) }), (true, vec![], None));
}

impl Ipv6Packet {
    fn by_two(self) -> Ipv6Packet {
        Ipv6Packet { source: at("2001:db8::2"), ..self }
    }
}
