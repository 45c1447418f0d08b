//! Patterns over frames: the one grammar of faults, expectations, questions and `--drop`
//! (`client > server SA #1`), as values. Text is parsed in `scenario/`.

use super::HostId;
use crate::wire::Flags;
use std::fmt;

/// From whom to whom. `None` is anybody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Direction {
    /// The host whose stack (or hand) sent the frame, or the node that passed it on.
    pub from: Option<HostId>,
    /// The host it is addressed to, or the node at the other end of the link it was put on.
    pub to: Option<HostId>,
}

/// What a frame must be to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum What {
    /// Any frame (`*`).
    Any,
    /// A TCP segment with exactly these flags (`SA`, `FA`, `R`…); PSH is ignored unless asked for.
    Tcp(Flags),
    /// A TCP segment whose only flag is ACK (those of ECN aside) and that carries no text (`ack`).
    BareAck,
    /// A TCP segment that carries text (`data`).
    Data,
    /// A TCP segment of any kind (`tcp`).
    AnyTcp,
    /// A UDP datagram, or a fragment of one (`udp`).
    Udp,
    /// An ICMP message (`icmp`).
    Icmp,
    /// An ARP message (`arp`).
    Arp,
    /// An IPv6 packet, whatever it carries (`ip6`).
    Ip6,
    /// An ICMPv6 message, neighbour discovery among them (`icmp6`).
    Icmp6,
    /// A message of neighbour discovery (`nd`, RFC 4861): router or neighbour solicitation or advertisement, or redirect.
    NeighbourDiscovery,
    /// A message of spanning tree (`stp`).
    Tree,
}

/// Which of the matching frames, counted from 1 in each direction as they are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Which {
    /// Every one.
    #[default]
    Every,
    /// `#3`.
    Nth(u32),
    /// `#3-5`, both included.
    Range(u32, u32),
    /// `#3-`.
    From(u32),
}

/// A pattern over frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FramePattern {
    /// From whom to whom.
    pub direction: Direction,
    /// What it must be.
    pub what: What,
    /// Which of them.
    pub which: Which,
}

impl Which {
    /// Whether the `ordinal`-th match (from 1) is meant.
    pub fn includes(self, ordinal: u32) -> bool {
        match self {
            Which::Every => true,
            Which::Nth(n) => ordinal == n,
            Which::Range(first, last) => (first..=last).contains(&ordinal),
            Which::From(first) => ordinal >= first,
        }
    }
}

/// As patterns are written: `SA`, `ack`, `data`, `tcp`, `udp`, `icmp`, `arp`, `ip6`, `icmp6`, `nd`, `stp`, `*`.
impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            What::Any => f.pad("*"),
            What::Tcp(flags) => flags.fmt(f),
            What::BareAck => f.pad("ack"),
            What::Data => f.pad("data"),
            What::AnyTcp => f.pad("tcp"),
            What::Udp => f.pad("udp"),
            What::Icmp => f.pad("icmp"),
            What::Arp => f.pad("arp"),
            What::Ip6 => f.pad("ip6"),
            What::Icmp6 => f.pad("icmp6"),
            What::NeighbourDiscovery => f.pad("nd"),
            What::Tree => f.pad("stp"),
        }
    }
}
