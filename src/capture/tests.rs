//! Hand-made traces, exported and read back.

use super::*;
use crate::clock::{Instant, Span};
use crate::host::Reason;
use crate::lang::{Lang, Text};
use crate::link::{self, HostId, NodeKind};
use crate::trace::{Event, HostInfo, Meta, Record, RecordId, Source, Trace};
use crate::wire::{self, *};
use bytes::Bytes;
use pcap_parser::traits::PcapNGPacketBlock;
use pcap_parser::{Block, OptionCode, PcapNGOption, parse_block_le};
use std::net::Ipv4Addr;

const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 2);

/// A segment from the client (`>`) or the server (`<`): flags, seq, ack, octets of text.
fn tcp(way: char, flags: &str, seq: u32, ack: u32, len: usize) -> Packet {
    windowed(way, flags, seq, ack, len, 64240)
}

fn windowed(way: char, flags: &str, seq: u32, ack: u32, len: usize, window: u16) -> Packet {
    let segment = Segment {
        source_port: if way == '>' { 49152 } else { 8080 },
        destination_port: if way == '>' { 8080 } else { 49152 },
        seq: Seq(seq),
        ack: Seq(ack),
        flags: Flags::from_letters(flags).unwrap(),
        window,
        payload: Bytes::from(vec![b'x'; len]),
        ..Segment::default()
    };
    ip(way, Transport::Tcp(segment))
}

fn ip(way: char, transport: Transport) -> Packet {
    let (from, to) = (MacAddr::of_host(1), MacAddr::of_host(2));
    match way {
        '>' => Packet::ipv4(from, to, Ipv4Packet::new(CLIENT, SERVER, transport)),
        _ => Packet::ipv4(to, from, Ipv4Packet::new(SERVER, CLIENT, transport)),
    }
}

fn purposes(packets: &[Packet]) -> Vec<Purpose> {
    let mut classifier = Classifier::new();
    packets.iter().zip(1..).map(|(packet, number)| classifier.see_packet(number, packet)).collect()
}

/// What the last of these packets is for.
fn last_purpose(packets: &[Packet]) -> Purpose {
    purposes(packets).pop().unwrap()
}

fn handshake() -> Vec<Packet> {
    vec![tcp('>', "S", 1000, 0, 0), tcp('<', "SA", 5000, 1001, 0), tcp('>', "A", 1001, 5001, 0)]
}

fn after_handshake(more: &[Packet]) -> Vec<Packet> {
    [&handshake(), more].concat()
}

#[test]
fn a_whole_connection_is_told_from_its_flags() {
    let all = after_handshake(&[
        tcp('>', "PA", 1001, 5001, 5),
        tcp('<', "A", 5001, 1006, 0),
        tcp('<', "PA", 5001, 1006, 3),
        tcp('>', "FA", 1006, 5004, 0),
        tcp('<', "A", 5004, 1007, 0),
        tcp('<', "FA", 5004, 1007, 0),
        tcp('>', "A", 1007, 5005, 0),
    ]);
    assert_eq!(
        purposes(&all),
        [
            Purpose::Opens { isn: Seq(1000) },
            Purpose::AnswersSyn { of: 1, isn: Seq(5000) },
            Purpose::CompletesHandshake { of: 2 },
            Purpose::Carries { first: 1, last: 5, piggyback: None },
            Purpose::Acknowledges { up_to: 5, window_closed: false },
            Purpose::Carries { first: 1, last: 3, piggyback: None },
            Purpose::Closes { data: 0, piggyback: Some(Piggyback::Data(3)) },
            Purpose::AcknowledgesFin { of: 7 },
            Purpose::Closes { data: 0, piggyback: None },
            Purpose::AcknowledgesFin { of: 9 },
        ]
    );
}

#[test]
fn data_and_fins_say_what_they_acknowledge_on_the_way() {
    let all = after_handshake(&[
        tcp('>', "PA", 1001, 5001, 5),
        tcp('<', "PA", 5001, 1006, 3),
        tcp('>', "FA", 1006, 5004, 2),
        tcp('<', "FA", 5004, 1009, 0),
        tcp('>', "A", 1009, 5005, 0),
    ]);
    assert_eq!(
        purposes(&all)[3..],
        [
            Purpose::Carries { first: 1, last: 5, piggyback: None },
            Purpose::Carries { first: 1, last: 3, piggyback: Some(Piggyback::Data(5)) },
            Purpose::Closes { data: 2, piggyback: Some(Piggyback::Data(3)) },
            Purpose::Closes { data: 0, piggyback: Some(Piggyback::Fin(6)) },
            Purpose::AcknowledgesFin { of: 7 },
        ]
    );
}

