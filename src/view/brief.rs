//! A frame in a few words: `SA 0 ack 1`, `PA 1 ack 1 "hello"`, `ARP who has 10.0.0.2`.

use super::{Ink, Look};
use crate::trace::{Frame, Relative};
use crate::wire::{
    ArpMessage, ArpOperation, Body, Bpdu, Checksums, Flags, IcmpMessage, Icmpv6Message, Packet, Segment,
    Transport, parse_with, said,
};
use std::net::SocketAddr;

/// What kind of frame it is, as colour and summaries tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// SYN, with or without ACK.
    Syn,
    /// TCP text.
    Data,
    /// A bare acknowledgment.
    Ack,
    /// FIN.
    Fin,
    /// RST.
    Rst,
    /// A datagram.
    Udp,
    /// ICMP.
    Icmp,
    /// ARP.
    Arp,
    /// Spanning tree.
    Tree,
    /// Anything else.
    Other,
}

impl Kind {
    /// Its colour.
    pub fn ink(self) -> Ink {
        match self {
            Kind::Syn => Ink::Syn,
            Kind::Data | Kind::Udp => Ink::Data,
            Kind::Ack => Ink::Ack,
            Kind::Fin => Ink::Fin,
            Kind::Rst => Ink::Rst,
            Kind::Icmp | Kind::Arp | Kind::Tree => Ink::Control,
            Kind::Other => Ink::Plain,
        }
    }
}

/// A frame in a few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brief {
    /// Its kind.
    pub kind: Kind,
    /// The words for an arrow.
    pub label: String,
    /// Its flags as letters, or the protocol's name.
    pub flags: String,
    /// Octets of text or data.
    pub len: usize,
    /// The ends, where the frame has ports.
    pub ends: Option<(SocketAddr, SocketAddr)>,
    /// What makes a TCP segment with sequence space the same one when it is sent again.
    pub identity: Option<(SocketAddr, SocketAddr, u32, u32)>,
}

/// The frame read as far as it can be; checksums are another matter.
pub fn packet(frame: &Frame<'_>) -> Option<Packet> {
    parse_with(frame.bytes, Checksums::Ignore).ok()
}

/// The frame in a few words.
pub fn brief(frame: &Frame<'_>, look: &Look) -> Brief {
    let mut brief = Brief {
        kind: Kind::Other,
        label: look.lang.pick("unreadable frame", "无法辨认的帧").to_owned(),
        flags: "?".to_owned(),
        len: frame.bytes.len(),
        ends: None,
        identity: None,
    };
    let Some(packet) = packet(frame) else { return brief };
    match &packet.body {
        Body::Arp(message) => {
            brief.kind = Kind::Arp;
            brief.flags = "ARP".to_owned();
            brief.label = arp_label(message, look);
        }
        Body::Ipv4(ip) => {
            let offset = ip.is_fragment().then(|| u32::from(ip.fragment_offset) * 8);
            carried(&mut brief, frame, (&packet, &ip.transport, offset), look);
        }
        Body::Ipv6(ip) => {
            let offset = ip.fragment().map(|(offset, ..)| u32::from(offset) * 8);
            carried(&mut brief, frame, (&packet, &ip.transport, offset), look);
        }
        Body::Bpdu(message) => {
            brief.kind = Kind::Tree;
            brief.flags = "STP".to_owned();
            brief.label = bpdu_words(message, look);
        }
        Body::Other(_) => {
            brief.flags = format!("{:04x}", packet.ethernet.ether_type);
            brief.label = format!("EtherType {:#06x}", packet.ethernet.ether_type);
        }
    }
    brief
}

