//! A pattern at work: it looks at each frame sent and counts those it matches.

use super::{FramePattern, HostId, What};
use crate::wire::{Body, Flags, Ipv4Packet, PROTOCOL_ICMP, PROTOCOL_TCP, PROTOCOL_UDP, Packet};

/// A pattern with its running count. Frames that fit in direction and kind are numbered from 1, apart for each
/// pair of sender and receiver, in the order they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    pattern: FramePattern,
    counts: Vec<(Pair, u32)>,
}

/// Sender and receiver.
type Pair = (Option<HostId>, Option<HostId>);

impl Matcher {
    /// The pattern, with nothing counted yet.
    pub fn new(pattern: FramePattern) -> Matcher {
        Matcher { pattern, counts: Vec::new() }
    }

    /// The pattern.
    pub fn pattern(&self) -> &FramePattern {
        &self.pattern
    }

    /// Looks at the next frame sent, counts it if it fits, and says whether the pattern means it. An unknown sender or
    /// receiver (`None`) fits only patterns that name none.
    pub fn matches(&mut self, from: Option<HostId>, to: Option<HostId>, packet: &Packet) -> bool {
        self.count(from, to, packet).is_some_and(|ordinal| self.pattern.which.includes(ordinal))
    }

    /// Looks at the next frame sent, and says the how-manieth it is of those that fit in direction and kind;
    /// `None` if it does not fit.
    pub fn count(&mut self, from: Option<HostId>, to: Option<HostId>, packet: &Packet) -> Option<u32> {
        let direction = self.pattern.direction;
        let fits = direction.from.is_none_or(|host| from == Some(host))
            && direction.to.is_none_or(|host| to == Some(host))
            && self.pattern.what.fits(packet);
        if !fits {
            return None;
        }
        let pair = (from, to);
        let place = self.counts.iter().position(|(known, _)| *known == pair).unwrap_or_else(|| {
            self.counts.push((pair, 0));
            self.counts.len() - 1
        });
        let count = &mut self.counts[place].1;
        *count = count.saturating_add(1);
        Some(*count)
    }
}

impl What {
    /// Whether the frame is of this kind, whoever sent it.
    pub fn fits(self, packet: &Packet) -> bool {
        match self {
            What::Any => true,
            What::Tcp(flags) => packet.tcp().is_some_and(|segment| same_flags(flags, segment.flags)),
            What::Data => packet.tcp().is_some_and(|segment| !segment.payload.is_empty()),
            What::AnyTcp => carries(packet, PROTOCOL_TCP),
            What::Udp => carries(packet, PROTOCOL_UDP),
            What::Icmp => carries(packet, PROTOCOL_ICMP),
            What::Arp => matches!(packet.body, Body::Arp(_)),
        }
    }
}

/// Whether the frame carries that protocol, whole or in a fragment.
fn carries(packet: &Packet, protocol: u8) -> bool {
    packet.ip().map(Ipv4Packet::protocol) == Some(protocol)
}

/// Exactly these flags; PSH and the two of ECN count only if asked for.
fn same_flags(wanted: Flags, found: Flags) -> bool {
    let unasked = (Flags::PSH | Flags::ECE | Flags::CWR).without(wanted);
    found.without(unasked) == wanted
}
