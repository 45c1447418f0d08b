//! Segments made by hand: ports and relative numbers are filled in from the connections seen so far.

use crate::scenario::Hand;
use crate::trace::Numbering;
use crate::wire::{Flags, Ipv4Packet, Segment, TcpOption, Transport};
use std::net::SocketAddr;

/// The packet that the hand means, by what has been seen on the wire.
pub(crate) fn packet(hand: &Hand, numbering: &Numbering) -> Ipv4Packet {
    let mut segment = hand.segment.clone();
    let (source, destination) = ends(hand, numbering);
    segment.source_port = source.port();
    segment.destination_port = destination.port();
    if hand.relative {
        count_from_initial(&mut segment, source, destination, numbering);
        count_from_last_stamp(&mut segment, source, destination, numbering);
    }
    Ipv4Packet::new(hand.from, hand.to, Transport::Tcp(segment))
}

/// Its two ends: ports that were left out are those of the connection between the two addresses, the latest
/// one if there are several.
fn ends(hand: &Hand, numbering: &Numbering) -> (SocketAddr, SocketAddr) {
    let source = SocketAddr::from((hand.from, hand.segment.source_port));
    let destination = SocketAddr::from((hand.to, hand.segment.destination_port));
    if source.port() != 0 && destination.port() != 0 {
        return (source, destination);
    }
    let fits = |wanted: SocketAddr, found: SocketAddr| {
        wanted.ip() == found.ip() && (wanted.port() == 0 || wanted.port() == found.port())
    };
    let known = numbering.latest(|from, to| {
        (fits(source, from) && fits(destination, to)) || (fits(source, to) && fits(destination, from))
    });
    match known {
        Some((from, to)) if fits(source, from) && fits(destination, to) => (from, to),
        Some((from, to)) => (to, from),
        None => (source, destination),
    }
}

fn count_from_initial(
    segment: &mut Segment,
    source: SocketAddr,
    destination: SocketAddr,
    numbering: &Numbering,
) {
    if let Some(isn) = numbering.initial(source, destination) {
        segment.seq += isn.0;
    }
    if segment.flags.has(Flags::ACK)
        && let Some(isn) = numbering.initial(destination, source)
    {
        segment.ack += isn.0;
    }
}

/// Timestamps count from those that both ends sent last.
fn count_from_last_stamp(
    segment: &mut Segment,
    source: SocketAddr,
    destination: SocketAddr,
    numbering: &Numbering,
) {
    let last = |from, to| numbering.stamp(from, to).unwrap_or(0);
    let options = segment.options.iter().map(|option| match option {
        TcpOption::Timestamps { value, echo } => TcpOption::Timestamps {
            value: last(source, destination).wrapping_add(value),
            echo: last(destination, source).wrapping_add(echo),
        },
        other => other,
    });
    segment.options = options.collect();
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Seq;
    use std::net::Ipv4Addr;

    const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
    const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

    fn seen() -> Numbering {
        let mut numbering = Numbering::new();
        for (port, isn) in [(50_001, 100), (50_000, 1_000)] {
            let (client, server) = (SocketAddr::from((CLIENT, port)), SocketAddr::from((SERVER, 80)));
            let options = [TcpOption::Timestamps { value: 70_000, echo: 0 }].into();
            let syn = Segment { flags: Flags::SYN, seq: Seq(isn), options, ..Segment::default() };
            numbering.see(client, server, &syn);
            let syn_ack = Segment { flags: Flags::SYN | Flags::ACK, seq: Seq(isn + 7), ..Segment::default() };
            numbering.see(server, client, &syn_ack);
        }
        numbering
    }
    fn made(hand: Hand) -> Segment {
        match packet(&hand, &seen()).transport {
            Transport::Tcp(segment) => segment,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn left_out_ports_are_those_of_the_latest_connection_in_either_direction() {
        let rst = Segment { flags: Flags::RST, seq: Seq(1), ..Segment::default() };
        let from_client = made(Hand { from: CLIENT, to: SERVER, segment: rst.clone(), relative: true });
        assert_eq!((from_client.source_port, from_client.destination_port), (50_000, 80));
        assert_eq!(from_client.seq, Seq(1_001));
        let from_server = made(Hand { from: SERVER, to: CLIENT, segment: rst, relative: true });
        assert_eq!((from_server.source_port, from_server.destination_port), (80, 50_000));
        assert_eq!(from_server.seq, Seq(1_008));
    }

    #[test]
    fn timestamps_count_from_those_sent_last() {
        let stamps = |value: u32, relative| {
            let options = [TcpOption::Timestamps { value, echo: 0 }].into();
            let segment = Segment { flags: Flags::ACK, options, ..Segment::default() };
            let made = made(Hand { from: CLIENT, to: SERVER, segment, relative });
            made.options.iter().find_map(|option| match option {
                TcpOption::Timestamps { value, echo } => Some((value, echo)),
                _ => None,
            })
        };
        assert_eq!(stamps(0, true), Some((70_000, 0)));
        assert_eq!(stamps(60_000u32.wrapping_neg(), true), Some((10_000, 0)));
        assert_eq!(stamps(5, false), Some((5, 0)));
    }

    #[test]
    fn given_ports_choose_the_connection_and_absolute_numbers_stay() {
        let segment = Segment {
            source_port: 50_001,
            flags: Flags::ACK,
            seq: Seq(5),
            ack: Seq(6),
            ..Segment::default()
        };
        let relative = made(Hand { from: CLIENT, to: SERVER, segment: segment.clone(), relative: true });
        assert_eq!((relative.seq, relative.ack, relative.destination_port), (Seq(105), Seq(113), 80));
        let absolute = made(Hand { from: CLIENT, to: SERVER, segment, relative: false });
        assert_eq!((absolute.seq, absolute.ack), (Seq(5), Seq(6)));
    }
}
