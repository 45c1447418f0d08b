//! Frames of the link layer: 802.3 lengths and spanning tree, VLAN tags, addresses in halves.

use super::*;
use crate::lang::Lang;
use bytes::Bytes;
use proptest::prelude::*;
use std::net::Ipv4Addr;

proptest! {
    #[test]
    fn tagged_frames_parse_to_what_they_were_built_of(packet in any_frame::tagged()) {
        let frame = build(&packet);
        prop_assert_eq!(parse(&frame), Ok(packet.clone()));
        let bare = Packet { ethernet: Ethernet { tags: Tags::NONE, ..packet.ethernet }, ..packet.clone() };
        prop_assert_eq!(packet.len(), bare.len() + packet.ethernet.tags.len());
        // The layers of the tagged frame are those of the bare one, with one for each tag behind Ethernet's.
        let names = |packet: &Packet| -> Vec<String> {
            let layers = decode(&build(packet));
            layers.into_iter().map(|layer| layer.name.en).filter(|name| name != "Padding").collect()
        };
        let (mut tagged, bare) = (names(&packet), names(&bare));
        let tags: Vec<String> = tagged.splice(1..1 + packet.ethernet.tags.iter().count(), []).collect();
        prop_assert!(tags.iter().all(|name| name.ends_with("tag")), "{:?}", tags);
        prop_assert_eq!(tagged, bare);
    }

    #[test]
    fn any_octets_behind_a_length_or_a_tag_are_read_without_harm(
        kind in prop_oneof![0u16..1600, Just(0x8100), Just(0x88a8)],
        rest in prop::collection::vec(any::<u8>(), 0..80),
        spanning_tree: bool,
    ) {
        let mut octets = vec![1; 12];
        octets.extend(kind.to_be_bytes());
        if spanning_tree {
            octets.extend([0x42, 0x42, 3, 0, 0, 0, 0]);
        }
        octets.extend(rest);
        let frame = Bytes::from(octets);
        let _ = parse(&frame);
        let _ = untag(&frame);
        for layer in decode(&frame) {
            prop_assert!(layer.start <= layer.end && layer.end <= frame.len());
            prop_assert!(layer.fields.iter().all(|field| field.bytes.end <= frame.len()), "{:?}", layer);
        }
    }
}

/// What the kernel's bridge sent (6.18, `brctl stp on`): a configuration message and a notification of a change.
const OF_THE_KERNEL: [&str; 2] = [
    "0180c200000002ff0001000000264242030000000081800002ff0001000000000000800002ff0001000080010000060001000200",
    "0180c200000002ff00030001000742420300000080",
];

fn octets(hex: &str) -> Bytes {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).unwrap();
    (0..hex.len()).step_by(2).map(digit).collect::<Vec<u8>>().into()
}

#[test]
fn the_kernels_messages_are_understood_and_written_alike() {
    let [config, change] = OF_THE_KERNEL.map(octets);
    let packet = parse(&config).unwrap();
    let Body::Bpdu(Bpdu::Config(message)) = packet.body else { panic!("{packet:?}") };
    let own = BridgeId { priority: 0x8000, mac: MacAddr::of_port(1, 0) };
    assert_eq!((message.root, message.bridge, message.root_cost, message.port), (own, own, 0, 0x8001));
    assert_eq!((message.max_age, message.hello_time, message.forward_delay), (6 * 256, 256, 2 * 256));
    assert!(message.topology_change && message.acknowledgment);
    assert_eq!(parse(&change).unwrap().body, Body::Bpdu(Bpdu::TopologyChange));
    for frame in [config, change] {
        let ours = build(&parse(&frame).unwrap());
        assert_eq!(&ours[..frame.len()], &frame[..], "the padding aside");
    }
}

#[test]
fn every_field_of_a_message_is_shown_in_both_languages() {
    let layers = decode(&octets(OF_THE_KERNEL[0]));
    let names: Vec<&str> = layers.iter().map(|layer| layer.name.en.as_str()).collect();
    assert_eq!(names, ["Ethernet", "LLC", "STP"]);
    let field =
        |key: &str| layers.iter().flat_map(|layer| &layer.fields).find(|field| field.key == key).unwrap();
    assert_eq!(field("eth.type").value, "38");
    assert_eq!(field("eth.dst").meaning.en, "all bridges, none passes it on (I/G 1, U/L 0)");
    assert_eq!(field("stp.root").value, "8000.02:ff:00:01:00:00");
    assert_eq!(field("stp.root").meaning.en, "the sender takes itself for the root");
    assert_eq!(field("stp.flags.tca").bits, Some(0..1));
    assert_eq!(field("stp.flags.tc").value, "1");
    assert_eq!(field("stp.hello").value, "1.000 s");
    assert_eq!(field("stp.port").meaning.get(Lang::Zh), "端口 1，优先级 128");
    let shown: usize =
        layers[2].fields.iter().filter(|field| field.bits.is_none()).map(|field| field.bytes.len()).sum();
    assert_eq!(shown, 34, "all 35 octets but the flags");
}

