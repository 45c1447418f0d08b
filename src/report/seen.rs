//! The frames of a trace, parsed once: what every judgement and comparison looks at.

use crate::link::HostId;
use crate::trace::{Flow, Frame, Numbering, Protocol, Relative, Trace};
use crate::wire::{
    Body, Bpdu, Checksums, Flags, IcmpMessage, Icmpv6Message, Ipv4Packet, Ipv6Packet, PROTOCOL_TCP,
    PROTOCOL_UDP, Packet, Segment, TcpOption, Transport, parse_with,
};
use bytes::Bytes;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// One frame with what is inside.
pub(super) struct Seen<'a> {
    /// As the trace has it.
    pub(super) frame: Frame<'a>,
    /// Its content; `None` if it cannot be read.
    pub(super) packet: Option<Packet>,
    /// TCP numbers counted from the initial ones.
    pub(super) relative: Option<Relative>,
    /// The flow it belongs to; an ICMP error belongs to the flow it quotes.
    pub(super) flow: Option<Flow>,
}

/// Every frame of the trace that was sent, in order.
pub(super) fn look(trace: &Trace) -> Vec<Seen<'_>> {
    let mut numbering = Numbering::new();
    trace
        .frames()
        .into_iter()
        .map(|frame| {
            // A capture on loopback has unfinished checksums; the simulator's own are verified where they are received.
            let packet = parse_with(frame.bytes, Checksums::Ignore).ok();
            let flow = packet.as_ref().and_then(flow_of);
            let relative = packet.as_ref().and_then(|packet| {
                let (source, destination) = tcp_ends(packet)?;
                Some(numbering.see(source, destination, packet.tcp()?))
            });
            Seen { frame, packet, relative, flow }
        })
        .collect()
}

impl Seen<'_> {
    /// The TCP segment, if it is one.
    pub(super) fn segment(&self) -> Option<&Segment> {
        self.packet.as_ref().and_then(Packet::tcp)
    }
    /// The message of spanning tree, if it is one.
    pub(super) fn bpdu(&self) -> Option<&Bpdu> {
        match &self.packet.as_ref()?.body {
            Body::Bpdu(message) => Some(message),
            Body::Arp(_) | Body::Ipv4(_) | Body::Ipv6(_) | Body::Other(_) => None,
        }
    }
    /// Source and destination address of the IPv4 packet.
    pub(super) fn addresses(&self) -> Option<(Ipv4Addr, Ipv4Addr)> {
        self.packet.as_ref()?.ip().map(|ip| (ip.source, ip.destination))
    }
    /// Octets of text: of the segment, of the datagram, of the fragment.
    pub(super) fn text(&self) -> &[u8] {
        match self.packet.as_ref().and_then(Packet::transport) {
            Some(Transport::Tcp(segment)) => &segment.payload,
            Some(Transport::Udp(datagram)) => &datagram.payload,
            Some(Transport::Other { payload, .. }) => payload,
            Some(Transport::Icmp(_) | Transport::Icmpv6(_)) | None => &[],
        }
    }
    /// TCP's flags as letters, or `udp`, `icmp 3/3`, `arp request`…
    pub(super) fn label(&self) -> String {
        let Some(packet) = &self.packet else { return "?".to_owned() };
        match &packet.body {
            Body::Arp(message) => match message.operation {
                crate::wire::ArpOperation::Request => "arp request".to_owned(),
                crate::wire::ArpOperation::Reply => "arp reply".to_owned(),
                crate::wire::ArpOperation::Other(number) => format!("arp {number}"),
            },
            Body::Bpdu(Bpdu::Config(_)) => "bpdu".to_owned(),
            Body::Bpdu(Bpdu::TopologyChange) => "bpdu change".to_owned(),
            Body::Other(_) => format!("ethertype {:04x}", packet.ethernet.ether_type),
            Body::Ipv4(Ipv4Packet { transport, .. }) | Body::Ipv6(Ipv6Packet { transport, .. }) => {
                match transport {
                    Transport::Tcp(segment) => segment.flags.to_string(),
                    Transport::Udp(_) => "udp".to_owned(),
                    Transport::Icmp(message) => {
                        let (kind, code) = message.kind();
                        format!("icmp {kind}/{code}")
                    }
                    Transport::Icmpv6(message) => {
                        let (kind, code) = message.kind();
                        format!("icmpv6 {kind}/{code}")
                    }
                    Transport::Other { protocol: 17, .. } => "udp fragment".to_owned(),
                    Transport::Other { protocol, .. } => format!("ip {protocol}"),
                }
            }
        }
    }
    /// Whether it has this flag.
    pub(super) fn has(&self, flag: Flags) -> bool {
        self.segment().is_some_and(|segment| segment.flags.has(flag))
    }
    /// Whether no copy of it arrived.
    pub(super) fn lost(&self) -> bool {
        self.frame.lost().is_some()
    }
    /// Sender and receiver by name; `*` stands for everybody.
    pub(super) fn way(&self, trace: &Trace) -> String {
        format!("{} > {}", name(trace, self.frame.from), name(trace, self.frame.to))
    }
}

