//! Which packet carried an octet of a stream first, in a bounded amount of memory however long the stream is.

use std::collections::BTreeMap;

/// Carriers of one direction at most: as many of its latest octets are known. 65,536 full segments are 95 MB, far more than
/// is under way on any usual path.
pub(super) const MOST: usize = 1 << 16;

/// The packets that first carried the octets of one direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Carriers {
    /// By the place of their first octet, which does not wrap around here.
    packets: BTreeMap<u64, usize>,
    /// The furthest place so far.
    furthest: u64,
}

impl Carriers {
    /// Takes note that a packet carries octets from this place of the stream on; the place counts modulo 2^32.
    pub fn note(&mut self, place: u32, packet: usize) {
        let Some(place) = self.whole(place) else { return };
        self.furthest = self.furthest.max(place);
        self.packets.entry(place).or_insert(packet);
        if self.packets.len() > MOST {
            self.packets.pop_first();
        }
    }

    /// The packet that first carried the octet of that place; `None` if that is not known, or not any more.
    pub fn first(&self, place: u32) -> Option<usize> {
        self.packets.range(..=self.whole(place)?).next_back().map(|(_, packet)| *packet)
    }

    /// Forgets the earlier half.
    pub fn halve(&mut self) {
        if let Some(middle) = self.packets.keys().nth(self.packets.len().div_ceil(2)).copied() {
            self.packets = self.packets.split_off(&middle);
        } else {
            self.packets.clear();
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.packets.len()
    }

    /// The place counted without wrapping: the one nearest to the furthest so far; `None` before the stream's beginning.
    fn whole(&self, place: u32) -> Option<u64> {
        let ahead = place.wrapping_sub(self.furthest as u32).cast_signed();
        self.furthest.checked_add_signed(ahead.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_octet_is_carried_by_the_packet_that_begins_at_it_or_last_before_it() {
        let mut carriers = Carriers::default();
        for (place, packet) in [(1, 4), (11, 5), (21, 6), (11, 9)] {
            carriers.note(place, packet);
        }
        assert_eq!([1, 10, 11, 20, 21].map(|place| carriers.first(place)), [4, 4, 5, 5, 6].map(Some));
        assert_eq!((carriers.first(0), carriers.first(u32::MAX)), (None, None));
    }

    #[test]
    fn numbers_that_come_again_after_four_gigabytes_are_other_octets() {
        let mut carriers = Carriers::default();
        let step = 1 << 30;
        for turn in 0..5_u32 {
            carriers.note(1_u32.wrapping_add(turn.wrapping_mul(step)), 100 + turn as usize);
        }
        assert_eq!(carriers.first(1), Some(104), "the octet of that number now, not the first of the stream");
        assert_eq!(carriers.first(1 + 3 * step), Some(103));
    }

    #[test]
    fn only_the_latest_are_kept() {
        let mut carriers = Carriers::default();
        let most = MOST as u32;
        for place in 0..most + 10 {
            carriers.note(1 + 10 * place, place as usize);
        }
        assert_eq!(carriers.len(), MOST);
        assert_eq!(carriers.first(1), None);
        assert_eq!(carriers.first(101), Some(10));
        carriers.halve();
        assert_eq!(carriers.len(), MOST / 2);
        assert_eq!(carriers.first(1 + 10 * (most + 9)), Some(MOST + 9));
        for _ in 0..40 {
            carriers.halve();
        }
        assert_eq!(carriers.len(), 0);
    }
}
