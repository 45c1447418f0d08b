//! Raw sockets, seen from IP: who wants to hear whole packets, and packets whose header a program made.

use super::{Arrived, Cause, Effect, Ip};
use crate::clock::Instant;
use crate::wire::Ipv4Packet;
use std::net::Ipv4Addr;

/// What one raw socket hears: copies of all packets that fit, whatever else becomes of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tap {
    /// The protocol number.
    pub protocol: u8,
    /// Only packets to this address of the host's own.
    pub local: Option<Ipv4Addr>,
    /// Only packets from this one.
    pub remote: Option<Ipv4Addr>,
}

impl Tap {
    /// Whether it hears the packet.
    pub fn hears(&self, packet: &Ipv4Packet) -> bool {
        self.protocol == packet.protocol()
            && self.local.is_none_or(|local| local == packet.destination)
            && self.remote.is_none_or(|remote| remote == packet.source)
    }
}

impl<T: Clone> Ip<T> {
    /// From now on these are the raw sockets.
    pub fn set_taps(&mut self, taps: Vec<Tap>) {
        self.taps = taps;
    }

    /// Tells of a whole packet for this host that raw sockets hear; whether there are any.
    pub(super) fn heard(&self, arrived: Arrived<'_>, fx: &mut Vec<Effect<T>>) -> bool {
        let heard = self.taps.iter().any(|tap| tap.hears(arrived.packet));
        if heard {
            fx.push(Effect::Heard(arrived.octets()));
        }
        heard
    }

    /// Sends a packet whose header a program made towards `next_hop`, which need not be what the header says. The
    /// identification is filled in where it is 0 and may matter; nothing else of it is touched, and it is not cut.
    pub fn send_included(
        &mut self,
        now: Instant,
        mut packet: Ipv4Packet,
        towards: Ipv4Addr,
        tag: T,
        fx: &mut Vec<Effect<T>>,
    ) {
        let Some(hop) = self.routing.next_hop(towards) else { return };
        if packet.identification == 0 && !packet.dont_fragment {
            self.identification = self.identification.wrapping_add(1);
            packet.identification = self.identification;
        }
        self.out(now, hop, packet, Cause::Upper(tag), fx);
    }
}
