//! IPv6 of this machine: packets up from it and down to it (RFC 8200).

use super::datagram::{DatagramError, Heard};
use super::machine::{Host, Tag, tcp_key};
use super::{HostEffect, Reason};
use crate::clock::Instant;
use crate::ipv6::{self, Arrived, Origin, Quoted, Taken};
use crate::mib::Counter;
use crate::tcp::{self, IcmpKind, Owner};
use crate::udp::{self, Input};
use crate::wire::{
    self, Datagram, ECT0, Icmpv6Message, Ipv6Packet, PROTOCOL_TCP, PROTOCOL_UDP, Segment, Transport,
};
use bytes::Bytes;
use std::net::{Ipv6Addr, SocketAddr};

/// What a TCP segment takes with it on its way down.
pub(super) struct Sending {
    pub owner: Owner,
    pub why: tcp::Reason,
    pub dscp: u8,
    pub ect: bool,
}

impl Host {
    /// IPv6 of this host; `None` if it speaks none.
    pub fn ipv6(&self) -> Option<&ipv6::Routing> {
        self.ipv6.as_ref().map(|ipv6| ipv6.routing())
    }

    /// The IPv6 neighbours at a card: address, state at this moment, card if it is known, whether it is a router.
    pub fn neighbours(
        &self,
        now: Instant,
        card: u16,
    ) -> Vec<(Ipv6Addr, ipv6::Reachability, Option<wire::MacAddr>, bool)> {
        self.ipv6.as_ref().map(|ipv6| ipv6.neighbours(now, card)).unwrap_or_default()
    }

    /// The host's cards come up: what IPv6 sends then (RFC 4862 section 5.4, RFC 4861 section 6.3.7).
    pub fn start(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        if let Some(ipv6) = &mut self.ipv6 {
            ipv6.start(now, &mut self.pending.ipv6);
            self.settle(now, fx);
        }
    }

    /// An IPv6 packet in a frame, or one that loops back.
    pub(super) fn take_ipv6(
        &mut self,
        now: Instant,
        packet: &Ipv6Packet,
        frame: &Bytes,
        origin: Origin,
        fx: &mut Vec<HostEffect>,
    ) {
        let Some(layer) = &mut self.ipv6 else { return };
        let taken = layer.receive(now, packet, frame, origin, &mut self.pending.ipv6);
        self.drain_ipv6(now, fx);
        match taken {
            Ok(Taken::Whole) => self.up_ipv6(now, Arrived::in_frame(packet, frame), fx),
            Ok(Taken::Reassembled(whole)) => self.up_ipv6(now, whole.arrived(), fx),
            Ok(Taken::Done) => {}
            Err(error) => self.malformed(error, fx),
        }
    }

    /// Whether the frame is a router's to pass on; then it is done.
    pub(super) fn forwards_ipv6(
        &mut self,
        now: Instant,
        card: u16,
        frame: &Bytes,
        fx: &mut Vec<HostEffect>,
    ) -> bool {
        let Some(layer) = self.ipv6.as_mut().filter(|layer| layer.passes_on(frame)) else { return false };
        let forwarded = layer.forward(now, card, frame, &mut self.pending.ipv6);
        self.drain_ipv6(now, fx);
        forwarded.unwrap_or_else(|error| self.malformed(error, fx));
        true
    }

    fn up_ipv6(&mut self, now: Instant, arrived: Arrived<'_>, fx: &mut Vec<HostEffect>) {
        let packet = arrived.packet;
        match &packet.transport {
            Transport::Tcp(segment) => {
                let local = SocketAddr::from((packet.destination, segment.destination_port));
                let remote = SocketAddr::from((packet.source, segment.source_port));
                let before = self.tcp.first_unacknowledged(local, remote);
                let effects = &mut self.pending.tcp;
                if packet.ecn == wire::CE {
                    self.tcp.on_marked_segment(now, remote.ip(), local.ip(), segment, effects);
                } else {
                    self.tcp.on_segment(now, remote.ip(), local.ip(), segment, effects);
                }
                // An acknowledgment of something new shows that what is sent arrives (RFC 4861 section 7.3.1).
                let after = self.tcp.first_unacknowledged(local, remote);
                if after.is_some()
                    && after != before
                    && let Some(layer) = &mut self.ipv6
                {
                    layer.confirm(now, packet.source, &mut self.pending.ipv6);
                }
            }
            Transport::Udp(datagram) => self.datagram_ipv6(now, arrived, datagram, fx),
            Transport::Icmpv6(message) => self.icmpv6_error(now, packet.source, message, fx),
            Transport::Icmp(_) | Transport::Other { .. } => {}
        }
    }

