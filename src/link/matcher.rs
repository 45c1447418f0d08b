//! A pattern at work: it looks at each frame sent and counts those it matches.

use super::{FramePattern, Heading, HostId, What};
use crate::wire::{
    Body, Flags, PROTOCOL_ICMP, PROTOCOL_ICMPV6, PROTOCOL_TCP, PROTOCOL_UDP, Packet, Transport,
};

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
    pub fn matches(&mut self, heading: Heading, packet: &Packet) -> bool {
        self.count(heading, packet).is_some_and(|ordinal| self.pattern.which.includes(ordinal))
    }

    /// Looks at the next frame sent, and says the how-manieth it is of those that fit in direction and kind;
    /// `None` if it does not fit.
    pub fn count(&mut self, heading: Heading, packet: &Packet) -> Option<u32> {
        let direction = self.pattern.direction;
        let Heading { from, to, next } = heading;
        let fits = direction.from.is_none_or(|host| from == Some(host))
            && direction.to.is_none_or(|host| to == Some(host) || next == Some(host))
            && self.pattern.what.fits(packet);
        if !fits {
            return None;
        }
        // `a > s1` means the link from a to s1, whomever its frames are addressed to.
        let over_link = direction.to.is_some() && direction.to != to;
        let pair = (from, if over_link { next } else { to });
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
            What::BareAck => packet.tcp().is_some_and(|segment| {
                segment.payload.is_empty() && same_flags(Flags::ACK, segment.flags.without(Flags::PSH))
            }),
            What::Data => packet.tcp().is_some_and(|segment| !segment.payload.is_empty()),
            What::AnyTcp => carries(packet, PROTOCOL_TCP),
            What::Udp => carries(packet, PROTOCOL_UDP),
            What::Icmp => carries(packet, PROTOCOL_ICMP) || carries(packet, PROTOCOL_ICMPV6),
            What::Arp => matches!(packet.body, Body::Arp(_)),
            What::Ip6 => matches!(packet.body, Body::Ipv6(_)),
            What::Icmp6 => carries(packet, PROTOCOL_ICMPV6),
            What::NeighbourDiscovery => is_neighbour_discovery(packet),
            What::Tree => matches!(packet.body, Body::Bpdu(_)),
        }
    }
}

/// Whether it is one of the five messages of RFC 4861.
fn is_neighbour_discovery(packet: &Packet) -> bool {
    match packet.transport() {
        Some(Transport::Icmpv6(message)) => (133..=137).contains(&message.kind().0),
        Some(Transport::Tcp(_) | Transport::Udp(_) | Transport::Icmp(_) | Transport::Other { .. }) | None => {
            false
        }
    }
}

/// Whether the frame carries that protocol, whole or in a fragment.
fn carries(packet: &Packet, protocol: u8) -> bool {
    match &packet.body {
        Body::Ipv4(packet) => packet.protocol() == protocol,
        Body::Ipv6(packet) => packet.protocol() == protocol,
        Body::Arp(_) | Body::Bpdu(_) | Body::Other(_) => false,
    }
}

/// Exactly these flags; PSH and the two of ECN count only if asked for.
fn same_flags(wanted: Flags, found: Flags) -> bool {
    let unasked = (Flags::PSH | Flags::ECE | Flags::CWR).without(wanted);
    found.without(unasked) == wanted
}

#[cfg(test)]
mod tests {
    use super::super::tests::{arp, icmp, tcp, udp, udp_fragment};
    use super::super::{Direction, Which};
    use super::*;

    const CLIENT: Option<HostId> = Some(HostId(0));
    const SERVER: Option<HostId> = Some(HostId(1));
    const OTHER: Option<HostId> = Some(HostId(2));

    fn pattern(from: Option<HostId>, to: Option<HostId>, what: What, which: Which) -> FramePattern {
        FramePattern { direction: Direction { from, to }, what, which }
    }

    fn heading(from: Option<HostId>, to: Option<HostId>) -> Heading {
        Heading { from, to, next: None }
    }

    fn flags(letters: &str) -> What {
        What::Tcp(Flags::from_letters(letters).unwrap())
    }

    #[test]
    fn flags_match_exactly_but_for_push_and_ecn_unless_asked_for() {
        for (wanted, found, fits) in [
            ("A", "A", true),
            ("A", "PA", true),
            ("A", "SA", false),
            ("A", "FA", false),
            ("PA", "A", false),
            ("PA", "PA", true),
            ("S", "SEC", true),
            ("SEC", "S", false),
            ("SEC", "SEC", true),
            ("SE", "SEC", true),
            ("R", "RA", false),
            ("U", "UP", true),
        ] {
            assert_eq!(flags(wanted).fits(&tcp(found, 0)), fits, "{wanted} against {found}");
        }
    }

