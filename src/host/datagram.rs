//! UDP on its way up: datagrams to sockets, and ICMP errors to the socket whose datagram they are about.

use super::machine::{Host, udp_key};
use super::{EndpointKey, HostEffect, Reason};
use crate::clock::Instant;
use crate::ip::{self, Arrived};
use crate::mib::Counter;
use crate::udp::{self, Discovery, Input};
use crate::wire::{Datagram, Ipv4Packet, PROTOCOL_UDP, Transport};
use bytes::Bytes;
use std::net::{IpAddr, SocketAddr};

/// An ICMP error about a datagram sent from here.
pub(super) struct DatagramError {
    /// Type and code.
    pub kind: (u8, u8),
    /// Type and code of ICMP for IPv4 that mean the same.
    pub as_ipv4: (u8, u8),
    /// The octets the next hop takes, where the code says that the datagram was too long; 0 if it was not said.
    pub mtu: u16,
    /// Who says so.
    pub offender: IpAddr,
    /// Own address and port of the datagram.
    pub local: SocketAddr,
    /// Where it was to go.
    pub remote: SocketAddr,
    /// What of its data is quoted.
    pub data: Bytes,
}

/// What became of such an error.
pub(super) enum Heard {
    /// The socket gets to know.
    By(Option<EndpointKey>),
    /// The socket did not ask for it.
    NotAskedFor,
    /// No socket sent that.
    AboutNothing,
}

impl Host {
    pub(super) fn datagram(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        datagram: &Datagram,
        fx: &mut Vec<HostEffect>,
    ) {
        let (source, destination) = (arrived.packet.source, arrived.packet.destination);
        if destination.is_multicast() || self.ip.routing().is_broadcast(destination) {
            let pieces = arrived.pieces;
            let copies = self.udp.input_to_all(source.into(), destination.into(), datagram, pieces);
            if copies.is_empty() {
                let why = udp::Reason::NobodyListens { port: datagram.destination_port };
                fx.push(HostEffect::Dropped { endpoint: None, why: Reason::Udp(why) });
            }
            for copy in copies {
                self.delivered(copy, datagram.destination_port, false, fx);
            }
            return;
        }
        let input = self.udp.input(source.into(), destination.into(), datagram, arrived.pieces);
        self.delivered(input, datagram.destination_port, false, fx);
        if input == Input::NobodyListens {
            self.ip.port_unreachable(now, arrived, datagram.destination_port, &mut self.pending.ip);
        }
    }

    /// What became of a datagram to `port`, over `ipv6` or IPv4, goes where it must be known.
    pub(super) fn delivered(&mut self, input: Input, port: u16, ipv6: bool, fx: &mut Vec<HostEffect>) {
        match input {
            Input::Delivered(id) => self.sockets.stir_endpoint(id),
            Input::BufferFull(id) => {
                self.count(Counter::UdpInErrors.over(ipv6));
                self.count(Counter::UdpRcvbufErrors.over(ipv6));
                let endpoint = self.udp.get(id);
                let (used, limit) =
                    endpoint.map_or((0, 0), |endpoint| (endpoint.used(), endpoint.receive_buffer));
                let why = Reason::Udp(udp::Reason::BufferFull { used, limit });
                fx.push(HostEffect::Dropped { endpoint: endpoint.and_then(udp_key), why });
            }
            Input::NobodyListens => {
                self.count(Counter::UdpNoPorts.over(ipv6));
                let why = Reason::Udp(udp::Reason::NobodyListens { port });
                fx.push(HostEffect::Dropped { endpoint: None, why });
            }
        }
    }

