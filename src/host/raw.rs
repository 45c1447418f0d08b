//! Packets of raw sockets on their way down and up.

use super::machine::{Host, Tag};
use super::{HostEffect, Reason};
use crate::clock::Instant;
use crate::ip::{self, RawReason};
use crate::mib::Counter;
use crate::socket::OutgoingPacket;
use crate::wire::{IcmpMessage, PROTOCOL_ICMP, Transport};
use bytes::Bytes;

/// The counter of ICMP messages of this kind that are sent, whoever made them.
fn icmp_counter(transport: &Transport) -> Option<Counter> {
    let kind = match transport {
        Transport::Icmp(IcmpMessage::DestinationUnreachable { .. }) => 3,
        Transport::Icmp(IcmpMessage::TimeExceeded { .. }) => 11,
        Transport::Icmp(IcmpMessage::Other { kind, .. }) => *kind,
        Transport::Other { protocol: PROTOCOL_ICMP, payload } => *payload.first()?,
        Transport::Icmp(IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. })
        | Transport::Tcp(_)
        | Transport::Udp(_)
        | Transport::Icmpv6(_)
        | Transport::Other { .. } => return None,
    };
    match kind {
        3 => Some(Counter::IcmpOutDestUnreachs),
        5 => Some(Counter::IcmpOutRedirects),
        11 => Some(Counter::IcmpOutTimeExcds),
        _ => None,
    }
}

impl Host {
    /// Sends what programs made.
    pub(super) fn drain_packets(&mut self, now: Instant, fx: &mut Vec<HostEffect>) {
        for OutgoingPacket { packet, usual_ttl, towards } in std::mem::take(&mut self.pending.packets) {
            let forged = !self.ip.routing().is_local(packet.source);
            let why = match towards {
                Some(_) if forged => RawReason::SourceForged { source: packet.source },
                Some(_) => RawReason::HeaderIncluded,
                None => RawReason::Sent,
            };
            let tag = Tag { why: Reason::Ip(ip::Reason::Raw(why)), endpoint: None };
            if let Some(counter) = icmp_counter(&packet.transport) {
                self.count(counter);
            }
            let fx_ip = &mut self.pending.ip;
            match towards {
                Some(towards) => self.ip.send_included(now, packet, towards, tag, fx_ip),
                None if usual_ttl => self.ip.send(now, packet, tag, fx_ip),
                None => self.ip.send_with_ttl(now, packet, tag, fx_ip),
            }
            self.drain_ip(now, fx);
        }
    }

    /// Raw sockets hear a packet.
    pub(super) fn hear(&mut self, octets: &Bytes, fx: &mut Vec<HostEffect>) {
        let hearing = self.sockets.hear(octets, self.udp.profile());
        let reason = |why: RawReason| Reason::Ip(ip::Reason::Raw(why));
        if hearing.sockets > 0 {
            let why = reason(RawReason::Heard { sockets: hearing.sockets });
            fx.push(HostEffect::Noted { endpoint: None, why });
        }
        if let Some((used, limit)) = hearing.full {
            let why = reason(RawReason::BufferFull { used, limit });
            fx.push(HostEffect::Dropped { endpoint: None, why });
        }
    }
}
