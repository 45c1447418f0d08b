//! One frame as one line of a comparison.

use crate::clock::Instant;
use crate::link::HostId;
use crate::trace::RecordId;

/// One frame, reduced to what two runs have in common: roles instead of ports, numbers relative to the initial ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PacketLine {
    /// Its record, an [`crate::trace::Event::FrameSent`].
    pub record: RecordId,
    /// When it was sent.
    pub at: Instant,
    /// Who sent it.
    pub from: Option<HostId>,
    /// Whom it is addressed to.
    pub to: Option<HostId>,
    /// TCP's flags as letters (`SA`), or `udp`, `icmp`, `arp`, `ip`.
    pub label: String,
    /// Relative sequence number; `None` without TCP.
    pub seq: Option<u32>,
    /// Relative acknowledgment number; `None` without the ACK flag.
    pub ack: Option<u32>,
    /// Octets of text.
    pub len: u32,
    /// Whether it was lost on the way.
    pub lost: bool,
}
