//! ICMPv6 errors out: who may get one (RFC 4443 section 2.4); and whom a received one is about.

use super::{Cause, Effect, Ipv6, Reason};
use crate::clock::Instant;
use crate::internet::Quoted;
use crate::ipv6::reason::{IcmpReason, PacketReason};
use crate::mib::Counter;
use crate::wire::{self, Extension, Icmpv6Message, Ipv6Packet, PROTOCOL_ICMPV6, Seq, Transport};
use bytes::Bytes;
use std::net::SocketAddr;

/// Octets that an error quotes at most: it must fit in the least MTU with its own headers.
const QUOTE: usize = 1280 - wire::IPV6_HEADER - 8;

/// Reads the quote of an ICMPv6 error, over its extension headers, up to 64 bits of TCP, UDP or an echo request. `None` if it
/// does not show them.
pub fn quoted(quote: &[u8]) -> Option<Quoted> {
    let address = |at: usize| {
        quote.get(at..at + 16)?.first_chunk::<16>().map(|octets| std::net::Ipv6Addr::from(*octets))
    };
    let (source, destination) = (address(8)?, address(24)?);
    if quote.first()? >> 4 != 6 {
        return None;
    }
    let (next, octets) = upper(*quote.get(6)?, quote.get(wire::IPV6_HEADER..)?)?;
    let [a, b, c, d, e, f, g, h] = *octets.first_chunk()?;
    let (local, remote) = match next {
        wire::PROTOCOL_TCP | wire::PROTOCOL_UDP => (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d])),
        PROTOCOL_ICMPV6 if a == 128 => (u16::from_be_bytes([e, f]), 0),
        _ => return None,
    };
    Some(Quoted {
        protocol: next,
        local: SocketAddr::from((source, local)),
        remote: SocketAddr::from((destination, remote)),
        seq: Seq(u32::from_be_bytes([e, f, g, h])),
    })
}

/// What stands behind the extension headers at the beginning of `octets`, of which the first has that number; `None` if they do
/// not end there, or lead into the middle of a fragmented packet.
fn upper(number: u8, octets: &[u8]) -> Option<(u8, &[u8])> {
    let (mut next, mut rest) = (number, octets);
    for _ in 0..=wire::MOST_EXTENSIONS {
        if !Extension::is_known(next) {
            return Some((next, rest));
        }
        let [after, words, high, low] = *rest.first_chunk()?;
        let is_fragment = next == wire::FRAGMENT;
        if is_fragment && u16::from_be_bytes([high, low]) >> 3 != 0 {
            return None;
        }
        rest = rest.get(if is_fragment { 8 } else { (usize::from(words) + 1) * 8 }..)?;
        next = after;
    }
    None
}

/// Whether an error of that kind about this packet is allowed at all: never about an error or a redirect, never to a source
/// that is not one node; about what went to a group only Packet Too Big and an unknown option that asks for it.
pub fn may_answer(packet: &Ipv6Packet, message: &Icmpv6Message) -> bool {
    let about_error = match &packet.transport {
        Transport::Icmpv6(about) => is_error_or_redirect(about.kind().0),
        // As a router sees it, or the first fragment: the type alone tells.
        // Of a later fragment the type is not seen.
        Transport::Other { protocol, .. } if packet.fragment().is_some_and(|(offset, ..)| offset > 0) => {
            *protocol == PROTOCOL_ICMPV6
        }
        Transport::Other { protocol, payload } => match upper(*protocol, payload) {
            Some((PROTOCOL_ICMPV6, octets)) => octets.first().is_none_or(|kind| is_error_or_redirect(*kind)),
            Some(_) => false,
            None => true,
        },
        Transport::Tcp(_) | Transport::Udp(_) | Transport::Icmp(_) => false,
    };
    let single = !packet.source.is_unspecified() && !packet.source.is_multicast();
    let to_group_too = matches!(
        message,
        Icmpv6Message::PacketTooBig { .. } | Icmpv6Message::ParameterProblem { code: 2, .. }
    );
    single && !about_error && (to_group_too || !packet.destination.is_multicast())
}

/// Types below 128 are errors (RFC 4443 section 2.1); 137 is a redirect.
fn is_error_or_redirect(kind: u8) -> bool {
    kind < 128 || kind == 137
}

/// What an error quotes of the packet whose octets these are: as much as fits.
pub fn quote(octets: &Bytes) -> Bytes {
    octets.slice(..octets.len().min(QUOTE))
}

