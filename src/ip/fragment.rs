//! Cutting a packet that is too large, and putting the pieces together again (RFC 791 section 3.2, RFC 815).

use super::Profile;
use crate::clock::Instant;
use crate::wire::{CE, Ipv4Packet, Transport};
use bytes::{Bytes, BytesMut};
use std::collections::BTreeMap;
use std::net::Ipv4Addr;

/// Unfinished datagrams kept.
const UNFINISHED: usize = 64;

/// Octets of an IPv4 packet's payload at most.
const LARGEST: usize = 65_535 - 20;

/// Cuts `packet`, whose payload's octets are `payload`, into fragments of at most `mtu` octets each. The first carries the
/// lowest octets; all but the last a multiple of eight. A fragment is cut into smaller ones of the same datagram. An MTU too small for eight octets of payload is
/// taken as large enough for them.
pub fn cut(packet: &Ipv4Packet, payload: &Bytes, mtu: u16) -> Vec<Ipv4Packet> {
    let mut options = packet.options.clone();
    let mut fragments = Vec::new();
    let mut from = 0;
    while from < payload.len() {
        let header = 20 + options.len().next_multiple_of(4).min(40);
        let room = (usize::from(mtu).max(header + 8) - header) / 8 * 8;
        let to = (from + room).min(payload.len());
        let transport = Transport::Other { protocol: packet.protocol(), payload: payload.slice(from..to) };
        fragments.push(Ipv4Packet {
            dont_fragment: false,
            more_fragments: packet.more_fragments || to < payload.len(),
            fragment_offset: packet.fragment_offset + (from / 8) as u16,
            options: options.clone(),
            transport,
            ..packet.clone()
        });
        if from == 0 {
            options = copied(&options);
        }
        from = to;
    }
    fragments
}

/// The options that every fragment carries: those whose copied flag is set (RFC 791 section 3.1).
fn copied(options: &[u8]) -> Bytes {
    const COPIED: u8 = 0x80;
    let (mut rest, mut kept) = (options, BytesMut::new());
    while let [kind, tail @ ..] = rest {
        let len = match kind {
            0 => break,
            1 => 1,
            _ => match tail.first() {
                Some(len @ 2..) => usize::from(*len).min(rest.len()),
                Some(_) | None => break,
            },
        };
        if kind & COPIED != 0 {
            kept.extend_from_slice(&rest[..len]);
        }
        rest = &rest[len..];
    }
    kept.resize(kept.len().next_multiple_of(4), 0);
    kept.freeze()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    source: Ipv4Addr,
    destination: Ipv4Addr,
    identification: u16,
    protocol: u8,
}

#[derive(Clone, Debug)]
struct Unfinished {
    pieces: BTreeMap<usize, Bytes>,
    /// Octets in them.
    have: usize,
    lengths: Vec<usize>,
    total: Option<usize>,
    /// Some fragment was marked on its way (RFC 3168 section 5.3).
    marked: bool,
    /// The first fragment with its own octets, for the error that may have to quote it.
    first: Option<(Ipv4Packet, Bytes)>,
    deadline: Instant,
}

impl Unfinished {
    /// What lies between `from` and `to` gives way to what came later (RFC 791 section 3.2).
    fn make_way(&mut self, from: usize, to: usize) {
        let reach = |(start, piece): (&usize, &Bytes)| (*start, *start + piece.len());
        let hit: Vec<(usize, usize)> =
            self.pieces.range(..to).map(reach).filter(|(_, end)| *end > from).collect();
        for (start, end) in hit {
            let Some(piece) = self.pieces.remove(&start) else { continue };
            self.have -= piece.len();
            for (first, last) in [(start, from.max(start)), (to.min(end), end)] {
                if first < last {
                    self.have += last - first;
                    self.pieces.insert(first, piece.slice(first - start..last - start));
                }
            }
        }
        // A flood of ever the same fragments must not make this grow.
        self.lengths.truncate(LARGEST / 8);
    }
}

