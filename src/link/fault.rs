//! Faults of the wire: which frames, and what becomes of them.

use super::matcher::Matcher;
use super::{FramePattern, Heading, Reason};
use crate::clock::{Draws, Span};
use crate::wire::{self, Packet};
use bytes::Bytes;
use siphasher::sip::SipHasher13;
use std::hash::Hasher;

/// What a fault does to the frames it matches.
#[derive(Clone, Debug, PartialEq)]
pub enum FaultEffect {
    /// Loses them.
    Drop,
    /// Delivers them this much later.
    Delay(Span),
    /// Delivers them twice, the copy this much later.
    Duplicate(Span),
    /// Flips one bit of each, chosen by the seed.
    Corrupt,
    /// Marks those that allow it (ECT) with CE, as a queue that is about to overflow does (RFC 3168 section 5); the others
    /// pass.
    Mark,
}

/// One fault of the wire.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// Which frames.
    pub pattern: FramePattern,
    /// What becomes of them.
    pub effect: FaultEffect,
    /// With this probability in parts per million, drawn from the seed; `1_000_000` is always.
    pub per_million: u32,
}

/// What becomes of one frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is carried as it is.
    Deliver,
    /// It is lost.
    Lose(Reason),
    /// It arrives this much later.
    Delay(Span),
    /// It arrives, and once more this much later.
    Duplicate(Span),
    /// It arrives with this bit flipped (counted from the frame's first; see [`flip_bit`]).
    Corrupt {
        /// Which bit.
        bit: u32,
    },
    /// It arrives marked with CE (see [`mark_ce`]).
    Mark,
}

/// The faults of a wire, with what each has counted so far.
#[derive(Clone, Debug)]
pub struct Faults {
    faults: Vec<(Matcher, Fault, u64)>,
    draws: Draws,
}

impl Faults {
    /// These faults, the first that matches deciding; chance is drawn from `seed`.
    pub fn new(faults: Vec<Fault>, seed: u64) -> Faults {
        let mut keyed: Vec<(Matcher, Fault, u64)> = Vec::with_capacity(faults.len());
        for fault in faults {
            // The key of a fault's draws is what it matches (and the how-manieth such it is), not its place in
            // the list: adding another fault changes none of its draws.
            let same = keyed.iter().filter(|(_, other, _)| other.pattern == fault.pattern).count();
            let mut hasher = SipHasher13::new_with_keys(0, same as u64);
            hasher.write(format!("{:?}", fault.pattern).as_bytes());
            keyed.push((Matcher::new(fault.pattern), fault, hasher.finish()));
        }
        Faults { faults: keyed, draws: Draws::new(seed) }
    }

    /// Whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    /// Decides about a frame at the moment it is sent. To be called once for every frame, in the order sent.
    /// Addressed to everybody, or to nobody known, its heading has no `to`.
    pub fn judge(&mut self, heading: Heading, packet: &Packet) -> Verdict {
        let mut verdict = None;
        for (matcher, fault, key) in &mut self.faults {
            // Every fault counts every frame, also those that another fault has taken.
            let Some(ordinal) = matcher.count(heading, packet) else { continue };
            if verdict.is_some() || !fault.pattern.which.includes(ordinal) {
                continue;
            }
            let from = heading.from.map_or(0, |from| u64::from(from.0));
            let to = heading.to.map_or(u64::from(u32::MAX), |to| u64::from(to.0));
            let hop = heading.next.map_or(0, |next| u64::from(next.0) + 1);
            let entity = *key ^ from << 32 ^ to ^ hop << 48;
            let nth = u64::from(ordinal);
            if !self.draws.chance("fault", entity, nth, fault.per_million) {
                continue;
            }
            verdict = Some(match fault.effect {
                FaultEffect::Drop => Verdict::Lose(Reason::Fault { pattern: fault.pattern, ordinal }),
                FaultEffect::Delay(span) => Verdict::Delay(span),
                FaultEffect::Duplicate(span) => Verdict::Duplicate(span),
                FaultEffect::Mark if may_be_marked(packet) => Verdict::Mark,
                FaultEffect::Mark => Verdict::Deliver,
                FaultEffect::Corrupt => {
                    let bits = (packet.len() as u64 - ETHERNET_HEADER) * 8;
                    let bit = ETHERNET_HEADER * 8 + self.draws.below("corrupt", entity, nth, bits);
                    Verdict::Corrupt { bit: bit as u32 }
                }
            });
        }
        verdict.unwrap_or(Verdict::Deliver)
    }
}

/// Whether its IP packet allows marking.
fn may_be_marked(packet: &Packet) -> bool {
    match &packet.body {
        wire::Body::Ipv4(ip) => matches!(ip.ecn, 1 | 2),
        wire::Body::Ipv6(ip) => matches!(ip.ecn, 1 | 2),
        wire::Body::Arp(_) | wire::Body::Bpdu(_) | wire::Body::Other(_) => false,
    }
}

