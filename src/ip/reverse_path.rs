//! Whether a packet can have come from where it says: the way back to its source is looked up (RFC 3704).

use super::{ForwardingReason, Hop, Ip, Reason};
use std::net::Ipv4Addr;

/// How closely sources are looked at (Linux's `rp_filter`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ReversePath {
    /// Not at all.
    #[default]
    Off,
    /// The way back must leave by the card that the packet came in by (RFC 3704 section 2.2).
    Strict,
    /// There must be a way back (RFC 3704 section 2.4).
    Loose,
}

impl ReversePath {
    /// The setting with that number: 0, 1 or 2.
    pub fn from_number(number: i64) -> ReversePath {
        match number {
            1 => ReversePath::Strict,
            2 => ReversePath::Loose,
            _ => ReversePath::Off,
        }
    }
}

impl<T: Clone> Ip<T> {
    /// All cards take packets of so many octets from now on, at least 68.
    pub fn set_mtu(&mut self, mtu: u16) {
        self.routing.set_mtu(mtu);
    }

    /// From now on it looks at sources so closely.
    pub fn set_reverse_path(&mut self, how: ReversePath) {
        self.reverse_path = how;
    }

    /// Why a packet with that source, which came in by the card, is not believed.
    pub(super) fn wrong_way(&self, card: u16, source: Ipv4Addr) -> Option<Reason> {
        let back = match self.reverse_path {
            ReversePath::Off => return None,
            ReversePath::Strict | ReversePath::Loose => self.routing.next_hop(source),
        };
        let believed = match (self.reverse_path, back) {
            (ReversePath::Off, _) | (ReversePath::Loose, Some(_)) => true,
            (ReversePath::Strict, Some(Hop::Wire { card: out, .. })) => out == card,
            (ReversePath::Strict, Some(_)) | (_, None) => false,
        };
        (!believed).then_some(Reason::Forwarding(ForwardingReason::ReversePath { source }))
    }
}
