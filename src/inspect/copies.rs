//! The same packet seen on several links. A capture of a network has an interface for each link, and a packet that is passed on
//! stands in it once for each: what comes later on another one is a further hop, not sent again by its maker.

use crate::capture::{Found, Network};
use crate::wire::{ETHER_TYPE_IPV4, ETHER_TYPE_IPV6};
use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Packets that are remembered; what is passed on comes within a round trip.
const REMEMBERED: usize = 1 << 16;

/// An interface may be told of only when its first packet comes; after so many on a single one no other is expected.
const MOST_ALONE: u32 = 4096;

/// Packets seen lately, with the interface on which each was seen first.
#[derive(Debug, Default)]
pub(super) struct Copies {
    seen: HashMap<u64, Home>,
    order: VecDeque<u64>,
    /// Packets seen while there was one interface.
    alone: u32,
}

/// Where a packet was seen first, and with which time to live.
#[derive(Clone, Copy, Debug)]
struct Home {
    interface: u32,
    ttl: u8,
}

impl Copies {
    /// Whether the packet was seen before on another link, or on the same one with more time to live: then a switch or a
    /// router has passed it on. A packet that its maker sends again is none: it is seen at home.
    pub fn is_hop(&mut self, found: &Found<'_>, network: &Network<'_>) -> bool {
        if !found.of_several {
            self.alone += 1;
            if self.alone > MOST_ALONE {
                *self = Copies { alone: MOST_ALONE, ..Copies::default() };
                return false;
            }
        }
        let Some((mark, ttl)) = mark(network) else { return false };
        let here = Home { interface: found.interface, ttl };
        if let Some(home) = self.seen.get(&mark) {
            if home.interface == here.interface && ttl >= home.ttl {
                return false;
            }
            // What comes back to the link it began on has a hop less; the home stays where it was.
            return found.of_several;
        }
        if self.order.len() >= REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        self.seen.insert(mark, here);
        self.order.push_back(mark);
        false
    }
}

/// What stays the same of a packet at every hop, as one number, and its time to live; `None` where it is cut too short.
fn mark(network: &Network<'_>) -> Option<(u64, u8)> {
    let octets = network.payload;
    let mut hasher = DefaultHasher::new();
    let ttl = match network.ether_type {
        ETHER_TYPE_IPV4 => {
            let header = octets.first_chunk::<20>()?;
            let header_len = usize::from(header[0] & 0x0f) * 4;
            // Lengths, identification and fragment; protocol; addresses; all behind the header.
            let total = usize::from(u16::from_be_bytes([header[2], header[3]]));
            let end = if total == 0 { octets.len() } else { total.min(octets.len()) };
            (&header[2..8], header[9], &header[12..20]).hash(&mut hasher);
            octets.get(header_len..end)?.hash(&mut hasher);
            header[8]
        }
        ETHER_TYPE_IPV6 => {
            let header = octets.first_chunk::<40>()?;
            let end = (40 + usize::from(u16::from_be_bytes([header[4], header[5]]))).min(octets.len());
            (&header[4..7], &header[8..40]).hash(&mut hasher);
            octets.get(40..end)?.hash(&mut hasher);
            header[7]
        }
        // ARP and the like: a switch passes it on as it is.
        other => {
            (other, network.source.0, octets).hash(&mut hasher);
            0
        }
    };
    Some((hasher.finish(), ttl))
}
