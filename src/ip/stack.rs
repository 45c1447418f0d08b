//! All of IP on one host: what comes up from the card or loops back, and what goes down.

use super::fragment::{self, Outcome, Reassembly};
use super::limiter::Limiter;
use super::neighbour::{Due, Table, Waits};
use super::{Hop, Neighbours, Profile, Reason, Route, Routing, icmp};
use crate::clock::Instant;
use crate::mib::Counter;
use crate::wire::{
    self, ArpMessage, ArpOperation, Body, Checksums, IcmpMessage, Ipv4Packet, MacAddr, Packet, ParseError,
    Transport,
};
use bytes::{Bytes, BytesMut};
use std::net::Ipv4Addr;

/// Octets of an Ethernet header.
const ETHERNET: usize = 14;

/// One host's card, addresses and constants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Own address.
    pub address: Ipv4Addr,
    /// Bits of prefix the host shares with its neighbours, 0 to 32.
    pub prefix: u8,
    /// The card's address.
    pub mac: MacAddr,
    /// Largest packet the card takes, octets, at least 68.
    pub mtu: u16,
    /// How neighbours are found.
    pub neighbours: Neighbours,
    /// Routes beyond the own prefix.
    pub routes: Vec<Route>,
    /// Constants.
    pub profile: Profile,
}

/// Where a frame came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The card.
    Card,
    /// This host itself.
    Loopback,
}

/// Who sent a packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause<T> {
    /// Whoever called [`Ip::send`] with this tag.
    Upper(T),
    /// This room.
    Own(Reason),
}

/// What IP wants done or known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect<T> {
    /// Put this frame on the wire.
    Transmit {
        /// Ethernet header first.
        frame: Bytes,
        /// Who sent it.
        cause: Cause<T>,
    },
    /// Give this frame back to [`Ip::receive`] with [`Origin::Loopback`].
    Loop {
        /// Ethernet header first.
        frame: Bytes,
        /// Who sent it.
        cause: Cause<T>,
    },
    /// This packet could not be sent.
    Unsent {
        /// The packet; boxed, for this is rare and the list is moved about.
        packet: Box<Ipv4Packet>,
        /// Who sent it.
        cause: Cause<T>,
        /// Why not.
        why: Reason,
    },
    /// Something was decided that shows in no frame.
    Noted(Reason),
    /// The frame just received was dropped, or part of it was.
    Dropped(Reason),
    /// A counter rose by one.
    Counted(Counter),
    /// A timer ran out.
    TimerFired(&'static str),
}

/// A packet for the layers above: TCP, UDP or ICMP.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// The packet, whole.
    pub packet: &'a Ipv4Packet,
    /// What holds its octets.
    pub within: &'a Bytes,
    /// Where they begin in there.
    pub start: usize,
    /// Octets of payload of each fragment; empty if it came in one piece.
    pub pieces: &'a [usize],
}

/// What became of a frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// Its packet is for the layers above, as it is.
    Whole,
    /// It was the last fragment of a packet for the layers above.
    Reassembled(Box<Reassembled>),
    /// Nothing is left to do.
    Done,
}

/// A packet that came in fragments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reassembled {
    /// The packet, whole.
    pub packet: Ipv4Packet,
    /// Its octets.
    pub octets: Bytes,
    /// Octets of payload of each fragment.
    pub pieces: Vec<usize>,
}

impl<'a> Arrived<'a> {
    /// The packet that this frame carries.
    pub fn in_frame(packet: &'a Ipv4Packet, frame: &'a Bytes) -> Arrived<'a> {
        Arrived { packet, within: frame, start: ETHERNET, pieces: &[] }
    }
    /// Its octets.
    pub fn octets(&self) -> Bytes {
        let end = (self.start + self.packet.len()).min(self.within.len());
        self.within.slice(self.start.min(end)..end)
    }
}

impl Reassembled {
    /// The same, lent.
    pub fn arrived(&self) -> Arrived<'_> {
        Arrived { packet: &self.packet, within: &self.octets, start: 0, pieces: &self.pieces }
    }
}

/// One host's IP. `T` tags what the layers above send.
#[derive(Clone, Debug)]
pub struct Ip<T> {
    routing: Routing,
    mac: MacAddr,
    profile: Profile,
    neighbours: Table<Cause<T>>,
    reassembly: Reassembly,
    limiter: Limiter,
    identification: u16,
    /// Frames are cut from it.
    chunk: BytesMut,
}

