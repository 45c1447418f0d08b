//! Fields of the frame that a question is asked before.

use super::choices::span_words;
use super::{Found, Kind, plain};
use crate::clock::Instant;
use crate::report::judge;
use crate::report::seen::{Seen, options_text};
use crate::scenario::Plan;
use crate::wire::{Body, Flags, MIN_FRAME, Packet, TcpOption, Transport};
use std::net::IpAddr;

/// Values of the same field in other frames that are offered as choices, at most.
const OTHERS: usize = 12;

/// The field of that name in the frame; `None` if it has no such field. Sequence numbers are absolute where the scenario
/// gives the host's `isn`, else relative, as in expectations; the other is right as well.
pub(super) fn field(plan: &Plan, seen: &Seen<'_>, all: &[Seen<'_>], name: &str) -> Option<Found> {
    let right = values(plan, seen, name);
    if right.is_empty() {
        return None;
    }
    let mut others = Vec::new();
    // The other number of the same segment is what people mix it up with.
    let twin = match name {
        "frame.tcp.seq" => Some("frame.tcp.ack"),
        "frame.tcp.ack" => Some("frame.tcp.seq"),
        "frame.tcp.source_port" => Some("frame.tcp.destination_port"),
        "frame.tcp.destination_port" => Some("frame.tcp.source_port"),
        "frame.udp.source_port" => Some("frame.udp.destination_port"),
        "frame.udp.destination_port" => Some("frame.udp.source_port"),
        "frame.ip.source" => Some("frame.ip.destination"),
        "frame.ip.destination" => Some("frame.ip.source"),
        "frame.eth.source" => Some("frame.eth.destination"),
        "frame.eth.destination" => Some("frame.eth.source"),
        _ => None,
    };
    let twins = twin.into_iter().flat_map(|twin| values(plan, seen, twin).into_iter().take(1));
    let elsewhere = all.iter().filter_map(|other| values(plan, other, name).into_iter().next());
    for other in twins.chain(elsewhere) {
        let other = plain(other);
        if others.len() < OTHERS && !others.contains(&other) {
            others.push(other);
        }
    }
    Some(Found {
        right: right.into_iter().map(plain).collect(),
        kind: kind(name, seen),
        others,
        proof: Some(seen.frame.record.id),
    })
}

fn kind(name: &str, seen: &Seen<'_>) -> Kind {
    match name {
        "frame.time" => Kind::Time(seen.frame.at.since(Instant::ZERO)),
        "frame.tcp.flags" => Kind::Flags,
        "frame.tcp.options"
        | "frame.ip.source"
        | "frame.ip.destination"
        | "frame.eth.source"
        | "frame.eth.destination" => Kind::Word,
        _ => Kind::Number,
    }
}

/// Every way to say the field's value, the best first.
fn values(plan: &Plan, seen: &Seen<'_>, name: &str) -> Vec<String> {
    let Some(packet) = &seen.packet else { return Vec::new() };
    match name {
        "frame.time" => vec![span_words(seen.frame.at.since(Instant::ZERO))],
        "frame.len" => vec![seen.frame.bytes.len().max(MIN_FRAME).to_string()],
        "frame.tcp.seq" => {
            let (preferred, _) = judge::numbers(plan, seen);
            let absolute = packet.tcp().map(|segment| segment.seq.0);
            either(preferred, absolute, seen.relative.map(|relative| relative.seq))
        }
        "frame.tcp.ack" => {
            let (_, preferred) = judge::numbers(plan, seen);
            let absolute = preferred.and_then(|_| packet.tcp().map(|segment| segment.ack.0));
            either(preferred, absolute, seen.relative.and_then(|relative| relative.ack))
        }
        _ => plain_field(packet, name).into_iter().collect(),
    }
}

fn either(preferred: Option<u32>, absolute: Option<u32>, relative: Option<u32>) -> Vec<String> {
    let mut answers: Vec<String> = Vec::new();
    for number in [preferred, absolute, relative].into_iter().flatten() {
        let text = number.to_string();
        if !answers.contains(&text) {
            answers.push(text);
        }
    }
    answers
}