#[test]
fn what_comes_again_names_what_it_repeats() {
    let all = [
        tcp('>', "S", 1000, 0, 0),
        tcp('<', "SA", 5000, 1001, 0),
        tcp('>', "S", 1000, 0, 0),
        tcp('<', "SA", 5000, 1001, 0),
        tcp('>', "A", 1001, 5001, 0),
        tcp('>', "PA", 1001, 5001, 5),
        tcp('>', "PA", 1006, 5001, 5),
        tcp('>', "PA", 1001, 5001, 5),
        tcp('<', "A", 5001, 1011, 0),
        tcp('>', "FA", 1011, 5001, 0),
        tcp('>', "FA", 1011, 5001, 0),
        tcp('<', "A", 5001, 1012, 0),
        tcp('>', "FA", 1011, 5001, 0),
        tcp('<', "A", 5001, 1012, 0),
    ];
    let seen = purposes(&all);
    assert_eq!(seen[2], Purpose::RepeatsSyn { of: 1 });
    assert_eq!(seen[3], Purpose::RepeatsSynAck { of: 2 });
    assert_eq!(seen[4], Purpose::CompletesHandshake { of: 2 });
    assert_eq!(seen[7], Purpose::RepeatsData { of: Some(6) });
    assert_eq!(seen[8], Purpose::Acknowledges { up_to: 10, window_closed: false });
    assert_eq!(seen[10], Purpose::RepeatsFin { of: 10 });
    assert_eq!(seen[11], Purpose::AcknowledgesFin { of: 10 });
    assert_eq!(seen[13], Purpose::AnswersRepeated { of: 13 });
}

#[test]
fn a_probe_below_the_next_number_is_a_keepalive_or_asks_for_the_window() {
    let keepalive = after_handshake(&[
        tcp('>', "PA", 1001, 5001, 5),
        tcp('<', "A", 5001, 1006, 0),
        tcp('>', "A", 1005, 5001, 0),
        tcp('<', "A", 5001, 1006, 0),
        tcp('>', "A", 1005, 5001, 0),
        tcp('>', "A", 1005, 5001, 0),
    ]);
    let seen = purposes(&keepalive);
    assert_eq!(
        seen[5..],
        [Purpose::Keepalive, Purpose::AnswersProbe { of: 6 }, Purpose::Keepalive, Purpose::Keepalive,]
    );
    let window = after_handshake(&[
        tcp('>', "PA", 1001, 5001, 5),
        windowed('<', "A", 5001, 1006, 0, 0),
        tcp('>', "A", 1005, 5001, 0),
        windowed('<', "A", 5001, 1006, 0, 0),
        windowed('<', "A", 5001, 1006, 0, 500),
    ]);
    let seen = purposes(&window);
    assert_eq!(
        seen[4..],
        [
            Purpose::Acknowledges { up_to: 5, window_closed: true },
            Purpose::ProbesWindow,
            Purpose::AnswersProbe { of: 6 },
            Purpose::UpdatesWindow { window: 500 },
        ]
    );
    let octet = after_handshake(&[
        tcp('>', "PA", 1001, 5001, 5),
        tcp('<', "A", 5001, 1006, 0),
        tcp('>', "A", 1005, 5001, 1),
    ]);
    assert_eq!(last_purpose(&octet), Purpose::Keepalive);
    let lost = after_handshake(&[tcp('>', "PA", 1001, 5001, 1), tcp('>', "PA", 1001, 5001, 1)]);
    assert_eq!(last_purpose(&lost), Purpose::RepeatsData { of: Some(4) });
}

#[test]
fn an_acknowledgment_further_off_than_any_window_counts_for_nothing() {
    let forged = after_handshake(&[
        tcp('<', "PA", 5001, 1001, 5),
        tcp('>', "PA", 1001, 3_000_000_000, 5),
        tcp('>', "A", 1001, 5006, 0),
    ]);
    assert_eq!(last_purpose(&forged), Purpose::Acknowledges { up_to: 5, window_closed: false });
}