/// What an IP packet carries; `fragment` is where its octets belong if it is one of several pieces.
fn carried(
    brief: &mut Brief,
    frame: &Frame<'_>,
    (packet, transport, fragment): (&Packet, &Transport, Option<u32>),
    look: &Look,
) {
    let ends = |from, to| {
        let (source, destination) = packet.addresses()?;
        Some((SocketAddr::new(source, from), SocketAddr::new(destination, to)))
    };
    match transport {
        Transport::Tcp(segment) => {
            brief.ends = ends(segment.source_port, segment.destination_port);
            brief.kind = kind_of(segment);
            brief.flags = segment.flags.to_string();
            brief.len = segment.payload.len();
            let said = said(transport).into_iter().next();
            brief.label = tcp_label(segment, said, frame.content.relative.as_ref(), look);
            brief.identity = brief
                .ends
                .filter(|_| !segment.is_empty())
                .map(|(from, to)| (from, to, segment.seq.0, segment.len()));
        }
        Transport::Udp(datagram) => {
            brief.ends = ends(datagram.source_port, datagram.destination_port);
            brief.kind = Kind::Udp;
            brief.flags = "UDP".to_owned();
            brief.len = datagram.payload.len();
            let said = said(transport).into_iter().next();
            brief.label = said.unwrap_or_else(|| format!("UDP {}", payload(&datagram.payload)));
        }
        Transport::Icmp(message) => {
            brief.kind = Kind::Icmp;
            brief.flags = "ICMP".to_owned();
            brief.label = format!("ICMP {}", icmp_words(message, look));
            if let IcmpMessage::EchoRequest { seq, .. } | IcmpMessage::EchoReply { seq, .. } = message {
                brief.label.push_str(&format!(" {seq}"));
            }
        }
        Transport::Icmpv6(message) => {
            brief.kind = Kind::Icmp;
            brief.flags = "ICMP6".to_owned();
            brief.label = format!("ICMPv6 {}", icmpv6_words(message, look));
        }
        Transport::Other { protocol, payload } => {
            brief.flags = format!("IP {protocol}");
            brief.len = payload.len();
            brief.label = match fragment {
                Some(offset) => {
                    look.lang.pick(format!("fragment at {offset}"), format!("分片，偏移 {offset}"))
                }
                None => look.lang.pick(format!("protocol {protocol}"), format!("协议 {protocol}")),
            };
        }
    }
}

fn kind_of(segment: &Segment) -> Kind {
    let flags = segment.flags;
    if flags.has(Flags::RST) {
        Kind::Rst
    } else if flags.has(Flags::SYN) {
        Kind::Syn
    } else if flags.has(Flags::FIN) {
        Kind::Fin
    } else if !segment.payload.is_empty() {
        Kind::Data
    } else {
        Kind::Ack
    }
}

/// The segment's sequence and acknowledgment numbers as they are to be shown.
pub fn numbers(segment: &Segment, relative: Option<&Relative>, look: &Look) -> (u32, Option<u32>) {
    let absolute = (segment.seq.0, segment.flags.has(Flags::ACK).then_some(segment.ack.0));
    match relative {
        Some(relative) if !look.absolute => (relative.seq, relative.ack),
        _ => absolute,
    }
}

fn tcp_label(segment: &Segment, said: Option<String>, relative: Option<&Relative>, look: &Look) -> String {
    let (seq, ack) = numbers(segment, relative, look);
    let mut label = format!("{} {seq}", segment.flags);
    if let Some(ack) = ack {
        label.push_str(&format!(" ack {ack}"));
    }
    if !segment.payload.is_empty() {
        label.push(' ');
        label.push_str(&said.unwrap_or_else(|| payload(&segment.payload)));
    }
    if segment.flags.has(Flags::URG) {
        label.push_str(&format!(" urg {}", segment.urgent));
    }
    if segment.window == 0 && !segment.flags.has(Flags::RST) {
        label.push_str(" win 0");
    }
    label
}

/// Text in quotation marks if it is short and printable, else its length.
pub fn payload(octets: &[u8]) -> String {
    match std::str::from_utf8(octets) {
        Ok(text) if text.chars().count() <= 9 && !text.is_empty() && !text.contains(char::is_control) => {
            format!("\"{text}\"")
        }
        Ok(_) | Err(_) => format!("len {}", octets.len()),
    }
}

