//! One frame as one line of a comparison.

use crate::clock::Instant;
use crate::link::HostId;
use crate::trace::{HostInfo, RecordId};

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

impl PacketLine {
    /// From whom to whom, by their initials: `C▸S`; `*` is everybody, or nobody known.
    pub fn direction(&self, hosts: &[HostInfo]) -> String {
        let name = |host: Option<HostId>| {
            host.and_then(|host| hosts.get(host.index()))
                .and_then(|host| host.name.chars().next())
                .map_or('*', |first| first.to_ascii_uppercase())
        };
        format!("{}▸{}", name(self.from), name(self.to))
    }

    /// What it carries: `SA 0 ack 1 len 5`.
    pub fn words(&self) -> String {
        self.aligned(0, 0)
    }

    /// The same in columns: so many cells for the flags, and for the number.
    pub fn aligned(&self, flags: usize, number: usize) -> String {
        let mut text = format!("{:<flags$}", self.label);
        if let Some(seq) = self.seq {
            text.push_str(&format!(" {seq:<number$}"));
        }
        if let Some(ack) = self.ack {
            text.push_str(&format!(" ack {ack}"));
        }
        if self.len > 0 {
            text.push_str(&format!(" len {}", self.len));
        }
        text.truncate(text.trim_end().len());
        text
    }
}