#[test]
fn a_syn_into_a_connection_ends_it_only_if_it_is_answered_by_a_syn() {
    let refused = after_handshake(&[
        tcp('>', "S", 9000, 0, 0),
        tcp('<', "A", 5001, 1001, 0),
        tcp('>', "PA", 1001, 5001, 5),
        tcp('>', "S", 9000, 0, 0),
        tcp('<', "SA", 7000, 9001, 0),
        tcp('>', "A", 9001, 7001, 0),
    ]);
    assert_eq!(
        purposes(&refused)[3..],
        [
            Purpose::Opens { isn: Seq(9000) },
            Purpose::RepeatsAck,
            Purpose::Carries { first: 1, last: 5, piggyback: None },
            Purpose::RepeatsSyn { of: 4 },
            Purpose::AnswersSyn { of: 4, isn: Seq(7000) },
            Purpose::CompletesHandshake { of: 8 },
        ]
    );
}

#[test]
fn probes_that_cross_are_both_answered_and_their_octet_counts_once_it_is_taken() {
    let closed = after_handshake(&[
        windowed('>', "A", 1001, 5001, 0, 0),
        windowed('<', "A", 5001, 1001, 0, 0),
        windowed('>', "A", 1001, 5001, 1, 0),
        windowed('<', "A", 5001, 1001, 1, 0),
        windowed('<', "A", 5001, 1001, 0, 0),
        windowed('>', "A", 1001, 5002, 0, 0),
        windowed('<', "A", 5001, 1001, 0, 0),
    ]);
    assert_eq!(
        purposes(&closed)[5..],
        [
            Purpose::ProbesWindow,
            Purpose::ProbesWindow,
            Purpose::AnswersProbe { of: 6 },
            Purpose::Acknowledges { up_to: 1, window_closed: true },
            Purpose::ProbesWindow,
        ]
    );
}

#[test]
fn resets_are_told_apart_as_far_as_they_can_be() {
    let refused = [tcp('>', "S", 1000, 0, 0), tcp('<', "RA", 0, 1001, 0)];
    assert_eq!(last_purpose(&refused), Purpose::Refuses { of: 1 });
    let aborted = after_handshake(&[tcp('>', "RA", 1001, 5001, 0)]);
    assert_eq!(last_purpose(&aborted), Purpose::Aborts);
    let rebooted = after_handshake(&[tcp('>', "A", 1000, 5001, 0), tcp('<', "R", 5001, 0, 0)]);
    assert_eq!(purposes(&rebooted)[3..], [Purpose::Keepalive, Purpose::Rejects { of: 4 }]);
    assert_eq!(last_purpose(&[tcp('>', "R", 1000, 0, 0)]), Purpose::Aborts);
}

#[test]
fn crossing_syns_open_one_connection() {
    let all = [
        tcp('>', "S", 1000, 0, 0),
        tcp('<', "S", 5000, 0, 0),
        tcp('>', "SA", 1000, 5001, 0),
        tcp('<', "SA", 5000, 1001, 0),
        tcp('>', "SA", 1000, 5001, 0),
    ];
    assert_eq!(
        purposes(&all),
        [
            Purpose::Opens { isn: Seq(1000) },
            Purpose::OpensAtOnce { other: 1 },
            Purpose::AnswersCrossedSyn { of: 2 },
            Purpose::AnswersCrossedSyn { of: 1 },
            Purpose::RepeatsSynAck { of: 3 },
        ]
    );
}

#[test]
fn a_second_connection_on_the_same_ports_starts_afresh() {
    let mut all = after_handshake(&[tcp('>', "RA", 1001, 5001, 0)]);
    all.extend([
        tcp('>', "S", 90_000, 0, 0),
        tcp('<', "SA", 70_000, 90_001, 0),
        tcp('>', "A", 90_001, 70_001, 0),
    ]);
    all.push(tcp('>', "PA", 90_001, 70_001, 2));
    assert_eq!(
        purposes(&all)[4..],
        [
            Purpose::Opens { isn: Seq(90_000) },
            Purpose::AnswersSyn { of: 5, isn: Seq(70_000) },
            Purpose::CompletesHandshake { of: 6 },
            Purpose::Carries { first: 1, last: 2, piggyback: None },
        ]
    );
}

#[test]
fn a_server_that_forgot_may_answer_the_same_syn_with_another_number() {
    let all = after_handshake(&[tcp('<', "SA", 9000, 1001, 0)]);
    assert_eq!(last_purpose(&all), Purpose::AnswersSyn { of: 1, isn: Seq(9000) });
}

