//! The constants of this room, as data.

use super::NatProfile;
use crate::clock::Span;

/// What a host's IP does where the RFCs leave a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Time to live of what the host sends, 1 to 255.
    pub ttl: u8,
    /// How long fragments wait for the others.
    pub reassembly_time: Span,
    /// How often a neighbour is asked for before it counts as silent.
    pub arp_probes: u32,
    /// How long the answer to one request is waited for.
    pub arp_interval: Span,
    /// How long an answer, or progress above, is proof that the neighbour is there (`base_reachable_time`, which the kernel
    /// draws between half of that and one and a half).
    pub arp_reachable: Span,
    /// How long what came unasked is proof: a question, an announcement.
    pub arp_unasked: Span,
    /// How long something above may still prove it after that, before the neighbour is asked (`delay_first_probe_time`).
    pub arp_delay: Span,
    /// How often it is asked then, at its card alone, before it is forgotten (`ucast_solicit`).
    pub arp_checks: u32,
    /// How long what one card said stands against another (`locktime`); zero believes the last one.
    pub arp_lock: Span,
    /// How long after it defended its address against another card a host does not do so again (RFC 5227's DEFEND_INTERVAL);
    /// `None` never does.
    pub arp_defends: Option<Span>,
    /// Packets that may wait for one neighbour's answer; the oldest leaves first.
    pub arp_queue: usize,
    /// One ICMP error per destination in this time, after [`Profile::icmp_burst`] of them at once; `None` sends all.
    pub icmp_interval: Option<Span>,
    /// A router's first redirect to a neighbour that does not listen is followed by one after twice this time, and so on;
    /// `None` sends one about every packet.
    pub redirect_load: Option<Span>,
    /// A question for any own address is answered, not only for that of the card it came in by.
    pub answers_for_all_cards: bool,
    /// That a neighbour is silent is told to the own sockets by an ICMP error over loopback, which counts as sent and received.
    pub tells_itself: bool,
    /// How many may go at once.
    pub icmp_burst: u64,
    /// Packets whose sender chose their way (LSRR, SSRR) are dropped (RFC 9293 section 3.9.2.1 wants them taken).
    pub refuses_source_routes: bool,
    /// An echo request to everybody is not answered (RFC 1122 section 3.2.2.6 allows both).
    pub ignores_echo_to_all: bool,
    /// Fragments that overlap are taken for an attack: the datagram is thrown away (RFC 5722). Otherwise what came later holds
    /// (RFC 791 section 3.2).
    pub drops_overlaps: bool,
    /// A datagram that comes whole ends what was kept of the fragments of one with its identification (RFC 791 section 3.2).
    pub whole_ends_reassembly: bool,
    /// What a path that a router reports as narrower is taken for, octets (RFC 1191 section 3: 68; Linux: `min_pmtu`).
    pub least_path_mtu: u16,
    /// What a path is taken for where a router does not say what would fit (RFC 1191 section 5), octets.
    pub unnamed_path_mtu: u16,
    /// Octets of the offending packet that an ICMP error quotes at most.
    pub icmp_quote: usize,
    /// How it translates addresses, if it does.
    pub nat: NatProfile,
}

impl Profile {
    /// The RFCs to the letter: every error is sent, with the header and 64 bits of RFC 792.
    pub fn rfc() -> Profile {
        Profile {
            ttl: 64,
            reassembly_time: Span::secs(60),
            arp_probes: 3,
            arp_interval: Span::secs(1),
            arp_reachable: Span::secs(60),
            arp_unasked: Span::secs(60),
            arp_delay: Span::ZERO,
            arp_checks: 2,
            arp_lock: Span::ZERO,
            arp_defends: Some(Span::secs(10)),
            arp_queue: 1,
            icmp_interval: None,
            icmp_burst: 0,
            redirect_load: None,
            answers_for_all_cards: false,
            tells_itself: false,
            refuses_source_routes: false,
            ignores_echo_to_all: true,
            drops_overlaps: false,
            whole_ends_reassembly: true,
            least_path_mtu: 68,
            unnamed_path_mtu: 576,
            icmp_quote: 28,
            nat: NatProfile::rfc(),
        }
    }

    /// The Linux kernel: `ipfrag_time` 30, `icmp_ratelimit` 1000 with bursts of six, `accept_source_route` 0, `redirect_load` 20 ms,
    /// `arp_ignore` 0, `icmp_echo_ignore_broadcasts` 1, ICMP errors of up to 576 octets.
    pub fn linux() -> Profile {
        Profile {
            reassembly_time: Span::secs(30),
            arp_reachable: Span::secs(30),
            arp_unasked: Span::ZERO,
            arp_delay: Span::secs(5),
            arp_checks: 3,
            arp_lock: Span::secs(1),
            arp_defends: None,
            arp_queue: 101,
            icmp_interval: Some(Span::secs(1)),
            icmp_burst: 6,
            redirect_load: Some(Span::millis(20)),
            answers_for_all_cards: true,
            tells_itself: true,
            refuses_source_routes: true,
            drops_overlaps: true,
            whole_ends_reassembly: false,
            least_path_mtu: 552,
            unnamed_path_mtu: 552,
            icmp_quote: 548,
            nat: NatProfile::linux(),
            ..Profile::rfc()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Instant;
    use crate::internet::Limiter;
    use std::net::Ipv4Addr;

    fn allows(limiter: &mut Limiter<Ipv4Addr>, at: Instant, last: u8, profile: &Profile) -> bool {
        let interval = profile.icmp_interval.unwrap_or(Span::ZERO);
        limiter.allows(at, Ipv4Addr::new(10, 0, 0, last), interval, profile.icmp_burst)
    }

    #[test]
    fn six_go_at_once_and_then_one_a_second() {
        let (mut limiter, profile) = (Limiter::default(), Profile::linux());
        let start = Instant::from_nanos(5_000_000_000);
        let mut allows = |at, last| allows(&mut limiter, at, last, &profile);
        assert_eq!((0..20).filter(|_| allows(start, 2)).count(), 6);
        assert!(allows(start, 3), "each destination has its own");
        assert!(!allows(start + Span::millis(999), 2));
        assert!(allows(start + Span::secs(1), 2));
        assert!(!allows(start + Span::millis(1500), 2));
    }

    #[test]
    fn the_rfc_profile_sends_them_all() {
        let (mut limiter, profile) = (Limiter::default(), Profile::rfc());
        assert!((0..1000).all(|_| allows(&mut limiter, Instant::ZERO, 2, &profile)));
    }
}