/// What both versions of IP have in their headers.
struct Internet {
    source: IpAddr,
    destination: IpAddr,
    /// Time to live, or hop limit.
    ttl: u8,
    protocol: u8,
    header_len: usize,
    len: usize,
}

fn internet(packet: &Packet) -> Option<Internet> {
    match &packet.body {
        Body::Ipv4(ip) => Some(Internet {
            source: ip.source.into(),
            destination: ip.destination.into(),
            ttl: ip.ttl,
            protocol: ip.protocol(),
            header_len: ip.header_len(),
            len: ip.len(),
        }),
        Body::Ipv6(ip) => Some(Internet {
            source: ip.source.into(),
            destination: ip.destination.into(),
            ttl: ip.hop_limit,
            protocol: ip.protocol(),
            header_len: ip.header_len(),
            len: ip.len(),
        }),
        Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => None,
    }
}

/// A field that is read the same by everybody.
fn plain_field(packet: &Packet, name: &str) -> Option<String> {
    let (tcp, udp) = (packet.tcp(), packet.udp());
    let icmp = match packet.transport() {
        Some(Transport::Icmp(message)) => Some(message.kind()),
        Some(Transport::Icmpv6(message)) => Some(message.kind()),
        Some(Transport::Tcp(_) | Transport::Udp(_) | Transport::Other { .. }) | None => None,
    };
    let ip = internet(packet);
    match name {
        "frame.eth.source" => Some(packet.ethernet.source.to_string()),
        "frame.eth.destination" => Some(packet.ethernet.destination.to_string()),
        "frame.tcp.header_len" => tcp.map(|segment| segment.header_len().to_string()),
        "frame.tcp.flags" => tcp.map(|segment| segment.flags.to_string()),
        "frame.tcp.len" => tcp.map(|segment| segment.payload.len().to_string()),
        "frame.tcp.window" => tcp.map(|segment| segment.window.to_string()),
        "frame.tcp.mss" => tcp.and_then(|segment| segment.mss()).map(|mss| mss.to_string()),
        // RFC 9293 section 3.1: the pointer counts only with URG.
        "frame.tcp.urgent" => {
            tcp.filter(|segment| segment.flags.has(Flags::URG)).map(|segment| segment.urgent.to_string())
        }
        "frame.tcp.options" => {
            tcp.map(options_text).map(|text| if text.is_empty() { "none".to_owned() } else { text })
        }
        "frame.tcp.wscale" => tcp.and_then(|segment| {
            segment.options.iter().find_map(|option| match option {
                TcpOption::WindowScale(shift) => Some(shift.to_string()),
                _ => None,
            })
        }),
        "frame.tcp.source_port" => tcp.map(|segment| segment.source_port.to_string()),
        "frame.tcp.destination_port" => tcp.map(|segment| segment.destination_port.to_string()),
        "frame.udp.source_port" => udp.map(|datagram| datagram.source_port.to_string()),
        "frame.udp.destination_port" => udp.map(|datagram| datagram.destination_port.to_string()),
        "frame.udp.len" => udp.map(|datagram| datagram.payload.len().to_string()),
        "frame.ip.source" => ip.map(|ip| ip.source.to_string()),
        "frame.ip.destination" => ip.map(|ip| ip.destination.to_string()),
        "frame.ip.ttl" => ip.map(|ip| ip.ttl.to_string()),
        "frame.ip.id" => packet.ip().map(|ip| ip.identification.to_string()),
        "frame.ip.len" => ip.map(|ip| ip.len.to_string()),
        "frame.ip.header_len" => ip.map(|ip| ip.header_len.to_string()),
        "frame.ip.protocol" => ip.map(|ip| ip.protocol.to_string()),
        "frame.icmp.type" => icmp.map(|(kind, _)| kind.to_string()),
        "frame.icmp.code" => icmp.map(|(_, code)| code.to_string()),
        _ => None,
    }
}