#[test]
fn segments_out_of_nowhere_are_stray() {
    assert_eq!(last_purpose(&[tcp('>', "A", 1, 1, 0)]), Purpose::Stray);
    assert_eq!(last_purpose(&[tcp('<', "SA", 1, 1, 0)]), Purpose::Stray);
}

#[test]
fn udp_icmp_and_arp_say_what_they_are() {
    let datagram = Datagram { source_port: 49152, destination_port: 7, payload: Bytes::from_static(b"hi") };
    let request = ip('>', Transport::Udp(datagram));
    assert_eq!(last_purpose(std::slice::from_ref(&request)), Purpose::Datagram { len: 2, port: 7 });
    let quote = wire::build_ipv4(request.ip().unwrap());
    let error = IcmpMessage::DestinationUnreachable { code: 3, next_hop_mtu: 0, quote };
    let unreachable = last_purpose(&[ip('<', Transport::Icmp(error))]);
    assert_eq!(unreachable, Purpose::Icmp { kind: (3, 3), port: Some(7) });
    assert!(unreachable.sentence(Lang::En).contains("port 7"));
    let message = ArpMessage {
        operation: ArpOperation::Request,
        sender_mac: MacAddr::of_host(1),
        sender_ip: CLIENT,
        target_mac: MacAddr::default(),
        target_ip: SERVER,
    };
    let arp = Packet::arp(MacAddr::of_host(1), MacAddr::BROADCAST, message);
    let purpose = last_purpose(&[arp]);
    assert_eq!(purpose, Purpose::Arp { operation: ArpOperation::Request, about: SERVER });
    let mut fragment = request.ip().unwrap().clone();
    fragment.fragment_offset = 185;
    fragment.transport = Transport::Other { protocol: 17, payload: Bytes::from_static(&[0; 12]) };
    let purpose = last_purpose(&[Packet::ipv4(MacAddr::of_host(1), MacAddr::of_host(2), fragment)]);
    assert_eq!(purpose, Purpose::Fragment { offset: 1480, len: 12, last: true, version: 4 });
}

fn trace(source: Source, events: Vec<(u64, Option<u16>, Event)>) -> Trace {
    let host = |name: &str, address: Ipv4Addr, n| HostInfo {
        name: name.to_owned(),
        kind: NodeKind::Host,
        address: address.into(),
        more_addresses: Vec::new(),
        mac: MacAddr::of_host(n),
        actor: false,
    };
    let records = events.into_iter().zip(0..).map(|((ms, host, event), id)| Record {
        id: RecordId(id),
        at: Instant::ZERO + Span::millis(ms) + Span::nanos(7),
        host: host.map(HostId),
        cause: None,
        event,
    });
    Trace {
        meta: Meta {
            scenario: "by-hand".to_owned(),
            title: Text::new("Made by hand", "手工构造"),
            profile: "linux".to_owned(),
            seed: 9,
            source,
            hosts: vec![host("client", CLIENT, 1), host("server", SERVER, 2)],
            processes: Vec::new(),
        },
        endpoints: Vec::new(),
        records: records.collect(),
    }
}

fn sent(frame: Bytes, why: Option<Reason>) -> Event {
    Event::FrameSent { frame, to: None, next: None, endpoint: None, why }
}

/// Interfaces' names, and each packet's time, octets and comment.
#[derive(Debug, Default, PartialEq)]
struct ReadBack {
    section: Vec<String>,
    interfaces: Vec<String>,
    /// Which of them each packet was seen on.
    seen_on: Vec<u32>,
    packets: Vec<(u64, Vec<u8>, String)>,
}

fn read_back(mut file: &[u8]) -> ReadBack {
    let mut all = ReadBack::default();
    let text = |option: &PcapNGOption<'_>| option.as_str().unwrap().to_owned();
    while !file.is_empty() {
        let (rest, block) = parse_block_le(file).unwrap();
        file = rest;
        match block {
            Block::SectionHeader(section) => {
                let texts = section.options.iter().filter(|option| option.code != OptionCode::EndOfOpt);
                all.section = texts.map(text).collect();
            }
            Block::InterfaceDescription(interface) => {
                assert_eq!((interface.if_tsresol, interface.linktype.0), (9, 1));
                let name = interface.options.iter().find(|option| option.code == OptionCode::IfName).unwrap();
                all.interfaces.push(text(name));
            }
            Block::EnhancedPacket(packet) => {
                all.seen_on.push(packet.if_id);
                assert_eq!(packet.caplen, packet.origlen);
                let comment = packet.options.iter().find(|option| option.code == OptionCode::Comment);
                let comment = comment.map_or_else(String::new, text);
                let at = u64::from(packet.ts_high) << 32 | u64::from(packet.ts_low);
                all.packets.push((at, packet.packet_data().to_vec(), comment));
            }
            other => panic!("{other:?}"),
        }
    }
    all
}