    fn datagram_ipv6(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        datagram: &Datagram,
        fx: &mut Vec<HostEffect>,
    ) {
        let (source, destination) = (arrived.packet.source, arrived.packet.destination);
        let input = self.udp.input(source.into(), destination.into(), datagram, arrived.pieces);
        let nobody = input == Input::NobodyListens;
        self.delivered(input, datagram.destination_port, true, fx);
        if nobody && let Some(layer) = &mut self.ipv6 {
            layer.port_unreachable(now, arrived, datagram.destination_port, &mut self.pending.ipv6);
        }
    }

    /// An ICMPv6 error: whoever sent what it quotes hears of it, as of its IPv4 twin.
    fn icmpv6_error(
        &mut self,
        now: Instant,
        from: Ipv6Addr,
        message: &Icmpv6Message,
        fx: &mut Vec<HostEffect>,
    ) {
        let dropped = |why| HostEffect::Dropped { endpoint: None, why: Reason::Ipv6(why) };
        let quote = match message {
            // An error not known here: what it quotes stands where all of them have it.
            Icmpv6Message::Other { rest, .. } => rest.slice(rest.len().min(4)..),
            known => known.quote().cloned().unwrap_or_default(),
        };
        let Some(quoted) = ipv6::quoted(&quote) else {
            fx.push(dropped(ipv6::Reason::Icmp(ipv6::IcmpReason::QuoteUnreadable)));
            return;
        };
        if let Icmpv6Message::PacketTooBig { mtu, .. } = message {
            return self.too_big(now, (from, quoted, quoted_data(&quote)), *mtu, fx);
        }
        let Some(meaning) = meaning(message) else {
            let (kind, _) = message.kind();
            fx.push(dropped(ipv6::Reason::Icmp(ipv6::IcmpReason::IcmpIgnored { kind })));
            return;
        };
        self.tell(now, (from, quoted, quoted_data(&quote)), meaning, message.kind(), fx);
    }

    /// A router says how much gets through (RFC 8201 section 4).
    fn too_big(
        &mut self,
        now: Instant,
        (from, quoted, data): (Ipv6Addr, Quoted, Bytes),
        mtu: u32,
        fx: &mut Vec<HostEffect>,
    ) {
        let Some(layer) = &mut self.ipv6 else { return };
        let mtu = u16::try_from(mtu).unwrap_or(u16::MAX);
        let ours = layer.routing().is_local(addresses(quoted).0);
        if mtu < ipv6::MIN_MTU || !ours {
            let why = if ours {
                ipv6::Reason::Icmp(ipv6::IcmpReason::TooBigRefused)
            } else {
                ipv6::Reason::Icmp(ipv6::IcmpReason::ErrorAboutNothing)
            };
            fx.push(HostEffect::Dropped { endpoint: None, why: Reason::Ipv6(why) });
            return;
        }
        let kind = IcmpKind::Unreachable { code: 4, next_hop_mtu: mtu };
        if quoted.protocol == PROTOCOL_TCP {
            // TCP sees by the sequence number whether it really sent that, and keeps the path's MTU itself.
            self.tell(now, (from, quoted, data), kind, (2, 0), fx);
            // What it believes holds for all who use the path.
            if let (Some(mtu), Some(layer)) = (self.tcp.path_mtu(quoted.remote.ip()), &mut self.ipv6) {
                layer.path_mtu(now, addresses(quoted).1, mtu, &mut self.pending.ipv6);
                self.drain_ipv6(now, fx);
            }
            return;
        }
        if quoted.protocol == PROTOCOL_UDP && !self.udp.knows(quoted.local, quoted.remote) {
            let why = Reason::Ipv6(ipv6::Reason::Icmp(ipv6::IcmpReason::ErrorAboutNothing));
            fx.push(HostEffect::Dropped { endpoint: None, why });
            return;
        }
        layer.path_mtu(now, addresses(quoted).1, mtu, &mut self.pending.ipv6);
        self.drain_ipv6(now, fx);
        if quoted.protocol == PROTOCOL_UDP {
            self.tell(now, (from, quoted, data), kind, (2, 0), fx);
        }
    }