impl<T: Clone> Ipv6<T> {
    pub(super) fn unreachable(
        &mut self,
        now: Instant,
        (packet, octets): (&Ipv6Packet, &Bytes),
        code: u8,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        let message = Icmpv6Message::DestinationUnreachable { code, quote: quote(octets) };
        self.error(now, packet, message, why, fx);
    }

    /// Something in the headers of a packet cannot be understood.
    pub(super) fn parameter_problem(
        &mut self,
        now: Instant,
        (packet, octets): (&Ipv6Packet, &Bytes),
        (code, pointer): (u8, usize),
        fx: &mut Vec<Effect<T>>,
    ) {
        let pointer = pointer as u32;
        let message = Icmpv6Message::ParameterProblem { code, pointer, quote: quote(octets) };
        self.error(now, packet, message, Reason::Icmp(IcmpReason::TellsOfParameter { code, pointer }), fx);
    }

    /// Sends an ICMPv6 error about `packet`, if one may be sent.
    pub(super) fn error(
        &mut self,
        now: Instant,
        packet: &Ipv6Packet,
        message: Icmpv6Message,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        if !may_answer(packet, &message) {
            return;
        }
        let to = packet.source;
        let limited = self.profile.limits_too_big || !matches!(message, Icmpv6Message::PacketTooBig { .. });
        let (interval, burst) = (self.profile.error_interval, self.profile.error_burst);
        if limited && !self.routing.is_local(to) && !self.limiter.allows(now, to, interval, burst) {
            fx.push(Effect::Noted(Reason::Icmp(IcmpReason::ErrorsLimited)));
            return;
        }
        // RFC 4443 section 2.2: from the address it was for, or the one that fits best.
        let own = match self.routing.is_local(packet.destination) {
            true => Some(packet.destination),
            false => self.routing.source_for(to),
        };
        let Some(own) = own else {
            fx.push(Effect::Noted(Reason::Packet(PacketReason::NoRoute { destination: to })));
            return;
        };
        let error = Ipv6Packet { hop_limit: 0, ..Ipv6Packet::new(own, to, Transport::Icmpv6(message)) };
        self.count_out(&error, fx);
        self.output(now, error, Cause::Own(why), fx);
    }

    /// Counts an ICMPv6 message that is sent.
    pub(super) fn count_out(&self, packet: &Ipv6Packet, fx: &mut Vec<Effect<T>>) {
        let Transport::Icmpv6(message) = &packet.transport else { return };
        fx.push(Effect::Counted(Counter::Icmp6OutMsgs));
        fx.extend(counter(message, true).map(Effect::Counted));
    }

    /// Counts an ICMPv6 message that came.
    pub(super) fn count_in(&self, message: &Icmpv6Message, fx: &mut Vec<Effect<T>>) {
        fx.push(Effect::Counted(Counter::Icmp6InMsgs));
        fx.extend(counter(message, false).map(Effect::Counted));
    }
}

/// The kernel's counter of messages of that kind.
fn counter(message: &Icmpv6Message, out: bool) -> Option<Counter> {
    let (sent, came) = match message.kind().0 {
        1 => (Counter::Icmp6OutDestUnreachs, Counter::Icmp6InDestUnreachs),
        2 => (Counter::Icmp6OutPktTooBigs, Counter::Icmp6InPktTooBigs),
        3 => (Counter::Icmp6OutTimeExcds, Counter::Icmp6InTimeExcds),
        4 => (Counter::Icmp6OutParmProblems, Counter::Icmp6InParmProblems),
        128 => (Counter::Icmp6OutEchos, Counter::Icmp6InEchos),
        129 => (Counter::Icmp6OutEchoReplies, Counter::Icmp6InEchoReplies),
        133 => (Counter::Icmp6OutRouterSolicits, Counter::Icmp6InRouterSolicits),
        134 => (Counter::Icmp6OutRouterAdvertisements, Counter::Icmp6InRouterAdvertisements),
        135 => (Counter::Icmp6OutNeighborSolicits, Counter::Icmp6InNeighborSolicits),
        136 => (Counter::Icmp6OutNeighborAdvertisements, Counter::Icmp6InNeighborAdvertisements),
        137 => (Counter::Icmp6OutRedirects, Counter::Icmp6InRedirects),
        143 => (Counter::Icmp6OutMLDv2Reports, Counter::Icmp6InMLDv2Reports),
        _ => return None,
    };
    Some(if out { sent } else { came })
}