#[test]
fn an_export_reads_back_with_times_octets_and_comments() {
    let syn = wire::build(&tcp('>', "S", 1_234_567, 0, 0));
    let lost = link::Reason::QueueFull { limit: 3 };
    let events = vec![
        (0, Some(0), sent(syn.clone(), Some(Reason::ByHand))),
        (10, None, Event::FrameLost { sent: RecordId(0), why: Reason::Link(lost.clone()) }),
        (5000, Some(0), sent(syn.clone(), None)),
        (5010, Some(1), Event::FrameArrived { sent: RecordId(2), changed: None }),
    ];
    let trace = trace(Source::Live { kernel: "6.18.44".to_owned(), mode: "wire" }, events);
    for lang in [Lang::En, Lang::Zh] {
        let mut file = Vec::new();
        export(&trace, lang, &mut file).unwrap();
        let read = read_back(&file);
        assert_eq!(read.interfaces, ["wire"]);
        assert!(read.section[0].contains(lang.pick("Made by hand", "手工构造")), "{:?}", read.section);
        let times: Vec<u64> = read.packets.iter().map(|(at, _, _)| *at).collect();
        assert_eq!(times, [EPOCH_NS + 7, EPOCH_NS + 5_000_000_007]);
        assert!(read.packets.iter().all(|(_, octets, _)| *octets == syn));
        let by_hand = Reason::ByHand.sentence(lang);
        let lost = lost.sentence(lang);
        let whole =
            lang.pick(format!("{by_hand} Lost on the way: {lost}"), format!("{by_hand}途中丢失：{lost}"));
        assert_eq!(read.packets[0].2, whole);
        let repeats = Purpose::RepeatsSyn { of: 1 };
        assert_eq!(read.packets[1].2, format!("{} [{}]", repeats.sentence(lang), repeats.section()));
    }
}

#[test]
fn every_link_is_an_interface_of_its_own_and_a_run_without_frames_has_its_wire() {
    let frame = wire::build(&tcp('>', "S", 1, 0, 0));
    let hop = |next| match sent(frame.clone(), None) {
        Event::FrameSent { frame, to, endpoint, why, .. } => {
            Event::FrameSent { frame, to, next: Some(HostId(next)), endpoint, why }
        }
        other => other,
    };
    let events = vec![(0, Some(0), hop(1)), (1, Some(1), hop(2)), (2, Some(2), hop(1)), (3, Some(1), hop(0))];
    let mut run = trace(Source::Simulated, events);
    let router = HostInfo { name: "r1".to_owned(), ..run.meta.hosts[1].clone() };
    run.meta.hosts.push(router);
    let mut file = Vec::new();
    export(&run, Lang::En, &mut file).unwrap();
    let read = read_back(&file);
    assert_eq!(read.interfaces, ["client-server", "server-r1"]);
    assert_eq!(read.seen_on, [0, 1, 1, 0]);

    let mut file = Vec::new();
    export(&trace(Source::Simulated, Vec::new()), Lang::En, &mut file).unwrap();
    assert_eq!(read_back(&file).interfaces, ["wire"]);
}

#[test]
fn a_damaged_frame_is_exported_as_it_was_sent() {
    let frame = wire::build(&tcp('>', "S", 1, 0, 0));
    let changed = Some(link::flip_bit(&frame, 300));
    let events = vec![
        (0, Some(0), sent(frame.clone(), None)),
        (1, Some(1), Event::FrameArrived { sent: RecordId(0), changed }),
    ];
    let mut file = Vec::new();
    export(&trace(Source::Simulated, events), Lang::En, &mut file).unwrap();
    let read = read_back(&file);
    assert_eq!(read.packets[0].1, frame);
    assert!(read.packets[0].2.ends_with("damaged on the way."), "{}", read.packets[0].2);
}

