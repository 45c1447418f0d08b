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

    /// The pattern, having counted all that the census tells of.
    pub(super) fn counted(pattern: FramePattern, census: &Census) -> Matcher {
        let mut matcher = Matcher::new(pattern);
        for (pair, kind, count) in &census.0 {
            if matcher.fits_pair(*pair) && pattern.what.fits_kind(*kind) {
                let place = matcher.place(*pair);
                matcher.counts[place].1 = matcher.counts[place].1.saturating_add(*count);
            }
        }
        matcher
    }

    /// Whether it may have meant one of the frames it counted.
    pub(super) fn reached(&self) -> bool {
        self.counts.iter().any(|(_, count)| *count >= self.pattern.which.first())
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
        let pair = (from, to);
        if !self.fits_pair(pair) || !self.pattern.what.fits(packet) {
            return None;
        }
        let place = self.place(pair);
        let count = &mut self.counts[place].1;
        *count = count.saturating_add(1);
        Some(*count)
    }

    fn fits_pair(&self, (from, to): Pair) -> bool {
        let direction = self.pattern.direction;
        direction.from.is_none_or(|host| from == Some(host))
            && direction.to.is_none_or(|host| to == Some(host))
    }

    /// Where the count of that pair stands.
    fn place(&mut self, pair: Pair) -> usize {
        self.counts.iter().position(|(known, _)| *known == pair).unwrap_or_else(|| {
            self.counts.push((pair, 0));
            self.counts.len() - 1
        })
    }
}

/// What patterns look at in a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Kind {
    /// Of a TCP segment.
    flags: Option<Flags>,
    /// Whether it is a TCP segment with text.
    text: bool,
    /// What the IPv4 packet carries, whole or in a fragment.
    protocol: Option<u8>,
    arp: bool,
}

impl Kind {
    fn of(packet: &Packet) -> Kind {
        let segment = packet.tcp();
        Kind {
            flags: segment.map(|segment| segment.flags),
            text: segment.is_some_and(|segment| !segment.payload.is_empty()),
            protocol: packet.ip().map(Ipv4Packet::protocol),
            arp: matches!(packet.body, Body::Arp(_)),
        }
    }
}

impl What {
    /// Whether the frame is of this kind, whoever sent it.
    pub fn fits(self, packet: &Packet) -> bool {
        self.fits_kind(Kind::of(packet))
    }

    fn fits_kind(self, kind: Kind) -> bool {
        match self {
            What::Any => true,
            What::Tcp(flags) => kind.flags.is_some_and(|found| same_flags(flags, found)),
            What::Data => kind.text,
            What::AnyTcp => kind.protocol == Some(PROTOCOL_TCP),
            What::Udp => kind.protocol == Some(PROTOCOL_UDP),
            What::Icmp => kind.protocol == Some(PROTOCOL_ICMP),
            What::Arp => kind.arp,
        }
    }
}

/// How many frames of each kind were sent, apart for each pair of sender and receiver: from it follows what a pattern would
/// have counted, had it been there from the beginning.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Census(Vec<(Pair, Kind, u32)>);

impl Census {
    /// One more frame.
    pub(super) fn count(&mut self, from: Option<HostId>, to: Option<HostId>, packet: &Packet) {
        let (pair, kind) = ((from, to), Kind::of(packet));
        match self.0.iter_mut().find(|(other, known, _)| *other == pair && *known == kind) {
            Some((_, _, count)) => *count = count.saturating_add(1),
            None => self.0.push((pair, kind, 1)),
        }
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
            assert_eq!(third.matches(from, to, packet), matches, "frame {place}");
        }
    }

    #[test]
    fn a_pattern_for_anybody_counts_each_direction_apart() {
        let mut first = Matcher::new(pattern(None, None, flags("S"), Which::Nth(1)));
        let syn = tcp("S", 0);
        assert!(first.matches(CLIENT, SERVER, &syn));
        assert!(first.matches(SERVER, CLIENT, &syn));
        assert!(!first.matches(CLIENT, SERVER, &syn));
        assert!(first.matches(OTHER, SERVER, &syn));
        assert!(first.matches(None, None, &syn));
    }

    #[test]
    fn ranges_and_open_ends_are_kept() {
        let matched = |which| {
            let mut matcher = Matcher::new(pattern(None, None, What::Any, which));
            (1..=6).filter(|_| matcher.matches(CLIENT, SERVER, &udp())).count()
        };
        assert_eq!(matched(Which::Every), 6);
        assert_eq!(matched(Which::Range(2, 4)), 3);
        assert_eq!(matched(Which::From(5)), 2);
        assert_eq!(matched(Which::Nth(7)), 0);
    }

    #[test]
    fn an_unknown_end_fits_only_patterns_that_name_none() {
        let mut to_server = Matcher::new(pattern(None, SERVER, What::Any, Which::Every));
        assert!(!to_server.matches(CLIENT, None, &arp()));
        let mut from_client = Matcher::new(pattern(CLIENT, None, What::Any, Which::Every));
        assert!(from_client.matches(CLIENT, None, &arp()));
        assert!(!from_client.matches(None, SERVER, &arp()));
    }
}
