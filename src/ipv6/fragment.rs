//! Cutting a packet that is too large, at its sender, and putting the pieces together again (RFC 8200 section 4.5, RFC 5722).

use super::Profile;
use crate::clock::Instant;
use crate::wire::{self, CE, Extension, Ipv6Packet, Transport};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::net::Ipv6Addr;

/// Unfinished packets kept.
const UNFINISHED: usize = 64;

/// Octets kept of all of them, each fragment counted with [`OVERHEAD`].
const MOST_OCTETS: usize = 4 << 20;

/// What keeping a fragment costs beyond its payload, octets.
const OVERHEAD: usize = 256;

/// Octets of an IPv6 packet's payload at most.
const LARGEST: usize = 65_535;

/// Octets of a fragment header.
const HEADER: usize = 8;

/// Cuts `packet` into fragments of at most `mtu` octets each. What every hop must see stands in each; all but the last
/// carry a multiple of eight octets. An MTU too small for eight octets of payload is taken as large enough for them.
pub fn cut(packet: &Ipv6Packet, identification: u32, mtu: u16) -> Vec<Ipv6Packet> {
    let each = packet
        .extensions
        .iter()
        .rposition(|extension| matches!(extension, Extension::HopByHop(_) | Extension::Routing { .. }));
    let each = each.map_or(0, |last| last + 1);
    let (before, after) = packet.extensions.split_at(each);
    let head = wire::IPV6_HEADER + before.iter().map(Extension::len).sum::<usize>();
    let octets = wire::build_ipv6(packet);
    let payload = octets.slice(head.min(octets.len())..);
    let protocol = after.first().map_or(packet.protocol(), Extension::number);
    let room = (usize::from(mtu).max(head + 2 * HEADER) - head - HEADER) / 8 * 8;
    let mut pieces = Vec::new();
    for from in (0..payload.len()).step_by(room) {
        let to = (from + room).min(payload.len());
        let mut extensions = before.to_vec();
        extensions.push(Extension::Fragment {
            offset: (from / 8) as u16,
            more: to < payload.len(),
            identification,
        });
        let transport = Transport::Other { protocol, payload: payload.slice(from..to) };
        pieces.push(Ipv6Packet { extensions, transport, ..packet.clone() });
    }
    pieces
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: Ipv6Addr,
    destination: Ipv6Addr,
    identification: u32,
    card: u16,
}

#[derive(Clone, Debug)]
struct Unfinished {
    pieces: BTreeMap<usize, Bytes>,
    lengths: Vec<usize>,
    total: Option<usize>,
    /// Some fragment was marked on its way (RFC 3168 section 5.3).
    marked: bool,
    /// The first fragment with its own octets, for the error that may have to quote it.
    first: Option<(Ipv6Packet, Bytes)>,
    held: usize,
    deadline: Instant,
}

/// What a fragment led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for others.
    Kept,
    /// It has come before, octet for octet.
    Again,
    /// It completes this packet; octets of payload of each fragment, in the order they came.
    Whole(Ipv6Packet, Vec<usize>),
    /// It overlaps another: everything of that packet is thrown away.
    Overlaps,
    /// It says another length than one before: everything of that packet is thrown away.
    Invalid,
}

/// Packets of which some fragments have come.
#[derive(Clone, Debug, Default)]
pub struct Reassembly {
    unfinished: BTreeMap<Key, Unfinished>,
    held: usize,
}

/// Whether a fragment's payload may be right at all: a multiple of eight octets unless it is the last, within 65535 octets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Not the last, and no multiple of eight.
    Odd,
    /// It reaches beyond what the length field can say.
    TooFar,
}

/// What is wrong with a fragment by itself.
pub fn fault(packet: &Ipv6Packet) -> Option<Fault> {
    let (offset, more, _) = packet.fragment()?;
    let (from, len) = (usize::from(offset) * 8, packet.transport.len());
    let headers = packet.header_len() - wire::IPV6_HEADER - HEADER;
    if more && len % 8 != 0 {
        Some(Fault::Odd)
    } else if headers + from + len > LARGEST {
        Some(Fault::TooFar)
    } else {
        None
    }
}

