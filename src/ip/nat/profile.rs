//! What RFC 4787, RFC 5382 and RFC 5508 leave to a NAT box, or ask and not every box does, as data.

use crate::clock::Span;

/// Whether an inside endpoint has one outside port for all whom it talks to (RFC 4787 section 4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NatMapping {
    /// One for all: endpoint-independent, which REQ-1 demands.
    EndpointIndependent,
    /// Any port will do that makes the five numbers unique: address- and port-dependent.
    AddressAndPortDependent,
}

/// From whom a mapped port takes packets (RFC 4787 section 5).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NatFiltering {
    /// From anybody.
    EndpointIndependent,
    /// From those only, address and port, to whom the inside endpoint sent.
    AddressAndPortDependent,
}

/// The choices of a NAT box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NatProfile {
    /// How ports are given.
    pub mapping: NatMapping,
    /// From whom they take packets.
    pub filtering: NatFiltering,
    /// Two inside hosts may talk by way of the outside address (RFC 4787 REQ-9).
    pub hairpins: bool,
    /// Sessions kept at most.
    pub sessions: usize,
    /// When no session more is kept, one that was never answered gives way.
    pub makes_room: bool,
    /// A TCP segment other than a SYN may begin a session, as after a restart of the box.
    pub joins_midway: bool,
    /// A UDP session that was never answered lives as long after its last packet.
    pub udp_unanswered: Span,
    /// One that was answered.
    pub udp: Span,
    /// An answered UDP session counts as answered only when it is that old; before, one answer may be all there is.
    pub udp_settles: Span,
    /// A ping's session.
    pub icmp: Span,
    /// A session of another protocol.
    pub other: Span,
    /// TCP: after the SYN.
    pub tcp_syn: Span,
    /// TCP: after the SYN-ACK.
    pub tcp_syn_received: Span,
    /// TCP: when the connection stands.
    pub tcp_established: Span,
    /// TCP: after the first FIN.
    pub tcp_fin_wait: Span,
    /// TCP: when that FIN is acknowledged.
    pub tcp_close_wait: Span,
    /// TCP: after the second FIN.
    pub tcp_last_ack: Span,
    /// TCP: when both FINs are acknowledged.
    pub tcp_time_wait: Span,
    /// TCP: after a reset.
    pub tcp_closed: Span,
}

impl NatProfile {
    /// What the RFCs ask: RFC 4787 REQ-5 and REQ-8, RFC 5382 REQ-5 (2 hours 4 minutes), RFC 5508 REQ-1.
    pub fn rfc() -> NatProfile {
        let transitory = Span::secs(240);
        NatProfile {
            mapping: NatMapping::EndpointIndependent,
            filtering: NatFiltering::EndpointIndependent,
            hairpins: true,
            sessions: 65_536,
            makes_room: false,
            joins_midway: false,
            udp_unanswered: Span::secs(300),
            udp: Span::secs(300),
            udp_settles: Span::ZERO,
            icmp: Span::secs(60),
            other: Span::secs(300),
            tcp_syn: transitory,
            tcp_syn_received: transitory,
            tcp_established: Span::secs(7440),
            tcp_fin_wait: transitory,
            tcp_close_wait: transitory,
            tcp_last_ack: transitory,
            tcp_time_wait: transitory,
            tcp_closed: transitory,
        }
    }

    /// The Linux kernel's masquerading and its connection tracking (`nf_conntrack_*`).
    pub fn linux() -> NatProfile {
        NatProfile {
            mapping: NatMapping::AddressAndPortDependent,
            filtering: NatFiltering::AddressAndPortDependent,
            hairpins: false,
            sessions: 65_536,
            makes_room: true,
            joins_midway: true,
            udp_unanswered: Span::secs(30),
            udp: Span::secs(120),
            udp_settles: Span::secs(2),
            icmp: Span::secs(30),
            other: Span::secs(600),
            tcp_syn: Span::secs(120),
            tcp_syn_received: Span::secs(60),
            tcp_established: Span::secs(432_000),
            tcp_fin_wait: Span::secs(120),
            tcp_close_wait: Span::secs(60),
            tcp_last_ack: Span::secs(30),
            tcp_time_wait: Span::secs(120),
            tcp_closed: Span::secs(10),
        }
    }
}
