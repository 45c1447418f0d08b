//! From inside to outside: whatever leaves by the outside card has its address.

use super::super::{Effect, Ip, NatReason, Reason};
use super::inward::{Verdict, refusal};
use super::rewrite::{Content, End, Ends, content, payload, set_end, tcp_flags};
use super::{Nat, NatProfile};
use crate::clock::Instant;
use crate::wire::{Flags, Ipv4Packet};
use std::net::SocketAddrV4;

impl<T: Clone> Ip<T> {
    /// A packet that is passed on is about to leave by that card. Whether it may; it has another source then.
    pub(in crate::ip) fn translate_out(
        &mut self,
        now: Instant,
        card: u16,
        packet: &mut Ipv4Packet,
        fx: &mut Vec<Effect<T>>,
    ) -> bool {
        let Some(nat) = self.nat.as_mut().filter(|nat| nat.outside == card) else { return true };
        match nat.outward(now, packet, &self.profile.nat, fx) {
            Verdict::NotOurs | Verdict::Rewritten => true,
            Verdict::Dropped(why) => {
                fx.push(Effect::Dropped(why));
                false
            }
        }
    }

    /// A packet that was translated on its way out, as its sender knows it: an error about it is for the inside host.
    pub(in crate::ip) fn as_sent_inside(&mut self, now: Instant, packet: &mut Ipv4Packet) {
        let Some(nat) = self.nat.as_mut().filter(|nat| nat.address == packet.source) else { return };
        let Content::Session(Ends { protocol, source, destination }) = content(packet) else { return };
        let session = nat.table.of_port(now, protocol, source.port(), destination);
        if let Some(session) = session.and_then(|id| nat.table.get(id)) {
            set_end(packet, End::Source, session.inside);
        }
    }
}

impl Nat {
    fn outward<T>(
        &mut self,
        now: Instant,
        packet: &mut Ipv4Packet,
        profile: &NatProfile,
        fx: &mut Vec<Effect<T>>,
    ) -> Verdict {
        let ends = match content(packet) {
            Content::Session(ends) => ends,
            Content::Error => return self.error_outward(now, packet, fx),
            Content::Odd => {
                return Verdict::Dropped(NatReason::NotTranslatable { protocol: packet.protocol() }.into());
            }
        };
        let flags = payload(packet).map_or(Flags::NONE, |payload| tcp_flags(payload));
        match self.source_outside(now, ends, flags, profile, fx) {
            Ok(outside) => {
                set_end(packet, End::Source, outside);
                Verdict::Rewritten
            }
            Err(why) => Verdict::Dropped(why),
        }
    }

    /// The outside address and port of the sender of a packet with these ends; a session begins if there is none.
    pub(super) fn source_outside<T>(
        &mut self,
        now: Instant,
        ends: Ends,
        flags: Flags,
        profile: &NatProfile,
        fx: &mut Vec<Effect<T>>,
    ) -> Result<SocketAddrV4, Reason> {
        let Ends { protocol, source: inside, destination: remote } = ends;
        let (id, begins) = match self.table.of_inside(now, protocol, inside, remote) {
            Some(id) => (id, false),
            None => {
                let begun = self.table.begin(now, (protocol, inside, remote), None, flags, profile);
                (begun.map_err(|refused| refusal(refused, remote))?, true)
            }
        };
        let port = self.table.get(id).map_or(inside.port(), |session| session.port);
        let outside = SocketAddrV4::new(self.address, port);
        if begins {
            fx.push(Effect::Noted(NatReason::SessionBegun { inside, outside, remote }.into()));
        } else {
            self.table.touch(now, id, true, flags, profile);
        }
        fx.push(Effect::Noted(NatReason::SourceRewritten { inside, outside }.into()));
        Ok(outside)
    }
}
