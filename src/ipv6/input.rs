//! What comes up from a card, or loops back, for this host: its headers in order (RFC 8200 section 4), then ICMPv6.

use super::extensions::Verdict;
use super::fragment::{self, Fault, Outcome};
use super::{Arrived, Cause, Effect, Ipv6, Origin, Reason, Reassembled, Taken};
use crate::clock::Instant;
use crate::ipv6::reason::{FragmentReason, IcmpReason, NeighbourReason, PacketReason};
use crate::mib::Counter;
use crate::wire::{self, Checksums, Extension, Icmpv6Message, Ipv6Packet, MacAddr, ParseError, Transport};

impl<T: Clone> Ipv6<T> {
    pub(super) fn input(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Taken, ParseError> {
        if let Some(why) = self.refuses(&arrived, origin) {
            if why != Reason::Packet(PacketReason::NotOurGroup) {
                fx.push(Effect::Counted(Counter::Ip6InAddrErrors));
            }
            fx.push(Effect::Dropped(why));
            return Ok(Taken::Done);
        }
        match self.headers(now, &arrived, 0, fx) {
            Verdict::Gone => Ok(Taken::Done),
            Verdict::Upper => Ok(self.passes_up(now, arrived, origin, Taken::Whole, fx)),
            Verdict::Fragment => {
                let card = match origin {
                    Origin::Card(card) => card,
                    Origin::Loopback => u16::MAX,
                };
                let Some(whole) = self.reassemble(now, arrived, card, fx)? else { return Ok(Taken::Done) };
                let done = whole.packet.extensions.iter().take_while(|header| wants_first(header)).count();
                match self.headers(now, &whole.arrived(), done, fx) {
                    Verdict::Upper => {
                        let up = self.passes_up(now, whole.arrived(), origin, Taken::Whole, fx);
                        Ok(if up == Taken::Whole { Taken::Reassembled(whole) } else { Taken::Done })
                    }
                    // Fragments within fragments: no honest sender makes them.
                    Verdict::Fragment => {
                        fx.push(Effect::Counted(Counter::Ip6ReasmFails));
                        fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentInvalid)));
                        Ok(Taken::Done)
                    }
                    Verdict::Gone => Ok(Taken::Done),
                }
            }
        }
    }

    /// Why a packet is not taken by its addresses alone.
    fn refuses(&self, arrived: &Arrived<'_>, origin: Origin) -> Option<Reason> {
        let (source, destination) = (arrived.packet.source, arrived.packet.destination);
        if source.is_multicast() || destination.is_unspecified() {
            return Some(Reason::Packet(PacketReason::MartianSource));
        }
        let Origin::Card(card) = origin else {
            return (!self.routing.is_local(destination))
                .then_some(Reason::Packet(PacketReason::NotOurAddress));
        };
        if source.is_loopback() || destination.is_loopback() || self.routing.is_local(source) {
            return Some(Reason::Packet(PacketReason::MartianSource));
        }
        // A group of the node or of one interface never leaves it (RFC 4291 section 2.7).
        if destination.is_multicast() {
            let reaches = super::address::scope(destination) >= super::address::LINK;
            return (!reaches || !self.in_group(card, destination))
                .then_some(Reason::Packet(PacketReason::NotOurGroup));
        }
        // A packet to one host in a frame to many is no neighbour's doing.
        let to_group = arrived.start > 0
            && arrived.within.first_chunk().is_some_and(|mac| MacAddr(*mac).is_group())
            && !matches!(arrived.packet.transport, Transport::Icmpv6(_));
        if to_group {
            return Some(Reason::Packet(PacketReason::NotOurAddress));
        }
        let own = self.routing.find(destination);
        let reached = own.is_some_and(|own| {
            (own.is_usable() && (own.card == card || !super::address::is_link_local(destination)))
                // Whoever has it already may say so.
                || (own.card == card && is_discovery(arrived.packet))
        });
        (!reached).then_some(if self.is_router {
            Reason::Packet(PacketReason::NotForwarded)
        } else {
            Reason::Packet(PacketReason::NotOurAddress)
        })
    }

    /// Whether a whole packet is for the layers above; if not, all is done here.
    fn passes_up(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        origin: Origin,
        up: Taken,
        fx: &mut Vec<Effect<T>>,
    ) -> Taken {
        let packet = arrived.packet;
        match &packet.transport {
            Transport::Tcp(_) | Transport::Udp(_) => {
                fx.push(Effect::Counted(Counter::Ip6InDelivers));
                up
            }
            Transport::Icmpv6(message) => {
                fx.push(Effect::Counted(Counter::Ip6InDelivers));
                self.count_in(message, fx);
                // Errors, those not known here too, are for whoever sent what they quote (RFC 4443 section 2.4).
                if message.kind().0 < 128 {
                    return up;
                }
                self.informed(now, &arrived, message, origin, fx);
                Taken::Done
            }
            Transport::Other { protocol: wire::NO_NEXT_HEADER, .. } => {
                fx.push(Effect::Dropped(Reason::Packet(PacketReason::UnknownNextHeader {
                    number: wire::NO_NEXT_HEADER,
                })));
                Taken::Done
            }
            Transport::Icmp(_) | Transport::Other { .. } => {
                let number = packet.protocol();
                fx.push(Effect::Counted(Counter::Ip6InUnknownProtos));
                fx.push(Effect::Dropped(Reason::Packet(PacketReason::UnknownNextHeader { number })));
                let pointer = self.place_of_number(packet, packet.extensions.len());
                self.parameter_problem(now, (packet, &arrived.octets()), (1, pointer), fx);
                Taken::Done
            }
        }
    }

    /// An ICMPv6 message that is no error.
    fn informed(
        &mut self,
        now: Instant,
        arrived: &Arrived<'_>,
        message: &Icmpv6Message,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) {
        let packet = arrived.packet;
        let (kind, _) = message.kind();
        let Origin::Card(card) = origin else {
            if let Icmpv6Message::EchoRequest { .. } = message {
                self.echo(now, packet, message, 0, fx);
            }
            return;
        };
        if (133..=137).contains(&kind) && packet.hop_limit != super::discovery::HOP_LIMIT {
            fx.push(Effect::Dropped(Reason::Neighbour(NeighbourReason::DiscoveryFromAfar {
                hop_limit: packet.hop_limit,
            })));
            return;
        }
        match message {
            Icmpv6Message::EchoRequest { .. } => self.echo(now, packet, message, card, fx),
            Icmpv6Message::NeighbourSolicitation { target, options } => {
                self.solicited(now, card, packet, (*target, options), fx);
            }
            Icmpv6Message::NeighbourAdvertisement { flags, target, options } => {
                self.advertised(now, card, packet, (*flags, *target, options), fx);
            }
            Icmpv6Message::Other { kind: 137, code: 0, rest } => {
                self.redirect_came(now, card, packet, rest, fx)
            }
            // The process that asked sees it; the host does nothing of its own.
            Icmpv6Message::EchoReply { .. } => {}
            Icmpv6Message::RouterSolicitation { options } => {
                self.routers_solicited(now, card, packet, options, fx);
            }
            Icmpv6Message::RouterAdvertisement { .. } => {
                self.router_advertised(now, card, packet, message, fx);
            }
            Icmpv6Message::DestinationUnreachable { .. }
            | Icmpv6Message::PacketTooBig { .. }
            | Icmpv6Message::TimeExceeded { .. }
            | Icmpv6Message::ParameterProblem { .. }
            | Icmpv6Message::Other { .. } => {
                fx.push(Effect::Dropped(Reason::Icmp(IcmpReason::IcmpIgnored { kind })))
            }
        }
    }

    /// Answers a ping (RFC 4443 section 4.2): from the address it was sent to; one to a group from the address that fits.
    fn echo(
        &mut self,
        now: Instant,
        packet: &Ipv6Packet,
        message: &Icmpv6Message,
        card: u16,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Icmpv6Message::EchoRequest { id, seq, data } = message else { return };
        let own = match packet.destination.is_multicast() {
            true => self.routing.source_by(card, packet.source),
            false => Some(packet.destination),
        };
        let Some(own) = own.filter(|_| !packet.source.is_unspecified()) else { return };
        let answer = Transport::Icmpv6(Icmpv6Message::EchoReply { id: *id, seq: *seq, data: data.clone() });
        let reply =
            Ipv6Packet { hop_limit: 0, dscp: packet.dscp, ..Ipv6Packet::new(own, packet.source, answer) };
        self.count_out(&reply, fx);
        self.output(now, reply, Cause::Own(Reason::Icmp(IcmpReason::EchoReply)), fx);
    }

    /// A fragment came: it is kept, or makes its packet whole.
    fn reassemble(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        card: u16,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Option<Box<Reassembled>>, ParseError> {
        let (packet, octets) = (arrived.packet, arrived.octets());
        fx.push(Effect::Counted(Counter::Ip6ReasmReqds));
        if let Some(fault) = fragment::fault(packet) {
            fx.push(Effect::Counted(Counter::Ip6InHdrErrors));
            fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentInvalid)));
            let pointer = match fault {
                Fault::Odd => 4,
                Fault::TooFar => packet.header_len() - 6,
            };
            self.parameter_problem(now, (packet, &octets), (0, pointer), fx);
            return Ok(None);
        }
        if headless(packet) {
            fx.push(Effect::Counted(Counter::Ip6InHdrErrors));
            fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentHeadless)));
            self.parameter_problem(now, (packet, &octets), (3, 0), fx);
            return Ok(None);
        }
        for _ in 0..self.reassembly.make_room(packet, card) {
            fx.push(Effect::Counted(Counter::Ip6ReasmFails));
            fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentsLimit)));
        }
        match self.reassembly.take(now, packet.clone(), card, &octets, &self.profile) {
            Outcome::Kept | Outcome::Again => {
                fx.push(Effect::Noted(Reason::Fragment(FragmentReason::FragmentKept)));
                Ok(None)
            }
            Outcome::Whole(packet, pieces) => {
                let octets = wire::build_ipv6(&packet);
                let packet = wire::parse_ipv6(&octets, Checksums::Verify)?;
                fx.push(Effect::Counted(Counter::Ip6ReasmOKs));
                fx.push(Effect::Noted(Reason::Fragment(FragmentReason::Reassembled)));
                Ok(Some(Box::new(Reassembled { packet, octets, pieces })))
            }
            Outcome::Overlaps => {
                fx.push(Effect::Counted(Counter::Ip6ReasmFails));
                fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentOverlaps)));
                Ok(None)
            }
            Outcome::Invalid => {
                fx.push(Effect::Counted(Counter::Ip6ReasmFails));
                fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentInvalid)));
                Ok(None)
            }
        }
    }

    /// Fragments that waited too long are thrown away.
    pub(super) fn reassembly_due(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        for first in self.reassembly.on_timer(now) {
            fx.push(Effect::TimerFired("reassembly"));
            fx.push(Effect::Counted(Counter::Ip6ReasmTimeout));
            fx.push(Effect::Counted(Counter::Ip6ReasmFails));
            fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::ReassemblyTimeout)));
            if let Some((packet, octets)) = first {
                let message = Icmpv6Message::TimeExceeded { code: 1, quote: super::icmp::quote(&octets) };
                self.error(now, &packet, message, Reason::Icmp(IcmpReason::ReassemblyTimeExceeded), fx);
            }
        }
    }
}

