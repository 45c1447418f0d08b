//! ICMP errors through a NAT box: what they quote is turned inside out as well (RFC 5508 section 4), or whoever gets them
//! could not tell what they are about.

use super::super::{Effect, Ip, NatReason};
use super::Nat;
use super::inward::Verdict;
use super::rewrite::{End, payload, quoted_ends, set_quoted_end};
use crate::clock::Instant;
use crate::wire::{IcmpMessage, Ipv4Packet, PROTOCOL_ICMP, Transport, updated_checksum};
use bytes::{Bytes, BytesMut};
use std::net::SocketAddrV4;

/// Octets of an ICMP error before its quote.
const HEADER: usize = 8;

impl<T: Clone> Ip<T> {
    /// An error of the box itself about a packet it had let in: outside, only the outside address is known.
    pub(in crate::ip) fn quote_outside(&mut self, now: Instant, message: IcmpMessage) -> IcmpMessage {
        let Some(nat) = &mut self.nat else { return message };
        let mut turned = |quote: Bytes| nat.quote_outward(now, &quote).unwrap_or(quote);
        match message {
            IcmpMessage::DestinationUnreachable { code, next_hop_mtu, quote } => {
                IcmpMessage::DestinationUnreachable { code, next_hop_mtu, quote: turned(quote) }
            }
            IcmpMessage::TimeExceeded { code, quote } => {
                IcmpMessage::TimeExceeded { code, quote: turned(quote) }
            }
            IcmpMessage::EchoRequest { .. } | IcmpMessage::EchoReply { .. } | IcmpMessage::Other { .. } => {
                message
            }
        }
    }
}

impl Nat {
    /// Somebody outside tells of a packet that an inside host sent.
    pub(super) fn error_inward<T>(
        &mut self,
        now: Instant,
        packet: &mut Ipv4Packet,
        fx: &mut Vec<Effect<T>>,
    ) -> Verdict {
        let turned = payload(packet).and_then(|payload| {
            let quote = payload.get(HEADER..)?;
            let ends = quoted_ends(quote)?;
            let id = self.table.of_port(now, ends.protocol, ends.source.port(), ends.destination)?;
            let inside = self.table.get(id).filter(|_| *ends.source.ip() == self.address)?.inside;
            Some((with_quote(payload, &set_quoted_end(quote, End::Source, inside)?), inside))
        });
        // What is about none of the sessions may be about the box's own packets.
        let Some((payload, inside)) = turned else { return Verdict::NotOurs };
        packet.destination = *inside.ip();
        turned_into(packet, payload, inside, fx)
    }

    /// An inside host tells of a packet that it got from outside.
    pub(super) fn error_outward<T>(
        &mut self,
        now: Instant,
        packet: &mut Ipv4Packet,
        fx: &mut Vec<Effect<T>>,
    ) -> Verdict {
        let turned = payload(packet).and_then(|payload| {
            let quote = payload.get(HEADER..)?;
            Some((with_quote(payload, &self.quote_outward(now, quote)?), quoted_ends(quote)?.destination))
        });
        let Some((payload, inside)) = turned else {
            return Verdict::Dropped(NatReason::ErrorAboutNoSession.into());
        };
        packet.source = self.address;
        turned_into(packet, payload, inside, fx)
    }

    /// A quote of a packet to an inside host, as its sender outside knows it.
    fn quote_outward(&mut self, now: Instant, quote: &[u8]) -> Option<Bytes> {
        let ends = quoted_ends(quote)?;
        let id = self.table.of_inside(now, ends.protocol, ends.destination, ends.source)?;
        let port = self.table.get(id)?.port;
        set_quoted_end(quote, End::Destination, SocketAddrV4::new(self.address, port))
    }
}

/// The packet carries the turned error, which is about a session of that end inside.
fn turned_into<T>(
    packet: &mut Ipv4Packet,
    payload: Bytes,
    inside: SocketAddrV4,
    fx: &mut Vec<Effect<T>>,
) -> Verdict {
    packet.transport = Transport::Other { protocol: PROTOCOL_ICMP, payload };
    fx.push(Effect::Noted(NatReason::ErrorTurned { inside }.into()));
    Verdict::Rewritten
}

/// An ICMP error with another quote of the same length.
fn with_quote(payload: &[u8], quote: &[u8]) -> Bytes {
    let mut octets = BytesMut::from(payload);
    let checksum = u16::from_be_bytes([octets[2], octets[3]]);
    // An odd last octet is never changed.
    let even = quote.len() & !1;
    let checksum = updated_checksum(checksum, &payload[HEADER..HEADER + even], &quote[..even]);
    octets[2..4].copy_from_slice(&checksum.to_be_bytes());
    octets[HEADER..].copy_from_slice(quote);
    octets.freeze()
}
