//! From outside to inside: whoever talks to the outside address may mean an inside host.

use super::super::fragment::Outcome;
use super::super::{Effect, FragmentReason, Ip, NatReason, Reason};
use super::profile::NatFiltering;
use super::rewrite::{Content, End, Ends, content, payload, set_end, tcp_flags};
use super::table::Refused;
use super::{Nat, NatProfile};
use crate::clock::Instant;
use crate::internet::ETHERNET;
use crate::wire::{self, Flags, Ipv4Packet, PROTOCOL_TCP, PROTOCOL_UDP, Packet};
use bytes::Bytes;
use std::net::SocketAddrV4;

/// What a NAT box made of a frame before it looked where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Translated {
    /// It is as it was.
    Untouched,
    /// It is this frame now.
    Changed(Bytes),
    /// Nothing is left of it, or it waits for other fragments.
    Gone,
}

/// What became of a packet.
pub(super) enum Verdict {
    /// It is not for an inside host.
    NotOurs,
    /// It was changed.
    Rewritten,
    /// It must not go on.
    Dropped(Reason),
}

impl<T: Clone> Ip<T> {
    /// Whether this host is a NAT box.
    pub fn translates(&self) -> bool {
        self.nat.is_some()
    }

    /// The sessions of a NAT box at `now`, the oldest first.
    pub fn nat_sessions(&self, now: Instant) -> Vec<super::NatSession> {
        self.nat.as_ref().map(|nat| nat.table.sessions(now).collect()).unwrap_or_default()
    }

    /// What a frame that came in by that card is after the NAT box has looked at it: it may go on to an inside host. Ports are in
    /// the first fragment only, so fragments are put together here (RFC 3022 section 6.3).
    pub fn translate_in(
        &mut self,
        now: Instant,
        card: u16,
        frame: &Bytes,
        fx: &mut Vec<Effect<T>>,
    ) -> Translated {
        if self.nat.is_none() || frame.get(12..14) != Some(&[0x08, 0x00]) {
            return Translated::Untouched;
        }
        // What is wrong with it, whoever takes it will say.
        let Ok(mut packet) = wire::parse_ipv4_shell(frame, ETHERNET) else { return Translated::Untouched };
        let mut changed = false;
        if packet.is_fragment() {
            match self.whole_for_nat(now, packet, frame, fx) {
                Some(whole) => (packet, changed) = (whole, true),
                None => return Translated::Gone,
            }
        }
        let Some(nat) = &mut self.nat else { return Translated::Untouched };
        match nat.inward(now, card, &mut packet, &self.profile.nat, fx) {
            Verdict::NotOurs => {}
            Verdict::Rewritten => changed = true,
            Verdict::Dropped(why) => {
                fx.push(Effect::Dropped(why));
                return Translated::Gone;
            }
        }
        if !changed {
            return Translated::Untouched;
        }
        let macs = frame.first_chunk::<12>().map(|macs| {
            let [a, b, c, d, e, f, g, h, i, j, k, l] = *macs;
            (wire::MacAddr([a, b, c, d, e, f]), wire::MacAddr([g, h, i, j, k, l]))
        });
        let Some((to, from)) = macs else { return Translated::Untouched };
        Translated::Changed(wire::build(&Packet::ipv4(from, to, packet)))
    }

    /// Whether a packet from that card has the box's own address as its source because both its ends are inside.
    pub(in crate::ip) fn is_hairpin(&self, card: u16, source: std::net::Ipv4Addr) -> bool {
        let nat = self.nat.as_ref().filter(|_| self.profile.nat.hairpins);
        nat.is_some_and(|nat| nat.outside != card && nat.address == source)
    }