/// What a message of spanning tree says: `STP root`, where its sender takes itself for the root, or what the way there costs.
fn bpdu_words(message: &Bpdu, look: &Look) -> String {
    let lang = look.lang;
    match message {
        Bpdu::TopologyChange => lang.pick("STP change", "STP 变更").to_owned(),
        Bpdu::Config(config) if config.root == config.bridge => lang.pick("STP root", "STP 根").to_owned(),
        Bpdu::Config(config) => {
            let cost = config.root_cost;
            lang.pick(format!("STP cost {cost}"), format!("STP 开销 {cost}"))
        }
    }
}

fn arp_label(message: &ArpMessage, look: &Look) -> String {
    let short = |ip: std::net::Ipv4Addr| ip.to_string();
    match message.operation {
        ArpOperation::Request => look.lang.pick(
            format!("ARP who has {}?", short(message.target_ip)),
            format!("ARP 谁是 {}？", short(message.target_ip)),
        ),
        ArpOperation::Reply => look.lang.pick(
            format!("ARP {} is here", short(message.sender_ip)),
            format!("ARP {} 在此", short(message.sender_ip)),
        ),
        ArpOperation::Other(code) => format!("ARP {code}"),
    }
}

/// What an ICMP message says.
pub fn icmp_words(message: &IcmpMessage, look: &Look) -> String {
    let lang = look.lang;
    match message {
        IcmpMessage::DestinationUnreachable { code, .. } => match code {
            0 => lang.pick("net unreachable", "网络不可达").to_owned(),
            1 => lang.pick("host unreachable", "主机不可达").to_owned(),
            2 => lang.pick("protocol unreachable", "协议不可达").to_owned(),
            3 => lang.pick("port unreachable", "端口不可达").to_owned(),
            4 => lang.pick("too big, DF set", "需分片而 DF 置位").to_owned(),
            code => lang.pick(format!("unreachable, code {code}"), format!("不可达，代码 {code}")),
        },
        IcmpMessage::EchoRequest { .. } => lang.pick("echo request", "回送请求").to_owned(),
        IcmpMessage::EchoReply { .. } => lang.pick("echo reply", "回送回答").to_owned(),
        IcmpMessage::TimeExceeded { .. } => lang.pick("time exceeded", "时间超过").to_owned(),
        IcmpMessage::Other { kind, code, .. } => {
            lang.pick(format!("type {kind} code {code}"), format!("类型 {kind} 代码 {code}"))
        }
    }
}

/// What an ICMPv6 message says.
pub fn icmpv6_words(message: &Icmpv6Message, look: &Look) -> String {
    let lang = look.lang;
    match message {
        Icmpv6Message::DestinationUnreachable { code, .. } => match code {
            0 => lang.pick("no route", "没有路由").to_owned(),
            3 => lang.pick("address unreachable", "地址不可达").to_owned(),
            4 => lang.pick("port unreachable", "端口不可达").to_owned(),
            code => lang.pick(format!("unreachable, code {code}"), format!("不可达，代码 {code}")),
        },
        Icmpv6Message::PacketTooBig { mtu, .. } => {
            lang.pick(format!("too big, MTU {mtu}"), format!("分组过大，MTU {mtu}"))
        }
        Icmpv6Message::TimeExceeded { .. } => lang.pick("time exceeded", "时间超过").to_owned(),
        Icmpv6Message::ParameterProblem { .. } => lang.pick("parameter problem", "参数问题").to_owned(),
        Icmpv6Message::EchoRequest { .. } => lang.pick("echo request", "回送请求").to_owned(),
        Icmpv6Message::EchoReply { .. } => lang.pick("echo reply", "回送回答").to_owned(),
        Icmpv6Message::RouterSolicitation { .. } => lang.pick("who routes here?", "谁是路由器？").to_owned(),
        Icmpv6Message::RouterAdvertisement { .. } => lang.pick("a router is here", "路由器在此").to_owned(),
        Icmpv6Message::NeighbourSolicitation { target, .. } => {
            lang.pick(format!("who has {target}?"), format!("谁是 {target}？"))
        }
        Icmpv6Message::NeighbourAdvertisement { target, .. } => {
            lang.pick(format!("{target} is here"), format!("{target} 在此"))
        }
        Icmpv6Message::Other { kind, code, .. } => {
            lang.pick(format!("type {kind} code {code}"), format!("类型 {kind} 代码 {code}"))
        }
    }
}
