//! Faults of the wire: which frames, and what becomes of them.

use super::matcher::Matcher;
use super::{FramePattern, HostId, Reason};
use crate::clock::{Draws, Span};
use crate::wire::Packet;
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
    /// `to` is whom it is addressed to, `None` if that is everybody or unknown.
    pub fn judge(&mut self, from: HostId, to: Option<HostId>, packet: &Packet) -> Verdict {
        let mut verdict = None;
        for (matcher, fault, key) in &mut self.faults {
            // Every fault counts every frame, also those that another fault has taken.
            let Some(ordinal) = matcher.count(Some(from), to, packet) else { continue };
            if verdict.is_some() || !fault.pattern.which.includes(ordinal) {
                continue;
            }
            let entity =
                *key ^ u64::from(from.0) << 32 ^ to.map_or(u64::from(u32::MAX), |to| u64::from(to.0));
            let nth = u64::from(ordinal);
            if !self.draws.chance("fault", entity, nth, fault.per_million) {
                continue;
            }
            verdict = Some(match fault.effect {
                FaultEffect::Drop => Verdict::Lose(Reason::Fault { pattern: fault.pattern, ordinal }),
                FaultEffect::Delay(span) => Verdict::Delay(span),
                FaultEffect::Duplicate(span) => Verdict::Duplicate(span),
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