    /// The endpoint that sent what an error quotes hears of it.
    fn tell(
        &mut self,
        now: Instant,
        (from, quoted, data): (Ipv6Addr, Quoted, Bytes),
        meaning: IcmpKind,
        (kind, code): (u8, u8),
        fx: &mut Vec<HostEffect>,
    ) {
        if quoted.protocol == PROTOCOL_TCP {
            let effects = &mut self.pending.tcp;
            self.tcp.on_icmp(now, quoted.local, quoted.remote, quoted.seq, meaning, effects);
            return;
        }
        let (as_ipv4, mtu) = match meaning {
            IcmpKind::Unreachable { code, next_hop_mtu } => ((3, code), next_hop_mtu),
            IcmpKind::TimeExceeded { code } => ((11, code), 0),
            IcmpKind::ParameterProblem => ((12, 0), 0),
            IcmpKind::SourceQuench => ((4, 0), 0),
        };
        let error = DatagramError {
            kind: (kind, code),
            as_ipv4,
            mtu,
            offender: from.into(),
            local: quoted.local,
            remote: quoted.remote,
            data,
        };
        let heard = self.datagram_error(now, error, fx);
        fx.push(match heard {
            Heard::By(endpoint) => HostEffect::Noted {
                endpoint,
                why: Reason::Ipv6(ipv6::Reason::Icmp(ipv6::IcmpReason::ErrorReceived { kind, code })),
            },
            Heard::NotAskedFor | Heard::AboutNothing => HostEffect::Dropped {
                endpoint: None,
                why: Reason::Ipv6(ipv6::Reason::Icmp(ipv6::IcmpReason::ErrorAboutNothing)),
            },
        });
    }

    /// TCP sends a segment over IPv6.
    pub(super) fn send_tcp_ipv6(
        &mut self,
        now: Instant,
        (source, destination): (Ipv6Addr, Ipv6Addr),
        segment: Segment,
        how: Sending,
        fx: &mut Vec<HostEffect>,
    ) {
        let Some(layer) = &mut self.ipv6 else { return };
        let local = SocketAddr::from((source, segment.source_port));
        let remote = SocketAddr::from((destination, segment.destination_port));
        let endpoint = (how.owner != Owner::None).then(|| tcp_key(local, Some(remote)));
        let mut packet = Ipv6Packet::new(source, destination, Transport::Tcp(segment));
        packet.dscp = how.dscp;
        packet.ecn = if how.ect { ECT0 } else { 0 };
        packet.hop_limit = self.tcp.ttl_of(how.owner).unwrap_or(0);
        let tag = Tag { why: Reason::Tcp(how.why), endpoint };
        layer.send(now, packet, tag, &mut self.pending.ipv6);
        self.drain_ipv6(now, fx);
    }

    /// Sends a packet of a socket, or of none.
    pub(super) fn send_ipv6(&mut self, now: Instant, packet: Ipv6Packet, tag: Tag, fx: &mut Vec<HostEffect>) {
        let Some(layer) = &mut self.ipv6 else { return };
        layer.send(now, packet, tag, &mut self.pending.ipv6);
        self.drain_ipv6(now, fx);
    }

    /// Does what IPv6 wants done.
    pub(super) fn drain_ipv6(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        if self.pending.ipv6.is_empty() {
            return;
        }
        let mut effects = std::mem::take(&mut self.pending.ipv6);
        for effect in effects.drain(..) {
            if let Some((packet, tag, why)) = self.carry_out(effect, Reason::Ipv6, fx) {
                self.unsent_ipv6(now, &packet, tag, why, fx);
            }
        }
        self.pending.ipv6 = effects;
    }

    /// A packet could not be sent: whoever sent it hears of it as of an ICMPv6 error.
    fn unsent_ipv6(
        &mut self,
        now: Instant,
        packet: &Ipv6Packet,
        Tag { endpoint, .. }: Tag,
        why: ipv6::Reason,
        fx: &mut Vec<HostEffect>,
    ) {
        let unreachable = |code, next_hop_mtu| Some(IcmpKind::Unreachable { code, next_hop_mtu });
        let kind = match why {
            ipv6::Reason::Packet(ipv6::PacketReason::NoRoute { .. }) => unreachable(0, 0),
            ipv6::Reason::Neighbour(ipv6::NeighbourReason::NeighbourSilent { .. }) => unreachable(1, 0),
            ipv6::Reason::Packet(ipv6::PacketReason::TooBig { mtu }) => unreachable(4, mtu),
            // The others say nothing about the way: what was sent is lost as on the wire.
            _ => None,
        };
        fx.push(HostEffect::Noted { endpoint, why: Reason::Ipv6(why) });
        if let (Some(kind), Transport::Tcp(segment)) = (kind, &packet.transport) {
            let local = SocketAddr::from((packet.source, segment.source_port));
            let remote = SocketAddr::from((packet.destination, segment.destination_port));
            self.tcp.on_icmp(now, local, remote, segment.seq, kind, &mut self.pending.tcp);
        }
    }