    #[test]
    fn kinds_tell_frames_apart() {
        let frames = [tcp("A", 0), tcp("PA", 1), udp(), udp_fragment(), icmp(), arp()];
        for (what, fits) in [
            (What::Any, [true, true, true, true, true, true]),
            (What::AnyTcp, [true, true, false, false, false, false]),
            (What::BareAck, [true, false, false, false, false, false]),
            (What::Data, [false, true, false, false, false, false]),
            (What::Udp, [false, false, true, true, false, false]),
            (What::Icmp, [false, false, false, false, true, false]),
            (What::Arp, [false, false, false, false, false, true]),
            (flags("A"), [true, true, false, false, false, false]),
        ] {
            assert_eq!(frames.each_ref().map(|frame| what.fits(frame)), fits, "{what:?}");
        }
    }

    #[test]
    fn a_bare_ack_has_no_other_flag_and_no_text() {
        for (found, len, fits) in [
            ("A", 0, true),
            ("A", 1, false),
            ("PA", 5, false),
            ("EA", 0, true),
            ("SA", 0, false),
            ("FA", 0, false),
            ("RA", 0, false),
            ("UA", 0, false),
            ("S", 0, false),
        ] {
            assert_eq!(What::BareAck.fits(&tcp(found, len)), fits, "{found} with {len} octets");
        }
    }

    #[test]
    fn the_third_is_the_third_of_those_that_fit() {
        let mut third = Matcher::new(pattern(CLIENT, SERVER, What::Data, Which::Nth(3)));
        let data = tcp("PA", 5);
        let sent = [
            (CLIENT, SERVER, &data, false),
            (SERVER, CLIENT, &data, false),
            (CLIENT, SERVER, &tcp("A", 0), false),
            (CLIENT, SERVER, &data, false),
            (CLIENT, OTHER, &data, false),
            (CLIENT, SERVER, &data, true),
            (CLIENT, SERVER, &data, false),
        ];
        for (place, (from, to, packet, matches)) in sent.into_iter().enumerate() {
            assert_eq!(third.matches(heading(from, to), packet), matches, "frame {place}");
        }
    }

    #[test]
    fn a_pattern_for_anybody_counts_each_direction_apart() {
        let mut first = Matcher::new(pattern(None, None, flags("S"), Which::Nth(1)));
        let syn = tcp("S", 0);
        assert!(first.matches(heading(CLIENT, SERVER), &syn));
        assert!(first.matches(heading(SERVER, CLIENT), &syn));
        assert!(!first.matches(heading(CLIENT, SERVER), &syn));
        assert!(first.matches(heading(OTHER, SERVER), &syn));
        assert!(first.matches(heading(None, None), &syn));
    }

    #[test]
    fn ranges_and_open_ends_are_kept() {
        let matched = |which| {
            let mut matcher = Matcher::new(pattern(None, None, What::Any, which));
            (1..=6).filter(|_| matcher.matches(heading(CLIENT, SERVER), &udp())).count()
        };
        assert_eq!(matched(Which::Every), 6);
        assert_eq!(matched(Which::Range(2, 4)), 3);
        assert_eq!(matched(Which::From(5)), 2);
        assert_eq!(matched(Which::Nth(7)), 0);
    }

    #[test]
    fn an_unknown_end_fits_only_patterns_that_name_none() {
        let mut to_server = Matcher::new(pattern(None, SERVER, What::Any, Which::Every));
        assert!(!to_server.matches(heading(CLIENT, None), &arp()));
        let mut from_client = Matcher::new(pattern(CLIENT, None, What::Any, Which::Every));
        assert!(from_client.matches(heading(CLIENT, None), &arp()));
        assert!(!from_client.matches(heading(None, SERVER), &arp()));
    }

    #[test]
    fn a_receiver_named_may_be_the_node_at_the_links_other_end() {
        let over = |to, next| Heading { from: CLIENT, to, next };
        let mut second_over_link = Matcher::new(pattern(CLIENT, OTHER, What::Any, Which::Nth(2)));
        assert!(!second_over_link.matches(over(SERVER, OTHER), &udp()));
        assert!(second_over_link.matches(over(None, OTHER), &arp()), "whomever it is addressed to");
        let mut to_server = Matcher::new(pattern(CLIENT, SERVER, What::Any, Which::Every));
        assert!(to_server.matches(over(SERVER, OTHER), &udp()), "whichever way it takes");
        assert!(!to_server.matches(over(None, OTHER), &arp()));
    }
}
