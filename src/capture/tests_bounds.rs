//! Whatever segments come, and however many: the classifier never panics, names only packets that came before, and keeps
//! no more in mind than its bounds allow.

use super::*;
use crate::lang::Lang;
use crate::wire::{Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, Transport};
use bytes::Bytes;
use proptest::prelude::*;
use std::net::Ipv4Addr;

/// A segment between the first host's port and port 80 of the second, or back.
fn segment(
    forward: bool,
    port: u16,
    flags: Flags,
    (seq, ack): (u32, u32),
    len: usize,
    window: u16,
) -> Packet {
    let (source_port, destination_port) = if forward { (port, 80) } else { (80, port) };
    let hosts = [Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2)];
    let (from, to) = if forward { (hosts[0], hosts[1]) } else { (hosts[1], hosts[0]) };
    let segment = Segment {
        source_port,
        destination_port,
        seq: Seq(seq),
        ack: Seq(ack),
        flags,
        window,
        payload: Bytes::from(vec![b'x'; len]),
        ..Segment::default()
    };
    let mac = MacAddr::of_host(1);
    Packet::ipv4(mac, mac, Ipv4Packet::new(from, to, Transport::Tcp(segment)))
}

fn data(port: u16, seq: u32, len: usize) -> Packet {
    segment(true, port, Flags::PSH | Flags::ACK, (seq, 1), len, 1000)
}

/// The earlier packet that a purpose names.
fn named(purpose: &Purpose) -> Option<usize> {
    use Purpose::*;
    match purpose {
        RepeatsData { of } => *of,
        RepeatsSyn { of }
        | AnswersSyn { of, .. }
        | AnswersCrossedSyn { of }
        | RepeatsSynAck { of }
        | CompletesHandshake { of }
        | AcknowledgesFin { of }
        | AnswersRepeated { of }
        | AnswersProbe { of }
        | RepeatsFin { of }
        | Refuses { of }
        | Rejects { of }
        | OpensAtOnce { other: of } => Some(*of),
        Carries { piggyback, .. } | Closes { piggyback, .. } => match piggyback {
            Some(Piggyback::Fin(of)) => Some(*of),
            Some(Piggyback::Data(_)) | None => None,
        },
        _ => None,
    }
}

/// Numbers near each other, near where they wrap around, and far away.
fn number() -> impl Strategy<Value = u32> {
    prop_oneof![
        8 => 1000..1040_u32,
        4 => (0..30_u32).prop_map(|above| above.wrapping_sub(15)),
        1 => (0..4_u32).prop_map(|above| (1 << 31) + 1000 + above),
        1 => any::<u32>(),
    ]
}

fn any_segment() -> impl Strategy<Value = Packet> {
    let flags = prop_oneof![6 => Just(0x10_u8), 3 => Just(0x18), 3 => Just(0x02), 3 => Just(0x12), 2 => Just(0x11),
        1 => Just(0x04), 1 => Just(0x14), 2 => any::<u8>()];
    let len = prop_oneof![4 => Just(0_usize), 4 => 1..12_usize, 1 => Just(1400_usize)];
    let window = prop_oneof![3 => Just(1000_u16), 1 => Just(0_u16), 1 => any::<u16>()];
    (any::<bool>(), 1..4_u16, flags, (number(), number()), len, window).prop_map(
        |(forward, port, flags, numbers, len, window)| {
            segment(forward, port, Flags(flags), numbers, len, window)
        },
    )
}

proptest! {
    #[test]
    fn whatever_segments_come_only_earlier_packets_are_named(
        packets in proptest::collection::vec(any_segment(), 1..80),
        first in 1..5_usize,
    ) {
        let mut tight = Classifier::bounded(2, 5);
        let mut classifier = Classifier::new();
        for (packet, number) in packets.iter().zip(first..) {
            for classifier in [&mut classifier, &mut tight] {
                let purpose = classifier.see_packet(number, packet);
                if let Some(named) = named(&purpose) {
                    prop_assert!((first..number).contains(&named), "packet {number} is {purpose:?}");
                }
                let says = [Lang::En, Lang::Zh].map(|lang| purpose.sentence(lang));
                prop_assert!(says.iter().all(|says| !says.is_empty()) && says[0] != says[1]);
            }
            let (conversations, carriers) = tight.kept();
            prop_assert!(conversations <= 4 && carriers <= 5, "{conversations} conversations, {carriers} carriers");
        }
    }
}

#[test]
fn of_a_very_long_stream_what_went_lately_is_known_and_its_beginning_is_not() {
    let mut classifier = Classifier::new();
    let last = 80_000;
    for number in 0..=last {
        classifier.see_packet(number + 1, &data(1000, 1 + 10 * number as u32, 10));
    }
    let (conversations, carriers) = classifier.kept();
    assert_eq!(conversations, 1);
    assert!(carriers <= 1 << 16, "{carriers}");
    let again = classifier.see_packet(last + 2, &data(1000, 1 + 10 * last as u32, 10));
    assert_eq!(again, Purpose::RepeatsData { of: Some(last + 1) });
    assert_eq!(classifier.see_packet(last + 3, &data(1000, 1, 10)), Purpose::RepeatsData { of: None });
}

#[test]
fn data_from_before_the_capture_repeats_no_packet_of_it() {
    let mut classifier = Classifier::new();
    classifier.see_packet(1, &data(1000, 5000, 10));
    assert_eq!(classifier.see_packet(2, &data(1000, 4000, 10)), Purpose::RepeatsData { of: None });
}

#[test]
fn a_flood_of_ports_is_forgotten_and_who_speaks_again_is_not() {
    let mut classifier = Classifier::bounded(100, 1000);
    classifier.see_packet(1, &segment(true, 9, Flags::SYN, (1000, 0), 0, 100));
    for number in 2..5_000_usize {
        let port = if number.is_multiple_of(50) { 9 } else { 1000 + number as u16 };
        let seq = if port == 9 { 1000 } else { number as u32 };
        let purpose = classifier.see_packet(number, &segment(true, port, Flags::SYN, (seq, 0), 0, 100));
        let expected =
            if port == 9 { Purpose::RepeatsSyn { of: 1 } } else { Purpose::Opens { isn: Seq(seq) } };
        assert_eq!(purpose, expected, "packet {number}");
    }
    assert!(classifier.kept().0 <= 200);
}

#[test]
fn many_long_streams_together_keep_no_more_than_their_bound() {
    let mut classifier = Classifier::bounded(100, 1000);
    for number in 0..20_000_usize {
        let (port, at) = (1000 + (number % 20) as u16, 1 + 10 * (number / 20) as u32);
        assert!(matches!(classifier.see_packet(number + 1, &data(port, at, 10)), Purpose::Carries { .. }));
        if number.is_multiple_of(500) {
            assert!(classifier.kept().1 <= 1000);
        }
    }
    let again = classifier.see_packet(20_001, &data(1000, 1 + 10 * 999, 10));
    assert_eq!(again, Purpose::RepeatsData { of: Some(19_981) });
}