    /// An echo request over IPv6 that no socket made (RFC 4443 section 4.1), with 56 octets of data.
    pub(super) fn ping_ipv6(
        &mut self,
        now: Instant,
        to: Ipv6Addr,
        (id, seq): (u16, u16),
        fx: &mut Vec<HostEffect>,
    ) {
        const DATA: Bytes = Bytes::from_static(&[0x20; 56]);
        let Some(source) = self.ipv6.as_ref().and_then(|layer| layer.source_for(to)) else { return };
        let request = Transport::Icmpv6(Icmpv6Message::EchoRequest { id, seq, data: DATA });
        let packet = Ipv6Packet { hop_limit: 0, ..Ipv6Packet::new(source, to, request) };
        self.count(Counter::Icmp6OutMsgs);
        self.count(Counter::Icmp6OutEchos);
        self.send_ipv6(now, packet, Tag { why: Reason::ByHand, endpoint: None }, fx);
    }

    /// A datagram of a socket over IPv6.
    pub(super) fn send_datagram_ipv6(
        &mut self,
        now: Instant,
        (from, to): (Ipv6Addr, Ipv6Addr),
        datagram: Datagram,
        (traffic_class, hop_limit): (u8, u8),
        endpoint: Option<super::EndpointKey>,
        fx: &mut Vec<HostEffect>,
    ) {
        let mut packet = Ipv6Packet::new(from, to, Transport::Udp(datagram));
        (packet.dscp, packet.ecn, packet.hop_limit) = (traffic_class >> 2, traffic_class & 3, hop_limit);
        let why = Reason::Udp(udp::Reason::Sent);
        self.send_ipv6(now, packet, Tag { why, endpoint }, fx);
    }
}

/// Source and destination of what is quoted.
fn addresses(quoted: Quoted) -> (Ipv6Addr, Ipv6Addr) {
    let of = |end: SocketAddr| match end.ip() {
        std::net::IpAddr::V6(address) => address,
        std::net::IpAddr::V4(address) => address.to_ipv6_mapped(),
    };
    (of(quoted.local), of(quoted.remote))
}

/// The data of a UDP datagram that an error quotes, as far as it does, behind no more than the fixed header.
fn quoted_data(quote: &Bytes) -> Bytes {
    const HEADERS: usize = 48;
    quote.slice(quote.len().min(HEADERS)..)
}

/// What an error means to the layers above, said as its IPv4 twin says it (RFC 4443 section 3, RFC 1122 section 4.2.3.9).
fn meaning(message: &Icmpv6Message) -> Option<IcmpKind> {
    let unreachable = |code| Some(IcmpKind::Unreachable { code, next_hop_mtu: 0 });
    match message {
        Icmpv6Message::DestinationUnreachable { code, .. } => match code {
            0 => unreachable(0),
            1 | 5 | 6 => unreachable(13),
            4 => unreachable(3),
            _ => unreachable(1),
        },
        Icmpv6Message::TimeExceeded { code, .. } => Some(IcmpKind::TimeExceeded { code: *code }),
        // What an unknown error means nobody knows: something about the packet was not right.
        Icmpv6Message::ParameterProblem { .. } | Icmpv6Message::Other { .. } => {
            Some(IcmpKind::ParameterProblem)
        }
        Icmpv6Message::PacketTooBig { .. }
        | Icmpv6Message::EchoRequest { .. }
        | Icmpv6Message::EchoReply { .. }
        | Icmpv6Message::RouterSolicitation { .. }
        | Icmpv6Message::RouterAdvertisement { .. }
        | Icmpv6Message::NeighbourSolicitation { .. }
        | Icmpv6Message::NeighbourAdvertisement { .. } => None,
    }
}