/// Octets of the Ethernet header. Faults spare it: a card drops a frame whose check sequence is wrong before anybody sees it, and
/// the point of a flipped bit is that somebody's checksum catches it.
const ETHERNET_HEADER: u64 = 14;

/// The frame with one bit flipped; bit 0 is the highest of the first octet. Beyond the end, nothing changes.
pub fn flip_bit(frame: &Bytes, bit: u32) -> Bytes {
    let mut octets = frame.to_vec();
    if let Some(octet) = octets.get_mut(bit as usize / 8) {
        *octet ^= 0x80 >> (bit % 8);
    }
    Bytes::from(octets)
}

/// Whether the IP packet in the frame allows marking: ECT(0) or ECT(1) (RFC 3168 section 5). Read without parsing.
pub fn allows_marking(frame: &[u8]) -> bool {
    let ecn = match frame.get(12..14) {
        Some([0x08, 0x00]) => frame.get(15).map(|octet| octet & 3),
        Some([0x86, 0xdd]) => frame.get(15).map(|octet| octet >> 4 & 3),
        _ => None,
    };
    matches!(ecn, Some(1 | 2))
}

/// The frame with CE in its IP header: of IPv4 the checksum is adjusted (RFC 1624), IPv6 has none.
pub fn mark_ce(frame: &Bytes) -> Bytes {
    if frame.get(12..14) == Some(&[0x86, 0xdd]) {
        let mut octets = frame.to_vec();
        if let Some(octet) = octets.get_mut(15) {
            *octet |= wire::CE << 4;
        }
        return Bytes::from(octets);
    }
    const ECN: usize = ETHERNET_HEADER as usize + 1;
    const CHECKSUM: usize = ETHERNET_HEADER as usize + 10;
    let mut octets = frame.to_vec();
    if octets.len() < CHECKSUM + 2 {
        return frame.clone();
    }
    let word = |octets: &[u8], at: usize| u32::from(u16::from_be_bytes([octets[at], octets[at + 1]]));
    let before = word(&octets, ECN - 1);
    octets[ECN] |= wire::CE;
    let after = word(&octets, ECN - 1);
    let sum = (!word(&octets, CHECKSUM) & 0xffff) + (!before & 0xffff) + after;
    let folded = (sum & 0xffff) + (sum >> 16);
    let folded = (folded & 0xffff) + (folded >> 16);
    octets[CHECKSUM..CHECKSUM + 2].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    Bytes::from(octets)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{arp, tcp, udp};
    use super::super::{Direction, HostId, What, Which};
    use super::*;
    use crate::wire;

    const CLIENT: HostId = HostId(0);
    const SERVER: HostId = HostId(1);

    fn heading(from: HostId, to: HostId) -> Heading {
        Heading { from: Some(from), to: Some(to), next: None }
    }
    fn pattern(what: What, which: Which) -> FramePattern {
        FramePattern { direction: Direction { from: Some(CLIENT), to: Some(SERVER) }, what, which }
    }

    fn fault(what: What, which: Which, effect: FaultEffect, per_million: u32) -> Fault {
        Fault { pattern: pattern(what, which), effect, per_million }
    }

    fn always(what: What, which: Which, effect: FaultEffect) -> Fault {
        fault(what, which, effect, 1_000_000)
    }

    /// The places, from 1, of the frames that are not simply delivered, of `frames` UDP datagrams sent.
    fn touched(faults: &mut Faults, frames: u32) -> Vec<u32> {
        (1..=frames).filter(|_| faults.judge(heading(CLIENT, SERVER), &udp()) != Verdict::Deliver).collect()
    }

    #[test]
    fn the_first_fault_that_matches_decides_and_all_count_on() {
        let mut faults = Faults::new(
            vec![
                always(What::AnyTcp, Which::Nth(2), FaultEffect::Drop),
                always(What::Data, Which::Range(1, 2), FaultEffect::Delay(Span::millis(5))),
            ],
            1,
        );
        let data = tcp("PA", 3);
        let lost = link_fault(What::AnyTcp, Which::Nth(2), 2);
        let mut judge = || faults.judge(heading(CLIENT, SERVER), &data);
        assert_eq!(judge(), Verdict::Delay(Span::millis(5)));
        assert_eq!(judge(), Verdict::Lose(lost));
        // The second data segment was lost by the first fault: it still counted for the second.
        assert_eq!(judge(), Verdict::Deliver);
    }

    fn link_fault(what: What, which: Which, ordinal: u32) -> Reason {
        Reason::Fault { pattern: pattern(what, which), ordinal }
    }

    #[test]
    fn no_fault_touches_nothing() {
        let mut none = Faults::new(Vec::new(), 1);
        assert!(none.is_empty());
        assert_eq!(
            none.judge(Heading { from: Some(CLIENT), ..Heading::default() }, &arp()),
            Verdict::Deliver
        );
    }

    #[test]
    fn chance_is_drawn_from_the_seed() {
        let run = |seed| {
            touched(
                &mut Faults::new(vec![fault(What::Udp, Which::Every, FaultEffect::Drop, 200_000)], seed),
                1000,
            )
        };
        assert_eq!(run(1), run(1));
        assert_ne!(run(1), run(2));
        assert!((150..250).contains(&run(1).len()), "{} of 1000 at a fifth", run(1).len());
    }

    #[test]
    fn another_fault_or_another_flow_reshuffles_nothing() {
        let random = fault(What::Udp, Which::Every, FaultEffect::Drop, 200_000);
        let alone = touched(&mut Faults::new(vec![random.clone()], 7), 500);
        let extra = always(What::AnyTcp, Which::Nth(1), FaultEffect::Drop);
        let mut both = Faults::new(vec![extra, random.clone()], 7);
        both.judge(heading(CLIENT, SERVER), &tcp("S", 0));
        assert_eq!(touched(&mut both, 500), alone);

        let mut open = random;
        open.pattern.direction = Direction::default();
        let undisturbed = touched(&mut Faults::new(vec![open.clone()], 7), 500);
        let mut disturbed = Faults::new(vec![open], 7);
        let seen = (1..=500)
            .filter(|_| {
                disturbed.judge(heading(SERVER, CLIENT), &udp());
                disturbed.judge(heading(CLIENT, SERVER), &udp()) != Verdict::Deliver
            })
            .collect::<Vec<u32>>();
        assert_eq!(seen, undisturbed);
    }

    #[test]
    fn two_faults_alike_draw_apart() {
        let half = fault(What::Udp, Which::Every, FaultEffect::Drop, 500_000);
        let one = touched(&mut Faults::new(vec![half.clone()], 3), 1000).len();
        let two = touched(&mut Faults::new(vec![half.clone(), half], 3), 1000).len();
        assert!((450..550).contains(&one) && (700..800).contains(&two), "{one} and {two} of 1000");
    }

    #[test]
    fn a_flipped_bit_is_one_the_receiver_notices() {
        let mut faults = Faults::new(vec![always(What::Any, Which::Every, FaultEffect::Corrupt)], 5);
        let packet = tcp("PA", 100);
        let frame = wire::build(&packet);
        let mut bits = std::collections::BTreeSet::new();
        for _ in 0..200 {
            let Verdict::Corrupt { bit } = faults.judge(heading(CLIENT, SERVER), &packet) else { panic!() };
            let damaged = flip_bit(&frame, bit);
            let differing: u32 = frame.iter().zip(&damaged).map(|(a, b)| (a ^ b).count_ones()).sum();
            assert_eq!(differing, 1);
            assert!(wire::parse(&damaged).is_err(), "bit {bit}");
            bits.insert(bit);
        }
        assert!(bits.len() > 150, "only {} different bits in 200 frames", bits.len());
    }

    #[test]
    fn padding_is_never_flipped() {
        let mut faults = Faults::new(vec![always(What::Any, Which::Every, FaultEffect::Corrupt)], 5);
        let packet = tcp("A", 0);
        for _ in 0..500 {
            let Verdict::Corrupt { bit } = faults.judge(heading(CLIENT, SERVER), &packet) else { panic!() };
            assert!((14 * 8..54 * 8).contains(&bit), "bit {bit}");
        }
    }

    #[test]
    fn only_what_allows_it_is_marked_and_stays_sound() {
        let mut faults = Faults::new(vec![always(What::Any, Which::Every, FaultEffect::Mark)], 5);
        let mut packet = tcp("PA", 100);
        assert_eq!(faults.judge(heading(CLIENT, SERVER), &packet), Verdict::Deliver);
        for ecn in [1, 2] {
            let wire::Body::Ipv4(ip) = &mut packet.body else { panic!("IPv4") };
            ip.ecn = ecn;
            assert_eq!(faults.judge(heading(CLIENT, SERVER), &packet), Verdict::Mark);
            let marked = wire::parse(&mark_ce(&wire::build(&packet))).expect("the checksum is right");
            assert_eq!(marked.ip().map(|ip| ip.ecn), Some(wire::CE));
        }
    }

    #[test]
    fn a_bit_beyond_the_frame_changes_nothing() {
        let frame = Bytes::from_static(&[1, 2]);
        assert_eq!(flip_bit(&frame, 16), frame);
        assert_eq!(flip_bit(&frame, 0)[..], [0x81, 2]);
        assert_eq!(flip_bit(&frame, 15)[..], [1, 3]);
    }
}