/// Whether the header stands before a fragment header in every fragment, and so has been looked at already.
fn wants_first(header: &Extension) -> bool {
    matches!(header, Extension::HopByHop(_) | Extension::Routing { .. })
}

fn is_discovery(packet: &Ipv6Packet) -> bool {
    matches!(&packet.transport, Transport::Icmpv6(message) if (135..=136).contains(&message.kind().0))
}

/// Whether a first fragment ends before the headers do.
fn headless(packet: &Ipv6Packet) -> bool {
    let (Some((0, ..)), Transport::Other { protocol, payload }) = (packet.fragment(), &packet.transport)
    else {
        return false;
    };
    let (mut next, mut at) = (*protocol, 0);
    for _ in 0..wire::MOST_EXTENSIONS {
        let least = match next {
            wire::PROTOCOL_TCP => 20,
            wire::PROTOCOL_UDP => 8,
            wire::PROTOCOL_ICMPV6 => 4,
            number if Extension::is_known(number) => 8,
            _ => return false,
        };
        let Some(header) = payload.get(at..at + least) else { return true };
        if !Extension::is_known(next) {
            return false;
        }
        at += if next == wire::FRAGMENT { 8 } else { (usize::from(header[1]) + 1) * 8 };
        next = header[0];
    }
    true
}
