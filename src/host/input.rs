//! A frame's way up: bytes, IP, then TCP, UDP or whoever an ICMP error is about.

use super::datagram::DatagramError;
use super::machine::Host;
use super::{HostEffect, Reason};
use crate::clock::Instant;
use crate::ip::{self, Arrived, Origin, Taken};
use crate::ipv6;
use crate::link;
use crate::mib::Counter;
use crate::tcp::IcmpKind;
use crate::wire::{self, Body, Flaw, Header, IcmpMessage, PROTOCOL_TCP, ParseError, Transport};
use bytes::Bytes;
use std::net::{Ipv4Addr, SocketAddr};

/// A frame without the tags that mean nothing here.
enum Untagged {
    /// It had none.
    Plain,
    /// They are off.
    Stripped(Bytes),
    /// It is of a VLAN.
    Foreign,
}

impl Host {
    /// Takes a frame in; what it brings about is pending or in `fx`.
    pub(super) fn take(&mut self, now: Instant, frame: &Bytes, origin: Origin, fx: &mut Vec<HostEffect>) {
        let untagged;
        let frame = match self.untag(frame, fx) {
            Untagged::Plain => frame,
            Untagged::Stripped(inner) => {
                untagged = inner;
                &untagged
            }
            Untagged::Foreign => return,
        };
        if let Origin::Card(card) = origin {
            if !self.ip.hears(card, frame) {
                let why = Reason::Ip(ip::Reason::Datagram(ip::DatagramReason::NotOurCard));
                fx.push(HostEffect::Dropped { endpoint: None, why });
                return;
            }
            if self.ip.translates() {
                let translated = self.ip.translate_in(now, card, frame, &mut self.pending.ip);
                self.drain_ip(now, fx);
                match translated {
                    ip::Translated::Untouched => {}
                    ip::Translated::Changed(frame) => return self.take_on(now, &frame, origin, fx),
                    ip::Translated::Gone => return,
                }
            }
        }
        self.take_on(now, frame, origin, fx);
    }

    /// The same after a NAT box has looked at it.
    fn take_on(&mut self, now: Instant, frame: &Bytes, origin: Origin, fx: &mut Vec<HostEffect>) {
        if let Origin::Card(card) = origin {
            if self.ip.passes_on(frame) {
                let forwarded = self.ip.forward(now, card, frame, &mut self.pending.ip);
                self.drain_ip(now, fx);
                return forwarded.unwrap_or_else(|error| self.malformed(error, fx));
            }
            if self.forwards_ipv6(now, card, frame, fx) {
                return;
            }
        }
        let packet = match wire::parse(frame) {
            Ok(packet) => packet,
            Err(error) => return self.malformed(error, fx),
        };
        if let (Body::Ipv6(packet), Some(_)) = (&packet.body, &self.ipv6) {
            let origin = match origin {
                Origin::Card(card) => ipv6::Origin::Card(card),
                Origin::Loopback => ipv6::Origin::Loopback,
            };
            return self.take_ipv6(now, packet, frame, origin, fx);
        }
        let taken = self.ip.receive(now, &packet, frame, origin, &mut self.pending.ip);
        self.drain_ip(now, fx);
        match taken {
            Ok(Taken::Whole) => {
                if let Body::Ipv4(packet) = &packet.body {
                    self.up(now, Arrived::in_frame(packet, frame), fx);
                }
            }
            Ok(Taken::Reassembled(whole)) => self.up(now, whole.arrived(), fx),
            Ok(Taken::Done) => {}
            Err(error) => self.malformed(error, fx),
        }
    }

    /// Takes VLAN tags off that name no VLAN; a frame of any VLAN is for others, as on a kernel's card without one.
    fn untag(&mut self, frame: &Bytes, fx: &mut Vec<HostEffect>) -> Untagged {
        match wire::untag(frame) {
            None => Untagged::Plain,
            Some(Ok(inner)) => Untagged::Stripped(inner),
            Some(Err(vlan)) => {
                let why = Reason::Link(link::Reason::OtherVlan { vlan });
                fx.push(HostEffect::Dropped { endpoint: None, why });
                Untagged::Foreign
            }
        }
    }

    pub(super) fn malformed(&mut self, error: ParseError, fx: &mut Vec<HostEffect>) {
        match error.header {
            Header::Tcp => {
                // The kernel counts a segment before it looks at it.
                self.count(Counter::InSegs);
                self.count(Counter::InErrs);
            }
            Header::Udp => self.count(Counter::UdpInErrors),
            Header::Ethernet
            | Header::Vlan
            | Header::Bpdu
            | Header::Arp
            | Header::Ipv4
            | Header::Icmp
            | Header::Ipv6
            | Header::Ipv6Extension
            | Header::Icmpv6 => {}
        }
        let why = match (error.header, error.flaw) {
            (Header::Tcp, Flaw::Checksum { .. }) => Reason::Tcp(crate::tcp::Reason::DropChecksum),
            _ => Reason::Malformed(error),
        };
        fx.push(HostEffect::Dropped { endpoint: None, why });
    }