impl<T: Clone> Ip<T> {
    /// IP on a host just booted.
    pub fn new(config: &Config) -> Ip<T> {
        Ip {
            routing: Routing::new(config.address, config.prefix, config.mtu.max(68), &config.routes),
            mac: config.mac,
            profile: config.profile.clone(),
            neighbours: Table::new(&config.neighbours),
            reassembly: Reassembly::default(),
            limiter: Limiter::default(),
            identification: 0,
            chunk: BytesMut::new(),
        }
    }

    /// Addresses and routes.
    pub fn routing(&self) -> &Routing {
        &self.routing
    }

    /// Whether the card takes a frame with this destination: its own, a group's, or one too short to have any.
    pub fn hears(&self, frame: &[u8]) -> bool {
        frame.first_chunk().is_none_or(|mac| MacAddr(*mac) == self.mac || MacAddr(*mac).is_group())
    }

    /// Takes a frame that the card [hears](Ip::hears), or that loops back. What is for the layers above is told; everything
    /// else is done here.
    ///
    /// # Errors
    /// The parse error of a datagram put together from fragments.
    pub fn receive(
        &mut self,
        now: Instant,
        packet: &Packet,
        frame: &Bytes,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Taken, ParseError> {
        match &packet.body {
            Body::Arp(message) => self.arp(now, message, fx),
            // Nobody here speaks IPv6.
            Body::Ipv6(_) | Body::Other(_) => fx.push(Effect::Dropped(Reason::UnknownEtherType)),
            Body::Ipv4(packet) => {
                return self.input(now, Arrived::in_frame(packet, frame), origin, fx);
            }
        }
        Ok(Taken::Done)
    }

    /// The frame of a packet that can go out on the wire at once and whole; `None` for all others, which are for
    /// [`Ip::send`].
    pub fn frame_of(&mut self, now: Instant, packet: &mut Ipv4Packet) -> Option<Bytes> {
        packet.ttl = self.profile.ttl;
        let Some(Hop::Wire(hop)) = self.routing.next_hop(packet.destination) else { return None };
        let fits = packet.len() <= usize::from(self.routing.mtu_to(packet.destination));
        if !packet.dont_fragment || !fits {
            return None;
        }
        let mac = self.neighbours.card(now, hop)?;
        Some(wire::build_in(&mut self.chunk, self.mac, mac, packet))
    }

    /// Sends a packet: finds its way, cuts it if it is too large and may be cut. TTL is set here, and the identification
    /// where it matters.
    pub fn send(&mut self, now: Instant, packet: Ipv4Packet, tag: T, fx: &mut Vec<Effect<T>>) {
        self.output(now, packet, Cause::Upper(tag), fx);
    }

    /// Answers a packet that nobody wants with an ICMP port unreachable.
    pub fn port_unreachable(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        port: u16,
        fx: &mut Vec<Effect<T>>,
    ) {
        self.unreachable(now, arrived.packet, &arrived.octets(), 3, Reason::PortUnreachable { port }, fx);
    }

    /// When [`Ip::on_timer`] wants to be called next.
    pub fn next_deadline(&self) -> Option<Instant> {
        [self.neighbours.next_deadline(), self.reassembly.next_deadline()].into_iter().flatten().min()
    }

    /// Everything due by `now` happens.
    pub fn on_timer(&mut self, now: Instant, fx: &mut Vec<Effect<T>>) {
        for due in self.neighbours.on_timer(now, &self.profile) {
            fx.push(Effect::TimerFired("arp"));
            match due {
                Due::Ask(target) => self.ask(target, fx),
                Due::Silent(address, packets) => {
                    for (packet, cause) in packets {
                        let packet = Box::new(packet);
                        fx.push(Effect::Unsent { packet, cause, why: Reason::NeighbourSilent { address } });
                    }
                }
            }
        }
        for first in self.reassembly.on_timer(now) {
            fx.push(Effect::TimerFired("reassembly"));
            fx.push(Effect::Dropped(Reason::ReassemblyTimeout));
            if let Some((packet, octets)) = first {
                let quote = icmp::quote(&octets, &self.profile);
                let message = IcmpMessage::TimeExceeded { code: 1, quote };
                self.error(now, &packet, message, Reason::ReassemblyTimeExceeded, fx);
            }
        }
    }

    fn input(
        &mut self,
        now: Instant,
        arrived: Arrived<'_>,
        origin: Origin,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<Taken, ParseError> {
        let (source, destination) = (arrived.packet.source, arrived.packet.destination);
        let card = origin == Origin::Card;
        if !self.routing.is_local(destination) || (card && destination.is_loopback()) {
            fx.push(Effect::Dropped(Reason::NotOurAddress));
            return Ok(Taken::Done);
        }
        if source.is_multicast() || source.is_broadcast() || (card && self.routing.is_local(source)) {
            fx.push(Effect::Dropped(Reason::MartianSource));
            return Ok(Taken::Done);
        }
        if self.profile.refuses_source_routes && is_source_routed(&arrived.packet.options) {
            fx.push(Effect::Dropped(Reason::SourceRouted));
            return Ok(Taken::Done);
        }
        if !arrived.packet.is_fragment() {
            return Ok(if self.passes_up(now, arrived, fx) { Taken::Whole } else { Taken::Done });
        }
        Ok(match self.reassemble(now, arrived, fx)? {
            Some(whole) if self.passes_up(now, whole.arrived(), fx) => Taken::Reassembled(whole),
            Some(_) | None => Taken::Done,
        })
    }

    /// Whether a whole packet is for the layers above; if not, all is done here.
    fn passes_up(&mut self, now: Instant, arrived: Arrived<'_>, fx: &mut Vec<Effect<T>>) -> bool {
        let packet = arrived.packet;
        match &packet.transport {
            Transport::Tcp(_) | Transport::Udp(_) => true,
            Transport::Icmp(
                IcmpMessage::DestinationUnreachable { .. } | IcmpMessage::TimeExceeded { .. },
            ) => true,
            Transport::Icmp(IcmpMessage::EchoRequest { id, seq, data }) => {
                let transport =
                    Transport::Icmp(IcmpMessage::EchoReply { id: *id, seq: *seq, data: data.clone() });
                let reply = Ipv4Packet {
                    dscp: packet.dscp,
                    dont_fragment: false,
                    ..Ipv4Packet::new(packet.destination, packet.source, transport)
                };
                self.output(now, reply, Cause::Own(Reason::EchoReply), fx);
                false
            }
            Transport::Icmp(IcmpMessage::EchoReply { .. }) => {
                fx.push(Effect::Dropped(Reason::IcmpIgnored { kind: 0 }));
                false
            }
            Transport::Icmp(IcmpMessage::Other { kind, .. }) => {
                fx.push(Effect::Dropped(Reason::IcmpIgnored { kind: *kind }));
                false
            }
            Transport::Icmpv6(_) | Transport::Other { .. } => {
                let why = Reason::ProtocolUnreachable { protocol: packet.protocol() };
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
            fx.push(Effect::Dropped(Reason::FragmentsLimit));
        }
        match self.reassembly.take(now, arrived.packet.clone(), &arrived.octets(), &self.profile) {
            Outcome::Kept => {
                fx.push(Effect::Noted(Reason::FragmentKept));
                Ok(None)
            }
            Outcome::Invalid => {
                fx.push(Effect::Dropped(Reason::FragmentInvalid));
                Ok(None)
            }
            Outcome::Whole(packet, pieces) => {
                fx.push(Effect::Noted(Reason::Reassembled));
                let octets = wire::build_ipv4(&packet);
                let packet = wire::parse_ipv4(&octets, Checksums::Verify)?;
                Ok(Some(Box::new(Reassembled { packet, octets, pieces })))
            }
        }
    }

    fn arp(&mut self, now: Instant, message: &ArpMessage, fx: &mut Vec<Effect<T>>) {
        let for_us = message.target_ip == self.routing.address();
        let sender = message.sender_ip;
        let usable =
            !sender.is_unspecified() && sender != self.routing.address() && !message.sender_mac.is_group();
        let question = message.operation == ArpOperation::Request;
        let (news, waited) = if usable {
            self.neighbours.learn(now, sender, message.sender_mac, for_us && question, &self.profile)
        } else {
            (false, Vec::new())
        };
        if news {
            fx.push(Effect::Noted(Reason::NeighbourLearned { address: sender }));
        }
        for (packet, cause) in waited {
            let frame = wire::build(&Packet::ipv4(self.mac, message.sender_mac, packet));
            fx.push(Effect::Transmit { frame, cause });
        }
        if question && for_us && usable {
            let reply = ArpMessage {
                operation: ArpOperation::Reply,
                sender_mac: self.mac,
                sender_ip: self.routing.address(),
                target_mac: message.sender_mac,
                target_ip: sender,
            };
            let frame = wire::build(&Packet::arp(self.mac, message.sender_mac, reply));
            let cause = Cause::Own(Reason::AnswersArp { asker: sender });
            fx.push(Effect::Transmit { frame, cause });
        } else if !news {
            fx.push(Effect::Dropped(Reason::ArpNotForUs));
        }
    }

    fn ask(&self, target: Ipv4Addr, fx: &mut Vec<Effect<T>>) {
        let request = ArpMessage {
            operation: ArpOperation::Request,
            sender_mac: self.mac,
            sender_ip: self.routing.address(),
            target_mac: MacAddr::default(),
            target_ip: target,
        };
        let frame = wire::build(&Packet::arp(self.mac, MacAddr::BROADCAST, request));
        fx.push(Effect::Transmit { frame, cause: Cause::Own(Reason::AsksForNeighbour { target }) });
    }

    fn unreachable(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        octets: &Bytes,
        code: u8,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        let quote = icmp::quote(octets, &self.profile);
        let message = IcmpMessage::DestinationUnreachable { code, next_hop_mtu: 0, quote };
        self.error(now, packet, message, why, fx);
    }

    /// Sends an ICMP error about `packet`, if one may be sent.
    fn error(
        &mut self,
        now: Instant,
        packet: &Ipv4Packet,
        message: IcmpMessage,
        why: Reason,
        fx: &mut Vec<Effect<T>>,
    ) {
        if !icmp::may_answer(packet) {
            return;
        }
        let local = self.routing.is_local(packet.source);
        if !local && !self.limiter.allows(now, packet.source, &self.profile) {
            fx.push(Effect::Noted(Reason::ErrorsLimited));
            return;
        }
        if matches!(message, IcmpMessage::DestinationUnreachable { .. }) {
            fx.push(Effect::Counted(Counter::IcmpOutDestUnreachs));
        }
        let error = icmp::error(packet.destination, packet.source, message);
        self.output(now, error, Cause::Own(why), fx);
    }

    fn output(&mut self, now: Instant, mut packet: Ipv4Packet, cause: Cause<T>, fx: &mut Vec<Effect<T>>) {
        packet.ttl = self.profile.ttl;
        let destination = packet.destination;
        let Some(hop) = self.routing.next_hop(destination) else {
            let packet = Box::new(packet);
            fx.push(Effect::Unsent { packet, cause, why: Reason::NoRoute { destination } });
            return;
        };
        if !packet.dont_fragment {
            self.identification = self.identification.wrapping_add(1);
            packet.identification = self.identification;
        }
        let mtu = self.routing.mtu_to(destination);
        if packet.len() <= usize::from(mtu) {
            self.out(now, hop, packet, cause, fx);
        } else if packet.dont_fragment {
            let packet = Box::new(packet);
            fx.push(Effect::Unsent { packet, cause, why: Reason::TooBig { mtu } });
        } else {
            let octets = wire::build_ipv4(&packet);
            let payload = octets.slice(packet.header_len().min(octets.len())..);
            for fragment in fragment::cut(&packet, &payload, mtu) {
                self.out(now, hop, fragment, cause.clone(), fx);
            }
        }
    }

    fn out(&mut self, now: Instant, hop: Hop, packet: Ipv4Packet, cause: Cause<T>, fx: &mut Vec<Effect<T>>) {
        let hop = match hop {
            Hop::Loopback => {
                let nobody = MacAddr::default();
                fx.push(Effect::Loop { frame: wire::build(&Packet::ipv4(nobody, nobody, packet)), cause });
                return;
            }
            Hop::Wire(hop) => hop,
        };
        if let Some(mac) = self.neighbours.card(now, hop) {
            let frame = wire::build_in(&mut self.chunk, self.mac, mac, &packet);
            fx.push(Effect::Transmit { frame, cause });
            return;
        }
        let Waits { ask, lost } = self.neighbours.wait(now, hop, packet, cause, &self.profile);
        fx.push(Effect::Noted(Reason::WaitsForNeighbour { address: hop }));
        if let Some((packet, cause)) = lost {
            let why = Reason::NeighbourQueueFull { address: hop };
            fx.push(Effect::Unsent { packet: Box::new(packet), cause, why });
        }
        if ask {
            self.ask(hop, fx);
        }
    }
}

/// Whether the options of an IP header hold a source route, loose or strict (RFC 791 section 3.1).
fn is_source_routed(mut options: &[u8]) -> bool {
    const LOOSE: u8 = 131;
    const STRICT: u8 = 137;
    while let [kind, rest @ ..] = options {
        options = match kind {
            0 => return false,
            1 => rest,
            &(LOOSE | STRICT) => return true,
            _ => match rest.first() {
                Some(len @ 2..) => options.get(usize::from(*len)..).unwrap_or_default(),
                Some(_) | None => return false,
            },
        };
    }
    false
}