/// What a fragment led to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It waits for others.
    Kept,
    /// It completes this packet; octets of payload of each fragment, in the order they came.
    Whole(Ipv4Packet, Vec<usize>),
    /// It overlaps another; everything of that datagram is thrown away.
    Overlaps,
    /// It cannot be right; everything of that datagram is thrown away.
    Invalid,
}

/// Datagrams of which some fragments have come.
#[derive(Clone, Debug, Default)]
pub struct Reassembly {
    unfinished: BTreeMap<Key, Unfinished>,
}

impl Reassembly {
    /// Whether one more datagram would be one too many; then the one nearest its end is thrown away.
    pub fn make_room(&mut self, packet: &Ipv4Packet) -> bool {
        if self.unfinished.len() < UNFINISHED || self.unfinished.contains_key(&key(packet)) {
            return false;
        }
        let oldest = self.unfinished.iter().min_by_key(|(_, entry)| entry.deadline).map(|(key, _)| *key);
        oldest.and_then(|key| self.unfinished.remove(&key)).is_some()
    }

    /// Throws away what was kept of the datagram that this one has the addresses, protocol and identification of; whether there
    /// was anything.
    pub fn forget(&mut self, packet: &Ipv4Packet) -> bool {
        !self.unfinished.is_empty() && self.unfinished.remove(&key(packet)).is_some()
    }

    /// Takes a fragment; `octets` are those of the whole packet as it came.
    pub fn take(&mut self, now: Instant, packet: Ipv4Packet, octets: &Bytes, profile: &Profile) -> Outcome {
        let key = key(&packet);
        let Transport::Other { payload, .. } = &packet.transport else { return Outcome::Invalid };
        let (from, payload) = (usize::from(packet.fragment_offset) * 8, payload.clone());
        let to = from + payload.len();
        let deadline = now + profile.reassembly_time;
        let entry = self.unfinished.entry(key).or_insert_with(|| Unfinished {
            pieces: BTreeMap::new(),
            have: 0,
            lengths: Vec::new(),
            total: None,
            marked: false,
            first: None,
            deadline,
        });
        if entry.pieces.get(&from).is_some_and(|known| known.len() == payload.len()) {
            return Outcome::Kept;
        }
        let last = !packet.more_fragments;
        let odd = payload.is_empty() || to > LARGEST || (!last && !payload.len().is_multiple_of(8));
        let before = entry.pieces.range(..=from).next_back();
        let overlaps = before.is_some_and(|(start, piece)| start + piece.len() > from)
            || entry.pieces.range(from..).next().is_some_and(|(start, _)| *start < to);
        let beyond = match entry.total {
            Some(total) => to > total || (last && to != total),
            None => last && entry.pieces.keys().next_back().is_some_and(|start| *start >= to),
        };
        if odd || beyond {
            self.unfinished.remove(&key);
            return Outcome::Invalid;
        }
        if overlaps && profile.drops_overlaps {
            self.unfinished.remove(&key);
            return Outcome::Overlaps;
        }
        if overlaps {
            entry.make_way(from, to);
        }
        if last {
            entry.total = Some(to);
        }
        entry.marked |= packet.ecn == CE;
        entry.lengths.push(payload.len());
        entry.have += payload.len();
        entry.pieces.insert(from, payload);
        if from == 0 {
            entry.first = Some((packet, octets.clone()));
        }
        if entry.total != Some(entry.have) {
            return Outcome::Kept;
        }
        self.finish(key).unwrap_or(Outcome::Invalid)
    }