    fn up(&mut self, now: Instant, arrived: Arrived<'_>, fx: &mut Vec<HostEffect>) {
        let packet = arrived.packet;
        match &packet.transport {
            Transport::Tcp(segment) => {
                let (source, destination) = (packet.source.into(), packet.destination.into());
                // An acknowledgment of something new shows that what is sent arrives (RFC 1122 section 2.3.2.1).
                let ends = self.ip.doubts(packet.source).then_some((
                    SocketAddr::new(destination, segment.destination_port),
                    SocketAddr::new(source, segment.source_port),
                ));
                let before = ends.and_then(|(local, remote)| self.tcp.first_unacknowledged(local, remote));
                let fx = &mut self.pending.tcp;
                if packet.ecn == wire::CE {
                    self.tcp.on_marked_segment(now, source, destination, segment, fx);
                } else {
                    self.tcp.on_segment(now, source, destination, segment, fx);
                }
                let after = ends.and_then(|(local, remote)| self.tcp.first_unacknowledged(local, remote));
                if after.is_some() && after != before {
                    self.ip.confirm(now, packet.source);
                }
            }
            Transport::Udp(datagram) => self.datagram(now, arrived, datagram, fx),
            Transport::Icmp(IcmpMessage::DestinationUnreachable { code, next_hop_mtu, quote }) => {
                self.count(Counter::IcmpInDestUnreachs);
                let kind = IcmpKind::Unreachable { code: *code, next_hop_mtu: *next_hop_mtu };
                self.icmp_error(now, packet.source, (3, *code), kind, quote, fx);
            }
            Transport::Icmp(IcmpMessage::TimeExceeded { code, quote }) => {
                self.icmp_error(
                    now,
                    packet.source,
                    (11, *code),
                    IcmpKind::TimeExceeded { code: *code },
                    quote,
                    fx,
                );
            }
            Transport::Icmp(IcmpMessage::Other { kind: 4, code, rest }) => {
                self.icmp_error(
                    now,
                    packet.source,
                    (4, *code),
                    IcmpKind::SourceQuench,
                    &after_four(rest),
                    fx,
                );
            }
            Transport::Icmp(IcmpMessage::Other { kind: 12, code, rest }) => {
                self.icmp_error(
                    now,
                    packet.source,
                    (12, *code),
                    IcmpKind::ParameterProblem,
                    &after_four(rest),
                    fx,
                );
            }
            // IP deals with these itself.
            Transport::Icmp(
                IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. } | IcmpMessage::Other { .. },
            )
            | Transport::Icmpv6(_)
            | Transport::Other { .. } => {}
        }
    }

    fn icmp_error(
        &mut self,
        now: Instant,
        from: Ipv4Addr,
        kind: (u8, u8),
        meaning: IcmpKind,
        quote: &Bytes,
        fx: &mut Vec<HostEffect>,
    ) {
        let dropped = |why: ip::Reason| HostEffect::Dropped { endpoint: None, why: Reason::Ip(why) };
        let told_raw = match meaning {
            IcmpKind::Unreachable { code, .. } => self.sockets.raw_unreachable(quote, code),
            IcmpKind::TimeExceeded { .. } | IcmpKind::ParameterProblem | IcmpKind::SourceQuench => false,
        };
        if told_raw {
            let (kind, code) = kind;
            let why = Reason::Ip(ip::Reason::Icmp(ip::IcmpReason::ErrorReceived { kind, code }));
            fx.push(HostEffect::Noted { endpoint: None, why });
        }
        let Some(quoted) = ip::quoted(quote) else {
            if told_raw {
                return;
            }
            fx.push(dropped(ip::Reason::Icmp(ip::IcmpReason::QuoteUnreadable)));
            return;
        };
        if quoted.protocol == PROTOCOL_TCP {
            let effects = &mut self.pending.tcp;
            self.tcp.on_icmp(now, quoted.local, quoted.remote, quoted.seq, meaning, effects);
            return;
        }
        let mtu = match meaning {
            IcmpKind::Unreachable { next_hop_mtu, .. } => next_hop_mtu,
            IcmpKind::TimeExceeded { .. } | IcmpKind::ParameterProblem | IcmpKind::SourceQuench => 0,
        };
        let (offender, data) = (from.into(), quoted_data(quote));
        let (local, remote) = (quoted.local, quoted.remote);
        let error = DatagramError { kind, as_ipv4: kind, mtu, offender, local, remote, data };
        self.datagram_error_ipv4(now, error, fx);
    }
}

/// What an ICMP error quotes: its octets after the four that each kind uses in its own way.
fn after_four(rest: &Bytes) -> Bytes {
    if rest.len() < 4 { Bytes::new() } else { rest.slice(4..) }
}

/// The data of a UDP datagram that an ICMP error quotes, as far as it does.
fn quoted_data(quote: &Bytes) -> Bytes {
    const UDP_HEADER: usize = 8;
    let header = quote.first().map_or(0, |octet| usize::from(octet & 15) * 4) + UDP_HEADER;
    if quote.len() <= header { Bytes::new() } else { quote.slice(header..) }
}
