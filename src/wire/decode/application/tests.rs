//! Applications' messages as they are shown.

use crate::wire::decode::{Layer, decode};
use crate::wire::{Datagram, Flags, Ipv4Packet, MacAddr, Packet, Segment, Seq, Transport, build};
use bytes::Bytes;
use std::net::Ipv4Addr;

fn frame(transport: Transport) -> Bytes {
    let ends = (Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2));
    build(&Packet::ipv4(
        MacAddr([2, 0, 0, 0, 0, 1]),
        MacAddr([2, 0, 0, 0, 0, 2]),
        Ipv4Packet::new(ends.0, ends.1, transport),
    ))
}

fn datagram(ports: (u16, u16), payload: &[u8]) -> Layer {
    let payload = Bytes::copy_from_slice(payload);
    application(frame(Transport::Udp(Datagram { source_port: ports.0, destination_port: ports.1, payload })))
}

fn segment(ports: (u16, u16), payload: &[u8]) -> Layer {
    let segment = Segment {
        source_port: ports.0,
        destination_port: ports.1,
        seq: Seq(1),
        ack: Seq(1),
        flags: Flags::ACK | Flags::PSH,
        payload: Bytes::copy_from_slice(payload),
        ..Segment::default()
    };
    application(frame(Transport::Tcp(segment)))
}

/// The layer above transport. Its fields cover it in order, and no octet twice but by bits.
fn application(frame: Bytes) -> Layer {
    let layer = decode(&frame).into_iter().find(|layer| layer.osi == 7).expect("an application");
    let mut at = layer.start;
    for field in layer.fields.iter().filter(|field| field.bits.as_ref().is_none_or(|bits| bits.start == 0)) {
        assert!(field.bytes.start >= at && field.bytes.end <= layer.end, "{field:?}");
        assert!(!field.meaning.zh.is_empty() || field.key == "data", "{field:?}");
        at = field.bytes.end;
    }
    layer
}

fn value<'a>(layer: &'a Layer, key: &str) -> &'a str {
    &layer.fields.iter().find(|field| field.key == key).unwrap_or_else(|| panic!("{key}: {layer:?}")).value
}

fn why(layer: &Layer) -> &str {
    assert_eq!(layer.name.en, "Data", "{layer:?}");
    &layer.fields[0].meaning.en
}

const QUERY: &[u8] = b"\x1a\x2b\x01\x00\0\x01\0\0\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01";
const ANSWER: &[u8] = b"\x1a\x2b\x85\x00\0\x01\0\x01\0\0\0\0\x03www\x07example\x03com\0\0\x01\0\x01\
    \xc0\x0c\0\x01\0\x01\0\0\x01\x2c\0\x04\x0a\0\0\x50";

#[test]
fn a_query_and_its_answer_show_name_flags_and_address() {
    let query = datagram((40_000, 53), QUERY);
    assert_eq!(query.name.en, "DNS");
    assert_eq!((value(&query, "dns.qname"), value(&query, "dns.qtype")), ("www.example.com", "A"));
    assert_eq!((value(&query, "dns.id"), value(&query, "dns.qr")), ("0x1a2b", "0"));
    let answer = datagram((53, 40_000), ANSWER);
    assert_eq!((value(&answer, "dns.rdata"), value(&answer, "dns.ttl")), ("10.0.0.80", "300"));
    let name = answer.fields.iter().find(|field| field.key == "dns.name").unwrap();
    assert_eq!((name.value.as_str(), name.bytes.len(), name.cite), ("www.example.com", 2, "RFC 1035 4.1.4"));
    assert!(name.meaning.en.contains("octet 12"), "{name:?}");
}

#[test]
fn a_pointer_that_leads_nowhere_or_in_circles_makes_plain_octets_of_it() {
    let mut circle = ANSWER.to_vec();
    circle[34] = 33;
    assert!(why(&datagram((53, 9), &circle)).contains("pointer"), "onto itself");
    circle[34] = 200;
    assert!(why(&datagram((53, 9), &circle)).contains("pointer"), "forward");
    assert!(why(&datagram((53, 9), &QUERY[..30])).contains("end before"));
    assert!(why(&datagram((53, 9), &QUERY[..20])).contains("no end"));
    assert!(why(&datagram((9, 53), b"hello")).starts_with("the port is that of DNS"));
    let mut long = QUERY.to_vec();
    long.push(0);
    assert!(why(&datagram((9, 53), &long)).contains("1 octets stand behind"));
}

