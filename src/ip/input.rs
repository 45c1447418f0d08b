//! What comes up from a card, or loops back, for this host.

use super::fragment::Outcome;
use super::header_options::{self, is_source_routed};
use super::{
    Arrived, Cause, DatagramReason, Effect, ForwardingReason, FragmentReason, IcmpReason, Ip, Origin, Reason,
    Reassembled, Taken, icmp,
};
use crate::clock::Instant;
use crate::wire::{self, Checksums, IcmpMessage, Ipv4Packet, ParseError, Transport};
use bytes::Bytes;

/// ICMP's type that says that something in a packet's header was wrong (RFC 792).
const PARAMETER_PROBLEM: u8 = 12;

impl<T: Clone> Ip<T> {
    pub(super) fn input(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Taken, ParseError> {
        let (source, destination) = (arrived.packet.source, arrived.packet.destination);
        let card = origin != Origin::Loopback;
        let for_all = !self.routing.is_local(destination) && self.is_for_all(destination);
        if !(for_all || self.routing.is_local(destination)) || (card && destination.is_loopback()) {
            let why = if self.is_router {
                Reason::Forwarding(ForwardingReason::NotForwarded)
            } else {
                Reason::Datagram(DatagramReason::NotOurAddress)
            };
            fx.push(Effect::Dropped(why));
            return Ok(Taken::Done);
        }
        // A host that has no address yet may ask everybody for one, and nothing else (RFC 1122 section 3.2.1.3).
        let nobody = source.is_unspecified() && !for_all;
        let forged = card && (self.routing.is_local(source) || nobody);
        if source.is_multicast() || self.routing.is_broadcast(source) || forged {
            fx.push(Effect::Dropped(Reason::Datagram(DatagramReason::MartianSource)));
            return Ok(Taken::Done);
        }
        if let Origin::Card(card) = origin
            && let Some(why) = self.wrong_way(card, source)
        {
            fx.push(Effect::Counted(crate::mib::Counter::IPReversePathFilter));
            fx.push(Effect::Dropped(why));
            return Ok(Taken::Done);
        }
        if !self.options_can_be_read(now, arrived.packet, arrived.octets(), fx) {
            return Ok(Taken::Done);
        }
        if self.profile.refuses_source_routes && is_source_routed(&arrived.packet.options) {
            fx.push(Effect::Dropped(Reason::Datagram(DatagramReason::SourceRouted)));
            return Ok(Taken::Done);
        }
        if for_all && !self.takes_for_all(arrived.packet, origin, fx) {
            return Ok(Taken::Done);
        }
        if !arrived.packet.is_fragment() {
            if self.profile.whole_ends_reassembly && self.reassembly.forget(arrived.packet) {
                fx.push(Effect::Noted(Reason::Fragment(FragmentReason::WholeCame)));
            }
            return Ok(if self.passes_up(now, arrived, fx) { Taken::Whole } else { Taken::Done });
        }
        Ok(match self.reassemble(now, arrived, fx)? {
            Some(whole) if self.passes_up(now, whole.arrived(), fx) => Taken::Reassembled(whole),
            Some(_) | None => Taken::Done,
        })
    }

    /// Whether the options of a packet's header can be read; if not, its sender is told where they cannot (RFC 1122 section
    /// 3.2.2.5).
    pub(super) fn options_can_be_read(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        octets: Bytes,
        fx: &mut Vec<Effect<T>>,
    ) -> bool {
        let Some(at) = header_options::flaw(&packet.options) else { return true };
        fx.push(Effect::Dropped(Reason::Datagram(DatagramReason::BadOption { at })));
        let quote = icmp::quote(&octets, &self.profile);
        let rest = [&[at, 0, 0, 0][..], &quote[..]].concat().into();
        let message = IcmpMessage::Other { kind: PARAMETER_PROBLEM, code: 0, rest };
        let why = Reason::Datagram(DatagramReason::ParameterProblem { at });
        self.error(now, packet, message, why, fx);
        false
    }

    /// Whether a whole packet is for the layers above; if not, all is done here.
    fn passes_up(&mut self, now: Instant, arrived: Arrived<'_>, fx: &mut Vec<Effect<T>>) -> bool {
        let packet = arrived.packet;
        let heard = self.heard(arrived, fx);
        match &packet.transport {
            Transport::Tcp(_) | Transport::Udp(_) => true,
            Transport::Icmp(
                IcmpMessage::DestinationUnreachable { .. }
                | IcmpMessage::TimeExceeded { .. }
                | IcmpMessage::Other { kind: PARAMETER_PROBLEM, .. },
            ) => true,
            Transport::Icmp(IcmpMessage::EchoRequest { id, seq, data }) => {
                let transport =
                    Transport::Icmp(IcmpMessage::EchoReply { id: *id, seq: *seq, data: data.clone() });
                let asked = Some(packet.destination).filter(|asked| self.routing.is_local(*asked));
                let Some(own) = asked.or_else(|| self.routing.source_for(packet.source)) else {
                    return false;
                };
                let reply = Ipv4Packet {
                    dscp: packet.dscp,
                    dont_fragment: false,
                    ttl: self.profile.ttl,
                    ..Ipv4Packet::new(own, packet.source, transport)
                };
                self.output(now, reply, Cause::Own(Reason::Icmp(IcmpReason::EchoReply)), fx);
                false
            }
            Transport::Icmp(IcmpMessage::EchoReply { .. }) if heard => false,
            Transport::Icmp(IcmpMessage::EchoReply { .. }) => {
                fx.push(Effect::Dropped(Reason::Icmp(IcmpReason::IcmpIgnored { kind: 0 })));
                false
            }
            Transport::Icmp(IcmpMessage::Other { kind: 5, rest, .. }) => {
                self.redirected(packet, rest, fx);
                false
            }
            Transport::Icmp(IcmpMessage::Other { .. }) if heard => false,
            Transport::Icmp(IcmpMessage::Other { kind, .. }) => {
                fx.push(Effect::Dropped(Reason::Icmp(IcmpReason::IcmpIgnored { kind: *kind })));
                false
            }
            Transport::Icmpv6(_) | Transport::Other { .. } if heard => false,
            Transport::Icmpv6(_) | Transport::Other { .. } => {
                let why = Reason::Icmp(IcmpReason::ProtocolUnreachable { protocol: packet.protocol() });
                fx.push(Effect::Dropped(why.clone()));
                self.unreachable(now, packet, &arrived.octets(), 2, why, fx);
                false
            }
        }
    }

    fn reassemble(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Option<Box<Reassembled>>, ParseError> {
        if self.reassembly.make_room(arrived.packet) {
            fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentsLimit)));
        }
        match self.reassembly.take(now, arrived.packet.clone(), &arrived.octets(), &self.profile) {
            Outcome::Kept => {
                fx.push(Effect::Noted(Reason::Fragment(FragmentReason::FragmentKept)));
                Ok(None)
            }
            Outcome::Overlaps => {
                fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentOverlaps)));
                Ok(None)
            }
            Outcome::Invalid => {
                fx.push(Effect::Dropped(Reason::Fragment(FragmentReason::FragmentInvalid)));
                Ok(None)
            }
            Outcome::Whole(packet, pieces) => {
                fx.push(Effect::Noted(Reason::Fragment(FragmentReason::Reassembled)));
                let octets = wire::build_ipv4(&packet);
                let packet = wire::parse_ipv4(&octets, Checksums::Verify)?;
                Ok(Some(Box::new(Reassembled { packet, octets, pieces })))
            }
        }
    }

    /// A router says that another is nearer (RFC 1122 section 3.2.2.2). Believed if it comes from the router in use and names
    /// a neighbour.
    fn redirected(&mut self, packet: &Ipv4Packet, rest: &Bytes, fx: &mut Vec<Effect<T>>) {
        let refused = Effect::Dropped(Reason::Icmp(IcmpReason::RedirectRefused));
        let gateway = rest.first_chunk::<4>().map(|octets| std::net::Ipv4Addr::from(*octets));
        let quoted = rest.get(4..).and_then(|quote| etherparse::Ipv4HeaderSlice::from_slice(quote).ok());
        let (Some(gateway), Some(quoted)) = (gateway, quoted) else { return fx.push(refused) };
        let destination = quoted.destination_addr();
        if self.is_router || !self.routing.redirect(destination, packet.source, gateway) {
            return fx.push(refused);
        }
        fx.push(Effect::Noted(Reason::Icmp(IcmpReason::RedirectTaken { destination, gateway })));
    }
}