impl Reassembly {
    /// Makes room for one more fragment; how many packets nearest their end were thrown away for it.
    pub fn make_room(&mut self, packet: &Ipv6Packet, card: u16) -> usize {
        let key = key(packet, card);
        let costs = packet.transport.len() + OVERHEAD;
        let mut gone = 0;
        while self.held + costs > MOST_OCTETS
            || (self.unfinished.len() >= UNFINISHED && !self.unfinished.contains_key(&key))
        {
            let oldest = self.unfinished.iter().min_by_key(|(_, entry)| entry.deadline).map(|(key, _)| *key);
            let Some(oldest) = oldest else { break };
            self.remove(oldest);
            gone += 1;
        }
        gone
    }

    fn remove(&mut self, key: Key) -> Option<Unfinished> {
        let entry = self.unfinished.remove(&key)?;
        self.held -= entry.held;
        Some(entry)
    }

    /// Takes a fragment that came by that card; `octets` are those of the whole packet as it came.
    pub fn take(
        &mut self,
        now: Instant,
        packet: Ipv6Packet,
        card: u16,
        octets: &Bytes,
        profile: &Profile,
    ) -> Outcome {
        let key = key(&packet, card);
        let Some((offset, more, _)) = packet.fragment() else { return Outcome::Invalid };
        let Transport::Other { payload, .. } = &packet.transport else { return Outcome::Invalid };
        let (from, payload) = (usize::from(offset) * 8, payload.clone());
        let to = from + payload.len();
        let entry = self.unfinished.entry(key).or_insert_with(|| Unfinished {
            pieces: BTreeMap::new(),
            lengths: Vec::new(),
            total: None,
            marked: false,
            first: None,
            held: 0,
            deadline: now + profile.reassembly_time,
        });
        if entry.pieces.get(&from).is_some_and(|old| *old == payload) && !payload.is_empty() {
            return Outcome::Again;
        }
        let before = entry.pieces.range(..from).next_back().map_or(0, |(at, old)| at + old.len());
        let after = entry.pieces.range(from..).next().map(|(at, _)| *at);
        if before > from || after.is_some_and(|at| at < to || at == from) {
            self.remove(key);
            return Outcome::Overlaps;
        }
        let beyond = entry.total.is_some_and(|total| to > total || (!more && to != total));
        let short = !more && entry.pieces.last_key_value().is_some_and(|(at, old)| at + old.len() > to);
        if beyond || short || payload.is_empty() {
            self.remove(key);
            return Outcome::Invalid;
        }
        if !more {
            entry.total = Some(to);
        }
        entry.held += payload.len() + OVERHEAD;
        self.held += payload.len() + OVERHEAD;
        entry.marked |= packet.ecn == CE;
        entry.lengths.push(payload.len());
        entry.pieces.insert(from, payload);
        if offset == 0 {
            entry.first = Some((packet, octets.clone()));
        }
        let came: usize = entry.lengths.iter().sum();
        if entry.first.is_none() || entry.total != Some(came) {
            return Outcome::Kept;
        }
        self.remove(key).and_then(whole).unwrap_or(Outcome::Invalid)
    }

    /// When something is due next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.unfinished.values().map(|entry| entry.deadline).min()
    }

    /// Packets that waited too long, with their first fragment if that came.
    pub fn on_timer(&mut self, now: Instant) -> Vec<Option<(Ipv6Packet, Bytes)>> {
        let due = self.unfinished.iter().filter(|(_, entry)| entry.deadline <= now);
        let due: Vec<Key> = due.map(|(key, _)| *key).collect();
        due.into_iter().filter_map(|key| self.remove(key)).map(|entry| entry.first).collect()
    }
}

fn key(packet: &Ipv6Packet, card: u16) -> Key {
    let identification = packet.fragment().map_or(0, |(_, _, identification)| identification);
    Key { source: packet.source, destination: packet.destination, identification, card }
}

/// All pieces are there: the packet as its sender had it, up to its fragment header and without it.
fn whole(entry: Unfinished) -> Option<Outcome> {
    let (first, _) = entry.first?;
    let mut payload = BytesMut::new();
    for piece in entry.pieces.into_values() {
        payload.extend_from_slice(&piece);
    }
    let place =
        first.extensions.iter().position(|extension| matches!(extension, Extension::Fragment { .. }))?;
    let transport = Transport::Other { protocol: first.protocol(), payload: payload.freeze() };
    let extensions = first.extensions[..place].to_vec();
    let ecn = if entry.marked { CE } else { first.ecn };
    Some(Outcome::Whole(Ipv6Packet { extensions, transport, ecn, ..first }, entry.lengths))
}
