//! The constants of this room, as data.

use crate::clock::Span;

/// What a host's IPv6 does where the RFCs leave a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Hop limit of what the host sends, 1 to 255, until a router says otherwise.
    pub hop_limit: u8,
    /// Between two solicitations (RFC 4861 section 10: RETRANS_TIMER).
    pub retransmit: Span,
    /// How long a neighbour counts as reachable, on average (REACHABLE_TIME); each host draws between half and one and a half.
    pub reachable: Span,
    /// How long a neighbour that is talked to may stay unconfirmed before it is asked (DELAY_FIRST_PROBE_TIME).
    pub delay_probe: Span,
    /// Solicitations to the group before a neighbour counts as silent (MAX_MULTICAST_SOLICIT).
    pub multicast_solicits: u32,
    /// Solicitations to the neighbour itself (MAX_UNICAST_SOLICIT).
    pub unicast_solicits: u32,
    /// Packets that may wait for one neighbour's answer; the oldest leaves first.
    pub neighbour_queue: usize,
    /// Neighbours remembered per card; the one unused for longest gives way.
    pub neighbours: usize,
    /// Solicitations for a new address before it counts as free (RFC 4862 section 5.1: DupAddrDetectTransmits).
    pub duplicate_probes: u32,
    /// The first of them waits for a random part of this (RFC 4862 section 5.4.2).
    pub duplicate_delay: Span,
    /// Each carries a number of its own, so that one that comes back over a loop is known (RFC 7527).
    pub duplicate_nonce: bool,
    /// Where the card's own link-local address turns out to be taken, it speaks no IPv6 at all (RFC 4862 section 5.4.5).
    pub duplicate_stops_card: bool,
    /// That a neighbour is silent is told to the own sockets by an ICMPv6 error over loopback, which counts as sent and received.
    pub tells_itself: bool,
    /// An address is reported to listeners of groups (RFC 3810), this often per group.
    pub group_reports: u32,
    /// At most this long between two reports of the same group.
    pub group_interval: Span,
    /// Router solicitations at most; `None`: until a router answers (RFC 7559).
    pub router_solicits: Option<u32>,
    /// The first of them waits for a random part of this.
    pub router_delay: Span,
    /// Between two of them; RFC 7559 doubles it each time, give or take a tenth, up to an hour.
    pub router_interval: Span,
    /// How long fragments wait for the others (RFC 8200 section 4.5).
    pub reassembly_time: Span,
    /// One ICMPv6 error per destination in this time, after [`Profile::error_burst`] of them at once (RFC 4443 section 2.4 (f)).
    pub error_interval: Span,
    /// How many may go at once.
    pub error_burst: u64,
    /// Packet Too Big counts against the limit too.
    pub limits_too_big: bool,
    /// How long a smaller path MTU is believed (RFC 8201 section 4: no less than five minutes).
    pub path_mtu_life: Span,
    /// A redirect is sent to the same neighbour no more often than this.
    pub redirect_interval: Span,
}

impl Profile {
    /// The RFCs to the letter.
    pub fn rfc() -> Profile {
        Profile {
            hop_limit: 64,
            retransmit: Span::secs(1),
            reachable: Span::secs(30),
            delay_probe: Span::secs(5),
            multicast_solicits: 3,
            unicast_solicits: 3,
            neighbour_queue: 3,
            neighbours: 1024,
            duplicate_probes: 1,
            duplicate_delay: Span::secs(1),
            duplicate_nonce: false,
            duplicate_stops_card: true,
            tells_itself: false,
            group_reports: 2,
            group_interval: Span::secs(1),
            router_solicits: Some(3),
            router_delay: Span::secs(1),
            router_interval: Span::secs(4),
            reassembly_time: Span::secs(60),
            error_interval: Span::millis(100),
            error_burst: 10,
            limits_too_big: true,
            path_mtu_life: Span::secs(600),
            redirect_interval: Span::secs(1),
        }
    }

    /// The Linux kernel 6.18 with its usual settings, as measured: `unres_qlen` 101, `gc_thresh3` 1024, `enhanced_dad` 1,
    /// `router_solicitations` -1, `router_solicitation_delay` 1, `icmp/ratelimit` 100 ms without Packet Too Big, bursts of six.
    pub fn linux() -> Profile {
        Profile {
            neighbour_queue: 101,
            duplicate_nonce: true,
            duplicate_stops_card: false,
            tells_itself: true,
            router_solicits: None,
            router_delay: Span::ZERO,
            error_burst: 6,
            limits_too_big: false,
            ..Profile::rfc()
        }
    }
}