#[test]
fn a_cut_message_says_what_is_missing() {
    let frame = octets(OF_THE_KERNEL[0]).slice(..40);
    let error = parse(&frame).unwrap_err();
    assert_eq!((error.header, error.flaw), (Header::Bpdu, Flaw::Truncated { need: 35, have: 23 }));
    assert!(decode(&frame).iter().any(|layer| layer.flaw.is_some()));
    let tag = Bytes::from([&[2; 12][..], &[0x81, 0, 0]].concat());
    let error = parse(&tag).unwrap_err();
    assert_eq!((error.header, error.flaw), (Header::Vlan, Flaw::Truncated { need: 4, have: 1 }));
}

#[test]
fn an_address_shows_both_its_halves_and_its_two_bits() {
    let mut bare = Packet::arp(
        MacAddr([0x00, 0x1b, 0x21, 0x0a, 0x0b, 0x0c]),
        MacAddr::of_host(7),
        ArpMessage {
            operation: ArpOperation::Request,
            sender_mac: MacAddr::default(),
            sender_ip: Ipv4Addr::UNSPECIFIED,
            target_mac: MacAddr::default(),
            target_ip: Ipv4Addr::UNSPECIFIED,
        },
    );
    let shown = |packet: &Packet, key: &str| {
        let layers = decode(&build(packet));
        let field = layers[0].fields.iter().find(|field| field.key == key).unwrap().clone();
        field.meaning.en
    };
    assert_eq!(shown(&bare, "eth.src"), "00:1b:21 the maker, 0a:0b:0c the card (I/G 0, U/L 0)");
    assert_eq!(shown(&bare, "eth.dst"), "02:00:00 local, 00:00:07 the card (I/G 0, U/L 1)");
    bare.ethernet.destination = MacAddr::BROADCAST;
    assert_eq!(shown(&bare, "eth.dst"), "every station (I/G 1, U/L 1)");
}

#[test]
fn a_tag_shows_priority_and_network() {
    let tag = Tag::new(ETHER_TYPE_VLAN, 0xb005);
    assert_eq!((tag.priority, tag.drop_eligible, tag.vlan, tag.control()), (5, true, 5, 0xb005));
    let mut frame = build(&Packet::bpdu(MacAddr::of_host(1), Bpdu::TopologyChange)).to_vec();
    frame.splice(12..12, [0x81, 0x00, 0xb0, 0x05]);
    let layers = decode(&frame.into());
    let fields = &layers[1].fields;
    let rows: Vec<(&str, &str)> = fields.iter().map(|field| (field.key, field.value.as_str())).collect();
    assert_eq!(rows, [("vlan.priority", "5"), ("vlan.dei", "1"), ("vlan.id", "5"), ("vlan.type", "7")]);
    assert_eq!(layers[2].name.en, "LLC");
}

/// What the kernel (6.18, without VLAN devices) takes of tagged frames, as it was seen to.
#[test]
fn only_tags_that_name_no_vlan_come_off() {
    let plain = build(&Packet::bpdu(MacAddr::of_host(1), Bpdu::TopologyChange));
    let tagged = |tags: &[u8]| -> Bytes { [&plain[..12], tags, &plain[12..]].concat().into() };
    assert_eq!(untag(&plain), None);
    assert_eq!(untag(&tagged(&[0x81, 0, 0, 5])), Some(Err(5)));
    assert_eq!(untag(&tagged(&[0x81, 0, 0xa0, 0])), Some(Ok(plain.clone())));
    assert_eq!(untag(&tagged(&[0x88, 0xa8, 0, 5])), Some(Err(5)));
    assert_eq!(untag(&tagged(&[0x88, 0xa8, 0, 0])), Some(Ok(plain.clone())));
    assert_eq!(untag(&tagged(&[0x81, 0, 0, 0, 0x81, 0, 0, 0])), Some(Ok(plain.clone())));
    assert_eq!(untag(&tagged(&[0x91, 0, 0, 0])), None, "of this type the kernel knows nothing");
}