    /// When the next datagram's time is over.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.unfinished.values().map(|entry| entry.deadline).min()
    }

    /// Datagrams whose time is over by now: their first fragment and its octets, if it came.
    pub fn on_timer(&mut self, now: Instant) -> Vec<Option<(Ipv4Packet, Bytes)>> {
        let late = self.unfinished.iter().filter(|(_, entry)| entry.deadline <= now);
        let late: Vec<Key> = late.map(|(key, _)| *key).collect();
        late.iter().filter_map(|key| self.unfinished.remove(key)).map(|entry| entry.first).collect()
    }

    fn finish(&mut self, key: Key) -> Option<Outcome> {
        let entry = self.unfinished.remove(&key)?;
        let (first, _) = entry.first?;
        let mut whole = BytesMut::with_capacity(entry.total?);
        for piece in entry.pieces.values() {
            whole.extend_from_slice(piece);
        }
        let transport = Transport::Other { protocol: key.protocol, payload: whole.freeze() };
        let options = Bytes::new();
        let ecn = if entry.marked { CE } else { first.ecn };
        let packet =
            Ipv4Packet { ecn, more_fragments: false, fragment_offset: 0, options, transport, ..first };
        Some(Outcome::Whole(packet, entry.lengths))
    }
}

fn key(packet: &Ipv4Packet) -> Key {
    Key {
        source: packet.source,
        destination: packet.destination,
        identification: packet.identification,
        protocol: packet.protocol(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::Span;
    use proptest::prelude::*;

    fn whole(len: usize) -> (Ipv4Packet, Bytes) {
        let payload: Bytes = (0..len).map(|n| (n % 251) as u8).collect();
        let transport = Transport::Other { protocol: 17, payload: payload.clone() };
        let packet = Ipv4Packet {
            identification: 7,
            dont_fragment: false,
            ..Ipv4Packet::new(Ipv4Addr::new(10, 0, 0, 1), Ipv4Addr::new(10, 0, 0, 2), transport)
        };
        (packet, payload)
    }
    fn offer(reassembly: &mut Reassembly, fragment: &Ipv4Packet) -> Outcome {
        reassembly.take(Instant::ZERO, fragment.clone(), &Bytes::new(), &Profile::linux())
    }

    #[test]
    fn four_thousand_octets_become_three_packets_of_1500_1500_and_1068() {
        let (packet, payload) = whole(8 + 4000);
        let lengths: Vec<usize> = cut(&packet, &payload, 1500).iter().map(Ipv4Packet::len).collect();
        assert_eq!(lengths, [1500, 1500, 1068]);
        let (packet, payload) = whole(8 + 1473);
        let lengths: Vec<usize> = cut(&packet, &payload, 1500).iter().map(Ipv4Packet::len).collect();
        assert_eq!(lengths, [1500, 21]);
    }

    #[test]
    fn only_options_with_the_copied_flag_go_in_every_fragment() {
        const RECORD_ROUTE: [u8; 7] = [7, 7, 4, 0, 0, 0, 0];
        const ROUTER_ALERT: [u8; 4] = [148, 4, 0, 0];
        let options = Bytes::from([&RECORD_ROUTE[..], &[1], &ROUTER_ALERT].concat());
        let (packet, payload) = whole(4008);
        let fragments = cut(&Ipv4Packet { options: options.clone(), ..packet }, &payload, 1500);
        assert_eq!(fragments[0].options, options);
        assert!(fragments.len() > 2 && fragments[1..].iter().all(|piece| piece.options[..] == ROUTER_ALERT));
        assert!(fragments.iter().all(|piece| piece.len() <= 1500));
        let octets = |piece: &Ipv4Packet| piece.transport.len();
        assert_eq!(fragments.iter().map(octets).sum::<usize>(), 4008);
        // Options that cannot be read end there.
        for odd in [&[0x94_u8, 0][..], &[0x94], &[0x94, 200, 1, 1], &[0, 0x94, 4, 0]] {
            assert!(copied(odd).len() <= 4, "{odd:?}");
        }
    }

    #[test]
    fn a_missing_fragment_loses_the_datagram_when_its_time_is_over() {
        let (packet, payload) = whole(4008);
        let fragments = cut(&packet, &payload, 1500);
        let mut reassembly = Reassembly::default();
        assert_eq!(offer(&mut reassembly, &fragments[0]), Outcome::Kept);
        assert_eq!(offer(&mut reassembly, &fragments[2]), Outcome::Kept);
        let end = Instant::ZERO + Span::secs(30);
        assert_eq!(reassembly.next_deadline(), Some(end));
        let late = reassembly.on_timer(end);
        assert_eq!(late.len(), 1);
        assert!(late[0].is_some(), "the first fragment is there to be quoted");
        assert_eq!(reassembly.next_deadline(), None);
    }

    #[test]
    fn fragments_wait_a_minute_by_the_rfc_and_half_of_one_in_linux() {
        let wait = [Profile::rfc(), Profile::linux()].map(|profile| {
            let (packet, payload) = whole(4008);
            let mut reassembly = Reassembly::default();
            let first = cut(&packet, &payload, 1500).remove(0);
            reassembly.take(Instant::ZERO, first, &Bytes::new(), &profile);
            reassembly.next_deadline()
        });
        assert_eq!(wait, [60, 30].map(|seconds| Some(Instant::ZERO + Span::secs(seconds))));
    }

    #[test]
    fn an_exact_duplicate_is_no_overlap_in_either_profile() {
        for profile in [Profile::rfc(), Profile::linux()] {
            let (packet, payload) = whole(4008);
            let fragments = cut(&packet, &payload, 1500);
            let mut take = {
                let mut reassembly = Reassembly::default();
                move |fragment: &Ipv4Packet| {
                    reassembly.take(Instant::ZERO, fragment.clone(), &Bytes::new(), &profile)
                }
            };
            take(&fragments[0]);
            take(&fragments[0]);
            take(&fragments[1]);
            assert!(matches!(take(&fragments[2]), Outcome::Whole(..)));
        }
    }

    /// A datagram in three fragments, the second again eight octets earlier and of other octets, before the last.
    fn overlapping(profile: &Profile) -> (Vec<Outcome>, Reassembly) {
        let (packet, payload) = whole(4008);
        let fragments = cut(&packet, &payload, 1500);
        let mut forged = fragments[1].clone();
        forged.fragment_offset -= 1;
        forged.transport = Transport::Other { protocol: 17, payload: Bytes::from(vec![0xee; 1480]) };
        let mut reassembly = Reassembly::default();
        let order = [&fragments[0], &fragments[1], &forged, &fragments[2]];
        let take = |fragment: &&Ipv4Packet| {
            reassembly.take(Instant::ZERO, (*fragment).clone(), &Bytes::new(), profile)
        };
        (order.iter().map(take).collect(), reassembly)
    }

    #[test]
    fn fragments_that_overlap_throw_the_datagram_away_in_linux() {
        let (outcomes, reassembly) = overlapping(&Profile::linux());
        assert_eq!(outcomes[2], Outcome::Overlaps);
        assert_eq!(outcomes[3], Outcome::Kept, "the others are gone");
        assert_eq!(reassembly.unfinished.len(), 1);
    }

    #[test]
    fn of_fragments_that_overlap_what_came_later_holds_by_the_rfc() {
        let (outcomes, _) = overlapping(&Profile::rfc());
        let Outcome::Whole(packet, _) = &outcomes[3] else { panic!("{outcomes:?}") };
        let Transport::Other { payload, .. } = &packet.transport else { panic!() };
        let (_, original) = whole(4008);
        assert_eq!(payload.len(), 4008);
        assert_eq!(payload[..1472], original[..1472]);
        assert!(payload[1472..2952].iter().all(|octet| *octet == 0xee));
        assert_eq!(payload[2952..], original[2952..]);
    }

    #[test]
    fn fragments_belong_together_by_addresses_protocol_and_identification() {
        let (packet, payload) = whole(4008);
        let original = cut(&packet, &payload, 1500);
        let other = Ipv4Addr::new(10, 9, 9, 9);
        let strangers = [
            Ipv4Packet { source: other, ..packet.clone() },
            Ipv4Packet { destination: other, ..packet.clone() },
            Ipv4Packet { identification: packet.identification.wrapping_add(1), ..packet.clone() },
            Ipv4Packet {
                transport: Transport::Other { protocol: 6, payload: payload.clone() },
                ..packet.clone()
            },
        ];
        for stranger in strangers {
            let mut reassembly = Reassembly::default();
            let last = cut(&stranger, &payload, 1500).remove(2);
            for fragment in [&original[0], &original[1], &last] {
                assert_eq!(offer(&mut reassembly, fragment), Outcome::Kept);
            }
            assert!(matches!(offer(&mut reassembly, &original[2]), Outcome::Whole(..)));
        }
    }

    #[test]
    fn a_flood_of_fragments_of_one_datagram_keeps_what_one_datagram_can_have() {
        let (packet, payload) = whole(65_512);
        let fragments = cut(&packet, &payload, 68);
        for profile in [Profile::rfc(), Profile::linux()] {
            let mut reassembly = Reassembly::default();
            for round in 0..3 {
                for fragment in &fragments[1..] {
                    let mut fragment = fragment.clone();
                    if round > 0 && profile.whole_ends_reassembly {
                        fragment.transport =
                            Transport::Other { protocol: 17, payload: Bytes::from(vec![1; 8]) };
                        fragment.more_fragments = true;
                    }
                    reassembly.take(Instant::ZERO, fragment, &Bytes::new(), &profile);
                }
            }
            let entry = reassembly.unfinished.values().next().expect("the first is missing");
            assert!(entry.have <= LARGEST && entry.pieces.len() <= LARGEST / 8 + 1);
            assert!(entry.lengths.len() <= LARGEST / 8 + 1, "{}", entry.lengths.len());
        }
    }

    #[test]
    fn a_mark_on_any_fragment_marks_the_whole() {
        for marked in 0..3 {
            let (packet, payload) = whole(4008);
            let mut fragments = cut(&Ipv4Packet { ecn: 2, ..packet }, &payload, 1500);
            fragments[marked].ecn = CE;
            let mut reassembly = Reassembly::default();
            let outcome = fragments.iter().map(|fragment| offer(&mut reassembly, fragment)).last();
            assert!(matches!(outcome, Some(Outcome::Whole(packet, _)) if packet.ecn == CE), "{marked}");
        }
    }

    #[test]
    fn a_fragment_beyond_the_largest_packet_is_invalid() {
        let (packet, payload) = whole(1008);
        let mut fragment = cut(&packet, &payload, 1500).remove(0);
        fragment.fragment_offset = 8191;
        assert_eq!(offer(&mut Reassembly::default(), &fragment), Outcome::Invalid);
    }

    #[test]
    fn no_more_than_sixty_four_datagrams_wait() {
        let (packet, payload) = whole(4008);
        let mut reassembly = Reassembly::default();
        for identification in 0..200 {
            let packet = Ipv4Packet { identification, ..packet.clone() };
            let fragment = cut(&packet, &payload, 1500).remove(0);
            assert_eq!(reassembly.make_room(&fragment), identification >= 64);
            offer(&mut reassembly, &fragment);
        }
    }

    proptest! {
        #[test]
        fn in_whatever_order_and_however_often_they_come_the_pieces_give_the_whole(
            len in 1usize..20_000, mtu in 68u16..3000, order in prop::collection::vec(any::<prop::sample::Index>(), 0..40)
        ) {
            let (packet, payload) = whole(len);
            let mut fragments = cut(&packet, &payload, mtu);
            prop_assume!(fragments.len() > 1);
            for pair in order.chunks_exact(2) {
                let (a, b) = (pair[0].index(fragments.len()), pair[1].index(fragments.len()));
                fragments.swap(a, b);
            }
            let mut reassembly = Reassembly::default();
            let (last, rest) = fragments.split_last().unwrap();
            for fragment in rest {
                prop_assert_eq!(offer(&mut reassembly, fragment), Outcome::Kept);
                prop_assert_eq!(offer(&mut reassembly, fragment), Outcome::Kept);
            }
            match offer(&mut reassembly, last) {
                Outcome::Whole(again, lengths) => {
                    prop_assert_eq!(again.transport, packet.transport);
                    prop_assert_eq!(lengths.iter().sum::<usize>(), len);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
}