/// The host's name, or `*`.
pub(super) fn name(trace: &Trace, host: Option<HostId>) -> &str {
    host.and_then(|host| trace.meta.hosts.get(host.index())).map_or("*", |host| host.name.as_str())
}

/// An option as expectations write it: `mss 1460`, `sackOK`, `TS`, `nop`, `wscale 7`. Timestamp values are never compared.
pub(super) fn option_text(option: TcpOption) -> String {
    match option {
        TcpOption::EndOfList => "eol".to_owned(),
        TcpOption::Nop => "nop".to_owned(),
        TcpOption::Mss(mss) => format!("mss {mss}"),
        TcpOption::WindowScale(shift) => format!("wscale {shift}"),
        TcpOption::SackPermitted => "sackOK".to_owned(),
        TcpOption::Sack(blocks) => format!("sack {}", blocks.len()),
        TcpOption::Timestamps { .. } => "TS".to_owned(),
        TcpOption::Malformed { kind, .. } => format!("malformed {kind}"),
        TcpOption::UserTimeout { .. } => "UTO".to_owned(),
        TcpOption::FastOpen { cookie, .. } if cookie.is_empty() => "FO 0".to_owned(),
        TcpOption::FastOpen { cookie, .. } => format!("FO {}", cookie.len()),
        TcpOption::Unknown { kind, .. } => format!("kind {kind}"),
    }
}

/// All options of a segment: `mss 1460,sackOK,TS,nop,wscale 7`.
pub(super) fn options_text(segment: &Segment) -> String {
    segment.options.iter().map(option_text).collect::<Vec<_>>().join(",")
}

fn tcp_ends(packet: &Packet) -> Option<(SocketAddr, SocketAddr)> {
    let ((source, destination), segment) = (packet.addresses()?, packet.tcp()?);
    Some((
        SocketAddr::new(source, segment.source_port),
        SocketAddr::new(destination, segment.destination_port),
    ))
}

fn end(address: Ipv4Addr, port: u16) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(address), port)
}

fn flow_of(packet: &Packet) -> Option<Flow> {
    let (source, destination) = packet.addresses()?;
    match packet.transport()? {
        Transport::Tcp(segment) => Some(Flow::between(
            Protocol::Tcp,
            SocketAddr::new(source, segment.source_port),
            SocketAddr::new(destination, segment.destination_port),
        )),
        Transport::Udp(datagram) => Some(Flow::between(
            Protocol::Udp,
            SocketAddr::new(source, datagram.source_port),
            SocketAddr::new(destination, datagram.destination_port),
        )),
        Transport::Icmp(
            IcmpMessage::DestinationUnreachable { quote, .. } | IcmpMessage::TimeExceeded { quote, .. },
        ) => quoted_flow(quote),
        Transport::Icmp(
            IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. } | IcmpMessage::Other { .. },
        )
        | Transport::Other { .. } => None,
        Transport::Icmpv6(message) => quoted_flow6(message),
    }
}

/// The flow of the packet that an ICMPv6 error quotes (RFC 4443 section 2.4).
fn quoted_flow6(message: &Icmpv6Message) -> Option<Flow> {
    let quote = match message {
        Icmpv6Message::DestinationUnreachable { quote, .. }
        | Icmpv6Message::PacketTooBig { quote, .. }
        | Icmpv6Message::TimeExceeded { quote, .. }
        | Icmpv6Message::ParameterProblem { quote, .. } => quote,
        _ => return None,
    };
    let quoted = crate::ipv6::quoted(quote)?;
    let protocol = match quoted.protocol {
        PROTOCOL_TCP => Protocol::Tcp,
        PROTOCOL_UDP => Protocol::Udp,
        _ => return None,
    };
    Some(Flow::between(protocol, quoted.local, quoted.remote))
}

/// The flow of the packet that an ICMP error quotes: its IPv4 header and at least eight octets (RFC 792).
fn quoted_flow(quote: &Bytes) -> Option<Flow> {
    let header_len = usize::from(quote.first()? & 0x0f) * 4;
    let protocol = match quote.get(9)? {
        6 => Protocol::Tcp,
        17 => Protocol::Udp,
        _ => return None,
    };
    let address = |at: usize| {
        let octets: [u8; 4] = quote.get(at..at + 4)?.try_into().ok()?;
        Some(Ipv4Addr::from(octets))
    };
    let port = |at: usize| {
        let octets: [u8; 2] = quote.get(at..at + 2)?.try_into().ok()?;
        Some(u16::from_be_bytes(octets))
    };
    let (source, destination) = (address(12)?, address(16)?);
    Some(Flow::between(protocol, end(source, port(header_len)?), end(destination, port(header_len + 2)?)))
}