    /// Tells the socket whose datagram it is about, if it wants to know (RFC 1122 section 4.1.3.3).
    pub(super) fn datagram_error(
        &mut self,
        now: Instant,
        error: DatagramError,
        fx: &mut Vec<HostEffect>,
    ) -> Heard {
        const TOO_LONG: (u8, u8) = (3, 4);
        const FRAGMENTS: (u8, u8) = (11, 1);
        const PROHIBITED: (u8, u8) = (3, 13);
        let same = error.as_ipv4;
        let Some(id) = self.udp.sender(error.local, error.remote) else { return Heard::AboutNothing };
        let endpoint = self.udp.get(id);
        let (key, discovery) = (endpoint.and_then(udp_key), endpoint.map(|endpoint| endpoint.discovery));
        if let (TOO_LONG, IpAddr::V4(destination)) = (same, error.remote.ip())
            && self.ip.learn_path_mtu(now, destination, error.mtu)
        {
            let mtu = self.ip.routing().path_mtu_to(now, destination).octets;
            let why = Reason::Ip(ip::IcmpReason::PathMtuLearned { destination, mtu }.into());
            fx.push(HostEffect::Noted { endpoint: key, why });
        }
        let meaning = udp::meaning(same.0, same.1)
            .map(|(failure, fatal)| match (same, error.remote.ip()) {
                (PROHIBITED, IpAddr::V6(_)) => (udp::Failure::Prohibited, fatal),
                _ => (failure, fatal),
            })
            // Whoever lets routers cut its datagrams need not know that one would have liked to.
            .filter(|_| same != TOO_LONG || discovery != Some(Discovery::Dont))
            .filter(|_| same != FRAGMENTS || self.udp.profile().hears_of_missing_fragments);
        let told = meaning.is_some_and(|(failure, fatal)| {
            let report = udp::Report {
                failure,
                origin: udp::Origin::Icmp,
                kind: error.kind.0,
                code: error.kind.1,
                info: if same == TOO_LONG { u32::from(error.mtu) } else { 0 },
                offender: Some(error.offender),
                to: error.remote,
                data: error.data,
            };
            self.udp.report(id, report, fatal)
        });
        if !told {
            return Heard::NotAskedFor;
        }
        self.sockets.stir_endpoint(id);
        Heard::By(key)
    }

    /// The same of an error in IPv4's own words, and what is noted of it.
    pub(super) fn datagram_error_ipv4(
        &mut self,
        now: Instant,
        error: DatagramError,
        fx: &mut Vec<HostEffect>,
    ) {
        let (kind, code) = error.kind;
        let dropped =
            |why: ip::IcmpReason| HostEffect::Dropped { endpoint: None, why: Reason::Ip(why.into()) };
        let heard = self.datagram_error(now, error, fx);
        fx.push(match heard {
            Heard::By(endpoint) => {
                let why = Reason::Ip(ip::IcmpReason::ErrorReceived { kind, code }.into());
                HostEffect::Noted { endpoint, why }
            }
            Heard::NotAskedFor => dropped(ip::IcmpReason::ErrorNotAskedFor { kind, code }),
            Heard::AboutNothing => dropped(ip::IcmpReason::ErrorAboutNothing),
        });
    }

    /// A datagram could not be sent after all: its socket hears of it as of an ICMP error of this host's own.
    pub(super) fn datagram_unsent(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        (kind, code, mtu): (u8, u8, u16),
        fx: &mut Vec<HostEffect>,
    ) {
        let (source_port, destination_port, data) = match &packet.transport {
            Transport::Udp(datagram) => {
                (datagram.source_port, datagram.destination_port, datagram.payload.clone())
            }
            Transport::Other { protocol: PROTOCOL_UDP, payload } if packet.fragment_offset == 0 => {
                let Some([a, b, c, d, ..]) = payload.first_chunk::<8>() else { return };
                (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d]), payload.slice(8..))
            }
            Transport::Tcp(_) | Transport::Icmp(_) | Transport::Icmpv6(_) | Transport::Other { .. } => return,
        };
        let local = SocketAddr::from((packet.source, source_port));
        let remote = SocketAddr::from((packet.destination, destination_port));
        let offender = packet.source.into();
        let kind = (kind, code);
        let error = DatagramError { kind, as_ipv4: kind, mtu, offender, local, remote, data };
        self.datagram_error_ipv4(now, error, fx);
    }
}