#[test]
fn unfinished_checksums_are_filled_in_for_live_traces_alone() {
    let frame = wire::build(&tcp('>', "S", 1, 0, 0));
    let pseudo = Checksum::new().add_pseudo_header(CLIENT, SERVER, PROTOCOL_TCP, 20).sum();
    let mut unfinished = frame.to_vec();
    unfinished[50..52].copy_from_slice(&pseudo.to_be_bytes());
    let exported = |source| {
        let mut file = Vec::new();
        let events = vec![(0, Some(0), sent(Bytes::from(unfinished.clone()), None))];
        export(&trace(source, events), Lang::En, &mut file).unwrap();
        read_back(&file)
    };
    let live = exported(Source::Live { kernel: "6.18.44".to_owned(), mode: "loopback" });
    assert_eq!((live.packets[0].1.as_slice(), live.interfaces), (&frame[..], vec!["lo".to_owned()]));
    assert!(live.section.contains(&"Linux 6.18.44".to_owned()));
    assert_eq!(exported(Source::Simulated).packets[0].1, unfinished);
}

#[test]
fn a_comment_too_long_for_the_format_is_cut_between_characters() {
    let mut writer = Writer::new(Vec::new(), Section::default()).unwrap();
    let wire = writer.interface(Interface { name: "wire", description: "" }).unwrap();
    writer.packet(wire, 0, &[0; 61], &"检".repeat(30_000)).unwrap();
    writer.packet(wire, 0, &[0; 62], "").unwrap();
    let read = read_back(&writer.finish().unwrap());
    assert_eq!(read.packets[0].2.chars().count(), 65_535 / 3);
    assert_eq!(read.packets[1], (0, vec![0; 62], String::new()));
}

#[test]
fn a_packet_needs_an_interface() {
    let mut writer = Writer::new(Vec::new(), Section::default()).unwrap();
    let error = writer.packet(0, 0, &[], "").unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn a_full_disk_is_an_error_and_no_panic() {
    struct Full(usize);
    impl std::io::Write for Full {
        fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
            let fits = octets.len().min(self.0);
            self.0 -= fits;
            if fits == 0 { Err(std::io::ErrorKind::StorageFull.into()) } else { Ok(fits) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let trace =
        trace(Source::Simulated, vec![(0, Some(0), sent(wire::build(&tcp('>', "S", 1, 0, 0)), None))]);
    let mut whole = Vec::new();
    export(&trace, Lang::En, &mut whole).unwrap();
    for room in 0..whole.len() {
        let error = export(&trace, Lang::En, Full(room)).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::StorageFull);
    }
}

/// Counts what it is given.
struct Gauge(std::rc::Rc<std::cell::Cell<usize>>);

impl std::io::Write for Gauge {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + octets.len());
        Ok(octets.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_frame_is_held_until_its_fate_is_known_or_four_thousand_later_ones_were_sent() {
    let frame = wire::build(&tcp('>', "S", 1, 0, 0));
    let written = std::rc::Rc::new(std::cell::Cell::new(0));
    let meta = trace(Source::Simulated, Vec::new()).meta;
    let mut export = Export::new(&meta, Lang::En, Gauge(written.clone())).unwrap();
    let begun = written.get();
    let record =
        |id: u32, event| Record { id: RecordId(id), at: Instant::ZERO, host: None, cause: None, event };
    for id in 0..4096 {
        export.see(&record(id, sent(frame.clone(), Some(Reason::ByHand))));
    }
    assert_eq!(written.get(), begun, "all of them may still have a fate");
    let lost = link::Reason::QueueFull { limit: 3 };
    export.see(&record(4096, Event::FrameLost { sent: RecordId(0), why: Reason::Link(lost.clone()) }));
    export.see(&record(4097, sent(frame.clone(), Some(Reason::ByHand))));
    let first = written.get() - begun;
    assert!(first > frame.len() + lost.sentence(Lang::En).len(), "the first is written, with its fate");
    // Too late: it is not held any more.
    export.see(&record(4098, Event::FrameLost { sent: RecordId(0), why: Reason::Link(lost) }));
    for id in 5000..105_000 {
        export.see(&record(id, sent(frame.clone(), Some(Reason::ByHand))));
    }
    assert!(written.get() - begun > 99_000 * frame.len(), "the others leave as others come");
    assert_eq!(export.finish().unwrap().1, 4096 + 1 + 100_000);
}