#[test]
fn a_discover_shows_every_field_and_option() {
    let mut message = vec![1, 1, 6, 0, 0x12, 0x34, 0x56, 0x78, 0, 0, 0x80, 0];
    message.extend([0; 16]);
    message.extend([2, 0, 0, 0, 0, 1]);
    message.extend([0; 10 + 64 + 128]);
    message.extend([
        0x63, 0x82, 0x53, 0x63, 53, 1, 1, 50, 4, 10, 0, 0, 9, 55, 3, 1, 3, 6, 51, 4, 0, 0, 14, 16, 255, 0, 0,
    ]);
    let layer = datagram((68, 67), &message);
    assert_eq!((layer.name.en.as_str(), value(&layer, "dhcp.option.type")), ("DHCP", "DISCOVER"));
    assert_eq!(
        (value(&layer, "dhcp.xid"), value(&layer, "dhcp.chaddr")),
        ("0x12345678", "02:00:00:00:00:01")
    );
    assert_eq!(
        (value(&layer, "dhcp.option.requested"), value(&layer, "dhcp.option.lease")),
        ("10.0.0.9", "3600")
    );
    assert_eq!(
        (value(&layer, "dhcp.option.wanted"), value(&layer, "dhcp.flags.broadcast")),
        ("1, 3, 6", "1")
    );
    let end = message.len() - 3;
    assert!(why(&datagram((68, 67), &message[..end])).contains("no end"));
    message[236] = 1;
    assert!(why(&datagram((68, 67), &message)).contains("cookie"));
}

#[test]
fn a_request_and_a_response_show_their_lines_and_fields() {
    let request = segment((40_000, 80), b"GET /a HTTP/1.1\r\nHost: www.example.com\r\n\r\n");
    assert_eq!((value(&request, "http.method"), value(&request, "http.target")), ("GET", "/a"));
    assert_eq!(value(&request, "http.field"), "www.example.com");
    let response = segment((80, 40_000), b"HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nno\n");
    assert_eq!((value(&response, "http.code"), value(&response, "http.reason")), ("404", "Not Found"));
    assert_eq!(value(&response, "http.body"), "no\\n");
    let length = response.fields.iter().find(|field| field.key == "http.field").unwrap();
    assert_eq!((length.name.en.as_str(), length.cite), ("Content-Length", "RFC 9110 8.6"));
    assert_eq!(segment((80, 9), b"HTTP/1.1 200 OK\r\nContent-Le").fields.last().unwrap().key, "http.part");
    assert!(why(&segment((80, 9), b"the middle of a body")).contains("no request or response begins"));
    assert!(why(&segment((80, 9), b"HTTP/1.1 2x0 OK\r\n\r\n")).contains("status line"));
}

#[test]
fn ftp_speaks_in_lines_either_way() {
    let command = segment((40_000, 21), b"USER anna\r\nPASS secret\r\n");
    assert_eq!((value(&command, "ftp.command"), value(&command, "ftp.argument")), ("USER", "anna"));
    assert_eq!(command.fields.iter().filter(|field| field.key == "ftp.command").count(), 2);
    let reply = segment((21, 40_000), b"227 Entering Passive Mode (10,0,0,2,78,32)\r\n");
    assert_eq!(value(&reply, "ftp.code"), "227");
    assert!(why(&segment((40_000, 21), b"USER an")).contains("does not end"));
}

#[test]
fn tftp_asks_for_a_file_and_sends_it_in_blocks() {
    let request = datagram((40_000, 69), b"\0\x01boot.img\0octet\0");
    assert_eq!((value(&request, "tftp.opcode"), value(&request, "tftp.file")), ("RRQ", "boot.img"));
    let block = datagram((69, 40_000), b"\0\x03\0\x01abc");
    assert_eq!((value(&block, "tftp.block"), value(&block, "tftp.data")), ("1", "abc"));
    assert!(why(&datagram((9, 69), b"\0\x09")).contains("no operation 9"));
}

#[test]
fn other_ports_carry_plain_data() {
    assert_eq!(datagram((40_000, 9), QUERY).name.en, "Data");
    assert_eq!(segment((40_000, 9), b"GET / HTTP/1.1\r\n\r\n").name.en, "Data");
}

proptest::proptest! {
    #[test]
    fn any_octets_on_any_known_port_are_shown_without_a_panic(
        port in proptest::sample::select(vec![53_u16, 67, 68, 69, 21, 80, 8080]),
        answers: bool,
        message in proptest::sample::select(vec![
            QUERY.to_vec(),
            ANSWER.to_vec(),
            b"HTTP/1.1 200 OK\r\nA: b\r\n\r\nx".to_vec(),
            b"USER a\r\n".to_vec(),
            b"220-x\r\n220 y\r\n".to_vec(),
            b"\0\x01f\0octet\0".to_vec(),
            b"\0\x05\0\x01gone\0".to_vec(),
        ]),
        changes in proptest::collection::vec((proptest::prelude::any::<usize>(), proptest::prelude::any::<u8>()), 0..8),
        tail in proptest::collection::vec(proptest::prelude::any::<u8>(), 1..300),
    ) {
        let ports = if answers { (port, 40_000) } else { (40_000, port) };
        let mut changed = message;
        for (place, octet) in changes {
            let place = place % changed.len();
            changed[place] = octet;
        }
        for octets in [&changed, &tail, &[changed.clone(), tail.clone()].concat()] {
            datagram(ports, octets);
            segment(ports, octets);
        }
    }
}