    fn whole_for_nat(
        &mut self,
        now: Instant,
        packet: Ipv4Packet,
        frame: &Bytes,
        fx: &mut Vec<Effect<T>>,
    ) -> Option<Ipv4Packet> {
        if self.reassembly.make_room(&packet) {
            fx.push(Effect::Dropped(FragmentReason::FragmentsLimit.into()));
        }
        let end = (ETHERNET + packet.len()).min(frame.len());
        match self.reassembly.take(now, packet, &frame.slice(ETHERNET..end), &self.profile) {
            Outcome::Kept => {
                fx.push(Effect::Noted(FragmentReason::FragmentKept.into()));
                None
            }
            Outcome::Overlaps => {
                fx.push(Effect::Dropped(FragmentReason::FragmentOverlaps.into()));
                None
            }
            Outcome::Invalid => {
                fx.push(Effect::Dropped(FragmentReason::FragmentInvalid.into()));
                None
            }
            Outcome::Whole(packet, _) => {
                fx.push(Effect::Noted(FragmentReason::Reassembled.into()));
                Some(packet)
            }
        }
    }
}

impl Nat {
    fn inward<T>(
        &mut self,
        now: Instant,
        card: u16,
        packet: &mut Ipv4Packet,
        profile: &NatProfile,
        fx: &mut Vec<Effect<T>>,
    ) -> Verdict {
        let from_outside = card == self.outside;
        if packet.destination != self.address || !(from_outside || profile.hairpins) {
            return Verdict::NotOurs;
        }
        let Content::Session(ends) = content(packet) else {
            return if from_outside { self.error_inward(now, packet, fx) } else { Verdict::NotOurs };
        };
        let flags = payload(packet).map_or(Flags::NONE, |payload| tcp_flags(payload));
        let Some(inside) = self.awaits(now, ends, profile) else { return Verdict::NotOurs };
        let mut remote = ends.source;
        if !from_outside {
            // Both are inside: the one who asks must look like somebody outside, too (RFC 4787 REQ-9).
            match self.source_outside(now, ends, flags, profile, fx) {
                Ok(outside) => {
                    set_end(packet, End::Source, outside);
                    remote = outside;
                }
                Err(why) => return Verdict::Dropped(why),
            }
        }
        let outside = ends.destination;
        let id = match self.table.of_port(now, ends.protocol, outside.port(), remote) {
            Some(id) => id,
            None => {
                let begun = (ends.protocol, inside, remote);
                match self.table.begin(now, begun, Some(outside.port()), flags, profile) {
                    Ok(id) => {
                        fx.push(Effect::Noted(NatReason::SessionBegun { inside, outside, remote }.into()));
                        id
                    }
                    Err(refused) => return Verdict::Dropped(refusal(refused, remote)),
                }
            }
        };
        let Some(session) = self.table.get(id) else { return Verdict::NotOurs };
        self.table.touch(now, id, false, flags, profile);
        set_end(packet, End::Destination, session.inside);
        fx.push(Effect::Noted(NatReason::DestinationRewritten { outside, inside: session.inside }.into()));
        Verdict::Rewritten
    }

    /// The inside end that a packet to an outside port is for, if its sender may reach it.
    fn awaits(&mut self, now: Instant, ends: Ends, profile: &NatProfile) -> Option<SocketAddrV4> {
        let Ends { protocol, source, destination } = ends;
        let port = destination.port();
        if let Some(id) = self.table.of_port(now, protocol, port, source) {
            return self.table.get(id).map(|session| session.inside);
        }
        let rule = self.forwards.iter().find(|rule| (rule.protocol, rule.port) == (protocol, port));
        if let Some(rule) = rule {
            return Some(rule.to);
        }
        match profile.filtering {
            NatFiltering::EndpointIndependent if matches!(protocol, PROTOCOL_TCP | PROTOCOL_UDP) => {
                self.table.inside_of_port(now, protocol, port)
            }
            NatFiltering::EndpointIndependent | NatFiltering::AddressAndPortDependent => None,
        }
    }
}

/// Why a packet begins no session.
pub(super) fn refusal(refused: Refused, remote: SocketAddrV4) -> Reason {
    match refused {
        Refused::Full => NatReason::TableFull.into(),
        Refused::NoPort => NatReason::NoPortFree { remote }.into(),
        Refused::BeginsNothing => NatReason::BeginsNothing { remote }.into(),
    }
}
